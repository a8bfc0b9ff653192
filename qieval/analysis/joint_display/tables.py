"""Themes beside findings, quotes that were checked, and what the columns are."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.evaluated import Evaluated
from qieval.core.tables import ESTIMATES, Column, Declaration

AGREEMENTS = ("concordant", "discordant", "silent")
NOT_JUDGED = "not judged"

POINTS = (
    Column("theme", "Theme", "label"),
    Column("finding", "Finding", "label"),
    Column("agreement", "How they fit", "label"),
    Column("quotes", "Quotes", "number"),
    Column("not_checked", "Quotes that nobody has checked", "number"),
)
QUOTES = (
    Column("theme", "Theme", "label"),
    Column("finding", "Finding", "label"),
    Column("quote", "Quote", "text"),
    Column("who", "Who", "text"),
    Column("checked_by", "Checked by", "text"),
    Column("checked_on", "Checked on", "period"),
)
NAMED = (
    Column("finding", "Finding", "label"),
    Column("title", "Title", "text"),
    Column("reason", "Why there is none", "text"),
)
JOINT = (
    Column("theme", "Theme", "label"),
    Column("figures", "What the figures say", "text"),
    Column("people", "What people said", "text"),
    Column("agreement", "How they fit", "text"),
)
COUNTS = (
    Column("what", "What", "label"),
    Column("estimate", "Number", "number"),
    Column("n", "Of", "number"),
)
DECLARED = (
    Declaration("points", POINTS),
    ESTIMATES,
    Declaration("quotes", QUOTES),
    Declaration("named", NAMED),
)


def pairs_of(
    table: pd.DataFrame, shown: pd.DataFrame, unchecked: pd.DataFrame, findings: Sequence[str]
) -> pd.DataFrame:
    """A row a theme and finding, in the order of the table; then findings without a theme.

    A row of a theme without a finding stands only where the theme has none at all.
    """
    rows = []
    for theme, own in table.groupby("theme", sort=False):
        for finding in dict.fromkeys(own["finding"]):
            here = own[own["finding"] == finding]
            judged = [one for one in here["agreement"] if one != NOT_JUDGED]
            counts = [
                int(((one["theme"] == theme) & (one["finding"] == finding)).sum())
                for one in (shown, unchecked)
            ]
            rows.append((theme, finding, judged[0] if judged else NOT_JUDGED, *counts))
    named = set(table["finding"])
    rows += [("", one, NOT_JUDGED, 0, 0) for one in findings if one not in named]
    return pd.DataFrame(rows, columns=[column.name for column in POINTS])


def counts_of(table: pd.DataFrame, shown: pd.DataFrame, quotes: int) -> pd.DataFrame:
    """Themes, quotes and judgements, counted."""
    pairs = table.groupby(["theme", "finding"], sort=False)["agreement"].agg(
        lambda cells: next((one for one in cells if one != NOT_JUDGED), NOT_JUDGED)
    )
    themes = table["theme"].nunique()
    counts = {
        "themes": (themes, themes),
        "themes_without_a_quote": (themes - shown["theme"].nunique(), themes),
        "quotes": (len(shown), quotes),
        "not_checked": (quotes - len(shown), quotes),
        **{name: (int((pairs == name).sum()), len(pairs)) for name in (*AGREEMENTS, NOT_JUDGED)},
    }
    return estimates_table(
        estimate_row(term.replace(" ", "_"), count, unit="count", n=of, method="counted")
        for term, (count, of) in counts.items()
    )


def named_of(meant: Sequence[Evaluated]) -> pd.DataFrame:
    """The title of each finding, and why there is none where it was not evaluated."""
    rows = [(one.name, one.title, "" if one.result is not None else one.headline) for one in meant]
    return pd.DataFrame(rows, columns=[column.name for column in NAMED])
