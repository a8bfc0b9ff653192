"""What an evaluation depends on, as digests: the same digests, the same outcome, no need to run it.

The parts: code (qieval, its packages, Python), notebook, parameters (with the project's and the
programme's files), data (every file or folder that a parameter names, what describes it there, and
what the last run was seen to open beside it), and, for a roll-up, the results that it reads. What
cannot be pinned, a database, is run every time.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from qieval.batch.manifest import PACKAGES, installed, read_manifest
from qieval.batch.plan import DESCRIPTIONS, Item
from qieval.batch.records import Record, in_words
from qieval.core.errors import QievalError
from qieval.core.workspace import PACKAGE, digest_of, resolve
from qieval.intake import opendata
from qieval.intake.packs import FOLDER, SENDERS, SUFFIX


class Keys:
    """Digests of what evaluations depend on; each version of a file is read once.

    Parameters
    ----------
    root, outputs : Path
        The workspace, and where its runs are written.
    pseudonyms : Path
        The key of the pseudonyms, which are part of what comes out.
    """

    def __init__(self, root: Path, outputs: Path, pseudonyms: Path) -> None:
        self.root = root
        self._home = str(root)
        self.outputs = outputs
        self.pseudonyms = pseudonyms
        self._digests: dict[tuple[Path, int, int], str] = {}
        self._code = ""

    def of(self, item: Item, reads: Sequence[str] = ()) -> dict[str, str]:
        """The digest of each part; empty if a part cannot be pinned.

        Parameters
        ----------
        item : Item
            The evaluation.
        reads : sequence of str
            Files that its last run opened though no parameter names them.
        """
        try:
            inputs = list(self._inputs(item.file.parameters))
        except _NotPinned:
            return {}
        folder = item.file.path.parent
        described = [folder / name for name in DESCRIPTIONS]
        described += [folder.parent / "programme.yml", item.file.path]
        parts = {
            "code": self._code or self._digest_of_code(),
            "notebook": self._files([item.notebook]),
            "parameters": _of_text(item.file.parameters, self._files(described)),
            "data": self._files([*inputs, self.pseudonyms, *(self.root / one for one in reads)]),
        }
        if item.reads_results:
            parts["results"] = self._results(item)
        return parts

    def beyond(self, item: Item, names: Iterable[str]) -> list[str]:
        """Of files that a run opened, those that no parameter names."""
        try:
            named = {path.resolve() for path in self._inputs(item.file.parameters)}
        except _NotPinned:
            return []  # it is run every time
        return [name for name in names if (self.root / name).resolve() not in named]

    def _digest_of_code(self) -> str:
        files = (file for file in PACKAGE.rglob("*") if "__pycache__" not in file.parts)
        versions = {name: installed(name) for name in PACKAGES}
        here = [platform.python_version(), platform.machine(), versions]
        self._code = _of_text(here, self._files(files))
        return self._code

    def _inputs(self, value: Any) -> Iterator[Path]:
        """Every file that a value names, at any depth, and the descriptions that lie beside it."""
        if isinstance(value, dict | list | tuple):
            for each in value.values() if isinstance(value, dict) else value:
                yield from self._inputs(each)
        elif isinstance(value, str | Path):
            yield from self._named(str(value))

    def _named(self, text: str) -> Iterator[Path]:
        if "://" in text:
            raise _NotPinned
        if named := opendata.split_source(text):
            try:
                yield opendata.path(*named)
            except QievalError:
                raise _NotPinned from None  # it will say itself that it is not there
            return
        # Most texts name nothing: asked in the cheapest way, since every text of every file is.
        there = os.path.join(self._home, os.path.expanduser(text))
        if not text.strip() or not os.path.exists(there):
            return
        path = resolve(text, self.root)
        if path.name in DESCRIPTIONS:
            return
        if self.root.resolve().is_relative_to(path.resolve()):
            return  # "..", a mark for figures that are suppressed, names no data
        yield from sorted(path.rglob("*")) if path.is_dir() else [path]
        if self.root / "params" not in path.parents:  # there, its neighbours are other evaluations
            yield from sorted(path.parent.glob("*.yml"))

    def _files(self, files: Iterable[Path]) -> str:
        """One digest of the names and contents of files; those that are not there count too."""
        lines = []
        for file in dict.fromkeys(files):
            try:
                about = file.stat()
            except OSError:
                continue
            if stat.S_ISREG(about.st_mode):
                version = (file, about.st_mtime_ns, about.st_size)
                if version not in self._digests:
                    self._digests[version] = digest_of(file)
                lines.append(f"{file.name} {self._digests[version]}")
        return _of_text(lines)

    def _results(self, item: Item) -> str:
        """What a roll-up reads: the state of every evaluation of its programme, and its packs."""
        programme = str(item.file.parameters.get("programme") or item.file.programme)
        manifest = read_manifest(self.outputs / programme)
        records = manifest.records.values() if manifest else ()
        states = [
            (r.evaluation, r.status, sorted(r.depends_on.items()) or r.finished)
            for r in records
            if r.counts
        ]
        home = self.root / "params" / programme
        packs = sorted((home / FOLDER).glob(f"*/*{SUFFIX}"))
        return _of_text(states, *([self._files([home / SENDERS, *packs])] if packs else []))


class _NotPinned(Exception):
    """What is read may change without a trace."""


def _of_text(*values: Any) -> str:
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def why_run(earlier: Record | None, parts: dict[str, str], folder: Path) -> str:
    """Why an evaluation is run (again); nothing if what its last run left still stands.

    Parameters
    ----------
    earlier : Record or None
        Its last run.
    parts : dict
        What it depends on now, of `Keys.of`.
    folder : Path
        The programme's output folder.
    """
    if earlier is None:
        return "it has not been run yet"
    if earlier.status == "failed":
        return "it failed the last time"
    if not parts:
        return "its data cannot be compared with the last time's"
    if not earlier.depends_on:
        return "what its last run read is not known, or changed meanwhile"
    changed = [name for name in parts if parts[name] != earlier.depends_on.get(name)]
    if changed:
        return in_words(changed)
    if not all((folder / file).is_file() for file in earlier.files.values()):
        return "its files are gone"
    return ""
