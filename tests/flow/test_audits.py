"""Figures in rows of their own become counts; what was not sent in is missing, not 0 %."""

from __future__ import annotations

import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import CannotEvaluate, DataError

ASKED = {"team": "area", "figures_in": "figure", "denominator": "Register"}


def returns() -> pd.DataFrame:
    rows = [
        ("2018", "A", "Weight", 5),
        ("2018", "A", "Register", 10),
        ("2018", "B", "Weight", 0),
        ("2018", "B", "Register", 0),
        ("2018", "C", "Weight", None),
        ("2018", "C", "Register", None),
        ("2019", "A", "Register", 12),
        ("2019", "A", "Weight", 9),
        ("2019", "D", "Weight", 3),
    ]
    return pd.DataFrame(rows, columns=["wave", "area", "standard", "figure"])


def test_each_figure_is_set_against_the_denominator_of_its_team_and_wave():
    before = returns()
    made = qi.audit_counts(returns(), **ASKED)
    assert made.table[["wave", "area", "standard", "met", "applicable"]].values.tolist() == [
        ["2018", "A", "Weight", 5, 10],
        ["2019", "A", "Weight", 9, 12],
    ]
    assert "2 in 2018, 1 in 2019" in made.notes[1]
    pd.testing.assert_frame_equal(before, returns())


def test_without_teams():
    table = returns()[lambda t: t["area"] == "A"].drop(columns="area")
    made = qi.audit_counts(table, figures_in="figure", denominator="Register")
    assert made.table["applicable"].tolist() == [10, 12]


def test_other_tables_are_handed_on_as_they_are():
    table = returns()
    assert qi.audit_counts(table).table is table


def test_mistakes():
    with pytest.raises(DataError, match="No row of `standard` is `Registr`"):
        qi.audit_counts(returns(), **(ASKED | {"denominator": "Registr"}))
    with pytest.raises(DataError, match="together, or neither"):
        qi.audit_counts(returns(), figures_in="figure")
    with pytest.raises(DataError, match="name the column of the team"):
        qi.audit_counts(returns(), **(ASKED | {"team": None}))
    with pytest.raises(DataError, match="no column `figur`"):
        qi.audit_counts(returns(), **(ASKED | {"figures_in": "figur"}))
    with pytest.raises(CannotEvaluate, match="nothing was sent in"):
        qi.audit_counts(returns().assign(figure=0), **ASKED)
