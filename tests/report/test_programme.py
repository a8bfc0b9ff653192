"""The page of a programme: findings lead to their rows, rows to their pages."""

from __future__ import annotations

import qieval as qi
from tests.analysis.programme.made import refused, series
from tests.report.parsed import Parsed


def few(count=4):
    done = [series(f"p{n}", n - 2.0) for n in range(count)]
    return qi.programme([*done, refused("fir & co")])


def test_every_key_finding_leads_to_rows_that_there_are():
    result = few()
    findings = Parsed(qi.report.key_findings(result).html)
    rows = Parsed(qi.report.evidence_table(result).html)
    targets = {f"#{tag['id']}" for tag in rows.all("tr") if "id" in tag.attributes}
    links = [tag["href"] for tag in findings.all("a")]
    assert len(links) > 4
    assert set(links) <= targets
    assert len(findings.all("li")) == len(result.findings)


def test_every_evaluation_leads_to_its_page_relative_to_this_one():
    rows = Parsed(qi.report.evidence_table(few()).html)
    links = [tag["href"] for tag in rows.all("a")]
    assert links[0] == "../../made/p0/interrupted_time_series.html"
    assert links[-1] == "../../made/fir%20%26%20co/interrupted_time_series.html"
    assert not [link for link in links if link.startswith("/")]


def test_projects_that_were_not_evaluated_stay_with_the_reason():
    shown = qi.report.project_table(few())
    assert "Fir &amp; Co" in shown.html
    assert "There are too few months." in shown.html
    assert "nobody is ranked" in shown.text


def test_averages_have_a_forest_plot_each():
    shown = qi.report.averages(few())
    parsed = Parsed(shown.html)
    assert len(parsed.all("figure")) == 1
    assert parsed.all("h3")[0].text == "Occupied beds"
    alone = qi.report.averages(qi.programme([series("alder")]))
    assert "nothing is averaged" in alone.text
    assert not Parsed(alone.html).all("figure")


def test_long_tables_are_folded_short_ones_are_open():
    assert "<details" not in qi.report.evidence_table(few()).html
    assert "<details" in qi.report.evidence_table(few(80)).html


def test_squire_says_what_is_not_reported():
    shown = qi.report.squire_checklist(few())
    assert "Not reported" in shown.text
    assert "18 items are filled" in shown.text
    assert len(Parsed(shown.html).all("tr")) == 19


def test_what_was_read_is_told_with_its_status_and_whose_data_it_is():
    results = [series("alder", simulated=True, attribution="Made up."), refused("birch")]
    read = qi.report.results_read(results)
    assert read.source == "2 evaluations of made: 1 evaluated and 1 not evaluated."
    assert read.origin.simulated
    assert read.origin.attribution == "Made up."
    assert "Birch" in read.html
