"""The aim of a project: what is to be reached, by how much, by when; and whether it was.

An aim may be a mapping (``measure, target | how_much, by, for_whom``) or a sentence. From its words
a number is read where they give one: "15% fewer", "half of", "at least 90%", "five of six checks".
Words that give no number are kept, and whether such an aim was reached cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.verdict import AimVerdict
from qieval.core.words import number, sentence

How = Literal["target", "share", "share_of_before", "portion", "difference", "points"]

PARTS = ("measure", "text", "target", "how_much", "by", "for_whom")

_NUMBERS = {
    "none": 0, "no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_PORTIONS = {
    "three quarters": 3 / 4, "two thirds": 2 / 3, "half": 1 / 2, "third": 1 / 3,
    "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10,
}  # fmt: skip
_DOWN = r"fewer|less|lower|reduc\w*|cut|fall|falls|decreas\w*|down|shorter|below"
_UP = r"more|higher|greater|increas\w*|rise|rises|up|longer|improv\w*"
_AT_MOST = "at most|no more than|not more than|under|below|within|less than"
_AT_LEAST = "at least|no fewer than|not fewer than|over|above|more than"
_BY = r"(?:by|before|until|end of|in)\s+(?:the )?(?:end of )?"
_FIGURE = r"(?P<figure>\d[\d,]*(?:\.\d+)?)\s*(?P<percent>%|per\s?cent|percent)?"


class Amount(NamedTuple):
    """The figure in an aim.

    Attributes
    ----------
    how : str or None
        "target": a figure to come to; "share": the same, as a share of 0 to 1; "share_of_before":
        a share of the figure before the change; "portion": "half of", which is a share for a
        measure that is one, and a share of before for any other; "difference": a difference from
        that figure; "points": the same, in shares of 0 to 1. None where the words give no figure.
    value : float
        See `how`; nan without one.
    side : int
        -1 if the figure is to be at most that, 1 if at least, 0 if the words do not say.
    """

    how: How | None
    value: float
    side: int

    def wanted(self, before: float, *, share: bool = False) -> float:
        """The figure to be reached, in the measure's unit; nan if it cannot be told.

        `share` says whether the measure is a share of 0 to 1; otherwise what the aim gives in
        percent is for a measure in percent.
        """
        per = 1 if share else 100
        if self.how == "target":
            return self.value / 100 if share and self.value > 1 else self.value
        if self.how == "share" or (self.how == "portion" and share):
            return self.value * per
        if self.how in ("share_of_before", "portion"):
            return self.value * before
        if self.how == "points":
            return before + self.value * per
        return before + self.value if self.how == "difference" else np.nan


NO_AMOUNT = Amount(None, np.nan, 0)


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
    """

    text: str = ""
    measure: str = ""
    target: float | None = None
    how_much: str = ""
    by: date | str = ""
    for_whom: str = ""

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
        A sentence, or ``measure, text, target, how_much, by, for_whom``.

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
    return Aim(text, measure, None if target is None else float(target), how_much, by, who)


def in_words(measure: str, target: float | None, how_much: str, by: date | str, who: str) -> str:
    """An aim as a phrase: "Occupied bed days: 2 beds fewer by 31 August 2018, for adults on …"."""
    amount = how_much or (f"{target:g}" if target is not None else "")
    when = f"{by.day} {by:%B %Y}" if isinstance(by, date) else str(by)
    text = (
        f"{measure}: {amount[:1].lower()}{amount[1:]}" if amount and measure else measure or amount
    )
    text += f" by {when}" if when else ""
    return f"{text}, for {who[:1].lower()}{who[1:]}" if who else text


# ---- words to numbers --------------------------------------------------------------------------


def amount_in(text: str) -> Amount:
    """The figure that an aim's words give: what it is, its value and on which side of it to be.

    Dates in the words are no amounts. "15% fewer" is 0.85 of before, at most; "halve" 0.5 of
    before; "at least 90%" the share 0.9, at least; "five of six checks" the share 5/6, at least;
    "10 fewer" a difference of -10; "below 20" the target 20, at most; "from 6.5 to 5" the target 5,
    at most; "half of" a portion, of before for a count and of all for a share.
    """
    words = _without_dates(text).lower()
    down, up = (re.search(rf"\b({side})\b", words) is not None for side in (_DOWN, _UP))
    at_most, at_least = (re.search(rf"\b({bound})\b", words) for bound in (_AT_MOST, _AT_LEAST))
    # "At least 75% within two weeks" is a floor, although "within" alone would be a ceiling.
    floor_first = at_least and (not at_most or at_least.start() < at_most.start())
    bound = 1 if floor_first else -1 if at_most else 0
    count = rf"({_any(_NUMBERS)}|\d+)"
    ratios = re.findall(rf"\b{count} (?:out of|of|in) (?:the )?{count}\b", words)
    if ratios and _number_of(ratios[-1][1]):  # "from one in three to one in two": the last one
        part, of = map(_number_of, ratios[-1])
        return Amount("share", part / of, bound or (-1 if down and not up else 1))
    if way := re.search(rf"\bfrom\s+{_FIGURE}.*\bto\s+(\d[\d,]*(?:\.\d+)?)\s*(%|per)?", words):
        began, ends = _float(way["figure"]), _float(way[3])
        return _come_to(ends, bool(way["percent"]) or way[4] == "%", 1 if ends > began else -1)
    if re.search(r"\b(halv\w+|half as (many|much|long|often))\b", words):
        return Amount("share_of_before", 0.5, -1)
    if re.search(r"\bdoubl\w*|\btwice\b", words):
        return Amount("share_of_before", 2.0, 1)
    if portion := re.search(rf"\b(?:a |one )?({_any(_PORTIONS)})\b", words):
        return _of_portion(_PORTIONS[portion[1]], words, down=down, up=up)
    if figure := re.search(_FIGURE, words):
        in_percent = bool(figure["percent"])
        return _of_figure(_float(figure["figure"]), in_percent, bound, words, down=down, up=up)
    if re.search(r"\b(no|none|zero)\b", words):
        return Amount("target", 0.0, -1)
    if (word := re.search(rf"\b({_any(_NUMBERS)})\b", words)) and (down or up or bound):
        return _of_figure(float(_NUMBERS[word[1]]), False, bound, words, down=down, up=up)
    if re.search(r"\b(all|every|everyone|everybody|each)\b", words):
        return Amount("share", 1.0, 1)
    return NO_AMOUNT


def _of_portion(value: float, words: str, *, down: bool, up: bool) -> Amount:
    """What a portion means: "a third fewer" leaves two thirds of before; "half of" is open."""
    if down and not re.search(r"\bto (a |one )?\w+", words):
        return Amount("share_of_before", 1 - value, -1)
    if up:
        return Amount("share_of_before", 1 + value, 1)
    if down or re.search(r"\bof (before|what|the (level|number|rate|baseline))\b", words):
        return Amount("share_of_before", value, -1)
    return Amount("portion", value, 0)


def _of_figure(
    value: float, in_percent: bool, bound: int, words: str, *, down: bool, up: bool
) -> Amount:
    to_it = re.search(rf"\bto (?:at (?:least|most) |under |below |over |above )?{_FIGURE}", words)
    points = re.search(r"percentage points?|\bpoints?\b", words)
    if bound or to_it or not (down or up):
        side = bound or (-1 if down else 1 if up else 0)
        return _come_to(value, in_percent, side)
    side = -1 if down else 1
    if points:
        return Amount("points", side * value / 100, side)
    if in_percent:
        return Amount("share_of_before", 1 + side * value / 100, side)
    return Amount("difference", side * value, side)


def _come_to(value: float, in_percent: bool, side: int) -> Amount:
    return Amount("share", value / 100, side) if in_percent else Amount("target", value, side)


def _float(figure: str) -> float:
    return float(figure.replace(",", ""))


def _any(words: Mapping[str, Any]) -> str:
    return "|".join(words)


def _number_of(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]


_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
)
_DATES = (
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b",
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTHS})\.?\s+\d{{4}}\b",
    r"\b(?:19|20)\d{2}\b",
)


def _without_dates(text: str) -> str:
    for form in _DATES:
        text = re.sub(form, " ", text, flags=re.IGNORECASE)
    return text


def date_in(text: str) -> date | None:
    """The last day that a date in the words means: "by July 2018" is 31 July; None without one."""
    for form in _DATES:
        seen = re.search(
            rf"(?:by|before|until|end of|in)\s+(?:the )?(?:end of )?({form})", text, re.I
        )
        if seen:
            return last_day(seen[1])
    return None


def last_day(given: Any) -> date:
    """The last day that a date, a month or a year means; text may be any of them.

    Raises
    ------
    ParameterError
        If it is no date.
    """
    if isinstance(given, date):
        return given
    text = str(given).strip()
    if re.fullmatch(r"(19|20)\d{2}", text):
        return date(int(text), 12, 31)
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text) or not re.search(r"\d.*\d{4}|\d{4}-\d\d-\d\d", text):
            return (pd.Timestamp(text) + pd.offsets.MonthEnd(0)).date()
        return pd.to_datetime(text, dayfirst=not re.match(r"\d{4}", text)).date()
    except ValueError as error:
        raise ParameterError(
            "`by` of the aim is not a date.",
            found=repr(given),
            remedy="Write it as year-month-day: 2020-03-31.",
            where="aim",
        ) from error


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
