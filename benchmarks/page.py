"""How long it takes to compose a page from its blocks, beside nbconvert's own HTML exporter.

Both are timed in the same run on the same executed notebook, so that their ratio says more than
either time: ``python benchmarks/page.py outputs/closing-the-gap`` (any folder of executed
notebooks).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter

from qieval.batch.records import Record
from qieval.share.pages import page

REPEATS = 9


def milliseconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median time of a piece of work, after a first run that does not count."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def main() -> None:
    """Print a line a notebook, and the median of the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, help="Folder of executed notebooks.")
    files = sorted(arguments.parse_args().folder.rglob("*.ipynb"))
    exporter, ratios = HTMLExporter(), []
    print(f"{'notebook':<44}{'page, ms':>10}{'nbconvert, ms':>15}{'ratio':>8}{'page, KB':>10}")
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        record = Record("", file.stem, file.stem, "", "done", "2026-03-05T09:00:00+00:00", 1.0)
        ours = milliseconds(lambda n=notebook, r=record: page(n, r))
        theirs = milliseconds(lambda n=notebook: exporter.from_notebook_node(n), repeats=3)
        ratios.append(theirs / ours)
        weight = len(page(notebook, record).encode()) / 1024
        print(f"{file.stem:<44}{ours:>10.1f}{theirs:>15.1f}{ratios[-1]:>8.0f}{weight:>10.0f}")
    print(f"Median: {statistics.median(ratios):.0f} times as fast as nbconvert's exporter.")


if __name__ == "__main__":
    main()
