"""Shapes that trusts send: dashboards, year totals, merged years, exports of other tools."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import qieval as qi
from tests.intake.reading.test_awkward_tables import refused
from tests.intake.reading.test_usual_headings import written
from tests.intake.reading.workbooks import ods, workbook

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FIRSTS = [dt.date(2022, month, 1) for month in range(1, 13)]


def test_a_dashboard_with_targets_and_colours_gives_one_row_a_month(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Quality dashboard"], ["Prepared 12/05/2023"], []]
    rows.append(["Ref", "KPI", "Owner", "Target", "Apr-22", "May-22", "YTD", "RAG", "Comments"])
    rows.append(["Q1", "Falls", "JS", "<=5", 4, 5, 9, "G", None])
    rows.append(["Q2", "Training %", "AB", "95%", "93%", "94%", "94%", "A", "new starters"])
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.table["Falls"].tolist() == [4, 5]
    assert loaded.table["Training %"].tolist() == [93, 94]
    assert "`Ref`, `Owner`, `Target`, `RAG`, `Comments`" in str(loaded.passport)


def test_a_unit_beside_the_measure_stays(tmp_path: Path) -> None:
    rows = [
        ["Ward", "KPI", "Apr-22", "May-22"],
        ["Ash", "Falls", 4, 5],
        ["Ash", "Restraints", 1, 2],
    ]
    table = qi.read(workbook(tmp_path, rows), "series").table
    assert table["ward"].tolist() == ["Ash", "Ash"]
    assert table["Falls"].tolist() == [4, 5]


@pytest.mark.parametrize("suffix", [" total", ""])
def test_quarters_with_year_totals(suffix: str, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Quarter", "Referrals"]]
    for year in ("2021/22", "2022/23"):
        rows += [[f"Q{n} {year}", 100 + n] for n in (1, 2, 3, 4)]
        rows.append([f"{year}{suffix}", 410])
    file = workbook(tmp_path, rows)
    loaded = qi.read(file, "series", columns={"period": "Quarter"})
    assert loaded.table["Referrals"].tolist() == [101, 102, 103, 104] * 2
    assert len(loaded.passport.totals) == 2


def test_two_wards_side_by_side_are_asked_about(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Ash ward", None, None, "Beech ward"]]
    rows.append(["Month", "In", None, "Month", "In"])
    rows += [[day, n, None, day, 10 + n] for n, day in enumerate(FIRSTS)]
    file = workbook(tmp_path, rows)
    text = refused(file)
    assert "1: A1:B14 “Ash ward”" in text
    assert "2: D1:E14 “Beech ward”" in text
    table = qi.read(file, "series", table="Beech ward", columns={"period": "Month"}).table
    assert table["In"].tolist() == [10 + n for n in range(12)]


@pytest.mark.parametrize(
    "words", ["Apr-21 to Mar-22", "Apr 21 - Mar 22", "April 2021 to March 2022"]
)
def test_ranges_with_two_digit_years_are_financial_years(words: str, tmp_path: Path) -> None:
    later = words.replace("22", "23").replace("21", "22")
    rows = [["Ward", words, later], ["Ash", 1, 2], ["Beech", 4, 5], ["Total", 5, 7]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.passport.every == "financial_year"
    assert [day.year for day in loaded.table["period"]] == [2021, 2022, 2021, 2022]
    assert loaded.table["value"].tolist() == [1, 2, 4, 5]


@pytest.mark.parametrize("year", [2021, "2021/22"])
def test_years_merged_at_the_left(year: Any, tmp_path: Path) -> None:
    order = MONTHS if year == 2021 else [*MONTHS[3:], *MONTHS[:3]]
    rows: list[list[Any]] = [["Year", "Month", "Falls"]]
    rows += [[year if n == 0 else None, month, n] for n, month in enumerate(order)]
    loaded = qi.read(workbook(tmp_path, rows, merged=["A2:A13"]), "series")
    assert loaded.passport.periods_missing == ()
    assert loaded.table["Falls"].tolist() == list(range(12))
    first = "2021-01" if year == 2021 else "2021-04"
    assert loaded.table["period"].min().strftime("%Y-%m") == first


def test_the_export_of_another_spc_tool(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Measure: bed days"], []]
    rows.append(["Date", "Value", "Mean", "UCL", "LCL", "Special cause"])
    rows += [[day, 300 + n, 302, 320, 284, "Common cause"] for n, day in enumerate(FIRSTS)]
    file = workbook(tmp_path, rows)
    assert "`columns: {period: Date}`" in refused(file)
    table = qi.read(file, "series", strict=False).table
    assert table["Value"].tolist() == [300 + n for n in range(12)]
    assert table["UCL"].tolist() == [320] * 12


def test_weeks_percent_units_and_gaps(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Week", "Falls", "Seen", "Stay"], [None, "(n)", "(%)", "(days)"]]
    for n in range(8):
        day = dt.date(2023, 1, 8) + dt.timedelta(days=7 * n)
        rows += [[f"w/e {day:%d/%m/%Y}", n, f"{80 + n}%", 12.5 + n], *([[]] if n % 3 == 2 else [])]
    loaded = qi.read(workbook(tmp_path, rows), "series", columns={"period": "Week"})
    assert loaded.passport.every == "week"
    assert loaded.table["period"].iloc[0] == dt.datetime(2023, 1, 2)
    assert loaded.table["Falls"].tolist() == list(range(8))
    assert loaded.table["Seen"].tolist() == [80 + n for n in range(8)]


def test_an_opendocument_table_with_a_total(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Bed days by ward"], ["Ward", "Month", "Bed days"]]
    rows += [[ward, f"{month}-22", n] for ward in ("Ash", "Oak") for n, month in enumerate(MONTHS)]
    file = ods(tmp_path, [*rows, ["Total", None, 132]])
    assert "`columns: {period: Month, ward: Ward}`" in refused(file)
    table = qi.read(file, "series", strict=False).table
    assert table["Bed days"].sum() == 132
    assert len(table) == 24


def test_commas_before_decimals_are_asked_about(tmp_path: Path) -> None:
    file = written(tmp_path, "period;Stay", "2024-01;0,5", "2024-02;11,25")
    assert "`decimal_comma: true`" in refused(file)
    loaded = qi.read(file, "series", strict=False)
    assert loaded.table["Stay"].tolist() == [0.5, 11.25]
    assert len(loaded.passport.doubtful) == 1
    assert qi.read(file, "series", decimal_comma=True).table["Stay"].tolist() == [0.5, 11.25]


def test_a_quarter_that_was_taken_as_proposed_is_doubtful(tmp_path: Path) -> None:
    file = written(tmp_path, "period,n", "2017Q3,1", "2017Q4,2")
    (doubt,) = qi.read(file, "series", strict=False).passport.doubtful
    assert "quarters were read as calendar quarters" in doubt
