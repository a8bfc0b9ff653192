"""What this computer lacks for qieval, and what to do about it: ``qieval doctor``."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath, PureWindowsPath
from time import perf_counter

from qieval.core.config import load_settings
from qieval.core.errors import QievalError
from qieval.core.workspace import PACKAGE, find_root, resolve

OLDEST_PYTHON = (3, 11)
ROOM = 1 << 30
"""Bytes that a run may need: pages, executed notebooks, results."""

WINDOWS_PATH = 260
"""Letters of a path that Windows takes, unless long paths were allowed."""

LONGEST_INSIDE = 120
"""Letters that programme, project and page add to the path of the outputs, at the longest usual."""

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "davfs"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
"""What prints PDFs, whichever is there first."""

INSTALLED_BROWSERS = {
    "ProgramFiles": ("Google/Chrome/Application/chrome.exe",),
    "ProgramFiles(x86)": ("Microsoft/Edge/Application/msedge.exe",),
    "LOCALAPPDATA": ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe"),
}
"""Where Windows has them, below the folder that a variable names: no command finds them there."""

DRIVE_REMOTE = 4
"""What Windows answers for the type of a network drive."""


_FILES, _SLOW = 20, 2.0
"""Files that are written to see how fast the disk is, and the seconds that are too many."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name, words : str
        What it is, and how it stands.
    remedy : str
        What to do; "": nothing.
    stops : bool
        Whether nothing can be run before that.
    """

    name: str
    words: str
    remedy: str = ""
    stops: bool = False


def examine(folder: Path | None = None) -> list[Finding]:
    """Look at Python, packages, browser, Java, fonts, and at the workspace's disk and paths.

    Parameters
    ----------
    folder : Path, optional
        The workspace. Default: the one we are in; where there is none, the current folder.
    """
    looks: list[Callable[[], Finding]] = [_python, _kernel, _form, _fonts, _browser, _java]
    findings = [look() for look in looks]
    try:
        root = find_root(folder)
        outputs = resolve(load_settings(root).outputs, root)
    except QievalError as error:
        root = outputs = (folder or Path.cwd()).resolve()
        findings.append(Finding("Workspace", error.problem, error.remedy or "", stops=True))
    findings += [
        _writing(outputs),
        _speed(outputs),
        _disk(outputs),
        _paths(outputs),
        _network(root),
    ]
    return findings


def _python() -> Finding:
    words = f"{platform.python_version()}, {platform.machine()}, {platform.system()}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", words, "Install Python 3.11 or later.", stops=True)
    if sys.maxsize < 1 << 32:
        return Finding("Python", f"{words}, 32 bits", "Install the 64-bit Python.", stops=True)
    return Finding("Python", words)


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _kernel() -> Finding:
    missing = [name for name in ("jupyterlab", "ipykernel", "papermill") if not _there(name)]
    if missing:
        words = f"{', '.join(missing)} cannot be found by this Python"
        remedy = "Install qieval again, into the Python with which you call it."
        return Finding("JupyterLab and its kernel", words, remedy, stops=True)
    return Finding("JupyterLab and its kernel", "here, in the Python that runs qieval")


def _form() -> Finding:
    if not _there("ipywidgets"):
        return Finding("Form", "ipywidgets is not installed", "pip install 'qieval[desk]'")
    return Finding("Form", "ipywidgets is here")


def _fonts() -> Finding:
    if not any((PACKAGE / "charts" / "fonts").glob("*.ttf")):
        words = "the fonts of figures are missing"
        return Finding("Fonts", words, "Install qieval again.")
    return Finding("Fonts", "those of figures come with qieval")


def browser_here() -> str | None:
    """The path of a browser that can print a PDF, or None."""
    commands = filter(None, map(shutil.which, BROWSERS))
    installed = (
        str(Path(above) / name)
        for variable, names in INSTALLED_BROWSERS.items()
        if (above := os.environ.get(variable))
        for name in names
        if (Path(above) / name).is_file()
    )
    return next(chain(commands, installed), None)


def _browser() -> Finding:
    if browser_here() is None:
        remedy = (
            "Only PDFs need one: install Edge, Chrome or Chromium, or `pip install "
            "'qieval[weasyprint]'`."
        )
        return Finding("Browser for PDFs", "none was found", remedy)
    return Finding("Browser for PDFs", "here")


def _java() -> Finding:
    if shutil.which("java") is None:
        return Finding("Java", "none was found", "Only Spark needs it: install Java 17.")
    return Finding("Java", "here")


def _writing(folder: Path) -> Finding:
    """Whether files can be written, renamed over one another and deleted, as every run does."""
    place = _nearest_there(folder)
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".qieval-") as inside:
            old, new = Path(inside, "old"), Path(inside, "new")
            old.write_text("1", encoding="utf-8")
            new.write_text("2", encoding="utf-8")
            os.replace(new, old)
            kept = old.read_text(encoding="utf-8")
    except OSError as error:
        words = f"the folder of the outputs cannot be written ({error.strerror})"
        remedy = "Ask for the right to write there, or name another: `outputs` in qieval.toml."
        return Finding("Right to write", words, remedy, stops=True)
    if kept != "2":
        words = "a file that was replaced still holds what it held before"
        remedy = "Name a folder on your own disk: `outputs` in qieval.toml."
        return Finding("Right to write", words, remedy)
    return Finding("Right to write", "files can be written, replaced and deleted")


def _speed(folder: Path) -> Finding:
    """How long small files take, of which a run writes some hundreds."""
    name = "Speed of the disk"
    began = perf_counter()
    try:
        with tempfile.TemporaryDirectory(dir=_nearest_there(folder), prefix=".qieval-") as inside:
            for number in range(_FILES):
                Path(inside, str(number)).write_bytes(b"1")
    except OSError as error:
        return Finding(name, f"cannot be told ({error.strerror})", "See `Right to write`.")
    seconds = perf_counter() - began
    words = f"{_FILES} small files take {seconds:.1f} seconds"
    if seconds > _SLOW:
        return Finding(name, words, "Name a folder on your own disk: `outputs` in qieval.toml.")
    return Finding(name, words)


def _nearest_there(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if place.is_dir()), folder)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest_there(folder)).free
    words = f"{free / (1 << 30):,.1f} GB free"
    if free < ROOM:
        return Finding("Disk", words, "Make room: a run may need 1 GB.")
    return Finding("Disk", words)


def _paths(folder: Path) -> Finding:
    longest = len(str(folder)) + LONGEST_INSIDE
    if longest <= WINDOWS_PATH or (os.name == "nt" and long_paths_allowed()):
        return Finding("Length of paths", f"pages come to about {longest} letters")
    words = f"pages come to about {longest} letters, and Windows takes {WINDOWS_PATH}"
    remedy = "Move the workspace nearer to the top of the disk, if it is ever used on Windows."
    return Finding("Length of paths", words, remedy)


def long_paths_allowed() -> bool:
    """Whether this Windows takes paths of more than 260 letters."""
    if os.name != "nt":
        return True
    import winreg

    try:
        where = r"SYSTEM\CurrentControlSet\Control\FileSystem"
        top = winreg.HKEY_LOCAL_MACHINE  # type: ignore[attr-defined]
        with winreg.OpenKey(top, where) as key:  # type: ignore[attr-defined]
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])  # type: ignore[attr-defined]
    except OSError:
        return False


def _network(folder: Path) -> Finding:
    if on_network(folder):
        words = "the workspace lies on a network drive: runs are slow there, and files get locked"
        remedy = "Let the outputs lie on your own disk (`outputs` in qieval.toml), and copy them."
        return Finding("Network drive", words, remedy)
    return Finding("Network drive", "the workspace lies on a disk of this computer")


def on_network(folder: PurePath, mounts: str | None = None) -> bool:
    """Whether a folder lies on a drive of another computer.

    Parameters
    ----------
    folder : path
        An absolute path.
    mounts : str, optional
        What is mounted where, as Linux lists it. Default: the list of this computer.
    """
    if isinstance(folder, PureWindowsPath):
        return folder.drive.startswith("\\\\") or _is_remote(folder.drive)
    if mounts is None:
        listed = Path("/proc/self/mounts")
        mounts = listed.read_text(encoding="utf-8", errors="replace") if listed.exists() else ""
    rows = [line.split() for line in mounts.splitlines() if len(line.split()) > 2]
    places = {row[1].replace(r"\040", " "): row[2] for row in rows}
    above = [str(place) for place in (folder, *folder.parents) if str(place) in places]
    return bool(above) and places[above[0]] in NETWORK_FILE_SYSTEMS


def _is_remote(drive: str) -> bool:
    if os.name != "nt":
        return False
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    return bool(kernel.GetDriveTypeW(f"{drive}\\") == DRIVE_REMOTE)
