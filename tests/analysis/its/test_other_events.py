"""Events beside a change are weighed: what was there before an event is not explained by it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi

CLOSED = "Ward of 8 beds closed"


def evaluated(step: int, event: int, seed: int = 3, **more):
    """A fall of 14 at `step`, an intervention at 39 of 60 months, an event in month `event`."""
    y = 100 + np.random.default_rng(seed).normal(0, 2, 60)
    y[step:] -= 14
    period = pd.date_range("2018-04-01", periods=60, freq="MS")
    return qi.interrupted_time_series(
        pd.DataFrame({"period": period, "y": y}),
        value="y",
        intervention=period[36],
        direction="lower",
        season=None,
        events=[{"date": period[event].strftime("%Y-%m-%d"), "event": CLOSED}],
        **more,
    )


def test_an_event_from_which_the_change_comes_could_explain_it():
    result = evaluated(step=40, event=40)
    (row,) = result.near.to_dict("records")
    assert (row["when"], row["after"], row["of"], row["explains"]) == ("later", 20, 24, True)
    # By chance these few months lie clearly below, too, but by a quarter of the whole only.
    assert abs(row["estimate"]) < 0.5 * abs(result.estimates.loc["average_effect", "estimate"])
    assert result.verdict.alone is False
    assert "20 of the 24 months" in result.checks.set_index("id").loc["other_events", "detail"]


@pytest.mark.parametrize("seed", range(4))
def test_an_event_after_a_change_that_was_there_does_not(seed):
    result = evaluated(step=36, event=48, seed=seed)
    (row,) = result.near.to_dict("records")
    assert (row["when"], row["after"], row["of"], row["explains"]) == ("later", 12, 24, False)
    assert row["ci_high"] < 0
    assert result.verdict.alone is True
    assert result.verdict.kind == "improved"
    assert result.checks.set_index("id").loc["other_events", "status"] == "info"


def test_an_event_between_a_change_and_its_lagged_effect_is_at_the_same_time():
    result = evaluated(step=44, event=42, lag=8)
    (row,) = result.near.to_dict("records")
    assert (row["when"], row["explains"]) == ("at the same time", True)
    assert "at the same time" in result.headline()


def test_what_lies_before_the_event_is_all_that_it_is_weighed_by():
    """Whatever the months after the event hold, what is said of those before stays."""
    first = evaluated(36, 48)
    changed = first.points.loc[first.points.index[:48], ["time", "value"]]
    alone = qi.interrupted_time_series(
        changed.rename(columns={"time": "period", "value": "y"}),
        value="y",
        intervention="2021-04-01",
        season=None,
    )
    average = alone.estimates.loc["average_effect", ["estimate", "ci_low", "ci_high"]]
    row = first.near.loc[0, ["estimate", "ci_low", "ci_high"]]
    assert row.astype(float).to_numpy() == pytest.approx(average.astype(float).to_numpy())


def test_at_the_same_time_or_with_too_little_before_nothing_is_weighed():
    for event in (36, 37, 39):
        result = evaluated(step=36, event=event)
        (row,) = result.near.to_dict("records")
        assert row["when"] == "at the same time"
        assert row["explains"]
        assert np.isnan(row["estimate"])
        assert result.verdict.alone is False


def test_events_after_the_averaged_months_or_well_before_are_none():
    assert evaluated(step=36, event=48, horizon=8).near.empty
    assert evaluated(step=36, event=20).near.empty
