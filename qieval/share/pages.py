"""An executed notebook as one self-contained, accessible page.

nbconvert turns the notebook into HTML through our own template: no script, nothing from elsewhere,
one h1, headings in order, code behind a closed door, and never a traceback.
"""

from __future__ import annotations

import base64
import html
import re
from copy import deepcopy
from functools import lru_cache
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from qieval.batch.records import Record
from qieval.share.frame import TEMPLATES, Frame, different, made_on, message

SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
"""Kinds of output that a page can show, the best first; others are left out."""

OUR_DATA = "application/vnd.qieval."
"""Kinds of output that are for programs, not for people."""

ANALYST = "analyst"
"""Tag of cells that speak to the person at the notebook."""

BACKGROUND = "background"
"""Tag of cells that a reader wants after the finding."""

NO_ALT = "A figure of this step. The notebook gives no description of it."

_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t]*#*[ \t]*$", re.M)
_SHOWN_TITLE = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.S)
_QUESTION = re.compile(r'<p class="qi-question">(.*?)</p>', re.S)
_HEADLINE = re.compile(r'<p class="qi-headline">(.*?)</p>', re.S)
_COMPLETENESS = re.compile(r'<p class="qi-completeness">(.*?)</p>', re.S)
_HEADING = re.compile(r"<(/?)h([1-6])\b")
_TABLE = re.compile(r'(<div class="qi-table-box"[^>]*>\s*)?(<table\b.*?</table>)', re.S)
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.S)


def page(notebook: NotebookNode, record: Record) -> str:
    """The page of one evaluation.

    Title, question and finding come first. A notebook says with tags what is for whom: cells
    tagged ``analyst`` speak to the person at the notebook and are left out of the page (their code
    is not); those tagged ``background`` come at its end, after the finding. All code is behind one
    closed door at the very end.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook, empty if it was never written. It is not changed.
    record : Record
        What is known of the run.

    Returns
    -------
    str
        One HTML document.
    """
    shown = deepcopy(notebook)
    title = _take_title(shown) or record.title
    question, headline = _take(shown, _QUESTION), _take(shown, _HEADLINE)
    completeness = _take(shown, _COMPLETENESS)
    cells = shown.cells if record.status == "done" else _up_to_the_stop(shown.cells)
    code = [cell.source.strip() for cell in cells if cell.get("execution_count")]
    cells = [said for cell in cells if (said := _for_readers(cell))]
    shown.cells = [cell for cell in cells if BACKGROUND not in _tags(cell)]
    background = [cell for cell in cells if BACKGROUND in _tags(cell)]
    if not any(cell.cell_type == "code" for cell in background):
        background = []  # it stopped before there was any: headings alone promise what is not there
    more = {
        "eyebrow": " · ".join(filter(None, [record.network, record.project, record.title])),
        "question": question,
        "headline": record.headline or headline,
        "completeness": completeness,
        "background": background,
        "code": [source for source in code if source],
    }
    frame = Frame(
        title=title,
        tab_title=f"{record.project}: {record.title}",
        up="../index.html",
        up_name=record.programme_name or record.programme,
        simulated=record.simulated,
        attributions=different([record.attribution]),
        made=made_on(record.finished),
        more=more,
    )
    resources = {"qieval": frame, "record": record}
    document, _ = _exporter().from_notebook_node(shown, resources=resources)
    return _in_boxes(_in_order(document))


@lru_cache(maxsize=1)
def _exporter() -> HTMLExporter:
    config = Config()
    config.NbConvertBase.display_data_priority = SHOWN
    exporter = HTMLExporter(
        config=config,
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )
    exporter.register_filter("message", message)
    exporter.register_filter("data_uri", _data_uri)
    exporter.register_filter("alt_of", _alt)
    return exporter


# ---- what of the notebook is shown -------------------------------------------------------------


def _take(notebook: NotebookNode, what: re.Pattern[str]) -> str:
    """Take a piece out of what the notebook shows, for the head of the page; its words."""
    words = ""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get("text/html", "")
            if found := what.search(shown):
                output.data["text/html"] = shown[: found.start()] + shown[found.end() :]
                words = words or _plain(found.group(1))
    return words


def _take_title(notebook: NotebookNode) -> str:
    """Take the titles out of a notebook: the page shows one, as its h1.

    What the notebook says of the project (an h1 among its outputs) wins over its own general title.
    """
    title = _take(notebook, _SHOWN_TITLE)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := _TITLE.search(cell.source)):
            cell.source = cell.source[: found.start()] + cell.source[found.end() :]
            return title or re.sub(r"[*_`]", "", found.group(1))
    return title


def _plain(fragment: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def _up_to_the_stop(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells up to the last that ran: what was to come next would promise what is not there."""
    ran = [number for number, cell in enumerate(cells) if cell.get("execution_count")]
    return cells[: ran[-1] + 1] if ran else []


def _for_readers(cell: NotebookNode) -> NotebookNode | None:
    """The cell with what a reader is to see of it; None if that is nothing."""
    if ANALYST in _tags(cell):
        return None
    if cell.cell_type == "markdown":
        return cell if cell.source.strip() else None
    cell["outputs"] = [output for output in cell.get("outputs", ()) if _has_something(output)]
    return cell if cell.outputs else None


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _has_something(output: NotebookNode) -> bool:
    """Whether an output says something to a reader; warnings are for the log."""
    if output.output_type == "stream":
        return output.name == "stdout" and bool(output.text.strip())
    if output.output_type == "error":
        return False  # the page says at its top, in words, what happened
    if not output.data.get("text/html", "-").strip():
        return False  # all of it went into the head of the page
    ours = any(kind.startswith(OUR_DATA) for kind in output.data)
    return "text/html" in output.data if ours else any(kind in SHOWN for kind in output.data)


def _data_uri(output: NotebookNode, kind: str) -> str:
    data = output.data[kind]
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode("utf-8")).decode("ascii")
    return f"data:{kind};base64,{''.join(data.split())}"


def _alt(output: NotebookNode, kind: str, cell: NotebookNode) -> str:
    """What the notebook says that a picture shows, on the output or on its cell."""
    about: dict[str, Any] = output.metadata.get(kind, {})
    return str(about.get("alt") or output.metadata.get("alt") or cell.metadata.get("alt") or NO_ALT)


# ---- what HTML from many hands needs -----------------------------------------------------------


def _in_order(document: str) -> str:
    """Headings in order: one h1 (the page's own), and no level left out on the way down."""
    depth = 0
    open_level: list[int] = []

    def renumber(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag.group(1):
            return f"</h{open_level.pop() if open_level else tag.group(2)}"
        wanted = int(tag.group(2)) if depth == 0 else max(2, int(tag.group(2)))
        depth = min(wanted, depth + 1)
        open_level.append(depth)
        return f"<h{depth}"

    return _HEADING.sub(renumber, document)


def _in_boxes(document: str) -> str:
    """Every table in a box of its own that scrolls, by keyboard too, where the screen is narrow."""

    def box(found: re.Match[str]) -> str:
        if found.group(1):
            return found.group()  # the report has put it into one
        table = found.group(2)
        caption = _CAPTION.search(table)
        name = html.escape(_plain(caption.group(1)) if caption else "Table", quote=True)
        start = f'<div class="qi-table-box" role="region" tabindex="0" aria-label="{name}">'
        return f"{start}{table}</div>"

    return _TABLE.sub(box, document)
