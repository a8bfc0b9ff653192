"""Kernels started ahead: imported before they are needed, used once, where there is no fork.

They are Jupyter's own kernels. One starts and imports what every notebook needs
(:mod:`qieval.batch.imports`) while others work; only then is it told the folder and the environment
of its notebook, by a request that leaves no trace in what the notebook shows.
"""

from __future__ import annotations

import atexit
import os
import queue
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient.util import run_sync
from traitlets import default

from qieval.batch.kernels import Kernel, ThisPython
from qieval.batch.preparing import ONE_THREAD, START_SECONDS, NotPrepared, made_of
from qieval.core.workspace import PACKAGE, ROOT_VARIABLE

START = """
import atexit, os
atexit.register(os._exit, 0)  # after all others: taking apart what was imported takes half a second
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""

TRIES = 2
"""How many kernels are begun for one notebook before that is given up."""


class _Importing(ThisPython):
    """Kernels that import everything before they answer."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        spec = super().get_kernel_spec(kernel_name)
        at = spec.argv.index("-m")
        spec.argv[at : at + 2] = ["-c", START]
        spec.argv.append("--IPKernelApp.extra_extensions=qieval.batch.imports")
        return spec


class KernelAhead(Kernel):
    """A kernel that runs before it is known for which notebook."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.depends_on = made_of()
        self.given = {**os.environ, **ONE_THREAD}
        # Its notebook's log is not known yet.
        self.log_file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115

    @default("kernel_spec_manager")
    def _importing(self) -> KernelSpecManager:
        return _Importing(parent=self)

    async def begin(self) -> None:
        """Start the process; it finds the very qieval that asks, wherever that lies."""
        await self.launch(env=self.given, cwd=str(PACKAGE.parent))

    async def become(self, folder: str, environment: Mapping[str, str], memory: int) -> None:
        """Take the place of a kernel that was started in this folder, with this environment.

        Raises
        ------
        NotPrepared
            If it has ended, or does not answer.
        """
        wanted = {**os.environ, **environment, ROOT_VARIABLE: folder}
        changed = {name: value for name, value in wanted.items() if self.given.get(name) != value}
        gone = sorted(self.given.keys() - wanted.keys())
        begin = "__import__('qieval.batch.imports', fromlist=['begin']).begin"
        client = self.client()
        client.start_channels()
        try:
            client.execute(f"{begin}({gone!r}, {changed!r}, {folder!r})", silent=True)
            answer = await self._answer(client)
        finally:
            client.stop_channels()
        if answer["status"] != "ok":
            raise NotPrepared(f"it failed with {answer['ename']}")
        self.limit(memory)

    async def _answer(self, client: AsyncKernelClient) -> dict[str, Any]:
        """The answer to the one request that was sent."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and await self.is_alive():
            with suppress(queue.Empty):
                return dict((await client.get_shell_msg(timeout=1))["content"])
        raise NotPrepared("it ended, or did not answer, before it had anything to do")

    async def end(self) -> None:
        """Let it end now, if it has not, and what belongs to it go."""
        if await self.is_alive():
            await self.shutdown_kernel(now=True)
        await self.cleanup_resources()

    def tell(self, log: TextIO) -> None:
        """Write to a log what the process itself said, past Jupyter."""
        assert self.log_file is not None
        with self.log_file as said:
            said.seek(0)
            log.write(said.read())


class Ahead:
    """The kernels that wait for a notebook."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[KernelAhead] = []

    def begin(self) -> None:
        """Begin one more that will be needed."""
        kernel = KernelAhead()
        run_sync(kernel.begin)()
        with self._lock:
            self._waiting.append(kernel)

    def take(self, folder: str, environment: Mapping[str, str], memory: int) -> KernelAhead:
        """The kernel for one notebook; when it is ready the next one is begun.

        Raises
        ------
        NotPrepared
            If kernels end as soon as they are begun.
        """
        for attempt in range(1, TRIES + 1):
            kernel = self._one()
            try:
                run_sync(kernel.become)(folder, environment, memory)
            except NotPrepared:
                run_sync(kernel.end)()
                if attempt == TRIES:
                    raise
            else:
                with suppress(OSError):  # whoever needs it will be told
                    self.begin()
                return kernel
        raise AssertionError

    def _one(self) -> KernelAhead:
        """The one that has waited longest, of those that live and are made of today's code."""
        current = made_of()
        while True:
            with self._lock:
                kernel = self._waiting.pop(0) if self._waiting else None
            if kernel is None:
                self.begin()
            elif kernel.depends_on == current and run_sync(kernel.is_alive)():
                return kernel
            else:
                run_sync(kernel.end)()

    def close(self) -> None:
        """End those that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for kernel in waiting:
            run_sync(kernel.end)()


AHEAD = Ahead()
atexit.register(AHEAD.close)
