"""What a reader must know before believing a roll-out: one row a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qieval.analysis.roll_out.methods.fitted import Fitted
from qieval.analysis.roll_out.methods.in_turn import Mean
from qieval.analysis.roll_out.methods.units import Units
from qieval.analysis.roll_out.words import RollOutResult
from qieval.core import periods
from qieval.core.checks import About, Check
from qieval.core.counts import Counts
from qieval.core.words import in_a_row, lower_or_higher, many, number, percent, some_of

JUST, OF_USE = 4, 8
"""Units with which a change can only just be clear, and from which on one of use can be found."""

LEVEL_OVER = 12
"""Periods before the first start over which the units' levels are compared."""

NEAR = 3
"""An event so many periods from a start was at the same time."""


def enough_units(result: RollOutResult) -> Check:
    """Whether there are enough units for a change to be found."""
    about, span, count = About("enough_units", "Enough units"), result.span, result.size
    what, possible = (
        result.called,
        f"{span.possible:,}" if span.possible < 1e6 else "over a million",
    )
    ways = f"{count} {what}, whose starts could have been handed out in {possible} ways"
    if count <= JUST:
        return about.warns(
            f"{ways}. A change can only just be clear: the smallest p value is {span.least_p:.3f}."
        )
    if count < OF_USE:
        return about.informs(f"{ways}. Under {OF_USE} {what} only large changes can be found.")
    return about.passes(f"{ways}.")


def left_out(units: Units) -> Check:
    """Units that could not be compared."""
    about = About("left_out", "All units are compared")
    if not units.left_out:
        return about.passes("None was left out.")
    named = [f"{name} ({why})" for name, why in units.left_out.items()]
    return about.warns(f"Left out: {some_of(named)}. They may differ from the others.")


def compared(result: RollOutResult) -> Check:
    """How much of what came after the starts can be compared."""
    about, span = About("compared", "What the effect rests on"), result.span
    noun = periods.noun(span.every, 2)
    text = (
        f"{span.cells:,} of the {span.treated:,} {noun} after a start, summed over the "
        f"{result.called}: those in which some of them had not started yet"
    )
    if result.params["network"] and not span.of_networks:
        text += " in the same network"
    used = result.by_unit.groupby("network", sort=False)["used"].sum()
    if idle := [str(name) for name in used.index[used == 0]]:
        return about.warns(f"{text}. In {some_of(idle)} there was nobody to compare with.")
    if span.cells < span.treated / 2:
        return about.informs(f"{text}. About the others it says nothing.")
    return about.passes(f"{text}.")


def assumption(result: RollOutResult) -> Check:
    """What the inference stands on, in every result."""
    return About("assumption", "What it stands on").informs(
        f"p value and interval are right if which of the {result.called} started when had nothing "
        "to do with where each was heading. Nobody drew lots, so this has to be judged: ask why "
        "the first ones were first."
    )


def before_trend(
    result: RollOutResult, before: tuple[Mean, int] | None, fitted: Fitted, expected: float
) -> Check:
    """Whether units were drifting away from the others before they started."""
    about = About("before_trend", "Before the starts")
    if before is None:
        return about.informs(
            "The first ones start too early in the data for the time before to be looked at."
        )
    mean, ahead = before
    figures = np.array([mean.value, mean.low, mean.high])
    value, low, high = fitted.scaled.difference(figures, expected).tolist()
    words = lower_or_higher(value, low, high, result.span.unit)
    text = (
        f"Had each started {many(ahead, periods.noun(result.span.every))} earlier, the same "
        f"comparison would have found {words} in those {periods.noun(result.span.every, 2)}"
    )
    if mean.low > 0 or mean.high < 0:
        return about.warns(
            f"{text}: they were already on another way than those that started later."
        )
    return about.passes(f"{text}. That shows no drift; with few units one is easily missed.")


def leave_one_out(result: RollOutResult) -> list[Check]:
    """Whether the effect hangs on one unit."""
    about = About("leave_one_out", "No single one decides")
    without = result.by_unit.dropna(subset=["without"])
    if without.empty:
        return []
    value = result.term("average_effect").value
    low, high = without["without"].min(), without["without"].max()
    place = result.places("average_effect")
    text = (
        f"Without one of the {result.called} at a time the difference runs from "
        f"{number(low, place)} to {number(high, place)} {result.span.unit} "
        f"(all: {number(value, place)})"
    )
    turned = without.loc[np.sign(without["without"]) != np.sign(value), "unit"]
    halved = without.loc[without["without"] / value < 0.5, "unit"] if value else turned
    if len(halved):
        names = in_a_row([str(name) for name in halved[:6]], "or")
        return [about.warns(f"{text}. Without {names} less than half of it is left.")]
    return [about.passes(f"{text}.")]


class Level(NamedTuple):
    """How the order of the starts goes with the level before.

    Attributes
    ----------
    correlation, p_value : float
    over : int
        Periods over which the level is the mean.
    """

    correlation: float
    p_value: float
    over: int


def level_before(fitted: Fitted) -> Level | None:
    """Whether units with a high or low level started first; p by handing out the starts anew.

    None where the units have no level in common periods, or all the same.
    """
    units, first = fitted.units, int(fitted.units.starts.min())
    window = slice(max(0, first - LEVEL_OVER), first)
    seen = np.where(units.present, fitted.scaled.values, np.nan)[:, window]
    if not np.isfinite(seen).any(axis=1).all():
        return None
    level = np.nanmean(seen, axis=1)
    for rows, _ in fitted.split.parts:
        level[rows] -= level[rows].mean()
    starts = fitted.assignments.starts.astype(float)
    for rows, _ in fitted.split.parts:
        starts[:, rows] -= starts[:, rows].mean(axis=1, keepdims=True)
    under = starts @ level
    scale = float(np.sqrt((starts[0] ** 2).sum() * (level**2).sum()))
    if scale == 0:
        return None
    slack = 1e-9 * float(np.abs(under).max())
    p_value = float(np.mean(np.abs(under) >= abs(under[0]) - slack))
    return Level(float(under[0]) / scale, p_value, seen.shape[1])


def order_of_starts(result: RollOutResult, level: Level | None) -> Check:
    """Whether those that stood worst (or best) started first: regression to the mean."""
    about = About("order_of_starts", "Order of the starts against the level before")
    if level is None:
        return about.informs("The levels before the first start cannot be compared.")
    noun = periods.noun(result.span.every, level.over)
    text = (
        f"Correlation of start and mean of the {level.over} {noun} before the first one: "
        f"{number(level.correlation, 2)} (p {level.p_value:.2f})"
    )
    if level.p_value > 1 - result.params["confidence"]:
        return about.passes(f"{text}. Those that began first stood no higher or lower by more than "
                            "chance.")  # fmt: skip
    first = "lower" if level.correlation > 0 else "higher"
    return about.warns(
        f"{text}: those that began first stood {first}. If they began because of a bad spell, part "
        "of what followed would have come by itself (regression to the mean)."
    )


def other_events(result: RollOutResult) -> Check:
    """Events that fall together with the starts of many units, or of the one that they concern."""
    about, events = About("other_events", "Other events"), result.params["events"]
    if not events:
        return about.informs(
            "None are listed. What meets all alike in the same month is allowed for; what met only "
            "those that had started is not."
        )
    same = [text for event in events if (text := _at_the_same_time(result, event))]
    if same:
        return about.warns(
            f"{some_of(same, 4)}. The comparison cannot tell such an event from the change."
        )
    return about.passes(
        f"{many(len(events), 'event')} listed, none of them at the starts of half of the "
        f"{result.called} or more. What meets all alike in the same month is allowed for."
    )


def _at_the_same_time(result: RollOutResult, event: Mapping[str, Any]) -> str:
    """The event in words if it could be taken for the change; else nothing."""
    rows = result.by_unit.dropna(subset=["start"])
    concerned = rows if not event.get("unit") else rows[rows["unit"] == str(event["unit"])]
    if concerned.empty:
        return ""
    every = result.span.every
    day = periods.number_of(pd.DatetimeIndex([event["date"]]), every)[0]
    near = np.abs(periods.number_of(pd.DatetimeIndex(concerned["start"]), every) - day) <= NEAR
    if near.mean() < 0.5:
        return ""
    return (
        f"“{event['event']}” came within {NEAR} {periods.noun(every, NEAR)} of the start of "
        f"{near.sum()} of {len(concerned)}"
    )


def missing_cells(fitted: Fitted) -> Check:
    """Units and periods without a value."""
    about, present = About("missing_periods", "Missing values"), fitted.units.present
    noun = periods.noun(fitted.units.every, 2)
    if present.all():
        return about.passes(f"Every one has a value in all {present.shape[1]} {noun}.")
    lacking = ~present
    after = lacking & (fitted.since >= 0)
    share = float(lacking.mean())
    text = (
        f"{int(lacking.sum())} of {present.size:,} values ({percent(share, 1)}) are missing, "
        f"{int(after.sum())} of them after a start"
    )
    if share > 0.1:
        return about.warns(f"{text}. If they are missing because of what they would have shown, "
                           "the answer is wrong.")  # fmt: skip
    return about.informs(f"{text}. They are left out, each in its place.")


def kind_of_value(result: RollOutResult, declared: Counts | None) -> list[Check]:
    """Whether whole numbers were taken for events without anybody having said so."""
    if declared is not None or result.span.scale == "rate":
        return []
    return [
        About("distribution", "What the value counts").warns(
            "Whole numbers are taken for events. Say so with `counts: events`, or `counts: amount` "
            "for bed days, waits and scores."
        )
    ]
