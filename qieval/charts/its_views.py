"""Further views of an interrupted time series: the specification spread and the diagnostics."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.its import ITSResult
from qieval.charts.drawing import view
from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, PURPLE, Canvas, date_axis
from qieval.core.results import Result
from qieval.core.words import places_of


@view(ITSResult, "spread")
def _spread(result: Result, ax: Axes, canvas: Canvas) -> None:
    """One row a defensible choice: the change at once with its interval."""
    assert isinstance(result, ITSResult)
    rows = result.spread_at_once()
    canvas.figure.set_figheight(1.9 + 0.40 * len(rows))
    place = np.arange(len(rows))[::-1]
    for at, row in zip(place, rows.itertuples(index=False), strict=True):
        colour = PURPLE if row.headline else BLUE
        ax.plot([row.ci_low, row.ci_high], [at, at], color=colour, linewidth=2.4, zorder=2)
        marker = "D" if row.headline else "o"
        ax.plot(row.estimate, at, marker, color=colour, markersize=6.5, zorder=3)
    ax.axvline(0, color=INK, linewidth=1.2, zorder=1)
    headline = rows.loc[rows["headline"], "method"].iloc[0]
    names = [_name(row, headline, canvas.narrow) for row in rows.itertuples(index=False)]
    canvas.margins = (0.25, 0.25)
    ax.set_yticks(place, [""] * len(rows))
    for at, name, row in zip(place, names, rows.itertuples(index=False), strict=True):
        ax.annotate(
            name,
            xy=(0, at + 0.36),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=PURPLE if row.headline else INK,
            fontweight="bold" if row.headline else "normal",
            va="center",
        )
    ax.set_ylim(-0.6, len(rows) - 0.1)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    reach = np.array([rows["ci_low"].min(), rows["ci_high"].max(), 0.0])
    room = 0.05 * np.ptp(reach)
    ax.set_xlim(reach.min() - room, reach.max() + room)
    places = places_of(float(reach.min()), float(reach.max()))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.{max(0, places - 1)}f}")
    ax.set_xlabel(f"Change at once, {result.facts['unit']}", fontsize=8.5)


def _name(row: object, headline_method: str, narrow: bool) -> str:
    """What is different in this choice: the method, or the model under the headline's method."""
    if row.headline:  # type: ignore[attr-defined]
        return "As reported" if narrow else f"As reported: {row.method}, {row.model}"  # type: ignore[attr-defined]
    text = row.model if row.method == headline_method else row.method  # type: ignore[attr-defined]
    return str(text).replace("level and slope change", "level and slope")


@view(ITSResult, "diagnostics")
def _diagnostics(result: Result, ax: Axes, canvas: Canvas) -> None:
    """What is left over in time, its autocorrelations, placebo dates and single points."""
    assert isinstance(result, ITSResult)
    canvas.figure.set_figheight(8.4 if canvas.narrow else 6.8)
    ax.set_axis_off()
    canvas.margins = (0.55, 0.2)
    shape = (4, 1) if canvas.narrow else (2, 2)
    spots = [(i // shape[1], i % shape[1]) for i in range(4)]
    gap = 0.75 / shape[0]
    panels = []
    for row, column in spots:
        width, height = 1 / shape[1], 1 / shape[0]
        box = (
            column * width + (0.08 if column else 0),
            1 - (row + 1) * height + 0.06,
            width - 0.1,
            height - 0.16 * gap - 0.1,
        )
        panels.append(ax.inset_axes(box))
    _left_over(result, panels[0], canvas)
    _autocorrelations(result, panels[1])
    _placebo(result, panels[2], canvas)
    _single_points(result, panels[3], canvas)


def _panel(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=8.5, loc="left", color=DARK_BLUE, fontweight="bold")
    ax.tick_params(labelsize=7.5)
    ax.axhline(0, color=INK, linewidth=0.9)
    ax.grid(visible=True, axis="y")


def _left_over(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    _panel(ax, "Left over (standard deviations)")
    ax.scatter(result.left_over["time"], result.left_over["residual"], s=12, color=DARK_BLUE)
    date_axis(ax, result.left_over["time"], narrow=True)


def _autocorrelations(result: ITSResult, ax: Axes) -> None:
    found = result.autocorrelations()
    _panel(ax, "Its likeness to earlier periods, by lag")
    ax.fill_between(
        [0.5, len(found) + 0.5],
        -found["band"].iloc[0],
        found["band"].iloc[0],
        color=GREY,
        alpha=0.2,
    )
    ax.vlines(found["lag"], 0, found["autocorrelation"], color=BLUE, linewidth=2.5)
    ax.set_xticks(found["lag"][:: 1 if len(found) < 8 else 2])
    ax.set_ylim(-1, 1)
    ax.set_yticks([-1, 0, 1])


def _placebo(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    _panel(ax, "At dates when nothing happened")
    rows = result.placebo
    if rows.empty:
        ax.text(0.02, 0.6, "Too few periods beforehand", transform=ax.transAxes, fontsize=8)
        ax.set_xticks([])
        return
    ax.vlines(rows["time"], rows["ci_low"], rows["ci_high"], color=BLUE, linewidth=1.6)
    ax.scatter(rows["time"], rows["level_change"], s=14, color=BLUE, zorder=3)
    real = result.estimates.loc["level_change", "estimate"]
    ax.axhline(real, color=PURPLE, linestyle=(0, (4, 2)), linewidth=1.4)
    ax.annotate(
        "the real date",
        xy=(1, real),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=7.5,
        color=PURPLE,
    )
    date_axis(ax, rows["time"], narrow=True)


def _single_points(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    _panel(ax, "Shift without each point (SE)")
    ax.vlines(result.influence["time"], 0, result.influence["shift_in_se"], color=BLUE, linewidth=2)
    date_axis(ax, result.influence["time"], narrow=True)
