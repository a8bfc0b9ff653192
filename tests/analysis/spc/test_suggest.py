"""Which chart, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.spc import suggest_chart
from qieval.core.errors import ParameterError
from tests.analysis.spc import published
from tests.analysis.spc.published import monthly

RNG = np.random.default_rng(21)
N = RNG.integers(300, 400, 36)


def counts(rate, spread=0.0):
    p = np.clip(RNG.normal(rate, spread, 36), 0, 1)
    return monthly(list(RNG.binomial(N, p)), n=N)


DATES = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(1, 60, 5) ** 2 % 400, unit="D")


@pytest.mark.parametrize(
    ("kind", "table", "ask"),
    [
        ("p", counts(0.3), {"numerator": "x", "denominator": "n"}),
        ("pp", counts(0.3, 0.1), {"numerator": "x", "denominator": "n"}),
        (
            "u",
            monthly(list(RNG.poisson(1.5 * N)), n=N),
            {"numerator": "x", "denominator": "n"},
        ),
        (
            "up",
            monthly(list(RNG.poisson(N * RNG.gamma(9, 0.2, 36))), n=N),
            {"numerator": "x", "denominator": "n"},
        ),
        (
            "ip",
            monthly([2.5, 3.1, 2.2, 4.0], n=[10, 12, 9, 11]),
            {"value": "x", "denominator": "n"},
        ),
        ("i", monthly([2.5, 3.1, 2.2, 4.0]), {"value": "x"}),
        ("c", monthly(list(RNG.poisson(12, 36))), {"value": "x"}),
        ("i", monthly(list(RNG.poisson(5000, 36))), {"value": "x"}),
        ("i", monthly(list(RNG.poisson(RNG.gamma(4, 5, 36)))), {"value": "x"}),
        ("g", monthly([0.0, 1, 0, 0, 2, 0, 1, 0, 0, 0, 1, 0]), {"value": "x"}),
        ("xbar", published.rings(), {"value": "x"}),
        ("t", pd.DataFrame({"period": DATES.unique()}), {}),
        ("g", pd.DataFrame({"period": [*DATES, DATES[0]]}), {}),
    ],
)
def test_the_chart_that_suits(kind, table, ask):
    found = suggest_chart(table, **ask)
    assert found.kind == kind, found
    assert found.reason
    assert f"`kind: {kind}`" in str(found)


def test_a_change_of_level_is_not_taken_for_overdispersion():
    p = np.repeat([0.25, 0.4], 18)
    table = monthly(list(RNG.binomial(N, p)), n=N)
    found = suggest_chart(table, numerator="x", denominator="n")
    assert found.kind == "p"
    assert found.dispersion > 3


def test_value_and_numerator_are_not_both():
    with pytest.raises(ParameterError, match="not both"):
        suggest_chart(counts(0.3), value="x", numerator="x", denominator="n")


def test_a_change_of_level_is_not_taken_for_a_wider_spread():
    rng = np.random.default_rng(5)
    moved = np.where(np.arange(36) < 18, 0.2, 0.5)
    found = suggest_chart(
        monthly(list(rng.binomial(N, moved)), n=N), numerator="x", denominator="n"
    )
    assert found.kind == "p"
    assert "as after a change of level" in found.reason
    assert "fits chance alone" not in found.reason
