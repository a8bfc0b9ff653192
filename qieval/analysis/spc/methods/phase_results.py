"""Each phase judged: its numbers, whether it shows a signal, and why, for all units at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.spc import tables
from qieval.analysis.spc.methods import steps
from qieval.analysis.spc.methods.limits import Limits
from qieval.analysis.spc.methods.patterns import Signs
from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.rules import RuleSet
from qieval.analysis.spc.methods.runs import IHI_TREND, Runs
from qieval.analysis.spc.methods.series import Array, Mask, Series
from qieval.analysis.spc.methods.signals import Signals, Way
from qieval.analysis.spc.tables import PhaseCells
from qieval.core.words import in_a_row


def run_phases(
    series: Series,
    phases: Phases,
    centre: Array,
    found: Signals,
    rules: RuleSet,
    direction: str,
) -> list[PhaseCells]:
    """Numbers and words of each phase of a run chart."""
    rows = []
    for which, (here, start, end) in enumerate(tables.spans(series, phases)):
        of = found.runs[which]
        fired = {name: _any(flags & here) for name, flags in found.flags.items()}
        signal = _any(np.stack([*fired.values(), *_odd_runs(of, rules)], axis=1))
        last = tables.last_of(found.special & here)
        every_way = found.way(direction)
        ways = tables.at(every_way, last)
        way = np.where((found.special & here).any(axis=1), ways, 0)
        cells = {
            "centre": tables.at(centre, tables.last_of(phases.of(which) & series.shown)),
            "n_useful": of.useful,
            "longest_run": of.longest,
            "longest_run_max": of.longest_max,
            "n_crossings": of.crossings,
            "n_crossings_min": of.crossings_min,
            "n_runs": of.runs,
            "n_runs_min": of.runs_min,
            "n_runs_max": of.runs_max,
            "signal": signal,
            "way": way,
            **_span_of_signal(series, found.special & here, found.side, every_way, last),
            "step": _step(series, phases, "run", which),
        }
        why = np.full(len(signal), "", dtype=object)
        for unit in np.flatnonzero(signal):
            why[unit] = _why(of, int(unit), rules, {name for name in fired if fired[name][unit]})
        reasons = phases.reasons(which)
        rows.append(PhaseCells(here.sum(axis=1), start, end, reasons, {**cells, "why": why}))
    return rows


def _step(series: Series, phases: Phases, kind: str, which: int) -> Array:
    """How far the level lies from that of the phase before; NaN for the first phase."""
    none = np.full(len(series.y), np.nan)
    return steps.between_phases(series, phases, kind, which) if which else none


def _span_of_signal(
    series: Series, special: Mask, side: Signs, way: Way, last: NDArray[np.intp]
) -> dict[str, NDArray]:
    """When the last stretch of flagged points began and ended; NaT where there is none.

    A stretch ends where flagged points point the other way: after a step both halves are flagged.
    """
    some, place = special.any(axis=1), np.arange(special.shape[1])
    other = special & (way * tables.at(way, last)[:, None] < 0)
    # Neither a gap nor a point on the line ends a stretch: rules pass over them.
    broken = (other | (~special & (side != 0))) & (place < last[:, None])
    first = np.where(broken.any(axis=1), tables.last_of(broken) + 1, 0)
    first = np.argmax(special & (place >= first[:, None]), axis=1)
    none = np.datetime64("NaT", "us")
    return {
        name: np.where(some, tables.at(series.times, at), none)
        for name, at in (("since", first), ("until", last))
    }


def _odd_runs(of: Runs, rules: RuleSet) -> list[Mask]:
    """Signals of a phase as a whole, which have no points of their own."""
    if rules.name == "anhoej":
        return [of.few_crossings]
    return [of.few_runs, of.many_runs] if rules.name == "ihi" else []


def _any(flags: Mask) -> Mask:
    return np.asarray(flags.any(axis=1))


def _runs_why(of: Runs | None, units: int) -> NDArray[np.object_]:
    """What the Anhøj rules say about the runs of a phase as a whole; "" for nothing."""
    why = np.full(units, "", dtype=object)
    if of is not None:
        for unit in np.flatnonzero(of.long | of.few_crossings):
            why[unit] = _anhoej_why(of, int(unit), "centre line")
    return why


def _anhoej_why(of: Runs, unit: int, line: str) -> str:
    said = []
    if of.long[unit]:
        said.append(
            f"{of.longest[unit]} points in a row on one side of the {line} (by chance at most "
            f"{of.longest_max[unit]})"
        )
    if of.few_crossings[unit]:
        said.append(
            f"only {of.crossings[unit]} crossings of the {line} (by chance at least "
            f"{of.crossings_min[unit]})"
        )
    return in_a_row(said)


def _why(of: Runs, unit: int, rules: RuleSet, fired: set[str]) -> str:
    """The signals of one phase of a run chart in words."""
    if rules.name == "anhoej":
        return _anhoej_why(of, unit, "median")
    if rules.name != "ihi":
        return in_a_row([words for name, words in rules.words.items() if name in fired])
    said = []
    if "shift" in fired:
        said.append(f"{of.longest[unit]} points in a row on one side of the median")
    if "trend" in fired:
        said.append(f"{IHI_TREND} or more points in a row rising or falling")
    if of.few_runs[unit]:
        said.append(f"too few runs ({of.runs[unit]}; by chance at least {of.runs_min[unit]})")
    if of.many_runs[unit]:
        said.append(f"too many runs ({of.runs[unit]}; by chance at most {of.runs_max[unit]})")
    return in_a_row(said)


def control_phases(
    series: Series,
    phases: Phases,
    lines: Limits,
    found: Signals,
    kinds: NDArray[np.int64],
    chosen: RuleSet,
    targets: Array,
    direction: str,
    kind_of_chart: str,
) -> list[PhaseCells]:
    """Numbers and words of each phase of a control chart."""
    rows, special = [], found.special
    for which, (here, start, end) in enumerate(tables.spans(series, phases)):
        last = tables.last_of(here)
        lower, upper = tables.at(lines.lower[2], last), tables.at(lines.upper[2], last)
        kind, why = tables.variation(found, kinds, here, chosen.words, direction)
        count = (special & here).sum(axis=1)
        for unjudged, because_of in [
            (lines.flat[:, which] & (count == 0), "the points do not vary, so limits say nothing"),
            (~np.isfinite(upper), "there are too few points for limits"),
        ]:
            kind = np.where(unjudged, tables.NOT_JUDGED, kind)
            why = np.where(unjudged, because_of, why)
        target = tables.at(targets, last)
        sure, because = tables.assurance(lower, upper, target, direction)
        cells = {
            "centre": tables.at(lines.centre, last),
            "lower": lower,
            "upper": upper,
            "target": target,
            "sigma_z": lines.sigma_z[:, which],
            "step": _step(series, phases, kind_of_chart, which),
            "special_causes": count,
            "way": np.where(kind == tables.NOT_JUDGED, 0, tables.at(found.way(direction), last)),
            "variation": tables.POINT_TYPES[kind],
            "assurance": tables.ASSURANCE[sure],
            "variation_reason": why,
            "assurance_reason": because,
            "runs_why": _runs_why(found.runs[which] if found.runs else None, len(kind)),
        }
        reasons = phases.reasons(which)
        rows.append(PhaseCells(here.sum(axis=1), start, end, reasons, cells))
    return rows
