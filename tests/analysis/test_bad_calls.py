"""Calls from Python that no signature allows are refused in words, by every analysis alike."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.batch.plan import plan
from qieval.catalogue import EVALUATIONS, load
from qieval.params import Parameters, read_evaluation
from tests.example_results import PROGRAMME, ROOT, handed_on

EXAMPLES = {
    item.file.notebook: item.file.path
    for item in reversed(plan([ROOT / "params" / PROGRAMME], ROOT).items)
    if not item.reads_results
}
"""An evaluation of the example programme for each analysis."""


@pytest.fixture(params=sorted(EXAMPLES))
def call(request, monkeypatch):
    """An analysis, what its notebook hands to it, and its keyword arguments."""
    monkeypatch.chdir(ROOT)
    evaluation = read_evaluation(EXAMPLES[request.param], ROOT)
    row = EVALUATIONS[request.param]
    asked = Parameters(row.name, evaluation.parameters)
    analysis = load(row.analysis)
    return analysis, handed_on(row, asked), asked.of(analysis)


def test_something_else_than_a_table_is_refused(call):
    analysis, given, named = call
    for wrong in ([1, 2], {"a": [1]}, "x", 5, np.zeros((3, 2)), pd.Series([1.0])):
        with pytest.raises(qi.QievalError):
            analysis(wrong, *given[1:], **named)


def test_arguments_of_another_kind_are_refused(call):
    analysis, given, named = call
    for name in named:
        with pytest.raises(qi.ParameterError, match=name):
            analysis(*given, **{**named, name: object()})
        with suppress(qi.QievalError):  # where a date may stand it is one, long ago
            analysis(*given, **{**named, name: pd.Timestamp("1900-01-01 00:01")})


@pytest.mark.parametrize("factor", [1e160, 1e-160, 1e300, 1e-300])
def test_extreme_figures_are_refused_or_reckoned_with(call, factor):
    analysis, given, named = call
    for at, table in enumerate(given):
        if isinstance(table, pd.DataFrame):
            for name in table.select_dtypes("number"):
                scaled = table.assign(**{name: table[name] * factor})
                with suppress(qi.QievalError):  # anything else is a fault
                    analysis(*given[:at], scaled, *given[at + 1 :], **named).summary()


def test_a_series_of_large_or_small_figures_is_the_same_in_its_own_unit():
    rng = np.random.default_rng(11)
    table = pd.DataFrame({"period": pd.date_range("2019-01-01", periods=30, freq="MS")})
    y = rng.normal(100, 5, 30)
    estimates = [
        qi.interrupted_time_series(
            table.assign(y=y * unit), value="y", intervention="2020-04-01", counts="amount"
        ).estimates.loc["average_effect", ["estimate", "ci_low", "ci_high"]]
        / unit
        for unit in (1, 1e45, 1e-45)
    ]
    for other in estimates[1:]:
        np.testing.assert_allclose(other.astype(float), estimates[0].astype(float), rtol=1e-9)
