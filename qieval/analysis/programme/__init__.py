"""The roll-up: what a whole programme found, from the result files of its evaluations.

Reads from top to bottom: :mod:`.readers` (what each kind of result says), :mod:`.evidence` (one row
an evaluation, one row a change), :mod:`.pooling` (averages), :mod:`.projects` (one row a project),
:mod:`.findings`, :mod:`.squire`, :mod:`.result` (words). Projects stand in the order of the
programme; nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.analysis.programme.evidence import false_discovery, gather
from qieval.analysis.programme.findings import findings_of
from qieval.analysis.programme.pooling import Averages, averages
from qieval.analysis.programme.projects import cells_of, projects_of
from qieval.analysis.programme.readers import CHANGED, IMPROVED, NOT_ALONE, UNCLEAR, WORSE
from qieval.analysis.programme.result import ProgrammeResult
from qieval.analysis.programme.squire import ITEMS, squire_of
from qieval.core.checks import Status, checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.evaluated import Evaluated
from qieval.core.words import many

__all__ = ["ITEMS", "ProgrammeResult", "false_discovery", "programme"]


def programme(
    results: Sequence[Evaluated],
    *,
    title: str | None = None,
    relative: bool = False,
    false_discovery_rate: float = 0.05,
    squire: Mapping[str, str] | None = None,
    confidence: float = CONFIDENCE,
    setting: str = "",
) -> ProgrammeResult:
    """All networks and projects of a programme: what was found, and how the work went.

    Parameters
    ----------
    results : list of Evaluated
        What was evaluated, as `qi.read_results` gives it.
    title : str, optional
        Title of the page
    relative : bool
        Whether relative changes of one outcome are averaged over different definitions as well
    false_discovery_rate : float
        Share of false alarms that is accepted among the changes called clear
    squire : mapping, optional
        What to report for an item of SQUIRE 2.0 that no result can tell, such as ethics or funding
    confidence : float
        Confidence level of the averages' intervals
    setting : str
        For whom or where, in plain words

    Returns
    -------
    ProgrammeResult
        Evidence, one row an evaluation; changes that were tested; averages by measure; one row a
        project; key findings, each with its rows; the items of SQUIRE 2.0.

    Raises
    ------
    CannotEvaluate
        If no evaluation has a result.
    ParameterError
        If a parameter has no meaning, or an item of SQUIRE is unknown.

    Notes
    -----
    A change is called an improvement only after Benjamini and Hochberg's allowance for how many
    changes were tested. Where a result has no standard error or p value, both are taken from the
    width of its interval. Changes are averaged (random effects, :func:`qieval.pool`) only where
    outcome, unit and definition agree.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289. Ogrinc et al 2016, BMJ Qual Saf 25:986
    (SQUIRE 2.0). Knapp and Hartung 2003, Stat Med 22:2693.
    """
    if not 0 < false_discovery_rate < 1:
        raise ParameterError(
            "`false_discovery_rate` must lie between 0 and 1.", found=repr(false_discovery_rate)
        )
    if not any(item.result is not None for item in results):
        why = list(dict.fromkeys(item.headline.partition("\n")[0] for item in results))
        raise CannotEvaluate(
            "No evaluation of this programme has a result, so there is nothing to sum up.",
            found="; ".join(why[:3]) or "no evaluations",
            remedy="Run the evaluations first, and look at those that could not be done.",
        )
    evidence, effects = gather(results, false_discovery_rate)
    averaged = averages(effects, relative=relative, confidence=confidence, setting=setting)
    cells = cells_of(evidence, effects, results)
    projects = projects_of(evidence, cells)
    findings = findings_of(results, evidence, effects, averaged, false_discovery_rate)
    return ProgrammeResult(
        params={
            "title": title,
            "relative": relative,
            "false_discovery_rate": false_discovery_rate,
            "squire": dict(squire or {}),
            "confidence": confidence,
            "outcome": "What the projects found",
            "setting": setting,
        },
        points=cells,
        estimates=_estimates(evidence, effects, averaged),
        checks=checks_table(_checks(evidence, effects, averaged)),
        evidence=evidence,
        effects=effects,
        projects=projects,
        findings=findings,
        pooled=averaged.found,
        sensitivity=averaged.sensitivity,
        squire=squire_of(
            squire or {}, results, effects, averaged.found, findings, title, false_discovery_rate
        ),
    )


def _estimates(evidence: pd.DataFrame, effects: pd.DataFrame, averaged: Averages) -> pd.DataFrame:
    """Counts, then the average and the range for a new project of every measure."""
    tested = effects["p_value"].notna()
    state = effects.loc[tested, "state"]
    done = evidence["status"] == "done"
    own = evidence.loc[~evidence["whole_programme"].astype(bool)]
    projects = own["project"].nunique()
    counts = {
        "projects": (projects, projects),
        "projects_with_a_result": (own.loc[done, "project"].nunique(), projects),
        "evaluations": (int(done.sum()), int((evidence["title"] != "").sum())),
        "tested": (int(tested.sum()), len(effects)),
        **{
            word.replace(" ", "_"): (int((state == word).sum()), int(tested.sum()))
            for word in (IMPROVED, WORSE, CHANGED, NOT_ALONE, UNCLEAR)
        },
    }
    rows = [
        {"term": term, "estimate": float(count), "unit": "count", "n": of, "method": "count"}
        for term, (count, of) in counts.items()
    ]
    for measure, result in averaged.found.items():
        for term in ("pooled", "prediction"):
            if term in result.estimates.index:
                row = result.estimates.loc[term]
                figures = {name: row[name] for name in ESTIMATE_COLUMNS}
                rows.append({"term": f"{term}: {measure}", **figures})
    return pd.DataFrame(rows).set_index("term").reindex(columns=ESTIMATE_COLUMNS)


def _checks(
    evidence: pd.DataFrame, effects: pd.DataFrame, averaged: Averages
) -> list[tuple[str, Status, str]]:
    rows: list[tuple[str, Status, str]] = []
    missing = int((evidence["status"] != "done").sum())
    if missing:
        said = f"{many(missing, 'evaluation')} without a result; they stay in the tables."
        rows.append(("Everything was evaluated", "warn", said))
    unknown = evidence[(evidence["column"] == "Other") & (evidence["status"] == "done")]
    if len(unknown):
        said = f"{many(len(unknown), 'result')} of other kinds are listed by their headline alone."
        rows.append(("Other kinds of results", "info", said))
    once = len(effects["definition"].unique()) - len(
        [name for name in averaged.found if not name.endswith(", relative change")]
    )
    if once:
        said = (
            f"{many(once, 'measure')} of {effects['definition'].nunique()} could not be averaged: "
            "one project only, or no comparable standard error."
        )
        rows.append(("Measures that stand alone", "info", said))
    derived = effects["p_value"].notna() & effects["df"].isna()
    if derived.any():
        said = (
            f"Of {many(int(derived.sum()), 'change')} the p value rests on the normal distribution "
            "or on the width of an interval."
        )
        rows.append(("Where p values are from", "info", said))
    if any(name.endswith(", relative change") for name in averaged.found):
        said = "Relative changes were averaged over different definitions, as asked."
        rows.append(("Relative changes", "warn", said))
    said = (
        "Projects chose their measures, and when to begin, themselves. The average over those that "
        "could be evaluated may differ from that over all."
    )
    rows.append(("Who is in the averages", "info", said))
    return rows
