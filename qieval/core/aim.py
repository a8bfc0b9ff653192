"""The aim of a project: what is to be reached, by how much, by when; and whether it was.

An aim may be a mapping (``measure, target | how_much, by, for_whom``) or a sentence. From its words
a number is read where they give one: "15% fewer", "half of", "at least 90%", "five of six checks".
Words that give no number are kept, and whether such an aim was reached cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.amounts import Amount, amount_in, date_in, last_day
from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.verdict import AimVerdict
from qieval.core.words import many, number, sentence

PARTS = ("measure", "text", "target", "how_much", "by", "for_whom", "since")

MOST_IN_A_MEAN = 12
"""Periods on each side that an aim about a series is judged by, at most."""


@dataclass(frozen=True)
class Aim:
    """What a project set out to reach.

    Attributes
    ----------
    text : str
        The aim in words, as pages show it.
    measure : str
        The measure it is about; "" if it names none.
    target : float or None
        The value of the measure to come to.
    how_much : str
        How much, in words, where no target is given.
    by : date or str
        Until when: a date, or words; "" if it is not said.
    for_whom : str
        For whom.
    since : date or None
        When the project's change began; what was before is judged by the periods before it.
    """

    text: str = ""
    measure: str = ""
    target: float | None = None
    how_much: str = ""
    by: date | str = ""
    for_whom: str = ""
    since: date | None = None

    @property
    def amount(self) -> Amount:
        """The figure of the aim: its target, else what its words name."""
        if self.target is not None:
            return Amount("target", self.target, 0)
        return amount_in(self.how_much or self.text)

    @property
    def last_day(self) -> date | None:
        """The last day on which it may be reached; None if it does not say."""
        if isinstance(self.by, date):
            return self.by
        return last_day(self.by) if self.by else date_in(self.text)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text or self.measure or self.how_much or self.target is not None)


def read_aim(given: str | Mapping[str, Any] | Aim | None) -> Aim:
    """An aim as a project file, or an analysis, is given it.

    Parameters
    ----------
    given : str or mapping
        A sentence, or ``measure, text, target, how_much, by, for_whom, since``.

    Raises
    ------
    ParameterError
        If the mapping has an unknown part.
    """
    if isinstance(given, Aim):
        return given
    if not given:
        return Aim()
    if isinstance(given, str):
        return Aim(text=given.strip())
    for name in given:
        if name not in PARTS:
            guess = nearest(str(name), PARTS)
            raise ParameterError(
                f"`{name}` is not a part of an aim.",
                found=f"parts {listed(PARTS)}",
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="aim",
            )
    target, how_much = given.get("target"), str(given.get("how_much") or "")
    number_given = isinstance(target, int | float) and not isinstance(target, bool)
    if target is not None and not number_given:
        target, how_much = None, str(target)
    measure, who, by = (given.get(name) or "" for name in ("measure", "for_whom", "by"))
    text = given.get("text") or in_words(measure, target, how_much, by, who)
    since = None if given.get("since") is None else last_day(given["since"])
    return Aim(text, measure, None if target is None else float(target), how_much, by, who, since)


def in_words(measure: str, target: float | None, how_much: str, by: date | str, who: str) -> str:
    """An aim as a phrase: "Occupied bed days: 2 beds fewer by 31 August 2018, for adults on …"."""
    amount = how_much or (f"{target:g}" if target is not None else "")
    when = f"{by.day} {by:%B %Y}" if isinstance(by, date) else str(by)
    text = (
        f"{measure}: {amount[:1].lower()}{amount[1:]}" if amount and measure else measure or amount
    )
    text += f" by {when}" if when else ""
    return f"{text}, for {who[:1].lower()}{who[1:]}" if who else text


# ---- reached or not ----------------------------------------------------------------------------


def judge_aim(
    aim: Aim,
    *,
    before: float,
    seen: float,
    on: date | pd.Timestamp | None,
    unit: str = "",
    direction: str = "neutral",
    share: bool = False,
    what_before: str = "the figure before the change",
    what_seen: str = "the figure seen",
) -> AimVerdict:
    """Whether an aim was reached, and against which figure.

    Parameters
    ----------
    aim : Aim
        The aim.
    before, seen : float
        The measure before the change and when it is judged, in `unit`; nan if not known.
    on : date
        What `seen` is about: its day, or the last day of its period.
    unit : str
        Unit of both; "" for a share, shown as a percentage.
    direction : "lower", "higher" or "neutral"
        Which way is better; used where the aim's words do not say.
    share : bool
        Whether both are shares of 0 to 1.
    what_before, what_seen : str
        What the two figures are, in words: "the mean of the 12 months before".

    Returns
    -------
    AimVerdict
        With the figure to be reached, the figure seen and one sentence on how they compare.
    """
    if not aim:
        return AimVerdict()
    day = pd.Timestamp(on).date() if on is not None else None
    amount, deadline = aim.amount, aim.last_day
    wanted = amount.wanted(before, share=share)
    side = amount.side or {"lower": -1, "higher": 1}.get(direction, 0)

    def told(because: str, status: Any = "cannot tell") -> AimVerdict:
        return AimVerdict(status, aim.text, wanted, seen, unit, day, deadline, sentence(because))

    if amount.how is None:
        return told("the aim gives no number to be reached")
    in_percent = share or not unit or "%" in unit or "cent" in unit
    if amount.how in ("share", "points") and not in_percent:
        return told("the aim is a share, and this measure is none")
    if not np.isfinite(wanted):
        return told(f"{what_before} is not known")
    if not np.isfinite(seen):
        return told(f"{what_seen} is not known")
    if not side:
        return told("neither the aim nor the measure says whether more or less is better")
    if deadline and day and day < deadline:
        return told(
            f"the data end before {deadline.day} {deadline:%B %Y}, when it was to be reached"
        )
    # Equal within rounding counts as reached: the last bit of a sum must not decide.
    near = 1e-9 * max(1.0, abs(wanted))
    reached = side * (seen - wanted) >= -near
    wanted_words, seen_words = _figures(wanted, seen, share=share, unit=unit)
    against = (
        f" ({_of_before(amount)} {what_before})"
        if amount.how in ("share_of_before", "difference", "points")
        or (amount.how == "portion" and not share)
        else ""
    )
    bound = "at most" if side < 0 else "at least"
    return told(
        f"{what_seen} was {seen_words}; the aim was {bound} {wanted_words}{against}",
        "reached" if reached else "not reached",
    )


def sides_of(
    aim: Aim, points: pd.DataFrame, since: date | pd.Timestamp, every: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The periods before the change, and the latest ones since, up to the aim's last day.

    One rule for every evaluation of a series, so that charts and models of one measure agree: at
    most :data:`MOST_IN_A_MEAN` periods a side; the period of the change itself is after it.

    Parameters
    ----------
    aim : Aim
        The aim.
    points : DataFrame
        Known values in their order, with ``time``.
    since : date
        When the change began.
    every : str
        What a period is.
    """
    changed = points["time"] >= periods.start_of(pd.DatetimeIndex([since]), every)[0]
    until = changed
    if aim.last_day is not None:
        until = changed & (points["time"] <= pd.Timestamp(aim.last_day))
    return points[~changed].tail(MOST_IN_A_MEAN), points[until].tail(MOST_IN_A_MEAN)


def judge_series(
    aim: Aim,
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    every: str,
    unit: str,
    direction: str,
    share: bool = False,
    what_before: str = "",
    median: bool = False,
) -> AimVerdict:
    """Whether an aim about a series was reached: its last periods against those before.

    Parameters
    ----------
    aim : Aim
        The aim.
    before, after : DataFrame
        The points that are compared: ``time, value, denominator``; none if nothing is known.
    every : str
        What a period is.
    unit, direction, share
        See :func:`judge_aim`.
    what_before : str
        What `before` is, if not the periods before the change.
    median : bool
        Whether medians are compared, not means; means are weighted by the denominator.
    """
    middle = "median" if median else "mean"
    figures = [_middle(part, median) for part in (before, after)]
    on, ending = None, ""
    if len(after):
        on = after["time"].iloc[-1]
        ending = f" to {periods.label(on, every)}"
        on = periods.end_of(on, every)
    counts = [
        many(len(part), periods.noun(every), periods.noun(every, 2)) for part in (before, after)
    ]
    return judge_aim(
        aim,
        before=figures[0],
        seen=figures[1],
        on=on,
        unit=unit,
        direction=direction,
        share=share,
        what_before=f"the {middle} of {what_before or f'the {counts[0]} before the change'}",
        what_seen=f"the {middle} of the {counts[1]}{ending}",
    )


def _middle(points: pd.DataFrame, median: bool) -> float:
    if points.empty:
        return np.nan
    if median:
        return float(points["value"].median())
    weight = points["denominator"]
    return float((points["value"] * weight).sum() / weight.sum())


def _of_before(amount: Amount) -> str:
    if amount.how in ("share_of_before", "portion"):
        return f"{number(100 * amount.value, 0)}% of"
    points = amount.how == "points"
    size = (
        f"{number(100 * abs(amount.value))} percentage points"
        if points
        else number(abs(amount.value))
    )
    return f"{size} {'less' if amount.value < 0 else 'more'} than"


def _figures(wanted: float, seen: float, *, share: bool, unit: str) -> tuple[str, str]:
    """Both figures with the same decimals, enough to tell them apart."""
    factor, after = (100, "%") if share else (1, f" {unit}" if unit else "")
    for places in range(4):
        words = [number(factor * value, places) for value in (wanted, seen)]
        size = factor * max(abs(wanted), abs(seen))
        if words[0] != words[1] and (places >= 1 or size >= 20):
            break
        if np.isclose(wanted, seen, rtol=1e-9, atol=0):
            break
    return f"{words[0]}{after}", f"{words[1]}{after}"
