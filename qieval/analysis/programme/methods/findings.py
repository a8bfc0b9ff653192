"""The key findings in words, each with the rows of evidence that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qieval.analysis.programme.methods.averages import ALONE, Averages
from qieval.analysis.programme.methods.luck import luck_words
from qieval.analysis.programme.tables import SUSTAINED, aim_status, has_event_near, sustained_words
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
    luck: pd.DataFrame,
    q: float,
) -> pd.DataFrame:
    """The key findings: ``about, finding, rows``."""
    findings: list[Finding] = [
        _evaluated(evidence),
        *_improved(effects, q),
        *_by_luck(luck),
        *_lasted(evidence),
        *_aims(evidence),
        *_pooled(averaged),
        *_charts(evidence),
        *_headlines(results, evidence),
        *_beside(evidence, effects),
        *_not_evaluated(evidence),
    ]
    return pd.DataFrame(findings, columns=["about", "finding", "rows"])


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
    parts = [
        f"{count[state]} {words}"
        for state, words in [
            ("improved", "improved"),
            ("worse", "became worse"),
            ("changed", "changed without a better or worse"),
            ("changed, not alone", "changed while something else changed too"),
        ]
        if state in count
    ]
    if "no clear change" in count:
        parts.append(f"in {count['no clear change']} a change can be neither shown nor ruled out")
    text = sentence(
        f"of {many(len(tested), 'change')} tested, in "
        f"{many(tested['project'].nunique(), 'project')}, {in_a_row(parts)}"
    )
    remain = int((tested["p_adjusted"] < q).sum())
    text += (
        f" Allowing for how many were tested, {remain} "
        f"{'remains' if remain == 1 else 'remain'} clear, with at most {100 * q:g}% of false "
        "alarms expected among them (Benjamini and Hochberg)."
    )
    return [("How many improved", text, tested["number"].tolist())]


def _by_luck(luck: pd.DataFrame) -> list[Finding]:
    words = luck_words(luck)
    rows = sorted({number for listed in luck["rows"] for number in listed})
    return [("By luck alone", " ".join(words), rows)] if words else []


def _lasted(evidence: pd.DataFrame) -> list[Finding]:
    rows = evidence[evidence["sustained"].isin(list(SUSTAINED))]
    if rows.empty:
        return []
    text = sentence(
        f"of {many(len(rows), 'evaluation')} in which a change was seen: "
        f"{sustained_words(rows['sustained'])}"
    )
    text += (
        " A change is said to have lasted if it is still clear a year on and more, and to have "
        "faded if it is not and is clearly smaller than at first, or if clearly less than half of "
        "it is left."
    )
    return [("Did it last", text, rows["number"].tolist())]


def _pooled(averaged: Averages) -> list[Finding]:
    findings: list[Finding] = []
    choices = averaged.sensitivity[averaged.sensitivity["choice"] == ALONE]
    for measure, result in averaged.by_measure.items():
        text = result.answer
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
        findings.append((f"On average: {measure}", text, averaged.rows[measure]))
    return findings


def _charts(evidence: pd.DataFrame) -> list[Finding]:
    rows = evidence[(evidence["column"] == "Charts") & (evidence["status"] == "done")]
    if rows.empty:
        return []
    count = rows["state"].value_counts()
    better, worse, unclear = (
        int(count.get(state, 0)) for state in ("improved", "worse", "no clear change")
    )
    other = len(rows) - better - worse - unclear
    parts = [
        f"{better} {'shows' if better == 1 else 'show'} a signal or special cause for the better"
    ]
    if worse:
        parts.append(f"{worse} of concern")
    if other:
        parts.append(f"{other} something else")
    parts.append(f"{unclear} only the variation to be expected")
    text = sentence(
        f"of {many(len(rows), 'evaluation')} by run or control charts, {in_a_row(parts)}"
    )
    text += " A signal on a chart is not adjusted for how many charts were looked at."
    return [("Charts", text, rows["number"].tolist())]


def _aims(evidence: pd.DataFrame) -> list[Finding]:
    own = evidence[evidence["aim_status"] != "none"]
    if own.empty:
        return []
    status = own.groupby("project", sort=False)["aim_status"].agg(aim_status).value_counts()
    words = {
        "reached": "reached it",
        "not reached": "did not",
        "cannot tell": "cannot be judged on it",
    }
    parts = [f"{status[state]} {text}" for state, text in words.items() if state in status]
    text = sentence(
        f"of {many(own['project'].nunique(), 'project')} with an aim that an evaluation looked at, "
        f"{in_a_row(parts)}"
    )
    return [("Aims", text, own["number"].tolist())]


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
    findings: list[Finding] = []
    for kind, about in _QUOTED.items():
        rows = evidence[evidence["kind"] == kind]
        if len(rows) > _MOST_QUOTED:
            count = rows["state"].value_counts()
            text = f"Of {len(rows)}: {in_a_row([f'{n} {state}' for state, n in count.items()])}."
            findings.append((about, text, rows["number"].tolist()))
            continue
        for row in rows_of(rows):
            single = _single_checks(results[row.number - 1].result) if kind == "audit" else ""
            text = f"{row.called}: {row.headline}{single}"
            findings.append((about, text, [row.number]))
    return findings


def _single_checks(result: Any) -> str:
    """The range of the single standards, beside the share that met all of them."""
    points = result.points
    last = points[(points["wave"] == result.latest) & (points["what"] == "standard")]
    share = 100 * last["share"].dropna()
    if len(share) < 2 or result.params["thresholds"]:
        return ""
    low, high = number(float(share.min()), 0), number(float(share.max()), 0)
    called = result.params["standards_called"]
    return f" The single {called} lie between {low}% and {high}%."


def _beside(evidence: pd.DataFrame, effects: pd.DataFrame) -> list[Finding]:
    """How the work itself went: returns, PDSA cycles, involvement, theory, other changes."""
    findings: list[Finding] = []
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
        findings += [
            (about, f"{row.called}: {row.headline}", [row.number]) for row in rows_of(quoted)
        ]
        if len(own) > 1:
            count = own["words"].value_counts()
            counted = in_a_row([f"{words} in {n}" for words, n in count.head(8).items()])
            text = sentence(f"known of {many(own['project'].nunique(), 'project')}: {counted}")
            findings.append((about, text, own["number"].tolist()))
    listed = effects[effects["near"] != ""]
    if len(listed):
        near = listed[listed["near"].map(has_event_near)]
        silent = int((listed["near"] == "not listed").sum())
        text = (
            f"In {len(near)} of {len(listed)} interrupted time series another change is listed "
            "near the project's own"
        )
        text += f"; {silent} list no other events at all." if silent else "."
        findings.append(("Context", text, listed["number"].tolist()))
    return findings


def _not_evaluated(evidence: pd.DataFrame) -> list[Finding]:
    rows = evidence[evidence["status"] != "done"]
    if rows.empty:
        return []
    why = rows["headline"].value_counts()
    reasons = [f"{n} × {str(reason).rstrip('.')}" for reason, n in why.head(6).items()]
    more = [f"{len(why) - 6} other reasons"] if len(why) > 6 else []
    text = f"{len(rows)} could not be evaluated, or not yet: {'; '.join([*reasons, *more])}."
    return [("Not evaluated", text, rows["number"].tolist())]
