"""What executes a notebook. Papermill as it is serves as the reference; others are registered here.

The warm engine (:mod:`qieval.batch.warm`) is papermill too, with a child of a prepared process in
the place of a kernel.

An engine is one object with two methods (:class:`Engine`); ``ENGINES`` names them. An engine must
be safe to call from several threads at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TextIO

import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from papermill.engines import papermill_engines
from traitlets import default

from qieval.batch.preparing import ONE_THREAD
from qieval.batch.warm import WARM, NotebookEngine
from qieval.core.workspace import ROOT_VARIABLE

IOPUB_SECONDS = 60
"""Patience with a kernel's messages: four seconds, nbclient's own, is too few on a busy machine."""


@dataclass(frozen=True)
class Execution:
    """One notebook to execute."""

    # What to execute and where the executed notebook goes, also when it fails.
    notebook: Path
    output: Path
    parameters: dict[str, Any]  # what to inject; plain JSON values, already checked
    root: Path  # the workspace root: where the kernel runs
    environment: dict[str, str]  # environment variables of the kernel: the settings of the run
    timeout: int  # seconds that one cell may take
    memory: int  # megabytes that the notebook may use; 0 for as many as there are
    log: TextIO  # takes what the notebook prints
    # Called after each code cell with its place in the notebook and how it ended: ok or error.
    on_step: Callable[[int, str], None]


class Engine(Protocol):
    """What a run needs of an engine."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook; raise what papermill raises when it does not reach its end."""

    def stop(self) -> None:
        """End whatever is executing now, at once, from another thread."""


class _ThisPython(KernelSpecManager):
    """Kernels that run in the very Python that runs qieval.

    A machine may hold another kernel called "python3" (the user's own folder is searched first);
    an evaluation must not depend on which one is found. History is off: notebooks that run side by
    side would lock one another out of its database.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        about = get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
        return KernelSpec(resource_dir="", **about)


_running: set[_Kernel] = set()
_running_lock = threading.Lock()


class _Kernel(AsyncKernelManager):
    """A kernel that knows its workspace, the run's settings and its log, and can be ended."""

    log_file: TextIO | None = None
    sockets: tempfile.TemporaryDirectory[str] | None = None
    environment: ClassVar[dict[str, str]] = {}
    memory: int = 0

    @default("kernel_spec_manager")
    def _this_python(self) -> KernelSpecManager:
        return _ThisPython(parent=self)

    @default("transport_encryption")
    def _encrypted(self) -> str:
        return "auto"  # other people may be logged in to the same computer

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        options["env"] = {**os.environ, **self.environment, ROOT_VARIABLE: options["cwd"]}
        # What the process itself says (a crash, a C library) belongs in the log, not on the bar.
        options["stdout"] = options["stderr"] = self.log_file
        if sys.platform != "win32":
            # Ports are found free and taken later: of many kernels that start, two may find the
            # same. A folder of one's own has names for all, and is closed to others.
            self.sockets = tempfile.TemporaryDirectory(prefix="qieval-")
            self.transport, self.ip = "ipc", os.path.join(self.sockets.name, "k")
        await super().start_kernel(**options)
        if self.memory and sys.platform == "linux":
            import resource

            if process := getattr(self.provisioner, "pid", None):
                limit = self.memory << 20
                resource.prlimit(process, resource.RLIMIT_DATA, (limit, limit))
        with _running_lock:
            _running.add(self)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        with _running_lock:
            _running.discard(self)
        await super().cleanup_resources(restart=restart)
        if self.sockets is not None:
            self.sockets.cleanup()


class PapermillEngine:
    """The reference: ``papermill.execute_notebook``, one fresh kernel a notebook."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook with papermill."""
        _with_papermill(execution)

    def stop(self) -> None:
        """End every kernel that runs now."""
        with _running_lock:
            kernels = list(_running)
        for kernel in kernels:
            if kernel.provisioner is not None:
                asyncio.run(kernel.provisioner.kill())


class WarmEngine:
    """papermill, with a child of a prepared process for each notebook's kernel."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook; in a kernel of its own where there is no prepared process."""
        _with_papermill(
            execution,
            engine_name="qieval",
            environment={**execution.environment, ROOT_VARIABLE: str(execution.root)},
            memory=execution.memory,
        )

    def stop(self) -> None:
        """End every notebook that runs now, with whatever engine."""
        NotebookEngine.stop()
        PapermillEngine().stop()


def _with_papermill(execution: Execution, **more: Any) -> None:
    # Its remarks (each file name, each parameter it cannot read) would break the progress bar;
    # what goes wrong is raised.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    kernel = {
        "log_file": execution.log,
        "environment": {**ONE_THREAD, **execution.environment},
        "memory": execution.memory,
    }
    papermill.execute_notebook(
        _without_fields(execution.notebook),
        _without_fields(execution.output),
        execution.parameters,
        kernel_name="python3",
        progress_bar=False,
        execution_timeout=execution.timeout,
        stdout_file=execution.log,
        stderr_file=execution.log,
        # The kernel's folder is set here: papermill's `cwd` moves this whole process, and
        # notebooks run in several of its threads.
        resources={"metadata": {"path": str(execution.root)}},
        kernel_manager_class=type("Kernel", (_Kernel,), kernel),
        iopub_timeout=IOPUB_SECONDS,
        on_cell_executed=lambda cell, cell_index, execute_reply: execution.on_step(
            cell_index, execute_reply["content"]["status"]
        ),
        **more,
    )


def _without_fields(path: Path) -> str:
    """The path as papermill takes it: braces are fields to fill in, unless they are doubled."""
    return str(path).replace("{", "{{").replace("}", "}}")


papermill_engines.register(
    "qieval", NotebookEngine
)  # a checkout that is not installed has no entry point

ENGINES: dict[str, Engine] = {"warm": WarmEngine(), "papermill": PapermillEngine()}


def usable(name: str) -> tuple[str, str]:
    """The engine that will run, and why it is not the one asked for."""
    why_not = WARM.why_not() if name == "warm" else ""
    return ("papermill", why_not) if why_not else (name, "")
