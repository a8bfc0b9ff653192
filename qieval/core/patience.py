"""Files on drives that are shared, slow or away for a moment: tried again before it is an error.

Windows refuses to replace a file that another program reads at that moment (a virus scanner, an
indexer, a preview), and a network drive may be gone for a second or two.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Done = TypeVar("Done")

WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each further try; three in all."""

PASSING = {
    *(errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN, errno.EIO, errno.ESTALE),
    *(errno.ETIMEDOUT, errno.ENOTCONN, errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH),
    *(getattr(errno, name) for name in ("EHOSTDOWN", "EREMOTEIO") if hasattr(errno, name)),
}
"""What may be over in a moment; a full disk or a folder that is not there is not."""

PASSING_ON_WINDOWS = {53, 59, 64, 67, 121, 1231}
"""The same for drives of another computer, by Windows' own numbers (System Error Codes)."""


def patiently(act: Callable[[], Done]) -> Done:
    """Do something with a file; again after a moment where the disk refuses, for three seconds.

    Parameters
    ----------
    act : callable
        What is done; done again, it must come to the same.

    Raises
    ------
    OSError
        If it is refused to the end, or for a reason that does not pass.
    """
    for seconds in WAITS:
        try:
            return act()
        except OSError as error:
            if not _may_pass(error):
                raise
            time.sleep(seconds)
    return act()


def move_over(source: Path, target: Path) -> None:
    """Move a file to a place where another may lie; a reader sees the old one or the new one.

    Across drives it is copied beside its place first.

    Raises
    ------
    OSError
        If it cannot be done; the file at the target is then as it was.
    """
    try:
        patiently(lambda: os.replace(source, target))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            patiently(lambda: shutil.copyfile(source, beside))
            patiently(lambda: os.replace(beside, target))
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        source.unlink(missing_ok=True)


def _may_pass(error: OSError) -> bool:
    number = getattr(error, "winerror", None)  # Windows alone has it
    return error.errno in PASSING or number in PASSING_ON_WINDOWS
