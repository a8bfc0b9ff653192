"""A real Chromium, for what only a browser can tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from qieval.batch.doctor import browser_here

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browser_here()
    if path is None:
        pytest.skip(
            "NEEDS a browser: no Chromium, Chrome or Edge was found. "
            "Install one (`apt-get install chromium`) to test the pages for real."
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def chromium_page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test if anything is asked of the network."""
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    outside = [address for address in asked if not address.startswith(("file:", "data:"))]
    assert not outside, f"the page asked for {outside}"


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = "document.querySelectorAll('details').forEach(door => door.open = true)"


def faults(page: Page) -> list[str]:
    """What axe-core finds on a page, everything opened."""
    page.evaluate(OPEN_ALL)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
