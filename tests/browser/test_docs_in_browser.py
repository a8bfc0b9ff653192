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


ON_A_PHONE = ("start", "evaluation", "sheets")
"""At phone width pages differ in what is folded away: these have all of it."""


@pytest.mark.parametrize(
    ("kind", "width"), [*((kind, 1280) for kind in KINDS), *((kind, 360) for kind in ON_A_PHONE)]
)
def test_axe_finds_nothing(chromium_page: Page, documentation: Path, kind: str, width: int) -> None:
    shown = show(chromium_page, documentation, kind, width)
    shown.wait_for_timeout(300)  # the theme wraps wide tables after the page has loaded
    assert faults(shown) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_a_phone(chromium_page: Page, documentation: Path, kind: str) -> None:
    shown = show(chromium_page, documentation, kind, 360)
    shown.wait_for_timeout(300)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_search_finds_without_a_server(chromium_page: Page, documentation: Path) -> None:
    shown = show(chromium_page, documentation, "start", 1280)
    shown.locator(".md-search__input").click()
    shown.keyboard.type("overdispersion")
    first = shown.locator(".md-search-result__item").first
    expect(first).to_contain_text("verdispersion", timeout=20_000)
