"""A change brought into several units at different times: did it make a difference?

Reads from top to bottom: the table becomes units by periods, units that have not started yet say
what would have been, start dates are handed out in every other way, and what a reader must know
before believing the answer is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from qieval.analysis.its.methods.families import counts_events, refuse_no_counts
from qieval.analysis.its.methods.options import require_options
from qieval.analysis.roll_out import checks, tables
from qieval.analysis.roll_out.methods import beside, in_turn
from qieval.analysis.roll_out.methods.fitted import (
    Fitted,
    a_year,
    by_network,
    fit,
    profile_of,
    refuse_no_test,
)
from qieval.analysis.roll_out.methods.permutations import Question
from qieval.analysis.roll_out.methods.scales import Scaled, scale_for
from qieval.analysis.roll_out.methods.units import (
    FEWEST_BEFORE,
    Units,
    comparable,
    make_units,
)
from qieval.analysis.roll_out.words import RollOutResult
from qieval.core import periods
from qieval.core.columns import is_number
from qieval.core.config import CONFIDENCE
from qieval.core.counts import Counts, declared
from qieval.core.errors import ParameterError, require_one_of
from qieval.core.events import tidy_events
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.worth import is_of_bed_days, read_unit_cost, refuse_other_units

Direction = Literal["lower", "higher", "neutral"]


@public
def roll_out(
    data: pd.DataFrame,
    *,
    unit: str = "unit",
    value: str,
    time: str = "period",
    start: str | None = "started",
    starts: Mapping[str, date | str | None] | None = None,
    network: str | None = None,
    denominator: str | None = None,
    per: float = 1,
    counts: Counts | None = None,
    unit_cost: Mapping[str, Any] | None = None,
    events: pd.DataFrame | Sequence[Mapping[str, Any]] | None = None,
    confidence: float = CONFIDENCE,
    outcome: str | None = None,
    measured_in: str | None = None,
    setting: str = "",
    change: str = "the change",
    called: str = "units",
    direction: Direction = "neutral",
) -> RollOutResult:
    """Estimate the effect of a change that several units made at different times.

    Parameters
    ----------
    data : DataFrame
        One row a unit and period. It is not changed.
    unit : str
        Column that names the unit (ward, team, area)
    value : str
        Column with what is measured
    time : str
        Column with the dates of the periods
    start : str, optional
        Column with the day on which the unit of the row started; blank for one that has not
    starts : mapping, optional
        The day on which each unit started, by its name, instead of that column; null for one that
        has not
    network : str, optional
        Column that names the unit's network: units are then compared within their network only
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    per : float
        Units of the denominator that a rate is given for, such as 100000 people
    counts : str, optional
        What the value counts: events (falls, admissions), or an amount (bed days, waits, scores).
        Nothing: as it was counted by `measure`; of other tables whole numbers are taken for events.
    unit_cost : mapping, optional
        What a bed day costs, of a measure of bed days: low and high (pounds), source, price_year
    events : DataFrame or list of mappings, optional
        Other things that happened, each with a date, an event in words and, where it concerned one
        only, its unit
    confidence : float
        Confidence level of the intervals
    outcome : str, optional
        What is measured, in plain words
    measured_in : str, optional
        Unit of the plotted value, in plain words
    setting : str
        For whom or where, in plain words
    change : str
        The intervention in plain words, as in a sentence
    called : str
        What the units are called, in the plural, such as wards
    direction : str
        Which way is better

    Returns
    -------
    RollOutResult
        Estimates by term: ``average_effect, relative_effect, effect_a_year_on, share_kept``; in
        ``profile`` the effect by time since the start, in ``networks`` by network.

    Raises
    ------
    DataError
        If the table cannot be used: columns, dates, a period twice in a unit, a unit with two
        starts or in two networks, denominators of zero or less.
    ParameterError
        If a parameter has no meaning.
    CannotEvaluate
        If the units cannot be compared: fewer than four, all started together, none untreated
        beside a treated one, or too few ways to hand out the starts for any test.

    Notes
    -----
    Unit and period effects (period by network, where networks are given) are fitted to untreated
    cells alone by GLS with a working autocorrelation of .4 and predict every treated cell; the
    effect is the mean of seen less predicted over the treated cells whose period still has an
    untreated unit. p value and interval come from handing out the same start dates to the units in
    every other way, within networks: right whatever the autocorrelation, if which unit started when
    had nothing to do with where it was heading. Amounts are compared as they are, events by
    logarithm, few events by square root. Where the units of every network started together,
    networks are the units.

    References
    ----------
    Borusyak, Jaravel and Spiess 2024, Rev Econ Stud 91:3253. Wang and De Gruttola 2017, Stat Med
    36:2831. Goodman-Bacon 2021, J Econometrics 225:254.
    """
    asked = recorded(roll_out, locals())
    require_options(confidence, counts)
    require_one_of("direction", direction, ("lower", "higher", "neutral"))
    if not is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per))
    words = measured_in or _unit_words(value, denominator, per)
    in_bed_days = is_of_bed_days(value, denominator, per)
    refuse_other_units(read_unit_cost(unit_cost), in_bed_days, words)
    happened = tidy_events(events)
    given = make_units(
        data,
        unit=unit,
        value=value,
        time=time,
        start=start,
        starts=starts,
        network=network,
        denominator=denominator,
        per=per,
    )
    known = given.total[np.isfinite(given.total)]
    of_events = declared(data, value, counts)
    refuse_no_counts(known, value, of_events)
    units = comparable(given)
    is_events = counts_events(known, value, of_events)
    scale = scale_for(units.total, is_events)
    fitted = fit(units, Scaled.of(units.total, units.denominator, scale), confidence)
    year = a_year(units.every)
    parts = [one for one in profile_of(units.every) if _cells(fitted, one)]
    from_a_year = Question(year, None)
    questions = [Question(), Question(constant=True), from_a_year, *parts]
    whole, two_way, year_on, *by_part = fitted.asked(questions)
    refuse_no_test(whole, confidence)

    answer = fitted.shown(whole, Question())
    late = fitted.shown(year_on, from_a_year) if _cells(fitted, from_a_year) else None
    single = beside.single_units(units, value, "events" if is_events else "amount", confidence)
    everything = np.ones(units.total.shape, dtype=bool)
    scaled = fitted.scaled.values
    without = None
    if len(units.names) <= in_turn.GROUPS:
        without = in_turn.without_each(fitted.split, units.starts, scaled, [everything])[:, 0]
    before = in_turn.before_the_starts(
        fitted.split, units.starts, units.begun, scaled, FEWEST_BEFORE, confidence
    )
    pooled = beside.pooled(single, words, confidence)
    constant = fitted.shown(two_way, Question())
    result = RollOutResult(
        params={
            **asked,
            "events": happened,
            "outcome": outcome or value.replace("_", " ").capitalize(),
        },
        points=tables.points(fitted),
        estimates=tables.estimates(
            answer, late, _kept(fitted, late, from_a_year), words, _days(fitted, in_bed_days)
        ),
        by_unit=tables.by_unit(fitted, single, without),
        profile=tables.profile(
            fitted,
            [(one, fitted.shown(tested, one)) for one, tested in zip(parts, by_part, strict=True)],
        ),
        networks=tables.networks(by_network(fitted)),
        sensitivity=tables.sensitivity(
            [
                ("headline", *answer[:3], len(units.names)),
                ("two_way", *constant[:3], len(units.names)),
                ("pooled", *pooled),
            ]
        ),
        span=tables.Span(
            every=units.every,
            unit=words,
            scale=scale,
            first=units.calendar[0],
            last=units.calendar[-1],
            cells=answer.cells,
            treated=int((units.present & (fitted.since >= 0)).sum()),
            possible=fitted.assignments.possible,
            tried=len(fitted.assignments),
            least_p=whole.least_p,
            complete=fitted.split.grid.complete,
            of_networks=units.of_networks,
            ahead=before[1] if before else 0,
            year=year,
            told_from=_told_from(units, year),
        ),
    )
    level = checks.level_before(fitted)
    return result.with_checks(
        [
            checks.enough_units(result),
            checks.left_out(units),
            checks.compared(result),
            checks.assumption(result),
            checks.before_trend(result, before, fitted, answer.expected),
            *checks.leave_one_out(result),
            checks.order_of_starts(result, level),
            checks.other_events(result),
            checks.missing_cells(fitted),
            *checks.kind_of_value(result, of_events),
        ]
    )


def _cells(fitted: Fitted, question: Question) -> int:
    """Unit-periods that a question can rest on."""
    wanted = question.wanted(fitted.units.starts, len(fitted.units.calendar))
    return int((fitted.used & wanted).sum())


def _kept(fitted: Fitted, late: Any, from_a_year: Question) -> tuple[float, float, float] | None:
    """The share of the effect of the first half-year that is there a year on, with its interval."""
    if late is None:
        return None
    units, periods_ = fitted.units, len(fitted.units.calendar)
    first = Question(0, max(1, from_a_year.first // 2))
    kept = in_turn.share_kept(
        fitted.split,
        units.starts,
        fitted.scaled.values,
        fitted.used & first.wanted(units.starts, periods_),
        fitted.used & from_a_year.wanted(units.starts, periods_),
        fitted.confidence,
    )
    return None if kept is None else (kept.value, kept.low, kept.high)


def _days(fitted: Fitted, in_bed_days: bool) -> float:
    """Of bed days, what the average is multiplied by for their number; nan of anything else."""
    return float(fitted.units.denominator[fitted.used].sum()) if in_bed_days else np.nan


def _told_from(units: Units, year: int) -> pd.Timestamp | None:
    """When the first unit will have a period a year after its start; None if the data have it."""
    first = int(units.starts[units.begun].min())
    if first + year < len(units.calendar):
        return None
    return periods.shift(units.calendar[0], first + year + 1, units.every)


def _unit_words(value: str, denominator: str | None, per: float) -> str:
    """Unit of the value where none is given."""
    total = value.replace("_", " ")
    if denominator == "days_in_period" and per == 1:
        return f"{total} a day"
    if not denominator:
        return total
    return f"{total} per {f'{per:,g} ' if per != 1 else ''}{denominator.replace('_', ' ')}"
