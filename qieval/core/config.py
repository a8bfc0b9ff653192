"""One home for settings: defaults here, a workspace's ``qieval.toml`` over them, environment last.

``qieval.toml`` (optional, at the workspace root)::

    open_data_mirror = "../shared/data"   # folder that holds open data sets, looked at first
    data_folders = ["N:/QI/data"]         # folders outside the workspace that parameters may name
    outputs = "outputs"                   # where runs are written
    workers = 2                           # notebooks run at the same time
    engine = "papermill"                  # a new kernel a notebook; slower than "warm"

Every setting may also be given as an environment variable: ``QIEVAL_OPEN_DATA_MIRROR=…``.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from qieval.core.desk import SESSION
from qieval.core.errors import WorkspaceError, listed, nearest
from qieval.core.workspace import find_root

CONFIDENCE = 0.95
"""Confidence level of every interval, unless a parameter says otherwise."""

SEED = 20_240_229
"""Seed of every simulation, unless a parameter says otherwise."""

SETTINGS_FILE = "qieval.toml"

ENGINE_NAMES = ("warm", "ahead", "papermill")
"""What may run the notebooks."""


@dataclass(frozen=True)
class Settings:
    """Settings of a workspace.

    Attributes
    ----------
    open_data_mirror : Path or None
        Folder with one subfolder per open data set, looked at before the network.
    data_folders : tuple of Path
        Folders outside the workspace whose files parameters may name.
    outputs : Path
        Where runs are written; relative to the workspace root.
    workers : int
        How many notebooks run at the same time.
    engine : str
        What runs the notebooks: "warm" (each in a child of a process that has imported everything;
        Linux only), "ahead" (each in a kernel that was started before it was needed) or "papermill"
        (each in a new kernel: the reference).
    cell_timeout : int
        Seconds that one notebook cell may take.
    memory_limit : int or None
        Megabytes that one notebook may use. None: as many as there are. Linux only.
    sheet_cells : int
        How many cells a sheet may reach over, blank ones between them included.
    sheet_megabytes : int
        How large a file may be; a workbook, when it is unpacked.
    sheet_memory : int
        Megabytes that reading a large workbook may take.
    sheet_seconds : int
        Seconds of processor time that reading a large workbook may take.
    sheet_columns : int
        How many columns a table may have.
    key : Path or None
        File with the key of the pseudonyms. None: one in the user's configuration folder.
    signing_key : Path or None
        File with the key that signs packs. None: one in the user's configuration folder.
    """

    open_data_mirror: Path | None = None
    data_folders: tuple[Path, ...] = ()
    outputs: Path = Path("outputs")
    workers: int = max(1, os.cpu_count() or 1)
    engine: str = "warm" if sys.platform == "linux" else "ahead"
    cell_timeout: int = 600
    memory_limit: int | None = None
    sheet_cells: int = 10_000_000
    sheet_megabytes: int = 300
    sheet_memory: int = 1_000
    sheet_seconds: int = 60
    sheet_columns: int = 5_000
    key: Path | None = None
    signing_key: Path | None = None


def load_settings(root: Path | None = None) -> Settings:
    """Settings of the workspace at `root` (default: the one we are in).

    Raises
    ------
    WorkspaceError
        If ``qieval.toml`` cannot be read, has an unknown name or a value of the wrong kind.
    """
    root = root or find_root()
    file = root / SETTINGS_FILE
    given: dict[str, Any] = {}
    if file.is_file():
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError(
                f"`{SETTINGS_FILE}` is not valid TOML.",
                found=str(error),
                remedy='Write one `name = value` a line, text in "quotes", folders with / not \\.',
            ) from error
    known = {field.name: field for field in fields(Settings)}
    for name in given:
        if name not in known:
            guess = nearest(name, known)
            raise WorkspaceError(
                f"`{SETTINGS_FILE}` has an unknown setting `{name}`.",
                remedy=f"Did you mean `{guess}`?" if guess else f"Known: {listed(known)}.",
            )
    for name in known:
        if value := os.environ.get(f"QIEVAL_{name.upper()}"):
            given[name] = value
    converted = {name: _convert(name, value, root) for name, value in given.items()}
    return replace(Settings(), **converted)


def environment_of(settings: Settings, root: Path) -> dict[str, str]:
    """The settings as environment variables, for a notebook that is to run under the very same."""
    given = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    given["outputs"] = root / settings.outputs
    given["data_folders"] = os.pathsep.join(map(str, settings.data_folders))
    ours = {f"QIEVAL_{name.upper()}": str(value) for name, value in given.items() if value}
    return {**ours, SESSION: ""}  # nobody sits before it, even if a notebook began the run


def settings_here() -> tuple[Settings, Path]:
    """Settings and root of the workspace; outside any, defaults and the current folder."""
    try:
        root = find_root()
    except WorkspaceError:
        root = Path.cwd()
    return load_settings(root), root


def checked_engine(name: Any) -> str:
    """The name of an engine, if there is one of that name."""
    if name not in ENGINE_NAMES:
        raise WorkspaceError(
            "This `engine` is none that runs notebooks.",
            found=repr(name),
            remedy=f"Use one of: {listed(ENGINE_NAMES)}.",
        )
    return str(name)


def _convert(name: str, value: Any, root: Path) -> Any:
    if name in ("open_data_mirror", "key", "signing_key"):
        return _folder(value, root)
    if name == "data_folders":
        named = value.split(os.pathsep) if isinstance(value, str) else value
        if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
            raise WorkspaceError(
                "The setting `data_folders` is a list of folders.",
                found=f"a {type(value).__name__}",
                remedy='Write `data_folders = ["N:/QI/data"]`, with / and not \\.',
            )
        return tuple(_folder(one, root) for one in named)
    if name == "outputs":
        return Path(str(value))
    if name == "engine":
        return checked_engine(value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1 or isinstance(value, bool):
        raise WorkspaceError(
            f"The setting `{name}` must be a whole number of at least 1.", found=repr(value)
        )
    return number


def _folder(value: Any, root: Path) -> Path:
    path = Path(str(value)).expanduser()
    return path if path.is_absolute() else (root / path).resolve()
