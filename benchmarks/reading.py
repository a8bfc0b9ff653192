"""Reading a team's workbook: 20 sheets and 3,000 merged ranges, beside openpyxl alone.

Run: ``python benchmarks/reading.py``. Each figure is the best of three, all in one run. "Cold" is a
fresh Python that imports qieval and reads one sheet; openpyxl opens the workbook in the only way in
which it tells merged cells, and does nothing with it. The long table is a plain one, as CSV.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

import qieval as qi

SHEETS, MERGED, LONG = 20, 3000, 100_000


def workbook(file: Path) -> None:
    """A workbook in which the first cells of pairs of rows are merged."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    each = MERGED // SHEETS
    months = pd.date_range("2000-01-01", periods=each, freq="MS")
    for number in range(1, SHEETS + 1):
        sheet = book.create_sheet(f"Ward {number}")
        sheet.append(["Occupied bed days"])
        sheet.append(["Month", "Ward", "Bed days"])
        for place, month in enumerate(months):
            sheet.append([month.to_pydatetime(), "men", 400 + place])
            sheet.append([None, "women", 300 + place])
            sheet.merge_cells(
                start_row=3 + 2 * place, end_row=4 + 2 * place, start_column=1, end_column=1
            )
    book.save(file)


def best(work: Callable[[], object]) -> float:
    """Seconds, the best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


AS_INSTALLED = "import sys; sys.modules['pyspark'] = None; import qieval.cli; qieval.cli.main()"
"""The command line as people have it: pandera would load Spark, which the tests add."""


def ward_workbook(file: Path) -> None:
    """A workbook of about 200 kB, as a trust sends it: 140 wards in five years."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Occupied bed days by ward"])
    sheet.append(["Month", "Ward", "Admissions", "Discharges", "Bed days"])
    rng = np.random.default_rng(1)
    for month in pd.date_range("2018-01-01", periods=60, freq="MS"):
        for ward in range(140):
            figures = rng.poisson([20, 20, 400]).tolist()
            sheet.append([month.to_pydatetime(), f"Ward {ward}", *figures])
    book.save(file)


def command_line(folder: Path) -> None:
    """Processor seconds of `qieval new` and `qieval check`, each a new start."""
    (folder / "data").mkdir()
    (folder / "params" / "wards").mkdir(parents=True)
    book = folder / "data" / "wards.xlsx"
    ward_workbook(book)
    home = folder / "params" / "wards" / "beds"

    def run(*words: str) -> None:
        subprocess.run(
            [sys.executable, "-c", AS_INSTALLED, *words],
            cwd=folder,
            env={**os.environ, "QIEVAL_WORKSPACE": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def new() -> None:
        shutil.rmtree(home, ignore_errors=True)
        run("new", "params/wards/beds", "--from", "data/wards.xlsx", "--no-ask")

    print(f"A workbook of {book.stat().st_size / 1000:.0f} kB, processor seconds of a new start:")
    for name, work in {"new": new, "check": lambda: run("check", "params/wards/beds")}.items():
        taken = []
        for _ in range(3):
            before = os.times()
            work()
            after = os.times()
            taken.append(
                after.children_user
                + after.children_system
                - before.children_user
                - before.children_system
            )
        assert home.is_dir()
        print(f"  qieval {name:<13} {min(taken):6.2f} s")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        command_line(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        book, table = Path(folder) / "wards.xlsx", Path(folder) / "long.csv"
        workbook(book)
        asked = {"sheet": "Ward 7", "columns": {"period": "Month", "unit": "Ward"}}
        rows = len(qi.read(book, "series", **asked).table)
        assert rows == 2 * MERGED // SHEETS, rows
        code = f"import qieval as qi; qi.read({str(book)!r}, 'series', **{asked!r})"
        cold = best(lambda: subprocess.run([sys.executable, "-c", code], check=True))
        warm = best(lambda: qi.read(book, "series", **asked))
        alone = best(lambda: openpyxl.load_workbook(book, data_only=True))
        print(f"{SHEETS} sheets, {MERGED:,} merged ranges, one sheet of {rows} rows read:")
        print(f"  qi.read, warm        {warm:6.2f} s")
        print(f"  qi.read, cold        {cold:6.2f} s (imports included)")
        listing = best(lambda: qi.tables(book))
        print(f"  qi.tables            {listing:6.2f} s (every table of every sheet)")
        print(f"  openpyxl, all sheets {alone:6.2f} s: {alone / warm:.1f} times qi.read's")

        days = np.datetime64("2020-01-01") + np.arange(LONG) % 1000
        pd.DataFrame({"person": np.arange(LONG) // 2, "start": days, "end": days + 9}).to_csv(
            table, index=False
        )
        plain = best(lambda: pd.read_csv(table, parse_dates=["start", "end"]))
        ours = best(lambda: qi.read(table, "spells", strict=False))
        print(f"{LONG:,} spells as CSV:")
        print(f"  qi.read              {ours:6.2f} s (checked, identifiers looked for)")
        print(f"  pandas.read_csv      {plain:6.2f} s (nothing checked)")


if __name__ == "__main__":
    main()
