"""The documentation in a real browser, from the disk: accessibility by axe-core, and the search."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import faults

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KINDS = {
    "start": "index.html",
    "tutorial": "tutorial.html",
    "charts": "boards.html",
    "list": "evaluations/index.html",
    "evaluation": "evaluations/run_chart.html",
    "sheets": "data_formats.html",
    "tables": "parameters.html",
    "methods": "methods/spc.html",
    "decision": "decisions/0012-one-house.html",
    "transcript": "newcomer.html",
}


def show(page: Page, documentation: Path, kind: str, width: int) -> Page:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((documentation / KINDS[kind]).as_uri())
    expect(page.locator(".md-search[aria-label]")).to_have_count(1)  # site.js has run
    return page


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(chromium_page: Page, documentation: Path, kind: str, width: int) -> None:
    shown = show(chromium_page, documentation, kind, width)
    shown.wait_for_timeout(300)  # the theme wraps wide tables after the page has loaded
    assert faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_finds_without_a_server(chromium_page: Page, documentation: Path) -> None:
    shown = show(chromium_page, documentation, "start", 1280)
    shown.locator(".md-search__input").click()
    shown.keyboard.type("overdispersion")
    first = shown.locator(".md-search-result__item").first
    expect(first).to_contain_text("verdispersion", timeout=20_000)
