"""How much room words take in a figure, and how they are folded to fit it.

Words are measured in a font of our own that is as wide as Arial, Helvetica and Liberation Sans,
letter by letter: the fonts in which readers see figures (docs/decisions/0010). It comes with the
package, so that every computer lays a figure out alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import fontManager, get_font
from matplotlib.ft2font import LoadFlags

FONTS = ["Qieval Sans", "DejaVu Sans"]
"""The second, which comes with matplotlib, has what the first lacks, such as Arabic letters."""
LABEL = 8.5
"""Size of the words beside lines and marks, in points."""
LABEL_LINE = 10.5
"""Points from one line of a label to the next."""
_SLACK = {False: 1.05, True: 1.1}
"""Regular and bold: a picture of pixels rounds letters up to whole ones and has wider lines."""

_OURS = Path(__file__).parent / "fonts"
_THEIRS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_FILES = {
    False: (_OURS / "QievalSans-Regular.ttf", _THEIRS / "DejaVuSans.ttf"),
    True: (_OURS / "QievalSans-Bold.ttf", _THEIRS / "DejaVuSans-Bold.ttf"),
}
for _file, _ in _FILES.values():
    fontManager.addfont(_file)


@lru_cache(maxsize=4096)
def _letter(letter: str, bold: bool) -> float:
    """Width of a letter as a share of the font's size; in neither font, it is taken for square."""
    for file in _FILES[bold]:
        font = get_font(file)
        if font.get_char_index(ord(letter)):
            font.set_size(100, 72)
            glyph = font.load_char(ord(letter), LoadFlags.NO_HINTING)
            return float(glyph.linearHoriAdvance) / 65536 / 100
    return 1.0


@lru_cache(maxsize=4096)
def line_width(line: str, size: float, *, bold: bool = False) -> float:
    """Points that the letters of one line take."""
    return size * sum(_letter(letter, bold) for letter in line)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Inches to keep free for a text: its longest line, and a little."""
    widest = max(line_width(line, size, bold=bold) for line in text.split("\n"))
    return _SLACK[bold] * widest / 72


def fold(text: str, size: float, inches: float, *, bold: bool = False) -> list[str]:
    """The lines of a text that fit a width; a word that is too long by itself is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= inches:
            lines[-1] = longer
            continue
        lines += _pieces(word, size, inches, bold)
    return lines


def _pieces(word: str, size: float, inches: float, bold: bool) -> list[str]:
    """A word in pieces that fit a width, each letter looked at once however long the word is."""
    pieces, begin, wide = [], 0, 0.0
    for at, letter in enumerate(word):
        wide += _letter(letter, bold)
        if at > begin and _SLACK[bold] * (size * wide) / 72 > inches:
            pieces.append(word[begin:at])
            begin, wide = at, _letter(letter, bold)
    return [*pieces, word[begin:]]


def shorten_apart(names: Sequence[str], size: float, inches: float) -> list[str]:
    """Names that fit a width: shortened, from where they differ if their beginnings do not."""
    short = [shorten(name, size, inches) for name in names]
    apart = []
    for name, text in zip(names, short, strict=True):
        alike = [other for other in dict.fromkeys(names) if shorten(other, size, inches) == text]
        if len(alike) > 1:
            shared = max(_shared(name, other) for other in alike if other != name)
            # From the word before the difference on, so that a number keeps what it numbers.
            start = name.rfind(" ", 0, name.rfind(" ", 0, shared + 1)) + 1
            text = shorten(f"… {name[start:]}", size, inches)
        apart.append(text)
    return apart


def _shared(one: str, other: str) -> int:
    """Letters that two names have in common from their beginnings on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def shorten(text: str, size: float, inches: float, *, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis, in one line that fits a width."""
    if width_of(text, size, bold=bold) <= inches:
        return text
    return f"{fold(text, size, inches - width_of(' …', size, bold=bold), bold=bold)[0]} …"
