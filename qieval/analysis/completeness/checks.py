"""What a reader must know before reading how complete returns are: one row a check."""

from __future__ import annotations

from qieval.analysis.completeness.words import CompletenessResult
from qieval.core.checks import Check
from qieval.core.periods import label
from qieval.core.words import in_a_row, number


def checks_of(result: CompletenessResult, outside: int) -> list[Check]:
    """All checks of completeness; `outside` counts returns that were not expected."""
    rows = []
    if outside:
        text = f"{outside} returns are for periods in which none was expected: not counted."
        rows.append(Check("outside", "Returns outside the grid", "info", text))
    if result.params["due"] is None:
        text = "No due dates are recorded, so none is called late."
        rows.append(Check("due_dates", "Late returns", "info", text))
    rows += [*_without_returns(result), *_how_late(result), *_latest(result)]
    text = "Not recorded. Teams send figures sooner when they see what they get."
    gives_back = result.params["gives_back"]
    rows.append(Check("gives_back", "What teams get back", "info", gives_back or text))
    return rows


def _without_returns(result: CompletenessResult) -> list[Check]:
    silent = result.teams.loc[result.teams["came"] == 0, "team"].tolist()
    if not silent:
        return []
    text = f"Nothing came from {in_a_row(silent)}. They stay in the count."
    return [Check("without_returns", "Teams without any return", "warn", text)]


def _how_late(result: CompletenessResult) -> list[Check]:
    late = result.points.loc[result.points["status"] == "late", "days_late"]
    if not len(late):
        return []
    text = (
        f"Half of the late returns came within {number(float(late.median()), 0)} days of the day "
        "they were due."
    )
    return [Check("how_late", "How late", "info", text)]


def _latest(result: CompletenessResult) -> list[Check]:
    missing = (result.points["status"] == "missing").groupby(result.points["period"]).mean()
    if len(missing) <= 3 or missing.iloc[-1] <= 0.5 or missing.iloc[:-1].mean() >= 0.5:
        return []
    when = label(missing.index[-1], result.every)
    text = f"Most returns for {when} are missing and may still come."
    return [Check("latest_period", "The latest period", "warn", text)]
