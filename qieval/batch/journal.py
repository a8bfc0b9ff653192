"""The journal of a run that is going on: manifests and logs, kept up after every evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qieval.batch.manifest import (
    MANIFEST,
    Manifest,
    append_log,
    read_manifest,
    write_manifest,
)
from qieval.batch.plan import Plan
from qieval.batch.records import Record
from qieval.intake.programmes import Programme


@dataclass
class Journal:
    """One manifest and one log a programme, kept up after every evaluation.

    Attributes
    ----------
    plan : Plan
        What is being run.
    outputs : Path
        The folder that holds one folder a programme.
    run_facts : dict
        What the run depends on; goes into every manifest.
    """

    plan: Plan
    outputs: Path
    run_facts: dict[str, Any]
    manifests: dict[str, Manifest] = field(default_factory=dict)

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
                for key, record in (earlier.records if earlier else {}).items()
                if (folder / f"{key}.yml").is_file()
            }
            programme = described.get(name) or earlier or Programme(name)
            self.manifests[name] = Manifest(
                name, programme.name, programme.aim, programme.simulated, self.run_facts, kept
            )
            append_log(self.outputs / name, [f"run begins: qieval {self.run_facts['qieval']}"])

    def note(self, words: str) -> None:
        """Enter something that concerns the whole run."""
        for name in self.manifests:
            append_log(self.outputs / name, [words])

    def enter(self, record: Record) -> None:
        """Enter one evaluation's end."""
        folder = self.outputs / record.programme
        self.manifests[record.programme].records[record.evaluation] = record
        write_manifest(folder, self.manifests[record.programme])
        seconds = f"{record.seconds:.1f} s"
        append_log(folder, [f"{record.status}: {record.evaluation} ({seconds}) {record.finding}"])

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
