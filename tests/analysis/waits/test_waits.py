"""Waits: the truth of the example found again, what counts within target, words, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.waits import WaitsResult
from qieval.core.checks import check_of, status_of
from qieval.core.effect import Effect
from qieval.core.errors import CannotEvaluate
from qieval.core.workspace import shipped
from tests.analysis import house_rules
from tests.flow.made import referrals
from tests.flow.test_kaplan_meier import MP6, MP6_RELAPSED

EXTRACT = pd.Timestamp("2024-03-31")


def waits(table: pd.DataFrame, **more) -> WaitsResult:
    return qi.waits(table, **({"target_days": 14, "extract_date": EXTRACT} | more))


def test_the_published_curve_and_median():
    """Freireich and others 1963 (see tests/flow/test_kaplan_meier.py), days in place of weeks."""
    rows = []
    for time, seen in zip(MP6, MP6_RELAPSED, strict=True):
        referred = EXTRACT - pd.Timedelta(days=time if not seen else 60)
        rows.append((referred, referred + pd.Timedelta(days=time) if seen else None))
    found = waits(referrals(*rows))
    assert found.points["share"].round(3).tolist()[-1] == 0.448
    median = found.term("median")
    assert (median.value, median.low) == (23, 13)
    assert np.isinf(median.high)


REFERRALS = referrals(
    ("2024-01-01", "2024-01-11", "here"),  # within
    ("2024-01-01", "2024-01-15", "here"),  # on the last day: within
    ("2024-01-01", "2024-01-16", "elsewhere"),  # missed
    ("2024-01-01", None),  # still waiting, target long passed: missed
    ("2024-01-01", None, "refused", "2024-01-05"),  # left before
    ("2024-01-01", None, "withdrawn", "2024-01-20"),  # waited longer: missed
    ("2024-01-01", None, "refused", None),  # nobody knows when: left before
    ("2024-03-25", "2024-03-26", "here"),  # too early to say, although seen
    ("2024-03-25", None),  # too early to say
    ("2024-03-17", None),  # 14 days on the extract date: missed
)


def test_what_counts_within_target():
    found = waits(REFERRALS)
    row = found.outcomes.iloc[0]
    names = ["referrals", "within", "missed", "left_before", "too_early", "known"]
    assert row[names].tolist() == [10, 2, 4, 2, 2, 6]
    assert found.term("within_target").value == pytest.approx(2 / 6)
    assert found.term("within_target_of_all").value == pytest.approx(2 / 8)
    assert row[["here", "elsewhere", "refused", "withdrawn", "waiting"]].tolist() == [3, 1, 2, 1, 3]
    table = found.table("estimates")
    rows = table.rows.set_index("what")
    assert rows.loc["Within 14 days", ["estimate", "n"]].tolist() == pytest.approx([100 / 3, 6])
    counts = rows.loc[["Seen here", "Seen elsewhere", "Refused", "Withdrew", "Still waiting"]]
    assert counts["estimate"].tolist() == [3, 1, 2, 1, 3]
    house_rules.check(found)


def two_sides(before: int, since: int, **more) -> WaitsResult:
    """Two times 100 referrals of which so many were seen within 14 days; the others after 30."""
    rows = []
    for referred, within in (("2023-06-01", before), ("2023-10-02", since)):
        first = pd.Timestamp(referred)
        for number in range(100):
            rows.append((first, first + pd.Timedelta(days=10 if number < within else 30)))
        rows.append((first, None, "refused", first + pd.Timedelta(days=3)))
    return waits(referrals(*rows), intervention="2023-08-01", **more)


@pytest.mark.parametrize(
    ("since", "kind"), [(80, "improved"), (52, "no clear change"), (20, "worse")]
)
def test_the_verdict_and_the_effect_are_those_of_the_share_within_target(since, kind):
    found = two_sides(50, since)
    verdict, effect = found.verdict, found.effect
    assert (verdict.kind, verdict.certainty, verdict.alone) == (kind, "clear", None)
    assert isinstance(effect, Effect)
    assert (effect.term, effect.estimate) == ("difference", verdict.size.value)
    assert verdict.size.value == pytest.approx((since - 50) / 100)
    assert effect.definition == ("difference of shares", "care", 14, "days")
    assert waits(REFERRALS).effect is None
    assert waits(REFERRALS).verdict.kind == "described"
    house_rules.check(found, "1 August 2023")


@pytest.mark.parametrize(
    ("aim", "status", "seen"),
    [
        ("At least 75% seen within two weeks by December 2023", "reached", 0.8),
        ("At least 85% seen within two weeks by December 2023", "not reached", 0.8),
        ("At least 75% seen within two weeks by December 2030", "cannot tell", 0.8),
        ("Wait half as long", "reached", 10),
        ({"how_much": "80% shorter"}, "not reached", 10),
        ("Better waits", "cannot tell", 0.8),
        (None, "none", None),
    ],
)
def test_the_aim_compares_the_share_within_target(aim, status, seen):
    found = two_sides(20, 80, aim=aim)
    assert found.verdict.aim.status == status
    if seen is not None:
        assert found.verdict.aim.seen == seen
    assert found.verdict.aim.words in found.details()


def test_care_elsewhere_need_not_end_the_wait():
    late = REFERRALS.assign(
        started=REFERRALS["started"].where(
            REFERRALS["outcome"] != "elsewhere", pd.Timestamp("2024-01-05")
        )
    )
    assert waits(late).outcomes.iloc[0]["within"] == 3
    apart = waits(late, elsewhere_ends=False).outcomes.iloc[0]
    assert apart[["within", "missed", "left_before"]].tolist() == [2, 3, 3]


@settings(max_examples=12)
@given(data=st.data())
def test_every_referral_is_counted_once(data):
    day = st.dates(pd.Timestamp("2024-01-01").date(), pd.Timestamp("2024-03-01").date())
    rows = [("2024-01-01", "2024-01-03", "here")]
    for _ in range(data.draw(st.integers(1, 15))):
        first = data.draw(day)
        later = first + pd.Timedelta(days=data.draw(st.integers(0, 30)))
        fate = data.draw(st.sampled_from(["here", "elsewhere", "refused", "withdrawn", None]))
        started = later if fate in ("here", "elsewhere") else None
        closed = later if fate in ("refused", "withdrawn") else None
        rows.append((str(first), started and str(later), fate, closed and str(later)))
    table = referrals(*rows)
    found = waits(table, complete=True)
    row = found.outcomes.iloc[0]
    assert row[["within", "missed", "left_before", "too_early"]].sum() == len(table)
    assert row[["here", "elsewhere", "refused", "withdrawn", "waiting"]].sum() == len(table)
    mixed = waits(table.iloc[::-1], complete=True)
    pd.testing.assert_frame_equal(mixed.estimates, found.estimates)
    pd.testing.assert_frame_equal(mixed.periods, found.periods)


def example(project: str) -> tuple[pd.DataFrame, dict]:
    """The simulated programme's referrals of a project, and the truth built into them."""
    table = qi.read("data/closing-the-gap/waits.csv", "waits", where={"project": project}).table
    truth = yaml.safe_load((shipped("data") / "closing-the-gap" / "TRUTH.yml").read_text("utf-8"))
    return table, truth["projects"][project]["waits"]


def test_the_truth_of_the_example_is_found_again():
    table, truth = example("sycamore-first-appointment")
    found = qi.waits(
        table, target_days=28, intervention=str(truth["began"]), extract_date="2019-12-31"
    )
    for group, when in zip(found.groups, ("before", "after"), strict=True):
        median = found.term(f"median: {group}")
        assert median.low <= truth["median_days"][when] <= median.high
        assert median.high - median.low < 12


def test_leaving_out_those_who_wait_looks_too_good():
    table, _ = example("sycamore-first-appointment")
    late = table[table["referred"] >= "2019-09-01"]
    whole = qi.waits(late, target_days=28, extract_date="2019-12-31")
    seen = qi.waits(late[late["started"].notna()], target_days=28, complete=True)
    assert seen.term("median").value < whole.term("median").value
    assert status_of(seen.checks, "waiting") == "warn"
    assert "`complete`" in check_of(seen.checks, "waiting").detail


def test_a_window_that_cuts_waits_finds_the_median_again():
    """Exponential waits of a median of 30 days; those seen before July never reached the file."""
    rng = np.random.default_rng(3)
    referred = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 730, 3000), unit="D")
    wait = pd.to_timedelta(np.ceil(rng.exponential(30 / np.log(2), 3000)), unit="D")
    started = pd.Series(referred + wait)
    table = pd.DataFrame({"referred": referred, "started": started.where(started <= "2023-12-31")})
    seen = table[~(table["started"] < "2023-07-01")]
    asked = {"target_days": 28, "extract_date": "2023-12-31"}
    naive = qi.waits(seen, **asked)
    found = qi.waits(seen, **asked, observed_from="2023-07-01")
    assert naive.term("median").low > 30
    assert found.term("median").low <= 30 <= found.term("median").high
    assert found.term("median").n == len(seen)
    # Of earlier referrals only those that waited long are in the file: no share counts them.
    counted = qi.waits(seen, **asked, count_from="2023-07-01")
    pd.testing.assert_frame_equal(found.outcomes, counted.outcomes)
    assert status_of(found.checks, "under_way") == "pass"
    house_rules.check(found)


def test_hours_count_from_the_morning_on_which_observation_began():
    table = pd.DataFrame(
        {
            "referred": pd.to_datetime(
                ["2024-01-09 12:00", "2024-01-10 06:00", "2024-01-09 01:00"]
            ),
            "started": pd.to_datetime(["2024-01-10 18:00", "2024-01-11 18:00", "2024-01-09 20:00"]),
        }
    )
    found = qi.waits(table, target_days=1, clock="hours", complete=True, observed_from="2024-01-10")
    # Seen: 30 hours from the twelfth on, and 36 hours; the third had been seen the day before.
    assert found.points[["wait", "at_risk"]].to_numpy().tolist() == [[30, 2], [36, 1]]
    assert found.outcomes["referrals"].tolist() == [1]


def test_hours_and_teams():
    table, truth = example("crisis-bed-hub")
    found = qi.waits(
        table[table["outcome"] != "elsewhere"],
        target_days=4 / 24,
        clock="hours",
        by="team",
        care="a bed",
        extract_date="2019-12-31",
    )
    assert found.groups[0] == "All together"
    assert list(found.groups[1:]) == sorted(found.groups[1:])
    house_rules.check(found)
    assert found.target == "4 hours"
    hours = truth["median_hours_to_a_bed"]
    assert hours["after"]["here"] < found.term("median").value < hours["before"]["here"]


def test_periods_suit_a_p_chart_and_add_up():
    table, _ = example("sycamore-first-appointment")
    found = qi.waits(table, target_days=28, extract_date="2019-12-31")
    periods = found.periods
    assert periods["referrals"].sum() == len(table) == found.outcomes["referrals"].iloc[0]
    assert (periods["within"] + periods["missed"] == periods["known"]).all()
    rows = periods[periods["too_early"] == 0]
    chart = qi.control_chart(rows, kind="pp", numerator="within", denominator="known")
    assert len(chart.points) == len(rows)


def test_checks_say_what_to_mind():
    checks = waits(REFERRALS).checks
    statuses = {"enough": "warn", "left": "warn", "undated": "warn", "too_early": "info"}
    for name, status in statuses.items():
        assert status_of(checks, name) == status
    assert check_of(checks, "too_early").detail.startswith("2 referrals")
    assert "the wait ends when care starts there" in check_of(checks, "elsewhere").detail


def test_the_result_travels():
    found = waits(REFERRALS)
    again = house_rules.it_travels(found)
    assert again.view_words("periods") == found.view_words("periods")
    figures = {column.head: column.cells for column in found.table("estimates").shown}
    at = figures["What"].index("Within 14 days")
    assert (figures["Value"][at], figures["Of referrals"][at]) == ("33", "6")
    assert found.table("points").rows["time"].iloc[0] == 0


def test_nobody_seen_yet_is_refused():
    with pytest.raises(CannotEvaluate, match="Nobody was seen yet"):
        waits(REFERRALS[REFERRALS["started"].isna()])
    with pytest.raises(CannotEvaluate, match="Waits of those seen alone are too short"):
        waits(REFERRALS[REFERRALS["started"].notna()])
