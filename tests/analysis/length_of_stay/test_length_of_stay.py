"""Length of stay: known answers, what is found again, words, checks and refusals."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.length_of_stay import LengthOfStayResult
from qieval.core.checks import check_of, status_of
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from tests.analysis import house_rules
from tests.flow.made import stays
from tests.flow.test_kaplan_meier import MP6, MP6_RELAPSED

START = pd.Timestamp("2024-01-01")


def as_stays(nights: list[int], left: list[int], wards: list[str] | None = None) -> pd.DataFrame:
    """Stays that were all admitted so that those still in have been in for that many nights."""
    extract = START + pd.Timedelta(days=max(nights))
    rows = []
    for number, (length, gone) in enumerate(zip(nights, left, strict=True)):
        start = START if gone else extract - pd.Timedelta(days=length)
        end = start + pd.Timedelta(days=length) if gone else None
        rows.append((str(number), start, end, wards[number] if wards else "Elm", None))
    return stays(*rows)


FREIREICH = as_stays(MP6, MP6_RELAPSED)


def los(table: pd.DataFrame = FREIREICH, **more) -> LengthOfStayResult:
    return qi.length_of_stay(table, **({"extract_date": START + pd.Timedelta(days=35)} | more))


def test_the_published_curve_and_median():
    """Freireich and others 1963 (see tests/flow/test_kaplan_meier.py), days in place of weeks."""
    found = los()
    assert found.points["share"].round(3).tolist()[:3] == [0.857, 0.807, 0.753]
    median = found.term("median")
    assert (median.value, median.low, median.n) == (23, 13, 21)
    assert np.isinf(median.high)
    assert "23 nights (95% interval 13 or more)" in found.headline()
    assert np.isnan(found.term("p90").value)
    assert "after 35 nights" in found.details()
    table = found.table("estimates")
    assert table.rows["what"].tolist()[:2] == ["Half ended within", "Nine in ten ended within"]
    assert [column.cells[0] for column in table.shown[1:]] == ["23", "13 or more", "nights", "21"]
    assert table.shown[1].cells[1] == "–"
    house_rules.check(found)


def test_those_who_left_and_those_still_in_stand_apart():
    row = los().stays.iloc[0]
    assert [row["stays"], row["left"], row["still_in"]] == [21, 9, 12]
    assert row["median_left"] == 10
    assert row["median_still_in"] == pytest.approx((19 + 20) / 2)
    assert "Neither is how long people stay" in los().details()


def test_a_mean_only_where_nobody_is_still_in():
    assert "mean" not in los().estimates.index
    closed = as_stays([0, 4, 8], [1, 1, 1])
    found = los(closed)
    mean = found.term("mean")
    assert mean.value == 4
    assert (mean.low, mean.high) == pytest.approx(
        (4 - 1.959964 * 4 / 3**0.5, 4 + 1.959964 * 4 / 3**0.5)
    )
    assert "4.0 nights" in found.details()
    assert "4.0" in found.table("estimates").shown[1].cells


@settings(max_examples=12)
@given(nights=st.lists(st.integers(0, 50), min_size=3, max_size=25))
def test_without_anybody_still_in_it_is_what_was_seen(nights):
    found = los(as_stays(nights, [1] * len(nights)), extract_date="2024-06-30")
    assert found.term("median").value == np.median(nights)
    assert found.term("mean").value == pytest.approx(np.mean(nights))
    long = found.term("longer_than_60").value
    assert long == 0


def simulated(number: int = 1500, typical: float = 30.0, seed: int = 7) -> pd.DataFrame:
    """Admissions over two years, exponential stays of a known median, cut off by the extract."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 730, number), unit="D")
    length = np.ceil(rng.exponential(typical / np.log(2), number))
    end = pd.Series(start + pd.to_timedelta(length, unit="D"))
    table = pd.DataFrame({"person": np.arange(number).astype(str), "start": start, "end": end})
    table["ward"] = np.where(np.arange(number) % 2 == 0, "Elm", "Oak")
    return table.assign(end=end.where(end <= "2023-12-31"))


def test_a_simulated_median_is_found_again_where_discharges_alone_fall_short():
    table = simulated()
    found = qi.length_of_stay(table, extract_date="2023-12-31")
    median = found.term("median")
    assert median.low <= 30 <= median.high
    assert median.high - median.low < 6
    late = table[table["start"] >= "2023-11-01"]
    recent = qi.length_of_stay(late, extract_date="2023-12-31")
    assert recent.term("median").low <= 30 <= recent.term("median").high
    assert recent.stays["median_left"].iloc[0] < 24  # those who left already, alone, look short


# ---- delayed entry -----------------------------------------------------------------------------


def test_a_window_that_cuts_stays_finds_the_truth_again():
    """Two years of admissions, of which a workbook shows those still in on 1 July 2023 or later."""
    table = simulated(4000)
    seen = table[~(table["end"] < "2023-07-01")]
    naive = qi.length_of_stay(seen[seen["start"] < "2023-07-01"], extract_date="2023-12-31")
    found = qi.length_of_stay(seen, extract_date="2023-12-31", observed_from="2023-07-01")
    assert naive.term("median").low > 30  # long stays weigh too much
    median = found.term("median")
    assert median.low <= 30 <= median.high
    left_out = qi.length_of_stay(seen, extract_date="2023-12-31", count_from="2023-07-01")
    assert median.n > left_out.term("median").n
    assert (status_of(naive.checks, "under_way"), status_of(found.checks, "under_way")) == (
        "warn",
        "pass",
    )


def test_stays_that_ended_before_the_window_were_never_seen():
    table = simulated(800)
    seen = table[~(table["end"] < "2023-07-01")]
    asked = {"extract_date": "2023-12-31", "observed_from": "2023-07-01"}
    whole, cut = (qi.length_of_stay(rows, **asked) for rows in (table, seen))
    pd.testing.assert_frame_equal(whole.points, cut.points)
    assert (whole.left_out, cut.left_out) == (len(table) - len(seen), 0)


def test_delayed_entry_by_hand():
    """Observed from 11 January: at risk at 4 nights are the two who came later, and nobody else."""
    table = stays(
        ("a", "2024-01-01", "2024-01-21", "Elm", None),  # 20 nights, seen from the tenth on
        ("b", "2024-01-11", "2024-01-15", "Elm", None),  # 4 nights
        ("c", "2024-01-12", None, "Elm", None),  # 19 nights so far
        ("d", "2024-01-02", "2024-01-09", "Elm", None),  # ended before
        ("e", "2024-01-08", "2024-01-11", "Elm", None),  # left on the very day: seen, for 3 nights
    )
    found = los(table, extract_date="2024-01-31", observed_from="2024-01-11")
    assert found.points["nights"].tolist() == [3, 4, 20]
    assert found.points["at_risk"].tolist() == [3, 2, 1]
    assert found.points["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert (found.left_out, found.term("median").n) == (1, 4)
    assert "mean" not in found.estimates.index
    assert status_of(found.checks, "under_way") == "warn"


def test_a_curve_ends_where_nobody_is_seen_although_others_enter_later():
    table = stays(
        ("a", "2023-01-01", "2024-01-21", "Elm", None),  # 385 nights, seen from the 375th on
        ("b", "2024-01-12", "2024-01-15", "Elm", None),
        ("c", "2024-01-15", "2024-01-23", "Elm", None),
    )
    found = los(table, extract_date="2024-01-31", observed_from="2024-01-11")
    assert found.points["share"].tolist() == [0.5]  # the step at 8 nights would fall to nobody
    assert found.last == {"All together": 8}
    assert found.term("median").value == 3


def test_nobody_seen_from_the_start_is_refused():
    table = stays(
        ("a", "2024-01-01", "2024-01-21", "Elm", None),
        ("b", "2024-01-30", None, "Elm", None),
    )
    with pytest.raises(CannotEvaluate, match="nothing is known of what lies between"):
        los(table, extract_date="2024-01-31", observed_from="2024-01-11")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"observed_from": "2024-01-01", "count_from": "2024-01-01"}, "do not go together"),
        ({"observed_from": "2024-03-01"}, "later than `extract_date`"),
        ({"observed_from": "soon"}, "not a date"),
    ],
)
def test_a_window_that_cannot_be_is_refused(more, why):
    with pytest.raises(ParameterError, match=why):
        los(**more)


def test_a_median_between_two_nights_is_shown_with_its_half():
    found = los(as_stays([2, 5, 8, 11], [1, 1, 1, 1]), extract_date="2024-06-30")
    assert found.term("median").value == 6.5
    assert found.table("estimates").shown[1].cells[0] == "6.5"
    assert "6.5 nights" in found.headline()


def test_groups_keep_the_alphabet_and_add_up():
    found = qi.length_of_stay(simulated(), by="ward", extract_date="2023-12-31")
    assert found.groups == ("All together", "Elm", "Oak")
    house_rules.check(found)
    counts = found.stays.set_index("group")
    names = ["stays", "left", "still_in", "died", "long_left", "long_still_in"]
    assert (counts.loc[["Elm", "Oak"], names].sum() == counts.loc["All together", names]).all()
    assert {"median", "median: Elm", "p90: Oak", "longer_than_60: Elm"} <= set(
        found.estimates.index
    )
    assert "all groups together" in found.headline()


def test_before_and_since_a_change():
    found = qi.length_of_stay(simulated(), intervention="2023-01-01", extract_date="2023-12-31")
    assert found.groups == ("Before 1 January 2023", "Since 1 January 2023")
    assert (found.verdict.kind, found.verdict.certainty) == ("described", "not tested")
    for group in found.groups:
        assert found.in_words(f"median: {group}") in found.headline()
    house_rules.check(found, "1 January 2023")


@pytest.mark.parametrize(
    ("aim", "status", "seen"),
    [
        ({"target": "at most 40", "by": "2023-06"}, "reached", "median"),
        ({"how_much": "10% shorter", "by": "2023-06"}, "not reached", "median"),
        ({"how_much": "10% shorter", "by": "2024-06"}, "cannot tell", "median"),
        ("At most 60% stay longer than 60 nights", "reached", "longer_than_60"),
        (None, "none", None),
    ],
)
def test_the_aim_compares_the_median_before_with_since(aim, status, seen):
    found = qi.length_of_stay(
        simulated(typical=30), intervention="2023-01-01", extract_date="2023-12-31", aim=aim
    )
    assert found.verdict.aim.status == status
    if seen:
        assert found.verdict.aim.seen == found.term(f"{seen}: Since 1 January 2023").value
    assert found.verdict.aim.words in found.details()


def test_a_group_that_nobody_has_left_is_named():
    table = as_stays([3, 5, 9, 9], [1, 1, 0, 0], ["Elm", "Elm", "Oak", "Oak"])
    found = los(table, by="ward", extract_date=START + pd.Timedelta(days=9))
    assert found.groups == ("All together", "Elm")
    assert found.without_curve == ("Oak",)
    assert "Oak" in check_of(found.checks, "without_curve").detail
    assert found.stays["stays"].tolist() == [4, 2]


def test_checks_say_what_to_mind():
    found = los()
    statuses = {
        "enough": "pass",
        "still_in": "warn",  # 12 of 21
        "under_way": "warn",
        "endings": "info",
        "end_of_curve": "warn",
        "counting": "info",
    }
    assert dict(zip(found.checks["id"], found.checks["status"], strict=True)) == statuses
    assert "12 of 21 stays (57%)" in check_of(found.checks, "still_in").detail
    from_day = los(count_from="2023-12-01")
    assert status_of(from_day.checks, "under_way") == "pass"


def test_the_result_travels_and_tells_no_person():
    found = los(FREIREICH.assign(person=[f"SECRET{n}" for n in range(21)]))
    house_rules.check(found)
    assert "SECRET" not in str(found.to_dict())
    points = found.table("points")
    assert points.rows["time"].tolist()[-1] == 28
    assert points.rows["at_risk"].tolist()[0] == 21


@pytest.mark.parametrize(
    ("table", "more", "error", "says"),
    [
        (FREIREICH, {"long_stay": 0}, ParameterError, "`long_stay` is a whole number"),
        (FREIREICH, {"extract_date": None}, ParameterError, "`extract_date` is needed"),
        (FREIREICH, {"count_from": dt.date(2030, 1, 1)}, CannotEvaluate, "no spell to count"),
        (FREIREICH[FREIREICH["end"].isna()], {}, CannotEvaluate, "Nobody has left yet"),
        (FREIREICH.drop(columns="person"), {}, DataError, "no column `person`"),
        (FREIREICH, {"by": "period"}, ParameterError, "Leave out or rename `period`"),
    ],
)
def test_what_cannot_be_is_refused(table, more, error, says):
    with pytest.raises(error) as caught:
        los(table, **more)
    assert says in str(caught.value)
