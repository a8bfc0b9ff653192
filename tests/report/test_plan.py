"""What a page says of the plan: none, not locked, changed, late, as planned, or each departure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.its import interrupted_time_series
from qieval.core.errors import ParameterError
from qieval.core.result import Result
from qieval.core.workspace import ROOT_VARIABLE
from qieval.intake.plans import LOCK_FILE, lock_plan
from qieval.intake.programmes import read_project
from qieval.report import epoc_checklist, plan
from qieval.report.plan import compare

PROJECT = "params/small/alder/project.yml"

PLAN = """\
name: Alder
plan:
  date: 2018-02-20
  outcome: Occupied bed days
  value: bed_days
  denominator: days_in_period
  intervention: 2019-01-01
  slope: true
  transition: 0
  horizon: null
"""

BEFORE = datetime(2018, 3, 1, 12, tzinfo=UTC)
DURING = datetime(2019, 4, 1, 12, tzinfo=UTC)
LATE = datetime(2020, 1, 1, 0, tzinfo=UTC)

Planned = Callable[..., Path]


@pytest.fixture(scope="module")
def result() -> Result:
    """Two years of a ward, January 2018 to December 2019, with the change in January 2019."""
    starts = pd.date_range("2018-01-01", periods=24, freq="MS")
    noise = np.random.default_rng(1).normal(0, 12, 24)
    rows = {"period": starts, "bed_days": 600 + noise, "days_in_period": starts.days_in_month}
    return interrupted_time_series(
        pd.DataFrame(rows),
        value="bed_days",
        denominator="days_in_period",
        intervention="2019-01-01",
        control=None,
    )


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """A project with a plan, locked at a time (or never)."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    folder = tmp_path / "params/small/alder"
    folder.mkdir(parents=True)

    def planned(text: str = PLAN, at: datetime | None = BEFORE, again: str | None = None) -> Path:
        (folder / "project.yml").write_text(text, encoding="utf-8")
        about = read_project(folder, tmp_path)
        if at and about.plan:
            lock_plan(about.plan, folder, tmp_path, again=again, now=at)
        return folder

    return planned


def lines(result: Result) -> list[str]:
    title, *rest = str(plan(result, project=PROJECT)).splitlines()
    assert title == "Was this planned beforehand?"
    return rest


def done(result: Result, **params: Any) -> Result:
    """The same result, had other parameters been asked for."""
    return replace(result, params={**result.params, **params})


# ---- each state --------------------------------------------------------------------------------


def test_no_plan(result: Result, planned: Planned) -> None:
    planned("name: Alder\n")
    assert lines(result) == ["No plan: No plan was registered beforehand."]


def test_no_project(result: Result) -> None:
    said = str(plan(result))
    assert "No plan: No plan was registered beforehand." in said
    assert "name no project" in said


def test_a_project_that_is_not_there(result: Result, planned: Planned) -> None:
    planned()
    with pytest.raises(ParameterError, match="`project` is not a file"):
        plan(result, project="params/small/birch/project.yml")


def test_a_plan_that_was_never_locked(result: Result, planned: Planned) -> None:
    planned(at=None)
    (line,) = lines(result)
    assert line.startswith("Not locked: A plan was written but never locked")


def test_as_planned(result: Result, planned: Planned) -> None:
    planned()
    assert lines(result) == [
        "Locked beforehand: The plan says that it was made on 20 February 2018. It was locked on "
        "1 March 2018, before there were any data from after the change.",
        "Planned outcome: Occupied bed days.",
        "As planned: Measure: bed_days; divided by: days_in_period; start of the change: "
        "1 January 2019; shape of the effect: a change in level and slope; wash-out: none; "
        "horizon: the last period. The plan leaves everything else open.",
    ]


def test_each_departure_is_listed_and_nothing_is_stopped(result: Result, planned: Planned) -> None:
    text = PLAN.replace("slope: true", "slope: false").replace("null", "[6, 12]")
    planned(text.replace("transition: 0", "transition: 2"))
    said = lines(result)
    assert [line for line in said if line.startswith("Departure")] == [
        "Departure: Shape of the effect: planned a change in level only, done a change in level "
        "and slope.",
        "Departure: Wash-out: planned 2 months, done none.",
        "Departure: Horizon: planned months 6 and 12 after the change, done the last period.",
    ]
    assert "As planned: Measure: bed_days;" in "\n".join(said)
    assert said[-1].startswith("Note: Departures are allowed.")
    assert "everything else open" not in "\n".join(said)


def test_a_plan_changed_after_it_was_locked(result: Result, planned: Planned) -> None:
    planned()
    changed = PLAN.replace("slope: true", "slope: false").replace("  transition: 0\n", "")
    planned(changed + "  season: null\n", at=None)
    (line,) = [line for line in lines(result) if line.startswith("Plan changed")]
    assert line == (
        "Plan changed: The plan was changed after it was locked. Shape of the effect: was a change "
        "in level and slope, is a change in level only; wash-out: was none, is not named; "
        "season: was not named, is none. What was done is compared with the plan as it was locked."
    )
    assert "As planned: Measure" in "\n".join(lines(result))


def test_a_plan_taken_out_after_it_was_locked(result: Result, planned: Planned) -> None:
    planned()
    planned("name: Alder\n", at=None)
    assert "It was taken out of the project's file." in "\n".join(lines(result))


@pytest.mark.parametrize(
    ("at", "when", "says"),
    [
        (datetime(2019, 1, 31, 23, tzinfo=UTC), "before", "before there were any data"),
        (datetime(2019, 2, 1, 0, tzinfo=UTC), "during", "after some of the data"),
        (datetime(2019, 12, 31, 23, tzinfo=UTC), "during", "after some of the data"),
        (LATE, "after", "after the data had come (they end with December 2019)"),
    ],
)
def test_a_lock_beside_the_data(
    result: Result, planned: Planned, at: datetime, when: str, says: str
) -> None:
    planned(at=at)
    assert compare(result, PROJECT).when == when
    assert says in lines(result)[0]
    assert lines(result)[0].startswith("Locked beforehand" if when == "before" else "Locked late")
    assert ("cannot show" in lines(result)[0]) == (when != "before")


def test_months_without_a_value_have_not_come(result: Result, planned: Planned) -> None:
    points = result.points.copy()
    points.loc[points.index[13:], "value"] = np.nan
    planned(at=datetime(2019, 2, 1, tzinfo=UTC))
    assert compare(replace(result, points=points), PROJECT).when == "after"


def test_locked_again(result: Result, planned: Planned) -> None:
    planned(PLAN.replace("slope: true", "slope: false"))
    planned(at=DURING, again="a trend is likely")
    assert (
        "Locked again: The plan was first locked on 1 March 2018, then again on 1 April 2019. "
        "Reason: a trend is likely."
    ) in lines(result)
    assert lines(result)[0].startswith("Locked late: ")  # the last lock counts
    assert compare(result, PROJECT).departures == ()


def test_a_spoilt_lock_is_said_and_not_passed_over(result: Result, planned: Planned) -> None:
    file = planned() / LOCK_FILE
    text = file.read_text(encoding="utf-8").replace("slope: true", "slope: false")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="not as `qieval plan lock` wrote it"):
        plan(result, project=PROJECT)


def test_a_plan_for_another_evaluation(result: Result, planned: Planned) -> None:
    planned("name: A\nplan:\n  date: 2018-02-20\n  evaluation: power\n  value: a\n  slope: true\n")
    assert "Departure: Evaluation: planned power, done interrupted time series." in lines(result)
    assert not compare(result, PROJECT).kept
    assert "is for another evaluation" in str(epoc_checklist(result, project=PROJECT))


def test_a_plan_of_words_only(result: Result, planned: Planned) -> None:
    planned("name: A\nplan:\n  date: 2018-02-20\n  setting: Alder ward\n  change: the flat\n")
    assert lines(result)[-1] == "Note: The plan names nothing that can be compared."


def test_a_name_that_this_version_no_longer_knows(result: Result, planned: Planned) -> None:
    planned(PLAN + "  wobble: 3\n")
    assert "Departure: Wobble: planned 3, done not known here." in lines(result)


def test_the_page_has_a_heading_and_a_word_and_a_shape_for_each_line(
    result: Result, planned: Planned
) -> None:
    planned(PLAN.replace("Occupied bed days", "Beds & <b>days</b>").replace("true", "false"))
    html = plan(result, project=PROJECT).html
    assert '<section class="qi-plan"><h2>Was this planned beforehand?</h2>' in html
    assert html.count('<span aria-hidden="true">') == html.count("<li ") == len(lines(result))
    assert "Beds &amp; &lt;b&gt;days&lt;/b&gt;" in html


def test_a_result_read_from_its_file_says_the_same(result: Result, planned: Planned) -> None:
    planned(PLAN.replace("slope: true", "slope: false"))
    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    assert lines(again) == lines(result)


def test_the_result_itself_is_untouched(result: Result, planned: Planned) -> None:
    before = json.dumps(result.to_dict())
    planned(PLAN.replace("slope: true", "slope: false"))
    lines(result)
    epoc_checklist(result, project=PROJECT)
    assert json.dumps(result.to_dict()) == before


# ---- values, not spellings ---------------------------------------------------------------------

EVENTS = [{"date": pd.Timestamp("2019-03-01"), "event": "Six beds closed", "kind": "beds"}]

SAME = [
    ("intervention", "2019-01-01", ["2019-01-01"]),
    ("intervention", ["2019-06-01", "2019-01-01"], ["2019-01-01", "2019-06-01"]),
    ("intervention_end", "2019-10-01", datetime(2019, 10, 1)),
    ("intervention_end", "2019-10-01", "2019-10-01T00:00:00"),
    ("horizon", 6, [6]),
    ("horizon", [12, 6], [6, 12]),
    ("horizon", "6", 6),
    ("horizon", [], None),
    ("control", "birch", ["birch"]),
    ("control", None, []),
    ("control", ["b", "a"], ["a", "b"]),
    ("covariates", [], ()),
    ("order", [1, 0, 0], (1, 0, 0)),
    ("per", 100000, 1e5),
    ("confidence", "0.95", 0.95),
    ("slope", "no", False),
    ("lags", None, 1),
    ("family", "auto", "gaussian"),
    ("family", "auto", "events"),
    ("events", [{"date": "2019-03-01", "event": "Six beds closed "}], EVENTS),
]

OTHER = [
    ("intervention", "2019-01-02", ["2019-01-01"], "planned 2 January 2019, done 1 January 2019"),
    ("intervention_end", None, "2019-10-01", "planned none, done 1 October 2019"),
    ("horizon", 6, [6, 12], "planned month 6 after the change, done months 6 and 12 after the"),
    ("control", "birch", [], "planned birch, done none"),
    ("denominator", None, "beds", "planned nothing, done beds"),
    ("season", "auto", None, "planned auto (chosen from the data), done none"),
    ("season", 2, 1, "planned 2, done 1"),
    ("order", [1, 0, 0], (0, 0, 1), "planned 1, 0 and 0, done 0, 0 and 1"),
    ("per", 1000000, 1000, "planned 1,000,000, done 1,000"),
    ("confidence", 0.99, 0.95, "Confidence level: planned 99%, done 95%"),
    ("overlapping", False, None, "planned no, done looked for in the data"),
    ("transition", 1, 3, "Wash-out: planned 1 month, done 3 months"),
    ("family", "auto", "poisson", "planned auto (chosen from the data), done poisson"),
    ("method", "reml", "newey_west", "Method: planned reml, done newey_west"),
    ("events", [], EVENTS, "Events: planned none, done Six beds closed (1 March 2019)"),
]


@pytest.mark.parametrize(("name", "planned_value", "done_value"), SAME)
def test_values_that_are_the_same(
    result: Result, planned: Planned, name: str, planned_value: Any, done_value: Any
) -> None:
    planned(f"name: A\nplan: {json.dumps({'date': '2018-02-20', name: planned_value})}\n")
    found = compare(done(result, **{name: done_value}), PROJECT)
    assert list(found.kept) == [name]
    assert found.departures == ()


@pytest.mark.parametrize(("name", "planned_value", "done_value", "says"), OTHER)
def test_values_that_differ(
    result: Result,
    planned: Planned,
    name: str,
    planned_value: Any,
    done_value: Any,
    says: str,
) -> None:
    planned(f"name: A\nplan: {json.dumps({'date': '2018-02-20', name: planned_value})}\n")
    (departure,) = compare(done(result, **{name: done_value}), PROJECT).departures
    assert says in str(departure)


# ---- the EPOC checklist ------------------------------------------------------------------------

SHAPE = "2. The expected shape"
MEASURES = "6. All measures planned"
YES = {
    "shape_specified": {"answer": "yes", "because": "It was said so"},
    "no_selective_reporting": {"answer": "yes", "because": "There is one outcome"},
}


def items(result: Result, epoc: dict[str, Any] | None) -> dict[str, str]:
    """Answer and reason by item."""
    said = str(epoc_checklist(result, epoc=epoc, project=PROJECT)).splitlines()
    found = {}
    for start in (SHAPE, MEASURES):
        (line,) = [line for line in said if line.strip().startswith(start)]
        found[start] = " ".join(line.split())
    return found


@pytest.mark.parametrize("epoc", [None, YES], ids=["nothing stated", "yes stated"])
def test_a_plan_kept_and_locked_beforehand_fills_two_items(
    result: Result, planned: Planned, epoc: dict[str, Any] | None
) -> None:
    planned()
    found = items(result, epoc)
    assert "Yes: met" in found[SHAPE]
    assert "before data from after the change had come" in found[SHAPE]
    assert "shape of the effect: a change in level and slope and wash-out: none" in found[SHAPE]
    assert "Yes: met" in found[MEASURES]
    assert "measure: bed_days and divided by: days_in_period" in found[MEASURES]
    assert ("Stated: It was said so." in found[SHAPE]) == bool(epoc)


@pytest.mark.parametrize("at", [DURING, LATE])
def test_a_late_lock_makes_a_stated_yes_unclear(
    result: Result, planned: Planned, at: datetime
) -> None:
    planned(at=at)
    for line in items(result, YES).values():
        assert "Unclear" in line
        assert "by then, data from after the change had come" in line
        assert "Stated: " in line


def test_a_departure_makes_it_no(result: Result, planned: Planned) -> None:
    planned(PLAN.replace("slope: true", "slope: false").replace("bed_days\n  den", "beds\n  den"))
    found = items(result, YES)
    assert "No: not met" in found[SHAPE]
    assert "planned a change in level only, done a change in level and slope" in found[SHAPE]
    assert "No: not met" in found[MEASURES]
    assert "planned beds, done bed_days" in found[MEASURES]


def test_a_plan_changed_after_its_lock_is_unclear(result: Result, planned: Planned) -> None:
    planned()
    planned(PLAN + "  lag: 0\n", at=None)
    for line in items(result, YES).values():
        assert "Unclear" in line
        assert "was changed afterwards" in line


@pytest.mark.parametrize("text", ["name: A\n", PLAN])
def test_without_a_lock_the_statement_stands(result: Result, planned: Planned, text: str) -> None:
    planned(text, at=None)
    assert "Yes: met It was said so." in items(result, YES)[SHAPE]
    assert "Not stated" in items(result, None)[SHAPE]


def test_a_plan_that_does_not_name_it_fills_nothing(result: Result, planned: Planned) -> None:
    planned("name: A\nplan:\n  date: 2018-02-20\n  horizon: null\n")
    assert "Yes: met It was said so." in items(result, YES)[SHAPE]
    assert "Not stated" in items(result, None)[MEASURES]


@pytest.mark.parametrize(("answer", "shown"), [("no", "No: not met"), ("unclear", "Unclear")])
def test_a_more_careful_statement_is_not_overruled(
    result: Result, planned: Planned, answer: str, shown: str
) -> None:
    planned()
    stated = {"no_selective_reporting": {"answer": answer, "because": "There were two others"}}
    assert f"{shown} There were two others." in items(result, stated)[MEASURES]
