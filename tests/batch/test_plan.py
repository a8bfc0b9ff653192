"""Plans: what is found below a path, and every problem before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from qieval.batch.plan import plan
from qieval.core.workspace import shipped
from qieval.intake import recipes
from tests.batch.made import NAME, add, evaluation, workspace

ALL = [evaluation(), evaluation("women"), evaluation(project="birch"), "other/ash/" + NAME]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws", dict.fromkeys(ALL, "well"))
    (made / "params/small/programme.yml").write_text("name: Small programme\nsimulated: true\n")
    (made / "params/small/alder/project.yml").write_text("name: Alder ward\nnetwork: Hill\n")
    (made / "params/small/alder/notes.md").write_text("not an evaluation")
    (made / "params/small/.hidden").mkdir()
    (made / "params/small/.hidden/interrupted_time_series.yml").write_text("nonsense")
    return made


def test_what_a_programme_says_of_its_data_is_checked_once_for_all_its_projects(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "params/small/programme.yml").write_text(
        "name: Small programme\ndata:\n  shared: {source: data/a.csv, kind: series}\n"
    )
    (root / "params/small/birch/project.yml").write_text("name: Birch ward\n")
    seen = []
    real = recipes.checked
    monkeypatch.setattr(
        recipes, "checked", lambda *given, **named: seen.append(given) or real(*given, **named)
    )
    assert len(names(root, "params/small")) == 3
    assert len(seen) == 1


def names(root: Path, *paths: str) -> list[str]:
    found = plan(paths, root)
    assert not found.problems
    return sorted(item.name for item in found.items)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"params/small/alder/{NAME}.women.yml", [ALL[1]]),
        ("params/small/alder", ALL[:2]),
        ("params/small", ALL[:3]),
        ("params", sorted(ALL)),
        (".", sorted(ALL)),
        ("small/birch", [ALL[2]]),
    ],
)
def test_a_path_may_be_a_file_a_project_a_programme_or_everything(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str, expected: list[str]
) -> None:
    monkeypatch.chdir(root)
    assert names(root, path) == expected


def test_several_paths_give_each_evaluation_once(root: Path) -> None:
    both = names(root, "params/small", "params/small/alder", f"params/small/alder/{NAME}.yml")
    assert both == sorted(ALL[:3])


def test_paths_start_from_the_current_folder_first(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "params" / "small")
    assert names(root, "alder") == ALL[:2]


def test_an_item_says_whose_it_is(root: Path) -> None:
    item = plan([f"params/small/alder/{NAME}.women.yml"], root).items[0]
    assert item.title == "Interrupted time series (women)"
    assert item.project.name == "Alder ward"
    assert item.programme.name == "Small programme"
    assert item.simulated  # said by the programme
    assert item.notebook == root / "notebooks" / f"{NAME}.ipynb"
    assert item.steps == 4


def test_without_a_notebook_of_its_own_the_workspace_uses_ours(root: Path) -> None:
    (root / "notebooks" / f"{NAME}.ipynb").unlink()
    item = plan(["params/small/birch"], root).items[0]
    assert item.notebook == shipped("notebooks", f"{NAME}.ipynb")


def test_every_problem_is_found_and_the_good_files_are_planned_all_the_same(root: Path) -> None:
    file = root / f"params/small/alder/{NAME}.women.yml"
    file.write_text(file.read_text() + "intervantion: 2020-03-01\n")
    (root / "params/small/birch/interupted_time_series.yml").write_text("value: bed_days\n")
    found = plan(["params/small"], root)
    assert sorted(item.name for item in found.items) == [ALL[0], ALL[2]]
    texts = {problem.name: str(problem.error) for problem in found.problems}
    misspelt = texts[f"small/alder/{NAME}.women"]
    assert f"params/small/alder/{NAME}.women.yml, line 6" in misspelt
    assert "`intervantion`" in misspelt
    assert "Did you mean `intervention`?" in misspelt
    unknown = texts["small/birch/interupted_time_series"]
    assert "no evaluation called `interupted_time_series`" in unknown
    assert f"Did you mean `{NAME}`?" in unknown


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("params/empty", "nothing to evaluate"),
        ("params/smal", "Did you mean `params/small`?"),
        ("params/zzzzzzzzzz", "Programmes in `params/`: `empty`, `other`, `small`"),
        ("data", "outside the workspace's `params/`"),
        ("params/small/programme.yml", "describes a programme or project"),
        ("params/small/alder/notes.md", "ends in `.yml`"),
        (f"params/small/{NAME}.yml", "does not lie in a project folder"),
        (f"params/small/birch/{NAME}.old.yaml", f"Rename it to `{NAME}.old.yml`"),
    ],
)
def test_a_path_that_is_none_of_these_says_what_to_do(root: Path, path: str, says: str) -> None:
    (root / "params/empty").mkdir()
    (root / "data").mkdir()
    add(root, f"small/{NAME}", "well")
    (root / f"params/small/birch/{NAME}.old.yaml").write_text("value: x\n")
    found = plan([path], root)
    assert not found.items
    assert says in str(found.problems[0].error)
    assert str(root) not in str(found.problems[0].error)


def test_a_yaml_file_in_a_folder_is_not_passed_over_in_silence(root: Path) -> None:
    (root / f"params/small/birch/{NAME}.old.yaml").write_text("value: x\n")
    found = plan(["params/small/birch"], root)
    assert [item.name for item in found.items] == [ALL[2]]
    assert "Rename it" in str(found.problems[0].error)


def test_a_notebook_that_cannot_be_read_is_a_problem_of_the_plan(root: Path) -> None:
    (root / "notebooks" / f"{NAME}.ipynb").write_text("not a notebook")
    found = plan(["params/small/birch"], root)
    assert not found.items
    assert f"notebooks/{NAME}.ipynb: This notebook cannot be read." in str(found.problems[0].error)


def test_the_programmes_are_those_of_items_and_problems(root: Path) -> None:
    (root / f"params/other/ash/{NAME}.yml").write_text("- a list\n")
    found = plan(["params"], root)
    assert found.programmes == ("small", "other")


def test_an_evaluation_by_an_earlier_name_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "params/small/birch"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    (folder / "measures.own.yml").write_text(
        "source: x.csv\nkind: series\n"
        "measures: [{name: Falls, role: outcome, direction: lower, value: falls}]\n"
    )
    (item,) = plan(["params"], tmp_path).items
    assert (item.file.notebook, item.name) == ("family_of_measures", "small/birch/measures.own")
    assert item.notebook.name == "family_of_measures.ipynb"
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/measures.ipynb").write_text('{"cells": []}')
    (item,) = plan(["params"], tmp_path).items
    assert item.notebook == tmp_path / "notebooks/measures.ipynb"
