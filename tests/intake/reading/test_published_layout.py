"""The layout of real files, as they were published (facts: PROVENANCE.md beside each)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi

pytestmark = pytest.mark.mirror

ENGLAND = "england-mh-admissions/MHSDS-England-admissions-discharges.xlsx"
HEALTH = "england-smi-physical-health/Physical-Health-Checks-SMI Raw Data.xlsx"
ORGANISATIONS = "england-smi-physical-health/Sub-ICBs Location.xls"
WAITS = "england-eip-waits/EIP-Timeseries-Dec2015-Sep2019_COMPLETED_ROWS.csv"
BEDS = "scot-mh-beds/beds_by_nhs_board_of_treatment_and_specialty_MENTAL_HEALTH_ROWS.csv"
SURVEY = "apha-cpd-survey/apha_cpd_survey_2022.csv"
EMERGENCY = "nhs-ae-attendances/ae_attendances.csv"


@pytest.mark.parametrize("strict", [True, False])
def test_englands_headings_in_row_3_and_its_total_of_2020(mirror: Path, strict: bool) -> None:
    columns = {"period": "Beginning of the month", "admissions": "Monthly admissions"}
    loaded = qi.read(mirror / ENGLAND, "series", columns=columns, strict=strict)
    passport = loaded.passport
    assert loaded.table.index.tolist() == [*range(4, 26)]
    assert (passport.rows_read, passport.rows_kept) == (24, 22)
    assert passport.periods_present == passport.periods_expected == 22
    by_month = loaded.table.set_index("period")["admissions"]
    assert by_month["2020-02-01":"2020-04-01"].tolist() == [9_597, 8_761, 7_646]  # type: ignore[misc]
    assert by_month[by_month.index.year == 2020].sum() == 109_342
    assert passport.totals == (
        "row 29: the sum of the months of 2020 (12 rows; `Monthly admissions`, "
        "`Monthly discharges`)",
    )
    assert passport.dropped["row_numbers"].tolist() == ["row 28", "row 29"]
    said = str(passport)
    assert "The headings stand in row 3." in said
    assert "Above them, passed over: row 1." in said


def test_headings_under_a_merged_title(mirror: Path) -> None:
    loaded = qi.read(
        mirror / HEALTH,
        "series",
        columns={"unit": "CCG Code", "answer": "Answer", "period": "Period"},
        where={"Question": "SMIRegister"},
        zeros="not_returned",
    )
    assert "The headings stand in row 2." in str(loaded)
    assert loaded.passport.rows_read == 23_728
    assert loaded.table.index[0] > 2


def test_an_old_workbook_with_blank_columns_in_its_table(mirror: Path) -> None:
    loaded = qi.read(mirror / ORGANISATIONS, "units", columns={"unit": "Organization Code"})
    assert (loaded.passport.rows_read, loaded.passport.rows_kept) == (321, 321)
    assert loaded.passport.sheet == "eccg"
    assert loaded.table["unit"].iloc[0] == "00C"
    assert "Amended Record Indicator (Y)" in loaded.table  # behind seven blank columns


def test_a_long_text_file_loses_nothing(mirror: Path) -> None:
    columns = {"period": "Date", "unit": "Provider_Org_code", "group": "Org_Code"}
    loaded = qi.read(mirror / WAITS, "series", columns=columns)
    assert loaded.passport.rows_read == loaded.passport.rows_kept == 12_438
    assert loaded.passport.encoding == "UTF-8"
    assert loaded.table["Total_Pathways"].sum() > 0
    assert not loaded.passport.totals  # a column called Total is no row of totals


def test_aggregates_beside_parts_are_no_totals_of_the_layout(mirror: Path) -> None:
    loaded = qi.read(
        mirror / BEDS,
        "series",
        columns={"period": "Quarter", "unit": "Location"},
        where={"SpecialtyName": "General Psychiatry (Mental Illness)", "HB": "S92000003"},
        quarters="calendar",
    )
    assert loaded.passport.rows_read == 2_674
    by_quarter = loaded.table.set_index("period")["TotalOccupiedBeddays"]
    assert by_quarter[pd.Timestamp("2017-10-01")] == 133_262
    assert by_quarter[pd.Timestamp("2022-10-01")] == 129_280


def test_a_survey_of_words_only(mirror: Path) -> None:
    passport = qi.read(mirror / SURVEY, "responses").passport
    assert passport.rows_read == passport.rows_kept == 237


def test_monthly_figures_of_organisations(mirror: Path) -> None:
    columns = {"unit": "org_code", "group": "type"}
    passport = qi.read(mirror / EMERGENCY, "series", columns=columns).passport
    assert passport.rows_read == passport.rows_kept == 12_765
    assert passport.periods_present == 36
