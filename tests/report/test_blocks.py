"""Blocks: bound to a result they show themselves; as data they come back; text has every figure."""

from __future__ import annotations

import json
import re
from html import unescape

import pandas as pd
import pytest

import qieval as qi
from qieval import report
from qieval.core.blocks import (
    BLOCK_MIME,
    Answer,
    Block,
    Checklist,
    Completeness,
    Figure,
    Finding,
    Own,
    PlanLine,
)
from qieval.core.blocks import Plan as PlanBlock
from qieval.core.errors import DataError
from qieval.report.views import View, content_of
from tests.analysis.programme.made import refused, series
from tests.charts.series import shape
from tests.charts.spc_series import control
from tests.shown import bundle_of

FIGURES = re.compile(r"\d+(?:[.,]\d+)*")


def figures_of_html(html: str) -> list[str]:
    """The numbers that a reader of the page sees; pictures apart."""
    seen = re.sub(r"<(svg|style)\b.*?</\1>", " ", html, flags=re.S)
    return sorted(FIGURES.findall(unescape(re.sub(r"<[^>]+>", " ", seen))))


def figures_of_text(text: str) -> list[str]:
    return sorted(FIGURES.findall(text))


def programme():
    done = [series(f"p{n}", n - 2.0) for n in range(4)]
    return qi.programme([*done, refused("fir & co")])


OF_ITS = [
    report.headline,
    report.figure,
    report.summary,
    report.estimates,
    report.sensitivity,
    report.comparisons,
    report.fit,
    report.checks,
    report.epoc_checklist,
    report.plan,
    report.limits,
]
OF_PROGRAMME = [
    report.headline,
    report.key_findings,
    report.averages,
    report.project_table,
    report.evidence_table,
    report.squire_checklist,
]


def views() -> dict[str, View]:
    its, wide = shape("control"), programme()
    made = {f"its {part.__name__}": part(its) for part in OF_ITS}
    made |= {f"programme {part.__name__}": part(wide) for part in OF_PROGRAMME}
    made["measures"] = report.measures_table({"Beds": control(target=20), "Waits": control()})
    made["results read"] = report.results_read([series("alder"), refused("birch")])
    made["opening"] = report.opening(title="Beds in 2020", question="did 5 beds do?")
    return made


VIEWS = views()


@pytest.mark.parametrize("name", VIEWS)
def test_the_text_has_every_figure_of_the_page_and_no_other(name):
    """Golden notebooks compare text: a digit that changes on the page must change it."""
    view = VIEWS[name]
    in_text = figures_of_text(view.text)
    if name == "its figure" or "averages" in name or name in ("its sensitivity", "its fit"):
        # The description of a picture stands in an attribute, for those who cannot see it.
        described = re.findall(r'(?:alt|aria-label)="([^"]*)"', view.html)
        assert set(figures_of_html(view.html)) <= set(in_text)
        assert set(in_text) <= set(figures_of_html(view.html + " ".join(described)))
    else:
        assert figures_of_html(view.html) == in_text


@pytest.mark.parametrize("name", VIEWS)
def test_a_block_comes_back_from_a_saved_notebook_without_html(name):
    bundle = bundle_of(VIEWS[name])
    data = json.loads(json.dumps(bundle[BLOCK_MIME], sort_keys=True))
    block = Block.from_dict(data)
    assert block == VIEWS[name].block
    assert "</" not in json.dumps(data)
    assert bundle["text/plain"] == VIEWS[name].text
    assert bundle["text/html"] == VIEWS[name].html


def test_the_same_view_of_another_result_shows_that_result():
    first, second = shape("60 months"), shape("described")
    view = report.headline(first)
    assert report.show(view.block, second).text == second.headline() != view.text


@pytest.mark.parametrize(
    "block",
    [
        Own("image/png", "AAAA", "A picture"),
        Finding(Completeness("month", 60, 58, missing=2)),
        Figure("spread"),
        Checklist("epoc", (Answer("shape_specified", "plan", "yes", "As planned."),)),
        PlanBlock((PlanLine("pass", "As planned", "Level only."),)),
    ],
)
def test_every_kind_comes_back(block):
    assert Block.from_dict(json.loads(json.dumps(block.to_dict()))) == block


@pytest.mark.parametrize(
    "change",
    [
        {"qieval_block": 99},
        {"kind": "hologram"},
        {"view": None, "kind": "prose", "qieval_block": 0},
    ],
)
def test_a_block_of_another_version_or_kind_is_refused(change):
    with pytest.raises(DataError, match="version or a kind"):
        Block.from_dict({**Figure().to_dict(), **change})


@pytest.mark.parametrize("data", [{}, {"kind": "figure"}, []])
def test_what_is_no_block_is_refused(data):
    with pytest.raises(DataError, match="not a block"):
        Block.from_dict(data)


def test_a_damaged_block_names_the_field():
    data = Figure("spread").to_dict()
    del data["view"]
    with pytest.raises(DataError, match="view"):
        Block.from_dict(data)


def test_a_block_that_nobody_taught_to_show_itself_is_refused():
    with pytest.raises(DataError, match="cannot be shown"):
        content_of(Own("text/plain", "x"), None, None)


def test_passports_and_measured_tables_are_blocks_too(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    months = pd.date_range("2020-01-01", periods=12, freq="MS")
    rows = pd.DataFrame({"period": months.strftime("%Y-%m-%d"), "bed_days": range(12)})
    rows.to_csv("beds.csv", index=False)
    loaded = qi.read("beds.csv", "series")
    for shown in (loaded, loaded.passport, qi.measure(loaded.table, kind="series")):
        bundle = shown._repr_mimebundle_()
        block = Block.from_dict(bundle[BLOCK_MIME])
        assert report.show(block).html == bundle["text/html"]
        assert figures_of_html(bundle["text/html"]) == figures_of_text(bundle["text/plain"])


def test_an_event_beside_the_change_wins_over_a_stated_yes():
    """Rowan's page said "no other change is recorded" beside a merger within its window."""
    epoc = {"independent_of_other_changes": {"answer": "yes", "because": "None is recorded."}}
    near = report.epoc_checklist(shape("missing months"), epoc=epoc)
    assert "No: not met" in near.text
    assert "Two wards merged" in near.text
    # The answer follows the result that is shown, not the one that the block was made for.
    again = report.show(near.block, shape("60 months"))
    assert "Two wards merged" not in again.text
