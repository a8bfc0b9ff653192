"""Looking at what a plan would read: also where it is a theory of change, not a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from qieval.batch.check import check
from qieval.batch.plan import plan
from qieval.core.errors import CannotEvaluate, DataError

PROJECT = "params/small/birch/project.yml"
THEORY = "theory:\n  aim: {what: Falls}\n"
LOG = "cycle,started,change\n1,2018-01-01,x\n2,2018-02-01,x\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params/small/birch").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/log.csv").write_text(LOG)
    (tmp_path / "params/small/birch/theory_of_change.yml").write_text(f"project: {PROJECT}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def looked_at(root: Path, project: str):
    (root / PROJECT).write_text(f"name: Birch\n{project}")
    (item,) = plan(["params"], root).items
    return check(item)


def test_a_theory_is_read_with_its_cycles(root: Path) -> None:
    found = looked_at(root, f"{THEORY}  pdsa: data/log.csv\n")
    assert (found.data, found.rows, found.error) == (PROJECT, "2 of its cycles", None)
    assert looked_at(root, THEORY).rows == "none"


def test_what_stands_in_its_way_is_told(root: Path) -> None:
    assert isinstance(looked_at(root, "").error, CannotEvaluate)
    found = looked_at(root, f"{THEORY}  pdsa: data/lgo.csv\n")
    assert isinstance(found.error, DataError)
    assert found.data == PROJECT


def test_a_mistake_in_the_theory_is_a_problem_of_the_plan(root: Path) -> None:
    (root / PROJECT).write_text("name: Birch\ntheory:\n  aim: {waht: Falls}\n")
    (problem,) = plan(["params"], root).problems
    assert "line 3" in str(problem.error)
    assert "Did you mean `what`" in str(problem.error)


def test_a_log_that_cannot_be_read_is_told_of_a_table_too(root: Path) -> None:
    (root / "params/small/birch/pdsa_review.yml").write_text(
        "source: data/log.csv\nkind: pdsa\nquestion: How?\n"
    )
    (root / "params/small/birch/theory_of_change.yml").unlink()
    found = looked_at(root, "")
    assert (found.data, found.rows) == ("data/log.csv", "2 of 2")
    (root / "data/log.csv").write_text(LOG.replace("2018-02-01", "2O18"))
    assert isinstance(looked_at(root, "").error, DataError)


def test_rows_that_come_twice_are_told_apart_before_a_run(root: Path) -> None:
    (root / "data/two.csv").write_text(
        "infection,hospital,month,n\n"
        "BAC,A,2020-01-01,3\nBAC,B,2020-01-01,4\nBAC,A,2020-02-01,5\nBAC,B,2020-02-01,2\n"
    )
    (root / "params/small/birch/run_chart.yml").write_text(
        "source: data/two.csv\nkind: series\ncolumns: {period: month, unit: hospital}\nvalue: n\n"
    )
    (root / "params/small/birch/theory_of_change.yml").unlink()
    text = str(looked_at(root, "").error)
    assert "There is more than one row for the same `period`" in text
    assert "told apart by `unit`" in text
    assert "`where: {unit: A}`" in text


def test_the_condition_proposed_keeps_one_row_a_period_as_it_stands(root: Path) -> None:
    rows = [f"{month},{ward},{sex},3" for month in MONTHS for ward in "AB" for sex in "fm"]
    (root / "data/four.csv").write_text("\n".join(["month,ward,sex,n", *rows]) + "\n")
    file = root / "params/small/birch/run_chart.yml"
    text = (
        "source: data/four.csv\nkind: series\n"
        "columns: {period: month, unit: ward, group: sex}\nvalue: n\n"
    )
    file.write_text(text)
    (root / "params/small/birch/theory_of_change.yml").unlink()
    found = looked_at(root, "")
    assert "`where: {unit: A, group: f}`" in str(found.error)
    assert found.described == "params/small/birch/run_chart.yml, line 1"
    file.write_text(f"{text}where: {{unit: A, group: f}}\n")
    assert looked_at(root, "").error is None


MONTHS = [f"20{year}-{month:02d}-01" for year in (18, 19) for month in range(1, 13)]
