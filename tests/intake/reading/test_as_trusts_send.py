"""Files as trusts send them: what each kind of them must come to, or must be asked about."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

import qieval as qi
from qieval.core.errors import QievalError
from qieval.intake.proposals import Proposal, propose
from qieval.intake.reading.questions import OpenQuestions
from tests.intake.reading.first_time import book, text

MONTHS = ("Jan 2019", "Feb 2019", "Mar 2019")
FINANCIAL = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"]


def series(folder: Path, *periods: str, n: tuple[str, ...] = (), heading: str = "n") -> Path:
    """A text file of periods, quoted, and figures."""
    figures = n or tuple(str(place) for place in range(1, len(periods) + 1))
    lines = [f'"{when}","{figure}"' for when, figure in zip(periods, figures, strict=True)]
    return text(folder / "a.csv", f'"period","{heading}"', *lines)


def days(table: pd.DataFrame) -> list[str]:
    return [f"{day:%Y-%m}" for day in table["period"]]


def proposed(file: Path, **named: Any) -> Proposal:
    return propose(str(file), **named)


# --- periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("periods", "first"),
    [
        (("16/17", "17/18", "18/19"), ["2016-04", "2017-04", "2018-04"]),
        (("2016-2017", "17/18", "2018/2019"), ["2016-04", "2017-04", "2018-04"]),
        (("01/04/2016 - 31/03/2017", "01/04/2017 - 31/03/2018"), ["2016-04", "2017-04"]),
        (("1st April 2016 – 31st March 2017", "1 April 2017 to 31 March 2018"),
         ["2016-04", "2017-04"]),
        (("1 April to 30 June 2018", "1 July to 30 September 2018"), ["2018-04", "2018-07"]),
        (("Quarter 3 (October to December 2018)", "Quarter 4 (January to March 2019)"),
         ["2018-10", "2019-01"]),
        (("Q3 (Oct-Dec) 2018/19", "Q4 (Jan-Mar) 2018/19"), ["2018-10", "2019-01"]),
        (("Jan\u00a02019", "Feb\u202f2019"), ["2019-01", "2019-02"]),
        (("2017/18\u00b9", "2018/19 [2]"), ["2017-04", "2018-04"]),
        (("FY 2017-18", "2018/19 FY"), ["2017-04", "2018-04"]),
        (("Nov 2018", "Dec", "Jan", "Feb"), ["2018-11", "2018-12", "2019-01", "2019-02"]),
    ],
)  # fmt: skip
def test_periods_as_people_write_them(
    tmp_path: Path, periods: tuple[str, ...], first: list[str]
) -> None:
    done = qi.read(series(tmp_path, *periods), "series")
    assert days(done.table) == first
    assert done.passport.questions == ()


def test_the_year_of_a_fourth_quarter_by_its_months_is_asked(tmp_path: Path) -> None:
    file = series(tmp_path, "Q3 (Oct-Dec) 2018", "Q4 (Jan-Mar) 2019")
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"quarters": "calendar"}
    assert days(qi.read(file, "series", quarters="calendar").table)[1] == "2019-01"
    assert days(qi.read(file, "series", quarters="financial").table)[1] == "2020-01"


@pytest.mark.parametrize("cells", [("01/19", "02/19", "12/19"), ("19-Jan", "19-Feb", "19-Dec")])
def test_months_with_a_year_of_two_digits_are_asked_about(
    tmp_path: Path, cells: tuple[str, ...]
) -> None:
    file = series(tmp_path, *cells)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"period": "month"}
    assert days(qi.read(file, "series", period="month").table) == ["2019-01", "2019-02", "2019-12"]


def test_words_behind_one_period_are_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(QievalError, match="row 4, column `period`: is not a period"):
        qi.read(series(tmp_path, "2017/18", "2018/19", "2019/20 YTD"), "series")


def test_months_that_excel_took_for_days_are_asked_about(tmp_path: Path) -> None:
    began = [dt.datetime(2024, month, 18) for month in (10, 11, 12)]
    after = [dt.datetime(2024, month, 19) for month in (1, 2)]
    rows = [["period", "n"], *[[day, 1] for day in (*began, *after)]]
    with pytest.raises(OpenQuestions, match="taken months with a year for days"):
        qi.read(book(tmp_path / "a.xlsx", rows), "series")
    later = [["period", "n"], *[[day, 1] for day in began], [dt.datetime(2025, 1, 19), 1]]
    assert qi.read(book(tmp_path / "b.xlsx", later), "series").passport.questions == ()


def test_two_years_in_a_row_are_proposed_as_financial_years(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestions) as caught:
        qi.read(series(tmp_path, "2009-10", "2010-11", "2011-12"), "series")
    assert caught.value.settles == {"period": "financial_year"}


def test_days_that_are_no_whole_period_are_none(tmp_path: Path) -> None:
    with pytest.raises(QievalError, match="is not a period"):
        qi.read(series(tmp_path, "03/04/2016 - 31/03/2017"), "series")


def test_weeks_and_years_in_two_columns(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "Year,Week,n", "2019,1,5", "2019,2,6")
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"period": "week"}
    table = qi.read(file, "series", period="week").table
    assert [f"{day:%Y-%m-%d}" for day in table["period"]] == ["2018-12-31", "2019-01-07"]
    assert table["n"].tolist() == [5, 6]


def test_first_and_last_days_in_two_columns(tmp_path: Path) -> None:
    lines = ["From,To,n", "01/04/2016,31/03/2017,5", "01/04/2017,31/03/2018,6"]
    found = proposed(text(tmp_path / "a.csv", *lines))
    assert found.loaded is not None
    assert days(found.loaded.table) == ["2016-04", "2017-04"]
    other = text(tmp_path / "b.csv", lines[0], "03/04/2016,31/03/2017,5", *lines[2:])
    assert proposed(other).kind is None


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "figures"),
    [
        (("12 [1]", "13*", "14"), [12, 13, 14]),
        (("12 [a]", "13\u00b2", "14 [note 3]"), [12, 13, 14]),
        (("£11.5k", "£1.2m", "£950"), [11_500, 1_200_000, 950]),
        (("11 \u2191", "12 \u2193", "13 \u25b2"), [11, 12, 13]),
        (("GBP 1,200", "GBP 13", "GBP 14"), [1200, 13, 14]),
    ],
)
def test_figures_with_something_behind(
    tmp_path: Path, cells: tuple[str, ...], figures: list[int]
) -> None:
    done = qi.read(series(tmp_path, *MONTHS, n=cells), "series")
    assert done.table["n"].tolist() == figures
    assert "`n`: " in str(done)


@pytest.mark.parametrize(
    ("cells", "figures"),
    [
        (("11 (2 informal)", "12 (3 informal)", "13 (1 informal)"), [11, 12, 13]),
        (("11", "~12", "c. 13"), [11, 12, 13]),
        (("about 11", "approx. 12", "13"), [11, 12, 13]),
    ],
)
def test_figures_with_words_are_asked_about(
    tmp_path: Path, cells: tuple[str, ...], figures: list[int]
) -> None:
    file = series(tmp_path, *MONTHS, n=cells)
    with pytest.raises(QievalError, match="cannot be used"):
        qi.read(file, "series")
    assert qi.read(file, "series", strict=False).table["n"].tolist() == figures


@pytest.mark.parametrize(
    "cells",
    [
        ("2 weeks 3 days", "3 weeks", "1 week 2 days"),
        ("11k", "1.2m", "13"),
        ("12 of 30", "13", "9 of 12"),
        ("1:4", "1:5", "1:4"),
        ("10h 30m", "9h 15m", "8h"),
        ("10-14", "15-19", "20-24"),
    ],
)
def test_values_that_are_no_plain_numbers_are_asked_about(
    tmp_path: Path, cells: tuple[str, ...]
) -> None:
    with pytest.raises(QievalError):
        qi.read(series(tmp_path, *MONTHS, n=cells), "series")


def test_figures_that_are_all_withheld_are_figures(tmp_path: Path) -> None:
    done = qi.read(series(tmp_path, *MONTHS, n=("<5", "<5", "<5")), "series")
    assert done.table["n"].isna().all()
    assert done.table["n_at_most"].tolist() == [4, 4, 4]


def test_labels_that_begin_with_digits_are_not_asked_about(tmp_path: Path) -> None:
    lines = [
        f"{when},{age},{place}" for place, when in enumerate(MONTHS) for age in ("0-17", "18+")
    ]
    file = text(tmp_path / "a.csv", "period,unit,n", *lines)
    assert qi.read(file, "series").passport.questions == ()


def test_commas_in_a_file_of_semicolons_are_asked_about(tmp_path: Path) -> None:
    lines = ["period;rate", "01/2019;1,100", "02/2019;1,250", "03/2019;1,375"]
    file = text(tmp_path / "a.csv", *lines)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"decimal_comma": False}
    assert qi.read(file, "series", decimal_comma=False).table["rate"].tolist() == [1100, 1250, 1375]
    assert qi.read(file, "series", decimal_comma=True).table["rate"].tolist() == [1.1, 1.25, 1.375]
    thousands = text(tmp_path / "b.csv", *lines, "04/2019;985")
    assert qi.read(thousands, "series").table["rate"].tolist() == [1100, 1250, 1375, 985]


def test_what_is_called_a_total_needs_one_sum(tmp_path: Path) -> None:
    rows = [["Ward", "2018/19", "2019/20"], ["Ash", 11, 12], ["Elm", 13, 24], ["Oak", 15, 36]]
    file = book(tmp_path / "a.xlsx", [*rows, ["Trust wide", 39, 72]])
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"totals": "leave_out"}
    assert qi.read(file, "series", totals="leave_out").table["value"].sum() == 111
    other = book(tmp_path / "b.xlsx", [*rows, ["Sycamore", 39, 72]])
    assert qi.read(other, "series").passport.questions == ()


@pytest.mark.parametrize("whole", [[["Trust", 550, 55]], []])
def test_services_above_their_wards(tmp_path: Path, whole: list[list[Any]]) -> None:
    rows = [["Service", "Staff", "Leavers"], ["Adult", 300, 30], ["Ash", 100, 12], ["Elm", 200, 18]]
    rows += [["Older", 250, 25], ["Oak", 150, 10], ["Fir", 100, 15], *whole]
    file = book(tmp_path / "a.xlsx", rows)
    with pytest.raises(OpenQuestions, match="Totals stand among their parts"):
        qi.read(file, "units", columns={"unit": "Service"})
    kept = qi.read(file, "units", columns={"unit": "Service"}, totals="leave_out").table
    assert kept["unit"].tolist() == ["Ash", "Elm", "Oak", "Fir"]


# --- layout ---------------------------------------------------------------------------------------


def test_months_by_number_take_the_year_of_the_title(tmp_path: Path) -> None:
    rows = [["2018/19 detentions by ward"], ["Ward", *[f"M{n}" for n in range(1, 13)]]]
    rows += [["Ash", *range(12)], ["Elm", *range(20, 32)]]
    found = proposed(book(tmp_path / "a.xlsx", rows))
    assert [one.settles for one in found.questions] == [{"period_of_file": "2018/19"}]
    table = qi.read(tmp_path / "a.xlsx", "series", period_of_file="2018/19").table
    assert (days(table)[0], days(table)[11], len(table)) == ("2018-04", "2019-03", 24)


def test_headings_on_three_rows(tmp_path: Path) -> None:
    rows = [
        [None, "2018/19", None, None, None, "2019/20", None, None, None],
        [None, *["Q1", "Q2", "Q3", "Q4"] * 2],
        ["Team", *["Number"] * 8],
        ["Ash", *range(10, 18)],
    ]
    table = qi.read(book(tmp_path / "a.xlsx", rows), "series").table
    assert (days(table)[0], days(table)[-1]) == ("2018-04", "2020-01")
    assert table["Number"].tolist() == [*range(10, 18)]


@pytest.mark.parametrize(
    ("headings", "first", "measures"),
    [
        (["Admissions 2016/17", "Admissions 2017/18"], ["2016-04", "2017-04"], ["Admissions"]),
        (["2016/17 Admissions", "2016/17 Discharges", "2017/18 Admissions", "2017/18 Discharges"],
         ["2016-04", "2017-04"], ["Admissions", "Discharges"]),
        (["Apr-19 n", "Apr-19 %", "May-19 n", "May-19 %"], ["2019-04", "2019-05"], ["n", "%"]),
        ([2015, 2018], ["2015-01", "2018-01"], ["value"]),
        (["Year 1 (2016/17)", "Year 2 (2017/18)"], ["2016-04", "2017-04"], ["value"]),
        (["Q1 Apr-Jun 18", "Q2 Jul-Sep 18"], ["2018-04", "2018-07"], ["value"]),
        (["2016 (Jan-Dec)", "2017 (Jan-Dec)"], ["2016-01", "2017-01"], ["Jan-Dec"]),
    ],
)  # fmt: skip
def test_periods_within_headings(
    tmp_path: Path, headings: list[Any], first: list[str], measures: list[str]
) -> None:
    rows = [["Ward", *headings], ["Ash", *range(1, len(headings) + 1)]]
    table = qi.read(book(tmp_path / "a.xlsx", rows), "series").table
    assert days(table) == first
    assert [name for name in table if name not in ("period", "ward")] == measures


def test_quarters_by_their_months_as_headings(tmp_path: Path) -> None:
    rows = [["Restraint 2018/19"], ["Ward", "Apr - Jun", "Jul - Sep", "Oct - Dec", "Jan - Mar"]]
    file = book(tmp_path / "a.xlsx", [*rows, ["Ash", 10, 11, 12, 13]])
    table = qi.read(file, "series", period_of_file="2018/19").table
    assert days(table) == ["2018-04", "2018-07", "2018-10", "2019-01"]


def test_years_in_rows_and_quarters_under_wards(tmp_path: Path) -> None:
    rows = [[None, "Ash", None, "Elm", None], ["Year", "Q1", "Q2", "Q1", "Q2"]]
    file = book(tmp_path / "a.xlsx", [*rows, ["2018/19", 1, 2, 3, 4]])
    table = qi.read(file, "series").table
    assert days(table) == ["2018-04", "2018-07"]
    assert (table["Ash"].tolist(), table["Elm"].tolist()) == ([1, 2], [3, 4])


def test_part_of_a_year_beside_whole_ones_is_asked_about(tmp_path: Path) -> None:
    rows = [["Ward", 2017, 2018, "2019 (Jan-Jun)"], ["Ash", 11, 12, 5]]
    with pytest.raises(OpenQuestions, match="part of one"):
        qi.read(book(tmp_path / "a.xlsx", rows), "series")


def test_one_year_above_its_months_in_a_pivot_table(tmp_path: Path) -> None:
    rows = [["Row Labels", "Sum of n"], [2018, 6], ["Jan", 1], ["Feb", 2], ["Mar", 3]]
    found = proposed(book(tmp_path / "a.xlsx", [*rows, ["Grand Total", 6]]))
    assert found.loaded is not None
    assert days(found.loaded.table) == ["2018-01", "2018-02", "2018-03"]


def test_one_heading_over_figures_beside_a_corner(tmp_path: Path) -> None:
    rows = [["Beds by ward"], [None, "Beds"], ["Ash", 1], ["Elm", 2], ["Oak", 3]]
    found = proposed(book(tmp_path / "a.xlsx", rows))
    assert found.loaded is not None
    assert found.loaded.table["Beds"].tolist() == [1, 2, 3]


def test_tables_beside_one_another_without_a_blank_column(tmp_path: Path) -> None:
    rows = [["Month", "Beds", "Month", "Beds"]]
    rows += [[f"{m} 2018", n, f"{m} 2019", 10 + n] for n, m in enumerate(("Jan", "Feb", "Mar"))]
    file = book(tmp_path / "a.xlsx", rows)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series", columns={"period": "Month"})
    assert caught.value.settles == {"table": 1}
    second = qi.read(file, "series", columns={"period": "Month"}, table=2).table
    assert second["Beds"].tolist() == [10, 11, 12]


def test_marks_behind_headings(tmp_path: Path) -> None:
    rows = [["Ward \u00b9", "2016/17*", "2017/18 [2]", "2018/19 (p)"], ["Ash", 1, 2, 3]]
    table = qi.read(book(tmp_path / "a.xlsx", rows), "series").table
    assert days(table) == ["2016-04", "2017-04", "2018-04"]
    assert table.iloc[:, -1].tolist() == [1, 2, 3]


def test_a_code_and_its_name_are_one_unit(tmp_path: Path) -> None:
    rows = [["Org Code", "Org Name", "2016/17", "2017/18"], ["RXX", "Ash trust", 1, 2]]
    table = qi.read(book(tmp_path / "a.xlsx", [*rows, ["RYY", "Elm trust", 3, 4]]), "series").table
    assert len(table) == 4
    assert table["value"].tolist() == [1, 2, 3, 4]


def test_a_table_without_headings(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "Jan 2019,10", "Feb 2019,11", "Mar 2019,12")
    found = proposed(file)
    assert found.kind is not None
    assert found.columns == {"period": "column 1"}
    assert [one.settles for one in found.questions] == [{"header": 0}]
    done = qi.read(file, "series", header=0, columns=found.columns)
    assert done.table["column 2"].tolist() == [10, 11, 12]
    assert "No row holds headings" in str(done)


def test_a_text_file_with_tabs(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("period\tn\nJan 2019\t10\nFeb 2019\t11\n", encoding="utf-16")
    assert qi.read(file, "series").table["n"].tolist() == [10, 11]


# --- what it may be -------------------------------------------------------------------------------


def test_each_table_of_a_sheet_is_proposed(tmp_path: Path) -> None:
    rows = [["Admissions", None, None, "Discharges"], ["Month", "n", None, "Month", "n"]]
    rows += [[when, 11 + n, None, when, 21 + n] for n, when in enumerate(MONTHS)]
    found = proposed(book(tmp_path / "a.xlsx", rows))
    assert found.kind is not None
    assert [one.settles for one in found.questions] == [{"table": 1}]
    (other,) = found.others
    assert other.given == {"table": 2}
    read = qi.read(tmp_path / "a.xlsx", other.kind.name, columns=other.renamed, **other.given)
    assert read.table["n"].tolist() == [21, 22, 23]


def test_each_sheet_of_one_shape_is_proposed(tmp_path: Path) -> None:
    import openpyxl

    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, ward in enumerate(("Ash ", "Elm")):
        sheet = made.create_sheet(ward)
        for row in [["Month", "n"], *[[when, 10 * number + 1] for when in MONTHS]]:
            sheet.append(row)
    made.save(tmp_path / "a.xlsx")
    found = proposed(tmp_path / "a.xlsx")
    assert (found.sheet, [one.sheet for one in found.others]) == (None, ["Elm"])
    assert [one.settles for one in found.questions] == [{"sheet": "Ash"}]
    named = proposed(tmp_path / "a.xlsx", sheet="Elm")
    assert (named.sheet, named.others) == ("Elm", ())


def test_a_year_that_stands_nowhere_is_left_to_be_said(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "Month,n", "April,1", "May,2", "June,3")
    found = proposed(file)
    assert found.kind is not None
    assert (found.kind.name, found.lacks_year, found.choices) == ("series", True, {})
    assert found.numbers() == ["n"]
    assert days(qi.read(file, "series", period_of_file="2019/20").table)[0] == "2019-04"
    assert days(qi.read(file, "series", period_of_file=2019).table)[0] == "2019-04"


@pytest.mark.parametrize(
    ("lines", "kind", "columns"),
    [
        (["Month,Response (%)", "Jan 2019,45%", "Feb 2019,46%"], "series", {"period": "Month"}),
        (["Month,Response", "Jan 2019,45", "Feb 2019,46"], "series", {"period": "Month"}),
        (["Month,Seen", "Jan 2019,12", "Feb 2019,13"], "series", {"period": "Month"}),
        (["Row Labels,Total", "2016/17,11", "2017/18,12"], "series", {"period": "Row Labels"}),
        (["Ethnicity,2018/19", "White,9", "Asian,8", "Black,7"], "units", {"unit": "Ethnicity"}),
        (["Question,Answer", "Beds,12", "Staff,30", "Policy?,Yes"], "units", {"unit": "Question"}),
    ],
)
def test_what_a_table_is_by_its_cells(
    tmp_path: Path, lines: list[str], kind: str, columns: dict[str, str]
) -> None:
    found = proposed(text(tmp_path / "a.csv", *lines))
    assert found.kind is not None
    assert (found.kind.name, found.columns) == (kind, columns)


def test_periods_as_headings_are_no_standards(tmp_path: Path) -> None:
    rows = [
        [None, "2018/19", None, None, None, "2019/20"],
        ["Team", *["Q1", "Q2", "Q3", "Q4", "Q1", "Q2"]],
        ["Ash", *range(1, 7)],
    ]
    found = proposed(book(tmp_path / "a.xlsx", rows))
    assert found.kind is not None
    assert (found.kind.name, found.given) == ("series", {})


def test_a_year_beside_a_period_is_no_figure(tmp_path: Path) -> None:
    found = proposed(text(tmp_path / "a.csv", "Year,Month,n", "2018,1,5", "2018,2,6"))
    assert found.numbers() == ["n"]
    assert yaml.safe_dump(found.given) == "{}\n"


# --- what passed over periods, or took figures for what they are not ------------------------------


def test_months_whose_year_stands_with_the_first_as_headings(tmp_path: Path) -> None:
    rows = [["Ward", "Oct-18", "Nov", "Dec", "Jan-19", "Feb", "Mar"], ["Ash", 1, 2, 3, 4, 5, 6]]
    table = qi.read(book(tmp_path / "a.xlsx", [*rows, ["Elm", 2, 3, 4, 5, 6, 7]]), "series").table
    assert days(table)[:6] == ["2018-10", "2018-11", "2018-12", "2019-01", "2019-02", "2019-03"]
    assert table["value"].sum() == 48


def test_numbers_under_quarter_are_no_months(tmp_path: Path) -> None:
    rows = [f"2018/19,{quarter},{10 * quarter}" for quarter in range(1, 5)]
    file = text(tmp_path / "a.csv", "Fin Year,Quarter,Falls", *rows)
    assert days(qi.read(file, "series").table) == ["2018-04", "2018-07", "2018-10", "2019-01"]


@pytest.mark.parametrize("headings", ["FIN_YEAR,FIN_MONTH", "FinYear,FinPeriod"])
def test_headings_written_together_name_years_and_months(tmp_path: Path, headings: str) -> None:
    rows = [f"2018/19,{month},{20 + month}" for month in range(1, 13)]
    found = proposed(text(tmp_path / "a.csv", f"{headings},Admissions", *rows))
    assert found.loaded is not None
    assert days(found.loaded.table)[::11] == ["2018-04", "2019-03"]
    assert found.numbers() == ["Admissions"]


@pytest.mark.parametrize(
    "lines",
    [
        ("Category,2016,2017,2018", "Restraint,4,5,6", "Seclusion,1,2,3"),
        ("Response,2016/17,2017/18", "Yes,41,52", "No,11,12", "Not recorded,7,8"),
        ("Year,Reason,Number", "2016,No bed,41", "2016,Other,12", "2017,No bed,3", "2017,Other,7"),
        ("Question,Response", "1. Admissions 2016/17,312", "2. Admissions 2017/18,344"),
        ("What,Number", "2016/17 - restraints,120", "2017/18 - restraints,134"),
    ],
)
def test_periods_are_passed_over_by_no_kind(tmp_path: Path, lines: tuple[str, ...]) -> None:
    found = proposed(text(tmp_path / "a.csv", *lines))
    assert found.kind is not None
    assert found.kind.name == "series"
    assert found.loaded is not None
    assert days(found.loaded.table)[0][:4] == "2016"


def test_the_first_and_last_day_of_a_month(tmp_path: Path) -> None:
    file = series(tmp_path, "1-30 April 2018", "1 to 31 May 2018")
    assert days(qi.read(file, "series").table) == ["2018-04", "2018-05"]
    with pytest.raises(QievalError, match="is not a period"):
        qi.read(series(tmp_path, "2-30 April 2018", "1-31 May 2018"), "series")


def test_rows_of_which_one_is_the_sum_are_proposed_as_units(tmp_path: Path) -> None:
    parts = [[3, 9, 14, 21, 30, 12], [5, 7, 8, 40, 22, 19], [61, 4, 7, 9, 10, 11]]
    named = [[name, *row] for name, row in zip(("Powys", "Gwent", "Mona"), parts, strict=True)]
    whole: list[Any] = ["Wales", *map(sum, zip(*parts, strict=True))]
    months: list[Any] = [None, *[f"{month} 2018" for month in FINANCIAL[:6]]]
    rows: list[list[Any]] = [months, *named, whole]
    file = book(tmp_path / "a.xlsx", rows)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles["rows_are"] == "units"
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series", rows_are="units")
    assert caught.value.settles == {"totals": "leave_out"}


def test_the_year_in_the_name_of_a_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Month", "n"], *[[m, n] for n, m in enumerate(FINANCIAL)]]
    file = sheet_named(tmp_path / "a.xlsx", "Admissions 1819", rows)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles["period_of_file"] == "2018/19"


def sheet_named(file: Path, name: str, rows: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.active.title = name
    for row in rows:
        made.active.append(row)
    made.save(file)
    return file


def test_bands_of_age_are_no_suppressed_numbers(tmp_path: Path) -> None:
    pairs = [(month, age) for month in ("Apr-18", "May-18") for age in ("Under 18", "18-64", "65+")]
    rows = [f"{month},Elm,{age},{n}" for n, (month, age) in enumerate(pairs, 11)]
    file = text(tmp_path / "a.csv", "period,ward,Age group,Admissions", *rows)
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"columns": {"unit": "Age group"}}
    assert len(qi.read(file, "series", columns={"unit": "Age group"}).table) == 6


def test_dates_do_not_say_whose_figures_rows_hold(tmp_path: Path) -> None:
    rows = [
        f"01/0{month}/2019,28/0{month}/2019,{org},{org} NHS,{what},{month}1"
        for month in (4, 5)
        for org in ("RXA", "RXB")
        for what in ("MHS01", "AMH03")
    ]
    head = "period,PERIOD_END,LEVEL,LEVEL_DESCRIPTION,MEASURE_ID,MEASURE_VALUE"
    found = proposed(text(tmp_path / "a.csv", head, *rows))
    assert found.columns["measure"] == "MEASURE_ID"
    (question,) = found.questions
    assert question.settles["columns"]["unit"] == "LEVEL"


def test_a_missing_column_is_named_by_a_heading_of_the_file(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "period,Where it was,n", "2019-01,Elm,4", "2019-02,Elm,5")
    with pytest.raises(QievalError) as caught:
        qi.read(file, "series", columns={"unit": "nothing alike"})
    assert "`columns: {unit: Where it was}`" in str(caught.value.remedy)


def test_plain_years_under_financial_year_are_asked_about(tmp_path: Path) -> None:
    file = series(tmp_path, "2017", "2018", "2019")
    assert days(qi.read(file, "series").table)[0] == "2017-01"
    lines = ["Financial Year,Admissions", "2017,5", "2018,7", "2019,9"]
    named = text(tmp_path / "b.csv", *lines)
    with pytest.raises(OpenQuestions, match="end or begin a financial year"):
        qi.read(named, "series", columns={"period": "Financial Year"})
    ends = text(tmp_path / "c.csv", "Year ending 31 March,Admissions", *lines[1:])
    table = qi.read(ends, "series", columns={"period": "Year ending 31 March"}).table
    assert days(table)[0] == "2016-04"


def test_numbers_under_years_are_quarters_where_the_corner_says_so(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Site", "2017/18", None, None, None, "2018/19", None, None, None],
        ["Quarter", 1, 2, 3, 4, 1, 2, 3, 4],
        ["Ash", *range(10, 18)],
        ["Elm", *range(20, 28)],
    ]
    table = qi.read(book(tmp_path / "a.xlsx", rows), "series", strict=False).table
    assert days(table)[:4] == ["2017-04", "2017-07", "2017-10", "2018-01"]
    assert len(table) == 16


def test_quarters_between_the_years_and_months_of_a_pivot_table(tmp_path: Path) -> None:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    rows: list[list[Any]] = [["Row Labels", "Count of Id"]]
    for year in (2017, 2018):
        months = [[name, year - 2000 + n] for n, name in enumerate(names)]
        quarters = [sum(n for _, n in part) for part in (months[:3], months[3:])]
        rows += [[year, sum(quarters)], ["Qtr1", quarters[0]], *months[:3]]
        rows += [["Qtr2", quarters[1]], *months[3:]]
    rows.append(["Grand Total", sum(row[1] for row in rows if row[0] in names)])
    found = proposed(book(tmp_path / "a.xlsx", rows))
    assert found.loaded is not None
    table = found.loaded.table
    assert days(table)[::11] == ["2017-01", "2018-06"]
    assert table["Count of Id"].sum() == rows[-1][1]


def test_months_beside_plain_financial_years_are_asked_about(tmp_path: Path) -> None:
    rows = ["2018,Apr,5", "2018,May,6", "2018,Jan,7"]
    file = text(tmp_path / "a.csv", "Fiscal Year,Month,OAPs", *rows)
    with pytest.raises(OpenQuestions, match="called financial years") as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"years": "financial"}
    table = qi.read(file, "series", years="financial").table
    assert days(table) == ["2018-04", "2018-05", "2019-01"]


def test_months_under_a_heading_of_dates_are_periods(tmp_path: Path) -> None:
    rows = [f"{month},{what},{n}" for month in MONTHS for n, what in enumerate(("Fall", "Fire"), 4)]
    found = proposed(text(tmp_path / "a.csv", "Incident Date,Category,Number", *rows))
    assert found.kind is not None
    assert found.kind.name == "series"
    dated = [f"0{n}/01/2019,Fall,4" for n in range(1, 9)]
    found = proposed(text(tmp_path / "b.csv", "Incident Date,Category,Number", *dated))
    assert found.kind is not None
    assert found.kind.name == "reasons"


@pytest.mark.parametrize(
    ("corner", "first"),
    [("Year to 31 March", "2015-04"), ("Financial year", "2015-04"), ("Year", "2016-01")],
)
def test_plain_years_as_headings_are_what_the_corner_calls_them(
    tmp_path: Path, corner: str, first: str
) -> None:
    rows: list[list[Any]] = [[corner, 2016, 2017], ["Admissions", 5, 6], ["Discharges", 8, 9]]
    file = book(tmp_path / "a.xlsx", rows)
    assert days(qi.read(file, "series", rows_are="measures", strict=False).table)[0] == first
    if corner == "Financial year":
        with pytest.raises(OpenQuestions):
            qi.read(file, "series", rows_are="measures")


def test_years_that_end_in_march_as_headings(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None, "Year ending March 2017", "Year ending March 2018"]]
    file = book(tmp_path / "a.xlsx", [*rows, ["Admissions", 5, 6], ["Discharges", 8, 9]])
    table = qi.read(file, "series", rows_are="measures").table
    assert days(table) == ["2016-04", "2017-04"]
    assert table["Admissions"].tolist() == [5, 6]


def test_quarters_of_plain_financial_years_are_asked_about(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Financial year", "Q1", "Q2", "Q3", "Q4"], [2016, 5, 6, 7, 8]]
    file = book(tmp_path / "a.xlsx", [*rows, [2017, 8, 9, 10, 11]])
    with pytest.raises(OpenQuestions) as caught:
        qi.read(file, "series")
    assert caught.value.settles == {"years": "financial"}
    assert days(qi.read(file, "series", years="financial").table)[-1] == "2018-01"


def test_quarters_that_follow_one_with_a_year(tmp_path: Path) -> None:
    right = ["2018-04", "2018-07", "2018-10", "2019-01", "2019-04"]
    quarters = ["Q1 18/19", "Q2", "Q3", "Q4", "Q1"]
    assert days(qi.read(series(tmp_path, *quarters), "series").table) == right
    rows: list[list[Any]] = [["Ward", *quarters], ["Ash", 1, 2, 3, 4, 5], ["Elm", 2, 3, 4, 5, 6]]
    assert days(qi.read(book(tmp_path / "a.xlsx", rows), "series").table)[:5] == right
    with pytest.raises(QievalError):  # February does not follow April
        qi.read(series(tmp_path, "Apr 2018", "Feb", "Mar"), "series")


@pytest.mark.parametrize(
    "title", ["Admissions by financial year", "Admissions in the years ending 31 March"]
)
def test_a_title_says_that_plain_years_are_financial(tmp_path, title):
    rows = [[title], [], ["Ward", 2017, 2018, 2019], ["Ash", 12, 14, 16], ["Elm", 7, 5, 9]]
    file = book(tmp_path / "a.xlsx", rows)
    with pytest.raises(OpenQuestions, match="`period` holds FY with two digits"):
        qi.read(file, "series")
    table = qi.read(file, "series", period="financial_year").table
    assert table["period"].min() == pd.Timestamp("2016-04-01")
    assert table["value"].sum() == 63


def test_a_title_that_speaks_of_no_financial_year_asks_nothing(tmp_path):
    rows = [["Admissions"], [], ["Ward", 2017, 2018, 2019], ["Ash", 12, 14, 16], ["Elm", 7, 5, 9]]
    table = qi.read(book(tmp_path / "a.xlsx", rows), "series").table
    assert table["period"].min() == pd.Timestamp("2017-01-01")
