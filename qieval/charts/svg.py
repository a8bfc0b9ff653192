"""A matplotlib figure as lean SVG whose words are text: to be read, searched, copied and printed.

matplotlib repeats the style at every mark, gives every group an id and writes six decimals. Here
the same drawing is written again: styles become classes that the shapes of one figure share; groups
that say nothing go; ids are kept where something points to them, and begin with the figure's own
name, so that many figures can stand on one page; coordinates have one decimal.

Words are shown in the reader's own font, which need not be as wide as the one they were measured
in. ``textLength`` holds each line to its measured width: where the font is another, its letters are
narrowed or widened by a little, and nothing is clipped or lies on anything else.
"""

from __future__ import annotations

import io
import re
import string
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from math import hypot
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import text_to_path

from qieval.charts.style import STYLE, new_canvas
from qieval.charts.text_width import line_width

FONT_STACK = "Arial,Helvetica,'Liberation Sans','DejaVu Sans',sans-serif"
"""The first three are as wide as the font that words are measured in, letter by letter."""

_NAMESPACE = "http://www.w3.org/2000/svg"
_HREF = "xlink:href"
_LEFT_OUT = {
    ("font-family", None),  # said once for the whole figure, as is how lines are joined
    ("stroke-linejoin", "round"),
    ("stroke-linecap", "butt"),
    ("stroke-dashoffset", "0"),
    ("text-anchor", "start"),
}
"""Declarations that change nothing; None: whatever the value."""
_RUN = 3
"""So many neighbours with the same class share a group."""

_MANY_MARKS = 8
"""So many neighbours with the same straight mark are one path: each is said in half the letters."""

_FEW_LETTERS = 4
"""Words as short as "2018" or "100%" differ by a point or two: there is room for that."""
_MARK = 20
"""Points that a mark reaches at most; so small, it needs a second decimal to be round."""

_TICK = re.compile(r"M 0 0 ?\s*L (?:0 \S+|\S+ 0)")
"""The mark of an axis: a short line, as matplotlib writes it."""

_ROUND = 0.01
"""A circle's radius varies by no more, in points."""

_MARKED = ("href", "class", "clip-path")
"""What neighbouring marks have in common where they are one path."""

Style = tuple[tuple[str, str], ...]


class StyleSheet:
    """The styles of one figure, each a class with a short name.

    Parameters
    ----------
    name : str
        The figure's name: its rules hold for what is inside an element with this class, and its
        ids begin with it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._classes: dict[Style, str] = {}

    def class_of(self, style: Style) -> str:
        """The class of a style."""
        return self._classes.setdefault(style, _letters(len(self._classes)))

    def css(self) -> str:
        """The rules."""
        own = f".{self.name}"
        rules = [f"{own}{{font-family:{FONT_STACK};stroke-linejoin:round}}"]
        for style, name in self._classes.items():
            declarations = ";".join(f"{key}:{value}" for key, value in style)
            rules.append(f"{own} .{name}{{{declarations}}}")
        return "".join(rules)


def lean_svg(figure: Figure, sheet: StyleSheet, shape: str) -> str:
    """The figure as an ``<svg>`` element for use inside an HTML page.

    Parameters
    ----------
    figure : Figure
        What to write; its white ground is left out.
    sheet : StyleSheet
        Takes its styles, to be written once for all shapes of the figure.
    shape : str
        A letter for this shape; it follows the sheet's name in every id.
    """
    figure.patch.set_visible(False)
    for ax in _all_axes(figure.axes):
        ax.patch.set_visible(False)
    image_dpi = figure.dpi
    figure.set_dpi(72)  # points, in which SVG counts
    width, height = 72 * figure.get_size_inches()
    renderer = _Renderer(width, height, io.StringIO(), image_dpi=image_dpi)
    figure.draw(renderer)
    renderer.finalize()
    drawing = _Drawing(renderer.tree.root, sheet, f"{sheet.name}{shape}")
    return ET.tostring(drawing.lean(width, height), encoding="unicode")


def rehearse_letters() -> None:
    """Find the fonts, and measure every usual letter once: a process that is copied knows them."""
    letters = string.printable.strip()
    with plt.rc_context(STYLE):
        canvas = new_canvas()
        canvas.ax.plot([0, 1], [0, 1], marker="o")
        canvas.dress(letters, letters, letters)
        lean_svg(canvas.figure, StyleSheet("rehearsed"), "w")


def _all_axes(axes: Iterable[Axes]) -> Iterator[Axes]:
    """The axes and those inside them."""
    for ax in axes:
        yield ax
        yield from _all_axes(ax.child_axes)


class _Renderer(RendererSVG):
    """matplotlib's own, but for two things: what it measured and what it wrote is kept.

    A word is measured once, whichever figure it stands in, and the drawing is handed on as a tree
    instead of as a text that would be read again. Both are a third of the time of a figure.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.writer = self.tree = _Tree()  # type: ignore[assignment]

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Width, height and descent of a line, in points."""
        return _measured(s, prop, ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """Ascent, descent and gap between lines of a font, in points; asked for at every text."""
        return _line_of(prop.copy())


@lru_cache(maxsize=8192)
def _measured(text: str, font: FontProperties, ismath: Any) -> tuple[float, float, float]:
    measured: tuple[float, float, float]
    measured = text_to_path.get_text_width_height_descent(text, font, ismath)
    return measured


@lru_cache(maxsize=256)
def _line_of(font: FontProperties) -> tuple[float, float, float]:
    file = get_font(fontManager._find_fonts_by_props(font))
    head, lines = file.get_sfnt_table("head"), file.get_sfnt_table("OS/2")
    assert head is not None and lines is not None, "fonts of ours have both"  # noqa: PT018
    scale = 1 / head["unitsPerEm"] * font.get_size_in_points()
    ascent, descent = lines["sTypoAscender"], lines["sTypoDescender"]
    return ascent * scale, -descent * scale, lines["sTypoLineGap"] * scale


class _Tree:
    """What matplotlib writes XML with, as a tree of elements."""

    def __init__(self) -> None:
        self.root = ET.Element("svg")
        self._open = [self.root]

    def start(self, tag: str, attrib: dict[str, str] | None = None, **more: str) -> None:
        """Open an element; attributes that are empty are left out."""
        given = {**(attrib or {}), **more}
        made = ET.SubElement(self._open[-1], tag, {k: str(v) for k, v in given.items() if v})
        self._open.append(made)

    def data(self, text: str) -> None:
        """Words of the open element."""
        self._open[-1].text = text

    def end(self, tag: str | None = None, indent: bool = True) -> None:
        """Close the open element."""
        self._open.pop()

    def element(self, tag: str, text: str | None = None, **attributes: Any) -> None:
        """A whole element."""
        self.start(tag, **attributes)
        self.data(text or "")
        self.end()

    def close(self, *_: Any) -> None:
        """The drawing is complete."""

    comment = flush = close


class _Drawing:
    """One drawing of matplotlib's, to be written again."""

    def __init__(self, root: ET.Element, sheet: StyleSheet, prefix: str) -> None:
        self._root, self._sheet, self._prefix = root, sheet, prefix
        self._definitions = {
            each.attrib["id"]: each
            for group in root.iter("defs")
            for each in group
            if "id" in each.attrib
        }
        first: dict[str, str] = {}
        self._same = {
            old: first.setdefault(each.get("d", old), old)
            for old, each in self._definitions.items()
        }
        """Of each definition, the first one that draws the same."""
        self._used = Counter(each.get(_HREF, "")[1:] for each in root.iter("use"))
        self._names: dict[str, str] = {}
        """New names of the definitions that are pointed to, in the order of their use."""

    def lean(self, width: float, height: float) -> ET.Element:
        """The drawing as a new element."""
        corners = (_short(round(length, 6)) for length in (0, 0, width, height))
        # Hidden from screen readers: what is around it has the alt text, once for both shapes.
        hidden = {"aria-hidden": "true"}
        made = ET.Element("svg", {"xmlns": _NAMESPACE, "viewBox": " ".join(corners), **hidden})
        seen = self._in_one([each for child in self._root for each in self._seen(child, "")])
        definitions = ET.SubElement(made, "defs") if self._names else made
        for old in list(self._names):
            definitions.append(self._defined(old))
        # A clip stays in a group: on a mark itself it would move with the mark.
        clipped = _in_groups(seen, "clip-path", 1)
        for each in clipped:
            if each.tag == "g":
                each[:] = _in_groups(each, "class")
        made.extend(_in_groups(clipped, "class"))
        return made

    # ---- what is pointed to --------------------------------------------------------------------

    def _pointer(self, pointer: str) -> str:
        """A pointer, as "#m12" or "url(#p3)", to the same definition under its new name."""
        before, _, rest = pointer.partition("#")
        old, end = (rest[:-1], ")") if rest.endswith(")") else (rest, "")
        old = self._same[old]
        new = self._names.setdefault(old, f"{self._prefix}{len(self._names)}")
        return f"{before}#{new}{end}"

    def _in_one(self, elements: list[ET.Element]) -> list[ET.Element]:
        """The elements, with runs of lines and long runs of straight-edged shapes as one path."""
        old_names = {f"#{new}": old for old, new in self._names.items()}
        made: list[ET.Element] = []
        for key, run in groupby(elements, key=_alike):
            marks = list(run)
            if key[-1] == "line" or (key[-1] == "straight" and len(marks) >= _MANY_MARKS):
                marks[0].set("d", "".join(one.attrib["d"] for one in marks))
                made.append(marks[0])
                continue
            outline = None
            if key[0] is not None and len(marks) >= _MANY_MARKS:
                outline = _outline(self._definitions[old_names[key[0]]].get("d", ""))
            if outline is None:
                made += marks
                continue
            (dx, dy), rest = outline
            corners = ((float(m.get("x", 0)) + dx, float(m.get("y", 0)) + dy) for m in marks)
            drawn = "".join(f"M{_short(x)} {_short(y)}{rest}" for x, y in corners)
            kept = {name: value for name in _MARKED[1:] if (value := marks[0].get(name))}
            made.append(ET.Element("path", {"d": drawn, **kept}))
        used = {one.get("href") for one in made}
        for new, old in old_names.items():
            if new not in used and self._definitions[old].tag == "path":
                del self._names[old]
        return made

    def _defined(self, old: str) -> ET.Element:
        """A mark, a clip or a hatching. A mark takes its style from where it is used."""
        drawn = self._definitions[old]
        made = ET.Element(drawn.tag, {"id": self._names[old]})
        for key in ("patternUnits", "x", "y", "width", "height"):
            if key in drawn.attrib:
                made.set(key, drawn.attrib[key])
        path = drawn.get("d", "")
        if radius := _radius(path):
            made.tag = "circle"
            made.set("r", _short(radius, 2))
        elif path:
            made.set("d", _path(path, 2 if _reach(path) < _MARK else 1))
        made.extend(each for child in drawn for each in self._seen(child, ""))
        return made

    # ---- what is seen --------------------------------------------------------------------------

    def _seen(self, drawn: ET.Element, clip: str) -> Iterator[ET.Element]:
        """What an element becomes: nothing, one element, or all that was in a group."""
        tag = drawn.tag
        clip = drawn.get("clip-path", clip)
        if tag == "g":
            seen = (one for child in drawn for one in self._seen(child, clip))
            # Of an axis first all its lines, then all its marks, then all its words.
            of_axis = drawn.get("id", "").startswith("matplotlib.axis")
            yield from sorted(seen, key=_kind_of) if of_axis else seen
            return
        if tag not in ("path", "use", "text", "rect", "image"):
            return
        style = _declarations(drawn.get("style", "")).copy()
        if tag == "path" and style.get("fill") == "none" and "stroke" not in style:
            return
        made = ET.Element(tag)
        if tag == "text":
            self._write_text(drawn, made, style)
        elif tag == "use" and (path := self._alone(drawn)):
            made.tag = "path"
            made.set("d", path)
        elif tag == "image":
            made.attrib.update({k: v for k, v in drawn.attrib.items() if k not in ("id", _HREF)})
            made.set("href", drawn.attrib[_HREF])
        else:
            for key in ("x", "y", "width", "height"):
                if key in drawn.attrib:
                    made.set(key, _short(float(drawn.attrib[key])))
            if "d" in drawn.attrib:
                made.set("d", _path(drawn.attrib["d"], 1))
            if "transform" in drawn.attrib:
                made.set("transform", drawn.attrib["transform"])
            if _HREF in drawn.attrib:
                made.set("href", self._pointer(drawn.attrib[_HREF]))
        if style := {k: self._pointer(v) if "#" in v and "(" in v else v for k, v in style.items()}:
            made.set("class", self._sheet.class_of(tuple(style.items())))
        if clip:
            made.set("clip-path", self._pointer(clip))
        yield made

    def _alone(self, use: ET.Element) -> str:
        """The path of a tick, or of what is drawn in one place alone, in its place; else "".

        A small mark stays one: who reads a drawing tells marks by what they point to.
        """
        old = use.attrib[_HREF][1:]
        path = self._definitions[old].get("d", "")
        if "transform" in use.attrib or not path:
            return ""
        if _TICK.fullmatch(path.strip()) or (self._used[old] == 1 and _reach(path) >= _MARK):
            return _path(path, 1, (float(use.get("x", 0)), float(use.get("y", 0))))
        return ""

    def _write_text(self, drawn: ET.Element, made: ET.Element, style: dict[str, str]) -> None:
        """One line of words, at its place and as long as it was measured."""
        x, y = float(drawn.get("x", 0)), float(drawn.get("y", 0))
        turned = 0.0
        for name, numbers in _transforms(drawn.get("transform", "")):
            if name == "translate":
                x, y = numbers
            elif name == "rotate":
                turned = numbers[0]
        place = {"x": _short(x), "y": _short(y)}
        made.attrib.update(place)
        if turned:
            made.set("transform", f"rotate({turned:g} {place['x']} {place['y']})")
        words = drawn.text or ""
        size = float(style["font-size"].removesuffix("px"))
        wide = line_width(words, size, bold=int(style.get("font-weight", 400)) > 500)
        if len(words) > _FEW_LETTERS:
            made.set("textLength", _short(wide))
            made.set("lengthAdjust", "spacingAndGlyphs")
        made.text = words


def _in_groups(elements: Iterable[ET.Element], key: str, run: int = _RUN) -> list[ET.Element]:
    """The elements, with runs of neighbours that share an attribute in a group that has it."""
    grouped = []
    for value, neighbours in groupby(elements, key=lambda each: each.get(key)):
        members = list(neighbours)
        if value is None or len(members) < run:
            grouped += members
            continue
        group = ET.Element("g", {key: value})
        for each in members:
            del each.attrib[key]
        group.extend(members)
        grouped.append(group)
    return grouped


@lru_cache(maxsize=1024)
def _declarations(style: str) -> dict[str, str]:
    """The declarations of a style that change something."""
    parts = (declaration.partition(":") for declaration in style.split(";") if declaration)
    stripped = ((key.strip(), value.strip()) for key, _, value in parts)
    return {
        key: "#fff" if value == "#ffffff" else value
        for key, value in stripped
        if not {(key, value), (key, None)} & _LEFT_OUT
    }


def _transforms(text: str) -> Iterator[tuple[str, list[float]]]:
    """The steps of a transform: name and numbers."""
    for step in text.split(")")[:-1]:
        name, _, numbers = step.strip().partition("(")
        yield name, [float(number) for number in numbers.replace(",", " ").split()]


def _path(drawn: str, places: int, moved: tuple[float, float] = (0.0, 0.0)) -> str:
    """A path with so many decimals, moved by so much.

    What the decimals make the same is said once. Each step is written in the shorter of two ways:
    where it leads to, or how far. Whole numbers of the last decimal are counted, so that no step
    adds to what another was rounded by.
    """
    made: list[str] = []
    unit, command = 10**places, ""
    here = start = (0, 0)
    for step in _steps(drawn):
        letter, ends = step[0], [float(number) for number in step[1:]]
        to = [round((end + moved[at % 2]) * unit) for at, end in enumerate(ends)]
        there = (to[-2], to[-1]) if to else start
        if letter == "L" and command not in "Mm" and there == here:
            continue
        far = [end - here[at % 2] for at, end in enumerate(to)]
        if letter == "L" and there[0] == here[0]:
            letter, to, far = "V", to[1:], far[1:]
        elif letter == "L" and there[1] == here[1]:
            letter, to, far = "H", to[:1], far[:1]
        ways = [(letter, to), (letter.lower(), far)] if letter not in "Mz" else [(letter, to)]
        written = [(name, _numbers(numbers, places, name == command)) for name, numbers in ways]
        name, numbers = min(written, key=lambda way: len(way[1]) + (way[0] != command))
        made.append(numbers if name == command else name + numbers)
        command, here = name, there
        start = there if letter == "M" else start
    return "".join(made)


def _numbers(whole: list[int], places: int, again: bool) -> str:
    """Numbers counted in their last decimal, as a path has them; a minus needs no space before."""
    texts = [_short(number / 10**places, places) for number in whole]
    spaced = (text if text.startswith("-") else f" {text}" for text in texts)
    text = "".join(spaced)
    return text if again else text.removeprefix(" ")


def _radius(drawn: str) -> float:
    """The radius of a path that is a circle around the origin, as matplotlib draws one; else 0."""
    steps = list(_steps(drawn))
    if "".join(step[0] for step in steps) != "MCCCCCCCCz":
        return 0.0
    reach = [hypot(float(step[-2]), float(step[-1])) for step in steps[:-1]]
    return reach[0] if max(reach) - min(reach) < _ROUND else 0.0


def _alike(one: ET.Element) -> tuple[str | None, ...]:
    """What neighbours have in common that become one path; the last of it says of which kind."""
    drawn, kind = one.get("d", ""), ""
    if one.tag == "path" and drawn and "transform" not in one.attrib:
        closed, curved = drawn.endswith("z"), "c" in drawn.lower()
        kind = "line" if not closed else "" if curved else "straight"
    return (*(one.get(name) for name in _MARKED), kind)


def _kind_of(one: ET.Element) -> int:
    """The order in which an axis is written: lines of the grid, ticks, words."""
    return 2 if one.tag == "text" else 0 if "clip-path" in one.attrib else 1


def _outline(drawn: str) -> tuple[tuple[float, float], str] | None:
    """First corner of a closed path of straight lines, and the rest from there; else None."""
    steps = list(_steps(drawn))
    letters = [step[0] for step in steps]
    if letters[:1] != ["M"] or set(letters[1:-1]) != {"L"} or letters[-1] != "z":
        return None
    corners = [tuple(float(number) for number in step[1:]) for step in steps[:-1]]
    rest = ""
    for (x, y), (to_x, to_y) in pairwise(corners):
        across, down = _short(to_x - x, 2), _short(to_y - y, 2)
        rest += (
            f"v{down}" if across == "0" else f"h{across}" if down == "0" else f"l{across} {down}"
        )
    return (corners[0][0], corners[0][1]), f"{rest}z"


def _reach(drawn: str) -> float:
    """How far from the origin a path goes."""
    return max(abs(float(token)) for token in drawn.split() if not token.isalpha())


def _steps(drawn: str) -> Iterator[list[str]]:
    """The steps of a path as matplotlib writes it: a letter and its numbers."""
    step: list[str] = []
    for token in drawn.split():
        if token.isalpha():
            if step:
                yield step
            step = []
        step.append(token)
    if step:
        yield step


def _short(number: float, places: int = 1) -> str:
    """A coordinate with so many decimals at most: 12.5, 12, .5."""
    text = f"{number:.{places}f}".rstrip("0").rstrip(".") if places else f"{number:.0f}"
    text = "0" if text in ("-0", "") else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _letters(number: int) -> str:
    """The name of a class: a to z, then aa, ab and so on."""
    head, last = divmod(number, 26)
    return (_letters(head - 1) if head else "") + string.ascii_lowercase[last]
