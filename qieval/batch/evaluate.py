"""One evaluation, from its checked parameters to the files it leaves, in a folder of its own."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from qieval import __version__
from qieval.batch.engines import ENGINES, Execution
from qieval.batch.executed import (
    MOST_PRINTED,
    emitted,
    ended_early,
    first_error,
    last_step,
    mark_stopped,
    read_notebook,
    shortened,
    tidy,
    without_colours,
    without_places,
)
from qieval.batch.manifest import now
from qieval.batch.plan import Item
from qieval.batch.records import Reason, Record
from qieval.core.blocks import PAGE_MIME, RESULT_MIME
from qieval.core.config import Settings, environment_of
from qieval.core.errors import CannotEvaluate, OpenDataNotHere, QievalError, RunError
from qieval.core.reads import READS_VARIABLE
from qieval.core.result import rebuilt, to_json
from qieval.core.verdict import Verdict
from qieval.core.workspace import digest_of, relative, resolve, shipped, write_whole
from qieval.intake import opendata
from qieval.intake.origin import origin_of

Render = Callable[[NotebookNode, Record], str]
"""Makes the page of an evaluation: executed notebook and record in, HTML out."""

SUFFIXES = {"notebook": ".ipynb", "log": ".log", "result": ".result.json", "page": ".html"}
"""What an evaluation leaves, in the order in which it is put in place: the page last."""


@dataclass(frozen=True)
class Task:
    """One evaluation, ready to be carried out in any thread: files go to `folder`."""

    item: Item
    root: Path
    folder: Path
    engine: str
    render: Render
    settings: Settings
    on_begin: Callable[[], None]
    on_step: Callable[[int, str], None]
    earlier: Record | None  # its last run
    parts: dict[str, str]  # what it depends on, before it is run

    @property
    def notes(self) -> Path:
        """Where it is noted which files the notebook opens."""
        return self.folder / "reads.jsonl"

    @property
    def files(self) -> dict[str, str]:
        """File names by kind, relative to the programme's output folder."""
        return {kind: f"{self.item.file.name}{suffix}" for kind, suffix in SUFFIXES.items()}

    def path(self, kind: str) -> Path:
        """Where a file of that kind is made."""
        return self.folder / Path(self.files[kind]).name


REFUSALS = (CannotEvaluate.__name__, OpenDataNotHere.__name__)
"""What stops an evaluation though nobody did anything wrong; its page says why."""


def _is_own(name: str, digest: str) -> bool:
    """Whether a notebook that was run differs from ours of the same name, or has no such name."""
    ours = shipped("notebooks", name)
    return not ours.is_file() or digest_of(ours) != digest


def carry_out(task: Task) -> Record:
    """Execute the notebook, read what it says, write its files.

    This is the boundary of one evaluation: whatever goes wrong inside becomes its own failure, with
    its reason in the record and its traceback in the log, and no one else's.
    """
    started = time.monotonic()
    task.on_begin()
    shutil.rmtree(task.folder, ignore_errors=True)  # of a worker that died with it half done
    task.folder.mkdir()
    # Appended to, so that the notebook's process can write into the same file.
    with task.path("log").open("a", encoding="utf-8", buffering=1) as log:
        log.write(f"{now()} begins: {task.item.name}\n")
        # Of what is read, so before the run: either may be changed while it goes on.
        read = [digest_of(file) for file in (task.item.file.path, task.item.notebook)]
        executed, reason = _execute(task, log)
        record = _record(task, executed, reason, time.monotonic() - started)
        record = replace(
            record,
            parameters_digest=read[0],
            notebook_digest=read[1],
            own_notebook=_is_own(task.item.notebook.name, read[1]),
        )
        try:
            record = _write_files(task, executed, record)
        except Exception as error:
            log.write(traceback.format_exc())
            failure = Reason(type(error).__name__, str(error), "making the page")
            record = replace(record, status="failed", headline="", verdict=None, reason=failure)
            record = replace(record, files={"log": task.files["log"]})
        log.write(f"{now()} {record.status}: {record.finding}\n")
    text = task.path("log").read_text(encoding="utf-8", errors="replace")
    text = shortened(text, 10 * MOST_PRINTED)
    write_whole(task.path("log"), without_places(without_colours(text), task.root))
    return record


def unheard(task: Task) -> Task:
    """The task for another computer: it begins now, and its steps are not heard here."""
    task.on_begin()
    return replace(task, on_begin=_nothing, on_step=_nothing)


def _nothing(*_: object) -> None:
    """What happens elsewhere cannot be told here."""


def lost(task: Task) -> Record:
    """The record of an evaluation whose workers ended, each time it was begun."""
    reason = Reason(
        RunError.__name__,
        "The worker that ran it ended, and so did those that tried it again.\nWhat to do: look at "
        "the workers' logs; most often their memory was full.",
    )
    return _record(task, nbformat.v4.new_notebook(), reason, 0.0)


def _execute(task: Task, log: TextIO) -> tuple[NotebookNode, Reason | None]:
    """The executed notebook, and why there is no result."""
    execution = Execution(
        task.item.notebook,
        task.path("notebook"),
        task.item.file.injected,
        task.root,
        {**environment_of(task.settings, task.root), READS_VARIABLE: str(task.notes)},
        task.settings.cell_timeout,
        task.settings.memory_limit or 0,
        log,
        task.on_step,
    )
    error: Exception | None = None
    try:
        ENGINES[task.engine].execute(execution)
    except Exception as raised:
        error = raised
    executed = read_notebook(execution.output)
    if error is None:
        return executed, ended_early(executed)
    return executed, _why_stopped(error, task, executed, log)


def _why_stopped(error: Exception, task: Task, executed: NotebookNode, log: TextIO) -> Reason:
    """Why the notebook did not reach its end; marked in it where it was stopped from outside."""
    if isinstance(error, PapermillExecutionError):
        log.write("\n".join(error.traceback) + "\n")
        reason = first_error(executed)
        return reason or Reason(error.ename, error.evalue, f"cell {error.exec_count}")
    if not isinstance(error, CellTimeoutError | DeadKernelError):
        log.write("".join(traceback.format_exception(error)))
        return Reason(type(error).__name__, str(error) or "No reason was given.")
    mark_stopped(executed)
    if isinstance(error, CellTimeoutError):
        words = (
            f"A cell took longer than {task.settings.cell_timeout} seconds and was stopped.\n"
            "What to do: evaluate less at a time, or raise `cell_timeout` in `qieval.toml`."
        )
    else:
        words = (
            "The notebook's Python ended without a word.\nWhat to do: most often the computer's "
            "memory was full; set `workers = 1` in `qieval.toml`, or close other programs."
        )
    return Reason(RunError.__name__, words, last_step(executed))


def _record(task: Task, executed: NotebookNode, reason: Reason | None, seconds: float) -> Record:
    item, file = task.item, task.item.file
    own = task.root / "notebooks" / item.notebook.name
    page = emitted(executed, PAGE_MIME) or _page_of_origin(task)
    refused = reason is not None and reason.kind in REFUSALS
    if reason:
        reason = replace(reason, message=without_places(reason.message, task.root))
    return Record(
        programme=file.programme,
        evaluation=file.name,
        title=item.title,
        programme_name=item.programme.name,
        project=item.project.name,
        network=item.project.network,
        team=item.project.team,
        aim=str(item.project.aim),
        status="done" if reason is None else "not evaluated" if refused else "failed",
        reason=reason,
        finished=now(),
        seconds=round(seconds, 1),
        headline=str(page.get("headline", "")) if reason is None else "",
        verdict=rebuilt(Verdict, page["verdict"]) if reason is None and "verdict" in page else None,
        roll_up=item.reads_results,
        setting=str(page.get("setting", "")),
        attribution=str(page.get("attribution", "")),
        simulated=item.simulated or bool(page.get("simulated")),
        parameters_file=relative(file.path, task.root),
        # The workspace's own, or the one that qieval carries.
        notebook=f"notebooks/{own.name}" if item.notebook == own else f"qieval's {own.name}",
        qieval=__version__,
    )


def _page_of_origin(task: Task) -> dict[str, Any]:
    """Whose data they are, for a page whose notebook stopped before it said so."""
    source = str(task.item.file.parameters.get("source") or "")
    if not source:
        return {}
    try:
        named = opendata.split_source(source)
        origin = opendata.origin(named[0]) if named else origin_of(resolve(source, task.root))
    except QievalError:
        return {}  # then this very source is why the notebook stopped, and its reason says so
    return {"attribution": origin.attribution, "simulated": origin.simulated}


def _write_files(task: Task, executed: NotebookNode, record: Record) -> Record:
    kinds = ["log"]
    if task.path("notebook").is_file():
        tidy(executed, record.notebook, task.files["notebook"], task.root)
        # Without line breaks: those are written by slow code, and a machine reads it.
        write_whole(task.path("notebook"), f"{nbformat.writes(executed, indent=None)}\n")
        kinds.append("notebook")
    result = emitted(executed, RESULT_MIME)
    if result is not None and record.status == "done":
        write_whole(task.path("result"), to_json(result) + "\n")
        kinds.append("result")
    record = replace(record, files={kind: task.files[kind] for kind in (*kinds, "page")})
    page = task.render(executed, record.since(task.earlier, task.parts))
    write_whole(task.path("page"), page)
    return record
