"""Did the new level of a chart hold? The rule, its intervals, and what cannot be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.spc.methods import false_alarms
from qieval.core.result import Result

SEEDS = range(74_100, 74_160)
"""Written down before any of them was looked at; none is left out."""

HUDDLE = [{"date": "2020-01-01", "event": "Huddle began", "kind": "project"}]


def made(seed: int, after: int = 24, effect: float = -4.0, gone: int | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 24 + after
    y = 20 + rng.normal(size=n)
    y[24:] += effect
    if gone is not None:
        y[24 + gone :] -= effect
    return pd.DataFrame({"period": pd.date_range("2018-01-01", periods=n, freq="MS"), "falls": y})


def chart(data: pd.DataFrame, rephase: bool = True, run: bool = False, **how: Any) -> Any:
    asked = {"value": "falls", "direction": "lower", "events": HUDDLE, **how}
    if rephase:
        asked["rephase"] = {"2020-01-01": "huddle"}
    return qi.run_chart(data, **asked) if run else qi.control_chart(data, kind="i", **asked)


@pytest.mark.parametrize("gone", [None, 8])
def test_a_level_that_holds_and_one_that_does_not_are_told_apart(gone: int | None) -> None:
    results = [chart(made(seed, gone=gone)) for seed in SEEDS]
    truth = -4.0 if gone is None else 0.0
    seen = [result for result in results if result.verdict.sustained.status != "none"]
    later = [result.lasting.set_index("term").loc["later_effect"] for result in seen]
    held = sum(bool(row["ci_low"] <= truth <= row["ci_high"]) for row in later)
    assert held >= len(seen) - 8  # of 60 intervals of 95 %, fewer hold it once in 200 such tests
    statuses = [result.verdict.sustained.status for result in seen]
    expected, opposite = ("lasted", "faded") if gone is None else ("faded", "lasted")
    assert statuses.count(expected) >= 48
    assert statuses.count(opposite) <= 3


def test_without_new_lines_the_step_near_the_projects_own_event_counts() -> None:
    data = made(74_200, gone=10)
    for run in (False, True):
        result = chart(data, rephase=False, run=run)
        assert result.verdict.sustained.status == "faded"
        assert "went back towards the old one" in result.verdict.sustained.words
    elsewhere = [{**HUDDLE[0], "date": "2018-06-01"}]
    assert chart(data, rephase=False, events=elsewhere).verdict.sustained.status == "none"
    unknown = [{**HUDDLE[0], "kind": "event"}]
    assert chart(data, rephase=False, events=unknown).verdict.sustained.status == "none"


def test_lines_that_were_restarted_where_it_fell_back_tell_the_first_change() -> None:
    data = made(74_201, gone=12)
    asked = {"value": "falls", "direction": "lower", "events": HUDDLE}
    result = qi.control_chart(data, kind="i", rephase=["2020-01-01", "2021-01-01"], **asked)
    sustained = result.verdict.sustained
    assert sustained.status == "faded"
    assert result.lasting.set_index("term").at["first_effect", "estimate"] < -2


def test_too_early_by_date() -> None:
    for after in (4, 10, 14):
        result = chart(made(74_202, after=after))
        assert result.verdict.sustained.status == "too early"
        assert str(result.verdict.sustained.told_from) == "2021-04-01"
    assert chart(made(74_202, after=15)).verdict.sustained.status == "lasted"


def test_no_change_of_level_cannot_last() -> None:
    assert chart(made(74_203, effect=0.0)).verdict.sustained.status == "none"


def test_charts_without_a_level_and_of_groups_say_nothing() -> None:
    data = made(74_204)
    assert len(qi.control_chart(data, kind="mr", value="falls").lasting) == 0
    both = pd.concat([data.assign(ward="A"), data.assign(ward="B")])
    assert len(qi.run_chart(both, value="falls", by="ward", rephase=["2020-01-01"]).lasting) == 0


def test_means_and_share_by_hand() -> None:
    data = made(74_205)
    rows = chart(data).lasting.set_index("term")
    y = data["falls"].to_numpy()
    first, later = y[24:30].mean() - y[:24].mean(), y[36:].mean() - y[:24].mean()
    assert rows["estimate"].tolist() == pytest.approx([first, later, later / first])
    assert rows["n"].tolist() == [6, 12, 12]


def test_a_chart_of_an_earlier_qieval_is_read() -> None:
    result = chart(made(74_206))
    written = result.to_dict()
    assert Result.from_dict(written).verdict.sustained == result.verdict.sustained
    del written["lasting"]
    assert Result.from_dict(written).verdict.sustained.status == "none"
    assert result.released().verdict.sustained == result.verdict.sustained


# ---- how often the verdict claims a change where none is ----------------------------------------


def test_the_chance_of_a_false_claim_is_that_of_the_table() -> None:
    table = false_alarms.claims_table()
    assert false_alarms.latest("making_data_count_2024", 24) == pytest.approx(
        table.loc[("control", "making_data_count_2024"), "24"]
    )
    between = false_alarms.latest("shewhart", 22)
    assert between is not None
    low, high = sorted(table.loc[("control", "shewhart"), ["20", "24"]])
    assert low <= between <= high
    assert false_alarms.latest("shewhart", 9) is None
    assert false_alarms.restart([24]) == 0
    assert false_alarms.restart([24, 9]) is None


def test_verdicts_claim_as_often_as_their_chance_says() -> None:
    """New seeds: 300 charts of 24 values; three standard errors of 300."""
    rng = np.random.default_rng(74_300)
    groups = pd.DataFrame(
        {
            "period": np.tile(pd.date_range("2018-01-01", periods=24, freq="MS"), 300),
            "ward": np.repeat([f"w{n:03d}" for n in range(300)], 24),
            "falls": rng.normal(size=7200),
        }
    )
    many = qi.control_chart(groups, kind="i", value="falls", by="ward", direction="lower")
    share = float((~many.last["variation"].isin(["common_cause", ""])).mean())
    one = qi.control_chart(groups.head(24), kind="i", value="falls", direction="lower")
    chance = one.false_claim
    assert chance is not None
    assert abs(share - chance) < 3 * np.sqrt(chance * (1 - chance) / 300)
