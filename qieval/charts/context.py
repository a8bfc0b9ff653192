"""Context: a lane for each kind of event, a bar for each result with its window, staffing below.

The vertical axis counts inches from the top. Marks of one lane that would lie on one another stand
in further rows of it, so that none is hidden however close together things happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import MaxNLocator

from qieval.analysis.context import ContextResult
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import SMALL, mark_number, write_key, write_list
from qieval.charts.lettering import LABEL, apart, shorten, width_of
from qieval.charts.spc_looks import Look
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    GREY,
    INK,
    LIGHT_BLUE,
    ORANGE,
    PALE,
    PURPLE,
    Canvas,
    date_axis,
    value_axis,
)
from qieval.core.periods import label
from qieval.core.result import rows_of

_ROW = 0.23
"""Inches from one row of marks to the next."""
_BAR, _GAP = 0.27, 0.05
"""Inches a result, and of them between two."""
_NAME = 0.19
"""Inches of a name above what it names, on a phone."""
_PANEL = 0.95
"""Inches of a team's staffing lines."""
_SMALL = 8.0
_MOST_PANELS = 4
_MOST_BARS = 60
_NAMES = 2.3
"""Inches that names at the left may take on a page."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_WINDOW = Look("s", LIGHT_BLUE, LIGHT_BLUE, 46, "Window around a change")
_CHANGE = Look("|", DARK_BLUE, DARK_BLUE, 90, "The change itself")
_INSIDE = Look("D", ORANGE, INK, 30, "Another event in the window")
_LINES = ((BLUE, "-"), (PURPLE, (0, (4, 2))), (INK, (0, (1, 1.5))), (GREY, "-"))


@dataclass(frozen=True)
class _Plan:
    """What stands where, in inches from the top.

    Attributes
    ----------
    names : list of (str, float, bool)
        Words at the left, or on a phone above what they name; bold or not.
    lanes : list of (DataFrame, list of float)
        The events of each lane, and where each of them stands.
    bands : list of (float, float)
        Top and bottom of each lane.
    bars : list of (row, float)
        The results.
    panels : list of (DataFrame, float)
        Staffing of a team, and the top of its panel.
    end : float
        Where all of it ends.
    """

    names: list[tuple[str, float, bool]]
    lanes: list[tuple[pd.DataFrame, list[float]]]
    bands: list[tuple[float, float]]
    bars: list[tuple[Any, float]]
    panels: list[tuple[pd.DataFrame, float]]
    end: float


@chart.register
def _(result: ContextResult, ax: Axes, canvas: Canvas) -> None:
    _make_room(result, canvas)
    _time_axis(result, ax, canvas)
    plan = _plan(result, ax, canvas)
    canvas.head = 0.15
    canvas.set_height(plan.end + _AROUND)
    ax.set_ylim(plan.end, 0)
    ax.set_yticks([])
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    for text, down, bold in plan.names:
        _write(ax, canvas, text, down, bold=bold)
    _draw_lanes(ax, plan)
    _draw_bars(result, ax, plan)
    _draw_staffing(ax, canvas, plan)
    if len(result.dated):
        looks = [_CHANGE, _WINDOW] if result.dated["change"].notna().any() else []
        looks += [_INSIDE] if len(result.near) else []
        write_key(ax, canvas, [(look, look.words) for look in looks])
    events = [row._asdict() for row in rows_of(result.others)]
    write_list(ax, canvas, [(event, _said(event)) for event in events])


@notes.register
def _(result: ContextResult) -> list[str]:
    said = ["Grey bar: the months that a result covers."] if len(result.dated) else []
    if sum(len(own) for _, own in _bars(result)) == _MOST_BARS:
        said.append(f"No more than {_MOST_BARS} measures are drawn; the table has them all.")
    teams = result.staffing.groupby(["project", "team"]).ngroups
    if teams > _MOST_PANELS:
        said.append(f"Staffing of {_MOST_PANELS} of {teams} teams is drawn, in their order.")
    return [*said, "A log holds what somebody wrote down; more may have happened."]


# ---- what goes where ---------------------------------------------------------------------------


def _make_room(result: ContextResult, canvas: Canvas) -> None:
    figures = result.staffing["measure"].unique()
    right = max((width_of(str(name), _SMALL) for name in figures), default=0.1)
    right = min(right, 0.95 if canvas.narrow else 1.6) + 6 / 72 + EDGE
    if canvas.narrow:
        canvas.margins = (0.3, max(0.3, right))
        return
    names = [(str(kind).capitalize(), True) for kind in result.lanes]
    for called, own in _bars(result):
        names += [(called, True), *((str(row.outcome), False) for row in rows_of(own))]
    names += [(f"Staffing, {team}", True) for team in result.staffing["team"].unique()]
    widest = max((width_of(text, LABEL, bold=bold) for text, bold in names), default=0.5)
    canvas.margins = (min(_NAMES, widest) + 0.14 + EDGE, right)


def _bars(result: ContextResult) -> list[tuple[str, pd.DataFrame]]:
    """Projects and their measures; one measured by several results in one way has one bar."""
    same = ["called", "outcome", "first", "last", "change"]
    measures = result.dated.drop_duplicates(same).head(_MOST_BARS)
    return [(str(called), own) for called, own in measures.groupby("called", sort=False)]


def _time_axis(result: ContextResult, ax: Axes, canvas: Canvas) -> None:
    days = pd.concat([result.others["date"], result.dated["first"], result.dated["last"]])
    days = days.dropna().sort_values()
    if len(days) == 0:
        days = result.points["date"]
    if days.iloc[0] == days.iloc[-1]:
        around = pd.Timedelta(days=90)
        days = pd.Series([days.iloc[0] - around, days.iloc[0] + around])
    date_axis(ax, days.reset_index(drop=True), canvas.narrow)
    low, high = ax.get_xlim()
    spare = 0.12 / canvas.wide * (high - low)  # marks are wider than the room that the axis leaves
    ax.set_xlim(low - spare, high + spare)


def _plan(result: ContextResult, ax: Axes, canvas: Canvas) -> _Plan:
    plan, down, above = _Plan([], [], [], [], [], 0.0), 0.05, canvas.narrow
    for kind, own in result.lanes.items():
        top = down
        plan.names.append((str(kind).capitalize(), down + _ROW / 2, True))
        down += _NAME if above else 0.0
        rows = _rows_of_marks(ax, canvas, own)
        plan.lanes.append((own, [down + (row + 0.5) * _ROW for row in rows]))
        down += _ROW * (max(rows) + 1) + 0.04
        plan.bands.append((top, down))
    down += 0.1
    bars = _bars(result)
    for called, measures in bars:
        if len(bars) > 1:
            plan.names.append((called, down + 0.14, True))
            down += _NAME + 0.05
        for row in rows_of(measures):
            name = _NAME if above else 0.0
            at = down + name + (_BAR - _GAP) / 2
            plan.names.append((str(row.outcome), down + 0.1 if above else at, False))
            plan.bars.append((row, at))
            down += name + _BAR
    teams = list(result.staffing.groupby(["project", "team"], sort=False))[:_MOST_PANELS]
    for (_, team), own in teams:
        down += 0.16
        where = down + 0.08 if above else down + 0.12
        plan.names.append((f"Staffing{f', {team}' if team else ''}", where, True))
        down += _NAME if above else 0.0
        plan.panels.append((own, down))
        down += _PANEL
    return replace(plan, end=down + 0.08)


def _rows_of_marks(ax: Axes, canvas: Canvas, own: pd.DataFrame) -> list[int]:
    """The row of each mark of a lane, so that none lies on another."""
    low, high = ax.get_xlim()
    ends: list[float] = []  # where the last mark of each row ends, in inches
    rows = []
    for event in rows_of(own):
        at = canvas.wide * (date2num(event.date) - low) / (high - low)
        half = 0.5 * width_of(str(event.number), SMALL, bold=True) + 4 / 72
        row = next((n for n, end in enumerate(ends) if at - half > end), len(ends))
        ends[row:] = [at + half, *ends[row + 1 :]]
        rows.append(row)
    return rows


# ---- marks, bars, lines and words --------------------------------------------------------------


def _write(ax: Axes, canvas: Canvas, text: str, down: float, *, bold: bool) -> None:
    left, right = canvas.margins
    room = canvas.wide + right - EDGE if canvas.narrow else left - EDGE - 0.1
    ax.text(
        0 if canvas.narrow else -(left - EDGE) / canvas.wide,
        down,
        shorten(text, LABEL, room, bold=bold),
        transform=ax.get_yaxis_transform(),
        fontsize=LABEL,
        fontweight="bold" if bold else "normal",
        color=DARK_BLUE if bold else INK,
        va="center",
        clip_on=False,
        zorder=7,
    )


def _draw_lanes(ax: Axes, plan: _Plan) -> None:
    for top, bottom in plan.bands[::2]:
        ax.axhspan(top, bottom, color=PALE, linewidth=0, zorder=0)
    for own, places in plan.lanes:
        for event, down in zip(rows_of(own), places, strict=True):
            spot = (date2num(event.date), down)
            mark_number(ax, event.number, event._asdict(), xy=spot, xytext=(0, 0))


def _draw_bars(result: ContextResult, ax: Axes, plan: _Plan) -> None:
    for row, down in plan.bars:
        ax.hlines(down, row.first, row.last, color=FAINT, linewidth=6, zorder=2)
        own = result.windows[result.windows["evaluation"] == row.evaluation].dropna(subset="change")
        for window in rows_of(own):
            after = window.end + pd.DateOffset(months=1)
            ax.hlines(down, window.start, after, color=LIGHT_BLUE, linewidth=8, zorder=3)
            half = 0.08
            ax.vlines(
                window.change, down - half, down + half, color=DARK_BLUE, linewidth=2, zorder=4
            )
        inside = result.near.loc[result.near["evaluation"] == row.evaluation, "date"]
        look = {"facecolor": _INSIDE.face, "edgecolor": _INSIDE.edge, "linewidth": 0.9}
        ax.scatter(inside, [down] * len(inside), marker="D", s=_INSIDE.size, zorder=5, **look)


def _draw_staffing(ax: Axes, canvas: Canvas, plan: _Plan) -> None:
    """Thin lines with their names at the right, on the time axis of everything above."""
    figures = list(dict.fromkeys(name for own, _ in plan.panels for name in own["measure"]))
    for own, top in plan.panels:
        box = (0, 1 - (top + _PANEL) / plan.end, 1, _PANEL / plan.end)
        panel = ax.inset_axes(box)
        labels = []
        for number, name in enumerate(figures):
            rows = own[own["measure"] == name]
            if rows.empty:
                continue
            colour, style = _LINES[number % len(_LINES)]
            panel.plot(rows["period"], rows["value"], color=colour, linestyle=style, linewidth=1.3)
            labels.append((float(rows["value"].iloc[-1]), name, colour))
        panel.set_xlim(ax.get_xlim())
        value_axis(panel, own["value"].to_numpy(dtype=float))
        panel.set_ylim(bottom=0)
        panel.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        panel.tick_params(labelsize=7.5, labelbottom=False, length=0)
        panel.grid(visible=True, axis="both")
        _label_lines(panel, canvas, sorted(labels))


def _label_lines(panel: Axes, canvas: Canvas, labels: list[tuple[float, str, str]]) -> None:
    low, high = panel.get_ylim()
    wanted = [(value - low) / (high - low) for value, _, _ in labels]
    halves = [10.5 * 0.6 / 72 / _PANEL for _ in labels]
    room = canvas.margins[1] - EDGE - 4 / 72
    for at, (_, text, colour) in zip(apart(wanted, halves), labels, strict=True):
        panel.annotate(
            shorten(text, _SMALL, room),
            xy=(1, at),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            color=colour,
            fontsize=_SMALL,
            va="center",
            annotation_clip=False,
        )


def _said(event: dict[str, Any]) -> str:
    where = f", {event['team']}" if event["team"] else ""
    planned = "" if event["planned"] == "not recorded" else f"; {event['planned']}"
    return f"{label(event['date'], 'month')}: {event['event']}{where}{planned}"
