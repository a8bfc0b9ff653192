"""Pivot tables as they are copied out of Excel, and months without a year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import qieval as qi
from qieval.core.errors import ParameterError
from tests.intake.reading.test_awkward_tables import refused
from tests.intake.reading.test_usual_headings import line_of
from tests.intake.reading.workbooks import Rows, workbook

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ASH, BEECH = [300 + n for n in range(12)], [200 + 2 * n for n in range(12)]


def pivot(labels: list[Any], above: str = "Sum of Bed days", **changed: int) -> Rows:
    rows: list[list[Any]] = [[above, "Column Labels"]]
    rows.append(["Row Labels", "Ash", "Beech", "(blank)", "Grand Total"])
    for label, ash, beech in zip(labels, ASH, BEECH, strict=True):
        rows.append([label, ash, beech, None, ash + beech])
    total = sum(ASH) + sum(BEECH)
    rows.append(["Grand Total", sum(ASH), sum(BEECH), None, changed.get("total", total)])
    return rows


def test_a_column_field_gives_columns_and_its_own_words_none(tmp_path: Path) -> None:
    labels = [f"{month}-23" for month in MONTHS]
    file = workbook(tmp_path, pivot(labels))
    assert line_of(refused(file)) == {"period": "Row Labels"}
    loaded = qi.read(file, "series", columns={"period": "Row Labels"})
    assert loaded.table.columns.tolist() == ["period", "Ash", "Beech"]
    assert loaded.table["Ash"].tolist() == ASH
    assert loaded.table["Beech"].tolist() == BEECH
    text = str(loaded.passport)
    assert "column `Grand Total`: the sum of `Ash`, `Beech`" in text
    assert "row 15: the sum of the rows above it" in text
    assert "`Sum of Bed days`" in text
    assert "Columns left out: `(blank)`, `Grand Total`." in text


def test_a_field_by_its_own_name_above_the_headings(tmp_path: Path) -> None:
    rows = [["Sum of Bed days", "Ward"], ["Month", "Ash", "Beech", "Grand Total"]]
    rows += [[f"{month}-23", 1, 2, 3] for month in MONTHS]
    table = qi.read(workbook(tmp_path, rows), "series", columns={"period": "Month"}).table
    assert table.columns.tolist() == ["period", "Ash", "Beech"]


def test_a_grand_total_that_does_not_add_up_is_asked_about(tmp_path: Path) -> None:
    rows = [list(row) for row in pivot([f"{month}-23" for month in MONTHS])]
    rows[4][4] = 1
    rows[-1][4] = sum(row[4] for row in rows[2:-1])
    file = workbook(tmp_path, rows)
    text = refused(file, columns={"period": "Row Labels"})
    assert "`Grand Total` is called a total" in text
    assert "row 5: they make 506, it says 1" in text
    kept = qi.read(file, "series", columns={"period": "Row Labels"}, totals="leave_out")
    assert kept.table.columns.tolist() == ["period", "Ash", "Beech"]
    with_it = qi.read(file, "series", columns={"period": "Row Labels"}, totals="keep", strict=False)
    assert "Grand Total" in with_it.table


def test_averages_have_no_sum(tmp_path: Path) -> None:
    rows = [["Average of Days", "Column Labels"], ["Row Labels", "Ash", "Beech", "Grand Total"]]
    rows += [[f"{month}-23", 10.5, 20.5, 14.2] for month in MONTHS]
    loaded = qi.read(workbook(tmp_path, rows), "series", columns={"period": "Row Labels"})
    assert loaded.table["Beech"].tolist() == [20.5] * 12
    assert "an average or the like" in str(loaded.passport)


def test_a_grand_total_elsewhere_stays(tmp_path: Path) -> None:
    rows = [["period", "Ash", "Grand total"], ["2024-01", 1, 2], ["2024-02", 3, 4]]
    assert "Grand total" in qi.read(workbook(tmp_path, rows), "series").table


def test_months_without_a_year_are_asked_about(tmp_path: Path) -> None:
    file = workbook(tmp_path, pivot(MONTHS))
    for strict in (True, False):
        text = refused(file, strict=strict)
        assert "No year stands with the months" in text
        assert "`period_of_file: 2023`, or `period_of_file: 2023/24`" in text
    calendar = qi.read(file, "series", period_of_file="2023").table["period"]
    assert [day.strftime("%Y-%m") for day in calendar][:1] == ["2023-01"]
    financial = qi.read(file, "series", period_of_file="2023/24").table["period"]
    assert [day.strftime("%Y-%m") for day in financial][:4] == [
        *("2024-01", "2024-02", "2024-03", "2023-04")
    ]
    with pytest.raises(ParameterError, match="is their year"):
        qi.read(file, "series", period_of_file="2023-04")


def test_a_year_in_a_title_or_name_is_proposed(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Bed days 2022/23"], ["Month", "In"]]
    rows += [[month, n] for n, month in enumerate([*MONTHS[3:], *MONTHS[:3]])]
    file = workbook(tmp_path, rows)
    assert "`period_of_file: 2022/23`" in refused(file)
    loaded = qi.read(file, "series", strict=False)
    assert loaded.table["period"].iloc[-1].strftime("%Y-%m") == "2023-03"
    assert loaded.table["In"].tolist() == list(range(12))
    assert len(loaded.passport.doubtful) == 1


def test_a_plain_year_over_april_to_march_asks_which_year_january_is_of(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Month", "In"]]
    rows += [[month, n] for n, month in enumerate([*MONTHS[3:], *MONTHS[:3]])]
    text = refused(workbook(tmp_path, rows), period_of_file="2022")
    assert "`years: financial`" in text


def test_months_as_headings_take_the_year_of_the_title(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Scorecard FY 2022/23"]]
    rows.append(["KPI", "Owner", "Target", *MONTHS[3:], *MONTHS[:3], "YTD", "RAG"])
    rows.append(["Falls", "AB", 10, *range(12), 66, "R"])
    rows.append(["Complaints", "CD", 5, *range(12, 24), 210, "G"])
    file = workbook(tmp_path, rows)
    assert "in the title in row 1: `2022/23`" in refused(file)
    loaded = qi.read(file, "series", period_of_file="2022/23")
    assert loaded.table["Falls"].tolist() == list(range(12))
    assert loaded.table["Complaints"].tolist() == list(range(12, 24))
    assert loaded.table["period"].iloc[9].strftime("%Y-%m") == "2023-01"
    said = "Columns that say more about a row were not read: `Owner`, `Target`, `RAG`."
    assert said in loaded.passport.decisions
