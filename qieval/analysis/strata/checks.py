"""What to mind of gaps between strata: one row a check."""

from __future__ import annotations

import numpy as np

from qieval.analysis.strata.tables import FEWEST_PEOPLE, NOT_RECORDED, SIDES
from qieval.analysis.strata.words import StrataResult
from qieval.core.checks import About, Check
from qieval.core.grouped import enough
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many, number, percent

FEW_PEOPLE, FEW_PERIODS = 30, 8
"""Under this many a stratum says little."""

_MOVED = 0.05
"""Shares of people without a stratum that differ by more than this may make a gap."""


def checks_of(result: StrataResult) -> list[Check]:
    """All checks."""
    own = [_people(result), _blank(result)] if result.of_people else [_periods(result)]
    return [
        Check("looked_at", "How many strata were looked at", "info", result.looked_at),
        *own,
        _missing(result),
        _levelled_down(result),
        *_teams(result),
        *_moving_before(result),
        *_not_counted(result),
    ]


def _people(result: StrataResult) -> Check:
    rows = result.points[result.points["stratum"] != NOT_RECORDED]
    sizes = {str(name): int(size) for name, size in rows.groupby("stratum")["n"].min().items()}
    why = "One person more would move their share widely; put small strata together with `order`."
    return enough("Enough people, before and since", sizes, FEW_PEOPLE, why)


def _periods(result: StrataResult) -> Check:
    about = About("enough", "Enough periods, before and since")
    if min(result.periods) >= FEW_PERIODS:
        return about.passes(f"{result.periods[0]} before the change, {result.periods[1]} since.")
    return about.warns(
        f"{result.periods[0]} before the change, {result.periods[1]} since. Under {FEW_PERIODS} "
        "on a side intervals are rough."
    )


def _blank(result: StrataResult) -> Check:
    """Whether people without a stratum became more or fewer."""
    about = About("not_recorded", "People whose stratum is not recorded")
    shares = []
    for side in SIDES:
        rows = result.points[result.points["side"] == side].set_index("stratum")["n"]
        shares.append(float(rows.get(NOT_RECORDED, 0) / rows.sum()) if rows.sum() else np.nan)
    text = f"{percent(shares[0])} before, {percent(shares[1])} since."
    counts = result.points[result.points["stratum"] == NOT_RECORDED]["n"]
    if counts.max() >= FEWEST_PEOPLE and abs(shares[1] - shares[0]) > _MOVED:
        return about.warns(f"{text} Gaps may have changed because more or fewer are recorded.")
    return about.informs(f"{text} They are shown, and not compared.")


def _missing(result: StrataResult) -> Check:
    about = About("missing_strata", "Strata without a gap")
    apart = {*result.compared, result.reference, NOT_RECORDED}
    lacking = [name for name in result.strata if name not in apart]
    if not lacking:
        return about.passes("Every stratum has figures before and since.")
    return about.warns(
        f"No figures before, or none since, or none that vary: {in_a_row(lacking)}. Whether the "
        "gap to them changed cannot be told."
    )


def _levelled_down(result: StrataResult) -> Check:
    """Whether a gap is narrower because the reference became worse."""
    about = About("reference_worse", f"How {result.reference} itself changed")
    before, since = (result.level(result.reference, side) for side in SIDES)
    words = percent if result.of_people else number
    text = f"From {words(before)} to {words(since)}."
    better = {"lower": -1, "higher": 1}.get(str(result.params["direction"]), 0)
    narrower = any(abs(row.since) < abs(row.before) for row in rows_of(result.gaps))
    if better and narrower and better * (since - before) < 0:
        return about.warns(f"{text} A gap may be narrower because they became worse off.")
    return about.informs(text)


def _teams(result: StrataResult) -> list[Check]:
    if result.teams < 2:
        return []
    text = (
        f"They belong to {many(result.teams, 'team')}. People of one team resemble each other, "
        "and intervals take people as independent: they may be too narrow."
    )
    return [Check("teams", "People of several teams", "warn", text)]


def _moving_before(result: StrataResult) -> list[Check]:
    """Whether a gap was on its way before the change."""
    mark = "gap_slope_before: "
    rows = result.estimates[result.estimates.index.str.startswith(mark)]
    if not len(rows):
        return []
    about = About("before_trend", "Gaps before the change")
    clear = rows[(rows["ci_low"] > 0) | (rows["ci_high"] < 0)].index
    if len(clear):
        names = in_a_row([str(term).removeprefix(mark) for term in clear])
        return [
            about.warns(
                f"The gap was changing already before the change: {names}. Means before and since "
                "then differ without it."
            )
        ]
    return [about.passes("No gap can be shown to have been on its way before the change.")]


def _not_counted(result: StrataResult) -> list[Check]:
    if not result.of_people or not result.not_counted:
        return []
    text = f"{many(result.not_counted, 'row')} left out: no answer, or one that is not counted."
    return [Check("not_counted", "Rows that are not counted", "info", text)]
