"""Admissions and falls of the example: as many as the measures say, as likely as expected."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulation.cases import PLACES, PROJECT
from tests.example_results import result_of

ROOT = Path(__file__).resolve().parents[2]
DATA, PARAMS = ROOT / "data" / "closing-the-gap", ROOT / "params" / "closing-the-gap" / PROJECT


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return pd.read_csv(DATA / "cases.csv", parse_dates=["date"])


def test_falls_are_those_of_the_measures(cases: pd.DataFrame) -> None:
    measures = pd.read_csv(DATA / "measures.csv", parse_dates=["period"])
    falls = measures[(measures["project"] == PROJECT) & (measures["measure"] == "Falls")]
    dates = cases.loc[cases["what"] == "Fall", "date"]
    found = dates.dt.to_period("M").dt.to_timestamp().value_counts()
    assert falls.set_index("period")["numerator"].sub(found, fill_value=0).eq(0).all()


def test_no_signal_where_the_odds_are_as_expected() -> None:
    cusum = result_of(PARAMS / "cusum.yml")
    assert (cusum.verdict.kind, cusum.verdict.certainty) == ("no clear change", "clear")
    vlad = result_of(PARAMS / "vlad.yml")
    low, high = vlad.term("difference")[1:3]
    assert low < 0 < high


def test_the_most_frequent_places_are_those_built_in() -> None:
    found = result_of(PARAMS / "pareto.yml").points
    named = found.loc[~found["rest"], "reason"].tolist()
    assert named[:4] == list(PLACES)[:4]
    assert found["reason"].iloc[-1] == "Other"
    for row in found.itertuples():
        assert row.low - 0.05 < PLACES[row.reason] < row.high + 0.05
