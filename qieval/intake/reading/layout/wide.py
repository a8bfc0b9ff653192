"""Wide tables: periods as headings become rows; years and months in two places become one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.words import many
from qieval.intake.reading.layout.cell_types import (
    common_type,
    is_period,
    month_of,
    plain_number,
    quarter_of,
    year_of,
)
from qieval.intake.reading.layout.grid import Draft, joined
from qieval.intake.reading.layout.sums import tolerance
from qieval.intake.reading.raw import Cell, as_text, tidy_heading
from qieval.intake.reading.request import Request, RowsAre, Years
from qieval.intake.reading.values.dates import MONTH_WORD
from qieval.intake.reading.values.period_spellings import SpeltPeriod, period_of
from qieval.intake.tables.series import UNIT_NAMES

_PARTIAL = re.compile(
    rf"\b(ytd|to date|so far|part|partial|provisional|until|up to)\b|\(.*\b{MONTH_WORD}\b.*\)",
    re.IGNORECASE,
)
"""Words of a heading that say that its period is not over."""


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
    parts = _with_years_of_earlier(parts)
    period_columns = [
        column for place, part in enumerate(parts) if (column := _slot(place, part, plain_years))
    ]
    if not period_columns and labels:
        period_columns = [
            PeriodColumn(place, part[0])
            for place, part in enumerate(parts)
            if len(part) == 1 and (month_of(part[0]) or quarter_of(part[0]) or year_of(part[0]))
        ]
    if not period_columns:
        period_columns = _periods_with_words(parts)
    return period_columns if len(period_columns) > 1 else []


def _with_years_of_earlier(parts: Sequence[Sequence[Cell]]) -> list[Sequence[Cell]]:
    """The headings, with a year for months that follow one: of `Oct-18`, `Nov`, `Dec`, `Jan-19`."""
    named = [
        place
        for place, part in enumerate(parts)
        if len(part) == 1
        and (is_period(part[0]) or month_of(part[0], numbers=False) or quarter_of(part[0]))
    ]
    months = [parts[place][0] for place in named]
    whole = list(parts)
    for place, month, year in zip(named, months, years_within(months), strict=True):
        if together := year_and_part(year, month, months_from="calendar"):
            whole[place] = (together,)
    return whole


def years_within(parts: Sequence[Cell]) -> list[Cell]:
    """The years of bare months or quarters that go on from one with a year: `Jan 2019`, `Feb`.

    After the last of a year comes the first of the next.
    """
    years: list[Cell] = []
    year, last, most, over_two = None, 0, 0, False
    for part in parts:
        quarter = _QUARTER_NUMBER.search(quarter_of(part) or "")
        number = int(quarter[1]) if quarter else month_of(part) or 0
        known = period_of(part) if not number and part is not None else None
        begun = _begun(known) if known is not None else None
        follows = number and most == (4 if quarter else 12)
        if begun is not None:
            year, last, most, over_two = begun
            years.append(None)
        elif follows and year is not None and (number > last or (last, number) == (most, 1)):
            year += number < last  # after December 2018 comes January 2019
            last = number
            years.append(f"{year}/{(year + 1) % 100:02d}" if over_two else year)
        else:
            year = None if number else year
            years.append(None)
    return years


_QUARTER_NUMBER = re.compile(r"q(?:tr|uarter)?\.?\s*([1-4])", re.IGNORECASE)


def _begun(known: SpeltPeriod) -> tuple[int, int, int, bool] | None:
    """Of a month or quarter its year, its number, the last number, whether the year is 2018/19."""
    first = known.first_day
    if known.sure and known.every == "month":
        return first.year, first.month, 12, False
    quarter = _QUARTER_NUMBER.search(known.text)
    if quarter is None or known.every != "quarter":
        return None
    number = int(quarter[1])
    return first.year - (known.sure and number == 4), number, 4, known.sure


_NUMBERED_YEAR = re.compile(r"\b(year|yr)\s*\d\b", re.IGNORECASE)
"""What numbers a period besides naming it: `Year 1 (2016/17)`."""


def _periods_with_words(parts: Sequence[Sequence[Cell]]) -> list[PeriodColumn]:
    """The columns whose headings name a measure and a period: `Admissions 2016/17`, `Apr-19 %`.

    Each measure must come in several periods, all of one kind: of `Beds` and `Target 2019`, or
    `2016` beside `Change from 2016`, none is such.
    """
    found: dict[str, list[tuple[PeriodColumn, SpeltPeriod]]] = {}
    for place, part in enumerate(parts):
        heading = joined(part)
        said = period_of(heading, anywhere=True) if heading else None
        if said is None or not (said.before or said.after):
            continue
        ending = _ENDING.search(said.before)
        text = f"{ending.group().strip()} {said.text}" if ending else said.text
        words = _NUMBERED_YEAR.sub(" ", f"{_ENDING.sub('', said.before)} {said.after}")
        measure = " ".join(words.split()).strip(" :,-()")
        found.setdefault(measure, []).append((PeriodColumn(place, text, measure), said))
    several = [
        pair
        for pairs in found.values()
        if len({said.first_day for _, said in pairs}) == len(pairs) > 1
        for pair in pairs
    ]
    alike = len({said.every for _, said in several}) == 1
    return sorted((column for column, _ in several), key=lambda c: c.place) if alike else []


_ENDING = re.compile(r"\b(year|quarter|month|week)\s+(ending|ended|to)\s*$", re.IGNORECASE)
"""Words that belong to the period behind them: `Admissions, year ending March 2017`."""


def bare_period_columns(parts: Sequence[Sequence[Cell]]) -> list[PeriodColumn]:
    """The columns whose headings are months or quarters, and nothing else.

    Months by number are such where a word says so (`M1`, `Month 1`), or where all from 1 to 12
    stand there.
    """
    months = [place for place, part in enumerate(parts) if len(part) == 1 and month_of(part[0])]
    whole_year = [month_of(parts[place][0]) for place in months] == [*range(1, 13)]
    return [
        PeriodColumn(place, part[0])
        for place, part in enumerate(parts)
        if len(part) == 1
        and (
            quarter_of(part[0])
            or (month_of(part[0]) and (whole_year or str(part[0])[:1].isalpha()))
        )
    ]


def _slot(place: int, parts: Sequence[Cell], plain_years: Years) -> PeriodColumn | None:
    """The period in the headings of a column: a whole one, or a year above a month or quarter."""
    for number, part in enumerate(parts):
        rest = [other for other_number, other in enumerate(parts) if other_number != number]
        if year := year_of(part):
            for other_number, other in enumerate(rest):
                words = joined(rest[:other_number] + rest[other_number + 1 :])
                if together := year_and_part(part, other, months_from=plain_years):
                    return PeriodColumn(place, together, words)
        if is_period(part) or year:
            return PeriodColumn(place, part, joined(rest))
    return None


def months_under_a_year(parts: Sequence[Sequence[Cell]]) -> tuple[list[Cell], list[Cell]]:
    """The years above bare months in headings, and the months under the first of them."""
    pairs = [
        (part[0], part[-1])
        for part in parts
        if len(part) > 1 and year_of(part[0]) and month_of(part[-1])
    ]
    years = list(dict.fromkeys(year for year, _ in pairs))
    return years, [month for year, month in pairs if year == years[0]]


def year_and_part(year: Cell, part: Cell, *, months_from: Years) -> str | None:
    """A year and a bare month or quarter as one period; None if they are none.

    `year`: a bare year: 2019 or 2019/20. `part`: a bare month (its name or number) or quarter.
    `months_from`: whether January belongs to the year itself or, as in a financial year, to the
    next; and whether numbers of months count from January or from April.
    """
    known = year_of(year)
    if known is None:
        return None
    if quarter := quarter_of(part):
        over_two = known[1] or months_from == "financial"
        second = f"/{(known[0] + 1) % 100:02d}" if over_two else ""
        return f"{quarter} {known[0]}{second}"
    month = month_of(part)
    if month is None:
        return None
    over_two = known[1] or months_from == "financial"
    if months_from == "financial" and month_of(part, numbers=False) is None:
        month = (month + 2) % 12 + 1  # M1 is April
    later = over_two and month < 4
    return f"{known[0] + later}-{month:02d}"


_MEASURE = re.compile(
    r"measures?|indicators?|metrics?|items?|standards?|questions?|row labels|values?|figures?|data"
    r"|category|categories|kpis?|description|names? of (measure|indicator)s?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"unit|ward|team|site|network|group|trust|provider|organi[sz]ation|hospital|board|service"
    r"|\borg\b|locality|area|region|directorate|practice|icb|ccg|commissioner|clinic|department|speciality"
    r"|specialty|code|sex|gender|age",
    re.IGNORECASE,
)
_FEWEST_PARTS = 2
_SUM = re.compile(r"\b(totals?|sum)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\b(totals?|sum|average|mean|ytd|year to date|change|trend|variance)\b", re.I)


def turn(
    draft: Draft,
    period_columns: Sequence[PeriodColumn],
    request: Request,
    notes: list[str],
    *,
    period: str,
    other_part: tuple[int, Years] | None = None,
) -> pd.DataFrame:
    """A wide table with a row a period, counted from 1; what was done is added to the notes.

    `other_part`: where headings are bare months, quarters or years: the column that says the year
    (or month) of each row, and how years are counted.

    Raises DataError if rows may be measures or units, nobody said, and reading is strict; or if two
    rows say the same of one period.
    """
    cells = draft.cells
    labels, beside = _labels(draft, period_columns, set(request.columns.values()))
    if other_part is not None:
        labels.pop(other_part[0], None)
    beside = _without_totals(cells, beside, period_columns, request, notes)
    partial = [
        name for name in beside.values() if _PARTIAL.search(name) and period_of(name, anywhere=True)
    ]
    if partial:
        note = request.ask(
            f"Beside the periods stand columns of part of one: {listed(partial)}.",
            found=f"{many(len(period_columns), 'column')} of whole periods beside",
            remedy="Correct the headings if they are whole periods.",
            proposal="They were left out.",
        )
        notes.append(note)
    if beside:
        notes.append(f"Columns beside the periods were not read: {listed(beside.values())}.")
    sums = request.rows_are is None and _one_is_the_sum(cells, period_columns)
    proposed: RowsAre = "units" if sums else "measures"
    measure = _measure_column(cells, labels, request, notes, proposed=proposed)
    if sums and measure is None:
        request = replace(request, rows_are="units")
    _set_aside(cells, labels, measure, request, notes)
    units = [place for place in labels if place != measure]
    labels |= _unit_names(labels, units, request, notes)
    records: dict[tuple[Cell, ...], dict[str, Cell]] = {}
    for values in cells.to_dict("records"):
        for column in period_columns:
            cell = values[column.place]
            if cell is None:
                continue
            name = column.measure
            if measure is not None:
                row_says = tidy_heading(values[measure])
                name = f"{row_says}: {name}" if name and row_says else row_says or name
            when = column.period
            if other_part is not None:
                when = _put_together(when, values[other_part[0]], other_part[1])
            key = (*(values[place] for place in units), when)
            record = records.setdefault(key, {})
            name = name or "value"
            if name in record:
                raise _twice(name, when, request.where)
            record[name] = cell
    measures = list(dict.fromkeys(name for record in records.values() for name in record))
    unit_names = [labels[place] for place in units]
    clash = {*unit_names, period} & {*measures}
    if clash:
        raise DataError(
            "A row has the same name as a column.", found=listed(sorted(clash)), where=request.where
        )
    rows = [[*key, *(record.get(name) for name in measures)] for key, record in records.items()]
    table = pd.DataFrame(rows, columns=[*unit_names, period, *measures], dtype=object)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    periods = list(dict.fromkeys(as_text(column.period) for column in period_columns))
    notes.append(
        f"Periods stood side by side as headings ({many(len(period_columns), 'column')}, "
        f"`{periods[0]}` to `{periods[-1]}`): the table was turned, so that each has a row. Rows "
        "are counted from 1 in the turned table; a period without any figure has no row."
    )
    return table


def _put_together(heading: Cell, cell: Cell, counted: Years) -> Cell:
    """A bare month or year in a heading with the year or month of the row; as it is otherwise."""
    year, part = (cell, heading) if year_of(heading) is None else (heading, cell)
    return year_and_part(year, part, months_from=counted) or f"{as_text(cell)} {as_text(part)}"


def _labels(
    draft: Draft, period_columns: Sequence[PeriodColumn], mapped: set[str]
) -> tuple[dict[int, str], dict[int, str]]:
    """Columns that say what a row is about, and those beside the periods that are not read."""
    cells, names = draft.cells, draft.names
    taken = {column.place for column in period_columns}
    first = min(taken)
    labels: dict[int, str] = {}
    beside: dict[int, str] = {}
    for place in range(cells.shape[1]):
        if place in taken or cells[place].isna().all():
            continue
        name = names[place] if place < len(names) else ""
        number = common_type(cells[place]) == "number" and place > 0
        derived = place > first and (number or _TOTAL.search(name))
        if derived and name not in mapped:
            beside[place] = name or f"column {place + 1}"
        else:
            labels[place] = name or ("label" if place == 0 else f"column {place + 1}")
    return labels, beside


def _without_totals(
    cells: pd.DataFrame,
    beside: dict[int, str],
    period_columns: Sequence[PeriodColumn],
    request: Request,
    notes: list[str],
) -> dict[int, str]:
    """Columns beside the periods that are no totals; totals are checked against the periods."""
    named = {place: name for place, name in beside.items() if _SUM.search(name)}
    if request.totals != "check" or any(column.measure for column in period_columns):
        return beside
    for place, name in named.items():
        for row, values in zip(cells.index, cells.to_dict("records"), strict=True):
            figures = [plain_number(values[column.place]) for column in period_columns]
            total = plain_number(values[place])
            known = np.array([part for part in figures if part is not None])
            if total is None or len(known) < len(period_columns):
                continue
            if abs(known.sum() - total) > tolerance(known, total):
                note = request.ask(
                    f"`{name}` is called a total, but the periods beside it do not add up to it.",
                    found=f"row {row:,}: they make {known.sum():,.12g}, it says {total:,.12g}",
                    remedy="Correct the file, or leave the column out with `totals: leave_out`.",
                    proposal=f"`{name}` was left out.",
                    settles={"totals": "leave_out"},
                )
                notes.append(note)
                break
        else:
            notes.append(f"`{name}` beside the periods is the sum of each row: it was left out.")
    return {place: name for place, name in beside.items() if place not in named}


def _set_aside(
    cells: pd.DataFrame,
    labels: dict[int, str],
    measure: int | None,
    request: Request,
    notes: list[str],
) -> None:
    """Take away what says more about a measure (its target, its owner), where each has one row."""
    if measure is None or cells[measure].duplicated().any():
        return
    kept = {*request.columns.values(), *request.conditions, *UNIT_NAMES}
    gone = {
        place: name
        for place, name in labels.items()
        if place != measure and name not in kept and not _UNIT.search(name)
    }
    if gone:
        notes.append(f"Columns that say more about a row were not read: {listed(gone.values())}.")
    for place in gone:
        del labels[place]


def _unit_names(
    labels: Mapping[int, str], units: Sequence[int], request: Request, notes: list[str]
) -> dict[int, str]:
    """Our names for columns that say whose figures a row holds, where nobody gave them any."""
    kept = {*request.columns.values(), *request.conditions}
    names: dict[int, str] = {}
    for place in units:
        name = labels[place]
        if name in kept or name in UNIT_NAMES:
            continue
        if name.casefold() in UNIT_NAMES:
            names[place] = name.casefold()
        elif "unit" not in {*names.values(), *labels.values()} and (
            _UNIT.search(name) or request.rows_are == "units"
        ):
            names[place] = "unit"
    notes += [f"`{labels[place]}` is called `{name}`." for place, name in names.items()]
    return names


def _measure_column(
    cells: pd.DataFrame,
    labels: Mapping[int, str],
    request: Request,
    notes: list[str],
    *,
    proposed: RowsAre,
) -> int | None:
    """The column whose words are names of measures; None if rows are units.

    `proposed`: what rows are where neither a heading nor anybody says it.
    """
    if not labels:
        return None
    headings = set(request.columns.values())
    words_of = {place: {tidy_heading(cell) for cell in cells[place]} for place in labels}
    if request.rows_are == "units":
        return None
    for place in labels:
        if words_of[place] & headings:
            return place
    named = [place for place, name in labels.items() if _MEASURE.fullmatch(name)]
    if named:
        return named[-1]
    units = [place for place, name in labels.items() if name in UNIT_NAMES or _UNIT.search(name)]
    open_ones = [
        place
        for place, name in labels.items()
        if name not in headings
        and place not in units
        and common_type(cells[place]) == "text"
        and not any(_names_it(cells, place, unit) for unit in units)
    ]
    if request.rows_are == "measures":
        return (open_ones or list(labels))[-1]
    if not open_ones:
        return None
    if len(cells) == 1:
        return open_ones[-1]
    place = open_ones[-1]
    words = listed(list(dict.fromkeys(tidy_heading(cell) for cell in cells[place])), 5)
    note = request.ask(
        f"The rows under `{labels[place]}` may be measures or units (wards, teams).",
        found=words,
        remedy="Say which: `rows_are: measures` or `rows_are: units`.",
        proposal="Each row was taken as a measure of its own."
        if proposed == "measures"
        else "Each row was taken as a unit: one of them is the sum of the others.",
        settles={"rows_are": proposed},
    )
    notes.append(note)
    return place if proposed == "measures" else None


def _one_is_the_sum(cells: pd.DataFrame, period_columns: Sequence[PeriodColumn]) -> bool:
    """Whether the figures of one row are the sum of all others in every column of periods.

    Measures do not add up to one another; wards and areas do.
    """
    places = [column.place for column in period_columns]
    figures = cells[places].map(plain_number).astype(float).to_numpy()
    if len(figures) < _FEWEST_PARTS + 1 or not np.isfinite(figures).all():
        return False
    agrees = np.isclose(2 * figures, figures.sum(axis=0)).all(axis=1)
    return bool((agrees & (figures > 0).any(axis=1)).any())


def _names_it(cells: pd.DataFrame, place: int, unit: int) -> bool:
    """Whether a column is another name of units, of which there are several: one for each code."""
    pairs = cells[[unit, place]].drop_duplicates()
    return len(pairs) > 1 and pairs[unit].is_unique and pairs[place].is_unique


def _twice(name: str, period: Cell, where: str) -> DataError:
    return DataError(
        f"Two rows give `{name}` for one period.",
        found=f"period `{as_text(period)}`",
        remedy="Say with `rows_are: units` that rows are wards or teams, keep some rows with "
        "`where`, or give each row its own name.",
        where=where,
    )
