"""The teams of an audit side by side."""

from __future__ import annotations

from html import escape

from qieval.analysis.audit import AuditResult
from qieval.analysis.funnel import funnel
from qieval.core.errors import CannotEvaluate
from qieval.intake.origin import Origin
from qieval.report.figure import figure
from qieval.report.shown import Shown, section


def team_funnel(result: AuditResult, origin: Origin | None = None) -> Shown:
    """The teams side by side as a funnel, not a league table; nothing where no teams are named."""
    teams, called = result.teams, result.params["teams_called"]
    if len(teams) < 2:
        return Shown("", f"No {called} to set side by side.")
    title = f"{called.capitalize()} side by side"
    try:
        found = funnel(
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
        return Shown(section(title, f"<p>{escape(text)}</p>", "qi-funnel"), f"{title}\n{text}")
    words = found.summary()
    picture = figure(found, origin)
    return Shown(
        section(title, f"<p>{escape(words)}</p>{picture.html}", "qi-funnel"),
        f"{title}\n{words}\n{picture.text}",
    )
