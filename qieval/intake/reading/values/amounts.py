"""One number cell: thousands separators, percent, currency, brackets for minus, words behind."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from qieval.intake.reading.raw import Cell

NOT_A_NUMBER = "is not a number"
TOO_LONG = "has more digits than a number can hold exactly"
EXCEL_ERROR = "is an error of Excel: a formula that failed"
TWO_FIGURES = "holds two figures, and nothing says which is meant"
DECIMAL_COMMA = "is not a number: it has a comma where thousands are not parted"

ABOUT, IN_BRACKETS = "about", "in a bracket"
"""The words of an amount such as ~12, and of one such as 11 (2 of them informal)."""

_LARGEST_EXACT = 2**53
_MOST_DIGITS = 30
_ERRORS = re.compile(r"#[A-Z]+(/[A-Z0-9]+)?[!?]?", re.IGNORECASE)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2011": "-", "\uff0d": "-"})
_WHOLE = re.compile(r"[0-9]+")
_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_SPACES = " \u00a0\u202f\u2009"
_PARTED = {
    False: re.compile(
        rf"[1-9][0-9]{{0,2}}([,{_SPACES}'\u2019])[0-9]{{3}}(\1[0-9]{{3}})*(\.[0-9]+)?"
    ),
    True: re.compile(rf"[1-9][0-9]{{0,2}}([.{_SPACES}'\u2019])[0-9]{{3}}(\1[0-9]{{3}})*(,[0-9]+)?"),
}
_WITH_COMMA = re.compile(r"[0-9]+(,[0-9]+)?")
MARK = (
    r"\((?:p|r|e|f|prov\w*|revised|estimate[ds]?|note\s?\d+)\)"
    r"|\[(?:[a-z]|\d|(?:foot)?note\s?\d+)\]"
    r"|[*\u2020\u2021^#]+|[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+|[rp](?![A-Za-z])"
    r"|[\u2190-\u2199\u25b2-\u25c4\u2b06-\u2b0d\u27a1\u21e7\u21e9]+\ufe0f?"
)
"""What publishers set behind a figure: provisional, revised, a note such as [1], an arrow."""
_AMOUNT = re.compile(
    r"(?P<about>(?:[~\u2248]|(?:ca?|circa|approx(?:imately)?|about|around)\b\.?)\s*)?"
    r"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<currency>[£$€]|(?:GBP|EUR|USD)\s?)?\s*(?P<late>[-+])?"
    rf"(?P<digits>[0-9.][0-9.,{_SPACES}'\u2019]*?)(?P<power>e[-+]?[0-9]+)?"
    r"\s*(?P<percent>%)?\s*(?P<close>\))?"
    r"(?P<beside>\s*(?!\[\d\])[(\[]\s*(?:n\s*=\s*)?[0-9][0-9,.]*\s*%?\s*[)\]])?"
    rf"(?P<mark>\s*(?:{MARK}))?(?P<words>\s*[A-Za-z][A-Za-z ./]*)?"
    r"(?P<inside>\s*\([^()]*[A-Za-z][^()]*\))?",
    re.IGNORECASE,
)


_MULTIPLES = {
    **dict.fromkeys(("k", "thousand"), 1_000),
    **dict.fromkeys(("m", "mn", "million"), 1_000_000),
    **dict.fromkeys(("bn", "billion"), 1_000_000_000),
}
"""What multiplies a sum of money; without the sign of a currency, m may be metres or minutes."""


@dataclass(frozen=True)
class Amount:
    """A number and how it was written."""

    value: int | float  # the number
    percent: bool = False  # whether a percent sign stands behind it
    currency: str = ""  # the sign of a currency; blank for none
    mark: str = ""  # a publisher's mark behind it: "r", "(p)", "*"
    beside: str = ""  # a second figure in brackets behind it: "(40)" of "95% (40)"
    words: str = ""  # words behind it, such as "days"; ABOUT, IN_BRACKETS; blank for none
    multiple: str = ""  # what multiplies a sum of money: "k" of "£12k"
    parted: bool = False  # whether its thousands are parted
    bracketed: bool = False  # whether brackets stand for its minus


def amount(cell: Cell, *, decimal_comma: bool = False) -> Amount | str:
    """The number in a cell, or (as text) the reason why it is none.

    `decimal_comma`: whether 1,5 is one and a half, and 1.234 more than a thousand.
    """
    if isinstance(cell, int):
        return Amount(cell) if abs(cell) <= _LARGEST_EXACT else TOO_LONG
    if isinstance(cell, float):
        if not np.isfinite(cell):
            return NOT_A_NUMBER
        return Amount(int(cell) if cell.is_integer() and abs(cell) <= _LARGEST_EXACT else cell)
    if not isinstance(cell, str):
        return NOT_A_NUMBER
    if _ERRORS.fullmatch(cell):
        return EXCEL_ERROR
    match = _AMOUNT.fullmatch(cell.translate(_MINUS))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return NOT_A_NUMBER
    signs = [sign for sign in (match["sign"], match["late"]) if sign]
    if len(signs) > 1 or (match["open"] and signs):
        return NOT_A_NUMBER
    digits = _digits(match["digits"], decimal_comma)
    if digits is None:
        comma = not decimal_comma and _WITH_COMMA.fullmatch(match["digits"])
        return DECIMAL_COMMA if comma else NOT_A_NUMBER
    value = _value(digits, match["power"] or "", negative=signs == ["-"] or bool(match["open"]))
    if isinstance(value, str):
        return value
    beside = (match["beside"] or "").strip()
    if beside and bool(match["percent"]) == ("%" in beside):
        return TWO_FIGURES  # of "12 (40)" nobody can say which is which
    words = (match["words"] or "").strip()
    multiple = words if match["currency"] and words.casefold() in _MULTIPLES else ""
    if multiple:
        value = _multiplied(value, _MULTIPLES[multiple.casefold()])
    return Amount(
        value,
        mark=(match["mark"] or "").strip(),
        beside=beside,
        percent=bool(match["percent"]),
        currency=(match["currency"] or "").strip().upper(),
        words="" if multiple else words or _said_besides(match),
        multiple=multiple,
        parted=len(digits) < len(match["digits"]),
        bracketed=bool(match["open"]),
    )


def _said_besides(match: re.Match[str]) -> str:
    """What is said of a figure besides its unit; "" for nothing."""
    return ABOUT if match["about"] else IN_BRACKETS if match["inside"] else ""


def _multiplied(value: int | float, by: int) -> int | float:
    """The number times a power of ten, without the last bits that a product of decimals adds."""
    product = round(value * by, 6)
    return int(product) if product == int(product) else product


def _digits(text: str, decimal_comma: bool) -> str | None:
    """The digits with a decimal point and without anything between thousands."""
    if match := _PARTED[decimal_comma].fullmatch(text):
        bare = text.replace(match[1], "")
        return bare.replace(",", ".") if decimal_comma else bare
    if decimal_comma:
        return text.replace(",", ".") if _WITH_COMMA.fullmatch(text) else None
    return text if _PLAIN.fullmatch(text) else None


def _value(digits: str, power: str, *, negative: bool) -> int | float | str:
    if not power and _WHOLE.fullmatch(digits):
        if len(digits) > _MOST_DIGITS or int(digits) > _LARGEST_EXACT:
            return TOO_LONG
        return -int(digits) if negative else int(digits)
    number = float(digits + power)
    if not np.isfinite(number):
        return TOO_LONG
    return -number if negative else number
