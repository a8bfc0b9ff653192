"""From a table to one row a period: series, spells, the counting window, the notes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, QievalError


def series(*periods: str, **columns: list) -> pd.DataFrame:
    return pd.DataFrame({"period": pd.to_datetime(list(periods)), **columns})


def spells(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["person", "start", "end"])
    return table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))


def test_a_series_is_sorted_and_gets_its_days() -> None:
    table = series("2024-03-01", "2024-01-01", "2024-02-01", value=[3, 1, 2])
    before = table.copy(deep=True)
    measured = qi.measure(table, "series")
    assert measured.table["value"].tolist() == [1, 2, 3]
    assert measured.table["days_in_period"].tolist() == [31, 29, 31]
    assert measured.every == "month"
    assert measured.notes == ()
    assert str(measured) == "3 months: January 2024 to March 2024"
    pd.testing.assert_frame_equal(table, before)


def test_a_series_keeps_the_kind_that_reading_found(tmp_path: Path) -> None:
    (tmp_path / "gaps.csv").write_text("period,value\n202301,1\n202401,2\n")
    loaded = qi.read(tmp_path / "gaps.csv", "series")
    measured = qi.measure(loaded.table, "series")
    assert measured.every == "month"  # by its spacing alone it would be a year
    assert measured.table["days_in_period"].tolist() == [31, 31]
    assert list(measured.table.index) == [0, 1]


def test_quarters_and_single_periods() -> None:
    measured = qi.measure(series("2024-01-01", "2024-04-01", value=[1, 2]), "series")
    assert measured.table["days_in_period"].tolist() == [91, 91]
    alone = qi.measure(series("2024-01-01", value=[1]), "series", every="quarter")
    assert alone.table["days_in_period"].tolist() == [91]
    assert str(alone) == "1 quarter: January to March 2024"


def test_units_are_sorted_within_periods() -> None:
    table = series("2024-02-01", "2024-01-01", "2024-02-01", unit=["B", "A", "A"], value=[3, 1, 2])
    assert qi.measure(table, "series").table["value"].tolist() == [1, 2, 3]


def test_spells_are_counted_as_bed_days() -> None:
    table = spells(("a", "2024-01-30", "2024-02-02"), ("b", "2024-02-20", None))
    measured = qi.measure(table, "spells", extract_date="2024-03-10")
    assert measured.table["bed_days"].tolist() == [2, 1 + 10, 10]
    notes = "\n".join(measured.notes)
    assert "Rule mhsds" in notes
    assert "1 stay without an end: counted up to and with the extract date, 10 March 2024." in notes
    assert "January 2024 and the months after it may be too low" in notes
    assert "March 2024 may be incomplete: the extract date is 10 March 2024." in notes


def test_only_whole_periods_of_the_window_are_counted() -> None:
    table = spells(("a", "2023-11-15", "2024-04-10"))
    measured = qi.measure(table, "spells", count_from="2023-12-02", count_to="2024-03-31")
    assert measured.table["period"].dt.strftime("%m").tolist() == ["01", "02", "03"]
    assert measured.table["bed_days"].tolist() == [31, 29, 31]
    notes = "\n".join(measured.notes)
    assert "Only whole months from 2 December 2023 to 31 March 2024 are counted: 3 months" in notes
    assert "may be too low" not in notes
    assert "may be incomplete" not in notes


def test_the_end_of_the_window_is_counted_with_its_last_day() -> None:
    table = series("2024-01-01", "2024-02-01", value=[1, 2])
    assert len(qi.measure(table, "series", count_to="2024-02-29").table) == 2
    assert len(qi.measure(table, "series", count_to="2024-02-28").table) == 1


def test_periods_of_the_window_without_data_are_told_and_never_made_0() -> None:
    table = series("2024-02-01", "2024-03-01", value=[1, 2])
    measured = qi.measure(table, "series", count_from="2024-01-01", count_to="2024-05-31")
    assert len(measured.table) == 2
    assert (
        "No data for January 2024, April 2024 and May 2024, although the window has them: not "
        "shown, not taken as 0." in measured.notes
    )


def test_a_window_without_a_whole_period_is_refused() -> None:
    with pytest.raises(CannotEvaluate) as caught:
        qi.measure(series("2024-01-01", "2024-02-01"), "series", count_from="2024-02-02")
    assert "No whole month lies in the window from 2 February 2024." in str(caught.value)
    assert "months from January 2024 to February 2024" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "parameters", "error", "says"),
    [
        ("serie", {}, ParameterError, "Did you mean `series`?"),
        ("series", {"count_from": "1/2/2024"}, ParameterError, "Write it as `2024-03-31`."),
        ("series", {"by": "wards"}, DataError, "Did you mean `ward`?"),
        ("series", {"leave": pd.DataFrame()}, ParameterError, "A series has no leave"),
        ("spells", {}, DataError, "There is no column `person` in the table."),
    ],
)
def test_what_cannot_be(kind: str, parameters: dict, error: type[QievalError], says: str) -> None:
    table = series("2024-01-01", "2024-02-01", ward=["A", "B"], value=[1, 2])
    with pytest.raises(error) as caught:
        qi.measure(table, kind, **parameters)
    assert says in str(caught.value)


def test_periods_that_are_no_dates() -> None:
    table = pd.DataFrame({"period": ["2024-01"], "value": [1]})
    with pytest.raises(DataError, match="`period` does not hold dates"):
        qi.measure(table, "series")
    with pytest.raises(DataError, match="a row without a period"):
        qi.measure(series("2024-01-01").head(0), "series")


def test_leave_may_be_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "stays.csv").write_text("person,start,end\nA,2024-01-01,2024-02-01\n")
    stays = qi.read(tmp_path / "stays.csv", "spells").table
    file = tmp_path / "leave.csv"
    file.write_text("person,start,end\nA,2024-01-05,2024-01-08\nA,2024-01-06,2024-01-09\n")
    measured = qi.measure(stays, "spells", leave=str(file))
    assert measured.table.loc[0, "bed_days_net"] == 31 - 4
    assert any("2 of 2 rows of leave read from leave.csv" in note for note in measured.notes)


def test_leave_under_other_pseudonyms_is_refused_not_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "leave.csv"
    file.write_text("person,start,end\nA,2024-01-05,2024-01-08\n")
    with pytest.raises(DataError, match="cannot be found among those of the stays"):
        qi.measure(spells(("A", "2024-01-01", "2024-02-01")), "spells", leave=str(file))


def test_the_html_shows_notes_and_reach_but_no_rows() -> None:
    html = qi.measure(spells(("NHS1", "2024-01-30", "2024-02-02")), "spells")._repr_mimebundle_()[
        "text/html"
    ]
    assert html.startswith('<p class="qi-name">2 months: January 2024 to')
    assert "<li>Rule mhsds" in html
    assert "NHS1" not in html


@pytest.mark.mirror
def test_scotlands_delayed_discharges_a_day(mirror: Path) -> None:
    loaded = qi.read(
        mirror / "scot-delayed-discharges" / "delayed-discharge-beddays-health-board.csv",
        "series",
        columns={"period": "MonthOfDelay", "bed_days": "NumberOfDelayedBedDays"},
        where={"HBT": "S92000003", "AgeGroup": "18plus", "ReasonForDelay": "All Delay Reasons"},
    )
    table = qi.measure(loaded.table, "series").table.set_index("period")
    a_day = (table["bed_days"] / table["days_in_period"]).round()
    assert a_day[pd.Timestamp("2020-03-01")] == 1_452
    assert a_day[pd.Timestamp("2020-04-01")] == 676
    assert (a_day == table["AverageDailyNumberOfDelayedBeds"]).mean() > 0.98
