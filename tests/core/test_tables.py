"""Tables: declared once, shown in digits and words, written as text and as CSV."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.errors import DataError
from qieval.core.tables import ESTIMATE, ESTIMATES, Column, Table, titled

NAME = Column("name", "What", "label")
INTERVAL = (Column("low", "", "ci_low", of="value"), Column("high", "", "ci_high", of="value"))


def table(rows: dict[str, list[object]], *columns: Column, **more: object) -> Table:
    return Table("rows", "A caption", columns, pd.DataFrame(rows), **more)


def cells(rows: dict[str, list[object]], *columns: Column, **more: object) -> list[str]:
    """The cells of the first column that is shown."""
    return list(table(rows, *columns, **more).shown[0].cells)


def numbers(values: list[float], format: str = "", role: str = "estimate") -> list[str]:
    return cells({"value": values}, Column("value", "Value", role, format))


# ---- digits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "format", "expected"),
    [
        ([3, 12], "", ["3", "12"]),
        ([1204.0, 3.0], "", ["1,204", "3"]),
        ([-3.53, -4.5], "", ["−3.53", "−4.50"]),
        ([12.5, 13.0], "0", ["13", "13"]),  # halves away from zero, never 12 beside 13
        ([12.5, 13.0], "", ["12.5", "13.0"]),
        ([-12.5, 12.5], "0", ["−13", "13"]),
        ([2.345, 1.0], "2", ["2.35", "1.00"]),
        ([0.125, 0.5], "%", ["12.5%", "50.0%"]),
        ([0.125, 0.5], "0%", ["13%", "50%"]),
        ([0.1254, 0.5], "1%", ["12.5%", "50.0%"]),
        ([123.456, 0.5], "each", ["123.5", "0.500"]),
        ([-0.0, 0.0], "1", ["0.0", "0.0"]),
    ],
)
def test_numbers_share_their_decimals_unless_each_has_its_own(values, format, expected):
    assert numbers(values, format) == expected


def test_counts_are_whole_unless_they_are_not():
    assert numbers([3.0, 12.0], role="count") == ["3", "12"]
    assert numbers([3.5, 12.0], role="denominator") == ["3.5", "12.0"]


def test_what_is_missing_stands_as_the_table_says():
    assert numbers([np.nan, 2.0]) == ["not known", "2"]
    rows = {"value": [None, 2.0]}
    assert cells(rows, Column("value", "Value", "count"), missing="–") == ["–", "2"]
    assert cells({"name": [None, "a", np.nan]}, NAME) == ["", "a", ""]


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=6))
def test_a_column_is_aligned_whatever_its_numbers(values):
    assert len({len(text.partition(".")[2]) for text in numbers(values)}) == 1


# ---- intervals ---------------------------------------------------------------------------------


def with_interval(format: str = "", head: str = "", **rows: list[float]) -> list[str]:
    columns = (
        Column("value", "Value", "estimate", format),
        Column("low", head, "ci_low", of="value"),
        Column("high", "", "ci_high", of="value"),
    )
    shown = table(rows, *columns).shown
    return list(shown[-1].cells)


def test_an_interval_stands_beside_its_estimate_with_its_decimals():
    assert with_interval(value=[12.31], low=[3.02], high=[20.97]) == ["12.3 (3.0 to 21.0)"]
    assert with_interval(value=[120.4], low=[33.3], high=[210.0]) == ["120 (33 to 210)"]
    assert with_interval("1", value=[12.31], low=[3.02], high=[20.97]) == ["12.3 (3.0 to 21.0)"]


def test_estimates_of_one_unit_share_their_decimals_and_units_do_not():
    rows = {
        "estimate": [-3.53, -4.5, 0.0123],
        "ci_low": [-6.1, -7.2, 0.0051],
        "ci_high": [-1.0, -1.9, 0.0202],
        "unit": ["beds", "beds", "share"],
    }
    shown = cells(rows, *ESTIMATE)
    assert shown[:2] == ["−3.5 (−6.1 to −1.0)", "−4.5 (−7.2 to −1.9)"]
    assert shown[2] == "0.0123 (0.0051 to 0.0202)"


def test_an_interval_with_a_head_stands_in_a_column_of_its_own():
    rows = {"value": [12.31, 1.0], "low": [3.02, np.nan], "high": [20.97, np.nan]}
    columns = (Column("value", "Value", "estimate", "1"), *titled(INTERVAL, low="Between"))
    shown = table(rows, *columns).shown
    assert [column.head for column in shown] == ["Value", "Between"]
    assert shown[0].cells == ("12.3", "1.0")
    assert shown[1].cells == ("3.0 to 21.0", "not known")
    assert all(column.numeric for column in shown)


def test_shares_have_one_sign_in_an_interval():
    rows = {"value": [0.62], "low": [0.5], "high": [0.73]}
    columns = (Column("value", "Share", "share", "0%"), *INTERVAL)
    assert cells(rows, *columns) == ["62% (50 to 73%)"]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (3.0, np.inf, "5.0 (3.0 or more)"),
        (-np.inf, 7.0, "5.0 (7.0 or less)"),
        (np.nan, np.nan, "5.0"),
        (3.0, np.nan, "5.0"),
    ],
)
def test_limits_that_are_infinite_or_missing(low, high, text):
    assert with_interval("1", value=[5.0], low=[low], high=[high]) == [text]


def test_an_infinite_estimate_has_no_limit():
    assert numbers([np.inf, 1.0], "0") == ["no upper limit", "1"]
    assert numbers([-np.inf], "0") == ["no lower limit"]


def test_a_difference_in_words():
    rows = {"value": [-4.2, 0.5], "low": [-6.3, -1.2], "high": [-2.1, 2.2]}
    columns = (Column("value", "Difference", "estimate", "difference"), *INTERVAL)
    assert cells(rows, *columns) == [
        "4.2 lower (2.1 to 6.3 lower)",
        "anything from 1.2 lower to 2.2 higher",
    ]


def test_rows_may_say_their_own_decimals():
    rows = {"value": [1.234, 1.234], "places": [2, 0]}
    made = table(rows, Column("value", "Value", "estimate"))
    assert made.shown[0].cells == ("1.23", "1")
    assert made.places("value") == (2, 0)


def test_sentences_can_use_the_decimals_of_the_table():
    rows = {"value": [12.31], "low": [3.02], "high": [20.97]}
    made = table(rows, Column("value", "Value", "estimate"), *INTERVAL)
    assert made.places("value") == (1,)


# ---- other columns -----------------------------------------------------------------------------


def test_periods_by_their_kind_and_days_without_one():
    days = pd.to_datetime(["2018-03-01", None])
    column = Column("period", "Month", "period")
    assert cells({"period": list(days)}, column, every="month")[0] == "March 2018"
    assert cells({"period": list(days)}, column) == ["1 March 2018", "not known"]


def test_links_lead_from_the_cells_of_their_column():
    rows = {"name": ["a", "b"], "page": ["a.html", ""]}
    shown = table(rows, NAME, Column("page", "", "link", of="name")).shown
    assert len(shown) == 1
    assert shown[0].links == ("a.html", "")
    assert table(rows, NAME).shown[0].links == ()


def test_heads_can_depend_on_the_call():
    renamed = titled((NAME, *INTERVAL), name="Ward")
    assert [column.head for column in renamed] == ["Ward", "", ""]
    assert NAME.head == "What"


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (Column("other", "Other", "label"), "rows lack"),
        (Column("name", "Name", "colour"), "unknown role"),  # type: ignore[arg-type]
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(column, says):
    with pytest.raises(DataError, match=says):
        table({"name": ["a"]}, column)


def test_no_rows_are_a_table_all_the_same():
    empty = table({"name": [], "value": []}, NAME, Column("value", "Value", "estimate"))
    assert len(empty) == 0
    assert empty.shown[1].cells == ()
    assert empty.to_csv() == "What,Value\n"


def test_the_declaration_of_estimates_names_each_column_once():
    names = [column.name for column in ESTIMATES.columns]
    assert len(set(names)) == len(names)
    assert {"term", "estimate", "ci_low", "ci_high", "n"} <= set(names)


# ---- text and CSV ------------------------------------------------------------------------------


def test_plain_text_has_every_cell_under_its_head():
    rows = {"name": ["long name", "b"], "value": [1.5, 20.0]}
    lines = table(rows, NAME, Column("value", "Value", "estimate", "1")).to_text().splitlines()
    assert lines[0].split() == ["What", "Value"]
    assert "long name" in lines[1]
    assert lines[2].split() == ["b", "20.0"]


def test_a_csv_file_holds_full_numbers_and_both_limits():
    rows = {"name": ["a"], "value": [1 / 3], "low": [0.1], "high": [np.nan]}
    text = table(rows, NAME, Column("value", "Share", "estimate"), *INTERVAL).to_csv()
    head, row = csv.reader(io.StringIO(text))
    assert head == ["What", "Share", "Share, lower limit", "Share, upper limit"]
    assert float(row[1]) == 1 / 3
    assert row[2:] == ["0.1", ""]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_spreadsheet_runs_a_text(text):
    made = table({"name": [text], "value": [-1.5]}, NAME, Column("value", "Value", "estimate"))
    row = list(csv.reader(io.StringIO(made.to_csv(), newline="")))[1]
    assert row[0] == f"'{text}".replace("\r", "\n")
    assert row[1] == "-1.5"  # a number stays one


def test_dates_in_a_csv_file_are_days():
    made = table({"period": [pd.Timestamp("2018-03-01")]}, Column("period", "Month", "period"))
    assert made.to_csv() == "Month\n2018-03-01\n"


def test_links_are_no_column_of_a_csv_file():
    rows = {"name": ["a"], "page": ["a.html"]}
    assert table(rows, NAME, Column("page", "", "link", of="name")).to_csv() == "What\na\n"
