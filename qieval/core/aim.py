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
from typing import Any, Literal

import numpy as np
import pandas as pd

from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.verdict import AimVerdict
from qieval.core.words import number, sentence

Amount = Literal["target", "share", "share_of_before", "difference", "points"]

PARTS = ("measure", "text", "target", "how_much", "by", "for_whom")

_NUMBERS = {
    "none": 0, "no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_PORTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "tenth": 1 / 10}
_DOWN = r"fewer|less|lower|reduc\w*|cut|fall|falls|decreas\w*|down|shorter|below"
_UP = r"more|higher|greater|increas\w*|rise|rises|up|longer|improv\w*"
_AT_MOST = "at most|no more than|not more than|under|below|within|less than"
_AT_LEAST = "at least|no fewer than|not fewer than|over|above|more than"
_BY = r"(?:by|before|until|end of|in)\s+(?:the )?(?:end of )?"
_FIGURE = r"(?P<figure>\d+(?:[.,]\d+)?)\s*(?P<percent>%|per\s?cent|percent)?"


@dataclass(frozen=True)
class Aim:
    """What a project wants to reach.

    Attributes
    ----------
    text : str
        The aim in the project's own words.
    measure : str
        The measure it is about, as the project names it; "" if it names none.
    amount : str or None
        What `value` is: "target" (a figure to be reached), "share" (the same, as a share of 0 to
        1), "share_of_before" (a share of the figure before the change), "difference" (from that
        figure), "points" (the same, in shares of 0 to 1); None where the words give no number.
    value : float
        See `amount`; nan without one.
    side : int
        -1 if the figure is to be at most that, 1 if at least, 0 if the words do not say.
    by : date or None
        When it is to be reached: the last day.
    for_whom : str
        For whom.
    """

    text: str = ""
    measure: str = ""
    amount: Amount | None = None
    value: float = np.nan
    side: int = 0
    by: date | None = None
    for_whom: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.measure or self.amount)

    def wanted(self, before: float, *, share: bool = False) -> float:
        """The figure to be reached, in the measure's unit; nan if it cannot be told.

        `share` says whether the measure is a share of 0 to 1; otherwise what the aim gives in
        percent is for a measure in percent.
        """
        per = 1 if share else 100
        if self.amount == "target":
            return self.value / 100 if share and self.value > 1 else self.value
        if self.amount == "share":
            return self.value * per
        if self.amount == "share_of_before":
            return self.value * before
        if self.amount == "points":
            return before + self.value * per
        return before + self.value if self.amount == "difference" else np.nan


def read_aim(given: str | Mapping[str, Any] | Aim | None) -> Aim:
    """An aim as a project file gives it.

    Parameters
    ----------
    given : str or mapping
        A sentence, or ``measure, text, target, how_much, by, for_whom``.

    Raises
    ------
    ParameterError
        If the mapping has an unknown part, or `by` is no date.
    """
    if isinstance(given, Aim):
        return given
    if not given:
        return Aim()
    if isinstance(given, str):
        amount, value, side = amount_in(given)
        return Aim(text=given, amount=amount, value=value, side=side, by=date_in(given))
    for name in given:
        if name not in PARTS:
            guess = nearest(str(name), PARTS)
            raise ParameterError(
                f"`{name}` is not a part of an aim.",
                found=f"parts {listed(PARTS)}",
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="aim",
            )
    target, how_much = given.get("target"), given.get("how_much")
    amount, value, side = (
        _target(target) if target is not None else amount_in(str(how_much or given.get("text", "")))
    )
    by = given.get("by")
    text = str(given.get("text") or _composed(given))
    return Aim(
        text=text,
        measure=str(given.get("measure") or ""),
        amount=amount,
        value=value,
        side=side,
        by=_last_day(by) if by is not None else date_in(text),
        for_whom=str(given.get("for_whom") or ""),
    )


def _target(given: Any) -> tuple[Amount | None, float, int]:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return "target", float(given), 0
    amount, value, side = amount_in(str(given))
    # A bare figure under `target` is the figure to be reached, not a difference from before.
    return (amount, value, side) if amount else (None, np.nan, 0)


def _composed(given: Mapping[str, Any]) -> str:
    amount = given.get("how_much") if given.get("target") is None else given.get("target")
    what, who, by = given.get("measure"), given.get("for_whom"), given.get("by")
    parts = [
        f"{what}: {amount}" if what and amount is not None else str(what or amount or ""),
        f"for {who}" if who else "",
        f"by {by}" if by else "",
    ]
    return " ".join(part for part in parts if part)


# ---- words to numbers --------------------------------------------------------------------------


def amount_in(text: str) -> tuple[Amount | None, float, int]:
    """The number that an aim's words give: what it is, its value and on which side of it to be.

    Dates in the words are no amounts. Examples: "15% fewer" is 0.85 of before, at most; "halve" and
    "half of" 0.5 of before; "at least 90%" the share 0.9, at least; "five of six checks" the share
    5/6, at least; "by 10 fewer" a difference of -10; "below 20" the target 20, at most; "double"
    twice before.
    """
    words = _without_dates(text).lower()
    down, up = (re.search(rf"\b({side})\b", words) is not None for side in (_DOWN, _UP))
    at_most = re.search(
        r"\b(at most|no more than|not more than|under|below|within|less than)\b", words
    )
    at_least = re.search(r"\b(at least|no fewer than|not fewer than|over|above|more than)\b", words)
    bound = -1 if at_most else 1 if at_least else 0
    if parts := re.search(
        rf"\b({_any(_NUMBERS)}|\d+) (?:out )?of (?:the )?({_any(_NUMBERS)}|\d+)\b", words
    ):
        part, whole = (_number_of(word) for word in parts.groups())
        if whole:
            return "share", part / whole, bound or 1
    if re.search(r"\b(halv\w+|halve)\b", words):
        return "share_of_before", 0.5, -1
    if re.search(r"\bdoubl\w*|\btwice\b", words):
        return "share_of_before", 2.0, 1
    if portion := re.search(rf"\b(?:a |one )?({_any(_PORTIONS)})\b", words):
        return _of_portion(_PORTIONS[portion[1]], words, down=down, up=up)
    if figure := re.search(_FIGURE, words):
        value = float(figure["figure"].replace(",", "."))
        return _of_figure(value, bool(figure["percent"]), bound, words, down=down, up=up)
    if re.search(r"\b(no|none|zero)\b", words):
        return "target", 0.0, -1
    if (word := re.search(rf"\b({_any(_NUMBERS)})\b", words)) and (down or up or bound):
        return _of_figure(float(_NUMBERS[word[1]]), False, bound, words, down=down, up=up)
    if re.search(r"\b(all|every|everyone|everybody|each)\b", words):
        return "share", 1.0, 1
    return None, np.nan, 0


def _of_portion(
    value: float, words: str, *, down: bool, up: bool
) -> tuple[Amount | None, float, int]:
    """What a portion means: "half of it" is half of before; "a third fewer" leaves two thirds."""
    if down and not re.search(r"\bto (a |one )?\w+", words):
        return "share_of_before", 1 - value, -1
    if up:
        return "share_of_before", 1 + value, 1
    return "share_of_before", value, -1


def _of_figure(
    value: float, in_percent: bool, bound: int, words: str, *, down: bool, up: bool
) -> tuple[Amount | None, float, int]:
    to_it = re.search(rf"\bto (?:at (?:least|most) |under |below |over |above )?{_FIGURE}", words)
    points = re.search(r"percentage points?|\bpoints?\b", words)
    if bound or to_it or not (down or up):
        side = bound or (-1 if down else 1 if up else 0)
        return ("share", value / 100, side) if in_percent else ("target", value, side)
    side = -1 if down else 1
    if points:
        return "points", side * value / 100, side
    if in_percent:
        return "share_of_before", 1 + side * value / 100, side
    return "difference", side * value, side


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
            return _last_day(seen[1])
    return None


def _last_day(given: Any) -> date:
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
    wanted = aim.wanted(before, share=share)
    side = aim.side or {"lower": -1, "higher": 1}.get(direction, 0)

    def told(because: str, status: Any = "cannot tell") -> AimVerdict:
        return AimVerdict(status, aim.text, wanted, seen, unit, day, aim.by, sentence(because))

    if aim.amount is None:
        return told("the aim gives no number to be reached")
    if not np.isfinite(wanted):
        return told(f"{what_before} is not known")
    if not np.isfinite(seen):
        return told(f"{what_seen} is not known")
    if not side:
        return told("neither the aim nor the measure says whether more or less is better")
    if aim.by and day and day < aim.by:
        return told(f"the data end before {aim.by.day} {aim.by:%B %Y}, when it was to be reached")
    # Equal within rounding counts as reached: the last bit of a sum must not decide.
    near = 1e-9 * max(1.0, abs(wanted))
    reached = side * (seen - wanted) >= -near
    wanted_words, seen_words = _figures(wanted, seen, share=share, unit=unit)
    against = (
        f" ({_of_before(aim)} {what_before})"
        if aim.amount in ("share_of_before", "difference", "points")
        else ""
    )
    bound = "at most" if side < 0 else "at least"
    return told(
        f"{what_seen} was {seen_words}; the aim was {bound} {wanted_words}{against}",
        "reached" if reached else "not reached",
    )


def _of_before(aim: Aim) -> str:
    if aim.amount == "share_of_before":
        return f"{number(100 * aim.value, 0)}% of"
    points = aim.amount == "points"
    size = f"{number(100 * abs(aim.value))} percentage points" if points else number(abs(aim.value))
    return f"{size} {'less' if aim.value < 0 else 'more'} than"


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
