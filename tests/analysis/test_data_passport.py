"""The data passport as a result: the reader's counts, the right grid, no value of a person."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.data_passport import (
    CELLS_MISSING,
    COMPLETE,
    NONE,
    SOME,
    DataPassportResult,
    _grid,
    data_passport,
)
from qieval.core.errors import CannotEvaluate
from qieval.core.result import Result
from qieval.intake.reading.passport import Loaded


def loaded(folder: Path, text: str, kind: str, **more: object) -> Loaded:
    file = folder / "table.csv"
    file.write_text("\n".join(line.strip() for line in text.strip().splitlines()), "utf-8")
    return qi.read(file, kind, **more)  # type: ignore[arg-type]


def status_of(result: DataPassportResult) -> dict[tuple[str, str], str]:
    return {(row.unit, row.when): row.status for row in result.points.itertuples()}


SERIES = """period,ward,falls
    2024-01,Elm,3
    2024-02,Elm,
    2024-04,Elm,*
    2024-01,Oak,3
    2024-02,Oak,4
    2024-04,Oak,5
    2024-05,Oak,1"""


def test_a_series_with_gaps(tmp_path: Path) -> None:
    result = data_passport(loaded(tmp_path, SERIES, "series"))
    assert status_of(result) == {
        ("Elm", "2024-01-01"): COMPLETE,
        ("Elm", "2024-02-01"): CELLS_MISSING,
        ("Elm", "2024-03-01"): NONE,
        ("Elm", "2024-04-01"): CELLS_MISSING,
        ("Elm", "2024-05-01"): NONE,
        ("Oak", "2024-01-01"): COMPLETE,
        ("Oak", "2024-02-01"): COMPLETE,
        ("Oak", "2024-03-01"): NONE,
        ("Oak", "2024-04-01"): COMPLETE,
        ("Oak", "2024-05-01"): COMPLETE,
    }
    counted = result.estimates["estimate"].to_dict()
    assert counted["rows_read"] == counted["rows_kept"] == 7
    assert (counted["periods_expected"], counted["periods_present"]) == (5, 4)
    assert (counted["blank"], counted["suppressed"]) == (1, 1)
    assert result.headline() == "All 7 rows of table.csv are used; 1 of the 5 months is missing."
    assert "Number cells without a number: 1 blank, 1 suppressed" in result.details()
    said = dict(zip(result.checks["check"], result.checks["status"], strict=True))
    assert said["Periods"] == "warn"
    assert said["Periods that others have"] == "warn"


def test_nothing_missing_is_said(tmp_path: Path) -> None:
    rows = "\n".join(f"2024-{month:02d},{month}" for month in range(1, 13))
    result = data_passport(loaded(tmp_path, f"period,falls\n{rows}", "series"))
    assert (
        result.headline() == "All 12 rows of table.csv are used; none of the 12 months is missing."
    )
    assert "No row was left out." in result.details()
    assert set(result.points["status"]) == {COMPLETE}
    assert set(result.checks["status"]) <= {"pass", "info"}


def test_rows_left_out_are_told_with_their_reasons(tmp_path: Path) -> None:
    text = """person,start,end
        a,2024-01-05,2024-01-01
        a,2024-01-05,2024-01-09
        b,2024-01-05,2024-01-09"""
    result = data_passport(loaded(tmp_path, text, "spells", strict=False))
    assert result.headline() == "2 of 3 rows of table.csv are used."
    assert "Left out: 1 row (`end`: the end is before the start)." in result.details()
    asked = data_passport(loaded(tmp_path, SERIES, "series", where={"ward": "Oak"}))
    assert asked.checks.set_index("check")["status"]["Rows left out"] == "pass"


def test_of_people_only_whether_there_are_rows_and_no_code(tmp_path: Path) -> None:
    text = """person,start,end,ward
        9990000026,2024-01-05,2024-01-09,Elm
        9990000034,2024-01-06,2024-01-09,Elm
        9990000042,2024-03-06,2024-03-09,Elm"""
    result = data_passport(loaded(tmp_path, text, "spells"))
    assert status_of(result) == {
        ("Elm", "2024-01-01"): COMPLETE,
        ("Elm", "2024-02-01"): NONE,
        ("Elm", "2024-03-01"): COMPLETE,
    }
    told = str(result.to_dict()) + result.summary() + result.alt_text()
    assert "999000" not in told
    assert "Identifiers were found in `person` (NHS numbers)" in result.details()


@pytest.mark.parametrize(
    ("kind", "text", "across", "whens"),
    [
        (
            "waits",
            "referred,started,team\n2024-01-05 10:00,2024-01-06,A\n2024-03-01,,A",
            "months (referred)",
            ["2024-01-01", "2024-02-01", "2024-03-01"],
        ),
        (
            "audit",
            "wave,standard,met,applicable,team\n2021,1,1,2,A\n2023,1,1,2,B",
            "waves",
            ["2021", "2023"],
        ),
        ("units", "unit,checks\nA,1\nB,2", "the whole file", ["file"]),
    ],
)
def test_tables_without_periods_have_a_grid_too(
    kind: str, text: str, across: str, whens: list[str], tmp_path: Path
) -> None:
    result = data_passport(loaded(tmp_path, text, kind))
    assert result.params["across"] == across
    assert list(result.points["when"].unique()) == whens
    assert result.params["every"] is None
    assert result.headline() == "All 2 rows of table.csv are used."


def test_many_units_share_a_line_and_many_days_a_column(tmp_path: Path) -> None:
    days = pd.date_range("2023-01-01", "2023-12-31")
    rows = [f"{day:%Y-%m-%d},{day.day}" for day in days if day != pd.Timestamp("2023-03-15")]
    result = data_passport(loaded(tmp_path, "\n".join(["period,n", *rows]), "series", period="day"))
    assert result.params["across"] == "weeks"
    assert result.points["status"].value_counts().to_dict() == {COMPLETE: 52, SOME: 1}
    units = [f"2024-{m:02d},U{k},1" for k in range(40) for m in (1, 2) if (k, m) != (7, 2)]
    result = data_passport(loaded(tmp_path, "\n".join(["period,unit,n", *units]), "series"))
    assert result.params["lines"] == "units"
    assert status_of(result) == {
        ("40 together", "2024-01-01"): COMPLETE,
        ("40 together", "2024-02-01"): SOME,
    }


def test_doubtful_decisions_are_warnings(tmp_path: Path) -> None:
    text = """period,place,n
        2024-01,SW1A 1AA,1
        2024-02,SW1A 2AA,2
        2024-03,EH99 1SP,3"""
    found = loaded(tmp_path, text, "series", columns={"unit": "place"}, strict=False)
    result = data_passport(found)
    assert result.facts["doubtful"] == found.passport.doubtful
    assert len(found.passport.doubtful) == 1
    assert "1 doubtful thing was decided." in result.details()
    assert "Doubtful, and decided by proposal" in set(result.checks["check"])


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    whole = loaded(tmp_path, SERIES, "series")
    with pytest.raises(CannotEvaluate, match="No row was kept"):
        data_passport(Loaded(whole.table.head(0), whole.passport))


def test_the_result_comes_back_from_its_json(tmp_path: Path) -> None:
    result = data_passport(loaded(tmp_path, SERIES, "series"))
    again = Result.from_dict(result.to_dict())
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()
    pd.testing.assert_frame_equal(again.points_in_words(), result.points_in_words())


@given(st.sets(st.tuples(st.integers(0, 23), st.sampled_from("ABC")), min_size=1))
def test_the_grid_has_rows_just_where_the_table_has(present: set[tuple[int, str]]) -> None:
    months = pd.period_range("2022-01", periods=24, freq="M").start_time.as_unit("us")
    rows = [(months[month], unit, 1) for month, unit in sorted(present)]
    table = pd.DataFrame(rows, columns=["period", "unit", "n"])
    points, _, _ = _grid(table, "month")
    there = {(row.when, row.unit) for row in points.itertuples() if row.status == COMPLETE}
    assert there == {(f"{months[month]:%Y-%m-%d}", unit) for month, unit in present}
    assert set(points["status"]) <= {COMPLETE, NONE}
