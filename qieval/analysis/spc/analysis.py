"""The run chart (values about their median) and the control chart (about their mean, with limits).

Both read from top to bottom: the table becomes a matrix of units and points, phases and lines are
found, rules tell signals from chance, each phase is summed up, and everything that a reader must
know is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd

from qieval.analysis.spc import checks, tables
from qieval.analysis.spc.methods import (
    false_alarms,
    limits,
    options,
    overlap,
    phase_results,
    references,
    runs,
    signals,
    steps,
)
from qieval.analysis.spc.methods.lasting import lasting
from qieval.analysis.spc.methods.limits import TITLES, Kind
from qieval.analysis.spc.methods.options import Direction, Events, Scales
from qieval.analysis.spc.methods.phases import Baseline, When, make_phases
from qieval.analysis.spc.methods.references import Benchmark, Target
from qieval.analysis.spc.methods.rules import LimitRules, RunRules, rule_set, run_rule_set
from qieval.analysis.spc.methods.series import make_series, refuse_unusable
from qieval.analysis.spc.methods.suggest import one_column
from qieval.analysis.spc.tables import Setup
from qieval.analysis.spc.words import ControlChartResult, RunChartResult
from qieval.core.checks import checks_table
from qieval.core.errors import ParameterError
from qieval.core.events import tidy_events
from qieval.core.recorded import recorded
from qieval.core.signatures import public


@public
def run_chart(
    data: pd.DataFrame,
    *,
    value: str,
    denominator: str | None = None,
    time: str = "period",
    rules: RunRules = "anhoej",
    baseline: Baseline | None = None,
    rephase: When = (),
    exclude: When = (),
    target: Target | None = None,
    aim: Mapping[str, Any] | str | None = None,
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
    baseline : int, date, list or mapping, optional
        Points, or last date, that the first phase's median rests on; nothing means all of them. A
        list gives one a phase, a mapping one a group.
    rephase : list of dates, or dates with reasons
        Where lines start anew, best with the reason. A mapping from groups gives each its own.
    exclude : list of dates, or dates with reasons
        Points left out of lines and rules, best with the reason. A mapping from groups gives each
        its own.
    target : float or mapping, optional
        Target to be drawn. A mapping gives one from each date on, or one a group.
    aim : mapping or str, optional
        What is to be reached, by how much and by when
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
    asked = recorded(run_chart, locals())
    chosen = run_rule_set(rules)
    groups = options.groups(by)
    options.check(direction=(direction, get_args(Direction)), scales=(scales, get_args(Scales)))
    options.check_numbers(per, aim)
    series = make_series(
        data, kind="run", value=value, denominator=denominator, time=time, by=groups, per=per
    )
    overlaps = overlap.overlap(series, overlapping, refuse=False)
    phases = make_phases(series, baseline, rephase, exclude)
    unit = unit or options.unit_of("run", value, denominator, per)
    targets = references.targets_of(series, target, limits.NO_BOUNDS, unit)
    centre = limits.medians(series, phases)
    flagged = signals.find(series.y, centre, [], [], phases, chosen)
    happened = tidy_events(events)
    counted = options.lengths(series, phases)
    setup = Setup(
        every=series.every,
        unit=unit,
        line="median",
        title="Run chart",
        rules=chosen.name,
        rules_title=chosen.title,
        signals=dict(chosen.words),
        points=tuple(counted),
        charts=len(series.units),
        false_alarm=false_alarms.chance("run", chosen.name, counted),
        frozen=phases.frozen,
    )
    marks = tables.marks(phases, happened)
    shifts = steps.proposals(series, phases, "run")
    rows = [
        checks.length(series, phases, checks.RUN_FROM, "Median and rules"),
        checks.gaps(series),
        *overlaps,
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *checks.flat(limits.flat(series, phases), series, None),
        *checks.step_changes(series, shifts, marks),
        *checks.events_outside(series, marks),
        *checks.target_far(series, targets),
        *checks.rules_left_out(chosen),
        checks.false_signals(setup),
    ]
    if rules == "ihi":
        used = series.present & ~phases.excluded
        rows += checks.far_points(series, runs.astronomical(series.y, centre, used))
    return RunChartResult(
        params={
            **asked,
            **options.phases_as_plain(phases, baseline),
            "by": groups,
            "events": happened,
            "outcome": outcome or value.replace("_", " ").capitalize(),
        },
        points=tables.run_points(series, phases, centre, flagged, direction, targets),
        estimates=tables.estimates(
            series,
            phase_results.run_phases(series, phases, centre, flagged, chosen, direction),
            setup.unit,
            chosen.title,
        ),
        checks=checks_table(rows),
        setup=setup,
        marks=marks,
        shifts=shifts,
        lasting=lasting(series, phases, "run", shifts, marks, unit),
    )


@public
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
    trend_length: int = 7,
    screen_moving_ranges: bool = True,
    baseline: Baseline | None = None,
    rephase: When = (),
    exclude: When = (),
    target: Target | None = None,
    benchmark: Benchmark | None = None,
    lower_bound: float | None = None,
    upper_bound: float | None = None,
    aim: Mapping[str, Any] | str | None = None,
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
    trend_length : int
        Points in a row that make a trend by the rules of making_data_count (6, 7 or 8)
    screen_moving_ranges : bool
        Whether moving ranges that are far too large are left out of their mean
    baseline : int, date, list or mapping, optional
        Points, or last date, that the first phase's lines rest on; nothing means all of them. A
        list gives one a phase, a mapping one a group.
    rephase : list of dates, or dates with reasons
        Where lines start anew, best with the reason. A mapping from groups gives each its own.
    exclude : list of dates, or dates with reasons
        Points left out of lines and rules, best with the reason. A mapping from groups gives each
        its own.
    target : float or mapping, optional
        Target that is judged against the limits. A mapping gives one from each date on, or one a
        group.
    benchmark : float or mapping, optional
        Centre line set from outside, or centre, lower and upper; limits not given are
        computed about it. A mapping from groups gives each its own.
    lower_bound : float, optional
        Least value that is possible; nothing means that of the kind of measure (0 for counts)
    upper_bound : float, optional
        Largest value that is possible; nothing means that of the kind of measure (100 for percent)
    aim : mapping or str, optional
        What is to be reached, by how much and by when
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
    asked = recorded(control_chart, locals())
    chosen = rule_set(rules, shift_length, trend_length)
    groups = options.groups(by)
    options.check(
        kind=(kind, get_args(Kind)),
        direction=(direction, get_args(Direction)),
        scales=(scales, get_args(Scales)),
    )
    options.check_numbers(per, aim)
    column = one_column(value, numerator)
    refuse_unusable(kind, column, denominator)
    given = make_series(
        data, kind=kind, value=column, denominator=denominator, time=time, by=groups, per=per
    )
    overlaps = overlap.overlap(given, overlapping, refuse=True)
    series, phases = limits.plotted(given, make_phases(given, baseline, rephase, exclude), kind)
    unit = unit or options.unit_of(kind, column, denominator, per)
    bounds = references.bounds_of(series, kind, per, unit, lower_bound, upper_bound)
    targets = references.targets_of(series, target, bounds, unit)
    benchmarked = references.benchmark_of(series, benchmark, bounds)
    if benchmarked.any and (phases.starts or phases.frozen):
        raise ParameterError(
            "A `benchmark` sets the lines of the whole chart.",
            found="`rephase` or `baseline` beside it",
            remedy="Leave out one of them.",
        )
    lines = limits.control_limits(
        series,
        phases,
        kind,
        screen=screen_moving_ranges,
        wheeler=chosen.name.startswith("making_data_count"),
        per=per,
        bounds=bounds,
        benchmark=benchmarked,
    )
    flagged = signals.find(series.y, lines.centre, lines.lower, lines.upper, phases, chosen)
    happened = tidy_events(events)
    counted = options.lengths(series, phases)
    spread = checks.spread(series, phases, kind, per)
    setup = Setup(
        every=series.every,
        unit=unit,
        line=limits.line_of(kind, benchmarked.any),
        title=TITLES[kind],
        rules=chosen.name,
        rules_title=chosen.title,
        signals=dict(chosen.words),
        points=tuple(counted),
        charts=len(series.units),
        false_alarm=false_alarms.chance(
            "control", false_alarms.name_of(chosen.name, shift_length, trend_length), counted
        ),
        frozen=phases.frozen,
        step_limits=limits.stepped(series, kind),
        caution=next((check.detail for check in spread if check.status == "warn"), ""),
        cut=bounds.words if lines.cut else "",
    )
    marks = tables.marks(phases, happened)
    shifts = steps.proposals(series, phases, kind)
    kinds = tables.point_types(flagged, direction)
    kinds = tables.until_restarted(kinds, series, phases, lines, shifts, marks, direction)
    rows = [
        checks.length(series, phases, checks.LIMITS_FROM, "Limits"),
        checks.gaps(given),
        *overlaps,
        *checks.no_limits(lines, series),
        *checks.flat(lines.flat, series, lines),
        *spread,
        *checks.whole_numbers(given, kind),
        *checks.same_day(given, kind),
        *checks.subgroups(given, kind),
        *checks.exclusions(series, phases),
        *checks.rephased(series, phases),
        *checks.odd_splits(series, phases),
        *checks.step_changes(series, shifts, marks),
        *checks.events_outside(series, marks),
        *checks.target_far(series, targets),
        *checks.target_without_direction(targets, direction),
        checks.false_signals(setup),
    ]
    return ControlChartResult(
        params={
            **asked,
            **options.phases_as_plain(phases, baseline),
            "by": groups,
            "events": happened,
            "outcome": outcome or (column or "days between events").replace("_", " ").capitalize(),
        },
        points=tables.control_points(series, phases, lines, flagged, kinds, targets),
        estimates=tables.estimates(
            series,
            phase_results.control_phases(
                series, phases, lines, flagged, kinds, chosen, targets, direction, kind
            ),
            setup.unit,
            f"{kind}; {chosen.name}",
        ),
        checks=checks_table(rows),
        setup=setup,
        marks=marks,
        shifts=shifts,
        lasting=lasting(series, phases, kind, shifts, marks, unit),
    )
