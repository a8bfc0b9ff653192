"""Small pictures for tables: variation and assurance icons, and sparklines, as SVG with a name.

Drawn by us after the idea of NHS England's Making Data Count icons. Shape and letter say the same
as colour, and the words stand beside each icon, so nothing is lost without colour or sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import numpy as np

from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, ORANGE, PURPLE, QUIET
from qieval.core.errors import ParameterError, listed

_PATTERNS = {  # places of seven points in a circle, from left to right
    "flat": (20, 16, 21, 17, 20, 16, 19),
    "high": (25, 26, 24, 25, 14, 12, 10),
    "low": (12, 11, 13, 12, 23, 25, 27),
}


def variation_icon(kind: str, high: bool | None = None) -> str:
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
    pattern = "flat" if not letter else {"H": "high", "L": "low"}[letter]
    heights = _PATTERNS[pattern]
    dots = "".join(
        _shape(kind if place > 3 and letter else "", 8 + 4 * place, y, colour)
        for place, y in enumerate(heights)
    )
    dots = dots if kind else ""  # an empty ring: nothing was judged
    side = {"H": " (high)", "L": " (low)", "": ""}[letter]
    edge = "" if kind == "common_cause" else ' stroke-width="3"'
    dashes = ' stroke-dasharray="5 2.5"' if kind == "concern" else ""
    ring = f'<circle cx="20" cy="20" r="17.5" fill="white" stroke="{colour}"{edge}{dashes}/>'
    where = {"H": (13, 19), "L": (13, 31)}.get(letter)
    text = _letter(letter, *where, ink) if where else ""
    return _svg(words + side, 40, 40, ring + dots + text)


def assurance_icon(kind: str) -> str:
    """The icon of what the limits say of the target: ``pass``, ``fail`` or ``hit_or_miss``."""
    names = {
        "pass": ("The target will be met consistently", BLUE, "P", 10),
        "fail": ("The target will be missed consistently", ORANGE, "F", 32),
        "hit_or_miss": ("The target will be met at times, by chance", GREY, "?", 20),
    }
    if kind not in names:
        raise ParameterError("Unknown kind of assurance.", found=repr(kind), remedy=listed(names))
    words, colour, letter, line = names[kind]
    dashes = ' stroke-dasharray="5 2.5"' if kind == "fail" else ""
    edge = f'stroke="{colour}" stroke-width="3"{dashes}'
    ring = f'<circle cx="20" cy="20" r="17.5" fill="white" {edge}/>'
    across = f'<path d="M7 {line}H33" stroke="{INK}" stroke-dasharray="3 2"/>'
    text = _letter(letter, 20, {10: 29, 32: 22, 20: 17}[line], INK, anchor="middle")
    return _svg(words, 40, 40, ring + across + text)


def sparkline(
    values: Sequence[float], kinds: Sequence[str], target: float | None, words: str
) -> str:
    """A tiny line of the values with its signals marked by shape, and the target dashed."""
    y = np.asarray(values, dtype=float)
    known = np.isfinite(y)
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


def _letter(text: str, x: float, y: float, colour: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="13" font-weight="bold" '
        f'text-anchor="{anchor}" fill="{colour}">{text}</text>'
    )


def _svg(words: str, wide: int, high: int, body: str) -> str:
    name = escape(words)
    return (
        f'<svg role="img" aria-label="{escape(words, quote=True)}" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" style="min-width:{wide}px" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{name}</title>{body}</svg>"
    )
