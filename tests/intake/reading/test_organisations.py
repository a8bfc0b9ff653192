"""Organisations over time: names under one code, codes that come and go, mergers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.intake.reading.meaning.organisations import successors_of

ROWS = [
    "2024-01,00C,Darlington,10,1.5",
    "2024-01,00D,Durham,20,2.5",
    "2024-01,00K,Hartlepool,5,4",
    "2024-02,16C,Tees Valley,40,3",
    "2024-02,00K,Hartlepool,6,4",
    "2024-03,16C,Tees Valley NHS,44,3",
    "2024-03,00K,Hartlepool,7,4",
]


def written(folder: Path, *rows: str, headings: str = "period,code,name,seen,rate") -> Path:
    file = folder / "areas.csv"
    file.write_text("\n".join([headings, *rows]))
    return file


def test_names_that_change_under_one_code_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, *ROWS)
    loaded = qi.read(file, "series", columns={"unit": "code"})
    said = str(loaded)
    assert "`code`: 1 of 4 codes have several names in `name`: 16C (`Tees Valley` and" in said
    assert loaded.table["unit"].tolist()[:3] == ["00C", "00D", "00K"]
    with pytest.raises(DataError, match=r"Take the code: `columns: \{unit: code\}`"):
        qi.read(file, "series", columns={"unit": "name"})
    loose = qi.read(file, "series", columns={"unit": "name"}, strict=False)
    assert "Each name was taken as a unit of its own" in str(loose)


def test_codes_that_come_and_go_are_told(tmp_path: Path) -> None:
    said = str(qi.read(written(tmp_path, *ROWS), "series", columns={"unit": "code"}))
    assert "`code`: 4 codes, not all of them in every period" in said
    assert "February 2024: 2 gone (00C, 00D), 1 new (16C)" in said


def test_mergers_add_up_figures_but_no_rates(tmp_path: Path) -> None:
    loaded = qi.read(
        written(tmp_path, *ROWS),
        "series",
        columns={"unit": "code"},
        successors={"00C": "16C", "00D": "16C"},
    )
    table = loaded.table
    assert table["unit"].tolist() == ["16C", "00K", "16C", "00K", "16C", "00K"]
    assert table["seen"].tolist() == [30, 5, 40, 6, 44, 7]
    np.testing.assert_array_equal(table["rate"], [np.nan, 4, 3, 4, 3, 4])
    assert table["name"].tolist()[0] == "Tees Valley"
    said = str(loaded)
    assert "2 codes went into 1 successors; 2 rows of theirs were added up" in said
    assert "Rates and averages cannot be added up: missing where rows merged (`rate`)" in said
    assert loaded.passport.rows_read == loaded.passport.rows_kept + 1
    assert "not all of them in every period" not in said


def test_an_unknown_part_makes_the_sum_unknown(tmp_path: Path) -> None:
    rows = ["2024-01,A1,<5", "2024-01,A2,20", "2024-02,A1,7", "2024-02,A2,20"]
    file = written(tmp_path, *rows, headings="period,unit,seen")
    table = qi.read(file, "series", successors={"A1": "B1", "A2": "B1"}).table
    np.testing.assert_array_equal(table["seen"], [np.nan, 27])
    np.testing.assert_array_equal(table["seen_at_least"], [20, 27])
    np.testing.assert_array_equal(table["seen_at_most"], [24, 27])


def test_successors_in_a_file(tmp_path: Path) -> None:
    file = written(tmp_path, *ROWS)
    list_ = tmp_path / "successors.csv"
    list_.write_text(
        "code,successor,from\n00C,16C,2024-02-01\n00D,16C,2024-02-01\n00K,16C,2024-02-01\n"
    )
    loaded = qi.read(file, "series", columns={"unit": "code"}, successors=str(list_))
    assert loaded.table["seen"].tolist() == [35, 46, 51]
    assert "2 rows of codes after the day on which they ended" in str(loaded)
    list_.write_text("old,new\n00C,16C\n")
    with pytest.raises(DataError, match="needs the columns `code` and `successor`"):
        qi.read(file, "series", columns={"unit": "code"}, successors=str(list_))


def test_successors_that_cannot_be(tmp_path: Path) -> None:
    file = written(tmp_path, *ROWS)
    with pytest.raises(ParameterError, match="None of the codes of `successors` occurs"):
        qi.read(file, "series", columns={"unit": "code"}, successors={"ZZ9": "16C"})
    with pytest.raises(ParameterError, match="go round in a circle"):
        successors_of({"A": "B", "B": "C", "C": "A"})
    assert successors_of({"A": "B", "B": "C"}).last == {"A": "C", "B": "C"}
    list_ = tmp_path / "two.csv"
    list_.write_text("code,successor\nA,B\nA,C\n")
    with pytest.raises(ParameterError, match="`A` has two successors"):
        successors_of(str(list_))
    with pytest.raises(DataError, match="no such table of successors"):
        successors_of(str(tmp_path / "none.csv"))


@given(
    counts=st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 5), st.integers(0, 900)),
        min_size=2,
        max_size=40,
        unique_by=lambda row: row[:2],
    ),
    merged=st.sets(st.integers(0, 5), min_size=1),
)
def test_mergers_change_no_total(
    counts: list[tuple[int, int, int]], merged: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [f"2024-{month:02d},U{unit},{count}" for month, unit, count in counts]
    successors = {f"U{unit}": "NEW" for unit in merged}
    if not any(unit in merged for _, unit, _ in counts):
        return
    file = written(tmp_path_factory.mktemp("m"), *rows, headings="period,unit,seen")
    loaded = qi.read(
        file, "series", period="month", successors=successors, zeros="counted", totals="keep"
    )
    by_month: dict[int, int] = {}
    for month, _, count in counts:
        by_month[month] = by_month.get(month, 0) + count
    sums = loaded.table.groupby(loaded.table["period"].dt.month)["seen"].sum()
    assert sums.to_dict() == by_month
