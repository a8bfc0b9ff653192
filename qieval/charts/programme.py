"""A programme at a glance: projects by what was found, a mark and a word for each kind of evidence.

Projects stand in the order of the programme, under their networks; nobody is ranked. With many
projects a row is a network, and a cell counts. On a phone a project's evidence stands below its
name. The vertical axis counts inches from the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes

from qieval.analysis.programme import ProgrammeResult
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import write_key
from qieval.charts.spc_points import PointStyle
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    Canvas,
)
from qieval.charts.text_width import fold, shorten, width_of
from qieval.core.result import rows_of

MOST_PROJECTS = 45
"""With more projects than this a row is a network."""
_MOST_ROWS = 60
_WORD, _NAME, _LINE = 7.2, 8.3, 0.118
"""Points of words and names; inches from one line of words to the next."""
_MARK = 0.16
"""Inches that a mark takes before its words."""
_NAMES = 1.6
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_STATES = {
    "improved": PointStyle("^", BLUE, DARK_BLUE, 30, "Improved"),
    "worse": PointStyle("v", ORANGE, INK, 30, "Became worse"),
    "changed": PointStyle("D", PURPLE, PURPLE, 20, "Changed"),
    "changed, not alone": PointStyle("P", PURPLE, PURPLE, 30, "Changed beside something else"),
    "no clear change": PointStyle("o", "white", GREY, 22, "Neither shown nor ruled out"),
    "described": PointStyle("s", FAINT, GREY, 20, "Described, not tested"),
    "cannot tell": PointStyle(".", GREY, GREY, 22, "Cannot be determined"),
    "not evaluated": PointStyle("x", GREY, GREY, 20, "Not evaluated"),
    "failed": PointStyle("X", "white", INK, 26, "Failed"),
    "not run": PointStyle("_", GREY, GREY, 26, "Not run yet"),
}
_SHORT = {
    "improved": "improved",
    "worse": "worse",
    "changed": "changed",
    "changed, not alone": "not alone",
    "no clear change": "not clear",
    "described": "described",
    "cannot tell": "cannot tell",
    "not evaluated": "not evaluated",
    "failed": "failed",
    "not run": "not run",
}


@dataclass(frozen=True)
class _Row:
    """A project (or a network with many): its name, and by column the state and words."""

    group: str
    name: str
    cells: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class _Column:
    """A column of the grid: its head, and inches from the left to its ends."""

    name: str
    left: float
    right: float

    @property
    def wide(self) -> float:
        return self.right - self.left


@chart.register
def _(result: ProgrammeResult, ax: Axes, canvas: Canvas) -> None:
    rows = list(_rows(result))[:_MOST_ROWS]
    ax.set_axis_off()
    canvas.head = 0.1
    canvas.foot = 0.1
    if canvas.narrow:
        canvas.margins = (EDGE + 0.02, EDGE)
        end = _draw_below(ax, canvas, rows, measured_only=True)
        canvas.set_height(end + _AROUND)
        ax.set_ylim(end, 0)
        _draw_below(ax, canvas, rows)
    else:
        names = max(width_of(row.name, _NAME) for row in rows)
        canvas.margins = (min(_NAMES, names) + 0.1 + EDGE, EDGE)
        columns = _placed(result, canvas)
        end = _draw_grid(ax, canvas, rows, columns, measured_only=True)
        canvas.set_height(end + _AROUND)
        ax.set_ylim(end, 0)
        _draw_grid(ax, canvas, rows, columns)
    ax.set_xlim(0, canvas.wide)
    seen = {state for row in rows for cells in row.cells.values() for state, _ in cells}
    write_key(
        ax,
        canvas,
        [(style, style.words) for state, style in _STATES.items() if state in seen],
    )


@notes.register
def _(result: ProgrammeResult) -> list[str]:
    if len(result.projects) <= MOST_PROJECTS:
        order = "A row a project, in the order of the programme; no ranking."
    else:
        order = f"{len(result.projects)} projects, counted by network."
    more = len(list(_rows(result))) - _MOST_ROWS
    left_out = [f"{more} more rows stand in the table."] if more > 0 else []
    return [
        order,
        *left_out,
        "Improved or worse: as each result's own page says; of charts, by their rules.",
        *(["How the work went stands in the table of projects."] if _work_apart(result) else []),
    ]


def _work_apart(result: ProgrammeResult) -> bool:
    """Whether the table of projects says more of them than the figure."""
    return len(result.drawn) < len(result.columns)


def _rows(result: ProgrammeResult) -> Iterator[_Row]:
    cells = result.points[result.points["column"].isin(result.drawn)]
    if len(result.projects) <= MOST_PROJECTS:
        by_project = dict(list(cells.groupby("project", sort=False)))
        for project in rows_of(result.projects):
            own = by_project.get(project.project, cells.iloc[:0])
            filled = {row.column: [(row.state, row.words)] for row in rows_of(own)}
            yield _Row(project.network, project.called, filled)
        return
    for network, projects in result.projects.groupby("network", sort=False):
        filled = {}
        for column, own in cells[cells["network"] == network].groupby("column", sort=False):
            counts = own["state"].value_counts()
            filled[str(column)] = [
                (state, f"{counts[state]} {_SHORT[state]}") for state in _STATES if state in counts
            ]
        yield _Row("", f"{str(network) or 'No network'} ({len(projects)})", filled)


# ---- on a page ---------------------------------------------------------------------------------


def _placed(result: ProgrammeResult, canvas: Canvas) -> list[_Column]:
    """A column for each kind of evidence, all of the same width."""
    each = canvas.wide / len(result.drawn)
    return [
        _Column(name, place * each, (place + 1) * each) for place, name in enumerate(result.drawn)
    ]


def _draw_grid(
    ax: Axes,
    canvas: Canvas,
    rows: list[_Row],
    columns: list[_Column],
    *,
    measured_only: bool = False,
) -> float:
    """Heads, networks and rows from the top down; where it ends."""
    left = canvas.margins[0] - EDGE
    if not measured_only:
        for column in columns:
            head = fold(column.name, _NAME, column.wide - 0.04, bold=True)
            for up, line in enumerate(reversed(head)):
                _write(ax, column.left + 0.02, 0.28 - up * _LINE, line, _NAME, bold=True)
    down, group = 0.36, None
    for row in rows:
        if row.group and row.group != group:
            group = row.group
            if not measured_only:
                ax.plot([-left, canvas.wide], [down] * 2, color=GREY, linewidth=0.8, clip_on=False)
                _write(ax, -left, down + 0.17, group, _NAME, bold=True)
            down += 0.26
        name = fold(row.name, _NAME, left - 0.08)
        cells = [
            (column, [(state, _folded(words, state, column)) for state, words in texts])
            for column in columns
            if (texts := row.cells.get(column.name))
        ]
        lines = max([len(name), *(sum(len(words) for _, words in texts) for _, texts in cells)])
        tall = lines * _LINE + 0.1
        if not measured_only:
            _draw_row(ax, canvas, name, cells, columns, (down, tall))
        down += tall
    return down


def _folded(words: str, state: str, column: _Column) -> list[str]:
    return fold(words, _WORD, column.wide - (_MARK if state else 0.04) - 0.01)


def _draw_row(
    ax: Axes,
    canvas: Canvas,
    name: list[str],
    cells: list[tuple[_Column, list[tuple[str, list[str]]]]],
    columns: list[_Column],
    place: tuple[float, float],
) -> None:
    (down, tall), left = place, canvas.margins[0] - EDGE
    ax.plot([-left, canvas.wide], [down + tall] * 2, color=FAINT, linewidth=0.6, clip_on=False)
    for number, line in enumerate(name):
        _write(ax, -left, down + 0.14 + number * _LINE, line, _NAME)
    for column in columns[::2]:
        box = [column.left, column.right]
        ax.fill_between(box, down, down + tall, color=PALE, linewidth=0, zorder=0)
    for column, texts in cells:
        at = down + 0.14  # the baseline of the first line
        for state, words in texts:
            if state:
                _mark(ax, column.left + 0.08, at - 0.035, state)
            for line in words:
                _write(ax, column.left + (_MARK if state else 0.04), at, line, _WORD)
                at += _LINE


# ---- on a phone --------------------------------------------------------------------------------


def _draw_below(
    ax: Axes, canvas: Canvas, rows: list[_Row], *, measured_only: bool = False
) -> float:
    """Each project's name, and below it a line for each kind of evidence; where it ends."""
    down, group, size = 0.05, None, 8.0
    for row in rows:
        if row.group and row.group != group:
            group = row.group
            if not measured_only:
                ax.plot([0, canvas.wide], [down + 0.04] * 2, color=GREY, linewidth=0.8)
                words = shorten(group, size, canvas.wide, bold=True)
                _write(ax, 0, down + 0.2, words, size, bold=True)
            down += 0.28
        if not measured_only:
            _write(ax, 0, down + 0.12, shorten(row.name, 9, canvas.wide), 9)
        down += 0.19
        lines = [(column, *cell) for column, cells in row.cells.items() for cell in cells]
        for column, state, words in lines:
            if not measured_only:
                _mark(ax, 0.14, down + 0.065, state)
                text = shorten(f"{column}: {words}", size, canvas.wide - 0.3)
                _write(ax, 0.26, down + 0.1, text, size)
            down += 0.155
        if not lines:
            if not measured_only:
                _write(ax, 0.26, down + 0.1, "nothing evaluated", size)
            down += 0.155
        down += 0.06
    return down


def _mark(ax: Axes, across: float, down: float, state: str) -> None:
    style = _STATES[state]
    face = {} if style.marker in "x_" else {"edgecolor": style.edge}
    ax.scatter(
        [across],
        [down],
        marker=style.marker,
        s=style.size,
        facecolor=style.face,
        linewidth=1.0,
        zorder=4,
        clip_on=False,
        **face,
    )


def _write(
    ax: Axes,
    across: float,
    down: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
) -> None:
    ax.text(
        across,
        down,
        words,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=DARK_BLUE if bold else INK,
        va="baseline",
        clip_on=False,
        zorder=5,
    )
