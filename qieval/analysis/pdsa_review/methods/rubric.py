"""The rubric: what each feature of a cycle is scored by, and what a project is held against.

Features after Taylor et al. 2014 (BMJ Quality & Safety 23:290, table 2); thresholds after Knudsen
et al. 2019 (BMC Health Services Research 19:683, table 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

NUMBERS = ("0", "1", "2")
CANNOT_TELL, NOT_RECORDED = "cannot tell", "not recorded"
YES, NO = "yes", "no"

ENOUGH_POINTS = 3
"""Consecutive measurements that show a course over time (Knudsen 2019)."""
TEXTS = ("change", "prediction", "learning")
"""Columns of free text: never shown unless somebody has checked them."""


@dataclass(frozen=True)
class Feature:
    """One feature of the rubric.

    Attributes
    ----------
    name : str
        In plain words.
    scored : dict
        What 0, 1 and 2 stand for.
    by : str
        Who scores it: "the log" by rule, or "reviewers" who read its text.
    """

    name: str
    scored: dict[str, str]
    by: str


def features(small_share: float) -> dict[str, Feature]:
    """The five features by the name of their reviewers' column."""
    small = f"{100 * small_share:.0f}%"
    return {
        "iterative": Feature(
            "Builds on another cycle",
            {
                "0": "stands alone, and what comes next is not recorded",
                "1": "a later cycle builds on it, or a decision says what comes next",
                "2": "builds on an earlier cycle",
            },
            "the log",
        ),
        "prediction_score": Feature(
            "Tests a prediction",
            {
                "0": "reviewers found none",
                "1": "written down (more only a reader can tell)",
                "2": "reviewers found it explicit",
            },
            "reviewers",
        ),
        "small_scale": Feature(
            "Small scale",
            {
                "0": "everyone at once",
                "1": "smaller than the whole",
                "2": f"at most {small} of the whole",
            },
            "the log",
        ),
        "data_over_time": Feature(
            "Data over time",
            {
                "0": "nothing measured",
                "1": f"fewer than {ENOUGH_POINTS} measurements in a row",
                "2": f"{ENOUGH_POINTS} or more measurements in a row",
            },
            "the log",
        ),
        "documentation": Feature(
            "Written down",
            {
                "0": "at most one of change, prediction, learning and decision",
                "1": "two or three of them",
                "2": "all four",
            },
            "reviewers",
        ),
    }


def flags(cycles: pd.DataFrame, *, links_known: bool) -> pd.DataFrame:
    """Of each cycle, whether it was linked, predicted, small and measured."""
    size, whole, points = (cycles[name] for name in ("size", "whole", "data_points"))
    unlinked = NO if links_known else NOT_RECORDED
    return pd.DataFrame(
        {
            "linked": np.where(cycles["follows"].notna(), YES, unlinked),
            "predicted": np.where(cycles["prediction"].notna(), YES, NOT_RECORDED),
            "small": _answer(size < whole, size.notna() & whole.notna()),
            "measured": _answer(points >= ENOUGH_POINTS, points.notna()),
        },
        index=cycles.index,
    )


def _answer(true: pd.Series, known: pd.Series) -> np.ndarray:
    return np.where(known, np.where(true, YES, NO), NOT_RECORDED)


def scores(
    cycles: pd.DataFrame, read: pd.DataFrame, *, small_share: float, links_known: bool
) -> pd.DataFrame:
    """The score of every cycle and feature: 0, 1, 2, cannot tell, or not recorded.

    Parameters
    ----------
    cycles : DataFrame
        One row a cycle.
    read : DataFrame
        What the reviewers gave the same cycles, one column a feature, the lower score where two
        differ; missing where nobody scored.
    small_share : float
        Share of the whole up to which a test counts as 2.
    links_known : bool
        Whether the log has a column for what a cycle builds on.
    """
    written = cycles[[*TEXTS, "decision"]].notna().sum(axis=1)
    by_rule = np.select([written == 4, written >= 2], ["2", "1"], "0")
    unread = read["prediction_score"].fillna("1")
    return pd.DataFrame(
        {
            "iterative": _iterative(cycles) if links_known else NOT_RECORDED,
            "prediction_score": unread.where(cycles["prediction"].notna(), NOT_RECORDED),
            "small_scale": _small(cycles, small_share),
            "data_over_time": _points(cycles["data_points"]),
            "documentation": read["documentation"].fillna(pd.Series(by_rule, cycles.index)),
        },
        index=cycles.index,
    )


def _iterative(cycles: pd.DataFrame) -> np.ndarray:
    followed = cycles["key"].isin(cycles["follows_key"])
    next_recorded = cycles["decision"].notna()
    return np.select([cycles["follows"].notna(), followed | next_recorded], ["2", "1"], "0")


def _small(cycles: pd.DataFrame, small_share: float) -> np.ndarray:
    size, whole = cycles["size"], cycles["whole"]
    unknown = size.isna() | whole.isna()
    # A share such as 0.1 is not exact in binary: 3 of 30 must be at most a tenth.
    little = size <= small_share * whole + 1e-9
    return np.select([unknown, size >= whole, little], [NOT_RECORDED, "0", "2"], "1")


def _points(points: pd.Series) -> np.ndarray:
    return np.select(
        [points.isna(), points >= ENOUGH_POINTS, points > 0], [NOT_RECORDED, "2", "1"], "0"
    )


# ---- of a project ------------------------------------------------------------------------------

KEY = {
    "linked": "At least two cycles, one building on the other",
    "predicted": "At least one prediction written down",
    "small": "First test smaller than the whole unit",
    "measured": f"At least one cycle with {ENOUGH_POINTS} or more measurements in a row",
}
"""Key features of a project, by the flag of its cycles that they rest on."""


def key_features(cycles: pd.DataFrame) -> dict[str, str]:
    """Of one project's cycles: each key feature, yes, no or not recorded."""
    return {name: _first_small(cycles) if name == "small" else _any(cycles[name]) for name in KEY}


def _any(answers: pd.Series) -> str:
    return next((answer for answer in (YES, NO) if answer in set(answers)), NOT_RECORDED)


def _first_small(cycles: pd.DataFrame) -> str:
    """Whether the first test of all was smaller than the whole; it builds on none before it."""
    first = cycles[cycles["follows"].isna()]
    if len(first) > 1 and first["started"].isna().any():
        return NOT_RECORDED
    first = first[first["started"].isna() | (first["started"] == first["started"].min())]
    answers = set(first["small"])
    return NO if NO in answers else NOT_RECORDED if NOT_RECORDED in answers else YES
