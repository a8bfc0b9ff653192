"""What a reader must know before believing an audit: one row a check."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.audit.change import CLUSTERS, EXCHANGEABLE, NEWCOMBE, PAIRED
from qieval.analysis.audit.cluster import FEWEST_TEAMS
from qieval.analysis.audit.found import Found
from qieval.analysis.audit.tables import COMPOSITE
from qieval.core.checks import Status
from qieval.core.errors import listed
from qieval.core.words import in_a_row, number

FEW = 20
"""With fewer records than this a percentage says little."""

MANY_UNCLEAR = 0.1
"""With more than this share of answers not recorded, their rule decides much of the result."""

FAR = 0.05
"""A rule, or a way of computing, that moves a share by more than this matters."""

Row = tuple[str, Status, str]


def checks_of(result: Found) -> list[Row]:
    """All checks of an audit."""
    return [
        _size(result),
        *_waves(result),
        *_standards(result),
        *_same_teams(result),
        *_teams(result),
        *_models(result),
        *_overlap(result),
        *_unclear(result),
        *_rules(result),
        *_counts(result),
        _many(result),
    ]


def _size(result: Found) -> Row:
    called = result.params["called"]
    small = [f"{wave} ({n:,})" for wave, n in result.facts["records"].items() if n < FEW]
    if small:
        return (
            f"Enough {called}",
            "warn",
            f"Fewer than {FEW} in {in_a_row(small)}: one more or less moves a share by 5 "
            "percentage points or more.",
        )
    sizes = [f"{n:,} in {wave}" for wave, n in result.facts["records"].items()]
    return f"Enough {called}", "pass", f"{in_a_row(sizes)}."


def _waves(result: Found) -> list[Row]:
    if result.pair is not None:
        return []
    return [
        (
            "One wave only",
            "info",
            "This describes; a change needs a second wave, with the same standards and sampling.",
        )
    ]


def _standards(result: Found) -> list[Row]:
    lacking = result.facts["not_in_every_wave"]
    if not lacking:
        return []
    return [
        (
            "The same standards in every wave",
            "warn",
            f"Not asked for in every wave: {listed(lacking)}. Shown, but no part of all of them.",
        )
    ]


def _same_teams(result: Found) -> list[Row]:
    took = result.facts["in_both"]
    if not took:
        return []
    called = result.params["teams_called" if took["of"] == "teams" else "called"]
    name = f"The same {called} in both waves"
    counts = {part: took[part]["count"] for part in ("both", "left", "joined")}
    if not counts["left"] and not counts["joined"]:
        return [(name, "pass", f"All {counts['both']:,} took part in both.")]
    if not counts["both"]:
        return [
            (
                name,
                "fail",
                f"None of the {called} took part in both waves: any change may be due to who took "
                "part.",
            )
        ]
    measure = "composite" if result.facts["composite_known"] and not result.of_services else "score"
    stayed = took["both"]["before"][measure]
    left = took["left"]["before"][measure]
    said = (
        f"{counts['both']:,} in both waves, {counts['left']:,} in the first only, "
        f"{counts['joined']:,} in the last only. The change that is quoted is of those in both."
    )
    if np.isfinite(left):
        said += (
            f" Those who dropped out had {result.percent(left)} before, those who stayed "
            f"{result.percent(stayed)}."
        )
    return [(name, "warn", said)]


def _teams(result: Found) -> list[Row]:
    change = result.main_change()
    if change is None:
        return []
    called, of_one = result.params["teams_called"], result.params["called"]
    name = f"{of_one.capitalize()} within {called} are alike"
    if not result.params["team"]:
        if change["method"] != NEWCOMBE:
            return []
        return [
            (
                name,
                "info",
                f"No column names the {called} (`team`), so the interval cannot allow for it.",
            )
        ]
    rows = result.changes[
        (result.changes["standard"] == COMPOSITE) & (result.changes["group"] == change["group"])
    ].set_index("method")
    if change["method"] != CLUSTERS:
        why = rows.loc[CLUSTERS, "why_not"] if CLUSTERS in rows.index else "not asked for"
        return [
            (
                name,
                "warn",
                f"The interval does not allow for it: {why}. It is likely too narrow.",
            )
        ]
    ours, naive = rows.loc[CLUSTERS], rows.loc[PAIRED if PAIRED in rows.index else NEWCOMBE]
    widths = [100 * float(row["ci_high"] - row["ci_low"]) for row in (ours, naive)]
    status: Status = "warn" if change["teams"] < 2 * FEWEST_TEAMS else "pass"
    few = " With so few, the interval rests on little." if status == "warn" else ""
    return [
        (
            name,
            status,
            f"Allowed for, with {int(change['teams'])} {called}: the interval is "
            f"{number(widths[0], 1)} points wide; as if they were independent it would be "
            f"{number(widths[1], 1)}. Intervals of a single wave (Wilson) take "
            f"{of_one} as independent.{few}",
        )
    ]


def _models(result: Found) -> list[Row]:
    """Exchangeable GEE and the mixed model beside the one that is quoted."""
    change = result.main_change()
    if change is None or change["method"] != CLUSTERS:
        return []
    rows = result.changes[
        (result.changes["standard"] == COMPOSITE) & (result.changes["group"] == change["group"])
    ].set_index("method")
    other, mixed = rows.loc[EXCHANGEABLE], result.facts["mixed"]
    said, far = [], False
    if not other["why_not"]:
        far = abs(other["estimate"] - change["estimate"]) > FAR
        said.append(
            f"if {result.params['teams_called']} weigh more alike (GEE, exchangeable), the change "
            f"is {number(100 * other['estimate'], 1)} points, against "
            f"{number(100 * change['estimate'], 1)} as quoted"
        )
    if "log_odds_ratio" in mixed:
        log_odds = mixed["log_odds_ratio"]
        far = far or bool(log_odds * change["estimate"] < 0 and abs(log_odds) > 0.1)
        said.append(
            f"the odds of meeting it are {number(change['odds_ratio'], 2)} times those before, and "
            f"{number(np.exp(log_odds), 2)} times within {result.params['teams_called']} (mixed "
            "logistic model)"
        )
    else:
        said.append(f"a mixed logistic model was not fitted: {mixed.get('why_not', 'no teams')}")
    text = f"{in_a_row(said)}."
    return [("Other models of the change", "warn" if far else "pass", text[0].upper() + text[1:])]


def _overlap(result: Found) -> list[Row]:
    both = result.facts["overlap"]
    if not both:
        return []
    return [
        (
            "Codes that stand in both waves",
            "warn",
            f"{both:,} codes of {result.params['called']} stand in both waves, and are taken for "
            "different ones. If they are the same, set `same_units: true`; if numbers merely start "
            "anew in each wave, this is as it should be.",
        )
    ]


_COUNT_AS = {
    "not_met": "count as not met",
    "met": "count as met",
    "leave_out": "are left out",
}


def _unclear(result: Found) -> list[Row]:
    if result.facts["counted"]:
        return []
    single = result.points[result.points["what"] == "standard"]
    rows: list[Row] = []
    for column, rule in (("not_recorded", "missing"), ("refused", "refused")):
        parts = [single[single["wave"] == wave] for wave in result.waves]
        shares = [float(part[column].sum()) / max(1.0, _asked(part)) for part in parts]
        if not any(shares):
            continue
        said = [f"{100 * n:.0f}% in {wave}" for n, wave in zip(shares, result.waves, strict=True)]
        text = f"{in_a_row(said)}. They {_COUNT_AS[result.params[rule]]} (`{rule}`)."
        much = max(shares) > MANY_UNCLEAR or max(shares) - min(shares) > FAR
        status: Status = "warn" if much and column == "not_recorded" else "info"
        if column == "not_recorded" and len(shares) > 1:
            text += " Part of a change may be better recording."
        rows.append((f"Answers that are {column.replace('_', ' ')}", status, text))
    return rows


def _asked(part: pd.DataFrame) -> float:
    """Answers that were asked for: those that count, and those left out by a rule."""
    clear = part["applicable"].sum() + part["not_applicable"].sum()
    return float(max(clear, part[["not_recorded", "refused", "not_applicable"]].sum().sum()))


def _rules(result: Found) -> list[Row]:
    table = result.sensitivity
    if len(table) < 2 or result.of_services:
        return []
    name = "Other rules for unclear answers"
    column = "change" if "change" in table else "composite_after"
    values = table[column].dropna()
    spread = values.max() - values.min()
    said = f"All of them: {column.replace('_after', ' share').replace('change', 'change of')} "
    said += f"{number(values.min(), 1)} to {number(values.max(), 1)}, depending on the rule."
    crosses = "low" in table and bool(
        len(set(np.sign(table["low"].dropna()) + np.sign(table["high"].dropna()))) > 1
    )
    if crosses:
        return [(name, "warn", f"{said} Whether a change is clear depends on the rule.")]
    return [(name, "warn" if spread > 100 * FAR else "pass", said)]


def _counts(result: Found) -> list[Row]:
    if not result.facts["counted"]:
        return []
    rows: list[Row] = []
    if result.facts["empty"]:
        rows.append(
            (
                "Counts of nobody",
                "info",
                f"{result.facts['empty']:,} rows count nobody and are left out; they are no 0%.",
            )
        )
    bounds = [
        f"{result.percent(low)} to {result.percent(high)} in {wave}"
        for wave, (low, high) in result.facts["bounds"].items()
        if np.isfinite(low)
    ]
    if bounds:
        known = result.facts["composite_known"]
        rows.append(
            (
                "All of them, from the single counts alone",
                "pass" if known else "info",
                f"Counts of single standards only say that it lies between {in_a_row(bounds)}. "
                + (
                    "The count of all of them that was given lies within."
                    if known
                    else "To know it, count those who met all of them, record by record."
                ),
            )
        )
    return rows


def _many(result: Found) -> Row:
    k = len(result.params["standards"])
    return (
        "Many figures",
        "info",
        f"{k} standards are shown. With 20 of them one interval of a change misses by chance; look "
        "at all of them together first.",
    )
