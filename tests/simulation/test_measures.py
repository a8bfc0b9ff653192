"""Families of measures: true figures before and since are found, returns never sent are absent."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest

from simulation.drawing import months
from simulation.measures import MEASURES, Measure
from simulation.returns_log import SENDERS

Table = Callable[[str], pd.DataFrame]


def named(measure: Measure) -> str:
    return f"{measure.team}: {measure.name}"


def rows_of(table: Table, one: Measure) -> pd.DataFrame:
    told = table("measures")
    own = told[(told["project"] == one.project) & (told["measure"] == one.name)]
    return own.assign(
        period=pd.to_datetime(own["period"]),
        numerator=own["numerator"].astype(int),
        denominator=own["denominator"].astype(int),
    )


@pytest.mark.parametrize("one", MEASURES, ids=named)
def test_the_true_figure_is_found(table: Table, one: Measure) -> None:
    own = rows_of(table, one)
    since = own["period"] >= pd.Timestamp(one.change)
    for part, truth in ((own[~since], one.before), (own[since], one.after)):
        if part.empty:
            continue
        number = part["denominator"].sum()
        varies = truth / number if one.counts else truth * (1 - truth) / number
        between = (one.spread * truth * (1 - truth)) ** 2 / len(part)
        found = part["numerator"].sum() / number
        assert abs(found - truth) < 3.5 * math.sqrt(varies + between)


@pytest.mark.parametrize("one", MEASURES, ids=named)
def test_months_are_those_whose_return_came(table: Table, one: Measure) -> None:
    log = table("returns_log")
    lost = log[(log["team"] == one.team) & (log["measure"] == one.name) & (log["received"] == "")]
    expected = {str(month) for month in months(one.first, one.last)} - set(lost["period"])
    assert {str(day.date()) for day in rows_of(table, one)["period"]} == expected


def test_every_project_that_sends_measures_has_its_log() -> None:
    logged = {(sender.project, sender.team) for sender in SENDERS}
    without = {one.project for one in MEASURES if (one.project, one.team) not in logged}
    assert without == {"observatory-high-dose"}  # whose figures come from the pharmacy's system


def test_a_family_has_its_balancing_measure(table: Table) -> None:
    types = table("measures").groupby("project")["type"].agg(set)
    families = ("observatory-high-dose", "saffron-crisis-plans", "laurel-falls-huddle")
    assert all(types[name] == {"outcome", "process", "balancing"} for name in families)
    assert types["observatory-lithium-checks"] == {"process"}  # no outcome: built in
