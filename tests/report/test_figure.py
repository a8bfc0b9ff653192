"""A figure for everyone: two shapes, alt text, the data as a table, the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

import qieval as qi
from qieval.charts.drawing import caption_of
from qieval.charts.style import SIZES
from qieval.charts.text_width import line_width
from qieval.intake.origin import Origin
from qieval.report import figure
from qieval.report.figure import PHONE_BELOW, caption, figure_html
from tests.analysis.its.simulated import monthly
from tests.charts.series import shape
from tests.report.parsed import Parsed, rows_of_table

SVG = "{http://www.w3.org/2000/svg}"
ORIGIN = Origin("Beds.csv", attribution="Beds of <Alder> & others")
SIMULATED = Origin("Example", attribution="Simulated with qieval", simulated=True)


@pytest.fixture(scope="module")
def shown():
    return figure(shape("60 months"), ORIGIN)


def pictures(html: str) -> list[ET.Element]:
    """The shapes of a figure, page first, read as XML."""
    parts = [f"<svg{part.partition('</svg>')[0]}</svg>" for part in html.split("<svg")[1:]]
    assert len(parts) == 2
    return [ET.fromstring(part) for part in parts]


def words_in(picture: ET.Element) -> list[str]:
    """Every text of a picture."""
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


# ---- the element -------------------------------------------------------------------------------


def test_one_figure_is_one_picture_of_two_shapes_with_its_caption(shown):
    parsed = Parsed(shown.html)
    assert parsed.one("figure").css == ["qi-figure"]
    assert parsed.one("figure").children == ["div", "figcaption"]
    (chart,) = [tag for tag in parsed.tags if "qi-chart" in tag.css]
    assert chart.children == ["style", "svg", "svg"]
    assert f"max-width:{PHONE_BELOW}px" in parsed.one("style").text


def test_the_alt_text_is_the_results_own_and_said_once(shown):
    (chart,) = [tag for tag in Parsed(shown.html).tags if tag.attributes.get("role") == "img"]
    assert chart["aria-label"] == shape("60 months").alt_text()
    table = shape("60 months").table("points")
    assert shown.text.startswith(f"Figure: {shape('60 months').alt_text()}\n")
    assert caption(shape("60 months"), ORIGIN) in shown.text
    assert table.caption in shown.text
    assert shown.text.endswith(table.to_text())
    assert shown.html.count("aria-label") == 2  # the other is the name of the table's box


def test_the_figure_says_what_is_measured_and_leaves_the_finding_to_the_page(shown):
    result = shape("60 months")
    own = f"{result.params['outcome']}, {result.params['setting']}"
    for picture in pictures(shown.html):
        words = " ".join(words_in(picture))
        assert own in words
        assert result.headline() not in words
        assert not any(sentence in words for sentence in caption_of(result))


def test_a_picture_that_stands_by_itself_says_everything():
    result = shape("60 months")
    texts = result.plot().get_figure(root=True).texts
    words = " ".join(text.get_text().replace("\n", " ") for text in texts)
    assert result.headline() in words
    assert all(sentence in words for sentence in caption_of(result))


def test_the_caption_says_what_the_marks_are_and_the_source(shown):
    caption = Parsed(shown.html).one("figcaption").text
    assert caption.startswith(" ".join(caption_of(shape("60 months"))))
    assert "Source: Beds of <Alder> & others" in caption


@pytest.mark.parametrize("view", ["spread", "diagnostics"])
def test_a_further_view_has_its_words_and_no_table(view):
    result = shape("60 months")
    parsed = Parsed(figure(result, view=view).html)
    (chart,) = [tag for tag in parsed.tags if tag.attributes.get("role") == "img"]
    assert chart["aria-label"] == " ".join(result.view_words(view))
    assert not parsed.all("figcaption")
    assert not parsed.all("table")
    captioned = Parsed(figure(result, ORIGIN, view=view).html)
    assert captioned.one("figcaption").text == "Source: Beds of <Alder> & others"


def test_words_of_the_team_cannot_break_the_page():
    words = {"outcome": 'Beds "<b>"', "change": "the <script> & review", "setting": "A & B"}
    result = qi.interrupted_time_series(
        monthly(), value="bed_days", intervention="2020-01-01", **words
    )
    parsed = Parsed(figure(result, ORIGIN).html)
    assert not parsed.all("script")
    assert not parsed.all("b")
    (chart,) = [tag for tag in parsed.tags if tag.attributes.get("role") == "img"]
    assert 'beds "<b>" for A & B' in chart["aria-label"]
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


def test_the_pictures_need_nothing_from_elsewhere_and_point_to_themselves(shown):
    for picture in pictures(shown.html):
        ids = {each.get("id") for each in picture.iter()} - {None}
        pointers = [each.get("href") for each in picture.iter() if each.get("href")]
        clips = [each.get("clip-path") for each in picture.iter() if each.get("clip-path")]
        pointers += [clip.removeprefix("url(").removesuffix(")") for clip in clips]
        assert pointers
        assert {pointer.removeprefix("#") for pointer in pointers} <= ids
        assert not {each.tag.removeprefix(SVG) for each in picture.iter()} & {"script", "metadata"}
    assert not re.search(r"20\d\d-\d\d-\d\dT", shown.html)


def test_styles_are_classes_and_coordinates_have_one_decimal(shown):
    css = Parsed(shown.html).one("style").text
    for picture in pictures(shown.html):
        for each in picture.iter():
            assert "style" not in each.attrib
            for name in each.get("class", "").split():
                assert f".{name}{{" in css
        for each in picture.iter(f"{SVG}text"):
            assert all(re.fullmatch(r"-?\d*\.?\d?", each.attrib[key]) for key in ("x", "y"))


def test_every_line_of_words_is_held_to_its_measured_width(shown):
    """Whatever the reader's font, nothing gets longer than the room kept for it."""
    css = Parsed(shown.html).one("style").text
    for picture in pictures(shown.html):
        groups = {each: group for group in picture.iter() for each in group}
        longer = [each for each in picture.iter(f"{SVG}text") if len(each.text) > 4]
        assert longer
        for each in longer:
            name = each.get("class") or groups[each].get("class")
            rule = re.search(rf"\.{name}{{([^}}]*)}}", css).group(1)
            size = float(re.search(r"font-size:([\d.]+)px", rule).group(1))
            bold = "font-weight:700" in rule
            assert float(each.get("textLength")) == pytest.approx(
                line_width(each.text, size, bold=bold), abs=0.06
            )
            assert each.get("lengthAdjust") == "spacingAndGlyphs"


def test_no_two_figures_share_an_id():
    html = "".join(
        figure(shape(name), view=view).html
        for name in ("60 months", "counts", "wash-out")
        for view in (None, "spread", "diagnostics")
    )
    ids = [tag["id"] for tag in Parsed(html).tags if "id" in tag.attributes]
    assert ids
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("name", "most"), [("two and five events", 40_000), ("60 days", 30_000)])
def test_a_figure_is_small(name, most):
    assert len(figure_html(shape(name))) < most


def test_the_phones_picture_is_narrow_and_the_pages_wide(shown):
    wide, narrow = (
        [float(side) for side in picture.attrib["viewBox"].split()[2:]]
        for picture in pictures(shown.html)
    )
    assert wide[0] > wide[1]
    assert narrow[1] > narrow[0]
    assert [wide[0], narrow[0]] == [72 * SIZES[size][0] for size in ("page", "phone")]


def test_no_path_of_this_computer_is_in_it(shown, repository):
    everything = shown.html + shown.text
    assert str(repository) not in everything
    assert str(repository.home()) not in everything


def test_the_source_stands_in_the_caption_and_simulated_data_are_labelled():
    def source(origin):
        caption = Parsed(figure_html(shape("described"), origin)).one("figcaption").text
        return caption.removeprefix(" ".join(caption_of(shape("described")))).strip()

    assert source(SIMULATED) == "SIMULATED DATA, not real patients. Source: Simulated with qieval"
    assert source(ORIGIN) == "Source: Beds of <Alder> & others"
    assert source(Origin("Beds.csv")) == "Source: Beds.csv"
    assert source(None) == ""


def test_nothing_is_left_open():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figure(shape("60 months"))
    assert plt.get_fignums() == before
