"""What a reader must know before believing an average over teams: one row a check."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qieval.analysis.synthesis.methods.random_effects import Array, Average, Heterogeneity
from qieval.analysis.synthesis.methods.teams import Teams
from qieval.analysis.synthesis.methods.together import CLAIMS_UP_TO, may_claim
from qieval.core.checks import Check
from qieval.core.words import in_a_row, number

FEW = 5
"""Under this many teams, how far they differ can hardly be estimated."""

LEAVE_OUT_UP_TO = 50
"""With more teams than this no single one can decide the average."""

UNCERTAIN_DF = 10


def enough_teams(k: int, many: str) -> Check:
    """Whether there are enough teams to say how far they differ."""
    name = f"Enough {many}"
    if k == 2:
        return Check(
            "enough_teams",
            name,
            "warn",
            f"Only 2 {many}. Two estimates say next to nothing about how far {many} differ, "
            "so the interval is very wide and no range for a new one can be given.",
        )
    if k < FEW:
        return Check(
            "enough_teams",
            name,
            "warn",
            f"Only {k} {many}. Under {FEW} how far they differ can hardly be estimated: the "
            "interval and the range for a new one are wide and rough.",
        )
    return Check("enough_teams", name, "pass", f"{k} {many} with an estimate.")


def not_evaluated(teams: Teams, many: str) -> Check:
    """Teams that stand in the table without an estimate."""
    name = f"All {many} are in the average"
    left_out = [
        f"{team} ({why})" for team, why in zip(teams.names, teams.reason, strict=True) if why
    ]
    if not left_out:
        return Check(
            "not_evaluated", name, "pass", f"Each of the {len(teams.names)} {many} has an estimate."
        )
    more = f" and {len(left_out) - 10} more" if len(left_out) > 10 else ""
    return Check(
        "not_evaluated",
        name,
        "warn",
        f"{len(left_out)} of {len(teams.names)} could not be evaluated and are not in it: "
        f"{', '.join(left_out[:10])}{more}. They may differ from the others.",
    )


def differences(found: Heterogeneity, tau2: float, k: int, many: str) -> Check:
    """Whether the teams differ by more than chance."""
    name = f"Differences between {many}"
    p = "below 0.001" if found.q_p_value < 0.001 else f"{found.q_p_value:.3f}"
    figures = (
        f"Q {number(found.q, 1)} on {k - 1} degrees of freedom, p {p}; I² "
        f"{100 * found.i2(tau2):.0f}% ({100 * found.i2(found.tau2_low):.0f}% to "
        f"{100 * found.i2(found.tau2_high):.0f}%)"
    )
    if found.tau2_high == 0:
        return Check(
            "heterogeneity",
            name,
            "info",
            f"The estimates lie closer together than chance alone would put them ({figures}): "
            "their standard errors may be too large, or the estimates not separate evidence.",
        )
    if found.q_p_value < 0.1:
        return Check(
            "heterogeneity",
            name,
            "warn",
            f"The {many} differ by more than chance ({figures}). One average does not stand "
            "for all: read the range for a new one, and look for what sets them apart.",
        )
    return Check(
        "heterogeneity",
        name,
        "pass",
        f"No more than chance would bring ({figures}). With few {many} real differences are "
        "easily missed.",
    )


def floor(found: Average) -> list[Check]:
    """Whether the Hartung-Knapp interval was held at Wald's standard error."""
    if not found.floored:
        return []
    detail = (
        "The estimates happen to lie so close together that the Hartung-Knapp standard error would "
        "be smaller than the plain one; the plain one is used, with Student's t."
    )
    return [Check("interval_floor", "Interval not too narrow", "info", detail)]


def counted_once(teams: Teams) -> Check:
    """Rows that look copied, and what the table cannot show."""
    name = "Each counts once"
    pairs: dict[tuple[float, float], list[str]] = {}
    for team, y, se in zip(teams.used_names, teams.y, np.sqrt(teams.v), strict=True):
        pairs.setdefault((float(y), float(se)), []).append(team)
    same = [in_a_row(names) for names in pairs.values() if len(names) > 1]
    if same:
        return Check(
            "counted_once",
            name,
            "warn",
            f"The same estimate and standard error stand for {'; '.join(same[:5])}. If a row was "
            "copied, it is believed twice.",
        )
    return Check(
        "counted_once",
        name,
        "info",
        "The average takes the estimates as separate evidence. Whether they share staff, patients "
        "or a control series, the table cannot show.",
    )


def own_standard_errors(teams: Teams, many: str) -> list[Check]:
    """Standard errors from short series are themselves uncertain."""
    fewest = float(teams.df[teams.used].min())
    if fewest >= UNCERTAIN_DF:
        return []
    detail = (
        f"Some standard errors come from short series (fewest degrees of freedom {fewest:.0f}) and "
        f"are themselves uncertain, but are taken as known here. The {many} may seem to differ "
        "more than they do; the Hartung-Knapp interval of the average bears this well."
    )
    return [Check("own_standard_errors", "Standard errors taken as known", "info", detail)]


def one_decides(
    teams: Teams, sign: int, again: Callable[[Array, Array], Average], one: str
) -> list[Check]:
    """Whether the finding hangs on a single team: each is left out in turn."""
    y, v = teams.y, teams.v
    if not 4 <= len(y) <= LEAVE_OUT_UP_TO:
        return []
    name = f"No single {one} decides"
    decides = []
    for at, team in enumerate(teams.used_names):
        without = again(np.delete(y, at), np.delete(v, at))
        if sign_of(without) != sign:
            decides.append(team)
    interval = f"The interval of the average {'leaves zero out' if sign else 'holds zero'}"
    if not decides:
        what = "it still does" if sign else "it still holds zero"
        detail = f"{interval}, and whichever {one} is left out, {what}."
        return [Check("single_team", name, "pass", detail)]
    what = "it would hold zero" if sign else "it would leave zero out"
    detail = f"{interval}; without {in_a_row(decides[:6], 'or')}, {what}."
    return [Check("single_team", name, "warn", detail)]


def sign_of(found: Average) -> int:
    """-1 or 1 if the interval lies wholly below or above zero, else 0."""
    return int(found.ci_low > 0) - int(found.ci_high < 0)


def shared_shocks(correlation: float | None, k: int, many: str) -> list[Check]:
    """Whether the residuals of the teams' models go up and down together."""
    name = f"What the {many} share"
    if correlation is None:
        return []
    if np.isnan(correlation):
        detail = f"The {many} have too few periods in common to tell."
        return [Check("shared_shocks", name, "info", detail)]
    detail = f"The residuals of their models are correlated by {correlation:.2f} on average"
    if may_claim(correlation, k):
        return [Check("shared_shocks", name, "pass", f"{detail}: next to nothing.")]
    if correlation <= CLAIMS_UP_TO:
        detail += f", but {k} {many} are too few to take this for shown."
        return [Check("shared_shocks", name, "warn", detail)]
    detail += (
        ": they are not separate evidence, and the interval of the average is too narrow. It "
        f"describes how the {many} differ; for a claim add them up to one series."
    )
    return [Check("shared_shocks", name, "fail", detail)]
