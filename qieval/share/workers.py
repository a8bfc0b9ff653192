"""Pieces of work that need nothing of one another: several at a time, each in its own process.

What comes of them stands in the order of the pieces, and is the same however many work on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")

_FEW = 8
"""So few pieces are done before other processes have begun."""

_CHUNKS = 4
"""Into so many parts a worker's share is cut: enough that none waits long for the last one."""


class Workers:
    """Who does the work: this process alone, or several that this one has started.

    Parameters
    ----------
    pool : ProcessPoolExecutor, optional
        Without it, this process.
    count : int
        How many processes are in it.
    """

    def __init__(self, pool: ProcessPoolExecutor | None = None, count: int = 1) -> None:
        self._pool, self._count = pool, count

    def map(self, function: Callable[[P], T], pieces: Sequence[P]) -> list[T]:
        """What a function makes of every piece, in their order.

        Where processes end without a result (mostly for want of memory), this one does all of it.

        Parameters
        ----------
        function : callable
            Can be pickled, as what it takes and gives can.
        pieces : sequence
            What it is given, one after another.
        """
        if self._pool is not None and len(pieces) > _FEW:
            chunk = -(-len(pieces) // (_CHUNKS * self._count))
            try:
                return list(self._pool.map(function, pieces, chunksize=chunk))
            except BrokenProcessPool:
                self._pool = None
        return [function(piece) for piece in pieces]


ALONE = Workers()
"""This process does all of it."""


@contextmanager
def working(count: int) -> Iterator[Workers]:
    """So many processes, for as long as there is work for them.

    They are started anew and not copied from this one, on every system: what they know of the work
    is what they are given.
    """
    if count < 2:
        yield ALONE
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield Workers(pool, count)
