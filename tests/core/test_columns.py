"""Columns of dates: local days are kept, several time zones are refused by name."""

import pandas as pd
import pytest

from qieval.core import columns
from qieval.core.errors import DataError

SUMMER = pd.date_range("2024-06-01", periods=3, freq="D")


@pytest.mark.parametrize(
    "given",
    [
        SUMMER.tz_localize("Europe/London"),
        SUMMER.tz_localize("Pacific/Auckland"),
        list(SUMMER.tz_localize("Europe/London")),
        [f"{day:%Y-%m-%d}T00:00:00+01:00" for day in SUMMER],
        [f"{day:%Y-%m-%d} 00:00Z" for day in SUMMER],
        [f"{day:%Y-%m-%d}" for day in SUMMER],
        SUMMER.to_period("D"),
    ],
)
def test_dates_keep_their_local_day(given):
    assert columns.dates(pd.Series(given), "period").tolist() == list(SUMMER)


def test_the_day_of_a_parameter_is_the_local_one_too():
    given = pd.Timestamp("2024-06-01", tz="Europe/London")
    assert columns.moment(given, "intervention") == SUMMER[0]


@pytest.mark.parametrize(
    ("given", "zones"),
    [
        ([SUMMER[0].tz_localize("Europe/London"), SUMMER[1].tz_localize("Asia/Tokyo")],
         ["Europe/London", "Asia/Tokyo"]),
        ([SUMMER[0].tz_localize("Europe/London"), SUMMER[1]], ["Europe/London", "no time zone"]),
        (["2024-03-30T00:00:00+00:00", "2024-03-31T00:00:00+01:00"], ["UTC", "UTC+01:00"]),
    ],
)  # fmt: skip
def test_several_time_zones_are_refused_by_name(given, zones):
    with pytest.raises(DataError, match="several time zones") as error:
        columns.dates(pd.Series(given, dtype=object), "period")
    assert all(zone in str(error.value.found) for zone in zones)


@pytest.mark.parametrize("read", [columns.numbers, columns.dates])
def test_what_does_not_fit_is_not_repeated(read):
    with pytest.raises(DataError, match="does not hold") as error:
        read(pd.Series(["Featherby", None, "Featherby"]), "x")
    assert "Featherby" not in str(error.value)
