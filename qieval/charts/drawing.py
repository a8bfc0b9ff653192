"""``draw(result)``: the chart of any result. A chart file registers its charts here.

Most results have one chart. Some have further views (``view="spread"``), each with a title of its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from qieval.charts.style import STYLE, Canvas, new_canvas
from qieval.core.errors import ParameterError, listed
from qieval.core.result import Result

Chart = Callable[[Result, Axes, Canvas], None]

VIEWS: dict[tuple[type[Result], str], Chart] = {}
"""Further views of results: (class, name) → chart."""


@singledispatch
def chart(result: Result, ax: Axes, canvas: Canvas) -> None:
    """Draw `result` on `ax`; each chart file registers its own."""
    raise ParameterError(f"There is no chart for `{type(result).__name__}`.")


@singledispatch
def notes(result: Result) -> list[str]:
    """Sentences for the caption: what the marks are, what to mind."""
    return []


def view(kind: type[Result], name: str) -> Callable[[Chart], Chart]:
    """Register a further view of a kind of result."""

    def register(function: Chart) -> Chart:
        VIEWS[kind, name] = function
        return function

    return register


def draw(
    result: Result,
    ax: Axes | None = None,
    *,
    size: str = "page",
    source: str = "",
    view: str | None = None,
) -> Axes:
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
    view : str, optional
        Another view than the main chart, such as "spread" or "diagnostics".

    Returns
    -------
    Axes
        That drawn on; its figure is ``ax.figure``.

    Raises
    ------
    ParameterError
        If there is no such chart or view.
    """
    with plt.rc_context(STYLE):
        canvas = new_canvas(size) if ax is None else Canvas.of(ax)
        if view is None:
            chart(result, canvas.ax, canvas)
            title, lines = result.headline(), notes(result)
        else:
            _view_of(result, view)(result, canvas.ax, canvas)
            title, text = result.view_words(view)
            lines = [text]
        if ax is None:
            lines += [source] if source else []
            canvas.dress(title, _subtitle(result), " ".join(lines))
    return canvas.ax


def _view_of(result: Result, name: str) -> Chart:
    if (type(result), name) in VIEWS:
        return VIEWS[type(result), name]
    known = [view for kind, view in VIEWS if kind is type(result)]
    raise ParameterError(
        f"There is no view `{name}` of `{type(result).__name__}`.",
        found=f"views {listed(known)}",
    )


def _subtitle(result: Result) -> str:
    what, setting = result.params.get("outcome", ""), result.params.get("setting", "")
    return ", ".join(part for part in (what, setting) if part)
