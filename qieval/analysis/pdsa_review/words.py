"""A review of cycles in plain words: for learning, never blame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.rubric import KEY, NO, NOT_RECORDED, YES
from qieval.core.words import in_a_row, many, number, sentence

PUBLISHED = (
    "For comparison: of 120 published projects 98% claimed an improvement and 27% stated a "
    "quantitative aim and reached it; of the 72 that described their cycles well enough, 3 (4%) "
    "had all four key features of the method (Knudsen et al. 2019, BMC Health Services Research "
    "19:683). Their fourth feature was a stated theory of why the change should work; a log of "
    "cycles holds predictions instead (Taylor et al. 2014, BMJ Quality & Safety 23:290)."
)

_VERBS = {
    "linked": ("builds on an earlier one", "build on an earlier one"),
    "predicted": ("has a prediction", "have a prediction"),
    "small": ("is smaller than the whole", "are smaller than the whole"),
    "measured": (
        "has three or more measurements in a row",
        "have three or more measurements in a row",
    ),
}
"""What a cycle of each flag is or has: of one, of several."""

_NEXT = {
    ("linked", NO): "No cycle is recorded as building on another; writing down which one it builds "
    "on would show what was learnt on the way.",
    ("linked", NOT_RECORDED): "The log has no column for what a cycle builds on.",
    (
        "predicted",
        NOT_RECORDED,
    ): "No prediction is written down; one line on what is expected makes the next cycle a test.",
    ("small", NO): "The first test took in everyone; a smaller first test leaves room to adapt.",
    ("small", NOT_RECORDED): "How large the first test was is not recorded.",
    ("measured", NO): "No cycle had three measurements in a row; a few more points would show "
    "whether a change lasts.",
    ("measured", NOT_RECORDED): "How many measurements were taken is not recorded.",
}


def headline(points: pd.DataFrame, ramps: int, projects: int) -> str:
    """How many cycles there are, and what they have."""
    count = len(points)
    counts = {name: int((points[name] == YES).sum()) for name in KEY}
    if count == 1:
        said = [_VERBS[name][0] for name in KEY if counts[name]]
        if not said:
            return "One cycle; the log shows none of the four key features."
        return sentence(f"One cycle, which {in_a_row(said)}")
    where = f" of {many(projects, 'project')}" if projects > 1 else ""
    said = [f"{counts[name] or 'none'} {_VERBS[name][counts[name] > 1]}" for name in KEY]
    return sentence(f"{many(count, 'cycle')}{where} in {many(ramps, 'ramp')}: {in_a_row(said)}")


def project_details(project: pd.Series) -> str:
    """One project's key features: what is there, and what would help the next cycle."""
    met = [name for name in KEY if project[name] == YES]
    there = {
        "linked": "cycles that build on one another",
        "predicted": "a prediction",
        "small": "a first test smaller than the whole",
        "measured": "three or more measurements in a row",
    }
    if len(met) == len(KEY):
        said = [f"All four key features are there: {in_a_row(list(there.values()))}."]
    elif met:
        said = [f"{len(met)} of four key features: {in_a_row([there[name] for name in met])}."]
    else:
        said = ["None of the four key features is recorded."] if project["cycles"] > 1 else []
    said += [_NEXT[name, project[name]] for name in KEY if name not in met]
    return " ".join(said)


def several_details(projects: pd.DataFrame) -> str:
    """Several projects: how many have each key feature."""
    total = len(projects)
    said = [
        f"{KEY[name][:1].lower() + KEY[name][1:]}: {int((projects[name] == YES).sum())} of {total}"
        for name in KEY
    ]
    whole = int((projects["met"] == len(KEY)).sum())
    all_four = f"{whole} of {total} projects" if whole else f"none of {total} projects"
    return (
        f"Projects with each key feature: {'; '.join(said)}. All four: {all_four}. A feature that "
        "is not recorded is not counted as there."
    )


def kappa_in_words(estimates: pd.DataFrame, weights: str) -> str:
    """Kappa with its interval: "0.71 (0.52 to 0.90)"."""
    value, low, high = (
        float(estimates[name][f"kappa_{weights}"]) for name in ("estimate", "ci_low", "ci_high")
    )
    if np.isnan(value):
        return "not worked out"
    if np.isnan(low):
        return f"{number(value, 2)} (full agreement; no interval)"
    return f"{number(value, 2)} ({number(low, 2)} to {number(high, 2)})"
