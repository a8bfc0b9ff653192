"""What a reader must know before believing an audit: one row a check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.audit_data import AuditData
from qieval.analysis.audit.methods.change import CLUSTERS, EXCHANGEABLE, NEWCOMBE, PAIRED
from qieval.analysis.audit.methods.clusters import FEWEST_TEAMS
from qieval.analysis.audit.words import AuditResult
from qieval.core.checks import About, Check, Status
from qieval.core.errors import listed
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number, percent, sentence

FEW = 20
"""With fewer records than this a percentage says little."""

MANY_UNCLEAR = 0.1
"""With more than this share of answers not recorded, their rule decides much of the result."""

FAR = 0.05
"""A rule, or a way of computing, that moves a share by more than this matters."""


def checks_of(result: AuditResult, data: AuditData | None = None) -> list[Check]:
    """All checks of an audit; without its data those that its tables alone tell."""
    return [
        _records(result),
        *_waves(result),
        *_standards(result),
        *_same_teams(result),
        *_teams(result),
        *(_models(result, data) if data else []),
        *(_codes_in_both_waves(result, data) if data else []),
        *_unclear(result),
        *_other_rules(result),
        *(_counts(result, data) if data else []),
        *_many(result),
    ]


def _records(result: AuditResult) -> Check:
    called = result.params["called"]
    sizes = dict(zip(result.by_wave["wave"], result.by_wave["records"], strict=True))
    small = [f"{wave} ({n:,})" for wave, n in sizes.items() if n < FEW]
    name = f"Enough {called}"
    if small:
        text = (
            f"Fewer than {FEW} in {in_a_row(small)}: one more or less moves a share by 5 "
            "percentage points or more."
        )
        return Check("enough_records", name, "warn", text)
    text = f"{in_a_row([f'{n:,} in {wave}' for wave, n in sizes.items()])}."
    return Check("enough_records", name, "pass", text)


def _waves(result: AuditResult) -> list[Check]:
    if result.pair is not None:
        return []
    text = "This describes; a change needs a second wave, with the same standards and sampling."
    return [Check("one_wave", "One wave only", "info", text)]


def _standards(result: AuditResult) -> list[Check]:
    lacking = [name for name in result.params["standards"] if name not in result.shared]
    if not lacking:
        return []
    text = f"Not asked for in every wave: {listed(lacking)}. Shown, but part of no comparison."
    return [Check("same_standards", "The same standards in every wave", "warn", text)]


def _same_teams(result: AuditResult) -> list[Check]:
    if result.pair is None or result.took_part.empty:
        return []
    first, called = result.pair[0], result.in_both_called
    name = f"The same {called} in both waves"
    both, left, joined = (result.members(part) for part in ("both", "left", "joined"))
    if not left and not joined:
        return [Check("same_teams", name, "pass", f"All {both:,} took part in both.")]
    if not both:
        text = (
            f"None of the {called} took part in both waves: any change may be due to who took part."
        )
        return [Check("same_teams", name, "fail", text)]
    text = (
        f"{both:,} in both waves, {left:,} in the first only, {joined:,} in the last only. The "
        "change that is quoted is of those in both."
    )
    if np.isfinite(result.scored("left", first)):
        text += (
            f" Those who dropped out had {result.percent(result.scored('left', first))} before, "
            f"those who stayed {result.percent(result.scored('both', first))}."
        )
    return [Check("same_teams", name, "warn", text)]


def _teams(result: AuditResult) -> list[Check]:
    change = result.main_change()
    if change is None:
        return []
    called, of_one = result.params["teams_called"], result.params["called"]
    about = About("alike_within_teams", f"{of_one.capitalize()} within {called} are alike")
    if not result.params["team"]:
        if change["method"] != NEWCOMBE:
            return []
        text = f"No column names the {called} (`team`), so the interval cannot allow for it."
        return [about.informs(text)]
    ways = _ways(result, change["group"])
    if change["method"] != CLUSTERS:
        why = ways[CLUSTERS]["why_not"] if CLUSTERS in ways else "not asked for"
        text = f"The interval does not allow for it: {why}. It is likely too narrow."
        return [about.warns(text)]
    ours, naive = ways[CLUSTERS], ways[PAIRED if PAIRED in ways else NEWCOMBE]
    widths = [100 * float(row["ci_high"] - row["ci_low"]) for row in (ours, naive)]
    status: Status = "warn" if change["teams"] < 2 * FEWEST_TEAMS else "pass"
    few = " With so few, the interval rests on little." if status == "warn" else ""
    text = (
        f"Allowed for, with {int(change['teams'])} {called}: the interval is "
        f"{number(widths[0], 1)} points wide; as if they were independent it would be "
        f"{number(widths[1], 1)}. Intervals of a single wave (Wilson) take {of_one} as "
        f"independent.{few}"
    )
    return [Check(*about, status, text)]


def _ways(result: AuditResult, group: str) -> dict[str, dict[Any, Any]]:
    """The change of what the audit is judged by, by every method, in one group."""
    rows = result.changes[result.changes["standard"] == result.main]
    rows = rows[rows["group"] == group]
    return {row["method"]: row for row in rows.to_dict("records")}


def _models(result: AuditResult, data: AuditData) -> list[Check]:
    """Exchangeable GEE and the mixed model beside the one that is quoted."""
    change = result.main_change()
    if change is None or change["method"] != CLUSTERS:
        return []
    other = _ways(result, change["group"])[EXCHANGEABLE]
    clauses, far = [], False
    if not other["why_not"]:
        far = abs(other["estimate"] - change["estimate"]) > FAR
        clauses.append(
            f"if {result.params['teams_called']} weigh more alike (GEE, exchangeable), the change "
            f"is {number(100 * other['estimate'], 1)} points, against "
            f"{number(100 * change['estimate'], 1)} as quoted"
        )
    log_odds = data.mixed_model()
    if isinstance(log_odds, str):
        clauses.append(f"a mixed logistic model was not fitted: {log_odds}")
    else:
        far = far or bool(log_odds * change["estimate"] < 0 and abs(log_odds) > 0.1)
        clauses.append(
            f"the odds of meeting it are {number(change['odds_ratio'], 2)} times those before, and "
            f"{number(np.exp(log_odds), 2)} times within {result.params['teams_called']} (mixed "
            "logistic model)"
        )
    status: Status = "warn" if far else "pass"
    text = sentence(in_a_row(clauses))
    return [Check("other_models", "Other models of the change", status, text)]


def _codes_in_both_waves(result: AuditResult, data: AuditData) -> list[Check]:
    both = data.codes_in_both_waves()
    if not both:
        return []
    text = (
        f"{both:,} codes of {result.params['called']} stand in both waves, and are taken for "
        "different ones. If they are the same, set `same_units: true`; if numbers merely start "
        "anew in each wave, this is as it should be."
    )
    return [Check("codes_in_both_waves", "Codes that stand in both waves", "warn", text)]


_COUNT_AS = {
    "not_met": "count as not met",
    "met": "count as met",
    "leave_out": "are left out",
}


def _unclear(result: AuditResult) -> list[Check]:
    if result.counted:
        return []
    single = result.points[result.points["what"] == "standard"]
    checks = []
    for column, rule in (("not_recorded", "missing"), ("refused", "refused")):
        of_waves = [single[single["wave"] == wave] for wave in result.waves]
        shares = [float(rows[column].sum()) / max(1.0, _answers(rows)) for rows in of_waves]
        if not any(shares):
            continue
        each = [f"{percent(s)} in {wave}" for s, wave in zip(shares, result.waves, strict=True)]
        text = f"{in_a_row(each)}. They {_COUNT_AS[result.params[rule]]} (`{rule}`)."
        much = max(shares) > MANY_UNCLEAR or max(shares) - min(shares) > FAR
        status: Status = "warn" if much and column == "not_recorded" else "info"
        if column == "not_recorded" and len(shares) > 1:
            text += " Part of a change may be better recording."
        checks.append(Check(column, f"Answers that are {column.replace('_', ' ')}", status, text))
    return checks


def _answers(rows: pd.DataFrame) -> float:
    """Answers that were asked for: those that count, and those left out by a rule."""
    clear = rows["applicable"].sum() + rows["not_applicable"].sum()
    return float(max(clear, rows[["not_recorded", "refused", "not_applicable"]].sum().sum()))


def _other_rules(result: AuditResult) -> list[Check]:
    table = result.sensitivity
    if len(table) < 2 or result.of_services:
        return []
    changes = result.pair is not None
    values = table["change" if changes else "composite_after"].dropna()
    ends = f"{number(100 * values.min(), 1)} to {number(100 * values.max(), 1)}"
    what = "a change of" if changes else "a share of"
    text = f"By the rules that could be used: {what} {ends}, in percentage points."
    crosses = changes and bool(
        len(set(np.sign(table["low"].dropna()) + np.sign(table["high"].dropna()))) > 1
    )
    status: Status = "warn" if crosses or values.max() - values.min() > FAR else "pass"
    if crosses:
        text += " Whether a change is clear depends on the rule."
    return [Check("other_rules", "Other rules for unclear answers", status, text)]


def _counts(result: AuditResult, data: AuditData) -> list[Check]:
    if not result.counted:
        return []
    checks = []
    if data.empty:
        text = f"{data.empty:,} rows count nobody and are left out; they are no 0%."
        checks.append(Check("counts_of_nobody", "Counts of nobody", "info", text))
    limits = result.by_wave.dropna(subset="bound_low")
    if len(limits) and result.several:
        each = [
            f"{result.percent(row.bound_low)} to {result.percent(row.bound_high)} in {row.wave}"
            for row in rows_of(limits)
        ]
        known = result.composite_known
        text = f"Counts of single standards only say that it lies between {in_a_row(each)}. " + (
            "The count of all of them that was given lies within."
            if known
            else "To know it, count those who met all of them, record by record."
        )
        name = "All of them, from the single counts alone"
        checks.append(Check("composite_bounds", name, "pass" if known else "info", text))
    return checks


def _many(result: AuditResult) -> list[Check]:
    count = len(result.params["standards"])
    if count == 1:
        return []
    text = (
        f"{count} standards are shown. With 20 of them one interval of a change misses by chance; "
        "look at all of them together first."
    )
    return [Check("many_figures", "Many figures", "info", text)]
