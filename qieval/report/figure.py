"""A figure that everyone can read: two shapes (page, phone), alt text, and the data as a table."""

from __future__ import annotations

import hashlib
from html import escape
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from qieval.charts import draw
from qieval.charts.drawing import caption_of
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


def figure_html(
    result: Result,
    origin: Origin | None = None,
    view: str = "",
    data: str = "",
    drawn: Described | None = None,
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
    drawn : Figure, optional
        The page's shape, where it is drawn already.
    """
    words = caption(result, origin, view)
    paragraph = f"<p>{escape(words)}</p>" if words else ""
    alt = escape(alt_text(result, view), quote=True)
    chart = _chart(drawn or shape(result, view), shape(result, view, "phone"), alt)
    return (
        f'<figure class="qi-figure">{chart}'
        f"{f'<figcaption>{paragraph}{data}</figcaption>' if words or data else ''}</figure>"
    )


def shape(result: Result, view: str = "", size: str = "page") -> Described:
    """One shape of the chart, without the words that the page says around it."""
    drawn = draw(result, size=size, view=view or None, words=False).get_figure(root=True)
    assert isinstance(drawn, Described)
    return drawn


def picture(drawn: Described) -> MimeBundle:
    """A shape as a picture, for viewers that show no HTML: by MIME type, and its description."""
    image, about = drawn.as_png(dots=96)  # they show it as small as it is
    return {"image/png": image}, {"image/png": about}


def caption(result: Result, origin: Origin | None = None, view: str = "") -> str:
    """How the figure is to be read, and where its data are from."""
    return " ".join(filter(None, [*([] if view else caption_of(result)), _source(origin)]))


def alt_text(result: Result, view: str = "") -> str:
    """What the figure shows, for people who cannot see it."""
    return " ".join(result.view_words(view)) if view else result.alt_text()


def _chart(page: Figure, phone: Figure, alt: str) -> str:
    """Both shapes with the style sheet that they share."""
    sheet = StyleSheet(_UNNAMED)
    shapes = []
    for name, drawn in (("w", page), ("n", phone)):
        with plt.rc_context(STYLE):
            shapes.append(lean_svg(drawn, sheet, name))
    html = (
        f'<div class="qi-chart {_UNNAMED}" role="img" aria-label="{alt}">'
        f"<style>{_CSS}{sheet.css()}</style>{''.join(shapes)}</div>"
    )
    # Its name follows from what it is: no other figure of a page has it, and the same result
    # gives the same bytes.
    return html.replace(_UNNAMED, f"q{hashlib.sha256(html.encode()).hexdigest()[:6]}")


def _source(origin: Origin | None) -> str:
    if origin is None:
        return ""
    label = "SIMULATED DATA, not real patients. " if origin.simulated else ""
    source = origin.attribution or origin.title
    # Attributions of open data often say "Source:" themselves.
    return f"{label}{'' if 'Source:' in source else 'Source: '}{source}"
