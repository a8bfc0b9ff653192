"""From counted referrals to curves, what became of them, and the share within target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.core.curves import curve_columns
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import estimates_table
from qieval.core.grouped import ALL, difference_row, share_row, term_of
from qieval.core.proportions import with_wilson
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Sum
from qieval.flow.groups import Groups
from qieval.flow.kaplan_meier import Curve, centile_rows, curves_of

_HAIR = 1e-9

OUTCOMES = {
    "here": "Seen here",
    "elsewhere": "Seen elsewhere",
    "refused": "Refused",
    "withdrawn": "Withdrew",
    "waiting": "Still waiting",
}
"""What can become of a referral; they add up to all referrals."""

TARGET_COLUMNS = (
    Column("referrals", "Referrals", "denominator"),
    Column("within", "Within target", "count", of="known"),
    Column("missed", "Waited longer", "count", of="known"),
    Column("left_before", "Left before the target passed", "count", of="referrals"),
    Column("too_early", "Too early to say", "count", of="referrals"),
    *(Column(name, head, "count", of="referrals") for name, head in OUTCOMES.items()),
    Column("known", "Answer known", "denominator"),
    *Column("share", "Within target", "share", "0%", of="within/known").with_interval(),
)
_OF_ALL = (
    Sum("known", ("within", "missed")),
    Sum("referrals", ("known", "left_before", "too_early")),
    Sum("referrals", tuple(OUTCOMES)),
)
_OVER_PERIODS = tuple(
    Sum(column.name, (column.name,), frame="periods")
    for column in TARGET_COLUMNS
    if column.role in ("count", "denominator")
)
POINTS = curve_columns(time="wait", ended="started")
DECLARED = (
    Declaration("points", POINTS, by=("group",), steps="wait"),
    ESTIMATES_OF_PEOPLE,
    Declaration(
        "periods",
        (Column("group", "Who", "label"), Column("period", "Referred", "period"), *TARGET_COLUMNS),
        by=("group", "period"),
        sums=_OF_ALL,
    ),
    Declaration(
        "outcomes",
        (Column("group", "Who", "label"), *TARGET_COLUMNS),
        by=("group",),
        sums=(*_OF_ALL, *_OVER_PERIODS),
    ),
)

PLACES = {"days": 0, "hours": 1, "%": 0, "percentage points": 0}
"""Decimals with which waits and shares are shown."""


def _ends(counts: pd.DataFrame, elsewhere_ends: bool) -> pd.Series:
    """Where the wait ended with care; care elsewhere without a date of its start did not."""
    return counts["fate"].isin(["here", "elsewhere"] if elsewhere_ends else ["here"])


def curves_of_waits(counts: pd.DataFrame, groups: Groups, elsewhere_ends: bool) -> dict[str, Curve]:
    """The curve of each group, in a fixed order: everybody first.

    Raises
    ------
    CannotEvaluate
        If nobody was seen: then nothing can be said of how long people wait.
    """
    order = groups.order(counts)
    dated = counts[counts["wait"].notna()]
    ended = _ends(dated, elsewhere_ends)
    curves = curves_of(dated, order, time="wait", number="referrals", ended=ended)
    if not curves or (groups.since is not None and len(curves) < len(order)):
        raise CannotEvaluate(
            "Nobody was seen yet, so it cannot be said how long people wait.",
            found=", ".join(name for name in order if name not in curves and name != ALL) or None,
            remedy="Ask again when care has started for some of them.",
        )
    return curves


def periods_table(
    counts: pd.DataFrame, order: Sequence[str], target: float, elsewhere_ends: bool
) -> pd.DataFrame:
    """By group and period of referral: how many kept to the target, and what became of them.

    ``within`` and ``missed`` are known; ``left_before`` were closed before the target had passed;
    ``too_early``: referred so late that the target had not passed by the extract. Of referrals from
    before observation began only those that waited long are known, so none of them is counted.
    """
    kept = counts[counts["group"].isin(order) & (counts["entered"] == 0)]
    old = kept["old"] == 1
    ended = _ends(kept, elsewhere_ends) & kept["wait"].notna()
    within = old & ended & (kept["wait"] <= target + _HAIR)
    longer = (kept["wait"] > target + _HAIR) | (kept["fate"] == "waiting")
    missed = old & longer
    parts = {
        "within": within,
        "missed": missed,
        "left_before": old & ~within & ~missed,
        "too_early": ~old,
        **{outcome: kept["fate"] == outcome for outcome in OUTCOMES},
    }
    columns = {name: kept["referrals"].where(which, 0) for name, which in parts.items()}
    table = kept[["group", "period", "referrals"]].assign(**columns)
    out = table.groupby(["group", "period"], as_index=False, sort=True).sum()
    place = out["group"].map({name: at for at, name in enumerate(order)})
    out = out.assign(place=place).sort_values(["place", "period"], ignore_index=True)
    return _with_shares(out.drop(columns="place"))


def outcomes_table(periods: pd.DataFrame) -> pd.DataFrame:
    """The same for each group over all periods."""
    counts = [column.name for column in TARGET_COLUMNS if column.role in ("count", "denominator")]
    return _with_shares(periods.groupby("group", sort=False)[counts].sum().reset_index())


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the share within target, of those known, and its Wilson interval."""
    return with_wilson(rows.assign(known=rows["within"] + rows["missed"]), "within", "known")


def wait_estimates(curves: Mapping[str, Curve], outcomes: pd.DataFrame, clock: str) -> pd.DataFrame:
    """Median, 90th centile, share within target (two ways), and the difference before and since."""
    rows = centile_rows(curves, clock)
    counts = {row.group: row for row in rows_of(outcomes)}
    for group in curves:
        row = counts[group]
        for name, of in (
            ("within_target", row.known),
            ("within_target_of_all", row.known + row.left_before),
        ):
            rows.append(share_row(term_of(name, group), row.within, of, unit="referrals"))
    if len(curves) == 2 and ALL not in curves:
        before, since = ((counts[group].within, counts[group].known) for group in curves)
        rows.append(difference_row(before, since))
    return estimates_table(rows)
