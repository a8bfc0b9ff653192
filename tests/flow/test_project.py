"""A project opened by its path: tables, measures with their meaning, and what is wrong in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import qieval as qi
from qieval.core.amounts import Amount

FALLS = "period,ward,falls,bed_days\n" + "".join(
    f"2024-{month:02d}-01,{ward},{month},{300 + month}\n" for month in range(1, 7) for ward in "ab"
)
STAYS = "person,start,end\nP1,2024-01-05,2024-01-09\nP2,2024-01-20,2024-02-03\n"
PROGRAMME = """name: Small
data:
  falls: {source: data/falls.csv, kind: series, columns: {unit: ward}}
measures:
  falls:
    data: falls
    numerator: falls
    denominator: bed_days
    per: 1000
    title: Falls
    unit: for every 1,000 bed days
    direction: lower
    type: outcome
"""
PROJECT = """name: Birch
team: Ward a
change: {what: the huddle, date: 2024-03-01}
aim: {measure: falls, target: 5, by: 2024-12-31, for_whom: Everybody on ward a}
events:
  - {date: 2024-04-01, event: A ward closed}
data:
  falls: {data: falls, where: {ward: a}}
  stays: {source: data/stays.csv, kind: spells, extract_date: 2024-02-29}
measures:
  bed_days: {data: stays, value: bed_days, denominator: days_in_period}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params/small/birch").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/falls.csv").write_text(FALLS)
    (tmp_path / "data/stays.csv").write_text(STAYS)
    (tmp_path / "params/small/programme.yml").write_text(PROGRAMME)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QIEVAL_WORKSPACE", raising=False)
    return tmp_path


def opened(root: Path, text: str = PROJECT) -> qi.Project:
    (root / "params/small/birch/project.yml").write_text(text)
    return qi.project("params/small/birch/project.yml")


def test_tables_and_measures_of_project_and_programme(root: Path) -> None:
    birch = opened(root)
    assert birch.tables == ("falls", "stays")
    assert birch.measures == ("bed_days", "falls")
    assert len(birch.table("falls").table) == 6  # the programme's file, the project's rows
    falls = birch.measure("falls")
    assert falls.table["falls"].tolist() == [1, 2, 3, 4, 5, 6]
    assert (falls.meaning.title, falls.meaning.per) == ("Falls", 1000)
    assert falls.meaning.type == "outcome"
    beds = birch.measure("bed_days")
    assert beds.table["bed_days"].sum() == 4 + 14
    assert beds.meaning.title == "Bed days"


def test_what_the_project_says_of_itself(root: Path) -> None:
    birch = opened(root)
    assert birch.change is not None
    assert (birch.change.what, birch.change.began) == ("the huddle", ["2024-03-01"])
    assert birch.events == ({"date": "2024-04-01", "event": "A ward closed"},)
    assert birch.aim.amount == Amount("target", 5, 0)
    assert (birch.aim.measure, birch.aim.by) == ("falls", date(2024, 12, 31))
    assert str(birch.aim) == "Falls: 5 by 31 December 2024, for everybody on ward a"


def test_a_folder_names_a_project_too(root: Path) -> None:
    opened(root)
    assert qi.project("small/birch").name == "Birch"


def test_an_aim_in_plain_text_is_kept(root: Path) -> None:
    birch = opened(root, "name: Birch\naim: As few falls as possible\n")
    assert (str(birch.aim), birch.aim.amount.how) == ("As few falls as possible", None)
    words = opened(root, "name: Birch\naim: {how_much: as few as possible, by: June}\n")
    assert (str(words.aim), words.aim.amount.how) == ("As few as possible by June", None)


def test_a_theory_without_an_aim_has_that_of_the_project(root: Path) -> None:
    theory = opened(root, PROJECT + "theory: {measures: []}\n").theory
    assert theory is not None
    assert (theory.aim.what, theory.aim.how_much) == ("Falls", "5")
    own = opened(root, PROJECT + "theory: {aim: {what: Fewer falls}}\n").theory
    assert own is not None
    assert own.aim.what == "Fewer falls"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("data: stays,", "data: stay,", ["project.yml, line 11", "Did you mean `stays`?"]),
        ("value: bed_days,", "vlaue: bed_days,", ["line 11", "Did you mean `value`?"]),
        ("kind: spells, ", "kind: spells, shet: One, ", ["line 9", "Did you mean `sheet`?"]),
        ("extract_date: 2024-02-29", "extract_date: soon", ["line 9", "year-month-day"]),
        ("measure: falls,", "measure: fals,", ["line 4", "Did you mean `falls`?"]),
        ("target: 5", "target: 5, how_much: fewer", ["line 4", "not both"]),
        ("date: 2024-03-01", "dat: 2024-03-01", ["line 3", "Did you mean `date`?"]),
        ("date: 2024-04-01, ", "", ["line 6", "number 1 needs a `date`"]),
        ("data: falls, where", "where", ["`source` is missing"]),
        (
            "kind: spells, extract",
            "kind: audit, extract",
            ["line 11", "cannot say `value`", "spells"],
        ),
        (
            "{source: data/stays.csv, kind: spells, extract_date: 2024-02-29}",
            "{data: stays}",
            ["line 9", "build on themselves"],
        ),
        (
            "{source: data/stays.csv, kind: spells, extract_date: 2024-02-29}",
            "{data: other}\n  other: {data: stays}",
            ["build on themselves", "`stays` → `other` → `stays`"],
        ),
        ("data: stays, value", "value", ["line 11", "does not say of which data"]),
        ("  bed_days: {data: stays, value: bed_days, denominator: days_in_period}", "  x:", ["11"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    root: Path, old: str, new: str, says: list[str]
) -> None:
    assert old in PROJECT
    with pytest.raises(qi.ParameterError) as caught:
        opened(root, PROJECT.replace(old, new, 1)).table("falls")
    for words in says:
        assert words in str(caught.value)


def test_an_unknown_table_is_an_error_with_the_nearest(root: Path) -> None:
    with pytest.raises(qi.ParameterError, match="Did you mean `stays`"):
        opened(root).table("stais")
