"""``draw(result)``: the chart of any result. A chart file registers itself for its result class."""

from __future__ import annotations

from functools import singledispatch

from matplotlib.axes import Axes

from qieval.charts.style import Canvas, new_canvas
from qieval.core.errors import ParameterError
from qieval.core.results import Result


@singledispatch
def chart(result: Result, ax: Axes, canvas: Canvas) -> None:
    """Draw `result` on `ax`; each chart file registers its own."""
    raise ParameterError(f"There is no chart for `{type(result).__name__}`.")


@singledispatch
def notes(result: Result) -> list[str]:
    """Sentences for the caption: what the marks are, what to mind."""
    return []


def draw(result: Result, ax: Axes | None = None, *, size: str = "page", source: str = "") -> Axes:
    """Draw a result.

    Parameters
    ----------
    result : Result
        What an analysis returned.
    ax : Axes, optional
        Where to draw. Default: a new figure with the finding as its title, what is measured below
        it, and a caption.
    size : {"page", "phone"}
        Shape of a new figure.
    source : str
        Where the data are from, for the caption.

    Returns
    -------
    Axes
        That drawn on; its figure is ``ax.figure``.
    """
    canvas = new_canvas(size) if ax is None else Canvas.of(ax)
    chart(result, canvas.ax, canvas)
    if ax is None:
        lines = [*notes(result), *([source] if source else [])]
        canvas.dress(result.headline(), _subtitle(result), " ".join(lines))
    return canvas.ax


def _subtitle(result: Result) -> str:
    what, setting = result.params.get("outcome", ""), result.params.get("setting", "")
    return ", ".join(part for part in (what, setting) if part)
