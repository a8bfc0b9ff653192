"""Reading an executed notebook (its result, its page facts, its error), and tidying it to keep."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from papermill.execute import remove_error_markers

from qieval.batch.records import Reason
from qieval.core.blocks import PAGE_MIME, RESULT_MIME
from qieval.core.desk import ASIDE
from qieval.core.errors import RunError
from qieval.core.workspace import PACKAGE

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

MOST_PRINTED = 100_000
"""Characters of one output that are kept in a notebook, and ten times as many in a log."""


def read_notebook(file: Path) -> NotebookNode:
    """The executed notebook; an empty one when the engine did not come to writing it."""
    return nbformat.read(file, as_version=4) if file.is_file() else nbformat.v4.new_notebook()


def emitted(notebook: NotebookNode, kind: str) -> dict[str, Any] | None:
    """The last value of a MIME type that the notebook's cells emitted."""
    last = None
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if kind in output.get("data", {}):
                value = output["data"][kind]
                last = json.loads(value) if isinstance(value, str) else dict(value)
    return last


def first_error(notebook: NotebookNode) -> Reason | None:
    """The error that stopped the notebook, and below which heading it happened."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                return Reason(
                    output.ename, without_colours(output.evalue), step_of(notebook, number)
                )
    return None


def ended_early(notebook: NotebookNode) -> Reason | None:
    """Why a notebook that no error stopped is no evaluation; papermill lets `sys.exit(0)` pass.

    None if every cell ran, and a result and the facts for its page came out.
    """
    if any(_not_begun(cell) and cell.cell_type == "code" for cell in notebook.cells):
        return Reason(
            RunError.__name__,
            "The notebook ended before its last step, by a call of `exit` or `sys.exit`.\n"
            "What to do: take the call out; an evaluation that cannot go on raises an error.",
            last_step(notebook),
        )
    if emitted(notebook, RESULT_MIME) is None or emitted(notebook, PAGE_MIME) is None:
        return Reason(
            RunError.__name__,
            "The notebook came to its end without a result.\nWhat to do: put back the cells that "
            "show the finding; `qieval lab` shows the notebook.",
        )
    return None


def mark_stopped(notebook: NotebookNode) -> None:
    """Mark where a notebook was stopped from outside, in place.

    papermill writes "completed" on every cell: on the one that was stopped, and on those after it.
    """
    begun = None
    for cell in notebook.cells:
        if _not_begun(cell):
            cell.metadata.papermill["status"] = "pending"
        elif cell.metadata.get("papermill"):
            begun = cell
    if begun is not None:
        begun.metadata.papermill["status"] = "failed"
        begun.metadata.papermill["exception"] = True
        notebook.metadata.papermill["exception"] = True


def _not_begun(cell: NotebookNode) -> bool:
    about = cell.metadata.get("papermill")
    return bool(about) and not about.get("start_time")


def last_step(notebook: NotebookNode) -> str:
    """The step that was running when the notebook was stopped from outside."""
    started = [
        number
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    return step_of(notebook, started[-1]) if started else ""


def step_of(notebook: NotebookNode, number: int) -> str:
    """A cell as a reader finds it: the heading above it, and which code cell it is."""
    cells = notebook.cells[: number + 1]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", text, re.M)
    place = f"code cell {sum(cell.cell_type == 'code' for cell in cells)}"
    return f"{headings[-1]} ({place})" if headings else place


def tidy(notebook: NotebookNode, notebook_name: str, output_name: str, root: Path) -> None:
    """Make an executed notebook fit to keep and to send on, in place.

    Paths of this computer leave the metadata, the printed text and the tracebacks: they carry user
    names. Papermill's red banner goes too, since the page says more plainly what happened.
    """
    remove_error_markers(notebook)
    about = notebook.metadata.get("papermill", {})
    about["input_path"] = notebook_name
    about["output_path"] = output_name
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output["text"] = shortened(without_places(output.text, root))
            elif output.output_type == "error":
                output["evalue"] = without_places(output.evalue, root)
                output["traceback"] = [without_places(line, root) for line in output.traceback]
            elif ASIDE.items() <= output.metadata.items():
                output.data["text/html"] = without_places(output.data["text/html"], root)
            elif "text/plain" in output.data:
                text = without_places(output.data["text/plain"], root)
                output.data["text/plain"] = shortened(text)


def shortened(text: str, most: int = MOST_PRINTED) -> str:
    """A long text without its middle, and how much that was: millions of lines help nobody."""
    if len(text) <= most:
        return text
    end = most // 10
    left_out = f"\n… {len(text) - most:,} characters are left out here …\n"
    return f"{text[: most - end]}{left_out}{text[-end:]}"


def without_places(text: str, root: Path) -> str:
    """The text with this computer's folders taken out: workspace, package, Python, home."""
    places = [
        (root, "."),
        (root.resolve(), "."),
        (PACKAGE, "qieval"),
        (Path(sys.prefix), "python"),
        (Path(sys.base_prefix), "python"),
        (Path(tempfile.gettempdir()), "temporary"),
        (Path.home(), "home"),
    ]
    # The longest first: a workspace inside the home folder is named as the workspace.
    for folder, name in sorted(places, key=lambda place: -len(str(place[0]))):
        if len(folder.parts) > 1:  # never the root of the disk
            text = re.sub(rf"{re.escape(str(folder))}(?!\w)", name, text)
    return text


def without_colours(text: str) -> str:
    """The text without the colour codes of a terminal."""
    return _COLOURS.sub("", text)
