"""The log of returns: what TRUTH.yml counts is what stands in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from simulation.returns_log import SENDERS, Sender
from simulation.wards import WARDS

Table = Callable[[str], pd.DataFrame]


def named(sender: Sender) -> str:
    return f"{sender.team}: {sender.measure}"


def rows_of(table: Table, sender: Sender) -> pd.DataFrame:
    log = table("returns_log")
    return log[(log["team"] == sender.team) & (log["measure"] == sender.measure)]


@pytest.mark.parametrize("sender", SENDERS, ids=named)
def test_counts_are_those_of_the_truth(
    table: Table, projects: dict[str, Any], sender: Sender
) -> None:
    own = rows_of(table, sender)
    (said,) = (
        entry
        for entry in projects[sender.project]["returns"]
        if (entry["team"], entry["measure"]) == (sender.team, sender.measure)
    )
    came = own[own["received"] != ""]
    assert len(own) == said["in_the_log"]
    assert len(came) == said["received"]
    assert (came["received"] > came["due"]).sum() == said["late"]  # ISO dates sort as text
    expected = pd.period_range(sender.first, sender.last, freq="M")
    assert len(expected) == said["expected"]
    gaps = (~expected.astype(str).isin(came["period"].str[:7])).astype(int)
    longest = max(map(len, "".join(map(str, gaps)).split("0")))
    assert longest == said["longest_gap"]


def test_maples_missing_months_are_those_missing_from_its_returns(table: Table) -> None:
    maple = next(ward for ward in WARDS if ward.form == "returns")
    log = table("returns_log")
    lost = log[(log["team"] == maple.ward) & (log["received"] == "")]
    assert list(lost["period"]) == [str(month) for month in maple.missing]


def test_challenges_are_in_it(projects: dict[str, Any]) -> None:
    def returns(project: str) -> dict[str, Any]:
        return projects[project]["returns"][0]

    assert returns("heron-employment")["late"] == returns("heron-employment")["received"]
    assert returns("lavender-peer-mentors")["received"] == 4  # dropped out; blanks in the log
    assert returns("myrtle-night-line")["in_the_log"] == 5  # the log just ends
    lithium = returns("observatory-lithium-checks")
    assert lithium["expected"] - lithium["received"] == 9
    assert lithium["longest_gap"] == 4


def test_nothing_came_before_its_month_was_over(table: Table) -> None:
    log = table("returns_log")
    came = log[log["received"] != ""]
    over = pd.to_datetime(came["period"]) + pd.offsets.MonthEnd()
    assert (pd.to_datetime(came["received"]) > over).all()
