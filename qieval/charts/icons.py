"""Small pictures: variation and assurance icons for tables and figures, and sparklines for tables.

Drawn by us after the idea of NHS England's Making Data Count icons. Shape and letter say the same
as colour, and the words stand beside each icon, so nothing is lost without colour or sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.offsetbox import DrawingArea
from matplotlib.patches import Circle
from matplotlib.text import Text

from qieval.charts.spc_points import POINT_STYLES
from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, ORANGE, PURPLE, QUIET
from qieval.core.errors import ParameterError, listed

_PATTERNS = {  # places of seven points in a circle, from left to right
    "flat": (20, 16, 21, 17, 20, 16, 19),
    "high": (25, 26, 24, 25, 14, 12, 10),
    "low": (12, 11, 13, 12, 23, 25, 27),
}


SIZE = 40
"""Units across an icon."""
_MIDDLE, _RADIUS = 20, 17.5


@dataclass(frozen=True)
class Icon:
    """What an icon consists of, in units of a square of 40, the vertical axis down.

    Attributes
    ----------
    words : str
        What it says.
    colour : str
        Of its ring.
    letter : tuple
        Text, place and colour; "" for none.
    thick, dashed : bool
        How the ring is drawn.
    dots : tuple
        Points, each with its kind, place and colour.
    line : float or None
        Height of a line across, the target.
    """

    words: str
    colour: str
    letter: tuple[str, float, float, str]
    thick: bool = True
    dashed: bool = False
    dots: tuple[tuple[str, float, float, str], ...] = ()
    line: float | None = None


def variation(kind: str, high: bool | None = None) -> Icon:
    """The icon of a point type.

    Parameters
    ----------
    kind : str
        ``common_cause``, ``improvement``, ``concern``, ``neutral``, or nothing: not judged.
    high : bool, optional
        Whether the special cause is high (H) or low (L).
    """
    names = {
        "common_cause": ("Common cause variation", GREY, INK),
        "improvement": ("Special cause: improvement", BLUE, DARK_BLUE),
        "concern": ("Special cause: concern", ORANGE, INK),
        "neutral": ("Special cause, neither better nor worse", PURPLE, PURPLE),
        "": ("Not judged: too few points, or no variation", GREY, INK),
    }
    if kind not in names:
        raise ParameterError("Unknown kind of variation.", found=repr(kind), remedy=listed(names))
    words, colour, ink = names[kind]
    letter = {True: "H", False: "L", None: ""}[high] if kind != "common_cause" else ""
    heights = _PATTERNS["flat" if not letter else {"H": "high", "L": "low"}[letter]]
    dots = tuple(
        (kind if place > 3 and letter else "", 8.0 + 4 * place, float(y), colour)
        for place, y in enumerate(heights)
    )
    side = {"H": " (high)", "L": " (low)", "": ""}[letter]
    across, down = {"H": (13, 19), "L": (13, 31)}.get(letter, (0, 0))
    return Icon(
        words + side,
        colour,
        (letter, across, down, ink),
        thick=kind != "common_cause",
        dashed=kind == "concern",
        dots=dots if kind else (),  # an empty ring: nothing was judged
    )


def assurance(kind: str) -> Icon:
    """The icon of what the limits say of the target: ``pass``, ``fail`` or ``hit_or_miss``."""
    names = {
        "pass": ("The target will be met consistently", BLUE, "P", 10),
        "fail": ("The target will be missed consistently", ORANGE, "F", 32),
        "hit_or_miss": ("The target will be met at times, by chance", GREY, "?", 20),
    }
    if kind not in names:
        raise ParameterError("Unknown kind of assurance.", found=repr(kind), remedy=listed(names))
    words, colour, letter, line = names[kind]
    below = {10: 29, 32: 22, 20: 17}[line]
    return Icon(words, colour, (letter, 20, below, INK), dashed=kind == "fail", line=line)


def svg_of(icon: Icon) -> str:
    """An icon as SVG."""
    thick = ' stroke-width="3"' if icon.thick else ""
    dashes = ' stroke-dasharray="5 2.5"' if icon.dashed else ""
    body = (
        f'<circle cx="{_MIDDLE}" cy="{_MIDDLE}" r="{_RADIUS}" fill="white" '
        f'stroke="{icon.colour}"{thick}{dashes}/>'
    )
    body += "".join(_shape(*dot) for dot in icon.dots)
    if icon.line is not None:
        body += f'<path d="M7 {icon.line:g}H33" stroke="{INK}" stroke-dasharray="3 2"/>'
    return _svg(icon.words, SIZE, SIZE, body + (_letter(*icon.letter) if icon.letter[0] else ""))


def drawn(icon: Icon, points: float) -> DrawingArea:
    """An icon for a figure, so many points across."""
    unit = points / SIZE
    area = DrawingArea(points, points)
    wide = 3 if icon.thick else 1
    dashes = (0, (5 / wide, 2.5 / wide)) if icon.dashed else "-"
    middle = _MIDDLE * unit
    area.add_artist(
        Circle(
            (middle, middle), _RADIUS * unit, facecolor="white", edgecolor=icon.colour,
            linewidth=wide * unit, linestyle=dashes,
        )
    )  # fmt: skip
    for kind, x, y, colour in icon.dots:
        style = POINT_STYLES.get(kind, POINT_STYLES["common_cause"])
        size = (5.2 if kind else 3.8) * unit
        dot = Line2D(
            [x * unit], [(SIZE - y) * unit], marker=style.marker, markersize=size, color=colour,
            markeredgewidth=0,
        )  # fmt: skip
        area.add_artist(dot)
    if icon.line is not None:
        y = (SIZE - icon.line) * unit
        across = [7 * unit, 33 * unit]
        area.add_artist(Line2D(across, [y, y], color=INK, linewidth=unit, linestyle=(0, (3, 2))))
    text, x, y, colour = icon.letter
    if text:
        area.add_artist(
            Text(
                x * unit, (SIZE - y) * unit, text, fontsize=13 * unit, fontweight="bold",
                color=colour, ha="center", va="baseline",
            )
        )  # fmt: skip
    return area


def sparkline(
    values: Sequence[float], kinds: Sequence[str], target: float | None, words: str
) -> str:
    """A tiny line of the values with its signals marked by shape, and the target dashed."""
    y = np.asarray(values, dtype=float)
    known = np.isfinite(y)
    if not known.any():  # a release may withhold all of it
        return ""
    target = None if target is None or np.isnan(target) else target
    held = np.r_[y[known], [] if target is None else [target]]
    low, high = float(held.min()), float(held.max())
    span = high - low or 1.0
    x = np.linspace(4, 116, len(y))
    up = 32 - 28 * (y - low) / span
    body = ""
    if target is not None:
        at = 32 - 28 * (target - low) / span
        body += f'<path d="M2 {at:.1f}H118" stroke="{DARK_BLUE}" stroke-dasharray="5 3"/>'
    for has, group in groupby(range(len(y)), key=lambda place: bool(known[place])):
        if has:
            path = "L".join(f"{x[place]:.1f} {up[place]:.1f}" for place in group)
            body += f'<path d="M{path}" fill="none" stroke="{QUIET}"/>'
    colours = {"improvement": BLUE, "concern": ORANGE, "neutral": PURPLE}
    last = int(np.flatnonzero(known)[-1])
    for place, kind in enumerate(kinds):
        if known[place] and (kind in colours or place == last):
            body += _shape(kind, float(x[place]), float(up[place]), colours.get(kind, INK))
    return _svg(words, 120, 36, body)


def _shape(kind: str, x: float, y: float, colour: str) -> str:
    """A point of that kind in the shape it has on charts."""
    style = f'fill="{colour}"'
    if kind == "improvement":
        return f'<path d="M{x:g} {y - 3:.1f}l3 3-3 3-3-3z" {style}/>'
    if kind == "concern":
        outline = f' stroke="{INK}" stroke-width=".6"'
        return f'<path d="M{x - 3:.1f} {y - 2.4:.1f}h6l-3 5z" {style}{outline}/>'
    if kind == "neutral":
        return f'<path d="M{x - 2.3:.1f} {y - 2.3:.1f}h4.6v4.6h-4.6z" {style}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.9" {style}/>'


def _letter(text: str, x: float, y: float, colour: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="13" font-weight="bold" '
        f'text-anchor="middle" fill="{colour}">{text}</text>'
    )


def _svg(words: str, wide: int, high: int, body: str) -> str:
    name = escape(words)
    return (
        f'<svg role="img" aria-label="{escape(words, quote=True)}" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" style="min-width:{wide}px" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{name}</title>{body}</svg>"
    )
