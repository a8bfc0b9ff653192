"""Workbooks as teams send them: where the table is, and what belongs to it."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError, ParameterError, QievalError
from qieval.intake.reading.formats.workbook import read_sheets
from qieval.intake.reading.request import Request
from qieval.intake.tables import KINDS
from tests.intake.reading.workbooks import ods, put, sheets, workbook, xls

HEAD = ["period", "admissions", "discharges"]
MONTHS = [[f"2024-{month:02d}", month * 10, month] for month in range(1, 7)]


def refused(file: Path, kind: str = "series", **parameters: Any) -> str:
    with pytest.raises(QievalError) as caught:
        qi.read(file, kind, **parameters)
    assert "/tmp" not in str(caught.value)
    return str(caught.value)


def is_plain(loaded: qi.Loaded, first_row: int) -> None:
    """The six months, untouched, from a row on; every row of the file is accounted for."""
    assert loaded.table["admissions"].tolist() == [10, 20, 30, 40, 50, 60]
    assert loaded.table["discharges"].tolist() == [1, 2, 3, 4, 5, 6]
    assert loaded.table.index[0] == first_row
    passport = loaded.passport
    assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum()


# --- the headings --------------------------------------------------------------------------------


@pytest.mark.parametrize("above", [1, 4, 11, 20])
def test_titles_above_the_headings(tmp_path: Path, above: int) -> None:
    titles = [[f"About this report, line {line}"] for line in range(above)]
    loaded = qi.read(workbook(tmp_path, [*titles, HEAD, *MONTHS]), "series")
    is_plain(loaded, above + 2)
    assert f"The headings stand in row {above + 1}." in str(loaded)
    assert "Above them, passed over: row" in str(loaded)


def test_blank_rows_and_columns_before_the_table(tmp_path: Path) -> None:
    loaded = qi.read(workbook(tmp_path, [["Ward report"], [], HEAD, *MONTHS], at="D6"), "series")
    is_plain(loaded, 9)


def test_names_and_values_above_the_table_are_no_headings(tmp_path: Path) -> None:
    above = [["Trust:", "Alder"], ["Printed:", dt.date(2024, 7, 1)]]
    is_plain(qi.read(workbook(tmp_path, [*above, HEAD, *MONTHS]), "series"), 4)


def test_a_line_of_words_as_wide_as_the_table_is_no_heading(tmp_path: Path) -> None:
    above = [["Trust", "Alder", "Rowan ward"], ["Manager", "N. N.", "day unit"]]
    rows = [["Month", "In", "Out"], *MONTHS]
    file = workbook(tmp_path, [*above, *rows])
    columns = {"period": "Month", "admissions": "In", "discharges": "Out"}
    is_plain(qi.read(file, "series", columns=columns), 4)
    assert "columns `Month`, `In`, `Out`" in refused(file)  # also without a word to look for


def test_a_merged_title_is_no_upper_heading(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["Ward report"], HEAD, *MONTHS], merged=["A1:C1"])
    loaded = qi.read(file, "series")
    is_plain(loaded, 3)
    assert [*loaded.table] == HEAD


def test_merged_upper_headings_are_joined(tmp_path: Path) -> None:
    upper = ["Report"], [None, "Rowan", None, "Elm"]
    lower = ["period", "in", "out", "in", "out"]
    rows = [[month, 1, 2, 3, 4] for month, _, _ in MONTHS]
    file = workbook(tmp_path, [*upper, lower, *rows], merged=["B2:C2", "D2:E2"])
    loaded = qi.read(file, "series", columns={"admissions": "Rowan: in"})
    assert [*loaded.table] == ["period", "admissions", "Rowan: out", "Elm: in", "Elm: out"]
    assert loaded.table.index[0] == 4
    assert "The headings stand in rows 2 to 3" in str(loaded)


def test_headings_merged_downwards(tmp_path: Path) -> None:
    rows = [["period", "Rowan"], [None, "in", "out"], *[[month, 1, 2] for month, _, _ in MONTHS]]
    file = workbook(tmp_path, rows, merged=["A1:A2", "B1:C1"])
    assert [*qi.read(file, "series").table] == ["period", "Rowan: in", "Rowan: out"]


def test_upper_headings_of_a_text_file_reach_to_the_next(tmp_path: Path) -> None:
    text = ",Rowan,,Elm,\nperiod,in,out,in,out\n2024-01,1,2,3,4\n2024-02,5,6,7,8\n"
    (tmp_path / "a.csv").write_text(text)
    table = qi.read(tmp_path / "a.csv", "series").table
    assert [*table] == ["period", "Rowan: in", "Rowan: out", "Elm: in", "Elm: out"]


def test_upper_headings_that_are_repeated(tmp_path: Path) -> None:
    rows = [["period", "In", "In", "Out", "Out"], ["", "men", "women", "men", "women"]]
    rows += [[month, 1, 2, 3, 4] for month, _, _ in MONTHS]
    table = qi.read(workbook(tmp_path, rows), "series").table
    assert [*table] == ["period", "In: men", "In: women", "Out: men", "Out: women"]


def test_rows_of_headings_can_be_named(tmp_path: Path) -> None:
    rows = [["period", "a", "b"], ["text", "in", "out"], *MONTHS]
    file = workbook(tmp_path, rows)
    table = qi.read(file, "series", header=[1, 2], columns={"period": "period: text"}).table
    assert [*table] == ["period", "a: in", "b: out"]


def test_units_under_the_headings(tmp_path: Path) -> None:
    loaded = qi.read(workbook(tmp_path, [HEAD, ["", "(n)", "per 1,000"], *MONTHS]), "series")
    is_plain(loaded, 3)
    assert loaded.passport.dropped["reason"].tolist() == ["the units of the columns"]


def test_headings_again_at_each_printed_page(tmp_path: Path) -> None:
    rows = [["Report"], HEAD, *MONTHS[:3], ["Report"], HEAD, *MONTHS[3:]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    is_plain(loaded, 3)
    assert loaded.passport.dropped["row_numbers"].tolist() == ["row 7", "row 6"]


def test_headings_again_after_a_blank_row(tmp_path: Path) -> None:
    rows = [HEAD, *MONTHS[:3], [], HEAD, *MONTHS[3:]]
    is_plain(qi.read(workbook(tmp_path, rows), "series"), 2)


def test_a_table_of_words_has_its_headings_in_its_first_row(tmp_path: Path) -> None:
    rows = [["Survey"], [], ["ward", "liked", "again"], ["Elm", "yes", "no"], ["Elm", "no", "no"]]
    loaded = qi.read(workbook(tmp_path, rows), "responses")
    assert [*loaded.table] == ["ward", "liked", "again"]
    assert len(loaded.table) == 2


def test_no_headings_at_all_is_said(tmp_path: Path) -> None:
    text = refused(workbook(tmp_path, [[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]))
    assert "No row of headings was found." in text
    assert "`header: 0`" in text


# --- several tables ------------------------------------------------------------------------------

BEDS = [["Table 2: beds"], ["period", "beds"], *[[month, 20] for month, _, _ in MONTHS]]


def test_stacked_tables_are_listed(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["Table 1: flow"], HEAD, *MONTHS, [], *BEDS])
    text = refused(file)
    assert "Several tables have the columns asked for." in text
    assert "1: A1:C8 “Table 1: flow” (6 rows under `period`, `admissions`, `discharges`)" in text
    assert "2: A10:C17 “Table 2: beds” (6 rows under `period`, `beds`)" in text
    assert "`table: 1`" in text


@pytest.mark.parametrize("table", [2, "Table 2: beds", "beds"])
def test_a_table_is_chosen_by_number_title_or_heading(tmp_path: Path, table: int | str) -> None:
    file = workbook(tmp_path, [["Table 1: flow"], HEAD, *MONTHS, [], *BEDS])
    loaded = qi.read(file, "series", table=table)
    assert [*loaded.table] == ["period", "beds"]
    assert "Not read:\n    table A1:C8" in str(loaded)


def test_the_only_table_with_the_columns_asked_for(tmp_path: Path) -> None:
    file = workbook(tmp_path, [HEAD, *MONTHS, [], *BEDS])
    loaded = qi.read(file, "series", columns={"staffed": "beds"})
    assert loaded.table["staffed"].tolist() == [20] * 6
    assert "Table 2 of 2 on the sheet was read: the only one with the columns" in str(loaded)


def test_tables_side_by_side(tmp_path: Path) -> None:
    beside = [[*HEAD, None, "period", "beds"]]
    beside += [[*row, None, row[0], 20] for row in MONTHS]
    file = workbook(tmp_path, beside)
    assert "2: E1:F7 (6 rows under `period`, `beds`)" in refused(file)
    is_plain(qi.read(file, "series", table=1), 2)
    assert qi.read(file, "series", table="beds").table["beds"].tolist() == [20] * 6


def test_a_blank_column_within_a_table(tmp_path: Path) -> None:
    rows = [[month, None, a, b] for month, a, b in [HEAD, *MONTHS]]
    is_plain(qi.read(workbook(tmp_path, rows), "series"), 2)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    file = workbook(tmp_path, [HEAD, *MONTHS, [], *BEDS])
    for table in (3, "nowhere"):
        with pytest.raises(ParameterError, match="2 tables:"):
            qi.read(file, "series", table=table)


def test_lenient_reading_takes_the_first_table_and_says_so(tmp_path: Path) -> None:
    file = workbook(tmp_path, [HEAD, *MONTHS, [], *BEDS])
    loaded = qi.read(file, "series", strict=False)
    is_plain(loaded, 2)
    assert "Ambiguous, so the proposal was taken: Table 1 was read." in str(loaded)


# --- sheets --------------------------------------------------------------------------------------


def test_the_only_sheet_with_the_columns_asked_for(tmp_path: Path) -> None:
    file = sheets(
        tmp_path,
        Contents=[["Sheet", "What"], ["Flow", "by month"]],
        Flow=[HEAD, *MONTHS],
        Staff=[["name", "wte"], ["a", 1.0]],
    )
    loaded = qi.read(file, "series")
    is_plain(loaded, 2)
    assert "Sheet `Flow` was read: the only one with the columns asked for." in str(loaded)
    assert loaded.passport.unread == ("sheet `Contents`", "sheet `Staff`")


def test_sheets_are_listed_with_what_they_hold(tmp_path: Path) -> None:
    file = sheets(tmp_path, Rowan=[HEAD, *MONTHS], Elm=[["Elm"], HEAD, *MONTHS])
    text = refused(file)
    assert "`Rowan`: A1:C7 (6 rows under `period`, `admissions`, `discharges`)" in text
    assert "`Elm`: A1:C8 “Elm” (6 rows" in text
    assert "`sheet: Rowan`" in text
    is_plain(qi.read(file, "series", sheet="Elm"), 3)


def test_hidden_sheets_rows_and_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    put(book.active, [HEAD, *MONTHS])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    put(book.create_sheet("Old"), [HEAD, *MONTHS])
    book["Old"].sheet_state = "veryHidden"
    book.save(tmp_path / "book.xlsx")
    loaded = qi.read(tmp_path / "book.xlsx", "series")
    is_plain(loaded, 2)
    said = str(loaded)
    assert "Hidden sheets were not read: `Old`." in said
    assert "Hidden rows were read like the others (row 3)" in said
    assert "Hidden columns were read like the others: `C`." in said
    assert loaded.passport.unread == ("sheet `Old` (hidden)",)
    assert "is hidden; it was read because it was named" in str(
        qi.read(tmp_path / "book.xlsx", "series", sheet="Old")
    )


# --- rows that are no data -----------------------------------------------------------------------


def test_notes_below_the_table(tmp_path: Path) -> None:
    notes = [
        ["Source: the ward's own book"],
        ["* fewer than five"],
        ["1. Includes stays on leave"],
        ["These figures are provisional and will be revised"],
        [None, "Note: beds closed in May"],
    ]
    loaded = qi.read(workbook(tmp_path, [HEAD, *MONTHS, [], *notes]), "series")
    is_plain(loaded, 2)
    assert loaded.passport.dropped["reason"].tolist() == ["a note below the table"]
    assert loaded.passport.dropped["rows"].tolist() == [5]


def test_a_code_at_the_end_is_no_note(tmp_path: Path) -> None:
    rows = [["person", "start", "end"], ["a", "2024-01-01", None], ["b", None, None]]
    assert "`start`: is blank" in refused(workbook(tmp_path, rows), "spells")


def test_pivot_remains(tmp_path: Path) -> None:
    rows = [["Ward", "(All)"], [], ["Row Labels", "Sum of stays"]]
    rows += [["Jan 2024", 3], ["Feb 2024", 4], ["Mar 2024", 5], ["(blank)", None]]
    rows += [["Grand Total", 12]]
    loaded = qi.read(workbook(tmp_path, rows), "series", columns={"period": "Row Labels"})
    assert loaded.table["Sum of stays"].tolist() == [3, 4, 5]
    assert loaded.passport.totals == (
        "row 8: the sum of the rows above it (3 rows; `Sum of stays`)",
    )
    assert loaded.passport.rows_read == 5


def test_pivot_table_in_outline(tmp_path: Path) -> None:
    rows = [["ward", "period", "stays"], ["Rowan", "2024-01", 1], [None, "2024-02", 2]]
    rows += [["Rowan Total", None, 3], ["Elm", "2024-01", 3], [None, "2024-02", 4]]
    rows += [["Elm Total", None, 7], ["Grand Total", None, 10]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.table["ward"].tolist() == ["Rowan", "Rowan", "Elm", "Elm"]
    assert loaded.table["stays"].tolist() == [1, 2, 3, 4]
    assert loaded.passport.dropped["row_numbers"].tolist() == ["rows 4, 7, 8"]
    assert "`ward` stands in the first row of each group only: 2 cells filled" in str(loaded)


def test_lines_above_groups_become_a_column(tmp_path: Path) -> None:
    rows = [["period", "stays", "beds"], ["Rowan"], ["2024-01", 1, 2], ["2024-02", 3, 4]]
    rows += [["Elm"], ["2024-01", 5, 6], ["2024-02", 7, 8]]
    file = workbook(tmp_path, rows)
    loaded = qi.read(file, "series", columns={"unit": "section"})
    assert loaded.table["unit"].tolist() == ["Rowan", "Rowan", "Elm", "Elm"]
    assert "What stands above groups of rows became the column `section`." in str(loaded)
    assert loaded.passport.rows_read == 6


def test_a_label_in_the_first_row_of_its_group_is_asked_about(tmp_path: Path) -> None:
    rows = [["ward", "period", "stays"], ["Rowan", "2024-01", 1], [None, "2024-02", 2]]
    rows += [["Elm", "2024-01", 3], [None, "2024-02", 4], [None, "2024-03", 4]]
    file = workbook(tmp_path, rows)
    assert "`fill_down: [ward]`" in refused(file)
    loaded = qi.read(file, "series", fill_down=["ward"])
    assert loaded.table["ward"].tolist() == ["Rowan", "Rowan", "Elm", "Elm", "Elm"]


# --- merged cells --------------------------------------------------------------------------------


def test_merged_labels_are_filled(tmp_path: Path) -> None:
    rows = [["ward", "period", "stays"], ["Rowan", "2024-01", 1], [None, "2024-02", 2]]
    rows += [["Elm", "2024-01", 3], [None, "2024-02", 4]]
    loaded = qi.read(workbook(tmp_path, rows, merged=["A2:A3", "A4:A5"]), "series")
    assert loaded.table["ward"].tolist() == ["Rowan", "Rowan", "Elm", "Elm"]
    assert "2 merged ranges filled from the first cell: `A2:A3`, `A4:A5`." in str(loaded)


def test_one_number_over_several_rows_is_asked_about(tmp_path: Path) -> None:
    rows = [["period", "stays", "beds"], ["2024-01", 1, 20], ["2024-02", 2], ["2024-03", 3]]
    file = workbook(tmp_path, rows, merged=["C2:C4"])
    text = refused(file)
    assert "A number stands in merged cells" in text
    assert "`C2:C4`" in text
    assert "`merged: first`" in text
    assert qi.read(file, "series", merged="fill").table["beds"].tolist() == [20, 20, 20]
    first = qi.read(file, "series", merged="first").table["beds"]
    assert (first.iloc[0], first.isna().sum()) == (20, 2)


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["#NUM!", "#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?"])
def test_error_values_are_never_blanks_or_noughts(tmp_path: Path, error: str) -> None:
    book = openpyxl.Workbook()
    put(book.active, [HEAD, *MONTHS, ["2024-07", error, 7]])
    book.active["B8"].data_type = "e"
    book.save(tmp_path / "book.xlsx")
    if error == "#N/A":  # Excel's own word for a missing value
        loaded = qi.read(tmp_path / "book.xlsx", "series")
        assert loaded.table["admissions"].isna().sum() == 1
        assert "#N/A" in str(loaded)
    else:
        assert "row 8, column `admissions`: " in refused(tmp_path / "book.xlsx")


@pytest.mark.parametrize("error", ["#DIV/0!", "#NUM!", "#REF!", "#NAME?"])
def test_error_values_of_old_workbooks(tmp_path: Path, error: str) -> None:
    file = xls(tmp_path, [["period", "stays"], ["2024-01", 1], ["2024-02", error]], hidden=[2])
    assert "row 3, column `stays`: " in refused(file)
    lenient = qi.read(file, "series", strict=False)
    assert lenient.table["stays"].isna().tolist() == [False, True]
    assert "Hidden rows were read like the others (row 2)" in str(lenient)


def test_error_values_of_opendocument(tmp_path: Path) -> None:
    failed = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    file = ods(tmp_path, [["period", "stays"], ["2024-01", 1], ["2024-02", failed]])
    assert "row 3, column `stays`: " in refused(file)


def test_merged_and_hidden_cells_of_opendocument(tmp_path: Path) -> None:
    merged = (
        '<table:table-cell table:number-rows-spanned="2" office:value-type="string">'
        "<text:p>Rowan</text:p></table:table-cell>"
    )
    rows = [["ward", "period", "stays"], [merged, "2024-01", 1]]
    rows += [["<table:covered-table-cell/>", "2024-02", 2], ["Elm", "2024-01", 3]]
    hide = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    loaded = qi.read(ods(tmp_path, rows, columns=hide, hidden=[3]), "series")
    assert loaded.table["ward"].tolist() == ["Rowan", "Rowan", "Elm"]
    said = str(loaded)
    assert "1 merged range filled from the first cell: `A2:A3`." in said
    assert "Hidden rows were read like the others (row 3)" in said
    assert "Hidden columns were read like the others: `B`." in said


def test_a_cell_far_away_in_opendocument(tmp_path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16000" office:value-type="string">'
    rows = [["period", "stays"], ["2024-01", 1]] + [[]] * 20
    file = ods(tmp_path, [*rows, [f"{far}<text:p>x</text:p></table:table-cell>"] * 400])
    assert "reach too far" in refused(file)


def test_many_sheets_with_many_merged_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number in range(20):
        sheet = book.create_sheet(f"Ward {number}")
        put(sheet, [["period", "ward", "stays"]])
        for group in range(150):
            top = 2 + 2 * group
            year, month = 2000 + group // 12, group % 12 + 1
            put(sheet, [[dt.datetime(year, month, 1), "A", group], [None, "B", group]], f"A{top}")
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=1, end_column=1)
    book.save(tmp_path / "book.xlsx")
    loaded = qi.read(tmp_path / "book.xlsx", "series", sheet="Ward 7", zeros="counted")
    assert len(loaded.table) == 300
    assert loaded.passport.periods_present == loaded.passport.periods_expected == 150
    assert "150 merged ranges filled from the first cell" in str(loaded)
    assert len(loaded.passport.unread) == 19


def test_formulas_without_a_stored_result(tmp_path: Path) -> None:
    file = workbook(tmp_path, [HEAD, *MONTHS, ["2024-07", "=SUM(B2:B7)", 7]])
    text = refused(file)
    assert "Formulas have no stored result" in text
    assert "the first is B8" in text
    lenient = qi.read(file, "series", strict=False)
    assert lenient.table["admissions"].isna().tolist() == [False] * 6 + [True]


def test_a_total_that_is_a_formula_without_result(tmp_path: Path) -> None:
    rows = [HEAD, *MONTHS, ["Total", "=SUM(B2:B7)", "=SUM(C2:C7)"]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    is_plain(loaded, 2)
    assert loaded.passport.totals == ("row 8: could not be checked (nothing to add up)",)


def test_numbers_dates_and_blanks_as_they_come(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [
        ["Period\u00a0", " Cost\n(£) ", "rate", "n"],
        [dt.datetime(2024, 1, 1), 1234.5, 0.25, "12"],
        ["01/02/2024", 2000, 0.5, "1,234"],
        ["\u00a02024-03-01 ", 3000, 0.125, 7],
        ["\u00a0", None, " ", None],
    ]
    put(book.active, rows)
    for row in (2, 3, 4):
        book.active.cell(row, 2).number_format = '"£"#,##0.00'
        book.active.cell(row, 3).number_format = "0%"
    book.save(tmp_path / "book.xlsx")
    loaded = qi.read(tmp_path / "book.xlsx", "series", columns={"period": "Period"})
    assert [*loaded.table] == ["period", "Cost (£)", "rate", "n"]
    assert loaded.table["Cost (£)"].tolist() == [1234.5, 2000, 3000]
    assert loaded.table["rate"].tolist() == [25, 50, 12.5]
    assert loaded.table["n"].tolist() == [12, 1234, 7]
    first_of = [pd.Timestamp(2024, month, 1) for month in (1, 2, 3)]
    assert loaded.table["period"].tolist() == first_of


def test_dates_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    put(book.active, [HEAD, *[[dt.date(2024, row[1] // 10, 1), *row[1:]] for row in MONTHS]])
    book.save(tmp_path / "book.xlsx")
    loaded = qi.read(tmp_path / "book.xlsx", "series")
    is_plain(loaded, 2)
    assert loaded.table["period"].iloc[0] == pd.Timestamp("2024-01-01")


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    put(book.active, [HEAD, *MONTHS])
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "book.xlsx")
    text = refused(tmp_path / "book.xlsx")
    assert "reach too far" in text
    assert "row 1,048,576 and column XFD" in text


def test_formats_on_cells_far_away_do_no_harm(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    put(book.active, [HEAD, *MONTHS])
    book.active["XFD1048576"].number_format = "0%"
    book.save(tmp_path / "book.xlsx")
    is_plain(qi.read(tmp_path / "book.xlsx", "series"), 2)


def test_a_text_file_says_its_separator(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nperiod;stays\n2024-01;1\n2024-02;2\n")
    assert qi.read(tmp_path / "a.csv", "series").table["stays"].tolist() == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("period,stays\n2024-01,1\n2024-02,2\n".encode(encoding))
    passport = qi.read(tmp_path / "a.csv", "series").passport
    assert passport.encoding == "UTF-16"


def test_titles_with_commas_do_not_decide_the_separator(tmp_path: Path) -> None:
    text = "Beds, stays, and leave; by month\n\nperiod\tstays\n2024-01\t1\n2024-02\t2\n"
    (tmp_path / "a.csv").write_text(text)
    loaded = qi.read(tmp_path / "a.csv", "series")
    assert loaded.table["stays"].tolist() == [1, 2]


def test_a_parameter_of_layout_that_cannot_be(tmp_path: Path) -> None:
    file = workbook(tmp_path, [HEAD, *MONTHS])
    for parameters in (
        {"totals": "drop"},
        {"merged": "all"},
        {"rows_are": "wards"},
        {"years": "tax"},
        {"fill_down": "ward"},
        {"header": [1, 3]},
        {"header": -1},
        {"header": "one"},
    ):
        with pytest.raises(ParameterError):
            qi.read(file, "series", **parameters)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"There is no row 90"):
        qi.read(file, "series", header=90)


@pytest.mark.parametrize(
    ("shape", "shown"),
    [(10, [95.0, 88.6]), (165, [0.95, 0.886])],  # a quoted percent sign multiplies nothing
)
def test_percent_cells_of_an_old_workbook_are_what_they_show(
    tmp_path: Path, shape: int, shown: list[float]
) -> None:
    rows = [["period", "share"], ["2024-01", (shape, 0.95)], ["2024-02", (shape, 0.886)]]
    loaded = qi.read(xls(tmp_path, rows), "series", columns={"value": "share"}, strict=False)
    assert list(loaded.table["value"]) == pytest.approx(shown)


def test_codes_of_an_old_workbook_keep_their_zeros(tmp_path: Path) -> None:
    rows = [["period", "ward", "stays"], ["2024-01", (164, 12), 1], ["2024-02", (164, 12), 2]]
    loaded = qi.read(
        xls(tmp_path, rows), "series", columns={"value": "stays", "unit": "ward"}, strict=False
    )
    assert set(loaded.table["unit"]) == {"00012"}


def test_an_old_workbook_keeps_dates_truth_and_no_superscript(tmp_path):
    rows = [["period", "ward", "full", "stays"], [(14, 45292), "451^1", True, 7]]
    file = xls(tmp_path, [*rows, [(14, 45323), "452", False, 9]])
    (grid,) = read_sheets(file, Request(KINDS["series"], where="book.xls"))
    assert grid.rows[1:] == [
        [dt.date(2024, 1, 1), "451", "TRUE", 7],
        [dt.date(2024, 2, 1), "452", "FALSE", 9],
    ]
    assert grid.notes == ("Superscript marks behind text were not read: 1 in all.",)


def test_percent_cells_of_opendocument_are_what_they_show(tmp_path: Path) -> None:
    share = (
        '<table:table-cell office:value-type="percentage" office:value="{}">'
        "<text:p>{}</text:p></table:table-cell>"
    )
    rows = [
        ["period", "share"],
        ["2024-01", share.format(0.95, "95%")],
        ["2024-02", share.format(0.886, "89%")],
    ]
    loaded = qi.read(ods(tmp_path, rows), "series", columns={"value": "share"}, strict=False)
    assert list(loaded.table["value"]) == pytest.approx([95.0, 88.6])


def raw_sheet(file: Path, rows: str) -> Path:
    """A workbook whose sheet is written as given: programs other than Excel leave much out."""
    workbook(file.parent, [["period"]]).rename(file)
    with zipfile.ZipFile(file) as parts:
        kept = {name: parts.read(name) for name in parts.namelist()}
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    kept["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in kept.items():
            parts.writestr(name, content)
    return file


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><v>2</v></c></row>",
        f'<row r="2">{"<c><v>1</v></c>" * 16000}</row><row r="1048576"><c><v>2</v></c></row>',
    ],
)
def test_a_far_cell_however_it_is_written(tmp_path: Path, rows: str) -> None:
    with pytest.raises(DataError, match="reach too far"):
        qi.read(raw_sheet(tmp_path / "a.xlsx", rows), "series")


def test_a_long_sheet_whose_cells_do_not_say_where_they_stand(tmp_path: Path) -> None:
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("period", "value"))
    day = "<c><v>{}</v></c><c><v>3</v></c>"
    rows = "".join(f"<row>{day.format(30000 + number)}</row>" for number in range(300))
    file = raw_sheet(tmp_path / "a.xlsx", f"<row>{head}</row>{rows}")
    assert len(qi.read(file, "series", period="day", strict=False).table) == 300


@pytest.mark.parametrize(
    "note", ["Total includes people on leave.", "The totals of 2023 were revised in March"]
)
def test_a_sentence_about_totals_below_a_table_is_a_note(tmp_path: Path, note: str) -> None:
    rows = [["Year", "Month", "stays"], [2024, "Jan", 1], [2024, "Feb", 2], [note]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.table["stays"].tolist() == [1, 2]
    assert loaded.passport.dropped["reason"].tolist() == ["a note below the table"]
