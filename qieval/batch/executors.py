"""Where evaluations are carried out: threads of this process, or the workers of a Dask cluster.

A thread only leads: the notebook has a process of its own. A worker leads likewise, on its own
computer, with a prepared process of its own; it must see the workspace under the same path.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from qieval.core.errors import WorkspaceError

if TYPE_CHECKING:
    from qieval.batch.records import Record

NOTEBOOK_MB = 400
"""What a notebook takes: a kernel of its own 350 MB, a child of the prepared process less."""

CGROUP = Path("/sys/fs/cgroup")

CONNECT_SECONDS = 10
"""Patience with a scheduler that does not answer."""

WORKER_LOST = "KilledWorker"
"""The error with which Dask gives an evaluation up whose workers have died again and again."""


def affordable(workers: int, memory_limit: int | None, *, ahead: bool = False) -> tuple[int, str]:
    """How many notebooks the free memory holds at a time, at most `workers`; why, if fewer.

    `ahead`: beside each a kernel waits that was started ahead.

    A notebook is reckoned with its limit, where there is one: more would be asked for than is there
    only if all came near it, and then the system would end one of them without a word.
    """
    need, free = (memory_limit or NOTEBOOK_MB) + ahead * NOTEBOOK_MB, free_megabytes()
    count = max(1, min(workers, int(free // need)))
    if count == workers:
        return workers, ""
    why = f"{free:,.0f} MB of memory are free, and a notebook may take {need:,}"
    return count, f"{count} of {workers} notebooks run at a time: {why}."


def free_megabytes() -> float:
    """Memory that is free on this computer, and left to this container."""
    free = [psutil.virtual_memory().available]
    try:  # what a container may have, where there is one
        most, used = (
            int((CGROUP / f"memory.{name}").read_text(encoding="ascii"))
            for name in ("max", "current")
        )
        free.append(max(0, most - used))
    except (OSError, ValueError):
        pass  # no limit: "max", or another system
    return min(free) / 2**20


@contextmanager
def executor_at(scheduler: str | None, workers: int) -> Iterator[Executor]:
    """What evaluations are handed to.

    Parameters
    ----------
    scheduler : str or None
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; None: threads of this process.
    workers : int
        How many of those; a cluster has its own number.

    Raises
    ------
    WorkspaceError
        If Dask is not installed, or no scheduler answers.
    """
    if scheduler is None:
        with ThreadPoolExecutor(workers, thread_name_prefix="qieval") as pool:
            yield pool
        return
    try:
        from distributed import Client  # an extra: most people have no cluster
    except ImportError as error:
        raise WorkspaceError(
            "Dask is not installed.",
            remedy='Install it here and on the workers: `pip install "qieval[dask]"`.',
        ) from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            "No Dask scheduler answers at this address.",
            found=f"`{scheduler}` ({type(error).__name__})",
            remedy="Check the address (`tcp://<computer>:8786`), and that the scheduler runs.",
        ) from error
    with client:
        yield client.get_executor(pure=False)  # the same call twice is two runs


def record_of(future: Future[Record]) -> Record | None:
    """The record of an evaluation that has ended; None if its workers died again and again.

    Raises
    ------
    WorkspaceError
        If the scheduler was lost.
    """
    try:
        return future.result()
    except CancelledError as error:
        raise WorkspaceError(
            "The Dask scheduler was lost.",
            found="it no longer answers",
            remedy="Start it again and repeat the command: what is finished is not run again.",
        ) from error
    except Exception as error:
        if type(error).__name__ == WORKER_LOST:
            return None
        raise
