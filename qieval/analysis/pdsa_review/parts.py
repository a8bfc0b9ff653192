"""Parts of the page: key features, ramps, scores, reviewers, and the rubric itself."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from qieval.analysis.pdsa_review import words
from qieval.analysis.pdsa_review.found import Found
from qieval.analysis.pdsa_review.rubric import KEY, features
from qieval.core.parts import Part
from qieval.core.words import many, number, sentence


def counts(result: Found) -> Part:
    """How many cycles have what."""
    table, caption = result.estimates_in_words()
    return Part(
        "What the log shows",
        "Counted as recorded. A later cycle may rightly take in everyone.",
        table,
        caption,
        ("Found",),
    )


def key_features(result: Found) -> Part:
    """Each key feature, project by project."""
    projects = result.projects
    if len(projects) == 1:
        table = pd.DataFrame(
            {
                "Key feature": list(KEY.values()),
                "In the log": [sentence(projects[name].iloc[0]).rstrip(".") for name in KEY],
            }
        )
    else:
        table = projects[["project", *KEY]].rename(columns={"project": "Project", **KEY})
    return Part(
        "The key features of the method",
        "The thresholds of a published review. Not recorded is neither yes nor no.",
        table,
        "Key features after Knudsen 2019, with Taylor 2014 for predictions",
    )


def ramps(result: Found) -> Part:
    """Each chain of cycles."""
    rows = result.ramps
    table = pd.DataFrame(
        {
            "Ramp": rows["ramp"],
            **({"Project": rows["project"]} if len(result.projects) > 1 else {}),
            "Cycles": rows["cycles"],
            "Scale of the tests": rows["scale"],
            "Last decision": rows["decision"].replace("", "not recorded"),
        }
    )
    linked = rows["n"].max()
    said = (
        f"The longest ramp has {many(int(linked), 'cycle')}."
        if linked > 1
        else "Every cycle stands by itself."
    )
    return Part("Ramps: cycles that build on one another", said, table, "Ramps", ())


def scores(result: Found) -> Part:
    """Each cycle's scores."""
    known = features(result.params["small_share"])
    table = pd.DataFrame(
        {
            "Cycle": result.points["name"],
            **{feature.name: result.points[name] for name, feature in known.items()},
        }
    )
    return Part(
        "Each cycle by the rubric",
        "0: not there; 1: in part; 2: there. A test of everyone at once is no fault at the end "
        "of a ramp: it is scored 0 for being small, and 2 for building on the tests before it.",
        table,
        "Scores of each cycle",
    )


def rubric(result: Found) -> Part:
    """What each score stands for, and who gives it."""
    known = features(result.params["small_share"])
    table = pd.DataFrame(
        [
            (feature.name, *feature.scored.values(), f"scored by {feature.by}")
            for feature in known.values()
        ],
        columns=["Feature", "0", "1", "2", "By"],
    )
    return Part(
        "The rubric",
        "After Taylor 2014. What stands in columns of its own is scored by a rule, what stands in "
        "text by reviewers; without them only by whether something is written.",
        table,
        "What each score stands for",
    )


def reviewers(result: Found) -> Part:
    """How far two reviewers agree, by feature."""
    known = features(result.params["small_share"])
    rows = result.agreement
    table = pd.DataFrame(
        {
            "Feature": [known[name].name for name in rows["feature"]],
            "Same score": [
                f"{same} of {n}" for same, n in zip(rows["same"], rows["pairs"], strict=True)
            ],
            "One apart": rows["one_apart"],
            "Two apart": rows["two_apart"],
            "One or both could not tell": rows["untold"],
            "Kappa, linear": [_kappa(value) for value in rows["kappa_linear"]],
        }
    )
    linear = words.kappa_in_words(result.estimates, "linear")
    quadratic = words.kappa_in_words(result.estimates, "quadratic")
    n = result.term("kappa_linear").n
    return Part(
        "How far two reviewers agree",
        f"Over all features: weighted kappa {linear} with linear and {quadratic} with quadratic "
        f"weights, from {many(n, 'pair')} of scores. 1 is full agreement, 0 what chance alone "
        "would give.",
        table,
        "Agreement by feature; where they differ, the lower score counts",
        ("One apart", "Two apart", "One or both could not tell", "Kappa, linear"),
    )


def disagreements(result: Found) -> Part:
    """Every cycle and feature on which they differ."""
    table = result.disagreements.set_axis(
        ["Cycle", "Feature", "First reviewer", "Second reviewer"], axis=1
    )
    return Part(
        "To talk over",
        f"The two reviewers differ on {many(len(table), 'score')}.",
        table,
        "Scores on which the two reviewers differ",
    )


def _kappa(value: float) -> str:
    return "too few" if pd.isna(value) else number(value, 2)


PARTS: dict[str, Callable[[Found], Part]] = {
    "counts": counts,
    "key_features": key_features,
    "ramps": ramps,
    "scores": scores,
    "reviewers": reviewers,
    "disagreements": disagreements,
    "rubric": rubric,
}


def names(result: Found) -> list[str]:
    """The parts that these cycles have something to say about."""
    two = bool(result.agreement["pairs"].sum() + result.agreement["untold"].sum())
    differ = len(result.disagreements) > 0
    shown = {"reviewers": two, "disagreements": differ}
    return [name for name in PARTS if shown.get(name, True)]
