"""Every bad input that concerns reading: what is wrong, what was found, what to do."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest

import qieval as qi
from qieval.core.errors import DataError, ParameterError, QievalError

SPELLS = "person,start,end,ward\n"
SERIES = "period,value\n"


def written(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


def refused(source: object, kind: str, **parameters: object) -> str:
    """The whole message, which must not show where on this computer the file is."""
    with pytest.raises(QievalError) as caught:
        qi.read(source, kind, **parameters)  # type: ignore[arg-type]
    text = str(caught.value)
    assert "/tmp" not in text
    assert str(Path.cwd()) not in text
    return text


# --- the file ------------------------------------------------------------------------------------


def test_missing_file_names_the_nearest_in_its_folder(tmp_path: Path) -> None:
    written(tmp_path, SERIES, "bed_days.csv")
    written(tmp_path, SERIES, "leave.csv")
    text = refused(tmp_path / "bed_day.csv", "series")
    assert "bed_day.csv: There is no such file." in text
    assert "`bed_days.csv`, `leave.csv`" in text
    assert "Did you mean `bed_days.csv`?" in text


def test_missing_folder_is_said(tmp_path: Path) -> None:
    assert "its folder `nowhere` does not exist" in refused(
        tmp_path / "nowhere" / "a.csv", "series"
    )


def test_a_path_is_relative_to_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", SERIES + "2024-01,1\n2024-02,2\n")
    monkeypatch.chdir(tmp_path / "params")
    assert qi.read("data/table.csv", "series").passport.source == "data/table.csv"
    assert "in `data`: `table.csv`" in refused("data/tabel.csv", "series")


def test_a_relative_path_outside_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="There is no such file"):
        qi.read("table.csv", "series")
    written(tmp_path, SERIES + "2024-01,1\n2024-02,2\n")
    assert len(qi.read("table.csv", "series").table) == 2


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    written(tmp_path, SERIES)
    text = refused(tmp_path, "series")
    assert "This is a folder, not a file." in text
    assert "`table.csv`" in text


@pytest.mark.parametrize("name", ["empty.csv", "empty.tsv", "empty.xlsx", "empty.parquet"])
def test_empty_file(tmp_path: Path, name: str) -> None:
    text = refused(written(tmp_path, b"", name), "series")
    assert text == f"{name}: The file is empty (0 bytes)."


@pytest.mark.parametrize("content", ["\n\n\n", " , \n,\n", "\ufeff"])
def test_nothing_but_blanks(tmp_path: Path, content: str) -> None:
    assert "There is nothing in it." in refused(written(tmp_path, content), "series")


def test_headings_only(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SPELLS), "spells")
    assert "There are no rows under the headings (row 1)." in text


def test_a_blank_row_that_should_hold_the_headings(tmp_path: Path) -> None:
    file = written(tmp_path, "\n\nperiod,value\n2024-01,1\n2024-02,2\n")
    text = refused(file, "series", header=1)
    assert "Row 1, where the headings should be, is blank." in text
    assert "Leave out `header`" in text
    assert qi.read(file, "series").table.index.tolist() == [4, 5]


def test_unknown_ending(tmp_path: Path) -> None:
    text = refused(written(tmp_path, "x", "table.docx"), "series")
    assert "Files ending in `.docx` cannot be read." in text
    assert "`.csv`" in text
    assert "`.xlsx`" in text
    assert "has no ending" in refused(written(tmp_path, "x", "table"), "series")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("damaged.xlsx", b"PK\x03\x04 and then nothing"),
        ("damaged.xls", b"this is no workbook"),
        ("damaged.ods", b"PK\x05\x06" + b"\0" * 18),
        ("text.xlsm", b"period,value\n2024-01,1\n"),
    ],
)
def test_damaged_workbook(tmp_path: Path, name: str, content: bytes) -> None:
    text = refused(written(tmp_path, content, name), "series")
    assert f"{name}: The workbook cannot be opened" in text


def test_a_workbook_packed_by_an_unknown_version_of_zip(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    content = bytearray((tmp_path / "book.xlsx").read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 200
    (tmp_path / "book.xlsx").write_bytes(content)
    assert "The workbook cannot be opened" in refused(tmp_path / "book.xlsx", "series")


def test_damaged_parquet(tmp_path: Path) -> None:
    text = refused(written(tmp_path, b"PAR1 and then nothing", "a.parquet"), "series")
    assert "The Parquet file cannot be opened" in text


def test_a_workbook_that_calls_itself_csv(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    (tmp_path / "book.xlsx").rename(tmp_path / "book.csv")
    assert "This is a workbook, not a text file" in refused(tmp_path / "book.csv", "series")


def test_a_picture_that_calls_itself_csv(tmp_path: Path) -> None:
    content = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x8d\x81"
    assert "not a text file that can be read" in refused(written(tmp_path, content), "series")


def test_a_file_cut_off_in_the_middle(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SPELLS + "a,2024-01-01,2024-01-02,X\nb,2024-01"), "spells")
    assert "The file seems cut off: its last row (3)" in text


def test_quotes_that_do_not_match(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SERIES + '2024-01,"1\n2024-02,2\n'), "series")
    assert "The quotes do not match near line 3." in text


def test_more_cells_than_headings(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SERIES + "2024-01,1\n2024-02,1,234\n"), "series")
    assert "2 headings; more cells in row 3" in text


@pytest.mark.skipif(os.geteuid() == 0, reason="NEEDS an ordinary user: root may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = written(tmp_path, SERIES)
    file.chmod(0)
    assert "The file cannot be opened." in refused(file, "series")


# --- the sheet -----------------------------------------------------------------------------------


@pytest.fixture
def two_sheets(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Ward A"
    for name, value in (("Ward A", 1), ("2019", 2)):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in (["period", "value"], ["2024-01", value], ["2024-02", value]):
            sheet.append(row)
    book.create_sheet("Notes")
    book.save(tmp_path / "two.xlsx")
    return tmp_path / "two.xlsx"


def test_several_sheets_are_listed(two_sheets: Path) -> None:
    text = refused(two_sheets, "series")
    assert "Several sheets hold data." in text
    assert "`Ward A`: A1:B3 (2 rows under `period`, `value`)" in text
    assert "`2019`: A1:B3" in text
    assert "`sheet: Ward A`" in text


def test_a_sheet_by_name_by_place_and_by_a_name_that_is_a_number(two_sheets: Path) -> None:
    assert qi.read(two_sheets, "series", sheet="Ward A").table["value"].tolist() == [1, 1]
    assert qi.read(two_sheets, "series", sheet=1).table["value"].tolist() == [1, 1]
    assert qi.read(two_sheets, "series", sheet=2019).table["value"].tolist() == [2, 2]


def test_a_sheet_that_is_not_there(two_sheets: Path) -> None:
    text = refused(two_sheets, "series", sheet="Ward B")
    assert "The workbook has no sheet `Ward B`." in text
    assert "Did you mean `sheet: Ward A`?" in text


def test_a_sheet_without_data(two_sheets: Path) -> None:
    assert "There is nothing in it." in refused(two_sheets, "series", sheet="Notes")


def test_no_sheet_with_data(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "blank.xlsx")
    assert "No sheet holds data." in refused(tmp_path / "blank.xlsx", "series")


def test_a_sheet_of_a_text_file(tmp_path: Path) -> None:
    assert "Only a workbook has sheets." in refused(
        written(tmp_path, SERIES), "series", sheet="Ward A"
    )


# --- columns -------------------------------------------------------------------------------------


def test_missing_column_says_which_were_found_the_nearest_and_the_line_to_write(
    tmp_path: Path,
) -> None:
    text = refused(written(tmp_path, "Person,start,finish\n1,2024-01-01,2024-01-02\n"), "spells")
    assert "The columns are missing: `person`, `end`. Nearest: `Person` for `person`." in text
    assert "Found: columns `Person`, `start`, `finish`" in text
    assert "`columns: {person: Person, end: finish}`" in text


def test_missing_column_of_the_mapping(tmp_path: Path) -> None:
    text = refused(
        written(tmp_path, "MonthOfDelay,Beds\n201607,1\n"),
        "series",
        columns={"period": "MonthofDelay"},
    )
    assert "The column is missing: `MonthofDelay` (for `period`)." in text
    assert "Nearest: `MonthOfDelay` for `period`." in text
    assert "`columns: {period: MonthOfDelay}`" in text


def test_a_misspelt_name_of_ours(tmp_path: Path) -> None:
    file = written(tmp_path, "Key,From,To\n1,2024-01-01,2024-01-02\n")
    text = refused(file, "spells", columns={"person": "Key", "strat": "From", "end": "To"})
    assert "`strat` is no name of ours; did you mean `start`?" in text


def test_headings_further_down(tmp_path: Path) -> None:
    file = written(tmp_path, "Bed days of ward A,\n,\nperiod,value\n2024-01,1\n2024-02,2\n")
    for header in (None, 3, [3]):
        assert qi.read(file, "series", header=header).table.index.tolist() == [4, 5]
    text = refused(file, "series", header=1)
    assert "`period` stands in row 3: if that is the row of headings, set `header: 3`." in text


def test_a_heading_that_stands_twice(tmp_path: Path) -> None:
    file = written(tmp_path, "period,value,value\n2024-01,1,2\n2024-02,3,4\n")
    text = refused(file, "series", columns={"bed_days": "value"})
    assert "Several columns have the heading `value`." in text
    loaded = qi.read(file, "series")  # nobody needs it: both are kept apart
    assert [*loaded.table] == ["period", "value (column 2)", "value (column 3)"]
    assert "Their places were added" in str(loaded.passport)


def test_two_columns_that_would_get_one_name(tmp_path: Path) -> None:
    file = written(tmp_path, "period,month,value\nx,2024-01,1\ny,2024-02,2\n")
    text = refused(file, "series", columns={"period": "month"})
    assert "Two columns would be called `period`" in text
    assert "`columns: {period: month, period_in_file: period}`" in text


# --- where ---------------------------------------------------------------------------------------

BOARDS = "period,Board,value\n2024-01,North,1\n2024-01,South,2\n2024-02,North,3\n2024-02,South,4\n"


def test_where_on_a_column_that_is_not_there(tmp_path: Path) -> None:
    text = refused(written(tmp_path, BOARDS), "series", where={"Bored": "North"})
    assert "There is no column `Bored`, which `where` names." in text
    assert "Did you mean `Board`?" in text


def test_where_on_a_value_that_is_not_there(tmp_path: Path) -> None:
    text = refused(written(tmp_path, BOARDS), "series", where={"Board": ["North", "Suoth"]})
    assert "`Suoth`, which `where` names, does not occur in `Board`." in text
    assert "values `North`, `South`" in text
    assert "Did you mean `South`?" in text


def test_where_never_lists_identifiers(tmp_path: Path) -> None:
    file = written(tmp_path, "NHS number,start,end\n9434765919,2024-01-01,2024-01-02\n")
    text = refused(
        file, "spells", columns={"person": "NHS number"}, where={"NHS number": "9434765870"}
    )
    assert "does not occur in `NHS number`" in text
    assert "94347659" not in text
    assert "9434765870" not in text


def test_where_that_no_row_meets(tmp_path: Path) -> None:
    file = written(tmp_path, "period,A,B,value\n2024-01,x,p,1\n2024-02,y,q,2\n")
    text = refused(file, "series", where={"A": "x", "B": "q"})
    assert "No row meets all conditions of `where` together." in text


# --- cells ---------------------------------------------------------------------------------------


def test_text_in_a_number_column_says_row_and_column(tmp_path: Path) -> None:
    file = written(tmp_path, "Month,Days\n2024-01,10\n2024-02,about 12\n2024-03,11\n")
    text = refused(file, "series", columns={"period": "Month", "bed_days": "Days"})
    assert "table.csv: 1 row cannot be used." in text
    assert "row 3, column `Days`: is about a number (it looks like `xxxxx 99`)" in text
    assert "`suppressed`" in text
    assert "takes the cell as missing" in text


def test_text_in_an_unnamed_column_that_is_mostly_numbers(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SERIES + "2024-01,10\n2024-02,lots\n"), "series")
    assert "row 3, column `value`: is not a number (it looks like `xxxx`)" in text
    assert "If `value` is no number, call it `unit`" in text


@pytest.mark.parametrize("cell", ["1,23", "inf", "1 23", "0x10", "1_000", "٣", "--1", "(1", "12-"])
def test_what_is_no_number(tmp_path: Path, cell: str) -> None:
    file = written(tmp_path, f'period,value\n2024-01,1\n2024-02,"{cell}"\n')
    assert "row 3, column `value`: is not a number" in refused(
        file, "series", columns={"value": "value"}
    )


def test_a_number_too_long_to_hold_is_not_changed(tmp_path: Path) -> None:
    file = written(tmp_path, SERIES + "2024-01,1\n2024-02,12345678901234567890\n")
    assert "more digits than a number can hold exactly" in refused(file, "series")


def test_an_excel_error_is_no_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["period", "value"], ["2024-01", 1], ["2024-02", "#DIV/0!"], ["2024-03", 3]):
        book.active.append(row)
    book.active["B3"].data_type = "e"
    book.save(tmp_path / "errors.xlsx")
    text = refused(tmp_path / "errors.xlsx", "series")
    assert "row 3, column `value`: is an error of Excel: a formula that failed" in text


def test_two_orders_in_one_column_names_rows_of_both(tmp_path: Path) -> None:
    rows = "a,13/01/2024,\nb,01/02/2024,\nc,01/25/2024,\nd,31/01/2024,\n"
    text = refused(written(tmp_path, SPELLS.replace(",ward", "") + rows), "spells")
    assert "Two orders in one column: dates in `start`" in text
    assert "only day first fits rows 2, 5; only month first fits row 4" in text
    for strict in (True, False):
        with pytest.raises(DataError, match="Two orders in one column"):
            qi.read(tmp_path / "table.csv", "spells", strict=strict)


@pytest.mark.parametrize(("dayfirst", "cell"), [(True, "01/25/2024"), (False, "25/01/2024")])
def test_the_other_order_is_never_guessed(tmp_path: Path, dayfirst: bool, cell: str) -> None:
    file = written(tmp_path, f"period,value\n01/02/2024,1\n{cell},2\n")
    text = refused(file, "series", dayfirst=dayfirst)
    assert f"only fit {'month' if dayfirst else 'day'} first" in text
    assert "Found: row 3" in text
    assert f"`dayfirst: {'false' if dayfirst else 'true'}`" in text


@pytest.mark.parametrize("cell", ["31/02/2024", "30/02/2023", "2023-02-29", "31 Apr 2024"])
def test_an_impossible_date_says_its_row_and_no_value(tmp_path: Path, cell: str) -> None:
    file = written(tmp_path, SPELLS + f"a,2024-01-01,2024-01-03,X\nb,{cell},,X\n")
    text = refused(file, "spells")
    assert "row 3, column `start`: there is no such day in the calendar" in text
    assert cell not in text


@pytest.mark.parametrize("cell", ["soon", "2024", "99999", "12:30", "1/2", "45/45/2024x"])
def test_what_is_no_date(tmp_path: Path, cell: str) -> None:
    text = refused(written(tmp_path, SPELLS + f"a,{cell},,X\n"), "spells")
    assert "row 2, column `start`: is not a date" in text


def test_what_is_no_period(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SERIES + "2024-01,1\nsoon,2\n201613,3\n"), "series")
    assert "row 3, column `period`: is not a period (it looks like `xxxx`)" in text
    assert "row 4, column `period`: there is no such month in the calendar" in text
    assert "201613" not in text
    assert "Jul-16" in text


def test_blank_period(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SERIES + "2024-01,1\n,2\n2024-03,3\n"), "series")
    assert "row 3, column `period`: is blank, and must not be" in text


# --- rows ----------------------------------------------------------------------------------------


def test_end_before_start_and_duplicate_spells(tmp_path: Path) -> None:
    rows = "007,2024-01-10,2024-01-03,X\n008,2024-01-01,2024-01-05,X\n008,2024-01-01,2024-01-05,X\n"
    text = refused(written(tmp_path, SPELLS + rows), "spells")
    assert "table.csv: 2 rows cannot be used." in text
    assert "row 2, column `end`: the end is before the start" in text
    assert "row 4, column `person`: repeats row 3 (same person, start, end and ward)" in text
    assert "`strict: false`, which leaves out these 2 rows" in text
    assert "007" not in text
    assert "008" not in text


def test_open_duplicates_count_too_and_other_wards_do_not(tmp_path: Path) -> None:
    file = written(tmp_path, SPELLS + "a,2024-01-01,,X\na,2024-01-01,,X\n")
    assert "row 3, column `person`: repeats row 2" in refused(file, "spells")
    file = written(tmp_path, SPELLS + "a,2024-01-01,,X\na,2024-01-01,,Y\n")
    assert len(qi.read(file, "spells").table) == 2


def test_blank_person_and_start(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SPELLS + ",2024-01-10,,X\na,,2024-01-05,X\n"), "spells")
    assert "row 2, column `person`: is blank, and must not be" in text
    assert "row 3, column `start`: is blank, and must not be" in text


def test_the_year_9999_is_not_still_in(tmp_path: Path) -> None:
    text = refused(written(tmp_path, SPELLS + "a,2024-01-10,9999-12-31,X\n"), "spells")
    assert (
        "the year of the end is outside 1900 to 2299; for somebody still in, leave it blank" in text
    )


def test_a_period_that_comes_twice(tmp_path: Path) -> None:
    file = written(tmp_path, SERIES + "2024-01,1\n2024-02,2\n2024-01,3\n")
    text = refused(file, "series")
    assert "row 4, column `period`: the same period (and unit) as row 2, with other figures" in text
    assert "choose with `where`" in text
    assert "`strict: false` does not help: row 4 must be settled." in text
    with pytest.raises(DataError, match="row 4"):
        qi.read(file, "series", strict=False)


def test_a_row_of_a_series_that_is_repeated_whole(tmp_path: Path) -> None:
    file = written(tmp_path, SERIES + "2024-01,1\n2024-02,2\n2024-01,1\n")
    assert "row 4, column `period`: repeats row 2, every cell the same" in refused(file, "series")
    loaded = qi.read(file, "series", strict=False)
    assert loaded.table["value"].tolist() == [1, 2]
    assert loaded.passport.dropped["row_numbers"].tolist() == ["row 4"]


def test_at_most_twenty_rows_are_listed(tmp_path: Path) -> None:
    rows = "".join(f"p{number},2024-01-10,2024-01-03,X\n" for number in range(50))
    text = refused(written(tmp_path, SPELLS + rows), "spells")
    assert "50 rows cannot be used" in text
    assert text.count("\n  row ") == 20
    assert "… and 30 more" in text


# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"kind": "spels"}, "Did you mean `spells`?"),
        ({"kind": "spells", "period": "month"}, "A table of spells has no periods."),
        ({"kind": "series", "period": "moth"}, "Did you mean `month`?"),
        ({"kind": "series", "header": -1}, "Rows begin at 1;"),
        ({"kind": "series", "header": "one"}, "`header` is the number of a row, or of several."),
        ({"kind": "series", "suppressed": "*"}, 'Write `suppressed: ["*"]`.'),
        ({"kind": "series", "columns": ["period"]}, "`columns` must say for each of our names"),
        ({"kind": "series", "where": "North"}, "`where` must say for each column"),
    ],
)
def test_a_parameter_that_cannot_be(
    tmp_path: Path, parameters: dict[str, object], says: str
) -> None:
    file = written(tmp_path, SERIES + "2024-01,1\n2024-02,2\n")
    with pytest.raises(ParameterError) as caught:
        qi.read(file, **parameters)  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_what_cannot_be_the_name_of_a_file_is_refused() -> None:
    name = "x" * 5000
    with pytest.raises(ParameterError) as caught:
        qi.read(name, kind="series")
    assert "cannot be the name of a file" in str(caught.value)
    assert name not in str(caught.value)
