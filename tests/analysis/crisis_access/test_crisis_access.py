"""Access in a crisis: the truth of the example, outcomes, distances, demand, words, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.crisis_access import CrisisAccessResult
from qieval.analysis.crisis_access.methods.demand import demand_of, ratio, uneven
from qieval.core.checks import check_of, status_of
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import to_json
from qieval.core.workspace import shipped
from tests.analysis import house_rules

EXTRACT = "2024-03-31"
OUTCOMES = ("here", "elsewhere", "refused", "withdrawn")


def requests(people: int = 200, seed: int = 3, waiting: int = 2) -> pd.DataFrame:
    """Requests for a bed from October 2023 to March 2024, each with a time of day."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, 170 * 24 * 60, people))
    referred = pd.Timestamp("2023-10-01") + pd.to_timedelta(minutes, unit="min")
    outcome = rng.choice(OUTCOMES, people, p=[0.6, 0.2, 0.12, 0.08]).astype(object)
    outcome[:waiting] = None
    hours = pd.to_timedelta(np.round(60 * rng.lognormal(1.8, 0.6, people)), unit="min")
    got = pd.Series(outcome).isin(["here", "elsewhere"])
    gone = pd.Series(outcome).isin(["refused", "withdrawn"])
    return pd.DataFrame(
        {
            "person": [f"p{number}" for number in range(people)],
            "referred": referred,
            "started": pd.Series(referred + hours).where(got),
            "outcome": outcome,
            "closed": pd.Series((referred + pd.Timedelta("1D")).normalize()).where(gone),
            "team": rng.choice(["North", "South"], people),
            "distance_km": np.where(got, rng.integers(2, 200, people), np.nan),
        }
    )


def access(table: pd.DataFrame, **more) -> CrisisAccessResult:
    return qi.crisis_access(table, **({"target": 5, "extract_date": EXTRACT} | more))


# ---- known answers -----------------------------------------------------------------------------


def test_the_ratio_of_two_rates_as_published():
    """Rothman, Epidemiology: An Introduction (2002), table 9-2: cancer of the blind and the
    severely impaired, 0.46 with a 90% interval of 0.40 to 0.53."""
    found = ratio((1709, 127_650), (136, 22_050), 0.90)
    assert [round(end, 2) for end in found] == [0.46, 0.40, 0.53]


def test_the_change_of_a_share_as_published():
    """Newcombe 1998, Stat Med 17:873, table II: 56/70 less 48/80, 0.0524 to 0.3339."""
    day = pd.Timestamp("2024-01-01 10:00")
    rows = []
    for when, here, of in ((day, 48, 80), (day + pd.Timedelta("60D"), 56, 70)):
        for number in range(of):
            got = number < here
            rows.append(
                {
                    "referred": when,
                    "started": when + pd.Timedelta("3h") if got else pd.NaT,
                    "outcome": "here" if got else "refused",
                    "closed": pd.NaT if got else when.normalize(),
                }
            )
    found = access(pd.DataFrame(rows), intervention="2024-02-01").term("change: here")
    assert [round(100 * end, 2) for end in (found.low, found.high)] == [5.24, 33.39]


# ---- the truth of the example ------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub():
    table = pd.read_csv(shipped("data", "closing-the-gap", "waits.csv"))
    table = table[table["project"] == "crisis-bed-hub"]
    # The file holds dates, and dates with times.
    for name in ("referred", "started", "closed"):
        table[name] = pd.to_datetime(table[name], format="ISO8601")
    return table


@pytest.fixture(scope="module")
def told():
    text = shipped("data", "closing-the-gap", "TRUTH.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["projects"]["crisis-bed-hub"]["waits"]


def test_what_was_built_into_the_example_is_found_again(hub, told):
    """Without the two months after the merger, when waits were longer again."""
    first, last = (str(day) for day in told["merger"])
    quiet = hub[(hub["referred"] < first) | (hub["referred"] >= last)]
    found = access(quiet, extract_date="2019-12-31", intervention=told["began"])
    for name, group in zip(("before", "after"), found.groups, strict=True):
        for outcome in OUTCOMES:
            point = found.point(group, outcome)
            share = told["becomes_of_requests"][name][outcome]
            assert point["low"] < share < point["high"], (name, outcome)
        for where in ("here", "elsewhere"):
            hours = found.term(f"time_{where}: {group}")
            assert hours.low < told["median_hours_to_a_bed"][name][where] < hours.high
    change = found.term("change: elsewhere")
    truth = told["becomes_of_requests"]
    assert change.low < truth["after"]["elsewhere"] - truth["before"]["elsewhere"]
    assert change.high < 0


def test_the_busy_hours_of_the_example_are_found_again(hub, told):
    found = access(hub, extract_date="2019-12-31")
    busy = found.demand.groupby("from_hour")["rate"].mean().nlargest(2).index
    assert set(busy) == {15, 18}  # 17 to 19 lies in these blocks
    assert told["busiest_hours"] == "17 to 19"


# ---- what counts -------------------------------------------------------------------------------


def test_waits_and_target_are_those_of_qi_waits():
    table = requests()
    found = access(table)
    waits = qi.waits(table, target_days=5 / 24, clock="hours", extract_date=EXTRACT)
    for term in waits.estimates.index:
        assert found.term(term) == waits.term(term)


def test_the_outcomes_add_up_and_still_waiting_is_in_no_share():
    found = access(requests(waiting=7))
    rows = found.points[found.points["group"] == found.groups[0]]
    assert rows["requests"].sum() == rows["ended"].iloc[0] == 193
    assert rows["share"].sum() == pytest.approx(1)
    assert found.access.everybody["waiting"] == 7


def test_distance_is_of_people_sent_elsewhere():
    table = requests()
    far = table[table["outcome"] == "elsewhere"]["distance_km"]
    row = access(table).distances.iloc[0]
    assert row["total_km"] == far.sum()
    assert row["median_km"] == far.median()
    assert row["elsewhere"] == len(far)
    table.loc[far.index[0], "distance_km"] = np.nan
    assert status_of(access(table).checks, "distances") == "warn"
    assert access(table.drop(columns="distance_km")).distances.empty


def test_before_and_since_divide_the_days_of_the_window():
    table = requests()
    found = access(table, intervention="2024-01-01", count_from="2023-10-01")
    before = int((table["referred"] < "2024-01-01").sum())
    rate = found.term(f"requests_a_day: {found.groups[0]}")
    assert rate.value == pytest.approx(before / 92)
    since = found.term(f"requests_a_day: {found.groups[1]}")
    assert since.value == pytest.approx((len(table) - before) / 91)
    assert found.term("requests_ratio").value == pytest.approx(since.value / rate.value)


def test_teams_stand_beside_everybody():
    found = access(requests(), by="team")
    assert found.groups == ("All together", "North", "South")
    house_rules.check(found)
    rows = found.points[found.points["outcome"] == "here"].set_index("group")["requests"]
    assert rows["North"] + rows["South"] == rows["All together"]


def test_outcomes_are_mapped():
    table = requests()
    plain = access(table)
    table["outcome"] = table["outcome"].replace({"elsewhere": "OOA", "refused": "Declined"})
    found = access(table, outcomes={"ooa": "elsewhere", "declined": "refused"})
    pd.testing.assert_frame_equal(found.points, plain.points)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    table = requests(80)
    plain, mixed = access(table), access(table.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(mixed.estimates, plain.estimates)
    pd.testing.assert_frame_equal(mixed.demand, plain.demand)


# ---- by period, for a chart --------------------------------------------------------------------


def test_the_target_by_period_goes_to_a_control_chart():
    found = access(requests(400), intervention="2024-01-01")
    chart = qi.control_chart(found.by_period, kind="p", **found.for_chart)
    waits = found.access.periods
    assert found.by_period["within"].sum() == waits.loc[waits["too_early"] == 0, "within"].sum()
    assert len(chart.points) == len(found.by_period)
    assert chart.params["events"][0]["event"] == "The change"


# ---- demand ------------------------------------------------------------------------------------


def test_rates_are_requests_over_the_hours_that_there_were():
    days = pd.date_range("2024-01-01", "2024-01-28")  # four of each weekday
    referred = pd.Series([day + pd.Timedelta(hours=hour) for day in days for hour in range(24)])
    found = demand_of(referred, days[0], days[-1], 2, 0.95)
    assert len(found) == 7 * 8
    assert set(found["hours"]) == {12.0}  # four Mondays of three hours
    assert set(found["requests"]) == {12.0}
    assert found["rate"].tolist() == pytest.approx([100.0] * 56)  # one an hour
    assert (found["low"] < 100).all()
    assert (found["high"] > 100).all()
    assert found["requests"].sum() == len(referred)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 90 * 24 * 60 - 1), min_size=1, max_size=400), st.integers(2, 9))
def test_few_requests_are_never_shown_nor_to_be_had_by_subtraction(minutes, few):
    first = pd.Timestamp("2024-01-01")
    referred = first + pd.Series(pd.to_timedelta(minutes, unit="min"))
    found = demand_of(referred, first, first + pd.Timedelta("89D"), few, 0.95)
    shown = found["requests"].dropna()
    assert (shown >= few).all()
    assert found["requests"].isna().sum() != 1
    assert found["rate"].isna().equals(found["requests"].isna())


def test_dates_without_times_give_weekdays_only():
    days = pd.date_range("2024-01-01", periods=200)
    found = demand_of(pd.Series(days), days[0], days[-1], 5, 0.95)
    assert list(found["weekday"]) == list(range(7))
    assert set(found["to_hour"]) == {24}
    assert found["rate"].tolist() == pytest.approx([1.0] * 7)  # one each day


def test_days_are_counted_from_date_to_date():
    day = pd.Timestamp("2024-01-01 22:00")
    rows = {
        "referred": [day, day, day],
        "started": [day + pd.Timedelta("3h"), day + pd.Timedelta("50h"), pd.NaT],
        "outcome": ["here", "here", None],
    }
    found = access(pd.DataFrame(rows), clock="days", target=14).term("time_here")
    assert (found.value, found.unit) == (2, "days")  # halfway between one day and three


def test_clusters_of_requests_are_noticed():
    days = pd.date_range("2024-01-01", "2024-03-30")
    even = pd.Series(np.repeat(days, 2))
    uneasy = pd.Series(np.repeat(days[::6], 12))
    assert uneven(even, days[0], days[-1])[0] < 1
    index, chance = uneven(uneasy, days[0], days[-1])
    assert index > 5
    assert chance < 0.001


# ---- words -------------------------------------------------------------------------------------


def test_before_and_since_is_not_called_a_time_series():
    found = access(requests(), intervention="2024-01-01")
    assert status_of(found.checks, "before_and_since") == "warn"
    assert "no interrupted time series" in check_of(found.checks, "before_and_since").detail
    assert "no interrupted time series" in found.summary()
    assert status_of(found.checks, "seasons") == "warn"


MERGED = {"date": "2024-02-01", "event": "Two hubs merged"}
LATER = {"date": "2025-02-01", "event": "New building"}


def test_events_in_the_window_are_told():
    found = access(requests(), events=[MERGED, LATER])
    assert [event["event"] for event in found.events_inside] == ["Two hubs merged"]
    assert "Two hubs merged" in check_of(found.checks, "other_events").detail
    assert "New building" not in check_of(found.checks, "other_events").detail


@pytest.mark.parametrize(
    ("events", "alone", "state"),
    [
        (None, None, "improved"),
        ([LATER], True, "improved"),
        ([MERGED, LATER], False, "changed, not alone"),
    ],
)
def test_the_verdict_is_that_of_the_target_and_of_other_events(events, alone, state):
    table = requests(400)
    since = table["referred"] >= "2024-01-01"
    got = table["started"].notna()
    soon = table["referred"] + pd.Timedelta("2h")
    table["started"] = table["started"].mask(since & got, soon)
    found = access(table, intervention="2024-01-01", events=events)
    verdict = found.verdict
    assert (verdict.kind, verdict.alone, verdict.state) == ("improved", alone, state)
    assert verdict.certainty == "with reservations"  # three months before, three since
    assert verdict.size == found.access.verdict.size
    assert found.effect.estimate == found.access.effect.estimate
    assert found.effect.measure == "Requests for a bed: within 5 hours"


def test_the_aim_is_that_of_the_target():
    found = access(
        requests(), intervention="2024-01-01", aim={"target": "at least 95%", "by": "2024-02"}
    )
    aim = found.verdict.aim
    assert aim.status == "not reached"
    assert aim.seen == found.term(f"within_target: {found.groups[1]}").value
    assert aim.words in found.details()


def test_a_result_survives_its_file():
    found = access(requests(), intervention="2024-01-01")
    house_rules.check(found, "1 January 2024")
    again = house_rules.it_travels(found)
    assert [part.name for part in again.sections()] == ["waits", "distance", "demand"]
    assert again.first == found.first


def test_no_code_of_a_person_is_in_the_result():
    found = access(requests())
    assert "p17" not in to_json(found) + found.summary() + found.alt_text()


def test_the_table_is_not_changed():
    table = requests(50)
    copy = table.copy(deep=True)
    access(table)
    pd.testing.assert_frame_equal(table, copy)


# ---- refusals ----------------------------------------------------------------------------------


def test_negative_waits_are_refused_with_their_rows():
    table = requests(50)
    at = table.index[table["started"].notna()][3]
    table.loc[at, "started"] = table.loc[at, "referred"] - pd.Timedelta("2h")
    with pytest.raises(DataError, match="wait is negative") as error:
        access(table)
    assert "row" in str(error.value)


def test_negative_distances_are_refused_with_their_rows():
    table = requests(50)
    table.loc[4, "distance_km"] = -3
    with pytest.raises(DataError, match="distance is less than 0") as error:
        access(table)
    assert "rows 5" in str(error.value)


def test_unknown_outcomes_are_told_by_row_with_the_parameter():
    table = requests(50)
    table.loc[5, "outcome"] = "oot"
    with pytest.raises(DataError, match="1 different word in row 6") as error:
        access(table)
    assert "outcomes" in str(error.value)


def test_people_seen_alone_are_refused():
    table = requests(80, waiting=0)
    table = table[table["started"].notna()]
    with pytest.raises(CannotEvaluate, match="only referrals that were seen"):
        access(table)


def test_nobody_asked():
    with pytest.raises(DataError, match="no rows"):
        access(requests().iloc[:0])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"few": 1}, "`few`"),
        ({"clock": "minutes"}, "`clock`"),
        ({"extract_date": None}, "`extract_date`"),
        ({"by": "team", "intervention": "2024-01-01"}, "do not go together"),
    ],
)
def test_parameters_that_cannot_be_are_refused(more, said):
    with pytest.raises(ParameterError, match=said):
        access(requests(50), **more)
