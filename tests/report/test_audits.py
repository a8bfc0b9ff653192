"""What the page of an audit shows below its figure."""

from __future__ import annotations

import pandas as pd

import qieval as qi
from tests.analysis.audit.audits import audit, simulated


def test_every_part_has_its_heading_words_and_table():
    found = audit(simulated(2, others={"": 0.05}), team="team")
    shown = qi.report.parts(found)
    for part in found.sections():
        assert f"<h2>{part.title}</h2>" in shown.html
        assert part.words in shown.text
        assert part.table.caption in shown.text
    assert shown.html.count("<table") == len(found.sections())


def test_teams_stand_side_by_side_in_a_funnel():
    shown = qi.report.team_funnel(audit(simulated(2), team="team"))
    assert "<h2>Teams side by side</h2>" in shown.html
    assert "<figure" in shown.html
    assert "Funnel plot" in shown.text


def test_without_teams_there_is_nothing_to_set_side_by_side():
    shown = qi.report.team_funnel(audit(simulated(2)))
    assert shown.html == ""
    assert shown.text == "No teams to set side by side."


def test_a_funnel_that_cannot_be_had_says_why():
    table = pd.DataFrame(simulated(2).assign(result="not met"))
    shown = qi.report.team_funnel(audit(table, team="team"))
    assert "Not evaluated" in shown.html
    assert "without a single event" in shown.text
