"""Suppressed numbers: missing, never 0, between bounds; and bounds that were dragged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.intake.reading.values.suppression import SUPPRESSED, bounds_in, marks_of, refuse_drags


def table(folder: Path, *rows: str, headings: str = "period,value") -> Path:
    file = folder / "table.csv"
    file.write_text("\n".join([headings, *rows]), encoding="utf-8")
    return file


@given(st.integers(1, 500))
def test_bounds_in_every_spelling(bound: int) -> None:
    for text in (
        f"<{bound}", f"< {bound}", f"Fewer than {bound}", f"less than {bound}",
        f"LESS THAN {bound}", f"under {bound}", f"below {bound}",
    ):  # fmt: skip
        said = bounds_in(text)
        assert said is not None
        assert said.inclusive(whole=True) == (0, bound - 1)
        assert said.inclusive(whole=False) == (0, bound)
    for text in (f"<={bound}", f"≤ {bound}", f"up to {bound}", f"{bound} or fewer"):
        said = bounds_in(text)
        assert said is not None
        assert said.inclusive(whole=True) == (0, bound)
    for text in (f"1-{bound + 1}", f"1 to {bound + 1}", f"1–{bound + 1}"):
        said = bounds_in(text)
        assert said is not None
        assert said.inclusive(whole=True) == (1, bound + 1)
    above = bounds_in(f">{bound}")
    assert above is not None
    assert above.inclusive(whole=True)[0] == bound + 1
    assert np.isnan(above.inclusive(whole=True)[1])


@pytest.mark.parametrize("text", ["*", "-", "c", "..", "5", "5-1", "", None, 5, "<five", "a-b"])
def test_other_marks_spell_no_bounds(text: object) -> None:
    assert bounds_in(text) is None


@pytest.mark.parametrize("mark", [*SUPPRESSED, "< 5", "FEWER THAN 5", "Less Than 5", "1–4", "—"])
def test_the_usual_marks_are_missing_and_counted(tmp_path: Path, mark: str) -> None:
    loaded = qi.read(table(tmp_path, "2024-01,12", f"2024-02,{mark}", "2024-03,0"), "series")
    np.testing.assert_array_equal(loaded.table["value"], [12, np.nan, 0])
    assert loaded.passport.suppressed == 1


def test_bounds_stand_beside_the_figures(tmp_path: Path) -> None:
    rows = ["2024-01,12,3", "2024-02,<5,*", "2024-03,,5", "2024-04,1-4,7"]
    loaded = qi.read(table(tmp_path, *rows, headings="period,value,other"), "series")
    np.testing.assert_array_equal(loaded.table["value"], [12, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(loaded.table["value_at_least"], [12, 0, np.nan, 1])
    np.testing.assert_array_equal(loaded.table["value_at_most"], [12, 4, np.nan, 4])
    assert "other_at_least" not in loaded.table  # `*` says no bounds
    assert "`value_at_least` and `value_at_most` hold their bounds" in str(loaded)


def test_a_mark_may_be_given_its_meaning(tmp_path: Path) -> None:
    file = table(tmp_path, "2024-01,12", "2024-02,*", "2024-03,<5")
    loaded = qi.read(file, "series", suppressed={"*": "1 to 7", "<5": None})
    np.testing.assert_array_equal(loaded.table["value_at_least"], [12, 1, 0])
    np.testing.assert_array_equal(loaded.table["value_at_most"], [12, 7, 4])
    with pytest.raises(ParameterError, match="What the mark `\\*` stands for cannot be read"):
        qi.read(file, "series", suppressed={"*": "few"})
    with pytest.raises(ParameterError, match="`suppressed` is a list of marks"):
        marks_of("*")


def test_a_bound_that_nobody_declared_is_asked_for(tmp_path: Path) -> None:
    file = table(tmp_path, "2024-01,12", "2024-02,<10", "2024-03,15")
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    text = str(caught.value)
    assert "row 3, column `value`: looks like a suppressed number (it looks like `<99`)" in text
    assert '"..", "<10"]`' in text
    loose = qi.read(file, "series", strict=False)
    assert loose.table["value_at_most"].tolist() == [12, 9, 15]
    assert loose.passport.suppressed == 1


def test_bounds_of_rates_are_not_rounded(tmp_path: Path) -> None:
    file = table(tmp_path, "2024-01,12.5", "2024-02,<5", "2024-03,15.1")
    assert qi.read(file, "series").table["value_at_most"].tolist() == [12.5, 5, 15.1]


def test_a_column_of_the_bounds_name_is_not_overwritten(tmp_path: Path) -> None:
    headings = "period,value,value_at_most"
    file = table(tmp_path, "2024-01,12,1", "2024-02,<5,1", headings=headings)
    with pytest.raises(DataError, match="has a column `value_at_most` of its own"):
        qi.read(file, "series")


# --- bounds that were dragged --------------------------------------------------------------------


def test_a_bound_dragged_down_is_an_error_that_names_the_cells(tmp_path: Path) -> None:
    rows = ["2024-01,12", "2024-02,<6", "2024-03,<7", "2024-04,<8", "2024-05,9"]
    for strict in (True, False):
        with pytest.raises(DataError) as caught:
            qi.read(table(tmp_path, *rows), "series", columns={"value": "value"}, strict=strict)
        assert "`<6`, `<7`, `<8` in `value`, rows 3, 4, 5" in str(caught.value)
        assert "was dragged over its neighbours" in str(caught.value)


def test_a_bound_dragged_across(tmp_path: Path) -> None:
    rows = ["2024-01,12,13,14", "2024-02,<6,<7,<8", "2024-03,9,9,9", "2024-04,9,9,9"]
    file = table(tmp_path, *rows, headings="period,a,b,c")
    with pytest.raises(DataError, match=r"`<6`, `<7`, `<8` in `a`, `b`, `c`, row 3"):
        qi.read(file, "series")


@given(st.integers(1, 50), st.integers(3, 12), st.integers(0, 5))
def test_any_drag_is_found(first: int, length: int, before: int) -> None:
    cells = [9] * before + [f"<{first + step}" for step in range(length)] + [9]
    frame = pd.DataFrame({"value": cells}, index=range(2, len(cells) + 2), dtype=object)
    with pytest.raises(DataError):
        refuse_drags(frame, marks_of(SUPPRESSED), "x")


@given(st.lists(st.sampled_from(["<5", "*", 7, 12, None]), min_size=1, max_size=30))
def test_one_bound_is_no_drag(cells: list[object]) -> None:
    frame = pd.DataFrame({"value": cells}, index=range(2, len(cells) + 2), dtype=object)
    refuse_drags(frame, marks_of(SUPPRESSED), "x")


def test_two_declared_bounds_may_stand_side_by_side() -> None:
    frame = pd.DataFrame({"value": ["<5", "<6", 9]}, index=[2, 3, 4], dtype=object)
    refuse_drags(frame, marks_of(["<5", "<6"]), "x")
    with pytest.raises(DataError):
        refuse_drags(frame, marks_of(["<5"]), "x")
