"""How long a site takes to write, and how heavy its pages are: `python benchmarks/share.py`.

The evaluations of an output folder (`outputs/closing-the-gap`, after `qieval run`) are written as a
site: once as they are, with their figures, then copied until there are 500 evaluation pages: with
the figures of the first pass, and once with every figure drawn, in two processes. Beside it
nbconvert's own exporter writes the same executed notebooks in the same run, so that the ratio says
more than either time. Processor seconds of one process, but for the two: seconds by the clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter

from qieval.batch.manifest import read_manifest
from qieval.intake.programmes import Programme
from qieval.report import elements
from qieval.share.published import ROLL_UP, Published, published_of
from qieval.share.site import write_site
from qieval.share.workers import working

PAGES, WORKERS = 500, 2


class Drawings:
    """Stands before the drawing of figures: measures it, and keeps what was drawn."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw, self.seconds = draw, 0.0
        self.drawn: dict[tuple[int, str], Any] = {}
        self.again = False

    def __call__(self, result: Any, view: str = "") -> Any:
        """A chart, drawn once for each table of points."""
        name = (id(result.points), view)  # a released copy shares its frames
        if self.again and name in self.drawn:
            return self.drawn[name]
        started = time.process_time()
        self.drawn[name] = drawing = self.draw(result, view)
        self.seconds += time.process_time() - started
        return drawing


def copies(published: Sequence[Published], wanted: int) -> list[Published]:
    """So many evaluations, in projects of other names; the roll-up is there once."""
    own = [one for one in published if one.kind != ROLL_UP]
    copied = [one for one in published if one.kind == ROLL_UP]
    number = 0
    while len(copied) < wanted:
        number += 1
        for one in own[: wanted - len(copied)]:
            record = one.record
            name = f"copy-{number:02}-{record.evaluation}"
            copied.append(replace(one, record=replace(record, evaluation=name)))
    return copied


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of a piece of work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Print what it takes to write the site, and nbconvert's pages beside it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, nargs="?", default="outputs/closing-the-gap")
    folder = arguments.parse_args().folder
    manifest = read_manifest(folder)
    if manifest is None:
        sys.exit(f"There is nothing in {folder} yet: `qieval run params/{folder.name}` first.")
    published = published_of(folder, manifest)
    programme = Programme(manifest.name, manifest.aim, manifest.simulated)
    drawings = Drawings(elements.drawing_of)
    elements.drawing_of = drawings
    with tempfile.TemporaryDirectory() as to:
        first = seconds(lambda: write_site(Path(to), programme, published))
        pages = [Path(to) / one.address for one in published]
        sizes = [page.stat().st_size for page in pages if page.is_file()]
    drawn = drawings.seconds
    drawings.again = True
    many = copies(published, PAGES)
    with tempfile.TemporaryDirectory() as to:
        apart = seconds(lambda: write_site(Path(to), programme, many))
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as to, working(WORKERS) as workers:
        write_site(Path(to), programme, many, workers=workers)
    drawn_too = time.perf_counter() - started
    exporter = HTMLExporter()
    theirs = [
        seconds(lambda one=one: exporter.from_notebook_node(one.notebook)) for one in published
    ]
    heavy = sum(size > 100_000 for size in sizes)
    print(f"{len(published)} evaluations: {first:.1f} s, of which drawing {drawn:.1f} s")
    print(f"{PAGES} evaluation pages apart from drawing: {apart:.1f} s")
    print(f"The same with every figure drawn, {WORKERS} processes: {drawn_too:.1f} s by the clock")
    print(f"nbconvert's exporter: {statistics.mean(theirs) * PAGES:.1f} s for {PAGES} notebooks")
    print(f"Ratio: {statistics.mean(theirs) * PAGES / apart:.1f} times as long")
    weights = f"median {statistics.median(sizes) / 1000:.0f} KB, most {max(sizes) / 1000:.0f} KB"
    print(f"Evaluation pages: {weights}; {heavy} of {len(sizes)} above 100 KB")


if __name__ == "__main__":
    main()
