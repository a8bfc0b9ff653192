"""What a reader must know before believing an interrupted time series: one row a check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its.methods import EDGE, FEWEST_EVENTS, Family, Method, diagnostics, refusals
from qieval.analysis.its.methods.design import Design, harmonic_pairs
from qieval.analysis.its.methods.families import counts_events, refuse_no_counts
from qieval.analysis.its.methods.known_failures import Likeness, hidden
from qieval.analysis.its.methods.model import Fitted
from qieval.analysis.its.methods.other_events import WINDOW
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core import overlap, periods
from qieval.core.checks import Check, Status
from qieval.core.counts import Counts
from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.result import rows_of
from qieval.core.words import lower_or_higher, number, sentence

TESTED_FROM, RELIABLE_FROM = 8, 12

UNLIKE_FOLD = 10
"""Denominators that differ by so much make periods unequally certain."""

PLACEBO_SHARE = 0.25
"""Share of dates before the intervention taken for a change from which on it is a warning."""


def points_a_side(series: Series, phases: Phases) -> int:
    """The smaller number of points in any phase."""
    used = series.present & ~phases.washed_out
    return min(int(used[part].sum()) for part in phases.parts())


def length(series: Series, phases: Phases) -> Check:
    """Enough points on each side?"""
    fewest = points_a_side(series, phases)
    word = periods.noun(series.every, 2)
    if fewest < TESTED_FROM:
        return Check(
            "points_a_side",
            "Points on each side",
            "fail",
            f"Only {fewest} {word} on one side. Under {TESTED_FROM} no test is made: the series is "
            "described, and estimates are for information only.",
        )
    if fewest < RELIABLE_FROM:
        return Check(
            "points_a_side",
            "Points on each side",
            "warn",
            f"{fewest} {word} on one side. Under {RELIABLE_FROM} intervals are rough and only "
            "large changes can be seen.",
        )
    return Check(
        "points_a_side",
        "Points on each side",
        "pass",
        f"At least {fewest} {word} on each side.",
    )


def gaps(series: Series) -> Check:
    """Missing periods."""
    missing = ~series.present
    word = periods.noun(series.every, 2)
    if not missing.any():
        return Check(
            "missing_periods",
            "Missing periods",
            "pass",
            f"All {len(missing)} {word} have a value.",
        )
    return Check(
        "missing_periods",
        "Missing periods",
        "warn",
        f"{int(missing.sum())} of {len(missing)} {word} have no value and are left out, keeping "
        f"their place in the calendar: {series.name_of(missing)}.",
    )


def exposure(series: Series, fitted: Fitted) -> list[Check]:
    """Whether periods rest on denominators so unlike that they are not equally certain.

    Counts of events take their exposure into account; every other model gives each period the same
    weight (METHODS-2, section H: weights by denominators are not settled).
    """
    known = series.denominator[series.present]
    fold = float(known.max() / known.min())
    if fold < UNLIKE_FOLD or fitted.specification.family != "gaussian":
        return []
    word = periods.noun(series.every)
    text = (
        f"What the value is divided by differs {fold:,.0f}-fold between one {word} and another, "
        f"and each {word} counts the same: those with small denominators vary more by chance."
    )
    return [Check("exposure", "Denominators", "warn", text)]


def washed_out(series: Series, phases: Phases) -> list[Check]:
    """Wash-out periods, if any."""
    if not phases.washed_out.any():
        return []
    detail = f"Left out while the change was brought in: {series.name_of(phases.washed_out)}."
    return [Check("wash_out", "Wash-out", "info", detail)]


def memory(fitted: Fitted, residuals: pd.DataFrame, confidence: float) -> Check:
    """Autocorrelation: allowed for, ignored, or at its edge?"""
    fit = fitted.fit
    if fitted.few:
        why = "A rate ratio takes every period for independent of its neighbours."
        return Check("autocorrelation", "Memory from one period to the next", "info", why)
    if fit.rho is None:
        residual = residuals["residual"].to_numpy()
        first = diagnostics.autocorrelations(residual, 1, confidence).iloc[0]
        found = f"(autocorrelation of neighbours {first['autocorrelation']:.2f})"
        if abs(first["autocorrelation"]) <= first["band"]:
            return Check(
                "autocorrelation",
                "Memory from one period to the next",
                "info",
                f"This method ignores it; little was found {found}.",
            )
        return Check(
            "autocorrelation",
            "Memory from one period to the next",
            "warn",
            f"This method takes every point for independent of its neighbours, and they are not "
            f"{found}. The interval is too narrow.",
        )
    if fit.rho > EDGE:
        return Check(
            "autocorrelation",
            "Memory from one period to the next",
            "warn",
            f"Neighbouring points are so alike (autocorrelation {_rho(fit.rho)}) that a lasting "
            "change and a wandering level can hardly be told apart. The estimate can jump; read "
            "the interval, which allows for this.",
        )
    return Check(
        "autocorrelation",
        "Memory from one period to the next",
        "pass",
        f"Autocorrelation {fit.rho:.2f}, allowed for in every interval.{_hidden(fitted)}",
    )


def _hidden(fitted: Fitted) -> str:
    """What the data cannot show and makes the headline claim too often."""
    chosen, points = fitted.specification, int(fitted.design.used.sum())
    unseen = hidden(fitted.fit.rho, points, chosen.family == "events")
    if unseen is None or not _calibrated(fitted):
        return ""
    return (
        f" {sentence(unseen.words).rstrip('.')} mostly looks the same: of 100 such series in which "
        f"nothing changed the headline claims a change in {unseen.claims}."
    )


def _calibrated(fitted: Fitted) -> bool:
    """Whether it is the default, whose claims were simulated."""
    chosen = fitted.specification
    known = chosen.family in ("gaussian", "events") and not fitted.few
    return known and chosen.method == "integrated"


def _rho(rho: float) -> str:
    return "at its upper limit" if rho > 0.99 else f"{rho:.2f}"


def residual_pattern(fitted: Fitted, residuals: pd.DataFrame) -> Check:
    """Whether a pattern is left after the fit, by Ljung-Box and Breusch-Godfrey."""
    if fitted.few:
        why = "There are too few events for a pattern to be seen."
        return Check("residual_pattern", "Pattern left over", "info", why)
    residual = residuals["residual"].to_numpy()
    lags = max(1, min(6, len(residual) // 4))
    portmanteau = diagnostics.ljung_box(residual, lags, int(fitted.fit.rho is not None))
    x = fitted.design.x[fitted.design.used]
    godfrey = diagnostics.breusch_godfrey(x, residual, min(lags, 2))
    tests = f"Ljung-Box, {lags} lags, p {portmanteau:.2f}; Breusch-Godfrey p {godfrey:.2f}"
    if portmanteau < 0.05 or godfrey < 0.05:
        return Check(
            "residual_pattern",
            "Pattern left over",
            "warn",
            f"The points left over still follow a pattern ({tests}): a season or another change "
            "may be missing from the model.",
        )
    return Check(
        "residual_pattern",
        "Pattern left over",
        "pass",
        f"No pattern was found in what is left over ({tests}).",
    )


def choose_family(
    series: Series,
    used: np.ndarray,
    family: Family,
    controlled: bool,
    method: Method,
    counts: Counts | None,
) -> tuple[Family, list[Check]]:
    """The family asked for; "auto" follows what is counted, never how many there are.

    Raises
    ------
    DataError
        If the values are declared as counts of events and cannot be.
    ParameterError
        If a family of counts is asked for with a control.
    """
    if not controlled:  # the difference from a control is no count
        refuse_no_counts(series.total[used], series.name, counts)
    if controlled and family not in ("auto", "gaussian"):
        raise ParameterError(
            "With a control the difference of two series is fitted, which is no count.",
            found=f"family {family!r}",
            remedy="Leave `family` out.",
        )
    events = not controlled and counts_events(series.total[used], series.name, counts)
    if family == "gaussian" and events:
        detail = "The values look like counts of events; `family: events` would suit better."
        return family, [Check("distribution", "Distribution", "warn", detail)]
    if family != "auto":
        return family, []
    if not events or method != "integrated":
        return "gaussian", []
    detail = "The values are counts of events and are fitted as such."
    if counts is None:
        detail = (
            "The values are whole numbers and are taken for counts of events. Say so with `counts: "
            "events`; if they are an amount, such as bed days or a score, with `counts: amount`."
        )
    return "events", [Check("distribution", "Distribution", "info", detail)]


WAVE_WORDS = "A yearly wave cannot be told from a change."


def hides_a_wave(series: Series, phases: Phases, pairs: int) -> bool:
    """Whether a series is too short for a yearly wave, though its periods could show one."""
    if pairs or periods.per_year(series.every) < 2:
        return False
    return harmonic_pairs("auto", series, phases) == 0


def yearly_wave(series: Series, phases: Phases, pairs: int) -> list[Check]:
    """Whether the series is too short to tell a yearly wave from a change."""
    if not hides_a_wave(series, phases, pairs):
        return []
    count = int((series.present & ~phases.washed_out).sum())
    detail = (
        f"{WAVE_WORDS} {count} {periods.noun(series.every, 2)} are too few: it takes a year and a "
        "half of them, and 18 points."
    )
    return [Check("yearly_wave", "Yearly wave", "warn", detail)]


def known_failure(fitted: Fitted, likeness: Likeness | None) -> list[Check]:
    """Whether simulated series like this one are claimed to have changed too often."""
    if likeness is None or not _calibrated(fitted):
        return []
    detail = (
        f"Of 100 simulated series like this one ({likeness.words}) in which nothing changed, the "
        f"headline claims a change in {likeness.claims}, where 5 are meant."
    )
    return [Check("known_failure", "Series like this one", "warn", detail)]


def few_events(fitted: Fitted) -> list[Check]:
    """Whether a rate ratio stands for the model, for want of events."""
    if not fitted.few:
        return []
    detail = (
        f"Fewer than {FEWEST_EVENTS} events on a side: too few to allow for a trend. The rate "
        "before is compared with the rate after, exactly, and a trend that was there before would "
        "be taken for the change."
    )
    return [Check("few_events", "Too few events for a trend", "warn", detail)]


def dispersion(fitted: Fitted, series: Series) -> list[Check]:
    """Do counts vary more than chance, and does the family allow for it?"""
    if not fitted.fit.log_link:
        return []
    used = fitted.design.used
    mean = fitted.fit.mean(fitted.design.x[used]) * series.denominator[used]
    counts = series.total[used]
    ratio = float(((counts - mean) ** 2 / mean).sum()) / (len(counts) - fitted.design.x.shape[1])
    detail = f"Counts vary {ratio:.1f} times as much as chance alone (Poisson) would make them."
    if ratio > 1.5 and fitted.specification.family == "poisson":
        why = f"{detail} Poisson intervals are too narrow: use quasipoisson."
        return [Check("dispersion", "Spread of the counts", "fail", why)]
    return [
        Check("dispersion", "Spread of the counts", "pass", f"{detail} The intervals allow for it.")
    ]


def single_points(influence: pd.DataFrame, series: Series) -> Check:
    """Does the finding hang on one point?"""
    exact = influence["shift_in_se"].isna()
    if exact.any():
        when = periods.label(influence["time"][exact].iloc[0], series.every)
        return Check(
            "single_points",
            "Single points",
            "warn",
            f"Without {when} there would be no estimate: the model fits it exactly.",
        )
    largest = influence.iloc[diagnostics.most_telling(influence)].to_dict()
    when = periods.label(largest["time"], series.every)
    shift = abs(float(largest["shift_in_se"]))
    if shift > 1:
        return Check(
            "single_points",
            "Single points",
            "warn",
            f"Without {when} the change at once would be "
            f"{number(largest['level_change_without'])}, "
            f"{shift:.1f} standard errors away. Look at that point.",
        )
    return Check(
        "single_points",
        "Single points",
        "pass",
        f"The most telling point ({when}) moves it by {shift:.1f} standard errors.",
    )


def placebo_dates(placebo: pd.DataFrame) -> Check:
    """How many dates before the intervention would have been taken for a change.

    Neighbouring dates share nearly all their data, so one or two among a dozen are no surprise.
    """
    name = "Dates at which nothing happened"
    dates, clear = len(placebo), int(placebo["clear"].sum())
    if not dates:
        return Check("placebo_dates", name, "info", "Too few periods beforehand to try any.")
    counted = f"Of {dates} dates beforehand, {clear} would have been taken for a change."
    if clear < max(2, PLACEBO_SHARE * dates):
        return Check("placebo_dates", name, "pass", counted)
    return Check(
        "placebo_dates",
        name,
        "warn",
        f"{counted} The series moves by itself, or something happened then that is not recorded, "
        "so a change at the project's date means less.",
    )


def other_events(near: pd.DataFrame, listed: int, every: str, unit: str) -> Check:
    """Other things that happened near the intervention, or later in the periods that are averaged.

    Parameters
    ----------
    near : DataFrame
        See :func:`~.methods.other_events.near_the_change`.
    listed : int
        How many events the parameters list.
    every, unit : str
        Kind of period; unit of the value.
    """
    name = "Other changes at the same time"
    if len(near):
        text = [_about_event(row, every, unit) for row in rows_of(near)]
        status: Status = "info"
        if near["explains"].any():
            status = "fail" if (near["when"] == "at the same time").any() else "warn"
            text.append("The change seen cannot be put down to the intervention alone.")
        return Check("other_events", name, status, " ".join(text))
    if not listed:
        return Check(
            "other_events",
            name,
            "info",
            "No other events were listed in the parameters; that does not prove there were none.",
        )
    word = periods.noun(every, 2)
    return Check(
        "other_events",
        name,
        "pass",
        f"None of the {listed} events listed lies within {WINDOW} {word} before it, or after "
        "it within the periods that are averaged.",
    )


def _about_event(row: Any, every: str, unit: str) -> str:
    """When an event was, how much of the average lies after it, and whether it could explain it."""
    what = f"{row.event} ({periods.label(row.date, every)})"
    if row.when != "later":
        return f"{what}: at the same time."
    word = periods.noun(every, row.of)
    text = f"{what}: {row.after} of the {row.of} {word} averaged lie after it."
    if row.explains or not np.isfinite(row.estimate):
        return text
    size = lower_or_higher(row.estimate, row.ci_low, row.ci_high, unit)
    return f"{text} The change was there before it: {size} on average until then."


# ---- refusals ----------------------------------------------------------------------------------


def refuse_overlapping(series: Series, overlapping: bool | None) -> None:
    """Refuse rolling and running totals: their points share data and hide the moment of a change.

    Raises
    ------
    CannotEvaluate
        If the values were declared to overlap, or form a running total.
    """
    remedy = (
        "Give the value of each period by itself. If the values do not overlap, say so with "
        "`overlapping: false`."
    )
    if overlapping:
        raise CannotEvaluate(
            refusals.OVERLAPPING_WORDS,
            remedy="Give the value of each period by itself, or every period that shares no data.",
        )
    y = series.total[np.isfinite(series.total)]
    if overlapping is None and overlap.is_running_total(y[:, None])[0]:
        raise CannotEvaluate(
            "The values look like a running total, from the first period or from the start of each "
            "year: they only add up, from about as much as one step.",
            found=f"{y[0]:g}, {y[1]:g}, {y[2]:g} …",
            remedy=remedy,
        )


def overlap_suspected(series: Series, design: Design, overlapping: bool | None) -> list[Check]:
    """Do the values look like rolling totals? Refuse if there is no doubt, warn if there is some.

    Raises
    ------
    CannotEvaluate
        If the steps are those of a rolling total beyond doubt.
    """
    if overlapping is not None:
        return []
    rolling = refusals.rolling_totals(series.y[:, None], design, series.every)
    length, ratio = int(rolling.length[0]), float(rolling.ratio[0])
    name, total = "Overlapping values", series.total[np.isfinite(series.total)]
    if ratio <= overlap.ASKED:
        if not overlap.is_running_total(total[:, None], steady=np.inf)[0]:
            return []
        detail = (
            "None of the values is lower than the one before, and the first is about as large as "
            "one step. If they are a running total, intervals are far too narrow; say "
            "`overlapping: true` or `overlapping: false`."
        )
        return [Check("overlapping_values", name, "warn", detail)]
    word = periods.noun(series.every, 2)
    found = (
        f"neighbouring values go together as totals of {length} {word} would "
        f"(log likelihood ratio {ratio:.1f})"
    )
    if ratio > overlap.SURE:
        raise CannotEvaluate(
            f"{refusals.rolling_words(length, word)}: a change is smeared over them, and "
            "neighbouring points are not separate evidence.",
            found=found,
            remedy="Give the value of each period by itself. If the values do not overlap, say so "
            "with `overlapping: false`.",
        )
    detail = (
        f"The values may be rolling totals of {length} {word}: {found}. If they are, intervals are "
        "far too narrow; say `overlapping: true` or `overlapping: false`."
    )
    return [Check("overlapping_values", name, "warn", detail)]


def refuse_unit(smallest: float | None, y: Array) -> None:
    """Refuse a smallest change that matters in another unit than the values.

    Raises
    ------
    ParameterError
        If it is larger than every value.
    """
    largest = float(np.abs(y).max())
    if smallest is not None and smallest > largest:
        raise ParameterError(
            "`smallest` is larger than any of the values, so it is not in their unit.",
            found=f"{smallest:g}; values up to {largest:g}",
            remedy="Give it in the unit of the value: 0.05 where values are shares, 5 where they "
            "are percentages.",
        )


def refuse_flat(y: Array) -> None:
    """Refuse a series without any variation.

    Raises
    ------
    CannotEvaluate
        If every value is the same.
    """
    if refusals.is_flat(y[:, None])[0]:
        zeros = float(np.abs(y).max()) == 0
        raise CannotEvaluate(
            "Every value is the same: there is no variation in which a change could be told "
            "from chance.",
            found="all zeros" if zeros else f"all {y[0]:g}",
            remedy="Check the column and the row selection; if a zero means that nothing was "
            "returned, leave the cell blank.",
        )
