"""What each kind of result says to a roll-up: its column, a few words, its effect if it has one.

Results are read by their kind and their documented tables. A kind that is not known here stands in
the column "Other" with its headline; it is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from qieval.core.config import CONFIDENCE
from qieval.core.result import Result
from qieval.core.words import many, number

IMPROVED, WORSE, CHANGED, UNCLEAR = "improved", "worse", "changed", "unclear"
NOT_ALONE = "not alone"
DESCRIBED, FOUND = "described", "found"
NOT_EVALUATED, FAILED, NOT_RUN = "not evaluated", "failed", "not run"

STATES: dict[str, str] = {
    IMPROVED: "improved",
    WORSE: "became worse",
    CHANGED: "changed, neither better nor worse",
    NOT_ALONE: "changed, but something else changed at the same time",
    UNCLEAR: "a change can be neither shown nor ruled out",
    DESCRIBED: "described, not tested",
    FOUND: "found, as the words say",
    NOT_EVALUATED: "not evaluated",
    FAILED: "failed",
    NOT_RUN: "not run yet",
}
"""What can be said of a piece of evidence, and what it means."""

COLUMNS = (
    *("Over time", "Charts", "Audit", "Survey", "Access", "Stays"),
    *("Returns", "PDSA cycles", "Involvement", "Theory", "Other"),
)
"""Kinds of evidence, in the order in which they stand."""
CONTEXT = "Context"
WORK = ("Returns", "PDSA cycles", "Involvement", "Theory", CONTEXT)
"""Those of them on how the work itself went."""
OTHER = COLUMNS[-1]


@dataclass(frozen=True)
class Figures:
    """An estimate as numbers; what is not known is nan."""

    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    df: float


@dataclass(frozen=True)
class Effect:
    """A change that can be tested, as one result tells it.

    Attributes
    ----------
    measure : str
        What changed, in plain words.
    definition : tuple
        What must agree before two of them may be averaged.
    unit : str
        Unit of the estimate.
    direction : str
        Which way is better: lower, higher or neutral.
    figures : Figures
        The change.
    reason : str
        Why it is not tested; "" if it is.
    poolable : bool
        Whether its standard error stands on the scale of the estimate.
    relative : tuple of float
        Relative change and its standard error.
    near : list of str
        Other events within its window, as its evaluation lists them; None: it lists no events.
    takes_events : bool
        Whether this kind of evaluation can list events.
    """

    measure: str
    definition: tuple[Any, ...]
    unit: str
    direction: str
    figures: Figures
    reason: str = ""
    poolable: bool = True
    relative: tuple[float, float] = (np.nan, np.nan)
    near: tuple[str, ...] | None = None
    takes_events: bool = False


@dataclass(frozen=True)
class Reading:
    """How a kind of result is read.

    Attributes
    ----------
    column : str
        Kind of evidence.
    words : callable
        (state, words) for a cell; not asked where there is an effect that was tested.
    effect : callable, optional
        The change that it tells.
    """

    column: str
    words: Callable[[Any], tuple[str, str]]
    effect: Callable[[Any], Effect | None] = field(default=lambda result: None)


def reading_of(result: Result) -> Reading:
    """How this result is read; by its headline alone if its kind is not known."""
    return READINGS.get(result.kind, Reading(OTHER, lambda result: (FOUND, "see its page")))


# ---- effects -----------------------------------------------------------------------------------


def _its(result: Any) -> Effect:
    row = result.estimates.loc["average_effect"]
    asked, facts = result.params, result.facts
    relative = (np.nan, np.nan)
    if "relative_effect" in result.estimates.index:
        share = result.estimates.loc["relative_effect"]
        relative = float(share["estimate"]), float(share["se"])
    near = tuple(str(event["event"]) for event in facts["events_near"])
    parts = ("value", "denominator", "per", "control")
    return Effect(
        measure=str(asked["outcome"]),
        definition=("average difference", facts["unit"], *(_plain(asked[name]) for name in parts)),
        unit=str(facts["unit"]),
        direction=str(asked["direction"]),
        figures=_figures(row),
        reason="" if facts["tested"] else "too few points on one side to test a change",
        relative=relative,
        near=near if asked["events"] else None,
        takes_events=True,
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _audit(result: Any) -> Effect | None:
    wanted = ["opportunity_score_change"] if result.params["thresholds"] else []
    for term in [*wanted, "composite_change", "opportunity_score_change"]:
        if term not in result.estimates.index:
            continue
        asked = result.params
        rules = tuple(asked[name] for name in ("missing", "refused", "partly"))
        what = {"composite_change": "all of them", "opportunity_score_change": "share met"}[term]
        return Effect(
            measure=str(asked["outcome"]),
            definition=(f"change, {what}", tuple(asked["standards"]), *rules),
            unit="percentage points",
            direction="higher",
            figures=_figures(result.estimates.loc[term]),
        )
    return None


def _survey(result: Any) -> Effect | None:
    if "odds_ratio" not in result.estimates.index:
        return None
    return Effect(
        measure=str(result.params["outcome"]),
        definition=("odds ratio", tuple(result.params["items"])),
        unit="odds ratio",
        direction="higher",
        figures=_figures(result.estimates.loc["odds_ratio"], none=1.0),
        poolable=False,
    )


def _access(result: Any) -> Effect | None:
    if "difference" not in result.estimates.index:
        return None
    row = result.estimates.loc["difference"]
    if not np.isfinite(float(row["ci_low"])):
        return None
    asked = result.params
    target = asked.get("target", asked.get("target_days"))
    return Effect(
        measure=f"{asked['outcome']}: within {target:g} {asked['clock']}",
        definition=("difference of shares", asked["care"], target, asked["clock"]),
        unit="share of referrals",
        direction="higher",
        figures=_figures(row),
    )


def _figures(row: Any, none: float = 0.0) -> Figures:
    """The figures of an estimate; what it lacks is taken from the width of its interval.

    Newcombe's intervals, for example, have neither a standard error nor a p value.
    """
    value, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    se, p_value, df = (float(row[name]) for name in ("se", "p_value", "df"))
    if not np.isfinite(se):
        se = (high - low) / 2 / float(stats.norm.ppf(0.5 + CONFIDENCE / 2))
    if not np.isfinite(p_value):
        p_value = float(2 * stats.norm.sf(abs(value - none) / se)) if se > 0 else np.nan
    return Figures(value, se, low, high, p_value, df)


# ---- words for a cell --------------------------------------------------------------------------


def _described(result: Any) -> tuple[str, str]:
    return DESCRIBED, "described"


def _run_chart(result: Any) -> tuple[str, str]:
    last = result.last
    if len(last) > 1:
        return FOUND, f"{int(last['signal'].sum())} of {len(last)} signal"
    row = last.iloc[0]
    if not row["signal"]:
        return UNCLEAR, "no signal"
    wanted = {"lower": -1, "higher": 1}.get(result.params["direction"], 0)
    way = int(row["way"]) * wanted
    words = {1: (IMPROVED, "signal, better"), -1: (WORSE, "signal, worse")}
    return words.get(way, (CHANGED, "signal"))


_VARIATION = {
    "improvement": (IMPROVED, "special cause, better"),
    "concern": (WORSE, "special cause, concern"),
    "neutral": (CHANGED, "special cause"),
    "common_cause": (UNCLEAR, "usual variation"),
    "": (DESCRIBED, "not judged"),
}


def _control_chart(result: Any) -> tuple[str, str]:
    last = result.last
    if len(last) == 1:
        return _VARIATION[last.iloc[0]["variation"]]
    better = int((last["variation"] == "improvement").sum())
    return FOUND, f"{better} of {len(last)} better"


def _family(result: Any) -> tuple[str, str]:
    found = result.judged["variation"].tolist()
    better, worse = found.count("improvement"), found.count("concern")
    words = f"{better} of {len(found)} better{f', {worse} of concern' if worse else ''}"
    return (
        FOUND if better and worse else IMPROVED if better else WORSE if worse else UNCLEAR
    ), words


def _funnel(result: Any) -> tuple[str, str]:
    flags = result.points["flag"].astype("str")
    return FOUND, f"{int(flags.str.endswith('99.8%').sum())} of {len(flags)} outside"


def _survey_words(result: Any) -> tuple[str, str]:
    rows = result.changes
    if rows.empty or not rows["tested"].any():
        return DESCRIBED, "described"
    better, worse = (int((rows["direction"] == way).sum()) for way in ("better", "worse"))
    return FOUND, f"{better} of {len(rows)} better{f', {worse} worse' if worse else ''}"


def _completeness(result: Any) -> tuple[str, str]:
    return FOUND, f"{number(100 * result.came / result.expected, 0)}% came"


def _pdsa(result: Any) -> tuple[str, str]:
    rows = result.projects
    if len(rows) == 1:
        return FOUND, f"{int(rows['met'].iloc[0])} of 4 features"
    return FOUND, many(len(result.points), "cycle")


def _involvement(result: Any) -> tuple[str, str]:
    blank = len(result.not_recorded())
    if blank == len(result.stages):
        return FOUND, "not recorded"
    least = result.levels[0]
    rows = result.occasions
    took = rows.loc[rows["level"].isin(set(result.levels) - {least}), "stage"].nunique()
    return FOUND, f"{took} of {len(result.stages)} stages"


def _theory(result: Any) -> tuple[str, str]:
    there = int(result.estimates.loc["aim_parts", "estimate"])
    return FOUND, f"aim: {there} of 4 parts"


READINGS: dict[str, Reading] = {
    "interrupted_time_series": Reading("Over time", _described, _its),
    "run_chart": Reading("Charts", _run_chart),
    "control_chart": Reading("Charts", _control_chart),
    "family_of_measures": Reading("Charts", _family),
    "audit": Reading("Audit", _described, _audit),
    "funnel": Reading("Audit", _funnel),
    "survey": Reading("Survey", _survey_words, _survey),
    "waits": Reading("Access", _described, _access),
    "crisis_access": Reading("Access", _described, _access),
    "length_of_stay": Reading("Stays", _described),
    "readmissions": Reading("Stays", _described),
    "patient_flow": Reading("Stays", _described),
    "completeness": Reading("Returns", _completeness),
    "pdsa_review": Reading("PDSA cycles", _pdsa),
    "involvement": Reading("Involvement", _involvement),
    "theory_of_change": Reading("Theory", _theory),
}
