"""Which files of the workspace a notebook opened, whoever opened them: noted by Python itself.

What a parameter names is known before a run. A cell of the team's own may open more: it is noted
when it is opened, with its size and time, so that a later change of it is a reason to run again.
What a library in C++ opens by itself is not seen: such files are named in the project's `data:`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from qieval.core.workspace import PACKAGE, ROOT_VARIABLE

READS_VARIABLE = "QIEVAL_READS"
"""The environment variable with the file into which a notebook's reads are noted."""

_MOST = 1000
"""Files that are noted of one notebook."""


def note_reads() -> None:
    """Note from now on what this process opens to read, if it is told where."""
    target, root = os.environ.get(READS_VARIABLE), os.environ.get(ROOT_VARIABLE)
    if not target or not root:
        return
    home = os.path.join(os.path.realpath(root), "")
    named = (home, os.path.join(root, ""))
    outputs = os.path.join(os.path.realpath(os.environ.get("QIEVAL_OUTPUTS") or target), "")
    seen: set[str] = set()

    def hook(event: str, about: tuple[Any, ...]) -> None:
        if event != "open" or len(seen) >= _MOST:
            return
        path, mode, flags = about
        if not isinstance(path, str) or path in seen or not _reads(mode, flags):
            return
        seen.add(path)
        try:
            if not os.path.abspath(path).startswith(named):
                return  # nearly all are: links are followed for the others alone
            place = os.path.realpath(path)
            below = place.removeprefix(home)
            if place.startswith(home) and not place.startswith(outputs) and _counts(place, below):
                about_it = os.stat(place)
                line = [Path(below).as_posix(), about_it.st_mtime_ns, about_it.st_size]
                with open(target, "a", encoding="utf-8") as notes:
                    notes.write(f"{json.dumps(line)}\n")
        except (OSError, ValueError):
            return  # no name of a file, or not there: whoever opens it is told; or no room is left

    sys.addaudithook(hook)


def _reads(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return not set(mode) & set("wax+")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) == 0


def _counts(place: str, below: str) -> bool:
    """Whether a file of the workspace is data: no code of Python's or ours, no settings of a run.

    Parameter files are another part of what an evaluation depends on.
    """
    parts = Path(below).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    parameters = parts[0] == "params" and place.endswith((".yml", ".yaml"))
    own = place.startswith((os.path.join(str(PACKAGE), ""), os.path.join(sys.prefix, "")))
    return not (hidden or parameters or own or parts[0] in ("notebooks", "qieval.toml"))


def reads_noted(notes: Path, root: Path) -> tuple[list[str], bool]:
    """Files that a notebook opened, relative to the workspace; whether they are still the same."""
    try:
        lines = notes.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return [], True
    names, same = set(), True
    for name, when, size in map(json.loads, lines):
        names.add(name)
        try:
            about = (root / name).stat()
            same &= (about.st_mtime_ns, about.st_size) == (when, size)
        except OSError:
            same = False
    return sorted(names), same
