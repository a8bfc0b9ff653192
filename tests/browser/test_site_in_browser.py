"""The site in a real browser: accessibility by axe-core, search, keyboard, phone, dark, print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from qieval.share import site as sites
from tests.browser.conftest import OPEN_ALL, faults
from tests.share.test_site import ITS, PROGRAMME, STAMP, published

pytestmark = pytest.mark.browser

PHONE, DESKTOP, HIGH = 360, 1280, 800
KINDS = {
    "programme": "index.html",
    "all": "evaluations.html",
    "accessibility": "accessibility.html",
    "network": "networks/01-hill.html",
    "project": "small/alder/index.html",
    "evaluation": ITS,
    "refused": "small/birch/interrupted_time_series.html",
    "failed": "small/cedar/interrupted_time_series.html",
    "roll-up": "small/whole/programme.html",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a page of every type."""
    to = tmp_path_factory.mktemp("site")
    sites.write_site(to, PROGRAMME, published(), stamp=STAMP)
    return to


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def show(page: Page, folder: Path, kind: str, width: int = DESKTOP) -> Page:
    page.set_viewport_size({"width": width, "height": HIGH})
    page.goto((folder / KINDS[kind]).as_uri())
    return page


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(chromium_page: Page, folder: Path, kind: str, width: int) -> None:
    assert faults(show(chromium_page, folder, kind, width)) == []


@pytest.mark.parametrize("kind", ["programme", "project", "evaluation", "all"])
def test_axe_finds_nothing_in_the_dark(chromium_page: Page, folder: Path, kind: str) -> None:
    chromium_page.emulate_media(color_scheme="dark")
    assert faults(show(chromium_page, folder, kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_scrolls_sideways_on_a_narrow_phone(
    chromium_page: Page, folder: Path, kind: str
) -> None:
    shown = show(chromium_page, folder, kind, 320)
    shown.evaluate(OPEN_ALL)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 320


def test_finding_and_top_of_the_figure_are_on_a_phones_first_screen(
    chromium_page: Page, folder: Path
) -> None:
    shown = show(chromium_page, folder, "evaluation", PHONE)
    assert shown.locator("h1").evaluate("e => e.getBoundingClientRect().bottom") < HIGH
    assert shown.locator(".qi-figure").first.evaluate("e => e.getBoundingClientRect().top") < 700


def test_the_programme_answers_on_one_screen(chromium_page: Page, folder: Path) -> None:
    shown = show(chromium_page, folder, "programme")
    bottom = "e => e.getBoundingClientRect().bottom"
    assert shown.locator(".qi-tiles").evaluate(bottom) < HIGH
    assert shown.locator(".qi-answers").evaluate(bottom) < HIGH


def test_the_list_is_searched_and_narrowed_by_keyboard(chromium_page: Page, folder: Path) -> None:
    shown = show(chromium_page, folder, "all")
    entries, told = shown.locator("[data-find]:visible"), shown.locator("output")
    count = len(published())
    assert entries.count() == count
    assert told.inner_text() == f"{count} of {count} shown"
    for _ in range(4):  # skip link, programme, all evaluations, words
        shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.name") == "words"
    shown.keyboard.type("months BIRCH")  # words of the project count too
    assert entries.count() == 1
    assert told.inner_text() == f"1 of {count} shown"
    assert shown.locator("section:visible h2").all_inner_texts() == ["Birch"]
    shown.get_by_role("button", name="Show all").press("Enter")
    expect(shown.locator("[data-find]:not([hidden])")).to_have_count(count)
    shown.get_by_label("Finding", exact=True).select_option("failed")
    assert entries.count() == 1


def test_without_a_script_everything_can_be_read(without_script: Page, folder: Path) -> None:
    shown = show(without_script, folder, "all")
    assert shown.locator("[data-find]:visible").count() == len(published())
    assert not shown.locator("form").is_visible()
    shown = show(without_script, folder, "evaluation")
    shown.get_by_text("This finding as text").click()
    assert shown.locator("#qi-as-text").is_visible()
    assert not shown.locator(".qi-copy").is_visible()


def test_a_finding_is_copied_as_text(chromium_page: Page, folder: Path) -> None:
    chromium_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = show(chromium_page, folder, "evaluation")
    shown.get_by_text("This finding as text").click()
    shown.get_by_role("button", name="Copy the text").click()
    shown.get_by_text("Copied.").wait_for()
    copied = shown.evaluate("navigator.clipboard.readText()")
    assert shown.locator("h1").inner_text() in copied
    assert STAMP in copied


def test_a_table_is_one_stop(chromium_page: Page, folder: Path) -> None:
    shown = show(chromium_page, folder, "evaluation")
    shown.evaluate(OPEN_ALL)
    stops = (
        "[...document.querySelectorAll('table')].map(t => t.querySelectorAll('[tabindex]').length)"
    )
    assert set(shown.evaluate(stops)) == {0}
    boxes = shown.locator(".qi-table-box")
    assert boxes.count() == shown.locator("table").count()
    assert boxes.evaluate_all("all => all.every(e => e.tabIndex === 0)")


def test_links_lead_from_the_programme_to_a_project_and_back(
    chromium_page: Page, folder: Path
) -> None:
    shown = show(chromium_page, folder, "programme")
    shown.locator(".qi-matrix").get_by_role("link", name="Alder", exact=True).click()
    assert shown.locator("h1").inner_text() == "Alder"
    shown.locator(".qi-card a").first.click()
    assert shown.locator(".qi-figure").first.is_visible()
    shown.locator(".qi-top-name a").click()
    assert shown.url.endswith("/index.html")
    assert shown.locator(".qi-matrix").is_visible()


def test_in_forced_colours_marks_keep_an_edge(chromium_page: Page, folder: Path) -> None:
    chromium_page.emulate_media(forced_colors="active")
    shown = show(chromium_page, folder, "programme")
    width = "e => parseFloat(getComputedStyle(e).borderTopWidth)"
    assert shown.locator(".qi-mark").first.evaluate(width) >= 1
    assert shown.locator(".qi-tile").first.evaluate(width) >= 1


A4_WIDTH, A4_HEIGHT = 688, 1017
"""CSS pixels of a page of A4 within its margins of 14 mm."""


def test_on_paper_the_first_page_holds_answer_and_figure(chromium_page: Page, folder: Path) -> None:
    chromium_page.emulate_media(media="print")
    shown = show(chromium_page, folder, "evaluation", A4_WIDTH)
    figure = shown.locator(".qi-figure svg").first
    assert figure.evaluate("e => e.getBoundingClientRect().bottom") < A4_HEIGHT
    assert shown.locator("h1").is_visible()
    assert not shown.locator(".qi-skip, .qi-crumbs, .qi-as-text").first.is_visible()
