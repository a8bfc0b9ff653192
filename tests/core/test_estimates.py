"""Estimates: the same columns in every result; what is not known is nan."""

from __future__ import annotations

import numpy as np
import pytest

from qieval.core.estimates import ESTIMATE_COLUMNS, Estimate, estimate_row, estimates_table


def test_every_row_has_every_column_and_what_is_not_known_is_nan():
    table = estimates_table(
        [
            estimate_row("a", 1, 0.5, 1.5, unit="beds", n=10, method="t", se=0.25, p_value=0.01),
            estimate_row("b", 2, unit="%", n=3, method="counted"),
        ]
    )
    assert table.index.name == "term"
    assert list(table.columns) == ESTIMATE_COLUMNS
    assert table.loc["a", ["estimate", "se", "ci_low", "ci_high"]].tolist() == [1, 0.25, 0.5, 1.5]
    assert table.loc["b", ["se", "ci_low", "ci_high", "p_value", "df"]].isna().all()
    assert table["n"].tolist() == [10, 3]


def test_no_rows_are_a_table_with_the_same_columns():
    table = estimates_table([])
    assert table.empty
    assert list(table.columns) == ESTIMATE_COLUMNS


def test_numbers_are_plain_ones():
    row = estimate_row("a", np.float32(0.5), unit="", n=np.int64(3), method="")
    assert (type(row["estimate"]), type(row["n"])) == (float, int)


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [(0.1, 2, 1), (-2, -0.1, -1), (-1, 1, 0), (0, 1, 0), (-1, 0, 0), (np.nan, np.nan, 0)],
)
def test_the_side_of_an_interval(low, high, side):
    assert Estimate(0.5, low, high, "beds", 10).side == side
