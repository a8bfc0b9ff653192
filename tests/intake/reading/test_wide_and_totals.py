"""Periods that stand in headings, in two columns or outside; totals and what they add up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import ParameterError, QievalError
from tests.intake.reading.workbooks import workbook

YEAR = [dt.datetime(2024, month, 1) for month in range(1, 13)]
NAMES = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"]


def refused(file: Path, kind: str = "series", **parameters: Any) -> str:
    with pytest.raises(QievalError) as caught:
        qi.read(file, kind, **parameters)
    return str(caught.value)


def months(loaded: qi.Loaded) -> list[str]:
    return [f"{day:%Y-%m}" for day in loaded.table["period"]]


# --- wide tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        YEAR,
        [f"{day:%b-%y}" for day in YEAR],
        [f"{day:%B %Y}" for day in YEAR],
        [f"{day:%Y-%m}" for day in YEAR],
        [int(f"{day:%Y%m}") for day in YEAR],
    ],
)
def test_months_as_headings_and_measures_as_rows(tmp_path: Path, headings: list[Any]) -> None:
    rows = [["Flow"], ["Measure", *headings], ["In", *range(12)], ["Out", *range(20, 32)]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert [*loaded.table] == ["period", "In", "Out"]
    assert months(loaded) == [f"{day:%Y-%m}" for day in YEAR]
    assert loaded.table["Out"].tolist() == [*range(20, 32)]
    assert loaded.table.index.tolist() == [*range(1, 13)]
    assert "Periods stood side by side as headings (12 columns" in str(loaded)
    assert loaded.passport.rows_read == loaded.passport.rows_kept == 12


def test_months_as_headings_and_wards_as_rows(tmp_path: Path) -> None:
    rows = [["Ward", *YEAR, "Total"], ["Rowan", *range(12), 66], ["Elm", *range(20, 32), 306]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert [*loaded.table] == ["period", "ward", "value"]
    assert loaded.table.groupby("ward")["value"].sum().to_dict() == {"Elm": 306, "Rowan": 66}
    assert "`Total` beside the periods is the sum of each row: it was left out." in str(loaded)


def test_a_total_beside_the_periods_that_does_not_agree(tmp_path: Path) -> None:
    rows = [["Ward", *YEAR, "Total"], ["Rowan", *range(12), 66], ["Elm", *range(20, 32), 300]]
    file = workbook(tmp_path, rows)
    text = refused(file)
    assert "`Total` is called a total, but the periods beside it do not add up to it" in text
    assert "row 3: they make 306, it says 300" in text
    assert len(qi.read(file, "series", totals="leave_out").table) == 24


def test_wards_and_measures_as_rows(tmp_path: Path) -> None:
    rows = [["Ward", "Measure", *YEAR[:3]]]
    rows += [[ward, measure, 1, 2, 3] for ward in ("Rowan", "Elm") for measure in ("In", "Out")]
    table = qi.read(workbook(tmp_path, rows), "series").table
    assert [*table] == ["period", "ward", "In", "Out"]
    assert len(table) == 6


def test_rows_that_may_be_measures_or_wards_are_asked_about(tmp_path: Path) -> None:
    file = workbook(tmp_path, [[None, *YEAR], ["Rowan", *range(12)], ["Elm", *range(12)]])
    text = refused(file)
    assert "may be measures or units" in text
    assert "`rows_are: measures` or `rows_are: units`" in text
    units = qi.read(file, "series", rows_are="units").table
    assert [*units] == ["period", "unit", "value"]
    measures = qi.read(file, "series", rows_are="measures").table
    assert [*measures] == ["period", "Rowan", "Elm"]
    named = qi.read(file, "series", columns={"stays": "Rowan"}).table
    assert [*named] == ["period", "stays", "Elm"]


def test_blank_months_have_no_row_and_are_told_as_missing(tmp_path: Path) -> None:
    rows = [["Measure", *YEAR], ["In", *range(5), None, *range(6, 10)]]
    passport = qi.read(workbook(tmp_path, rows), "series").passport
    assert passport.periods_missing == (pd.Timestamp("2024-06-01"),)
    assert passport.last_period == pd.Timestamp("2024-10-01")


def test_years_as_rows_and_months_as_headings(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["Year", "Jan", "Feb", "Mar"], [2022, 1, 2, 3], [2023, 4, 5, 6]])
    loaded = qi.read(file, "series")
    assert months(loaded) == ["2022-01", "2022-02", "2022-03", "2023-01", "2023-02", "2023-03"]
    assert loaded.table["value"].tolist() == [1, 2, 3, 4, 5, 6]


def test_years_as_rows_and_month_numbers_as_headings(tmp_path: Path) -> None:
    rows = [["Beds"], [None, *range(1, 13)], [2022, *range(12)], [2023, *range(12, 24)]]
    file = workbook(tmp_path, rows)
    assert "`years: calendar`" in refused(file)
    loaded = qi.read(file, "series", zeros="counted", years="calendar")
    assert loaded.table["value"].tolist() == [*range(24)]
    assert months(loaded)[-1] == "2023-12"


def test_months_as_rows_and_years_as_headings(tmp_path: Path) -> None:
    rows = [["Month", 2022, 2023], *[[name, n, n + 12] for n, name in enumerate(NAMES)]]
    loaded = qi.read(
        workbook(tmp_path, rows), "series", columns={"period": "Month"}, years="calendar"
    )
    by_month = loaded.table.set_index("period")["value"]
    assert by_month[pd.Timestamp("2022-04-01")] == 0
    assert by_month[pd.Timestamp("2023-01-01")] == 9 + 12


def test_financial_years_say_which_year_january_belongs_to(tmp_path: Path) -> None:
    rows = [["Year", *NAMES], ["2022/23", *range(12)], ["2023/24", *range(12, 24)]]
    loaded = qi.read(workbook(tmp_path, rows), "series", zeros="counted")
    assert months(loaded)[0] == "2022-04"
    assert months(loaded)[11] == "2023-03"
    assert loaded.passport.periods_present == loaded.passport.periods_expected == 24


def test_plain_years_from_april_are_asked_about(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["Year", *NAMES], [2022, *range(1, 13)], [2023, *range(12, 24)]])
    text = refused(file)
    assert "it may be a financial year" in text
    assert "`years: financial`" in text
    assert months(qi.read(file, "series", years="financial"))[9] == "2023-01"
    assert "2022-01" in months(qi.read(file, "series", years="calendar"))


@pytest.mark.parametrize("lower", [[*range(1, 13)], [f"{day:%b}" for day in YEAR]])
def test_years_above_months(tmp_path: Path, lower: list[Any]) -> None:
    rows = [["Ward", 2022, *[None] * 11, 2023], [None, *lower, *lower], ["Elm", *range(1, 25)]]
    file = workbook(tmp_path, rows, merged=["A1:A2", "B1:M1", "N1:Y1"])
    if lower[0] == 1:
        assert "`years: calendar`" in refused(file)
    loaded = qi.read(file, "series", years="calendar")
    assert loaded.table["value"].tolist() == [*range(1, 25)]
    assert months(loaded)[:1] + months(loaded)[-1:] == ["2022-01", "2023-12"]


def test_plain_years_above_months_from_april_are_asked_about(tmp_path: Path) -> None:
    rows = [["Ward", 2022, *[None] * 11, 2023], [None, *NAMES, *NAMES], ["Elm", *range(1, 25)]]
    file = workbook(tmp_path, rows, merged=["A1:A2", "B1:M1", "N1:Y1"])
    assert "`years: financial`" in refused(file)
    loaded = qi.read(file, "series", years="financial")
    assert loaded.passport.periods_present == loaded.passport.periods_expected == 24
    assert (months(loaded)[0], months(loaded)[-1]) == ("2022-04", "2024-03")


def test_month_numbers_under_a_financial_year_are_asked_about(tmp_path: Path) -> None:
    numbers = [*range(1, 13)]
    rows = [["Ward", "2022/23", *[None] * 11, "2023/24"], [None, *numbers, *numbers]]
    file = workbook(tmp_path, [*rows, ["Elm", *range(1, 25)]], merged=["B1:M1", "N1:Y1"])
    assert "`years: financial`" in refused(file)
    assert months(qi.read(file, "series", years="financial"))[0] == "2022-04"
    assert months(qi.read(file, "series", years="calendar"))[0] == "2023-01"


def test_periods_above_measures(tmp_path: Path) -> None:
    rows = [["Ward", "Jan-24", None, "Feb-24"], [None, "In", "Out", "In", "Out"]]
    rows += [["Rowan", 1, 2, 3, 4], ["Elm", 5, 6, 7, 8]]
    file = workbook(tmp_path, rows, merged=["A1:A2", "B1:C1", "D1:E1"])
    table = qi.read(file, "series").table
    assert [*table] == ["period", "ward", "In", "Out"]
    assert table["Out"].tolist() == [2, 4, 6, 8]


def test_a_kind_without_periods_is_not_turned(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["unit", 2022, 2023], ["Rowan", 1, 2], ["Elm", 3, 4]])
    table = qi.read(file, "units").table
    assert [*table] == ["unit", "2022", "2023"]


# --- periods in two columns, above groups, outside ------------------------------------------------


@pytest.mark.parametrize("month", [["Jan", "Feb", "Mar", "Jan", "Feb"], [1, 2, 3, 1, 2]])
def test_a_year_in_the_first_row_of_its_block(tmp_path: Path, month: list[Any]) -> None:
    years = [2022, None, None, 2023, None]
    rows = [["Year", "Month", "Stays"]]
    rows += [[year, part, 5] for year, part in zip(years, month, strict=True)]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert months(loaded) == ["2022-01", "2022-02", "2022-03", "2023-01", "2023-02"]
    assert "`Year` stands in the first row of each group only: 3 cells filled" in str(loaded)


def test_a_year_above_its_months(tmp_path: Path) -> None:
    rows = [["Month", "In", "Out"], [2022], ["Jan", 1, 2], ["Feb", 3, 4], [2023], ["Jan", 5, 6]]
    file = workbook(tmp_path, rows)
    assert months(qi.read(file, "series", columns={"period": "Month"})) == [
        "2022-01",
        "2022-02",
        "2023-01",
    ]


def test_a_year_in_the_first_month_only(tmp_path: Path) -> None:
    rows = [["Month", "In"], ["Nov 2022", 1], ["Dec", 2], ["Jan 2023", 3], ["Feb", 4], ["Mar", 5]]
    loaded = qi.read(workbook(tmp_path, rows), "series", columns={"period": "Month"})
    assert months(loaded) == ["2022-11", "2022-12", "2023-01", "2023-02", "2023-03"]


def test_months_without_any_year_are_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["Month", "In"], ["Jan", 1], ["Feb", 2]])
    text = refused(file, columns={"period": "Month"})
    assert "No year stands with the months" in text
    assert "`period_of_file: 2023`" in text


@pytest.mark.parametrize("place", ["title", "sheet", "file"])
def test_a_period_outside_the_table_is_asked_about(tmp_path: Path, place: str) -> None:
    rows = [["Beds in March 2024"] if place == "title" else ["Beds"]]
    file = workbook(tmp_path, [*rows, ["ward", "beds"], ["Elm", 1], ["Rowan", 2]])
    if place == "file":
        file = file.rename(tmp_path / "Beds 2024-03.xlsx")
    elif place == "sheet":
        import openpyxl

        book = openpyxl.load_workbook(file)
        book.active.title = "Mar 2024"
        book.save(file)
    text = refused(file)
    assert "No column says of which period the figures are." in text
    assert "`period_of_file: " in text
    loaded = qi.read(file, "series", period_of_file="2024-03")
    assert set(months(loaded)) == {"2024-03"}
    assert loaded.table["beds"].tolist() == [1, 2]
    lenient = qi.read(file, "series", strict=False)
    assert set(months(lenient)) == {"2024-03"}


def test_a_period_of_the_file_that_cannot_be(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["ward", "beds"], ["Elm", 1], ["Rowan", 2]])
    with pytest.raises(ParameterError, match="`period_of_file` is no period"):
        qi.read(file, "series", period_of_file="soon")
    file = workbook(tmp_path, [["period", "beds"], ["2024-01", 1], ["2024-02", 2]])
    with pytest.raises(ParameterError, match="periods of its own"):
        qi.read(file, "series", period_of_file="2024-03")


# --- totals --------------------------------------------------------------------------------------

STAYS = [["2024-01", 10, 1.5], ["2024-02", 20, 2.5], ["2024-03", 30, 2.0]]


def total_row(tmp_path: Path, *row: Any, rows: Any = STAYS, **parameters: Any) -> qi.Loaded:
    return qi.read(
        workbook(tmp_path, [["period", "stays", "rate"], *rows, list(row)]), "series", **parameters
    )


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Grand Total", "Total stays", "Sum"])
def test_a_total_that_agrees_is_left_out_and_told(tmp_path: Path, word: str) -> None:
    loaded = total_row(tmp_path, word, 60, 2.0)
    assert loaded.table["stays"].tolist() == [10, 20, 30]
    assert loaded.passport.totals == ("row 5: the sum of the rows above it (3 rows; `stays`)",)
    assert loaded.passport.dropped["reason"].tolist() == ["a total of other rows"]


def test_a_total_that_does_not_agree_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(QievalError) as caught:
        total_row(tmp_path, "Total", 61, 2.0)
    text = str(caught.value)
    assert "Row 5 is called a total, but its parts do not add up to it." in text
    assert "`stays`: the rows above it make 60, it says 61" in text
    assert "`totals: leave_out`" in text
    for parameters in ({"totals": "leave_out"}, {"strict": False}):
        assert len(total_row(tmp_path, "Total", 61, 2.0, **parameters).table) == 3  # type: ignore[arg-type]


def test_totals_can_be_kept(tmp_path: Path) -> None:
    rows = [["ward", "stays"], ["Rowan", 1], ["Elm", 2], ["Total", 3]]
    loaded = qi.read(workbook(tmp_path, rows), "units", columns={"unit": "ward"}, totals="keep")
    assert loaded.table["unit"].tolist() == ["Rowan", "Elm", "Total"]


def test_a_total_that_where_asks_for_is_kept(tmp_path: Path) -> None:
    rows = [["ward", "stays"], ["Rowan", 1], ["Elm", 2], ["Total", 3]]
    file = workbook(tmp_path, rows)
    loaded = qi.read(file, "units", columns={"unit": "ward"}, where={"ward": "Total"})
    assert loaded.table["stays"].tolist() == [3]


def test_withheld_parts_leave_a_total_unchecked(tmp_path: Path) -> None:
    rows = [["2024-01", 10, 1.5], ["2024-02", "<5", 2.5], ["2024-03", 30, 2.0]]
    loaded = total_row(tmp_path, "Total", 43, 2.0, rows=rows)
    assert loaded.passport.totals == ("row 5: fits the rows above it, some of which are withheld",)


def test_sub_totals_and_a_grand_total(tmp_path: Path) -> None:
    rows = [["ward", "period", "stays"]]
    for ward, first in (("Rowan", 1), ("Elm", 5)):
        rows += [[ward, "2024-01", first], [ward, "2024-02", first + 1]]
        rows += [[f"{ward} total", None, 2 * first + 1]]
    rows += [["Grand total", None, 14]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.table["stays"].tolist() == [1, 2, 5, 6]
    assert len(loaded.passport.totals) == 3
    assert "row 8: the sum of all rows above it (4 rows; `stays`)" in loaded.passport.totals


def test_a_total_a_month_beside_the_wards(tmp_path: Path) -> None:
    rows = [["period", "ward", "stays"]]
    for month in ("2024-01", "2024-02"):
        rows += [[month, "All wards total", 3], [month, "Rowan", 1], [month, "Elm", 2]]
    loaded = qi.read(workbook(tmp_path, rows), "series")
    assert loaded.table["stays"].tolist() == [1, 2, 1, 2]
    assert "the rows with the same `period`" in loaded.passport.totals[0]


@pytest.mark.parametrize(
    ("label", "rows"), [("2024", "2024"), ("2023/24", "2023/24"), (2024, "2024")]
)
def test_a_year_among_months(tmp_path: Path, label: Any, rows: str) -> None:
    days = pd.date_range("2023-10-01", "2024-12-01", freq="MS")
    table = [[day.to_pydatetime(), number] for number, day in enumerate(days, start=1)]
    if rows == "2024":
        sum_of = sum(number for day, number in table if day.year == 2024)
    else:
        sum_of = sum(number for day, number in table if day < dt.datetime(2024, 4, 1))
    file = workbook(tmp_path, [["period", "stays"], *table, [label, sum_of]])
    loaded = qi.read(file, "series")
    assert len(loaded.table) == 15
    assert loaded.passport.totals == (
        f"row 17: the sum of the months of {rows} ({12 if rows == '2024' else 6} rows; `stays`)",
    )


def test_a_row_without_a_label_that_adds_up(tmp_path: Path) -> None:
    loaded = total_row(tmp_path, None, 60, None)
    assert loaded.table["stays"].tolist() == [10, 20, 30]


def test_a_row_without_a_label_that_does_not_add_up_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(QievalError, match="row 5, column `period`: is blank"):
        total_row(tmp_path, None, 59, None)


def test_words_about_totals_in_free_text_are_no_totals(tmp_path: Path) -> None:
    rows = [["ward", "comment"], ["Elm", "Total"], ["Elm", "Total rubbish"], ["Elm", "sum total"]]
    assert len(qi.read(workbook(tmp_path, rows), "responses").table) == 3


def test_sums_above_their_groups(tmp_path: Path) -> None:
    rows = [["Row Labels", "Stays"], ["Rowan", 3], ["Jan 2024", 1], ["Feb 2024", 2]]
    rows += [["Elm", 7], ["Jan 2024", 3], ["Feb 2024", 4], ["Grand Total", 10]]
    file = workbook(tmp_path, rows)
    columns = {"period": "Row Labels", "unit": "section"}
    loaded = qi.read(file, "series", columns=columns)
    assert loaded.table["unit"].tolist() == ["Rowan", "Rowan", "Elm", "Elm"]
    assert loaded.table["Stays"].tolist() == [1, 2, 3, 4]
    assert loaded.passport.totals[0] == "row 2: the sum of the 2 rows right below it"
    assert loaded.passport.rows_read == 7


def test_rows_that_happen_to_add_up_are_no_groups(tmp_path: Path) -> None:
    rows = [["unit", "stays"], ["A", 3], ["B", 1], ["C", 2], ["D", 7], ["E", 3], ["F", 4]]
    assert len(qi.read(workbook(tmp_path, rows), "units").table) == 6
