"""Dose: the line of a published meta-regression; an association; refused where it says nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.synthesis.methods.regression import regress
from tests.analysis.house_rules import refused
from tests.analysis.synthesis.published import bcg

LATITUDE = (44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33)
"""Absolute latitude of the BCG trials, in the order of the table (metafor's dat.bcg)."""


def test_the_bcg_trials_against_latitude_are_as_in_metafor():
    """README of metafor: rma(yi, vi, mods = ~ ablat, data = dat, test = "knha")."""
    table = bcg()
    fitted = regress(table["estimate"].to_numpy(), table["se"].to_numpy() ** 2,
                     np.array(LATITUDE, dtype=float))  # fmt: skip
    # metafor stops once tau² changes by less than 1e-5 in a step.
    assert fitted.tau2 == pytest.approx(0.0764, abs=1e-4)
    assert fitted.beta == pytest.approx([0.2515, -0.0291], abs=5e-5)
    assert np.sqrt(np.diag(fitted.vcov)) == pytest.approx([0.2839, 0.0082], abs=5e-5)
    ends = fitted.ends(np.eye(2), 0.95)
    assert ends[0, 1:] == pytest.approx([-0.3735, 0.8764], abs=1e-4)
    assert ends[1, 1:] == pytest.approx([-0.0472, -0.0111], abs=5e-5)
    assert (fitted.df, fitted.floored) == (11, False)


def teams(doses, estimates, ses=0.5):
    return pd.DataFrame(
        {
            "unit": [f"Team {at}" for at in range(len(doses))],
            "sessions": doses,
            "effect": estimates,
            "se": ses,
            "source": "diary",
        }
    )


def of(table, **asked):
    return qi.dose(table, **{"dose": "sessions", "estimate": "effect", "se": "se", **asked})


def test_effects_on_a_line_give_the_line_back():
    doses = np.arange(12.0)
    result = of(teams(doses, 3 - 0.5 * doses), step=4, direction="lower", dose_in="sessions")
    assert result.term("slope").value == pytest.approx(-2.0)
    assert result.term("across").value == pytest.approx(-5.5)
    assert result.term("at_lowest").value == pytest.approx(3.0)
    assert result.term("tau").value == pytest.approx(0.0, abs=1e-6)
    assert result.floored
    assert result.headline() == (
        "The effect: effects were better where the dose (sessions) was higher, an association over "
        "12 teams."
    )
    assert "association" in result.details()
    assert result.estimates["p_value"].isna().all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_the_unit_and_the_zero_of_the_dose_do_not_matter(seed, unit, zero):
    rng = np.random.default_rng(seed)
    doses, effects, ses = rng.uniform(0, 10, 14), rng.normal(size=14), rng.uniform(0.3, 1, 14)
    one = of(teams(doses, effects, ses)).term("across")
    other = of(teams(zero + unit * doses, effects, ses)).term("across")
    assert other[:3] == pytest.approx(one[:3], rel=1e-4, abs=1e-6)


def test_without_an_association_nothing_is_claimed():
    """Written down before it was run: of 40 lines through nothing, at most 6 are clear."""
    clear = 0
    for seed in range(54_000, 54_040):
        rng = np.random.default_rng(seed)
        table = teams(rng.uniform(0, 10, 12), rng.normal(scale=1.2, size=12), 0.8)
        clear += of(table).verdict.label != "no clear association"
    assert clear <= 6


def test_teams_without_a_dose_or_an_effect_stay_in_the_table():
    table = teams(np.arange(12.0), np.arange(12.0))
    table.loc[0, "sessions"] = np.nan
    table.loc[1, ["effect", "se"]] = np.nan
    table.loc[2, "source"] = None
    result = of(table)
    reasons = result.points.set_index("team")["reason"]
    assert (reasons["Team 0"], reasons["Team 1"]) == ("no dose", "no effect in the table")
    assert len(result.used) == 10
    checks = result.checks.set_index("id")
    assert checks.loc["sources", "detail"] == "1 dose without a source."
    assert checks.loc["enough", "status"] == "warn"


def test_one_team_that_turns_the_line_is_named_as_a_warning():
    doses = [*np.linspace(0, 3, 11), 30]
    effects = [*np.linspace(0, 3, 11), -20]
    assert of(teams(doses, effects)).checks.set_index("id").loc["leave_one_out", "status"] == "warn"


@pytest.mark.parametrize(
    ("table", "asked", "kind", "words"),
    [
        (teams(np.arange(9.0), np.arange(9.0)), {}, qi.CannotEvaluate, "too few teams"),
        (teams([1.0, 2.0] * 6, np.arange(12.0)), {}, qi.CannotEvaluate, "do not differ enough"),
        (teams([4.0] * 12, np.arange(12.0)), {}, qi.CannotEvaluate, "do not differ enough"),
        (teams(np.arange(12.0), np.arange(12.0), 0.0), {}, qi.DataError, "above zero"),
        (teams(np.arange(12.0), np.arange(12.0)), {"se": None}, qi.ParameterError, "together"),
        (teams(np.arange(12.0), np.arange(12.0)), {"step": 0}, qi.ParameterError, "`step`"),
        (
            teams(np.arange(12.0), np.arange(12.0)).assign(unit="One"),
            {},
            qi.DataError,
            "each once",
        ),
    ],
)
def test_mistakes_are_named(table, asked, kind, words):
    with refused(kind, words):
        of(table, **asked)


def test_effects_are_taken_from_the_results_of_the_programme(example_outputs):
    results = qi.read_results(programme="closing-the-gap")
    own = {item.project: item for item in results if item.notebook == "interrupted_time_series"}
    table = pd.DataFrame(
        {"unit": [*own, "nobody-known"], "sessions": np.arange(len(own) + 1), "source": "diary"}
    )
    result = qi.dose(table, results, dose="sessions", measure="Occupied bed days")
    told = result.points.set_index("team")
    effect = own["rowan-discharge-pathway"].result.effect
    assert told.loc["rowan-discharge-pathway", "estimate"] == pytest.approx(100 * effect.relative)
    assert told.loc["nobody-known", "reason"] == "no such evaluation"
    assert told.loc["juniper-crisis-house", "reason"] == "not evaluated"
    assert "other_events" in set(result.checks["id"])
    with refused(qi.CannotEvaluate, "too few teams"):
        qi.dose(table, results, dose="sessions", measure="Falls")


def test_effects_of_different_measures_are_not_mixed(example_outputs):
    evaluation, other = "interrupted_time_series", {"outcome": "Days of leave"}
    results = [
        replace(item, result=replace(item.result, params={**item.result.params, **other}))
        if item.project == "plane-home-leave" and item.notebook == evaluation
        else item
        for item in qi.read_results(programme="closing-the-gap")
    ]
    projects = sorted({item.project for item in results})
    table = pd.DataFrame({"unit": projects, "sessions": np.arange(len(projects)), "source": ""})
    with refused(qi.DataError, "different measures", "`measure`"):
        qi.dose(table, results, dose="sessions", evaluation=evaluation, relative=False)
