"""The data passport: what was read, what was decided, what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from qieval.core import blocks, hooks
from qieval.core.late import ir
from qieval.core.periods import label, noun, span
from qieval.core.words import many
from qieval.intake.origin import Origin
from qieval.intake.reading.questions import Question
from qieval.intake.reading.request import TAKEN
from qieval.intake.tables import Kind
from qieval.intake.tables.series import unit_columns

DROPPED_COLUMNS = ["reason", "rows", "row_numbers"]
IDENTIFIER_COLUMNS = ["column", "holds", "cells", "done"]

_MOST_LISTED = 20
_DECISIONS = "Decisions"


@dataclass(frozen=True, eq=False)
class Passport:
    """What reading did to a file.

    Attributes
    ----------
    source : str
        The file or open data set, as shown (never an absolute path).
    kind : str
        The kind of table.
    row : str
        What one row is.
    digest : str
        sha256 of the file.
    rows_read : int
        Rows with anything in them, under the headings.
    rows_kept : int
        Those of them that are in the table; ``rows_read - rows_kept`` is the sum of
        ``dropped["rows"]``.
    dropped : DataFrame
        ``reason``, ``rows`` (how many) and ``row_numbers`` (in words; blank after `where`).
    decisions : tuple of str
        Every decision, one plain sentence each.
    facts : dict
        What the table holds at a glance: label → text.
    every : str or None
        The kind of period of a series.
    periods_expected, periods_present : int or None
        How many periods lie between the first and the last, and how many of them have a row.
    periods_missing : tuple of Timestamp
        First days of those without a row.
    first_period, last_period : Timestamp or None
        First days of the first and the last period.
    gaps : tuple of str
        Periods that only some units lack, one line a unit.
    suppressed : int
        Cells with a mark for a suppressed number (taken as missing, never as 0).
    blank : int
        Blank number cells (taken as missing, never as 0).
    origin : Origin
        Where the data come from.
    sheet : str or None
        The sheet of a workbook.
    digest_of : str
        What the digest is of, in words; a table in a database has no file.
    encoding : str or None
        The encoding of a text file.
    totals : tuple of str
        Rows of totals that were left out, and what each was checked against.
    unread : tuple of str
        Other sheets of the workbook and tables of the sheet, which were not read.
    questions : tuple of Question
        What only the owner of the file can say, and what was taken instead.
    identifiers : DataFrame
        ``column`` (heading), ``holds`` (what), ``cells`` (how many) and ``done`` (what became of
        them); never a value.
    """

    source: str
    kind: str
    row: str
    digest: str
    rows_read: int
    rows_kept: int
    dropped: pd.DataFrame
    decisions: tuple[str, ...]
    origin: Origin
    facts: dict[str, str] = field(default_factory=dict)
    every: str | None = None
    periods_expected: int | None = None
    periods_present: int | None = None
    periods_missing: tuple[pd.Timestamp, ...] = ()
    first_period: pd.Timestamp | None = None
    last_period: pd.Timestamp | None = None
    gaps: tuple[str, ...] = ()
    suppressed: int = 0
    blank: int = 0
    sheet: str | None = None
    digest_of: str = "the file"
    encoding: str | None = None
    totals: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    identifiers: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=IDENTIFIER_COLUMNS)
    )

    @property
    def place(self) -> str:
        """The file and its sheet, as messages name them."""
        return f"{self.source}{f', sheet `{self.sheet}`' if self.sheet else ''}"

    @property
    def doubtful(self) -> list[str]:
        """The decisions that are proposals, which nobody has confirmed."""
        return [decision for decision in self.decisions if decision.startswith(TAKEN)]

    def lines(self) -> list[tuple[str, str]]:
        """What the passport says at a glance: label and text."""
        lines = [("Source", self.place)]
        if self.origin.title not in self.source:
            publisher = f", {self.origin.publisher}" if self.origin.publisher else ""
            lines.append(("Data set", f"{self.origin.title}{publisher}"))
        if self.origin.simulated:
            lines.append(("Simulated", "yes: these data are made up"))
        if self.origin.licence:
            lines.append(("Licence", self.origin.licence))
        lines += [
            (f"Digest of {self.digest_of}", f"sha256 {self.digest[:16]}…"),
            *([("Encoding", self.encoding)] if self.encoding else []),
            ("One row is", self.row),
            ("Rows", f"{self.rows_read:,} read, {self.rows_kept:,} kept"),
            *self.facts.items(),
        ]
        if self.every is not None:
            lines.append((noun(self.every, 2).capitalize(), self._periods()))
        if self.kind == "series":
            cells = f"{self.blank:,} blank, {self.suppressed:,} suppressed (missing, never 0)"
            some = self.blank or self.suppressed
            lines.append(("Number cells without a number", cells if some else "none"))
        return lines

    def _periods(self) -> str:
        if self.every is None or self.first_period is None or self.last_period is None:
            return "none"
        first, last = label(self.first_period, self.every), label(self.last_period, self.every)
        text = f"{first} to {last}: {self.periods_present:,} of {self.periods_expected:,} present"
        if not self.periods_missing:
            return f"{text}, none missing"
        missing = [label(start, self.every) for start in self.periods_missing[:_MOST_LISTED]]
        more = len(self.periods_missing) - len(missing)
        return f"{text}; missing: {', '.join(missing)}{f' and {more:,} more' if more else ''}"

    def sections(self) -> list[tuple[str, list[str]]]:
        """What the passport lists below its lines: title and items, where there are any."""
        left_out = [
            f"{many(rows, 'row')}: {reason}{f' ({numbers})' if numbers else ''}"
            for reason, rows, numbers in self.dropped[DROPPED_COLUMNS].itertuples(index=False)
            if rows
        ]
        identifiers = [
            f"`{column}`: {holds} in {many(cells, 'cell')}, {done}"
            for column, holds, cells, done in self.identifiers.itertuples(index=False)
        ]
        sections = [
            ("Left out", left_out),
            ("Totals checked", _first_of(self.totals)),
            ("Not read", _first_of(self.unread)),
            ("Identifiers (never shown)", identifiers),
            ("Gaps of single units", [*self.gaps]),
            (_DECISIONS, [*self.decisions]),
        ]
        return [(title, items) for title, items in sections if items]

    def block(self) -> blocks.Passport:
        """The passport as a page shows it."""
        lists = (blocks.NamedList(title, tuple(items)) for title, items in self.sections())
        return blocks.Passport("Data passport", tuple(self.lines()), tuple(lists))

    def __str__(self) -> str:
        text = ["Data passport", *(f"  {name}: {words}" for name, words in self.lines())]
        for title, items in self.sections():
            mark = "- " if title == _DECISIONS else ""
            text += [f"  {title}:", *(f"    {mark}{item}" for item in items)]
        return "\n".join(text)

    def __repr__(self) -> str:
        return str(self)  # what a notebook shows where there is no HTML: words, not fields

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**hooks.show(self.block()), "text/plain": str(self)}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A table that was read, and its passport.

    Attributes
    ----------
    table : DataFrame or ibis table
        The table; its index (``row``) holds the row numbers of the file. An ibis table where it
        stays in a database.
    passport : Passport
        What was read and decided.
    """

    table: pd.DataFrame | ir.Table
    passport: Passport

    def __str__(self) -> str:
        return str(self.passport)

    def __repr__(self) -> str:
        # Never the rows: a notebook that ends in a `Loaded` must not print people.
        of = self.passport
        return f"<Loaded {of.kind}: {of.source}, {of.rows_kept:,} rows>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.passport._repr_mimebundle_(include, exclude)


def _first_of(items: tuple[str, ...]) -> list[str]:
    more = len(items) - _MOST_LISTED
    return [*items[:_MOST_LISTED], *([f"and {more:,} more"] if more > 0 else [])]


_MOST_GAPS = 20
_MOST_PERIODS = 6


def facts_of(table: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """Label → text."""
    if kind.name != "spells" or table.empty:
        return {}
    last = table["end"].max()
    return {
        "People": f"{table['person'].nunique():,}",
        "First admission": day_in_words(table["start"].min()),
        "Last discharge": day_in_words(last) + ": everybody is still in" * pd.isna(last),
        "Still in": f"{int(table['end'].isna().sum()):,}",
    }


def day_in_words(day: Any) -> str:
    """A day such as 29 February 2024; "none" where there is none."""
    if pd.isna(day):
        return "none"
    when = pd.Timestamp(day)
    return f"{when.day} {when:%B %Y}"


def periods_of(table: pd.DataFrame, every: str | None) -> dict[str, Any]:
    """The passport's fields about periods: how many, which are missing, gaps of single units."""
    if every is None or table.empty:
        return {}
    present = pd.DatetimeIndex(table["period"].unique())
    expected = span(present.min(), present.max(), every)
    missing = expected.difference(present)
    return {
        "every": every,
        "periods_expected": len(expected),
        "periods_present": len(expected) - len(missing),
        "periods_missing": tuple(missing),
        "first_period": expected[0],
        "last_period": expected[-1],
        "gaps": _gaps(table, present, every),
    }


def _gaps(table: pd.DataFrame, present: pd.DatetimeIndex, every: str) -> tuple[str, ...]:
    """Periods that others have and one unit lacks."""
    units = unit_columns(table)
    if not units:
        return ()
    lines = []
    for unit, days in table.groupby(units, sort=True)["period"]:
        lacking = present.difference(pd.DatetimeIndex(days)).sort_values()
        if len(lacking):
            name = ", ".join(str(part) for part in np.atleast_1d(np.asarray(unit, dtype=object)))
            periods = ", ".join(label(day, every) for day in lacking[:_MOST_PERIODS])
            more = f" and {len(lacking) - _MOST_PERIODS:,} more" * (len(lacking) > _MOST_PERIODS)
            lines.append(f"{name}: {periods}{more}")
    left_out = len(lines) - _MOST_GAPS
    return (*lines[:_MOST_GAPS], *([f"and {left_out:,} more units"] if left_out > 0 else []))
