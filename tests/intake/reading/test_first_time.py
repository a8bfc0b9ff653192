"""Nothing wrong in silence, nothing stuck: what is right for each file as it comes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import qieval as qi
from qieval.core.errors import QievalError
from qieval.intake.reading.questions import OpenQuestions
from tests.intake.reading.first_time import CASES, book, levels, text

_LINE = re.compile(r"`(\w+: [^`]+)`")
_MOST_ANSWERS = 3


def asked(tmp_path: Path, case: str, **more: Any) -> OpenQuestions:
    kind, write, given = CASES[case]
    with pytest.raises(OpenQuestions) as caught:
        qi.read(write(tmp_path), kind, **{**given, **more})
    return caught.value


def loaded(tmp_path: Path, case: str, **more: Any) -> qi.Loaded:
    kind, write, given = CASES[case]
    return qi.read(write(tmp_path), kind, **{**given, **more})


def months(table: pd.DataFrame) -> list[str]:
    return [f"{day:%Y-%m}" for day in table["period"]]


# --- never stuck ----------------------------------------------------------------------------------


def suggested(error: QievalError) -> dict[str, Any]:
    """The lines that a message suggests: all proposals, or the first line that it names."""
    if isinstance(error, OpenQuestions):
        return error.settles
    lines = _LINE.findall(error.remedy or "")
    return yaml.safe_load(lines[0]) if lines else {}


def followed(source: Path | str, kind: str, given: dict[str, Any]) -> tuple[qi.Loaded, int]:
    """The table once suggestions have been typed as they stand, and how many times it took."""
    answers = 0
    while True:
        try:
            return qi.read(source, kind, **given), answers
        except QievalError as error:
            if answers == _MOST_ANSWERS or "strict" in given:
                raise
            lines = suggested(error)
        new = {name: value for name, value in lines.items() if given.get(name) != value}
        given = {**given, **(new or {"strict": False})}
        answers += 1


@pytest.mark.parametrize("case", CASES)
def test_suggestions_lead_to_a_table(tmp_path: Path, case: str) -> None:
    kind, write, given = CASES[case]
    done, answers = followed(write(tmp_path), kind, given)
    assert len(done.table)
    assert answers <= 2


OPEN_DATA = {
    "scot-delayed-discharges": "series",
    "scot-mh-beds": "series",
    "england-eip-waits": "series",
    "england-mh-admissions": "series",
    "nhs-ae-attendances": "series",
    "apha-cpd-survey": "responses",
    "mimic3-demo-spells": "spells",
}


@pytest.mark.parametrize("name", OPEN_DATA)
def test_suggestions_lead_to_a_table_of_published_data(mirror: Path, name: str) -> None:
    done, _ = followed(f"open-data:{name}", OPEN_DATA[name], {})
    assert done.passport.rows_kept


# --- what is right --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["two tables, one column in", "two tables of one shape"])
def test_each_of_two_tables_can_be_had(tmp_path: Path, case: str) -> None:
    error = asked(tmp_path, case)
    assert error.settles["table"] == 1
    assert "People on CPA" in str(error)
    first = loaded(tmp_path, case, table=1, rows_are="units").table
    second = loaded(tmp_path, case, table=2, rows_are="units").table
    assert (first["value"].min(), second["value"].min()) == (100, 10)
    assert len(first) == len(second) == 24


@pytest.mark.parametrize(
    "case",
    ["figures from 1 to 12 under months", "M1 with a plain year", "1 to 12 with a plain year"],
)
def test_numbered_months_are_asked_about(tmp_path: Path, case: str) -> None:
    assert "years" in asked(tmp_path, case).settles
    assert months(loaded(tmp_path, case, years="calendar").table)[0] == "2018-01"
    table = loaded(tmp_path, case, years="financial").table
    assert months(table)[0] == "2018-04"
    assert len(table) == (6 if case.startswith("figures") else 24)


def test_month_1_of_a_financial_year_is_april(tmp_path: Path) -> None:
    done = loaded(tmp_path, "Month 1 under 2023/24")
    assert (months(done.table)[0], months(done.table)[-1]) == ("2023-04", "2025-03")
    assert "month 1 is April" in str(done)


@pytest.mark.parametrize("case", ["levels", "levels rounded to 5", "levels among one another"])
def test_levels_of_a_hierarchy_are_asked_about(tmp_path: Path, case: str) -> None:
    error = asked(tmp_path, case)
    assert error.settles == {"totals": "leave_out"}
    assert "counts everything 3 times" in error.problem
    assert len(loaded(tmp_path, case, totals="leave_out").table) == 12
    assert len(loaded(tmp_path, case, totals="keep").table) == 16


def test_levels_in_a_series_are_asked_about(tmp_path: Path) -> None:
    more = {"E": 60, "Y": 20, "R": 5}  # what each month adds: 12 trusts, 4 a region
    long = [
        [f"2024-0{month + 1}", code, waiting + month * more[code[0]]]
        for month in range(3)
        for code, _, waiting, _ in levels(5)[1:]
    ]
    file = book(tmp_path / "a.xlsx", [["period", "unit", "waiting"], *long])
    with pytest.raises(OpenQuestions, match="Totals stand among their parts"):
        qi.read(file, "series")
    assert qi.read(file, "series", totals="leave_out").table["unit"].nunique() == 12


def test_wards_that_are_no_hierarchy_are_not_asked_about(tmp_path: Path) -> None:
    rows = [["unit", "beds", "staff"], *[[f"Ward {n}", 11 + 7 * n, 31 + n * n] for n in range(9)]]
    assert qi.read(book(tmp_path / "a.xlsx", rows), "units").passport.questions == ()


def test_a_superscript_is_no_digit(tmp_path: Path) -> None:
    done = loaded(tmp_path, "superscript")
    assert done.table["n"].tolist() == [101, 102, 103]
    assert "Superscript marks behind text were not read: 1 in all." in str(done)
    turned = loaded(tmp_path, "superscript behind a period").table
    assert months(turned) == ["2013-04", "2014-04", "2015-04"]


@pytest.mark.parametrize("case", ["percent among fractions", "plain among percent cells"])
def test_one_unit_a_column(tmp_path: Path, case: str) -> None:
    kind, write, _ = CASES[case]
    with pytest.raises(QievalError, match="row 4, column"):
        qi.read(write(tmp_path), kind)
    figures = loaded(tmp_path, case, strict=False).table.iloc[:, 1]
    assert figures.isna().tolist() == [False, False, True, False]


def test_percent_is_percent_in_a_workbook_and_in_text(tmp_path: Path) -> None:
    workbook = loaded(tmp_path, "percent cells").table
    lines = ["period,% occupied", "Apr-23,88.6%", "May-23,92%", "Jun-23,90%"]
    plain = qi.read(text(tmp_path / "b.csv", *lines), "series").table
    assert workbook["% occupied"].tolist() == plain["% occupied"].tolist() == [88.6, 92, 90]


@pytest.mark.parametrize(
    ("case", "first", "period"),
    [
        ("spans of months", "2023-07", "month"),
        ("rolling years", "2017-10", "month"),
        ("FY with two digits", "2019-04", "quarter"),
        ("numbered weeks", "2021-01", "week"),
    ],
)
def test_words_for_periods_that_must_be_confirmed(
    tmp_path: Path, case: str, first: str, period: str
) -> None:
    assert asked(tmp_path, case).settles == {"period": period}
    assert months(loaded(tmp_path, case, period=period).table)[0] == first


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        (("M1 2023/24", "M2 2023/24"), "2023-04", "2023-05"),
        (("2023/24-01", "2023/24-12"), "2023-04", "2024-03"),
        (("Q1 (Apr-Jun) 2019", "Q2 (Jul-Sep) 2019"), "2019-04", "2019-07"),
        (("H1 2022/23", "H2 2022/23"), "2022-04", "2022-10"),
    ],
)
def test_nhs_words_for_periods(
    tmp_path: Path, words: tuple[str, str], first: str, second: str
) -> None:
    file = text(tmp_path / "a.csv", "period,n", *[f"{word},{n}" for n, word in enumerate(words)])
    assert months(qi.read(file, "series").table) == [first, second]


@pytest.mark.parametrize(("case", "questions"), [("a far period", 1), ("far days", 2)])
def test_dates_far_from_the_rest(tmp_path: Path, case: str, questions: int) -> None:
    error = asked(tmp_path, case)
    assert len(error.questions) == questions
    assert all("10 years or more from all others" in one.problem for one in error.questions)
    assert len(loaded(tmp_path, case, strict=False).passport.doubtful) == questions


def test_dots_for_thousands(tmp_path: Path) -> None:
    assert asked(tmp_path, "dots for thousands").settles == {"decimal_comma": True}
    case = "dots for thousands"
    assert loaded(tmp_path, case, decimal_comma=True).table["beds"].tolist() == [1200, 1201, 1202]
    assert loaded(tmp_path, case, decimal_comma=False).table["beds"].tolist() == [1.2, 1.201, 1.202]


def test_a_sheet_whose_name_ends_with_a_blank(tmp_path: Path) -> None:
    case = "a blank behind a sheet's name"
    assert asked(tmp_path, case).settles == {"sheet": "all trusts"}
    assert loaded(tmp_path, case, sheet="all trusts").table["beds"].tolist() == [3, 4]


def test_totals_with_a_year(tmp_path: Path) -> None:
    done = loaded(tmp_path, "totals among years and months")
    assert done.table["n"].tolist() == [3, 4, 5, 3, 4, 5]
    assert months(done.table)[-1] == "2019-03"


@pytest.mark.parametrize("case", ["durations", "duration cells", "12 of 30"])
def test_values_that_are_no_number_are_told(tmp_path: Path, case: str) -> None:
    assert "which are no plain numbers" in str(asked(tmp_path, case))
    assert "was kept as text" in str(loaded(tmp_path, case, strict=False))


@pytest.mark.parametrize(
    ("cells", "figures", "told"),
    [
        (("95% (40)", "90% (38)"), [95, 90], "2 cells with a second figure in brackets"),
        (("12 (p)", "13r"), [12, 13], "publishers' marks ((p), r) were taken off 2 cells"),
        (("11*", "12"), [11, 12], "publishers' marks (*) were taken off 1 cell"),
        (("10 days", "12 days"), [10, 12], "the word `days` was taken off 2 cells"),
    ],
)
def test_figures_with_something_beside(
    tmp_path: Path, cells: tuple[str, str], figures: list[int], told: str
) -> None:
    file = text(tmp_path / "a.csv", "period,n", f"Jan 2019,{cells[0]}", f"Feb 2019,{cells[1]}")
    done = qi.read(file, "series")
    assert done.table["n"].tolist() == figures
    assert told in str(done)


def test_year_ends_and_midnight(tmp_path: Path) -> None:
    lines = [f"31/03/{year},10" for year in range(2016, 2020)]
    years = qi.read(text(tmp_path / "a.csv", "period,beds", *lines), "series")
    assert years.passport.every == "financial_year"
    assert months(years.table)[0] == "2015-04"
    stays = text(tmp_path / "b.csv", "person,start,end", "C,01/03/2020 24:00,02/03/2020 08:00")
    assert qi.read(stays, "spells").table["start"].tolist() == [pd.Timestamp("2020-03-02")]


def test_every_question_is_asked_at_once(tmp_path: Path) -> None:
    error = asked(tmp_path, "two tables of one shape")
    assert [*error.settles] == ["table", "rows_are"]
    assert "2 questions open about this file." in error.problem
    assert "`table: 1`, `rows_are: measures`" in str(error.remedy)


def test_a_file_that_is_not_there_names_those_in_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "data").mkdir()
    text(tmp_path / "data" / "beds.csv", "period,beds", "Jan 2019,3", "Feb 2019,4")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QievalError, match=r"data/beds\.csv"):
        qi.read("bed.csv", "series")


def test_outside_a_workspace_paths_are_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(tmp_path / "beds.csv", "period,beds", "Jan 2019,3", "Feb 2019,4")
    monkeypatch.chdir(tmp_path)
    assert len(qi.read("beds.csv", "series").table) == 2
