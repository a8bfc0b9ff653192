"""What a person sees while a run goes on: a live bar with the time left, or plain lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from qieval.batch.plan import Item
from qieval.batch.records import Record

MARKS = {"done": ("✓", "green"), "not evaluated": ("◆", "blue"), "failed": ("✗", "red")}
"""Shape and colour of a status: never the colour alone."""


class Watcher:
    """Who is told how a run goes on, from several threads; this one says nothing of it."""

    def note(self, words: str) -> None:
        """Something that concerns the whole run."""

    def step(self, name: str) -> None:
        """A cell of the evaluation `name` has run."""

    def unchanged(self, name: str) -> None:
        """The last run of the evaluation `name` still stands."""

    def finished(self, record: Record) -> None:
        """An evaluation has come to its end, whichever."""

    def stopping(self, left: int) -> None:
        """The run was told to stop with `left` evaluations unfinished."""


def line(record: Record) -> Text:
    """One evaluation's end in one line: mark, status, name, time, and why if it did not work."""
    mark, colour = MARKS[record.status]
    text = Text.assemble(
        (f"{mark} {record.status}", colour),
        f"  {record.name}",
        (f"  {record.seconds:.0f} s", "dim"),
    )
    if record.reason:
        text.append(f"\n    {record.reason.first_line}")
    if record.moved:
        text.append(f"\n    ↷ {record.moved.words}")
    return text


class Lines(Watcher):
    """A line for every evaluation that ends: for logs and pipes."""

    def __init__(self, console: Console, items: Sequence[Item]) -> None:
        self.console = console
        self.total = len(items)
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def note(self, words: str) -> None:
        """Print it."""
        self.console.print(words, markup=False, soft_wrap=True)

    def unchanged(self, name: str) -> None:
        """Count it; what stood before is no news."""
        self.count += 1

    def finished(self, record: Record) -> None:
        """Print how it ended."""
        self.count += 1
        self.console.print(Text(f"[{self.count}/{self.total}] ") + line(record), soft_wrap=True)

    def stopping(self, left: int) -> None:
        """Print that the run stops."""
        self.console.print(f"Stopping: {left} not finished.")


class JsonLines(Watcher):
    """A JSON object a line, for programs: what happens, as it happens."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def event(self, event: str, **more: Any) -> None:
        """Write one line; several threads do, so it is written in one step."""
        sys.stdout.write(json.dumps({"event": event, **more}, ensure_ascii=True) + "\n")
        sys.stdout.flush()

    def note(self, words: str) -> None:
        """``{"event": "note", "words"}``."""
        self.event("note", words=words)

    def step(self, name: str) -> None:
        """``{"event": "cell", "name"}``."""
        self.event("cell", name=name)

    def unchanged(self, name: str) -> None:
        """``{"event": "unchanged", "name"}``."""
        self.event("unchanged", name=name)

    def finished(self, record: Record) -> None:
        """``{"event": "ends", "name", "record"}``; the record as in the manifest."""
        self.event("ends", name=record.name, record=record.to_dict())

    def stopping(self, left: int) -> None:
        """``{"event": "stopping", "left"}``."""
        self.event("stopping", left=left)


class Live(Lines):
    """A bar that counts the notebooks' cells, so that it moves and can tell the time left."""

    def __init__(self, console: Console, items: Sequence[Item]) -> None:
        super().__init__(console, items)
        # Beside the notebook's own cells: the one with the parameters, and the page.
        self.cells_left = {item.name: item.steps + 2 for item in items}
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("left", style="dim"),
            console=console,
            transient=True,
        )
        self.task = self.progress.add_task("", total=sum(self.cells_left.values()) or 1)
        self._describe()

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def _describe(self) -> None:
        words = f"Evaluating: {self.count} of {self.total} finished"
        self.progress.update(self.task, description=words)

    def note(self, words: str) -> None:
        """Print it above the bar."""
        self.progress.console.print(words, markup=False, soft_wrap=True)

    def step(self, name: str) -> None:
        """Move the bar by one cell."""
        if self.cells_left[name] > 0:
            self.cells_left[name] -= 1
            self.progress.advance(self.task)

    def unchanged(self, name: str) -> None:
        """Leave it out of what is to be done."""
        self.count += 1
        self.progress.advance(self.task, self.cells_left[name])
        self.cells_left[name] = 0
        self._describe()

    def finished(self, record: Record) -> None:
        """Print how it ended above the bar, and move by the cells that did not run."""
        self.count += 1
        self.progress.advance(self.task, self.cells_left[record.name])
        self.cells_left[record.name] = 0
        self._describe()
        self.console.print(line(record))


def watcher(console: Console, items: Sequence[Item], as_json: bool = False) -> Lines | JsonLines:
    """The bar on a terminal, lines elsewhere; JSON if asked for."""
    if as_json:
        return JsonLines()
    return Live(console, items) if console.is_terminal else Lines(console, items)
