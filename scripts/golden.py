"""Run every notebook of the catalogue with its defaults and keep its text outputs in tests/golden/.

findings.json keeps what every evaluation of the example programme finds. Of notebooks only plain
text is kept: figures and HTML are looked at, not compared to the letter. Read the
difference before you commit it (``make golden``; ``scripts/golden.py audit survey`` for some;
``--behind`` for those whose notebook is new or was changed, and what reads their results).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from qieval.catalogue import EVALUATIONS, Evaluation
from tests import example_results

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"


def main() -> None:
    """Write tests/golden/<notebook> for every evaluation, or for those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="evaluation", help="which; none means all")
    parser.add_argument("--behind", action="store_true", help="those that are new or were changed")
    asked = parser.parse_args()
    names = asked.names
    if unknown := sorted(set(names) - set(EVALUATIONS)):
        parser.error(f"no evaluation is called {', '.join(unknown)}")
    rows = [EVALUATIONS[name] for name in names or EVALUATIONS]
    if asked.behind:
        behind = [row for row in rows if is_behind(row)]
        # A new example is one more evaluation of the programme, which these read.
        rows = [row for row in rows if row in behind or (behind and row.reads_results)]
    if any(row.reads_results for row in rows):
        os.environ["QIEVAL_OUTPUTS"] = str(example_results.written())
        example_results.write_findings(example_results.written())
    for row in rows:
        notebook = nbformat.read(ROOT / "notebooks" / row.notebook, as_version=4)
        where = {"metadata": {"path": str(ROOT / "notebooks")}}
        NotebookClient(notebook, timeout=600, resources=where, record_timing=False).execute()
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if "data" in output:
                    output.data = {"text/plain": output.data["text/plain"]}
                    output.metadata = {}
        notebook.metadata = {key: notebook.metadata[key] for key in ("kernelspec",)}
        nbformat.write(notebook, GOLDEN / row.notebook)


def is_behind(row: Evaluation) -> bool:
    """Whether the kept example of an evaluation is missing, or is of an earlier notebook."""
    if not (GOLDEN / row.notebook).is_file():
        return True
    now, kept = (
        nbformat.read(folder / row.notebook, as_version=4)
        for folder in (ROOT / "notebooks", GOLDEN)
    )
    return [cell.source for cell in now.cells] != [cell.source for cell in kept.cells]


if __name__ == "__main__":
    main()
