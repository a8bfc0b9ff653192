"""The table of measures: icons with names, words beside them, nothing by colour alone."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from qieval.charts.icons import assurance, sparkline, svg_of, variation
from qieval.core.errors import ParameterError
from qieval.report import measures_table
from tests.charts.spc_series import control, shape, values

SVG = "{http://www.w3.org/2000/svg}"


def bare(icon: str) -> str:
    """Shapes and letters of an icon without its colours and names."""
    root = ElementTree.fromstring(icon)
    parts = []
    for each in root.iter():
        if each.tag != f"{SVG}title":
            kept = {k: v for k, v in each.attrib.items() if k not in ("fill", "stroke")}
            kept.pop("aria-label", None)
            parts.append((each.tag, tuple(sorted(kept.items())), each.text))
    return repr(parts)


def test_icons_differ_without_their_colours_and_carry_a_name():
    kinds = ["improvement", "concern", "neutral"]
    icons = [svg_of(variation("common_cause"))]
    icons += [svg_of(variation(kind, high)) for kind in kinds for high in (True, False)]
    icons += [svg_of(assurance(kind)) for kind in ("pass", "fail", "hit_or_miss")]
    assert len({bare(icon) for icon in icons}) == len(icons)
    for icon in icons:
        root = ElementTree.fromstring(icon)
        assert root.get("role") == "img"
        title = root.find(f"{SVG}title")
        assert title is not None
        assert title.text == root.get("aria-label")


def test_the_name_of_an_icon_says_improvement_and_side():
    assert "improvement (low)" in svg_of(variation("improvement", high=False))
    assert "concern (high)" in svg_of(variation("concern", high=True))


@pytest.mark.parametrize("icon", [variation, assurance])
def test_an_unknown_icon_is_refused(icon):
    with pytest.raises(ParameterError, match="Unknown kind"):
        icon("good")


def test_a_sparkline_breaks_at_gaps_and_escapes_its_words():
    line = sparkline([1, 2, float("nan"), 3, 4], ["common_cause"] * 5, None, "<5 & more")
    assert len(ElementTree.fromstring(line).findall(f"{SVG}path")) == 2
    assert "&lt;5 &amp; more" in line


def test_a_row_says_latest_target_variation_and_assurance_in_words():
    shown = measures_table(
        {
            "Bed days": control(target=20),
            "Waits": shape("p, target"),
            "Falls": shape("g"),
            "Level": control(values(shift=0, seed=8), target=40),
        }
    )
    assert shown.html.count('<th scope="row">') == 4
    assert shown.html.count("<svg") == 4 + 3 + 4  # a chart without a target has no assurance
    for words in (
        "Improvement (low)",
        "Met at times, by chance",
        "Consistently missed",
        "Consistently met",
        "No target to judge",
        "December 2019",
    ):
        assert words in shown.text


def test_a_chart_with_groups_has_a_row_each():
    shown = measures_table(shape("i, wards"))
    assert shown.html.count('<th scope="row">') == 2
    assert "Occupied bed days: Ward 0, the northern network" in shown.text


def test_names_are_escaped():
    assert "&lt;b&gt;" in measures_table({"<b>": control()}).html
