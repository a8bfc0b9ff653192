"""Where evaluations run: threads of this process (each notebook is a process of its own).

An executor is what :mod:`concurrent.futures` calls one, so a cluster's client that offers one (as
Dask's does) needs a row in ``EXECUTORS`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor

EXECUTORS: dict[str, Callable[[int], Executor]] = {
    "local": lambda workers: ThreadPoolExecutor(workers, thread_name_prefix="qieval"),
}
