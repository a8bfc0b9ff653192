"""The committed chances of false signals."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.spc_false_alarms import CONTROL, RUN, shares
from qieval.analysis.spc.methods import false_alarms


def test_every_rule_set_has_every_length():
    table = false_alarms.table()
    run = {("run", name) for name in [*RUN, "ihi_shift_or_trend"]}
    assert set(table) == run | {("control", name) for name in CONTROL}
    assert {len(chances) for chances in table.values()} == {91}


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
        stored = false_alarms.table()[key][30 - false_alarms.SHORTEST]
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
