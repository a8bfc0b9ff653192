"""Power of a planned roll-out: what is promised is found, and what cannot be planned is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.roll_out.methods.permutations import (
    Question,
    Split,
    assignments_of,
    invert,
    statistics,
)
from qieval.analysis.roll_out.methods.weights import Grid
from tests.analysis import house_rules
from tests.analysis.roll_out.test_roll_out import table

PLAN = {f"Ward {at + 1:02d}": f"201{8 + at // 6}-{1 + 2 * (at % 6):02d}-01" for at in range(8)}


def planned(data: pd.DataFrame, **more) -> qi.RollOutPowerResult:
    asked = {"value": "score", "counts": "amount", "starts": PLAN, "simulations": 200, **more}
    return qi.roll_out_power(data.drop(columns="started"), **asked)


def test_the_smallest_effect_is_found_as_often_as_promised():
    """New series with what was estimated, through the test itself."""
    result = planned(table([None] * 8, months=12), simulations=400)
    months, starts = 12 + 15 + 6, np.arange(12, 28, 2)
    rng = np.random.default_rng(99)
    series = 400
    values = rng.normal(0, result.sd, (8, months, series))
    for at in range(1, months):
        fresh = np.sqrt(1 - result.rho**2) * values[:, at]
        values[:, at] = result.rho * values[:, at - 1] + fresh
    treated = (np.arange(months) >= starts[:, None]).astype(float)
    split = Split(Grid(np.ones((8, months), dtype=bool)), np.zeros(8, dtype=int))
    some = assignments_of(starts, split.network, most=2_000, seed=5)
    both = np.concatenate(
        [values - result.smallest * treated[..., None], treated[..., None]], axis=2
    )
    under = statistics(split, some, [Question()], both)[:, 0]
    clear = [invert(under[:, [at, series]], 0.95).high < 0 for at in range(series)]
    assert np.mean(clear) == pytest.approx(0.8, abs=0.09)


def test_power_grows_with_the_effect_and_scales_with_the_noise():
    data = table([None] * 8, months=14)
    one, twice = planned(data, wanted=1.0), planned(data.assign(score=2 * data["score"]))
    assert twice.smallest == pytest.approx(2 * one.smallest)
    assert one.points["power"].is_monotonic_increasing
    chance = np.interp(1.0, one.points["effect"], one.points["power"])
    assert one.term("chance_of_wanted").value == pytest.approx(chance, abs=0.05)
    assert one.points["power"].iloc[0] == pytest.approx(0.025, abs=0.02)  # by chance, one side
    house_rules.check(one)


def test_starts_close_together_find_less():
    data = table([None] * 8, months=14)
    close = {f"Ward {at + 1:02d}": f"2018-{3 + at // 4:02d}-01" for at in range(8)}
    assert planned(data, starts=close).smallest > 1.3 * planned(data).smallest


@pytest.mark.parametrize(
    ("months", "starts", "problem"),
    [
        (5, PLAN, "too few months before"),
        (12, dict.fromkeys(PLAN, "2018-05-01"), "same month"),
        (12, dict.fromkeys(PLAN), "No unit is to start"),
    ],
)
def test_what_cannot_be_planned_is_refused(months, starts, problem):
    with pytest.raises(qi.CannotEvaluate, match=problem):
        planned(table([None] * 8, months=months), starts=starts)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"power": 1.2}, "between 0 and 1"),
        ({"simulations": 3}, "100 or more"),
        ({"wanted": -1}, "above"),
    ],
)
def test_parameters_without_a_meaning_are_refused(more, problem):
    with pytest.raises(qi.ParameterError, match=problem):
        planned(table([None] * 8, months=12), **more)
