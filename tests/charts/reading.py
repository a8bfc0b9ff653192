"""What stands in a figure and where: words, marks, colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from qieval.charts import style

PALETTE = {
    colour.lower()
    for colour in vars(style).values()
    if isinstance(colour, str) and re.fullmatch("#[0-9A-F]{6}", colour)
}


def drawn(ax: Axes) -> Figure:
    """The figure of an Axes, laid out."""
    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()
    return figure


def axes_of(figure: Figure) -> list[Axes]:
    """Every Axes of a figure, those inside others too."""
    return [each for ax in figure.axes for each in (ax, *ax.child_axes)]


def _ticks(ax: Axes) -> Iterator[Text]:
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        low, high = sorted((low, high))
        for tick in axis.get_major_ticks():
            if low <= tick.get_loc() <= high:
                yield tick.label1


def words_in(figure: Figure) -> list[Text]:
    """Every text that is seen."""
    found = list(figure.texts)
    for ax in axes_of(figure):
        found += [child for child in ax.get_children() if isinstance(child, Text)]
        if ax.axison:
            found += [*_ticks(ax), ax.xaxis.label, ax.yaxis.label]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def box_of(text: Text) -> Bbox:
    """Where a text stands: its letters without the space between lines, and its frame."""
    box = Text.get_window_extent(text)
    spare = 0.12 * text.get_fontsize() * text.get_figure(root=True).dpi / 72
    letters = Bbox([[box.x0, box.y0 + spare], [box.x1, box.y1 - spare]])
    frame = text.get_bbox_patch()
    framed = frame is not None and to_hex(frame.get_facecolor()) != "#ffffff"
    return Bbox.union([letters, frame.get_window_extent()]) if framed else letters


def assert_readable(figure: Figure) -> None:
    """No words lie on others, on the line that leads to others, or leave the figure."""
    words = [(text.get_text(), box_of(text)) for text in words_in(figure)]
    assert words
    for (one, box), (other, beside) in combinations(words, 2):
        assert not box.overlaps(beside), f"{one!r} lies on {other!r}"
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in words:
        inside = box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height
        assert inside, f"{text!r} leaves the figure"
    for ax in axes_of(figure):
        for each in ax.texts:
            if isinstance(each, Annotation) and each.arrow_patch is not None:
                line = each.arrow_patch.get_window_extent()
                for text, box in words:
                    assert not box.overlaps(line), f"{text!r} lies on a line"


def points_in(ax: Axes) -> np.ndarray:
    """Where the points of a scatter are, in data units (k, 2)."""
    found = [mark.get_offsets() for mark in ax.collections if isinstance(mark, PathCollection)]
    return np.concatenate([np.asarray(offsets, dtype=float).reshape(-1, 2) for offsets in found])


def assert_no_words_on_points(ax: Axes) -> None:
    """No words cover a point."""
    places = ax.transData.transform(points_in(ax))
    for text in ax.texts:
        if text.get_text().strip():
            box = box_of(text)
            on = [box.contains(x, y) for x, y in places]
            assert not any(on), f"{text.get_text()!r} covers {sum(on)} points"


def contrast(colour: object) -> float:
    """Contrast with white, by WCAG 2.2."""
    part = np.array(to_rgb(colour))
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))


def colours_of_marks(figure: Figure) -> set[str]:
    """Colours of lines and markers that stand by themselves (areas and grids are not)."""
    found = set()
    for ax in axes_of(figure):
        for line in ax.lines:
            found.add(to_hex(line.get_color()))
        for mark in ax.collections:
            if mark.get_alpha() is None:
                found |= {to_hex(colour) for colour in mark.get_edgecolor()}
    return found


def all_colours(figure: Figure) -> set[str]:
    """Every colour in use, areas and words too."""
    found = colours_of_marks(figure)
    for ax in axes_of(figure):
        marks: list[Collection] = list(ax.collections)
        for mark in marks:
            found |= {to_hex(colour) for colour in mark.get_facecolor()}
        found |= {to_hex(patch.get_facecolor()) for patch in ax.patches}
        found |= {to_hex(patch.get_edgecolor()) for patch in ax.patches}
    for text in words_in(figure):
        found.add(to_hex(text.get_color()))
        frame = text.get_bbox_patch()
        if frame is not None:
            found.add(to_hex(frame.get_facecolor()))
    return found
