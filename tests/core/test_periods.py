"""Calendar periods."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core import periods
from qieval.core.bank_holidays import bank_holidays
from qieval.core.errors import DataError, ParameterError


def days(*texts):
    return pd.DatetimeIndex(texts)


@pytest.mark.parametrize(
    ("every", "day", "start", "length"),
    [
        ("day", "2024-02-29", "2024-02-29", 1),
        ("week", "2024-03-03", "2024-02-26", 7),
        ("month", "2024-02-29", "2024-02-01", 29),
        ("quarter", "2024-02-29", "2024-01-01", 91),
        ("year", "2024-02-29", "2024-01-01", 366),
        ("financial_year", "2024-02-29", "2023-04-01", 366),
        ("financial_year", "2024-04-01", "2024-04-01", 365),
    ],
)
def test_start_and_length(every, day, start, length):
    assert periods.start_of(days(day), every)[0] == pd.Timestamp(start)
    assert periods.days_in(days(day), every)[0] == length


def test_numbers_are_calendar_distances():
    found = periods.number_of(days("2020-01-01", "2020-02-01", "2020-05-01"), "month")
    assert np.diff(found).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("dates", "every"),
    [
        (pd.date_range("2020-01-01", periods=5, freq="MS"), "month"),
        (pd.date_range("2020-01-31", periods=5, freq="ME"), "month"),
        (pd.date_range("2020-01-01", periods=8, freq="QS"), "quarter"),
        (pd.date_range("2020-04-01", periods=3, freq="YS-APR"), "financial_year"),
        (pd.date_range("2020-01-01", periods=3, freq="YS"), "year"),
        (pd.date_range("2020-01-06", periods=9, freq="7D"), "week"),
        (pd.date_range("2020-01-01", periods=40, freq="D"), "day"),
        (days("2020-01-01", "2020-02-01", "2020-05-01"), "month"),
        (days("2020-01-01", "2020-03-01"), "month"),
        (pd.date_range("2024-01-01", periods=30, freq="h"), "hour"),
        (pd.date_range("2024-01-01 07:00", periods=30, freq="8h"), "8_hours from 2024-01-01T07"),
        (pd.date_range("2024-01-03", periods=6, freq="W-WED"), "week from Wednesday"),
        (pd.date_range("2024-01-07", periods=6, freq="W-SUN"), "week from Sunday"),
        (pd.date_range("2024-01-03", periods=20, freq="14D"), "fortnight from 2024-01-03"),
        (pd.date_range("2024-01-03", periods=20, freq="28D"), "four_weeks from 2024-01-03"),
        (pd.date_range("2020-01-31", periods=12, freq="28D"), "four_weeks from 2020-01-31"),
        (pd.date_range("2024-01-03", periods=9, freq="10D"), "10_days from 2024-01-03"),
        (pd.date_range("2018-04-01", periods=48, freq="WOM-1MON"), "month"),
        (pd.date_range("2018-04-01", periods=12, freq="WOM-3WED"), "month"),
        (pd.date_range("2018-04-01", periods=12, freq="LWOM-FRI"), "month"),
        (pd.date_range("2018-04-01", periods=12, freq="BMS"), "month"),
        (pd.date_range("2018-04-01", periods=12, freq="BME"), "month"),
        (pd.date_range("2020-01-01", periods=8, freq="2MS"), "two_months"),
        (pd.date_range("2020-02-01", periods=8, freq="2MS"), "two_months from February"),
        (pd.date_range("2020-02-01", periods=8, freq="QS-FEB"), "quarter from February"),
        (pd.date_range("2020-02-01", periods=8, freq="QE-DEC"), "quarter"),
        (pd.date_range("2020-01-15", periods=8, freq="91D"), "91_days from 2020-01-15"),
        (pd.date_range("2020-04-01", periods=8, freq="4MS"), "four_months from April"),
        (pd.date_range("2020-01-01", periods=8, freq="6MS"), "half_year"),
        (pd.date_range("2020-04-01", periods=8, freq="6MS"), "half_year from April"),
        (pd.date_range("2020-09-01", periods=8, freq="YS-SEP"), "year from September"),
        (pd.date_range("2016-03-31", periods=4, freq="YE-MAR"), "financial_year"),
        (pd.date_range("2016-12-31", periods=4, freq="YE-DEC"), "year"),
    ],
)
def test_the_kind_of_period_is_read_from_the_spacing(dates, every):
    assert periods.infer_frequency(dates) == every
    if len(dates) > 2:
        assert np.diff(periods.number_of(dates, every)).min() == 1
    # A point left out is a gap, and turns the calendar into no other.
    if len(dates) > 8:
        assert periods.infer_frequency(dates.delete(4)) == every
        assert len(periods.span(dates[0], dates[-1], every)) == len(dates)


def test_weekends_and_bank_holidays_are_no_gaps_between_working_days():
    weekdays = pd.date_range("2024-03-01", "2024-06-28", freq="B")
    england = [*days("2024-03-29", "2024-04-01", "2024-05-06", "2024-05-27")]
    every = periods.infer_frequency(weekdays.drop(england))
    assert every == "working_day in England"
    assert len(periods.span(weekdays[0], weekdays[-1], every)) == len(weekdays) - 4
    # A working day without a value is one; a Saturday's doings count to Monday.
    shut = weekdays.drop([*england, pd.Timestamp("2024-04-16")])
    assert periods.infer_frequency(shut) == every
    assert np.diff(periods.number_of(shut, every)).max() == 2
    assert periods.start_of(days("2024-04-13", "2024-03-29"), every).equals(
        days("2024-04-15", "2024-04-02")
    )
    scotland = weekdays.drop([*days("2024-03-29", "2024-05-06", "2024-05-27")])
    assert periods.infer_frequency(scotland) == "working_day in Scotland"
    # Whoever works through bank holidays misses one that has no value.
    assert periods.infer_frequency(weekdays) == "working_day"


def test_a_bank_holiday_that_was_worked_is_a_day_of_the_calendar():
    weekdays = pd.date_range("2022-08-01", "2023-06-30", freq="B")
    closed = [day for day in bank_holidays("England") if pd.Timestamp(day) in weekdays]
    funeral = pd.Timestamp("2022-09-19")
    worked = weekdays.drop([pd.Timestamp(day) for day in closed if pd.Timestamp(day) != funeral])
    every = periods.infer_frequency(worked)
    assert every == "working_day in England with 2022-09-19"
    assert periods.start_of(worked, every).equals(worked.as_unit("us"))
    assert len(periods.span(worked[0], worked[-1], every)) == len(worked)


def test_bank_holidays_are_those_published():
    """gov.uk/bank-holidays, England and Wales 2022, Scotland 2024, Northern Ireland 2024."""

    def of(nation, year):
        return sorted(f"{day:%d%m}" for day in bank_holidays(nation) if day.year == year)

    assert of("England", 2022) == sorted(
        ["0301", "1504", "1804", "0205", "0206", "0306", "2908", "1909", "2612", "2712"]
    )
    assert of("Scotland", 2024) == sorted(
        ["0101", "0201", "2903", "0605", "2705", "0508", "0212", "2512", "2612"]
    )
    assert of("Northern Ireland", 2024) == sorted(
        ["0101", "1803", "2903", "0104", "0605", "2705", "1207", "2608", "2512", "2612"]
    )
    assert of("Scotland", 2022) == sorted(
        ["0301", "0401", "1504", "0205", "0206", "0306", "0108", "1909", "3011", "2612", "2712"]
    )


@given(
    every=st.sampled_from(
        ["hour", "6_hours from 2024-01-01T07", "day", "working_day", "working_day in Scotland",
         "week", "week from Friday", "fortnight from 2024-01-03", "10_days from 2024-01-03",
         "month", "two_months from February", "quarter", "quarter from March", "half_year",
         "year", "year from September", "financial_year"]
    ),
    moment=st.datetimes(pd.Timestamp("1996-01-01"), pd.Timestamp("2050-01-01")),
    by=st.integers(-40, 40),
)  # fmt: skip
def test_every_calendar_counts_its_periods_one_by_one(every, moment, by):
    start = periods.start_of(pd.DatetimeIndex([moment]), every)[0]
    moved = periods.shift(start, by, every)
    numbers = periods.number_of(pd.DatetimeIndex([moment, start, moved]), every)
    assert numbers[0] == numbers[1] == numbers[2] - by
    assert len(periods.span(start, moved, every)) == max(0, by + 1)
    if "working" not in every:  # a Sunday counts to Monday
        assert start <= moment < periods.shift(start, 1, every)


def test_uneven_dates_are_refused():
    with pytest.raises(DataError, match="not evenly spaced"):
        periods.infer_frequency(days("2020-01-01", "2020-01-18", "2020-03-04", "2020-03-30"))
    with pytest.raises(DataError, match="two different dates"):
        periods.infer_frequency(days("2020-01-01"))
    with pytest.raises(DataError, match="they follow no hours"):
        periods.infer_frequency(pd.date_range("2024-01-01", periods=9, freq="20min"))


def test_an_unknown_kind_of_period_lists_those_known():
    with pytest.raises(ParameterError, match="`financial_year`"):
        periods.start_of(days("2020-01-01"), "decade")


@pytest.mark.parametrize(
    ("every", "text"),
    [
        ("month", "April 2019"),
        ("quarter", "April to June 2019"),
        ("financial_year", "2019/20"),
        ("year", "2019"),
        ("day", "1 April 2019"),
        ("week", "the week from 1 April 2019"),
        ("week from Monday", "the week from 1 April 2019"),
        ("hour", "1 April 2019, 00:00"),
        ("working_day in England", "1 April 2019"),
        ("fortnight from 2019-04-01", "the two weeks from 1 April 2019"),
        ("10_days from 2019-04-01", "the 10 days from 1 April 2019"),
        ("two_months", "April to May 2019"),
        ("half_year from April", "April to September 2019"),
        ("year from April", "the year from April 2019"),
        ("event", "1 April 2019"),
    ],
)
def test_labels(every, text):
    assert periods.label(pd.Timestamp("2019-04-01"), every) == text


@pytest.mark.parametrize(
    ("every", "one", "many"),
    [
        ("working_day in England", "working day", "working days"),
        ("four_weeks from 2024-01-03", "four-week period", "four-week periods"),
        ("10_days from 2024-01-03", "10-day period", "10-day periods"),
        ("half_year", "half-year", "half-years"),
    ],
)
def test_nouns(every, one, many):
    assert (periods.noun(every), periods.noun(every, 2)) == (one, many)


def test_shift_and_span():
    assert periods.shift(pd.Timestamp("2020-01-15"), 2, "month") == pd.Timestamp("2020-03-01")
    span = periods.span(pd.Timestamp("2020-01-15"), pd.Timestamp("2020-04-02"), "month")
    assert len(span) == 4
