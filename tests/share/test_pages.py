"""Pages: one h1, headings in order, nothing from elsewhere, no traceback, words for failures."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from nbformat import NotebookNode, v4

import qieval as qi
from qieval.batch.records import Reason, Record
from qieval.core.blocks import Finding, Limits, Opening
from qieval.core.verdict import AimVerdict, Verdict
from qieval.intake.origin import Origin
from qieval.intake.reading.passport import Passport
from qieval.share.frame import VERDICT_SHAPES, Site
from qieval.share.own import NO_ALT
from qieval.share.pages import Shared, page
from tests.charts.series import shape
from tests.shown import bundle_of

PASSPORT = Passport(
    source="a.csv",
    kind="series",
    row="a month",
    digest="0" * 64,
    rows_read=55,
    rows_kept=55,
    dropped=pd.DataFrame(columns=["reason", "rows"]),
    decisions=(),
    origin=Origin("a"),
    every="month",
    periods_expected=60,
    periods_present=55,
)
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Outline(HTMLParser):
    """Headings, images, links and tags of a page."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def record(**changes: object) -> Record:
    given = {
        "programme": "small",
        "programme_name": "Small programme",
        "evaluation": "alder/interrupted_time_series",
        "title": "Interrupted time series",
        "project": "Alder <ward>",
        "network": "Hill network",
        "status": "done",
        "finished": "2026-03-05T09:00:00+00:00",
        "seconds": 3.0,
        "headline": "Bed days fell by 12 a month (4 to 20)",
        "attribution": "Data: a publisher & others",
    }
    return Record(**{**given, **changes})  # type: ignore[arg-type]


def ran(source: str, *outputs: NotebookNode, number: int = 1) -> NotebookNode:
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=number)


def shown(**data: object) -> NotebookNode:
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    kinds |= {"markdown": "text/markdown"}
    return v4.new_output(
        "display_data", {kinds.get(key, key): value for key, value in data.items()}
    )


def ours(view: qi.report.View) -> NotebookNode:
    """The output of a cell that shows a block of ours."""
    return v4.new_output("display_data", bundle_of(view))


def opening(**fields: str) -> NotebookNode:
    return ours(qi.report.show(Opening(**{"title": "Report", **fields})))


def printed(text: str, name: str = "stdout") -> NotebookNode:
    return v4.new_output("stream", name=name, text=text)


@pytest.fixture
def notebook() -> NotebookNode:
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# The general title\n\nWhy this was asked."),
            ran("a = 1"),
            ran("b = '<b>' # & so on"),
            v4.new_markdown_cell("#### Too deep\n\nText."),
            ran(
                "show()",
                opening(),
                shown(html="<h1>Own</h1><table><caption>A &amp; B</caption></table>", plain="x"),
                printed("said \x1b[31maloud\x1b[0m & <clear>"),
                printed("a warning", "stderr"),
                shown(png=PIXEL, plain="<Figure>"),
            ),
            v4.new_markdown_cell("## Next"),
            ran("42", v4.new_output("execute_result", {"text/plain": "42"}, execution_count=1)),
            ran(
                "hand on",
                shown(**{"application/vnd.qieval.page+json": {}, "text/plain": "for programs"}),
                shown(**{"application/x-unknown": "mystery"}),
            ),
        ]
    )


def test_the_frame_is_accessible(notebook: NotebookNode) -> None:
    document = page(notebook, record())
    outline = Outline(document)
    assert document.startswith("<!DOCTYPE html>")
    assert outline.all("html")[0]["lang"] == "en-GB"
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(outline.headings))
    assert outline.all("a")[0] == {"class": "qi-skip", "href": "#main"}
    assert outline.all("main")[0]["id"] == "main"
    assert "width=device-width" in document
    assert "<title>Alder &lt;ward&gt;: Interrupted time series</title>" in document
    assert all("open" not in attributes for attributes in outline.all("details"))


def test_nothing_comes_from_elsewhere_and_nothing_runs(notebook: NotebookNode) -> None:
    document = page(notebook, record())
    outline = Outline(document)
    assert not outline.all("script")
    assert not outline.all("link")
    assert not outline.all("iframe")
    assert "http:" not in document
    assert "https:" not in document
    assert "@import" not in document
    assert all(str(image["src"]).startswith("data:") for image in outline.all("img"))
    policy = next(m["content"] for m in outline.all("meta") if "Content-Security" in str(m))
    assert "default-src 'none'" in str(policy)
    assert "script-src" not in str(policy)


def test_the_finding_is_the_h1_and_the_openings_title_stands_above_it(
    notebook: NotebookNode,
) -> None:
    document = page(notebook, record())
    assert '<h1 class="qi-headline">Bed days fell by 12 a month (4 to 20)</h1>' in document
    assert '<p class="qi-title">Report</p>' in document
    assert "<h2>Own</h2>" in document
    assert "The general title" not in document


def test_without_a_finding_the_title_is_the_h1(notebook: NotebookNode) -> None:
    nothing = record(headline="")
    assert "<h1>Report</h1>" in page(notebook, nothing)
    del notebook.cells[4]
    assert "<h1>The general title</h1>" in page(notebook, nothing)
    del notebook.cells[0]
    assert "<h1>Interrupted time series</h1>" in page(notebook, nothing)


def test_what_outputs_say_is_shown_and_what_is_for_programs_is_not(notebook: NotebookNode) -> None:
    document = page(notebook, record())
    assert "said aloud &amp; &lt;clear&gt;" in document
    assert "\x1b" not in document
    assert '<pre class="qi-text" tabindex="0">42</pre>' in document
    assert "a warning" not in document
    assert "for programs" not in document
    assert "mystery" not in document
    assert "&lt;Figure&gt;" not in document


def test_code_is_behind_a_closed_door_and_escaped(notebook: NotebookNode) -> None:
    document = page(notebook, record())
    assert "<code>b = &#39;&lt;b&gt;&#39; # &amp; so on</code>" in document
    assert document.count("How this was worked out: code") == 1
    assert "<p>Step 1</p>" in document
    assert "<p>Step 5</p>" in document
    assert document.index("Step 1") > document.index("said aloud")


def test_every_table_has_a_box_that_scrolls_by_keyboard(notebook: NotebookNode) -> None:
    boxes = [box for box in Outline(page(notebook, record())).all("div") if "role" in box]
    assert boxes == [
        {"class": "qi-table-box", "role": "group", "tabindex": "0", "aria-label": "A & B"}
    ]


def test_our_blocks_stand_as_they_showed_themselves(notebook: NotebookNode) -> None:
    view = qi.report.estimates(shape("60 months"))
    notebook.cells[6].outputs = [ours(view)]
    assert view.html in page(notebook, record())


def test_the_same_page_of_another_result(notebook: NotebookNode) -> None:
    """What `share` does with a released result: the same blocks, other figures."""
    first, second = shape("60 months"), shape("described")
    notebook.cells[6].outputs = [ours(qi.report.estimates(first)), ours(qi.report.headline(first))]
    shared = Shared(Site("../"), lambda *asked: qi.report.show(*asked).html)
    document = page(notebook, record(headline=first.headline()), second, shared)
    assert qi.report.estimates(second).html in document
    assert qi.report.estimates(first).html not in document
    assert first.headline() not in document
    assert document.count(f'<h1 class="qi-headline">{second.headline()}</h1>') == 1


def test_own_cells_keep_their_place_before_between_and_after_ours() -> None:
    limits = qi.report.show(Limits(("One ward.",)), shape("60 months"))
    cells = [
        ran("print", printed("printed before")),
        ran("opening", opening(title="T")),
        v4.new_markdown_cell("Markdown between."),
        ran("more", shown(html="<h3>Own table</h3><table><tr><td>7</td></tr></table>")),
        ran("limits", ours(limits), printed("printed after")),
        ran("picture", shown(png=PIXEL), shown(markdown="**Bold** words <script>x</script>")),
    ]
    body = page(v4.new_notebook(cells=cells), record()).partition('id="main"')[2]
    order = [
        '<p class="qi-title">T</p>',
        "printed before",
        "Markdown between.",
        "Own table</h2>",
        '<section class="qi-limits">',
        "printed after",
        "data:image/png;base64,",
        "<strong>Bold</strong> words &lt;script&gt;",
    ]
    places = [body.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert('bad')</script>",
        "<img src=x onerror=\"alert('bad')\">",
        "<a href=\"javascript:alert('bad')\">go</a>",
        "<a href=\"data:text/html,alert('bad')\">go</a>",
        "<svg><script>alert('bad')</script></svg>",
        '<iframe src="https://bad.example"></iframe>',
        "<style>@import 'https://bad.example'; bad {}</style>",
        '<p style="background: url(https://bad.example)" onclick="bad()">words</p>',
        '<img src="https://bad.example/track.png" alt="picture">',
        "<table><tr><td><script>bad()</script></td></tr></table>",
    ],
)
def test_foreign_html_loads_and_runs_nothing(html: str) -> None:
    cells = [ran("own", shown(html=f"<p>before</p>{html}<p>after</p>"))]
    body = page(v4.new_notebook(cells=cells), record()).partition('id="main"')[2]
    shown_part = body.partition('<details class="qi-code">')[0]
    assert "bad" not in shown_part
    assert "<p>before</p>" in shown_part
    assert "<p>after</p>" in shown_part


def test_pictures_have_the_text_that_the_notebook_gives(notebook: NotebookNode) -> None:
    assert Outline(page(notebook, record())).all("img")[0]["alt"] == NO_ALT
    notebook.cells[4].metadata["alt"] = 'Bed days "fell"'
    assert Outline(page(notebook, record())).all("img")[0]["alt"] == 'Bed days "fell"'


def test_question_verdict_finding_and_aim_stand_at_the_top_once(notebook: NotebookNode) -> None:
    finding = Finding(qi.report.page.completeness_of(PASSPORT))
    view = qi.report.show(finding, shape("60 months"))
    notebook.cells[4].outputs = [
        opening(title="T", question="Did they < fall?", aim="Aim: fewer.", background="Why so."),
        ours(view),
    ]
    aim = AimVerdict("reached", "Fewer", because="9 a month in March, aim 10.")
    known = record(verdict=Verdict("improved", aim=aim))
    body = page(notebook, known).partition('id="main"')[2]
    in_order = ['<p class="qi-title">T</p>', "Improved</strong>", "Bed days fell by 12"]
    in_order += ["Aim reached: 9 a month", "Why this was", "Rests on 55 of 60 months"]
    in_order += ["About this project", "Did they &lt; fall?", "Aim: fewer.", "Why so."]
    assert [body.count(text) for text in in_order] == [1] * len(in_order)
    places = [body.index(text) for text in in_order]
    assert places == sorted(places)


@pytest.mark.parametrize("kind", ["improved", "worse", "changed", "no clear change", "described"])
def test_a_verdict_is_a_word_and_a_shape_beside_its_colour(
    notebook: NotebookNode, kind: Any
) -> None:
    for alone in (None, False):
        verdict = Verdict(kind, "with reservations", alone)
        document = page(notebook, record(verdict=verdict))
        badge = document.partition('<p class="qi-verdict')[2].partition("</p>")[0]
        assert VERDICT_SHAPES[verdict.state] in badge
        assert verdict.state[1:] in badge
        assert "with reservations" in badge
    assert len(set(VERDICT_SHAPES.values())) == len(VERDICT_SHAPES)


def test_what_is_for_the_analyst_stays_out_and_background_comes_last(
    notebook: NotebookNode,
) -> None:
    notebook.cells[5].metadata["tags"] = ["analyst"]  # "Next"
    notebook.cells[6].metadata["tags"] = ["analyst"]  # 42
    notebook.cells[3].metadata["tags"] = ["background"]
    notebook.cells[4].metadata["tags"] = ["background"]
    notebook.cells.append(v4.new_markdown_cell("The answer."))
    body = page(notebook, record()).partition('id="main"')[2]
    assert "Next" not in body
    assert ">42</pre>" not in body
    assert "<code>42</code>" in body  # its code is kept
    assert body.index("The answer.") < body.index("Too deep") < body.index("said aloud")


def test_simulated_data_are_labelled_on_every_page(notebook: NotebookNode) -> None:
    assert "Simulated data." in page(notebook, record(simulated=True))
    assert "imulated" not in page(notebook, record()).partition("</style>")[2]


def test_the_footer_says_whose_data_when_and_by_what(notebook: NotebookNode) -> None:
    footer = page(notebook, record()).partition('class="qi-foot"')[2]
    assert "Data: a publisher &amp; others" in footer
    assert "Made on 5 March 2026 with qieval" in footer


REFUSED = Reason(
    "CannotEvaluate",
    "There are too few months.\nFound: 2 in `bed_days`\nWhat to do: Give 3.",
    "Analyse (code cell 4)",
)


def stopped(notebook: NotebookNode) -> NotebookNode:
    trace = ["\x1b[31mTraceback\x1b[0m (most recent call last)", 'File "/home/me/x.py"']
    error = v4.new_output("error", ename="E", evalue="too few", traceback=trace)
    notebook.cells[4].outputs = [error]
    notebook.cells[6].execution_count = None
    notebook.cells[7].execution_count = None
    return notebook


def test_a_refusal_says_why_in_words(notebook: NotebookNode) -> None:
    document = page(stopped(notebook), record(status="not evaluated", headline="", reason=REFUSED))
    assert "Not evaluated</h2>" in document
    assert "<p>There are too few months.</p>" in document
    assert "<strong>Found:</strong> 2 in <code>bed_days</code>" in document
    assert "<strong>What to do:</strong> Give 3." in document
    assert "It stopped here" in document
    assert "Traceback" not in document
    assert "/home/me" not in document
    assert "\x1b" not in document
    assert "<h2>Next" not in document
    assert 'id="Next"' not in document
    assert Outline(document).headings.count(1) == 1


def test_a_failure_says_that_it_failed_and_which_kind_of_error(notebook: NotebookNode) -> None:
    reason = Reason("ZeroDivisionError", "division by <zero>", "Analyse (code cell 4)")
    document = page(stopped(notebook), record(status="failed", headline="", reason=reason))
    assert "This evaluation failed</h2>" in document
    assert "division by &lt;zero&gt;" in document
    assert "Kind of error: <code>ZeroDivisionError</code>" in document
    assert "Where: Analyse (code cell 4)." in document
    assert "Traceback" not in document


def test_a_notebook_that_was_never_written_still_has_a_page() -> None:
    reason = Reason("RunError", "The notebook's Python ended without a word.")
    document = page(v4.new_notebook(), record(status="failed", headline="", reason=reason))
    assert "<h1>Interrupted time series</h1>" in document
    assert "ended without a word" in document
    assert "Kind of error" not in document


def test_making_a_page_leaves_the_notebook_as_it_is(notebook: NotebookNode) -> None:
    before = str(notebook)
    page(notebook, record())
    assert str(notebook) == before


def test_a_notebook_that_is_not_ours_is_named_on_its_page(notebook: NotebookNode) -> None:
    words = "a notebook of the team's own"
    assert words not in page(notebook, record())
    assert words in page(notebook, record(own_notebook=True))
