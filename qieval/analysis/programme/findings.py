"""The key findings in words, each with the rows of evidence that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qieval.analysis.programme.evidence import has_event_near
from qieval.analysis.programme.pooling import Averages
from qieval.analysis.programme.readers import CHANGED, IMPROVED, NOT_ALONE, UNCLEAR, WORSE
from qieval.core.evaluated import Evaluated
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, lower_or_higher, many, number, sentence

Finding = tuple[str, str, list[int]]
"""What it is about, the finding, and the rows that it rests on."""


def findings_of(
    results: Sequence[Evaluated],
    evidence: pd.DataFrame,
    effects: pd.DataFrame,
    averaged: Averages,
    q: float,
) -> pd.DataFrame:
    """The key findings: ``about, finding, rows``."""
    found: list[Finding] = [
        _evaluated(evidence),
        *_improved(effects, q),
        *_pooled(averaged),
        *_charts(evidence),
        *_headlines(results, evidence),
        *_beside(evidence, effects),
        *_not_evaluated(evidence),
    ]
    return pd.DataFrame(found, columns=["about", "finding", "rows"])


def _evaluated(evidence: pd.DataFrame) -> Finding:
    own = evidence[~evidence["whole_programme"].astype(bool)]
    projects = own.drop_duplicates("project")
    with_result = own.loc[own["status"] == "done", "project"].nunique()
    done = evidence[evidence["status"] == "done"]
    networks = projects["network"].replace("", pd.NA).dropna().nunique()
    where = f" in {many(networks, 'network')}" if networks > 1 else ""
    set_up = int((evidence["title"] != "").sum())
    text = (
        f"{with_result} of {many(len(projects), 'project')}{where} "
        f"{'has' if with_result == 1 else 'have'} at least one result; {len(done)} of "
        f"{many(set_up, 'evaluation')} could be done."
    )
    return "What was evaluated", text, done["number"].tolist()


def _improved(effects: pd.DataFrame, q: float) -> list[Finding]:
    tested = effects[effects["p_value"].notna()]
    if tested.empty:
        text = "No result holds a change that can be tested, so none is called an improvement."
        return [("How many improved", text, effects["number"].tolist())]
    count = tested["state"].value_counts()
    said = [
        f"{count[state]} {words}"
        for state, words in [
            (IMPROVED, "improved"),
            (WORSE, "became worse"),
            (CHANGED, "changed without a better or worse"),
            (NOT_ALONE, "changed while something else changed too"),
        ]
        if state in count
    ]
    if UNCLEAR in count:
        said.append(f"in {count[UNCLEAR]} a change can be neither shown nor ruled out")
    text = sentence(
        f"of {many(len(tested), 'change')} tested, in "
        f"{many(tested['project'].nunique(), 'project')}, {in_a_row(said)}"
    )
    alone = int((tested["p_value"] < q).sum())
    clear = len(tested) - int(count.get(UNCLEAR, 0))
    text += (
        f" At most {100 * q:g}% of those called clear are expected to be false alarms "
        "(Benjamini and Hochberg)"
    )
    text += f"; one by one {alone} would have been called clear." if alone != clear else "."
    return [("How many improved", text, tested["number"].tolist())]


def _pooled(averaged: Averages) -> list[Finding]:
    found: list[Finding] = []
    choices = averaged.sensitivity[averaged.sensitivity["choice"] != "all"]
    for measure, result in averaged.found.items():
        text = result.headline()
        if result.finding == "unclear":
            reach = lower_or_higher(*result.figures("pooled"), result.unit)
            text += f" The average is {reach}."
        if "prediction" in result.estimates.index:
            estimate, low, high = result.figures("prediction")
            reach = lower_or_higher(estimate, low, high, result.unit)
            text += f" In a new project: {reach} (prediction interval)."
        for row in rows_of(choices[choices["measure"] == measure]):
            difference = lower_or_higher(row.estimate, row.ci_low, row.ci_high, row.unit)
            text += (
                f" Over the {row.projects} projects without another change near, the average is "
                f"{difference}."
            )
        found.append((f"On average: {measure}", text, averaged.rows[measure]))
    return found


def _charts(evidence: pd.DataFrame) -> list[Finding]:
    rows = evidence[(evidence["column"] == "Charts") & (evidence["status"] == "done")]
    if rows.empty:
        return []
    better, worse = (int((rows["state"] == state).sum()) for state in (IMPROVED, WORSE))
    mixed = len(rows) - better - worse - int((rows["state"] == UNCLEAR).sum())
    said = [
        f"{better} {'shows' if better == 1 else 'show'} a signal or special cause for the better"
    ]
    if worse:
        said.append(f"{worse} of concern")
    if mixed:
        said.append(f"{mixed} something else")
    rest = int((rows["state"] == UNCLEAR).sum())
    said.append(f"{rest} only the variation to be expected")
    text = sentence(
        f"of {many(len(rows), 'evaluation')} by run or control charts, {in_a_row(said)}"
    )
    text += " A signal on a chart is not adjusted for how many charts were looked at."
    return [("Charts", text, rows["number"].tolist())]


_QUOTED = {
    "audit": "Audit",
    "survey": "Satisfaction",
    "waits": "Access",
    "crisis_access": "Access",
}
_MOST_QUOTED = 12
"""Results of one kind that are quoted; with more of them they are counted."""


def _headlines(results: Sequence[Evaluated], evidence: pd.DataFrame) -> list[Finding]:
    """Audits, surveys and access as their own pages put it, single checks beside the composite."""
    found: list[Finding] = []
    for kind, about in _QUOTED.items():
        rows = evidence[evidence["kind"] == kind]
        if len(rows) > _MOST_QUOTED:
            count = rows["state"].value_counts()
            text = f"Of {len(rows)}: {in_a_row([f'{n} {state}' for state, n in count.items()])}."
            found.append((about, text, rows["number"].tolist()))
            continue
        for row in rows_of(rows):
            single = _single_checks(results[row.number - 1].result) if kind == "audit" else ""
            text = f"{row.called}: {row.headline}{single}"
            found.append((about, text, [row.number]))
    return found


def _single_checks(result: Any) -> str:
    """The range of the single standards, beside the share that met all of them."""
    points = result.points
    last = points[(points["wave"] == result.latest) & (points["what"] == "standard")]
    share = last["percent"].dropna()
    if len(share) < 2 or result.params["thresholds"]:
        return ""
    low, high = number(float(share.min()), 0), number(float(share.max()), 0)
    called = result.params["standards_called"]
    return f" The single {called} lie between {low}% and {high}%."


def _beside(evidence: pd.DataFrame, effects: pd.DataFrame) -> list[Finding]:
    """How the work itself went: returns, PDSA cycles, involvement, theory, other changes."""
    found: list[Finding] = []
    for column, about in [
        ("Returns", "Completeness"),
        ("PDSA cycles", "PDSA cycles"),
        ("Involvement", "Involvement of service users"),
        ("Theory", "Theory of change"),
    ]:
        rows = evidence[(evidence["column"] == column) & (evidence["status"] == "done")]
        wide = rows["whole_programme"].astype(bool)
        own = rows[~wide]
        quoted = rows[wide] if wide.any() else own if len(own) == 1 else own.iloc[:0]
        found += [(about, f"{row.called}: {row.headline}", [row.number]) for row in rows_of(quoted)]
        if len(own) > 1:
            count = own["words"].value_counts()
            said = in_a_row([f"{words} in {n}" for words, n in count.head(8).items()])
            text = sentence(f"known of {many(own['project'].nunique(), 'project')}: {said}")
            found.append((about, text, own["number"].tolist()))
    listed = effects[effects["near"] != ""]
    if len(listed):
        near = listed[listed["near"].map(has_event_near)]
        silent = int((listed["near"] == "not listed").sum())
        text = (
            f"In {len(near)} of {len(listed)} interrupted time series another change is listed "
            "near the project's own"
        )
        text += f"; {silent} list no other events at all." if silent else "."
        found.append(("Context", text, listed["number"].tolist()))
    return found


def _not_evaluated(evidence: pd.DataFrame) -> list[Finding]:
    rows = evidence[evidence["status"] != "done"]
    if rows.empty:
        return []
    why = rows["headline"].value_counts()
    said = [f"{n} × {str(reason).rstrip('.')}" for reason, n in why.head(6).items()]
    more = [f"{len(why) - 6} other reasons"] if len(why) > 6 else []
    text = f"{len(rows)} could not be evaluated, or not yet: {'; '.join([*said, *more])}."
    return [("Not evaluated", text, rows["number"].tolist())]
