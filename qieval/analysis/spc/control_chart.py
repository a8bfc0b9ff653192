"""The control (Shewhart) chart: values about their mean, with limits at 1, 2 and 3 sigma."""

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
    signals,
    tables,
)
from qieval.analysis.spc.asked import Direction, Events, Scales
from qieval.analysis.spc.control_result import ControlChartResult
from qieval.analysis.spc.limits import TITLES, Kind
from qieval.analysis.spc.phases import When, make_phases
from qieval.analysis.spc.rules import LimitRules, rule_set
from qieval.analysis.spc.series import make_series, refuse_unusable
from qieval.analysis.spc.suggest import one_column
from qieval.core.checks import checks_table
from qieval.core.events import tidy_events


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
    scales: Scales = "auto",
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
    scales : str
        Scales of the groups' charts: shared, free (one each), or auto (shared where that reads)
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
        Estimates a phase: ``centre, lower, upper, sigma_z, special_causes, variation, assurance``.

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
    chosen = rule_set(rules, shift_length)
    groups = asked.groups(by)
    asked.check(
        kind=(kind, get_args(Kind)),
        direction=(direction, get_args(Direction)),
        scales=(scales, get_args(Scales)),
    )
    asked.check_numbers(per, target)
    column = one_column(value, numerator)
    refuse_unusable(kind, column, denominator)
    given = make_series(
        data, kind=kind, value=column, denominator=denominator, time=time, by=groups, per=per
    )
    overlap.overlap(given, overlapping, refuse=True)
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
    measured_in = unit or asked.unit_of(kind, column, denominator, per)
    shift_rows, shifts = checks.stable_shift(series, phases, found)
    counted = asked.lengths(series, phases)
    key = f"{chosen.name}_{shift_length}" if shift_length != 7 else chosen.name
    facts: dict[str, Any] = {
        "every": series.every,
        "unit": measured_in,
        "line": "median" if kind == "g" else "centre line",
        "title": TITLES[kind],
        "rules": chosen.name,
        "rules_title": chosen.title,
        "signals": chosen.words,
        "points": counted,
        "charts": len(series.units),
        "false_alarm": false_alarms.chance("control", key, counted),
        "marks": asked.marks(phases, happened),
        "frozen": phases.frozen,
        "shifts": shifts,
        "step_limits": limits.stepped(series, kind),
    }
    spread = checks.spread(series, phases, kind, per)
    facts["caution"] = next((detail for _, status, detail in spread if status == "warn"), "")
    notes = [
        checks.length(series, phases, checks.LIMITS_FROM, "Limits"),
        checks.gaps(given),
        *checks.no_limits(lines, series),
        *checks.flat(lines.flat, series, lines),
        *spread,
        *checks.whole_numbers(given, kind),
        *checks.same_day(given, kind),
        *checks.subgroups(given, kind),
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *shift_rows,
        *checks.aims(target, direction),
        checks.false_signals(facts),
    ]
    return ControlChartResult(
        params={
            "kind": kind,
            "value": value,
            "numerator": numerator,
            "denominator": denominator,
            "time": time,
            "rules": rules,
            "shift_length": shift_length,
            "screen_moving_ranges": screen_moving_ranges,
            **asked.phases_asked(phases, baseline),
            "target": target,
            "direction": direction,
            "by": groups,
            "scales": scales,
            "events": happened,
            "per": per,
            "overlapping": overlapping,
            "outcome": outcome or (column or "days between events").replace("_", " ").capitalize(),
            "setting": setting,
        },
        points=tables.control_points(series, phases, lines, found, direction),
        estimates=tables.estimates(
            series,
            judged.control_phases(series, phases, lines, found, chosen, target, direction),
            measured_in,
            f"{kind}; {chosen.name}",
        ),
        checks=checks_table(notes),
        facts=facts,
    )
