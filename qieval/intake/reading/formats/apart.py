"""A large workbook is opened in a process of its own, which may not take all memory or time.

The libraries that parse workbooks cannot be told how much they may use, and some end the process
where memory is refused them. What ends here is a child; the person gets a message.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any, TypeVar

import psutil

from qieval.core.config import settings_here
from qieval.core.errors import DataError, QievalError

Answer = TypeVar("Answer")

_LOOKS = 0.05
"""Seconds between two looks at what the child takes."""


def apart(function: Callable[..., Answer], *arguments: Any, where: str) -> Answer:
    """What a function of a module answers, called in a child process.

    Raises what the function raises of ours; DataError if the child takes more memory or processor
    time than the settings `sheet_memory` and `sheet_seconds` allow, or comes to an end by itself.
    """
    path = os.pathsep.join(folder for folder in sys.path if folder)
    with tempfile.TemporaryFile() as answer:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            child.communicate(pickle.dumps((function, arguments)), timeout=_LOOKS)
        except subprocess.TimeoutExpired:
            _watch(child, where)
        finally:
            child.kill()
            child.wait()
        answer.seek(0)
        try:
            result = pickle.load(answer)
        except (EOFError, pickle.UnpicklingError) as error:
            raise DataError(
                "The workbook cannot be read: reading it came to an end by itself.",
                remedy="Open it in Excel and save it again as `.xlsx`, or save the sheet that is "
                "needed as CSV.",
                where=where,
            ) from error
    if isinstance(result, QievalError):
        raise result
    return result


def _watch(child: subprocess.Popen[bytes], where: str) -> None:
    """Wait for the child's end. Raises DataError when it takes too much."""
    settings = settings_here()[0]
    watched = psutil.Process(child.pid)
    while True:
        try:
            child.wait(timeout=_LOOKS)
            return
        except subprocess.TimeoutExpired:
            pass
        try:
            memory, times = watched.memory_info().rss / 1e6, watched.cpu_times()
        except psutil.NoSuchProcess:
            return
        if memory > settings.sheet_memory:
            raise _too_much(
                "memory", f"more than {settings.sheet_memory:,} MB", "sheet_memory", where
            )
        if times.user + times.system > settings.sheet_seconds:
            raise _too_much(
                "time",
                f"more than {settings.sheet_seconds:,} seconds of processor time",
                "sheet_seconds",
                where,
            )


def _too_much(what: str, found: str, setting: str, where: str) -> DataError:
    return DataError(
        f"Reading the workbook takes too much {what}.",
        found=found,
        remedy="Save the one sheet that is needed as CSV or Parquet; or, if this computer has "
        f"more to give, set `{setting}` in qieval.toml.",
        where=where,
    )


if __name__ == "__main__":
    call, given = pickle.load(sys.stdin.buffer)
    try:
        answered = call(*given)
    except QievalError as error:
        answered = error
    pickle.dump(answered, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
