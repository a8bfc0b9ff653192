"""A theory of change in ``project.yml``: its form, and every mistake with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import qieval as qi
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.intake.programmes import read_project
from qieval.intake.theory import make_theory

WHOLE = """\
theory:
  aim:
    what: Falls
    by_when: 2019-06-30
  drivers:
    - name: Risk is known
      secondary:
        - name: Huddle
          ideas: [Bell]
          measures: [Falls]
          cycles: [1, '2']
  measures:
    - name: Falls
      type: outcome
"""


def written(tmp_path: Path, theory: str, log: str = "") -> Path:
    folder = tmp_path / "params" / "programme" / "birch"
    folder.mkdir(parents=True)
    (folder / "project.yml").write_text(f"name: Birch\n{theory}", encoding="utf-8")
    if log:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "log.csv").write_text(log, encoding="utf-8")
    return folder


def test_every_part_has_its_type(tmp_path: Path) -> None:
    theory = read_project(written(tmp_path, WHOLE), tmp_path).theory
    assert theory is not None
    assert theory.aim.by_when == date(2019, 6, 30)
    (part,) = theory.drivers[0].secondary
    assert part.cycles == ("1", "2")
    assert theory.measures[0].type == "outcome"
    assert theory.measures[0].numerator == ""


def test_a_name_without_a_value_is_left_out() -> None:
    theory = make_theory({"aim": {"what": None, "how_much": 15}, "measures": None})
    assert (theory.aim.what, theory.aim.how_much, theory.measures) == ("", "15", ())


def test_a_year_is_no_day() -> None:
    assert make_theory({"aim": {"by_when": 2019}}).aim.by_when == "2019"


BAD = {
    "unknown name": (WHOLE.replace("what:", "waht:"), 4, ["`waht`", "Did you mean `what`"]),
    "unknown in a driver": (
        WHOLE.replace("ideas:", "idea:"),
        10,
        ["`idea` is not known", "Did you mean `ideas`"],
    ),
    "unknown in a measure": (WHOLE.replace("type:", "kind:"), 15, ["`kind`", "`numerator`"]),
    "unknown at the top": (WHOLE.replace("  measures:\n", "  measure:\n"), 13, ["`measures`"]),
    "no name": (WHOLE.replace("- name: Huddle", "- measures: [Falls]").replace(
        "          measures: [Falls]\n", ""), 9, ["`name` is missing"]),
    "no list": (WHOLE.replace("[Bell]", "Bell"), 10, ["`ideas`", "'Bell'", "Write a list"]),
    "no mapping": (WHOLE.replace("    what: Falls\n    by_when: 2019-06-30\n", "").replace(
        "aim:", "aim: Fewer falls"), 3, ["`aim`", "`name: value` lines"]),
    "unknown type": (WHOLE.replace("outcome", "result"), 15, ["`outcome`", "`balancing`"]),
    "a measure not defined": (
        WHOLE.replace("[Falls]", "[Fall]"),
        11,
        ["The driver `Huddle` names a measure", "`Fall`", "Did you mean `Falls`"],
    ),
    "two of one name": (WHOLE + "    - name: Falls\n", 16, ["Two measures have the same name"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, says = BAD[case]
    with pytest.raises(ParameterError) as caught:
        read_project(written(tmp_path, text), tmp_path)
    assert f"project.yml, line {line}:" in str(caught.value)
    for words in says:
        assert words in str(caught.value)


def test_a_name_given_twice_in_one_place_is_refused(tmp_path: Path) -> None:
    twice = WHOLE.replace("    what: Falls\n", "    what: Falls\n    what: Fewer\n")
    with pytest.raises(ParameterError, match="`what` is given twice") as caught:
        read_project(written(tmp_path, twice), tmp_path)
    assert "lines 4 and 5" in str(caught.value)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("what:", "waht:").replace("outcome", "result")
    with pytest.raises(ParameterError) as caught:
        read_project(written(tmp_path, text), tmp_path)
    assert "line 4" in str(caught.value)
    assert "line 15" in str(caught.value)


@pytest.mark.parametrize("theory", ["theory: Fewer falls", "theory: [Falls]", "theory:"])
def test_a_theory_without_parts_is_refused(tmp_path: Path, theory: str) -> None:
    with pytest.raises(ParameterError, match="does not say what it holds") as caught:
        read_project(written(tmp_path, theory + "\n"), tmp_path)
    assert "`aim`, `drivers`, `measures`" in str(caught.value)
    assert "project.yml, line 2" in str(caught.value)


# ---- with its log of cycles --------------------------------------------------------------------

LOG = (
    "project,cycle,started,change\nbirch,1,2018-01-01,x\nbirch,2,2018-02-01,x\nelm,1,2018-01-05,x\n"
)
FILE = "params/programme/birch/project.yml"


def test_the_rows_of_the_project_are_taken(tmp_path: Path, monkeypatch) -> None:
    written(tmp_path, f"{WHOLE}  pdsa: data/log.csv\n", LOG)
    monkeypatch.chdir(tmp_path)
    told = qi.read_theory(project=FILE)
    assert told.cycles is not None
    assert told.cycles["cycle"].tolist() == ["1", "2"]
    assert "2 rows of this project" in str(told.passport)
    assert str(tmp_path) not in str(told.passport)
    assert qi.theory_of_change(told.theory, told.cycles).count("cycles") == 2


def test_the_log_may_be_named_with_its_rows(tmp_path: Path, monkeypatch) -> None:
    pdsa = "  pdsa: {source: data/log.csv, where: {project: elm}}\n"
    written(tmp_path, WHOLE + pdsa, LOG)
    monkeypatch.chdir(tmp_path)
    told = qi.read_theory(project=FILE)
    assert told.cycles is not None
    with pytest.raises(ParameterError, match="not in the log") as caught:
        qi.theory_of_change(told.theory, told.cycles)
    assert "project.yml, line 12" in str(caught.value)


def test_a_log_without_rows_of_the_project_is_refused(tmp_path: Path, monkeypatch) -> None:
    log = LOG.replace("birch", "oak")
    written(tmp_path, f"{WHOLE}  pdsa: data/log.csv\n", log)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no row of this project") as caught:
        qi.read_theory(project=FILE)
    assert "line 16" in str(caught.value)


def test_without_a_theory_or_a_project_it_says_what_is_needed(tmp_path: Path, monkeypatch) -> None:
    written(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotEvaluate, match="no theory of change") as caught:
        qi.read_theory(project=FILE)
    assert "`aim` (what, how_much, by_when, for_whom)" in str(caught.value)
    with pytest.raises(ParameterError, match="`project` is missing"):
        qi.read_theory()
