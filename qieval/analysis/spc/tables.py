"""The tables of a chart: how they are computed, and what their columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc.methods import patterns
from qieval.analysis.spc.methods.limits import Limits
from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.rules import COLUMNS, RUN_COLUMNS
from qieval.analysis.spc.methods.series import Array, Mask, Series
from qieval.analysis.spc.methods.signals import Signals
from qieval.core.errors import ParameterError, listed
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.tables import ESTIMATES, Column, Declaration
from qieval.core.words import in_a_row, sentence

STABLE = 8
"""Points in a row on one side from which a lasting shift may be suggested."""
_MOST_SHIFTS = 100

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


def marks(phases: Phases, happened: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Events, and each rephase with its reason, by date: ``date, event, kind``."""
    rows = [
        (pd.Timestamp(event["date"]), str(event["event"]), str(event.get("kind") or "event"))
        for event in happened
    ]
    for when, why in phases.starts:
        rows.append((when, sentence(why).rstrip(".") if why else "Lines start anew", "rephase"))
    rows.sort(key=lambda row: row[0])
    table = pd.DataFrame(rows, columns=["date", "event", "kind"])
    return table.astype({"date": "datetime64[us]"})


def stable_shifts(series: Series, phases: Phases, signals: Signals) -> pd.DataFrame:
    """Shifts that last to the end and are not contradicted: ``unit, start, points, way``.

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
    times = packed.pack(series.times)[rows, first]
    lasting = [
        (
            " ".join(str(cell) for cell in series.units.iloc[row].tolist()),
            pd.Timestamp(times[row]),
            int(since[row].sum()),
            "above" if way[row] > 0 else "below",
        )
        for row in np.flatnonzero(offered)[:_MOST_SHIFTS]
    ]
    table = pd.DataFrame(lasting, columns=["unit", "start", "points", "way"])
    return table.astype({"start": "datetime64[us]"})


def point_types(signals: Signals, direction: str) -> NDArray[np.int64]:
    """Number of each point's type: improvement or concern by its way and the direction."""
    special, way = signals.special, signals.way
    if direction == "neutral":
        return np.where(special, NEUTRAL, COMMON)
    good = 1 if direction == "higher" else -1
    told = np.where(way == good, IMPROVEMENT, np.where(way == -good, CONCERN, NEUTRAL))
    return np.where(special, told, COMMON)


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
    for moment, why in phases.reasons:
        words[phases.excluded & series.at(moment)] = why
    return words


def run_points(
    series: Series, phases: Phases, centre: Array, signals: Signals, direction: str
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
        denominator=series.denominator,
    )


def control_points(
    series: Series, phases: Phases, limits: Limits, signals: Signals, direction: str
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
        point_type=POINT_TYPES[point_types(signals, direction)],
        excluded=phases.excluded,
        reason=_reasons(series, phases),
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
    why: str
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
    signals: Signals, kinds: NDArray[np.int64], here: Mask, words: dict[str, str]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """What the last point of a phase is, and the reason in words."""
    last = last_of(here)
    code = at(kinds, last)
    way = at(signals.way, last)
    broken = np.stack([at(cells, last) for cells in signals.flags.values()])
    key = (1 << np.arange(len(broken))) @ broken * 3 + way + 1
    names = list(signals.flags)
    found, place = np.unique(key, return_inverse=True)
    said = []
    for one in found:
        bits, side = divmod(int(one), 3)
        why = in_a_row([words[name] for which, name in enumerate(names) if bits >> which & 1])
        where = {0: " (low)", 1: "", 2: " (high)"}[side]
        said.append(
            f"the latest point is part of a special cause{where}: {why}"
            if bits
            else "the latest point is within the variation to be expected"
        )
    return code, np.array(said, dtype=object)[np.asarray(place).ravel()]


def assurance(
    lower: Array, upper: Array, target: float | None, direction: str
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Whether the process can be relied upon to meet the target, and the reason in words."""
    none = np.full(len(lower), "", dtype=object)
    if target is None or direction == "neutral":
        return np.full(len(lower), NO_TARGET), none
    low, high = target < lower, target > upper
    good, bad = (low, high) if direction == "higher" else (high, low)
    code = np.where(good, PASS, np.where(bad, FAIL, HIT_OR_MISS))
    code = np.where(np.isfinite(upper), code, NO_TARGET)
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
    Column("special_cause", "Special cause", "label"),
    Column("point_type", "Kind of point", "label"),
    Column("excluded", "Left out", "label"),
    Column("reason", "Why it is left out", "text"),
    Column("denominator", "Divided by", "denominator"),
)
_PHASE = (
    Column("phase", "Phase", "label"),
    Column("start", "From", "period"),
    Column("end", "To", "period"),
    Column("reason", "Why it starts", "text"),
    _CENTRE,
)
_BESIDE = (
    Declaration(
        "marks",
        (
            Column("date", "Date", "period"),
            Column("event", "Event", "text"),
            Column("kind", "Kind", "label"),
        ),
    ),
    Declaration(
        "shifts",
        (
            Column("unit", "Chart", "label"),
            Column("start", "From", "period"),
            Column("points", "Points", "count"),
            Column("way", "Side of the line", "label"),
        ),
    ),
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
    Column("longest_run", "Longest run", "count"),
    Column("longest_run_max", "By chance at most", "count"),
    Column("n_crossings", "Crossings", "count"),
    Column("n_crossings_min", "By chance at least", "count"),
)
RUNS_IHI = (
    Column("n_runs", "Runs (expected)", "estimate", "0"),
    Column("n_runs_min", "", "ci_low", of="n_runs"),
    Column("n_runs_max", "", "ci_high", of="n_runs"),
)
USEFUL = Column("n_useful", "Points not on the median", "count")

RUN_DECLARED = (
    Declaration(
        "points",
        (
            _TIME,
            _VALUE,
            _CENTRE,
            Column("phase", "Phase", "label"),
            Column("useful", "Not on the median", "label"),
            *(Column(name, name.replace("_", " "), "label") for name in RUN_COLUMNS),
            *_POINT_WORDS,
        ),
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
            Column("why", "Why", "text"),
        ),
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
            *(Column(name, name.replace("_", " "), "label") for name in COLUMNS),
            *_POINT_WORDS,
        ),
    ),
    Declaration(
        "estimates",
        (
            *ESTIMATES.columns,
            *_PHASE,
            *LIMIT_COLUMNS,
            Column("sigma_z", "Sigma z", "estimate"),
            Column("special_causes", "Points that show a special cause", "count", of="n"),
            Column("variation", "Variation", "label"),
            Column("assurance", "Target", "label"),
            Column("variation_reason", "Why", "text"),
            Column("assurance_reason", "Why", "text"),
            Column("runs_why", "Runs", "text"),
        ),
    ),
    *_BESIDE,
)
