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
from qieval.core.yaml_files import Places
from qieval.intake.identifiers import leaves

_FILES = ("source", "successors", "project", "staffing", "pdsa")
"""Parameters that name a file or a folder."""

_FOLDERS = ("programme", "projects")
"""Parameters that name folders below ``params/``."""

_IN_WORDS = ("events", "theory")
"""Parts in which `source` says who wrote something down, and is no path."""

_DATABASES = ("sqlite", "duckdb")
"""Databases whose address names a file."""


def refuse_outside(values: Mapping[str, Any], places: Places, root: Path) -> None:
    """Refuse what a file says if it names a file or folder outside of the workspace.

    Parameters
    ----------
    values : mapping
        All that a parameter file, ``project.yml`` or ``programme.yml`` says.
    places : Places
        Where it says so.
    root : Path
        The workspace. Allowed beside it are the folders of the setting ``data_folders``, the mirror
        of open data, and what qieval carries itself.

    Raises
    ------
    ParameterError
        With file and line. What is there is neither read nor repeated.
    """
    home = root.resolve()
    for steps, key, text in _paths(values):
        path = _path_of(text, root / "params" if key in _FOLDERS else root)
        # Nearly every path leads into the workspace: the settings are read for the others alone.
        if path and not path.is_relative_to(home) and not _may_be_read(path, root):
            raise ParameterError(
                f"`{key}` leads out of the workspace.",
                remedy="Copy the file into the workspace's `data/`, or declare the folder that "
                'holds it in `qieval.toml`: `data_folders = ["…"]`.',
                where=places.of(*steps),
            )


def _may_be_read(path: Path, root: Path) -> bool:
    """Whether a path outside of the workspace lies where reading is allowed."""
    settings = load_settings(root)
    allowed = (shipped(), *settings.data_folders, settings.open_data_mirror)
    return any(path.is_relative_to(folder.resolve()) for folder in allowed if folder)


def _paths(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each path that is named: where it stands, by which parameter, and the path."""
    for steps, value in leaves(values):
        key = next((step for step in reversed(steps) if isinstance(step, str)), "")
        in_words = steps[0] in _IN_WORDS and "pdsa" not in steps
        if key in (*_FILES, *_FOLDERS) and isinstance(value, str) and not in_words:
            yield steps, key, value


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
