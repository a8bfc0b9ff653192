"""A finished page as its readers have it: sentences, table rows, labels, attributes, drawings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from qieval.share.drawings import Drawing, corners, number_in

SENTENCE, ROW, ALT, ATTRIBUTE, LABEL = (
    "a sentence",
    "a row of a table",
    "an alt text",
    "an attribute",
    "a label of a figure",
)

_INLINE_TAGS = """
a abbr b bdi br cite code em i mark q s small span strong sub sup time tspan u var
"""
_INLINE = frozenset(_INLINE_TAGS.split())
_VOID_TAGS = """
area base br col embed hr img input link meta source track wbr
"""
_VOID = frozenset(_VOID_TAGS.split())
_NO_WORDS = frozenset(("style",))
_ALTS = frozenset(("alt", "aria-label", "aria-description", "title"))
_OF_FORM = """
class style id href src d x y x1 x2 y1 y2 cx cy r rx ry width height viewbox points transform
textlength colspan rowspan clip-path xmlns charset role scope for name rel lang dir type tabindex
fill stroke font-size http-equiv
"""
_NO_NUMBERS = frozenset(_OF_FORM.split())
"""Attributes that hold places, styles and addresses."""

_ENDS = re.compile(r"(?<=[.!?;])\s+")
_CLIP = re.compile(r"url\(#?['\"]?#?([^)'\"]+)")


@dataclass
class Unit:
    """Words that belong together.

    Attributes
    ----------
    kind : str
        What they are: a sentence, a row of a table, an alt text.
    text : str
    links : tuple of str
        Where the links among them lead.
    cells : tuple of (str, str)
        Of a row of a table, heads and cells.
    """

    kind: str
    text: str
    links: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()


@dataclass
class PageWords:
    """Everything that a file says, and its drawings."""

    units: list[Unit] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)


def words_of_page(html: str) -> PageWords:
    """What a page says: its text, its attributes, its figures."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_of_words()
    return reader.found


def words_of_csv(text: str) -> PageWords:
    """What a CSV file says, row by row."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    heads = rows[0] if rows else []
    units = [
        Unit(ROW, " ".join(row), cells=tuple(zip(heads, row, strict=False))) for row in rows[1:]
    ]
    return PageWords(units)


class _Reader(HTMLParser):
    """Goes through a page once, from its first letter to its last."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = PageWords()
        self._words: list[str] = []
        self._links: list[str] = []
        self._silent = 0
        self._row: list[str] | None = None
        self._row_links: list[str] = []
        self._heads: list[str] = []
        self._caption = ""
        self._drawing: Drawing | None = None
        self._groups: list[dict[str, str]] = []
        self._clip = ""
        self._text_at: tuple[float, float] | None = None

    # ---- words ---------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._attributes(given)
        if tag in _NO_WORDS:
            self._silent += 1
        if tag not in _INLINE and tag not in ("td", "th"):
            self.end_of_words()
        if tag in ("td", "th"):
            self._words = []
        if tag == "a":
            self._links.append(given.get("href", ""))
            self._row_links.append(given.get("href", ""))
        elif tag == "table":
            self._heads, self._caption = [], ""
        elif tag == "tr":
            self._row, self._row_links = [], []
        if tag == "svg":
            self._drawing = Drawing()
            self.found.drawings.append(self._drawing)
        if self._drawing is not None:
            self._draw(self._drawing, tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NO_WORDS:
            self._silent -= 1
        elif tag in ("td", "th") and self._row is not None:
            self._row.append(self._taken())
        elif tag == "tr" and self._row is not None:
            self._end_of_row(self._row)
            self._row = None
        elif tag == "caption":
            self._caption = " ".join("".join(self._words).split())
            self.end_of_words()
        elif tag == "text" and self._drawing is not None and self._text_at is not None:
            words = self._taken()
            if words:
                self._drawing.words.append((*self._text_at, words))
                self.found.units.append(Unit(LABEL, words))
            self._text_at = None
        elif tag == "svg":
            self._drawing, self._groups, self._clip = None, [], ""
        elif tag == "g" and self._groups:
            self._groups.pop()
        elif tag == "clippath":
            self._clip = ""
        elif tag not in _INLINE:
            self.end_of_words()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.units += sentences_of(data, SENTENCE)

    def _taken(self) -> str:
        words = " ".join("".join(self._words).split())
        self._words, self._links = [], []
        return words

    def end_of_words(self) -> None:
        """What was said up to here is said."""
        links = tuple(self._links)
        words = self._taken()
        for unit in sentences_of(words, SENTENCE):
            unit.links = links
            self.found.units.append(unit)

    def _end_of_row(self, row: list[str]) -> None:
        if not self._heads:
            self._heads = row
            return
        text = " ".join([self._caption, *row])
        cells = tuple(zip(self._heads, row, strict=False))
        self.found.units.append(Unit(ROW, text, tuple(self._row_links), cells))

    def _attributes(self, given: dict[str, str]) -> None:
        for name, value in given.items():
            if name in _NO_NUMBERS or not any(letter.isdigit() for letter in value):
                continue
            self.found.units += sentences_of(value, ALT if name in _ALTS else ATTRIBUTE)

    # ---- drawings ------------------------------------------------------------------------------

    def _draw(self, drawing: Drawing, tag: str, given: dict[str, str]) -> None:
        if tag == "g":
            outer = self._groups[-1] if self._groups else {}
            self._groups.append({**outer, **given})
            return
        if tag == "clippath":
            self._clip = given.get("id", "")
            return
        around = self._groups[-1] if self._groups else {}
        kind = given.get("class", around.get("class", ""))
        clipped = _CLIP.search(given.get("clip-path", around.get("clip-path", "")))
        clip = clipped[1] if clipped else ""
        if tag == "text":
            self._text_at = (_float(given, "x"), _float(given, "y"))
        elif tag == "rect" and self._clip:
            x, y, wide, tall = (_float(given, name) for name in ("x", "y", "width", "height"))
            drawing.boxes[self._clip] = (x, y, wide, tall)
        elif tag == "rect":
            x, y, wide, tall = (_float(given, name) for name in ("x", "y", "width", "height"))
            sides = [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]
            drawing.paths.append((kind, clip, sides, True))
        elif tag == "use":
            drawing.marks.append((kind, clip, _float(given, "x"), _float(given, "y")))
        elif tag in ("circle", "ellipse"):
            drawing.marks.append((f"{tag} {kind}", clip, _float(given, "cx"), _float(given, "cy")))
        elif tag == "line":
            ends = [(_float(given, f"x{end}"), _float(given, f"y{end}")) for end in (1, 2)]
            drawing.paths.append((kind, clip, ends, False))
        elif tag in ("polyline", "polygon"):
            places = f"M{given.get('points', '')}"
            drawing.paths += [(kind, clip, one, tag == "polygon") for one, _ in corners(places)]
        elif tag == "path" and "id" not in given:  # with a name it is a mark for others to use
            drawing.paths += [(kind, clip, *part) for part in corners(given.get("d", ""))]


def _float(given: dict[str, str], name: str) -> float:
    value = number_in(given.get(name, "0").removesuffix("px"))
    return 0.0 if value is None else value


def sentences_of(words: str, kind: str) -> Iterator[Unit]:
    """The sentences of some words."""
    for sentence in _ENDS.split(" ".join(words.split())):
        if sentence:
            yield Unit(kind, sentence)
