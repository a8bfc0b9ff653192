"""An evaluation takes from its project what it does not say; what it says always wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import qieval as qi
from qieval.batch.check import check
from qieval.batch.plan import plan
from qieval.core.errors import ParameterError
from qieval.params import EvaluationFile, read_evaluation
from tests.example_results import result_of

HOME = "params/small/birch"
PROJECT = """name: Birch
team: Ward a
change: {what: the huddle, date: 2024-03-01}
events:
  - {date: 2024-05-01, event: Six beds closed}
data:
  figures: {data: shared, where: {ward: a}}
  checks: {source: data/checks.csv, kind: audit}
measures:
  falls:
    data: figures
    numerator: falls
    denominator: beds
    per: 1000
    title: Falls
    unit: for every 1,000 bed days
    direction: lower
    type: outcome
    target: 5
  huddles: {data: figures, value: huddles, title: Huddles, direction: higher, type: process}
"""
PROGRAMME = """name: Small
data:
  shared: {source: data/falls.csv, kind: series, columns: {unit: ward}}
"""
ROWS = "".join(
    f"2024-{month:02d}-01,{ward},{month % 4},{300 + month},{month}\n"
    for month in range(1, 13)
    for ward in "ab"
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / HOME).mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/falls.csv").write_text("period,ward,falls,beds,huddles\n" + ROWS)
    (tmp_path / "params/small/programme.yml").write_text(PROGRAMME)
    (tmp_path / HOME / "project.yml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    return tmp_path


def read(root: Path, text: str, name: str = "run_chart") -> EvaluationFile:
    file = root / HOME / f"{name}.yml"
    file.write_text(text)
    return read_evaluation(file, root)


# ---- what comes from where ---------------------------------------------------------------------


def test_a_measure_says_what_is_read_measured_and_meant(root: Path) -> None:
    found = read(root, "measure: falls\n")
    told = {name: found.parameters[name] for name in ("source", "kind", "where", "columns")}
    assert told == {
        "source": "data/falls.csv",
        "kind": "series",
        "where": {"ward": "a"},
        "columns": {"unit": "ward"},
    }
    assert (found.parameters["denominator"], found.parameters["per"]) == ("beds", 1000)
    assert (found.parameters["outcome"], found.parameters["target"]) == ("Falls", 5)
    assert found.parameters["setting"] == "Ward a"
    assert found.parameters["title"] is None  # a page's title is its own
    assert found.parameters["project"] == f"{HOME}/project.yml"


def test_the_bounds_of_a_measure_reach_its_charts(root: Path) -> None:
    project = PROJECT.replace("    target: 5\n", "    target: 5\n    bounds: [0, 10]\n")
    project = project.replace("title: Huddles,", "title: Huddles, bounds: [null, 31],")
    (root / HOME / "project.yml").write_text(project)
    found = read(root, "measure: falls\nchart: u\n", "control_chart")
    assert (found.parameters["lower_bound"], found.parameters["upper_bound"]) == (0, 10)
    assert found.origins["upper_bound"] == "project.yml, measures: falls"
    assert result_of(root / HOME / "control_chart.yml").points["upper"].max() == 10
    own = read(root, "measure: falls\nchart: u\nupper_bound: 50\n", "control_chart")
    assert own.parameters["upper_bound"] == 50
    assert read(root, "measure: falls\n").parameters["target"] == 5  # a run chart has no limits
    family = read(root, "measures: [{measure: falls, chart: u}, huddles]\n", "family_of_measures")
    falls, huddles = family.parameters["measures"]
    assert (falls["lower_bound"], falls["upper_bound"], huddles["upper_bound"]) == (0, 10, 31)
    assert "lower_bound" not in huddles


def test_bounds_that_are_no_pair_are_refused_with_file_and_line(root: Path) -> None:
    (root / HOME / "project.yml").write_text(PROJECT.replace("target: 5", "bounds: [0, 5, 9]"))
    with pytest.raises(ParameterError, match=r"two numbers.*\n.*3 of them") as caught:
        read(root, "measure: falls\nchart: u\n", "control_chart")
    assert "project.yml, line" in str(caught.value)


def test_where_each_value_came_from_is_kept(root: Path) -> None:
    origins = read(root, "measure: falls\nrules: ihi\nunit: falls a month\n").origins
    assert origins["source"] == "programme.yml, data: shared"
    assert origins["where"] == "project.yml, data: figures"
    assert origins["per"] == "project.yml, measures: falls"
    assert origins["setting"] == "project.yml, team"
    assert origins["rules"] == origins["unit"] == "evaluation file"
    assert origins["scales"] == "default"


def test_a_value_of_the_evaluation_always_wins_also_where_it_is_the_default(root: Path) -> None:
    found = read(root, "measure: falls\nper: 1\ndirection: neutral\nsetting: ''\nevents: null\n")
    given = {name: found.parameters[name] for name in ("per", "direction", "setting", "events")}
    assert given == {"per": 1, "direction": "neutral", "setting": "", "events": None}


def test_the_change_is_an_intervention_or_an_event(root: Path) -> None:
    its = read(root, "measure: huddles\n", "interrupted_time_series").parameters
    assert (its["intervention"], its["change"]) == ("2024-03-01", "the huddle")
    assert [event["event"] for event in its["events"]] == ["Six beds closed"]
    chart = read(root, "measure: huddles\n").parameters
    assert [event["event"] for event in chart["events"]] == ["Huddle began", "Six beds closed"]
    anew = read(root, "measure: falls\nchart: u\nrephase: {2024-03-01: Huddle}\n", "control_chart")
    assert [event["event"] for event in anew.parameters["events"]] == ["Six beds closed"]


def test_data_and_measures_may_be_given_for_once(root: Path) -> None:
    text = "data: {data: shared, where: {ward: b}}\nvalue: falls\n"
    assert read(root, text).parameters["where"] == {"ward": "b"}
    text = "measure: {data: figures, value: huddles, title: Huddles held}\n"
    assert read(root, text).parameters["outcome"] == "Huddles held"


def test_a_family_takes_its_measures_by_name(root: Path) -> None:
    text = "measures: [{measure: falls, chart: u}, huddles]\n"
    found = read(root, text, "family_of_measures").parameters
    assert found["source"] == "data/falls.csv"
    falls, huddles = found["measures"]
    assert (falls["name"], falls["role"], falls["chart"], falls["target"]) == (
        *("Falls", "outcome", "u"),
        5,
    )
    assert (huddles["name"], huddles["value"], huddles["direction"]) == (
        *("Huddles", "huddles"),
        "higher",
    )


def test_what_a_column_is_called_is_never_taken_for_words(root: Path) -> None:
    text = "measure: falls\nunit: unit\nshows: rate\nperiod: month\n"
    assert read(root, text, "funnel").parameters["unit"] == "unit"
    with pytest.raises(ParameterError, match="`unit` is missing"):
        read(root, "measure: falls\nshows: rate\n", "funnel")


# ---- what is wrong -----------------------------------------------------------------------------

FILE, PROJECT_FILE = f"{HOME}/run_chart.yml", f"{HOME}/project.yml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("measure: fals\n", [f"{FILE}, line 1", "Did you mean `falls`?"]),
        ("rules: ihi\ndata: figurs\n", [f"{FILE}, line 2", "Did you mean `figures`?"]),
        ("measure: falls\ndata: figures\n", [f"{FILE}, line 2", "not both"]),
        ("data: checks\nvalue: x\n", [f"{FILE}, line 1", "`audit`", "`spells`, `series`"]),
        ("measure: 3\n", [f"{FILE}, line 1", "`measure` is a name"]),
        ("measure: {value: falls}\n", [f"{FILE}, line 1", "does not say of which data"]),
        ("measure: {data: figures, vale: x}\n", [f"{FILE}, line 1", "Did you mean `value`?"]),
        ("data: {source: x, knd: series}\n", [f"{FILE}, line 1", "Did you mean `kind`?"]),
        ("project: params/no.yml\n", [f"{FILE}, line 1", "`project` is not a file"]),
        ("measure: falls\nrules: ihii\n", [f"{FILE}, line 2", "`rules`"]),
    ],
)
def test_a_mistake_in_the_evaluation_is_named_with_its_line(
    root: Path, text: str, says: list[str]
) -> None:
    with pytest.raises(ParameterError) as caught:
        read(root, text)
    for words in says:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("per: 1000", "per: many", 14),
        ("direction: lower", "direction: down", 17),
        ("value: huddles", "vlaue: huddles", 20),
        ("data: figures, value: huddles", "data: checks, value: huddles", 20),
        ("where: {ward: a}", "where: a", 7),
        ("date: 2024-03-01", "date: March", 3),
        ("event: Six beds closed", "evnt: Six beds closed", 5),
        ("data: shared, ", "data: figures, ", 7),
    ],
)
def test_a_mistake_in_the_project_is_named_with_its_line(
    root: Path, old: str, new: str, line: int
) -> None:
    assert old in PROJECT
    (root / PROJECT_FILE).write_text(PROJECT.replace(old, new, 1))
    with pytest.raises(ParameterError) as caught:
        read(root, "measure: falls\n")
    assert str(caught.value).startswith(f"{PROJECT_FILE}, line {line}:")


def test_a_family_of_other_data_is_refused(root: Path) -> None:
    more = PROJECT.replace("data: figures, value", "data: shared, value")
    (root / PROJECT_FILE).write_text(more)
    with pytest.raises(ParameterError, match="read from the same data"):
        read(root, "measures: [falls, huddles]\n", "family_of_measures")


def test_check_names_a_column_that_is_not_there_at_its_line_in_the_project(root: Path) -> None:
    (root / PROJECT_FILE).write_text(PROJECT.replace("value: huddles", "value: hudles"))
    read(root, "measure: huddles\n")
    (item,) = plan(["params"], root).items
    error = check(item).error
    assert error is not None
    assert error.where == f"{PROJECT_FILE}, line 20"
    assert "Nearest" in str(error) or "`huddles`" in str(error)


# ---- files of before ---------------------------------------------------------------------------

FLAT = "source: data/falls.csv\nkind: series\nwhere: {ward: a}\nvalue: falls\nunit: falls a month\n"


def test_a_flat_file_is_read_as_before_and_told_what_would_replace_it(root: Path) -> None:
    found = read(root, FLAT)
    assert found.is_flat
    assert (found.parameters["value"], found.parameters["denominator"]) == ("falls", None)
    (item,) = plan(["params"], root).items
    notice = check(item).notice
    for line in ["  data:", "    figures:", "    falls:", "measure: falls"]:
        assert line in notice
    assert "`source`, `kind`, `where`, `unit`, `value`" in notice


def test_the_lines_that_would_replace_a_flat_file_mean_the_same(root: Path) -> None:
    before = read(root, FLAT)
    (item,) = plan(["params"], root).items
    block, _, own = check(item).notice.partition("\n  ")[2].rpartition("\n  ")
    block = "  " + block.partition("\nand here")[0]
    text = "name: Birch\nteam: Ward a\n" + "\n".join(line[2:] for line in block.splitlines())
    (root / PROJECT_FILE).write_text(text)
    after = read(root, f"{own}\n")
    same: dict[str, Any] = {**before.parameters, "measure": "falls", "outcome": "Falls"}
    assert after.parameters == {**same, "events": after.parameters["events"]}


def test_an_evaluation_that_names_its_project_needs_no_notice(root: Path) -> None:
    read(root, "measure: falls\n")
    (item,) = plan(["params"], root).items
    assert check(item).notice == ""


def test_without_any_project_a_name_says_that_one_is_needed(root: Path) -> None:
    (root / PROJECT_FILE).unlink()
    (root / "params/small/programme.yml").unlink()
    with pytest.raises(ParameterError, match=r"There is no measure called `falls`"):
        read(root, "measure: falls\n")
    with pytest.raises(ParameterError, match="no project is given"):
        qi.parameters("run_chart", {"measure": "falls"})
