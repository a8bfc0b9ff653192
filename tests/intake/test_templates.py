"""Workbooks to fill in: what a person types into them is read back as it was meant."""

from __future__ import annotations

import datetime
from datetime import date

import openpyxl
import pandas as pd
import pytest

import qieval as qi
from qieval.intake.tables import KINDS
from qieval.intake.templates import DATA, HELP, headings_of, write_template


def filled_in(kind, file, rows=12):
    """The workbook as a person fills it in: rows like the example, each with its own dates."""
    write_template(kind, file)
    book = openpyxl.load_workbook(file)
    sheet = book[DATA]
    headings = {heading.name: heading for heading in headings_of(KINDS[kind])}
    typed = []
    for row in range(rows):
        values = {}
        for place in range(1, sheet.max_column + 1):
            heading = headings[sheet.cell(1, place).value]
            value = heading.example
            if isinstance(value, date):
                value += datetime.timedelta(days=31 * row)
            elif heading.name == "period":
                value = f"{2024 + row // 12}-{row % 12 + 1:02}"
            elif heading.name in ("person", "record", "respondent", "cycle", "unit"):
                value = f"{value}{row}"
            elif heading.name == "satisfied":
                value = 1 + row % 5
            elif isinstance(value, int) and heading.name not in ("event", "wave"):
                value += row
            sheet.cell(row + 2, place, value)
            values[heading.name] = value
        typed.append(values)
    book.save(file)
    return typed


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_person_filled_in_is_read_back(kind, tmp_path):
    file = tmp_path / "filled in.xlsx"
    typed = filled_in(kind, file)
    loaded = qi.read(file, kind)
    assert loaded.passport.rows_read == len(typed)
    for name, column in KINDS[kind].columns.items():
        given = [row.get(name) for row in typed]
        if not any(value is not None for value in given) or column.identifies:
            continue
        read = loaded.table[name]
        if column.holds == "number":
            assert read.astype(float).tolist() == given
        elif column.holds in ("date", "moment"):
            assert read.tolist() == [pd.Timestamp(value) for value in given]
        elif column.holds == "text":
            assert read.astype(str).tolist() == [str(value) for value in given]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_its_help_and_its_prompt(kind, tmp_path):
    book = openpyxl.load_workbook(write_template(kind, tmp_path / "new.xlsx"))
    sheet, words = book[DATA], [cell.value for cell in book[HELP]["A"]]
    prompts = {check.promptTitle for check in sheet.data_validations.dataValidation}
    needed = {name for name, column in KINDS[kind].columns.items() if column.required}
    assert needed <= {heading.name for heading in headings_of(KINDS[kind])}
    for cell in sheet[1]:
        assert cell.comment.text
        assert cell.value[:32] in prompts
        (help_of_it,) = (line for line in words if line.startswith(f"{cell.value}: "))
        assert "Needed: " in help_of_it
    assert any("Example: " in line for line in words)
    assert sheet.max_row == 1 or all(c.value is None for row in sheet.iter_rows(2) for c in row)


def test_lists_offer_the_words_that_are_understood(tmp_path):
    book = openpyxl.load_workbook(write_template("pdsa", tmp_path / "log.xlsx"))
    lists = [
        check.formula1
        for check in book[DATA].data_validations.dataValidation
        if check.type == "list"
    ]
    assert lists == ['"adopt,adapt,abandon"']


def test_mistakes_are_answered_in_words(tmp_path):
    with pytest.raises(qi.ParameterError, match=r"no kind of table `spell`(.|\n)*`spells`"):
        write_template("spell", tmp_path / "a.xlsx")
    with pytest.raises(qi.ParameterError, match=r"\.xlsx"):
        write_template("spells", tmp_path / "a.csv")
    write_template("spells", tmp_path / "a.xlsx")
    with pytest.raises(qi.ParameterError, match="there already"):
        write_template("spells", tmp_path / "a.xlsx")
