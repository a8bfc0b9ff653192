"""What executes a notebook. Papermill as it is serves as the reference; others are registered here.

The others are papermill too: the warm engine (:mod:`qieval.batch.warm`) with a child of a prepared
process in the place of a kernel, and where there is no fork with kernels that were started ahead
(:mod:`qieval.batch.ahead`).

An engine is one object with three methods (:class:`Engine`); ``ENGINES`` names them. An engine must
be safe to call from several threads at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

import papermill
from nbclient.util import run_sync
from papermill.engines import papermill_engines

from qieval.batch.ahead import AHEAD
from qieval.batch.kernels import Kernel, stop_kernels
from qieval.batch.preparing import ONE_THREAD, NotPrepared
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

    def close(self) -> None:
        """Let go what is kept ready for more notebooks: there will be none for a while."""


class PapermillEngine:
    """The reference: ``papermill.execute_notebook``, one fresh kernel a notebook."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook with papermill."""
        _with_papermill(execution)

    def stop(self) -> None:
        """End every kernel that runs now."""
        stop_kernels()

    def close(self) -> None:
        """Nothing is kept."""


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
        stop_kernels()

    def close(self) -> None:
        """The prepared process goes by itself when nobody has needed it for a while."""


class AheadEngine:
    """papermill, with kernels that were started before they were needed."""

    def execute(self, execution: Execution) -> None:
        """Execute one notebook; in a new kernel if those started ahead do not live."""
        environment = {**ONE_THREAD, **execution.environment}
        try:
            kernel = AHEAD.take(str(execution.root), environment, execution.memory)
        except NotPrepared as why:
            told = "A new kernel runs this notebook, not one started ahead"
            print(f"{told}: {why}", file=execution.log)
            _with_papermill(execution)
            return
        # nbclient makes its kernel itself, and ends only such a one: it is given the one there is.
        made = type("Kernel", (Kernel,), {"__new__": lambda cls, **_: kernel})
        try:
            _with_papermill(execution, made)
        finally:
            run_sync(kernel.end)()
            kernel.tell(execution.log)

    def stop(self) -> None:
        """End every kernel, those that wait as well."""
        stop_kernels()

    def close(self) -> None:
        """End the kernels that wait."""
        AHEAD.close()


def _with_papermill(execution: Execution, kernel: type[Kernel] | None = None, **more: Any) -> None:
    # Its remarks (each file name, each parameter it cannot read) would break the progress bar;
    # what goes wrong is raised.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    own = {
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
        kernel_manager_class=kernel or type("Kernel", (Kernel,), own),
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

ENGINES: dict[str, Engine] = {
    "warm": WarmEngine(),
    "ahead": AheadEngine(),
    "papermill": PapermillEngine(),
}


def usable(name: str) -> tuple[str, str]:
    """The engine that will run, and why it is not the one asked for."""
    why_not = WARM.why_not() if name == "warm" else ""
    return ("ahead", why_not) if why_not else (name, "")
