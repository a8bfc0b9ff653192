"""What to mind of effects against doses: one row a check."""

from __future__ import annotations

from qieval.analysis.dose.words import DoseResult
from qieval.core.checks import About, Check
from qieval.core.words import interval, many, some_of

FEW_TEAMS = 20
"""Under this many teams a line through them hangs on few of them."""


def checks_of(result: DoseResult) -> list[Check]:
    """All checks."""
    return [
        _teams(result),
        _left_out(result),
        _sources(result),
        *_in_turn(result),
        *_other_events(result),
        Check(
            "association",
            "Association, no cause",
            "info",
            "Doses were not handed out by lot. Whatever else differs between teams with many and "
            f"with few {result.params['dose_in']} may be behind the line.",
        ),
    ]


def _teams(result: DoseResult) -> Check:
    about = About("enough", "Enough teams")
    text = f"{many(len(result.used), 'team')} with a dose and an effect."
    if len(result.used) < FEW_TEAMS:
        return about.warns(f"{text} Under {FEW_TEAMS} a line hangs on few of them.")
    return about.passes(text)


def _left_out(result: DoseResult) -> Check:
    about = About("left_out", "Teams that are not used")
    gone = result.points[result.points["reason"] != ""]
    if not len(gone):
        return about.passes("Every team of the table is used.")
    told = [f"{row.team} ({row.reason})" for row in gone.itertuples(index=False)]
    return about.informs(f"{some_of(told)}.")


def _sources(result: DoseResult) -> Check:
    about = About("sources", "Where doses are known from")
    blank = int((result.used["source"].str.strip() == "").sum())
    if not blank:
        return about.passes("Every dose has a source.")
    return about.warns(f"{many(blank, 'dose')} without a source.")


def _in_turn(result: DoseResult) -> list[Check]:
    if not result.without_one:
        return []
    about = About("leave_one_out", "Without each team in turn")
    low, high = result.without_one
    text = f"For {result.step} the difference lies between {interval(low, high)}".replace(
        " to ", " and ", 1
    )
    unit = result.term("slope").unit
    if low * high < 0:
        return [about.warns(f"{text} {unit}: its direction hangs on one team.")]
    return [about.passes(f"{text} {unit}.")]


def _other_events(result: DoseResult) -> list[Check]:
    near = result.used[result.used["near"] != ""]
    if not len(near):
        return []
    about = About("other_events", "Other events near a team's change")
    teams = some_of([str(one) for one in near["team"]])
    return [about.warns(f"{teams}: something else happened too, which may be behind its effect.")]
