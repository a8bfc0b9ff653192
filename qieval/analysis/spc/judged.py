"""Each phase judged: its numbers, whether it shows a signal, and why, for all units at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.spc import runs, tables
from qieval.analysis.spc.limits import Limits
from qieval.analysis.spc.phases import Phases
from qieval.analysis.spc.rules import RuleSet
from qieval.analysis.spc.series import Series
from qieval.analysis.spc.signals import Signals
from qieval.core.words import in_a_row

RUN_TERMS = {
    "centre": "",
    "n_useful": "points",
    "longest_run": "points",
    "longest_run_max": "points",
    "n_crossings": "crossings",
    "n_crossings_min": "crossings",
    "n_runs": "runs",
    "n_runs_min": "runs",
    "n_runs_max": "runs",
    "signal": "1 if there is one",
}
CONTROL_TERMS = {
    "centre": "",
    "lower": "",
    "upper": "",
    "sigma_z": "sigma of pure chance",
    "special_causes": "points",
    "variation": "1 improvement, 0 common cause, -1 concern",
    "assurance": "1 met, 0 at times, -1 not met",
}


def run_phases(
    series: Series, phases: Phases, centre: Any, found: Signals, rules: str
) -> pd.DataFrame:
    """Numbers and words of each phase of a run chart."""
    rows = []
    for which, (here, start, end) in enumerate(tables.spans(series, phases)):
        of = found.runs[which]
        shift, trend = (
            np.asarray((found.flags[name] & here).any(axis=1)) for name in ("shift", "trend")
        )
        if rules == "anhoej":
            signal = of.long | of.few_crossings
        else:
            signal = shift | trend | of.few_runs | of.many_runs
        last = tables.last_of(found.special & here)
        way = np.where((found.special & here).any(axis=1), tables.at(found.way, last), 0)
        numbers = {
            "centre": tables.at(centre, tables.last_of(phases.of(which) & series.shown)),
            "n_useful": of.useful,
            "longest_run": of.longest,
            "longest_run_max": of.longest_max,
            "n_crossings": of.crossings,
            "n_crossings_min": of.crossings_min,
            "n_runs": of.runs,
            "n_runs_min": of.runs_min,
            "n_runs_max": of.runs_max,
            "signal": signal.astype(int),
            "way": way,
        }
        why = np.full(len(signal), "", dtype=object)
        for unit in np.flatnonzero(signal):
            why[unit] = _why(of, int(unit), rules, bool(shift[unit]), bool(trend[unit]))
        because = phases.starts[which - 1][1] if which else ""
        rows.append(tables.Facts(here.sum(axis=1), start, end, because, numbers, {"why": why}))
    return tables.phase_rows(series, rows)


def _runs_why(of: runs.Runs | None, units: int) -> Any:
    """What the Anhøj rules say about the runs of a phase as a whole; "" for nothing."""
    why = np.full(units, "", dtype=object)
    if of is not None:
        for unit in np.flatnonzero(of.long | of.few_crossings):
            why[unit] = _why(of, int(unit), "anhoej", False, False, "centre line")
    return why


def _why(
    of: runs.Runs, unit: int, rules: str, shift: bool, trend: bool, line: str = "median"
) -> str:
    """The signals of one phase in words."""
    said = []
    if rules == "anhoej":
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
    if shift:
        said.append(f"{of.longest[unit]} points in a row on one side of the median")
    if trend:
        said.append(f"{runs.IHI_TREND} or more points in a row rising or falling")
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
    chosen: RuleSet,
    target: float | None,
    direction: str,
) -> pd.DataFrame:
    """Numbers and words of each phase of a control chart."""
    rows, kinds, special = [], tables.point_types(found, direction), found.special
    for which, (here, start, end) in enumerate(tables.spans(series, phases)):
        last = tables.last_of(here)
        lower, upper = tables.at(lines.lower[2], last), tables.at(lines.upper[2], last)
        kind, why = tables.variation(found, kinds, here, chosen.words)
        count = (special & here).sum(axis=1)
        for unjudged, because_of in [
            (lines.flat[:, which] & (count == 0), "the points do not vary, so limits say nothing"),
            (~np.isfinite(upper), "there are too few points for limits"),
        ]:
            kind = np.where(unjudged, tables.NOT_JUDGED, kind)
            why = np.where(unjudged, because_of, why)
        sure, because = tables.assurance(lower, upper, target, direction)
        numbers = {
            "centre": tables.at(lines.centre, last),
            "lower": lower,
            "upper": upper,
            "sigma_z": lines.sigma_z[:, which],
            "special_causes": count,
            "variation": np.array([0.0, 1.0, -1.0, np.nan, np.nan])[kind],
            "assurance": np.array([1.0, -1.0, 0.0, np.nan])[sure],
        }
        words = {
            "variation_word": tables.POINT_TYPES[kind],
            "variation_reason": why,
            "assurance_word": tables.ASSURANCE[sure],
            "assurance_reason": because,
            "runs_why": _runs_why(found.runs[which] if found.runs else None, len(kind)),
        }
        reason = phases.starts[which - 1][1] if which else ""
        rows.append(tables.Facts(here.sum(axis=1), start, end, reason, numbers, words))
    return tables.phase_rows(series, rows)


def words_only(rows: pd.DataFrame) -> pd.DataFrame:
    """The phases with variation and assurance as words, not as the numbers of the estimates."""
    return rows.drop(columns=["variation", "assurance"]).rename(
        columns={"variation_word": "variation", "assurance_word": "assurance"}
    )
