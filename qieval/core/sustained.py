"""Did a change last? One notion for time series, charts and roll-outs.

The first effect is that of the first half-year after the change, the later one that of a year after
it and more, or as long after it as the data reach. What is said follows from the two alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.estimates import Estimate
from qieval.core.sections import Section
from qieval.core.tables import ESTIMATE, Column, Declaration, Table, titled
from qieval.core.words import interval, lower_or_higher, number

Status = Literal["lasted", "faded", "too early", "cannot tell", "none"]

STATUSES: dict[Status, str] = {
    "lasted": "lasted",
    "faded": "faded",
    "too early": "too early to say",
    "cannot tell": "cannot be told",
    "none": "",
}
"""What is said of a change, in the order in which it is counted; "none": no change was seen."""

HALF = 0.5
"""A change of which clearly less than this share is left has faded, though it may be seen still."""

ADDED = "added"
"""Mark of a field that files of an earlier qieval do without."""


class Stretches(NamedTuple):
    """Numbers of periods after a change: what is first, and from when on a year has passed."""

    first: int
    year: int
    least: int  # periods that the later stretch has to have

    @property
    def needed(self) -> int:
        """Periods after the change from which on it can be said whether it lasted."""
        return self.year + self.least

    def later(self, count: int) -> tuple[int, int] | None:
        """The later stretch of so many periods: its first, and the one after its last.

        A year on and more; before that, the latest quarter of a year that the first half-year does
        not reach; None where there is none.
        """
        if count >= self.needed:
            return self.year, count
        return (count - self.least, count) if count >= self.first + self.least else None


def stretches(every: str) -> Stretches | None:
    """The stretches for a kind of period; None where a period is longer than a quarter."""
    year = round(periods.per_year(every)) if every != "event" else 0
    return Stretches(year // 2, year, year // 4) if year >= 4 else None


@dataclass(frozen=True)
class Sustained:
    """Whether a change lasted.

    Attributes
    ----------
    status : "lasted", "faded", "too early", "cannot tell" or "none"
        "none": no change was seen that could have lasted.
    share, low, high : float or None
        Later effect as a share of the first one, and its interval; None where it has no meaning.
    told_from : date or None
        The first day on which it can be said; None if it can be by now, or never.
    because : str
        The figures that it rests on, or why it cannot be told; a sentence or two.
    """

    status: Status = "none"
    share: float | None = None
    low: float | None = None
    high: float | None = None
    told_from: date | None = None
    because: str = ""

    @property
    def smaller(self) -> bool:
        """Whether the later effect is clearly smaller than the first."""
        return self.high is not None and self.high < 1

    @property
    def words(self) -> str:
        """A few sentences for the page; "" where there was no change."""
        if self.status == "none":
            return ""
        if self.status == "too early" and self.told_from:
            day = f"{self.told_from.day} {self.told_from:%B %Y}"
            lead = f"Whether it lasts is too early to say; it can be said from {day} on."
        else:
            in_part = "It lasted in part: it is smaller than at first."
            lead = in_part if self.status == "lasted" and self.smaller else _LEADS[self.status]
        return f"{lead} {self.because}".strip()


_LEADS: dict[Status, str] = {
    "lasted": "It lasted.",
    "faded": "It did not last.",
    "too early": "Whether it lasts is too early to say.",
    "cannot tell": "Whether it lasted cannot be told from these data.",
}


def judge(
    side: int,
    later: Estimate | None,
    share: Estimate | None,
    back: bool = False,
    may_last: bool = True,
) -> Status:
    """Whether a change to one side lasted, by its later effect.

    Parameters
    ----------
    side : int
        -1 or 1: the side to which the level changed; 0: it did not.
    later : Estimate or None
        The later effect; None where it cannot be estimated.
    share : Estimate or None
        The later effect as a share of the first; None where it cannot be given.
    back : bool
        Whether a chart shows a step back towards the old level.
    may_last : bool
        Whether it may be said that a change lasted: not where only its beginning is clear.
    """
    if not side:
        return "none"
    if later is None:
        return "cannot tell"
    if later.side == -side or (share is not None and share.high < HALF):
        return "faded"
    if later.side == side:
        return "lasted" if may_last else "cannot tell"
    return "faded" if back or (share is not None and share.high < 1) else "cannot tell"


def fieller(
    first: float, later: float, cov: np.ndarray, reach: float
) -> tuple[float, float, float] | None:
    """The later effect as a share of the first, with Fieller's interval.

    Parameters
    ----------
    first, later : float
        The two effects.
    cov : (2, 2) ndarray
        Their covariance.
    reach : float
        Quantile of t or of the normal distribution.

    Returns
    -------
    tuple or None
        Share, lower and upper end. None where the first effect is not clearly other than nought,
        without which a share of it means nothing.

    References
    ----------
    Fieller 1954, J R Stat Soc B 16:175.
    """
    a = first**2 - reach**2 * cov[0, 0]
    b = first * later - reach**2 * cov[0, 1]
    c = later**2 - reach**2 * cov[1, 1]
    root = b**2 - a * c
    if not (a > 0 and root >= 0):
        return None
    return later / first, float((b - np.sqrt(root)) / a), float((b + np.sqrt(root)) / a)


# ---- the table ---------------------------------------------------------------------------------

LASTING = Declaration(
    "lasting",
    (
        Column("term", "Term", "label"),
        Column("start", "From", "period"),
        Column("end", "To", "period"),
        *ESTIMATE,
        Column("n", "Periods", "number"),
    ),
    model=True,
)
"""Frame of a result: ``first_effect, later_effect, share_kept``, and of charts ``back``, the latest
step back towards the old level."""


def no_lasting() -> pd.DataFrame:
    """The frame of a result in which nothing can have lasted."""
    return lasting_frame([])


def lasting_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The frame from rows by column."""
    frame = pd.DataFrame(rows, columns=[column.name for column in LASTING.columns])
    return frame.astype(
        {"start": "datetime64[us]", "end": "datetime64[us]"}
        | dict.fromkeys(("estimate", "ci_low", "ci_high"), float)
        | {"n": "int64"}
    )


def lasting_row(
    term: str, times: pd.DatetimeIndex | np.ndarray, numbers: tuple[float, float, float], unit: str
) -> dict[str, object]:
    """A row of the frame: a figure with its interval, over the periods that it was read from."""
    value, low, high = numbers
    return {
        "term": term,
        "start": times[0],
        "end": times[-1],
        "estimate": value,
        "ci_low": low,
        "ci_high": high,
        "unit": unit,
        "n": len(times),
    }


def ends_of(share: Estimate | None) -> tuple[float | None, float | None, float | None]:
    """A share with its interval, for :class:`Sustained`; None thrice where it has no meaning."""
    return (share.value, share.low, share.high) if share else (None, None, None)


def row_of(lasting: pd.DataFrame, term: str) -> Estimate | None:
    """A row of the frame; None if it is not there."""
    rows = lasting[lasting["term"] == term]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return Estimate(
        float(row["estimate"]),
        float(row["ci_low"]),
        float(row["ci_high"]),
        str(row["unit"]),
        int(row["n"]),
    )


def share_words(share: Estimate) -> str:
    """A share with its interval: "80% (55% to 104%)"."""
    low, high = 100 * share.low, 100 * share.high
    return f"{number(100 * share.value, 0)}% ({interval(low, high, 0)}%)"


# ---- from the table to what is said ------------------------------------------------------------


def sustained_of(
    lasting: pd.DataFrame,
    side: int,
    changed: pd.Timestamp,
    last: pd.Timestamp,
    every: str,
    *,
    compared: str = "than expected without it",
    stopped: str = "",
    may_last: bool = True,
) -> Sustained:
    """Whether a change lasted, from the frame of its effects.

    Parameters
    ----------
    lasting : DataFrame
        As :data:`LASTING` declares it.
    side : int
        -1 or 1: the side to which the level changed; 0: it did not.
    changed, last : Timestamp
        First days of the first period with the effect, and of the last one that is seen.
    every : str
        Kind of period.
    compared : str
        What a difference is compared with, in words.
    stopped : str
        Why nothing after `last` says anything of this change; "" if the data end there.
    may_last : bool
        As of :func:`judge`.
    """
    parts = stretches(every)
    if not side:
        return Sustained()
    if parts is None:
        return Sustained("cannot tell", because="A year has to have four periods or more.")
    first, last_number = periods.number_of(pd.DatetimeIndex([changed, last]), every)
    early = last_number - first + 1 < parts.needed
    later, share = row_of(lasting, "later_effect"), row_of(lasting, "share_kept")
    back = lasting[lasting["term"] == "back"]
    figures = [
        *_back_words(back, every),
        *_later_words(lasting, later, share, every, compared, parts),
    ]
    ends = ends_of(share)
    if early and stopped:
        return Sustained("cannot tell", *ends, because=f"{stopped}.")
    if early and len(back) == 0:
        told = periods.shift(changed, parts.needed, every).date()
        return Sustained("too early", *ends, told_from=told, because=" ".join(figures))
    if later is None:
        lacking = f"There are too few values in the first {parts.first} or the later"
        lacking = f"{lacking} {periods.noun(every, 2)} to compare them"
        figures.append(f"{lacking}, or an earlier qieval evaluated it, which did not.")
    status = "faded" if early else judge(side, later, share, len(back) > 0, may_last)
    if status == "cannot tell" and not may_last:
        figures.append(_ONLY_AT_ONCE)
    return Sustained(status, *ends, because=" ".join(figures))


_ONLY_AT_ONCE = (
    "Of the change only its beginning is clear, and not the average since, so that nothing is "
    "claimed of later months."
)


def _later_words(
    lasting: pd.DataFrame,
    later: Estimate | None,
    share: Estimate | None,
    every: str,
    compared: str,
    parts: Stretches,
) -> list[str]:
    """The later effect, and what it is of the first."""
    if later is None:
        return []
    row = lasting[lasting["term"] == "later_effect"].iloc[0]
    span = " to ".join(dict.fromkeys(periods.label(row[name], every) for name in ("start", "end")))
    size = lower_or_higher(later.value, later.low, later.high, later.unit)
    text = f"From {span} the difference was {size} {compared}"
    if share is not None:
        logs = ", as logarithms of rates" if "logarithms" in share.unit else ""
        first = f"the first {parts.first} {periods.noun(every, parts.first)}"
        text += f": {share_words(share)} of that of {first}{logs}"
    return [f"{text}."]


def _back_words(back: pd.DataFrame, every: str) -> list[str]:
    if back.empty:
        return []
    when = periods.label(back["start"].iloc[-1], every)
    return [f"In {when} the level went back towards the old one, by the rule for steps."]


_NAMES = {
    "first_effect": "Difference at first",
    "later_effect": "Difference later",
    "share_kept": "Later as a share of the first",
    "back": "Step back towards the old level",
}


def lasting_section(
    lasting: pd.DataFrame, sustained: Sustained, every: str, confidence: float
) -> tuple[Section, ...]:
    """The section of a page that shows the figures; none where there are none."""
    if sustained.status == "none" or lasting.empty:
        return ()
    rows = lasting.copy()
    share = rows["unit"].str.startswith("share of")
    rows["logs"] = np.where(rows["unit"].str.contains("logarithms"), " (of logarithms)", "")
    rows["what"] = rows["term"].map(_NAMES) + rows["logs"]
    for name in ("estimate", "ci_low", "ci_high"):
        rows[name] = rows[name].where(~share, 100 * rows[name])
    rows["unit"] = rows["unit"].where(~share, "%")
    rows["span"] = [
        " to ".join(dict.fromkeys(periods.label(day, every) for day in days))
        for days in zip(rows["start"], rows["end"], strict=True)
    ]
    head = f"Estimate ({100 * confidence:g}% interval)"
    columns = (
        Column("what", "What", "label"),
        Column("span", "When", "label"),
        *titled(ESTIMATE, estimate=head),
    )
    caption = "The difference at first and later; minus means lower"
    table = Table("lasting", caption, columns, rows)
    return (Section("lasting", "Did it last?", sustained.words, table, in_brief=True),)
