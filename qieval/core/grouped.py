"""Results with groups: all together and each group apart, or people before and since a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from qieval.core import proportions
from qieval.core.aim import Aim, judge_aim
from qieval.core.checks import Check, certainty_of
from qieval.core.config import CONFIDENCE
from qieval.core.estimates import Estimate, estimate_row
from qieval.core.result import Result, rows_of
from qieval.core.tables import ESTIMATE, Column, Table, titled
from qieval.core.verdict import DESCRIBED, AimVerdict, Verdict, kind_of_change
from qieval.core.words import lower_or_higher, some_of

ALL = "All together"
"""The group of everybody."""

DIFFERENCE = "difference"
"""The estimate that compares a share before a change with that since."""

DIFFERENCE_OF_SHARES = "difference of shares"
_SHARE_OF = "share of "

FIGURES = (
    Column("what", "What", "label"),
    *titled(ESTIMATE[:1], estimate="Value"),
    *titled(ESTIMATE[1:3], ci_low="95% interval"),
    ESTIMATE[3],
    Column("group", "Who", "label"),
    Column("n", "Number", "denominator"),
)
"""Estimates of groups as a page shows them: a row a figure and group."""

NO_FIGURE = "–"
"""What stands in such a table where a figure has no interval, or is not reached."""


def term_of(name: str, group: str) -> str:
    """The name of an estimate of a group."""
    return name if group == ALL else f"{name}: {group}"


def everybody_first(names: Sequence[str]) -> list[str]:
    """All together first, then the groups in the order given."""
    return [*(name for name in names if name == ALL), *(name for name in names if name != ALL)]


def share_row(term: str, met: float, applicable: float, *, unit: str) -> dict[str, Any]:
    """A row of the estimates: a share with its Wilson interval."""
    ends = proportions.wilson(met, applicable, CONFIDENCE)
    return estimate_row(term, *ends, unit=f"{_SHARE_OF}{unit}", n=int(applicable), method="Wilson")


def difference_row(before: tuple[float, float], since: tuple[float, float]) -> dict[str, Any]:
    """A row of the estimates: a share since a change less that before, with Newcombe's interval.

    Both are (met, applicable).
    """
    ends, p_value = proportions.Ends(np.nan, np.nan, np.nan), np.nan
    if before[1] > 0 and since[1] > 0:
        ends = proportions.difference(before, since, CONFIDENCE)
        p_value = proportions.difference_p(before, since)
    return estimate_row(
        DIFFERENCE,
        *ends,
        unit=DIFFERENCE_OF_SHARES,
        n=int(before[1] + since[1]),
        method="Newcombe",
        p_value=p_value,
    )


def shown_estimates(estimates: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """Estimates in the units in which they are shown: shares of 0 to 1 as percentages.

    Parameters
    ----------
    estimates : DataFrame
        The estimates of a result.
    places : mapping
        Decimals by unit, as the units are shown: "%" and "percentage points" for shares.
    """
    rows = estimates.reset_index()
    unit = rows["unit"].astype("str")
    of, difference = unit.str.startswith(_SHARE_OF), unit == DIFFERENCE_OF_SHARES
    factor = np.where(of | difference, 100.0, 1.0)
    for name in ("estimate", "ci_low", "ci_high"):
        rows[name] = factor * rows[name]
    unit = unit.str.replace(_SHARE_OF, "% of ").where(~difference, "percentage points")
    kind = unit.where(~of, "%")
    return rows.assign(unit=unit, places=kind.map(places).astype(int))


def enough(name: str, sizes: Mapping[str, int], few: int, why: str) -> Check:
    """The check that no group is too small.

    Parameters
    ----------
    name : str
        What it is called: "Enough stays".
    sizes : mapping
        Group → how many there are.
    few : int
        With fewer than this a group is too small.
    why : str
        What that means, one sentence.
    """
    small = [group for group, size in sizes.items() if size < few]
    if not small:
        return Check("enough", name, "pass", f"At least {few} in each group.")
    who = "" if small == [ALL] else f" in: {some_of(small)}"
    return Check("enough", name, "warn", f"Fewer than {few}{who}. {why}")


@dataclass(frozen=True, eq=False, repr=False)
class GroupedResult(Result):
    """A result with a figure for each group.

    Attributes
    ----------
    groups : tuple of str
        Names of the groups: all together first; or before and since a change.
    """

    groups: tuple[str, ...]

    @property
    def before_and_since(self) -> bool:
        """Whether people before and since a change stand side by side."""
        return len(self.groups) == 2 and ALL not in self.groups

    @property
    def main_groups(self) -> tuple[str, ...]:
        """The groups that sentences are about: before and since, or all together."""
        return self.groups if self.before_and_since else self.groups[:1]

    @property
    def change(self) -> str:
        """The day of the change in words; "" where no two sides are compared."""
        return self.groups[0].removeprefix("Before ") if self.before_and_since else ""

    def term_of(self, name: str, group: str) -> str:
        """The name of an estimate of a group."""
        return term_of(name, group)

    # ---- figures, as the table shows them ------------------------------------------------------

    @cached_property
    def _cells(self) -> dict[str, tuple[str, str, str]]:
        """Term → its value, interval and unit, as they stand in the table of estimates."""
        table = self.table("estimates")
        columns = {column.head: column.cells for column in table.shown}
        cells = (columns[head] for head in ("Value", "95% interval", "Unit"))
        return dict(zip(table.rows["term"], zip(*cells, strict=True), strict=True))

    def value_in_words(self, term: str) -> str:
        """An estimate without its interval: "34 days", "62%"."""
        value, _, unit = self._cells[term]
        if value == NO_FIGURE:
            return "not known"
        return f"{value}%" if unit.startswith("%") else f"{value} {unit}"

    def in_words(self, term: str) -> str:
        """An estimate with its interval: "34 days (95% interval 31 to 38)"."""
        value, ends, unit = self._cells[term]
        if value == NO_FIGURE:
            return "not known"
        mark = "%" if unit.startswith("%") and ends != NO_FIGURE else ""
        ends = "not known" if ends == NO_FIGURE else ends
        return f"{self.value_in_words(term)} (95% interval {ends}{mark})"

    def difference_in_words(self) -> str:
        """The difference since the change: "4 percentage points lower (1 to 7 lower)"; or ""."""
        if not self.before_and_since or not np.isfinite(self.term(DIFFERENCE).low):
            return ""
        rows = self.table("estimates").rows
        row = next(row for row in rows_of(rows) if row.term == DIFFERENCE)
        return lower_or_higher(
            row.estimate, row.ci_low, row.ci_high, row.unit, places=int(row.places)
        )

    def figures(self, names: Mapping[str, str], places: Mapping[str, int]) -> pd.DataFrame:
        """Rows of a table of ``FIGURES``: each figure for every group that has it.

        Parameters
        ----------
        names : mapping
            Estimate, without its group → what it is called. Their order is that of the rows.
        places : mapping
            Decimals by unit, as :func:`shown_estimates` takes them.
        """
        shown = shown_estimates(self.estimates, places).set_index("term", drop=False)
        rows = []
        for name, what in names.items():
            terms = {self.term_of(name, group): group for group in self.groups}
            for term, group in (terms | {name: terms.get(name, "")}).items():
                if term in shown.index:
                    rows.append({**shown.loc[term], "what": what, "group": group})
        return pd.DataFrame(rows)

    def figures_table(self, rows: pd.DataFrame, caption: str, number: str) -> Table:
        """The table of estimates from rows of :meth:`figures`; `number` heads their numbers."""
        columns = titled(FIGURES, n=number)
        if len(self.groups) == 1:
            columns = tuple(column for column in columns if column.name != "group")
        return Table("estimates", caption, columns, rows, missing=NO_FIGURE)

    # ---- the verdict ---------------------------------------------------------------------------

    def judged_aim(
        self,
        aim: Aim,
        what: str,
        values: Sequence[float],
        *,
        direction: str,
        share: bool,
        unit: str = "",
        now: str = "",
        on: date | None = None,
    ) -> AimVerdict:
        """Whether an aim was reached since a change, or by everybody where there is none.

        Parameters
        ----------
        aim : Aim
            What is to be reached.
        what : str
            The figure that it is judged by, in plain words.
        values : sequence of float
            That figure of the main groups.
        direction : "lower" or "higher"
            Which way is better.
        share : bool
            Whether the figure is a share.
        unit : str
            Unit of the figure, unless it is a share.
        now : str
            Words after `what` where no two sides are compared.
        on : date, optional
            The last day that the figures tell of, where no `extract_date` was asked for.
        """
        two = self.before_and_since
        return judge_aim(
            aim,
            before=values[0] if two else np.nan,
            seen=values[-1],
            on=self.params["extract_date"] if on is None else on,
            unit=unit,
            direction=direction,
            share=share,
            what_before=f"{what} before {self.change or 'a change'}",
            what_seen=f"{what} since {self.change}" if two else f"{what}{now}",
        )

    def verdict_on_difference(
        self, direction: str, bearing: Sequence[str], aim: AimVerdict
    ) -> Verdict:
        """The verdict of a difference before and since; described where there is none.

        Parameters
        ----------
        direction : "lower", "higher" or "neutral"
            Which way is better.
        bearing : sequence of str
            Ids of the checks that bear on it.
        aim : AimVerdict
            Whether the aim was reached.
        """
        if DIFFERENCE not in self.estimates.index:
            return Verdict(DESCRIBED.kind, DESCRIBED.certainty, aim=aim)
        size: Estimate = self.term(DIFFERENCE)
        if not np.isfinite(size.low):
            return Verdict("cannot tell", "not tested", term=DIFFERENCE, aim=aim)
        return Verdict(
            kind_of_change(size.side, direction),
            certainty_of(self.checks, bearing),
            term=DIFFERENCE,
            size=size,
            aim=aim,
        )
