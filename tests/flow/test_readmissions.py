"""Discharges followed: what counts as a readmission, who could be followed, who is no index."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.flow.readmissions import discharges_followed, readmitted
from tests.flow.made import stays

EXTRACT = "2024-12-31"


def counts(table: pd.DataFrame, window: int = 30, **more) -> tuple[int, int]:
    """Discharges that could be followed, and readmissions."""
    counted = discharges_followed(table, window=window, **({"extract_date": EXTRACT} | more))
    rows = readmitted(counted, window)
    return int(rows["discharges"].sum()), int(rows["readmitted"].sum())


def back_after(days: int) -> pd.DataFrame:
    """Somebody discharged on 10 January and in again so many days later."""
    again = pd.Timestamp("2024-01-10") + pd.Timedelta(days=days)
    return stays(("a", "2024-01-01", "2024-01-10", "Elm", "home"), ("a", again, None, "Oak", None))


@pytest.mark.parametrize(
    ("days", "in_30", "in_28"),
    [(1, 1, 1), (27, 1, 1), (28, 1, 0), (29, 1, 0), (30, 0, 0)],
)
def test_the_day_of_discharge_is_day_0_so_30_days_are_0_to_29(days, in_30, in_28):
    assert counts(back_after(days), 30) == (1, in_30)
    assert counts(back_after(days), 28) == (1, in_28)


def test_an_admission_on_the_day_of_discharge_is_a_transfer_unless_told_otherwise():
    table = stays(
        ("a", "2024-01-01", "2024-01-10", "Elm", "transfer"),
        ("a", "2024-01-10", "2024-02-01", "Oak", "home"),
    )
    assert counts(table) == (1, 0)
    assert counts(table, join_gap=-1) == (2, 1)


def test_the_dead_and_those_still_in_are_no_index():
    table = stays(
        ("a", "2024-01-01", "2024-01-10", "Elm", "Died"),
        ("b", "2024-01-01", None),
        ("c", "2024-01-01", "2024-01-10", "Elm", "home"),
    )
    assert counts(table) == (1, 0)
    assert counts(table, died=["deceased"]) == (2, 0)


def test_only_a_whole_window_counts():
    table = stays(("a", "2024-01-01", "2024-12-02", "Elm", "home"))
    assert counts(table) == (1, 0)
    late = stays(
        ("a", "2024-01-01", "2024-12-03", "Elm", "home"), ("a", "2024-12-10", None, "Elm", None)
    )
    assert counts(late) == (0, 0)


def test_a_discharge_has_one_readmission_and_a_readmission_is_an_index_in_turn():
    table = stays(
        ("a", "2024-01-01", "2024-01-10", "Elm", "home"),
        ("a", "2024-01-15", "2024-01-17", "Oak", "home"),
        ("a", "2024-01-20", "2024-01-25", "Oak", "home"),
    )
    assert counts(table) == (3, 2)


def test_a_discharge_belongs_to_the_ward_that_discharged():
    table = stays(
        ("a", "2024-01-01", "2024-01-10", "Elm", "transfer"),
        ("a", "2024-01-10", "2024-02-01", "Oak", "home"),
        ("a", "2024-02-05", "2024-02-08", "Elm", "home"),
    )
    counted = discharges_followed(table, window=30, extract_date=EXTRACT, by="ward")
    rows = readmitted(counted, 30).set_index("group")
    assert rows.loc["Oak", ["discharges", "readmitted"]].tolist() == [1, 1]
    assert rows.loc["Elm", ["discharges", "readmitted"]].tolist() == [1, 0]


# ---- properties --------------------------------------------------------------------------------

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 10))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Stays of two people that neither overlap nor abut."""
    rows = []
    for person in "ab":
        day = draw(DAYS)
        for _ in range(draw(st.integers(1, 4))):
            end = day + dt.timedelta(days=draw(st.integers(0, 20)))
            rows.append((person, day, end, "Elm", draw(st.sampled_from(["home", "died"]))))
            day = end + dt.timedelta(days=draw(st.integers(1, 45)))
    return stays(*rows)


@settings(max_examples=25)
@given(table=tables(), window=st.integers(2, 45), extract=st.integers(0, 60))
def test_as_counted_one_by_one(table, window, extract):
    last = table["end"].max() + pd.Timedelta(days=extract)
    index = back = 0
    for _, own in table.sort_values("start").groupby("person"):
        following = [*own["start"].tolist()[1:], None]
        for stay, again in zip(own.itertuples(), following, strict=True):
            whole = (last - stay.end).days >= window - 1
            if stay.discharged_to == "home" and whole:
                index += 1
                back += again is not None and (again - stay.end).days <= window - 1
    if (table["discharged_to"] == "home").any():
        assert counts(table, window, extract_date=last) == (index, back)
        mixed = table.sample(frac=1, random_state=1)
        assert counts(mixed, window, extract_date=last) == (index, back)


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"window": 0}, ParameterError, "England: days 0 to 29"),
        ({"window": 2, "join_gap": 2}, ParameterError, "above `join_gap`"),
        ({"window": 30, "extract_date": None}, ParameterError, "`extract_date` is needed"),
        ({"window": 30, "died": ["home"]}, CannotEvaluate, "no discharge of somebody alive"),
        ({"window": 30, "every": "fortnight"}, ParameterError, "Unknown kind of period"),
    ],
)
def test_what_cannot_be_is_refused(more, error, says):
    table = stays(("a", "2024-01-01", "2024-01-10", "Elm", "home"))
    with pytest.raises(error) as caught:
        discharges_followed(table, **({"extract_date": EXTRACT} | more))
    assert says in str(caught.value)


# ---- published data ----------------------------------------------------------------------------


@pytest.mark.mirror
def test_the_mimic_demo_has_11_readmissions(mirror: Path):
    """PROVENANCE.md: 88 discharged alive; 11 readmissions within 28 days, and within 29 or 30."""
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
    for window in (28, 30, 31):
        found = counts(table, window, extract_date="2250-01-01", died=["dead/expired"])
        assert found == (88, 11)
