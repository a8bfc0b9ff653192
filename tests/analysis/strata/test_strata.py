"""Strata: gaps by published methods, together; nothing tested; nobody few is compared or told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.strata.tables import change_between, simultaneous
from qieval.core.proportions import Ends, difference
from tests.analysis.house_rules import refused

CHANGE = "2019-01-01"
BEFORE, SINCE = pd.Timestamp("2018-06-01"), pd.Timestamp("2019-06-01")


def people(**counts):
    """Rows of people: stratum=(met before, people before, met since, people since)."""
    rows = [
        (day, name, int(number < met))
        for name, (m0, n0, m1, n1) in counts.items()
        for day, met, n in ((BEFORE, m0, n0), (SINCE, m1, n1))
        for number in range(n)
    ]
    return pd.DataFrame(rows, columns=["date", "group", "seen"])


def of_people(table, **asked):
    return qi.strata(
        table, **{"stratum": "group", "event": "seen", "intervention": CHANGE, **asked}
    )


def months(values, first="2017-01-01"):
    """Rows of periods: stratum → its figures, month by month."""
    frames = [
        pd.DataFrame(
            {
                "period": pd.date_range(first, periods=len(own), freq="MS"),
                "group": name,
                "figure": own,
            }
        )
        for name, own in values.items()
    ]
    return pd.concat(frames, ignore_index=True)


def of_months(table, **asked):
    asked = {"stratum": "group", "value": "figure", "intervention": "2018-07-01", **asked}
    return qi.strata(table, **asked)


# ---- known answers -------------------------------------------------------------------------------


def test_a_gap_is_newcombes_difference_and_its_change_that_of_two():
    """Newcombe 1998: 56 of 70 and 48 of 80 differ by 0.2 (0.0524 to 0.3339), his example (a)."""
    result = of_people(people(a=(48, 80, 48, 80), b=(56, 70, 48, 80)), reference="a")
    (row,) = result.gaps.itertuples(index=False)
    assert row.before == pytest.approx(20.0)
    assert (row.before_low, row.before_high) == pytest.approx((5.24, 33.39), abs=0.005)
    assert row.since == pytest.approx(0.0)
    assert row.change == pytest.approx(-20.0)


def test_the_change_of_a_gap_squares_and_adds_the_limits():
    """Newcombe 2001, Stat Med 20:2885: each limit from the nearer limits of both differences."""
    told = change_between(Ends(0.20, 0.08, 0.30), Ends(0.50, 0.45, 0.62))
    assert told.value == pytest.approx(0.30)
    assert told.low == pytest.approx(0.30 - np.hypot(0.05, 0.10))
    assert told.high == pytest.approx(0.30 + np.hypot(0.12, 0.12))


def test_the_intervals_of_gaps_hold_together_by_bonferroni():
    assert simultaneous(1, 1) == pytest.approx(0.95)
    assert simultaneous(4, 3) == pytest.approx(1 - 0.05 / 12)
    table = people(a=(30, 60, 40, 60), b=(20, 60, 30, 60), c=(25, 60, 30, 60))
    result = of_people(table, reference="a", divisions=2)
    gap = result.gaps.set_index("stratum").loc["b"]
    ends = difference((30, 60), (20, 60), 1 - 0.05 / 4)
    assert (gap["before_low"], gap["before_high"]) == pytest.approx((100 * ends.low, 100 * ends[2]))
    assert "one of 2 ways" in result.looked_at
    assert "all 4 to hold together" in result.looked_at


def test_without_noise_between_strata_the_change_of_the_gap_is_exact():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=36).cumsum()
    own = 1e-6 * rng.normal(size=36)
    step = np.where(np.arange(36) >= 18, -2.5, 0)
    result = of_months(months({"a": 10 + shared, "b": 14 + shared + step + own}), reference="a")
    (row,) = result.gaps.itertuples(index=False)
    assert (row.before, row.since, row.change) == pytest.approx((4, 1.5, -2.5), abs=1e-5)
    assert result.headline() == "Figure, b compared with a: the gap became narrower."


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.01, 100))
def test_what_all_strata_share_and_the_unit_do_not_matter(seed, shift, unit):
    rng = np.random.default_rng(seed)
    values = {name: rng.normal(size=30) for name in "abc"}
    shared = rng.normal(size=30) + shift
    one = of_months(months(values), reference="a").gaps.set_index("stratum")
    moved = {name: unit * (own + shared) for name, own in values.items()}
    shuffled = months(moved).sample(frac=1, random_state=seed)
    other = of_months(shuffled, reference="a").gaps.set_index("stratum")
    np.testing.assert_allclose(other.to_numpy(), unit * one.to_numpy(), rtol=1e-4, atol=1e-6 * unit)


def test_there_are_no_p_values():
    for result in (
        of_people(people(a=(30, 60, 40, 60), b=(20, 60, 30, 60))),
        of_months(months({"a": np.arange(24.0) % 5, "b": np.arange(24.0) % 7})),
    ):
        assert result.estimates["p_value"].isna().all()
        assert result.verdict.kind == "described"


# ---- who is shown, compared, left out ------------------------------------------------------------


def test_people_without_a_stratum_are_shown_and_not_compared():
    table = people(a=(30, 60, 40, 60), b=(20, 60, 30, 60), nobody=(5, 20, 25, 60))
    table.loc[table["group"] == "nobody", "group"] = None
    result = of_people(table)
    assert result.strata == ("a", "b", "not recorded")
    assert result.gaps["stratum"].tolist() == ["b"]
    checks = result.checks.set_index("id")
    assert checks.loc["not_recorded", "status"] == "warn"
    assert checks.loc["not_recorded", "detail"].startswith("14% before, 33% since.")


def test_a_stratum_that_is_there_on_one_side_only_is_named():
    result = of_people(people(a=(30, 60, 40, 60), b=(20, 60, 30, 60), c=(9, 20, 0, 0)))
    assert result.compared == ("b",)
    told = result.checks.set_index("id").loc["missing_strata"]
    assert (told["status"], "c." in told["detail"]) == ("warn", True)


def test_strata_that_are_called_the_same_are_put_together():
    order = {"a": "Others", "b": "Others", "c": "Third"}
    table = people(a=(3, 6, 4, 6), b=(20, 60, 30, 60), c=(9, 20, 10, 20))
    result = of_people(table, order=order, reference="Others")
    points = result.points.set_index(["stratum", "side"])
    assert points.loc[("Others", "before"), ["met", "n"]].tolist() == [23, 66]


def test_a_gap_that_is_narrower_because_the_reference_fell_is_minded():
    table = people(a=(90, 100, 60, 100), b=(50, 100, 52, 100))
    result = of_people(table, reference="a", direction="higher")
    assert "became narrower" in result.headline()
    told = result.checks.set_index("id").loc["reference_worse"]
    assert told["status"] == "warn"


def test_two_waves_of_an_audit_and_their_answers():
    table = people(a=(30, 60, 40, 60), b=(20, 60, 30, 60))
    audit = pd.DataFrame(
        {
            "wave": table["date"].map({BEFORE: "first", SINCE: "second"}),
            "group": table["group"],
            "result": table["seen"].map({1: "Met", 0: "not met"}),
            "team": np.where(np.arange(len(table)) % 2, "X", "Y"),
            "standard": "Weight",
        }
    )
    audit = pd.concat([audit, audit.iloc[:4].assign(result="refused")], ignore_index=True)
    audit = pd.concat([audit, audit.iloc[:1].assign(wave="pilot")], ignore_index=True)
    asked = {"stratum": "group", "event": "result", "waves": ["first", "second"]}
    result = qi.strata(audit, **asked)
    assert result.points["met"].tolist() == [30, 40, 20, 30, 0, 0]
    assert result.not_counted == 4
    assert set(result.checks["id"]) >= {"teams", "not_counted"}
    told = qi.strata(
        audit[audit["wave"].isin(asked["waves"])].query("result != 'refused'"), **asked
    )
    assert "not_counted" not in set(told.checks["id"])
    two = pd.concat([audit, audit.assign(standard="Smoking")])
    with refused(qi.DataError, "compared on one standard", "where: {standard"):
        qi.strata(two, **asked)


@pytest.mark.parametrize("profile", ["mhsds", "hes", "ons10"])
def test_no_gap_of_withheld_shares_is_made_up_when_released(profile):
    table = people(a=(60, 200, 90, 210), b=(20, 80, 32, 90), c=(3, 12, 2, 11))
    rows = of_people(table, reference="a").released(profile).table("estimates").rows
    assert rows.set_index("stratum").loc["c"].isna().all()


def test_few_people_and_none_are_told_alike_when_released():
    """A stratum of 0 and one of 1 to 4 people must not be told apart by what is there or said."""
    said = []
    for few in (0, 1, 4):
        table = people(a=(80, 160, 90, 160), b=(60, 120, 80, 120), c=(30, 60, few // 2, few))
        released = of_people(table, reference="a").released()
        tables = [table.to_text() for table in released.tables()]
        checks = released.checks.to_dict("records")
        said.append((released.headline(), released.details(), tables, checks))
    assert said[0] == said[1] == said[2]


def test_a_small_reference_takes_every_gap_with_it():
    table = people(a=(2, 40, 30, 40), b=(60, 120, 80, 120), c=(30, 60, 31, 60))
    released = of_people(table, reference="a").released()
    assert set(released.table("estimates").shown[1].cells) <= {"*"}


def test_small_sums_of_events_are_withheld_with_their_gaps():
    rng = np.random.default_rng(3)
    table = months({"a": rng.poisson(30, 36), "b": rng.poisson(25, 36), "c": [1, 1, *[0] * 34]})
    table["beds"] = 300
    result = of_months(table, reference="a", denominator="beds", per=1000)
    released = result.released()
    assert np.isnan(released.estimates.loc["gap_change: c", "estimate"])
    assert np.isfinite(released.estimates.loc["gap_change: b", "estimate"])
    assert np.isnan(released.points.set_index("stratum").loc["c", "level"]).all()


def test_a_gap_on_its_way_before_the_change_is_minded():
    rng = np.random.default_rng(4)
    drift = np.arange(36) * 0.5
    table = months({"a": rng.normal(size=36) / 5, "b": drift + rng.normal(size=36) / 5})
    told = of_months(table).checks.set_index("id").loc["before_trend"]
    assert told["status"] == "warn"


def test_the_month_in_which_the_change_began_counts_as_since():
    table = months({"a": np.arange(30.0) % 4, "b": np.arange(30.0) % 7})
    first, middle = (
        of_months(table, intervention=day, reference="a") for day in ("2018-03-01", "2018-03-20")
    )
    assert first.periods == middle.periods == (14, 16)
    pd.testing.assert_frame_equal(first.gaps, middle.gaps)


# ---- mistakes ------------------------------------------------------------------------------------

GOOD = people(a=(30, 60, 40, 60), b=(20, 60, 30, 60))


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({"event": None}, qi.ParameterError, "either `event`"),
        ({"value": "seen"}, qi.ParameterError, "either `event`"),
        ({"denominator": "seen"}, qi.ParameterError, "nothing is divided"),
        ({"intervention": None}, qi.ParameterError, "which rows are from before"),
        ({"waves": ["one"]}, qi.ParameterError, "two different rounds"),
        ({"divisions": 0}, qi.ParameterError, "`divisions`"),
        ({"reference": "z"}, qi.ParameterError, "no figures before the change and since"),
        ({"order": ["a"]}, qi.DataError, "do not stand in `order`"),
        ({"order": {"a": "not recorded", "b": "b"}}, qi.ParameterError, "leave their cells blank"),
        ({"direction": "up"}, qi.ParameterError, "direction"),
        ({"stratum": "ethnicity"}, qi.DataError, "no column `ethnicity`"),
        ({"intervention": "2030-01-01"}, qi.CannotEvaluate, "fewer than two"),
    ],
)
def test_mistakes_are_named(asked, kind, words):
    with refused(kind, words):
        of_people(GOOD, **asked)


def test_mistakes_in_tables_are_named_without_a_cell():
    with refused(qi.DataError, "neither 0 nor 1", "rows 3"):
        of_people(GOOD.assign(seen=np.where(np.arange(len(GOOD)) == 2, 7, GOOD["seen"])))
    mixed = GOOD["group"].where(np.arange(len(GOOD)) % 3 > 0, GOOD["group"].str.upper())
    with refused(qi.DataError, "4 ways of writing 2 names", "`group`"):
        of_people(GOOD.assign(group=mixed))
    together = {"a": "First", "A": "First", "b": "Second", "B": "Second"}
    assert of_people(GOOD.assign(group=mixed), order=together).points["n"].sum() == len(GOOD)
    with refused(qi.DataError, "one of those that mean that it happened", "`met`"):
        of_people(GOOD.assign(seen="Zyxw"))
    short = months({"a": np.arange(20.0), "b": np.arange(20.0)})
    with refused(qi.CannotEvaluate, "too few periods", "2 since"):
        of_months(short)
    with refused(qi.DataError, "must be above zero", "rows 1"):
        of_months(short.assign(beds=[0, *[9] * 39]), denominator="beds")
    twice = pd.concat([short, short.iloc[:1]])
    with refused(qi.DataError, "several rows for the same month", "`denominator`"):
        of_months(twice, intervention="2017-10-01")
