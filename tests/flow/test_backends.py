"""The same figures on PostgreSQL and on Spark as on DuckDB, every one of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ibis.backends import BaseBackend

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.flow.admissions import admissions
from qieval.flow.lengths import lengths_of_stay
from qieval.flow.readmissions import discharges_followed, readmitted
from qieval.flow.waits import waits_counted

EXTRACT = "2024-03-31"


def drawn(rows: int, seed: int, people: int = 40) -> pd.DataFrame:
    """Stays that overlap, nest, abut, end on their first day, or have not ended; blank wards."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2023-11-20") + pd.to_timedelta(rng.integers(0, 120, rows), unit="D")
    end = pd.Series(start + pd.to_timedelta(rng.integers(0, 40, rows), unit="D"))
    wards = pd.Series(rng.choice(["Ash", "Birch", "Cedar"], rows)).mask(rng.random(rows) < 0.1)
    ended = pd.Series(rng.choice(["home", "transfer", "died"], rows))
    still_in = (rng.random(rows) < 0.1) | (end > pd.Timestamp(EXTRACT)).to_numpy()
    return pd.DataFrame(
        {
            "person": [f"P{number:03d}" for number in rng.integers(0, people, rows)],
            "start": start.as_unit("us"),
            "end": end.mask(still_in).astype("datetime64[us]"),
            "ward": wards,
            "discharged_to": ended.mask(still_in),
        }
    )


def referred(rows: int, seed: int) -> pd.DataFrame:
    """Referrals with times of day that started, wait, went elsewhere, were refused or withdrawn."""
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 60 * 24 * 100, rows)
    at = pd.Series(pd.Timestamp("2023-12-01") + pd.to_timedelta(minutes, unit="min"))
    later = at + pd.to_timedelta(rng.integers(30, 60 * 24 * 20, rows), unit="min")
    became = pd.Series(rng.choice(["here", "elsewhere", "refused", "withdrawn", ""], rows))
    began = became.isin(["here", "elsewhere"])
    over = became.isin(["refused", "withdrawn"]) & (rng.random(rows) < 0.8)
    return pd.DataFrame(
        {
            "referred": at.astype("datetime64[us]"),
            "started": later.where(began).astype("datetime64[us]"),
            "outcome": became.where(became != ""),
            "closed": later.dt.normalize().where(over).astype("datetime64[us]"),
            "team": rng.choice(["North", "South"], rows),
        }
    )


SPELLS, LEAVE = drawn(90, seed=5), drawn(30, seed=6)[["person", "start", "end"]]
REFERRALS = referred(80, seed=7)


def test_the_example_is_one_that_tells() -> None:
    """Overlaps, open and same-day stays, blank wards and leave all occur in what is compared."""
    out = qi.bed_days(SPELLS, by="ward", extract_date=EXTRACT, leave=LEAVE)
    said = " ".join(out.attrs["notes"])
    for word in ("overlap an earlier", "without an end", "on one day", "blank in", "taken off"):
        assert word in said


@pytest.mark.parametrize(
    ("period", "rule"),
    [("month", "mhsds"), ("week", "phs"), ("day", "mhsds"), ("financial_year", "phs")],
)
def test_bed_days(database: BaseBackend, period: str, rule: str) -> None:
    asked = {"by": "ward", "period": period, "rule": rule, "extract_date": EXTRACT, "leave": LEAVE}
    here = qi.bed_days(SPELLS, **asked)
    there = qi.bed_days(SPELLS, **asked, backend=database)
    pd.testing.assert_frame_equal(there, here)
    assert there.attrs == here.attrs


def test_bed_days_of_everybody_together_on_times_of_day(database: BaseBackend) -> None:
    at_noon = SPELLS.assign(start=SPELLS["start"] + pd.Timedelta(hours=11, minutes=59))
    at_noon["end"] = SPELLS["end"] + pd.Timedelta(hours=23, minutes=59)
    here = qi.bed_days(SPELLS, extract_date=EXTRACT)
    pd.testing.assert_frame_equal(
        qi.bed_days(at_noon, extract_date=EXTRACT, backend=database), here
    )


@pytest.mark.parametrize("join_gap", [0, 3])
def test_admissions_and_discharges(database: BaseBackend, join_gap: int) -> None:
    asked = {"by": "ward", "extract_date": EXTRACT, "join_gap": join_gap}
    here = admissions(SPELLS, **asked)
    there = admissions(SPELLS, **asked, backend=database)
    pd.testing.assert_frame_equal(there, here)
    assert there.attrs == here.attrs
    assert here["admissions"].sum() > here["discharges"].sum() > 0


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "ward"},
        {"join_gap": 2, "count_from": "2023-12-15", "discharged_in": "month"},
        {"intervention": "2024-01-15", "discharged_in": "week"},
    ],
    ids=["by ward", "by month", "before and since"],
)
def test_lengths_of_stay(database: BaseBackend, asked: dict) -> None:
    here = lengths_of_stay(SPELLS, extract_date=EXTRACT, **asked)
    there = lengths_of_stay(SPELLS, extract_date=EXTRACT, **asked, backend=database)
    pd.testing.assert_frame_equal(there.counts, here.counts)
    assert there.notes == here.notes
    assert (there.left_out, there.endings_told) == (here.left_out, here.endings_told)
    assert here.endings_told
    assert set(here.counts["ending"]) >= {"discharged", "died"}


@pytest.mark.parametrize("asked", [{"by": "ward"}, {"join_gap": 1, "intervention": "2024-01-15"}])
def test_readmissions(database: BaseBackend, asked: dict) -> None:
    asked = {"window": 30, "extract_date": EXTRACT, **asked}
    here = discharges_followed(SPELLS, **asked)
    there = discharges_followed(SPELLS, **asked, backend=database)
    pd.testing.assert_frame_equal(there.counts, here.counts)
    assert there.notes == here.notes
    assert readmitted(here, 30)["readmitted"].sum() > 0


@pytest.mark.parametrize("clock", ["days", "hours"])
def test_waits(database: BaseBackend, clock: str) -> None:
    asked = {"target_days": 14, "by": "team", "extract_date": EXTRACT, "clock": clock}
    here = waits_counted(REFERRALS, **asked)
    there = waits_counted(REFERRALS, **asked, backend=database)
    pd.testing.assert_frame_equal(there.counts, here.counts)
    assert (there.undated, there.notes) == (here.undated, here.notes)
    assert set(here.counts["fate"]) == {"here", "elsewhere", "refused", "withdrawn", "waiting"}


def test_what_cannot_be_is_refused_there_too(database: BaseBackend) -> None:
    wrong = SPELLS.copy()
    wrong.loc[4, "end"] = wrong.loc[4, "start"] - pd.Timedelta(days=3)
    with pytest.raises(DataError, match="row 5, column `end`: the end is before the start"):
        qi.bed_days(wrong, extract_date=EXTRACT, backend=database)
    with pytest.raises(ParameterError, match="`extract_date` is needed"):
        qi.bed_days(SPELLS, backend=database)


@pytest.mark.slow
def test_a_parquet_file_is_counted_by_spark(spark: str, tmp_path: Path) -> None:
    file = tmp_path / "spells.parquet"
    SPELLS.to_parquet(file)
    here = qi.bed_days(file, by="ward", extract_date=EXTRACT)
    there = qi.bed_days(file, by="ward", extract_date=EXTRACT, backend=spark)
    pd.testing.assert_frame_equal(there, here)
