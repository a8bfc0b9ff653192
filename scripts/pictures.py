"""Take the pictures of README and tutorial: screenshots of pages that qieval has just made.

    python -m scripts.pictures [tutorial] [readme]

Needs Chromium. The tutorial is followed as its page says; README's pictures are of the example
programme and of Scotland's delayed discharges, in outputs/ (`qieval run` comes first).
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts.docs_site import FENCE, OUTPUTS, Session
from tests.browser.conftest import ARGUMENTS, chromium

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images"
COLOURS = 64
"""Of a picture's palette: pages have few, and a picture of few colours is small."""

README = {
    "programme": "site/index.html",
    "project": "site/closing-the-gap/rowan-discharge-pathway/index.html",
    "scotland": "outputs/open-data/scot-delayed-discharges/interrupted_time_series.html",
}
"""Picture → page of the shared site of the example programme, or of the outputs."""

ROLL_OUT = "outputs/closing-the-gap/acute-wards-talk-first/roll_out.html"
AROUND, GREY = 30, "#d8dfe2"
"""Pixels around the screens of the first picture, and the colour between them."""


def taken(browser: Browser, page: Path, width: int, height: int, part: str = "") -> Image.Image:
    """What a browser of this size shows of a page, or one element of it."""
    shown = browser.new_page(viewport={"width": width, "height": height})
    shown.goto(page.as_uri())
    what = shown.locator(part).locator("visible=true").first if part else shown
    picture = Image.open(io.BytesIO(what.screenshot())).convert("RGB")
    shown.close()
    return picture


def keep(picture: Image.Image, name: str) -> None:
    """One picture, of few colours."""
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def side_by_side(screens: Sequence[Image.Image]) -> Image.Image:
    """Screens of one height beside one another."""
    width = sum(screen.width for screen in screens) + AROUND * (len(screens) + 1)
    whole = Image.new("RGB", (width, screens[0].height + 2 * AROUND), GREY)
    left = AROUND
    for screen in screens:
        whole.paste(screen, (left, AROUND))
        left += screen.width + AROUND
    return whole


def main() -> None:
    """The pictures that are asked for, or all."""
    asked = sys.argv[1:] or ["tutorial", "readme"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        if "tutorial" in asked:
            session = Session()
            text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
            for kind, source in FENCE.findall(text):
                session.run(kind, source)
            made = session.folder / "outputs" / "my-programme" / "rowan-ward" / "run_chart.html"
            keep(taken(browser, made, 900, 760), "tutorial_page")
            site = session.folder / "site" / "index.html"
            keep(taken(browser, site, 400, 700), "tutorial_site")
        if "readme" in asked:
            session = Session()
            shutil.copytree(OUTPUTS, session.folder / "outputs")
            session.run("console run", "$ qieval share outputs/closing-the-gap")
            for name, page in README.items():
                keep(taken(browser, session.folder / page, 1000, 1000), name)
            real = session.folder / README["scotland"]
            keep(side_by_side([taken(browser, real, w, 1080) for w in (1100, 360)]), "page")
            keep(taken(browser, session.folder / ROLL_OUT, 760, 1000, "figure"), "roll_out")
        browser.close()


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
