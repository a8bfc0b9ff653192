"""Write the example data: stays, monthly returns, what they are, and the truth behind them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from qieval.core.config import SEED
from qieval.core.errors import WorkspaceError
from qieval.example.programme import EXTRACT_DATE, FIRST_MONTH, NAME, WARDS, Ward
from qieval.example.simulate import bed_days, beds, effect, months_of, other_effect, stays
from qieval.example.units import FAR_OFF, SPREAD, UNITS, YEARS, checked

FOLDER = "data/closing-the-gap"
LABEL = "SIMULATED. Not patients."
MARK = "simulated"  # in every row: a table that is copied out of its folder still says what it is
TITLE = "SIMULATED ward stays and returns of the invented programme Closing the gap"
NOTES = (
    "Simulated by qieval (python -m qieval.example). No patient, ward or programme is real.",
    "The truth behind every project is in TRUTH.yml.",
)


def write(folder: Path | str) -> list[Path]:
    """Write every file of the example data into a folder, the same bytes each time.

    Parameters
    ----------
    folder : path
        Where to; made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    WorkspaceError
        If the folder cannot be written.
    """
    contents = {
        "README.md": readme(),
        "TRUTH.yml": truth_text(),
        "checks.csv": checks_csv(),
        "dataset.yml": dataset_text(),
        "returns.csv": returns_csv(),
        "spells.csv": spells_csv(),
    }
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise WorkspaceError(
            f"The folder `{folder.name}` cannot be written.",
            found=error.strerror,
            remedy="Name a folder that you may write to.",
        ) from error
    return [folder / name for name in contents]


def spells_csv() -> str:
    """Stays, one a row, in order of admission; people are numbered as they first appear."""
    rows = sorted(
        (stay.start, number, stay.person, stay.end)
        for number, ward in enumerate(WARDS)
        if ward.form == "spells"
        for stay in stays(ward)
    )
    numbers: dict[tuple[int, int], int] = {}
    lines = []
    for start, number, person, end in rows:
        known = numbers.setdefault((number, person), len(numbers) + 1)
        ward = WARDS[number]
        lines.append((f"SIM-{known:06d}", start, end or "", ward.ward, ward.network, MARK))
    return _csv(("person", "start", "end", "ward", "network", "origin"), lines)


def returns_csv() -> str:
    """Monthly returns of the wards that send sums; months never sent have no row."""
    lines = [
        (month, ward.ward, total, beds(ward, month), MARK)
        for ward in WARDS
        if ward.form == "returns"
        for month, total in bed_days(ward).items()
        if month not in ward.missing
    ]
    return _csv(("period", "ward", "bed_days", "beds", "origin"), lines)


def checks_csv() -> str:
    """Patients and patients with all six physical health checks, a ward and year a row."""
    lines = [(row.year, row.ward, row.patients, row.all_checks, MARK) for row in checked()]
    return _csv(("period", "ward", "patients", "all_checks", "origin"), lines)


def truth() -> dict[str, Any]:
    """What is built in, a project at a time."""
    return {
        "programme": NAME,
        "simulated": True,
        "seed": SEED,
        "unit": "occupied beds, which is bed days per day",
        "first_month": FIRST_MONTH,
        "extract_date": EXTRACT_DATE,
        "projects": {ward.project: _truth_of(ward) for ward in WARDS},
        "checks": {
            "wards": len(UNITS),
            "share_on_an_ordinary_ward": dict(YEARS),
            "spread_between_ordinary_wards": SPREAD,
            "far_off": dict(FAR_OFF),
            "built_in": "True shares of ordinary wards scatter with this standard deviation on the "
            "arcsine scale. The two wards that are far off have the share given, in both years.",
        },
    }


def _truth_of(ward: Ward) -> dict[str, Any]:
    months = months_of(ward)
    begin = months.index(ward.intervention)
    after = months[begin + ward.transition :]
    entry: dict[str, Any] = {
        "ward": ward.ward,
        "network": ward.network,
        "intervention": ward.intervention,
        "transition": ward.transition,
        "first_period": after[0],
        "months_before": begin,
        "months_after": len(after),
        "level_change": ward.level_change,
        "slope_change": ward.slope_change,
        "average_effect": _mean(effect(ward, month) for month in after),
        "expect": ward.expect,
        "built_in": ward.built_in,
    }
    if ward.missing:
        entry["missing_months"] = list(ward.missing)
    if ward.other:
        entry["other_change"] = {
            "month": ward.other.month,
            "occupied_beds": ward.other.occupied,
            "staffed_beds": ward.other.beds,
            "what": ward.other.what,
        }
        entry["seen_average_change"] = _mean(
            effect(ward, month) + other_effect(ward, month) for month in after
        )
    return entry


def truth_text() -> str:
    """``TRUTH.yml``."""
    head = (
        f"# {LABEL} The true effects that are built into spells.csv and returns.csv.\n"
        "# level_change: occupied beds at once, in first_period. slope_change: beds more for each\n"
        "# month after it. average_effect: mean over the months from first_period to the end.\n"
        "# seen_average_change: the same with the other change added, which is all that the\n"
        "# series can show. Random monthly noise is on top.\n"
        "# checks: the true shares of patients with all six checks behind checks.csv.\n"
    )
    return head + _yaml(truth())


def dataset_text() -> str:
    """``dataset.yml``: where the data come from, as every page shows it."""
    return f"# {LABEL}\n" + _yaml(
        {
            "title": TITLE,
            "publisher": "qieval (its own simulator)",
            "licence": "MIT",
            "attribution": "Simulated data, made by qieval. No patient, ward or programme is real.",
            "simulated": True,
            "notes": list(NOTES),
        }
    )


def readme() -> str:
    """``README.md``."""
    wards = "\n".join(
        f"| {w.ward} | {w.network} | {w.change} | {w.intervention:%B %Y} | {w.built_in} |"
        for w in WARDS
    )
    return README.format(label=LABEL, wards=wards, seed=SEED, extract=_day(EXTRACT_DATE))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4)


def _csv(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in [head, *rows])


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=96)


README = """# Closing the gap (simulated)

**{label}** Everything here is invented: the people, the wards, the networks, the
programme and its results. The records were drawn by `python -m qieval.example` with the seed
{seed}; the same command writes the same bytes again. No result of any real programme is used
or implied.

The programme moves care from mental health wards into the community. Every project hopes to
lower the number of occupied beds on its ward.

| file | what is in it |
|---|---|
| `spells.csv` | one stay a row; no end date: still in on {extract} |
| `returns.csv` | one month a row, for the ward that sends sums only |
| `checks.csv` | one ward and year a row: patients, and those with all six health checks |
| `dataset.yml` | where the data come from, as every page shows it |
| `TRUTH.yml` | the true effect of every project |

Records cover January 2015 to December 2019 (Aspen ward from September 2018). The years end before
2020 so that no pandemic has to be simulated. Stays that were under way when the records begin keep
their earlier start date, so count bed days from January 2015 only. People are numbered
`SIM-000001` and so on; there are no names, birth dates or NHS numbers.

## What is built in

| ward | network | change | began | truth |
|---|---|---|---|---|
{wards}

## How it was made

For each ward a monthly mean of occupied beds is drawn: a level, a small season (high in January),
the effect, and noise in which neighbouring months are alike. It is rounded to whole bed days and
laid over the month's nights. Then people are admitted and discharged so that exactly that many
sleep on the ward each night. More than a quarter of the stays are of someone who was there before.
There is no leave, and nobody moves between wards.

`checks.csv` holds thirty wards, those of the projects among them. Each has a true share of patients
with all six physical health checks; how many had them in a year is drawn from it. The shares
scatter a little; those of Sorrel ward and Thistle ward are far off. The patients in it are not
those of `spells.csv`.
"""
