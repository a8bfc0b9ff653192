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
from qieval.core.errors import CannotEvaluate
from qieval.core.result import Result
from qieval.core.workspace import shipped
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


FATES = referrals(
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
    found = waits(FATES)
    row = found.fates.iloc[0]
    names = ["referrals", "within", "missed", "left_before", "too_early", "known"]
    assert row[names].tolist() == [10, 2, 4, 2, 2, 6]
    assert found.term("within_target").value == pytest.approx(2 / 6)
    assert found.term("within_target_of_all").value == pytest.approx(2 / 8)
    assert row[["here", "elsewhere", "refused", "withdrawn", "waiting"]].tolist() == [3, 1, 2, 1, 3]
    words = found.details()
    assert "Of 10 referrals, 3 got care here, 1 elsewhere, 2 were refused, 1 withdrew and" in words
    assert "2 who left before 14 days had passed and 2 who came too late" in words


def test_care_elsewhere_need_not_end_the_wait():
    late = FATES.assign(
        started=FATES["started"].where(FATES["outcome"] != "elsewhere", pd.Timestamp("2024-01-05"))
    )
    assert waits(late).fates.iloc[0]["within"] == 3
    apart = waits(late, elsewhere_ends=False).fates.iloc[0]
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
    row = found.fates.iloc[0]
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
    declared = seen.checks.set_index("check").loc["People still waiting"]
    assert declared["status"] == "warn"
    assert "by declaration" in declared["detail"]


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
    assert found.groups[1:] == sorted(found.groups[1:])
    assert found.target == "4 hours"
    hours = truth["median_hours_to_a_bed"]
    assert hours["after"]["here"] < found.term("median").value < hours["before"]["here"]
    assert "got a bed here" in found.details()


def test_periods_suit_a_p_chart_and_add_up():
    table, _ = example("sycamore-first-appointment")
    found = qi.waits(table, target_days=28, extract_date="2019-12-31")
    periods = found.periods
    assert periods["referrals"].sum() == len(table) == found.fates["referrals"].iloc[0]
    assert (periods["within"] + periods["missed"] == periods["known"]).all()
    rows = periods[periods["too_early"] == 0]
    chart = qi.control_chart(rows, kind="pp", numerator="within", denominator="known")
    assert len(chart.points) == len(rows)


def test_checks_say_what_to_mind():
    checks = waits(FATES).checks.set_index("check")
    assert checks.loc["Enough referrals", "status"] == "warn"
    assert checks.loc["Refused and withdrawn", "status"] == "warn"
    assert checks.loc["Closed without a date", "status"] == "warn"
    assert (
        "2 referrals less than 14 days before the end" in checks.loc["Too early to say", "detail"]
    )
    assert "the wait ends when care starts there" in checks.loc["Seen elsewhere", "detail"]


def test_the_result_travels():
    found = waits(FATES)
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
    assert again.view_words("periods") == found.view_words("periods")
    table = found.estimates_in_words()[0].set_index("What")
    assert table.loc["Within 14 days (%)", ["Value", "Of referrals"]].tolist() == ["33", "6"]
    assert table.loc["Refused", "Value"] == "2"
    assert found.points_in_words()["Days since referral"].iloc[0] == "0"


def test_nobody_seen_yet_is_refused():
    with pytest.raises(CannotEvaluate, match="Nobody was seen yet"):
        waits(FATES[FATES["started"].isna()])
    with pytest.raises(CannotEvaluate, match="Waits of those seen alone are too short"):
        waits(FATES[FATES["started"].notna()])
