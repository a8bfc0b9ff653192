"""What the Scottish parameter file says in words is what the published file says in figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from qieval.params import read_evaluation

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "params" / "open-data" / "scot-delayed-discharges"


@pytest.fixture(scope="module")
def asked() -> dict:
    return read_evaluation(FOLDER / "interrupted_time_series.yml", ROOT).parameters


@pytest.fixture(scope="module")
def daily(asked: dict, mirror: Path) -> pd.Series:
    (file,) = (mirror / "scot-delayed-discharges").glob("*.csv")
    table = pd.read_csv(file)
    for column, value in asked["where"].items():
        table = table[table[column] == value]
    months = pd.PeriodIndex(table[asked["columns"]["period"]].astype(str), freq="M")
    figures = table[asked["columns"]["bed_days"]].to_numpy() / months.days_in_month
    return pd.Series(figures, index=months).sort_index()


def first_above(daily: pd.Series, figure: float) -> str:
    after = daily["2020-04":]
    return str(after[after > figure].index[0])


@pytest.mark.mirror
def test_figures_in_the_limits(asked: dict, daily: pd.Series) -> None:
    text = " ".join(asked["limits"])
    before = daily[:"2020-02"]
    assert len(daily) == 83
    figures = {
        "March 2020": 1452,
        "April 2020": 676,
        "August 2021": 1489,
        "February 2020": 1616,
        "October 2021": 1619,
        "November 2022": 1950,
    }
    for month, figure in figures.items():
        assert round(daily[pd.Period(month)]) == figure
        assert f"{figure:,}" in text
        assert month in text
    assert round(before.mean(), -1) == 1430
    assert "about 1,430" in text
    assert first_above(daily, before.mean()) == "2021-08"
    assert first_above(daily, daily["2020-02"]) == "2021-10"
    assert before.idxmax() == pd.Period("2020-02")
    assert daily.idxmax() == pd.Period("2022-11")
    level = daily["2020-09":"2021-05"]
    assert level.max() - level.min() < 0.05 * daily.max()


def test_the_page_does_not_claim_a_cause(asked: dict) -> None:
    assert asked["epoc"]["independent_of_other_changes"]["answer"] == "no"
    assert any("cannot be put down to one policy" in limit for limit in asked["limits"])
    (event,) = asked["events"]
    assert event["kind"] == "other_change"
    assert event["planned"] is False
    assert event["date"] == asked["intervention"]
