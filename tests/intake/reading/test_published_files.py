"""Real files, as they were published (facts: PROVENANCE.md beside each)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi

pytestmark = pytest.mark.mirror

SCOTLAND = "scot-delayed-discharges/delayed-discharge-beddays-health-board.csv"
ENGLAND = "england-mh-admissions/MHSDS-England-admissions-discharges.xlsx"
WAITS = "england-eip-waits/EIP-Timeseries-Dec2015-Sep2019_COMPLETED_ROWS.csv"
BEDS = "scot-mh-beds/beds_by_nhs_board_of_treatment_and_specialty_MENTAL_HEALTH_ROWS.csv"
SPELLS = "mimic3-demo-spells/mimic3_demo_spells.csv"


def test_scotlands_delayed_discharges(mirror: Path) -> None:
    loaded = qi.read(
        mirror / SCOTLAND,
        "series",
        columns={"period": "MonthOfDelay", "bed_days": "NumberOfDelayedBedDays"},
        where={
            "HBT": "S92000003",
            "AgeGroup": ["18plus"],
            "ReasonForDelay": "All Delay Reasons",
        },
    )
    by_month = loaded.table.set_index("period")["bed_days"]
    assert by_month[pd.Timestamp("2020-03-01")] == 45_009
    assert by_month[pd.Timestamp("2020-04-01")] == 20_293
    assert by_month[pd.Timestamp("2020-05-01")] == 21_225
    assert by_month[pd.Timestamp("2020-09-01")] == 32_959
    passport = loaded.passport
    assert passport.digest.startswith("d3026bbcef474d77")
    assert (passport.rows_read, passport.rows_kept) == (18_675, 83)
    assert passport.dropped["rows"].tolist() == [17_430, 830, 332]
    assert "July 2016 to May 2023: 83 of 83 present, none missing" in str(passport)


def test_day_first_dates_that_fit_both_ways(mirror: Path) -> None:
    loaded = qi.read(
        mirror / WAITS,
        "series",
        columns={
            "period": "Date",
            "unit": "Provider_Org_code",
            "group": "Org_Code",
            "started": "Total_Pathways",
        },
    )
    assert loaded.passport.periods_expected == loaded.passport.periods_present == 46
    by_month = loaded.table.groupby("period")["started"].sum()
    assert by_month.iloc[[0, -1]].tolist() == [886, 1_053]
    assert loaded.table["group"].str.startswith("0").any()  # codes keep their zeros


def test_spells_of_the_mimic_demo(mirror: Path) -> None:
    columns = {"person": "subject_id", "start": "admittime", "end": "dischtime"}
    loaded = qi.read(mirror / SPELLS, "spells", columns=columns)
    assert loaded.passport.facts["People"] == "99"
    assert loaded.passport.facts["Still in"] == "0"
    nights = (loaded.table["end"] - loaded.table["start"]).dt.days
    assert (len(nights), nights.sum(), (nights == 0).sum(), nights.median()) == (128, 1_193, 3, 6)


def test_open_data_by_name(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIEVAL_OPEN_DATA_MIRROR", str(mirror))
    loaded = qi.read(
        "open-data:mimic3-demo-spells",
        "spells",
        columns={"person": "subject_id", "start": "admittime", "end": "dischtime"},
    )
    assert loaded.passport.source == "open-data:mimic3-demo-spells"
    assert "ODbL" in loaded.passport.origin.licence
