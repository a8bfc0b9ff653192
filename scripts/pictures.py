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


def take(browser: Browser, page: Path, name: str, width: int, height: int) -> None:
    """One picture, of few colours."""
    shown = browser.new_page(viewport={"width": width, "height": height})
    shown.goto(page.as_uri())
    taken = Image.open(io.BytesIO(shown.screenshot()))
    shown.close()
    few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


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
            take(browser, made, "tutorial_page", 900, 760)
            take(browser, session.folder / "site" / "index.html", "tutorial_site", 400, 700)
        if "readme" in asked:
            session = Session()
            shutil.copytree(OUTPUTS, session.folder / "outputs")
            session.run("console run", "$ qieval share outputs/closing-the-gap")
            for name, page in README.items():
                take(browser, session.folder / page, name, 1000, 1000)
        browser.close()


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
