"""Number cells: plain numbers, thousands commas, marks for suppressed numbers. Never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from qieval.intake.reading.cells import Column, Converted
from qieval.intake.reading.raw import Cell
from qieval.intake.tables.faults import many, row_numbers

SUPPRESSED = ("*", "<5", "fewer than 5", "-", "c")
"""Marks that stand where a small number was withheld. Capitals and blanks make no difference."""

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_CODE = re.compile(r"0\d+")
_WHOLE = re.compile(r"[+-]?\d+")
_LARGEST_EXACT = 2**53
_MOST_DIGITS = 30

_NOT_A_NUMBER = "is not a number"
_TOO_LONG = "has more digits than a number can hold exactly"


def numbers(column: Column, suppressed: Iterable[str], *, named: bool) -> Converted:
    """A column of numbers.

    Parameters
    ----------
    column : Column
        The raw cells.
    suppressed : iterable of str
        Marks that mean a suppressed number.
    named : bool
        Whether somebody said that it is a number; otherwise the hint says how to call it text.
    """
    marks = column.which(_is_mark(suppressed))
    unavailable = [code for code in column.not_available() if code not in marks]
    values: list[int | float | None] = []
    reasons: dict[int, str] = {}
    for code, cell in enumerate(column.different):
        value = None if code in (*marks, *unavailable) else _number(cell)
        if isinstance(value, str):
            reasons[code] = value
        values.append(None if isinstance(value, str) else value)
    hint = _hint(column, named)
    return Converted(
        _spread(column, values),
        column.faults(reasons, lenient="missing", hint=hint),
        _notes(column, unavailable, marks),
        blank=column.blank() + column.count(unavailable),
        suppressed=column.count(marks),
    )


def look_like_numbers(column: Column, suppressed: Iterable[str]) -> bool:
    """Whether at least half of the cells that hold something are numbers.

    Marks of suppressed numbers speak neither for nor against it; a code with a leading zero
    (``007``) speaks for text, because a number would lose its zeros.
    """
    if column.which(lambda cell: isinstance(cell, str) and bool(_CODE.fullmatch(cell))):
        return False
    passed_over = {*column.which(_is_mark(suppressed)), *column.not_available()}
    speaking = [code for code in range(len(column.different)) if code not in passed_over]
    are = [code for code in speaking if not isinstance(_number(column.different[code]), str)]
    return bool(are) and 2 * column.count(are) >= column.count(speaking)


def _is_mark(suppressed: Iterable[str]) -> Callable[[Cell], bool]:
    known = {_bare(mark) for mark in suppressed}
    return lambda cell: isinstance(cell, str) and _bare(cell) in known


def _bare(text: str) -> str:
    return "".join(str(text).casefold().split())


def _number(cell: Cell) -> int | float | str:
    """The number, or (as text) the reason why it is none."""
    if isinstance(cell, int):
        return cell if abs(cell) <= _LARGEST_EXACT else _TOO_LONG
    if isinstance(cell, float):
        if not np.isfinite(cell):
            return _NOT_A_NUMBER
        return int(cell) if cell.is_integer() and abs(cell) <= _LARGEST_EXACT else cell
    if not isinstance(cell, str):
        return _NOT_A_NUMBER
    text = cell.replace("\u2212", "-")  # a typographer's minus
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not text.isascii() or not _PLAIN.fullmatch(text):
        return _NOT_A_NUMBER
    if _WHOLE.fullmatch(text):
        value = int(text) if len(text) <= _MOST_DIGITS else _LARGEST_EXACT + 1
        return value if abs(value) <= _LARGEST_EXACT else _TOO_LONG
    number = float(text)
    return number if np.isfinite(number) else _TOO_LONG


def _spread(column: Column, values: list[int | float | None]) -> pd.Series:
    """Whole numbers as such when none is missing, otherwise with decimals (missing: NaN)."""
    whole = all(isinstance(value, int) for value in values) and bool(values)
    if whole and not column.blank():
        return column.take(values, 0, "int64")
    floats = [np.nan if value is None else float(value) for value in values]
    return column.take(floats, np.nan, "float64")


def _notes(column: Column, unavailable: list[int], marks: list[int]) -> list[str]:
    name = column.heading
    notes = []
    if blank := column.blank():
        where = row_numbers(column.where([-1]), most=5)
        notes.append(f"`{name}`: {many(blank, 'blank cell')}, taken as missing ({where}).")
    if unavailable:
        words = ", ".join(sorted({str(column.different[code]) for code in unavailable}))
        notes.append(
            f"`{name}`: {many(column.count(unavailable), 'cell')} with {words}, taken as missing "
            f"({row_numbers(column.where(unavailable), most=5)})."
        )
    if marks:
        words = ", ".join(f"`{column.different[code]}`" for code in marks)
        notes.append(
            f"`{name}`: {many(column.count(marks), 'suppressed cell')} ({words}), taken as "
            "missing, never as 0."
        )
    commas = column.which(lambda cell: isinstance(cell, str) and bool(_THOUSANDS.fullmatch(cell)))
    if commas:
        notes.append(
            f"`{name}`: thousands commas were taken out of {many(column.count(commas), 'cell')}."
        )
    return notes


def _hint(column: Column, named: bool) -> str:
    if not column.shown:
        return ""
    hint = "If a mark means a suppressed number, add it to `suppressed`."
    if named:
        return hint
    return (
        f"{hint} If `{column.heading}` is no number, call it `unit`, `ward` or `team` in `columns`."
    )
