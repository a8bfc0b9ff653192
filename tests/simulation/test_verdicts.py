"""Over the example programme, headline, verdict, tables and what a roll-up reads agree."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import qieval as qi
from tests.shown import shown
from tests.simulation.test_recovery import ROOT, asked_of, evaluated

PROJECTS = sorted(
    file.parent.name
    for file in (ROOT / "params/closing-the-gap").glob("*/interrupted_time_series.yml")
)


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@cache
def result_of(project: str) -> Any:
    try:
        return evaluated(project)
    except qi.CannotEvaluate as error:
        return error


def test_the_folder_is_there():
    assert Path(ROOT, "params/closing-the-gap").is_dir()
    assert len(PROJECTS) > 8


@pytest.mark.parametrize("project", PROJECTS)
def test_headline_verdict_table_and_roll_up_say_the_same(project):
    result = result_of(project)
    if isinstance(result, qi.CannotEvaluate):
        assert result.problem
        return
    verdict, headline = result.verdict, result.headline()
    doubtful = any(words in headline for words in ("neither shown nor ruled out", "too few"))
    assert verdict.claims == (not doubtful and "is ruled out" not in headline)
    if "cannot be said" in headline:
        assert verdict.kind == "changed"
    if verdict.claims:
        size, *_ = re.findall(r"\d[\d,]*(?:\.\d+)?(?= \w)", headline.partition(":")[2] or headline)
        row = result.table("estimates").rows.set_index("term").index.get_loc(verdict.term)
        assert size in shown(result, "estimates").iloc[row, 1]
        could = result.near["explains"].any()
        assert verdict.alone is (not could if asked_of(project).get("events") else None)
        if verdict.alone is False:
            assert "else" in headline
    effect, average = result.effect, result.estimates.loc["average_effect"]
    assert [effect.estimate, effect.ci_low, effect.ci_high] == [
        average["estimate"],
        average["ci_low"],
        average["ci_high"],
    ]


def test_maple_fell_at_once_and_is_not_called_improved():
    result = result_of("maple-home-treatment")
    if result.finding in ("at_once", "at_once_reversed"):
        assert result.verdict.kind == "changed"
        assert result.verdict.words.startswith("fell at once")
    else:
        assert "cannot be said" not in result.headline()


def test_an_event_in_the_window_that_is_averaged_is_never_passed_over():
    for project in PROJECTS:
        result = result_of(project)
        if isinstance(result, qi.CannotEvaluate):
            continue
        inside = [
            event["event"]
            for event in result.params["events"]
            if result.span.given[0] <= event["date"] <= result.span.last_counted
        ]
        assert set(inside) <= set(result.near["event"])
