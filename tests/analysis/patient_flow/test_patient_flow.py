"""Patient flow: sums over sums, changes in size, gaps, words and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.patient_flow import PatientFlowResult
from qieval.core.checks import check_of, status_of
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from tests.analysis import house_rules


def ward(months: int = 24, **more) -> pd.DataFrame:
    period = pd.date_range("2022-01-01", periods=months, freq="MS")
    table = pd.DataFrame(
        {
            "period": period,
            "days_in_period": period.days_in_month,
            "beds": np.where(np.arange(months) < 12, 20.0, 16.0),
            "admissions": 10,
            "discharges": 9,
        }
    )
    occupied = np.where(np.arange(months) < 12, 18, 12)
    return table.assign(bed_days=occupied * table["days_in_period"]).assign(**more)


def test_rates_are_sums_over_sums():
    found = qi.patient_flow(ward(), population=100_000)
    days = 365 * 2
    assert found.term("occupied_beds").value == pytest.approx((18 * 365 + 12 * 365) / days)
    assert found.term("occupancy").value == pytest.approx(100 * 30 / 36)
    assert found.term("bed_days_per_1000_admissions").value == pytest.approx(1000 * 15 * days / 240)
    assert found.term("admissions_per_bed").value == pytest.approx(240 / (18 * days / 365.25))
    assert found.term("bed_days_per_100000").value == pytest.approx(15 * 365.25)
    assert found.term("admissions").value == 10
    assert found.table("estimates").shown[1].cells[:2] == ("15.0", "83")
    house_rules.check(found)


@pytest.mark.parametrize(
    ("aim", "status", "seen"),
    [
        ("A third fewer occupied beds by the end of 2023", "reached", 12),
        ("Half of the occupied beds by the end of 2023", "not reached", 12),
        ("A third fewer occupied beds by the end of 2024", "cannot tell", 12),
        ({"target": "at most 85%"}, "reached", 0.75),
        (None, "none", None),
    ],
)
def test_the_aim_compares_the_last_year_with_the_first(aim, status, seen):
    found = qi.patient_flow(ward(), aim=aim)
    assert found.verdict.kind == "described"
    assert found.verdict.aim.status == status
    if seen is not None:
        assert found.verdict.aim.seen == pytest.approx(seen)
    assert found.verdict.aim.words in found.details()


def test_a_change_in_size_is_an_event_and_no_improvement():
    found = qi.patient_flow(ward())
    assert found.bed_changes == [(pd.Timestamp("2023-01-01"), 20, 16)]
    assert found.size_words()[0] in found.details()
    assert status_of(found.checks, "size") == "warn"
    same = qi.patient_flow(ward(beds=20.0))
    assert status_of(same.checks, "size") == "pass"
    assert qi.patient_flow(ward(beds=20 + 0.4 * np.sin(np.arange(24)))).size_words() == []


def test_first_and_last_year_stand_side_by_side():
    first, last = qi.patient_flow(ward()).years
    assert (first.occupied_beds, first.occupancy) == pytest.approx((18, 90))
    assert (last.occupied_beds, last.occupancy) == pytest.approx((12, 75))
    assert qi.patient_flow(ward(18)).years is None


def test_a_month_that_is_missing_is_a_gap_never_0():
    found = qi.patient_flow(ward().drop(index=[3, 4]))
    assert len(found.points) == 24
    assert found.points["bed_days"].isna().sum() == 2
    assert "April 2022 and May 2022" in check_of(found.checks, "missing_periods").detail
    assert found.term("occupied_beds").n == 22
    assert found.table("points").shown[1].cells[3:5] == ("not known", "not known")
    house_rules.check(found)


def test_sums_alone_are_enough():
    found = qi.patient_flow(ward()[["period", "bed_days"]])
    assert list(found.estimates.index) == ["occupied_beds"]
    assert found.table("estimates").shown[1].cells == ("15.0",)
    assert status_of(found.checks, "beds") == "warn"
    house_rules.check(found)


def test_more_people_than_beds_is_told():
    found = qi.patient_flow(ward(bed_days=25 * ward()["days_in_period"]))
    assert status_of(found.checks, "over_occupied") == "info"


def test_the_result_travels_and_the_table_is_not_changed():
    table = ward()
    before = table.copy(deep=True)
    found: PatientFlowResult = qi.patient_flow(table, target_occupancy=85)
    pd.testing.assert_frame_equal(table, before)
    house_rules.check(found)
    mixed = qi.patient_flow(table.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(mixed.points, found.points)


@pytest.mark.parametrize(
    ("table", "more", "error", "says"),
    [
        (pd.concat([ward(), ward()]), {}, DataError, "Choose one ward with `where`"),
        (ward().drop(columns="bed_days"), {}, DataError, "no column `bed_days`"),
        (ward(bed_days=np.nan), {}, CannotEvaluate, "no period with bed days"),
        (ward(bed_days=-1), {}, DataError, "`bed_days` is below 0"),
        (ward(beds="20"), {}, DataError, "does not hold numbers"),
        (ward(), {"population": 0}, ParameterError, "`population` must be above 0"),
        (ward(), {"target_occupancy": -5}, ParameterError, "in percent"),
    ],
)
def test_what_cannot_be_is_refused(table, more, error, says):
    with pytest.raises(error) as caught:
        qi.patient_flow(table, **more)
    assert says in str(caught.value)
