"""No parameter leads out of the workspace: what is read is the team's, or was declared.

A parameter file may come from somebody else. A path in it that leaves the workspace (an absolute
one, ``..``, ``~``, a link, a device) would bring what it names onto pages that are passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qieval.core.config import load_settings
from qieval.core.errors import ParameterError
from qieval.core.workspace import resolve, shipped

_FILES = ("source", "successors", "project")
"""Parameters that name a file or a folder, also inside of data or a measure said for once."""

_FOLDERS = ("programme", "projects")
"""Parameters that name folders below ``params/``."""

_DATABASES = ("sqlite", "duckdb")
"""Databases whose address names a file."""


def refuse_outside(values: Mapping[str, Any], places: Mapping[str, str], root: Path) -> None:
    """Refuse parameters that name a file or folder outside of the workspace.

    Parameters
    ----------
    values : mapping
        Every parameter, by name; what a project says is among them.
    places : mapping
        File and line of each.
    root : Path
        The workspace. Allowed beside it are the folders of the setting ``data_folders``, the mirror
        of open data, and what qieval carries itself.

    Raises
    ------
    ParameterError
        With file and line. What is there is neither read nor repeated.
    """
    settings = load_settings(root)
    declared = [*settings.data_folders, settings.open_data_mirror]
    allowed = [folder.resolve() for folder in (root, shipped(), *declared) if folder]
    for name, value in values.items():
        for key, text in _named(name, value):
            path = _path_of(text, root / "params" if key in _FOLDERS else root)
            if path and not any(path.is_relative_to(folder) for folder in allowed):
                raise ParameterError(
                    f"`{key}` leads out of the workspace.",
                    remedy="Copy the file into the workspace's `data/`, or declare the folder that "
                    'holds it in `qieval.toml`: `data_folders = ["…"]`.',
                    where=places.get(name) or None,
                )


def _named(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """The paths below a value, each with the parameter that holds it."""
    if isinstance(value, str | Path):
        if key in (*_FILES, *_FOLDERS):
            yield key, str(value)
    elif isinstance(value, Mapping) and key not in _FILES:
        for inner, item in value.items():
            yield from _named(str(inner), item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(key, item)


def _path_of(text: str, start: Path) -> Path | None:
    """Where a text leads, links followed; None if it names no file of this computer."""
    scheme, is_address, rest = text.partition("://")
    if is_address:
        if scheme not in _DATABASES:
            return None
        text = urlsplit(text).path.removeprefix("/") if scheme == "sqlite" else rest
        text = text.partition("#")[0]
    elif text.startswith("open-data:"):
        return None
    try:
        return resolve(text, start).resolve()
    except (OSError, ValueError, RuntimeError):  # no name of a file: its reader says what is wrong
        return None
