"""Pages in a real browser: phone and desktop, keyboard, contrast, print."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode, v4
from playwright.sync_api import Page

import qieval as qi
from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.records import Reason, Record
from qieval.core.blocks import Opening
from qieval.core.verdict import AimVerdict, Verdict
from qieval.intake.origin import Origin
from qieval.share.index import write_index
from qieval.share.pages import page
from tests.analysis.programme.made import series
from tests.browser.conftest import faults
from tests.charts.series import shape
from tests.shown import bundle_of

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 375, 1280

WIDE_TABLE = (
    "<table><caption>Points</caption><thead><tr>"
    + "".join(f'<th scope="col">Column number {k}</th>' for k in range(12))
    + "</tr></thead><tbody><tr>"
    + "".join(f"<td>{k * 1000}</td>" for k in range(12))
    + "</tr></tbody></table>"
)
RESULT = shape("60 months")
ROLL_UP = qi.programme([series("alder"), series("birch", 1.0)])
RECORD = Record(
    programme="small",
    programme_name="Small programme",
    evaluation="alder/interrupted_time_series",
    title="Interrupted time series",
    project="Alder ward",
    network="Hill network",
    team="Alder ward",
    aim="Fewer bed days",
    status="done",
    finished="2026-03-05T09:00:00+00:00",
    seconds=3,
    headline=RESULT.headline(),
    verdict=Verdict(
        "improved", aim=AimVerdict("reached", because="9 bed days a day in December 2020, aim 10.")
    ),
    attribution="Data: a publisher.",
    simulated=True,
    files={"page": "alder/interrupted_time_series.html"},
)
REFUSED = Reason(
    "CannotEvaluate",
    "There are too few months.\nFound: 2 in `a_very_long_column_name_that_has_no_space_in_it`",
    "Analyse (code cell 4)",
)


def notebook() -> NotebookNode:
    long_line = "x = '" + "long " * 60 + "'"
    opening = Opening("Alder ward: occupied bed days", "Did they fall?", "Aim: fewer.", "Alder.")
    report = qi.report
    views = [
        report.show(opening),
        report.headline(RESULT),
        report.figure(RESULT, Origin("Beds", simulated=True)),
        report.estimates(RESULT),
        report.checks(RESULT),
        report.limits(RESULT, limits=["One ward, and `some_code`."]),
        report.key_findings(ROLL_UP),
    ]
    shown = [v4.new_output("display_data", bundle_of(view)) for view in views]
    printed = v4.new_output("stream", name="stdout", text="wide " * 80)
    table = v4.new_output("display_data", {"text/html": WIDE_TABLE})
    return v4.new_notebook(
        cells=[
            v4.new_code_cell(long_line, outputs=[*shown, printed], execution_count=1),
            v4.new_markdown_cell("### Further down\n\nWords."),
            v4.new_code_cell("more", outputs=[table], execution_count=2),
        ]
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages that there are, by what they show."""
    outputs = tmp_path_factory.mktemp("outputs")
    refused = replace(RECORD, status="not evaluated", headline="", verdict=None, reason=REFUSED)
    failed = replace(
        RECORD,
        status="failed",
        headline="",
        verdict=None,
        reason=Reason("KeyError", "'a' " * 40, "Read"),
    )
    kinds = {"done": RECORD, "refused": refused, "failed": failed}
    written = {}
    for kind, record in kinds.items():
        written[kind] = outputs / f"{kind}.html"
        written[kind].write_text(page(notebook(), record), encoding="utf-8")
    records = {
        kind: replace(record, evaluation=f"{kind}/interrupted_time_series")
        for kind, record in kinds.items()
    }
    run = {"not_run": ["ash/interrupted_time_series"], "problems": []}
    (outputs / "small").mkdir()
    manifest = Manifest("small", "Small programme", "To look small.", True, run, records)
    write_manifest(outputs / "small", manifest)
    written["home"], written["index"] = write_index(outputs)
    return written


KINDS = ["done", "refused", "failed", "index", "home"]


def show(chromium_page: Page, file: Path, width: int) -> Page:
    chromium_page.set_viewport_size({"width": width, "height": 800})
    chromium_page.goto(file.as_uri())
    return chromium_page


@pytest.mark.parametrize("width", [320, PHONE, DESKTOP])
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_never_scrolls_sideways(
    chromium_page: Page, files: dict[str, Path], kind: str, width: int
) -> None:
    shown = show(chromium_page, files[kind], width)
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    out = """() => [...document.querySelectorAll('main *')].filter(e =>
        !e.closest('.qi-table-box, pre, .qi-sr') && e.getBoundingClientRect().right > innerWidth + 1
    ).map(e => e.outerHTML.slice(0, 80))"""
    assert shown.evaluate(out) == []


@pytest.mark.parametrize("width", [360, DESKTOP])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(
    chromium_page: Page, files: dict[str, Path], kind: str, width: int
) -> None:
    assert faults(show(chromium_page, files[kind], width)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_h1_headings_in_order_and_alt_on_every_picture(
    chromium_page: Page, files: dict[str, Path], kind: str
) -> None:
    shown = show(chromium_page, files[kind], PHONE)
    levels = shown.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert shown.evaluate("[...document.images].every(i => i.alt && i.naturalWidth > 0)")
    assert shown.evaluate("document.documentElement.lang") == "en-GB"


# Contrast by WCAG 2.2, of every text against the nearest ground that is not see-through.
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const faults = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length) continue;
    const both = [light(parse(getComputedStyle(e).color)), light(ground(e))];
    const [a, b] = both.sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faults.push(e.outerHTML.slice(0, 80));
  }
  return faults;
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_stands_out_from_its_ground(
    chromium_page: Page, files: dict[str, Path], kind: str
) -> None:
    shown = show(chromium_page, files[kind], DESKTOP)
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert shown.evaluate(CONTRAST) == []


OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return [document.activeElement.tagName, style.outlineStyle, parseFloat(style.outlineWidth)];
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    chromium_page: Page, files: dict[str, Path], kind: str
) -> None:
    shown = show(chromium_page, files[kind], DESKTOP)
    reached = []
    for _ in range(40):
        shown.keyboard.press("Tab")
        tag, style, width = shown.evaluate(OUTLINE)
        if tag == "BODY":
            break
        assert style != "none", f"no focus to be seen on {tag}"
        assert width >= 2, f"no focus to be seen on {tag}"
        reached.append(tag)
    assert reached[0] == "A"
    if kind == "done":
        assert {"SUMMARY", "DIV", "PRE"} <= set(reached)  # doors, table boxes, wide text


def test_the_skip_link_appears_on_focus_and_leads_to_the_content(
    chromium_page: Page, files: dict[str, Path]
) -> None:
    shown = show(chromium_page, files["done"], PHONE)
    where = "document.querySelector('.qi-skip').getBoundingClientRect().bottom"
    assert shown.evaluate(where) <= 0
    shown.keyboard.press("Tab")
    assert shown.evaluate(where) > 0
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"


def test_code_is_closed_until_it_is_asked_for(chromium_page: Page, files: dict[str, Path]) -> None:
    shown = show(chromium_page, files["done"], DESKTOP)
    code = shown.locator(".qi-code pre").first
    assert not code.is_visible()
    shown.get_by_text("How this was worked out: code").click()
    assert code.is_visible()


def test_a_wide_table_scrolls_in_its_own_box(chromium_page: Page, files: dict[str, Path]) -> None:
    shown = show(chromium_page, files["done"], PHONE)
    box = shown.locator("main > .qi-output > .qi-table-box").last
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    assert box.evaluate("e => e.clientWidth") <= PHONE
    box.focus()
    shown.keyboard.press("ArrowRight")
    shown.wait_for_function("e => e.scrollLeft > 0", arg=box.element_handle())


def test_headline_and_top_of_the_figure_are_on_a_phones_first_screen(
    chromium_page: Page, files: dict[str, Path]
) -> None:
    shown = show(chromium_page, files["done"], 360)
    assert shown.locator(".qi-verdict").first.is_visible()
    top = shown.locator(".qi-figure").first.evaluate("e => e.getBoundingClientRect().top")
    assert top < 700  # of 800, the height of the screen


@pytest.mark.parametrize(("width", "most"), [(PHONE, 150), (DESKTOP, 80)])
def test_the_icon_table_has_low_rows_and_keeps_its_heads(
    chromium_page: Page, tmp_path: Path, width: int, most: int
) -> None:
    view = qi.report.measures_table(qi.control_chart(_wards(), kind="i", value="x", by="ward"))
    outputs = [v4.new_output("display_data", bundle_of(view))]
    notebook = v4.new_notebook(cells=[v4.new_code_cell("", outputs=outputs, execution_count=1)])
    (tmp_path / "icons.html").write_text(page(notebook, RECORD), encoding="utf-8")
    shown = show(chromium_page, tmp_path / "icons.html", width)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    rows = shown.locator(".qi-measures tbody tr")
    assert rows.count() == 12
    heights = [row.evaluate("e => e.getBoundingClientRect().height") for row in rows.all()]
    assert max(heights) < most
    rows.last.scroll_into_view_if_needed()
    if width == DESKTOP:
        assert shown.locator(".qi-measures thead th").first.is_visible()
        box = shown.locator(".qi-table-box").first
        assert box.evaluate("e => e.scrollWidth <= e.clientWidth")


def _wards() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    wards = [f"Ward {number} for people who stay long" for number in range(12)]
    return pd.DataFrame(
        {
            "ward": np.repeat(wards, 24),
            "period": np.tile(months, 12),
            "x": rng.normal(50, 4, 288).round(1),
        }
    )


def test_links_of_the_index_lead_to_pages(chromium_page: Page, files: dict[str, Path]) -> None:
    shown = show(chromium_page, files["home"], PHONE)
    shown.get_by_role("link", name="Small programme").click()
    assert shown.locator("h1").inner_text() == "Small programme"
    assert shown.locator(".qi-card").count() == 3


def test_print_leaves_out_what_paper_cannot_do(chromium_page: Page, files: dict[str, Path]) -> None:
    shown = show(chromium_page, files["done"], DESKTOP)
    shown.emulate_media(media="print")
    assert not shown.locator(".qi-code").is_visible()
    assert not shown.locator(".qi-skip").is_visible()
    assert shown.locator(".qi-headline").is_visible()
    assert shown.locator(".qi-simulated-banner").is_visible()
