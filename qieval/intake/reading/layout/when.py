"""Periods that no single column holds: in headings, in two columns, above a group of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from qieval.core.errors import listed
from qieval.core.words import many
from qieval.intake.identifiers import plain
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.body import SECTION
from qieval.intake.reading.layout.cell_types import is_period, month_of, quarter_of, year_of
from qieval.intake.reading.layout.grid import Draft, Grid, joined, known, mostly
from qieval.intake.reading.layout.outside import (
    period_from_outside,
    refuse_period_of_file,
    wave_from_outside,
    year_from_outside,
)
from qieval.intake.reading.layout.wide import (
    PeriodColumn,
    bare_period_columns,
    months_under_a_year,
    period_columns_of,
    turn,
    year_and_part,
    years_within,
)
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Request, Years
from qieval.intake.reading.values.period_columns import ENDS_IN_MARCH, FINANCIAL_YEAR
from qieval.intake.reading.values.period_spellings import spelt

_YEAR = re.compile(r"\b(year|fy)\b", re.IGNORECASE)
YEAR_OF_FILE = "year of the file"
"""A column that is made for months without a year, and does not stay."""
_WEEK = re.compile(r"(iso )?(week|wk)( (no\.?|number|num))?", re.IGNORECASE)
_MOST_WEEKS = 53
_FROM = re.compile(r"((period|date) )?(from|start|start date|starts|beginning)", re.IGNORECASE)
_TO = re.compile(r"((period|date) )?(to|until|end|end date|ends|ending)", re.IGNORECASE)
_QUARTERS = re.compile(
    r"((fin|financial|fiscal|calendar|reporting) )?(quarter|qtr)( (no|num|number))?"
)
_PART = re.compile(r"\b(month|period|quarter|qtr)\b", re.IGNORECASE)


def put_periods(draft: Draft, grid: Grid, block: Block, request: Request) -> Draft:
    """The table with a column of periods, where the kind has one and it can be had.

    Raises DataError if something about the periods is open and reading is strict; ParameterError if
    `period_of_file` is no period, or the table has periods of its own.
    """
    heading = request.period_heading
    if heading is None:
        return wave_from_outside(draft, request)
    _name_quarters(draft)
    _name_financial_years(draft, grid, block)
    _put_weeks(draft, heading)
    _put_spans(draft, heading)
    own = heading in draft.names
    bare_place = draft.names.index(heading) if own else _place_of_parts(draft)
    period_columns = period_columns_of(draft.parts)
    years_above, months_below = months_under_a_year(draft.parts)
    if period_columns and not own and years_above:
        counted = _counted(months_below, years_above, request, draft.notes, headings=True)
        period_columns = period_columns_of(draft.parts, plain_years=counted)
    labels = None if bare_place is None else known(draft.cells[bare_place])
    bare = labels is not None and mostly(labels, lambda cell: _is_part(cell) or year_of(cell))
    if not own and not period_columns and bare_place is None:
        bare_place = _place_of_years(draft)
        bare = bare_place is not None
    if bare and bare_place is not None:
        label_kind = "years" if mostly(known(draft.cells[bare_place]), year_of) else "parts"
        fits = _is_part if label_kind == "years" else year_of
        crossed = [
            PeriodColumn(place, part[-1], joined(part[:-1]))
            for place, part in enumerate(draft.parts)
            if part and place != bare_place and fits(part[-1])
        ]
        if len(crossed) > 1:
            return _turned(draft, crossed, heading, request, bare_place)
    if period_columns and not own:
        return _turned(draft, period_columns, heading, request, None)
    if bare and bare_place is not None and _with_year(draft, heading, bare_place, request):
        return draft
    bare_headings = bare_period_columns(draft.parts)
    without_year = len(bare_headings) > 2 and not own
    if bare and bare_place is not None:
        without_year = without_year or mostly(known(draft.cells[bare_place]), _is_part)
    others = [known(draft.cells[place]) for place in draft.cells if place != bare_place]
    if without_year and not any(mostly(cells, is_period) for cells in others):
        return _of_one_said_year(draft, heading, bare_place if bare else None, request, grid, block)
    if own:
        refuse_period_of_file(request, f"the table has periods of its own (`{heading}`)")
        return draft
    return period_from_outside(draft, heading, grid, block, request)


def _name_quarters(draft: Draft) -> None:
    """Call numbers from 1 to 4 under `Quarter` quarters, which else are months from 1 to 12."""
    for place, name in enumerate(draft.names):
        texts = draft.cells[place].map(as_text)
        filled = known(texts)
        if _QUARTERS.fullmatch(plain(name)) and filled and {*filled} <= {"1", "2", "3", "4"}:
            draft.cells = draft.cells.copy()
            draft.cells[place] = texts.map(lambda text: f"Q{text}", na_action="ignore")
    below = [as_text(part[-1]) for part in draft.parts if len(part) > 1 and year_of(part[0])]
    corner = [part for part in draft.parts if part and _QUARTERS.fullmatch(plain(str(part[-1])))]
    if corner and below and {*below} <= {"1", "2", "3", "4"}:
        draft.parts = [
            (*part[:-1], f"Q{as_text(part[-1])}") if len(part) > 1 and year_of(part[0]) else part
            for part in draft.parts
        ]


def _name_financial_years(draft: Draft, grid: Grid, block: Block) -> None:
    """Write plain years as headings as financial years, where the corner or a title says so.

    Under `Year to 31 March`, 2017 is 2016/17; beside `Financial year`, or below a title that speaks
    of financial years, it is FY17, which is asked.
    """
    years = [place for place, part in enumerate(draft.parts) if len(part) == 1 and year_of(part[0])]
    if len(years) < 2 or 0 in years:
        return
    corner = plain(draft.names[0])
    ends = bool(ENDS_IN_MARCH.search(corner))
    titles = " ".join(
        as_text(cell) or "" for row in block.titles for cell in grid.rows[row - 1] if cell
    )
    called = f"{corner} {plain(titles)}"
    if not (FINANCIAL_YEAR.search(called) or ENDS_IN_MARCH.search(called)):
        return
    for place in years:
        year, over_two = year_of(draft.parts[place][0]) or (0, True)
        if not over_two:
            last = f"{year % 100:02d}"
            draft.parts[place] = (f"{year - 1}/{last}" if ends else f"FY{last}",)


def _put_weeks(draft: Draft, heading: str) -> None:
    """Put numbers of weeks together with the plain years beside them."""
    weeks = [place for place, name in enumerate(draft.names) if _WEEK.fullmatch(name)]
    if heading in draft.names or len(weeks) != 1:
        return
    if (year_place := _place_of_years(draft)) is None:
        return
    pairs = list(zip(draft.cells[weeks[0]], draft.cells[year_place], strict=True))
    years = [year_of(year) for _, year in pairs]
    texts = [as_text(week) or "" for week, _ in pairs]
    if not all(text.isdigit() and 1 <= int(text) <= _MOST_WEEKS for text in texts):
        return
    if any(year is None or year[1] for year in years):
        return  # week 1 of 2019/20 may be the first of April
    draft.add(
        heading,
        [f"Week {int(text)} {as_text(year)}" for text, (_, year) in zip(texts, pairs, strict=True)],
    )
    draft.notes.append(
        f"`{draft.names[weeks[0]]}` was taken together with the year in "
        f"`{draft.names[year_place]}`."
    )


def _put_spans(draft: Draft, heading: str) -> None:
    """Put first and last days in two columns together, where all are whole periods."""
    firsts = [place for place, name in enumerate(draft.names) if _FROM.fullmatch(name)]
    lasts = [place for place, name in enumerate(draft.names) if _TO.fullmatch(name)]
    if heading in draft.names or len(firsts) != 1 or len(lasts) != 1:
        return
    pairs = zip(draft.cells[firsts[0]], draft.cells[lasts[0]], strict=True)
    spans = [f"{as_text(first)} to {as_text(last)}" for first, last in pairs]
    if not spans or not all((said := spelt(span)) and said.sure for span in spans):
        return
    draft.add(heading, spans)
    draft.notes.append(
        f"`{draft.names[firsts[0]]}` and `{draft.names[lasts[0]]}` are the first and last days of "
        "whole periods, and were put together."
    )


# --- parts of periods --------------------------------------------------------------------------


def _is_part(cell: Cell) -> bool:
    return month_of(cell) is not None or quarter_of(cell) is not None


def _place_of_parts(draft: Draft) -> int | None:
    """The column of bare months or quarters: by its heading, or because it holds their names."""
    # Months as headings hold figures, which may lie between 1 and 12 by chance.
    headings = [place for place, name in enumerate(draft.names) if month_of(name)]
    for place, name in enumerate(draft.names):
        if place in headings and len(headings) > 1:
            continue
        cells = known(draft.cells[place])
        if not mostly(cells, _is_part):
            continue
        named = [cell for cell in cells if month_of(cell, numbers=False) or quarter_of(cell)]
        if _PART.search(plain(name)) or len(named) == len(cells):
            return place
    return None


def _place_of_years(draft: Draft, but: int | None = None) -> int | None:
    """The column of bare years: all of its cells are, and its heading or place says so."""
    for place, name in enumerate(draft.names):
        cells = known(draft.cells[place])
        if place == but or not cells or not all(year_of(cell) for cell in cells):
            continue
        if (
            _YEAR.search(plain(name))
            or place == 0
            or name == SECTION
            or all(isinstance(cell, str) for cell in cells)
        ):
            return place
    return None


def _counted(
    parts: Sequence[Cell],
    years: Sequence[Cell],
    request: Request,
    notes: list[str],
    *,
    headings: bool = False,
    financial: bool = False,
) -> Years:
    """Whether months are those of a calendar or a financial year, and numbers count from April.

    `headings`: whether the months stand as headings; 1 to 12 below `Month` are plain months.
    `financial`: whether the heading of the years calls them financial.
    """
    if request.years is not None:
        return request.years
    over_two = all((known := year_of(year)) is None or known[1] for year in years)
    numbers = [part for part in parts if month_of(part) and not month_of(part, numbers=False)]
    worded = [part for part in numbers if str(part)[:1].isalpha()]
    order = [month for part in numbers if (month := month_of(part))]
    if not worded and over_two and any(pair == (12, 1) for pair in pairwise(order)):
        return "calendar"  # 4 to 12 and then 1 to 3: numbers of the calendar
    if numbers and not (over_two and worded) and (headings or worded or over_two):
        proposed: Years = "financial" if worded or over_two else "calendar"
        note = request.ask(
            "Months are numbered: the first may be January or, in a financial year, April.",
            found=f"months {listed((as_text(part) for part in numbers), 3)} of "
            f"{listed(dict.fromkeys(as_text(year) for year in years if year), 3)}",
            remedy=f"Say which: `years: {proposed}` or "
            f"`years: {'calendar' if proposed == 'financial' else 'financial'}` "
            "(financial: month 1 is April; calendar: month 1 is January).",
            proposal=f"Month 1 was taken as {'April' if proposed == 'financial' else 'January'}.",
            settles={"years": proposed},
        )
        notes.append(note)
        return proposed
    if over_two:
        if worded:
            notes.append("Numbered months of a financial year count from April: month 1 is April.")
        return "financial"  # 2019/20 says it
    months = [month for part in parts if (month := month_of(part))]
    if not financial and not any(pair == (12, 1) for pair in pairwise(months)):
        return "calendar"
    note = request.ask(
        "Months or quarters stand beside plain years that are called financial years."
        if financial
        else "Months run on from December to January under one year: it may be a financial year.",
        found=f"months in the order {listed(as_text(part) for part in parts[:12])}",
        remedy="Say which: `years: financial` (January belongs to the next calendar year) or "
        "`years: calendar`.",
        proposal="Years were taken as financial years, April to March.",
        settles={"years": "financial"},
    )
    notes.append(note)
    return "financial"


def _turned(
    draft: Draft,
    period_columns: Sequence[PeriodColumn],
    heading: str,
    request: Request,
    other: int | None,
) -> Draft:
    notes = list(draft.notes)
    other_part: tuple[int, Years] | None = None
    if other is not None:
        headings = [column.period for column in period_columns]
        below = known(draft.cells[other])
        years, parts = (headings, below) if year_of(headings[0]) else (below, headings)
        called = bool(FINANCIAL_YEAR.search(plain(draft.names[other])))
        crossed = _counted(parts, years, request, notes, headings=True, financial=called)
        other_part = (other, crossed)
    if other is None or draft.names[other] != YEAR_OF_FILE:
        refuse_period_of_file(request, "the headings are periods")
    turned = turn(draft, period_columns, request, notes, period=heading, other_part=other_part)
    cells = turned.set_axis(range(turned.shape[1]), axis=1)
    return Draft(cells, [(str(name),) for name in turned.columns], notes, turned=True)


def _with_year(draft: Draft, heading: str, place: int, request: Request) -> bool:
    """Put months or quarters together with a year from another column or from the cell above."""
    parts = draft.cells[place].to_list()
    year_place = _place_of_years(draft, but=place)
    if year_place is not None:
        years = draft.cells[year_place].to_list()
        name = draft.names[year_place]
        source = f"`{name or f'column {year_place + 1}'}`" if name != YEAR_OF_FILE else "the file"
    else:
        years = years_within(parts)
        source = "the cell above that has one"
    if not any(year is not None for year in years):
        return False
    first = next(year for year in years if year is not None)
    months = [part for part, year in zip(parts, years, strict=True) if year == first]
    called = plain(draft.names[year_place]) if year_place is not None else ""
    financial = bool(FINANCIAL_YEAR.search(called))
    counted = _counted(months, years, request, draft.notes, financial=financial)
    together: list[Cell] = []
    for part, year in zip(parts, years, strict=True):
        made = year_and_part(year, part, months_from=counted)
        together.append(made or part)
    count = sum(made is not part for made, part in zip(together, parts, strict=True))
    if not count:
        return False
    draft.notes.append(
        f"`{draft.names[place] or f'column {place + 1}'}` holds no year: {many(count, 'cell')} "
        f"taken together with the year in {source}."
    )
    draft.add(heading, together)
    return True


def _of_one_said_year(
    draft: Draft, heading: str, place: int | None, request: Request, grid: Grid, block: Block
) -> Draft:
    """Months or quarters (in a column, or as headings) with the year of the whole table."""
    period_columns = bare_period_columns(draft.parts)
    parts = (
        [column.period for column in period_columns] if place is None else known(draft.cells[place])
    )
    year = year_from_outside(parts, grid, block, request, draft.notes)
    draft.add(YEAR_OF_FILE, [year] * len(draft.cells))
    year_place = draft.names.index(YEAR_OF_FILE)
    if place is None:
        return _turned(draft, period_columns, heading, request, year_place)
    _with_year(draft, heading, place, request)
    draft.drop(YEAR_OF_FILE)
    return draft
