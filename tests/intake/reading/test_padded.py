"""Codes that a workbook keeps as numbers and shows with leading zeros."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import qieval as qi


@pytest.mark.parametrize(
    ("code_format", "shown"), [("000", ["007", "012", "123"]), ("General", ["7", "12", "123"])]
)
def test_codes_as_they_show(tmp_path: Path, code_format: str, shown: list[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["period", "unit", "value"])
    for row, code in enumerate((7, 12, 123), start=2):
        sheet.append(["2024-01", code, 1000 + row])
        sheet.cell(row, 2).number_format = code_format
        sheet.cell(row, 3).number_format = "0"
    book.save(tmp_path / "codes.xlsx")
    loaded = qi.read(tmp_path / "codes.xlsx", "series", period="month")
    assert loaded.table["unit"].tolist() == shown
    assert loaded.table["value"].tolist() == [1002, 1003, 1004]
    assert ("3 cells show leading zeros and were read as codes" in str(loaded)) == (
        code_format == "000"
    )
