"""What a cell shows by its format: codes with leading zeros, percent, superscript marks."""

from __future__ import annotations

import re
from collections.abc import Sized

_ZEROS = re.compile(r"0{2,10}")
# A quoted or escaped percent sign is a word of the format, and does not multiply.
_PERCENT = re.compile(r'(?:[^"\\%]|"[^"]*"|\\.)*%.*', re.DOTALL)


def as_code(number: float, number_format: str) -> str | None:
    """The digits with their leading zeros, of a format such as ``00000``; else None."""
    if not _ZEROS.fullmatch(number_format) or number < 0 or not float(number).is_integer():
        return None
    return str(int(number)).zfill(len(number_format))


def as_percent(number: float, number_format: str) -> str | None:
    """The percent that 0.886 is shown as, in full (``88.6%``); None of other formats."""
    return in_percent(number) if _PERCENT.fullmatch(number_format) else None


def in_percent(number: float) -> str:
    """A fraction in percent: 0.886 as ``88.6%``."""
    return f"{number * 100:.12g}%"


def notes_of(codes: Sized, marked: Sized) -> tuple[str, ...]:
    """What is said of cells read as codes, and of superscript marks that were not read."""
    counted = (
        (codes, "{} cells show leading zeros and were read as codes."),
        (marked, "Superscript marks behind text were not read: {} in all."),
    )
    return tuple(words.format(f"{len(cells):,}") for cells, words in counted if len(cells))
