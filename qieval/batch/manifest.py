"""The memory of a programme's runs: ``manifest.json`` (what stands now) and ``run.log`` (what was).

The manifest holds one record an evaluation, that of its last run, and the facts of the last run of
all. An evaluation whose parameter file is gone leaves the manifest.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from qieval import __version__
from qieval.batch.records import Record
from qieval.core.errors import DataError, WorkspaceError
from qieval.core.patience import patiently
from qieval.core.workspace import write_whole

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
LOG = "run.log"
PACKAGES = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "duckdb",
    "ibis-framework",
    "matplotlib",
    "papermill",
    "ipykernel",
    "mistune",
)
"""Packages that a number or a page can depend on."""


@dataclass(frozen=True)
class Manifest:
    """What stands in a programme's output folder."""

    # Folder name and full name.
    programme: str
    name: str = ""
    aim: str = ""
    simulated: bool = False
    # The last run: when, by which versions, git commit, what it did not come to.
    run: dict[str, Any] = field(default_factory=dict)
    # By evaluation, ``project/notebook[.label]``.
    records: dict[str, Record] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "qieval_manifest": FORMAT_VERSION,
            "programme": self.programme,
            "name": self.name,
            "aim": self.aim,
            "simulated": self.simulated,
            "run": self.run,
            "evaluations": [self.records[key].to_dict() for key in sorted(self.records)],
        }


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a programme's output folder; None if there is none yet.

    Raises WorkspaceError if the file is there but cannot be used.
    """
    file = folder / MANIFEST
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["qieval_manifest"] != FORMAT_VERSION:
            raise DataError(f"field `qieval_manifest`: version {data['qieval_manifest']}")
        for key, kind in _KINDS.items():
            if not isinstance(data.get(key, kind()), kind):
                raise DataError(f"field `{key}`")
        records = [Record.from_dict(entry) for entry in data["evaluations"]]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, DataError) as error:
        raise WorkspaceError(
            f"The record of earlier runs, `{folder.name}/{MANIFEST}`, cannot be read.",
            found=_what_is_wrong(error),
            remedy="Move it away and run again: the runs themselves are not harmed.",
        ) from error
    return Manifest(
        data["programme"],
        data.get("name", ""),
        data.get("aim", ""),
        bool(data.get("simulated", False)),
        data.get("run", {}),
        {record.evaluation: record for record in records},
    )


_KINDS = {"programme": str, "name": str, "aim": str, "run": dict, "evaluations": list}


def _what_is_wrong(error: Exception) -> str:
    """In words: our own say it; of Python's those that name a place or a missing field do."""
    if isinstance(error, KeyError):
        return f"no field `{error.args[0]}`"
    if isinstance(error, DataError | OSError):
        return str(error)
    return f"no JSON of ours ({error})"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, as one step."""
    text = json.dumps(manifest.to_dict(), ensure_ascii=False, indent=1)
    write_whole(folder / MANIFEST, text + "\n")


def append_log(folder: Path, lines: Iterable[str]) -> None:
    """Add lines, each with the time, to the programme's run log."""
    with patiently(lambda: (folder / LOG).open("a", encoding="utf-8")) as log:
        log.writelines(f"{now()} {line}\n" for line in lines)


def now() -> str:
    """The time, with its zone, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def facts(root: Path) -> dict[str, Any]:
    """What a run depends on beside its files: versions, system, git commit."""
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain") if commit else None
    return {
        "started": now(),
        "qieval": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: installed(name) for name in PACKAGES},
        "git_commit": commit,
        "uncommitted_changes": bool(changed) if commit else None,
    }


def installed(package: str) -> str:
    """The version of a package that is installed, in words if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers; None where there is no git, or the workspace is under none."""
    try:
        answer = subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
