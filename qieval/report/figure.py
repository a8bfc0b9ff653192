"""A figure that everyone can read: two shapes (page, phone), alt text, and the data as a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib.pyplot as plt

from qieval.charts import draw
from qieval.charts.drawing import alt_text, caption_of
from qieval.charts.style import STYLE, Described
from qieval.charts.svg import StyleSheet, lean_svg
from qieval.core.result import Result
from qieval.intake.origin import Origin

PHONE_BELOW = 560
"""Page width in CSS pixels under which the phone shape is shown."""

_CSS = (
    ".qi-chart>svg{display:block;width:100%;height:auto;max-width:48rem;background:#fff}"
    ".qi-chart>svg+svg{display:none}"
    f"@media screen and (max-width:{PHONE_BELOW}px)"
    "{.qi-chart>svg{display:none}.qi-chart>svg+svg{display:block;max-width:26rem}}"
)
"""With the figure, because a notebook has no style sheet of ours."""

_UNNAMED = "qi-not-named-yet"

MimeBundle = tuple[dict[str, Any], dict[str, Any]]
"""An output by its MIME types, and its metadata."""


@dataclass(frozen=True)
class Drawing:
    """A chart as it is shown.

    Attributes
    ----------
    html : str
        Both shapes, of which the page's width chooses one.
    svg : str
        The page's shape as a picture of its own, for viewers that show no HTML.
    alt : str
        What it shows, for people who cannot see it.
    """

    html: str
    svg: str
    alt: str


def figure_html(
    result: Result,
    origin: Origin | None = None,
    view: str = "",
    data: str = "",
    drawing: Drawing | None = None,
) -> str:
    """The chart as HTML: both shapes, of which the page's width chooses one, and the caption.

    The finding is not in it: the page says it, once. To people who cannot see it, it is one picture
    with the result's own alt text; its words can be searched and copied all the same.

    Parameters
    ----------
    result : Result
        What an analysis returned.
    origin : Origin, optional
        Where the data are from.
    view : str
        Another view than the main chart. What it shows stands beside it on the page, so that its
        caption is the source alone.
    data : str
        HTML for the end of the caption: the data behind the figure.
    drawing : Drawing, optional
        The chart, where it is drawn already.
    """
    words = caption(result, origin, view)
    paragraph = f"<p>{escape(words)}</p>" if words else ""
    chart = drawing or drawing_of(result, view)
    return (
        f'<figure class="qi-figure">{chart.html}'
        f"{f'<figcaption>{paragraph}{data}</figcaption>' if words or data else ''}</figure>"
    )


def shape(result: Result, view: str = "", size: str = "page") -> Described:
    """One shape of the chart, without the words that the page says around it."""
    drawn = draw(result, size=size, view=view or None, words=False).get_figure(root=True)
    assert isinstance(drawn, Described)
    return drawn


def caption(result: Result, origin: Origin | None = None, view: str = "") -> str:
    """How the figure is to be read, and where its data are from."""
    return " ".join(filter(None, [*([] if view else caption_of(result)), _source(origin)]))


def picture_of(result: Result) -> str:
    """The page's shape alone, as HTML: half the work of both, for what is drawn at every step."""
    sheet, alt = StyleSheet(_UNNAMED), escape(alt_text(result), quote=True)
    drawn = shape(result)
    with plt.rc_context(STYLE):
        svg = lean_svg(drawn, sheet, "w")
    style = f"<style>.{_UNNAMED}>svg{{width:100%;height:auto;max-width:48rem}}{sheet.css()}</style>"
    html = f'<div class="{_UNNAMED}" role="img" aria-label="{alt}">{style}{svg}</div>'
    return html.replace(_UNNAMED, _name_of(html))


def drawing_of(result: Result, view: str = "") -> Drawing:
    """Both shapes of a chart, with the style sheet that they share."""
    sheet, alt = StyleSheet(_UNNAMED), alt_text(result, view)
    shapes = []
    for name, size in (("w", "page"), ("n", "phone")):
        drawn = shape(result, view, size)
        with plt.rc_context(STYLE):
            shapes.append(lean_svg(drawn, sheet, name))
    html = (
        f'<div class="qi-chart {_UNNAMED}" role="img" aria-label="{escape(alt, quote=True)}">'
        f"<style>{_CSS}{sheet.css()}</style>{''.join(shapes)}</div>"
    )
    start, _, marks = shapes[0].replace(' aria-hidden="true"', "", 1).partition(">")
    style = f"<title>{escape(alt)}</title><style>{sheet.css()}</style>"
    svg = f'{start} class="{_UNNAMED}">{style}{marks}'
    name = _name_of(html)
    return Drawing(html.replace(_UNNAMED, name), svg.replace(_UNNAMED, name), alt)


def _name_of(html: str) -> str:
    """A class that follows from what is drawn: no other has it, and it is always the same."""
    return f"q{hashlib.sha256(html.encode()).hexdigest()[:6]}"


def _source(origin: Origin | None) -> str:
    if origin is None:
        return ""
    label = "SIMULATED DATA, not real patients. " if origin.simulated else ""
    source = origin.attribution or origin.title
    # Attributions of open data often say "Source:" themselves.
    return f"{label}{'' if 'Source:' in source else 'Source: '}{source}"
