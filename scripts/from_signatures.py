"""Write what signatures say to where it is read: parameters cells, docs/parameters.md, a file.

Run it (``make notebooks``) after changing a parameter; the contract test says when that is due. An
evaluation of the catalogue that has no notebook yet gets one: its words can then be changed.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import nbformat

from qieval.catalogue import EVALUATIONS, READ, Evaluation, load
from qieval.core.errors import QievalError
from qieval.params import cell, document
from qieval.params.written import signatures
from qieval.params.written_down import FILE

ROOT = Path(__file__).resolve().parents[1]
MODEL = "involvement"
"""The evaluation whose notebook a new one begins as: the smallest that reads one table."""
NEW_WORDS = {
    "## The data": "One row for each …",
    "## The answer": "Read the figure before the words.",
    "Every occasion": "The parts of the answer, where it has any.",
}
"""First words of the model's markdown cells → what stands there in a new notebook."""


def main() -> None:
    """Refresh the signatures that are written down, every notebook, and the page of parameters."""
    FILE.write_text(signatures(), encoding="utf-8")
    for row in EVALUATIONS.values():
        path = ROOT / "notebooks" / row.notebook
        notebook = nbformat.read(path, as_version=4) if path.is_file() else begun(row)
        for one in notebook.cells:
            if "parameters" in one.metadata.get("tags", []):
                one.source = cell(row.name)
        nbformat.write(notebook, path)
    (ROOT / "docs" / "parameters.md").write_text(document(), encoding="utf-8")


def begun(row: Evaluation) -> nbformat.NotebookNode:
    """A first notebook of an evaluation: that of the model with its title and its one call."""
    if row.before != (READ,) or row.after:
        raise SystemExit(
            f"notebooks/{row.notebook} is missing, and only that of an evaluation that reads one "
            "table can be begun here. What to do: copy the notebook of one with the same steps."
        )
    notebook = nbformat.read(ROOT / "notebooks" / f"{MODEL}.ipynb", as_version=4)
    about = (inspect.getdoc(load(row.analysis)) or "").partition("\n")[0]
    name = row.analysis.partition(":")[2]
    for one in notebook.cells:
        if one.cell_type == "code":
            one.source = one.source.replace(f'"{MODEL}"', f'"{row.name}"')
            one.source = one.source.replace(f"qi.{MODEL}", f"qi.{name}")
        elif one.source.startswith("# "):
            how = one.source.rpartition("\n\n")[2]  # how to run it, which is the same in all
            one.source = f"# {row.title}\n\n{about}\n\n{how}"
        for first, words in NEW_WORDS.items():
            if one.cell_type == "markdown" and one.source.startswith(first):
                one.source = f"{first}\n\n{words}" if first.startswith("#") else words
    return notebook


if __name__ == "__main__":
    try:
        main()
    except QievalError as error:  # such as an example that is not written yet
        sys.exit(str(error))
