"""`qi.audit_counts`: figures in rows of their own become how many met a standard, of how many."""

from __future__ import annotations

import pandas as pd

from qieval.core import columns
from qieval.core.errors import CannotEvaluate, DataError
from qieval.core.signatures import public
from qieval.flow.prepared import Prepared


@public
def audit_counts(
    data: pd.DataFrame,
    *,
    standard: str = "standard",
    wave: str = "wave",
    team: str | None = None,
    figures_in: str | None = None,
    denominator: str | None = None,
) -> Prepared:
    """Counts for an audit from a table with one row a figure.

    Some returns have a row for each figure: how many had a check, and in a row of its own how many
    people there are. Other tables are handed on as they are.

    Parameters
    ----------
    data : DataFrame
        A table of `qi.read`. It is not changed.
    standard : str
        Column with the standard that was checked
    wave : str
        Column with the round of the audit
    team : str, optional
        Column with the team; teams are allowed for, and compared as a funnel
    figures_in : str, optional
        Where each figure has a row of its own: column with the figures
    denominator : str, optional
        With figures_in: name, among the standards, of the row that says to how many people all of
        them apply

    Returns
    -------
    Prepared
        ``table`` with columns ``met`` and ``applicable``, and ``notes``. Who sent in nothing, or a
        denominator of 0, is left out and counted: it is missing, not 0 %.

    Raises
    ------
    DataError
        If a column or the denominator is not there, or a figure stands twice.
    CannotEvaluate
        If nobody sent in a denominator.
    """
    if (figures_in is None) != (denominator is None):
        raise DataError(
            "`figures_in` and `denominator` are given together, or neither.",
            remedy="Leave both out if the table has a row an answer, or columns of its own for the "
            "two counts.",
        )
    if figures_in is None or denominator is None:
        return Prepared(data, ())
    key = [name for name in (wave, team) if name is not None]
    columns.require(data, [standard, figures_in, *key])
    columns.numbers(data[figures_in], figures_in)
    _refuse(data, [*key, standard], standard, denominator)
    people = data[data[standard] == denominator].set_index(key)[figures_in]
    counts = data[data[standard] != denominator].rename(columns={figures_in: "met"})
    size = people.reindex(pd.MultiIndex.from_frame(counts[key]) if team else counts[wave])
    counts = counts.assign(applicable=size.to_numpy())
    sent = (counts["applicable"] > 0) & counts["met"].notna()
    if not sent.any():
        raise CannotEvaluate(f"`{denominator}` is 0 or blank everywhere: nothing was sent in.")
    notes = [
        f"Each figure had a row of its own (`{standard}`); `{denominator}` says of how many people."
    ]
    if not sent.all():
        left = counts.loc[~sent, key].drop_duplicates()
        by_wave = [f"{count:,} in {name}" for name, count in left[wave].value_counts().items()]
        notes.append(
            f"Left out, nothing sent in or a denominator of 0 (missing, not 0%): "
            f"{', '.join(by_wave)}."
        )
    return Prepared(counts[sent], tuple(notes))


def _refuse(data: pd.DataFrame, key: list[str], standard: str, denominator: str) -> None:
    known = data[standard].dropna().astype(str).unique().tolist()
    if denominator not in known:
        raise DataError(
            f"No row of `{standard}` is `{denominator}`.",
            found=columns.different(data[standard].dropna()),
            remedy="Look how the denominator is called in the file.",
        )
    twice = data.duplicated(key, keep=False)
    if twice.any():
        raise DataError(
            "A figure stands more than once for the same team and wave.",
            found=columns.rows(twice.to_numpy()),
            remedy="Choose rows with `where`, or name the column of the team with `team`.",
        )
