"""What a person sees: a bar on a terminal, lines in a log; a status is a mark and a word."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from qieval.batch.plan import plan
from qieval.batch.progress import Lines, Live, watcher
from qieval.batch.records import Reason
from tests.batch.made import evaluation, workspace
from tests.batch.test_manifest import RECORD


@pytest.fixture
def items(tmp_path: Path) -> tuple:
    root = workspace(tmp_path / "ws", {evaluation(): "well", evaluation(project="birch"): "well"})
    return plan(["params"], root).items


DONE = replace(RECORD, status="done", reason=None)


def test_a_terminal_gets_a_bar_that_counts_cells(items: tuple) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    watching = watcher(console, items)
    assert isinstance(watching, Live)
    with watching:
        before = watching.progress.tasks[0].completed
        watching.step(evaluation())
        assert watching.progress.tasks[0].completed == before + 1
        watching.finished(DONE)
        assert watching.progress.tasks[0].percentage == 50
        watching.finished(replace(DONE, evaluation=f"birch/{DONE.evaluation.partition('/')[2]}"))
        assert watching.progress.tasks[0].percentage == 100
        watching.stopping(0)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "2 of 2 finished" in text
    assert "✓ done" in text


def test_a_log_gets_a_line_an_evaluation_with_the_reason(items: tuple) -> None:
    console = Console(file=io.StringIO(), width=40)
    watching = watcher(console, items)
    assert isinstance(watching, Lines)
    with watching:
        watching.step(evaluation())
        watching.finished(DONE)
        reason = Reason("CannotEvaluate", "Too few months [for this].\nWhat to do: wait.")
        watching.finished(replace(RECORD, status="not evaluated", reason=reason))
        watching.stopping(3)
    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "[1/2] ✓ done  small/alder/interrupted_time_series  3 s",
        "[2/2] ◆ not evaluated  small/alder/interrupted_time_series  3 s",
        "    Too few months [for this].",
        "Stopping: 3 not finished.",
    ]
