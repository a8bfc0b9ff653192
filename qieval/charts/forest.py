"""The forest plot of several teams: one row each, the average and the range for a new one below.

Rows stand in the order of the table: sorted by estimate they would read as a league table. On a
page a row has its name at the left and its numbers at the right; on a phone both stand above its
line. The vertical axis counts inches from the top, so that rows and words keep their distance
however many there are.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator

from qieval.analysis.synthesis import PooledResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, FAINT, GREY, INK, PURPLE, Canvas

MOST_NAMED = 60
"""With more teams than this the rows are thin lines, in order of size, without names."""

_TALLEST = 12.0
_TEXT = 8.5
_QUIET = "#4C6272"
_LETTER, _BOLD_LETTER = 0.068, 0.078
_BESIDE = {False: (0.5, 1.13), True: (0.4, 0.83)}
"""Inches free for words at the left and right of the Axes (``Canvas.dress``), by narrowness."""


@dataclass(frozen=True)
class _Row:
    """One row: a team, the average, or the range for a new one.

    Attributes
    ----------
    name, numbers : str
        What stands beside or above the mark.
    kind : str
        team, missing, pooled or prediction.
    ends : tuple
        Estimate, lower and upper end in the unit shown.
    size : float
        Size of a team's square, 0 to 1.
    clear : bool
        Whether the team's own change is clear.
    at : float
        Inches from the top.
    """

    name: str
    numbers: str
    kind: str
    ends: tuple[float, float, float]
    size: float = 0.0
    clear: bool = False
    at: float = 0.0

    @property
    def sums_up(self) -> bool:
        """Whether it is about all teams."""
        return self.kind in ("pooled", "prediction")


@dataclass(frozen=True)
class _Plan:
    """What goes where.

    Attributes
    ----------
    rows : list
        From top to bottom.
    low, high : float
        Ends of the scale.
    left, right : float
        Where they lie across the Axes, 0 to 1.
    rule, tall : float
        Inches from the top to the line above the average, and to the bottom.
    named : bool
        Whether the teams are named.
    """

    rows: list[_Row]
    low: float
    high: float
    left: float
    right: float
    rule: float
    tall: float
    named: bool


@chart.register
def _(result: PooledResult, ax: Axes, canvas: Canvas) -> None:
    plan = _plan(result, ax, canvas)
    _set_axes(ax, canvas, plan)
    _guide_lines(ax, canvas, plan)
    _label_scale(ax, canvas, plan, result)
    for row in plan.rows:
        _draw(ax, row, plan)
        if plan.named or row.sums_up:
            _write(ax, canvas, row)


# ---- what goes where ---------------------------------------------------------------------------


def _plan(result: PooledResult, ax: Axes, canvas: Canvas) -> _Plan:
    rows = _rows(result)
    named = len(result.points) <= MOST_NAMED
    each = (0.45 if canvas.narrow else 0.27) if named else min(0.05, _TALLEST / len(rows))
    summary = 0.45 if canvas.narrow else 0.29
    rows, tall = _placed(rows, each, summary, 0.68 if canvas.narrow else 0.5)
    rule = tall - summary * sum(row.sums_up for row in rows)
    low, high = _reach(rows)
    left, right = (0.0, 1.0) if canvas.narrow else _scale_place(ax, rows, named)
    return _Plan(rows, low, high, left, right, rule, tall, named)


def _rows(result: PooledResult) -> list[_Row]:
    """The rows from top to bottom: teams, then the average, then the range for a new team."""
    scale = result.scale
    heaviest = float(result.points["weight"].max())
    records, numbers = result.points.to_dict("records"), result.team_numbers()
    rows = [
        _Row(
            name=point["study"],
            numbers=text,
            kind="missing" if point["reason"] else "team",
            ends=(scale * point["estimate"], scale * point["ci_low"], scale * point["ci_high"]),
            size=point["weight"] / heaviest,
            clear=bool(point["clear"]),
        )
        for point, text in zip(records, numbers, strict=True)
    ]
    if len(rows) > MOST_NAMED:
        rows = sorted((row for row in rows if row.kind == "team"), key=lambda row: row.ends[0])
    ends = result.figures("pooled")
    rows.append(_Row("Average", result.interval_words("pooled"), "pooled", ends))
    if "prediction" in result.estimates.index:
        ends = result.figures("prediction")
        name = f"A new {result.params['team']}"
        rows.append(_Row(name, result.range_words("prediction"), "prediction", ends))
    return rows


def _placed(
    rows: list[_Row], each: float, summary: float, share: float
) -> tuple[list[_Row], float]:
    """The rows with their places, each mark at that share of its row's height; the whole height."""
    at, placed = 0.0, []
    for row in rows:
        height = summary if row.sums_up else each
        placed.append(replace(row, at=at + share * height))
        at += height
    return placed, at


def _reach(rows: list[_Row]) -> tuple[float, float]:
    """Both ends of the scale.

    It holds zero, every estimate and the interval of the average; a longer line ends in an arrow
    where it would squeeze the others.
    """
    core = [0.0, *(row.ends[0] for row in rows if row.kind == "team")]
    core += [end for row in rows if row.kind == "pooled" for end in row.ends]
    low, high = min(core), max(core)
    lines = np.array([row.ends[1:] for row in rows if row.kind != "missing"])
    width = high - low
    low = min(low, max(float(lines[:, 0].min()), low - width))
    high = max(high, min(float(lines[:, 1].max()), high + width))
    room = 0.03 * (high - low)
    return low - room, high + room


def _scale_place(ax: Axes, rows: list[_Row], named: bool) -> tuple[float, float]:
    """Where the scale begins and ends across the Axes, so that names and numbers have room."""
    figure = ax.get_figure(root=True)
    wide = (figure.get_figwidth() if figure else 8) * ax.get_position().width
    written = [row for row in rows if named or row.sums_up]

    def widest(words: list[tuple[str, bool]]) -> float:
        return max(len(text) * (_BOLD_LETTER if bold else _LETTER) for text, bold in words)

    names = widest([(max(_folded(row.name).split("\n"), key=len), row.sums_up) for row in written])
    numbers = widest([(row.numbers, row.sums_up) for row in written])
    free_left, free_right = _BESIDE[False]
    left = max(0.05, names + 0.2 - free_left) / wide
    right = max(0.05, numbers + 0.15 - free_right) / wide
    return min(left, 0.4), max(1 - right, 0.6)


def _folded(name: str, letters: int = 30) -> str:
    """A name in one line, or two, or shortened."""
    return "\n".join(textwrap.wrap(name, letters, max_lines=2, placeholder=" …") or [name])


# ---- scale -------------------------------------------------------------------------------------


def _set_axes(ax: Axes, canvas: Canvas, plan: _Plan) -> None:
    figure = ax.get_figure(root=True)
    if figure and len(figure.axes) == 1:  # beside other charts the figure keeps its height
        figure.set_size_inches(figure.get_figwidth(), max(3.0, 2.35 + plan.tall))
    a_share = (plan.high - plan.low) / (plan.right - plan.left)
    ax.set_xlim(plan.low - plan.left * a_share, plan.high + (1 - plan.right) * a_share)
    ax.set_ylim(plan.tall + 0.03, -0.03)
    ticks = MaxNLocator(4 if canvas.narrow else 6).tick_values(plan.low, plan.high)
    ax.set_xticks([tick for tick in ticks if plan.low <= tick <= plan.high])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))
    ax.set_yticks([])
    ax.grid(False)
    ax.spines[["top", "left", "right"]].set_visible(False)
    ax.spines["bottom"].set_bounds(plan.low, plan.high)


def _guide_lines(ax: Axes, canvas: Canvas, plan: _Plan) -> None:
    """Light lines at the ticks, the line of no difference, and one above the average."""
    bottom = plan.tall + 0.03
    ax.vlines(ax.get_xticks(), -0.03, bottom, color=FAINT, linewidth=0.8, zorder=0)
    ax.vlines(0, -0.03, bottom, color=INK, linewidth=1.2, zorder=1)
    out = (-0.15, 1.31) if canvas.narrow else (-0.08, 1.18)
    ax.plot(
        out,
        [plan.rule, plan.rule],
        transform=ax.get_yaxis_transform(),
        color=GREY,
        linewidth=0.8,
        zorder=1,
        clip_on=False,
    )


def _label_scale(ax: Axes, canvas: Canvas, plan: _Plan, result: PooledResult) -> None:
    """The words at the line of no difference; below, the unit and which way is which."""
    place = -plan.low / (plan.high - plan.low)
    side = "left" if place < 0.15 else "right" if place > 0.85 else "center"
    style: dict[str, Any] = {"textcoords": "offset points", "fontsize": _TEXT}
    ax.annotate(
        "No difference",
        xy=(0, -0.03),
        xytext=(0, 2),
        ha=side,
        va="bottom",
        fontweight="bold",
        annotation_clip=False,
        **style,
    )
    good = {"lower": (" (better)", " (worse)"), "higher": (" (worse)", " (better)")}
    lower, higher = good.get(result.params["direction"], ("", ""))
    words = [(f"← Lower{lower}", plan.left, "left"), (f"Higher{higher} →", plan.right, "right")]
    unit = result.axis_unit[:1].upper() + result.axis_unit[1:]
    figure = ax.get_figure(root=True)
    wide = (figure.get_figwidth() if figure else 8) * ax.get_position().width
    wide *= 0.82 if canvas.narrow else 0.98  # what `Canvas.dress` will leave of it
    needed = _LETTER * sum(len(word) for word in (words[0][0], unit, words[1][0], "      "))
    if needed < wide * (plan.right - plan.left):
        words.append((unit, (plan.left + plan.right) / 2, "center"))
    else:
        above = {
            "xy": (0, 1),
            "xytext": (-72 * _BESIDE[canvas.narrow][0], 15),
            "ha": "left",
            "va": "bottom",
        }
        ax.annotate(unit, xycoords="axes fraction", color=_QUIET, **above, **style)
    for word, at, ha in words:
        below = {"xy": (at, 0), "xytext": (0, -20), "ha": ha, "va": "top"}
        ax.annotate(word, xycoords="axes fraction", color=_QUIET, **below, **style)


# ---- marks and words ---------------------------------------------------------------------------


def _draw(ax: Axes, row: _Row, plan: _Plan) -> None:
    estimate, low, high = row.ends
    if row.kind == "missing":
        return
    if row.kind == "pooled":
        tall = 0.075
        at = row.at
        corners = [(low, at), (estimate, at - tall), (high, at), (estimate, at + tall)]
        ax.add_patch(Polygon(corners, closed=True, facecolor=BLUE, edgecolor=BLUE, zorder=4))
        return
    colour = PURPLE if row.kind == "prediction" else DARK_BLUE
    width = 5.0 if row.kind == "prediction" else 1.5 if plan.named else 0.7
    shown = np.clip([low, high], plan.low, plan.high)
    ax.plot(shown, [row.at] * 2, color=colour, linewidth=width, solid_capstyle="butt", zorder=3)
    size = 8 if row.kind == "prediction" else 5
    for goes_on, end, mark in ((low < plan.low, plan.low, "<"), (high > plan.high, plan.high, ">")):
        if goes_on:
            ax.plot([end], [row.at], marker=mark, markersize=size, color=colour, zorder=4)
    if row.kind == "team":
        _draw_square(ax, row, plan.named)


def _draw_square(ax: Axes, row: _Row, named: bool) -> None:
    ax.scatter(
        [row.ends[0]],
        [row.at],
        s=14 + 66 * row.size if named else 4,
        marker="s",
        facecolor=DARK_BLUE if row.clear or not named else "white",
        edgecolor=DARK_BLUE,
        linewidth=1.4 if named else 0,
        zorder=5,
    )


def _write(ax: Axes, canvas: Canvas, row: _Row) -> None:
    """Name and numbers: in the margins on a page, above the mark on a phone."""
    name = _folded(row.name)
    if canvas.narrow:
        name = textwrap.shorten(row.name, 52 - len(row.numbers), placeholder=" …")
    up = 11 if canvas.narrow else 0
    beside_left, beside_right = (72 * inches for inches in _BESIDE[canvas.narrow])
    style: dict[str, Any] = {
        "xycoords": ax.get_yaxis_transform(),  # across: the Axes; down: the rows
        "textcoords": "offset points",
        "fontweight": "bold" if row.sums_up else "normal",
        "color": {"pooled": BLUE, "prediction": PURPLE, "missing": _QUIET}.get(row.kind, INK),
        "va": "center",
        "annotation_clip": False,
        "zorder": 6,
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if canvas.narrow else None,
    }
    small = 7.6 if "\n" in name else _TEXT
    ax.annotate(name, (0, row.at), xytext=(-beside_left, up), ha="left", fontsize=small, **style)
    ax.annotate(
        row.numbers, (1, row.at), xytext=(beside_right, up), ha="right", fontsize=_TEXT, **style
    )


@notes.register
def _(result: PooledResult) -> list[str]:
    level = f"{100 * result.params['confidence']:g}%"
    one, many = result.params["team"], result.teams_word
    sentences = [
        f"Square: one {one}, larger with more weight, filled where its own change is clear after "
        f"allowing for {result.k:,} {many}; line: its {level} interval.",
        f"Diamond: average with its {level} interval ({result.estimates['method'].iloc[0]}).",
    ]
    if len(result.points) > MOST_NAMED:
        sentences[0] = f"Each thin line is one {one} with its {level} interval, in order of size."
    if "prediction" in result.estimates.index:
        sentences.append(f"Bar: {level} prediction interval for a new {one}.")
    rows = _rows(result)
    low, high = _reach(rows)
    if any(row.ends[1] < low or row.ends[2] > high for row in rows if row.kind != "missing"):
        sentences.append("An arrow: the line goes on.")
    missing = int((result.points["reason"] != "").sum())
    if missing and len(result.points) > MOST_NAMED:
        sentences.append(f"{missing} could not be evaluated and are not shown.")
    return sentences
