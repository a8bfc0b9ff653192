"""Admissions, discharges, beds and occupancy; and the figures that `qi.measure` counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from tests.flow.made import stays

STAYS = stays(
    ("a", "2024-01-05", "2024-01-20", "Elm", "transfer"),
    ("a", "2024-01-20", "2024-03-02", "Oak", "home"),
    ("b", "2024-01-10", "2024-02-10", "Oak", "home"),
    ("b", "2024-02-20", "2024-02-20", "Oak", "home"),
    ("c", "2024-03-01", None, "Elm"),
)


def beds(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["period", "ward", "beds"])
    return table.assign(period=pd.to_datetime(table["period"]), beds=table["beds"].astype(float))


BEDS = beds(
    *(
        (f"2024-0{month}-01", ward, number)
        for month in (1, 2, 3)
        for ward, number in [("Elm", 2), ("Oak", 3 if month < 3 else 1)]
    )
)


def measured(table: pd.DataFrame = STAYS, **more) -> qi.flow.measures.Measured:
    return qi.measure(table, "spells", **({"extract_date": "2024-03-31"} | more))


def test_admissions_and_discharges_of_a_hospital_and_of_its_wards():
    table = measured(figures="admissions").table
    assert table["admissions"].tolist() == [2, 1, 1]
    assert table["discharges"].tolist() == [0, 2, 1]
    assert table["bed_days"].tolist() == [27 + 22, 29 + 9, 1 + 31]
    by_ward = measured(figures="admissions", by="ward").table
    assert by_ward["admissions"].tolist() == [1, 0, 1, 2, 1, 0]  # a transfer comes onto the ward
    assert by_ward["discharges"].tolist() == [1, 0, 0, 0, 2, 1]


def test_admissions_less_discharges_are_the_people_still_in():
    found = qi.admissions(STAYS, extract_date="2024-03-31", period="week")
    assert found["admissions"].sum() - found["discharges"].sum() == 1


def test_occupancy_is_bed_days_over_beds_times_days():
    table = measured(figures="occupancy", beds=BEDS).table
    assert table["available_bed_days"].tolist() == [5 * 31, 5 * 29, 3 * 31]
    assert table["occupancy"].tolist() == pytest.approx(
        [100 * 49 / 155, 100 * 38 / 145, 100 * 32 / 93]
    )
    by_ward = measured(figures="occupancy", beds=BEDS, by="ward").table
    assert by_ward["beds"].tolist() == [2, 2, 2, 3, 3, 1]
    quarter = measured(figures="occupancy", beds=BEDS, every="quarter").table
    assert quarter["available_bed_days"].tolist() == [155 + 145 + 93]


def test_a_change_in_size_is_told_as_an_event():
    notes = " ".join(measured(figures="occupancy", beds=BEDS).notes)
    assert "The number of beds changed (5 to 3 in March 2024)" in notes
    assert "an event to mark, not an improvement of care" in notes


def test_only_beds_of_the_wards_that_are_meant():
    oak = STAYS[STAYS["ward"] == "Oak"]
    found = measured(oak, figures="occupancy", beds=BEDS)
    assert found.table["beds"].tolist() == [3, 3, 1]
    assert any("Beds of 1 others in `ward` without stays here: left out." in n for n in found.notes)


def test_a_ward_that_leaves_a_month_out_makes_the_sum_unknown():
    found = measured(figures="occupancy", beds=BEDS.drop(index=3)).table  # Oak in February
    assert np.isnan(found["occupancy"].iloc[1])
    assert found["occupancy"].notna().tolist() == [True, False, True]


def test_beds_by_quarter_serve_every_month():
    found = measured(
        figures="occupancy",
        beds=beds(
            ("2024-01-01", "Elm", 4),
            ("2024-01-01", "Oak", 2),
            ("2024-04-01", "Elm", 4),
            ("2024-04-01", "Oak", 2),
        ),
    )
    assert found.table["beds"].tolist() == [6, 6, 6]
    assert any("Beds are given by quarter" in note for note in found.notes)


def test_lengths_and_readmissions_by_month_of_discharge():
    lengths = measured(figures="length_of_stay").table
    assert lengths["period"].dt.month.tolist() == [2, 3]
    assert lengths["discharges"].tolist() == [2, 1]
    assert lengths["median_nights"].tolist() == [15.5, 57]
    back = measured(figures="readmissions", extract_date="2024-04-30").table
    assert back[["discharges", "readmitted"]].to_numpy().tolist() == [[2, 1], [1, 0]]
    cut = measured(figures="readmissions", extract_date="2024-03-30")
    assert cut.table["period"].dt.month.tolist() == [2]
    assert any("not all followed for 29 days are left out" in note for note in cut.notes)


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"figures": "occupancy"}, ParameterError, "Occupancy needs a table of beds."),
        ({"beds": BEDS}, ParameterError, "Beds are for `figures: occupancy`"),
        ({"figures": "occupied"}, ParameterError, "`figures` must be one of"),
        ({"figures": "readmissions", "extract_date": None}, ParameterError, "is needed"),
        ({"figures": "length_of_stay", "leave": STAYS}, ParameterError, "Leave is not taken off"),
        ({"figures": "occupancy", "beds": BEDS, "every": "week"}, ParameterError, "by month"),
        (
            {"figures": "occupancy", "beds": BEDS.drop(columns="beds")},
            DataError,
            "no column `beds`",
        ),
        (
            {"figures": "occupancy", "beds": BEDS.assign(ward="Ash")},
            DataError,
            "No `ward` of the beds occurs in the stays.",
        ),
        (
            {
                "figures": "occupancy",
                "beds": BEDS.assign(period=BEDS["period"] - pd.DateOffset(years=10)),
            },
            DataError,
            "no period in common",
        ),
    ],
)
def test_what_cannot_be_is_refused(more, error, says):
    with pytest.raises(error) as caught:
        measured(**more)
    assert says in str(caught.value)


def test_a_series_is_not_counted():
    series = pd.DataFrame({"period": pd.to_datetime(["2024-01-01", "2024-02-01"]), "x": [1, 2]})
    with pytest.raises(ParameterError, match="A series holds figures already"):
        qi.measure(series, "series", figures="occupancy")
