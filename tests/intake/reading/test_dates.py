"""Dates: Excel's numbers for days, and days and months that Excel swapped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column
from qieval.intake.reading.values.dates import dates, serial_day
from qieval.intake.tables import KINDS

REQUEST = Request(KINDS["series"], where="x")


def column(*cells: object) -> Column:
    frame = pd.Series(list(cells), dtype=object, name="seen")
    return Column.of(frame.set_axis(range(2, len(cells) + 2)), "seen", may_show=True)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_has_its_number(day: dt.date) -> None:
    # Excel counts 1 January 1900 as 1 and has a 29 February 1900; 1904 counts from 0.
    number = (day - dt.date(1900, 1, 1)).days + 2
    for cell in (number, float(number), number + 0.75, str(number)):
        read = dates(column(cell), REQUEST)
        assert read.column.tolist() == [pd.Timestamp(day)]
        assert "counted from 1900" in read.notes[-1]
    since_1904 = (day - dt.date(1904, 1, 1)).days
    if since_1904 >= 16_801:
        read = dates(column(since_1904), replace(REQUEST, day_zero=1904))
        assert read.column.tolist() == [pd.Timestamp(day)]


def test_published_numbers_of_days() -> None:
    """Microsoft: "January 1, 2008 is serial number 39448"; July 5, 2011 is 40729 (or 39267)."""
    assert serial_day(39448) == dt.datetime(2008, 1, 1)
    assert serial_day(40729) == dt.datetime(2011, 7, 5)
    assert serial_day(39267, 1904) == dt.datetime(2011, 7, 5)


@pytest.mark.parametrize("cell", [7, 2024, 18_000, 73_051, 99_999, "1e4", "20240101", -43831])
def test_other_numbers_are_no_days(cell: object) -> None:
    assert serial_day(cell) is None


def swapped() -> list[object]:
    real = [dt.datetime(2024, month, 3) for month in (1, 2, 5, 9)]
    return [*real, "13/04/2024", "25/12/2024", "31/01/2024"]


def test_days_and_months_that_excel_swapped_are_told() -> None:
    request = replace(REQUEST, questions=[])
    loose = dates(column(*swapped()), request)
    asked = [question.problem for question in request.questions]
    assert len(asked) == 1
    assert "Excel seems to have swapped days and months in `seen`" in asked[0]
    assert loose.faults == []
    assert any("Excel seems to have swapped" in note for note in loose.notes)


def test_one_date_that_excel_would_have_swapped_shows_that_it_did_not() -> None:
    cells = [*swapped(), dt.datetime(2024, 3, 29)]
    assert dates(column(*cells), REQUEST).faults == []
    cells = [*swapped(), "03/04/2024"]
    assert dates(column(*cells), REQUEST).faults == []
