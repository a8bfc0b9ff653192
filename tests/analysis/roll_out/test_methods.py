"""Weights and permutations of the roll-out against slow ways of reckoning the same."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qieval.analysis.roll_out.methods.permutations import (
    Question,
    Split,
    assignments_of,
    invert,
    possible_assignments,
    statistics,
    weights,
)
from qieval.analysis.roll_out.methods.weights import (
    RHO,
    Grid,
    differences,
    left_over,
    two_way,
    weights_of,
)

EVERYTHING = Question()


def by_regression(present: np.ndarray, starts: np.ndarray, values: np.ndarray) -> float:
    """The estimator with whole matrices: GLS on untreated cells, BLUP for treated ones."""
    units, periods = present.shape
    unit, period = np.nonzero(present)
    treated = period >= starts[unit]
    same = unit[:, None] == unit
    v = np.where(same, RHO ** np.abs(period[:, None] - period), 0.0)
    x = np.hstack([np.eye(units)[unit], np.eye(periods)[period]])
    u = ~treated
    inverse = np.linalg.inv(v[np.ix_(u, u)])
    beta = np.linalg.pinv(x[u].T @ inverse @ x[u]) @ x[u].T @ inverse @ values[present][u]
    error = values[present][u] - x[u] @ beta
    predicted = x[treated] @ beta + v[np.ix_(treated, u)] @ inverse @ error
    effects = values[present][treated] - predicted
    # A cell can be predicted if what it needs is a combination of rows that were fitted.
    gram = x[u].T @ x[u]
    known = np.array(
        [np.allclose(gram @ np.linalg.pinv(gram) @ row, row, atol=1e-8) for row in x[treated]]
    )
    return float(effects[known].mean())


@pytest.mark.parametrize("holes", [0.0, 0.15])
@pytest.mark.parametrize("seed", range(4))
def test_the_effect_is_that_of_whole_matrices(seed, holes):
    rng = np.random.default_rng(seed)
    units, periods = 6, 14
    values = rng.normal(size=(units, periods)).cumsum(axis=1)
    present = rng.uniform(size=values.shape) >= holes
    present[:, 0] = True
    starts = np.array([5, 5, 7, 9, 12, periods])
    expected = by_regression(present, starts, values)
    found = weights_of(Grid(present), starts)
    assert (found.cells * values).sum() == pytest.approx(expected, abs=1e-9)
    assert not found.cells[~present].any()
    apart, used = differences(Grid(present), starts, values[..., None])
    assert (used == found.used).all()
    assert apart[used].mean() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_unit_and_period_effects_do_not_matter_and_a_constant_effect_is_found(seed):
    rng = np.random.default_rng(seed)
    units, periods = int(rng.integers(4, 9)), int(rng.integers(8, 20))
    present = rng.uniform(size=(units, periods)) > 0.1
    present[:, :3] = True
    starts = rng.integers(3, periods + 1, size=units)
    starts[:2] = 4, periods
    level = rng.normal(0, 50, (units, 1)) + rng.normal(0, 50, periods)
    treated = np.arange(periods) >= starts[:, None]
    one = weights_of(Grid(present), starts)
    assert (one.cells * level).sum() == pytest.approx(0, abs=1e-7)
    assert (one.cells * (level + 3.0 * treated)).sum() == pytest.approx(3.0, abs=1e-7)


def test_effects_that_grow_are_averaged_over_the_cells_used_and_the_two_way_model_is_not_right():
    """A ramp over a year: the mean over used cells exactly; the constant effect is far off."""
    units, periods = 8, 24
    starts = np.arange(6, 6 + 2 * units, 2)
    since = np.arange(periods) - starts[:, None]
    effect = np.where(since >= 0, np.clip((since + 1) / 12, 0, 1), 0.0)
    grid = Grid(np.ones((units, periods), dtype=bool))
    found = weights_of(grid, starts)
    assert (found.cells * effect).sum() == pytest.approx(effect[found.used].mean(), abs=1e-9)
    alone = [(np.arange(units), grid)]
    assert (two_way(alone, starts) * effect).sum() < 0.5 * effect[found.used].mean()


@pytest.mark.parametrize("networks", [1, 2])
def test_the_two_way_model_is_generalised_least_squares(networks):
    rng = np.random.default_rng(5)
    units, periods, starts = 6, 9, np.array([3, 4, 6, 8, 9, 5])
    network = np.arange(units) * networks // units
    present = rng.uniform(size=(units, periods)) > 0.1
    values = rng.normal(size=(units, periods))
    unit, period = np.nonzero(present)
    v = np.where(unit[:, None] == unit, RHO ** np.abs(period[:, None] - period), 0.0)
    of_period = np.eye(periods * networks)[network[unit] * periods + period]
    x = np.hstack([(period >= starts[unit])[:, None], np.eye(units)[unit], of_period])
    inverse = np.linalg.inv(v)
    beta = np.linalg.pinv(x.T @ inverse @ x) @ x.T @ inverse @ values[present]
    cells = two_way(Split(Grid(present), network).parts, starts)
    assert (cells * values).sum() == pytest.approx(beta[0], abs=1e-9)


def test_what_units_and_periods_explain_is_not_left_over():
    present = np.ones((4, 7), dtype=bool)
    level = np.arange(4.0)[:, None] ** 2 + np.arange(7.0)
    assert np.allclose(left_over(Grid(present), level), 0, atol=1e-9)


def test_every_assignment_is_gone_through_once_and_the_actual_one_is_first():
    starts, network = np.array([3, 4, 4, 6, 8]), np.array([0, 0, 0, 1, 1])
    every = assignments_of(starts, network, most=10_000, seed=1)
    assert every.possible == len(every) == 3 * 2 == possible_assignments(starts, network)
    assert (every.starts[0] == starts).all()
    assert len({tuple(row) for row in every.starts.tolist()}) == 6
    drawn = assignments_of(np.arange(12), np.zeros(12, dtype=int), most=500, seed=1)
    assert len(drawn) == 500
    assert (drawn.starts[0] == np.arange(12)).all()
    assert (np.sort(drawn.starts, axis=1) == np.arange(12)).all()


@pytest.mark.parametrize("question", [EVERYTHING, Question(0, 3), Question(constant=True)])
@pytest.mark.parametrize("networks", [1, 2])
def test_the_short_way_over_assignments_gives_what_each_gives_by_itself(question, networks):
    rng = np.random.default_rng(2)
    starts = np.array([4, 5, 7, 9, 5, 6, 6, 12])
    network = np.arange(8) * networks // 8
    split = Split(Grid(np.ones((8, 12), dtype=bool)), network)
    values = rng.normal(size=(8, 12))
    some = assignments_of(starts, network, most=30, seed=3)
    quick = statistics(split, some, [question], values[..., None])[:, 0, 0]
    slow = [(weights(split, row, question)[0] * values).sum() for row in some.starts]
    assert np.allclose(quick, slow, atol=1e-10)


@pytest.mark.parametrize("question", [EVERYTHING, Question(0, 3)])
def test_with_cells_missing_each_assignment_has_weights_of_its_own(question):
    rng = np.random.default_rng(4)
    starts, present = np.array([4, 5, 7, 9, 12, 12]), rng.uniform(size=(6, 12)) > 0.1
    split = Split(Grid(present), np.zeros(6, dtype=int))
    values = np.where(present, rng.normal(size=(6, 12)), 1e6)
    some = assignments_of(starts, split.network, most=30, seed=3)
    quick = statistics(split, some, [question], values[..., None])[:, 0, 0]
    slow = [(weights(split, row, question)[0] * values).sum() for row in some.starts]
    assert np.allclose(quick, slow, atol=1e-8)


def test_with_cells_missing_a_constant_effect_is_found():
    rng = np.random.default_rng(4)
    starts, present = np.array([4, 5, 7, 9, 12, 12]), rng.uniform(size=(6, 12)) > 0.1
    split = Split(Grid(present), np.zeros(6, dtype=int))
    treated = (np.arange(12) >= starts[:, None]).astype(float)
    some = assignments_of(starts, split.network, most=30, seed=3)
    values = np.stack([treated, 3 * treated + rng.normal(size=(6, 1))], axis=2)
    under = statistics(split, some, [Question(constant=True)], values)[:, 0]
    assert under[0] == pytest.approx([1, 3])
    assert np.abs(under[:, 0]).max() <= 1 + 1e-9
    assert under[:, 1] == pytest.approx(3 * under[:, 0])


def test_the_interval_holds_exactly_the_effects_that_are_not_rejected():
    rng = np.random.default_rng(8)
    starts = np.array([4, 6, 8, 10, 12])
    split = Split(Grid(np.ones((5, 14), dtype=bool)), np.zeros(5, dtype=int))
    values = rng.normal(size=(5, 14)) + 2.0 * (np.arange(14) >= starts[:, None])
    treatment = (np.arange(14) >= starts[:, None]).astype(float)
    every = assignments_of(starts, split.network, most=10_000, seed=1)
    under = statistics(split, every, [EVERYTHING], np.stack([values, treatment], axis=2))[:, 0]
    tested = invert(under, 0.95)

    def p_value(beta: float) -> float:
        less = np.abs(under[:, 0] - beta * under[:, 1])
        return float(np.mean(less >= less[0] - 1e-9))

    assert tested.p_value == pytest.approx(p_value(0.0))
    assert np.abs(under[1:, 1]).max() < 1
    for end, outwards in ((tested.low, -1e-6), (tested.high, 1e-6)):
        assert p_value(end - outwards) > 0.05 >= p_value(end + outwards)
    assert tested.least_p == 1 / 120


def test_two_groups_that_mirror_each_other_can_only_just_be_told_apart():
    """Three start, three never do: the mirror image is as extreme, whatever the data."""
    starts = np.array([5, 5, 5, 10, 10, 10])
    split = Split(Grid(np.ones((6, 10), dtype=bool)), np.zeros(6, dtype=int))
    every = assignments_of(starts, split.network, most=10_000, seed=1)
    treatment = (np.arange(10) >= starts[:, None]).astype(float)
    rng = np.random.default_rng(1)
    both = np.stack([rng.normal(size=(6, 10)), treatment], axis=2)
    under = statistics(split, every, [EVERYTHING], both)[:, 0]
    assert len(every) == len(list(itertools.combinations(range(6), 3)))
    assert invert(under, 0.95).least_p == pytest.approx(2 / 20)
    assert np.isinf(invert(under, 0.95).low)
