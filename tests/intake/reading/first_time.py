"""Files as they come: small inputs of each kind that once went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

Rows = list[list[Any]]

MONTHS = [dt.datetime(2018, month, 1) for month in range(1, 7)]
TRUSTS = [193, 168, 132, 240, 330, 210, 415, 121, 283, 157, 264, 349]
REFERRALS = [468, 691, 530, 653, 640, 720, 811, 402, 566, 471, 599, 802]


def book(file: Path, rows: Rows, formats: dict[str, str] | None = None) -> Path:
    """A workbook of one sheet, with the number formats of single cells."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cell, code in (formats or {}).items():
        made.active[cell].number_format = code
    made.save(file)
    return file


def text(file: Path, *lines: str) -> Path:
    """A text file."""
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def stacked(indent: int) -> Rows:
    """Two tables of one shape below one another, each under its title."""
    rows: Rows = []
    for title, base in (("All people", 100), ("People on CPA", 10)):
        rows += [[title], [], [*[None] * indent, "Type", *MONTHS]]
        for number in range(4):
            figures = [base + 5 * number + place for place in range(6)]
            rows.append([*[None] * indent, f"Type {number}", *figures])
        rows.append([])
    return rows


def levels(step: int = 1, *, mixed: bool = False) -> Rows:
    """England, its regions and their trusts; rounded to a step; each region above its trusts."""
    rows: Rows = [["Code", "Name", "Waiting", "Referrals"]]

    def row(code: str, name: str, places: range) -> list[Any]:
        sums = [sum(figures[place] for place in places) for figures in (TRUSTS, REFERRALS)]
        return [code, name, *[step * round(figure / step) for figure in sums]]

    rows.append(row("ENG", "England", range(12)))
    regions = [row(f"Y{n}", f"Region {n}", range(4 * n, 4 * n + 4)) for n in range(3)]
    trusts = [row(f"R{n:02d}", f"Trust {n}", range(n, n + 1)) for n in range(12)]
    if mixed:
        for number, region in enumerate(regions):
            rows += [region, *trusts[4 * number : 4 * number + 4]]
        return rows
    return [*rows, *regions, *trusts]


def marked(plain: str) -> CellRichText:
    """A text with a superscript behind it."""
    return CellRichText(plain, TextBlock(InlineFont(vertAlign="superscript"), "1"))


def numbered(headings: list[Any], years: tuple[Any, Any] = (2018, 2019)) -> Rows:
    """Years in rows, months by number as headings."""
    rows: Rows = [["Year", "Ward", *headings]]
    return [*rows, *[[year, "Ash", *range(n, n + len(headings))] for n, year in enumerate(years)]]


def sheets(file: Path) -> Path:
    """Two sheets of one shape; the name of the first ends with a blank."""
    made = openpyxl.Workbook()
    made.active.title = "all trusts "
    for sheet in (made.active, made.create_sheet("other")):
        sheet.append(["period", "beds"])
        sheet.append(["Jan 2019", 3])
        sheet.append(["Feb 2019", 4])
    made.save(file)
    return file


PERCENT = {"B2": "0.0%", "B3": "0%", "B5": "0.00%"}
OCCUPIED: Rows = [["period", "% occupied"], ["Apr-23", 0.886], ["May-23", 0.92], ["Jun-23", 0.9]]
YEARS: Rows = [["Year", "Month", "n"]]
for _year in (2018, 2019):
    YEARS += [[_year, "Jan", 3], [None, "Feb", 4], [None, "Mar", 5], [f"{_year} Total", None, 12]]

CASES: dict[str, tuple[str, Callable[[Path], Path], dict[str, Any]]] = {
    "two tables, one column in": (
        "series",
        lambda d: book(d / "a.xlsx", stacked(1)),
        {"rows_are": "units"},
    ),
    "two tables of one shape": ("series", lambda d: book(d / "a.xlsx", stacked(0)), {}),
    "figures from 1 to 12 under months": (
        "series",
        lambda d: book(
            d / "a.xlsx",
            [["Year", "Month 1", "Month 2", "Month 3"], [2018, 1, 2, 3], [2019, 11, 12, 13]],
        ),
        {},
    ),
    "M1 with a plain year": (
        "series",
        lambda d: book(d / "a.xlsx", numbered([f"M{n}" for n in range(1, 13)])),
        {},
    ),
    "1 to 12 with a plain year": (
        "series",
        lambda d: book(d / "a.xlsx", numbered([*range(1, 13)])),
        {},
    ),
    "Month 1 under 2023/24": (
        "series",
        lambda d: book(
            d / "a.xlsx", numbered([f"Month {n}" for n in range(1, 13)], ("2023/24", "2024/25"))
        ),
        {},
    ),
    "levels": ("units", lambda d: book(d / "a.xlsx", levels()), {"columns": {"unit": "Code"}}),
    "levels rounded to 5": (
        "units",
        lambda d: book(d / "a.xlsx", levels(5)),
        {"columns": {"unit": "Code"}},
    ),
    "levels among one another": (
        "units",
        lambda d: book(d / "a.xlsx", levels(mixed=True)),
        {"columns": {"unit": "Name"}},
    ),
    "superscript": (
        "series",
        lambda d: book(
            d / "a.xlsx",
            [
                ["period", "n"],
                ["Jan 2019", 101],
                ["Feb 2019", 102],
                ["Mar 2019", marked("103")],
            ],
        ),
        {},
    ),
    "superscript behind a period": (
        "series",
        lambda d: book(
            d / "a.xlsx",
            [["Trust", "2013/14", "2014/15", marked("2015/16")], ["Ash", 1, 2, 3]],
        ),
        {},
    ),
    "percent among fractions": (
        "series",
        lambda d: text(
            d / "a.csv",
            "period,occupancy",
            "Apr-23,0.95",
            "May-23,0.92",
            "Jun-23,95",
            "Jul-23,0.93",
        ),
        {},
    ),
    "plain among percent cells": (
        "series",
        lambda d: book(d / "a.xlsx", [*OCCUPIED[:3], ["Jun-23", 93], ["Jul-23", 0.93]], PERCENT),
        {},
    ),
    "percent cells": (
        "series",
        lambda d: book(d / "a.xlsx", OCCUPIED, {"B2": "0.0%", "B3": "0%", "B4": "0.00%"}),
        {},
    ),
    "spans of months": (
        "series",
        lambda d: text(
            d / "a.csv", "period,beds", "May-Jul 2023,10", "May-Jul 2024,12", "May-Jul 2025,14"
        ),
        {},
    ),
    "rolling years": (
        "series",
        lambda d: text(d / "a.csv", "period,n", "Nov16 to Oct17,3", "Dec16 to Nov17,4"),
        {},
    ),
    "a far period": (
        "series",
        lambda d: text(d / "a.csv", "period,n", "Mar-19,2", "Apr-91,3", "May-19,4"),
        {},
    ),
    "far days": (
        "spells",
        lambda d: text(
            d / "a.csv",
            "person,start,end",
            "A,01/04/2019,03/04/2019",
            "B,01/04/2019,03/04/2091",
            "C,02/04/1919,03/04/2019",
        ),
        {},
    ),
    "dots for thousands": (
        "series",
        lambda d: text(
            d / "a.csv", "period;beds", "01/2019;1.200", "02/2019;1.201", "03/2019;1.202"
        ),
        {},
    ),
    "a blank behind a sheet's name": ("series", lambda d: sheets(d / "a.xlsx"), {}),
    "totals among years and months": ("series", lambda d: book(d / "a.xlsx", YEARS), {}),
    "durations": (
        "series",
        lambda d: text(d / "a.csv", "period,wait", "Jan 2019,3:30", "Feb 2019,4:30"),
        {},
    ),
    "duration cells": (
        "series",
        lambda d: book(
            d / "a.xlsx",
            [
                ["period", "wait"],
                ["Jan 2019", dt.timedelta(hours=27)],
                ["Feb 2019", dt.time(3, 30)],
            ],
            {"B2": "[h]:mm"},
        ),
        {},
    ),
    "12 of 30": (
        "series",
        lambda d: text(d / "a.csv", "period,seen", "Jan 2019,12 of 30", "Feb 2019,13 of 31"),
        {},
    ),
    "FY with two digits": (
        "series",
        lambda d: text(d / "a.csv", "period,n", "Q1 FY20,3", "Q2 FY20,4"),
        {},
    ),
    "numbered weeks": (
        "series",
        lambda d: text(d / "a.csv", "period,n", "Week 1 2021,3", "Week 2 2021,4"),
        {},
    ),
}
"""Name → the kind of table, the file, parameters that somebody would say at once."""
