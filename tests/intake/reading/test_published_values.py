"""What cells of real files mean (facts: PROVENANCE.md beside each)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError
from qieval.intake.reading.meaning.aggregates import find_aggregates

pytestmark = pytest.mark.mirror

SMI = "england-smi-physical-health/Physical-Health-Checks-SMI Raw Data.xlsx"
WAITS = "england-eip-waits/EIP-Timeseries-Dec2015-Sep2019_COMPLETED_ROWS.csv"
BEDS = "scot-mh-beds/beds_by_nhs_board_of_treatment_and_specialty_MENTAL_HEALTH_ROWS.csv"
DELAYS = "scot-delayed-discharges/delayed-discharge-beddays-health-board.csv"
ADMISSIONS = "england-mh-admissions/MHSDS-England-admissions-discharges.xlsx"
SURVEY = "apha-cpd-survey/apha_cpd_survey_2022.csv"


def refusal(source: Path, **parameters: Any) -> str:
    with pytest.raises(DataError) as caught:
        qi.read(source, "series", **parameters)
    return str(caught.value)


# --- physical health checks ----------------------------------------------------------------------


def smi(mirror: Path, question: str, **parameters: Any) -> qi.Loaded:
    return qi.read(
        mirror / SMI,
        "series",
        columns={"period": "Period", "unit": "CCG Code"},
        where={"Question": question},
        **parameters,
    )


def test_22_financial_quarters_in_order(mirror: Path) -> None:
    loaded = smi(mirror, "SMIRegister", zeros="not_returned")
    quarters = pd.DatetimeIndex(loaded.table["period"].unique()).sort_values()
    expected = pd.date_range("2018-10-01", "2024-01-01", freq="QS-OCT")
    assert quarters.tolist() == expected.tolist()
    assert (loaded.passport.periods_expected, loaded.passport.periods_present) == (22, 22)
    assert "were passed over: `SMI-`" in str(loaded)
    assert {"00C", "15A"} <= set(loaded.table["unit"])  # codes stay text


def test_72_zero_unit_quarters_are_suspected_or_missing(mirror: Path) -> None:
    with pytest.raises(DataError) as caught:
        smi(mirror, "SMIRegister")
    assert "72 unit-periods" in str(caught.value)
    assert "`zeros: not_returned`" in str(caught.value)
    register = smi(mirror, "SMIRegister", zeros="not_returned").table
    counted = smi(mirror, "SMIRegister", zeros="counted").table
    silent = counted[counted["Answer"] == 0]
    assert len(silent) == 72
    assert register.loc[silent.index, "Answer"].isna().all()
    by_quarter = silent.groupby("period").size()
    assert by_quarter.tolist() == [9, 10, 13, 1, 30, 8, 1]


def test_all_six_checks_by_quarter(mirror: Path) -> None:
    register = smi(mirror, "SMIRegister", zeros="not_returned").table
    checks = smi(mirror, "All6PHC", zeros="not_returned").table
    sums = [table.groupby("period")["Answer"].sum() for table in (checks, register)]
    share = 100 * sums[0] / sums[1]
    for quarter, percent in (
        ("2018-10-01", 24.1),
        ("2020-01-01", 35.8),
        ("2020-10-01", 21.6),
        ("2024-01-01", 68.5),
    ):
        assert share[pd.Timestamp(quarter)] == pytest.approx(percent, abs=0.05)


def test_codes_that_changed_are_told(mirror: Path) -> None:
    said = str(smi(mirror, "SMIRegister", zeros="not_returned"))
    assert "April to June 2020: 74 gone" in said
    assert "18 new" in said
    assert "April to June 2021: 38 gone" in said


# --- waits ---------------------------------------------------------------------------------------


def test_day_first_waits_and_four_renamed_providers(mirror: Path) -> None:
    columns = {"period": "Date", "unit": "Provider_Org_code", "group": "Org_Code"}
    loaded = qi.read(mirror / WAITS, "series", columns=columns)
    by_month = loaded.table.groupby("period")[["Gt_0_1_Weeks", "Gt_1_2_Weeks", "Total_Pathways"]]
    sums = by_month.sum()
    share = 100 * (sums["Gt_0_1_Weeks"] + sums["Gt_1_2_Weeks"]) / sums["Total_Pathways"]
    for month, percent, people in (("2015-12", 59.0, 886), ("2019-09", 79.1, 1053)):
        first = pd.Timestamp(f"{month}-01")
        assert share[first] == pytest.approx(percent, abs=0.05)
        assert sums["Total_Pathways"][first] == people
    said = str(loaded)
    assert "4 of 61 codes have several names in `Provider_name`" in said
    assert all(f"{code} (" in said for code in ("NQL", "RKL", "RRE", "RV9"))
    by_name = {"period": "Date", "unit": "Provider_name", "group": "Org_Code"}
    text = refusal(mirror / WAITS, columns=by_name)
    assert "`columns: {unit: Provider_Org_code}`" in text
    assert "Set `dayfirst: true`" in refusal(mirror / WAITS, columns=columns, dayfirst=False)


# --- totals among their parts --------------------------------------------------------------------


def test_the_factor_of_eight_is_found_and_named(mirror: Path) -> None:
    text = refusal(mirror / DELAYS, columns={"period": "MonthOfDelay", "unit": "HBT"})
    assert "adding up `NumberOfDelayedBedDays` counts everything 8 times" in text
    assert "`S92000003` in `HBT` is the sum of the other 14." in text
    assert "`18plus` in `AgeGroup` is the sum of `18-74` and `75plus`." in text
    assert "`All Delay Reasons` in `ReasonForDelay` is the sum of" in text
    line = "{HBT: S92000003, AgeGroup: 18plus, ReasonForDelay: All Delay Reasons}"
    assert f"`where: {line}`" in text
    where = {"HBT": "S92000003", "AgeGroup": "18plus", "ReasonForDelay": "All Delay Reasons"}
    loaded = qi.read(mirror / DELAYS, "series", columns={"period": "MonthOfDelay"}, where=where)
    by_month = loaded.table.set_index("period")["NumberOfDelayedBedDays"]
    assert by_month[pd.Timestamp("2020-03-01")] == 45_009


def test_boards_without_scotland_add_up_to_it(mirror: Path) -> None:
    loaded = qi.read(
        mirror / DELAYS,
        "series",
        columns={"period": "MonthOfDelay", "unit": "HBT"},
        where={"AgeGroup": "18plus", "ReasonForDelay": "All Delay Reasons"},
        totals="leave_out",
    )
    march = loaded.table[loaded.table["period"] == "2020-03-01"]
    assert march["NumberOfDelayedBedDays"].sum() == 45_009
    assert loaded.table["unit"].nunique() == 14
    assert loaded.passport.dropped["rows"].tolist()[-1] == 83


def test_boards_add_up_and_hospitals_do_not(mirror: Path) -> None:
    columns = {"period": "Quarter", "unit": "Location"}
    text = refusal(mirror / BEDS, columns=columns)
    assert "`quarters: calendar` (October to December 2017)" in text
    where = {"Specialty": "G1"}
    text = refusal(mirror / BEDS, columns=columns, quarters="calendar", where=where)
    assert "`S92000003` in `Location` is the sum of the other 14." in text
    assert "lie within others by `HB` but do not add up to them" in text
    assert "not all are listed" in text
    boards = qi.read(
        mirror / BEDS,
        "series",
        columns=columns,
        quarters="calendar",
        where=where,
        totals="leave_out",
    ).table
    sums = boards.groupby("period")["TotalOccupiedBeddays"].sum()
    for quarter, beddays in (("2017-10-01", 133_262), ("2020-04-01", 102_156)):
        assert sums[pd.Timestamp(quarter)] == beddays
    assert boards["unit"].nunique() == 14


def test_totals_of_37_350_rows(mirror: Path) -> None:
    table = pd.read_csv(mirror / DELAYS, dtype={"MonthOfDelay": str})
    table = pd.concat([table, table.assign(MonthOfDelay="x" + table["MonthOfDelay"])])
    factors = ["HBT", "HBTQF", "AgeGroup", "AgeGroupQF", "ReasonForDelay", "ReasonForDelayQF"]
    said = find_aggregates(
        table, factors=factors, figures=["NumberOfDelayedBedDays"], keys=["MonthOfDelay"]
    )
    assert said.times == 8
    assert {one.sums for one in said.totals} == {2 * 1_245, 2 * 6_225, 2 * 3_735}


# --- the others ----------------------------------------------------------------------------------


def test_real_dates_and_no_totals_among_admissions(mirror: Path) -> None:
    columns = {"period": "Beginning of the month", "admissions": "Monthly admissions"}
    loaded = qi.read(mirror / ADMISSIONS, "series", columns=columns)
    months = loaded.table.set_index("period")["admissions"]
    assert len(months) == 22
    assert months[pd.Timestamp("2020-02-01")] == 9_597
    assert months[pd.Timestamp("2020-04-01")] == 7_646
    assert months.max() < 20_000  # the total of 2020 was 109,342


def test_answers_of_a_survey_stay_as_they_stand(mirror: Path) -> None:
    loaded = qi.read(mirror / SURVEY, "responses")
    published = pd.read_csv(mirror / SURVEY, dtype=str, keep_default_na=False)
    assert len(loaded.table) == 237
    for name in (
        "q07a_future_health_work_cat",
        "q12a_cpd_time_at_work_cat",
        "q03a_analyst_years_n",
    ):
        read = loaded.table[name].fillna("").to_numpy()
        np.testing.assert_array_equal(read, published[name].str.strip().to_numpy())
