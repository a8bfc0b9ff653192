"""How bed days grow with the number of spells: time and peak memory, beside other ways.

    python benchmarks/flow_size.py                  # 1, 3, 10 and 30 million spells
    python benchmarks/flow_size.py --millions 100   # one size
    python benchmarks/flow_size.py --write          # and docs/methods/flow_size.md

Simulated spells of 120 wards over six years (seeded, written as Parquet to a temporary folder),
about 1.7 a person, some of which overlap. Every way counts the same monthly bed days by ward from
the same file, each night of a person once; the answers are compared. Every run is a process of its
own, so that its peak memory is its own. Wall time is that of the call, without the imports before
it; processor time is user + system over all threads, which other work on the machine disturbs
less.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

MILLIONS = (1.0, 3.0, 10.0, 30.0)
EXTRACT = "2024-12-31"
Row = dict[str, Any]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "methods" / "flow_size.md"

SPELLS = """
copy (
    with drawn as (
        select hash(i, 1) a, hash(i, 2) b, hash(i, 3) c, hash(i, 4) d from range({n}) as t(i)
    ), dated as (
        select *, date '2018-04-01' + (b % 2192)::int as start,
            least(400, -8 * ln((c % 1000000 + 1) / 1000001.0))::int as nights
        from drawn
    )
    select 'P' || lpad((a % {people})::varchar, 10, '0') as person, start,
        case when d % 200 = 0 then null else start + nights end as "end",
        'Ward ' || lpad((d % 120)::varchar, 3, '0') as ward
    from dated
) to '{file}' (format parquet)
"""

# As an analyst writes it in SQL: the nights that earlier stays took go, then a spell meets its
# months. The physical yardstick: one statement, no checks, no notes, no choice of rule.
PLAIN_SQL = """
with stays as (
    select person, ward, start as s, coalesce("end", date '{extract}' + 1) as e from '{file}'
), once as (
    select ward, e, least(e, greatest(s, coalesce(max(e) over (
        partition by person order by s, e desc, ward
        rows between unbounded preceding and 1 preceding
    ), s))) as s
    from stays
), months as (
    select unnest(generate_series(date '2018-04-01', date '{extract}', interval 1 month))::date as m
)
select ward, m as period,
    sum(least(e, (m + interval 1 month)::date) - greatest(s, m))::bigint as bed_days
from once join months on s < m + interval 1 month and e > m
group by ward, m
"""


def ours(file: str) -> Callable[[], object]:
    from qieval.flow.bed_days import bed_days

    return lambda: bed_days(file, by="ward", extract_date=EXTRACT)


def plain_sql(file: str) -> Callable[[], object]:
    import duckdb

    return lambda: duckdb.sql(PLAIN_SQL.format(file=file, extract=EXTRACT)).df()


def pandas_clip(file: str) -> Callable[[], object]:
    """The nights that earlier stays took go; then every stay is clipped to each of 81 months."""

    def count() -> pd.DataFrame:
        stays = _in_order(pd.read_parquet(file))
        taken = stays.groupby("person")["end"].cummax()
        taken = taken.groupby(stays["person"]).shift()
        start = stays["start"].where(~(taken > stays["start"]), taken.clip(upper=stays["end"]))
        months = pd.date_range("2018-04-01", EXTRACT, freq="MS")
        counted = {}
        for first in months:
            after = first + pd.offsets.MonthBegin()
            nights = (stays["end"].clip(upper=after) - start.clip(lower=first)).dt.days
            counted[first] = nights.clip(lower=0).groupby(stays["ward"]).sum()
        wide = pd.DataFrame(counted).rename_axis("ward").reset_index()
        return wide.melt("ward", var_name="period", value_name="bed_days")

    return count


def pandas_explode(file: str) -> Callable[[], object]:
    """A row a night; of a person's nights each once."""

    def count() -> pd.DataFrame:
        stays = _in_order(pd.read_parquet(file))
        stays["nights"] = (stays["end"] - stays["start"]).dt.days
        nights = stays.loc[stays.index.repeat(stays["nights"]), ["person", "ward", "start"]]
        past = nights.groupby(level=0).cumcount()
        nights["night"] = nights["start"] + pd.to_timedelta(past, unit="D")
        nights = nights.drop_duplicates(["person", "night"])
        month = nights["night"].dt.to_period("M")
        return nights.groupby(["ward", month]).size().rename("bed_days").reset_index()

    return count


def _in_order(stays: pd.DataFrame) -> pd.DataFrame:
    for name in ("start", "end"):
        stays[name] = pd.to_datetime(stays[name])
    stays["end"] = stays["end"].fillna(pd.Timestamp(EXTRACT) + pd.Timedelta(days=1))
    return stays.sort_values(
        ["person", "start", "end", "ward"], ascending=[True, True, False, True], ignore_index=True
    )


# The most millions of spells that a way is asked for: pandas needs far more memory.
WAYS = {
    "qieval": (ours, 1000.0),
    "plain DuckDB SQL": (plain_sql, 1000.0),
    "pandas, clipped by month": (pandas_clip, 3.0),
    "pandas, a row a night": (pandas_explode, 1.0),
}


def measured(way: str, file: str) -> Row:
    """One run, in this process."""
    work = WAYS[way][0](file)
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return {
        "wall": wall,
        "cpu": processor,
        "gb": _peak_bytes() / 1e9,
        "answer": _digest(answer),
    }


def _digest(answer: pd.DataFrame) -> str:
    """Wards, months and bed days (those without any left out), in order, as a digest."""
    found = answer[answer["bed_days"] > 0]
    ward, period = (found.iloc[:, place].astype(str) for place in (0, 1))
    lines = sorted(ward + " " + period.str[:7] + " " + found["bed_days"].astype(int).astype(str))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _peak_bytes() -> float:
    """The most memory this process ever held (what it was started from does not count)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def apart(way: str, file: Path) -> Row:
    """One run, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--way", way, "--file", str(file)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    return json.loads(done.stdout.splitlines()[-1])


def write_spells(millions: float, folder: Path) -> Path:
    """Simulated spells, as Parquet."""
    file = folder / f"spells_{millions:g}m.parquet"
    count = int(millions * 1_000_000)
    statement = SPELLS.format(n=count, people=count * 6 // 10, file=file)
    # In a process of its own too: this one must stay small.
    subprocess.run([sys.executable, "-c", f"import duckdb; duckdb.sql({statement!r})"], check=True)
    return file


def compared(millions: list[float], rounds: int) -> list[Row]:
    """Every way at every size that it can."""
    rows: list[Row] = []
    for size in millions:
        with tempfile.TemporaryDirectory() as folder:
            file = write_spells(size, Path(folder))
            for way, (_, most) in WAYS.items():
                if size > most:
                    continue
                again = rounds if most > 100 else 1
                runs = [apart(way, file) for _ in range(again)]
                row: Row = {"way": way, "millions": size}
                for name in ("wall", "cpu", "gb"):
                    row[name] = min(run[name] for run in runs)  # other work only adds
                # One or two of those that wait are our own.
                waiting = max(0.0, os.getloadavg()[0] - 2)
                row |= {"rounds": again, "answer": runs[0]["answer"], "load": waiting}
                rows.append(row)
                print(line(row), flush=True)
        if len({row["answer"] for row in rows if row["millions"] == size}) > 1:
            raise SystemExit(f"The answers differ at {size:g} million.")
    return rows


def line(row: Row) -> str:
    return (
        f"{row['millions']:>5g} million  {row['way']:<26}{row['wall']:>8.2f} s"
        f"{row['cpu']:>9.2f} s processor{row['gb']:>7.2f} GB peak"
    )


def growth(rows: list[Row]) -> list[str]:
    """How processor time a million spells changes with size: 1.0 is exactly linear."""
    own = [row for row in rows if row["way"] == "qieval"]
    lines = []
    for small, large in pairwise(own):
        more = large["millions"] / small["millions"]
        lines.append(
            f"{small['millions']:g} to {large['millions']:g} million ({more:.1f} times): "
            f"{large['cpu'] / small['cpu']:.1f} times the processor time, "
            f"{large['wall'] / small['wall']:.1f} times the wall time, "
            f"{large['gb'] / small['gb']:.1f} times the memory"
        )
    return lines


def page(rows: list[Row]) -> str:
    table = "\n".join(
        f"| {row['millions']:g} | {row['way']} | {row['wall']:.1f} | {row['cpu']:.1f} "
        f"| {row['gb']:.2f} |"
        for row in rows
    )
    ratios = "\n".join(f"- {text}" for text in growth(rows))
    today = date.today()
    return f"""# Bed days at size

Written by `python benchmarks/flow_size.py --write`; do not edit by hand.

{today.day} {today:%B %Y}; {os.cpu_count()} processors ({processor()}), {memory():.0f} GB; qieval
{version("qieval")}, DuckDB {version("duckdb")}, pandas {version("pandas")}. {load(rows)}Best of
{rows[0]["rounds"]:g} runs for qieval and SQL, one for pandas. Processor seconds are user + system,
over all threads.

Simulated spells of 120 wards over six years, one Parquet file; monthly bed days by ward, each
night of a person once. All ways give the same figures in every cell. Plain SQL is the physical
yardstick: one statement without checks of the data, notes, or a choice of rule or period. pandas is
asked up to the size that it can do here.

| million spells | way | seconds | processor seconds | GB at the peak |
|---|---|---|---|---|
{table}

How qieval grows:

{ratios}

The time goes into sorting each person's stays, which is what takes overlapping nights off; a spell
is never spread out to a row a night, nor to a row a month.
"""


def load(rows: list[Row]) -> str:
    """Whether other programs were in the way."""
    most = max(row["load"] for row in rows)
    if most < 0.5:
        return "Nothing else ran. "
    if (nice := os.nice(0)) < 0:
        return f"Other programs ran meanwhile, after this one (nice {nice}). "
    return "Other programs ran meanwhile: wall times are too long. "


def processor() -> str:
    """The name of the processor, as far as the machine tells."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return "name not known"
    names = [text for text in info.read_text().splitlines() if text.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else "name not known"


def memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=list(MILLIONS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/methods/flow_size.md")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        print(json.dumps(measured(asked.way, asked.file)))
        return
    rows = compared(asked.millions, asked.rounds)
    print("\n".join(growth(rows)))
    if asked.write:
        PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
