"""Waits counted: days and hours, what became of referrals, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.flow.waits import waits_counted
from tests.flow.made import referrals

TABLE = referrals(
    ("2024-01-01", "2024-01-15", "here"),
    ("2024-01-02", "2024-01-10", "elsewhere"),
    ("2024-01-03", None, "refused", "2024-01-05"),
    ("2024-01-03", None, "withdrawn", None),
    ("2024-03-20", None),
    ("2024-01-05", "2024-01-05", None),
)


def counted(table: pd.DataFrame = TABLE, **more) -> pd.DataFrame:
    asked = {"target_days": 14, "extract_date": "2024-03-31"} | more
    return waits_counted(table, **asked).counts


def test_what_became_of_each_and_how_long_it_waited():
    rows = counted()
    found = rows.set_index("fate")["wait"].dropna().groupby(level=0).apply(list).to_dict()
    assert found == {"here": [0, 14], "elsewhere": [8], "refused": [2], "waiting": [11]}
    assert rows.loc[rows["fate"] == "withdrawn", "wait"].isna().all()
    assert rows.loc[rows["fate"] == "waiting", "old"].tolist() == [0]
    assert rows["referrals"].sum() == len(TABLE)


def test_a_target_that_has_passed_on_the_extract_date_is_known():
    assert counted(target_days=11)["old"].tolist() == [1] * 6
    assert (counted(target_days=12)["old"] == 0).sum() == 1


def test_hours_by_the_clock():
    table = referrals(
        ("2024-01-01 20:15", "2024-01-02 00:45", "here"),
        ("2024-01-01 10:00", None, "refused", "2024-01-01"),
        ("2024-03-31 12:00", None),
    )
    found = counted(table, clock="hours", target_days=4 / 24).set_index("fate")["wait"].to_dict()
    # A closing dated only is that day: not before the referral.
    assert found == {"here": 4.5, "refused": 0, "waiting": 12}
    assert counted(table)["wait"].tolist() == [1, 0, 0]


def test_words_of_the_file_are_mapped():
    table = TABLE.assign(outcome=["Here ", "OOA", "Declined", "withdrawn", None, None])
    words = {"ooa": "elsewhere", "declined": "refused"}
    assert set(counted(table, outcomes=words)["fate"]) == set(counted()["fate"])
    with pytest.raises(DataError) as caught:
        counted(table, outcomes={"ooa": "elsewhere"})
    assert "1 different word in row 3" in str(caught.value)
    assert "declined" not in str(caught.value)
    assert "outcomes: {as in the file: refused}" in str(caught.value)
    with pytest.raises(ParameterError, match="refused"):
        counted(table, outcomes={"ooa": "away"})


def test_groups_and_days_of_a_change():
    table = TABLE.assign(team=["A", "A", "B", "B", "B", None])
    rows = counted(table, by="team")
    assert rows.groupby("group")["referrals"].sum().to_dict() == {
        "A": 2,
        "B": 3,
        "not recorded": 1,
    }
    rows = counted(intervention="2024-01-03")
    assert rows.groupby("group")["referrals"].sum().to_dict() == {
        "Before 3 January 2024": 2,
        "Since 3 January 2024": 4,
    }
    assert counted(count_from="2024-01-04")["referrals"].sum() == 2


def test_the_order_of_rows_and_the_form_of_the_table_do_not_matter(tmp_path: Path):
    expected = counted()
    pd.testing.assert_frame_equal(counted(TABLE.iloc[::-1]), expected)
    file = tmp_path / "waits.parquet"
    TABLE.to_parquet(file)
    pd.testing.assert_frame_equal(counted(str(file)), expected)
    before = TABLE.copy(deep=True)
    counted()
    pd.testing.assert_frame_equal(TABLE, before)


# ---- refusals ----------------------------------------------------------------------------------


def test_only_people_who_were_seen_cannot_say_how_long_people_wait():
    seen = TABLE.iloc[[0, 1, 5]]
    with pytest.raises(CannotEvaluate) as caught:
        counted(seen)
    assert "Waits of those seen alone are too short." in str(caught.value)
    assert "`complete: true`" in str(caught.value)
    assert counted(seen, complete=True)["referrals"].sum() == 3


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("2024-01-05", "2024-01-01"), "row 1, column `started`: the wait is negative"),
        (("2024-01-05", None, "refused", "2024-01-01"), "column `closed`: was closed before"),
        (("2024-01-05", "2024-01-07", "refused", "2024-01-07"), "and yet care started"),
        (("2024-01-05", None, "here"), "is here, and yet there is no start"),
        (("2024-04-05", None), "column `referred`: is after the extract date"),
        (("2024-01-05", "2024-04-01"), "column `started`: is after the extract date"),
    ],
)
def test_rows_that_contradict_themselves_are_named(rows, says):
    with pytest.raises(DataError) as caught:
        counted(referrals(rows, ("2024-01-01", None)))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"extract_date": None}, ParameterError, "1 still waiting"),
        ({"target_days": 0}, ParameterError, "`target_days` must be above 0."),
        ({"clock": "minutes"}, ParameterError, "`clock` must be one of"),
        ({"clock": "hours"}, ParameterError, "needs times of day"),
        ({"count_from": "2025-01-01"}, CannotEvaluate, "No referral is left to count."),
        ({"by": "teams"}, DataError, "Did you mean `team`?"),
    ],
)
def test_parameters_that_cannot_be(more, error, says):
    with pytest.raises(error) as caught:
        counted(**more)
    assert says in str(caught.value)


def test_dates_as_text_and_empty_tables():
    with pytest.raises(DataError, match="`referred` does not hold dates"):
        counted(TABLE.assign(referred="2024-01-01"))
    with pytest.raises(DataError, match="There are no rows of waits"):
        counted(TABLE.head(0))
