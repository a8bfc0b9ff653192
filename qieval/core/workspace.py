"""Where things are: the user's workspace, and what the package itself carries.

A workspace is a folder that holds ``params/``. Paths in parameter files are relative to it, so that
they mean the same wherever a kernel was started. The repository is one workspace among others: a
wheel carries the same notebooks and example programme inside the package.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from qieval.core.errors import WorkspaceError
from qieval.core.patience import patiently

PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED_IN_WHEEL = PACKAGE / "shipped"
ROOT_VARIABLE = "QIEVAL_WORKSPACE"


def shipped(*parts: str) -> Path:
    """Path of something that qieval carries: ``shipped("notebooks")``, ``shipped("data", …)``.

    In an installed wheel it lies inside the package; in a checkout at the repository's top.
    """
    home = SHIPPED_IN_WHEEL if SHIPPED_IN_WHEEL.is_dir() else PACKAGE.parent
    return home.joinpath(*parts)


def find_root(start: Path | str | None = None) -> Path:
    """The workspace root: the nearest folder at or above `start` that holds ``params/``.

    Parameters
    ----------
    start : path, optional
        Where to begin. Default: the folder named by the environment variable
        ``QIEVAL_WORKSPACE``, else the current folder.

    Raises
    ------
    WorkspaceError
        If no such folder is found.
    """
    begin = Path(start or os.environ.get(ROOT_VARIABLE) or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if (folder / "params").is_dir():
            return folder
    raise WorkspaceError(
        "This is not a qieval workspace: neither this folder nor one above it holds `params/`.",
        found=f"folder `{begin.name}`",
        remedy="Go to your workspace, or make one in an empty folder with `qieval init`.",
    )


def resolve(path: Path | str, root: Path | None = None) -> Path:
    """An absolute path: as it is if absolute, else relative to the workspace root."""
    path = Path(path).expanduser()
    return path if path.is_absolute() else (root or find_root()) / path


def relative(path: Path | str, root: Path | None = None) -> str:
    """A path as shown to people: relative to the workspace, with forward slashes; else its name.

    Absolute paths are never shown: they carry user names and folder layouts.
    """
    path = Path(path)
    if root and path.is_absolute() and ".." not in path.parts and path.is_relative_to(root):
        return path.relative_to(root).as_posix()  # as it was named; links need not be followed
    try:
        return path.resolve().relative_to((root or find_root()).resolve()).as_posix()
    except (ValueError, WorkspaceError):
        return path.name


def notebook(name: str, root: Path | None = None) -> Path:
    """The notebook of an evaluation: the workspace's own wins over ours of the same name.

    Raises
    ------
    WorkspaceError
        If there is neither.
    """
    own = (root or find_root()) / "notebooks" / f"{name}.ipynb"
    ours = shipped("notebooks", f"{name}.ipynb")
    for candidate in (own, ours):
        if candidate.is_file():
            return candidate
    raise WorkspaceError(
        f"There is no notebook `{name}.ipynb`.",
        found="neither in the workspace's `notebooks/` nor among those that qieval carries",
        remedy="Check the file name in params/: `<notebook>[.<label>].yml`.",
    )


def digest_of(file: Path) -> str:
    """The sha256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file as one step: a reader sees the old one or the new one."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    whole = content if isinstance(content, bytes) else content.encode("utf-8")
    try:
        patiently(lambda: beside.write_bytes(whole))
        patiently(lambda: os.replace(beside, file))
    except OSError:
        with suppress(OSError):  # the drive may be gone: what was refused says more
            beside.unlink(missing_ok=True)
        raise
