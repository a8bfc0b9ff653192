"""The data passport: the result and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.data_passport.tables import COUNTS, DECLARED, STATUSES
from qieval.core.periods import noun
from qieval.core.result import Result, rows_of
from qieval.core.tables import Column, Declaration, Table
from qieval.core.words import in_a_row, many, sentence

_NAMES = {
    "rows_read": "Rows read",
    "rows_kept": "Rows used",
    "columns": "Columns used",
    "periods_expected": "Periods from the first to the last",
    "periods_present": "Periods with a row",
    "periods_missing": "Periods without a row",
    "blank": "Blank number cells",
    "suppressed": "Suppressed number cells",
    "identifiers": "Cells with an identifier",
}


@dataclass(frozen=True, eq=False, repr=False)
class DataPassportResult(Result):
    """What was read from a file.

    Attributes
    ----------
    points : DataFrame
        The grid: ``unit, when, status``.
    estimates : DataFrame
        Counts: ``rows_read, rows_kept, columns, blank, suppressed, identifiers`` and, for a series,
        ``periods_expected, periods_present, periods_missing``.
    dropped : DataFrame
        ``reason, rows``: rows that were left out.
    identifiers : DataFrame
        ``column, holds, cells, done``: columns with identifiers.
    decisions, doubtful : tuple of str
        What was decided while reading, and what of it is doubtful; sentences.
    covers : str
        From when to when the table reaches, and for whom, in words.
    """

    dropped: pd.DataFrame
    identifiers: pd.DataFrame
    decisions: tuple[str, ...]
    doubtful: tuple[str, ...]
    covers: str

    kind: ClassVar[str] = "data_passport"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "A passport says what is in a file and what reading did to it. It cannot say whether the "
        "figures are true, or whether rows that should be there never came.",
        "A month without rows may be a month in which nothing happened.",
    )

    def count(self, term: str) -> int:
        """One of the counts."""
        return int(self.estimates["estimate"][term])

    def headline(self) -> str:
        """How much of the file is used, and what is missing, in one sentence."""
        read, kept = self.count("rows_read"), self.count("rows_kept")
        used = f"all {many(read, 'row')}" if read == kept else f"{kept:,} of {many(read, 'row')}"
        file = self.params["source"].rsplit("/", 1)[-1]
        text = f"{used} of {file} {'is' if kept == 1 else 'are'} used"
        every = self.params["every"]
        if every is None:
            return sentence(text)
        expected = self.count("periods_expected")
        lacking = self.count("periods_missing")
        of = f"of the {expected:,} {noun(every, expected)}"
        if not lacking:
            return sentence(f"{text}; none {of} is missing")
        return sentence(f"{text}; {lacking:,} {of} {'is' if lacking == 1 else 'are'} missing")

    def details(self) -> str:
        """What was left out, missing, decided and found, in a few sentences."""
        parts = [f"One row is {self.params['row']}.", self.covers, self._left_out()]
        parts += [self._missing(), self._decided(), self._identifiers()]
        return " ".join(part for part in parts if part)

    def _left_out(self) -> str:
        dropped = self.dropped
        if dropped.empty:
            return "No row was left out."
        reasons = [f"{many(row.rows, 'row')} ({row.reason})" for row in rows_of(dropped.head(3))]
        more = [f"others for {len(dropped) - 3} more reasons"] if len(dropped) > 3 else []
        return f"Left out: {in_a_row([*reasons, *more])}."

    def _missing(self) -> str:
        blank, suppressed = self.count("blank"), self.count("suppressed")
        if not blank and not suppressed:
            return ""
        return (
            f"Number cells without a number: {blank:,} blank, {suppressed:,} suppressed; they are "
            "taken as missing, never as 0."
        )

    def _decided(self) -> str:
        doubtful = len(self.doubtful)
        if not doubtful:
            return "Nothing doubtful was decided."
        return f"{many(doubtful, 'doubtful thing')} {'was' if doubtful == 1 else 'were'} decided."

    def _identifiers(self) -> str:
        if self.identifiers.empty:
            return "No identifiers were found."
        columns = in_a_row([f"`{row.column}` ({row.holds})" for row in rows_of(self.identifiers)])
        return f"Identifiers were found in {columns}; none goes further than the reading."

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the grid."""
        units, columns = self.points["unit"].nunique(), self.points["when"].nunique()
        counts = self.points["status"].value_counts()
        cells = [f"{counts[status]:,} {status}" for status in STATUSES if status in counts]
        return (
            f"{self.headline()} Grid with {many(units, 'line')} ({self.params['lines']}) and "
            f"{many(columns, 'column')} ({self.params['across']}): {in_a_row(cells)}."
        )

    def tables(self) -> tuple[Table, ...]:
        """The counts under plain names; and a row a line of the figure, a column a status."""
        counted = self.estimates.reset_index()
        counted = counted.assign(what=counted["term"].map(_NAMES))
        caption = f"What was counted while reading {self.params['source']}."
        cells = self.points.groupby(["unit", "status"], sort=False).size().unstack(fill_value=0)
        statuses = [
            Column(status, status.capitalize(), "count") for status in STATUSES if status in cells
        ]
        lines = Column("unit", self.params["lines"].capitalize(), "label")
        grid = Table("points", "The grid by line", (lines, *statuses), cells.reset_index())
        return Table("estimates", caption, COUNTS, counted), grid
