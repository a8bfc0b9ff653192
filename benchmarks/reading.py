"""Reading a team's workbook: 20 sheets and 3,000 merged ranges, beside openpyxl alone.

Run: ``python benchmarks/reading.py``. Each figure is the best of three, all in one run. "Cold" is a
fresh Python that imports qieval and reads one sheet; openpyxl opens the workbook in the only way in
which it tells merged cells, and does nothing with it. The long table is a plain one, as CSV.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

import qieval as qi

SHEETS, MERGED, LONG = 20, 3000, 100_000


def workbook(file: Path) -> None:
    """A workbook in which the first cells of pairs of rows are merged."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    each = MERGED // SHEETS
    months = pd.date_range("2000-01-01", periods=each, freq="MS")
    for number in range(1, SHEETS + 1):
        sheet = book.create_sheet(f"Ward {number}")
        sheet.append(["Occupied bed days"])
        sheet.append(["Month", "Ward", "Bed days"])
        for place, month in enumerate(months):
            sheet.append([month.to_pydatetime(), "men", 400 + place])
            sheet.append([None, "women", 300 + place])
            sheet.merge_cells(
                start_row=3 + 2 * place, end_row=4 + 2 * place, start_column=1, end_column=1
            )
    book.save(file)


def best(work: Callable[[], object]) -> float:
    """Seconds, the best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        book, table = Path(folder) / "wards.xlsx", Path(folder) / "long.csv"
        workbook(book)
        asked = {"sheet": "Ward 7", "columns": {"period": "Month", "unit": "Ward"}}
        rows = len(qi.read(book, "series", **asked).table)
        assert rows == 2 * MERGED // SHEETS, rows
        code = f"import qieval as qi; qi.read({str(book)!r}, 'series', **{asked!r})"
        cold = best(lambda: subprocess.run([sys.executable, "-c", code], check=True))
        warm = best(lambda: qi.read(book, "series", **asked))
        alone = best(lambda: openpyxl.load_workbook(book, data_only=True))
        print(f"{SHEETS} sheets, {MERGED:,} merged ranges, one sheet of {rows} rows read:")
        print(f"  qi.read, warm        {warm:6.2f} s")
        print(f"  qi.read, cold        {cold:6.2f} s (imports included)")
        listing = best(lambda: qi.tables(book))
        print(f"  qi.tables            {listing:6.2f} s (every table of every sheet)")
        print(f"  openpyxl, all sheets {alone:6.2f} s: {alone / warm:.1f} times qi.read's")

        days = np.datetime64("2020-01-01") + np.arange(LONG) % 1000
        pd.DataFrame({"person": np.arange(LONG) // 2, "start": days, "end": days + 9}).to_csv(
            table, index=False
        )
        plain = best(lambda: pd.read_csv(table, parse_dates=["start", "end"]))
        ours = best(lambda: qi.read(table, "spells", strict=False))
        print(f"{LONG:,} spells as CSV:")
        print(f"  qi.read              {ours:6.2f} s (checked, identifiers looked for)")
        print(f"  pandas.read_csv      {plain:6.2f} s (nothing checked)")


if __name__ == "__main__":
    main()
