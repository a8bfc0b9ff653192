"""One row a project: what kinds of evidence there are, and how the work itself went beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qieval.analysis.programme.evidence import has_event_near
from qieval.analysis.programme.readers import (
    CHANGED,
    COLUMNS,
    CONTEXT,
    DESCRIBED,
    FAILED,
    FOUND,
    IMPROVED,
    NOT_ALONE,
    NOT_EVALUATED,
    NOT_RUN,
    UNCLEAR,
    WORK,
    WORSE,
)
from qieval.core.evaluated import Evaluated
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number

CELLS = ["project", "called", "network", "column", "state", "words", "rows"]
PROJECTS = [
    *("project", "called", "network", "team", "aim", "evaluations", "done"),
    *("found", "returns", "pdsa", "involvement", "theory", "context", "why_not"),
]
NOT_RECORDED = "not recorded"

_TELLING = (
    *(WORSE, IMPROVED, NOT_ALONE, CHANGED, FOUND, UNCLEAR, DESCRIBED),
    *(FAILED, NOT_EVALUATED, NOT_RUN),
)
"""Which state stands for a cell that holds several: what a reader must not miss comes first."""


def cells_of(
    evidence: pd.DataFrame, effects: pd.DataFrame, results: Sequence[Evaluated]
) -> pd.DataFrame:
    """One row a project and kind of evidence: ``state, words`` and the ``rows`` they rest on."""
    rows: list[dict[str, Any]] = []
    elsewhere = _told_elsewhere(evidence, results)
    for project, own in evidence.groupby("project", sort=False):
        about = {name: own[name].iloc[0] for name in ("called", "network")}
        told = {row["column"]: row for row in elsewhere if row["project"] == project}
        for column in COLUMNS:
            part = own[own["column"] == column]
            if len(part):
                rows.append({"project": project, **about, "column": column, **_cell(part)})
            elif column in told:
                rows.append({**about, **told[column]})
        context = _context(effects[effects["project"] == project])
        if context:
            rows.append({"project": project, **about, "column": CONTEXT, **context})
    return pd.DataFrame(rows, columns=CELLS)


def _cell(part: pd.DataFrame) -> dict[str, Any]:
    states = set(part["state"])
    state = next(state for state in _TELLING if state in states)
    words = list(dict.fromkeys(part["words"]))
    first = part.loc[part["state"] == state, "words"].iloc[0]
    rest = [word for word in words if word != first]
    return {
        "state": state,
        "words": "; ".join([first, *rest]),
        "rows": part["number"].tolist(),
    }


def _context(effects: pd.DataFrame) -> dict[str, Any] | None:
    """Whether another change is listed near one of the project's effects."""
    near = effects[effects["near"] != ""]
    if near.empty:
        return None
    some = near["near"].map(has_event_near)
    listed = (near["near"] != "not listed").any()
    words = "other change near" if some.any() else "none near" if listed else "none listed"
    return {"state": FOUND, "words": words, "rows": near["number"].tolist()}


def _told_elsewhere(evidence: pd.DataFrame, results: Sequence[Evaluated]) -> list[dict[str, Any]]:
    """What evaluations of the whole programme say of single projects: returns, PDSA cycles."""
    rows: list[dict[str, Any]] = []
    for number_of_row, item in enumerate(results, start=1):
        if item.result is None:
            continue
        if item.result.kind == "completeness":
            rows += _returns_of(item.result, evidence, number_of_row)
        if item.result.kind == "pdsa_review" and len(item.result.projects) > 1:  # type: ignore[attr-defined]
            known = set(evidence["project"])
            for row in rows_of(item.result.projects):  # type: ignore[attr-defined]
                if row.project in known:
                    words = f"{int(row.met)} of 4 features"
                    rows.append(_elsewhere(row.project, "PDSA cycles", words, number_of_row))
    return rows


def _elsewhere(project: str, column: str, words: str, row: int) -> dict[str, Any]:
    return {"project": project, "column": column, "state": FOUND, "words": words, "rows": [row]}


def _returns_of(result: Any, evidence: pd.DataFrame, row: int) -> list[dict[str, Any]]:
    """Returns of the teams that a project names as its own."""
    rows = []
    teams = result.points.assign(came=result.points["status"] != "missing").groupby("team")["came"]
    counts = teams.agg(["sum", "size"])
    for about in rows_of(evidence.drop_duplicates("project")):
        own = [team for team in counts.index if str(team).casefold() in about.team.casefold()]
        if own:
            came, of = (int(counts.loc[own, name].sum()) for name in ("sum", "size"))
            words = f"{number(100 * came / of, 0)}% came"
            rows.append(_elsewhere(about.project, "Returns", words, row))
    return rows


def projects_of(evidence: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """One row a project, in the order of the programme: what was found, and how the work went."""
    rows = []
    for project, own in evidence.groupby("project", sort=False):
        about = own.iloc[0]
        said = cells[cells["project"] == project]
        by_column = dict(zip(said["column"], said["words"], strict=True))
        results = said[~said["column"].isin(WORK)]
        done = own["status"] == "done"
        rows.append(
            {
                **{name: about[name] for name in PROJECTS[:5]},
                "evaluations": int((own["title"] != "").sum()),
                "done": int(done.sum()),
                "found": "; ".join(
                    f"{row.column.lower()}: {row.words}"
                    for row in rows_of(results)
                    if row.state not in (NOT_EVALUATED, FAILED, NOT_RUN)
                )
                or "nothing",
                "returns": by_column.get("Returns", NOT_RECORDED),
                "pdsa": by_column.get("PDSA cycles", NOT_RECORDED),
                "involvement": by_column.get("Involvement", NOT_RECORDED),
                "theory": by_column.get("Theory", NOT_RECORDED),
                "context": by_column.get(CONTEXT, NOT_RECORDED),
                "why_not": in_a_row(list(dict.fromkeys(own.loc[~done, "headline"]))),
            }
        )
    return pd.DataFrame(rows, columns=PROJECTS)
