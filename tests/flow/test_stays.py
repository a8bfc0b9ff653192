"""From ward stays to spells: what is joined, and lengths counted in the database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.flow.lengths import lengths_of_stay, median_of
from tests.flow.made import stays

EXTRACT = dt.date(2024, 3, 31)


def lengths(table: pd.DataFrame, **more) -> dict:
    """(Group, nights, ending) → spells."""
    counted = lengths_of_stay(table, **({"extract_date": EXTRACT} | more))
    rows = counted.counts[["group", "nights", "ending", "spells"]].itertuples(index=False)
    return {tuple(row[:3]): row[3] for row in rows}


WARD_STAYS = stays(
    ("a", "2024-01-01", "2024-01-05", "Elm", "transfer"),
    ("a", "2024-01-05", "2024-01-08", "Oak", "home"),
    ("a", "2024-01-10", "2024-01-12", "Elm", "home"),
    ("b", "2024-01-01", "2024-02-01", "Elm", "Died "),
    ("c", "2024-03-11", None, "Oak"),
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {7: 1, 2: 1, 31: 1, 20: 1}),
        ({"join_gap": 2}, {11: 1, 31: 1, 20: 1}),
        ({"join_gap": 1}, {7: 1, 2: 1, 31: 1, 20: 1}),
        ({"join_gap": -1}, {4: 1, 3: 1, 2: 1, 31: 1, 20: 1}),
    ],
)
def test_stays_that_abut_are_one_spell_by_the_gap_that_is_stated(more, expected):
    found = lengths(WARD_STAYS, **more)
    assert {nights: count for (_, nights, _), count in found.items()} == expected


def test_how_a_spell_ended_is_how_its_last_stay_ended():
    assert lengths(WARD_STAYS) == {
        ("All together", 2, "discharged"): 1,
        ("All together", 7, "discharged"): 1,
        ("All together", 20, "still in"): 1,
        ("All together", 31, "died"): 1,
    }


def test_with_wards_a_transfer_ends_the_stay_on_a_ward():
    found = lengths(WARD_STAYS, by="ward")
    assert found[("Oak", 3, "discharged")] == 1
    assert found[("Elm", 4, "discharged")] == 1


def test_nested_and_overlapping_stays_are_one_spell():
    table = stays(
        ("a", "2024-01-01", "2024-01-20", "Elm", "died"),
        ("a", "2024-01-05", "2024-01-08", "Oak", "home"),
        ("a", "2024-01-18", "2024-01-25", "Oak", "home"),
        ("b", "2024-01-01", "2024-01-20", "Elm", "died"),
        ("b", "2024-01-05", "2024-01-08", "Oak", "home"),
    )
    assert lengths(table) == {
        ("All together", 24, "discharged"): 1,
        ("All together", 19, "died"): 1,
    }


def test_somebody_still_in_on_another_ward_is_still_in():
    table = stays(("a", "2024-03-01", None), ("a", "2024-03-05", "2024-03-10", "Oak", "home"))
    assert lengths(table) == {("All together", 30, "still in"): 1}


def test_before_and_since_a_day_and_from_a_day_on():
    found = lengths(WARD_STAYS, intervention="2024-01-10")
    assert {(group, nights) for group, nights, _ in found} == {
        ("Before 10 January 2024", 7),
        ("Before 10 January 2024", 31),
        ("Since 10 January 2024", 2),
        ("Since 10 January 2024", 20),
    }
    counted = lengths_of_stay(WARD_STAYS, extract_date=EXTRACT, count_from="2024-01-10")
    assert counted.left_out == 2
    assert counted.counts["spells"].sum() == 2


def test_what_was_decided_is_said():
    notes = " ".join(lengths_of_stay(WARD_STAYS, extract_date=EXTRACT).notes)
    assert "1 stay began while the same person was in, or on the day they had left" in notes
    assert "1 stay without an end: still in on the extract date, 31 March 2024." in notes


# ---- properties --------------------------------------------------------------------------------

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 2, 10))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for _ in range(draw(st.integers(1, 9))):
        start = draw(DAYS)
        end = draw(st.none() | st.dates(start, dt.date(2024, 3, 31)))
        rows.append((draw(st.sampled_from("ab")), start, end))
    return stays(*rows)


def spells_one_by_one(table: pd.DataFrame, gap: int) -> list[tuple[int, bool]]:
    """(Nights, still in) of every spell, joined one stay after the other."""
    far = pd.Timestamp("2024-04-01")
    found = []
    for _, own in table.assign(past=table["end"].fillna(far)).groupby("person"):
        begin = reached = None
        for stay in own.sort_values(["start", "past"]).itertuples():
            if begin is not None and (stay.start - reached).days <= gap:
                reached = max(reached, stay.past)
                continue
            if begin is not None:
                found.append((begin, reached))
            begin, reached = stay.start, stay.past
        found.append((begin, reached))
    extract = pd.Timestamp("2024-03-31")
    return [((min(past, extract) - start).days, past == far) for start, past in found]


@given(table=tables(), gap=st.sampled_from([-1, 0, 1, 5]))
def test_joined_in_the_database_as_one_by_one(table, gap):
    before = table.copy(deep=True)
    found = lengths(table, join_gap=gap)
    expected = pd.Series(spells_one_by_one(table, gap)).value_counts().to_dict()
    assert {(n, how == "still in"): count for (_, n, how), count in found.items()} == expected
    assert lengths(table.iloc[::-1], join_gap=gap) == found
    pd.testing.assert_frame_equal(table, before)


@settings(max_examples=10)
@given(table=tables())
def test_nights_of_spells_are_the_bed_days_of_the_stays(table):
    closed = table.assign(end=table["end"].fillna(pd.Timestamp("2024-03-31")))
    counted = lengths_of_stay(closed).counts
    nights = (counted["nights"] * counted["spells"]).sum()
    assert nights == qi.bed_days(closed)["bed_days"].sum()


def test_a_parquet_file_and_an_expression_give_the_same(tmp_path: Path):
    file = tmp_path / "stays.parquet"
    WARD_STAYS.to_parquet(file)
    expected = lengths(WARD_STAYS, by="ward")
    assert lengths(str(file), by="ward") == expected
    assert lengths(ibis.duckdb.connect().read_parquet(file), by="ward") == expected
    WARD_STAYS.drop(columns="discharged_to").to_parquet(file)
    assert not lengths_of_stay(str(file), extract_date=EXTRACT).endings_told


def test_the_middle_number_of_nights():
    assert median_of(pd.Series([1, 1], index=[3, 8])) == 5.5
    assert median_of(pd.Series([1, 2, 1], index=[0, 4, 9])) == 4


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"extract_date": None}, ParameterError, "`extract_date` is needed"),
        ({"extract_date": "2024-01-31"}, DataError, "after the extract date"),
        ({"join_gap": -2}, ParameterError, "at least -1"),
        ({"join_gap": 1.5}, ParameterError, "whole number of days"),
        ({"died": "died"}, ParameterError, "`died` lists the words"),
        ({"by": "wards"}, DataError, "Did you mean `ward`?"),
        ({"by": ["ward", "ward"]}, ParameterError, "each once"),
        ({"by": "ward", "intervention": "2024-01-10"}, ParameterError, "do not go together"),
        ({"count_from": "2025-01-01"}, CannotEvaluate, "There is no spell to count."),
        ({"intervention": "10/01/2024"}, ParameterError, "2024-03-31"),
    ],
)
def test_what_cannot_be_is_refused(more, error, says):
    with pytest.raises(error) as caught:
        lengths_of_stay(WARD_STAYS, **({"extract_date": EXTRACT} | more))
    assert says in str(caught.value)


def test_an_end_before_its_start_is_named_by_row():
    table = stays(("SECRET", "2024-01-05", "2024-01-01"), ("b", "2024-01-01", "2024-01-02"))
    with pytest.raises(DataError) as caught:
        lengths_of_stay(table)
    assert "row 1, column `end`: the end is before the start" in str(caught.value)
    assert "SECRET" not in str(caught.value)


# ---- published data ----------------------------------------------------------------------------


@pytest.mark.mirror
def test_the_mimic_demo_as_its_provenance_counts_it(mirror: Path):
    """Facts of PROVENANCE.md: 128 spells, 1,193 nights, 3 same-day, 40 deaths, median 6."""
    table = qi.read(
        mirror / "mimic3-demo-spells" / "mimic3_demo_spells.csv",
        "spells",
        columns={
            "person": "subject_id",
            "start": "admittime",
            "end": "dischtime",
            "discharged_to": "discharge_location",
        },
    ).table
    counted = lengths_of_stay(table, died=["DEAD/EXPIRED"]).counts
    by_nights = counted.groupby("nights")["spells"].sum()
    assert by_nights.sum() == 128
    assert (by_nights.index * by_nights).sum() == 1_193
    assert by_nights[0] == 3
    assert by_nights.index.max() == 124
    assert median_of(by_nights) == 6
    assert counted.loc[counted["ending"] == "died", "spells"].sum() == 40
