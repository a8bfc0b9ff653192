"""Suppression, and the auditor that shares nothing with it: one withholds, the other tries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.share.auditor import Disclosure, PublishedTable, audit_release
from qieval.share.profiles import PROFILES

CONTROLLED = [name for name, profile in PROFILES.items() if profile.withholds]


def wards(falls: list[int], **more: Any) -> pd.DataFrame:
    names = [f"Ward {number}" for number in range(1, len(falls))]
    return pd.DataFrame({"ward": [*names, "All"], "falls": falls, **more})


def published(
    table: pd.DataFrame, profile: str, name: str = "falls", **more: Any
) -> PublishedTable:
    """A suppressed table as a reader has it who is told which counts are small."""
    rule = PROFILES[profile]
    counts = more.pop("counts", ("falls",))
    return PublishedTable(name, table, counts, round_to=rule.round_to, **more)


def audited(tables: list[PublishedTable], profile: str = "ons10") -> list[Disclosure]:
    rule = PROFILES[profile]
    return audit_release(tables, fewest=rule.fewest, small=(rule.least, rule.most))


# ---- the published rules -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        # Mental Health Bulletin: under 5, 0 included, replaced; others to the nearest 5.
        ("mhsds", ["*", "*", "*", 5, 5, 10, 100]),
        # HES and ECDS, September 2018: 1 to 7 replaced, 0 shown; others to the nearest 5.
        ("hes", [0, "*", "*", "*", "*", 10, 100]),
        ("ons10", ["*", "*", "*", "*", "*", "*", 101]),
        ("internal", [0, 1, 4, 5, 7, 8, 101]),
    ],
)
def test_each_profile_withholds_and_rounds_as_published(profile, shown):
    table = pd.DataFrame({"n": [0, 1, 4, 5, 7, 8, 101]}, index=list("abcdefg"))
    released = qi.suppress(table, counts="n", profile=profile)
    assert released["n"].tolist() == shown
    assert released.index.tolist() == list("abcdefg")
    assert released.attrs["release"]["profile"] == profile


def test_the_two_counts_that_rounding_alone_gives_away():
    """4 and 4 with a total shown as 10: a total of 8 or more leaves nothing but 4 and 4."""
    as_rounding_does = wards(["*", "*", 10])
    weak = PublishedTable("falls", as_rounding_does, ("falls",), round_to=5, withheld=(0, 4))
    found = audited([weak], "mhsds")
    assert [(one.row, one.least, one.most) for one in found] == [(1, 4, 4), (2, 4, 4)]
    ours = qi.suppress(wards([4, 4, 8]), counts="falls")
    assert ours["falls"].tolist() == ["*", "*", "*"]


def test_a_count_is_withheld_for_anothers_sake():
    released = qi.suppress(wards([3, 20, 41, 64]), counts="falls", profile="ons10")
    assert released["falls"].tolist() == ["*", "*", 41, 64]


def test_a_rate_is_computed_from_what_is_shown():
    table = pd.DataFrame({"team": list("abc"), "met": [3, 18, 33], "asked": [30, 21, 48]})
    table["share"] = table["met"] / table["asked"]
    released = qi.suppress(table, counts=["met", "asked"], rates={"share": "met/asked"})
    assert released["met"].tolist() == ["*", 20, 35]
    assert released["share"].tolist() == ["*", 1.0, 0.7]
    per_cent = table.assign(share=(100 * table["share"]).round(1))
    released = qi.suppress(per_cent, counts=["met", "asked"], rates={"share": "met/asked"})
    assert released["share"].tolist() == ["*", 100, 70]


def test_those_who_are_not_in_the_numerator_are_people_too():
    table = pd.DataFrame({"team": ["a", "b"], "met": [38, 20], "asked": [40, 60]})
    released = qi.suppress(
        table.assign(share=table["met"] / table["asked"]),
        counts=["met", "asked"],
        rates={"share": "met/asked"},
        profile="ons10",
    )
    assert released["met"].tolist() == ["*", 20]
    assert released["share"].tolist() == ["*", 0.33]


def test_parts_of_one_whole_give_none_of_them_away():
    """40, 12 and a withheld 3 of 55: the whole beside them would tell the third."""
    table = pd.DataFrame({"reason": list("abc"), "n": [40, 12, 3], "of": [55, 55, 55]})
    table["share"] = table["n"] / table["of"]
    more = {"counts": ["n", "of"], "rates": {"share": "n/of"}, "profile": "ons10"}
    assert qi.suppress(table, **more)["n"].tolist() == [40, "*", "*"]


def test_columns_that_add_up_and_nested_areas():
    table = pd.DataFrame(
        {
            "area": ["Ash", "Elm", "North", "Oak", "Fir", "South", "Both"],
            "men": [3, 30, 33, 40, 22, 62, 95],
            "women": [20, 25, 45, 50, 31, 81, 126],
            "people": [23, 55, 78, 90, 53, 143, 221],
        }
    )
    totals = {
        "area": {"North": ["Ash", "Elm"], "South": ["Oak", "Fir"], "Both": ["North", "South"]}
    }
    counts = ("men", "women", "people")
    released = qi.suppress(table, counts=counts, profile="ons10", totals=totals)
    by_sex = [
        published(released[["area", name]], "ons10", name, counts=(name,), totals=totals)
        for name in counts
    ]
    rows = pd.melt(released, "area", var_name="sex", value_name="n")
    nested = {**totals, "sex": {"people": ["men", "women"]}}
    both = published(rows, "ons10", counts=("n",), totals=nested)
    assert audited(by_sex) == audited([both]) == []
    assert (released == "*").to_numpy().sum() >= 4  # a rectangle
    alone = table.astype(object)
    alone.loc[0, "men"] = "*"
    rows = pd.melt(alone, "area", var_name="sex", value_name="n")
    assert audited([published(rows, "ons10", counts=("n",), totals=nested)])


# ---- nothing that is withheld can be computed ---------------------------------------------------


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=2), min_size=2, max_size=3),
    st.sampled_from(CONTROLLED),
)
@settings(deadline=None)
def test_no_small_count_can_be_computed(cells, profile):
    grid = np.array(cells)
    grid = np.column_stack([grid, grid.sum(axis=1)])
    grid = np.vstack([grid, grid.sum(axis=0)])
    months = ["Jan", "Feb", "All"]
    rows = [f"Ward {number}" for number in range(len(cells))] + ["All"]
    table = pd.DataFrame(
        [
            {"ward": ward, "month": month, "falls": int(grid[i, j])}
            for i, ward in enumerate(rows)
            for j, month in enumerate(months)
        ]
    )
    released = qi.suppress(table, counts="falls", profile=profile)
    rule = PROFILES[profile]
    # The reader is told which counts are small: the others stand open.
    for small in np.flatnonzero((table["falls"] >= rule.least) & (table["falls"] <= rule.most)):
        assert released["falls"].iloc[small] == "*"
    shown = released["falls"] != "*"
    assert all(abs(released["falls"][shown] - table["falls"][shown]) <= rule.round_to // 2)
    assert audited([published(released, profile)], profile) == []


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=3),
    st.sampled_from(CONTROLLED),
)
@settings(deadline=None)
def test_no_rate_gives_its_counts_away(pairs, profile):
    table = pd.DataFrame(
        {
            "team": range(len(pairs)),
            "met": [min(pair) for pair in pairs],
            "asked": [max(pair) for pair in pairs],
        }
    )
    table["share"] = table["met"] / table["asked"].where(table["asked"] > 0)
    counts, rates = ("met", "asked"), {"share": "met/asked"}
    released = qi.suppress(table, counts=counts, rates=rates, profile=profile)
    reader = published(released, profile, counts=counts, rates=rates)
    assert audited([reader], profile) == []


# ---- weakened releases are caught ---------------------------------------------------------------


def test_no_secondary_suppression():
    table = wards(["*", 20, 41, 64])
    (found,) = audited([published(table, "ons10")])
    assert (found.table, found.column, found.row) == ("falls", "falls", 1)
    assert (found.least, found.most) == (3, 3)
    assert "3" not in str(found)


def test_a_percentage_that_gives_its_numerator_away():
    table = pd.DataFrame({"team": ["a"], "met": ["*"], "asked": [27], "share": [0.11]})
    reader = published(table, "ons10", counts=("met", "asked"), rates={"share": "met/asked"})
    (found,) = audited([reader])
    assert (found.least, found.most) == (3, 3)


def test_two_releases_that_differ_by_one_person():
    first = published(wards([20, 41, 61]), "ons10", "March", data="as of March")
    second = published(wards([21, 41, 62]), "ons10", "April", data="as of April")
    found = audited([first, second])
    assert [(one.table, one.least, one.most) for one in found] == [("April and March", 1, 1)] * 2
    assert audited([first]) == []


def test_another_table_of_the_same_data_that_shows_what_this_one_withholds():
    by_month = pd.DataFrame(
        {
            "ward": ["Ash", "Ash", "Elm", "Elm"],
            "month": ["Jan", "Feb", "Jan", "Feb"],
            "falls": ["*", 17, 22, 19],
        }
    )
    by_ward = pd.DataFrame({"ward": ["Ash", "Elm"], "falls": [20, 41]})
    found = audited(
        [published(by_month, "ons10", "by month"), published(by_ward, "ons10", "by ward")]
    )
    assert [(one.table, one.least, one.most) for one in found] == [("by month", 3, 3)]
    assert "by ward beside by month" in found[0].because
    apart = [
        published(by_month, "ons10", "by month", data="a"),
        published(by_ward, "ons10", "by ward", data="b"),
    ]
    assert audited(apart) == []


def test_a_square_that_only_all_equations_together_give_away():
    """Every row and column has two withheld counts, and still one of them is known."""
    table = pd.DataFrame(
        {
            "ward": ["a", "a", "a", "b", "b", "b", "All", "All", "All"],
            "sex": ["men", "women", "All"] * 3,
            "falls": ["*", "*", 9, "*", "*", 30, 12, 27, 39],
        }
    )
    limits = PublishedTable("falls", table, ("falls",), withheld=(0, None))
    found = audited([limits])
    assert found == []  # 0 to 9 each
    tight = table.assign(falls=["*", "*", 2, "*", "*", 37, 12, 27, 39])
    found = audited([PublishedTable("falls", tight, ("falls",))])
    assert [(one.row, one.least, one.most) for one in found] == [(1, 0, 2), (2, 0, 2)]


# ---- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [2.5, -1, "three", True, np.inf])
def test_what_is_no_count_of_people_is_refused_and_not_quoted(cell):
    table = pd.DataFrame({"ward": ["a", "b"], "falls": pd.Series([4, cell], dtype=object)})
    with pytest.raises(qi.DataError, match="row 2") as error:
        qi.suppress(table, counts="falls")
    assert "three" not in str(error.value)


def test_a_missing_count_stays_missing():
    table = pd.DataFrame({"ward": ["a", "b", "c"], "falls": [3, None, 12]})
    assert qi.suppress(table, counts="falls")["falls"].tolist() == ["*", None, 10]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"counts": "slips"}, "no such column"),
        ({"counts": "falls", "profile": "mhsd"}, "mhsds"),
        ({"counts": "falls", "rates": {"share": "falls"}}, "numerator"),
        ({"counts": "falls", "rates": {"share": "falls/days"}}, "not among the counts"),
        ({"counts": ["falls", "days"], "rates": {"share": "falls/days"}}, "not the rate"),
    ],
)
def test_what_cannot_be_asked(asked, words):
    table = wards([3, 20, 23], days=[30, 40, 70], share=[9, 9, 9])
    with pytest.raises(qi.QievalError, match=words):
        qi.suppress(table, **asked)


def test_figures_that_contradict_one_another():
    with pytest.raises(qi.DataError, match="contradict"):
        audited([published(wards(["*", 20, 14]), "ons10")])


def test_a_table_without_rows():
    empty = pd.DataFrame({"ward": pd.Series(dtype=str), "falls": pd.Series(dtype=float)})
    assert qi.suppress(empty, counts="falls").empty
    assert audited([published(empty, "mhsds")], "mhsds") == []
