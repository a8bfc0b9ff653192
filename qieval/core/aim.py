"""The aim of a project: which measure, how much, by when and for whom; and the figure in its words.

Words that give no figure stay words: nobody can say whether such an aim was reached.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

How = Literal["to", "by", "by_share"]
"""An aim names the value to come to, a difference, or a difference as a share of what was."""

_NUMBERS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
}
_FRACTIONS = {
    **{"half": 1 / 2, "a half": 1 / 2, "a third": 1 / 3, "one third": 1 / 3, "two thirds": 2 / 3},
    **{"a quarter": 1 / 4, "one quarter": 1 / 4, "three quarters": 3 / 4},
    **{"a fifth": 1 / 5, "one fifth": 1 / 5},
}
_FEWER, _MORE = "fewer|less|lower|shorter|down|reduction|decrease", "more|higher|longer|up|increase"
_AMOUNT = rf"(?P<amount>\d[\d,]*(?:\.\d+)?|{'|'.join(_NUMBERS)})"
_SHARE = rf"(?P<share>{'|'.join(sorted(_FRACTIONS, key=len, reverse=True))})"
_WAY = rf"(?P<way>{_FEWER}|{_MORE})"
_OF = rf"(?:in|of|out of) (?:the )?(?P<of>\d+|{'|'.join(_NUMBERS)})"
_PERCENT = r"\s?(?P<percent>%|per ?cent)"
_PATTERNS: tuple[tuple[How, str], ...] = (
    ("to", rf"\bfrom\b.*\bto {_AMOUNT}(?:{_PERCENT})?(?: {_OF})?"),
    ("by_share", rf"\b{_AMOUNT}{_PERCENT}\s+{_WAY}\b"),
    ("by_share", rf"\b{_WAY}\b.*?\bby {_AMOUNT}{_PERCENT}"),
    ("by_share", r"\b(?P<share>half) as (?P<way>many|much|long|often)\b"),
    ("by_share", rf"\b{_SHARE} {_WAY}\b"),
    ("by_share", rf"\b{_WAY}\b.*?\bby {_SHARE}\b"),
    ("by", rf"\b{_AMOUNT}\s+(?:[a-z-]+\s+){{0,3}}{_WAY}\b"),
    ("by", rf"\b{_WAY}\b.*?\bby {_AMOUNT}(?!{_PERCENT})"),
    ("to", rf"\b{_AMOUNT} {_OF}\b"),
    ("to", rf"\b{_SHARE}\b"),
    (
        "to",
        rf"\b(?:to|within|at least|at most|under|over|above|below) {_AMOUNT}(?:{_PERCENT})?",
    ),
    ("to", rf"\b{_AMOUNT}{_PERCENT}"),
)


@dataclass(frozen=True)
class Amount:
    """The figure in an aim.

    Attributes
    ----------
    how : str
        ``to``: the value to come to; ``by``: the difference, negative for fewer; ``by_share``: the
        difference as a share of what was before (-0.15 for "15% fewer").
    value : float
        The figure; a share lies between 0 and 1.
    share : bool
        Whether a value to come to is a share ("three in four", "50%").
    """

    how: How
    value: float
    share: bool = False


def amount_in(words: str) -> Amount | None:
    """The figure that an aim names in words; None if they name none.

    "2 beds fewer", "15 % fewer", "half as many", "from 6.5 to 5", "three in four", "half of …",
    "five of six checks", "to 50%" are understood.
    """
    for how, pattern in _PATTERNS:
        if match := re.search(pattern, words, re.IGNORECASE):
            return _amount(how, match.groupdict())
    return None


def _amount(how: How, parts: dict[str, str | None]) -> Amount:
    """The figure from the parts of a sentence that name it."""
    share = parts.get("share")
    value = _FRACTIONS[share.lower()] if share else _figure(parts.get("amount"))
    is_share = bool(share or parts.get("percent") or parts.get("of"))
    if parts.get("percent"):
        value /= 100
    if parts.get("of"):
        value /= _figure(parts["of"])
    if how == "to":
        return Amount("to", value, is_share)
    way = (parts.get("way") or "").lower()
    fewer = way in _FEWER.split("|") or way in ("many", "much", "long", "often")
    return Amount(how, -value if fewer else value)


def _figure(text: str | None) -> float:
    spelt = (text or "").lower()
    return float(_NUMBERS[spelt]) if spelt in _NUMBERS else float(spelt.replace(",", ""))


@dataclass(frozen=True)
class Aim:
    """What a project set out to reach.

    Attributes
    ----------
    text : str
        The aim in words, as pages show it.
    measure : str
        The measure it is about: a name below ``measures:`` of the project; "" where the aim is
        plain text.
    target : float or None
        The value of the measure to come to.
    how_much : str
        How much, in words, where no target is given.
    by : date or str
        Until when; "" if it is not said.
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
    def amount(self) -> Amount | None:
        """The figure of the aim: its target, else what its words name; None if they name none."""
        if self.target is not None:
            return Amount("to", self.target)
        return amount_in(self.how_much) if self.how_much else None

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def in_words(measure: str, target: float | None, how_much: str, by: date | str, who: str) -> str:
    """An aim as a phrase: "Occupied bed days: 2 beds fewer by 31 August 2018, adults on …"."""
    amount = how_much or (f"{target:g}" if target is not None else "")
    when = f"{by.day} {by:%B %Y}" if isinstance(by, date) else str(by)
    text = f"{measure}: {amount[:1].lower()}{amount[1:]}" if amount else measure
    text += f" by {when}" if when else ""
    return f"{text}, for {who[:1].lower()}{who[1:]}" if who else text
