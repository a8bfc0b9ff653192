"""Run a plan: each notebook in a process of its own, several at a time, one failure no one else's.

A notebook is executed into a folder apart; what it made is then moved to its place file by file,
each in one step, by the thread that leads the run. A run that is stopped leaves whole files only.
"""

from __future__ import annotations

import errno
import hashlib
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from qieval.batch.claim import claimed
from qieval.batch.engines import ENGINES, usable
from qieval.batch.evaluate import Render, Task, carry_out, lost, unheard
from qieval.batch.executors import affordable, executor_at, record_of
from qieval.batch.journal import Journal
from qieval.batch.keys import Keys, why_run
from qieval.batch.manifest import facts
from qieval.batch.plan import Item, Plan
from qieval.batch.progress import Watcher
from qieval.batch.records import Reason, Record, Run
from qieval.core.config import Settings
from qieval.core.errors import WorkspaceError
from qieval.core.patience import move_over, patiently
from qieval.core.reads import reads_noted
from qieval.core.workspace import relative, resolve
from qieval.intake.pseudonyms import key_file

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""The disk is full, or the owner's share of it, or it has been made read-only."""

POLL_SECONDS = 0.2
"""How soon a pressed Ctrl-C is noticed."""


def run(
    plan: Plan,
    render: Render,
    settings: Settings,
    *,
    watcher: Watcher | None = None,
    engine: str | None = None,
    scheduler: str | None = None,
    force: bool = False,
) -> Run:
    """Run every evaluation of a plan whose last run no longer stands.

    Parameters
    ----------
    plan : Plan
        What to run; its problems are written down, not run.
    render : callable
        Makes the page: executed notebook and record in, HTML out.
    settings : Settings
        Where outputs go, how many notebooks run at a time, how long a cell may take.
    watcher : Watcher, optional
        Is told how the run goes on.
    engine : str, optional
        A name in ``ENGINES``; the engine of the settings if none is named.
    scheduler : str, optional
        Address of a Dask scheduler whose workers carry the evaluations out, instead of this
        process; they must see the workspace and its outputs under the same paths.
    force : bool
        Whether those are run too on which nothing has changed.

    Returns
    -------
    Run
        Nothing is raised for an evaluation that fails, nor for Ctrl-C: both are in the run.

    Raises
    ------
    WorkspaceError
        If the output folder cannot be written or no scheduler answers; nothing has run then. Or
        if the scheduler was lost: what had ended by then is in the manifest.
    """
    outputs = resolve(settings.outputs, plan.root)
    prepare_outputs(outputs, plan)
    started = time.monotonic()
    watcher = watcher or Watcher()
    journal = Journal(plan, outputs, facts(plan.root))
    keys = Keys(plan.root, outputs, key_file(settings))
    ended: dict[str, Record] = {}
    unchanged: list[str] = []
    told = _full_disk_told(outputs, plan.root)
    with told, claimed(outputs, plan.root) as apart, _ctrl_c() as pressed, _nothing_kept_ready():
        journal.open()
        for wave in _waves(plan.items):
            parts = {item.name: keys.of(item, _reads(journal.earlier(item))) for item in wave}
            standing = {} if force else _standing(wave, parts, journal, outputs)
            ended |= standing
            unchanged += standing
            for name in standing:
                watcher.unchanged(name)
            due = [item for item in wave if item.name not in ended]
            if not due or pressed.is_set():
                continue
            chosen = _engine(engine or settings.engine, journal, watcher)
            workers, fewer = affordable(
                settings.workers, settings.memory_limit, ahead=chosen == "ahead"
            )
            if fewer and not scheduler:
                watcher.note(fewer)
            tasks = _tasks(due, parts, plan.root, apart, chosen, render, settings, watcher, journal)
            with executor_at(scheduler, workers) as pool:
                futures = {}
                for task in tasks:
                    sent = unheard(task) if scheduler else task
                    futures[pool.submit(carry_out, sent)] = task
                try:
                    for future in _as_they_end(set(futures), pressed):
                        task = futures[future]
                        record = publish(record_of(future) or lost(task), task, outputs)
                        record = _with_what_it_read(record, task, keys)
                        if task.parts and not record.depends_on:
                            note = f"{record.name}: what it reads was changed while it ran. " + (
                                "Its outcome may be of the one or the other; it is run again next "
                                "time."
                            )
                            journal.note(note)
                            watcher.note(note)
                        ended[record.name] = record
                        journal.enter(record)
                        watcher.finished(record)
                    journal.write()  # the next wave reads it
                finally:  # after Ctrl-C, or a fault of ours; otherwise nothing is left to stop
                    if any(item.name not in ended for item in due):
                        watcher.stopping(len(plan.items) - len(ended))
                        _stop(set(futures), chosen)
        not_run = tuple(item.name for item in plan.items if item.name not in ended)
        journal.close(not_run, time.monotonic() - started)
    in_order = tuple(ended[item.name] for item in plan.items if item.name in ended)
    return Run(outputs, in_order, not_run, tuple(unchanged))


def _reads(record: Record | None) -> Sequence[str]:
    """What an evaluation was seen to open beside what its parameters name."""
    return record.reads if record else ()


def _with_what_it_read(record: Record, task: Task, keys: Keys) -> Record:
    """The record with what it depends on: as it was before the run, if it is still the same."""
    same = keys.of(task.item, _reads(task.earlier)) == task.parts
    opened, as_opened = reads_noted(task.notes, task.root)
    reads = keys.beyond(task.item, opened)
    depends_on = keys.of(task.item, reads) if same and as_opened else {}
    record = record.since(task.earlier, task.parts)
    return replace(record, depends_on=depends_on, reads=reads)


def _standing(
    items: Sequence[Item], parts: Mapping[str, dict[str, str]], journal: Journal, outputs: Path
) -> dict[str, Record]:
    """Evaluations whose last run still stands, and that run's records."""
    standing = {}
    for item in items:
        earlier = journal.earlier(item)
        folder = outputs / item.file.programme
        if earlier and not why_run(earlier, parts[item.name], folder):
            standing[item.name] = earlier
    return standing


def _engine(asked: str, journal: Journal, watcher: Watcher) -> str:
    """The engine that will run, made ready; said where it is not the one that was asked for."""
    engine, why_not = usable(asked)
    journal.run_facts["engine"] = engine
    if why_not:
        note = f"Notebooks run more slowly, each in a kernel of its own: {why_not}."
        journal.note(note)
        watcher.note(note)
    return engine


@contextmanager
def _nothing_kept_ready() -> Iterator[None]:
    """At the end of a run no kernel waits for more notebooks."""
    try:
        yield
    finally:
        for engine in ENGINES.values():
            engine.close()


def prepare_outputs(outputs: Path, plan: Plan) -> None:
    """Make the folders of a run, and make sure that they can be written, before anything runs."""
    folders = [outputs, *(outputs / name for name in plan.programmes)]
    folders += [outputs / item.file.programme / item.file.project for item in plan.items]
    for folder in dict.fromkeys(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
            raise WorkspaceError(
                "The output folder cannot be written.",
                found="a file of that name is in the way" if in_the_way else error.strerror,
                remedy="Move the file away"
                if in_the_way
                else "Ask for the right to write there, or name another folder: "
                '`outputs = "…"` in `qieval.toml`.',
                where=relative(folder, plan.root),
            ) from error


@contextmanager
def _full_disk_told(outputs: Path, root: Path) -> Iterator[None]:
    """A disk that can take no more, said in words: whatever was being written is not taken whole.

    Raises
    ------
    WorkspaceError
        In place of the system's error.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise WorkspaceError(
            "The output folder can take no more files.",
            found=error.strerror,
            remedy="Make room there and repeat the command: what is finished is not run again.",
            where=relative(outputs, root),
        ) from error


def publish(record: Record, task: Task, outputs: Path) -> Record:
    """Move what an evaluation made to its place; what an earlier run left there goes.

    A failed evaluation has no result: that of an earlier run would look like its own.
    """
    programme = outputs / record.programme
    try:
        for kind, name in task.files.items():
            target = programme / name
            if kind in record.files:
                move_over(task.folder / target.name, target)
            else:
                patiently(partial(target.unlink, missing_ok=True))
    except OSError as error:
        message = (
            f"Its files could not be put in their place ({error.strerror}).\n"
            "What to do: close them if they are open in another program, and run again."
        )
        reason = Reason(type(error).__name__, message)
        return replace(record, status="failed", headline="", verdict=None, reason=reason, files={})
    return record


def _tasks(
    items: Sequence[Item],
    parts: Mapping[str, dict[str, str]],
    root: Path,
    apart: Path,
    engine: str,
    render: Render,
    settings: Settings,
    watcher: Watcher,
    journal: Journal,
) -> Iterator[Task]:
    """The evaluations as tasks, each with a folder of its own."""

    def on_step(name: str, cell: int, status: str) -> None:
        journal.step(name, cell, status)
        watcher.step(name)

    for item in items:
        folder = apart / hashlib.sha256(item.name.encode()).hexdigest()[:16]
        begin, step = partial(journal.begin, item.name), partial(on_step, item.name)
        earlier = journal.earlier(item)
        yield Task(
            item, root, folder, engine, render, settings, begin, step, earlier, parts[item.name]
        )


def _waves(items: Sequence[Item]) -> list[list[Item]]:
    """Evaluations that read the results of others come after all those that make them."""
    last = [item for item in items if item.reads_results]
    first = [item for item in items if not item.reads_results]
    return [wave for wave in (first, last) if wave]


def _as_they_end(
    unfinished: set[Future[Record]], pressed: threading.Event
) -> Iterator[Future[Record]]:
    """The evaluations in the order in which they end, until Ctrl-C is pressed."""
    while unfinished and not pressed.is_set():
        done, unfinished = wait(unfinished, POLL_SECONDS, FIRST_COMPLETED)
        yield from done


def _stop(futures: set[Future[Record]], engine: str) -> None:
    """End what is running and wait for its threads; what they made is thrown away."""
    for future in futures:
        future.cancel()
    while not all(future.done() for future in futures):
        # Again and again: a kernel may have been about to start when the others were ended.
        ENGINES[engine].stop()
        wait(futures, POLL_SECONDS)


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """Ctrl-C (or SIGTERM) as something to look at: it cannot cut a file or a record in two."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed  # signals go to the main thread only
        return
    earlier = {
        number: signal.signal(number, lambda *_: pressed.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield pressed
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
