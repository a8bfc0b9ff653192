"""Figures of charts as files: CSV, or a formatted Excel workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from qieval.analysis.spc import ControlChartResult
from qieval.core.errors import ParameterError
from qieval.core.result import Result
from qieval.core.tables import MARK, NUMERIC, Column, Table
from qieval.report.measures import icon_table

_HEAD = PatternFill("solid", fgColor="003087")
_KINDS = {"Improvement": "41B6E6", "Concern": "ED8B00", "Special cause": "C9B8DD"}
"""Fill of a cell that begins so; the words say the same."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_NARROWEST, _WIDEST = 12, 60


def export(results: Result | Mapping[str, ControlChartResult], path: str | Path) -> Path:
    """Write the figures of a chart, or the icon table of many, as CSV or Excel.

    Parameters
    ----------
    results : Result, or mapping of str to ControlChartResult
        A result: its points with lines, limits and rules (the XmR table), in Excel also its phases
        and checks. Several charts by name, or a family of measures: a row a chart, with the course
        in small bars, and measure and group in columns of their own, to sort and filter by.
    path : str or Path
        A file ending in .csv or .xlsx. These are exact figures, for the team: what leaves it is
        what ``qieval share`` releases.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        If the file has another ending.
    """
    file = Path(path)
    if file.suffix not in (".csv", ".xlsx"):
        raise ParameterError(
            "Figures are written as .csv or .xlsx.", found=f"`{file.name}`", where="path"
        )
    charts = getattr(results, "charts", results)
    if isinstance(charts, Result):
        first, *rest = charts.table("points"), charts.table("estimates"), _checks(charts)
    else:
        first, rest = _with_course(icon_table(charts)), []
    if file.suffix == ".csv":
        file.write_text(first.to_csv(), encoding="utf-8-sig")  # the mark tells Excel it is UTF-8
        return file
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in (first, *rest):
        write_sheet(book.create_sheet(table.name.capitalize()), table)
    book.save(file)
    return file


def _checks(result: Result) -> Table:
    columns = (
        Column("check", "Check", "label"),
        Column("status", "Status", "text"),
        Column("detail", "What to mind", "text"),
    )
    return Table("checks", "What to mind", columns, result.checks)


def _with_course(table: Table) -> Table:
    """The icon table for a file: courses drawn in letters, measure and group in columns."""
    rows = table.rows.assign(
        course=[
            f"{_bars(values)}  {words}"
            for values, words in zip(table.rows["values_"], table.rows["course"], strict=True)
        ]
    )
    columns = table.columns
    if (rows["group"] != "").any():
        apart = (Column("name", "Measure", "label"), Column("group", "Group", "label"))
        columns = (*apart, *columns[1:])
    return Table(table.name, table.caption, columns, rows)


def _bars(values: Sequence[float]) -> str:
    y = np.asarray(values, dtype=float)
    known = np.isfinite(y)
    low, span = float(y[known].min()), float(np.ptp(y[known])) or 1.0
    return "".join(
        _BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] if has else " "
        for value, has in zip(y, known, strict=True)
    )


def write_sheet(sheet: Worksheet, table: Table) -> None:
    """One table: caption, heads, numbers as numbers with the decimals of the page, dates as dates.

    The cells are those of the CSV file, so that no text is run as a formula.
    """
    columns = [column for column in table.columns if column.role != "link"]
    heads, *rows = csv.reader(io.StringIO(table.to_csv()))
    forms = [_formats(table, column) for column in columns]
    sheet.append([table.caption])
    sheet["A1"].font = Font(bold=True)
    sheet.append(heads)
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(rows):
        sheet.append([_cell(text, column) for text, column in zip(row, columns, strict=True)])
        for cell, form in zip(sheet[sheet.max_row], forms, strict=True):
            cell.number_format = form[number]
            kind = next((one for one in _KINDS if str(cell.value).startswith(one)), None)
            if kind:
                cell.fill = PatternFill("solid", fgColor=_KINDS[kind])
    sheet.freeze_panes = "B3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{sheet.max_row}"
    for place, column in enumerate(columns):
        longest = max((len(row[place]) for row in rows[:50]), default=0)
        wide = _NARROWEST if _is_number(column) else min(_WIDEST, max(_NARROWEST, longest + 2))
        sheet.column_dimensions[get_column_letter(place + 1)].width = wide


def _is_number(column: Column) -> bool:
    return column.role in (*NUMERIC, "ci_low", "ci_high")


def _cell(text: str, column: Column) -> Any:
    if not text:
        return None
    if text == MARK:
        return text
    if _is_number(column):
        return float(text)
    return datetime.fromisoformat(text) if column.role == "period" else text


def _formats(table: Table, column: Column) -> list[str]:
    """How each cell of a column is shown."""
    if column.role == "period":
        return ["d mmm yyyy"] * len(table)
    if not _is_number(column):
        return ["General"] * len(table)
    of = column.of if column.role in ("ci_low", "ci_high") else column.name
    return [f"#,##0.{'0' * places}".rstrip(".") for places in table.places(of)]
