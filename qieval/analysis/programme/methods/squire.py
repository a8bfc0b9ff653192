"""SQUIRE 2.0: the items of a report of an improvement, filled from results or not reported.

Source: Ogrinc et al 2016, SQUIRE 2.0 (Standards for QUality Improvement Reporting Excellence), BMJ
Quality & Safety 25:986. Names of the items are theirs; the words beside them are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qieval.analysis.programme.tables import names_of
from qieval.analysis.synthesis import PooledResult
from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.evaluated import Evaluated
from qieval.core.tables import Column
from qieval.core.words import in_a_row, many, sentence

ITEMS: dict[str, tuple[str, str, str]] = {
    "title": ("Title and abstract", "Title", "That it is an improvement, and of what"),
    "abstract": ("Title and abstract", "Abstract", "The main points in short"),
    "problem": ("Introduction", "Problem description", "What was wrong, and how much it matters"),
    "knowledge": ("Introduction", "Available knowledge", "What was known before"),
    "rationale": ("Introduction", "Rationale", "Why the changes were expected to work"),
    "aims": ("Introduction", "Specific aims", "What was to be reached"),
    "context": ("Methods", "Context", "What mattered about the places when it began"),
    "interventions": ("Methods", "Intervention(s)", "What was changed, and by whom"),
    "study": ("Methods", "Study of the intervention(s)", "How the effect was looked for"),
    "measures": ("Methods", "Measures", "What was measured, and how complete it is"),
    "analysis": ("Methods", "Analysis", "How data were turned into findings"),
    "ethics": ("Methods", "Ethical considerations", "What was weighed, and who agreed"),
    "results": ("Results", "Results", "What happened, missing data and surprises included"),
    "summary": ("Discussion", "Summary", "Key findings against the aims"),
    "interpretation": ("Discussion", "Interpretation", "What explains them; costs and trade-offs"),
    "limitations": ("Discussion", "Limitations", "What limits how far they can be believed"),
    "conclusions": ("Discussion", "Conclusions", "Use, sustainability, next steps"),
    "funding": ("Other information", "Funding", "Who paid, and what part they had"),
}
"""The 18 items: section, name, and what it asks for."""

NOT_REPORTED = "Not reported"
SQUIRE_COLUMNS = (
    Column("number", "Number", "label"),
    Column("key", "Key", "label"),
    Column("section", "Section", "label"),
    Column("item", "Item", "label"),
    Column("asks", "What it asks", "text"),
    Column("reported", "What is reported", "text"),
    Column("source", "From", "text"),
)


def squire_of(
    stated: Mapping[str, str],
    results: Sequence[Evaluated],
    effects: pd.DataFrame,
    pooled: Mapping[str, PooledResult],
    findings: pd.DataFrame,
    title: str | None,
    q: float,
) -> pd.DataFrame:
    """Every item with what is said of it and where that is from.

    What somebody stated comes first, then what the results and project files hold.

    Raises
    ------
    ParameterError
        If something is stated for an item that there is not.
    """
    for key in stated:
        if key not in ITEMS:
            guess = nearest(key, ITEMS)
            raise ParameterError(
                f"SQUIRE has no item `{key}` here.",
                found=listed(ITEMS),
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="squire",
            )
    held = _held(results, effects, pooled, findings, title, q)
    rows = []
    for number, (key, about) in enumerate(ITEMS.items(), start=1):
        if str(stated.get(key, "")).strip():
            reported, source = sentence(str(stated[key])), "stated"
        elif held.get(key):
            reported, source = sentence(held[key]), "results and project files"
        else:
            reported, source = NOT_REPORTED, ""
        rows.append((number, key, *about, reported, source))
    return pd.DataFrame(rows, columns=names_of(SQUIRE_COLUMNS))


def _held(
    results: Sequence[Evaluated],
    effects: pd.DataFrame,
    pooled: Mapping[str, PooledResult],
    findings: pd.DataFrame,
    title: str | None,
    q: float,
) -> dict[str, str]:
    """What results and project files say, by item; an item of which they say nothing is blank."""
    done = [item for item in results if item.result is not None]
    projects = list({item.project: item for item in results}.values())
    aims = [item for item in projects if item.aim.strip()]
    context = findings.loc[findings["about"] == "Context", "finding"]
    return {
        "title": title or "",
        "abstract": "The key findings at the top of this page",
        "rationale": _count_of(done, "theory_of_change", "a theory of change"),
        "aims": f"{len(aims)} of {many(len(projects), 'project')} state an aim in project.yml"
        if aims
        else "",
        "context": " ".join(context),
        "interventions": _changes(done),
        "study": _designs(done),
        "measures": _measures(done, findings),
        "analysis": _methods(done, pooled, effects, q),
        "results": f"{many(len(findings), 'key finding')} on this page, each with its rows",
        "summary": "The key findings at the top of this page",
        "limitations": _limits(done),
    }


def _count_of(done: Sequence[Evaluated], kind: str, words: str) -> str:
    count = len({item.project for item in done if item.result and item.result.kind == kind})
    return f"{many(count, 'project')} set out {words}" if count else ""


def _changes(done: Sequence[Evaluated]) -> str:
    given = [str(item.result.params.get("change", "")) for item in done if item.result]
    changes = list(dict.fromkeys(text for text in given if text and text != "the intervention"))
    shown = [*changes[:12], *([f"{len(changes) - 12} more"] if len(changes) > 12 else [])]
    cycles = sum(
        len(item.result.points)
        for item in done
        if item.result is not None and item.result.kind == "pdsa_review"
    )
    tested = f"{many(cycles, 'PDSA cycle')} in the logs" if cycles else ""
    return "; ".join(filter(None, [in_a_row(shown), tested]))


def _designs(done: Sequence[Evaluated]) -> str:
    titles = pd.Series([item.title.partition(":")[0].partition(" (")[0] for item in done])
    return in_a_row([f"{title} ({n})" for title, n in titles.value_counts(sort=False).items()])


def _measures(done: Sequence[Evaluated], findings: pd.DataFrame) -> str:
    given = [str(item.result.params.get("outcome", "")) for item in done if item.result]
    outcomes = list(dict.fromkeys(filter(None, given)))
    shown = [*outcomes[:12], *([f"{len(outcomes) - 12} more"] if len(outcomes) > 12 else [])]
    complete = " ".join(findings.loc[findings["about"] == "Completeness", "finding"])
    return ". ".join(filter(None, [in_a_row(shown), complete]))


def _methods(
    done: Sequence[Evaluated], pooled: Mapping[str, PooledResult], effects: pd.DataFrame, q: float
) -> str:
    methods_used = []
    series: list[Any] = [
        item.result
        for item in done
        if item.result and item.result.kind == "interrupted_time_series"
    ]
    if series:
        methods = list(dict.fromkeys(str(one.estimates["method"].iloc[0]) for one in series))
        methods_used.append(f"interrupted time series by {in_a_row(methods[:4])}")
    if pooled:
        methods_used.append(next(iter(pooled.values())).facts["words"].rstrip("."))
    if effects["p_value"].notna().any():
        methods_used.append(f"false discovery rate held at {100 * q:g}% (Benjamini and Hochberg)")
    return "; ".join(methods_used)


def _limits(done: Sequence[Evaluated]) -> str:
    limits = dict.fromkeys(text for item in done if item.result for text in item.result.limits)
    return " ".join(list(limits)[:6])
