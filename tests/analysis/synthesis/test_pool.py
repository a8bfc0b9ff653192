"""The table, the words, the checks and the refusals of ``qi.pool``."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.synthesis import PooledResult, plural, pool
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import Result, to_json
from tests.analysis.synthesis.published import bcg
from tests.shown import shown, undeclared


def wards(k=6, mean=-4.0, tau=1.0, seed=1, **more) -> pd.DataFrame:
    """Estimates of k wards with a known average and a known spread."""
    rng = np.random.default_rng(seed)
    se = rng.uniform(0.5, 1.5, k)
    estimate = mean + tau * rng.normal(size=k) + se * rng.normal(size=k)
    names = pd.Index([f"Ward {number}" for number in range(1, k + 1)], name="ward")
    return pd.DataFrame({"estimate": estimate, "se": se}, index=names).assign(**more)


def with_missing() -> pd.DataFrame:
    """Six wards, the third without an estimate."""
    table = wards(reason="")
    table.loc["Ward 3", ["estimate", "se"]] = np.nan
    table.loc["Ward 3", "reason"] = "too few months after the change."
    return table


def check(result, name):
    return result.checks.set_index("id").loc[name]


WORDS = {
    "outcome": "Occupied beds",
    "change": "the pathway",
    "team": "ward",
    "unit": "beds",
}


# ---- tables ------------------------------------------------------------------------------------


def test_the_bcg_trials_end_to_end():
    """The figures of test_random_effects.py, in the tables."""
    result = pool(bcg(), team="trial")
    e = result.estimates
    assert list(e.columns) == ESTIMATE_COLUMNS
    assert e.index.tolist() == ["pooled", "prediction", "tau", "tau2", "i2", "common_effect"]
    assert e.loc["pooled", "estimate"] == pytest.approx(-0.7145, abs=5e-5)
    assert e.loc["pooled", "se"] == pytest.approx(0.1808, abs=5e-5)
    assert e.loc["tau2", ["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [0.3132, 0.1197, 1.1115], abs=5e-5
    )
    assert e.loc["tau", "estimate"] ** 2 == pytest.approx(result.tau2)
    assert [result.i2, result.q] == pytest.approx([0.9222, 152.2330], abs=5e-5)
    assert e.loc["common_effect", "estimate"] == pytest.approx(-0.4303, abs=5e-5)
    assert (e["n"] == 13).all()
    assert e[["estimate", "ci_low", "ci_high"]].notna().all(axis=None)
    points = result.points.set_index("study")
    assert points["weight"].sum() == pytest.approx(1)
    assert points.loc["TPT Madras 1980", "weight"] == points["weight"].max()


def test_a_team_has_its_own_interval_and_an_allowance_for_many():
    """By hand: Benjamini and Hochberg's step-up on normal p values."""
    table = pd.DataFrame({"estimate": [2.0, 2.5, 0.1, 3.2], "se": 1.0}, index=list("abcd"))
    points = pool(table).points.set_index("study")
    p = {"a": 0.04550, "b": 0.01242, "c": 0.92034, "d": 0.00137}
    assert points["p_value"].to_dict() == pytest.approx(p, abs=1e-5)
    adjusted = {"a": 0.04550 * 4 / 3, "b": 0.01242 * 4 / 2, "c": 0.92034, "d": 0.00137 * 4}
    assert points["p_adjusted"].to_dict() == pytest.approx(adjusted, abs=5e-5)
    assert points["clear"].to_dict() == {"a": False, "b": True, "c": False, "d": True}
    assert points.loc["a", ["ci_low", "ci_high"]].tolist() == pytest.approx(
        [2 - 1.959964, 2 + 1.959964]
    )


def test_degrees_of_freedom_in_the_table_widen_a_teams_own_interval():
    table = wards(df=[4.0, 6, np.inf, np.nan, 30, 9])
    points = pool(table).points.set_index("study")
    half = (points["ci_high"] - points["ci_low"]) / 2 / points["se"]
    assert half.tolist()[:4] == pytest.approx([2.776445, 2.446912, 1.959964, 1.959964])
    plain = pool(wards())
    assert pool(table).estimates.loc["pooled", "estimate"] == pytest.approx(
        plain.estimates.loc["pooled", "estimate"]
    )
    assert check(pool(table), "own_standard_errors")["status"] == "info"


def test_a_ward_without_an_estimate_stays_in_the_table_and_is_named():
    result = pool(with_missing(), **WORDS)
    row = result.points.set_index("study").loc["Ward 3"]
    assert row["reason"] == "too few months after the change"
    assert not row["clear"]
    assert result.k == 5
    without = pool(wards().drop(index="Ward 3"))
    assert result.tau2 == pytest.approx(without.tau2)
    assert "Over 5 of 6 wards" in result.summary()
    assert "Ward 3 (too few months after the change)" in result.summary()
    assert check(result, "not_evaluated")["status"] == "warn"
    cells = shown(result, "points").set_index("Ward").loc["Ward 3"]
    assert cells.iloc[0] == "not evaluated"
    assert cells.iloc[-1] == "too few months after the change"
    assert "nan" not in shown(result, "points").to_string().lower()


def test_a_blank_without_a_reason_says_what_is_missing():
    table = wards()
    table.loc["Ward 1", "estimate"] = np.nan
    table.loc["Ward 2", "se"] = np.nan
    reasons = pool(table).points.set_index("study")["reason"]
    assert reasons["Ward 1"] == "no estimate"
    assert reasons["Ward 2"] == "no standard error"


def test_names_come_from_a_column_the_index_or_the_row_number():
    table = wards(3)
    assert pool(table.reset_index(), study="ward").points["study"].tolist() == list(table.index)
    assert pool(table.reset_index(drop=True)).points["study"].tolist() == [
        "Row 1",
        "Row 2",
        "Row 3",
    ]


def test_the_unit_comes_from_the_table_unless_it_is_given():
    table = wards(unit="bed days a day", term="level_change")
    assert pool(table).estimates.loc["pooled", "unit"] == "bed days a day"
    assert pool(table, unit="beds").estimates.loc["pooled", "unit"] == "beds"


def test_rows_taken_from_results_are_numbers_whatever_their_column_type():
    """A row of estimates also holds words, so a table made of such rows has object columns."""
    table = wards(unit="bed days", method="REML")
    rows = pd.DataFrame({ward: table.loc[ward] for ward in table.index}).T
    assert rows["estimate"].dtype == object
    found, plain = pool(rows), pool(table)
    pd.testing.assert_frame_equal(found.points, plain.points)
    pd.testing.assert_frame_equal(found.estimates, plain.estimates)


def test_the_spread_holds_every_method_with_the_headline_first():
    result = pool(wards(), method="pm", interval="wald")
    first = result.spread.iloc[0]
    assert (first["method"], first["interval"], first["headline"]) == ("pm", "wald", True)
    assert result.spread["headline"].sum() == 1
    assert len(result.spread) == 7
    pooled = result.estimates.loc["pooled"]
    assert [first["estimate"], first["ci_low"]] == [pooled["estimate"], pooled["ci_low"]]
    table, caption = shown(result, "sensitivity"), result.table("sensitivity").caption
    assert "the one reported above" in table["Method"].iloc[0]
    assert table.iloc[-1, -1] == "not given"
    assert caption.startswith("Unit: ")


def test_the_callers_table_is_not_changed():
    table = with_missing()
    copy = table.copy(deep=True)
    pool(table)
    pd.testing.assert_frame_equal(table, copy)


def test_a_result_survives_its_json_form():
    result = pool(with_missing(), direction="lower", **WORDS)
    again = Result.from_dict(json.loads(to_json(result)))
    assert isinstance(again, PooledResult)
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()
    pd.testing.assert_frame_equal(again.points, result.points, check_dtype=False)
    assert [one.to_csv() for one in again.tables()] == [one.to_csv() for one in result.tables()]
    assert again.verdict == result.verdict
    assert undeclared(result) == {}
    assert to_json(again) == to_json(result)


def test_two_thousand_teams_are_pooled():
    result = pool(wards(2000, seed=3))
    assert result.estimates.loc["pooled", "estimate"] == pytest.approx(-4, abs=0.15)
    assert "2,000 teams" in result.headline()
    assert len(result.summary()) < 1500


# ---- words -------------------------------------------------------------------------------------


def test_a_clear_average_is_said_with_its_size_and_the_range_for_a_new_ward():
    result = pool(wards(12, tau=0.2), direction="lower", **WORDS)
    assert result.finding == "lower"
    assert result.headline().startswith("Occupied beds: ")
    assert "beds lower after the pathway, on average over 12 wards" in result.headline()
    assert "either way" not in result.headline()
    words = result.summary()
    assert "Over all 12 wards the average difference, with its 95% interval, was" in words
    assert "In a new ward like these the change would be expected between" in words
    assert words.endswith("This is the direction hoped for.")
    upside = pool(wards(12, tau=0.2), direction="higher", **WORDS)
    assert upside.summary().endswith("This is not the direction hoped for.")


def test_a_range_on_both_sides_of_zero_is_in_the_headline():
    result = pool(wards(15, mean=-2, tau=2.5, seed=2), **WORDS)
    assert result.finding == "lower"
    assert result.headline().endswith("; in another ward it could go either way.")


def test_an_unclear_average_is_never_called_no_effect():
    result = pool(wards(6, mean=0.0, tau=0.3, seed=6), **WORDS)
    assert result.finding == "unclear"
    assert "can be neither shown nor ruled out" in result.headline()
    assert "anything from" in result.summary()
    assert "does not show that nothing changed" in result.summary()
    assert "no effect" not in result.summary().lower()
    assert "the change is clear in no single ward" in result.summary()


def test_shares_are_read_as_per_cent():
    table = wards(5, seed=2) / 40
    result = pool(table.assign(unit="share of what was expected"), **{**WORDS, "unit": None})
    low, high = 100 * result.estimates.loc["pooled", ["ci_low", "ci_high"]]
    assert "per cent lower after the pathway" in result.headline()
    assert result.figures("pooled")[1:] == pytest.approx((low, high))
    assert result.axis_unit == "per cent of what was expected"
    cell = shown(result, "estimates").set_index("What").iloc[0]
    assert cell["Unit"] == "per cent of what was expected"


def test_alt_text_says_the_finding_the_marks_and_what_is_missing():
    words = pool(with_missing(), **WORDS).alt_text()
    assert words.startswith("Occupied beds: ")
    assert "one row for each of 5 wards" in words
    assert "A diamond shows" in words or "a diamond shows" in words
    assert "1 ward could not be evaluated" in words


@pytest.mark.parametrize("k", [2, 3, 7])
def test_no_words_hold_a_missing_number(k):
    result = pool(wards(k, seed=k), **WORDS)
    tables = [shown(result, name) for name in ("estimates", "points", "sensitivity")]
    everything = " ".join(
        [result.headline(), result.summary(), result.alt_text(), *(t.to_string() for t in tables)]
    )
    assert "nan" not in everything.lower().split()
    assert "not known" not in everything
    assert "{" not in everything
    assert ("prediction" in result.estimates.index) == (k > 2)


@pytest.mark.parametrize(
    ("one", "many"),
    [("ward", "wards"), ("facility", "facilities"), ("bay", "bays"), ("branch", "branches")],
)
def test_plurals(one, many):
    assert plural(one) == many


# ---- checks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "status"), [(2, "warn"), (4, "warn"), (5, "pass")])
def test_few_teams_are_said(k, status):
    result = pool(wards(k), **WORDS)
    assert check(result, "enough_teams")["status"] == status
    assert ("With so few wards" in result.summary()) == (status == "warn")


def test_differences_beyond_chance_are_a_warning():
    assert check(pool(bcg()), "heterogeneity")["status"] == "warn"
    assert check(pool(wards(tau=0)), "heterogeneity")["status"] == "pass"


def test_teams_that_agree_too_well_are_noticed():
    table = pd.DataFrame({"estimate": [1.0, 1.01, 0.99, 1.02, 1.0], "se": 3.0})
    result = pool(table)
    row = check(result, "heterogeneity")
    assert row["status"] == "info"
    assert "closer together than chance" in row["detail"]
    assert check(result, "interval_floor")["status"] == "info"
    assert result.tau2 == 0
    assert "differences seen between teams are no larger than chance" in result.summary()


def test_one_team_that_decides_is_named():
    names = ["North", "East", "South", "West", "Centre"]
    table = pd.DataFrame({"estimate": [-5.0, -5.3, -4.1, -5.2, -4.9], "se": 0.5}, index=names)
    assert check(pool(table), "single_team")["status"] == "pass"
    table.loc["Centre", "estimate"] = 20.0
    row = check(pool(table), "single_team")
    assert row["status"] == "warn"
    assert "without Centre, it would leave zero out" in row["detail"]


def test_rows_that_look_copied_are_noticed():
    table = wards()
    table.loc["Ward 5"] = table.loc["Ward 2"]
    row = check(pool(table), "counted_once")
    assert row["status"] == "warn"
    assert "Ward 2 and Ward 5" in row["detail"]


# ---- refusals ----------------------------------------------------------------------------------


def changed(column, row, value):
    table = wards()
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "more", "error", "says"),
    [
        (wards(1), {}, qi.CannotEvaluate, "at least two teams"),
        (wards() * np.nan, {}, qi.CannotEvaluate, "0 with an estimate"),
        (wards(0), {}, qi.DataError, "no rows"),
        (changed("se", "Ward 2", 0), {}, qi.DataError, "`Ward 2`"),
        (changed("se", "Ward 2", -1), {}, qi.DataError, "above zero and finite"),
        (changed("se", "Ward 2", np.inf), {}, qi.DataError, "`Ward 2`"),
        (changed("estimate", "Ward 4", -np.inf), {}, qi.DataError, "infinite"),
        (pd.concat([wards(3), wards(2)]), {}, qi.DataError, "teams `Ward 1`, `Ward 2`"),
        (wards().rename(columns={"se": "std"}), {}, qi.DataError, "no column `se`"),
        (wards(), {"estimate": "estimat"}, qi.DataError, "Did you mean `estimate`?"),
        (wards().astype({"estimate": str}), {}, qi.DataError, "does not hold numbers"),
        (wards(df=0.0), {}, qi.DataError, "Degrees of freedom"),
        (wards(unit=["beds"] * 5 + ["bed days"]), {}, qi.DataError, "different units"),
        (wards(term=["level_change"] * 5 + ["trend"]), {}, qi.DataError, "different things"),
        (wards().assign(name=["", *"bcdef"]), {"study": "name"}, qi.DataError, "rows 1"),
        (
            pd.concat({"level_change": wards(), "trend": wards()}, names=["term"]),
            {},
            qi.ParameterError,
            'xs("level_change"',
        ),
        (wards(), {"method": "remle"}, qi.ParameterError, "Did you mean `reml`?"),
        (wards(), {"method": "common"}, qi.ParameterError, "`reml`, `dl`, `pm`"),
        (wards(), {"interval": "t"}, qi.ParameterError, "`hartung_knapp`, `wald`"),
        (wards(), {"direction": "down"}, qi.ParameterError, "`lower`, `higher`, `neutral`"),
        (wards(), {"confidence": 95}, qi.ParameterError, "Use 0.95"),
    ],
)
def test_bad_input_is_refused_with_a_reason(table, more, error, says):
    with pytest.raises(error) as caught:
        pool(table, **more)
    assert says in str(caught.value)


def test_one_ward_with_an_estimate_says_why_the_others_have_none():
    table = with_missing()
    table.loc[table.index[1:], ["estimate", "se"]] = np.nan
    with pytest.raises(qi.CannotEvaluate) as caught:
        pool(table)
    assert "1 with an estimate" in str(caught.value)
    assert "Ward 3 (too few months after the change)" in str(caught.value)


@pytest.mark.parametrize(
    ("direction", "kind"), [("lower", "improved"), ("higher", "worse"), ("neutral", "changed")]
)
def test_the_verdict_rests_on_the_average(direction, kind):
    result = pool(bcg(), direction=direction)
    verdict = result.verdict
    assert (verdict.kind, verdict.term, verdict.size) == (kind, "pooled", result.term("pooled"))
    assert verdict.certainty == "with reservations"  # the trials differ by more than chance
    cells = " ".join(shown(result, "estimates").iloc[:, 1])
    assert result.interval_words("pooled") in cells
