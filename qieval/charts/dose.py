"""Dose: a point a team, its effect against its dose, and the line through them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.dose import DoseResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, FAINT, GREY, INK, Canvas

_SMALLEST, _LARGEST = 22.0, 90.0
"""Areas of the points of the least and the most precise team."""


@chart.register
def _(result: DoseResult, ax: Axes, canvas: Canvas) -> None:
    used, curve = result.used, result.curve
    ax.axhline(0, color=INK, linewidth=0.8, zorder=1)
    ax.fill_between(curve["dose"], curve["ci_low"], curve["ci_high"], color=FAINT, linewidth=0)
    ax.plot(curve["dose"], curve["estimate"], color=DARK_BLUE, linewidth=1.8, zorder=3)
    ax.vlines(used["dose"], used["ci_low"], used["ci_high"], color=GREY, linewidth=1.1, zorder=2)
    precision = 1 / used["se"].to_numpy(dtype=float)
    sizes = _SMALLEST + (_LARGEST - _SMALLEST) * precision / precision.max()
    ax.scatter(used["dose"], used["estimate"], s=sizes, color=BLUE, edgecolor="white",
               linewidth=0.6, zorder=4)  # fmt: skip
    low, high = float(used["dose"].min()), float(used["dose"].max())
    ax.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    ends = np.concatenate([used[["ci_low", "ci_high"]].to_numpy(dtype=float).ravel(), [0.0]])
    room = 0.06 * float(np.ptp(ends))
    ax.set_ylim(ends.min() - room, ends.max() + room)
    canvas.margins = (canvas.margins[0], 0.3)
    canvas.room_for_ticks()
    canvas.numbers_below()
    dose_in = str(result.params["dose_in"])
    canvas.words_below(dose_in[:1].upper() + dose_in[1:])
    canvas.unit(f"Effect, {result.effect_unit}")


@notes.register
def _(result: DoseResult) -> list[str]:
    return [
        "Each point: a team, larger where its effect is known better; upright lines: 95% interval "
        "of its effect. Line and band: meta-regression with its 95% interval. An association "
        "between teams, not a cause."
    ]
