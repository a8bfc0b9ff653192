"""The run chart: values in order of time about their median."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import pandas as pd

from qieval.analysis.spc import (
    asked,
    checks,
    false_alarms,
    judged,
    limits,
    overlap,
    runs,
    signals,
    tables,
)
from qieval.analysis.spc.asked import Direction, Events, Scales
from qieval.analysis.spc.phases import When, make_phases
from qieval.analysis.spc.rules import RunRules, run_rule_set
from qieval.analysis.spc.run_result import RunChartResult
from qieval.analysis.spc.series import make_series
from qieval.core.checks import checks_table
from qieval.core.events import tidy_events


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
    scales: Scales = "auto",
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
        Rules by which a signal is told from chance. Of sets made for charts with limits, the rules
        that need no limits apply, about the median; the result says which.
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
    scales : str
        Scales of the groups' charts: shared, free (one each), or auto (shared where that reads)
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
        Estimates a phase: ``centre, n_useful, longest_run, longest_run_max, n_crossings,
        n_crossings_min, n_runs, n_runs_min, n_runs_max, signal``.

    Raises
    ------
    DataError
        If the table cannot be used (columns, dates, duplicates, text in numbers, denominators).
    ParameterError
        If a parameter has no meaning for these data, or the rules need limits.
    CannotEvaluate
        If there are fewer than two points.

    References
    ----------
    Anhøj and Olesen 2014, PLoS ONE 9:e113825. Perla, Provost and Murray 2011, BMJ Qual Saf 20:46.
    Swed and Eisenhart 1943, Ann Math Statist 14:66.
    """
    chosen = run_rule_set(rules)
    groups = asked.groups(by)
    asked.check(direction=(direction, get_args(Direction)), scales=(scales, get_args(Scales)))
    asked.check_numbers(per, target)
    series = make_series(
        data, kind="run", value=value, denominator=denominator, time=time, by=groups, per=per
    )
    overlaps = overlap.overlap(series, overlapping, refuse=False)
    phases = make_phases(series, baseline, rephase, exclude)
    centre = limits.medians(series, phases)
    found = signals.find(series.y, centre, [], [], phases, chosen)
    happened = tidy_events(events)
    measured_in = unit or asked.unit_of("run", value, denominator, per)
    shift_rows, shifts = checks.stable_shift(series, phases, found)
    counted = asked.lengths(series, phases)
    facts: dict[str, Any] = {
        "every": series.every,
        "unit": measured_in,
        "line": "median",
        "title": "Run chart",
        "rules": chosen.name,
        "rules_title": chosen.title,
        "signals": chosen.words,
        "points": counted,
        "charts": len(series.units),
        "false_alarm": false_alarms.chance("run", chosen.name, counted),
        "marks": asked.marks(phases, happened),
        "frozen": phases.frozen,
        "shifts": shifts,
    }
    notes = [
        checks.length(series, phases, checks.RUN_FROM, "Median and rules"),
        checks.gaps(series),
        *overlaps,
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *checks.flat(limits.flat(series, phases), series, None),
        *shift_rows,
        *checks.rules_left_out(chosen),
        checks.false_signals(facts),
    ]
    if rules == "ihi":
        used = series.present & ~phases.excluded
        notes += checks.far_points(series, runs.astronomical(series.y, centre, used))
    return RunChartResult(
        params={
            "value": value,
            "denominator": denominator,
            "time": time,
            "rules": rules,
            **asked.phases_asked(phases, baseline),
            "target": target,
            "direction": direction,
            "by": groups,
            "scales": scales,
            "events": happened,
            "per": per,
            "overlapping": overlapping,
            "outcome": outcome or value.replace("_", " ").capitalize(),
            "setting": setting,
        },
        points=tables.run_points(series, phases, centre, found, direction),
        estimates=tables.estimates(
            series,
            judged.run_phases(series, phases, centre, found, chosen),
            measured_in,
            chosen.title,
        ),
        checks=checks_table(notes),
        facts=facts,
    )
