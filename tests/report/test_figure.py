"""A figure for everyone: two shapes, alt text, the data as a table, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

import qieval as qi
from qieval.charts.style import STYLE
from qieval.intake.origin import Origin
from qieval.report import figure
from qieval.report.figure import PHONE_BELOW
from tests.analysis.its.simulated import monthly
from tests.charts.series import shape
from tests.report.parsed import Parsed, rows_of_table

ORIGIN = Origin("Beds.csv", attribution="Beds of <Alder> & others")
SIMULATED = Origin("Example", attribution="Simulated with qieval", simulated=True)


@pytest.fixture(scope="module")
def shown():
    return figure(shape("60 months"), ORIGIN)


def pictures(html: str) -> list[str]:
    """The pictures as SVG text, page first."""
    parsed = Parsed(html)
    addresses = [parsed.one("img")["src"], parsed.one("source")["srcset"]]
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    return [base64.b64decode(address.partition(",")[2]).decode() for address in addresses]


# ---- the element -------------------------------------------------------------------------------


def test_one_figure_with_one_picture_of_two_shapes(shown):
    parsed = Parsed(shown.html)
    assert parsed.one("figure").css == ["qi-figure"]
    assert parsed.one("figure").children == ["picture", "figcaption"]
    assert parsed.one("picture").children == ["source", "img"]
    assert parsed.one("source")["media"] == f"(max-width: {PHONE_BELOW}px)"


def test_the_alt_text_is_the_results_own(shown):
    assert Parsed(shown.html).one("img")["alt"] == shape("60 months").alt_text()
    table = shape("60 months").table("points")
    assert shown.text.splitlines()[:2] == [
        f"Figure: {shape('60 months').alt_text()}",
        table.caption,
    ]
    assert shown.text.endswith(table.to_text())


@pytest.mark.parametrize("view", ["spread", "diagnostics"])
def test_a_further_view_has_its_words_and_no_table(view):
    result = shape("60 months")
    shown = figure(result, ORIGIN, view=view)
    parsed = Parsed(shown.html)
    assert parsed.one("img")["alt"] == " ".join(result.view_words(view))
    assert not parsed.all("figcaption")
    assert not parsed.all("table")


def test_words_of_the_team_cannot_break_the_page():
    words = {"outcome": 'Beds "<b>"', "change": "the <script> & review", "setting": "A & B"}
    result = qi.interrupted_time_series(
        monthly(), value="bed_days", intervention="2020-01-01", **words
    )
    parsed = Parsed(figure(result, ORIGIN).html)
    assert not parsed.all("script")
    assert not parsed.all("b")
    assert 'beds "<b>" for A & B' in parsed.one("img")["alt"]
    assert 'Beds "<b>" (bed days)' in [head.text for head in parsed.all("th")]


# ---- the data ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["60 months", "described", "missing months", "counts"])
def test_the_data_stand_in_a_table_behind_a_door(name):
    result = shape(name)
    parsed = Parsed(figure(result).html)
    assert parsed.one("summary").text == "The data behind this figure"
    table = parsed.one("table")
    assert table.parents[:3] == ("figure", "figcaption", "details")
    scopes = [head["scope"] for head in parsed.all("th")]
    assert scopes.count("row") == len(result.points)
    table = result.table("points")
    cells = rows_of_table(parsed)
    assert cells[0] == [column.head for column in table.shown]
    assert cells[1:] == [
        list(row) for row in zip(*(column.cells for column in table.shown), strict=True)
    ]


# ---- the pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["60 months", "counts", "two and five events"])
def test_the_same_result_gives_the_same_bytes(name):
    assert figure(shape(name), ORIGIN).html == figure(shape(name), ORIGIN).html


def test_another_python_draws_the_same_bytes(repository):
    """What a batch drew yesterday is what it draws today, whatever the order of sets."""
    code = (
        "import hashlib\n"
        "from qieval.report import figure\n"
        "from tests.charts.series import shape\n"
        "html = figure(shape('two and five events')).html\n"
        "print(hashlib.sha256(html.encode()).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(repository)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    here = figure(shape("two and five events")).html
    assert done.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_the_views_are_the_same_bytes_too():
    for view in ("spread", "diagnostics"):
        first, again = (figure(shape("60 months"), view=view).html for _ in range(2))
        assert first == again


def test_the_pictures_are_svg_that_needs_nothing_from_elsewhere(shown):
    for picture in pictures(shown.html):
        root = ET.fromstring(picture)
        assert root.tag.endswith("svg")
        addresses = re.findall(r'(?:href|url)\s*[=(]\s*["\']?([^"\')]+)', picture)
        assert all(address.startswith("#") for address in addresses)
        assert "<script" not in picture
        assert "<text" not in picture  # letters are drawn: no font is asked for
        assert "<metadata" not in picture
        assert not re.search(r"20\d\d-\d\d-\d\dT", picture)


def test_the_phones_picture_is_narrow_and_the_pages_wide(shown):
    wide, narrow = (
        [float(side) for side in re.search(r'viewBox="0 0 (\S+) (\S+)"', picture).groups()]
        for picture in pictures(shown.html)
    )
    assert wide[0] > wide[1]
    assert narrow[1] > narrow[0]
    assert narrow[0] == pytest.approx(4.1 * 72, rel=0.01)


def test_no_path_of_this_computer_is_in_it(shown, repository):
    everything = shown.html + shown.text + "".join(pictures(shown.html))
    assert str(repository) not in everything
    assert str(repository.home()) not in everything


def test_the_source_stands_in_the_picture_itself_and_simulated_data_are_labelled(monkeypatch):
    monkeypatch.setitem(STYLE, "svg.fonttype", "none")  # letters as text, to be read here

    def said(origin):
        found = []
        for picture in pictures(figure(shape("described"), origin).html):
            words = [
                each.text for each in ET.fromstring(picture).iter() if each.tag.endswith("}text")
            ]
            found.append(" ".join(filter(None, words)).partition("start at zero. ")[2])
        assert found[0] == found[1]  # page and phone
        return found[0]

    assert said(SIMULATED) == "SIMULATED DATA, not real patients. Source: Simulated with qieval"
    assert said(ORIGIN) == "Source: Beds of <Alder> & others"
    assert said(Origin("Beds.csv")) == "Source: Beds.csv"
    assert said(None) == ""


def test_nothing_is_left_open():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figure(shape("60 months"))
    assert plt.get_fignums() == before
