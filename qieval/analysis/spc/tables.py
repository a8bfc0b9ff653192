"""The tables of a result: rows behind the figure, and estimates, one row a phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc.limits import Limits
from qieval.analysis.spc.phases import Phases
from qieval.analysis.spc.rules import COLUMNS, RUN_COLUMNS
from qieval.analysis.spc.series import Array, Mask, Series
from qieval.analysis.spc.signals import Signals
from qieval.core.errors import ParameterError, listed
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.words import in_a_row

POINT_TYPES = np.array(["common_cause", "improvement", "concern", "neutral", ""], dtype=object)
COMMON, IMPROVEMENT, CONCERN, NEUTRAL, NOT_JUDGED = range(5)
ASSURANCE = np.array(["pass", "fail", "hit_or_miss", ""], dtype=object)
PASS, FAIL, HIT_OR_MISS, NO_TARGET = range(4)


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
    days = series.times.astype("datetime64[D]")
    for moment, why in phases.reasons:
        words[phases.excluded & (days == moment.to_datetime64().astype("datetime64[D]"))] = why
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
class Facts:
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


def estimates(series: Series, found: Sequence[Facts], unit: str, method: str) -> pd.DataFrame:
    """One row a phase that has points, unit by unit: `centre`, `centre_2` for the second phase.

    Beside the columns of every analysis (`estimate` is the centre line) stand the groups, when and
    why the phase began, and its numbers and words. A group column called `unit` takes the place of
    the unit of measurement, which is in the facts too.
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
