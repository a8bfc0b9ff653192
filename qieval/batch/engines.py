"""What executes a notebook. Papermill as it is serves as the reference; others are registered here.

An engine is one object with two methods (:class:`Engine`); ``ENGINES`` names them. An engine must
be safe to call from several threads at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TextIO

import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

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
    log: TextIO  # takes what the notebook prints
    on_step: Callable[[], None]  # called after each code cell


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
    environment: ClassVar[dict[str, str]] = {}

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
        await super().start_kernel(**options)
        with _running_lock:
            _running.add(self)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        with _running_lock:
            _running.discard(self)
        await super().cleanup_resources(restart=restart)


class PapermillEngine:
    """The reference: ``papermill.execute_notebook``, one fresh kernel a notebook."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook with papermill."""
        # Its remarks (each file name, each parameter it cannot read) would break the progress bar;
        # what goes wrong is raised.
        logging.getLogger("papermill").setLevel(logging.CRITICAL)
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
            kernel_manager_class=type(
                "Kernel",
                (_Kernel,),
                {"log_file": execution.log, "environment": execution.environment},
            ),
            iopub_timeout=IOPUB_SECONDS,
            on_cell_executed=lambda **_: execution.on_step(),
        )

    def stop(self) -> None:
        """End every kernel that runs now."""
        with _running_lock:
            kernels = list(_running)
        for kernel in kernels:
            if kernel.provisioner is not None:
                asyncio.run(kernel.provisioner.kill())


def _without_fields(path: Path) -> str:
    """The path as papermill takes it: braces are fields to fill in, unless they are doubled."""
    return str(path).replace("{", "{{").replace("}", "}}")


ENGINES: dict[str, Engine] = {"papermill": PapermillEngine()}
