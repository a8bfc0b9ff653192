"""The tables of an audit's result: what their columns are, and how they are computed.

Shares are 0 to 1; the estimates are in per cent and percentage points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from qieval.analysis.audit.methods.answers import COMPOSITE, Answers
from qieval.analysis.audit.methods.audit_data import AuditData
from qieval.analysis.audit.methods.change import teams_by_wave
from qieval.analysis.audit.methods.scores import (
    bounds,
    if_independent,
    mean_met,
    one_short,
    opportunity,
    opportunity_change,
    share,
    short_of_all,
    totals,
)
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.proportions import Ends
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Sum

STATES = {
    "not_recorded": "not recorded",
    "refused": "refused",
    "not_applicable": "not applicable",
    "partly_met": "partly met",
}
"""Columns of the points with answers that are neither met nor not met, and what they are called."""

POINTS = (
    Column("standard", "Standard", "label"),
    Column("wave", "Wave", "label"),
    *Column("share", "Share", "share", "%", of="met/applicable").with_interval("Interval"),
    Column("met", "Met", "count", of="applicable"),
    Column("applicable", "Of", "denominator"),
)
POINTS_OF_ANSWERS = (
    Column("not_recorded", "Not recorded", "count"),
    Column("refused", "Refused", "count"),
    Column("not_applicable", "Not applicable", "count"),
)
CHANGES = (
    Column("standard", "Standard", "label"),
    Column("group", "Who", "label"),
    Column("before", "Before", "share", "%", of="met_before/n_before"),
    Column("after", "After", "share", "%", of="met_after/n_after"),
    *Column("estimate", "Change (percentage points)", "estimate").with_interval(
        "", "ci_low", "ci_high"
    ),
)
HOW = Column("how", "How it was computed", "text")
TOOK_PART = (
    Column("part", "Took part in", "label"),
    Column("members", "Teams", "number"),
)
ONE_SHORT = (
    Column("standard", "The one that is lacking", "label"),
    Column("records", "Records", "count"),
)
SENSITIVITY = (
    Column("choice", "Rule", "label"),
    *Column("change", "Change (percentage points)", "estimate").with_interval(),
)
ACCREDITATION = (
    Column("type", "Type", "label"),
    Column("wave", "Wave", "label"),
    Column("standards", "Standards", "label"),
    Column("met", "Met", "count", of="applicable"),
    Column("applicable", "Of those that apply", "denominator"),
    Column("threshold", "Required", "label"),
    Column("reached", "Reach it", "count", of="units"),
    Column("units", "Of", "denominator"),
)
GAPS = (
    Column("standard", "Not met", "label"),
    Column("type", "Type", "label"),
    Column("unmet", "Without it", "count", of="applicable"),
    Column("applicable", "Of", "denominator"),
    Column("share_unmet", "Share", "share", "%", of="unmet/applicable"),
    Column("partly", "Of these partly", "count", of="unmet"),
    Column("nowhere_in", "Met nowhere in", "text"),
)
ACCESS = (
    Column("locality", "Locality", "label"),
    Column("wave", "Wave", "label"),
    Column("units", "Units", "denominator"),
    *Column("share", "Met, of what applies", "share", "%", of="met/asked").with_interval(
        "Interval"
    ),
)

_ALL_STANDARDS = (("standard", (COMPOSITE,)),)

DECLARED = (
    Declaration(
        "points",
        (
            *POINTS,
            *POINTS_OF_ANSWERS,
            Column("what", "What", "label"),
            Column("partly_met", "Partly met", "count"),
            Column("share_recorded", "Share of clear answers", "share", "%"),
        ),
        by=("standard", "wave"),
        sums=(
            *(Sum(count, (count,), frame="by_team") for count in ("met", "applicable")),
            Sum("met", ("met",), frame="took_part", where=_ALL_STANDARDS),
            Sum("applicable", ("n",), frame="took_part", where=_ALL_STANDARDS),
            Sum("applicable", ("records",), frame="short", where=_ALL_STANDARDS),
            Sum(
                *("met", ("records",)),
                frame="short",
                where=_ALL_STANDARDS,
                among=(("short", ("0",)),),
            ),
        ),
    ),
    ESTIMATES_OF_PEOPLE,
    Declaration(
        "changes",
        (
            *CHANGES,
            Column("method", "Method", "label"),
            Column("main", "Quoted", "label"),
            Column("met_before", "Met before", "count", of="n_before"),
            Column("n_before", "Of, before", "denominator"),
            Column("met_after", "Met after", "count", of="n_after"),
            Column("n_after", "Of, after", "denominator"),
            Column("gained", "Gained", "count", of="n_after"),
            Column("lost", "Lost", "count", of="n_before"),
            Column("teams", "Teams", "label"),
            Column("se", "Standard error", "estimate"),
            Column("df", "Degrees of freedom", "estimate"),
            Column("p_value", "p value", "estimate"),
            Column("odds_ratio", "Odds ratio", "estimate"),
            Column("why_not", "Why it was not computed", "text"),
        ),
        by=("standard",),
        sums=(Sum("met_after", ("met_before", "gained"), less=("lost",)),),
    ),
    Declaration(
        "by_team",
        (
            Column("wave", "Wave", "label"),
            Column("team", "Team", "label"),
            Column("standard", "Standard", "label"),
            Column("met", "Met", "count", of="applicable"),
            Column("applicable", "Of", "denominator"),
        ),
        by=("standard", "wave", "team"),
    ),
    Declaration(
        "by_wave",
        (
            Column("wave", "Wave", "label"),
            Column("records", "Records", "denominator"),
            Column("teams", "Teams", "label"),
            *Column(
                "if_independent", "All, if standards were independent", "share", "%"
            ).with_interval("", "bound_low", "bound_high"),
        ),
        by=("wave",),
    ),
    Declaration(
        "took_part",
        (
            *TOOK_PART,
            Column("wave", "Wave", "label"),
            Column("met", "With all", "count", of="n"),
            Column("n", "Of", "denominator"),
            Column("composite", "Share with all", "share", "%", of="met/n"),
            Column("done", "Met", "count", of="asked"),
            Column("asked", "Of what applied", "denominator"),
            Column("score", "Share met of what applied", "share", "%", of="done/asked"),
        ),
        by=("part", "wave"),
    ),
    Declaration(
        "sensitivity",
        (
            *SENSITIVITY,
            *(
                column
                for when in ("before", "after")
                for column in (
                    Column(f"met_{when}", f"With all {when}", "count", of=f"n_{when}"),
                    Column(f"n_{when}", f"Of, {when}", "denominator"),
                    Column(
                        f"composite_{when}",
                        f"Share with all {when}",
                        "share",
                        "%",
                        of=f"met_{when}/n_{when}",
                    ),
                    Column(f"done_{when}", f"Met {when}", "count", of=f"asked_{when}"),
                    Column(f"asked_{when}", f"Of what applied {when}", "denominator"),
                    Column(
                        f"score_{when}",
                        f"Share met {when}",
                        "share",
                        "%",
                        of=f"done_{when}/asked_{when}",
                    ),
                )
            ),
        ),
        by=("choice",),
    ),
    Declaration(
        "one_short", (*ONE_SHORT, Column("wave", "Wave", "label")), by=("standard", "wave")
    ),
    Declaration(
        "short",
        (
            Column("wave", "Wave", "label"),
            Column("short", "Standards lacking", "label"),
            Column("records", "Records", "count"),
        ),
        by=("wave", "short"),
        sums=(Sum("records", ("records",), frame="one_short", where=(("short", ("1",)),)),),
    ),
    Declaration(
        "accreditation",
        (
            *ACCREDITATION,
            *Column(
                "share", "Share that reach it", "share", "%", of="reached/units"
            ).with_interval(),
        ),
        by=("type", "wave"),
    ),
    Declaration("gaps", GAPS, by=("standard",)),
    Declaration(
        "access",
        (
            *ACCESS,
            Column("met", "Met", "count", of="asked"),
            Column("asked", "Of what applies", "denominator"),
        ),
        by=("locality", "wave"),
    ),
)

PERCENT, POINTS_UNIT = "%", "percentage points"


def with_declared_columns(frame: str, rows: Any) -> pd.DataFrame:
    """Rows as a data frame with the columns that are declared; what they lack is missing."""
    declaration = next(one for one in DECLARED if one.frame == frame)
    return pd.DataFrame(rows).reindex(columns=[column.name for column in declaration.columns])


def points_table(data: AuditData) -> pd.DataFrame:
    """A row a wave and standard, the composite last if there is one."""
    rows: list[dict[str, Any]] = []
    for wave in data.waves:
        for standard in data.standards:
            met, applicable = totals(data.tally, standard, wave)
            ends = share(data.tally, standard, wave, data.confidence)
            others = _counts_of_states(data.answers, wave, standard)
            row = _share_row(wave, standard, "standard", met, applicable, ends)
            rows.append(row | others)
        if data.main != COMPOSITE:
            continue
        met, applicable = totals(data.tally, COMPOSITE, wave)
        what = "composite" if data.composite_known else "bounds"
        if not data.composite_known:  # nobody was asked for all of them
            met = applicable = np.nan
        rows.append(_share_row(wave, COMPOSITE, what, met, applicable, data.composite(wave)))
    return with_declared_columns("points", rows)


def _share_row(
    wave: str, standard: str, what: str, met: float, applicable: float, ends: Ends
) -> dict[str, Any]:
    counts = {"met": met, "applicable": applicable}
    interval = {"share": ends.value, "low": ends.low, "high": ends.high}
    return {"wave": wave, "standard": standard, "what": what, **counts, **interval}


def _counts_of_states(answers: Answers | None, wave: str, standard: str) -> dict[str, float]:
    """How many answers were neither met nor not met, and the share met of those that were."""
    if answers is None:
        return {}
    here = answers.states.loc[answers.who["wave"] == wave, standard]
    counts: dict[str, float] = {name: int((here == state).sum()) for name, state in STATES.items()}
    met, clear = int((here == "met").sum()), int(here.isin(["met", "not met"]).sum())
    return counts | {"share_recorded": met / clear if clear else np.nan}


def by_team_table(data: AuditData) -> pd.DataFrame:
    """The tally by team, in the order of their names; empty where no column names them."""
    return data.tally.reset_index(drop=True) if data.teams else data.tally.iloc[:0]


def by_wave_table(data: AuditData) -> pd.DataFrame:
    """Records and teams of each wave, and what single standards alone tell of all of them."""
    rows = []
    for wave in data.waves:
        here = data.tally[data.tally["wave"] == wave]
        if data.answers is not None:
            records = int((data.answers.who["wave"] == wave).sum())
            limits = Ends(np.nan, np.nan, np.nan)
        else:
            records = int(here.groupby("team")["applicable"].max().sum())
            limits = bounds(data.tally, wave, data.shared)
        rows.append(
            {
                "wave": wave,
                "records": records,
                "teams": int(here["team"].nunique()) if data.teams else 0,
                "if_independent": if_independent(data.tally, wave, data.shared),
                "bound_low": limits.low,
                "bound_high": limits.high,
            }
        )
    return pd.DataFrame(rows)


def sensitivity_table(data: AuditData) -> pd.DataFrame:
    """Composite and opportunity score by the rules that were given, and by each other rule.

    Only rules that make a difference to these answers.
    """
    if data.answers is None:
        return with_declared_columns("sensitivity", [])
    states = data.states()
    about = {"missing": "not recorded", "refused": "refused", "partly": "partly met"}
    choices = {"As given": data.rules}
    for label, rules in data.rules.others().items():
        changed = next(name for name in about if getattr(rules, name) != getattr(data.rules, name))
        if about[changed] in states:
            choices[label] = rules
    return with_declared_columns(
        "sensitivity",
        [
            {"choice": label, **_by_rules(data.with_rules(rules))}
            for label, rules in choices.items()
        ],
    )


def _by_rules(data: AuditData) -> dict[str, float]:
    """Composite and score of the compared waves, and the composite's change."""
    row: dict[str, float] = {}
    for when, wave in (("before", data.pair[0] if data.pair else None), ("after", data.latest)):
        if wave is not None:
            here = data.tally[data.tally["wave"] == wave]
            row |= {f"{name}_{when}": value for name, value in _scores(data, here).items()}
    if data.pair:
        main = data.main_change
        for name, column in (("change", "estimate"), ("low", "ci_low"), ("high", "ci_high")):
            row[name] = float(main[column].iloc[0]) if len(main) else np.nan
    return row


def _scores(data: AuditData, tally: pd.DataFrame) -> dict[str, float]:
    """Composite and opportunity score of some rows of the tally, with their counts."""
    standard = tally["standard"]
    (met, n), (done, asked) = (
        (float(rows["met"].sum()), float(rows["applicable"].sum()))
        for rows in (tally[standard == data.main], tally[standard.isin(data.shared)])
    )
    return {
        "met": met,
        "n": n,
        "composite": met / n if n else np.nan,
        "done": done,
        "asked": asked,
        "score": done / asked if asked else np.nan,
    }


def one_short_table(data: AuditData) -> pd.DataFrame:
    """Who was one short in each wave: ``wave, standard, records``; empty from counts."""
    if data.answers is None:
        return pd.DataFrame(columns=["wave", "standard", "records"])
    tables = [one_short(data.answers, data.rules, wave).assign(wave=wave) for wave in data.waves]
    return pd.concat(tables, ignore_index=True)[["wave", "standard", "records"]]


def short_table(data: AuditData) -> pd.DataFrame:
    """How many were how many standards short: ``wave, short, records``; empty from counts."""
    if data.answers is None:
        return pd.DataFrame(columns=["wave", "short", "records"])
    tables = [short_of_all(data.answers, data.rules, wave).assign(wave=wave) for wave in data.waves]
    return pd.concat(tables, ignore_index=True)[["wave", "short", "records"]]


def took_part_table(data: AuditData) -> pd.DataFrame:
    """Teams (or units) in both waves and in one only, and how each scored when they took part.

    Units may be patients: they are counted, never named.
    """
    columns = ["part", "wave", "members", "met", "n", "composite", "done", "asked", "score"]
    if data.pair is None or not (data.teams or data.same_units):
        return pd.DataFrame(columns=columns)
    first, last = data.pair
    answers = data.answers if data.same_units and not data.teams else None
    members = answers.units_by_wave(data.pair) if answers else teams_by_wave(data.tally, data.pair)
    rows = []
    for part, waves in {"both": [first, last], "left": [first], "joined": [last]}.items():
        if answers:
            tally = answers.keep(answers.unit.isin(members[part]).to_numpy()).tally(data.rules)
        else:
            tally = data.tally[data.tally["team"].isin(members[part])]
        for wave in waves:
            scores = _scores(data, tally[tally["wave"] == wave])
            rows.append({"part": part, "wave": wave, "members": len(members[part]), **scores})
    return pd.DataFrame(rows, columns=columns)


# ---- estimates ---------------------------------------------------------------------------------


def audit_estimates(data: AuditData) -> pd.DataFrame:
    """Terms of the latest wave, with ``_before`` of the first, and ``_change`` between them.

    ``composite, opportunity_score, mean_met``, and ``change: <standard>`` for every standard. One
    standard alone has ``share_met`` in their place: all of these would be the same share.
    """
    waves = [("_before", data.pair[0])] if data.pair else []
    rows = [
        row for ending, wave in [*waves, ("", data.latest)] for row in _of_wave(data, wave, ending)
    ]
    if data.pair:
        main = data.changes[data.changes["main"].astype(bool)]
        rows += [_change_row(row, data.confidence) for _, row in main.iterrows()]
        rows += _score_change(data)
    return estimates_table(rows)


def _of_wave(data: AuditData, wave: str, ending: str) -> list[dict[str, Any]]:
    method = "Wilson" if data.composite_known else "bounds from the single standards"
    n = int(totals(data.tally, data.main, wave)[1])
    ends = _times_100(data.composite(wave))
    name = "composite" if data.main == COMPOSITE else "share_met"
    rows = [estimate_row(f"{name}{ending}", *ends, unit=PERCENT, n=n, method=method)]
    if not data.scored:
        return rows
    ends, df, clusters, of = opportunity(
        data.tally, data.answers, data.shared, data.rules, wave, data.confidence
    )
    rows.append(
        estimate_row(
            f"opportunity_score{ending}",
            *_times_100(ends),
            unit=PERCENT,
            n=clusters,
            method=f"ratio of sums, {of} as clusters",
            df=df,
        )
    )
    if data.answers is not None:
        ends, df, records = mean_met(data.answers, data.rules, wave, data.confidence)
        unit, method = "standards", "mean, t interval"
        rows.append(
            estimate_row(f"mean_met{ending}", *ends, unit=unit, n=records, method=method, df=df)
        )
    return rows


def _change_row(row: pd.Series, confidence: float) -> dict[str, Any]:
    standard = row["standard"]
    ends = Ends(row["estimate"], row["ci_low"], row["ci_high"])
    # Newcombe's interval has no standard error; a roll-up takes that of an interval as wide.
    as_wide = (ends.high - ends.low) / 2 / norm.ppf(0.5 + confidence / 2)
    return estimate_row(
        "composite_change" if standard == COMPOSITE else f"change: {standard}",
        *_times_100(ends),
        unit=POINTS_UNIT,
        n=int(row["n_before"] + row["n_after"]),
        method=row["method"],
        se=100 * (row["se"] if np.isfinite(row["se"]) else as_wide),
        df=row["df"],
        p_value=row["p_value"],
    )


def _score_change(data: AuditData) -> list[dict[str, Any]]:
    if data.answers is None or data.pair is None or not data.scored:
        return []
    answers = data.groups[0].answers or data.answers
    main = data.changes.loc[data.changes["main"].astype(bool), "method"]
    by_team = any(method.startswith("teams as") for method in main)
    change = opportunity_change(
        answers,
        data.rules,
        list(data.pair),
        data.confidence,
        by_team=by_team,
        pairs=data.same_units,
    )
    row = estimate_row(
        "opportunity_score_change",
        *_times_100(change.ends),
        unit=POINTS_UNIT,
        n=int(answers.who["wave"].isin(data.pair).sum()),
        method=f"difference of ratios, {'teams' if by_team else 'records'} as clusters",
        se=100 * change.se,
        df=change.df,
        p_value=change.p_value,
    )
    return [row]


def _times_100(ends: Ends) -> Ends:
    return Ends(*(100 * end for end in ends))
