"""The committed chances of false signals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.spc_false_alarms import CONTROL, RUN, shares, step_thresholds
from qieval.analysis.spc.methods import false_alarms, steps
from qieval.analysis.spc.methods.phases import make_phases
from qieval.analysis.spc.methods.series import Series


def test_every_rule_set_has_every_length():
    table = false_alarms.table()
    run = {("run", name) for name in [*RUN, "ihi_shift_or_trend"]}
    assert set(table.index) == run | {("control", name) for name in CONTROL}
    assert table.shape[1] == 91
    assert not table.isna().any(axis=None)


@pytest.mark.parametrize(
    ("chart", "rules", "at_24", "at_60"),
    [
        ("run", "anhoej", 0.034, 0.044),
        ("run", "ihi_shift_or_trend", 0.38, 0.78),
        ("control", "making_data_count_2021", 0.186, 0.46),
    ],
)
def test_against_figures_found_independently(chart, rules, at_24, at_60):
    """METHODS 2.2, simulated by other people with other code; both have simulation error."""
    assert false_alarms.chance(chart, rules, [24]) == pytest.approx(at_24, rel=0.12)
    assert false_alarms.chance(chart, rules, [60]) == pytest.approx(at_60, rel=0.05)


def test_the_table_is_that_of_the_rules_as_they_are():
    again = shares(30, 2000)
    for key, share in again.items():
        stored = false_alarms.table().loc[key, "30"]
        assert share == pytest.approx(stored, abs=4 * np.sqrt(stored / 2000) + 0.002), key


def test_phases_and_charts_add_up():
    one = false_alarms.chance("control", "nelson", [30])
    two = false_alarms.chance("control", "nelson", [30, 30])
    assert two == pytest.approx(1 - (1 - one) ** 2)
    assert false_alarms.chance("control", "nelson", [30, 9]) is None
    long = false_alarms.chance("control", "nelson", [300])
    assert long == false_alarms.chance("control", "nelson", [100])
    assert "more than" in false_alarms.in_words(long, [300], "Nelson rules")
    assert "Of 200 charts that is about" in false_alarms.in_words(one, [30], "Nelson rules", 200)


def test_proposed_steps_keep_the_chance_that_they_state():
    """Thresholds of the committed table against series of another seed."""
    y = np.random.default_rng(8).normal(size=(20_000, 36))
    _, z = steps.best_split(y, np.ones(y.shape), np.ones(y.shape, dtype=bool))
    chance = steps.chance_of(z, np.full(len(y), 36))
    assert (chance <= 0.01).mean() == pytest.approx(0.01, abs=0.0025)
    assert (chance <= 0.001).mean() == pytest.approx(0.001, abs=0.001)


def test_the_step_thresholds_are_those_of_the_method_as_it_is():
    assert step_thresholds(24, 20_000)[0] == pytest.approx(
        steps.thresholds().loc[24, "0.01"], rel=0.04
    )


def test_levels_of_two_phases_differ_by_chance_as_often_as_the_docs_say():
    """docs/methods/spc.md: about 1 in 100 at 12 points a phase, fewer with more points."""
    rng, n, count = np.random.default_rng(9), 24, 4000
    y, known = rng.normal(size=(count, n)), np.ones((count, n), dtype=bool)
    days = np.broadcast_to(np.arange(n).astype("datetime64[D]").astype("datetime64[us]"), y.shape)
    blank, ones = np.full(y.shape, np.nan), np.ones(y.shape)
    series = Series(pd.DataFrame(index=range(count)), "day", days, y, ones, y, blank, ones, known)
    phases = make_phases(series, None, ["1970-01-13"], ())
    z = steps.between_phases(series, phases, "i", 1)
    assert 0.004 < (np.abs(z) > steps.CLEAR).mean() < 0.02
