"""Requests and referrals: medians, shares and the months after the merger are those built in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from simulation.waits import BECOMES, CLINIC, HUB, HUB_BEGAN, MERGED, phase

END = pd.Timestamp("2020-01-01")


@pytest.fixture
def waits(table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    told = table("waits")
    for name in ("referred", "started", "closed"):
        told[name] = pd.to_datetime(told[name], format="ISO8601")
    return told


@pytest.fixture
def beds(waits: pd.DataFrame) -> pd.DataFrame:
    own = waits[waits["project"] == HUB]
    hours = (own["started"] - own["referred"]).dt.total_seconds() / 3600
    return own.assign(hours=hours, phase=own["referred"].dt.date.map(phase))


@pytest.mark.parametrize("when", ["before", "after", "merger"])
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_median_hours_to_a_bed(
    beds: pd.DataFrame, projects: dict[str, Any], when: str, where: str
) -> None:
    said = projects[HUB]["waits"]
    hours = beds.loc[(beds["phase"] == when) & (beds["outcome"] == where), "hours"]
    # The median of a normal logarithm has a standard error of about 1.25 sd / root n.
    error = 1.25 * said["sd_of_log_hours"] / math.sqrt(len(hours))
    truth = said["median_hours_to_a_bed"][when][where]
    assert abs(math.log(hours.median() / truth)) < 3 * error


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_becomes_of_requests(beds: pd.DataFrame, when: str) -> None:
    before = beds["referred"] < pd.Timestamp(HUB_BEGAN)
    own = beds[before == (when == "before")]
    for outcome, share in BECOMES[when].items():
        found = (own["outcome"] == outcome).mean()
        assert abs(found - share) < 3 * math.sqrt(share * (1 - share) / len(own)), outcome


def test_the_hubs_are_one_from_the_merger_on(beds: pd.DataFrame) -> None:
    merged = beds["referred"] >= pd.Timestamp(MERGED)
    assert set(beds.loc[merged, "team"]) == {"Joint hub"}
    assert set(beds.loc[~merged, "team"]) == {"North hub", "South hub"}


def test_evenings_are_busiest(beds: pd.DataFrame) -> None:
    by_hour = beds["referred"].dt.hour.value_counts()
    assert by_hour.reindex(range(15, 21)).sum() > 3 * by_hour.reindex(range(6)).sum()


def test_far_away_is_far(beds: pd.DataFrame) -> None:
    far = pd.to_numeric(beds["distance_km"]).groupby(beds["outcome"])
    assert far.max()["here"] < far.min()["elsewhere"]
    assert far.count()[["refused", "withdrawn"]].sum() == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_median_days_to_an_appointment_with_those_who_still_wait(
    waits: pd.DataFrame, projects: dict[str, Any], when: str
) -> None:
    """Kaplan-Meier, with those who gave up, were refused or still wait censored."""
    said = projects[CLINIC]["waits"]
    own = waits[waits["project"] == CLINIC]
    own = own[(own["referred"] < pd.Timestamp(said["began"])) == (when == "before")]
    until = own["started"].fillna(own["closed"]).fillna(END)
    days = (until - own["referred"]).dt.days
    low, high = SurvfuncRight(days, own["started"].notna()).quantile_ci(
        0.5, alpha=0.01, method="linear"
    )
    assert low <= said["median_days"][when] <= high


def test_some_still_wait_and_nothing_starts_after_the_extract(waits: pd.DataFrame) -> None:
    own = waits[waits["project"] == CLINIC]
    assert ((own["outcome"] == "") & own["started"].isna() & own["closed"].isna()).sum() > 20
    assert waits[["referred", "started", "closed"]].max().max() < END
