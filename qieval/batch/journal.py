"""The journal of a run: what happened, a line each, added as it happens and never changed.

It is the record: the manifest is what it comes to, written now and then. A run that was killed at
any moment leaves a whole journal but for its last line, and the next run takes up what it holds.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qieval.batch.manifest import (
    MANIFEST,
    Manifest,
    append_log,
    now,
    read_manifest,
    write_manifest,
)
from qieval.batch.plan import Item, Plan
from qieval.batch.records import Record
from qieval.core.errors import DataError, WorkspaceError
from qieval.core.patience import patiently
from qieval.core.workspace import write_whole
from qieval.intake.programmes import Programme

JOURNAL = "journal.jsonl"

MANIFEST_SECONDS = 2
"""How old a manifest may become: after each of thousands it would be most of the work."""


def read_journal(folder: Path) -> Iterator[dict[str, Any]]:
    """What happened in a programme's last run, in order; nothing if there was none.

    Raises
    ------
    WorkspaceError
        If a line is none of ours. The last one may be cut short: the run was killed while it wrote.
    """
    file = folder / JOURNAL
    if not file.is_file():
        return
    *lines, _cut_short = file.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            yield dict(json.loads(line))
        except (ValueError, TypeError) as error:
            raise _damaged(folder, f"line {number} is no record") from error


def records_in(folder: Path) -> dict[str, Record]:
    """The last end of each evaluation of a programme: what the manifest holds, and the journal.

    Raises
    ------
    WorkspaceError
        If one of the two is damaged.
    """
    manifest = read_manifest(folder)
    records = dict(manifest.records) if manifest else {}
    if manifest and _has_ended(folder):
        return records  # the manifest is written before the journal says so
    return records | {record.evaluation: record for record in _ended_in(folder)}


def _has_ended(folder: Path) -> bool:
    """Whether the last run came to its end, or was stopped in order."""
    *_, last = [{}, *read_journal(folder)]
    return last.get("event") == "run ends"


def _ended_in(folder: Path) -> Iterator[Record]:
    """What came to an end in a programme's last run, in order."""
    for number, event in enumerate(read_journal(folder), 1):
        if event.get("event") == "ends":
            try:
                yield Record.from_dict(event.get("record", {}))
            except DataError as error:
                raise _damaged(folder, f"line {number}: {error}") from error


def _damaged(folder: Path, found: str) -> WorkspaceError:
    return WorkspaceError(
        f"The journal of the last run, `{folder.name}/{JOURNAL}`, cannot be read.",
        found=found,
        remedy="Move it away and run again: what only it knew of is done again.",
    )


@dataclass
class Journal:
    """One manifest and one log a programme, kept up after every evaluation."""

    plan: Plan  # what is being run
    outputs: Path  # the folder that holds one folder a programme
    run_facts: dict[str, Any]  # what the run depends on; goes into every manifest
    manifests: dict[str, Manifest] = field(default_factory=dict)
    _written: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        """Take up the earlier manifests; evaluations whose parameter file is gone leave them."""
        for file in self.outputs.glob(f"*/{MANIFEST}"):
            read_manifest(file.parent)  # the index needs all of them: better to know it now
        described = {item.file.programme: item.programme for item in self.plan.items}
        for name in self.plan.programmes:
            earlier = read_manifest(self.outputs / name)
            folder = self.plan.root / "params" / name
            kept = {
                key: record
                for key, record in records_in(self.outputs / name).items()
                if (folder / f"{key}.yml").is_file()
            }
            programme = described.get(name) or earlier or Programme(name)
            self.manifests[name] = Manifest(
                name, programme.name, programme.aim, programme.simulated, self.run_facts, kept
            )
            # The manifest first: what the last journal held must not be lost with it.
            write_manifest(self.outputs / name, self.manifests[name])
            write_whole(self.outputs / name / JOURNAL, "")
            self._add(name, "run begins", process=os.getpid())
            append_log(self.outputs / name, [f"run begins: qieval {self.run_facts['qieval']}"])

    def _add(self, programme: str, event: str, **more: Any) -> None:
        """Add one line, in one step, and have it on the disk."""
        line = json.dumps({"at": now(), "event": event, **more}, ensure_ascii=False)
        path = self.outputs / programme / JOURNAL
        with self._lock, patiently(lambda: path.open("a", encoding="utf-8")) as file:
            file.write(line + "\n")

    def begin(self, name: str) -> None:
        """Enter that an evaluation begins."""
        programme, _, evaluation = name.partition("/")
        self._add(programme, "begins", evaluation=evaluation)

    def step(self, name: str, cell: int, status: str) -> None:
        """Enter that a cell has run, and how."""
        programme, _, evaluation = name.partition("/")
        self._add(programme, "cell", evaluation=evaluation, cell=cell, status=status)

    def earlier(self, item: Item) -> Record | None:
        """The last run of an evaluation, if it has been run."""
        return self.manifests[item.file.programme].records.get(item.file.name)

    def note(self, words: str) -> None:
        """Enter something that concerns the whole run."""
        for name in self.manifests:
            append_log(self.outputs / name, [words])

    def enter(self, record: Record) -> None:
        """Enter one evaluation's end."""
        folder = self.outputs / record.programme
        self._add(record.programme, "ends", evaluation=record.evaluation, record=record.to_dict())
        self.manifests[record.programme].records[record.evaluation] = record
        if time.monotonic() - self._written.get(record.programme, 0) > MANIFEST_SECONDS:
            self.write(record.programme)
        seconds = f"{record.seconds:.1f} s"
        append_log(folder, [f"{record.status}: {record.evaluation} ({seconds}) {record.finding}"])

    def write(self, *programmes: str) -> None:
        """Write manifests as things stand; of all programmes if none is named."""
        for name in programmes or self.manifests:
            write_manifest(self.outputs / name, self.manifests[name])
            self._written[name] = time.monotonic()

    def close(self, not_run: tuple[str, ...], seconds: float) -> None:
        """Enter what was not run, and the run's length."""
        for name, manifest in self.manifests.items():
            own = [item.partition("/")[2] for item in not_run if item.startswith(f"{name}/")]
            problems = [
                {"evaluation": problem.name.partition("/")[2], "problem": str(problem.error)}
                for problem in self.plan.problems
                if problem.name.startswith(f"{name}/")
            ]
            about = {
                "seconds": round(seconds, 1),
                "interrupted": bool(not_run),
                "not_run": own,
                "problems": problems,
            }
            folder = self.outputs / name
            write_manifest(folder, replace(manifest, run={**manifest.run, **about}))
            lines = [f"not run: {item} (the run was stopped)" for item in own]
            lines += [f"not run: {p['evaluation']} ({p['problem']})" for p in problems]
            append_log(folder, [*lines, f"run ends after {seconds:.0f} s"])
            self._add(name, "run ends", not_run=own)
