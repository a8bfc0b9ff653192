"""What a whole programme found, from the results of its evaluations.

Reads from top to bottom: every evaluation becomes a row of evidence with its own verdict; every
change that a result tells becomes a row of effects; those of one definition are averaged; projects
stand in the order of the programme, and nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.analysis.programme.checks import checks_of
from qieval.analysis.programme.methods.averages import Averages, averages, series_of
from qieval.analysis.programme.methods.findings import findings_of
from qieval.analysis.programme.methods.luck import luck_of
from qieval.analysis.programme.methods.squire import squire_of
from qieval.analysis.programme.tables import SUSTAINED, aim_status, cells_of, gather, projects_of
from qieval.analysis.programme.words import ProgrammeResult
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS, estimate_row, estimates_table
from qieval.core.evaluated import Evaluated
from qieval.core.recorded import recorded
from qieval.core.signatures import public

COUNTED_STATES = {
    "improved": "improved",
    "worse": "worse",
    "changed": "changed",
    "not_alone": "changed, not alone",
    "unclear": "no clear change",
}
"""Terms of the estimates that count tested changes by the state of their verdict."""


@public
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
    Every state is that of the result's own verdict: the roll-up judges nothing again. How many
    claims there would be by luck alone is added up from the chance of a false claim of each
    verdict, and once more from dates before the changes at which nothing happened. How many of the
    changes called clear would remain after Benjamini and Hochberg's allowance for how many were
    tested is said beside their number. Where a result has no standard error or p value, both are
    taken from the width of its interval. Changes are averaged (random effects, :func:`qieval.pool`)
    only where outcome, unit and definition agree.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289. Ogrinc et al 2016, BMJ Qual Saf 25:986
    (SQUIRE 2.0). Knapp and Hartung 2003, Stat Med 22:2693.
    """
    asked = recorded(programme, locals())
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
    averaged = averages(
        effects,
        series={
            number: series
            for number, item in enumerate(results, start=1)
            if (series := series_of(item.result)) is not None
        },
        relative=relative,
        confidence=confidence,
        setting=setting,
    )
    cells = cells_of(evidence, effects, results)
    projects = projects_of(evidence, cells)
    luck = luck_of(results, evidence)
    findings = findings_of(results, evidence, effects, averaged, luck, false_discovery_rate)
    return ProgrammeResult(
        params={**asked, "squire": dict(squire or {}), "outcome": "What the projects found"},
        points=cells,
        estimates=_estimates(evidence, effects, averaged, false_discovery_rate),
        checks=checks_of(evidence, effects, averaged),
        evidence=evidence,
        effects=effects,
        projects=projects,
        findings=findings,
        luck=luck,
        pooled=averaged.by_measure,
        sensitivity=averaged.sensitivity,
        squire=squire_of(
            squire or {},
            results,
            effects,
            averaged.by_measure,
            findings,
            title,
            false_discovery_rate,
        ),
    )


def _estimates(
    evidence: pd.DataFrame, effects: pd.DataFrame, averaged: Averages, q: float
) -> pd.DataFrame:
    """Counts, then the average and the range for a new project of every measure."""
    tested = effects["p_value"].notna()
    state = effects.loc[tested, "state"]
    done = evidence["status"] == "done"
    own = evidence.loc[~evidence["whole_programme"].astype(bool)]
    projects = own["project"].nunique()
    aims = own.drop_duplicates("project")["project"].map(
        own.groupby("project")["aim_status"].agg(aim_status)
    )
    sustained = evidence["sustained"]
    changed = int(sustained.isin(list(SUSTAINED)).sum())
    counts = {
        "projects": (projects, projects),
        "projects_with_a_result": (own.loc[done, "project"].nunique(), projects),
        "evaluations": (int(done.sum()), int((evidence["title"] != "").sum())),
        "tested": (int(tested.sum()), len(effects)),
        **{
            name: (int((state == word).sum()), int(tested.sum()))
            for name, word in COUNTED_STATES.items()
        },
        "clear_after_adjustment": (int((effects["p_adjusted"] < q).sum()), int(tested.sum())),
        "aims_reached": (int((aims == "reached").sum()), int((aims != "none").sum())),
        **{
            f"sustained_{key.replace(' ', '_')}": (int((sustained == key).sum()), changed)
            for key in SUSTAINED
        },
    }
    rows = [
        estimate_row(term, count, unit="count", n=of, method="count")
        for term, (count, of) in counts.items()
    ]
    for measure, result in averaged.by_measure.items():
        for term in ("pooled", "prediction"):
            if term in result.estimates.index:
                row = result.estimates.loc[term]
                rows.append(
                    {"term": f"{term}: {measure}", **{name: row[name] for name in ESTIMATE_COLUMNS}}
                )
    return estimates_table(rows)
