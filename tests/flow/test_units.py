"""One row a unit: columns or rows of their own, sums, and what was not sent in."""

from __future__ import annotations

import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import CannotEvaluate, DataError, ParameterError

ASKED = {"unit": "ward", "numerator": "done", "denominator": "patients"}
LONG = {"names_in": "what", "figures_in": "figure"}


def wide() -> pd.DataFrame:
    return pd.DataFrame(
        {"ward": ["B", "A", "C"], "done": [3, 4, 5], "patients": [6, 8, 10], "x": 1}
    )


def long() -> pd.DataFrame:
    rows = [
        (ward, what, figure)
        for ward, done, patients in (("B", 3, 6), ("A", 4, 8), ("C", 5, 10))
        for what, figure in (("other", 99), ("patients", patients), ("done", done))
    ]
    return pd.DataFrame(rows, columns=["ward", "what", "figure"])


def test_columns_of_their_own_are_taken_as_they_are():
    made = qi.units(wide(), **ASKED)
    pd.testing.assert_frame_equal(made.table, wide()[["ward", "done", "patients"]])
    assert made.notes == ()
    assert str(made) == "3 units; together 12 `done` over 24 `patients`"


def test_rows_of_their_own_give_the_same_table_in_the_same_order():
    before = long()
    made = qi.units(before, **ASKED, **LONG)
    pd.testing.assert_frame_equal(
        made.table, wide()[["ward", "done", "patients"]], check_dtype=False
    )
    assert made.notes == ("`done`, `patients` stood in rows of their own (`what`).",)
    pd.testing.assert_frame_equal(before, long())


def test_a_unit_with_several_rows_is_refused_or_added_up():
    twice = pd.concat([wide(), wide().head(1)])
    with pytest.raises(
        DataError, match=r"(?s)more than once.*one text in rows 1, 4.*`add_up: true`"
    ):
        qi.units(twice, **ASKED)
    made = qi.units(twice, **ASKED, add_up=True)
    assert made.table.to_numpy().tolist() == [["B", 6, 12], ["A", 4, 8], ["C", 5, 10]]
    assert made.notes == ("4 rows added up to 3 units.",)
    both = qi.units(pd.concat([long(), long()]), **ASKED, **LONG, add_up=True)
    assert both.table["done"].tolist() == [6, 8, 10]


def test_sums_of_uneven_rows_are_refused():
    uneven = pd.concat([long(), long().query("ward == 'A' and what == 'done'")])
    with pytest.raises(DataError, match=r"(?s)more rows of one figure.*1 of 3 units"):
        qi.units(uneven, **ASKED, **LONG, add_up=True)


def test_a_sum_with_a_missing_part_is_missing():
    twice = pd.concat([wide(), wide().head(1).assign(done=float("nan"))])
    with pytest.raises(DataError, match=r"(?s)a figure is missing.*`B`"):
        qi.units(twice, **ASKED, add_up=True)


@pytest.mark.parametrize("change", [{"patients": [6, 0, 10]}, {"done": [3, None, 5]}])
def test_what_was_not_sent_in_is_refused_or_left_out_and_named(change):
    table = wide().assign(**change)
    with pytest.raises(DataError, match=r"(?s)in `A`.*no_denominator: leave_out"):
        qi.units(table, **ASKED)
    made = qi.units(table, **ASKED, no_denominator="leave_out")
    assert made.table["ward"].tolist() == ["B", "C"]
    assert "not sent in, not 0%): `A`" in made.notes[0]
    assert "not 0%" in made._repr_mimebundle_()["text/html"]


def test_nobody_left():
    with pytest.raises(CannotEvaluate, match="No unit has figures"):
        qi.units(wide().assign(patients=0), **ASKED, no_denominator="leave_out")


@pytest.mark.parametrize(
    ("table", "more", "error", "message"),
    [
        (wide().drop(columns="done"), {}, DataError, "(?s)no column `done`.*names_in"),
        (wide(), {"names_in": "x"}, ParameterError, "given together"),
        (wide(), {"no_denominator": "drop"}, ParameterError, "`refuse` or `leave_out`"),
        (wide().assign(done="3"), {}, DataError, "`done` does not hold numbers"),
        (wide().assign(ward=None), {}, DataError, "blank in 3 rows"),
        (
            long().replace("done", "dome"),
            LONG,
            DataError,
            "No row of `what` is `done`",
        ),
    ],
)
def test_what_is_refused(table, more, error, message):
    with pytest.raises(error, match=message):
        qi.units(table, **ASKED, **more)


def test_a_table_of_units_needs_no_period(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    (tmp_path / "checks.csv").write_text("Area,patients,done\nA1,10,4\nB2,12,5\n")
    monkeypatch.chdir(tmp_path)
    loaded = qi.read("checks.csv", "units", columns={"unit": "Area"})
    assert loaded.table["unit"].tolist() == ["A1", "B2"]
    made = qi.units(loaded.table, unit="unit", numerator="done", denominator="patients")
    assert made.table["done"].tolist() == [4, 5]
