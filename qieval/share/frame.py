"""What every page has: title, banner, footer; and the words and shapes of a status."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from qieval import __version__
from qieval.core.evaluated import STATUSES
from qieval.core.verdict import State
from qieval.share.audience import DATA_WITH_THE_TEAM

TEMPLATES = Path(__file__).parent / "templates"

SHAPES = {"done": "●", "not evaluated": "◆", "failed": "✗", "not run": "◇"}
"""A shape for each status, beside its word and colour."""

VERDICT_SHAPES: dict[State, str] = {
    "improved": "▲",
    "worse": "▼",
    "changed": "◈",
    "changed, not alone": "✚",
    "no clear change": "○",
    "described": "■",
    "cannot tell": "?",
}
"""A shape for each state of a verdict."""

AIM_SHAPES = {"reached": "✓", "not reached": "✕", "cannot tell": "?"}

SIMULATED = "The programme, its teams and every figure are made up."


@dataclass(frozen=True)
class Link:
    """A link to another page or file of the site."""

    name: str
    href: str


@dataclass(frozen=True)
class Site:
    """What every page of a site has.

    Attributes
    ----------
    root : str
        The way from this page to the folder of the site: "", "../" or "../../".
    stamp : str
        One sentence on the release, for the footer.
    """

    root: str = ""
    stamp: str = ""

    @property
    def links(self) -> tuple[Link, ...]:
        """Pages that every page leads to, beside the programme's own."""
        return (Link("All evaluations", f"{self.root}evaluations.html"),)


@dataclass(frozen=True)
class Frame:
    """What the frame of a page shows.

    Attributes
    ----------
    title, tab_title : str
        The page's one h1, and the name of its browser tab.
    up, up_name : str
        Address and name of the page above this one; without an address only the name is shown.
    simulated : bool
        Whether the banner is shown.
    attributions : tuple of str
        Whose data; shown in the footer.
    made : str
        When and by which qieval.
    site : Site or None
        The site in which the page stands; None for internal pages, which have no script.
    more : dict
        What only one kind of page has; templates see it as ``page.more``.
    """

    title: str
    tab_title: str
    up_name: str
    up: str = ""
    simulated: bool = False
    attributions: tuple[str, ...] = ()
    made: str = ""
    simulated_words: str = SIMULATED
    qieval: str = __version__
    site: Site | None = None
    more: dict[str, Any] = field(default_factory=dict)


def day(moment: str) -> str:
    """A moment as its day in words: "23 November 2025"."""
    when = datetime.fromisoformat(moment)
    return f"{when.day} {when:%B %Y}"


def made_on(moment: str) -> str:
    """The footer's line: when, and by which qieval."""
    return f"Made on {day(moment)} with qieval {__version__}."


def different(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that say something, each once."""
    return tuple(dict.fromkeys(line for line in lines if line))


def without_what_was_found(text: str) -> str:
    """An error's message without what was found, which may hold counts and names."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("Found:"))


def message(text: str, briefly: bool = False) -> Markup:
    """An error's message as HTML: a paragraph a line, names as code, its parts with bold leads.

    Parameters
    ----------
    text : str
        The message.
    briefly : bool
        Whether to leave out what was found, which may hold counts and names.
    """
    paragraphs = []
    text = without_what_was_found(text) if briefly else text
    for line in filter(None, (part.strip() for part in text.splitlines())):
        coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(line)))
        lead = re.sub(r"^(Found|What to do):", r"<strong>\1:</strong>", coded)
        paragraphs.append(f"<p>{lead}</p>")
    return Markup("\n".join(paragraphs))


def rendered(template: str, frame: Frame, **what: Any) -> str:
    """A page from its template."""
    html = _environment().get_template(template).render(page=frame, **what)
    return without_controls(html)


_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_CONTROL_WRITTEN = re.compile(r"&#(x[0-9a-f]+|[0-9]+);?", re.IGNORECASE)
MARK = "\ufffd"
"""What stands where a character was that turns the direction of text or that nobody can see."""


def without_controls(text: str) -> str:
    """Text without characters that would disguise it; a mark stands in their place."""
    return _CONTROLS.sub(MARK, _CONTROL_WRITTEN.sub(_unless_control, text))


def _unless_control(reference: re.Match[str]) -> str:
    """A character that is written by its number, or the mark if it is one of those."""
    number = reference[1]
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    known = code <= sys.maxunicode
    return reference[0] if known and not _CONTROLS.match(chr(code)) else MARK


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    lines = (TEMPLATES / "site.js").read_text(encoding="utf-8").splitlines()
    script = "\n".join(line.strip() for line in lines)
    environment.filters |= {"day": day, "message": message, "urlpath": quote}
    environment.globals |= {
        "shapes": SHAPES,
        "statuses": STATUSES,
        "verdict_shapes": VERDICT_SHAPES,
        "aim_shapes": AIM_SHAPES,
        "script": Markup(script),
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "with_the_team": DATA_WITH_THE_TEAM,
        "style": Markup(_lean("style.css")),
        "lists_style": Markup(_lean("lists.css")),
    }
    return environment


def _lean(name: str) -> str:
    """A style sheet without its comments and spare spaces: every page carries it."""
    css = (TEMPLATES / name).read_text(encoding="utf-8")
    spaced = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()
    return re.sub(r" ?([{};,>]) ?", r"\1", spaced).replace(": ", ":").replace(";}", "}")
