"""Index pages: everything that was run, with its finding or why there is none."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.records import Reason, Record
from qieval.core.verdict import AimVerdict, Verdict
from qieval.share.index import home_page, programme_page, write_index
from tests.share.test_pages import Outline


def record(project: str, status: str = "done", **changes: object) -> Record:
    given = {
        "programme": "small",
        "evaluation": f"{project}/interrupted_time_series",
        "title": "Interrupted time series",
        "project": f"{project.title()} ward",
        "status": status,
        "finished": "2026-03-05T09:00:00+00:00",
        "seconds": 3.0,
        "files": {"page": f"{project}/interrupted_time_series.html"},
    }
    return Record(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def manifest() -> Manifest:
    records = [
        record(
            "alder",
            headline="Bed days fell <clearly>",
            verdict=Verdict("improved", aim=AimVerdict("reached", because="5 in May, aim 6.")),
            network="Hill",
            team="Adults",
            aim="Fewer bed days.",
            attribution="Data: a publisher",
        ),
        record(
            "birch",
            "not evaluated",
            network="Hill",
            simulated=True,
            reason=Reason("CannotEvaluate", "Too few months.\nWhat to do: Wait."),
        ),
        record("cedar & co", "failed", reason=Reason("KeyError", "'x'")),
        record("dale", headline="As before", network="Coast", attribution="Data: a publisher"),
    ]
    return Manifest(
        "small",
        "Small programme",
        "To look small.",
        False,
        {
            "not_run": ["elm/interrupted_time_series"],
            "problems": [
                {"evaluation": "fir/x", "problem": "params/small/fir/x.yml: `a` is missing."}
            ],
        },
        {entry.evaluation: entry for entry in records},
    )


def test_the_index_lists_everything_with_its_finding_or_why_there_is_none(
    manifest: Manifest,
) -> None:
    document = programme_page(manifest)
    assert "<h1>Small programme</h1>" in document
    assert "To look small." in document
    assert "Bed days fell &lt;clearly&gt;" in document
    assert "Too few months." in document
    assert "<strong>What to do:</strong> Wait." in document
    # One stopped before its first end: it counts as not run.
    counts = "5 evaluations: 2 evaluated, 1 not evaluated, 1 failed and 1 not run."
    assert counts in document
    assert "1 improved" in document
    assert "Adults. Aim: Fewer bed days." in document
    assert "Evaluated on 5 March 2026" in document


def test_it_is_sorted_by_network_and_those_without_one_come_last(manifest: Manifest) -> None:
    document = programme_page(manifest)
    heads = [re.sub("<[^>]+>", "", text) for text in re.findall(r"<h2>([^<]+)</h2>", document)]
    assert heads == ["Coast", "Hill", "Projects"]


def test_headings_are_in_order_and_links_lead_to_pages(manifest: Manifest) -> None:
    outline = Outline(programme_page(manifest))
    assert outline.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(outline.headings))
    links = [link["href"] for link in outline.all("a")]
    assert "alder/interrupted_time_series.html" in links
    assert "cedar%20%26%20co/interrupted_time_series.html" in links
    assert not outline.all("script")
    assert not outline.all("link")


def test_status_is_a_word_and_a_shape_not_a_colour_alone(manifest: Manifest) -> None:
    document = programme_page(manifest)
    assert '<span class="qi-shape" aria-hidden="true">◆</span> Not evaluated' in document
    assert '<span class="qi-shape" aria-hidden="true">✗</span> Failed' in document


def test_a_card_shows_the_verdict_of_its_record_and_the_aim(manifest: Manifest) -> None:
    card = programme_page(manifest).partition("alder/interrupted")[2].partition("</li>")[0]
    assert '<p class="qi-verdict qi-verdict-improved">' in card
    assert "Aim reached: 5 in May, aim 6." in card


def test_simulated_evaluations_are_labelled_each_and_at_the_top(manifest: Manifest) -> None:
    body = programme_page(manifest).partition("</style>")[2]
    assert body.count("Simulated data</span>") == 1
    assert "<strong>Simulated data.</strong>" in body


def test_what_the_last_run_did_not_come_to_is_said(manifest: Manifest) -> None:
    document = programme_page(manifest)
    assert "was stopped before its end" in document
    assert "elm/interrupted_time_series" in document
    assert "params/small/fir/x.yml: <code>a</code> is missing." in document


def test_an_attribution_is_shown_once(manifest: Manifest) -> None:
    assert programme_page(manifest).count("Data: a publisher") == 1


def test_the_list_of_programmes(manifest: Manifest) -> None:
    document = home_page([manifest, Manifest("new", simulated=True)])
    assert 'href="small/index.html"' in document
    assert "2 evaluated, 1 not evaluated, 1 failed and 1 not run" in document
    assert "Nothing evaluated yet" in document
    assert Outline(document).headings == [1, 2, 2]


def test_every_programme_in_the_folder_gets_its_index(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "small").mkdir()
    write_manifest(tmp_path / "small", manifest)
    written = write_index(tmp_path)
    assert written == [tmp_path / "index.html", tmp_path / "small" / "index.html"]
    assert all(file.is_file() for file in written)
    assert not list(tmp_path.rglob(".*"))


def test_the_roll_up_of_a_programme_stands_first(manifest: Manifest) -> None:
    wide = record(
        "whole", evaluation="whole/programme", network="Zzz", title="All projects", roll_up=True
    )
    other = record("whole", evaluation="whole/completeness", network="Zzz", title="Returns")
    for entry in (other, wide):
        manifest.records[entry.evaluation] = entry
    document = programme_page(manifest)
    assert "6 evaluations: 3 evaluated" in document  # the roll-up would count the others again
    places = [document.index(f">{title}") for title in ("All projects", "Returns", "Interrupted")]
    assert places == sorted(places)
