"""The tables of a chart: how they are computed, and what their columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc.methods.limits import Limits
from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.rules import COLUMNS, RUN_COLUMNS
from qieval.analysis.spc.methods.series import Array, Mask, Series
from qieval.analysis.spc.methods.signals import Signals
from qieval.core import periods
from qieval.core.errors import ParameterError, listed
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import rows_of
from qieval.core.sustained import LASTING
from qieval.core.tables import ESTIMATES, Column, Declaration
from qieval.core.words import in_a_row, sentence

PROJECT = "project"
"""Kind of event that is the project's own change."""

NEAR = 2
"""Periods between a step and an event that may have to do with it."""

POINT_TYPES = np.array(["common_cause", "improvement", "concern", "neutral", ""], dtype=object)
COMMON, IMPROVEMENT, CONCERN, NEUTRAL, NOT_JUDGED = range(5)
ASSURANCE = np.array(["pass", "fail", "hit_or_miss", ""], dtype=object)
PASS, FAIL, HIT_OR_MISS, NO_TARGET = range(4)


@dataclass(frozen=True)
class Setup:
    """How a chart was made.

    Attributes
    ----------
    every : str
        Kind of period, or "event".
    unit : str
        Unit of the plotted value.
    line, title : str
        What the centre line is, and the kind of chart.
    rules, rules_title : str
        The rules, with their version, and how they are called.
    signals : dict of str
        Column of the points that flags a signal → its rule in words.
    points : tuple of int
        Counted points of each phase; of several charts, of the one in the middle.
    charts : int
        How many charts there are.
    false_alarm : float or None
        Chance of a false signal on such a chart; None if it is not known.
    frozen : str
        What the lines of the first phase rest on; "" for all of its points.
    step_limits : bool
        Whether limits differ from point to point.
    caution : str
        Why the limits mislead; "" if they do not.
    cut : str
        Where no value can lie, if limits were cut there: "below 0"; "" if none was.
    """

    every: str
    unit: str
    line: str
    title: str
    rules: str
    rules_title: str
    signals: dict[str, str]
    points: tuple[int, ...]
    charts: int
    false_alarm: float | None
    frozen: str = ""
    step_limits: bool = False
    caution: str = ""
    cut: str = ""


def marks(phases: Phases, happened: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Events, and each rephase with its reason, by date: ``date, event, kind, group``.

    ``group`` is the group that starts anew; "" for all.
    """
    rows = [
        (pd.Timestamp(event["date"]), str(event["event"]), str(event.get("kind") or "event"), "")
        for event in happened
    ]
    for start in phases.starts:
        why = sentence(start.why).rstrip(".") if start.why else "Lines start anew"
        rows.append((start.moment, why, "rephase", start.group))
    rows.sort(key=lambda row: row[0])
    table = pd.DataFrame(rows, columns=["date", "event", "kind", "group"])
    return table.astype({"date": "datetime64[us]"})


def event_near(happened: pd.DataFrame, start: pd.Timestamp, every: str) -> str:
    """The event nearest to a date, if one lies within two periods of it; "" for none."""
    number = periods.number_of(pd.DatetimeIndex([start]), every)[0]
    events = happened[happened["kind"] != "rephase"]
    if events.empty:
        return ""
    away = np.abs(periods.number_of(pd.DatetimeIndex(events["date"]), every) - number)
    return str(events["event"].iloc[int(away.argmin())]) if away.min() <= NEAR else ""


def point_types(signals: Signals, direction: str) -> NDArray[np.int64]:
    """Number of each point's type: improvement or concern by its way and the direction."""
    special, way = signals.special, signals.way(direction)
    if direction == "neutral":
        return np.where(special, NEUTRAL, COMMON)
    good = 1 if direction == "higher" else -1
    told = np.where(way == good, IMPROVEMENT, np.where(way == -good, CONCERN, NEUTRAL))
    return np.where(special, told, COMMON)


def until_restarted(
    kinds: NDArray[np.int64],
    series: Series,
    phases: Phases,
    lines: Limits,
    shifts: pd.DataFrame,
    happened: pd.DataFrame,
    direction: str,
) -> NDArray[np.int64]:
    """The types of points, without concern that only says that lines were not restarted.

    Lines that mix two levels call one of them a concern for as long as they are kept. So a step for
    the worse at a known event makes no concern of each point since; nor does a later step for the
    better of the points between a restart and it. The step itself is told, and a restart proposed.
    What the project's own change made worse stays a concern, and so does a point outside limits
    about its own level (decision 0015).
    """
    if direction == "neutral" or shifts.empty:
        return kinds
    kinds, good = kinds.copy(), 1 if direction == "higher" else -1
    units = {name: unit for unit, name in enumerate(series.names)}
    others = happened[happened["kind"] != PROJECT]
    own = happened[happened["kind"] == PROJECT]
    limit = lines.lower[2] if good > 0 else lines.upper[2]
    for step in rows_of(shifts):
        unit = units[step.unit]
        times, start = series.times[unit], np.datetime64(step.start)
        phase = phases.number[unit, np.argmax(times == start)]
        starts = shifts.loc[shifts["unit"] == step.unit, "start"].to_numpy()
        here = phases.number[unit] == phase
        worse = (step.way == "higher") != (good > 0)
        known = event_near(others, step.start, series.every)
        if worse and known and not event_near(own, step.start, series.every):
            level = step.after
            here &= (times >= start) & (times < min(starts[starts > start], default=_NEVER))
        elif not worse and phase > 0:
            level = step.before
            here &= (times < start) & (times >= max(starts[starts < start], default=_ALWAYS))
        else:
            continue
        moved = limit[unit] + level - lines.centre[unit]
        here &= ~(good * (lines.y[unit] - moved) < 0)
        kinds[unit, here & (kinds[unit] == CONCERN)] = NEUTRAL
    return kinds


_ALWAYS, _NEVER = np.datetime64("0001-01-01", "us"), np.datetime64("9999-01-01", "us")


def _flat(series: Series, **columns: NDArray) -> pd.DataFrame:
    """Rows of the shown cells, unit by unit, the group columns first."""
    whole = bool(series.shown.all())
    flat = {
        name: cells.ravel() if whole else cells[series.shown] for name, cells in columns.items()
    }
    unit = np.repeat(np.arange(len(series.units)), series.shown.sum(axis=1))
    return pd.DataFrame({**_groups(series, unit, set(columns)), **flat})


def _groups(series: Series, unit: NDArray[np.intp], taken: set[str]) -> dict[str, NDArray]:
    """The group columns of those units, which must not be called like a column of ours."""
    names = [str(name) for name in series.units.columns]
    if same := [name for name in names if name in taken]:
        raise ParameterError(
            "A group column has the name of a column of the result.",
            found=listed(same),
            remedy="Call it something else, for example with `columns:`.",
            where="by",
        )
    return {name: series.units[name].to_numpy()[unit] for name in names}


def _reasons(series: Series, phases: Phases) -> NDArray[np.object_]:
    """Why each excluded point is left out."""
    words = np.full(series.y.shape, "", dtype=object)
    for one in phases.exclusions:
        words[phases.excluded & series.at(one.moment) & one.units[:, None]] = one.why
    return words


def run_points(
    series: Series,
    phases: Phases,
    centre: Array,
    signals: Signals,
    direction: str,
    target: Array,
) -> pd.DataFrame:
    """Rows behind a run chart."""
    no = np.zeros(series.y.shape, dtype=bool)
    more = {name: cells for name, cells in signals.flags.items() if name not in RUN_COLUMNS}
    return _flat(
        series,
        time=series.times,
        value=series.y,
        centre=centre,
        phase=phases.number + 1,
        useful=signals.side != 0,
        **{name: signals.flags.get(name, no) for name in RUN_COLUMNS},
        **more,
        special_cause=signals.special,
        point_type=POINT_TYPES[point_types(signals, direction)],
        excluded=phases.excluded,
        reason=_reasons(series, phases),
        baseline=phases.limits_from,
        target=target,
        denominator=series.denominator,
    )


def control_points(
    series: Series,
    phases: Phases,
    limits: Limits,
    signals: Signals,
    kinds: NDArray[np.int64],
    target: Array,
) -> pd.DataFrame:
    """Rows behind a control chart."""
    no = np.zeros(series.y.shape, dtype=bool)
    more = {name: cells for name, cells in signals.flags.items() if name not in COLUMNS}
    return _flat(
        series,
        time=series.times,
        value=series.y,
        centre=limits.centre,
        lower=limits.lower[2],
        upper=limits.upper[2],
        lower_1s=limits.lower[0],
        upper_1s=limits.upper[0],
        lower_2s=limits.lower[1],
        upper_2s=limits.upper[1],
        phase=phases.number + 1,
        **{name: signals.flags.get(name, no) for name in COLUMNS},
        **more,
        special_cause=signals.special,
        point_type=POINT_TYPES[kinds],
        excluded=phases.excluded,
        reason=_reasons(series, phases),
        baseline=phases.limits_from,
        target=target,
        denominator=series.denominator,
    )


# ---- phases ------------------------------------------------------------------------------------


def last_of(cells: Mask) -> NDArray[np.intp]:
    """Column of the last of the cells in each row; the last column where there is none."""
    return np.asarray(cells.shape[1] - 1 - np.argmax(cells[:, ::-1], axis=1))


def at(cells: NDArray, column: NDArray[np.intp]) -> NDArray:
    """One cell of each row."""
    return cells[np.arange(len(cells)), column]


@dataclass(frozen=True)
class PhaseCells:
    """Of one phase, one value a unit: its points, when, why it began, and a cell a column."""

    n: NDArray[np.int64]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    why: NDArray[np.object_]
    cells: dict[str, NDArray]


def spans(series: Series, phases: Phases) -> list[tuple[Mask, NDArray, NDArray]]:
    """Of each phase: its counted points, and each unit's first and last of them."""
    found = []
    for which in range(phases.count):
        here = series.present & ~phases.excluded & phases.of(which)
        first, last = np.argmax(here, axis=1), last_of(here)
        found.append((here, at(series.times, first), at(series.times, last)))
    return found


def estimates(series: Series, found: Sequence[PhaseCells], unit: str, method: str) -> pd.DataFrame:
    """One row a phase that has points, unit by unit: `centre`, `centre_2` for the second phase.

    Beside the columns of every analysis (`estimate` is the centre line) stand the groups, when and
    why the phase began, and its numbers and words. A group column called `unit` takes the place of
    the unit of measurement, which is in the setup too.
    """
    count = len(series.units)
    parts = []
    for which, one in enumerate(found, start=1):
        general: dict[str, Any] = dict.fromkeys(ESTIMATE_COLUMNS, np.nan)
        general |= {"estimate": one.cells["centre"], "unit": unit, "n": one.n, "method": method}
        own = {"phase": which, "start": one.start, "end": one.end, "reason": one.why, **one.cells}
        groups = _groups(series, np.arange(count), {"term", *general, *own} - {"unit"})
        term = f"centre_{which}" if which > 1 else "centre"
        index = pd.Index(np.full(count, term, dtype=object), name="term")
        parts.append(pd.DataFrame({**general, **groups, **own}, index=index))
    whole = pd.concat(parts)
    unit_by_unit = np.argsort(np.tile(np.arange(count), len(found)), kind="stable")
    whole = whole.iloc[unit_by_unit]
    return whole[whole["n"].to_numpy() > 0]


def variation(
    signals: Signals, kinds: NDArray[np.int64], here: Mask, words: dict[str, str], direction: str
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """What the last point of a phase is, and the reason in words."""
    last = last_of(here)
    code = at(kinds, last)
    way, side = at(signals.way(direction), last), at(signals.side * signals.sided, last)
    broken = np.stack([at(cells, last) for cells in signals.flags.values()])
    key = ((1 << np.arange(len(broken))) @ broken * 3 + way + 1) * 3 + side + 1
    names = list(signals.flags)
    found, place = np.unique(key, return_inverse=True)
    reasons = []
    for one in found:
        bits, ways = divmod(int(one), 9)
        why = in_a_row([words[name] for which, name in enumerate(names) if bits >> which & 1])
        where = _WAYS[ways // 3 - 1, ways % 3 - 1]
        reasons.append(
            f"the latest point is part of a special cause{where}: {why}"
            if bits
            else "the latest point is within the variation to be expected"
        )
    return code, np.array(reasons, dtype=object)[np.asarray(place).ravel()]


_WAYS = {
    (way, side): (
        ""
        if way == 0
        else f" ({'high' if way > 0 else 'low'})"
        if way == side
        else f" ({'rising' if way > 0 else 'falling'})"
    )
    for way in (-1, 0, 1)
    for side in (-1, 0, 1)
}
"""What stands behind a special cause: the side of its points, or the way of their trend."""


def assurance(
    lower: Array, upper: Array, target: Array, direction: str
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Whether the process can be relied upon to meet the target, and the reason in words."""
    none = np.full(len(lower), "", dtype=object)
    if direction == "neutral":
        return np.full(len(lower), NO_TARGET), none
    low, high = target < lower, target > upper
    good, bad = (low, high) if direction == "higher" else (high, low)
    code = np.where(good, PASS, np.where(bad, FAIL, HIT_OR_MISS))
    code = np.where(np.isfinite(upper) & np.isfinite(target), code, NO_TARGET)
    said = np.array(
        [
            "the target lies beyond the control limits on the good side: it will be met by chance "
            "variation alone",
            "the target lies beyond the control limits: it will not be met unless the process "
            "changes",
            "the target lies within the control limits: chance decides whether a point meets it",
            "",
        ],
        dtype=object,
    )
    return code, said[code]


# ---- what the columns are ----------------------------------------------------------------------

_TIME = Column("time", "Period", "period")
_VALUE = Column("value", "Value", "count", of="denominator")
_CENTRE = Column("centre", "Centre line", "estimate")
_POINT_WORDS = (
    Column("special_cause", "Special cause", "label", of="value"),
    Column("point_type", "Kind of point", "label", of="value"),
    Column("excluded", "Left out", "label"),
    Column("reason", "Why it is left out", "text"),
    Column("baseline", "Lines rest on it", "label"),
    Column("target", "Target", "estimate"),
    Column("denominator", "Divided by", "denominator"),
)
_PHASE = (
    Column("phase", "Phase", "label"),
    Column("start", "From", "period"),
    Column("end", "To", "period"),
    Column("reason", "Why it starts", "text"),
    _CENTRE,
    Column("step", "From the phase before, in standard errors", "estimate"),
)
_BESIDE = (
    Declaration(
        "marks",
        (
            Column("date", "Date", "period"),
            Column("event", "Event", "text"),
            Column("kind", "Kind", "label"),
            Column("group", "Of", "label"),
        ),
    ),
    Declaration(
        "shifts",
        (
            Column("unit", "Chart", "label"),
            Column("start", "From", "period"),
            Column("points", "Points since", "number"),
            Column("way", "Which way", "label"),
            Column("before", "Level before", "estimate"),
            Column("after", "Level after", "estimate"),
            Column("z", "Difference in standard errors", "estimate"),
            Column("chance", "By chance in at most", "estimate", "1%"),
        ),
    ),
    LASTING,
)
LIMIT_COLUMNS = (
    Column("lower", "Limits", "ci_low", of="centre"),
    Column("upper", "Limits", "ci_high", of="centre"),
)
_ZONES = (
    Column("lower_1s", "Lower, 1 sigma", "estimate"),
    Column("upper_1s", "Upper, 1 sigma", "estimate"),
    Column("lower_2s", "Lower, 2 sigma", "estimate"),
    Column("upper_2s", "Upper, 2 sigma", "estimate"),
)
RUNS_ANHOEJ = (
    Column("longest_run", "Longest run", "number"),
    Column("longest_run_max", "By chance at most", "number"),
    Column("n_crossings", "Crossings", "number"),
    Column("n_crossings_min", "By chance at least", "number"),
)
RUNS_IHI = (
    Column("n_runs", "Runs (expected)", "estimate", "0"),
    Column("n_runs_min", "", "ci_low", of="n_runs"),
    Column("n_runs_max", "", "ci_high", of="n_runs"),
)
USEFUL = Column("n_useful", "Points not on the median", "number")

RUN_DECLARED = (
    Declaration(
        "points",
        (
            _TIME,
            _VALUE,
            _CENTRE,
            Column("phase", "Phase", "label"),
            Column("useful", "Not on the median", "label", of="value"),
            *(Column(name, name.replace("_", " "), "label", of="value") for name in RUN_COLUMNS),
            *_POINT_WORDS,
        ),
        model=True,
    ),
    Declaration(
        "estimates",
        (
            *ESTIMATES.columns,
            *_PHASE,
            USEFUL,
            *RUNS_ANHOEJ,
            *RUNS_IHI,
            Column("signal", "Signal", "label"),
            Column("way", "Which way", "label"),
            Column("since", "Signal since", "period"),
            Column("until", "Signal until", "period"),
            Column("why", "Why", "text"),
        ),
        model=True,
    ),
    *_BESIDE,
)
CONTROL_DECLARED = (
    Declaration(
        "points",
        (
            _TIME,
            _VALUE,
            _CENTRE,
            *LIMIT_COLUMNS,
            *_ZONES,
            Column("phase", "Phase", "label"),
            *(Column(name, name.replace("_", " "), "label", of="value") for name in COLUMNS),
            *_POINT_WORDS,
        ),
        model=True,
    ),
    Declaration(
        "estimates",
        (
            *ESTIMATES.columns,
            *_PHASE,
            *LIMIT_COLUMNS,
            Column("target", "Target", "estimate"),
            Column("sigma_z", "Sigma z", "estimate"),
            Column("special_causes", "Points that show a special cause", "number"),
            Column("way", "Which way", "label"),
            Column("variation", "Variation", "label"),
            Column("assurance", "Target", "label"),
            Column("variation_reason", "Why", "text"),
            Column("assurance_reason", "Why", "text"),
            Column("runs_why", "Runs", "text"),
        ),
        model=True,
    ),
    *_BESIDE,
)
