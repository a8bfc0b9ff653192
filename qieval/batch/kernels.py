"""Real kernels: Jupyter's own, each with its sockets in a folder of its own, each to be ended."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TextIO

import psutil
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from qieval.core.workspace import ROOT_VARIABLE

_OF_PROCESS = re.compile(r"qieval-(\d+)-\w+")


class ThisPython(KernelSpecManager):
    """Kernels that run in the very Python that runs qieval.

    A machine may hold another kernel called "python3" (the user's own folder is searched first);
    an evaluation must not depend on which one is found. History is off: notebooks that run side by
    side would lock one another out of its database.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """How a kernel is started; there is one only, whatever its name."""
        about = get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
        return KernelSpec(resource_dir="", **about)


_running: set[Kernel] = set()
_running_lock = threading.Lock()


class Kernel(AsyncKernelManager):
    """A kernel that knows its workspace, the run's settings and its log, and can be ended."""

    log_file: TextIO | None = None
    environment: ClassVar[dict[str, str]] = {}
    memory: int = 0
    folder: Path | None = None

    @default("kernel_spec_manager")
    def _this_python(self) -> KernelSpecManager:
        return ThisPython(parent=self)

    @default("transport_encryption")
    def _encrypted(self) -> str:
        return "auto"  # other people may be logged in to the same computer

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start it, in its workspace."""
        options["env"] = {**os.environ, **self.environment, ROOT_VARIABLE: options["cwd"]}
        await self.launch(**options)
        self.limit(self.memory)

    async def launch(self, **options: Any) -> None:
        """Start it where and with what is given; its files are in a folder closed to others."""
        _sweep()
        # What the process itself says (a crash, a C library) belongs in the log, not on the bar.
        options["stdout"] = options["stderr"] = self.log_file
        self.folder = Path(tempfile.mkdtemp(prefix=f"qieval-{os.getpid()}-"))
        self.connection_file = str(self.folder / "connection.json")
        if sys.platform != "win32":
            # Ports are found free and taken later: of many kernels that start, two may find the
            # same.
            self.transport, self.ip = "ipc", str(self.folder / "k")
        await super().start_kernel(**options)
        with _running_lock:
            _running.add(self)

    def limit(self, megabytes: int) -> None:
        """Limit its memory; 0: as much as there is."""
        if megabytes and sys.platform == "linux":
            import resource

            if process := getattr(self.provisioner, "pid", None):
                limit = megabytes << 20
                resource.prlimit(process, resource.RLIMIT_DATA, (limit, limit))

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Let go what belongs to it, when it has ended."""
        with _running_lock:
            _running.discard(self)
        await super().cleanup_resources(restart=restart)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def stop_kernels() -> None:
    """End every kernel that runs now, at once."""
    with _running_lock:
        kernels = list(_running)
    for kernel in kernels:
        if kernel.provisioner is not None:
            asyncio.run(kernel.provisioner.kill())


@cache
def _sweep() -> None:
    """Remove, once, folders of kernels whose leading process was killed: they end by themselves."""
    for folder in Path(tempfile.gettempdir()).glob("qieval-*"):
        named = _OF_PROCESS.fullmatch(folder.name)
        if named and not psutil.pid_exists(int(named[1])):
            shutil.rmtree(folder, ignore_errors=True)
