"""Write what signatures say to where it is read: parameters cells, docs/parameters.md, a file.

Run it (``make notebooks``) after changing a parameter; the contract test says when that is due.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from qieval.catalogue import EVALUATIONS
from qieval.params import cell, document
from qieval.params.written import signatures
from qieval.params.written_down import FILE

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Refresh the signatures that are written down, every notebook, and the page of parameters."""
    FILE.write_text(signatures(), encoding="utf-8")
    for row in EVALUATIONS.values():
        path = ROOT / "notebooks" / row.notebook
        notebook = nbformat.read(path, as_version=4)
        for one in notebook.cells:
            if "parameters" in one.metadata.get("tags", []):
                one.source = cell(row.name)
        nbformat.write(notebook, path)
    (ROOT / "docs" / "parameters.md").write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
