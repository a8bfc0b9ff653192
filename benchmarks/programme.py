"""How a roll-up grows with its programme: `python benchmarks/programme.py`.

Result files of 1, 30 and 500 made-up projects, each with an interrupted time series, are read from
disk, summed up and drawn; seconds, and the size of the page's tables. One core.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

import qieval as qi
from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.records import Record
from qieval.core.result import to_json
from tests.analysis.programme.made import series

SIZES = (1, 30, 500)
NAME = "interrupted_time_series"


def write(root: Path, count: int) -> None:
    """A workspace with so many projects that were evaluated."""
    rng = np.random.default_rng(1)
    outputs = root / "outputs" / "made"
    (root / "params" / "made").mkdir(parents=True)
    records = {}
    for number in range(count):
        item = series(f"project-{number:03}", float(rng.normal(-1, 1)))
        assert item.result is not None
        (outputs / item.project).mkdir(parents=True)
        file = f"{item.project}/{NAME}.result.json"
        (outputs / file).write_text(to_json(item.result), encoding="utf-8")
        records[item.name] = Record(
            programme="made",
            evaluation=item.name,
            title="Interrupted time series",
            project=item.project_name,
            network=f"Network {number % 12}",
            status="done",
            finished="2020-01-31T09:00:00+00:00",
            seconds=0,
            headline=item.headline,
            files={"result": file, "page": f"{item.project}/{NAME}.html"},
        )
    write_manifest(outputs, Manifest("made", records=records))


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty workspace that qieval takes for its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QIEVAL_WORKSPACE"] = folder
        yield Path(folder)
        del os.environ["QIEVAL_WORKSPACE"]


def main() -> None:
    """Read, sum up, draw and tabulate programmes of several sizes."""
    print(f"{'projects':>8}{'read':>8}{'sum up':>8}{'figures':>9}{'tables':>8}{'page, kB':>10}")
    for count in SIZES:
        with workspace() as root:
            write(root, count)
            ticks = [time.perf_counter()]
            results = qi.read_results(programme="made")
            ticks.append(time.perf_counter())
            result = qi.programme(results)
            ticks.append(time.perf_counter())
            html = qi.report.figure(result).html + qi.report.averages(result).html
            ticks.append(time.perf_counter())
            for shown in (
                qi.report.key_findings(result),
                qi.report.estimates(result),
                qi.report.project_table(result),
                qi.report.evidence_table(result),
                qi.report.squire_checklist(result),
            ):
                html += shown.html
            ticks.append(time.perf_counter())
        taken = "".join(f"{b - a:>8.1f}" for a, b in pairwise(ticks))
        print(f"{count:>8}{taken}{len(html) / 1000:>11.0f}")


if __name__ == "__main__":
    main()
