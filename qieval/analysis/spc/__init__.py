"""Run charts and Shewhart (control) charts: is this more than the variation to be expected?

Reads from top to bottom: :mod:`.series` (table → matrices of units × points), :mod:`.phases`,
:mod:`.limits`, :mod:`.patterns` and :mod:`.runs` (what rules are made of), :mod:`.rules` (sets by
name and version), :mod:`.signals` (flags), :mod:`.judged` (phases), :mod:`.false_alarms`,
:mod:`.checks`, :mod:`.tables`, :mod:`.result` (words); :mod:`.suggest` says which chart. Formulas
and sources: docs/methods/spc.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from qieval.analysis.spc import (
    checks,
    false_alarms,
    judged,
    limits,
    runs,
    signals,
    tables,
)
from qieval.analysis.spc import (
    rules as rule_sets,
)
from qieval.analysis.spc.limits import TITLES, Kind
from qieval.analysis.spc.phases import Phases, When, make_phases
from qieval.analysis.spc.result import ControlChartResult, RunChartResult
from qieval.analysis.spc.rules import LimitRules, RunRules
from qieval.analysis.spc.series import Series, make_series, refuse_unusable
from qieval.analysis.spc.suggest import Suggestion, one_column, suggest_chart
from qieval.core.errors import ParameterError, listed, require_one_of
from qieval.core.events import tidy_events
from qieval.core.results import checks_table
from qieval.core.words import sentence

__all__ = [
    "ControlChartResult",
    "RunChartResult",
    "Suggestion",
    "control_chart",
    "run_chart",
    "suggest_chart",
]

Direction = Literal["lower", "higher", "neutral"]
Events = pd.DataFrame | Sequence[Mapping[str, Any]] | None

RUN_RULES = {
    "anhoej": "Anhøj rules",
    "ihi": "IHI run chart rules",
}
RUN_SIGNALS = {
    "anhoej": {"shift": "part of an unusually long run"},
    "ihi": {
        "shift": "6 or more in a row on one side of the median",
        "trend": "5 or more in a row rising or falling",
    },
}


def run_chart(
    data: pd.DataFrame,
    *,
    value: str,
    denominator: str | None = None,
    time: str = "period",
    rules: RunRules = "anhoej",
    baseline: int | date | str | None = None,
    rephase: When = (),
    exclude: When = (),
    target: float | None = None,
    direction: Direction = "neutral",
    by: str | Sequence[str] = (),
    events: Events = None,
    per: float = 1,
    overlapping: bool | None = None,
    outcome: str | None = None,
    unit: str | None = None,
    setting: str = "",
) -> RunChartResult:
    """Look for a change in a series around its median.

    Parameters
    ----------
    data : DataFrame
        One row a period (and group). It is not changed.
    value : str
        Column with what is measured
    denominator : str, optional
        Column that the value is divided by
    time : str
        Column with the dates of the periods
    rules : str
        Rules by which a signal is told from chance
    baseline : int or date, optional
        Points, or last date, that the first phase's median rests on; nothing means all of them
    rephase : list of dates, or dates with reasons
        Where lines start anew, best with the reason
    exclude : list of dates, or dates with reasons
        Points left out of lines and rules, best with the reason
    target : float, optional
        Target to be drawn
    direction : str
        Which way is better
    by : str or list of str
        One or two columns with groups, a chart each
    events : DataFrame or list of mappings, optional
        Things that happened, each with a date and an event in words
    per : float
        Units of the denominator that a rate is given for, such as 1000 bed days
    overlapping : bool, optional
        Whether each value covers several periods (a rolling or running total). Nothing: looked for.
    outcome : str, optional
        What is measured, in plain words
    unit : str, optional
        Unit of the plotted value, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    RunChartResult
        Estimates by term: ``centre, n_useful, longest_run, longest_run_max, n_crossings,
        n_crossings_min, n_runs, n_runs_min, n_runs_max, signal`` (``…_2`` for a second phase).

    Raises
    ------
    DataError
        If the table cannot be used (columns, dates, duplicates, text in numbers, denominators).
    ParameterError
        If a parameter has no meaning for these data.
    CannotEvaluate
        If there are fewer than two points.

    References
    ----------
    Anhøj and Olesen 2014, PLoS ONE 9:e113825. Perla, Provost and Murray 2011, BMJ Qual Saf 20:46.
    Swed and Eisenhart 1943, Ann Math Statist 14:66.
    """
    _check_options(rules=(rules, get_args(RunRules)), direction=direction, per=per, by=by)
    groups = _names(by)
    series = make_series(
        data, kind="run", value=value, denominator=denominator, time=time, by=groups, per=per
    )
    overlap_rows = checks.overlap(series, overlapping, refuse=False)
    phases = make_phases(series, baseline, rephase, exclude)
    centre = limits.medians(series, phases)
    found = signals.find_on_run_chart(series.y, centre, phases, rules)
    happened = tidy_events(events)
    rows = judged.run_phases(series, phases, centre, found, rules)
    shift_rows, shifts = checks.stable_shift(series, phases, found)
    counted = _lengths(series, phases)
    title = RUN_RULES[rules]
    facts: dict[str, Any] = {
        "every": series.every,
        "unit": unit or _unit_of("run", value, denominator, per),
        "line": "median",
        "title": "Run chart",
        "rules": rules,
        "rules_title": title,
        "signals": RUN_SIGNALS[rules],
        "points": counted,
        "charts": len(series.units),
        "false_alarm": false_alarms.chance("run", rules, counted),
        "marks": _marks(phases, happened),
        "frozen": phases.frozen,
        "shifts": shifts,
    }
    notes = [
        checks.length(series, phases, checks.RUN_FROM, "Median and rules"),
        checks.gaps(series),
        *overlap_rows,
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *checks.flat(limits.flat(series, phases), series),
        *shift_rows,
        _false_alarms(facts),
    ]
    if rules == "ihi":
        used = series.present & ~phases.excluded
        notes += checks.far_points(series, runs.astronomical(series.y, centre, used))
    asked = {
        "value": value,
        "denominator": denominator,
        "time": time,
        "rules": rules,
        **_asked(phases, baseline, target, direction, groups, happened, per, overlapping),
        "outcome": outcome or value.replace("_", " ").capitalize(),
        "setting": setting,
    }
    return RunChartResult(
        params=asked,
        points=tables.run_points(series, phases, centre, found, direction),
        estimates=tables.estimates(rows, groups, judged.RUN_TERMS, facts["unit"], title),
        checks=checks_table(notes),
        phases=rows,
        facts=facts,
    )


def control_chart(
    data: pd.DataFrame,
    *,
    kind: Kind,
    value: str | None = None,
    numerator: str | None = None,
    denominator: str | None = None,
    time: str = "period",
    rules: LimitRules = "making_data_count",
    shift_length: int = 7,
    screen_moving_ranges: bool = True,
    baseline: int | date | str | None = None,
    rephase: When = (),
    exclude: When = (),
    target: float | None = None,
    direction: Direction = "neutral",
    by: str | Sequence[str] = (),
    events: Events = None,
    per: float = 1,
    overlapping: bool | None = None,
    outcome: str | None = None,
    unit: str | None = None,
    setting: str = "",
) -> ControlChartResult:
    """Tell special causes from the variation to be expected, with limits at 1, 2 and 3 sigma.

    Parameters
    ----------
    data : DataFrame
        One row a period (and group); a value of a subgroup for xbar, s and mr; an event for g and
        t. It is not changed.
    kind : str
        Kind of chart; pp, up and ip are the p′, u′ and I′ charts
    value : str, optional
        Column with what is measured. Left out on g and t charts, the days between the dates count.
    numerator : str, optional
        Column with counts, where there is a denominator
    denominator : str, optional
        Column that the numerator is divided by
    time : str
        Column with the dates of the periods or events
    rules : str
        Rules by which a special cause is told; making_data_count is that of 2024
    shift_length : int
        Points in a row that make a shift by the rules of making_data_count (6, 7 or 8)
    screen_moving_ranges : bool
        Whether moving ranges that are far too large are left out of their mean
    baseline : int or date, optional
        Points, or last date, that the first phase's lines rest on; nothing means all of them
    rephase : list of dates, or dates with reasons
        Where lines start anew, best with the reason
    exclude : list of dates, or dates with reasons
        Points left out of lines and rules, best with the reason
    target : float, optional
        Target that is judged against the limits
    direction : str
        Which way is better
    by : str or list of str
        One or two columns with groups, a chart each
    events : DataFrame or list of mappings, optional
        Things that happened, each with a date and an event in words
    per : float
        Units of the denominator that a rate is given for, such as 1000 bed days or 100 for percent
    overlapping : bool, optional
        Whether each value covers several periods (a rolling or running total). Nothing: looked for.
    outcome : str, optional
        What is measured, in plain words
    unit : str, optional
        Unit of the plotted value, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    ControlChartResult
        Estimates by term: ``centre, lower, upper, sigma_z, special_causes, variation, assurance``
        (``…_2`` for a second phase).

    Raises
    ------
    DataError
        If the table cannot be used: columns, dates, duplicates, text in numbers, negative counts,
        numerators above or without denominators, no time between events on a t chart.
    ParameterError
        If a parameter has no meaning for this kind of chart or these data.
    CannotEvaluate
        If there are too few points for limits, or the values overlap.

    References
    ----------
    Montgomery, Introduction to Statistical Quality Control. Provost and Murray, The Health Care
    Data Guide. Laney 2002, Qual Eng 14:531 (p′, u′). Taylor 2018, Normalized Individuals Chart
    (I′). Nelson 1982, J Qual Technol 14:172 (screening); 1984, 16:237 (rules). NHS England, Making
    Data Count.
    """
    _check_options(kind=(kind, get_args(Kind)), direction=direction, per=per, by=by)
    chosen = rule_sets.rule_set(rules, shift_length)
    column = one_column(value, numerator)
    refuse_unusable(kind, column, denominator)
    groups = _names(by)
    given = make_series(
        data, kind=kind, value=column, denominator=denominator, time=time, by=groups, per=per
    )
    checks.overlap(given, overlapping, refuse=True)
    series, phases = limits.plotted(given, make_phases(given, baseline, rephase, exclude), kind)
    lines = limits.control_limits(
        series,
        phases,
        kind,
        screen=screen_moving_ranges,
        wheeler=chosen.name.startswith("making_data_count"),
        per=per,
    )
    found = signals.find(series.y, lines.centre, lines.lower, lines.upper, phases, chosen)
    happened = tidy_events(events)
    rows = judged.control_phases(series, phases, lines, found, chosen, target, direction)
    shift_rows, shifts = checks.stable_shift(series, phases, found)
    counted = _lengths(series, phases)
    key = f"{chosen.name}_{shift_length}" if shift_length != 7 else chosen.name
    facts: dict[str, Any] = {
        "every": series.every,
        "unit": unit or _unit_of(kind, column, denominator, per),
        "line": "median" if kind == "g" else "centre line",
        "title": TITLES[kind],
        "rules": chosen.name,
        "rules_title": chosen.title,
        "signals": chosen.words,
        "points": counted,
        "charts": len(series.units),
        "false_alarm": false_alarms.chance("control", key, counted),
        "marks": _marks(phases, happened),
        "frozen": phases.frozen,
        "shifts": shifts,
        "step_limits": _steps(series, kind),
    }
    spread = checks.spread(series, phases, kind, per)
    facts["caution"] = next((detail for _, status, detail in spread if status == "warn"), "")
    notes = [
        checks.length(series, phases, checks.LIMITS_FROM, "Limits"),
        checks.gaps(given),
        *checks.no_limits(lines, series),
        *checks.flat(lines.flat, series),
        *spread,
        *checks.whole_numbers(given, kind),
        *checks.same_day(given, kind),
        *checks.subgroups(given, kind),
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *shift_rows,
        *checks.aims(target, direction),
        _false_alarms(facts),
    ]
    asked = {
        "kind": kind,
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "time": time,
        "rules": rules,
        "shift_length": shift_length,
        "screen_moving_ranges": screen_moving_ranges,
        **_asked(phases, baseline, target, direction, groups, happened, per, overlapping),
        "outcome": outcome or (column or "days between events").replace("_", " ").capitalize(),
        "setting": setting,
    }
    return ControlChartResult(
        params=asked,
        points=tables.control_points(series, phases, lines, found, direction),
        estimates=tables.estimates(
            rows, groups, judged.CONTROL_TERMS, facts["unit"], f"{kind}; {chosen.name}"
        ),
        checks=checks_table(notes),
        phases=judged.words_only(rows),
        facts=facts,
    )


# ---- facts and parameters ----------------------------------------------------------------------


def _lengths(series: Series, phases: Phases) -> list[int]:
    """Counted points of each phase; of several units, of the one in the middle."""
    used = series.present & ~phases.excluded
    counts = [(used & phases.of(which)).sum(axis=1) for which in range(phases.count)]
    return [int(np.median(count[count > 0])) for count in counts]


def _false_alarms(facts: dict[str, Any]) -> tuple[str, Literal["info"], str]:
    words = false_alarms.in_words(
        facts["false_alarm"], facts["points"], facts["rules_title"], facts["charts"]
    )
    return "False alarms", "info", words


def _marks(phases: Phases, happened: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events, and each rephase with its reason, in the order of their dates."""
    marks = [{"kind": "event", **event} for event in happened]
    for when, why in phases.starts:
        event = sentence(why).rstrip(".") if why else "Lines start anew"
        marks.append({"kind": "rephase", "date": when, "event": event})
    return [
        {**mark, "date": f"{mark['date']:%Y-%m-%d}"}
        for mark in sorted(marks, key=lambda mark: mark["date"])
    ]


def _steps(series: Series, kind: str) -> bool:
    """Whether limits differ from point to point."""
    if kind in limits.SUBGROUPED:
        return bool(np.ptp(series.size[series.present]) > 0)
    return kind in limits.STEPPED and bool(np.ptp(series.denominator[series.present]) > 0)


def _asked(
    phases: Phases,
    baseline: Any,
    target: float | None,
    direction: str,
    by: list[str],
    happened: list[dict[str, Any]],
    per: float,
    overlapping: bool | None,
) -> dict[str, Any]:
    """What was asked, in plain values."""
    plain = baseline is None or isinstance(baseline, int)
    return {
        "baseline": baseline if plain else str(baseline)[:10],
        "rephase": {f"{when:%Y-%m-%d}": why for when, why in phases.starts},
        "exclude": {f"{when:%Y-%m-%d}": why for when, why in phases.reasons},
        "target": target,
        "direction": direction,
        "by": by,
        "events": happened,
        "per": per,
        "overlapping": overlapping,
    }


def _unit_of(kind: str, value: str | None, denominator: str | None, per: float) -> str:
    if value is None:
        return "days"
    if kind in ("p", "pp") and per in (1, 100):
        share = f"of {str(denominator).replace('_', ' ')}"
        return f"% {share}" if per == 100 else f"as a proportion {share}"
    total = value.replace("_", " ")
    if denominator is None:
        return total
    if denominator == "days_in_period" and per == 1:
        return f"{total} a day"
    many = f"{per:,g} " if per != 1 else ""
    return f"{total} per {many}{denominator.replace('_', ' ')}"


def _names(by: str | Sequence[str] | None) -> list[str]:
    return [by] if isinstance(by, str) else list(by or ())


def _check_options(
    *, direction: str, per: float, by: Any, **choices: tuple[str, tuple[str, ...]]
) -> None:
    for name, (given, known) in {
        **choices,
        "direction": (direction, get_args(Direction)),
    }.items():
        if name == "rules" and given not in known and given in get_args(LimitRules):
            raise ParameterError(
                f"`{name}` must be one of {listed(known)}.",
                found=repr(given),
                remedy="These rules need limits: use `qi.control_chart`.",
            )
        require_one_of(name, given, known)
    if not 0 < per < np.inf:
        raise ParameterError("`per` must be above zero.", found=repr(per))
    if len(_names(by)) > 2:
        raise ParameterError(
            "`by` takes one or two columns.",
            found=listed(_names(by)),
            remedy="Choose the rows of one ward, team or area with `where:`.",
        )
