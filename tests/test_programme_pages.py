"""Over the whole example programme as a user runs it: page, index, forest and roll-up agree."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup, Tag

import qieval as qi
from qieval.batch.manifest import read_manifest
from qieval.batch.records import Record
from qieval.intake.programmes import read_programme
from qieval.share import site as sites
from qieval.share.gate import released_of
from qieval.share.published import Published, published_of
from qieval.share.scan import scan
from qieval.share.workers import working
from tests.example_results import PROGRAMME

pytestmark = pytest.mark.slow

MOST_BYTES, MOST_OF_A_ROLL_UP = 125_000, 190_000
MOST_SHARED = 100_000


@pytest.fixture(scope="session")
def outputs(programme_run) -> Path:
    folder, _ = programme_run
    return folder / "outputs" / PROGRAMME


@pytest.fixture(scope="session")
def records(outputs) -> dict[str, Record]:
    return read_manifest(outputs).records


@pytest.fixture(scope="session")
def pages(outputs, records) -> dict[str, BeautifulSoup]:
    return {name: soup(outputs / record.files["page"]) for name, record in records.items()}


@pytest.fixture(scope="session")
def results(outputs, records) -> dict[str, Any]:
    return {
        name: qi.read_result(outputs / record.files["result"])
        for name, record in records.items()
        if "result" in record.files
    }


@pytest.fixture(scope="session")
def cards(outputs) -> dict[str, Tag]:
    """Page → its card in the programme's index."""
    found = soup(outputs / "index.html").select(".qi-card")
    return {card.a["href"]: card for card in found}


@pytest.fixture(scope="session")
def programme(results) -> Any:
    (name,) = [name for name in results if name.endswith("/programme")]
    return results[name]


def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def words(tag: Tag | None) -> str:
    return " ".join(tag.get_text().split()) if tag else ""


def test_nothing_failed(records):
    assert {record.status for record in records.values()} == {"done", "not evaluated"}


def test_page_and_card_say_the_headline_verdict_and_aim_of_the_result(
    records, pages, results, cards
):
    for name, record in records.items():
        page, card = pages[name], cards[record.files["page"]]
        if name not in results:
            assert not page.select(".qi-verdict, .qi-aim")
            assert not card.select(".qi-verdict, .qi-aim")
            continue
        result = results[name]
        assert words(page.select_one(".qi-headline")) == result.headline(), name
        assert words(card.select_one(".qi-finding")) == result.headline(), name
        for place in (page, card):
            badge = words(place.select_one(".qi-verdict strong")).split(" ", 1)[1]
            assert badge.casefold() == result.verdict.label.casefold(), name
            assert words(place.select_one(".qi-aim")).endswith(result.verdict.aim.words), name


def rows_about(result: Any, term: str) -> list[list[str]]:
    """The cells of every row of a table of the page that holds the estimate `term`."""
    value = result.estimates.loc[term, "estimate"]
    parts = [part.table for part in result.sections() if part.table is not None]
    found = []
    for table in [*result.tables(), *parts]:
        numbers = table.rows.select_dtypes("number").to_numpy(dtype=float)
        same = [np.isclose(numbers, scale * value, rtol=1e-12, atol=0) for scale in (1, 100)]
        for row in np.flatnonzero(np.any(same, axis=(0, 2))):
            found.append([" ".join(column.cells[row].split()) for column in table.shown])
    return found


def test_what_a_verdict_rests_on_is_in_a_table_of_its_page_digit_for_digit(pages, results):
    for name, result in results.items():
        if not result.verdict.term:
            continue
        wanted = rows_about(result, result.verdict.term)
        assert wanted, name
        rows = [
            [words(cell) for cell in line.select("th, td")] for line in pages[name].select("tr")
        ]
        assert all(row in rows for row in wanted), name
        effect = result.effect
        if effect is not None and effect.term:
            seen = result.estimates.loc[effect.term, ["estimate", "ci_low", "ci_high"]]
            assert [effect.estimate, effect.ci_low, effect.ci_high] == list(seen), name


def test_the_roll_up_shows_every_effect_and_verdict_as_its_page_does(results, programme):
    evidence = programme.evidence.set_index("evaluation")
    for name, result in results.items():
        if name not in evidence.index:
            continue
        row = evidence.loc[name]
        assert row["headline"] == result.headline(), name
        assert (row["state"], row["words"]) == (result.verdict.state, result.verdict.label), name
        assert row["aim_status"] == result.verdict.aim.status, name
        if result.effect is not None:
            effects = programme.effects[programme.effects["number"] == row["number"]]
            (shown,) = effects[["estimate", "ci_low", "ci_high"]].to_numpy().tolist()
            effect = result.effect
            assert shown == pytest.approx([effect.estimate, effect.ci_low, effect.ci_high])
            assert effects["state"].tolist() == [result.verdict.state], name


def test_the_index_and_the_roll_up_count_the_same_evaluations(outputs, records, programme):
    counted = [record for record in records.values() if record.counts]
    statuses = Counter(record.status for record in counted)
    index = words(soup(outputs / "index.html").main)
    for status, word in (("done", "evaluated"), ("not evaluated", "not evaluated")):
        assert f"{statuses[status]} {word}" in index
    evidence = programme.evidence[programme.evidence["title"] != ""]
    assert Counter(evidence["status"]) == statuses
    states = Counter(record.verdict.state for record in counted if record.verdict)
    assert Counter(evidence.loc[evidence["status"] == "done", "state"]) == states
    for state, count in states.items():
        assert f"{count} {state}" in index


def test_every_page_is_light(outputs, records):
    """A roll-up grows with its programme; every other page does not."""
    weights = {r.name: (outputs / r.files["page"]).stat().st_size for r in records.values()}
    heavy = {name: size for name, size in weights.items() if size > MOST_BYTES}
    assert not [name for name in heavy if not name.endswith("/programme")], heavy
    assert max(weights.values()) <= MOST_OF_A_ROLL_UP


def test_nothing_on_the_clean_pages_would_stop_a_release(outputs, records, tmp_path):
    for name, record in records.items():
        copy = tmp_path / f"{name.replace('/', '-')}.html"
        copy.write_bytes((outputs / record.files["page"]).read_bytes())
    assert scan(tmp_path) == []


# ---- the site that is made of it ---------------------------------------------------------------


@pytest.fixture(scope="session")
def published(programme_run, outputs) -> list[Published]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QIEVAL_WORKSPACE", str(programme_run[0]))
        return published_of(outputs, read_manifest(outputs))


@pytest.fixture(scope="session")
def site(programme_run, published) -> dict[str, str]:
    root = programme_run[0]
    programme = read_programme(root / "params" / PROGRAMME, root)
    return dict(sites.pages(programme, published, stamp="Exact figures, for a test."))


def test_the_site_says_of_every_result_what_the_result_says(site, published):
    for one in published:
        if one.kind == "data_passport":
            assert one.address not in site  # it is about a file
            continue
        page = BeautifulSoup(site[one.address], "html.parser")
        if one.result is not None:
            assert words(page.h1) == one.result.headline(), one.address
            verdict = one.result.verdict
            doubted = verdict.certainty == "with reservations"
            certainty = verdict.certainty if doubted or verdict.claims else ""
            assert words(page.select_one(".qi-verdict")).endswith(certainty)


def test_every_cell_of_the_matrix_leads_to_an_evaluation_with_its_state(site, published):
    by_address = {one.address: one for one in published}
    cells = BeautifulSoup(site["index.html"], "html.parser").select(".qi-cell")
    assert len(cells) > 25
    for cell in cells:
        one = by_address[cell["href"]]
        state = words(cell.select_one(".qi-mark")).split(" ", 1)[1].casefold()
        assert state == one.state or one.kind == "family_of_measures"


def test_the_site_counts_as_many_projects_as_the_roll_up(site, programme):
    page = BeautifulSoup(site["index.html"], "html.parser")
    counted = [int(words(count)) for count in page.select(".qi-tile strong")]
    assert sum(counted) == int(programme.term("projects").value)


def test_every_page_that_is_shared_is_light(programme_run, outputs, published):
    """An evaluation's page with its figures, and the roll-up's too: 100 KB at most."""
    root = programme_run[0]
    programme = read_programme(root / "params" / PROGRAMME, root)
    with pytest.MonkeyPatch.context() as patch, working(2) as workers:
        patch.setenv("QIEVAL_WORKSPACE", str(root))
        released = released_of(published, outputs, root, "mhsds", own=False, workers=workers)
        made = dict(sites.pages(programme, released, stamp="Released.", workers=workers))
    weights = {name: len(text.encode()) for name, text in made.items() if name.endswith(".html")}
    assert len(weights) > 90
    assert {name: size for name, size in weights.items() if size > MOST_SHARED} == {}


def test_the_site_holds_no_file_names_and_nothing_that_would_stop_a_release(site, tmp_path):
    for name, text in site.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if name.endswith(".html"):
            shown = BeautifulSoup(text, "html.parser").get_text()
            assert not re.search(r"\w\.(csv|xlsx|yml|json)\b", shown), name
            assert "sha256 " not in shown, name
    assert scan(tmp_path) == []
