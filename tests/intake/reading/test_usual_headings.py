"""Headings that are usual but not ours: strict reading names the line, otherwise it is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

import qieval as qi
from qieval.core.errors import DataError
from qieval.intake.identifiers import plain
from qieval.intake.tables import KINDS
from qieval.intake.tables.usual_headings import SHARED, say_when
from tests.intake.reading.test_awkward_tables import refused
from tests.intake.reading.workbooks import sheets, workbook

STAYS = [
    "NHS Number,Patient Name,Date admitted,Date discharged,Ward",
    "943 476 5919,José Smith,03/04/2023,15/04/2023,Ash",
    "401 023 2137,Ann Jones,04/04/2023,,Beech",
]


def written(folder: Path, *lines: str) -> Path:
    (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "table.csv"


def line_of(text: str) -> dict[str, str]:
    """The first `columns` line that a message names, as YAML reads it."""
    found = re.search(r"`(columns: \{.*?\})`", text)
    assert found is not None
    columns = yaml.safe_load(found[1])["columns"]
    assert isinstance(columns, dict)
    return columns


def test_the_exact_line_settles_it(tmp_path: Path) -> None:
    file = written(tmp_path, *STAYS)
    text = refused(file, "spells")
    assert "No column is called `person`, `start`, `end`." in text
    line = line_of(text)
    assert line == {
        "person": "NHS Number",
        "start": "Date admitted",
        "end": "Date discharged",
        "ward": "Ward",
    }
    for value in ("943", "Smith", "03/04/2023", "Ash"):
        assert value not in text
    confirmed = qi.read(file, "spells", columns=line)
    assert confirmed.passport.doubtful == []
    proposed = qi.read(file, "spells", strict=False)
    pd.testing.assert_frame_equal(proposed.table, confirmed.table)
    (doubt,) = proposed.passport.doubtful
    assert "`Date admitted` was taken as `start`" in doubt


@pytest.mark.parametrize(
    "heading",
    [
        "Month",
        "MONTH",
        "Date",
        "Reporting month",
        "Week ending",
        "w/e",
        "Month/Year",
        "MonthOfDelay",
    ],
)
def test_headings_of_periods(heading: str, tmp_path: Path) -> None:
    file = written(tmp_path, f"{heading},Falls", "2024-01-07,3", "2024-01-14,4", "2024-01-21,5")
    assert line_of(refused(file)) == {"period": heading}
    loaded = qi.read(file, "series", strict=False)
    assert loaded.table["Falls"].tolist() == [3, 4, 5]


def test_the_only_column_of_periods_is_one_whatever_its_heading(tmp_path: Path) -> None:
    file = written(tmp_path, "When it was,Falls", "Jan-24,3", "Feb-24,4")
    assert line_of(refused(file)) == {"period": "When it was"}


def test_two_candidates_are_asked_about_in_both_modes(tmp_path: Path) -> None:
    rows = ["Month,Date,Falls", "2024-01,2024-01-31,3", "2024-02,2024-02-29,4"]
    file = written(tmp_path, *rows)
    for strict in (True, False):
        text = refused(file, strict=strict)
        assert "`period` may be `Month`, `Date`" in text
        assert "`columns: {period: Month}` or `columns: {period: Date}`" in text


def test_what_the_cells_look_like_tells_candidates_apart(tmp_path: Path) -> None:
    file = written(tmp_path, "Day,Date,Beds full", "Mon,2024-01-01,3", "Tue,2024-01-02,4")
    assert line_of(refused(file)) == {"period": "Date"}
    file = written(tmp_path, "Year,Month,Falls", "2024,Jan-24,3", "2024,Feb-24,4")
    assert line_of(refused(file)) == {"period": "Month"}


def test_ward_stays_beside_admissions_are_asked_about(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "RiO Number,Ward Start Date,Ward End Date,Admission Date,Discharge Date",
        "1234567,01/02/2023,05/02/2023,01/02/2023,20/02/2023",
    )
    text = refused(file, "spells", strict=False)
    assert "`start` may be `Ward Start Date`, `Admission Date`" in text
    assert "{person: RiO Number, start: Ward Start Date, end: Ward End Date}" in text
    assert "1234567" not in text


def test_rows_of_one_period_are_told_apart_by_the_one_column_that_can(tmp_path: Path) -> None:
    rows = [
        f"{month},{ward},{n}" for n, ward in enumerate("AB") for month in ("2024-01", "2024-02")
    ]
    file = written(tmp_path, "period,Ward,Falls", *rows)
    assert line_of(refused(file)) == {"ward": "Ward"}
    table = qi.read(file, "series", strict=False).table
    assert table["ward"].tolist() == ["A", "A", "B", "B"]
    # With `where` only some rows are meant, and nothing is asked.
    assert len(qi.read(file, "series", where={"Ward": "A"}).table) == 2


def test_a_heading_that_is_not_usual_is_not_guessed(tmp_path: Path) -> None:
    file = written(tmp_path, "person,start,finish", "1,2024-01-01,2024-01-02")
    for strict in (True, False):
        assert "{end: finish}" in refused(file, "spells", strict=strict)


def test_a_line_that_names_a_heading_wrongly_is_not_overruled(tmp_path: Path) -> None:
    file = written(tmp_path, "Month,Falls", "2024-01,3")
    text = refused(file, columns={"period": "Mnth"}, strict=False)
    assert "`Mnth` (for `period`)" in text
    assert "columns: {period: Month}" in text


def test_the_sheet_with_usual_headings_is_the_one(tmp_path: Path) -> None:
    file = sheets(
        tmp_path, Notes=[["Who", "What"], ["a", "b"]], Data=[["Month", "In"], ["2024-01", 1]]
    )
    loaded = qi.read(file, "series", strict=False)
    assert loaded.passport.sheet == "Data"
    assert loaded.table["In"].tolist() == [1]


def test_where_no_column_says_when_the_line_for_the_whole_file_is_named(tmp_path: Path) -> None:
    text = refused(written(tmp_path, "unit,Falls", "A,3", "B,4"))
    assert "`period_of_file: 2024-03`" in text


def test_stacked_tables_of_one_shape_are_told_apart_by_their_titles(tmp_path: Path) -> None:
    rows: list[list[object]] = []
    for ward, n in (("Ash ward", 1), ("Beech ward", 5)):
        rows += [[ward], ["Month", "In"], ["2024-01", n], ["2024-02", n + 1], []]
    file = workbook(tmp_path, rows)
    assert line_of(refused(file)) == {"period": "Month", "unit": "section"}
    table = qi.read(file, "series", strict=False).table
    assert table["unit"].tolist() == ["Ash ward", "Ash ward", "Beech ward", "Beech ward"]
    assert table["In"].tolist() == [1, 2, 5, 6]


def test_the_table_of_usual_headings_is_of_columns_that_there_are() -> None:
    known = {name for kind in KINDS.values() for name in (*kind.columns, *kind.text_names)}
    assert set(SHARED) <= known
    series = KINDS["series"]
    assert series.often_called("period", ["Falls", "Month ending"]) == ["Month ending"]
    assert series.often_called("unit", ["Unit", "Ward"]) == ["Unit"]  # spelt so comes first
    assert KINDS["pdsa"].often_called("learning", ["Colour"]) == []
    assert KINDS["pdsa"].often_called("learning", ["What we learnt"]) == ["What we learnt"]
    assert say_when(["MonthOfDelay", "Falls"]) == ["MonthOfDelay"]
    assert plain("RiO Number") == "ri o number"


def test_in_a_database_too_the_line_is_named(tmp_path: Path) -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-02"])
    stays = pd.DataFrame({"patient_id": ["a", "b"], "admitted": days, "discharged": days})
    (tmp_path / "stays").mkdir()
    stays.to_parquet(tmp_path / "stays" / "one.parquet")
    source = str(tmp_path / "stays" / "*.parquet")
    with pytest.raises(DataError, match=r"columns: \{person: patient_id, start: admitted"):
        qi.read(source, "spells")
    loaded = qi.read(source, "spells", strict=False)
    assert len(loaded.passport.doubtful) == 1
    assert loaded.passport.rows_kept == 2
