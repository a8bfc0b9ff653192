"""Dates, periods and numbers, cell by cell."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.errors import DataError
from qieval.intake.reading.raw import as_text, tidy_cell
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column
from qieval.intake.reading.values.dates import dates
from qieval.intake.reading.values.numbers import look_like_numbers, numbers
from qieval.intake.reading.values.period_columns import periods
from qieval.intake.reading.values.period_kinds import settle
from qieval.intake.reading.values.suppression import SUPPRESSED, marks_of
from qieval.intake.tables import KINDS

REQUEST = Request(KINDS["series"], where="x")
NO_MARKS = replace(REQUEST, suppressed=())


def column(*cells: object) -> Column:
    tidy = pd.Series([tidy_cell(cell) for cell in cells], dtype=object, name="cells")
    return Column.of(tidy.set_axis(range(2, len(cells) + 2)), "cells", may_show=True)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-29", "2024/2/29", "2024.02.29", "20240229", 20240229.0, "29/02/2024", "29-02-2024",
        "29.2.24", "29 Feb 2024", "29-Feb-24", "29 February 2024", "29th Feb. 2024",
        "February 29, 2024", "2024-02-29 23:59:59", "2024-02-29T00:00:00.000Z", "29/02/2024 7:05",
        dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 23, 59), pd.Timestamp("2024-02-29"),
    ],
)  # fmt: skip
def test_a_date(cell: object) -> None:
    read = dates(column(cell), REQUEST)
    assert read.column.tolist() == [pd.Timestamp("2024-02-29")]
    assert read.column.dtype == "datetime64[us]"
    assert read.faults == []


@given(st.dates(dt.date(1900, 1, 1), dt.date(2299, 12, 31)))
def test_every_date_is_read_back(day: dt.date) -> None:
    for text in (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", day.isoformat()):
        assert dates(column(text), REQUEST).column.tolist() == [pd.Timestamp(day)]
    american = dates(column(f"{day:%m/%d/%Y}"), replace(REQUEST, dayfirst=False))
    assert american.column.tolist() == [pd.Timestamp(day)]


@given(st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), min_size=1, max_size=20))
def test_month_first_dates_are_never_read_day_first_unseen(days: list[dt.date]) -> None:
    """Reading American dates day first fails as soon as one of them can tell."""
    cells = column(*(f"{day:%m/%d/%Y}" for day in days))
    if any(day.day > 12 for day in days):
        with pytest.raises(DataError, match="only fit month first"):
            dates(cells, REQUEST)
    else:
        assert dates(cells, REQUEST).faults == []


@pytest.mark.parametrize(
    "cell",
    [
        "201607", 201607.0, 201607, "2016-07", "2016/7", "07/2016", "7-2016", "Jul 2016", "Jul 16",
        "July 2016", "Jul-16", "jul-2016", "JUL/16", "Jul '16", "2016 Jul", "2016-07-01",
        "01/07/2016", "31/07/2016", dt.date(2016, 7, 1), dt.datetime(2016, 7, 31),
    ],
)  # fmt: skip
def test_a_month(cell: object) -> None:
    read, spelt = periods(column(cell), REQUEST)
    first_days, every, _ = settle(read.column, spelt, replace(REQUEST, period="month"), "cells")
    assert first_days.tolist() == [pd.Timestamp("2016-07-01")]
    assert every == "month"


@pytest.mark.parametrize(
    "cell", ["16-Jul", "FY2016", 2016.1, "201600", "2016-13", "7", "Week 77 2024"]
)
def test_what_could_be_something_else_is_no_period_yet(cell: str) -> None:
    read, _ = periods(column(cell), REQUEST)
    assert len(read.faults) == 1


def test_the_kind_of_period_is_read_from_the_spacing() -> None:
    def kind(*cells: str) -> str:
        read, spelt = periods(column(*cells), REQUEST)
        return settle(read.column, spelt, REQUEST, "cells")[1]

    assert kind("01/01/2024", "01/02/2024", "01/05/2024") == "month"
    assert kind("31/01/2024", "29/02/2024", "31/03/2024") == "month"
    assert kind("2024-01-01", "2024-04-01", "2024-07-01") == "quarter"
    assert kind("2022-04-01", "2023-04-01") == "financial_year"
    assert kind("2024-01-01", "2024-01-08", "2024-01-15") == "week"
    assert kind("2024-01-01", "2024-01-02", "2024-01-03") == "day"


def test_month_ends_are_set_to_first_days_and_told() -> None:
    read, spelt = periods(column("31/01/2024", "29/02/2024"), REQUEST)
    first_days, _, notes = settle(read.column, spelt, REQUEST, "Month")
    assert first_days.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]
    assert "`Month`: 2 dates stand for the month in which they lie" in notes[0]


def test_uneven_dates_ask_for_the_kind_of_period() -> None:
    read, spelt = periods(column("2024-01-03", "2024-02-07", "2024-02-09"), REQUEST)
    with pytest.raises(DataError, match=r"(?s)cannot be told.*`period: month`"):
        settle(read.column, spelt, REQUEST, "cells")


def test_months_are_no_quarters() -> None:
    read, spelt = periods(column("201601", "201602"), REQUEST)
    with pytest.raises(DataError, match=r"(?s)does not hold quarters only.*`period: month`"):
        settle(read.column, spelt, replace(REQUEST, period="quarter"), "cells")


@given(
    st.one_of(
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_no_number_is_changed(number: float) -> None:
    for cell in (number, repr(number)):
        assert numbers(column(cell), NO_MARKS, named=True).column.tolist() == [number]


@given(st.integers(-(10**12), 10**12))
def test_thousands_commas(number: int) -> None:
    assert numbers(column(f"{number:,}"), NO_MARKS, named=True).column.tolist() == [number]


@pytest.mark.parametrize(
    ("cells", "are"),
    [
        (["1", "2", "x"], True),
        (["1", "x"], True),
        (["1", "x", "y"], False),
        (["1", "*", "*", "<5"], True),
        (["*", "<5"], True),  # withheld, with bounds: numbers all the same
        (["*", "-"], False),
        ([None, None], False),
        (["1", "007", "2"], False),
        (["0", "0.5", "10"], True),
        ([1.0, None, "NA"], True),
    ],
)
def test_at_least_half_make_a_number_column(cells: list[object], are: bool) -> None:
    assert look_like_numbers(column(*cells), marks_of(SUPPRESSED)) is are


def test_cells_as_text() -> None:
    cells = (5.0, 0.25, True, "00", dt.date(2024, 2, 29), dt.datetime(2024, 2, 29), None, "  ")
    texts = [as_text(tidy_cell(cell)) for cell in cells]
    assert texts == ["5", "0.25", "TRUE", "00", "2024-02-29", "2024-02-29", None, None]
