"""Joint display: what the figures say beside what people said, by theme. Nothing is coded here.

Themes, which quote stands for which, and how quotes and figures fit are what people wrote into the
table. A quote that nobody has marked as checked is counted, and is in no result.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qieval.analysis.joint_display.checks import checks_of
from qieval.analysis.joint_display.tables import (
    AGREEMENTS,
    NOT_JUDGED,
    QUOTES,
    counts_of,
    named_of,
    pairs_of,
)
from qieval.analysis.joint_display.words import JointDisplayResult
from qieval.core.columns import different
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, did_you_mean, listed
from qieval.core.evaluated import Evaluated
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.words import in_a_row
from qieval.intake.identifiers import spans
from qieval.intake.tables import KINDS
from qieval.intake.tables.faults import conformed, row_numbers

LONGEST = 300
"""Letters of the longest quote: more tells too much of who speaks."""

_WHERE = "the table of quotes"


@public
def joint_display(
    quotes: pd.DataFrame,
    results: Sequence[Evaluated],
    *,
    findings: Sequence[str] = (),
    outcome: str = "What the figures say, and what people said",
    setting: str = "",
) -> JointDisplayResult:
    """Set findings beside what teams and people who use the service said, by theme.

    Parameters
    ----------
    quotes : DataFrame
        One row a quote, or a theme without one: theme, quote, who (a role), finding
        (`project/evaluation`), agreement (concordant, discordant or silent), checked_by,
        checked_on. It is not changed.
    results : list of Evaluated
        What was evaluated, as `qi.read_results` gives it.
    findings : list of str
        The findings that are meant, as `project/evaluation`; none means all that were read
    outcome : str
        What the page is about, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    JointDisplayResult
        In ``points`` a row a theme and finding; in ``quotes`` those that were checked.

    Raises
    ------
    CannotEvaluate
        If the table names no theme.
    DataError
        If a row names a finding that was not read, or an unknown agreement, two rows judge one
        theme and finding differently, or a checked quote is long or may tell who somebody is.
    ParameterError
        If `findings` names one that was not read.

    References
    ----------
    Guetterman, Fetters and Creswell 2015, Ann Fam Med 13:554 (joint displays). O'Cathain, Murphy
    and Nicholl 2010, BMJ 341:c4587 (agreement, dissonance and silence between kinds of data).
    """
    asked = recorded(joint_display, locals())
    if quotes.empty:
        raise CannotEvaluate(
            "The table holds no row, so there is no theme.",
            remedy="One row a quote is needed: `theme`, `quote`, `who`, `finding`, `agreement`, "
            "`checked_by` and `checked_on`.",
        )
    meant = _meant(results, findings)
    table = conformed(quotes, KINDS["quotes"], _WHERE)
    table = table.assign(
        finding=_known(table["finding"], meant), agreement=_agreement(table["agreement"])
    )
    _refuse_contradictions(table)
    said = table[table["quote"].notna()]
    checked = said["checked_by"].notna() & said["checked_on"].notna()
    shown = said[checked]
    _refuse_unfit(shown)
    kept = {item.name: item.result for item in meant if item.result is not None}
    result = JointDisplayResult(
        params=asked,
        points=pairs_of(table, shown, said[~checked], [item.name for item in meant]),
        estimates=counts_of(table, shown, len(said)),
        quotes=shown.assign(who=shown["who"].astype(object).fillna(""))[
            [column.name for column in QUOTES]
        ].reset_index(drop=True),
        named=named_of(meant),
        findings=kept,
    )
    return result.with_checks(checks_of(result))


def _meant(results: Sequence[Evaluated], findings: Sequence[str]) -> list[Evaluated]:
    """The evaluations that are set beside the themes, each a finding or why there is none."""
    own = [one for one in results if one.counts]
    known = [one.name for one in own]
    for name in findings:
        if name not in known:
            raise ParameterError(
                f"`findings` names `{name}`, which was not read.",
                found=listed(known),
                remedy=did_you_mean(name, known, "Write it as `project/evaluation`."),
                where="findings",
            )
    wanted = [one for one in own if one.name in findings] if findings else own
    # A chart of single events is not passed on, so it cannot stand in a page that may be.
    return [one for one in wanted if one.result is None or not one.result.one_person_a_point]


def _known(cells: pd.Series, meant: Sequence[Evaluated]) -> pd.Series:
    """The finding of each row; blank: none."""
    names = [one.name for one in meant]
    unknown = (cells.notna() & ~cells.isin(names)).to_numpy()
    if unknown.any():
        raise DataError(
            "Some rows name a finding that is not among those that were read.",
            found=different(cells, unknown),
            remedy=f"Name one of {listed(names)}; or leave `finding` blank.",
            where=_WHERE,
        )
    return cells.astype(object).fillna("")


def _agreement(cells: pd.Series) -> pd.Series:
    """How people judged that quotes and finding fit."""
    plain = cells.str.lower()
    unknown = (cells.notna() & ~plain.isin(AGREEMENTS)).to_numpy()
    if unknown.any():
        raise DataError(
            "`agreement` holds what is not known.",
            found=different(cells, unknown),
            remedy=f"Write {in_a_row(AGREEMENTS, 'or')}; or leave it blank until it is judged.",
            where=_WHERE,
        )
    return plain.astype(object).fillna(NOT_JUDGED)


def _refuse_contradictions(table: pd.DataFrame) -> None:
    """Refuse two judgements of one theme and finding, and one of nothing; a blank one is none."""
    pairs = ["theme", "finding"]
    unsaid = table.groupby(pairs)["quote"].transform("count") == 0
    both = table["agreement"].isin(["concordant", "discordant"])
    one_sided = both & (unsaid | (table["finding"] == ""))
    if one_sided.any():
        raise DataError(
            "A theme is judged concordant or discordant, and its finding or its quote is missing.",
            found=row_numbers(table.index[one_sided]),
            remedy="Name the finding and give a quote; or write silent, or leave it blank.",
            where=_WHERE,
        )
    judged = table[table["agreement"] != NOT_JUDGED]
    for _, rows in judged.groupby(pairs, sort=False):
        if len(set(rows["agreement"])) > 1:
            raise DataError(
                "One theme and finding are judged in different ways.",
                found=row_numbers(rows.index),
                remedy="Settle it, and write the same in each row; or make two themes of it.",
                where=_WHERE,
            )


def _refuse_unfit(shown: pd.DataFrame) -> None:
    """Refuse quotes, marked as checked, that are long or may tell who somebody is."""
    long = shown.index[shown["quote"].str.len() > LONGEST]
    if len(long):
        raise DataError(
            f"A quote may have {LONGEST} letters.",
            found=row_numbers(long),
            remedy="Shorten it to the sentence that carries the theme.",
            where=_WHERE,
        )
    texts = shown[["theme", "quote", "who", "checked_by"]].fillna("").astype("str")
    held = {row: set().union(*(spans(text) for text in cells)) for row, *cells in
            texts.itertuples(name=None)}  # fmt: skip
    if wrong := {row: kinds for row, kinds in held.items() if kinds}:
        raise DataError(
            "A quote that is marked as checked holds what may tell who somebody is.",
            found=f"{in_a_row(sorted(set().union(*wrong.values())))}, {row_numbers(wrong)}",
            remedy="Take it out of the quote, and check it again.",
            where=_WHERE,
        )
