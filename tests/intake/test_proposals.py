"""What a file may be, from its headings: the kind, the columns, the sheet; never a value."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from qieval.core.errors import DataError, ParameterError
from qieval.intake.proposals import propose
from qieval.intake.tables import KINDS

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]


def written(folder: Path, name: str = "table.csv", **columns: list[object]) -> str:
    pd.DataFrame(columns).to_csv(folder / name, index=False)
    return str(folder / name)


def test_what_a_kind_is_told_by_is_a_column_of_it() -> None:
    for kind in KINDS.values():
        assert set(kind.told_by) <= set(kind.columns), kind.name


@pytest.mark.parametrize(
    ("headings", "kind", "columns"),
    [
        (
            ["NHS Number", "Date of Admission", "Discharge Date", "Ward Name"],
            "spells",
            {"person": "NHS Number", "start": "Date of Admission", "end": "Discharge Date"},
        ),
        (
            ["PatientID", "AdmitDate", "DischDate", "Discharge destination"],
            "spells",
            {"person": "PatientID", "start": "AdmitDate", "discharged_to": "Discharge destination"},
        ),
        (
            ["Client ref", "Leave start", "Leave end"],
            "leave",
            {"person": "Client ref", "start": "Leave start", "end": "Leave end"},
        ),
        (
            ["Referral date", "First contact date", "Team", "Patient No"],
            "waits",
            {"referred": "Referral date", "started": "First contact date", "team": "Team"},
        ),
        (
            ["Audit round", "Standard no", "Result", "Case ID"],
            "audit",
            {"wave": "Audit round", "standard": "Standard no", "result": "Result"},
        ),
        (
            ["Round", "Criterion", "Number met", "Denominator", "Team"],
            "audit",
            {"wave": "Round", "met": "Number met", "applicable": "Denominator"},
        ),
        (
            ["PDSA no", "Change idea", "Started", "Prediction"],
            "pdsa",
            {"cycle": "PDSA no", "change": "Change idea", "started": "Started"},
        ),
        (["Date", "What happened", "Type"], "events", {"date": "Date", "event": "What happened"}),
        (
            ["Team", "Month", "Due date", "Date received"],
            "returns",
            {"team": "Team", "period": "Month", "received": "Date received"},
        ),
        (
            ["Stage", "Level of involvement", "Who"],
            "involvement",
            {"level": "Level of involvement"},
        ),
        (["Month", "Ward", "Staffed beds"], "beds", {"period": "Month", "beds": "Staffed beds"}),
        (["Respondent ID", "Q1", "Q2"], "responses", {"respondent": "Respondent ID"}),
        (["Month ending", "Falls", "Bed days"], "series", {"period": "Month ending"}),
        (["MonthOfDelay", "Beds lost"], "series", {"period": "MonthOfDelay"}),
        (["Provider name", "Checks", "Patients"], "units", {"unit": "Provider name"}),
    ],
)
def test_the_kind_is_told_from_headings(
    headings: list[str], kind: str, columns: dict[str, str], tmp_path: Path
) -> None:
    cells = {heading: ["2024-01-05", "2024-02-06"] for heading in headings}
    numbers = ("Falls", "Bed days", "Beds lost", "Checks", "Patients", "Staffed beds", "Number met")
    for heading in headings:
        if heading in (*numbers, "Denominator"):
            cells[heading] = ["3", "4"]
    found = propose(written(tmp_path, **cells))
    assert found.kind is not None
    assert found.kind.name == kind
    assert columns.items() <= found.columns.items()


def test_a_series_with_other_figures_is_no_table_of_beds_or_events(tmp_path: Path) -> None:
    figures = {"beds": list(range(12)), "bed_days": list(range(12))}
    found = propose(written(tmp_path, period=MONTHS, **figures))
    assert found.kind is KINDS["series"]
    assert found.numbers() == ["beds", "bed_days"]
    said = {"Description": ["Waits"] * 12, "Value": list(range(12))}
    assert propose(written(tmp_path, Date=MONTHS, **said)).kind is KINDS["series"]


def test_the_one_column_that_tells_rows_of_a_period_apart_is_the_unit(tmp_path: Path) -> None:
    found = propose(
        written(tmp_path, Month=MONTHS * 2, Lodge=["Elm"] * 12 + ["Oak"] * 12, n=[1, 2] * 12)
    )
    assert found.columns == {"period": "Month", "unit": "Lodge"}
    assert found.loaded is not None


def test_where_no_column_does_what_may_be_chosen_is_listed(tmp_path: Path) -> None:
    ages, sexes = ["all", "75+"] * 24, ["f", "f", "m", "m"] * 12
    months = [month for month in MONTHS for _ in range(4)]
    found = propose(written(tmp_path, Month=months, Age=ages, Sex=sexes, n=list(range(48))))
    assert found.loaded is None
    assert found.choices == {"Age": ["all", "75+"], "Sex": ["f", "m"]}


def test_months_first_is_found_where_only_that_fits(tmp_path: Path) -> None:
    stays = {"person": ["a", "b"], "start": ["01/30/2024", "02/01/2024"], "end": ["", ""]}
    assert propose(written(tmp_path, **stays)).given == {"dayfirst": False}


def test_the_sheet_with_the_table_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Notes"
    notes.append(["Made by the ward clerk"])
    stays = book.create_sheet("Stays")
    stays.append(["Patient ID", "Admission date", "Discharge date"])
    stays.append(["P1", "2024-01-01", "2024-01-05"])
    stays.append(["P2", "2024-01-02", None])
    book.save(tmp_path / "book.xlsx")
    found = propose(str(tmp_path / "book.xlsx"))
    assert (found.kind, found.sheet) == (KINDS["spells"], "Stays")
    assert found.loaded is not None


def test_a_file_that_nothing_fits_is_said_to_be_of_no_kind(tmp_path: Path) -> None:
    found = propose(written(tmp_path, colour=["red", "blue"], size=["1", "2"]))
    assert found.kind is None
    assert found.headings == ("colour", "size")


def test_a_kind_that_is_given_is_taken_and_what_it_lacks_is_told(tmp_path: Path) -> None:
    found = propose(written(tmp_path, Who=["a"], Admitted=["2024-01-01"]), kind="spells")
    assert found.columns == {"start": "Admitted"}
    assert found.missing == ["person", "end"]
    assert found.why_not is not None


def test_what_cannot_be_looked_at_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        propose(str(tmp_path / "nothing.csv"))
    with pytest.raises(ParameterError, match="Did you mean `spells`"):
        propose(written(tmp_path, a=["1"]), kind="spell")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError, match="empty"):
        propose(str(tmp_path / "empty.csv"))


def test_a_folder_of_parquet_files_is_known_by_its_headings(tmp_path: Path) -> None:
    (tmp_path / "spells").mkdir()
    dates = pd.to_datetime(["2024-01-01", "2024-01-02"])
    table = pd.DataFrame({"patient_id": ["a", "b"], "admitted": dates, "discharged": dates})
    table.to_parquet(tmp_path / "spells" / "one.parquet")
    found = propose(str(tmp_path / "spells"))
    assert found.kind is KINDS["spells"]
    assert found.columns == {"person": "patient_id", "start": "admitted", "end": "discharged"}
    assert found.numbers() == []
