"""What changed between two waves, item by item and on average; and whether groups differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from qieval.analysis.survey.methods.groups import EVERYBODY
from qieval.analysis.survey.methods.ordinal import (
    Fit,
    against_separate,
    proportional_odds,
    robust,
    steps_of,
    superiority,
)
from qieval.analysis.survey.methods.scale import Scale
from qieval.core.proportions import Ends, difference, difference_p

FEWEST = 30
"""With fewer answers than this in a wave a change is described, not tested."""

ENOUGH_CLUSTERS = 10
"""With fewer groups than this no standard error can be had from how they differ."""

STEP_COLUMNS = ["item", "level", "odds_ratio", "low", "high"]
BETWEEN_COLUMNS = ["item", "wave", "groups", "n", "statistic", "df", "p_value", "adjusted"]


@dataclass(frozen=True)
class Changed:
    """The change between two waves.

    Attributes
    ----------
    items : list of dict
        One an item: ``item, n, tested``; ``points`` (difference of the positive share, Ends),
        ``points_p``. Where tested, ``judged_by`` (odds, share or chance), ``adjusted``
        (its p value, with all items allowed for), ``better`` (Superiority), ``check_p``; where the
        model could be fitted, ``odds`` (Ends), ``df``, ``p_value``. ``why_not``: why it is not
        judged by the odds.
    average : dict or None
        Where every item that was tested is judged by its odds, their geometric mean: ``odds, df,
        p_value, n, items, differ_p`` (are the items' changes unlike one another?).
    steps : DataFrame
        Odds ratio of each item at each step of the scale.
    clustered : str
        What the standard errors allow for: "", "people" or "groups".
    """

    items: list[dict[str, Any]]
    average: dict[str, Any] | None
    steps: pd.DataFrame
    clustered: str


def changed(
    answers: pd.DataFrame,
    scale: Scale,
    items: Sequence[str],
    pair: tuple[str, str],
    *,
    by_group: bool,
    same_people: bool,
    smallest: int,
    confidence: float,
) -> Changed:
    """The change from the first wave of a pair to the other.

    Parameters
    ----------
    answers : DataFrame
        ``who, wave, group, item, place``; groups as they are shown, so that none is tiny.
    by_group : bool
        Whether the models hold the groups apart: each has a level of its own.
    same_people : bool
        Whether some people answered both times.
    """
    rows = answers[(answers["place"] >= 0) & answers["wave"].isin(pair)]
    # The search for a maximum adds up in this order: rows turned round give the same last digit.
    rows = rows.sort_values(["item", "wave", "group", "place"], kind="stable")
    groups = rows["group"].nunique()
    clustered = "groups" if groups >= ENOUGH_CLUSTERS else "people" if same_people else ""
    changes, fits, steps = [], {}, []
    for item in items:
        own = rows[rows["item"] == item]
        first, last = (_counts(own[own["wave"] == wave], scale) for wave in pair)
        one: dict[str, Any] = {"item": item, "n": int(first.sum() + last.sum())}
        changes.append(one)
        few, fewest = min(first.sum(), last.sum()), max(FEWEST, smallest)
        one |= _points([first, last], scale, confidence) if few >= smallest else {"points": None}
        if few < fewest:
            one |= {"tested": False, "why_not": f"fewer than {fewest} answers in a wave"}
            continue
        fit = _fit(own, pair, by_group)
        check = against_separate(first, last, None if by_group else fit)
        one |= {
            "tested": True,
            "why_not": fit if isinstance(fit, str) else "",
            "better": superiority(first, last, confidence),
            "check_p": check.p_value if check else np.nan,
        }
        if isinstance(fit, Fit):
            one |= _odds(fit, own, clustered, confidence)
            fits[item] = fit
        cuts = steps_of(first, last, confidence)
        steps += [(item, scale.order[at], *ends) for at, ends in enumerate(cuts, start=1)]
    tested = [one for one in changes if one["tested"]]
    _judge(tested, confidence)
    by_odds = len(tested) > 1 and all(one["judged_by"] == "odds" for one in tested)
    average = _average(fits, rows, clustered, confidence) if by_odds else None
    return Changed(changes, average, pd.DataFrame(steps, columns=STEP_COLUMNS), clustered)


def _counts(rows: pd.DataFrame, scale: Scale) -> np.ndarray:
    return np.bincount(rows["place"], minlength=scale.levels).astype(float)


def _points(counts: list[np.ndarray], scale: Scale, confidence: float) -> dict[str, Any]:
    """Difference of the positive shares in percentage points (Newcombe), and its p value."""
    before, after = ((c[-scale.positive :].sum(), c.sum()) for c in counts)
    ends = Ends(*(100 * end for end in difference(before, after, confidence)))
    return {"points": ends, "points_p": difference_p(before, after)}


def _fit(own: pd.DataFrame, pair: tuple[str, str], by_group: bool) -> Fit | str:
    later = np.where(own["wave"] == pair[1], 1.0, 0.0)
    others = None
    if by_group and len(own["group"].unique()) > 1:
        names = sorted(own["group"].unique())[1:]
        others = np.column_stack([own["group"] == name for name in names]).astype(np.float64)
    return proportional_odds(own["place"].to_numpy(), later, others)


def _clusters(rows: pd.DataFrame, clustered: str) -> np.ndarray:
    return rows["group" if clustered == "groups" else "who"].to_numpy(dtype=str)


def _odds(fit: Fit, own: pd.DataFrame, clustered: str, confidence: float) -> dict[str, Any]:
    se, df = fit.se, np.inf
    if clustered:
        covariance, count = robust(fit.pulls[:, None], _clusters(own, clustered))
        se = float(np.sqrt(covariance[0, 0]))
        df = count - 1.0 if clustered == "groups" else np.inf
    return _of_ratio(fit.log_odds, se, df, confidence)


def _of_ratio(log_odds: float, se: float, df: float, confidence: float) -> dict[str, Any]:
    """An odds ratio with its interval and p value; t, or normal where `df` is infinite."""
    reach = stats.t.ppf(0.5 + confidence / 2, df) * se
    return {
        "odds": Ends(*map(float, np.exp([log_odds, log_odds - reach, log_odds + reach]))),
        "df": df if np.isfinite(df) else np.nan,
        "p_value": float(2 * stats.t.sf(abs(log_odds) / se, df)),
    }


def _judge(tested: list[dict[str, Any]], confidence: float) -> None:
    """By what each item is judged, and p values that allow for all of them.

    By the odds ratio where the model fits, else by the share of positive answers: one odds ratio
    cannot tell answers that left both ends for the middle, and there is none where no answers
    overlap. If there the share does not tell, since the answers moved on one side of it, the chance
    that the later is better does. Both the check of the model and the test allow for several items.
    """
    checked = [one for one in tested if np.isfinite(one["check_p"])]
    for one, p_value in zip(checked, _adjusted([one["check_p"] for one in checked]), strict=True):
        one["check_p"] = p_value
        if p_value < 1 - confidence:
            one["why_not"] = "the change differs between steps of the scale"
    for one in tested:
        by_share, by_chance = one["points_p"], one["better"].p_value
        one["judged_by"], one["adjusted"] = ("share", by_share)
        if not one["why_not"]:
            one["judged_by"], one["adjusted"] = ("odds", one["p_value"])
        elif "odds" not in one and by_chance < 1 - confidence <= by_share:
            one["judged_by"], one["adjusted"] = ("chance", by_chance)
    p_values = [one["adjusted"] for one in tested]
    for one, p_value in zip(tested, _adjusted(p_values), strict=True):
        one["adjusted"] = p_value


def _adjusted(p_values: Sequence[float]) -> list[float]:
    """P values that allow for several items (Benjamini and Hochberg 1995)."""
    return [float(p) for p in stats.false_discovery_control(p_values)] if len(p_values) else []


def _average(
    fits: dict[str, Fit], rows: pd.DataFrame, clustered: str, confidence: float
) -> dict[str, Any]:
    """Mean of the log odds ratios, with what the items of one person have in common allowed for."""
    pulls = []
    for item, fit in fits.items():
        own = rows[rows["item"] == item]
        pulls.append(pd.Series(fit.pulls).groupby(_clusters(own, clustered)).sum())
    table = pd.concat(pulls, axis=1).fillna(0.0)
    covariance, count = robust(table.to_numpy(), table.index.to_numpy(dtype=str))
    logs = np.array([fit.log_odds for fit in fits.values()])
    items = len(logs)
    mean, se = float(logs.mean()), float(np.sqrt(covariance.sum())) / items
    df = count - 1.0 if clustered == "groups" else np.inf
    contrast = np.eye(items)[1:] - np.eye(items)[0]
    apart = contrast @ logs
    spread = contrast @ covariance @ contrast.T
    # With few clusters a test of many contrasts has too little to stand on.
    enough = count > 2 * items
    statistic = float(apart @ np.linalg.solve(spread, apart)) if enough else np.nan
    return {
        **_of_ratio(mean, se, df, confidence),
        "n": len(rows[rows["item"].isin(fits)]["who"].unique()),
        "items": items,
        "differ_p": float(stats.chi2.sf(statistic, items - 1)) if enough else np.nan,
    }


# ---- groups ------------------------------------------------------------------------------------


def between_groups(
    answers: pd.DataFrame, items: Sequence[str], wave: str, smallest: int
) -> pd.DataFrame:
    """Whether groups answered differently in a wave, an item a row: Kruskal and Wallis.

    Groups are those shown; ``adjusted`` allows for several items (Benjamini and Hochberg).
    """
    rows = answers[(answers["place"] >= 0) & (answers["wave"] == wave)]
    rows = rows[rows["group"] != EVERYBODY]
    tests = []
    for item in items:
        samples = [
            sample["place"].to_numpy() for _, sample in rows[rows["item"] == item].groupby("group")
        ]
        samples = [sample for sample in samples if len(sample) >= smallest]
        if len(samples) < 2 or len(np.unique(np.concatenate(samples))) < 2:
            continue
        statistic, p_value = stats.kruskal(*samples)
        size = sum(map(len, samples))
        tests.append((item, wave, len(samples), size, statistic, len(samples) - 1, p_value))
    table = pd.DataFrame(tests, columns=BETWEEN_COLUMNS[:-1])
    return table.assign(adjusted=np.asarray(_adjusted(table["p_value"].tolist()), dtype=float))
