"""Pareto chart: which few reasons are behind most of what happened. Counts, largest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from qieval.analysis.pareto import tables
from qieval.analysis.pareto.words import FEW, MANY_UNKNOWN, ParetoResult
from qieval.core import columns
from qieval.core.checks import About, Check
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.words import many, percent


@public
def pareto(
    data: pd.DataFrame,
    *,
    reason: str = "reason",
    count: str | None = None,
    share: float = 0.8,
    last: Sequence[str] = ("other", "others"),
    outcome: str = "Events by reason",
    setting: str = "",
    called: str = "events",
) -> ParetoResult:
    """Which few reasons make up most of what happened.

    Parameters
    ----------
    data : DataFrame
        One row an event; or, with `count`, one row a reason (and period). It is not changed.
    reason : str
        Column with the reason; blank means not recorded
    count : str, optional
        Column that says how many events a row stands for; nothing means one
    share : float
        Share of all events that the few are to make up
    last : list of str
        Reasons that are a rest, such as other: they stand last and are never among the few
    outcome : str
        What was counted, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What the events are called, in the plural, such as falls

    Returns
    -------
    ParetoResult
        In ``points`` a row a reason, the most frequent first.

    Raises
    ------
    CannotEvaluate
        If no event has a reason.
    DataError
        If a column is missing, or a count is no whole number.
    ParameterError
        If `share` does not lie between 0 and 1.

    Notes
    -----
    Shares are of the events with a reason; Wilson intervals. Whether the order means anything is
    tested twice: all reasons against equal frequency (chi-squared), the first against the second
    (sign test).

    References
    ----------
    Juran 1951, Quality Control Handbook (the vital few). Wilson 1927, J Am Stat Assoc 22:209.
    """
    asked = recorded(pareto, locals())
    if not columns.is_number(share) or not 0 < share < 1:
        raise ParameterError("`share` must lie between 0 and 1.", found=repr(share))
    columns.require(data, [reason, *([count] if count else [])])
    numbers = np.ones(len(data)) if count is None else columns.numbers(data[count], count)
    wrong = ~((numbers >= 0) & (numbers % 1 == 0))
    if wrong.any():
        raise DataError(
            f"Column `{count}` must hold whole numbers of 0 or more.",
            found=f"something else in {columns.rows(wrong)}",
            remedy="Count the events of each row; a reason without any has 0.",
        )
    unknown = data[reason].isna().to_numpy()
    names = data.loc[~unknown, reason].astype(str)
    by_reason = pd.Series(numbers[~unknown]).groupby(names.to_numpy(), sort=False).sum().astype(int)
    if not by_reason.sum():
        raise CannotEvaluate(
            "No event has a reason.",
            found=many(int(numbers.sum()), "event"),
            remedy="Record a reason for each, from a list that is agreed beforehand.",
        )
    points = tables.points_table(by_reason, [word.lower() for word in last], share)
    result = ParetoResult(
        params=asked,
        points=points,
        estimates=tables.estimates(points, int(numbers[unknown].sum())),
        chance_of_spread=tables.chance_of_spread(points),
        chance_of_first=tables.chance_of_first(points),
    )
    return result.with_checks(_checks(result))


def _checks(result: ParetoResult) -> list[Check]:
    """What to mind: too few events, reasons not recorded, a large rest, an order by chance."""
    return [_enough(result), _recorded(result), _rest(result), _order(result)]


def _enough(result: ParetoResult) -> Check:
    about, total = About("enough_events", "Enough events"), result.total
    text = f"{total:,} {result.params['called']} with a reason."
    return (
        about.passes(text) if total >= FEW else about.warns(f"{text} A few more would change it.")
    )


def _recorded(result: ParetoResult) -> Check:
    about, term = About("not_recorded", "Without a reason"), result.term("not_recorded")
    if not term.value:
        return about.passes("None.")
    unknown = term.value / term.n
    text = f"{term.value:,.0f} of {term.n:,} ({percent(unknown)}); shares are of the others."
    if unknown > MANY_UNKNOWN:
        return about.warns(f"{text} With so many the true order may be another.")
    return about.informs(text)


def _rest(result: ParetoResult) -> Check:
    about = About("rest", "Reasons that are a rest")
    rest = float(result.points.loc[result.points["rest"], "share"].sum())
    if rest <= result.points["share"].max() / 2 or not rest:
        return about.passes(f"They are {percent(rest)} of all." if rest else "None.")
    return about.warns(f"They are {percent(rest)} of all: look into what stands there.")


def _order(result: ParetoResult) -> Check:
    about = About("order", "Order of the reasons")
    if not result.differ:
        return about.warns(
            "Reasons that are all as frequent would differ this much by chance: their order says "
            "nothing."
        )
    if result.chance_of_first > 1 - CONFIDENCE:
        return about.informs("The first and the second cannot be told apart by these numbers.")
    return about.passes("The first is more frequent than the second by more than chance.")
