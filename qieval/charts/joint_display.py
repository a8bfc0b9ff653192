"""Joint display: a row a theme and finding, with a mark under how people judged that they fit."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.joint_display import JointDisplayResult
from qieval.analysis.joint_display.tables import AGREEMENTS, NOT_JUDGED
from qieval.analysis.joint_display.words import NO_THEME
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, FAINT, GREY, INK, ORANGE, QUIET, Canvas
from qieval.charts.text_width import LABEL, fold
from qieval.core.result import rows_of

_LINE, _PAD, _SMALL = 0.15, 0.09, 8.0
_NAMES = 4.0
"""Inches of the names on a page; on a phone they stand above their marks."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_MARKS = {
    "concordant": ("o", BLUE, BLUE),
    "discordant": ("D", ORANGE, INK),
    "silent": ("o", "white", GREY),
    NOT_JUDGED: ("s", "white", QUIET),
}


@chart.register
def _(result: JointDisplayResult, ax: Axes, canvas: Canvas) -> None:
    columns = [*AGREEMENTS, NOT_JUDGED]
    beside = 0.0 if canvas.narrow else _NAMES
    canvas.margins = (beside + EDGE, EDGE)
    step, room = canvas.wide / len(columns), (canvas.wide if canvas.narrow else beside - 0.15)
    names = [
        (
            fold(row.theme or NO_THEME, LABEL, room, bold=True),
            fold(result.title(row.finding), _SMALL, room),
        )
        for row in rows_of(result.points)
    ]
    tall = [
        _LINE * sum(map(len, lines)) + 2 * _PAD + (0.32 if canvas.narrow else 0) for lines in names
    ]
    head = 0.3
    end = head + sum(tall)
    canvas.head, canvas.foot = 0.1, 0.1
    canvas.set_height(end + _AROUND)
    ax.set_xlim(0, len(columns))
    ax.set_ylim(end, 0)
    ax.set_axis_off()
    for at, name in enumerate(columns):
        ax.text(at + 0.5, head - 0.08, name.capitalize(), fontsize=_SMALL, color=QUIET,
                ha="center", va="bottom")  # fmt: skip
    down = head
    for row, (theme, finding), height in zip(rows_of(result.points), names, tall, strict=True):
        ax.plot([-beside / step, len(columns)], [down, down], color=FAINT, linewidth=0.8,
                clip_on=False, zorder=0)  # fmt: skip
        left, under = -beside / step, down + _PAD + _LINE * len(theme)
        ax.text(left, down + _PAD, "\n".join(theme), fontsize=LABEL, fontweight="bold",
                color=DARK_BLUE, va="top", clip_on=False)  # fmt: skip
        ax.text(left, under, "\n".join(finding), fontsize=_SMALL, color=QUIET, va="top",
                clip_on=False)  # fmt: skip
        middle = down + (height - 0.22 if canvas.narrow else height / 2)
        shape, inside, edge = _MARKS[row.agreement]
        place = columns.index(row.agreement) + 0.5
        ax.scatter([place], [middle], marker=shape, s=95, facecolor=inside, edgecolor=edge,
                   linewidth=1.4, zorder=4)  # fmt: skip
        if row.quotes:
            ax.text(place + 0.14 / step, middle, f"{row.quotes:g}", fontsize=_SMALL, color=QUIET,
                    va="center_baseline")  # fmt: skip
        down += height


@notes.register
def _(result: JointDisplayResult) -> list[str]:
    return [
        "Dot: concordant; diamond: discordant; open ring: silent; open square: not judged. Beside "
        "it the number of quotes shown. How they fit is the judgement of the people who made the "
        "table."
    ]
