"""Joint display: people judge and check; what nobody has checked is nowhere."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.joint_display.analysis import LONGEST
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result, to_json
from tests.analysis.house_rules import it_travels, refused


def survey_of(share):
    """A small result with counts of people in its headline."""
    spells = pd.DataFrame(
        {
            "person": [f"P{at}" for at in range(400)],
            "start": pd.Timestamp("2018-01-01"),
            "end": pd.Timestamp("2018-02-01"),
        }
    )
    again = spells.head(share).assign(
        start=pd.Timestamp("2018-02-11"), end=pd.Timestamp("2018-03-01")
    )
    return qi.readmissions(pd.concat([spells, again]), extract_date="2018-12-31")


def evaluated(name, result=None, headline=""):
    project, _, notebook = name.partition("/")
    return Evaluated(
        name=name,
        project=project,
        project_name=project,
        network="",
        team="",
        notebook=notebook,
        label="",
        status="done" if result is not None else "not evaluated",
        headline=headline,
        title=f"The title of {notebook}",
        result=result,
    )


FINDINGS = [
    evaluated("p/readmissions", survey_of(60)),
    evaluated("p/its", headline="There are too few points."),
    evaluated("p/other", survey_of(30)),
]


def quotes(*rows):
    names = ("theme", "quote", "finding", "agreement", "who", "checked_by", "checked_on")
    table = pd.DataFrame(rows, columns=names[: len(rows[0])]).reindex(columns=names)
    return table.assign(checked_on=pd.to_datetime(table["checked_on"]))


def row(theme, quote=None, finding=None, agreement=None, who="nurse", by="lead", on="2019-05-14"):
    return (theme, quote, finding, agreement, who, by, on)


GOOD = quotes(
    row("Home", "I was ready to go", "p/readmissions", "Concordant"),
    row("Home", "Nobody rang afterwards", "p/readmissions"),
    row("Home", "They rang too late", "p/readmissions", by=None),
    row("Home", "It came on a Friday", "p/readmissions", on=None),
    row("Time", "There was no hour for it"),
    row("Carers", None, "p/its", "silent", by=None, on=None),
)


def test_themes_stand_beside_findings_and_what_is_missing_is_named():
    result = it_travels(qi.joint_display(GOOD, FINDINGS))
    joint = result.sections()[0].table.rows.to_dict("records")
    assert [one["theme"] for one in joint] == ["Home", "Time", "Carers", "No theme"]
    assert joint[0]["figures"] == FINDINGS[0].result.headline()
    assert joint[0]["people"] == "“I was ready to go” (nurse); “Nobody rang afterwards” (nurse)"
    assert joint[1]["figures"] == "No finding"
    assert joint[2]["figures"] == "Not evaluated: There are too few points."
    assert joint[2]["people"] == "No quote that was checked"
    assert joint[3]["figures"] == FINDINGS[2].result.headline()
    assert result.headline() == (
        "3 themes beside 2 findings: 1 concordant and 1 silent; 1 finding without a theme."
    )
    checks = result.checks.set_index("id")
    assert checks.loc["checked", "detail"].startswith("2 quotes not shown")
    assert checks.loc["no_quote", "detail"] == "Carers."
    assert checks.loc["no_finding", "detail"] == "Time."
    assert checks.loc["no_theme", "detail"] == "The title of other."


def test_a_quote_that_nobody_has_checked_is_nowhere_in_the_result():
    result = qi.joint_display(GOOD, FINDINGS)
    everything = to_json(result) + " ".join(one.table.to_text() for one in result.sections())
    assert "ready to go" in everything
    assert "too late" not in everything
    assert "Friday" not in everything
    assert result.term("not_checked")[:1] == (2,)


def test_released_findings_are_worded_from_released_figures():
    few = [evaluated("p/readmissions", survey_of(3))]
    table = quotes(row("Home", "I was ready to go", "p/readmissions", "concordant"))
    result = qi.joint_display(table, few)
    released = result.released()
    assert released.figures_say("p/readmissions") == few[0].result.released().headline()
    text = json.dumps(released.to_dict())
    assert "I was ready to go" in text
    assert Result.from_dict(released.to_dict()).headline() == result.headline()


@pytest.mark.parametrize(
    ("table", "asked", "kind", "words"),
    [
        (GOOD.iloc[:0], {}, qi.CannotEvaluate, "no theme"),
        (GOOD, {"findings": ["p/readmission"]}, qi.ParameterError, "Did you mean"),
        (quotes(row("A", "B", "p/none")), {}, qi.DataError, "not among those that were read"),
        (quotes(row("A", "B", "p/its", "so-so")), {}, qi.DataError, "`agreement`"),
        (
            quotes(row("A", "B", "p/its", "silent"), row("A", "C", "p/its", "discordant")),
            {},
            qi.DataError,
            "rows 1, 2",
        ),
        (quotes(row("A", "b" * (LONGEST + 1))), {}, qi.DataError, "300 letters"),
    ],
)
def test_mistakes_are_named(table, asked, kind, words):
    with refused(kind, words):
        qi.joint_display(table, FINDINGS, **asked)


@pytest.mark.parametrize(
    "quote",
    [
        "Ring me on 07700 900123 any time",
        "Mrs Poppleton was kind to me",
        "Mine is 943 476 5919",
        "I live in LS1 4AP now",
        "Write to a.person@example.org",
    ],
)
def test_a_checked_quote_with_an_identifier_is_refused_and_not_repeated(quote):
    with pytest.raises(qi.DataError) as error:
        qi.joint_display(quotes(row("A", "fine"), row("A", quote)), FINDINGS)
    assert "row 2" in str(error.value)
    assert not any(word in str(error.value) for word in quote.split() if len(word) > 4)


def test_findings_may_be_chosen_and_their_order_is_that_of_the_programme():
    result = qi.joint_display(quotes(row("A", "B")), FINDINGS, findings=["p/other", "p/its"])
    assert result.without_theme == ["p/its", "p/other"]
    assert np.all(result.points["not_checked"] == 0)


@pytest.mark.parametrize("missing", ["quote", "finding"])
def test_agreement_needs_both_sides(missing):
    table = GOOD.assign(**{missing: None})
    with pytest.raises(qi.DataError, match="its finding or its quote is missing") as error:
        qi.joint_display(table, FINDINGS)
    assert "row 1" in str(error.value)


def test_silence_needs_one_and_the_judgement_may_stand_apart_from_the_quote():
    silent = quotes(("Home", None, "p/readmissions", "silent"))
    assert qi.joint_display(silent, FINDINGS).points["agreement"].iloc[0] == "silent"
    apart = quotes(
        ("Home", None, "p/readmissions", "concordant"), ("Home", "Good", "p/readmissions", None)
    )
    assert qi.joint_display(apart, FINDINGS).points["agreement"].iloc[0] == "concordant"
