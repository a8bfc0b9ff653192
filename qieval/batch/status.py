"""How far the evaluations of a plan are: what stands, what runs now, what is left. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qieval.batch.claim import Claim, claim_of
from qieval.batch.journal import read_journal, records_in
from qieval.batch.keys import Keys, why_run
from qieval.batch.plan import Item, Plan
from qieval.batch.records import Record, Run
from qieval.core.config import Settings
from qieval.core.workspace import resolve
from qieval.intake.pseudonyms import key_file


@dataclass(frozen=True)
class Standing:
    """How one evaluation stands."""

    item: Item
    record: Record | None  # its last end, if it has come to one
    cells: int | None  # cells that have run so far, if it runs now


@dataclass(frozen=True)
class Status:
    """How a plan stands."""

    claim: Claim | None  # the run that goes on, if one does
    standings: tuple[Standing, ...]


def status_of(plan: Plan, settings: Settings) -> Status:
    """How the evaluations of a plan stand, from manifests and journals."""
    outputs = resolve(settings.outputs, plan.root)
    claim = claim_of(outputs)
    records = _records(plan, outputs)
    running: dict[str, int] = {}
    for programme in plan.programmes:
        if claim:
            running |= _running(outputs / programme)
    standings = [
        Standing(item, records.get(item.name), running.get(item.name)) for item in plan.items
    ]
    return Status(claim, tuple(standings))


def why_each_runs(
    plan: Plan, settings: Settings, records: Mapping[str, Record] | None = None
) -> Iterator[tuple[Item, str]]:
    """Why each evaluation would be run now; "" for one whose last run still stands.

    `records`: the last end of each, by full name, if they have been read already.
    """
    outputs = resolve(settings.outputs, plan.root)
    keys = Keys(plan.root, outputs, key_file(settings))
    records = _records(plan, outputs) if records is None else records
    due: set[str] = set()
    for item in sorted(plan.items, key=lambda one: one.reads_results):
        programme = item.file.programme
        record = records.get(item.name)
        parts = keys.of(item, record.reads if record else ())
        why = why_run(record, parts, outputs / programme)
        if not why and item.reads_results and programme in due:
            why = "it reads results of evaluations that are run before it"
        if why:
            due.add(programme)
        yield item, why


def unchanged(plan: Plan, settings: Settings) -> Run | None:
    """The run in which nothing has to be done; None if anything is due.

    Apart from :func:`qieval.batch.run.run`, which imports all that executes notebooks.
    """
    outputs = resolve(settings.outputs, plan.root)
    records = _records(plan, outputs)
    if any(why for _, why in why_each_runs(plan, settings, records)):
        return None
    names = tuple(item.name for item in plan.items)
    return Run(outputs, tuple(records[name] for name in names), unchanged=names)


def _records(plan: Plan, outputs: Path) -> dict[str, Record]:
    """Full name → last end, of all evaluations of the programmes that a plan touches."""
    folders = [outputs / programme for programme in plan.programmes]
    return {record.name: record for one in folders for record in records_in(one).values()}


def _running(folder: Path) -> dict[str, int]:
    """Full name → cells that have run, of what has begun and not ended."""
    cells: dict[str, int] = {}
    for event in read_journal(folder):
        name = f"{folder.name}/{event.get('evaluation', '')}"
        what: Any = event.get("event")
        if what == "begins":
            cells[name] = 0
        elif what == "cell" and name in cells:
            cells[name] += 1
        elif what == "ends":
            cells.pop(name, None)
    return cells
