"""A column of numbers: what is a number, what is suppressed, what is missing. Never a guess."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from qieval.core.words import many
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.amounts import ABOUT, DECIMAL_COMMA, IN_BRACKETS, Amount, amount
from qieval.intake.reading.values.cells import Column, Converted
from qieval.intake.reading.values.suppression import (
    AT_LEAST,
    AT_MOST,
    SUPPRESSED,
    Bounds,
    bare,
    bounds_in,
)
from qieval.intake.tables.faults import row_numbers

_LIKE_A_MARK = "looks like a suppressed number"
_CODE = re.compile(r"0[0-9]+")
UNITS = frozenset(
    {
        *("day", "night", "hour", "hr", "minute", "min", "week", "month", "year", "bed"),
        *("people", "patient", "person", "staff", "wte", "fte", "visit", "contact", "bed day"),
    }
)
"""Words behind a figure that say what is counted, without the s of several."""
_WORDS_PASSED_OVER = UNITS | {ABOUT, IN_BRACKETS}
_MULTIPLES = frozenset({"k", "m", "mn", "bn", "b", "million", "thousand", "billion", "e"})


def numbers(column: Column, request: Request, *, named: bool) -> Converted:
    """A column of numbers.

    `request`: if it is not strict, bounds that nobody declared (``<10``) count as suppressed, and
    words behind a number are passed over where they are always the same. `named`: whether somebody
    said that it is a number; otherwise the hint says how to call it text.
    """
    withheld = _withheld(column, request.marks, request.strict)
    unavailable = [code for code in column.not_available() if code not in withheld]
    amounts: dict[int, Amount] = {}
    reasons: dict[int, str] = {}
    for code, cell in enumerate(column.different):
        if code in withheld or code in unavailable:
            continue
        number = amount(cell, decimal_comma=bool(request.decimal_comma))
        if isinstance(number, str):
            reasons[code] = number if bounds_in(cell) is None else _LIKE_A_MARK
        else:
            amounts[code] = number
    _refuse_words(amounts, reasons, request.strict)
    _refuse_mixtures(column, amounts, reasons)
    _refuse_percent_among_fractions(column, amounts, reasons)
    values = [
        amounts[code].value if code in amounts else None for code in range(len(column.different))
    ]
    converted = _spread(column, values)
    return Converted(
        converted,
        column.faults(
            reasons, lenient="missing", hint=_hint(column, named, reasons, request.marks)
        ),
        _notes(column, unavailable, withheld, amounts),
        blank=column.blank() + column.count(unavailable),
        suppressed=column.count(list(withheld)),
        beside=_bounds(column, converted, withheld, values),
    )


def look_like_numbers(
    column: Column, marks: Mapping[str, Bounds], *, decimal_comma: bool = False
) -> bool:
    """Whether at least half of the cells that hold something are numbers.

    Marks of suppressed numbers speak neither for nor against it; a code with a leading zero
    (``007``) speaks for text, because a number would lose its zeros.
    """
    if column.which(lambda cell: isinstance(cell, str) and bool(_CODE.fullmatch(cell))):
        return False
    passed_over = {
        *column.which(lambda cell: isinstance(cell, str) and bare(cell) in marks),
        *column.which(lambda cell: bounds_in(cell) is not None),
        *column.not_available(),
    }
    speaking = [code for code in range(len(column.different)) if code not in passed_over]

    def is_number(code: int) -> bool:
        number = amount(column.different[code], decimal_comma=decimal_comma)
        words = number.words.casefold().rstrip("s.") if isinstance(number, Amount) else ""
        return isinstance(number, Amount) and (not words or words in _WORDS_PASSED_OVER)

    are = [code for code in speaking if is_number(code)]
    if not speaking:  # nothing but <5 and the like: numbers, all of them withheld
        found = [bounds for cell in column.different if (bounds := bounds_in(cell)) is not None]
        return bool(found) and not _are_bands({one.inclusive(whole=True) for one in found})
    return bool(are) and 2 * column.count(are) >= column.count(speaking)


def _are_bands(found: Collection[tuple[float, float]]) -> bool:
    """Whether bounds follow one another, as bands of age do: 18-64 and 65+ are no figures."""
    ordered = sorted(found)
    return len(ordered) > 1 and all(one[1] < two[0] for one, two in pairwise(ordered))


def _withheld(column: Column, marks: Mapping[str, Bounds], strict: bool) -> dict[int, Bounds]:
    withheld: dict[int, Bounds] = {}
    for code, cell in enumerate(column.different):
        if not isinstance(cell, str):
            continue
        bounds = marks.get(bare(cell))
        bounds = bounds_in(cell) if bounds is None and not strict else bounds
        if bounds is not None:
            withheld[code] = bounds
    return withheld


def _refuse_words(amounts: dict[int, Amount], reasons: dict[int, str], strict: bool) -> None:
    """Numbers with words behind them are none, unless the words are the same everywhere."""
    worded = {code: said for code, said in amounts.items() if said.words}
    different = {said.words.casefold().rstrip("s.") for said in worded.values()}
    same = len(different) == 1 and not different & _MULTIPLES
    everywhere = same and bool(different & UNITS) and len(worded) == len(amounts)
    if worded and not everywhere and (strict or not same):
        for code in worded:
            del amounts[code]
            about = worded[code].words == ABOUT
            reasons[code] = "is about a number" if about else "has words behind the number"


def _refuse_mixtures(column: Column, amounts: dict[int, Amount], reasons: dict[int, str]) -> None:
    """A column is in percent, or in one currency, or in neither: the fewer cells are faults."""
    sides: tuple[tuple[Callable[[Amount], str], str], ...] = (
        (lambda said: "%" if said.percent else "", "percent sign"),
        (lambda said: said.currency, "sign of a currency"),
    )
    for sign_of, what in sides:
        signs: dict[str, list[int]] = {}
        for code, said in amounts.items():
            if said.value != 0 or sign_of(said):  # 0 is 0 in any unit
                signs.setdefault(sign_of(said), []).append(code)
        if len(signs) < 2:
            continue
        usual = max(signs, key=lambda sign: column.count(signs[sign]))
        for sign, codes in signs.items():
            for code in codes if sign != usual else ():
                has = f"has the {what} `{sign}`" if sign else f"has no {what}"
                reasons[code] = f"{has}, unlike most of the column"
                del amounts[code]


_FEWEST_FRACTIONS = 2


def _refuse_percent_among_fractions(
    column: Column, amounts: dict[int, Amount], reasons: dict[int, str]
) -> None:
    """0.95, 0.92, 95: the fewer cells, a hundred times the others or a hundredth, are faults."""
    known = {c: float(said.value) for c, said in amounts.items() if said.value > 0}
    fractions = {code: value for code, value in known.items() if value <= 1}
    others = {code: 100 * value for code, value in fractions.items()}
    percents = {code: value for code, value in known.items() if value > 1}
    if not percents or any(value % 1 == 0 for value in fractions.values() if value < 1):
        return
    if not fractions or max(percents.values()) > 100 or min(percents.values()) < 5:
        return
    few, many_ = sorted((fractions, percents), key=lambda side: column.count(list(side)))
    if column.count(list(many_)) < _FEWEST_FRACTIONS or 2 * column.count(list(few)) > column.count(
        list(many_)
    ) + (len(few) == 1):
        return
    as_percent = many_ if many_ is percents else others
    low, high = min(as_percent.values()) / 2, max(as_percent.values()) * 1.5
    seen = others if few is fractions else percents
    gap = min(percents.values()) / max(fractions.values())
    if gap < 10 or not all(low <= seen[code] <= high for code in few):
        return
    for code in few:
        what = "a fraction among percents" if few is fractions else "percent among fractions"
        reasons[code] = f"is {what}, so it seems: a hundred times smaller or larger than the others"
        del amounts[code]


def _spread(column: Column, values: list[int | float | None]) -> pd.Series:
    """Whole numbers as such when none is missing, otherwise with decimals (missing: NaN)."""
    whole = all(isinstance(value, int) for value in values) and bool(values)
    if whole and not column.blank():
        return column.take(values, 0, "int64")
    floats = [np.nan if value is None else float(value) for value in values]
    return column.take(floats, np.nan, "float64")


def _bounds(
    column: Column,
    converted: pd.Series,
    withheld: dict[int, Bounds],
    values: list[int | float | None],
) -> dict[str, pd.Series]:
    """Columns with the lowest and highest possible number, where a mark says them."""
    if all(said == Bounds() for said in withheld.values()):
        return {}
    whole = all(isinstance(value, int) for value in values if value is not None)
    low, high = converted.astype("float64"), converted.astype("float64")
    for code, said in withheld.items():
        at = column.codes == code
        low[at], high[at] = said.inclusive(whole=whole)
    return {f"{column.name}_{AT_LEAST}": low, f"{column.name}_{AT_MOST}": high}


def _notes(
    column: Column, unavailable: list[int], withheld: dict[int, Bounds], amounts: dict[int, Amount]
) -> list[str]:
    name = column.heading
    notes = []
    if blank := column.blank():
        where = row_numbers(column.where([-1]), most=5)
        notes.append(f"`{name}`: {many(blank, 'blank cell')}, taken as missing ({where}).")
    notes += column.unavailable_noted(unavailable, "missing")
    if withheld:
        words = ", ".join(f"`{column.different[code]}`" for code in withheld)
        bounded = any(said != Bounds() for said in withheld.values())
        notes.append(
            f"`{name}`: {many(column.count(list(withheld)), 'suppressed cell')} ({words}), taken "
            "as missing, never as 0"
            + (
                f"; `{column.name}_{AT_LEAST}` and `{column.name}_{AT_MOST}` hold their bounds."
                if bounded
                else "."
            )
        )
    return [*notes, *_styles_noted(column, amounts)]


def _styles_noted(column: Column, amounts: dict[int, Amount]) -> list[str]:
    """How numbers were written, where that is more than digits."""
    name = column.heading

    def cells(is_so: Callable[[Amount], bool]) -> str:
        codes = [code for code, said in amounts.items() if is_so(said)]
        return many(column.count(codes), "cell") if codes else ""

    notes = []
    if parted := cells(lambda said: said.parted):
        notes.append(f"`{name}`: thousands separators were taken out of {parted}.")
    if cells(lambda said: said.percent):
        notes.append(f"`{name}`: figures are percent: 45% was read as 45, not as 0.45.")
    if currencies := sorted({said.currency for said in amounts.values() if said.currency}):
        notes.append(f"`{name}`: figures are in {currencies[0]}; the sign was taken off.")
    if multiplied := cells(lambda said: bool(said.multiple)):
        notes.append(f"`{name}`: {multiplied} with k, m or the like, read in full: £12k is 12,000.")
    marks = {said.mark for said in amounts.values() if said.mark}
    if marked := cells(lambda said: bool(said.mark)):
        notes.append(
            f"`{name}`: publishers' marks ({', '.join(sorted(marks))}) were taken off {marked}."
        )
    if beside := cells(lambda said: bool(said.beside)):
        notes.append(
            f"`{name}`: {beside} with a second figure in brackets, which was not read; percent and "
            "figure were told apart by the sign."
        )
    if brackets := cells(lambda said: said.bracketed):
        notes.append(f"`{name}`: {brackets} in brackets, read as minus: (12) is −12.")
    if worded := cells(lambda said: bool(said.words)):
        words = next(said.words for said in amounts.values() if said.words)
        what = "what stands" if words == IN_BRACKETS else "the word"
        quoted = words if words == IN_BRACKETS else f"`{words}`"
        notes.append(f"`{name}`: {what} {quoted} was taken off {worded}.")
    return notes


def _hint(
    column: Column, named: bool, reasons: Mapping[int, str], marks: Mapping[str, Bounds]
) -> str:
    if not column.may_show:
        return ""
    new = [str(column.different[code]) for code, says in reasons.items() if says == _LIKE_A_MARK]
    hints = ["If a mark means a suppressed number, add it to `suppressed`."]
    if new:
        usual = {bare(mark) for mark in SUPPRESSED} == set(marks)
        line = json.dumps([*(SUPPRESSED if usual else marks), *new], ensure_ascii=False)
        hints = [f"If these are suppressed numbers, set `suppressed: {line}`."]
    if DECIMAL_COMMA in reasons.values():
        hints.append("If commas stand before decimals, set `decimal_comma: true`.")
    if not named:
        hints.append(
            f"If `{column.heading}` is no number, call it `unit`, `ward` or `team` in `columns`."
        )
    return " ".join(hints)
