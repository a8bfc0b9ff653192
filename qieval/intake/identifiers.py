"""Privacy at the door: columns and cells that tell who somebody is, found by name and by content.

What is found is told by column and count, never by value. NHS and CHI numbers are ten digits, the
last a check digit (modulus 11; NHS Data Dictionary, NHS NUMBER), which one in eleven random numbers
passes: so it takes most numbers of a column, or a heading, to call a column by that name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from nhs_number.constants import REGION_SCOTLAND
from nhs_number.validate import is_valid

from qieval.core.errors import ParameterError
from qieval.core.yaml_files import Places

NHS, CHI, HOSPITAL = "NHS numbers", "CHI numbers", "hospital numbers"
POSTCODES, BIRTH, EMAIL = "postcodes", "dates of birth", "e-mail addresses"
INSURANCE = "National Insurance numbers"
PHONE, ADDRESSES, NAMES, TITLED = "phone numbers", "addresses", "names", "names with a title"

HEADINGS: dict[str, re.Pattern[str]] = {
    what: re.compile(pattern)
    for what, pattern in {
        NHS: r"\bnhs ?(number|num|no|nr|id)\b|^nhs$",
        CHI: r"\bchi\b",
        HOSPITAL: r"\bhospital (number|num|no)\b|\bmrn\b|\bhadm\b|\bsubject ?id\b"
        r"|\b(patient|client|pas|local patient) ?(id|number|no|ref|reference|identifier|key)\b",
        BIRTH: r"\bdate of birth\b|\bbirth ?(date|day)\b|\bdo ?b\b|\bd o b\b|\bborn\b",
        POSTCODES: r"\bpost ?code\b",
        EMAIL: r"\be ?mail\b",
        PHONE: r"\b(tele)?phone\b|\bmobile\b|\btel\b",
        ADDRESSES: r"\baddress\b|\bstreet\b",
        NAMES: r"\bsurname\b|\bfore ?names?\b|\binitials\b"
        r"|\b(first|last|full|family|given|middle|patient|client|person|service user|carer)"
        r" ?names?\b",
    }.items()
}
"""Headings, in small letters with single spaces, that say what a column holds."""

_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E "
    "EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL "
    "LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM "
    "SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
"""Where postcodes begin: those in small letters are told from codes and drawings by it."""
_INWARD = r"\d[ABD-HJLNP-UW-Z]{2}"
_POSTCODE = rf"(?:GIR ?0AA|[A-Z]{{1,2}}\d[A-Z\d]? ?{_INWARD})"

IN_TEXT: dict[str, str] = {
    EMAIL: r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}",
    BIRTH: r"(?i:\b(?:dob|d\.o\.b\.?|born|date of birth)\W{0,3}(?:on )?"
    r"(?:\d{1,4}[/. -]\d{1,2}[/. -]\d{2,4}|\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9},? \d{4}))",
    # The first group has three digits or more: 01-02-2024 12:30 is a moment.
    PHONE: r"(?:\+44[ -]?(?:\(0\))?[1-9]\d|\b0[1-9]\d)(?:[ -]?\d){7,8}\b",
    NHS: r"\b(?:\d{3} \d{3} \d{4}|\d{3}[-‑–./_]\d{3}[-‑–./_]\d{4}|\d{10})\b",
    POSTCODES: rf"\b{_POSTCODE}\b|(?i:\b(?:{_AREAS.replace(' ', '|')})\d[A-Z\d]? {_INWARD}\b)",
    INSURANCE: r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]\b",
    TITLED: r"\b(?:Mr|Mrs|Miss|Ms|Mx|Dr)\.? (?:[A-Z]\.? ?){0,2}[A-Z][a-z]+\b"
    r"|\b(?:MR|MRS)\.? [A-Z]{3,}\b",
}
"""What a piece of text looks like; both pyarrow's RE2 and Python read these patterns."""

INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
"""Soft hyphens and spaces without width: a reader does not see that they break a number."""

_ANY = "|".join(f"(?:{pattern})" for pattern in IN_TEXT.values())
_PATTERNS = {what: re.compile(pattern) for what, pattern in IN_TEXT.items()}
_DECIMALS = re.compile(r"\d\.$")
_TEN_DIGITS = r"^(?:\d{3} \d{3} \d{4}|\d{3}-\d{3}-\d{4}|\d{10})$"
_WHOLE = {
    EMAIL: rf"^{IN_TEXT[EMAIL]}$",
    POSTCODES: rf"(?i)^{_POSTCODE}$",
    PHONE: r"^\(?(?:\+44[ -]?(?:\(0\))?|0)[1-9]\d(?:[ ()-]{0,2}\d){7,8}$",
}
_LONGEST_HEADING = 5
_SAMPLE = 1000
_FEWEST = 3
_SHARE_VALID = 0.75
"""Of three numbers by chance, all pass in 1 of 1,331 columns; of more, three quarters in fewer."""


@dataclass(frozen=True)
class Found:
    """Identifiers in one column."""

    column: str  # its heading in the file
    what: str  # what they are: "NHS numbers"
    cells: int  # how many cells hold one
    # Whether the column is made of them; otherwise they stand in some cells, or in their text.
    whole: bool


def named(heading: str) -> str | None:
    """What a heading says of its column: "postcodes" for `PostCode`; None if no identifier.

    A heading of many words is a question of a survey, and its cells are answers.
    """
    text = plain(heading)
    if len(text.split()) > _LONGEST_HEADING:
        return None
    return next((what for what, pattern in HEADINGS.items() if pattern.search(text)), None)


@lru_cache(maxsize=10_000)  # a table of 50,000 headings does not stay
def plain(heading: str) -> str:
    """A heading in small letters and single spaces: "date of birth" for `DateOf_Birth`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    return " ".join(re.sub(r"[\W_]+", " ", spaced).lower().split())


def find(cells: pd.DataFrame, *, people: bool) -> list[Found]:
    """Identifiers in any column of a table, by its name and by what its cells hold.

    `people`: whether each row is about one person. Then a heading such as `Patient name` or `MRN`
    is enough; elsewhere `Patient number` may be a count, and the cells must look the part.
    """
    found: list[Found] = []
    for heading in map(str, cells.columns):
        found += _in_column(cells[heading].to_numpy(dtype=object), heading, people)
    return found


def mask(text: str) -> str:
    """A text with what could tell who somebody is replaced by what it was: "[postcode]"."""
    text = text.translate(INVISIBLE)
    for what, pattern in _PATTERNS.items():
        if what == NHS:
            text = pattern.sub(_masked_number, text)
        else:
            text = pattern.sub(f"[{_one(what)}]", text)
    return text


def spans(text: str) -> dict[str, list[tuple[int, int]]]:
    """Where a text holds what could tell who somebody is: kind → start and end of each.

    Digits behind a decimal point are part of a number. Places are those of the text without its
    characters that cannot be seen.
    """
    text = text.translate(INVISIBLE)
    found = {
        what: [
            match.span()
            for match in pattern.finditer(text)
            if (what != NHS or _passes(match.group()))
            and not (
                what in (NHS, PHONE)
                and _DECIMALS.search(text[max(match.start() - 2, 0) : match.start()])
            )
        ]
        for what, pattern in _PATTERNS.items()
    }
    return {what: places for what, places in found.items() if places}


def refuse_in(values: Mapping[str, Any], places: Places) -> None:
    """Refuse identifiers among parameters: they stand on pages, in notebooks, logs and records.

    NHS numbers and dates of birth are looked for everywhere; below `where`, which chooses rows,
    headings of identifiers, postcodes and e-mail addresses too.

    Raises
    ------
    ParameterError
        With file and line; what stands there is not repeated.
    """
    for steps, value in leaves(values):
        text = f"{value:010d}" if type(value) is int and 10**8 <= value < 10**10 else str(value)
        held, chooses = _kinds_in(text), "where" in steps[:-1]
        what = next((kind for kind in (NHS, BIRTH) if kind in held), None)
        if what is None and chooses:
            what = named(str(steps[-1])) or next(iter(held), None)
        if what:
            raise ParameterError(
                f"This parameter holds what tells who or where somebody is: {what}.",
                remedy="Choose rows by what does not, such as a ward or a period; or take the rows "
                "out of the file.",
                where=places.of(*steps),
            )


@lru_cache(maxsize=8192)  # the files of programme and project are read for every evaluation
def _kinds_in(text: str) -> tuple[str, ...]:
    return tuple(spans(text))


def leaves(value: Any, *steps: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every single value below a value, and what leads to it."""
    open_ones: list[tuple[tuple[str | int, ...], Any]] = [(steps, value)]
    while open_ones:
        way, one = open_ones.pop()
        if isinstance(one, str):  # nearly all are, and asking for a mapping is slow
            yield way, one
        elif isinstance(one, Mapping):
            open_ones += [((*way, str(key)), item) for key, item in reversed([*one.items()])]
        elif isinstance(one, list):
            open_ones += [((*way, at), one[at]) for at in reversed(range(len(one)))]
        else:
            yield way, one


def _masked_number(match: re.Match[str]) -> str:
    return f"[{_one(NHS)}]" if _passes(match.group()) else match.group()


def _one(what: str) -> str:
    return {TITLED: "name", BIRTH: "date of birth", EMAIL: "e-mail address"}.get(what, what[:-1])


def _in_column(cells: np.ndarray, heading: str, people: bool) -> list[Found]:
    texts, ten_digits, filled, dates = _looked_at(cells)
    if not filled:
        return []
    says = named(heading)
    alone = _alone(texts, ten_digits, says)
    for what, count in alone.items():
        if 2 * count > filled:
            return [Found(heading, what, count, whole=True)]
    if says and _fits(says, texts, len(ten_digits), dates, people):
        return [Found(heading, says, filled, whole=True)]
    return [
        Found(heading, what, count, whole=False)
        for what, count in _within(texts, alone).items()
        if count
    ]


def _alone(texts: pa.StringArray, ten_digits: pa.StringArray, says: str | None) -> dict[str, int]:
    """How many cells are an identifier and nothing else, for kinds that are no mere codes here."""
    alone = {}
    if what := _numbers_of(ten_digits, says):
        alone[what] = len(ten_digits)
    for what, pattern in _WHOLE.items():
        like = texts.filter(pc.match_substring_regex(texts, pattern))
        certain = what == EMAIL or says == what  # no code looks like an e-mail address
        if len(like) and (certain or pc.count_distinct(like).as_py() >= _FEWEST):
            alone[what] = len(like)
    return alone


def _looked_at(cells: np.ndarray) -> tuple[pa.StringArray, pa.StringArray, int, int]:
    """Texts; those and whole numbers that have ten digits; how many cells are filled, are dates."""
    cells = cells[pd.notna(cells)]
    if pd.api.types.infer_dtype(cells) == "string":
        texts, rest = pa.array(cells, type=pa.string()), cells[:0]
    else:
        is_text = np.fromiter((type(cell) is str for cell in cells), bool, len(cells))
        texts, rest = pa.array(cells[is_text], type=pa.string()), cells[~is_text]
    dates = sum(isinstance(cell, dt.date) for cell in rest)
    whole = [
        f"{int(cell):010d}"
        for cell in rest
        # Excel takes the first zero of a CHI number away.
        if isinstance(cell, int | float) and 10**8 <= cell < 10**10 and cell == int(cell)
    ]
    typed = texts.filter(pc.match_substring_regex(texts, _TEN_DIGITS))
    ten_digits = pa.concat_arrays([typed, pa.array(whole, type=pa.string())])
    return texts, ten_digits, len(texts) + len(rest), dates


def _numbers_of(ten_digits: pa.StringArray, says: str | None) -> str | None:
    """Whether numbers of ten digits are NHS or CHI numbers, by their check digits."""
    if not len(ten_digits):
        return None
    distinct = pc.unique(ten_digits)
    step = -(-len(distinct) // _SAMPLE)
    sample = distinct.take(pa.array(range(0, len(distinct), step))).to_pylist()
    valid = [number for number in sample if _passes(number)]
    spaced = [number for number in valid if not number.isdigit()]
    enough = (
        says in (NHS, CHI)
        or (len(sample) >= _FEWEST and len(valid) >= _SHARE_VALID * len(sample))
        or (len(sample) < _FEWEST and len(spaced) == len(sample))
    )
    if not enough:
        return None
    chi = [is_valid(number, REGION_SCOTLAND) for number in valid]
    return CHI if says == CHI or 2 * sum(chi) > max(len(valid), 1) else NHS


def _passes(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return len(set(digits)) > 1 and is_valid(digits)


def _within(texts: pa.StringArray, alone: dict[str, int]) -> dict[str, int]:
    """How many cells hold an identifier, in their text or `alone`."""
    some = texts.filter(pc.match_substring_regex(texts, _ANY))
    found = dict(alone)
    for what, pattern in IN_TEXT.items():
        like = some.filter(pc.match_substring_regex(some, pattern))
        if only := _WHOLE.get(what, _TEN_DIGITS if what == NHS else None):
            like = like.filter(pc.invert(pc.match_substring_regex(like, only)))
        count = len(like)
        if what == NHS:
            numbers = _PATTERNS[NHS]
            count = sum(any(map(_passes, numbers.findall(text))) for text in like.to_pylist())
        found[what] = found.get(what, 0) + count
    return found


def _fits(says: str, texts: pa.StringArray, ten_digits: int, dates: int, people: bool) -> bool:
    """Whether a column may hold what its heading says."""
    if people and says in (HOSPITAL, BIRTH, NAMES, ADDRESSES):
        return True
    if (ten_digits and says == PHONE) or (dates and says == BIRTH):
        return True
    looks = {
        NHS: r"\d{9}",
        CHI: r"\d{9}",
        POSTCODES: _WHOLE[POSTCODES],
        EMAIL: "@",
        PHONE: r"(?:\d[ ()-]{0,2}){9}",
        BIRTH: r"\d[/. -]\d|^\d{8}$",
        NAMES: "[A-Za-z]{2}",
        ADDRESSES: "[A-Za-z]{2}",
    }
    return says in looks and pc.any(pc.match_substring_regex(texts, looks[says])).as_py() is True
