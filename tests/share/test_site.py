"""The site of a programme: every page type, links, what each audience sees, what is refused."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest
from nbformat import NotebookNode, v4

import qieval as qi
from qieval.batch.records import Reason, Record
from qieval.core.blocks import (
    Finding,
    Opening,
    Passport,
    Plan,
    PlanLine,
    Provenance,
)
from qieval.core.errors import ParameterError
from qieval.core.result import Result
from qieval.intake.programmes import Programme
from qieval.report.page import completeness_of
from qieval.share import site as sites
from qieval.share.audience import shown_to, without_file_names
from qieval.share.frame import MARK, without_controls
from qieval.share.matrix import DIFFER, NOT_TESTED, Mark, counts, row_for
from qieval.share.own import NO_ALT, says_nothing
from qieval.share.published import Published, measure_type_of
from tests.analysis.programme.made import series
from tests.charts.series import shape
from tests.share.test_pages import PASSPORT, PIXEL
from tests.shown import bundle_of

PROGRAMME = Programme("Small programme", "To look small.", True, ("Hill", "Coast"))
STAMP = "Released under a rule on a day."
FILE, ROWS_READ, CODE = "secret_file.xlsx", "one hundred and eleven rows", "secret_code = 1"
ITS = "small/alder/interrupted_time_series.html"


def record(project: str, notebook: str = "interrupted_time_series", **changes: object) -> Record:
    given = {
        "programme": "small",
        "programme_name": "Small programme",
        "evaluation": f"{project}/{notebook}",
        "title": "Interrupted time series",
        "project": project.title(),
        "network": "Hill",
        "team": f"{project.title()} ward",
        "aim": "Fewer bed days",
        "status": "done",
        "finished": "2026-03-05T09:00:00+00:00",
        "seconds": 3.0,
        "headline": "A headline of exact figures",
    }
    return Record(**{**given, **changes})  # type: ignore[arg-type]


def notebook(result: Result | None, *more: qi.report.View) -> NotebookNode:
    """What a notebook of ours leaves: blocks with the facts of the data, narrative, own outputs."""
    blocks = [
        Opening("Alder: bed days", "Did they fall?", "Aim: fewer.", "Alder ward.", "Why so."),
        Passport("What was read", (("Source", FILE), ("Rows", ROWS_READ)), ()),
        Finding(completeness_of(PASSPORT)),
        Plan((PlanLine("warn", "Locked late", f"After {ROWS_READ} had come."),)),
        Provenance(
            f"{FILE}.",
            False,
            (FILE,),
            (
                ("Data", FILE),
                ("File", FILE),
                ("Attribution", "Data: a publisher"),
                ("Made on", "today"),
            ),
            (("source", FILE, "given"),),
        ),
    ]
    views = [qi.report.show(block, result) for block in blocks if result or block.kind != "finding"]
    if result is not None:
        views[3:3] = [
            qi.report.figure(result),
            qi.report.summary(result),
            qi.report.estimates(result),
        ]
        views += [qi.report.checks(result), *more]
    outputs = [v4.new_output("display_data", bundle_of(view)) for view in views]
    picture = v4.new_output("display_data", {"image/png": PIXEL}, metadata={"alt": "Figure 2"})
    own = [v4.new_output("stream", name="stdout", text="secret print"), picture]
    return v4.new_notebook(
        cells=[
            v4.new_code_cell(CODE, outputs=outputs, execution_count=1),
            v4.new_markdown_cell("## A word of the team\n\nWords \u202e turned."),
            v4.new_code_cell("more", outputs=own, execution_count=2),
        ]
    )


@cache
def published() -> tuple[Published, ...]:
    its, other = shape("60 months"), shape("described")
    refused = Reason("CannotEvaluate", f"Too few months.\nFound: {ROWS_READ}\nWhat to do: Wait.")
    roll_up = qi.programme([series("alder"), series("birch", 1.0)])
    wide = {"network": "", "title": "All projects", "roll_up": True}
    return (
        Published(record("alder"), notebook(its), its, "outcome"),
        Published(
            record("alder", "interrupted_time_series.second & third"),
            notebook(other),
            other,
            "balancing",
        ),
        Published(
            record("birch", status="not evaluated", reason=refused, network="Coast"), notebook(None)
        ),
        Published(
            record("cedar", status="failed", reason=Reason("KeyError", FILE), network=""),
            v4.new_notebook(),
        ),
        Published(
            record("whole", "programme", **wide),
            notebook(roll_up, qi.report.key_findings(roll_up), qi.report.evidence_table(roll_up)),
            roll_up,
        ),
    )


@cache
def site(audience: str = "stakeholder") -> dict[str, str]:
    return dict(sites.pages(PROGRAMME, published(), audience=audience, stamp=STAMP))  # type: ignore[arg-type]


def pages(audience: str = "stakeholder") -> dict[str, str]:
    return {name: text for name, text in site(audience).items() if name.endswith(".html")}


class Tags(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def main_of(document: str) -> str:
    return document.partition('id="main"')[2].partition("</main>")[0]


def words(document: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", document).split())


def test_there_is_a_page_for_everything():
    assert set(pages()) == {
        "index.html",
        "evaluations.html",
        "accessibility.html",
        "networks/01-hill.html",
        "networks/02-coast.html",
        "small/alder/index.html",
        "small/birch/index.html",
        "small/cedar/index.html",
        "small/whole/index.html",
        ITS,
        "small/alder/interrupted_time_series.second & third.html",
        "small/birch/interrupted_time_series.html",
        "small/cedar/interrupted_time_series.html",
        "small/whole/programme.html",
        "small/whole/programme.tables.html",
    }


def test_it_is_written_as_it_is_composed(tmp_path: Path):
    written = sites.write_site(tmp_path, PROGRAMME, published()[:1], stamp=STAMP)
    assert written[0] == tmp_path / "index.html"
    assert {file.relative_to(tmp_path).as_posix() for file in written} == {
        file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()
    }
    assert (tmp_path / ITS).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_every_link_is_relative_and_leads_to_a_file_of_the_site():
    for name, document in pages().items():
        for link in Tags(document).all("a"):
            address, _, anchor = str(link["href"]).partition("#")
            if not address:
                assert f'id="{anchor}"' in document, (name, anchor)
                continue
            assert ":" not in address
            assert not address.startswith("/")
            led_to = normpath(join(dirname(name), unquote(address)))
            assert led_to in site(), (name, address)
            assert not anchor or f'id="{anchor}"' in site()[led_to], (name, address, anchor)


def test_the_long_tables_of_a_roll_up_stand_on_a_page_of_their_own():
    roll_up, tables = (site()[f"small/whole/programme{part}.html"] for part in ("", ".tables"))
    assert 'href="programme.tables.html#qi-row-1"' in roll_up
    assert 'id="qi-row-1"' not in roll_up
    assert 'id="qi-row-1"' in tables
    assert 'href="programme.html"' in tables  # the way back
    assert STAMP in tables
    assert "<svg" not in tables


@pytest.mark.parametrize("audience", ["stakeholder", "analyst"])
def test_one_script_of_ours_and_nothing_else_runs_or_loads(audience):
    for document in pages(audience).values():
        tags = Tags(document)
        assert tags.all("script") == [{}]
        assert not tags.all("link")
        named = document.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http:" not in named
        assert "https:" not in named
        (policy,) = [m["content"] for m in tags.all("meta") if "Content-Security" in str(m)]
        assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}';", str(policy))
        assert not [a for _, given in tags.tags for a in given if a.startswith("on")]


def test_headings_are_in_order_and_landmarks_have_names_of_their_own():
    for name, document in pages().items():
        tags = Tags(document)
        levels = [int(tag[1]) for tag, _ in tags.tags if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1, name
        assert levels[0] == 1, name
        assert all(below <= above + 1 for above, below in pairwise(levels)), name
        landmarks = [str(nav) for nav in tags.all("nav")]
        assert len(set(landmarks)) == len(landmarks), name
        assert not [box for box in tags.all("div") if box.get("role") == "region"], name


def test_every_page_has_the_stamp_and_its_programme():
    for document in pages().values():
        footer = document.partition('class="qi-foot"')[2]
        assert STAMP in footer
        assert "accessibility.html" in footer
        assert "Simulated data." in document


def test_the_programme_answers_first_then_shows_every_project():
    document = main_of(site()["index.html"])
    result = published()[-1].result
    assert result is not None
    assert f'<h1 class="qi-headline">{result.headline()}</h1>' in document
    assert "By luck alone" in document
    order = ["qi-headline", "qi-tiles", "By luck alone", "qi-matrix", 'id="qi-contents"']
    places = [document.index(word) for word in order]
    assert places == sorted(places)
    assert '<a class="qi-cell" href="small/alder/interrupted_time_series.html">' in document


def test_projects_are_counted_by_their_outcome_measures():
    rows = [
        row_for("A", "", "", [{"outcome": [Mark("improved", "", "")]}] * 2),
        row_for("B", "", "", [{"outcome": [Mark("improved", "", ""), Mark("worse", "", "")]}]),
        row_for("C", "", "", [{"process": [Mark("improved", "", "")]}]),
        row_for("D", "", "", [{"outcome": [Mark("not evaluated", "", "")]}]),
        row_for("E", "", "", [{"outcome": [Mark("described", "", ""), Mark("worse", "", "")]}]),
        row_for("F", "", "", []),
    ]
    assert [row.counted for row in rows] == [
        *("improved", DIFFER, NOT_TESTED, "not evaluated", "worse", "not evaluated")
    ]
    assert counts(rows)["not evaluated"] == 2
    assert counts([])["worse"] == 0
    assert [mark.state for mark in rows[4].cells["outcome"]] == [
        "worse"
    ]  # what only describes goes


def test_a_project_page_has_every_finding_as_a_title_and_says_what_is_not_recorded():
    document = main_of(site()["small/alder/index.html"])
    for one in published()[:2]:
        assert one.result is not None
        assert f">{one.result.headline()}</a></h3>" in document
    assert "Aim:</strong> Fewer bed days" in document
    assert "Locked late" in document
    assert "How the change was tested" in document.partition("Not recorded")[2]


def test_an_evaluation_page_has_answer_figure_three_points_table_checks_and_origin():
    document = main_of(site()[ITS])
    order = ["qi-headline", "qi-figure", "In brief", "What changed.", "How sure."]
    order += ["What else happened.", "How large, and how sure", "What was checked"]
    order += ["Where this comes from", "The figures as files", "This finding as text"]
    places = [document.index(words) for words in order]
    assert places == sorted(places)
    assert document.count(">Alder: bed days<") == 1


def test_stakeholders_see_nothing_of_files_rows_code_and_own_outputs():
    for name, document in pages().items():
        for secret in (FILE, ROWS_READ, CODE, "secret print", "data:image/png", "55 of 60"):
            assert secret not in document, (name, secret)
    document = site()[ITS]
    assert "Data: a publisher" in document
    assert "Figures of the data that were read are with the team." in document
    assert "A word of the team" in document


def test_analysts_see_what_the_notebook_shows_of_the_data():
    document = site("analyst")[ITS]
    for shown in (FILE, ROWS_READ, CODE, "secret print", "Rests on 55 of 60 months"):
        assert shown in document
    assert "data:image/png" not in document  # "Figure 2" describes nothing
    assert "A picture of this step is left out" in document


def test_own_outputs_that_were_looked_at_are_shown_to_all():
    looked_at = replace(published()[0], own=True)
    document = dict(sites.pages(PROGRAMME, [looked_at]))[ITS]
    assert "secret print" in document
    assert CODE not in document


def test_every_figure_is_of_the_given_result_and_none_of_the_notebook():
    first, second = shape("60 months"), shape("described")
    given = replace(published()[0], notebook=notebook(first), result=second)
    document = dict(sites.pages(PROGRAMME, [given]))[ITS]
    assert second.headline() in document
    assert first.headline() not in document
    assert "A headline of exact figures" not in "".join(pages().values())


def test_what_a_notebook_showed_before_it_failed_is_not_shown():
    failed = replace(
        published()[0],
        result=None,
        record=replace(published()[0].record, status="failed", reason=Reason("KeyError", FILE)),
    )
    for audience in ("stakeholder", "analyst"):
        document = main_of(dict(sites.pages(PROGRAMME, [failed], audience=audience))[ITS])  # type: ignore[arg-type]
        assert "This evaluation failed" in document
        assert "qi-figure" not in document
        assert "How large" not in document


def test_a_refusal_says_why_and_what_would_be_needed_without_what_was_found():
    text = words(main_of(site()["small/birch/interrupted_time_series.html"]))
    assert "Not evaluated" in text
    assert "Too few months." in text
    assert "What to do: Wait." in text
    assert "Found:" not in text


def test_the_data_behind_the_figure_are_a_file_beside_the_page():
    (address,) = re.findall(r'<p class="qi-files"><a href="([^"]+)"', site()[ITS])
    text = site()[normpath(join(dirname(ITS), address))]
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    result = published()[0].result
    assert result is not None
    assert len(rows) == len(result.table("points")) + 1


def test_the_list_of_all_can_be_filtered_and_is_whole_without_a_script():
    document = main_of(site()["evaluations.html"])
    assert document.count("data-find") == len(published())
    assert re.search(r"<form [^>]*hidden", document)
    assert 'data-state="not evaluated"' in document


def test_evidence_that_is_not_published_has_no_link():
    document = site()["small/whole/programme.html"]
    evidence = document.partition("Every evaluation, numbered")[2].partition("</table>")[0]
    assert 'href="../../small/birch' not in evidence


def test_an_evaluation_page_is_light():
    assert len(site()[ITS].encode()) < 100_000


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\u200f", "\x07", "\x9b", "\ud800", "&#x202e;", "&#8238;"]
)
def test_characters_that_disguise_text_are_marked(hidden):
    assert without_controls(f"a{hidden}b") == f"a{MARK}b"


def test_what_is_harmless_stays():
    text = "a\tb\nc – é &#233; &#x1F600; &amp; 12\u202f000"
    assert without_controls(text) == text


def test_no_page_turns_its_text():
    assert MARK in site()[ITS]
    assert not [name for name, text in site().items() if "\u202e" in text]


@pytest.mark.parametrize(
    ("alt", "empty"),
    [
        *[(alt, True) for alt in ("", "Figure 2", "image", "plot.png", "A chart", NO_ALT)],
        ("<Figure size 640x480 with 1 Axes>", True),
        ("Bed days fell from 20 to 16", False),
        ("Chart of falls by month: fewer since July", False),
    ],
)
def test_a_description_that_says_nothing_is_none(alt, empty):
    assert says_nothing(alt) is empty


def test_an_unknown_audience_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="no such audience"):
        sites.write_site(tmp_path, PROGRAMME, [], audience="board")  # type: ignore[arg-type]


def test_a_programme_without_a_roll_up_has_a_page_too():
    document = dict(sites.pages(PROGRAMME, published()[:2]))["index.html"]
    assert "<h1>Small programme</h1>" in document
    assert "Every project" in document


def test_tables_of_results_name_no_files_to_stakeholders():
    result = shape("60 months")
    points = result.points.assign(seen=["see C:\\wards\\Rowan.xlsx, sheet 2"] * len(result.points))
    shown = without_file_names(replace(result, points=points))
    assert set(shown.points["seen"]) == {"see a file of the team, sheet 2"}
    assert shown.estimates is result.estimates


def test_an_evaluation_that_is_about_a_file_is_for_analysts():
    about_a_file = replace(published()[0], record=record("alder", "data_passport"))
    address = "small/alder/data_passport.html"
    assert address in dict(sites.pages(PROGRAMME, [about_a_file], audience="analyst"))
    assert address not in dict(sites.pages(PROGRAMME, [about_a_file]))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"measure": "back_soon"}, "balancing"),
        ({"measure": "bed_days"}, "outcome"),  # as the programme says
        ({"measure": "unknown"}, ""),
        ({}, ""),
    ],
)
def test_the_type_of_a_measure_is_what_its_project_says(asked, wanted):
    project = "params/closing-the-gap/rowan-discharge-pathway/project.yml"
    executed = v4.new_notebook()
    executed.metadata["papermill"] = {"parameters": {"project": project, **asked}}
    assert measure_type_of(executed) == wanted


def test_to_others_a_plan_says_how_it_was_kept_and_that_there_was_none():
    locked = Plan((PlanLine("warn", "Locked late", "In May."), PlanLine("info", "Note", "Beds.")))
    assert shown_to(locked, "stakeholder") == Plan((PlanLine("warn", "Locked late", ""),))
    none = Plan((PlanLine("info", "No plan", "In no file."),))
    assert shown_to(none, "stakeholder") == Plan((PlanLine("info", "No plan", ""),))
