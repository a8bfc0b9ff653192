"""A figure, and a date, in the words of an aim: "15% fewer", "half of", "five of six checks"."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from qieval.core.errors import ParameterError

How = Literal["target", "share", "share_of_before", "portion", "difference", "points"]

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_PORTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_DOWN = (
    r"fewer|less|lower|shorter|reduc\w*|cut|cuts|cutting|decreas\w*|down|drop|drops"
    r"|falls?(?= (?:by|to|of)\b)"
)
_UP = r"more|higher|greater|longer|increas\w*|rais\w*|rises?|up"
_AT_MOST = (
    "at most|no more than|not more than|no longer than|no later than|under|below|within|less than"
    "|fewer than|up to"
)
_AT_LEAST = (
    "at least|no fewer than|not fewer than|no less than|not less than|over|above|more than"
    "|higher than"
)
_BY = r"(?:by|before|until|end of|in)\s+(?:the )?(?:end of )?"
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:[.,]\d+)?|\b(?:{'|'.join(_NUMBERS)})\b)"
_PERCENT = r"(?:%|per\s?cent\b)"
_BOUND = rf"(?:(?P<most>\b(?:{_AT_MOST}))|(?P<least>\b(?:{_AT_LEAST})))"
_LEAD = rf"(?:\b(?P<lead>by|to)\s+)?(?:(?:about|around)\s+)?(?:{_BOUND}\s+)?(?:an?\s+)?"
_OR_MORE = r"(?:\s+or\s+(?P<or>more|higher|above|over|less|fewer|lower|below|under)\b)?"
_FIGURE = re.compile(
    rf"{_LEAD}(?P<figure>{_NUMBER})(?![\w-])(?:\s*(?P<percent>{_PERCENT}))?"
    rf"(?P<points>\s*(?:percentage\s+)?points?\b)?{_OR_MORE}"
    rf"(?:(?P<between>\s+[a-z]+)?\s+(?P<way>(?:{_DOWN}|{_UP})\b))?"
)
_PORTION = re.compile(
    rf"{_LEAD}(?:(?P<times>{_NUMBER})\s+)?\b(?P<portion>{'|'.join(_PORTIONS)})s?\b"
    rf"(?:\s+(?P<way>(?:{_DOWN}|{_UP})\b))?"
)
_PART_OF = re.compile(
    rf"{_LEAD}(?P<part>{_NUMBER})\s+(?:out\s+)?(?:of|in)\s+(?:the\s+|every\s+)?"
    rf"(?P<of>{_NUMBER})(?![\w-])(?!\s*{_PERCENT}){_OR_MORE}(?:\s+(?P<way>(?:{_DOWN}|{_UP})\b))?"
)
_FROM_TO = re.compile(
    rf"\bfrom\s+(?P<before>{_NUMBER})\s*(?P<percent>{_PERCENT})?.*?"
    rf"\bto\s+(?:{_BOUND}\s+)?(?P<figure>{_NUMBER})\s*(?P<percent_after>{_PERCENT})?"
)
_CALENDAR = r"\b(?:every|each|per|first|second|third|fourth|last|next|this)\s+quarter\b"
_OF_WHOM = (
    r"\b(?:no\s+)?(?:longer|shorter|more|less|fewer|higher|lower|older|younger)"
    rf"\s+than\s+\d[\d.,]*+(?!\s*(?:{_PERCENT}))"
)
"""Beside a figure in percent: which of them are counted, as in "60% stay longer than 60 nights"."""


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


def amount_in(text: str) -> Amount:
    """The figure that an aim's words give: what it is, its value and on which side of it to be.

    Dates in the words are no amounts. "15% fewer" is 0.85 of before, at most; "halve" 0.5 of
    before; "at least 90%" the share 0.9, at least; "five of six checks" the share 5/6, at least;
    "10 fewer" a difference of -10; "below 20" the target 20, at most; "from 6.5 to 5" the target 5,
    at most; "half of" a portion, of before for a count and of all for a share.
    """
    words = re.sub(_CALENDAR, " ", _without_dates(text).lower())
    if re.search(_PERCENT, words):
        words = re.sub(_OF_WHOM, " ", words)
    way = _way(re.sub(_BOUND, " ", words))
    readers = (_part_of, _from_to, _as_before, _multiple, _portion, _relative_figure, _nobody)
    for read in (*readers, _figure, _everybody):
        reading = read(words, way)
        if reading is not None:
            return reading
    return NO_AMOUNT


def _way(words: str) -> int:
    """-1 if the words are about less, 1 about more, 0 neither or both."""
    down, up = (re.search(rf"\b(?:{ways})\b", words) is not None for ways in (_DOWN, _UP))
    return int(up) - int(down)


def _side_of(match: re.Match[str]) -> int:
    """-1 if the words before or after a figure make it the most, 1 if the least, else 0."""
    given = match.groupdict()
    after = {"more": 1, "higher": 1, "above": 1, "over": 1}.get(given.get("or") or "", -1)
    if given.get("or"):
        return after
    return -1 if given["most"] else 1 if given["least"] else 0


def _from_to(words: str, way: int) -> Amount | None:
    """Both figures are given: "from 32 to 24"."""
    match = _FROM_TO.search(words)
    if match is None:
        return None
    before, value = _value(match["before"]), _value(match["figure"])
    side = _side_of(match) or int(np.sign(value - before)) or way
    if match["percent"] or match["percent_after"]:
        return Amount("share", value / 100, side)
    return Amount("target", value, side)


def _as_before(words: str, way: int) -> Amount | None:
    """To stay where it was: "no increase"; "no change" names no figure to be reached."""
    if re.search(r"\bno (?:increase|rise)\b", words):
        return Amount("share_of_before", 1.0, -1)
    if re.search(r"\bno (?:decrease|reduction|drop|fall in|loss)\b", words):
        return Amount("share_of_before", 1.0, 1)
    return NO_AMOUNT if re.search(r"\bno change\b", words) else None


def _part_of(words: str, way: int) -> Amount | None:
    """A part of a number: "five of six checks", "one in four fewer"."""
    for match in reversed([*_PART_OF.finditer(words)]):  # "from one in three to one in two"
        part, of = _value(match["part"]), _value(match["of"])
        if not 0 < part <= of or of < 2:
            continue
        changed = _way(match["way"] or "") or (way if match["lead"] == "by" else 0)
        if changed:
            return Amount("share_of_before", 1 + changed * part / of, changed)
        return Amount("share", part / of, _side_of(match) or 1)
    return None


def _multiple(words: str, way: int) -> Amount | None:
    if re.search(r"\bhalv\w+\b|\bhalf as (?:many|much|long|often)\b", words):
        return Amount("share_of_before", 0.5, -1)
    return Amount("share_of_before", 2.0, 1) if re.search(r"\bdoubl\w*|\btwice\b", words) else None


def _portion(words: str, way: int) -> Amount | None:
    """A portion: "half of" is half of before, "a third fewer" leaves two; "at least half"."""
    match = _PORTION.search(words)
    if match is None:
        return None
    value = _PORTIONS[match["portion"]] * (_value(match["times"]) if match["times"] else 1)
    changed = _way(match["way"] or "") or (0 if match["lead"] == "to" else way)
    if changed:
        return Amount("share_of_before", 1 + changed * value, changed)
    side = _side_of(match)
    if side:
        return Amount("share", value, side)
    of_before = r"\bof (?:before|what|the (?:level|number|rate|baseline))\b"
    if way or re.search(of_before, words):
        return Amount("share_of_before", value, way or -1)
    return Amount("portion", value, 0)


def _relative_figure(words: str, way: int) -> Amount | None:
    """A change from before: "15% fewer", "two fewer", "reduce by at least 10%", "cut 10%"."""
    for match in _FIGURE.finditer(words):
        # "90% seen more quickly" is no change of 90%.
        after = "" if match["percent"] and match["between"] else match["way"] or ""
        loose = match["lead"] != "to" and not _side_of(match)
        changed = _way(after) or (way if match["lead"] == "by" or loose else 0)
        if not changed:
            continue
        value = _value(match["figure"])
        if match["points"]:
            return Amount("points", changed * value / 100, changed)
        if match["percent"]:
            return Amount("share_of_before", 1 + changed * value / 100, changed)
        return Amount("difference", changed * value, changed)
    return None


def _nobody(words: str, way: int) -> Amount | None:
    """Nothing is to be left: "no falls"."""
    nothing = r"\b(?:zero|none|nobody|no(?! (?:more|fewer|less|longer|later|one (?:of|in))\b))\b"
    return Amount("target", 0.0, -1) if re.search(nothing, words) else None


def _figure(words: str, way: int) -> Amount | None:
    """A figure to be reached; of several one in percent, then one with a bound."""
    matches = [
        match
        for match in _FIGURE.finditer(words)
        # A number in words is one only with something that makes it the aim; "by 10" of what?
        if match["lead"] != "by"
        and (match["figure"] not in _NUMBERS or match["lead"] or _side_of(match) or way)
    ]
    if not matches:
        return None
    match = max(matches, key=lambda one: (bool(one["percent"]), bool(_side_of(one))))
    if not match["percent"] and (match["most"] or "") == "within" and _everybody(words, way):
        return _everybody(words, way)
    side, value = _side_of(match) or way, _value(match["figure"])
    if match["percent"]:
        return Amount("share", value / 100, side)
    return Amount("target", value, side)


def _everybody(words: str, way: int) -> Amount | None:
    everybody = r"\b(?:all|every|everyone|everybody|each)\b"
    return Amount("share", 1.0, 1) if re.search(everybody, words) else None


def _value(figure: str) -> float:
    """A figure as a number; a comma before three digits parts thousands, else decimals."""
    if figure in _NUMBERS:
        return float(_NUMBERS[figure])
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", figure):
        return float(figure.replace(",", ""))
    return float(figure.replace(",", "."))


_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
)
_DATES = (
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"\b\d{4}-\d{2}\b",
    r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b",
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTHS})\.?\s+\d{{4}}\b",
    r"\b(?:19|20)\d{2}\b",
)


def _without_dates(text: str) -> str:
    for form in _DATES:
        text = re.sub(rf"(?:\b{_BY})?{form}", " ", text, flags=re.IGNORECASE)
    return text


def date_in(text: str) -> date | None:
    """The last day that a date in the words means: "by July 2018" is 31 July; None without one."""
    for form in _DATES:
        if match := re.search(rf"\b{_BY}({form})", text, re.IGNORECASE):
            return last_day(match[1])
    return None


def any_date_in(text: str) -> date | None:
    """The last day that the first date in the words means, whatever stands before it."""
    for form in _DATES:
        if match := re.search(form, text, re.IGNORECASE):
            return last_day(match[0])
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
        if re.match(r"\d{1,2}[/.]\d{1,2}[/.]", text):
            return pd.to_datetime(text, dayfirst=True).date()
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
