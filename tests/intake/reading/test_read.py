"""What reading keeps, changes and says: formats, encodings, numbers, dates, the passport."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import qieval as qi
from qieval.core.config import settings_here
from qieval.core.errors import QievalError
from qieval.intake.pseudonyms import load_key, pseudonyms

SPELLS = "person,start,end,ward\n"


def pseudonym(*codes: str) -> list[str]:
    return pseudonyms(pd.Series(codes, dtype="str"), load_key(*settings_here())).tolist()


def written(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


# --- spells --------------------------------------------------------------------------------------


def test_spells_lose_their_times_and_codes_keep_their_zeros(tmp_path: Path) -> None:
    rows = (
        "007,30/01/2024 23:59,02/02/2024 00:00,0A1\n"
        "\n"
        " 012 ,2024-02-03T08:15:00Z,NULL,\n"
        "012,4 Mar 24,,B\n"
    )
    loaded = qi.read(written(tmp_path, SPELLS + rows), "spells")
    expected = pd.DataFrame(
        {
            "person": pd.array(pseudonym("007", "012", "012"), dtype="str"),
            "start": pd.to_datetime(["2024-01-30", "2024-02-03", "2024-03-04"]).as_unit("us"),
            "end": pd.to_datetime(["2024-02-02", None, None]).as_unit("us"),
            "ward": pd.array(["0A1", None, "B"], dtype="str"),
        },
        index=pd.Index([2, 4, 5], name="row"),
    )
    pd.testing.assert_frame_equal(loaded.table, expected)
    said = str(loaded.passport)
    assert "`start`: dates read day first (03/04/2020 is 3 April 2020)." in said
    assert "`start`: times of day were cut off (00:00 belongs to the new date)." in said
    assert "1 cell with a year of two digits" in said
    assert "`end`: 1 cell with NULL, taken as blank (row 4)." in said
    assert "Blank rows were passed over (row 3)." in said
    assert loaded.passport.facts == {
        "People": "2",
        "First admission": "30 January 2024",
        "Last discharge": "2 February 2024",
        "Still in": "2",
    }


def test_month_first_when_said(tmp_path: Path) -> None:
    file = written(tmp_path, SPELLS + "a,02/01/2024,02/13/2024,X\n")
    table = qi.read(file, "spells", dayfirst=False).table
    assert table["start"].tolist() == [pd.Timestamp("2024-02-01")]
    assert table["end"].tolist() == [pd.Timestamp("2024-02-13")]


def test_lenient_reading_leaves_out_and_counts(tmp_path: Path) -> None:
    rows = (
        "a,2024-01-01,2024-01-05,X\n"
        "a,2024-01-01,2024-01-05,X\n"
        "b,2024-02-09,2024-02-02,X\n"
        "c,2024-02-30,2024-03-02,X\n"
        ",2024-02-01,2024-03-02,X\n"
        "d,2024-02-01,soon,X\n"
        "e,2024-02-01,,X\n"
    )
    passport = (
        loaded := qi.read(written(tmp_path, SPELLS + rows), "spells", strict=False)
    ).passport
    assert loaded.table["person"].tolist() == pseudonym("a", "e")
    assert passport.rows_read == 7
    assert passport.rows_kept == 2
    assert dict(zip(passport.dropped["reason"], passport.dropped["row_numbers"], strict=True)) == {
        "`start`: there is no such day in the calendar": "row 5",
        "`end`: is not a date": "row 7",
        "`person`: is blank, and must not be": "row 6",
        "`end`: the end is before the start": "row 4",
        "`person`: repeats an earlier row (same person, start, end and ward)": "row 3",
    }


def test_lenient_reading_never_leaves_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, SPELLS + "a,soon,,X\n")
    with pytest.raises(QievalError, match="is not a date"):
        qi.read(file, "spells", strict=False)


def test_a_loaded_table_of_people_is_never_shown(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, SPELLS + "9434765919,2024-01-01,,X\n"), "spells")
    for text in (repr(loaded), str(loaded), loaded._repr_mimebundle_()["text/html"]):
        assert "9434765919" not in text
        assert "/tmp" not in text


# --- series --------------------------------------------------------------------------------------


def test_numbers_are_numbers_and_codes_stay_text(tmp_path: Path) -> None:
    text = (
        "period,org,code,value,rate,text\n"
        '2024-01,R1H,007,"1,234",1e3,x\n'
        '2024-02,R1H,008,"2,000",.5,9\n'
        "2024-03,R1H,009,5,\u22122.25,y\n"
    )
    loaded = qi.read(written(tmp_path, text), "series")
    assert loaded.table["code"].tolist() == ["007", "008", "009"]
    assert loaded.table["value"].tolist() == [1234, 2000, 5]
    assert loaded.table["value"].dtype == np.int64
    assert loaded.table["rate"].tolist() == [1000.0, 0.5, -2.25]
    assert loaded.table["text"].tolist() == ["x", "9", "y"]
    assert loaded.table.attrs == {"kind": "series", "period": "month"}
    assert "`value`: thousands separators were taken out of 2 cells." in str(loaded)


def test_blank_and_suppressed_numbers_are_missing_and_counted_never_0(tmp_path: Path) -> None:
    text = "period,value,other\n2024-01,10,1\n2024-02,<5,2\n2024-03,,NA\n2024-04, < 5 ,4\n"
    text += "2024-05,Fewer than 5,5\n2024-06,0,6\n2024-07,*,7\n"
    loaded = qi.read(written(tmp_path, text), "series")
    expected = [10, np.nan, np.nan, np.nan, np.nan, 0, np.nan]
    np.testing.assert_array_equal(loaded.table["value"], expected)
    assert loaded.passport.suppressed == 4
    assert loaded.passport.blank == 2
    said = str(loaded.passport)
    assert "`value`: 1 blank cell, taken as missing (row 4)." in said
    assert (
        "`value`: 4 suppressed cells (`<5`, `< 5`, `Fewer than 5`, `*`), taken as missing" in said
    )
    assert "`other`: 1 cell with NA, taken as missing (row 4)." in said
    assert "2 blank, 4 suppressed (missing, never 0)" in said


def test_marks_of_ones_own(tmp_path: Path) -> None:
    file = written(tmp_path, "period,value\n2024-01,1\n2024-02,†\n2024-03,3\n")
    assert qi.read(file, "series", suppressed=["†"]).passport.suppressed == 1


def test_lenient_numbers_are_missing_and_said(tmp_path: Path) -> None:
    file = written(tmp_path, "period,value\n2024-01,1\n2024-02,lots\n2024-03,3\n")
    loaded = qi.read(file, "series", strict=False)
    np.testing.assert_array_equal(loaded.table["value"], [1, np.nan, 3])
    assert "`value`: 1 cell without a number, taken as missing (row 3)." in str(loaded)


def test_periods_expected_present_and_missing(tmp_path: Path) -> None:
    text = "period,ward,value\n2024-01,A,1\n2024-01,B,1\n2024-02,A,2\n2024-04,A,3\n2024-04,B,3\n"
    passport = qi.read(written(tmp_path, text), "series").passport
    assert passport.every == "month"
    assert (passport.periods_expected, passport.periods_present) == (4, 3)
    assert passport.periods_missing == (pd.Timestamp("2024-03-01"),)
    assert passport.gaps == ("B: February 2024",)
    assert "Months: January 2024 to April 2024: 3 of 4 present; missing: March 2024" in str(
        passport
    )
    assert "B: February 2024" in passport._repr_mimebundle_()["text/html"]


def test_where_takes_our_name_for_a_column(tmp_path: Path) -> None:
    rows = "2024-01,N,1\n2024-02,N,2\n2024-01,S,3\n2024-02,S,4\n"
    file = written(tmp_path, f"period,Board,value\n{rows}")
    loaded = qi.read(file, "series", columns={"unit": "Board"}, where={"unit": "S"})
    assert loaded.table["value"].tolist() == [3, 4]


def test_where_keeps_rows_and_counts_what_it_left_out(tmp_path: Path) -> None:
    text = "period,Board,Year,flag,value\n2024-01,N,2024,true,1\n2024-02,N,2024,false,2\n"
    text += "2024-01,S,2024,true,3\n2023-12,N,2023,true,x\n"
    loaded = qi.read(
        written(tmp_path, text),
        "series",
        columns={"unit": "Board"},
        where={"Board": ["N"], "Year": 2024},
    )
    assert loaded.table["value"].tolist() == [1, 2]  # the text in a row left out does no harm
    assert loaded.passport.rows_read == 4
    assert loaded.passport.rows_kept == 2
    dropped = loaded.passport.dropped
    assert dropped["rows"].tolist() == [1, 1]
    assert dropped["reason"].tolist() == [
        "`Board` is not `N` (`where`)",
        "`Year` is not `2024` (`where`)",
    ]


def test_rows_read_are_those_kept_and_those_dropped(tmp_path: Path) -> None:
    text = "period,unit,value\n2024-01,A,1\n2024-01,A,1\nTotal,A,2\n2024-02,A,2\n2024-02,B,9\n"
    passport = qi.read(
        written(tmp_path, text), "series", where={"unit": "A"}, strict=False
    ).passport
    assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum() == 5


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "not UTF-8; read as Windows-1252"),
        ("utf-16", "UTF-16"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, says: str | None) -> None:
    text = "period,unit,value\r\n2024-01,Café – St Mary’s,1\r\n2024-02,Café – St Mary’s,2\r\n"
    loaded = qi.read(written(tmp_path, text.encode(encoding)), "series")
    assert loaded.table["unit"].tolist() == ["Café – St Mary’s"] * 2
    told = [line for line in loaded.passport.decisions if "Encoding" in line]
    assert told == [] if says is None else says in told[0]


@pytest.mark.parametrize(
    ("name", "mark", "says"),
    [
        ("a.csv", ",", None),
        ("a.tsv", "\t", None),
        ("a.csv", "\t", "Cells are separated by tabs, not commas."),
        ("a.csv", ";", "Cells are separated by semicolons, not commas."),
        ("a.tsv", ",", "Cells are separated by commas, not tabs."),
    ],
)
def test_separators(tmp_path: Path, name: str, mark: str, says: str | None) -> None:
    text = "period|value|note\n2024-01|1|x\n2024-02|2|y\n".replace("|", mark)
    loaded = qi.read(written(tmp_path, text, name), "series")
    assert loaded.table["value"].tolist() == [1, 2]
    assert loaded.passport.decisions == (() if says is None else (says,))


def test_a_cell_with_a_line_break_is_one_row(tmp_path: Path) -> None:
    text = 'period,note,value\n2024-01,"two\nlines, and ""quotes""",1\n2024-02,x,2\n'
    table = qi.read(written(tmp_path, text), "series").table
    assert table["note"].tolist() == ['two\nlines, and "quotes"', "x"]
    assert table.index.tolist() == [2, 3]


def test_short_rows_are_told(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, SPELLS + "a,2024-01-01\nb,2024-01-01,,X\n"), "spells")
    assert "Rows with fewer cells than headings: the last cells count as blank (row 2)." in str(
        loaded
    )


def workbook(file: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Stays"
    for row in (
        ["Hospital stays"],
        [],
        ["person", "start", "end", "ward", "open", None],
        [7, dt.datetime(2024, 1, 30, 23, 5), dt.date(2024, 2, 2), 12.0, True, None],
        ["007", dt.date(2024, 2, 1), None, "12", False, "a remark"],
    ):
        book.active.append(row)
    hidden = book.create_sheet("Old")
    hidden.append([1])
    hidden.sheet_state = "hidden"
    book.create_sheet("Blank")
    book.save(file)
    return file


@pytest.mark.parametrize("ending", ["xlsx", "xlsm"])
def test_a_workbook(tmp_path: Path, ending: str) -> None:
    loaded = qi.read(workbook(tmp_path / f"stays.{ending}"), "spells", header=3)
    assert loaded.table["person"].tolist() == pseudonym("7", "007")
    assert loaded.table["ward"].tolist() == ["12", "12"]
    assert loaded.table["start"].tolist() == [
        pd.Timestamp("2024-01-30"),
        pd.Timestamp("2024-02-01"),
    ]
    assert loaded.table["open"].tolist() == ["TRUE", "FALSE"]
    assert loaded.table.index.tolist() == [4, 5]
    assert loaded.passport.sheet == "Stays"
    said = str(loaded)
    assert f"Source: stays.{ending}, sheet `Stays`" in said
    assert "Sheet `Stays` was read: the only one with data." in said
    assert "Hidden sheets were not read: `Old`." in said
    assert "Column 6 has no heading: it is called `column 6`." in said
    assert "`start`: times of day were cut off" in said


def test_a_parquet_file_of_typed_columns(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "person": [1, 2],
            "start": [dt.date(2024, 1, 1), dt.date(2024, 1, 2)],
            "end": pd.to_datetime(["2024-01-03 00:00", None]),
            "ward": pd.Categorical(["A", "B"]),
            "los": [2.0, np.nan],
        }
    )
    table.to_parquet(tmp_path / "stays.parquet")
    read = qi.read(tmp_path / "stays.parquet", "spells").table
    assert read["person"].tolist() == pseudonym("1", "2")
    assert read["start"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    assert read["end"].isna().tolist() == [False, True]
    assert read.index.tolist() == [1, 2]


def test_digest_and_origin(tmp_path: Path) -> None:
    file = written(tmp_path, "period,value\n2024-01,1\n2024-02,2\n")
    (tmp_path / "dataset.yml").write_text(
        "title: Made-up ward\nsimulated: true\nlicence: MIT\npublisher: qieval\n"
    )
    passport = qi.read(file, "series").passport
    assert passport.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert passport.origin.simulated
    for text in (str(passport), passport._repr_mimebundle_()["text/html"]):
        assert "Made-up ward, qieval" in text
        assert "these data are made up" in text
    assert 'class="qi-table qi-passport"' in passport._repr_mimebundle_()["text/html"]


def test_the_html_escapes_what_the_file_says(tmp_path: Path) -> None:
    file = written(tmp_path, "period,<b>value</b>\n2024-01,1\n2024-02,\n")
    html = qi.read(file, "series").passport._repr_mimebundle_()["text/html"]
    assert "<b>" not in html
    assert "&lt;b&gt;value" in html


def test_reading_twice_says_the_same(tmp_path: Path) -> None:
    file = written(tmp_path, SPELLS + "a,2024-01-01,,X\n")
    assert str(qi.read(file, "spells")) == str(qi.read(file, "spells"))
