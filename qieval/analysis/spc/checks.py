"""What a reader must know before believing a chart: one row a check."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc import tables
from qieval.analysis.spc.methods import false_alarms, patterns, suggest
from qieval.analysis.spc.methods.limits import Limits
from qieval.analysis.spc.methods.phases import Dated, Phases
from qieval.analysis.spc.methods.rules import RuleSet
from qieval.analysis.spc.methods.series import COUNTS, Array, Mask, Series
from qieval.analysis.spc.tables import Setup
from qieval.core import periods
from qieval.core.checks import Check, Status
from qieval.core.errors import CannotEvaluate
from qieval.core.result import rows_of
from qieval.core.words import decimals, number, some_of

RUN_FROM, LIMITS_FROM = 10, 13
NO_REASON = "no reason given"
MOST_STEPS = 4
DAY = pd.Timedelta(days=1)
FAR = 3
"""Ranges of the points beyond which a target is far from them."""
_ODDS = {0.01: "by chance in fewer than 1 of 100", 0.001: "by chance in fewer than 1 of 1,000"}


def length(series: Series, phases: Phases, least: int, what: str) -> Check:
    """Enough points in each phase?"""
    counts = np.stack([(phases.of(k) & phases.limits_from).sum(1) for k in range(phases.count)])
    counts = np.where(counts > 0, counts, np.iinfo(np.int64).max)
    fewest = int(counts.min())
    if fewest >= least:
        why = f"{what} rest on at least {fewest} {series.noun(fewest)}."
        return Check("number_of_points", "Number of points", "pass", why)
    short = (counts < least).any(axis=0)
    where = f" ({series.some_units(short)})" if not series.units.empty else ""
    phase = "a phase" if phases.count > 1 else "the chart"
    return Check(
        "number_of_points",
        "Number of points",
        "warn",
        f"{what} of {phase} rest on {fewest} {series.noun(fewest)}{where}. Under {least} they "
        "are provisional and move with every new point.",
    )


def gaps(series: Series) -> Check:
    """Missing periods."""
    word = series.noun(2)
    missing = series.shown & ~series.present
    if not missing.any():
        count = int(series.shown.sum(axis=1).max())
        charts = "" if series.units.empty else " of each chart"
        why = f"Every one of the {count} {word}{charts} has a value."
        if series.shown.sum(axis=1).min() < count:
            why = f"No chart lacks a value between its first and its last {series.noun()}."
        return Check("missing_periods", "Missing periods", "pass", why)
    zero = missing & (series.denominator == 0)
    zeros = f" In {series.some(zero)} the denominator is zero." if zero.any() else ""
    where = "" if series.units.empty else f" ({series.some_units(missing.any(axis=1))})"
    return Check(
        "missing_periods",
        "Missing periods",
        "warn",
        f"{int(missing.sum())} of {int(series.shown.sum())} {word} have no value{where}: "
        f"{series.some(missing)}. They are gaps in the line; no moving range is taken across them, "
        f"and runs pass over them.{zeros}",
    )


def exclusions(series: Series, phases: Phases) -> list[Check]:
    """Points left out, and why."""
    if not phases.exclusions:
        return []
    status: Status = "info" if all(one.why for one in phases.exclusions) else "warn"
    detail = f"Left out of lines and rules: {_dates(series, phases.exclusions)}."
    return [Check("exclusions", "Points left out", status, detail)]


def _dates(series: Series, dated: Sequence[Dated]) -> str:
    """Dates with their groups and reasons."""
    return "; ".join(
        f"{series.label(one.moment)} ({': '.join(filter(None, [one.group, one.why or NO_REASON]))})"
        for one in dated
    )


def rephased(series: Series, phases: Phases) -> list[Check]:
    """Where the chart starts anew, and why."""
    rows: list[Check] = []
    if phases.frozen:
        rows.append(Check("baseline", "Baseline", "info", phases.frozen))
    if not phases.starts:
        return rows
    detail = f"Lines start anew in {_dates(series, phases.starts)}."
    if all(start.why for start in phases.starts):
        return [*rows, Check("phases", "Phases", "info", detail)]
    detail += " A phase needs a known cause: write the reason beside its date."
    return [*rows, Check("phases", "Phases", "warn", detail)]


def odd_splits(series: Series, phases: Phases, reach: int = 6) -> list[Check]:
    """Does the level change some way before or after a rephase, so that a phase is a mixture?"""
    rows: list[Check] = []
    for which in range(phases.count - 1):
        moved = _better_start(series, phases, which, reach)
        for start, units in phases.begins(which + 1):
            some = (moved != 0) & units
            if not some.any():
                continue
            by = int(np.median(moved[some]))
            word = series.noun(abs(by))
            side = "after" if by > 0 else "before"
            where = f" ({series.some_units(some)})" if not series.units.empty else ""
            rows.append(
                Check(
                    "rephase_date",
                    "Date of a rephase",
                    "warn",
                    f"The level changes about {abs(by)} {word} {side} {series.label(start.moment)},"
                    f" where the lines start anew{where}: a phase then mixes two levels, and its "
                    "lines fit neither. Check the date.",
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


def step_changes(series: Series, found: pd.DataFrame, happened: pd.DataFrame) -> list[Check]:
    """Steps of the level without a rephase: offered as new phases, never taken."""
    if found.empty:
        return []
    words = []
    for step in rows_of(found.head(MOST_STEPS)):
        who = "" if series.units.empty else f"{step.unit}: "
        places = max(1, decimals(max(abs(step.before), abs(step.after))))
        levels = f"from {number(step.before, places)} to {number(step.after, places)}"
        known = tables.event_near(happened, step.start, series.every)
        after = f" (near “{known}”)" if known else ""
        words.append(
            f"{who}{levels} from {series.label(step.start)} on{after}, "
            f"{number(abs(step.z), 1)} standard errors, {_ODDS[step.chance]}"
        )
    more = f"; and {len(found) - MOST_STEPS} more" if len(found) > MOST_STEPS else ""
    first = found["start"].iloc[0]
    detail = (
        f"The level steps {'; '.join(words)}{more}. The chances are of so large a step anywhere in "
        "one such series in which nothing changes and points do not depend on those before. If a "
        f"cause is known, lines may start anew there: `rephase: {{{first:%Y-%m-%d}: the cause}}`. "
        "This is not done by itself; until then points since another known event that lie within "
        "limits about such a level are drawn as signals, without concern."
    )
    return [Check("step_changes", "Proposed step changes", "info", detail)]


def events_outside(series: Series, happened: pd.DataFrame) -> list[Check]:
    """Events before the first or after the last point: not drawn, so named."""
    times = series.times[series.shown]
    last = periods.end_of(pd.Timestamp(times.max()), series.every)
    events = happened[happened["kind"] != "rephase"]
    outside = events[(events["date"] < times.min()) | (events["date"] >= last + DAY)]
    if outside.empty:
        return []
    names = [f"{row.event} ({periods.label(row.date, 'day')})" for row in rows_of(outside)]
    return [
        Check(
            "events_outside",
            "Events outside the data",
            "warn",
            f"Not drawn, since the data run from {series.label(times.min())} to "
            f"{series.label(times.max())}: {some_of(names)}. Check the dates.",
        )
    ]


def target_far(series: Series, targets: Array) -> list[Check]:
    """A target far from every point: is it in the chart's unit?"""
    low = np.where(series.present, series.y, np.inf).min(axis=1, keepdims=True)
    high = np.where(series.present, series.y, -np.inf).max(axis=1, keepdims=True)
    blank = ~series.present.any(axis=1, keepdims=True)
    low, high = (np.where(blank, 0, end) for end in (low, high))
    reach = FAR * np.maximum(high - low, np.abs(high) / FAR)
    far = series.present & ((targets < low - reach) | (targets > high + reach))
    if not far.any():
        return []
    where = f" of {series.some_units(far.any(axis=1))}" if not series.units.empty else ""
    return [
        Check(
            "target_far",
            "Target",
            "warn",
            f"The target lies far from every point{where}. Check that it is in the unit of the "
            "chart.",
        )
    ]


def flat(found: Mask, series: Series, lines: Limits | None) -> list[Check]:
    """Points that do not vary: nothing can be told from them."""
    if not found.any():
        return []
    who = "" if series.units.empty else f" ({series.some_units(found.any(axis=1))})"
    units = found.any(axis=1)
    if lines is None:
        what = "every point lies on the median, so there are no runs to count"
    elif (lines.upper[2] > lines.lower[2])[units].any():
        what = "chance alone would make them vary, so the limits say nothing about them"
    else:
        what = "the limits collapse onto the centre line and say nothing"
    return [
        Check(
            "variation",
            "Variation",
            "fail",
            f"The points that the lines rest on are all the same{who}: {what}. Check whether the "
            "column holds a target, a plan or values that were filled in.",
        )
    ]


def no_limits(limits: Limits, series: Series) -> list[Check]:
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
    return [
        Check(
            "limits",
            "Limits",
            "fail",
            f"There are too few points for limits of {series.some_units(whole)}.",
        )
    ]


def whole_numbers(series: Series, kind: str) -> list[Check]:
    """Counts that are no whole numbers."""
    known = np.isfinite(series.total)
    if kind not in COUNTS or not known.any():
        return []
    odd = known & (np.where(known, series.total, 0) != np.round(np.where(known, series.total, 0)))
    if not odd.any():
        return []
    return [
        Check(
            "whole_numbers",
            "Whole numbers",
            "warn",
            f"A {kind} chart is for counts, and some values are not whole: {series.some(odd)}. "
            + (
                "Times between events belong on a T chart."
                if kind == "g"
                else "Rates already divided belong on an I chart."
            ),
        )
    ]


def spread(series: Series, phases: Phases, kind: str, per: float) -> list[Check]:
    """On p, u and c charts: do points vary more or far less than chance alone?"""
    plain = {"pp": "p", "up": "u"}.get(kind, kind)
    if plain not in ("p", "u", "c"):
        return []
    rest = phases.limits_from & phases.latest
    found = suggest.dispersion(suggest.standardised(series, rest, plain, per), rest)
    if found is None or (kind != plain and not found.too_small):
        return []
    times = (
        f"{number(found.ratio, 2 if found.ratio < 0.95 else 1)} times as much variance as chance "
    )
    times += "alone would bring"
    better = {"p": "`kind: pp`", "u": "`kind: up`", "c": "`kind: i`"}[plain]
    if found.too_small:
        detail = (
            f"The points have {times} (sigma z {found.sigma_z:.2f}): far less. Such figures may "
            "have been copied, smoothed, capped or worked back from a percentage; find out."
        )
        if kind == plain:
            detail += f" If they are right, these limits are too wide: use {better}."
        return [Check("dispersion", "Spread of the points", "warn", detail)]
    if not found.clear:
        why = f"The points have {times}; the limits suit them."
        return [Check("dispersion", "Spread of the points", "pass", why)]
    return [
        Check(
            "dispersion",
            "Spread of the points",
            "warn",
            f"The points have {times} (sigma z {found.sigma_z:.1f}): these limits are too tight "
            f"and most points outside them mean nothing. Use {better}.",
        )
    ]


def same_day(series: Series, kind: str) -> list[Check]:
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
    return [Check("events_on_one_day", "Events on one day", "info", detail)]


def subgroups(series: Series, kind: str) -> list[Check]:
    """Several values a period: how they are used."""
    several = series.size > 1
    if kind not in ("xbar", "s", "mr") or not several.any():
        return []
    low, high = int(series.size[series.present].min()), int(series.size.max())
    count = f"{high}" if low == high else f"{low} to {high}"
    if kind == "mr":
        detail = f"Each {series.noun()} has {count} values; the range is that of their means."
        return [Check("subgroups", "Subgroups", "info", detail)]
    alone = series.present & (series.size == 1)
    if alone.any():
        return [
            Check(
                "subgroups",
                "Subgroups",
                "warn",
                f"{series.some(alone)}: one value only, which has no spread of its own. Its limits "
                "come from the spread of the others, and it does not move the centre line.",
            )
        ]
    return [Check("subgroups", "Subgroups", "info", f"Each {series.noun()} has {count} values.")]


def target_without_direction(targets: Array, direction: str) -> list[Check]:
    """A target needs a direction to be judged by."""
    if not np.isfinite(targets).any() or direction != "neutral":
        return []
    return [
        Check(
            "target_direction",
            "Target",
            "warn",
            "Which way is better was not said, so whether the target can be relied upon is not "
            "judged: give `direction`.",
        )
    ]


def far_points(series: Series, far: Mask) -> list[Check]:
    """Points that catch the eye on a run chart: a remark, not a rule."""
    if not far.any():
        return []
    return [
        Check(
            "astronomical_points",
            "Astronomical points",
            "info",
            f"Very far from the others: {series.some(far)}. This is for the eye, not a rule.",
        )
    ]


def rules_left_out(chosen: RuleSet) -> list[Check]:
    """On a run chart: which rules of a set made for control charts apply, and which do not."""
    if not chosen.left_out:
        return []
    return [
        Check(
            "rules_left_out",
            "Rules",
            "info",
            "A run chart has a median and no limits. Applied: "
            f"{'; '.join(chosen.words.values())}. Not applied, since they need limits: "
            f"{'; '.join(chosen.left_out)}. `qi.control_chart` applies them all.",
        )
    ]


def false_signals(setup: Setup) -> Check:
    """How often such a chart shows a signal where there is none."""
    words = false_alarms.in_words(setup.false_alarm, setup.points, setup.rules_title, setup.charts)
    return Check("false_alarms", "False alarms", "info", words)
