"""The teams of an audit side by side."""

from __future__ import annotations

from qieval.analysis.audit import AuditResult
from qieval.analysis.funnel import funnel
from qieval.core.blocks import TeamFunnel
from qieval.core.errors import CannotEvaluate
from qieval.intake.origin import Origin
from qieval.report.elements import Drawn, Element, Headed, NotShown, Words
from qieval.report.views import View, content_of


def team_funnel(result: AuditResult, origin: Origin | None = None) -> View:
    """The teams side by side as a funnel, not a league table; nothing where no teams are named."""
    return View(TeamFunnel(), result, origin)


@content_of.register
def _team_funnel(
    block: TeamFunnel, result: AuditResult, origin: Origin | None
) -> tuple[Element, ...]:
    teams, called = result.teams.dropna(), result.params["teams_called"]
    withheld = len(result.teams) - len(teams)
    if len(teams) < 2:
        return (NotShown(f"No {called} to set side by side."),)
    title = f"{called.capitalize()} side by side"
    try:
        side_by_side = funnel(
            teams,
            unit="team",
            numerator="met",
            denominator="applicable",
            kind="proportion",
            outcome=result.params["outcome"],
            setting=", ".join(part for part in (result.params["setting"], result.latest) if part),
            called=called,
            of=result.params["called"],
            direction="higher",
        )
    except CannotEvaluate as why:
        text = f"Not evaluated: {why.problem} {why.found or ''}".strip()
        return (Headed(title, (Words(text),), "qi-funnel"),)
    shown: tuple[Element, ...] = (Words(side_by_side.summary()), Drawn(side_by_side, origin))
    if withheld:
        shown = (Words(f"Figures of {withheld} of the {called} are withheld."), *shown)
    return (Headed(title, shown, "qi-funnel"),)
