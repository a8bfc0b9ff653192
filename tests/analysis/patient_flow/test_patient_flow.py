"""Patient flow: sums over sums, changes in size, gaps, words and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.patient_flow import PatientFlowResult
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import Result


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
    assert found.headline() == (
        "On an average day 15.0 beds were occupied: 83% of the beds that were available."
    )


def test_a_change_in_size_is_an_event_and_no_improvement():
    found = qi.patient_flow(ward())
    assert "from 20 to 16 in January 2023" in found.details()
    assert "That is an event, not an improvement" in found.details()
    assert found.checks.set_index("check").loc["Size of the ward", "status"] == "warn"
    same = qi.patient_flow(ward(beds=20.0))
    assert same.checks.set_index("check").loc["Size of the ward", "status"] == "pass"
    assert qi.patient_flow(ward(beds=20 + 0.4 * np.sin(np.arange(24)))).size_words() == []


def test_first_and_last_year_stand_side_by_side():
    words = qi.patient_flow(ward()).details()
    assert "first year 18.0 beds were occupied (90%), of the last 12.0 beds were" in words
    assert "first year" not in qi.patient_flow(ward(18)).details()


def test_a_month_that_is_missing_is_a_gap_never_0():
    found = qi.patient_flow(ward().drop(index=[3, 4]))
    assert len(found.points) == 24
    assert found.points["bed_days"].isna().sum() == 2
    detail = found.checks.set_index("check").loc["Every month there", "detail"]
    assert "April 2022 and May 2022" in detail
    assert found.term("occupied_beds").n == 22
    assert "not known" in found.points_in_words().to_string()


def test_sums_alone_are_enough():
    found = qi.patient_flow(ward()[["period", "bed_days"]])
    assert list(found.estimates.index) == ["occupied_beds"]
    assert found.headline() == "On an average day 15.0 beds were occupied."
    assert found.checks.set_index("check").loc["Beds known", "status"] == "warn"


def test_more_people_than_beds_is_told():
    found = qi.patient_flow(ward(bed_days=25 * ward()["days_in_period"]))
    assert "Occupancy above 100%" in set(found.checks["check"])


def test_the_result_travels_and_the_table_is_not_changed():
    table = ward()
    before = table.copy(deep=True)
    found: PatientFlowResult = qi.patient_flow(table, target_occupancy=85)
    pd.testing.assert_frame_equal(table, before)
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
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
