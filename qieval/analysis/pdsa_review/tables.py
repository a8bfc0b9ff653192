"""The tables of a review of PDSA cycles: what their columns are, and how they are computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.methods.agreement import Kappa
from qieval.analysis.pdsa_review.methods.ramps import ramp_numbers
from qieval.analysis.pdsa_review.methods.rubric import KEY, TEXTS, YES, features, key_features
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import ESTIMATES, Column, Declaration

CYCLES = (
    Column("name", "Cycle", "label"),
    Column("ramp", "Ramp", "label"),
    Column("follows", "Builds on", "label"),
    Column("began", "Began", "label"),
    Column("finished", "Ended", "label"),
    Column("size_of_test", "Size of the test", "text"),
    Column("measurements", "Measurements", "label"),
    Column("decision", "Decision", "label"),
    Column("measure", "Measure", "label"),
)
"""Cycles as a page shows them; texts only if they have been checked."""
TEXT_COLUMNS = tuple(Column(name, name.capitalize(), "text") for name in TEXTS)

RAMPS = (
    Column("ramp", "Ramp", "label"),
    Column("project", "Project", "label"),
    Column("cycles", "Cycles", "text"),
    Column("scale", "Scale of the tests", "text"),
    Column("decision", "Last decision", "label"),
)
PROJECTS = (
    Column("project", "Project", "label"),
    *(Column(name, words, "label") for name, words in KEY.items()),
)
SCORES = tuple(Column(name, one.name, "label") for name, one in features(0.25).items())
AGREEMENT = (
    Column("feature", "Feature", "label"),
    Column("same", "Same score", "number"),
    Column("one_apart", "One apart", "number"),
    Column("two_apart", "Two apart", "number"),
    Column("pairs", "Of", "number"),
    Column("untold", "One or both could not tell", "number"),
    Column("kappa_linear", "Kappa, linear", "estimate", "2"),
)
DISAGREEMENTS = (
    Column("cycle", "Cycle", "label"),
    Column("feature", "Feature", "label"),
    Column("first", "First reviewer", "label"),
    Column("second", "Second reviewer", "label"),
)
POINTS = Declaration(
    "points",
    (
        *(column for column in CYCLES if column.name in ("name", "ramp", "follows", "decision")),
        Column("measure", "Measure", "label"),
        Column("key", "Key", "label"),
        Column("project", "Project", "label"),
        Column("cycle", "Cycle", "label"),
        Column("started", "Began", "period"),
        Column("ended", "Ended", "period"),
        Column("size", "In the test", "number"),
        Column("whole", "Of", "number"),
        Column("data_points", "Measurements", "label"),
        *PROJECTS[1:],
        *SCORES,
    ),
)
DECLARED = (
    POINTS,
    ESTIMATES,
    Declaration(
        "ramps",
        (
            *RAMPS,
            Column("n", "Cycles", "label"),
            Column("started", "Began", "period"),
            Column("ended", "Ended", "period"),
        ),
    ),
    Declaration(
        "projects",
        (
            *PROJECTS,
            Column("cycles", "Cycles", "label"),
            Column("ramps", "Ramps", "label"),
            Column("met", "Key features", "label"),
        ),
    ),
    Declaration(
        "agreement", (*AGREEMENT, Column("kappa_quadratic", "Kappa, quadratic", "estimate", "2"))
    ),
    Declaration("disagreements", DISAGREEMENTS),
)


def points_table(
    cycles: pd.DataFrame, flagged: pd.DataFrame, scored: pd.DataFrame, text_checked: bool
) -> pd.DataFrame:
    """One row a cycle, for the figure and the page; the texts only if they have been checked."""
    points = cycles.drop(columns=[*TEXTS, "follows_key"])
    texts = ["project", "cycle", "follows", "decision", "measure"]
    points[texts] = points[texts].astype(object).fillna("")
    several = len(points["project"].unique()) > 1
    points["name"] = points["project"] + ": " + points["cycle"] if several else points["cycle"]
    points["ramp"] = ramp_numbers(cycles)
    points = pd.concat([points, flagged, scored], axis=1)
    if text_checked:
        points[list(TEXTS)] = cycles[list(TEXTS)].astype(object).fillna("")
    return points


def projects_table(cycles: pd.DataFrame) -> pd.DataFrame:
    """One row a project: its cycles and ramps, and each key feature: yes, no, not recorded."""
    rows = []
    for project, own in cycles.groupby(cycles["project"].fillna(""), sort=False):
        met = key_features(own)
        count = sum(answer == YES for answer in met.values())
        about = {"project": project, "cycles": len(own), "ramps": own["ramp"].nunique()}
        rows.append({**about, **met, "met": count})
    return pd.DataFrame(rows)


def review_estimates(
    points: pd.DataFrame, projects: pd.DataFrame, pairs: pd.DataFrame, kappas: Mapping[str, Kappa]
) -> pd.DataFrame:
    """Counts of cycles and key features, and how far two reviewers agree."""
    n = len(points)
    counts: dict[str, tuple[float, str, int]] = {
        "cycles": (n, "cycles", n),
        "ramps": (points["ramp"].nunique(), "ramps", n),
        **{name: (int((points[name] == YES).sum()), "cycles", n) for name in KEY},
        "key_features": (float(projects["met"].mean()), "of four key features", len(projects)),
    }
    rows = [
        estimate_row(term, value, unit=unit, n=count, method="counted")
        for term, (value, unit, count) in counts.items()
    ]
    rows += [
        estimate_row(
            f"kappa_{weights}",
            kappa.value,
            kappa.low,
            kappa.high,
            unit="kappa",
            n=kappa.n,
            method=f"weighted kappa, {weights} weights",
            se=kappa.se,
        )
        for weights, kappa in kappas.items()
    ]
    same = 100 * float((pairs["first"] == pairs["second"]).mean()) if len(pairs) else np.nan
    rows.append(estimate_row("same_score", same, unit="%", n=len(pairs), method="counted"))
    return estimates_table(rows)


def disagreements_table(
    pairs: pd.DataFrame, points: pd.DataFrame, known: Mapping[str, Any]
) -> pd.DataFrame:
    """Every cycle and feature on which the two differ: ``cycle, feature, first, second``."""
    differ = pairs[pairs["first"] != pairs["second"]]
    place = {key: at for at, key in enumerate(points["key"])}
    order = list(known)
    differ = differ.iloc[
        sorted(
            range(len(differ)),
            key=lambda row: (
                place[differ["key"].iloc[row]],
                order.index(differ["feature"].iloc[row]),
            ),
        )
    ]
    names = points.set_index("key")["name"]
    return pd.DataFrame(
        {
            "cycle": differ["key"].map(names).tolist(),
            "feature": [known[feature].name for feature in differ["feature"]],
            "first": differ["first"].tolist(),
            "second": differ["second"].tolist(),
        }
    )
