"""What ``project.yml`` may say; its theory of change has tests of its own (test_theory.py)."""

from __future__ import annotations

from pathlib import Path

from qieval.intake.programmes import read_project


def written(tmp_path: Path, theory: str) -> Path:
    folder = tmp_path / "params" / "programme" / "birch"
    folder.mkdir(parents=True)
    (folder / "project.yml").write_text(f"name: Birch\n{theory}", encoding="utf-8")
    return folder


def test_a_theory_is_read_into_its_form(tmp_path: Path) -> None:
    folder = written(tmp_path, "theory:\n  aim: {what: Falls}\n  measures: []\n")
    theory = read_project(folder, tmp_path).theory
    assert theory is not None
    assert (theory.aim.what, theory.measures) == ("Falls", ())


def test_without_one_there_is_none(tmp_path: Path) -> None:
    assert read_project(written(tmp_path, ""), tmp_path).theory is None
