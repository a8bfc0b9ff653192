"""What a reader must know before believing a chart: one row a check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc import false_alarms, patterns, suggest
from qieval.analysis.spc.limits import Limits
from qieval.analysis.spc.phases import Phases
from qieval.analysis.spc.rules import RuleSet
from qieval.analysis.spc.series import Array, Mask, Series
from qieval.analysis.spc.signals import Signals
from qieval.core.checks import Status
from qieval.core.errors import CannotEvaluate
from qieval.core.words import in_a_row

Row = tuple[str, Status, str]

RUN_FROM, LIMITS_FROM = 10, 13
STABLE = 8
"""Points in a row on one side from which a lasting shift may be suggested."""


def _units(which: Any, series: Series, most: int = 6) -> str:
    """Those units by name, or "" where there is one only."""
    if series.units.empty:
        return ""
    names = [" ".join(map(str, row)) for row in series.units[which].head(most).to_numpy()]
    more = f" and {int(which.sum()) - most} more" if which.sum() > most else ""
    return in_a_row(names) + more if not more else ", ".join(names) + more


def length(series: Series, phases: Phases, least: int, what: str) -> Row:
    """Enough points in each phase?"""
    name = "Number of points"
    counts = np.stack([(phases.of(k) & phases.limits_from).sum(1) for k in range(phases.count)])
    counts = np.where(counts > 0, counts, np.iinfo(np.int64).max)
    fewest = int(counts.min())
    if fewest >= least:
        return name, "pass", f"{what} rest on at least {fewest} {series.noun(fewest)}."
    short = (counts < least).any(axis=0)
    where = f" ({_units(short, series)})" if not series.units.empty else ""
    phase = "a phase" if phases.count > 1 else "the chart"
    return (
        name,
        "warn",
        f"{what} of {phase} rest on {fewest} {series.noun(fewest)}{where}. Under {least} they "
        "are provisional and move with every new point.",
    )


def gaps(series: Series) -> Row:
    """Missing periods."""
    name, word = "Missing periods", series.noun(2)
    missing = series.shown & ~series.present
    if not missing.any():
        return name, "pass", f"Every one of the {int(series.shown.sum())} {word} has a value."
    zero = missing & (series.denominator == 0)
    why = f" In {series.some(zero)} the denominator is zero." if zero.any() else ""
    where = "" if series.units.empty else f" ({_units(missing.any(axis=1), series)})"
    return (
        name,
        "warn",
        f"{int(missing.sum())} of {int(series.shown.sum())} {word} have no value{where}: "
        f"{series.some(missing)}. They are gaps in the line; no moving range is taken across them, "
        f"and runs pass over them.{why}",
    )


def exclusions(series: Series, phases: Phases) -> list[Row]:
    """Points left out, and why."""
    if not phases.reasons:
        return []
    said = [f"{series.label(when)} ({why or 'no reason given'})" for when, why in phases.reasons]
    status: Status = "info" if all(why for _, why in phases.reasons) else "warn"
    return [("Points left out", status, f"Left out of lines and rules: {'; '.join(said)}.")]


def rephased(series: Series, phases: Phases) -> list[Row]:
    """Where the chart starts anew, and why."""
    rows: list[Row] = []
    if phases.frozen:
        rows.append(("Baseline", "info", f"Lines of the first phase rest on {phases.frozen}."))
    if not phases.starts:
        return rows
    said = [f"{series.label(when)} ({why or 'no reason given'})" for when, why in phases.starts]
    if all(why for _, why in phases.starts):
        return [*rows, ("Phases", "info", f"Lines start anew in {'; '.join(said)}.")]
    detail = (
        f"Lines start anew in {'; '.join(said)}. A phase needs a known cause: write the reason "
        "beside its date."
    )
    return [*rows, ("Phases", "warn", detail)]


def odd_splits(series: Series, phases: Phases, reach: int = 6) -> list[Row]:
    """Does the level change some way before or after a rephase, so that a phase is a mixture?"""
    rows: list[Row] = []
    for which, (when, _) in enumerate(phases.starts):
        moved = _better_start(series, phases, which, reach)
        some = moved != 0
        if not some.any():
            continue
        by = int(np.median(moved[some]))
        word = series.noun(abs(by))
        side = "after" if by > 0 else "before"
        where = f" ({_units(some, series)})" if not series.units.empty else ""
        rows.append(
            (
                "Date of a rephase",
                "warn",
                f"The level changes about {abs(by)} {word} {side} {series.label(when)}, where the "
                f"lines start anew{where}: a phase then mixes two levels, and its lines fit "
                "neither. Check the date.",
            )
        )
    return rows


def _better_start(series: Series, phases: Phases, which: int, reach: int) -> NDArray[np.int64]:
    """By how many points another start of a phase parts the two levels clearly better; 0: none."""
    both = (phases.of(which) | phases.of(which + 1)) & series.present & ~phases.excluded
    packed = patterns.packing(both)
    y = np.where(packed.known, packed.pack(series.y), 0.0)
    count = packed.known.sum(axis=1)
    given = (both & phases.of(which)).sum(axis=1)
    # From the mean, so that large values lose no digits.
    centre = y.sum(axis=1, keepdims=True) / np.maximum(count, 1)[:, None]
    y = np.where(packed.known, y - centre, 0.0)
    total, squares = np.cumsum(y, axis=1), (y**2).sum(axis=1)

    def left_over(split: NDArray[np.int64]) -> Array:
        inside = (split >= 2) & (split <= count - 2)
        at = np.clip(split, 1, np.maximum(count - 1, 1))
        before = np.take_along_axis(total, at[:, None] - 1, axis=1)[:, 0]
        after = total[:, -1] - before
        rest = squares - before**2 / at - after**2 / np.maximum(count - at, 1)
        return np.where(inside, rest, np.inf)

    moves = np.arange(-reach, reach + 1)
    rest = np.stack([left_over(given + move) for move in moves])
    best, here = rest.min(axis=0), rest[reach]
    chance = best / np.maximum(count - 2, 1)
    with np.errstate(invalid="ignore"):
        clear = np.isfinite(best) & np.isfinite(here) & (here - best > 9 * chance)
    move = moves[rest.argmin(axis=0)]
    return np.where(clear & (np.abs(move) >= 2), move, 0)


def stable_shift(series: Series, phases: Phases, signals: Signals) -> tuple[list[Row], list[Any]]:
    """A shift that lasts to the end and is not contradicted: offered as a new phase, never taken.

    Eight or more in a row on one side of the centre line, none so long on the other side after it,
    and most points since then still on that side.
    """
    here = series.present & ~phases.excluded & phases.of(phases.count - 1)
    packed = patterns.packing(here)
    side = np.where(packed.known, packed.pack(signals.side), 0).astype(np.int8)
    long = (patterns.run_lengths(side, packed.known) >= STABLE) & (side != 0)
    last = side.shape[1] - 1 - np.argmax(long[:, ::-1], axis=1)
    rows = np.arange(len(side))
    way = np.where(long.any(axis=1), side[rows, last], 0)
    agrees = long & (side == way[:, None])
    disagrees = long & (side == -way[:, None])
    after = np.where(disagrees.any(axis=1), side.shape[1] - np.argmax(disagrees[:, ::-1], 1), 0)
    later = np.arange(side.shape[1]) >= after[:, None]
    first = np.argmax(agrees & later, axis=1)
    since = packed.known & (np.arange(side.shape[1]) >= first[:, None])
    held = (since & (side == way[:, None])).sum(axis=1) > 0.75 * since.sum(axis=1)
    # A chart that is on one side from its first point on has shifted from nothing seen.
    offered = (way != 0) & held & (first > 0)
    if not offered.any():
        return [], []
    times = packed.pack(series.times)[rows, first]
    found = [
        {
            "unit": [str(cell) for cell in series.units.iloc[row].tolist()],
            "start": f"{pd.Timestamp(times[row]):%Y-%m-%d}",
            "points": int(since[row].sum()),
            "way": "above" if way[row] > 0 else "below",
        }
        for row in np.flatnonzero(offered)[:100]
    ]
    one = found[0]
    who = "" if series.units.empty else f"{_units(offered, series)}. Of the first of these: "
    detail = (
        f"{who}From {series.label(one['start'])} on, the {series.noun(2)} lie {one['way']} the "
        "centre line, and nothing since contradicts it. If the cause is known, lines may start "
        f"anew there: `rephase: {{{one['start']}: the cause}}`. This is not done by itself."
    )
    return [("A lasting shift", "info", detail)], found


def flat(found: Mask, series: Series, lines: Limits | None) -> list[Row]:
    """Points that do not vary: nothing can be told from them."""
    if not found.any():
        return []
    who = "" if series.units.empty else f" ({_units(found.any(axis=1), series)})"
    units = found.any(axis=1)
    if lines is None:
        what = "every point lies on the median, so there are no runs to count"
    elif (lines.upper[2] > lines.lower[2])[units].any():
        what = "chance alone would make them vary, so the limits say nothing about them"
    else:
        what = "the limits collapse onto the centre line and say nothing"
    return [
        (
            "Variation",
            "fail",
            f"The points that the lines rest on are all the same{who}: {what}. Check whether the "
            "column holds a target, a plan or values that were filled in.",
        )
    ]


def no_limits(limits: Limits, series: Series) -> list[Row]:
    """Units whose limits cannot be had."""
    lacking = ~np.isfinite(limits.upper[2]) & series.present
    whole = lacking.any(axis=1) & ~(np.isfinite(limits.upper[2]) & series.present).any(axis=1)
    if whole.all():
        raise CannotEvaluate(
            "Limits cannot be computed: no two neighbouring points that they could rest on.",
            remedy="Wait for more points, leave fewer out, or draw a run chart.",
        )
    if not whole.any():
        return []
    return [("Limits", "fail", f"There are too few points for limits of {_units(whole, series)}.")]


def whole_numbers(series: Series, kind: str) -> list[Row]:
    """Counts that are no whole numbers."""
    known = np.isfinite(series.total)
    if kind not in ("p", "pp", "u", "up", "c") or not known.any():
        return []
    odd = known & (np.where(known, series.total, 0) != np.round(np.where(known, series.total, 0)))
    if not odd.any():
        return []
    return [
        (
            "Whole numbers",
            "warn",
            f"A {kind} chart is for counts, and some values are not whole: {series.some(odd)}. "
            "Rates already divided belong on an I chart.",
        )
    ]


def spread(series: Series, phases: Phases, kind: str, per: float) -> list[Row]:
    """On p, u and c charts: do points vary more than chance alone?"""
    if kind not in ("p", "u", "c"):
        return []
    rest = phases.limits_from & phases.of(phases.count - 1)
    found = suggest.dispersion(suggest.standardised(series, rest, kind, per), rest)
    name = "Spread of the points"
    if found is None:
        return []
    times = f"{found.ratio:.1f} times as much variance as chance alone"
    if not found.clear:
        return [(name, "pass", f"The points have {times}; the limits suit them.")]
    better = {"p": "`kind: pp`", "u": "`kind: up`", "c": "`kind: i`"}[kind]
    return [
        (
            name,
            "warn",
            f"The points have {times} (sigma z {found.sigma_z:.1f}): these limits are too tight "
            f"and most points outside them mean nothing. Use {better}.",
        )
    ]


def same_day(series: Series, kind: str) -> list[Row]:
    """On g charts: events that share a day."""
    if kind != "g":
        return []
    days = series.times.astype("datetime64[D]")
    shared = series.shown[:, 1:] & (days[:, 1:] == days[:, :-1])
    if not shared.any():
        return []
    count = int(shared.sum())
    event = "event falls" if count == 1 else "events fall"
    detail = f"{count} {event} on the day of the one before; each is counted."
    return [("Events on one day", "info", detail)]


def subgroups(series: Series, kind: str) -> list[Row]:
    """Several values a period: how they are used."""
    several = series.size > 1
    if kind not in ("xbar", "s", "mr") or not several.any():
        return []
    low, high = int(series.size[series.present].min()), int(series.size.max())
    count = f"{high}" if low == high else f"{low} to {high}"
    if kind == "mr":
        detail = f"Each {series.noun()} has {count} values; the range is that of their means."
        return [("Subgroups", "info", detail)]
    alone = series.present & (series.size == 1)
    if alone.any():
        return [
            (
                "Subgroups",
                "warn",
                f"{series.some(alone)}: one value only, which has no spread and no limits of its "
                "own.",
            )
        ]
    return [("Subgroups", "info", f"Each {series.noun()} has {count} values.")]


def aims(target: float | None, direction: str) -> list[Row]:
    """A target needs a direction to be judged by."""
    if target is None or direction != "neutral":
        return []
    return [
        (
            "Target",
            "warn",
            "Which way is better was not said, so whether the target can be relied upon is not "
            "judged: give `direction`.",
        )
    ]


def far_points(series: Series, far: Mask) -> list[Row]:
    """Points that catch the eye on a run chart: a remark, not a rule."""
    if not far.any():
        return []
    return [
        (
            "Astronomical points",
            "info",
            f"Very far from the others: {series.some(far)}. This is for the eye, not a rule.",
        )
    ]


def rules_left_out(chosen: RuleSet) -> list[Row]:
    """On a run chart: which rules of a set made for control charts apply, and which do not."""
    if not chosen.left_out:
        return []
    return [
        (
            "Rules",
            "info",
            "A run chart has a median and no limits. Applied: "
            f"{'; '.join(chosen.words.values())}. Not applied, since they need limits: "
            f"{'; '.join(chosen.left_out)}. `qi.control_chart` applies them all.",
        )
    ]


def false_signals(facts: dict[str, Any]) -> Row:
    """How often such a chart shows a signal where there is none."""
    words = false_alarms.in_words(
        facts["false_alarm"], facts["points"], facts["rules_title"], facts["charts"]
    )
    return "False alarms", "info", words
