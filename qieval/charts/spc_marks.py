"""What run charts and control charts share: points by meaning, step lines by phase, labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox
from numpy.typing import NDArray

from qieval.charts.event_marks import mark_events, mark_lines, write_key, write_list
from qieval.charts.icons import Icon, drawn
from qieval.charts.spc_picture import Across, Array, Picture
from qieval.charts.spc_points import POINT_STYLES, PointStyle
from qieval.charts.style import (
    DARK_BLUE,
    EDGE,
    GREY,
    INK,
    PALE,
    QUIET,
    Canvas,
    date_axis,
    value_axis,
)
from qieval.charts.text_width import LABEL, LABEL_LINE, width_of
from qieval.core.words import decimals, number, own_places

SCALE_CUT = 0.75
"""Share of the largest value that values must span, else the scale starts where they do: a chart is
read by its points and limits, not by their distance from zero."""
ICON = 26.0
"""Points across an icon."""
MOST_NAMED = 3
"""New phases that are named at their line; more are numbered in the list of events."""


def draw_picture(picture: Picture, ax: Axes, canvas: Canvas) -> None:
    """The whole chart, its labels, the marks of its events and their list."""
    across = Across.of(picture)
    value_axis(ax, picture.scale_values, cut=SCALE_CUT)
    time_axis(ax, picture, across, canvas.narrow)
    canvas.room_for_ticks()
    draw_lines(ax, picture, across)
    canvas.labels_at_right(_end_labels(picture))
    draw_points(ax, picture, across, float(np.clip(13 * canvas.wide / len(across.middle), 0.55, 1)))
    _label_earlier_phases(ax, canvas, picture, across)
    named = picture.rephases if len(picture.rephases) <= MOST_NAMED else []
    lines = [
        (across.edge_at(mark["date"]), f"{mark['event']}, {picture.label(mark['date'])}")
        for mark in named
    ]
    above = mark_lines(ax, canvas, lines)
    events = picture.events
    if not named:
        events = sorted([*events, *picture.rephases], key=lambda mark: str(mark["date"]))
        for mark in picture.rephases:
            ax.axvline(across.edge_at(mark["date"]), color=INK, linewidth=1.2, zorder=2)
    mark_events(ax, canvas, [(across.place(event["date"]), event) for event in events])
    write_key(ax, canvas, key_of(picture))
    words = [f"{event['event']}, {picture.label(event['date'])}" for event in events]
    write_list(ax, canvas, list(zip(events, words, strict=True)))
    canvas.unit(picture.unit, above or 10, draw_icons(ax, canvas, picture.icons, above or 10))


def draw_icons(ax: Axes, canvas: Canvas, icons: Sequence[Icon], above: float) -> float:
    """Icons at the right, so many points above the Axes; inches that they take of that line."""
    if not icons or not canvas.own:
        return 0.0
    right = 72 * (canvas.margins[1] - EDGE)
    for place, icon in enumerate(reversed(icons)):
        put_icon(ax, icon, ICON, (right - place * (ICON + 4), above - 3))
    canvas.head = max(canvas.head, (above + ICON + 6) / 72)
    return len(icons) * (ICON + 4) / 72 + 0.1


def put_icon(ax: Axes, icon: Icon, size: float, place: tuple[float, float]) -> None:
    """An icon whose lower right corner is so many points from the upper right one of the Axes."""
    box = AnnotationBbox(
        drawn(icon, size),
        (1, 1),
        xycoords="axes fraction",
        xybox=place,
        boxcoords="offset points",
        box_alignment=(1, 0),
        frameon=False,
        pad=0,
        annotation_clip=False,
    )
    ax.add_artist(box)


# ---- lines and points --------------------------------------------------------------------------


def draw_lines(ax: Axes, picture: Picture, across: Across) -> None:
    """Centre line, limits and target as steps, broken at each phase."""
    points = picture.points
    phase = points["phase"].to_numpy()
    after = picture.frozen
    lines: list[tuple[str, dict[str, Any]]] = [("centre", {"color": INK, "linewidth": 1.5})]
    if picture.limits:
        near: dict[str, Any] = {"color": GREY, "linewidth": 0.7, "linestyle": (0, (1, 2.5))}
        far: dict[str, Any] = {"color": QUIET, "linewidth": 1.2, "linestyle": (0, (4, 2))}
        lines += [("lower_2s", near), ("upper_2s", near), ("lower", far), ("upper", far)]
        _band(ax, picture, across)
    for name, style in lines:
        values = points[name].to_numpy(dtype=float)
        for one in np.unique(phase):
            for part, dashed in ((~after, False), (after, True)):
                held = (phase == one) & part & np.isfinite(values)
                if held.any():
                    broken = {"linestyle": (0, (2, 1.5))} if dashed and name == "centre" else {}
                    x, y = _steps(across, values, held)
                    ax.plot(x, y, zorder=2.5, solid_capstyle="butt", **{**style, **broken})
    target = points["target"].to_numpy(dtype=float)
    if np.isfinite(target).any():
        style = {"color": DARK_BLUE, "linewidth": 1.5, "linestyle": (0, (7, 2, 1.5, 2))}
        ax.plot(*_steps(across, target, np.isfinite(target)), zorder=2.4, **style)


def _band(ax: Axes, picture: Picture, across: Across) -> None:
    """A pale area between the limits, phase by phase."""
    for _, part in picture.points.groupby("phase"):
        rows = part.index.to_numpy()
        held = np.zeros(len(picture.points), dtype=bool)
        held[rows] = part[["lower", "upper"]].notna().all(axis=1).to_numpy()
        if held.any():
            x, low = _steps(across, picture.points["lower"].to_numpy(dtype=float), held)
            _, high = _steps(across, picture.points["upper"].to_numpy(dtype=float), held)
            ax.fill_between(x, low, high, color=PALE, alpha=0.8, linewidth=0, zorder=0.5)


def _steps(across: Across, values: Array, held: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Corners of the steps over the held cells; a gap breaks the line."""
    x = np.stack([across.left, across.right, across.right], axis=1)[held]
    y = np.stack([values, values, values], axis=1)[held]
    rows = np.flatnonzero(held)
    y[np.r_[np.diff(rows) > 1, True], 2] = np.nan
    return x.ravel(), y.ravel()


def draw_points(ax: Axes, picture: Picture, across: Across, size: float = 1.0) -> None:
    """Every point by its meaning, joined by a thin line that breaks at gaps."""
    points = picture.points
    values = points["value"].to_numpy(dtype=float)
    ax.plot(across.middle, values, color=GREY, linewidth=0.9 * size, zorder=3)
    kinds = _kinds(points)
    for name, style in POINT_STYLES.items():
        here = (kinds == name) & np.isfinite(values)
        if here.any():
            ax.scatter(
                across.middle[here],
                values[here],
                s=style.size * size**2,
                marker=style.marker,
                facecolor=style.face,
                edgecolor=style.edge,
                linewidth=0.9 * size,
                zorder=4 if name == "common_cause" else 5,
            )


def _kinds(points: pd.DataFrame) -> NDArray[Any]:
    return np.where(points["excluded"], "excluded", points["point_type"].to_numpy(dtype=str))


def key_of(picture: Picture) -> list[tuple[PointStyle, str]]:
    """The kinds of points on this chart; nothing to explain where there is one kind only."""
    points = picture.points[picture.points["value"].notna()]
    present = set(_kinds(points))
    styles = [(style, style.words) for name, style in POINT_STYLES.items() if name in present]
    return styles if len(styles) > 1 else []


# ---- labels ------------------------------------------------------------------------------------


def places_of(picture: Picture) -> int:
    """Decimals for the labels of lines: two figures of the range of the values."""
    values = picture.scale_values
    values = values[np.isfinite(values)]
    if not len(values):  # a release may withhold all of them
        return 0
    spread = float(np.ptp(values)) or float(np.abs(values).max())
    return max(0, decimals(spread) - 1) if spread else 0


def figures_of(picture: Picture) -> str:
    """The figures of a small chart: latest value, lines of the latest phase, target."""
    points, places = picture.points, places_of(picture)
    counted = points[points["value"].notna() & ~points["excluded"].astype(bool)]
    if counted.empty:
        return ""
    latest = counted.iloc[-1]
    words = f"Latest {number(latest['value'], places)}"
    if np.isfinite(latest["centre"]):  # a release may withhold it
        words += f"; {picture.centre.lower()} {number(latest['centre'], places)}"
    if picture.limits and np.isfinite(latest["upper"]):
        ends = (number(latest[end], places) for end in ("lower", "upper"))
        words += f" ({' to '.join(ends)})"
    target = float(latest["target"])
    known = np.isfinite(target)
    return words + (f"; target {number(target, max(places, own_places(target)))}" if known else "")


def _end_labels(picture: Picture) -> list[tuple[float, str, str]]:
    """What each line is, and where it ends."""
    places = places_of(picture)
    lines = [("centre", picture.centre, INK)]
    if picture.limits:
        lines += [("upper", "Upper limit", QUIET), ("lower", "Lower limit", QUIET)]
    labels, points = [], picture.points
    latest = points[points["phase"] == points["phase"].max()]
    for column, name, colour in lines:
        known = latest[column].dropna()
        if len(known) and known.index[-1] >= len(points) - 3:
            value = float(known.iloc[-1])
            labels.append((value, f"{name}\n{number(value, places)}", colour))
    target = float(points["target"].iloc[-1])
    if np.isfinite(target):
        shown = number(target, max(places, own_places(target)))
        labels.append((target, f"Target\n{shown}", DARK_BLUE))
    return labels


def _label_earlier_phases(ax: Axes, canvas: Canvas, picture: Picture, across: Across) -> None:
    """The centre of each phase but the last beside its line, where nothing else stands."""
    places = places_of(picture)
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    scale = np.array([canvas.wide / (x1 - x0), canvas.tall / (y1 - y0)])
    taken = (_obstacles(picture, across) - [x0, y0]) * scale
    last = picture.points["phase"].max()
    for which, part in picture.points.groupby("phase"):
        centre = part["centre"].dropna()
        if which == last or centre.empty:
            continue
        text = number(float(centre.iloc[0]), places)
        wide, tall = width_of(text, LABEL, bold=True), LABEL_LINE / 72
        left = (across.left[part.index[0]] - x0) * scale[0] + 0.04
        right = (across.right[part.index[-1]] - x0) * scale[0] - 0.04 - wide
        line = (float(centre.iloc[0]) - y0) * scale[1]
        for x in np.arange(left, right, 0.05):
            for y in (line + 0.03, line - 0.03 - tall):
                box = (taken >= [x - 0.03, y - 0.01]) & (taken <= [x + wide + 0.03, y + tall])
                if not box.all(axis=1).any() and 0 < y < canvas.tall - tall:
                    break
            else:
                continue
            ax.text(
                x / scale[0] + x0,
                float(centre.iloc[0]),
                text,
                fontsize=LABEL,
                fontweight="bold",
                color=INK,
                va="center",
                zorder=6,
            ).set_y((y + tall / 2) / scale[1] + y0)
            break


def _obstacles(picture: Picture, across: Across) -> Array:
    """Points along everything drawn, close enough that no word fits between two of them."""
    points = picture.points
    places = []
    value = points["value"].to_numpy(dtype=float)
    share, x = np.linspace(0, 1, 12)[:, None], across.middle
    places.append((x[:-1] + share * np.diff(x), value[:-1] + share * np.diff(value)))
    known = np.isfinite(value)
    places.append((x[known], value[known]))
    names = ["target", *(["lower", "upper", "lower_2s", "upper_2s"] if picture.limits else [])]
    step = across.left + share * (across.right - across.left)
    places += [(step, points[name].to_numpy(dtype=float)) for name in names]
    flat = [np.stack(np.broadcast_arrays(*pair), axis=-1).reshape(-1, 2) for pair in places]
    every = np.concatenate(flat)
    return np.asarray(every[np.isfinite(every).all(axis=1)])


# ---- time --------------------------------------------------------------------------------------


def time_axis(ax: Axes, picture: Picture, across: Across, narrow: bool) -> None:
    """Few enough dates to read; where each point is an event, the dates of some events."""
    times = picture.points["time"]
    if across.in_order:
        most = 4 if narrow else 8
        which = np.unique(np.linspace(0, len(times) - 1, min(most, len(times))).round().astype(int))
        ax.set_xticks(across.middle[which], [f"{times[k]:%-d %b}\n{times[k]:%Y}" for k in which])
    elif len(times) <= 3 and picture.every not in ("day", "week"):
        ax.set_xticks(across.middle, [f"{time:%b}\n{time:%Y}" for time in times])
    else:
        date_axis(ax, times, narrow)
    room = 0.01 * (across.right[-1] - across.left[0])
    ax.set_xlim(across.left[0] - room, across.right[-1] + room)
