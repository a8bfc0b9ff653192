"""Results of patient flow for the tests of their charts: simulated stays and referrals."""

from __future__ import annotations

import numpy as np
import pandas as pd

import qieval as qi

EXTRACT = "2023-12-31"


def spells(number: int = 600, wards: int = 1, seed: int = 3) -> pd.DataFrame:
    """Stays over two years; one in five people comes back."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 729, number), unit="D")
    end = start + pd.to_timedelta(np.ceil(rng.exponential(25, number)), unit="D")
    table = pd.DataFrame({"start": start, "end": end}).assign(
        person=rng.integers(0, number, number).astype(str),
        ward=[f"Ward {each}" for each in rng.integers(1, wards + 1, number)],
        discharged_to="home",
    )
    return table.assign(end=table["end"].where(table["end"] <= EXTRACT))


def referrals(number: int = 500, teams: int = 1, seed: int = 4) -> pd.DataFrame:
    """Referrals over two years; some refused, some still waiting."""
    rng = np.random.default_rng(seed)
    referred = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 729, number), unit="D")
    started = referred + pd.to_timedelta(np.ceil(rng.exponential(30, number)), unit="D")
    refused = rng.random(number) < 0.1
    seen = ~refused & (started <= EXTRACT)
    closed = pd.Series(referred + pd.Timedelta(days=5))
    table = pd.DataFrame({"referred": referred}).assign(
        started=pd.Series(started).where(seen),
        outcome=pd.Series(np.where(refused, "refused", None)),
        closed=closed.where(refused & (closed <= EXTRACT)),
        team=[f"Team {each}" for each in rng.integers(1, teams + 1, number)],
    )
    return table


def length_of_stay(wards: int = 1, number: int = 600, **more):
    asked = {"extract_date": EXTRACT, "setting": "A made-up hospital"} | more
    return qi.length_of_stay(spells(number, wards), **asked)


def readmissions(wards: int = 1, number: int = 600, **more):
    asked = {"extract_date": EXTRACT, "setting": "A made-up hospital"} | more
    return qi.readmissions(spells(number, wards), **asked)


def waits(teams: int = 1, number: int = 500, **more):
    asked = {"extract_date": EXTRACT, "target_days": 28, "setting": "A made-up team"} | more
    return qi.waits(referrals(number, teams), **asked)


def patient_flow(months: int = 24, *, beds: bool = True, moved: bool = True, **more):
    rng = np.random.default_rng(5)
    period = pd.date_range("2020-01-01", periods=months, freq="MS")
    table = pd.DataFrame({"period": period, "bed_days": rng.integers(300, 500, months)})
    if beds:
        table["beds"] = np.where(np.arange(months) < months / 2, 20.0, 16.0)
    if moved:
        table["admissions"] = rng.integers(5, 25, months)
        table["discharges"] = rng.integers(5, 25, months)
    return qi.patient_flow(table, **({"setting": "A made-up ward"} | more))
