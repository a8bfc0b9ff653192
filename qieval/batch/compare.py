"""Whether two engines leave the same: every evaluation by both, apart from the outputs that stand.

Left out of the comparison: clocks, memory addresses, process numbers, ids made up at the time.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from qieval.batch.evaluate import Render
from qieval.batch.plan import Plan
from qieval.batch.progress import Watcher
from qieval.batch.records import Record, Run
from qieval.batch.run import run
from qieval.core.config import Settings

REFERENCE = "papermill"


def compare(
    plan: Plan, render: Render, settings: Settings, watcher: Watcher
) -> Iterator[tuple[str, str]]:
    """Run every evaluation by the reference and by the engine of the settings.

    Yields
    ------
    (str, str)
        Each evaluation's name, and what differs in words; "" if nothing does.
    """
    with tempfile.TemporaryDirectory(prefix="qieval-compare-") as folder:
        ends = []
        for engine in (REFERENCE, settings.engine):
            # Each in outputs of its own: nothing that stands is touched or taken for done.
            apart = replace(settings, outputs=Path(folder) / engine, engine=engine)
            ends.append(run(plan, render, apart, watcher=watcher))
        first, second = ends
        by_name = {record.name: record for record in second.records}
        for record in first.records:
            other = by_name.get(record.name)
            yield (
                record.name,
                "it was not run" if other is None else _unlike((first, record), (second, other)),
            )


def _unlike(one: tuple[Run, Record], other: tuple[Run, Record]) -> str:
    """The first thing in which two ends of an evaluation differ."""
    records = [record for _, record in (one, other)]
    if records[0].status != records[1].status:
        return f"it ended as {records[0].status} and as {records[1].status}"
    if records[0].files.keys() != records[1].files.keys():
        return "the files that it left"
    results = [_read(*end, "result") for end in (one, other)]
    if results[0] != results[1]:
        return "its result"
    if "notebook" not in records[0].files:
        return ""
    left = [comparable(nbformat.reads(_read(*end, "notebook"), 4)) for end in (one, other)]
    for number, (cell, same) in enumerate(zip(*left, strict=False), 1):
        if cell != same:
            return f"cell {number} of its notebook"
    return "" if len(left[0]) == len(left[1]) else "the number of its cells"


def _read(run: Run, record: Record, kind: str) -> str:
    name = record.files.get(kind)
    return (run.outputs / record.programme / name).read_text(encoding="utf-8") if name else ""


def comparable(notebook: nbformat.NotebookNode) -> list[Any]:
    """Outputs, counts and state of every cell, and the notebook's metadata, as plain values."""
    cells = [
        {
            "source": cell.source,
            "count": cell.get("execution_count"),
            "outputs": streams_joined(cell.get("outputs", [])),
            "status": cell.metadata.get("papermill", {}).get("status"),
        }
        for cell in notebook.cells
    ]
    about = {key: value for key, value in notebook.metadata.items() if key != "papermill"}
    text = json.dumps([*cells, about], sort_keys=True)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "at that time", text)
    return list(json.loads(text))


def streams_joined(outputs: list[Any]) -> list[Any]:
    """
    The same outputs, with neighbouring pieces of one stream as one.

    Where a kernel cuts what threads print depends on the moment at which it flushes.
    """
    joined: list[Any] = []
    for output in outputs:
        before = joined[-1] if joined else {}
        same = output["output_type"] == "stream" == before.get("output_type")
        if same and output["name"] == before["name"]:
            before["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined
