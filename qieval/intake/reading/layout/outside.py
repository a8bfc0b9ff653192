"""A period that stands outside of a table: as the parameters say, in a title, in a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qieval.core.errors import DataError, ParameterError, listed
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.cell_types import is_period, year_of
from qieval.intake.reading.layout.grid import Draft, Grid, known, mostly
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.period_spellings import next_year, period_of

NO_YEAR = "No year stands with the months or quarters."
_SHORT_YEARS = re.compile(r"(?<!\d)(?:20)?(?P<first>\d{2})(?P<second>\d{2})(?!\d)")
"""`1819` and `201819`, as names of sheets and files have them."""
_A_YEAR = re.compile(r"(?<![\d/.-])(19|20)\d{2}(\s?[-/–]\s?(20)?\d{2})?(?![\d/.-])")


def refuse_period_of_file(request: Request, why: str) -> None:
    """Refuse `period_of_file` for a table that it cannot be used for."""
    if request.period_of_file is not None:
        raise ParameterError(
            f"`period_of_file` cannot be used: {why}.",
            remedy="Leave out `period_of_file`.",
            where="period_of_file",
        )


def wave_from_outside(draft: Draft, request: Request) -> Draft:
    """The table with one round for every row, if `period_of_file` says which."""
    heading = request.columns.get("wave", "wave")
    if "wave" not in request.kind.columns:
        refuse_period_of_file(request, "a table of this kind has no periods")
    elif heading in draft.names:
        refuse_period_of_file(request, f"the table has rounds of its own (`{heading}`)")
    elif request.period_of_file is not None:
        draft.add(heading, [request.period_of_file] * len(draft.cells))
        draft.notes.append(f"Every row is of `{request.period_of_file}` (`period_of_file`).")
    return draft


def period_from_outside(
    draft: Draft, heading: str, grid: Grid, block: Block, request: Request
) -> Draft:
    """The table with one period for every row, as said or as it stands in a title or name.

    Raises DataError if a title or name says a period, nobody confirmed it, and reading is strict;
    ParameterError if `period_of_file` is no period.
    """
    if request.period_of_file is not None:
        given = period_of(request.period_of_file)
        if given is None:
            raise ParameterError(
                "`period_of_file` is no period.",
                found=repr(request.period_of_file),
                remedy="Write it like 2024-03, Q1 2019/20 or 2019/20.",
                where="period_of_file",
            )
        draft.add(heading, [request.period_of_file] * len(draft.cells))
        draft.notes.append(f"Every row is of {request.period_of_file} (`period_of_file`).")
        return draft
    if any(mostly(known(draft.cells[place]), is_period) for place in draft.cells):
        return draft  # a column holds dates or periods: `columns` must say which
    periods_around = _periods_around(grid, block, request)
    if not periods_around:
        return draft
    found = "; ".join(f"{place}: `{text}`" for place, text in periods_around.items())
    period, note = _taken(
        "No column says of which period the figures are.",
        found,
        periods_around,
        "Every row was taken as of",
        request,
    )
    draft.notes.append(note)
    draft.add(heading, [period] * len(draft.cells))
    return draft


def year_from_outside(
    parts: Sequence[Cell], grid: Grid, block: Block, request: Request, notes: list[str]
) -> str:
    """The year of months or quarters that have none, as said or as it stands in a title or name.

    Raises DataError if nobody said it, and it stands nowhere or reading is strict; ParameterError
    if `period_of_file` is no year.
    """
    if (given := request.period_of_file) is not None:
        if year_of(given) is None:
            raise ParameterError(
                "The table holds months or quarters: `period_of_file` is their year.",
                found=repr(given),
                remedy="Write it like `period_of_file: 2023`, or `period_of_file: 2023/24`.",
                where="period_of_file",
            )
        notes.append(f"Months and quarters are of {given} (`period_of_file`).")
        return given
    years_around = {
        place: year for place, text in _around(grid, block, request) if (year := _year_in(text))
    }
    problem = NO_YEAR
    examples = listed(dict.fromkeys(as_text(part) for part in parts), 4)
    if not years_around:
        raise DataError(
            problem,
            found=examples,
            remedy="Say which year they are of: `period_of_file: 2023`, or "
            "`period_of_file: 2023/24` for April to March.",
            where=grid.where,
        )
    found = "; ".join(f"in {place}: `{year}`" for place, year in years_around.items())
    year, note = _taken(
        problem, f"{examples}; {found}", years_around, "They were taken as of", request
    )
    notes.append(note)
    return year


def _year_in(text: str) -> str | None:
    """The first year in a text: 2018, 2018/19, or 2018/19 written as 1819."""
    match = _A_YEAR.search(text)
    if match and year_of(match.group()):
        return match.group()
    short = _SHORT_YEARS.search(text)
    if short is None or not next_year(int(short["first"]), short["second"]):
        return None
    return f"20{short['first']}/{short['second']}"


def _taken(
    problem: str, found: str, around: dict[str, str], proposal: str, request: Request
) -> tuple[str, str]:
    """What stands around a table and may be meant, and the note that it was taken."""
    values = list(dict.fromkeys(around.values()))
    lines = " or ".join(f"`period_of_file: {value}`" for value in values)
    note = request.ask(
        problem,
        found=found,
        remedy=f"If that is meant, write {lines}.",
        proposal=f"{proposal} {values[0]}.",
        settles={"period_of_file": values[0]},
        proposes=len(values) == 1,
    )
    return values[0], note


def _around(grid: Grid, block: Block, request: Request) -> list[tuple[str, str]]:
    titles = [
        (f"the title in row {row}", " ".join(as_text(cell) or "" for cell in cells if cell))
        for row in block.titles
        if (cells := grid.cut(row, block.area.left, block.area.right))
    ]
    return [*titles, ("the sheet's name", grid.sheet or ""), ("the file's name", request.file)]


def _periods_around(grid: Grid, block: Block, request: Request) -> dict[str, str]:
    periods = {}
    for place, text in _around(grid, block, request):
        period = period_of(text, anywhere=True) if text else None
        if period is not None:
            periods[place] = period.text.strip()
    return periods
