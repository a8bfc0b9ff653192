"""Executed notebooks: what they emit, where they stopped, and what must not stay in them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nbformat import v4

from qieval.batch.executed import (
    emitted,
    first_error,
    last_step,
    read_notebook,
    shortened,
    step_of,
    tidy,
    without_places,
)

KIND = "application/vnd.qieval.page+json"


def shown(value: object) -> object:
    return v4.new_output("display_data", {KIND: value})


def test_the_last_value_emitted_counts_also_when_it_is_text() -> None:
    cells = [
        v4.new_code_cell("a", outputs=[shown({"headline": "old"}), shown('{"headline": "x"}')])
    ]
    assert emitted(v4.new_notebook(cells=cells), KIND) == {"headline": "x"}
    assert emitted(v4.new_notebook(), KIND) is None


def test_a_step_is_named_by_the_heading_above_it() -> None:
    cells = [
        v4.new_code_cell("a"),
        v4.new_markdown_cell("# Title #\n\n## Read the data\ntext"),
        v4.new_code_cell("b"),
        v4.new_markdown_cell("no heading"),
        v4.new_code_cell("c"),
    ]
    notebook = v4.new_notebook(cells=cells)
    assert step_of(notebook, 0) == "code cell 1"
    assert step_of(notebook, 4) == "Read the data (code cell 3)"
    assert last_step(notebook) == ""
    cells[2].metadata["papermill"] = {"start_time": "2026-03-05T09:00:00"}
    assert last_step(notebook) == "Read the data (code cell 2)"


def test_a_notebook_without_an_error_has_none(tmp_path: Path) -> None:
    assert first_error(v4.new_notebook(cells=[v4.new_code_cell("a")])) is None
    assert read_notebook(tmp_path / "never.ipynb").cells == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("{root}/data/x.csv", "./data/x.csv"),
        ("in {root}", "in ."),
        ("{root}-old/x", ".-old/x"),  # rather too much than too little
        ("{root}space/x", "{root}space/x"),
        ("{prefix}/lib/pandas/x.py:3", "python/lib/pandas/x.py:3"),
        ("{home}/Documents/x", "home/Documents/x"),
        ("nothing to see: /1/2", "nothing to see: /1/2"),
    ],
)
def test_folders_of_this_computer_are_taken_out(text: str, kept: str) -> None:
    root = Path("/somewhere/my/workspace")
    places = {"root": root, "prefix": sys.prefix, "home": Path.home()}
    assert without_places(text.format(**places), root) == kept.format(**places)


def test_tidying_reaches_text_tracebacks_and_metadata() -> None:
    root = Path("/somewhere/my/workspace")
    outputs = [
        v4.new_output("stream", name="stderr", text=f"{root}/a.py: a warning"),
        v4.new_output("error", ename="E", evalue=f"{root}/b", traceback=[f"File {root}/c"]),
        v4.new_output("display_data", {"text/plain": f"'{root}/d'", "text/html": "<p>"}),
    ]
    banner = v4.new_markdown_cell("An Exception was encountered")
    banner.metadata["tags"] = ["papermill-error-cell-tag"]
    notebook = v4.new_notebook(cells=[banner, v4.new_code_cell("a", outputs=outputs)])
    notebook.metadata["papermill"] = {"input_path": f"{root}/x.ipynb", "output_path": "/tmp/y"}
    tidy(notebook, "notebooks/x.ipynb", "alder/x.ipynb", root)
    assert str(root) not in str(notebook)
    assert "Exception was encountered" not in str(notebook)
    assert notebook.metadata.papermill.output_path == "alder/x.ipynb"


def test_what_is_printed_without_end_loses_its_middle_and_says_how_much():
    text = "a" * 30_000_000
    kept = shortened(text)
    assert len(kept) < 110_000
    assert "29,900,000 characters are left out" in kept
    assert shortened("short") == "short"
    notebook = v4.new_notebook(cells=[v4.new_code_cell("print")])
    notebook.cells[0].outputs = [v4.new_output("stream", name="stdout", text=text)]
    tidy(notebook, "a.ipynb", "b.ipynb", Path("/nowhere"))
    assert notebook.cells[0].outputs[0].text == kept
