"""``draw(result)``: the chart of any result. A chart file registers its charts here.

Most results have one chart. Some have further views (``view="spread"``), each with a title of its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import matplotlib
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


def alt_text(result: Result, view: str | None = None) -> str:
    """What a chart of a result shows, for people who cannot see it."""
    return " ".join(result.view_words(view)) if view else result.alt_text()


def draw(
    result: Result,
    ax: Axes | None = None,
    *,
    size: str = "page",
    source: str = "",
    view: str | None = None,
    words: bool = True,
    shown: bool = False,
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
    words : bool
        Whether a new figure has finding and caption in it, as one that stands by itself needs;
        without them it says only what is measured and for whom, because the page around it says
        the rest.
    shown : bool
        Whether a new figure is also matplotlib's own, which a notebook shows at the end of the
        cell and a script with ``matplotlib.pyplot.show()``.

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
        canvas = new_canvas(size, shown=shown) if ax is None else Canvas.of(ax)
        if view is None:
            chart(result, canvas.ax, canvas)
        else:
            _view_of(result, view)(result, canvas.ax, canvas)
        if ax is None and words:
            finding = result.headline() if view is None else result.view_words(view)[0]
            lines = [*caption_of(result, view), *([source] if source else [])]
            canvas.dress(finding, title_of(result), " ".join(lines))
        elif ax is None:
            canvas.dress(title_of(result))
        if ax is None:
            canvas.describe(lambda: alt_text(result, view))
        # The first figure starts a notebook's backend, which says that figures are to be shown;
        # leaving our style would take that back.
        to_be_shown = plt.isinteractive()
    matplotlib.interactive(to_be_shown)
    return canvas.ax


def title_of(result: Result) -> str:
    """The figure's own title: what is measured, and for whom."""
    what, setting = result.params.get("outcome", ""), result.params.get("setting", "")
    return ", ".join(filter(None, (what, setting)))


WITHHELD = (
    "Small counts are withheld, and others may be rounded. What is withheld, and what would tell "
    "it, is not drawn and stands as * in the table."
)
"""What the caption of a released result adds."""


def caption_of(result: Result, view: str | None = None) -> list[str]:
    """The sentences of the caption: what the marks are, and what to mind."""
    words = notes(result) if view is None else [result.view_words(view)[1]]
    return [*words, WITHHELD] if result.is_worded_again else words


def _view_of(result: Result, name: str) -> Chart:
    if (type(result), name) in VIEWS:
        return VIEWS[type(result), name]
    known = [view for kind, view in VIEWS if kind is type(result)]
    raise ParameterError(
        f"There is no view `{name}` of `{type(result).__name__}`.",
        found=f"views {listed(known)}",
    )
