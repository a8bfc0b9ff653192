"""Run every notebook of the catalogue with its defaults and keep its text outputs in tests/golden/.

Only plain text is kept: figures and HTML are looked at, not compared to the letter. Read the
difference before you commit it (``make golden``).
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from qieval.catalogue import EVALUATIONS

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write tests/golden/<notebook> for every evaluation."""
    for row in EVALUATIONS.values():
        notebook = nbformat.read(ROOT / "notebooks" / row.notebook, as_version=4)
        where = {"metadata": {"path": str(ROOT / "notebooks")}}
        NotebookClient(notebook, timeout=600, resources=where, record_timing=False).execute()
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if "data" in output:
                    output.data = {"text/plain": output.data["text/plain"]}
        notebook.metadata = {key: notebook.metadata[key] for key in ("kernelspec",)}
        nbformat.write(notebook, ROOT / "tests" / "golden" / row.notebook)


if __name__ == "__main__":
    main()
