"""The grid of a passport: every cell there, told apart without colour, readable in both shapes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from qieval.analysis.data_passport import DataPassportResult, data_passport
from qieval.analysis.data_passport.tables import CELLS_MISSING, NONE, SOME
from qieval.charts import draw
from qieval.intake.origin import Origin
from qieval.intake.reading.passport import Loaded, Passport, periods_of
from tests.charts.reading import PALETTE, all_colours, assert_readable, drawn

SIZES = ["page", "phone"]


def result(months: int = 24, units: int = 3, *, name: str = "Ward {}") -> DataPassportResult:
    days = pd.period_range("2022-03", periods=months, freq="M").start_time.as_unit("us")
    rows = [
        (day, name.format(unit), None if (i + unit) % 9 == 0 else float(i))
        for unit in range(units)
        for i, day in enumerate(days)
        if (i + 2 * unit) % 7 != 3
    ]
    table = pd.DataFrame(rows, columns=["period", "ward", "falls"])
    passport = Passport(
        source="data/falls.csv",
        kind="series",
        row="a period (and a unit)",
        digest="0" * 64,
        rows_read=len(table),
        rows_kept=len(table),
        dropped=pd.DataFrame(columns=["reason", "rows", "row_numbers"]),
        decisions=(),
        origin=Origin("Falls"),
        **periods_of(table, "month"),
    )
    return data_passport(Loaded(table, passport))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("months", "units"), [(1, 1), (5, 2), (24, 3), (120, 30), (13, 1)])
def test_every_figure_can_be_read(size: str, months: int, units: int) -> None:
    axes = draw(result(months, units), size=size, source="Source: falls")
    assert_readable(drawn(axes))
    plt.close("all")


@pytest.mark.parametrize("size", SIZES)
def test_long_names_are_cut_and_stay_inside(size: str) -> None:
    named = "{} community inpatient rehabilitation unit of the North"
    assert_readable(drawn(draw(result(name=named), size=size)))


def test_there_is_a_cell_for_every_unit_and_period_and_it_is_filled_by_its_status() -> None:
    shown = result()
    axes = draw(shown)
    whole = [p for p in axes.patches if abs(p.get_height()) == pytest.approx(0.72)]
    half = [p for p in axes.patches if abs(p.get_height()) == pytest.approx(0.36)]
    counts = shown.points["status"].value_counts()
    assert len(whole) == len(shown.points) == 24 * 3
    assert len(half) == counts.get(SOME, 0)
    open_ones = [patch for patch in whole if to_hex(patch.get_facecolor()) == "#ffffff"]
    assert len(open_ones) == counts.get(SOME, 0) + counts[NONE]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert len(dots) == counts[CELLS_MISSING] > 0


def test_the_caption_names_just_the_marks_that_are_there() -> None:
    words = " ".join(text.get_text() for text in draw(result()).figure.texts)
    words = " ".join(words.split())
    assert "Dark: with rows; light with a dot" in words
    assert "half filled" not in words
    assert "empty: without rows" in words


def test_colours_are_of_the_palette_and_none_is_red() -> None:
    assert all_colours(drawn(draw(result()))) <= PALETTE | {"#ffffff"}
