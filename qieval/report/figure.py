"""A figure that everyone can read: two shapes (page, phone), alt text, and the data as a table."""

from __future__ import annotations

import base64
import io
import re
from html import escape

import matplotlib.pyplot as plt

from qieval.charts import draw
from qieval.charts.style import STYLE
from qieval.core.result import Result
from qieval.intake.origin import Origin
from qieval.report.shown import Shown, folded, table_html

PHONE_BELOW = 560
"""Page width in CSS pixels under which the phone shape is shown."""


def figure(result: Result, origin: Origin | None = None, *, view: str | None = None) -> Shown:
    """The result's chart in an HTML ``<figure>`` with alt text and its data table.

    Parameters
    ----------
    result : Result
        What an analysis returned.
    origin : Origin, optional
        Where the data are from; simulated data are labelled in the figure itself.
    view : str, optional
        Another view than the main chart; its numbers stand in the page's tables.
    """
    source = _source(origin)
    page, phone = (_svg(result, size, source, view) for size in ("page", "phone"))
    alt = " ".join(result.view_words(view)) if view else result.alt_text()
    data = "" if view else folded("The data behind this figure", table_html(result.table("points")))
    html = (
        '<figure class="qi-figure"><picture>'
        f'<source media="(max-width: {PHONE_BELOW}px)" srcset="{phone}">'
        f'<img src="{page}" alt="{escape(alt, quote=True)}"></picture>'
        f"{f'<figcaption>{data}</figcaption>' if data else ''}</figure>"
    )
    return Shown(html, f"Figure: {alt}")


def _source(origin: Origin | None) -> str:
    if origin is None:
        return ""
    label = "SIMULATED DATA, not real patients. " if origin.simulated else ""
    source = origin.attribution or origin.title
    # Attributions of open data often say "Source:" themselves.
    return f"{label}{'' if 'Source:' in source else 'Source: '}{source}"


def _svg(result: Result, size: str, source: str, view: str | None) -> str:
    with plt.rc_context(STYLE):
        axes = draw(result, size=size, source=source, view=view)
        figure = axes.get_figure(root=True)
        buffer = io.StringIO()
        # No date: the same result gives the same bytes.
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})  # type: ignore[union-attr]
    plain = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.S)
    return "data:image/svg+xml;base64," + base64.b64encode(plain.encode()).decode()
