"""Headings that are periods: whole ones, or a year above months and quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qieval.intake.reading.layout.cell_types import is_period, month_of, quarter_of, year_of
from qieval.intake.reading.layout.grid import joined
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Years


@dataclass(frozen=True)
class PeriodColumn:
    """A column of figures of one period."""

    place: int  # the column
    period: Cell  # the period as it stands in the headings, year and month put together
    measure: str = ""  # what else the headings say; blank where nothing


def period_columns_of(
    parts: Sequence[Sequence[Cell]],
    labels: Sequence[Cell] = (),
    *,
    plain_years: Years = "calendar",
) -> list[PeriodColumn]:
    """The columns whose headings are periods; none if fewer than two are.

    `parts`: for each column its headings, upper to lower. `labels`: bare years (or months) of the
    rows, where headings may be bare months (or years). `plain_years`: how months under a plain year
    are counted.
    """
    period_columns = [
        column for place, part in enumerate(parts) if (column := _slot(place, part, plain_years))
    ]
    if not period_columns and labels:
        period_columns = [
            PeriodColumn(place, part[0])
            for place, part in enumerate(parts)
            if len(part) == 1 and (month_of(part[0]) or quarter_of(part[0]) or year_of(part[0]))
        ]
    return period_columns if len(period_columns) > 1 else []


def bare_period_columns(parts: Sequence[Sequence[Cell]]) -> list[PeriodColumn]:
    """The columns whose headings are months by name, or quarters, and nothing else."""
    return [
        PeriodColumn(place, part[0])
        for place, part in enumerate(parts)
        if len(part) == 1 and (month_of(part[0], numbers=False) or quarter_of(part[0]))
    ]


def _slot(place: int, parts: Sequence[Cell], plain_years: Years) -> PeriodColumn | None:
    """The period in the headings of a column: a whole one, or a year above a month or quarter."""
    for number, part in enumerate(parts):
        rest = [other for other_number, other in enumerate(parts) if other_number != number]
        if year := year_of(part):
            counted: Years = "financial" if year[1] else plain_years
            for other_number, other in enumerate(rest):
                words = joined(rest[:other_number] + rest[other_number + 1 :])
                if together := year_and_part(part, other, months_from=counted):
                    return PeriodColumn(place, together, words)
                if month_of(other) is not None:
                    return None  # a bare number may count from January or from April
        if is_period(part) or year:
            return PeriodColumn(place, part, joined(rest))
    return None


def months_under_a_year(parts: Sequence[Sequence[Cell]]) -> tuple[list[Cell], list[Cell]]:
    """The plain years above bare months in headings, and the months under the first of them."""
    pairs = [
        (part[0], part[-1])
        for part in parts
        if len(part) > 1 and (year := year_of(part[0])) and not year[1] and month_of(part[-1])
    ]
    years = list(dict.fromkeys(year for year, _ in pairs))
    return years, [month for year, month in pairs if year == years[0]]


def year_and_part(year: Cell, part: Cell, *, months_from: Years) -> str | None:
    """A year and a bare month or quarter as one period; None if they are none.

    `year`: a bare year: 2019 or 2019/20. `part`: a bare month (its name or number) or quarter.
    `months_from`: whether January belongs to the year itself or, as in a financial year, to the
    next.
    """
    known = year_of(year)
    if known is None:
        return None
    if quarter := quarter_of(part):
        return f"{quarter} {as_text(year)}"
    month = month_of(part)
    if month is None:
        return None
    # Bare month numbers under 2019/20 may count from April: only names are sure there.
    if months_from == "financial" and month_of(part, numbers=False) is None:
        return None
    later = months_from == "financial" and month < 4
    return f"{known[0] + later}-{month:02d}"
