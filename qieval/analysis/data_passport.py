"""The data passport as a result: what was read from a file, what is missing, what to mind.

Nothing is evaluated: the counts are those of the reader (:mod:`qieval.intake.reading`), and the
grid shows where there are rows. For rows about people it says only whether there are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.core.checks import Status, checks_table
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.periods import Frequency, label, noun, span, start_of
from qieval.core.result import Result
from qieval.core.words import in_a_row, many, number, sentence
from qieval.intake.backends import FILE_ROW
from qieval.intake.reading.database.remote import outline
from qieval.intake.reading.passport import Loaded, Passport

COMPLETE, CELLS_MISSING = "with rows", "with rows, but missing numbers"
SOME, NONE = "with a part of the rows", "without rows"
STATUSES = (COMPLETE, CELLS_MISSING, SOME, NONE)

_DATED = ("period", "start", "referred", "started", "date")
_GROUPS = ("ward", "team", "unit", "site", "project", "network", "group", "locality")
_MOST_GROUPS, _MOST_PERIODS = 30, 120
_LADDER: tuple[Frequency, ...] = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, eq=False, repr=False)
class DataPassportResult(Result):
    """What was read from a file.

    Attributes
    ----------
    facts : dict
        ``decisions`` and ``doubtful`` (lists of sentences), ``dropped``, ``identifiers`` and
        ``gaps`` (lists), ``missing`` (periods without any row), ``span`` (in words).
    """

    facts: dict[str, Any]

    kind: ClassVar[str] = "data_passport"
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
        said = f"{used} of {file} {'is' if kept == 1 else 'are'} used"
        every = self.params["every"]
        if every is None:
            return sentence(said)
        expected = self.count("periods_expected")
        lacking = expected - self.count("periods_present")
        of = f"of the {expected:,} {noun(every, expected)}"
        if not lacking:
            return sentence(f"{said}; none {of} is missing")
        return sentence(f"{said}; {lacking:,} {of} {'is' if lacking == 1 else 'are'} missing")

    def details(self) -> str:
        """What was left out, missing, decided and found, in a few sentences."""
        said = [f"One row is {self.params['row']}.", self.facts["span"], self._left_out()]
        said += [self._missing(), self._decided(), self._identifiers()]
        return " ".join(part for part in said if part)

    def _left_out(self) -> str:
        dropped = self.facts["dropped"]
        if not dropped:
            return "No row was left out."
        reasons = [f"{many(rows, 'row')} ({reason})" for reason, rows in dropped[:3]]
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
        doubtful = len(self.facts["doubtful"])
        if not doubtful:
            return "Nothing doubtful was decided."
        return f"{many(doubtful, 'doubtful thing')} {'was' if doubtful == 1 else 'were'} decided."

    def _identifiers(self) -> str:
        found = self.facts["identifiers"]
        if not found:
            return "No identifiers were found."
        columns = in_a_row([f"`{column}` ({what})" for column, what, _, _ in found])
        return f"Identifiers were found in {columns}; none goes further than the reading."

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the grid."""
        units, columns = self.points["unit"].nunique(), self.points["when"].nunique()
        counts = self.points["status"].value_counts()
        said = [f"{counts[status]:,} {status}" for status in STATUSES if status in counts]
        return (
            f"{self.headline()} Grid with {many(units, 'line')} ({self.params['lines']}) and "
            f"{many(columns, 'column')} ({self.params['across']}): {in_a_row(said)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The counts under plain names, and the table's caption."""
        rows = [
            (_NAMES[term], number(value, 0), unit)
            for term, value, unit in zip(
                self.estimates.index,
                self.estimates["estimate"],
                self.estimates["unit"],
                strict=True,
            )
        ]
        caption = f"What was counted while reading {self.params['source']}."
        return pd.DataFrame(rows, columns=["What", "Value", "Unit"]), caption

    def points_in_words(self) -> pd.DataFrame:
        """The grid with plain column heads: one row a line of the figure, one column a status."""
        counts = self.points.groupby(["unit", "status"], sort=False).size().unstack(fill_value=0)
        shown = [status for status in STATUSES if status in counts]
        out = counts[shown].reset_index()
        return out.set_axis(
            [self.params["lines"].capitalize(), *map(str.capitalize, shown)], axis=1
        )


_NAMES = {
    "rows_read": "Rows read",
    "rows_kept": "Rows used",
    "columns": "Columns used",
    "periods_expected": "Periods from the first to the last",
    "periods_present": "Periods with a row",
    "blank": "Blank number cells",
    "suppressed": "Suppressed number cells",
    "identifiers": "Cells with an identifier",
}


def data_passport(loaded: Loaded) -> DataPassportResult:
    """What was read from a file, as a result that can be shown and kept.

    Parameters
    ----------
    loaded : Loaded
        What `qi.read` gave.

    Returns
    -------
    DataPassportResult
        ``points`` is a grid: one row for each unit and period, with whether there are rows.

    Raises
    ------
    CannotEvaluate
        If no row was kept.
    """
    passport = loaded.passport
    here = isinstance(loaded.table, pd.DataFrame)
    table = loaded.table if here else outline(loaded.table, _DATED, _GROUPS)
    if table.empty:
        raise CannotEvaluate(
            "No row was kept, so there is nothing to show.",
            found=f"{many(passport.rows_read, 'row')} read",
            remedy="Look at `where`, and at the reasons for which rows were left out.",
            where=passport.source,
        )
    points, lines, across = _grid(table, passport.every)
    params = {
        "source": passport.source,
        "sheet": passport.sheet,
        "table": passport.kind,
        "row": passport.row,
        "digest": passport.digest,
        "every": passport.every,
        "lines": lines,
        "across": across,
        "outcome": "What is in the file",
        "setting": passport.origin.title,
    }
    return DataPassportResult(
        params, points, _counts(loaded, passport), _checks(passport), _facts(passport)
    )


def _counts(loaded: Loaded, passport: Passport) -> pd.DataFrame:
    counts = {
        "rows_read": (passport.rows_read, "rows"),
        "rows_kept": (passport.rows_kept, "rows"),
        "columns": (sum(name != FILE_ROW for name in loaded.table.columns), "columns"),
        "blank": (passport.blank, "cells"),
        "suppressed": (passport.suppressed, "cells"),
        "identifiers": (int(passport.identifiers["cells"].sum()), "cells"),
    }
    if passport.every is not None and passport.periods_expected is not None:
        periods = noun(passport.every, 2)
        counts["periods_expected"] = (passport.periods_expected, periods)
        counts["periods_present"] = (passport.periods_present or 0, periods)
    rows = [
        {"term": term, "estimate": float(count), "unit": unit, "n": passport.rows_read}
        for term, (count, unit) in counts.items()
    ]
    out = pd.DataFrame(rows).set_index("term").assign(method="counted")
    return out.reindex(columns=ESTIMATE_COLUMNS)


def _facts(passport: Passport) -> dict[str, Any]:
    dropped = [(str(reason), int(rows)) for reason, rows in passport.dropped.iloc[:, :2].to_numpy()]
    return {
        "decisions": list(passport.decisions),
        "doubtful": passport.doubtful,
        "dropped": [list(one) for one in dropped],
        "identifiers": [
            [str(column), str(holds), int(cells), str(done)]
            for column, holds, cells, done in passport.identifiers.to_numpy()
        ],
        "gaps": list(passport.gaps),
        "missing": [label(start, passport.every) for start in passport.periods_missing]
        if passport.every
        else [],
        "span": " ".join(f"{name}: {said}." for name, said in passport.facts.items()),
    }


def _checks(passport: Passport) -> pd.DataFrame:
    rows: list[tuple[str, Status, str]] = []
    left = int(passport.dropped["rows"].sum())
    by_where = all("(`where`)" in str(reason) for reason in passport.dropped["reason"])
    if left and not by_where:
        rows.append(("Rows left out", "warn", f"{many(left, 'row')}; the passport says why."))
    elif left:
        rows.append(("Rows left out", "pass", f"{many(left, 'row')}, all as asked by `where`."))
    else:
        rows.append(("Rows left out", "pass", "None."))
    if passport.every is not None and passport.periods_expected is not None:
        rows.append(_about_periods(passport, passport.every))
    for gap in passport.gaps:
        rows.append(("Periods that others have", "warn", f"Missing for {gap}."))
    for decision in passport.doubtful:
        rows.append(("Doubtful, and decided by proposal", "warn", decision))
    for total in passport.totals:
        rows.append(("Totals", "info", f"{total.rstrip('.')}."))
    for place in passport.unread:
        rows.append(("Not read", "info", f"{place.rstrip('.')}."))
    said = f"{many(len(passport.decisions), 'decision')}, listed in the passport"
    rows.append(("Decisions", "info", f"{said if passport.decisions else 'None to be made'}."))
    for column, holds, cells, done in passport.identifiers.to_numpy():
        rows.append(("Identifiers", "info", f"`{column}`: {holds}, {many(cells, 'cell')}; {done}."))
    if passport.identifiers.empty:
        rows.append(("Identifiers", "pass", "None found by heading or content."))
    return checks_table(rows)


def _about_periods(passport: Passport, every: Frequency) -> tuple[str, Status, str]:
    lacking = [label(start, every) for start in passport.periods_missing]
    if not lacking:
        return "Periods", "pass", f"All {passport.periods_expected:,} are there."
    more = f" and {len(lacking) - 12:,} more" if len(lacking) > 12 else ""
    return "Periods", "warn", f"Without any row: {', '.join(lacking[:12])}{more}."


# ---- the grid ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Times:
    """When the rows of a table are: each row's own time, all there should be, how they are shown.

    Attributes
    ----------
    own : Series
        A time for each row: first day of a period, or a text.
    every_own : list
        All times, in order.
    shown : dict
        Own time → label of the figure's column (several periods may share one).
    across : str
        What the columns are.
    """

    own: pd.Series
    every_own: list[Any]
    shown: dict[Any, str]
    across: str


def _times(table: pd.DataFrame, every: Frequency | None) -> _Times:
    name = next((name for name in _DATED if name in table and table[name].notna().any()), None)
    if name is None and "wave" in table:
        waves = [str(wave) for wave in table["wave"].dropna().unique()]
        return _Times(table["wave"], waves, dict(zip(waves, waves, strict=True)), "waves")
    if name is None:
        return _Times(pd.Series("file", table.index), ["file"], {"file": "file"}, "the whole file")
    own_step: Frequency = every or _coarser(table[name], "month")
    known = table[name].dropna()
    own = pd.Series(start_of(known, own_step), index=known.index).reindex(table.index)
    all_own = span(own.min(), own.max(), own_step)
    step = _coarser(own, own_step)
    shown = {
        start: f"{first:%Y-%m-%d}"
        for start, first in zip(all_own, start_of(all_own, step), strict=True)
    }
    across = noun(step, 2) if every else f"{noun(step, 2)} ({name})"
    return _Times(own, list(all_own), shown, across)


def _coarser(days: pd.Series, every: Frequency) -> Frequency:
    """The finest kind of period, from this one on, of which a figure can show all."""
    if every not in _LADDER:
        return every
    for step in _LADDER[_LADDER.index(every) :]:
        if len(span(days.min(), days.max(), step)) <= _MOST_PERIODS:
            return step
    return _LADDER[-1]


def _grid(table: pd.DataFrame, every: Frequency | None) -> tuple[pd.DataFrame, str, str]:
    """One row a line and column of the figure with its status; what lines and columns are."""
    times = _times(table, every)
    group = next((name for name in _GROUPS if name in table), None)
    units = table[group].fillna("not recorded") if group else pd.Series("all rows", table.index)
    cells = pd.DataFrame(
        {
            "unit": units,
            "own": times.own,
            "missing": table.select_dtypes("number").isna().any(axis=1),
        }
    )
    here = cells.dropna(subset=["own"]).groupby(["unit", "own"])["missing"].any()
    names = list(units.drop_duplicates())
    asked = pd.MultiIndex.from_product([names, times.every_own], names=["unit", "own"])
    full = pd.DataFrame({"present": asked.isin(here.index)}, index=asked)
    full["missing"] = here.reindex(asked).eq(True)
    full = full.reset_index()
    lines = group or "all rows"
    if len(names) > _MOST_GROUPS:
        full["unit"], lines = f"{len(names):,} together", f"{group}s"
    full["when"] = full["own"].map(times.shown)
    by_cell = full.groupby(["unit", "when"], sort=False)
    sums = by_cell.agg(rows=("present", "sum"), of=("present", "size"), missing=("missing", "any"))
    sums["status"] = np.select(
        [sums["rows"] == 0, sums["rows"] < sums["of"], sums["missing"]],
        [NONE, SOME, CELLS_MISSING],
        default=COMPLETE,
    )
    return sums.reset_index()[["unit", "when", "status"]], lines, times.across
