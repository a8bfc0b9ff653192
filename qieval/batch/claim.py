"""One run at a time in an output folder: the folder of work says whose it is, and since when."""

from __future__ import annotations

import getpass
import json
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from pydantic import TypeAdapter

from qieval.core.errors import WorkspaceError
from qieval.core.workspace import relative

RUNNING = ".running"
_ABOUT = "run.json"
_HAIR = 2.0  # seconds: the computer's start is known to one
_A_DAY = 24 * 60 * 60
_A_MOMENT = 60


@dataclass(frozen=True)
class Claim:
    """The run that works in an output folder."""

    process: int
    began: float  # seconds from the computer's start to the process's: its number may come again
    computer: str
    owner: str
    started: str  # when the run began, in words

    @classmethod
    def of_this_process(cls) -> Claim:
        """The claim of this very run."""
        process = psutil.Process()
        now = time.strftime("%d %B %Y, %H:%M").lstrip("0")
        return cls(process.pid, _began(process), platform.node(), getpass.getuser(), now)

    @property
    def goes_on(self) -> bool:
        """Whether that run still goes on; on another computer nobody can tell."""
        if self.computer != platform.node():
            return True
        try:
            return abs(_began(psutil.Process(self.process)) - self.began) < _HAIR
        except psutil.NoSuchProcess:
            return False


def _began(process: psutil.Process) -> float:
    """When a process began, whatever has been done to the clock since."""
    return process.create_time() - psutil.boot_time()


def claim_of(outputs: Path) -> Claim | None:
    """The run that works in an output folder; None if none does."""
    return _claim_in(outputs / RUNNING)


def _claim_in(folder: Path) -> Claim | None:
    """The run whose folder this is, if it goes on."""
    try:
        text = (folder / _ABOUT).read_text(encoding="utf-8")
        claim: Claim = TypeAdapter(Claim).validate_json(text)
    except (OSError, ValueError):
        return None  # none, or one that was killed while it wrote
    if claim.computer != platform.node() and time.time() - folder.stat().st_mtime > _A_DAY:
        return None
    return claim if claim.goes_on else None


def _sweep(outputs: Path) -> None:
    """Remove what runs left that were killed in the instant of claiming, before it had its name.

    One in which nothing stands yet may be of a run that claims in this very instant: it is left
    alone while it is young, by the clock of the disk.
    """
    now = (outputs / RUNNING).stat().st_mtime
    for folder in outputs.glob(f"{RUNNING}-*"):
        with suppress(OSError):  # another run takes its own away
            young = now - folder.stat().st_mtime < _A_MOMENT
            if _claim_in(folder) is None and ((folder / _ABOUT).exists() or not young):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def claimed(outputs: Path, root: Path) -> Iterator[Path]:
    """The folder in which this run works; it goes at the end, and what killed runs left with it.

    Raises
    ------
    WorkspaceError
        If another run works in the output folder.
    """
    folder = outputs / RUNNING
    ours = Path(tempfile.mkdtemp(prefix=f"{RUNNING}-", dir=outputs))
    # Whose it is stands in it before it has its name: nobody may take it for one that was left.
    about = json.dumps(asdict(Claim.of_this_process()))
    (ours / _ABOUT).write_text(about, encoding="utf-8")
    try:
        ours.rename(folder)
    except OSError as error:
        if not folder.is_dir():
            shutil.rmtree(ours, ignore_errors=True)
            raise
        if other := claim_of(outputs):
            shutil.rmtree(ours, ignore_errors=True)
            raise WorkspaceError(
                "Another run works in this output folder.",
                found=f"begun by {other.owner} on {other.started} (process {other.process} on "
                f"{other.computer})",
                remedy="Wait until it has ended (`qieval status` shows how far it is), or stop it.",
                where=relative(outputs, root),
            ) from error
        shutil.rmtree(folder, ignore_errors=True)
        ours.rename(folder)
    _sweep(outputs)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # on Windows a dying kernel may hold its log
