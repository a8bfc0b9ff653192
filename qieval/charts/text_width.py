"""How much room words take in a figure, and how they are folded to fit it."""

from __future__ import annotations

from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

FONT = "DejaVu Sans"
LABEL = 8.5
"""Size of the words beside lines and marks, in points."""
LABEL_LINE = 10.5
"""Points from one line of a label to the next."""


@cache
def _font_file(bold: bool) -> str:
    return findfont(FontProperties(family=FONT, weight="bold" if bold else "normal"))


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Inches that the longest line of a text takes."""
    font = get_font(_font_file(bold))
    font.set_size(size, 72)
    widest = 0.0
    for line in text.split("\n"):
        font.set_text(line, 0.0, flags=LoadFlags.NO_HINTING)
        widest = max(widest, font.get_width_height()[0] / 64 / 72)
    return 1.05 * widest  # whole pixels round letters up


def fold(text: str, size: float, inches: float, *, bold: bool = False) -> list[str]:
    """The lines of a text that fit a width; a word that is too long by itself is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= inches:
            lines[-1] = longer
            continue
        while len(word) > 1 and width_of(word, size, bold=bold) > inches:
            lengths = range(len(word) - 1, 1, -1)
            fits = (n for n in lengths if width_of(word[:n], size, bold=bold) <= inches)
            first = next(fits, 1)
            lines.append(word[:first])
            word = word[first:]
        lines.append(word)
    return lines


def shorten(text: str, size: float, inches: float, *, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis, in one line that fits a width."""
    if width_of(text, size, bold=bold) <= inches:
        return text
    return f"{fold(text, size, inches - width_of(' …', size, bold=bold), bold=bold)[0]} …"
