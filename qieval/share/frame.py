"""What every page has: title, banner, footer; and the words and shapes of a status."""

from __future__ import annotations

import re
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

SIMULATED = (
    "The programme, its teams and every figure on this page are made up, to show what an "
    "evaluation looks like. They say nothing about any real service."
)


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


def message(text: str) -> Markup:
    """An error's message as HTML: a paragraph a line, names as code, its parts with bold leads."""
    paragraphs = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(line)))
        lead = re.sub(r"^(Found|What to do):", r"<strong>\1:</strong>", coded)
        paragraphs.append(f"<p>{lead}</p>")
    return Markup("\n".join(paragraphs))


def rendered(template: str, frame: Frame, **what: Any) -> str:
    """A page from its template."""
    return _environment().get_template(template).render(page=frame, **what)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"day": day, "message": message, "urlpath": quote}
    environment.globals |= {
        "shapes": SHAPES,
        "statuses": STATUSES,
        "verdict_shapes": VERDICT_SHAPES,
        "aim_shapes": AIM_SHAPES,
        "style": Markup(_lean((TEMPLATES / "style.css").read_text(encoding="utf-8"))),
    }
    return environment


def _lean(css: str) -> str:
    """A style sheet without its comments and indents: every page carries it."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()
