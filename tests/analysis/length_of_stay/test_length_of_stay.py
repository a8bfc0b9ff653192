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
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import Result
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
    assert found.headline() == "Half of stays ended within 23 nights (95% interval 13 or more)."
    assert np.isnan(found.term("p90").value)
    assert "not reached within 35 nights" in found.details()


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
    assert "a mean has a meaning: 4.0 nights" in found.details()


@settings(max_examples=12)
@given(nights=st.lists(st.integers(0, 50), min_size=3, max_size=25))
def test_without_anybody_still_in_it_is_what_was_seen(nights):
    found = los(as_stays(nights, [1] * len(nights)), extract_date="2024-06-30")
    half = found.term("median").value
    assert np.mean(np.array(nights) <= half) >= 0.5 > np.mean(np.array(nights) < half)
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


def test_groups_keep_the_alphabet_and_add_up():
    found = qi.length_of_stay(simulated(), by="ward", extract_date="2023-12-31")
    assert found.groups == ["All together", "Elm", "Oak"]
    counts = found.stays.set_index("group")
    names = ["stays", "left", "still_in", "died", "long_left", "long_still_in"]
    assert (counts.loc[["Elm", "Oak"], names].sum() == counts.loc["All together", names]).all()
    assert {"median", "median: Elm", "p90: Oak", "longer_than_60: Elm"} <= set(
        found.estimates.index
    )
    assert "all groups together" in found.headline()


def test_before_and_since_a_change():
    found = qi.length_of_stay(simulated(), intervention="2023-01-01", extract_date="2023-12-31")
    assert found.groups == ["Before 1 January 2023", "Since 1 January 2023"]
    assert found.headline().startswith(
        "Of stays that began before 1 January 2023, half ended within"
    )
    assert "does not say that the change caused it" in found.details()


def test_a_group_that_nobody_has_left_is_named():
    table = as_stays([3, 5, 9, 9], [1, 1, 0, 0], ["Elm", "Elm", "Oak", "Oak"])
    found = los(table, by="ward", extract_date=START + pd.Timedelta(days=9))
    assert found.groups == ["All together", "Elm"]
    checks = found.checks.set_index("check")
    assert "Oak" in checks.loc["Groups without a curve", "detail"]
    assert found.stays["stays"].tolist() == [4, 2]


def test_checks_say_what_to_mind():
    checks = los().checks.set_index("check")
    assert checks.loc["Enough stays", "status"] == "pass"
    assert checks.loc["People still in", "status"] == "warn"  # 12 of 21
    assert "12 of 21 stays (57%)" in checks.loc["People still in", "detail"]
    assert checks.loc["Stays under way when the data began", "status"] == "warn"
    assert checks.loc["How stays ended", "status"] == "info"
    from_day = los(count_from="2023-12-01").checks.set_index("check")
    assert from_day.loc["Stays under way when the data began", "status"] == "pass"
    assert checks.loc["Enough people for nine in ten", "status"] == "warn"


def test_the_result_travels_and_tells_no_person():
    found = los(FREIREICH.assign(person=[f"SECRET{n}" for n in range(21)]))
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
    assert again.alt_text() == found.alt_text()
    assert "SECRET" not in str(found.to_dict())
    table, caption = found.estimates_in_words()
    assert "Kaplan-Meier" in caption
    assert table.iloc[0].tolist() == ["Half ended within (nights)", "23", "13 or more", "21"]
    assert found.points_in_words()["Nights since admission"].tolist()[-1] == "28"


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
