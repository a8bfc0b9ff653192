"""Every way to write a period: written by Python's own calendar, read back the same."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.intake.reading.values.period_kinds import period_at, week_of, worded
from qieval.intake.reading.values.period_spellings import Quarters, period_of, spelt, whole_period

YEARS = st.integers(1990, 2068)
MONTHS = st.builds(lambda year, month: dt.date(year, month, 1), YEARS, st.integers(1, 12))


def financial(start: int, digits: int = 2) -> str:
    second = start + 1
    return f"{start}/{second}" if digits == 4 else f"{start}/{second % 100:02d}"


@given(MONTHS)
def test_months(first: dt.date) -> None:
    begins = first.year - (first.month < 4)
    texts = [
        f"{first:%Y%m}", f"{first:%Y-%m}", f"{first:%Y/%m}", f"{first:%Y.%m}", f"{first:%YM%m}",
        f"{first:%Y_%m}", f"{first:%m/%Y}", f"{first.month}-{first.year}", f"{first:%b %Y}",
        f"{first:%B %Y}", f"{first:%B, %Y}", f"{first:%b-%Y}", f"{first:%Y %b}", f"{first:%Y-%b}",
        f"{first:%B} {financial(begins)}", f"{financial(begins)} {first:%b}",
    ]  # fmt: skip
    if first.year >= 2000:
        texts += [f"{first:%b-%y}", f"{first:%b %y}", f"{first:%b '%y}", f"{first:%b/%y}"]
    for text in (*texts, int(f"{first:%Y%m}"), float(f"{first:%Y%m}")):
        read = spelt(text.upper() if isinstance(text, str) else text)
        assert read is not None, text
        months = [reading.first_day for reading in read.readings if reading.every == "month"]
        assert months == [first], text
        # 2011-12 may be a financial year as well; nothing else may.
        assert read.sure or first.month == (first.year + 1) % 100, text


@given(YEARS, st.integers(1, 4))
def test_financial_quarters(year: int, number: int) -> None:
    first = dt.date(year + (number == 4), (3 * number) % 12 + 1, 1)
    short = f"{year % 100:02d}/{(year + 1) % 100:02d}"
    last = dt.date(first.year, first.month + 2, 1)
    for text in (
        f"Q{number} {financial(year)}", f"{financial(year)} Q{number}", f"Q{number} {short}",
        f"{year}-{(year + 1) % 100:02d} Quarter {number}", f"Q{number}-{year}-{year + 1}",
        f"q{number} FY{financial(year)}", f"Qtr {number}, {financial(year, 4)}",
        f"{first:%b}-{last:%b} {first.year}", f"{first:%B} to {last:%B %Y}",
        f"{first:%b %Y} - {last:%b %Y}", f"{first:%b}-{last:%b} {financial(year)}",
    ):  # fmt: skip
        read = spelt(text)
        assert read is not None, text
        assert read.sure, text
        assert (read.first_day, read.every) == (first, "quarter"), text


@given(YEARS, st.integers(1, 4), st.sampled_from(["calendar", "financial"]))
def test_quarters_of_a_plain_year_have_two_readings(
    year: int, number: int, meant: Quarters
) -> None:
    calendar_first = dt.date(year, 3 * number - 2, 1)
    financial_first = dt.date(year + (number == 4), (3 * number) % 12 + 1, 1)
    for text in (f"{year}Q{number}", f"{year} Q{number}", f"Q{number} {year}", f"{number}"):
        read = spelt(text)
        if text == f"{number}":
            assert read is None
            continue
        assert read is not None
        assert not read.sure
        assert [one.first_day for one in read.readings] == [calendar_first, financial_first]
        settled = period_of(text, quarters=meant)
        assert settled is not None
        assert settled.sure
        assert settled.first_day == (calendar_first if meant == "calendar" else financial_first)


@given(st.integers(2013, 2068))
def test_financial_years(year: int) -> None:
    second = (year + 1) % 100
    for text in (
        f"{year}/{second:02d}", f"{year}-{second:02d}", f"{year}–{second:02d}",
        f"{year}/{year + 1}", f"FY{year}/{second:02d}", f"FY {year % 100}/{second:02d}",
        f"{year}{second:02d}",
        f"Apr {year} - Mar {year + 1}", f"April {year} to March {year + 1}",
    ):  # fmt: skip
        read = spelt(text)
        assert read is not None, text
        assert read.sure, text
        assert (read.first_day, read.every) == (dt.date(year, 4, 1), "financial_year"), text
    plain = spelt(f"{year}")
    assert plain is not None
    assert (plain.first_day, plain.every, plain.sure) == (dt.date(year, 1, 1), "year", True)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 31)))
def test_iso_weeks(day: dt.date) -> None:
    monday = day - dt.timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    for text in (f"{year}-W{week:02d}", f"{year}W{week:02d}", f"W{week:02d} {year}"):
        read = spelt(text)
        assert read is not None
        assert (read.first_day, read.every) == (monday, "week")


@pytest.mark.parametrize(
    "text",
    ["16-Jul", "FY2019", "7", "31/07/2016", "2016-07-01", 2016.1, "2016.1",
     "2016 Q5", "", None, "3 Q", "Jul", "18-19", "05/17"],
)  # fmt: skip
def test_what_is_no_period(text: object) -> None:
    assert spelt(text) is None


@pytest.mark.parametrize("text", ["2016-13", "201600", "2018/20", "Q1 2018/20", "W53 2024"])
def test_what_would_be_a_period_if_there_were_such(text: str) -> None:
    read = spelt(text)
    assert read is not None
    assert read.readings == ()
    assert period_of(text) is None


@pytest.mark.parametrize(
    ("text", "first", "every", "before", "after"),
    [
        ("SMI-Q1-2019-2020", dt.date(2019, 4, 1), "quarter", "SMI-", ""),
        ("Beds_2023-24_Q1_v2.xlsx", dt.date(2023, 4, 1), "quarter", "Beds_", "_v2.xlsx"),
        ("MHSDS data Apr 2021 (final)", dt.date(2021, 4, 1), "month", "MHSDS data ", " (final)"),
        ("ward 3, 2019/20", dt.date(2019, 4, 1), "financial_year", "ward 3, ", ""),
    ],
)
def test_a_period_among_words(
    text: str, first: dt.date, every: str, before: str, after: str
) -> None:
    found = period_of(text, anywhere=True)
    assert found is not None
    assert (found.first_day, found.every) == (first, every)
    assert (found.before, found.after) == (before, after)


@pytest.mark.parametrize(
    "text",
    ["2024-04-01", "extract 31.01.2024", "Apr 2020 and May 2020", "Week 7 2024", "H3 2019",
     "ref 12019", "x201607y"],
)  # fmt: skip
def test_dates_and_several_periods_are_none(text: str) -> None:
    assert period_of(text, anywhere=True) is None


def test_dates_as_headings() -> None:
    for day in (dt.date(2024, 2, 1), dt.datetime(2024, 2, 29)):
        found = period_of(day)
        assert found is not None
        assert (found.first_day, found.every) == (dt.date(2024, 2, 1), "month")
    assert period_of(dt.date(2024, 2, 14)) is None


@given(MONTHS)
def test_whole_periods(first: dt.date) -> None:
    last = dt.date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])
    assert [reading.every for reading in whole_period(first, last)] == ["month"]
    assert whole_period(first, last - dt.timedelta(days=1)) == ()


@pytest.mark.parametrize(
    ("text", "day", "first", "every"),
    [
        ("w/c 06/05/2024", dt.date(2024, 5, 6), dt.date(2024, 5, 6), "week"),
        ("W/C: 05/05/2024", dt.date(2024, 5, 5), dt.date(2024, 5, 6), "week"),  # a Sunday
        ("Week commencing 6 May 2024", dt.date(2024, 5, 6), dt.date(2024, 5, 6), "week"),
        ("week ending 12/05/2024", dt.date(2024, 5, 12), dt.date(2024, 5, 6), "week"),
        ("w/e 10/05/2024", dt.date(2024, 5, 10), dt.date(2024, 5, 6), "week"),  # a Friday
        ("Month ending 31/01/2018", dt.date(2018, 1, 31), dt.date(2018, 1, 1), "month"),
        ("quarter to 30 June 2019", dt.date(2019, 6, 30), dt.date(2019, 4, 1), "quarter"),
        ("3 months to 31 March 2020", dt.date(2020, 3, 31), dt.date(2020, 1, 1), "quarter"),
        ("Year ending 31/03/2020", dt.date(2020, 3, 31), dt.date(2019, 4, 1), "financial_year"),
        ("12 months to 31/12/2020", dt.date(2020, 12, 31), dt.date(2020, 1, 1), "year"),
    ],
)
def test_words_before_a_date(text: str, day: dt.date, first: dt.date, every: str) -> None:
    words = worded(text)
    assert words is not None
    reading = period_at(day, words)
    assert not isinstance(reading, str)
    assert (reading.first_day, reading.every) == (first, every)


def test_years_that_end_in_june_are_no_years() -> None:
    words = worded("year ending June 2020")
    assert words is not None
    assert period_at(dt.date(2020, 6, 1), words) == (
        "is a year that ends in neither March nor December"
    )


@given(st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 1)))
def test_a_week_holds_most_of_the_days_meant(day: dt.date) -> None:
    for edge, days in (("first", range(7)), ("last", range(-6, 1))):
        monday = week_of(day, edge)  # type: ignore[arg-type]
        meant = {day + dt.timedelta(days=step) for step in days}
        assert monday.weekday() == 0
        assert len(meant & {monday + dt.timedelta(days=step) for step in range(7)}) >= 4
