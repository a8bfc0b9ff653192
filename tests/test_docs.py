"""The site of the documentation: a page for every evaluation, examples that run, live links."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from qieval.catalogue import EVALUATIONS
from scripts import docs_site, sheets

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("The data", "How to run it", "Reading the page", "Limits", "Parameters")


@pytest.fixture(scope="session")
def pages(documentation: Path) -> dict[Path, BeautifulSoup]:
    return {
        file: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for file in documentation.rglob("*.html")
    }


@pytest.mark.slow
def test_every_link_of_the_site_leads_to_a_page_and_a_place_on_it(pages, documentation):
    places = {file: {tag["id"] for tag in soup.select("[id]")} for file, soup in pages.items()}
    dead, count = [], 0
    for file, soup in pages.items():
        for tag in soup.select("a[href], img[src], script[src], link[href]"):
            to = tag.get("href") or tag.get("src")
            if to.startswith(("data:", "mailto:")):
                continue
            if re.match(r"[a-z]+:", to):  # a reader may follow it; nothing may be fetched from it
                if tag.name != "a":
                    dead.append(f"{file.relative_to(documentation)} fetches {to}")
                continue
            count += 1
            path, _, place = to.partition("#")
            target = (file.parent / unquote(path)).resolve() if path else file
            target = target / "index.html" if target.is_dir() else target
            missing = not target.is_file() or (
                place and target in places and unquote(place) not in places[target]
            )
            if missing:
                dead.append(f"{file.relative_to(documentation)} → {to}")
    assert count > 1000
    assert dead == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EVALUATIONS)
def test_every_evaluation_has_its_page(name, pages, documentation):
    soup = pages[documentation / "evaluations" / f"{name}.html"]
    headings = [heading.get_text() for heading in soup.select("h2")]
    assert [heading for heading in SECTIONS if heading in headings] == list(SECTIONS)
    for heading in soup.select("h2"):
        told = heading.find_next_sibling()
        assert told is not None, heading
        assert told.name != "h2", f"nothing stands under “{heading.get_text()}”"
    assert soup.select_one(".finding").get_text(strip=True)
    (figure,) = soup.select("article .figure [role=img]")
    assert len(figure["aria-label"]) > 60
    assert figure.select("svg text")
    assert soup.select_one('article a[href^="../examples/"]') is not None


@pytest.mark.slow
def test_what_examples_say_stands_below_them(pages, documentation):
    start = pages[documentation / "index.html"].select_one("pre.output").get_text()
    assert "lower than expected" in start
    assert "2 evaluations: 2 evaluated." in pages[documentation / "tutorial.html"].get_text()


def test_an_example_that_fails_is_an_error():
    with pytest.raises(ZeroDivisionError):
        docs_site.executed("```python run\n1 / 0\n```\n")
    with pytest.raises(ValueError, match="ended with"):
        docs_site.executed("```console run\n$ qieval check params/nowhere\n```\n")
    with pytest.raises(ValueError, match="0 lines"):
        docs_site.executed("```yaml in qieval.toml\nnever_there: 1\n```\n")


def test_the_sheets_are_asked_what_the_page_says():
    written, pictures = sheets.section()
    due = "docs/data_formats.md is behind; run `make generated`."
    assert written in sheets.PAGE.read_text(encoding="utf-8"), due
    assert len(pictures) == 10
    for name, picture in pictures.items():
        assert (sheets.PICTURES / name).read_text(encoding="utf-8") == picture, due


def test_readme_names_every_evaluation():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in EVALUATIONS if f"| `{name}` |" not in readme] == []


LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_of_pages_outside_the_site(name):
    links = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
    ours = [link for link in links if not re.match("[a-z]+:", link)]
    assert [link for link in ours if not (ROOT / link).exists()] == []
