"""Parts of an answer on the page: heading, words, figure, table."""

from __future__ import annotations

import qieval as qi
from tests.analysis.survey.made import ORDER, responses


def survey(people: int):
    return qi.survey(
        responses(people),
        items={"food": "Food", "garden": "Garden"},
        order=ORDER,
        wave="wave",
        by="ward",
    )


def test_every_part_has_its_heading_words_and_table():
    found = survey(40)
    shown = qi.report.parts(found)
    for part in found.sections():
        assert f"<h2>{part.title}</h2>" in shown.html
        assert part.words in shown.text
        assert part.table.caption in shown.text
    assert shown.html.count("<table") == len(found.sections())


def test_a_part_with_a_view_has_its_figure():
    found = survey(40)
    shown = qi.report.parts(found)
    views = [section.view for section in found.sections()]
    assert shown.html.count("<figure") == sum(map(bool, views)) == 1
    assert "Wards side by side" in shown.text


def test_a_part_without_a_table_has_its_words_only():
    found = survey(6)
    shown = qi.report.parts(found)
    assert "No table by wards" in shown.html
    assert shown.html.count("<table") == len(found.sections()) - 1
