"""What a notebook says and shows by itself, as HTML that is safe and in its place on a page.

Markdown is rendered by mistune, foreign HTML is cleaned by bleach: no script, no style, nothing
from elsewhere; headings in order below the page's own, every table in a box that scrolls.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import bleach
import mistune
from bs4 import BeautifulSoup

from qieval.core.blocks import Narrative, Own

NO_ALT = "A figure of this step. The notebook gives no description of it."

NOT_DESCRIBED = (
    "A picture of this step is left out: the notebook does not say what it shows. Its cell can say "
    "so in its metadata, as `alt`."
)
_FILLER = re.compile(
    r"(an?\s+|the\s+)?(own\s+)?(image|figure|fig|picture|photo|graph|graphic|chart|plot|diagram|"
    r"untitled|output|png|alt|description)?[\s\d.:_-]*(\.?(png|jpe?g|svg|gif))?|\S+\.(png|jpe?g|svg|gif)"
    r"|<figure size.*>",
    re.IGNORECASE,
)


def says_nothing(alt: str) -> bool:
    """Whether a description does not say what a picture shows: "Figure 2", "plot.png"."""
    return alt.strip() == NO_ALT or _FILLER.fullmatch(" ".join(alt.split())) is not None


LAST_LEVEL = 6

_DROPPED = ("script", "style", "template", "iframe", "object", "embed", "svg", "math", "form")
"""Elements that go with all that is in them; of others that are not allowed the words stay."""
_ALLOWED = {
    *("a", "abbr", "b", "br", "code", "del", "em", "i", "ins", "kbd", "q", "s", "samp", "small"),
    *("span", "strong", "sub", "sup", "u", "var"),
    *("blockquote", "details", "div", "figcaption", "figure", "hr", "img", "p", "pre", "summary"),
    *("h2", "h3", "h4", "h5", "h6", "dd", "dl", "dt", "li", "ol", "ul"),
    *("caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
_ATTRIBUTES = {
    "a": ["href", "title"],
    "img": ["src", "alt"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "table": {"class": ("dataframe",)},
    "div": {"class": ("qi-table-box",), "role": ("group",), "tabindex": ("0",)},
}


@dataclass
class Outline:
    """The heading under which we are, so that no level is left out on the way down."""

    depth: int = 1

    def level(self, wanted: int) -> int:
        """The level of the next heading; the page alone has an h1."""
        self.depth = min(max(2, wanted), self.depth + 1, LAST_LEVEL)
        return self.depth


def title_of(block: Narrative) -> tuple[str, Narrative]:
    """The title that a narrative begins with ("" if none), and the narrative without it."""
    first, _, rest = block.source.strip().partition("\n")
    if not first.startswith("#"):
        return "", block
    tokens: Any = _parsed(first)
    if len(tokens) == 1 and tokens[0]["type"] == "heading" and tokens[0]["attrs"]["level"] == 1:
        return _plain(tokens[0]), Narrative(rest.strip())
    return "", block


def narrative_html(block: Narrative, outline: Outline) -> str:
    """The notebook's own words."""
    return f'<div class="qi-words">{_markdown(block.source, outline, down=0)}</div>'


def own_html(block: Own, outline: Outline, *, shared: bool = False) -> str:
    """What is no block of ours, made safe.

    Parameters
    ----------
    block : Own
        What a cell shows.
    outline : Outline
        The heading under which it stands.
    shared : bool
        Whether others read it: then a picture that nobody has described is left out.
    """
    if block.mime == "text/html":
        html = _clean(block.content, outline, shared=shared)
        return f'<div class="qi-output">{html}</div>'
    if block.mime == "text/markdown":
        return f'<div class="qi-output qi-words">{_markdown(block.content, outline, down=1)}</div>'
    if block.mime.startswith("image/"):
        if shared and says_nothing(block.alt):
            return f'<p class="qi-stopped">{NOT_DESCRIBED}</p>'
        data = block.content
        if block.mime == "image/svg+xml":
            data = base64.b64encode(data.encode("utf-8")).decode("ascii")
        alt = escape(block.alt or NO_ALT, quote=True)
        source = f"data:{block.mime};base64,{''.join(data.split())}"
        return f'<figure class="qi-figure"><img src="{source}" alt="{alt}"></figure>'
    return f'<pre class="qi-text" tabindex="0">{escape(block.content, quote=False)}</pre>'


# ---- Markdown ----------------------------------------------------------------------------------


class _Renderer(mistune.HTMLRenderer):
    """Escapes HTML, keeps headings in order, loads no picture from elsewhere."""

    def __init__(self) -> None:
        super().__init__(escape=True)
        self.outline, self.down = Outline(), 0

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        level = self.outline.level(level + self.down)
        return f"<h{level}>{text}</h{level}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>{text}</em>"


@lru_cache(maxsize=1)
def _writer() -> tuple[mistune.Markdown, _Renderer]:
    renderer = _Renderer()
    return mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"]), renderer


@lru_cache(maxsize=1)
def _reader() -> mistune.Markdown:
    return mistune.create_markdown(renderer=None)


def _parsed(source: str) -> Any:
    return _reader()(source)


def _plain(token: dict[str, Any]) -> str:
    """The words of a piece of Markdown."""
    children = token.get("children", ())
    return str(token["raw"]) if "raw" in token else "".join(_plain(child) for child in children)


def _markdown(source: str, outline: Outline, *, down: int) -> str:
    write, renderer = _writer()
    renderer.outline, renderer.down = outline, down
    html = str(write(source))
    return _in_boxes(html) if "<table>" in html else html


# ---- HTML --------------------------------------------------------------------------------------


def _clean(html: str, outline: Outline, *, shared: bool) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all(_DROPPED):
        element.decompose()
    for level in soup.find_all([f"h{number}" for number in range(1, LAST_LEVEL + 1)]):
        level.name = f"h{outline.level(int(level.name[1]) + 1)}"
    for image in soup.find_all("img"):
        if not str(image.get("src", "")).startswith("data:image/"):
            image.replace_with(str(image.get("alt", "")))
        elif shared and says_nothing(str(image.get("alt", ""))):
            image.replace_with(NOT_DESCRIBED)
        elif not image.get("alt"):
            image["alt"] = NO_ALT
    _box_tables(soup)
    return str(
        bleach.clean(
            str(soup),
            tags=_ALLOWED,
            attributes=_kept,
            protocols={"http", "https", "mailto", "data"},
            strip=True,
        )
    )


def _kept(tag: str, name: str, value: str) -> bool:
    """Whether an attribute stays."""
    if tag == "div" and name == "aria-label":
        return True
    if tag == "a" and value.strip().lower().startswith("data:"):
        return False
    known = _ATTRIBUTES.get(tag, ())
    return value in known.get(name, ()) if isinstance(known, dict) else name in known


def _in_boxes(html: str) -> str:
    soup = BeautifulSoup(html, "html.parser")
    _box_tables(soup)
    return str(soup)


def _box_tables(soup: BeautifulSoup) -> None:
    """Every table in a box that scrolls, by keyboard too, where the screen is narrow."""
    for table in soup.find_all("table"):
        if table.find_parent("table"):
            continue
        if "dataframe" in table.get_attribute_list("class"):
            table["class"] = "dataframe"
        caption = table.find("caption")
        box = soup.new_tag("div", attrs={"class": "qi-table-box", "role": "group"})
        box["tabindex"] = "0"
        box["aria-label"] = " ".join(caption.get_text().split()) if caption else "Table"
        table.wrap(box)
