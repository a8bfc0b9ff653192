"""Calendar periods."""

import numpy as np
import pandas as pd
import pytest

from qieval.core import periods
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
    ],
)
def test_the_kind_of_period_is_read_from_the_spacing(dates, every):
    assert periods.infer_frequency(dates) == every


def test_uneven_dates_are_refused():
    with pytest.raises(DataError, match="not evenly spaced"):
        periods.infer_frequency(days("2020-01-01", "2020-01-18", "2020-03-04", "2020-03-30"))
    with pytest.raises(DataError, match="two different dates"):
        periods.infer_frequency(days("2020-01-01"))


def test_an_unknown_kind_of_period_lists_those_known():
    with pytest.raises(ParameterError, match="`financial_year`"):
        periods.start_of(days("2020-01-01"), "fortnight")


@pytest.mark.parametrize(
    ("every", "text"),
    [
        ("month", "April 2019"),
        ("quarter", "April to June 2019"),
        ("financial_year", "2019/20"),
        ("year", "2019"),
        ("day", "1 April 2019"),
        ("week", "the week from 1 April 2019"),
    ],
)
def test_labels(every, text):
    assert periods.label(pd.Timestamp("2019-04-01"), every) == text


def test_shift_and_span():
    assert periods.shift(pd.Timestamp("2020-01-15"), 2, "month") == pd.Timestamp("2020-03-01")
    span = periods.span(pd.Timestamp("2020-01-15"), pd.Timestamp("2020-04-02"), "month")
    assert len(span) == 4
