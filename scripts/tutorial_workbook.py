"""Write docs/files/rowan-ward.xlsx, the workbook of the tutorial: as awkward as wards' own.

Its figures are counted from the simulated stays of the example programme.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

import qieval as qi

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "files" / "rowan-ward.xlsx"


def main() -> None:
    """A title and a note above, months as text, totals of years, a comment, a footnote."""
    stays = qi.read(
        ROOT / "data" / "closing-the-gap" / "spells.csv", "spells", where={"ward": "Rowan ward"}
    )
    months = qi.measure(
        stays.table, "spells", extract_date="2019-12-31", count_from="2015-01-01"
    ).table
    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2020, 1, 6)
    sheet = book.active
    sheet.title = "Bed days"
    sheet.append(["Rowan ward – occupied bed days (SIMULATED DATA)"])
    sheet.append(["Counted at midnight. Ask the ward clerk before using."])
    sheet.append([])
    sheet.append(["Month", "Bed days", "Days in month", "Comment"])
    for year, rows in months.groupby(months["period"].dt.year):
        for row in rows.itertuples(index=False):
            began = row.period == pd.Timestamp("2017-07-01")
            comment = "pathway starts" if began else None
            name = row.period.strftime("%b-%y")
            sheet.append([name, int(row.bed_days), int(row.days_in_period), comment])
        totals = [int(rows["bed_days"].sum()), int(rows["days_in_period"].sum())]
        sheet.append([f"{year} Total", *totals])
    sheet.append([])
    sheet.append(["People on leave are counted."])
    for cell in (*sheet[1], *sheet[4]):
        cell.font = Font(bold=True)
    for cell in sheet[4]:
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center")
    FILE.parent.mkdir(exist_ok=True)
    book.save(FILE)


if __name__ == "__main__":
    main()
