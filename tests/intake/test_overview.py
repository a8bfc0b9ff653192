"""Every table of a file, in words, before anything is read."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import qieval as qi
from qieval.core.errors import DataError
from tests.intake.reading.first_time import book, stacked, text


def test_two_tables_below_one_another(tmp_path: Path) -> None:
    found = qi.tables(book(tmp_path / "a.xlsx", stacked(1)))
    told = [(one.table, one.range, one.title, one.rows, one.kind) for one in found]
    assert told == [
        (1, "A1:H7", "All people", 4, "series"),
        (2, "A9:H15", "People on CPA", 4, "series"),
    ]
    assert {one.periods for one in found} == {"as headings"}
    assert {one.confidence for one in found} == {"with questions"}


def test_each_sheet_has_its_own(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "Cover"
    made.active.append(["Bed report"])
    sheet = made.create_sheet("Beds")
    sheet.append(["period", "beds"])
    sheet.append(["Jan 2019", 3])
    sheet.append(["Feb 2019", 4])
    made.save(tmp_path / "a.xlsx")
    beds = [one for one in qi.tables(tmp_path / "a.xlsx") if one.sheet == "Beds"]
    assert [(one.range, one.periods, one.confidence) for one in beds] == [
        ("A1:B3", "in a column", "clear")
    ]


def test_the_picture_shows_no_cell(tmp_path: Path) -> None:
    lines = ["person,start,end", "Jo Smith,01/04/2019,03/04/2019", "Al Jones,02/04/2019,05/04/2019"]
    found = qi.tables(text(tmp_path / "a.csv", *lines))
    for shown in (str(found), found._repr_html_()):
        assert "person" in shown
        assert "Smith" not in shown
        assert "2019" not in shown
    assert found.table()["kind"].tolist() == ["spells"]


def test_a_file_without_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing in it|no table|No sheet"):
        qi.tables(text(tmp_path / "a.csv", ""))
