"""Every mistake says what is wrong, what was found and what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from tests.analysis.audit.audits import answers, audit, counts, simulated, tallied

TABLE = simulated(1, teams=2, records=(3, 6))
COUNTS = tallied(TABLE)


def fails(kind, call, table, **more) -> str:
    with pytest.raises(kind) as caught:
        call(table, **more)
    return str(caught.value)


def test_unknown_answers_are_told_by_row_with_the_parameter_that_maps_them():
    table = TABLE.copy()
    table.loc[table.index[:3], "result"] = ["done", "done", "??"]
    text = fails(DataError, audit, table)
    assert "Not every answer is known" in text
    assert "2 different texts in rows 1, 2, 3" in text
    assert "??" not in text
    assert "`codes: {done: met}`" in text
    for state in ("met", "partly met", "not met", "not recorded", "refused", "not applicable"):
        assert f"`{state}`" in text


def test_an_answer_may_be_about_somebody_and_is_not_shown():
    table = TABLE.copy()
    table.loc[table.index[0], "result"] = "Mrs Example of the High Street did not want it"
    text = fails(DataError, audit, table)
    assert "Example" not in text
    assert "one text in rows 1" in text


def test_a_code_that_means_nothing_known():
    text = fails(ParameterError, audit, TABLE, codes={"x": "mett"})
    assert "Did you mean `met`?" in text


@pytest.mark.parametrize(
    ("name", "known"), [("missing", "leave_out"), ("refused", "met"), ("partly", "not_met")]
)
def test_an_unknown_rule(name, known):
    assert f"`{known}`" in fails(ParameterError, audit, TABLE, **{name: "ignore"})


def test_two_answers_of_a_record_to_one_standard():
    table = pd.concat([TABLE, TABLE.iloc[[0]].assign(result="not met")], ignore_index=True)
    text = fails(DataError, audit, table, team="team")
    assert "more than one answer" in text
    assert f"rows 1, {len(table)}" in text
    assert TABLE["record"][0] not in text
    numbered = table.set_index(pd.RangeIndex(100, 100 + len(table), name="row"))
    assert f"rows 100, {99 + len(table)}" in fails(DataError, audit, numbered)


def test_the_order_of_waves_is_never_guessed():
    table = TABLE.assign(wave=TABLE["wave"].replace({"2018": "baseline", "2019": "re-audit"}))
    text = fails(ParameterError, audit, table)
    assert "`waves: [baseline, re-audit]`" in text
    assert audit(table, waves=["baseline", "re-audit"]).pair == ("baseline", "re-audit")
    quarters = TABLE.assign(wave=TABLE["wave"].replace({"2018": "Q4 2018", "2019": "Q1 2019"}))
    assert "not clear" in fails(ParameterError, audit, quarters)


def test_a_wave_without_rows():
    text = fails(ParameterError, audit, TABLE, waves=["2018", "2020"])
    assert "`2020`, of which the table has no row" in text
    assert "`2019`" in text


@pytest.mark.parametrize("given", [["2018"], ["2018", "2018"], ["2018", "2020"]])
def test_waves_to_compare(given):
    assert "two different waves" in fails(ParameterError, audit, TABLE, compare=given)


def test_two_standards_cannot_have_one_name():
    given = {"Lipids": "Blood", "Glucose": "Blood"}
    assert "same name" in fails(ParameterError, audit, TABLE, standards=given)


def test_a_standard_that_is_not_there():
    text = fails(ParameterError, audit, TABLE, standards=["Lipid"])
    assert "Did you mean `Lipids`?" in text


def test_a_missing_column_and_a_blank_one():
    assert "Did you mean `team`?" in fails(DataError, audit, TABLE, team="teams")
    table = TABLE.copy()
    table.loc[3, "wave"] = None
    assert "rows 4" in fails(DataError, audit, table)


def test_either_answers_or_counts():
    text = fails(ParameterError, audit, COUNTS, met="met", applicable="applicable")
    assert "both" in text
    assert "neither" in fails(ParameterError, counts, COUNTS, met=None)
    assert "for tables of counts" in fails(ParameterError, audit, TABLE, composite="Lipids")
    typed = COUNTS.assign(type="1")
    assert "one row an answer" in fails(ParameterError, counts, typed, team="team", types="type")


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("met", 99, "more than"),
        ("met", -1, "below 0"),
        ("met", 1.5, "whole number"),
        ("applicable", np.nan, "missing"),
    ],
)
def test_counts_that_cannot_be(column, value, says):
    table = COUNTS.astype({"met": float, "applicable": float})
    table.loc[2, column] = value
    text = fails(DataError, counts, table, team="team")
    assert says in text
    assert "rows 3" in text


def test_counts_of_a_team_twice():
    text = fails(DataError, counts, COUNTS)  # the column of the team is not named
    assert "`team`" in text


def test_nothing_to_divide_by():
    assert "of nobody" in fails(
        CannotEvaluate, counts, COUNTS.assign(met=0, applicable=0), team="team"
    )
    nothing = answers({"2019": {"a": ["n/a", "n/a"]}}, ["A", "B"])
    assert "applies to anybody" in fails(CannotEvaluate, audit, nothing)


def test_an_empty_table():
    assert "no rows" in fails(DataError, audit, TABLE.iloc[:0])


def test_confidence():
    assert "between 0.5 and 1" in fails(ParameterError, audit, TABLE, confidence=95)
    assert "between 0.5 and 1" in fails(ParameterError, audit, TABLE, confidence="95")
