"""Figures in a real browser: whole and apart in every common font, searchable, one to a picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from qieval.report.figure import figure_html
from tests.charts.series import shape
from tests.charts.spc_series import control, cycles, run

pytestmark = pytest.mark.browser

FONTS = ["Liberation Sans", "DejaVu Sans", "DejaVu Serif"]
"""As wide as Arial; an eighth wider, as Verdana is; and one that no figure asks for."""
WIDTHS = {"page": 1280, "phone": 360}
MADE = {
    "time series": lambda: figure_html(shape("two and five events")),
    "long names": lambda: figure_html(shape("long names")),
    "spread": lambda: figure_html(shape("60 months"), view="spread"),
    "diagnostics": lambda: figure_html(shape("60 months"), view="diagnostics"),
    "run chart": lambda: figure_html(run(events=cycles([4, 9, 20, 30]))),
    "control chart": lambda: figure_html(control(target=20)),
}


@cache
def figures() -> dict[str, str]:
    return {name: make() for name, make in MADE.items()}


def document(html: str, font: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Figure</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\"><style>body{margin:16px}"
        f'.qi-chart svg{{font-family:"{font}"!important}}</style></head><body>{html}</body></html>'
    )


# Boxes of all lines of words in the shape that is shown, and the shape's own.
BOXES = """() => {
  const box = e => {
    const b = e.getBoundingClientRect()
    return [b.left, b.top, b.right, b.bottom]
  }
  const seen = [...document.querySelectorAll('svg')].filter(s => s.getClientRects().length)
  const lines = s => [...s.querySelectorAll('text')].map(t => [t.textContent, ...box(t)])
  return seen.map(s => [box(s), lines(s)])
}"""


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name", MADE)
def test_words_are_whole_and_none_lies_on_another(
    chromium_page: Page, tmp_path: Path, name: str, font: str, size: str
) -> None:
    file = tmp_path / "figure.html"
    file.write_text(document(figures()[name], font), encoding="utf-8")
    chromium_page.set_viewport_size({"width": WIDTHS[size], "height": 800})
    chromium_page.goto(file.as_uri())
    ((left, top, right, bottom), texts) = chromium_page.evaluate(BOXES)[0]
    assert len(texts) > 5
    lines = []
    for words, x0, y0, x1, y1 in texts:
        assert left <= x0 <= x1 <= right + 0.5, f"{words!r} leaves the figure"
        assert top <= y0 <= y1 <= bottom + 0.5, f"{words!r} leaves the figure"
        # A box is as high as the font's tallest letters; lines stand closer than that.
        lines.append((words, x0, y0 + 0.25 * (y1 - y0), x1, y1 - 0.25 * (y1 - y0)))
    for k, (one, x0, y0, x1, y1) in enumerate(lines):
        for other, u0, v0, u1, v1 in lines[:k]:
            apart = x1 <= u0 or u1 <= x0 or y1 <= v0 or v1 <= y0
            assert apart, f"{one!r} lies on {other!r}"


@pytest.mark.parametrize("size", WIDTHS)
def test_one_shape_is_seen_and_paper_has_the_wide_one(
    chromium_page: Page, tmp_path: Path, size: str
) -> None:
    file = tmp_path / "figure.html"
    file.write_text(document("".join(figures().values()), "Arial"), encoding="utf-8")
    chromium_page.set_viewport_size({"width": WIDTHS[size], "height": 800})
    chromium_page.goto(file.as_uri())
    seen = "[...document.querySelectorAll('svg')].map(s => s.getClientRects().length > 0)"
    wide = [True, False] * len(MADE)
    assert chromium_page.evaluate(seen) == (wide if size == "page" else [not w for w in wide])
    assert chromium_page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size]
    ids = chromium_page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert ids
    assert len(set(ids)) == len(ids)
    chromium_page.emulate_media(media="print")
    assert chromium_page.evaluate(seen) == wide


def test_words_of_a_figure_can_be_found(chromium_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "figure.html"
    file.write_text(document(figures()["time series"], "Arial"), encoding="utf-8")
    chromium_page.goto(file.as_uri())
    assert chromium_page.evaluate("window.find('Expected')")
    picture = chromium_page.get_by_role("img")
    assert picture.count() == 1
    assert picture.get_attribute("aria-label") == shape("two and five events").alt_text()
