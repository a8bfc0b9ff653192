"""Any evenly meant calendar: the points of every analysis stand one beside the other, none missing.

The calendars themselves are tested in tests/core/test_periods.py; here, that each evaluation with a
column of periods takes them from there.
"""

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.core.bank_holidays import bank_holidays
from qieval.core.checks import check_of

N, AT = 60, 30


def dates(freq: str) -> pd.DatetimeIndex:
    if freq == "working days":
        days = pd.date_range("2024-02-01", periods=N + 4, freq="B")
        return days[[day.date() not in bank_holidays("England") for day in days]][:N]
    return pd.date_range("1995-02-01", periods=N, freq=freq)


def table(when: pd.DatetimeIndex, unit: str = "a") -> pd.DataFrame:
    y = 100 + np.random.default_rng(5).normal(0, 5, len(when)) - 30 * (np.arange(len(when)) >= AT)
    return pd.DataFrame({"period": when, "y": y, "unit": unit})


@pytest.mark.parametrize("zone", [None, "Europe/London"])
@pytest.mark.parametrize(
    "freq",
    ["h", "D", "working days", "W-WED", "14D", "28D", "WOM-1MON", "MS", "2MS", "QS-FEB", "6MS",
     "YS-SEP"],
)  # fmt: skip
def test_every_point_has_its_neighbour(freq, zone):
    when = dates(freq).tz_localize(zone)
    data = table(when)
    own = qi.interrupted_time_series(data, value="y", intervention=when[AT], season=None)
    assert (own.points["phase"] == "before").sum() == AT
    assert check_of(own.checks, "missing_periods").status == "pass"
    chart = qi.control_chart(data, kind="i", value="y", exclude={when[3]: "typing error"})
    assert np.flatnonzero(chart.points["excluded"]).tolist() == [3]
    runs = qi.run_chart(data, value="y", rephase=when[AT])
    assert len(chart.points) == len(runs.points) == N
    both = qi.interrupted_time_series_panel(
        pd.concat([data, table(when, "b")]), unit="unit", value="y", intervention=when[AT],
        season=None,
    )  # fmt: skip
    effect = own.estimates.loc["average_effect", "estimate"]
    assert both.loc[("b", "average_effect"), "estimate"] == pytest.approx(effect)
    if not freq.startswith(("WOM", "h", "B")) and zone is None:
        assert (own.points["time"] == when.to_numpy()).all()


@pytest.mark.parametrize(
    ("freq", "word"), [("2MS", "two-month period"), ("14D", "fortnight"), ("W-WED", "week")]
)
def test_power_counts_in_the_same_periods(freq, word):
    found = qi.its_power(
        table(dates(freq)), value="y", intervention=dates(freq)[AT], after=[12], simulations=100
    )
    assert found.before == AT
    assert f"{AT} {word}s before" in found.headline()


def test_a_day_in_summer_is_the_local_day():
    """Cases spc/02, spc/03 and its/06: midnight in London is the day before in Greenwich."""
    when = pd.date_range("2024-06-01", periods=20, freq="D", tz="Europe/London")
    values = [5, 6, 4, 7, 5, 6, 4, 5, 6, 7, 5, 4, 6, 5, 7, 4, 5, 6, 5, 90]
    data = pd.DataFrame({"period": when, "y": values})
    chart = qi.control_chart(data, kind="i", value="y", exclude={"2024-06-20": "typing error"})
    assert chart.points["time"].iloc[0] == pd.Timestamp("2024-06-01")
    assert chart.points.loc[chart.points["excluded"], "value"].tolist() == [90]
