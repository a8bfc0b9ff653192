"""Power curves: the chance of finding a change against its size, one line a waiting time."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.its import PowerResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, LIGHT_BLUE, PURPLE, Canvas
from qieval.core import periods

_LOOKS = [
    (GREY, "-"),
    (LIGHT_BLUE, "-"),
    (BLUE, "-"),
    (DARK_BLUE, "-"),
    (PURPLE, "--"),
    (INK, ":"),
]


@chart.register
def _(result: PowerResult, ax: Axes, canvas: Canvas) -> None:
    words = periods.noun(result.facts["every"], 2)
    wanted_power = result.params["power"]
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.axhline(wanted_power, color=INK, linewidth=1, zorder=1)
    smallest = result.estimates["estimate"]
    for number, after in enumerate(result.facts["after"]):
        rows = result.points[result.points["after"] == after]
        colour, style = _LOOKS[number % len(_LOOKS)]
        ax.plot(rows["change"], rows["power"], style, color=colour, linewidth=2.2, zorder=3)
        at = smallest[f"smallest_change_after_{after}"]
        ax.plot(at, wanted_power, "o", color=colour, markersize=5, zorder=4)
        # Each label stands on its own curve, at a height of its own, so that none meets another.
        level = 0.16 + 0.11 * number
        place = (rows["power"] - level).abs().idxmin()
        ax.annotate(
            f"{after} {words}" if number == 0 else str(after),
            xy=(rows["change"][place], rows["power"][place]),
            ha="center",
            va="center",
            fontsize=8.5,
            fontweight="bold",
            color=INK,
            bbox={"facecolor": "white", "edgecolor": colour, "pad": 1.6},
            zorder=5,
        )
    if result.params["wanted"]:
        ax.axvline(result.params["wanted"], color=PURPLE, linewidth=1.4, linestyle=(0, (4, 2)))
    ax.set_xlim(0, float(result.points["change"].max()))
    ax.set_xlabel(f"Size of the change at once, {result.facts['unit']}", fontsize=8.5)
    canvas.unit("Chance of finding it")
    canvas.margins = (canvas.margins[0], 0.25)


@notes.register
def _(result: PowerResult) -> list[str]:
    words = periods.noun(result.facts["every"], 2)
    found = [
        f"One curve for each number of {words} after the change. Dots: where the chance reaches "
        f"{100 * result.params['power']:.0f}%."
    ]
    if result.params["wanted"]:
        found.append("Dashed: the change hoped for.")
    return found
