"""Figures of a series added up over columns and over units."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi


def table(**columns):
    period = pd.to_datetime(["2020-01-01", "2020-01-01", "2020-02-01", "2020-02-01"])
    figures = {"early": [1, 2, 3, 4], "late": [10, 20, 30, 40], **columns}
    return pd.DataFrame({"period": period, "unit": ["A", "B", "A", "B"], **figures})


def test_columns_are_added_up_to_a_new_figure():
    out = qi.measure(table(), "series", sums={"all": ["early", "late"]})
    assert out.table["all"].tolist() == [11, 22, 33, 44]
    assert "`all` is the sum of `early`, `late`." in out.notes


def test_units_are_added_up_to_one_row_a_period():
    out = qi.measure(table(), "series", total=True)
    assert out.table["early"].tolist() == [3, 7]
    assert out.table["days_in_period"].tolist() == [31, 29]
    assert "Figures of all units (`unit`) added up, one row a month." in out.notes


def test_groups_of_by_stay_apart():
    rows = table(network=["N", "N", "N", "S"])
    out = qi.measure(rows, "series", total=True, by="network")
    assert out.table["early"].tolist() == [3, 3, 4]


def test_a_blank_part_makes_the_sum_blank_and_never_smaller():
    rows = table(early=[1, None, 3, 4])
    one = qi.measure(rows, "series", sums={"all": ["early", "late"]}).table
    assert one["all"].isna().tolist() == [False, True, False, False]
    both = qi.measure(rows, "series", total=True)
    assert both.table["early"].isna().tolist() == [True, False]
    assert any("In 1 month a unit lacks a figure" in note for note in both.notes)


def test_units_that_come_and_go_are_told():
    out = qi.measure(table().iloc[:3], "series", total=True)
    assert any("between 1 and 2 units" in note for note in out.notes)


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_nothing(order):
    rows = table().iloc[list(order)]
    out = qi.measure(rows, "series", sums={"all": ["early", "late"]}, total=True).table
    assert out["all"].tolist() == [33, 77]


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"sums": {"all": ["early", "lat"]}}, qi.DataError, "Did you mean `late`"),
        ({"sums": {"all": "early"}}, qi.ParameterError, "in a list"),
        ({"sums": {"all": ["early", "early"]}}, qi.ParameterError, "each once"),
        ({"sums": {"late": ["early"]}}, qi.ParameterError, "column of the table already"),
        ({"sums": {"all": ["unit", "late"]}}, qi.DataError, "does not hold numbers"),
    ],
)
def test_what_cannot_be_added_up_is_refused(asked, error, says):
    with pytest.raises(error, match=says):
        qi.measure(table(), "series", **asked)


def test_without_units_there_is_nothing_to_add_up():
    rows = table().iloc[::2].drop(columns="unit")
    with pytest.raises(qi.DataError, match="nothing to add up"):
        qi.measure(rows, "series", total=True)


def test_spells_are_counted_and_not_added_up():
    stays = pd.DataFrame({"person": ["1"], "start": pd.to_datetime(["2020-01-01"]), "end": pd.NaT})
    with pytest.raises(qi.ParameterError, match="counted, not added up"):
        qi.measure(stays, "spells", total=True, extract_date="2020-02-01")


@pytest.mark.mirror
def test_waits_to_treatment_in_england():
    """England, % treated within two weeks; anchors of the publisher's monthly figures."""
    loaded = qi.read(
        "open-data:england-eip-waits",
        "series",
        columns={"period": "Date", "unit": "Provider_Org_code", "group": "Org_Code"},
    )
    sums = {"soon": ["Gt_0_1_Weeks", "Gt_1_2_Weeks"]}
    out = qi.measure(loaded.table, "series", sums=sums, total=True).table.set_index("period")
    share = (100 * out["soon"] / out["Total_Pathways"]).round(1)
    assert len(out) == 46
    assert out.loc["2015-12-01", "Total_Pathways"] == 886
    assert out.loc["2019-09-01", "Total_Pathways"] == 1053
    anchors = {"2015-12": 59.0, "2016-03": 64.4, "2016-04": 65.0, "2016-11": 77.6, "2018-01": 69.3}
    for month, wanted in {**anchors, "2019-09": 79.1}.items():
        assert share[f"{month}-01"] == wanted
