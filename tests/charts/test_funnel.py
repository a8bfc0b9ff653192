"""The funnel: every unit there, limits through the right places, no words on marks or words."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

import qieval as qi
from qieval.charts import draw
from qieval.core.errors import ParameterError
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_no_words_on_points,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
)

SIZES = ["page", "phone"]
LONG = "{} community inpatient rehabilitation unit of the North"


def result(k: int = 30, *, names: str = "Ward {}", spread: float = 0.2, seed: int = 5, **more):
    rng = np.random.default_rng(seed)
    size = np.round(10 + rng.lognormal(4.5, 0.9, k))
    share = np.clip(0.6 + spread * rng.normal(size=k), 0.02, 0.98)
    table = pd.DataFrame(
        {
            "unit": [names.format(number) for number in range(1, k + 1)],
            "o": rng.binomial(size.astype(int), share),
            "n": size,
        }
    )
    words = {"called": "wards", "of": "patients", "outcome": "All six checks", "kind": "proportion"}
    return qi.funnel(table, unit="unit", numerator="o", denominator="n", **(words | more))


CASES = [
    (30, {}),
    (30, {"overdispersion": "none"}),
    (30, {"overdispersion": "none", "names": LONG}),
    (110, {"overdispersion": "none"}),
    (5, {"kind": "rate", "per": 1000, "of": "occupied bed days"}),
    (40, {"kind": "ratio", "overdispersion": "none", "direction": "lower"}),
    (25, {"levels": (0.9, 0.95, 0.998), "setting": "Thirty wards of the three networks, 2018/19"}),
    (12, {"spread": 0.0, "levels": (0.95,)}),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("k", "more"), CASES)
def test_no_words_lie_on_one_another_or_on_marks_or_leave_the_figure(k, more, size):
    found = result(k, **more)
    ax = draw(found, size=size, source="A test")
    figure = drawn(ax)
    assert_readable(figure)
    assert_no_words_on_points(ax)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert min(map(contrast, colours_of_marks(figure))) >= 3


def _marks(ax):
    return [each for each in ax.collections if isinstance(each, PathCollection)]


def named(ax, found):
    """The names of units on the chart."""
    starts = tuple(str(name)[:4] for name in found.points["unit"])
    return [text for text in ax.texts if text.get_text().startswith(starts)]


@pytest.mark.parametrize("size", SIZES)
def test_every_unit_is_a_mark_at_its_size_and_value(size):
    found = result(30)
    ax = draw(found, size=size)
    places = sorted(tuple(place) for marks in _marks(ax) for place in marks.get_offsets().tolist())
    points = zip(found.points["denominator"], 100 * found.points["value"], strict=True)
    assert np.array(places) == pytest.approx(np.array(sorted(points)))
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert all(left <= x <= right and bottom <= y <= top for x, y in places)


def test_only_units_outside_the_outermost_limits_are_named():
    found = result(30, overdispersion="none", spread=0.1)
    shown = {text.get_text() for text in named(draw(found), found)}
    outside = set(found.outside(0.998)["unit"])
    assert shown
    assert shown <= outside
    few = result(30, spread=0.0)
    assert not {text.get_text() for text in named(draw(few), few)} - set(few.outside(0.998)["unit"])


def test_the_limits_are_those_of_the_result():
    found = result(30)
    ax = draw(found)
    heights = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == len(found.curve)]
    for name in ("lower_95", "upper_95", "lower_998", "upper_998"):
        wanted = 100 * found.curve[name].to_numpy()
        assert any(np.allclose(height, wanted) for height in heights), name
    assert any(np.allclose(line.get_ydata(), 100 * found.target) for line in ax.lines)
    shown = [text.get_text() for text in ax.texts]
    assert shown.count("99.8%") == shown.count("95%") == 2
    assert f"All {found.shown(found.target)}" in shown


def test_shapes_not_colours_alone_tell_where_a_unit_lies():
    found = result(30, overdispersion="none")
    shapes = {len(marks.get_paths()[0].vertices) for marks in _marks(draw(found))}
    assert len(shapes) >= 2
    caption = draw(found).get_figure(root=True).texts[-1].get_text().replace("\n", " ")
    assert "triangle outside the 99.8% limits" in caption
    assert "no ranking" in caption


def test_beside_other_charts_it_draws_where_it_is_told():
    figure, (left, _) = plt.subplots(1, 2, figsize=(12, 4))
    try:
        assert result(12).plot(left) is left
        assert figure.get_size_inches().tolist() == [12, 4]
    finally:
        plt.close(figure)


def test_names_shortened_alike_are_told_apart():
    rng = np.random.default_rng(5)
    n = np.exp(rng.uniform(4, 7.5, 20)).round()
    o = (n * 0.2).round()
    o[[3, 10]] = (n[[3, 10]] * 0.6).round()
    names = [
        f"Northgate and Eastvale University Hospitals NHS Foundation Trust {i}" for i in range(20)
    ]
    table = pd.DataFrame({"u": names, "o": o, "n": n})
    found = qi.funnel(
        table, unit="u", numerator="o", denominator="n", kind="proportion", own=names[10]
    )
    labels = [text.get_text() for text in qi.draw(found).texts]
    written = [text for text in labels if text.startswith("…")]
    assert sorted(written) == ["… Trust 10", "… Trust 3"]
    assert "Trust 10 (60" in found.headline()
    assert "the units differ by more than chance would bring" in found.headline()


def test_what_could_not_have_been_found_leads_the_headline():
    table = pd.DataFrame({"u": list("ABCDEFGHIJ"), "o": [2, 3] * 5, "n": 20})
    found = qi.funnel(table, unit="u", numerator="o", denominator="n", kind="proportion")
    assert found.headline().startswith(
        "The measure: a true difference of 10 percentage points could not have been found"
    )
    with pytest.raises(ParameterError, match="`own` names a unit"):
        qi.funnel(table, unit="u", numerator="o", denominator="n", kind="proportion", own="Z")
