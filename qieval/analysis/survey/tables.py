"""From responses to the tables of the result: who answered, what they answered, what changed.

Shares are 0 to 1; estimates of positive answers and their change are in percent and points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.survey.methods.change import Changed
from qieval.analysis.survey.methods.groups import EVERYBODY, NOT_RECORDED, Grouping
from qieval.analysis.survey.methods.scale import AT_DONT_KNOW, AT_NO_ANSWER, Scale
from qieval.core import columns as cols
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.proportions import Ends, wilson
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Sum
from qieval.core.waves import names_of, waves_in_order
from qieval.core.words import many

ONE_WAVE = "This survey"
"""Name of the wave where the survey was done once."""

DECLARED = (
    Declaration(
        "points",
        (
            Column("group", "Who", "label"),
            Column("item", "Item", "label"),
            Column("wave", "Wave", "label"),
            Column("level", "Answer", "label"),
            Column("count", "Answers", "count", of="n"),
            Column("n", "Of", "denominator"),
            Column("share", "Share", "share", "0%", of="count/n"),
        ),
        by=("group", "item", "wave", "level"),
        sums=(Sum("n", ("count",), frame="points", over=("level",)),),
    ),
    ESTIMATES_OF_PEOPLE,
    Declaration(
        "bases",
        (
            Column("group", "Who", "label"),
            Column("item", "Item", "label"),
            Column("wave", "Wave", "label"),
            Column("shown", "Shown", "label"),
            Column("n", "Answers", "denominator"),
            Column("dont_know", "Don't know", "count"),
            Column("blank", "Blank", "count"),
            Column("positive", "Positive", "count", of="n"),
            Column("negative", "Negative", "count", of="n"),
            *Column("share", "Share positive", "share", "0%", of="positive/n").with_interval(),
            Column("share_negative", "Share negative", "share", "0%", of="negative/n"),
        ),
        by=("group", "item", "wave"),
        sums=(
            Sum("n", ("count",), frame="points"),
            Sum("n", ("answered",), less=("dont_know", "blank"), frame="response"),
        ),
    ),
    Declaration(
        "response",
        (
            Column("group", "Who", "label"),
            Column("wave", "Wave", "label"),
            Column("invited", "Invited", "denominator"),
            Column("answered", "Answered", "count", of="invited"),
            Column("rate", "Response rate", "share", "0%", of="answered/invited"),
        ),
        by=("group", "wave"),
    ),
    Declaration(
        "changes",
        (
            Column("item", "Item", "label"),
            Column("tested", "Tested", "label"),
            Column("judged_by", "Judged by", "label"),
            Column("why_not", "Why not by its odds", "text"),
            Column("direction", "Direction", "label"),
            Column("adjusted", "p, adjusted", "estimate"),
            Column("check_p", "p of the proportional odds", "estimate"),
        ),
    ),
    Declaration(
        "steps",
        (
            Column("item", "Item", "label"),
            Column("level", "Answers at least as good as", "label"),
            *Column("odds_ratio", "Odds ratio", "estimate", "2").with_interval(),
        ),
    ),
    Declaration(
        "between",
        (
            Column("item", "Item", "label"),
            Column("wave", "Wave", "label"),
            Column("groups", "Groups", "label"),
            Column("n", "Answers", "denominator"),
            Column("statistic", "Statistic", "estimate"),
            Column("df", "Degrees of freedom", "estimate"),
            Column("p_value", "p value", "estimate"),
            Column("adjusted", "p, adjusted", "estimate"),
        ),
    ),
)
COLUMNS = {one.frame: [column.name for column in one.columns] for one in DECLARED}

Invited = int | Mapping[str, int | Mapping[str, int]]


@dataclass(frozen=True)
class Responses:
    """Responses, tidy.

    Attributes
    ----------
    answers : DataFrame
        A row a person and item: ``person, who, wave, group, item, place``. ``who`` tells people
        apart over waves, ``person`` within a wave. Who left every item blank is not in it.
    waves, items : list of str
        In order, as the page calls them.
    empty : dict
        Wave → people who left every item blank.
    same_people : bool
        Whether some people answered in more than one wave.
    """

    answers: pd.DataFrame
    waves: list[str]
    items: list[str]
    empty: dict[str, int]
    same_people: bool


def tidy(
    table: pd.DataFrame,
    scale: Scale,
    *,
    items: Mapping[str, str] | Sequence[str],
    wave: str | None,
    waves: Mapping[str, str] | Sequence[str] | None,
    by: str | None,
    respondent: str | None,
) -> Responses:
    """One row a person and item, with the place of each answer on the scale.

    Raises
    ------
    DataError
        If a column is missing, a wave is blank, or an answer is not known.
    ParameterError
        If a column has two meanings, or the order of the waves is not clear.
    CannotEvaluate
        If nobody answered.
    """
    if table.empty:
        raise CannotEvaluate(
            "Nobody answered: the table has no rows.",
            remedy="Check `where`, which chooses the rows; or send the survey out again.",
        )
    named = _items(items, [name for name in (wave, by, respondent) if name])
    cols.require(table, [*named, *(name for name in (wave, by, respondent) if name)])
    in_order = {ONE_WAVE: ONE_WAVE}
    when = pd.Series(ONE_WAVE, index=table.index)
    if wave is not None:
        if table[wave].isna().any():
            raise DataError(
                f"`{wave}` is blank.",
                found=cols.rows(table[wave].isna().to_numpy()),
                remedy="Fill it in, or leave these rows out.",
            )
        in_order = waves_in_order(table[wave], waves)
        when = table[wave].astype(str).map(in_order)
    rows = pd.DataFrame({"wave": when, "group": _groups(table, by)}).reset_index(drop=True)
    rows["person"] = np.arange(len(rows))
    rows["who"] = rows["person"].astype(str)
    if respondent is not None:
        known = table[respondent].notna().to_numpy()
        codes = table[respondent].astype(str).to_numpy()
        rows["who"] = np.where(known, np.char.add("code ", codes.astype(str)), rows["who"])
    per_item = [
        rows.assign(item=called, place=scale.read(table[column], called))
        for column, called in named.items()
    ]
    answers = pd.concat(per_item, ignore_index=True).dropna(subset=["wave"])
    answered = (answers["place"] != AT_NO_ANSWER).groupby(answers["person"]).transform("any")
    empty = answers[~answered].groupby("wave")["person"].nunique()
    answers = answers[answered].reset_index(drop=True)
    here = [name for name in in_order.values() if (answers["wave"] == name).any()]
    if not here or not (answers["place"] >= 0).any():
        raise CannotEvaluate(
            "Nobody answered: every item is blank or don't know.",
            found=f"{len(table):,} rows",
            remedy="Check that `items` names the columns with the answers.",
        )
    twice = answers.drop_duplicates(["who", "wave"]).groupby("who").size().gt(1).any()
    blanks = {str(name): int(count) for name, count in empty.items()}
    return Responses(answers, here, list(named.values()), blanks, bool(twice))


def _items(items: Mapping[str, str] | Sequence[str], taken: list[str]) -> dict[str, str]:
    columns = list(items)
    if not columns or isinstance(items, str):
        raise ParameterError(
            "`items` names the columns with the answers.",
            found=repr(items),
            remedy="Write `items: [weekday, evening]`, or `items: {weekday: On weekdays}`.",
            where="items",
        )
    if both := [name for name in columns if name in taken]:
        raise ParameterError(
            "A column cannot be an item and something else.", found=listed(both), where="items"
        )
    if len(set(columns)) < len(columns):
        raise ParameterError("`items` names a column twice.", found=listed(columns), where="items")
    return names_of(columns, items, "items")


def _groups(table: pd.DataFrame, by: str | None) -> pd.Series:
    if by is None:
        return pd.Series(EVERYBODY, index=table.index)
    names = table[by].astype("string").fillna("").str.strip()
    return names.where(names != "", NOT_RECORDED).astype(str)


# ---- counts ------------------------------------------------------------------------------------


def shown_as(answers: pd.DataFrame, grouping: Grouping | None) -> pd.DataFrame:
    """The answers of everybody, and those of each group that is shown under its shown name."""
    everybody = answers.assign(group=EVERYBODY)
    if grouping is None or not grouping.shown:
        return everybody
    named = answers.assign(group=answers["group"].map(grouping.called))
    return pd.concat([everybody, named[named["group"] != ""]], ignore_index=True)


def points_of(
    answers: pd.DataFrame, scale: Scale, responses: Responses, groups: Sequence[str], smallest: int
) -> pd.DataFrame:
    """A row a wave, group, item and level: how many chose it, and what share of those on the scale.

    Where fewer than `smallest` answered on the scale nothing is told: the count is blank.
    """
    keys = ["group", "item", "wave", "place"]
    counts = answers.groupby(keys).size()
    order = pd.MultiIndex.from_product(
        [[EVERYBODY, *groups], responses.items, responses.waves, range(scale.levels)], names=keys
    )
    table = counts.reindex(order, fill_value=0).rename("count").reset_index()
    total = table.groupby(keys[:3])["count"].transform("sum")
    enough = total >= smallest
    table["level"] = table["place"].map(dict(enumerate(scale.order)))
    table["count"] = table["count"].astype(float).where(enough)
    table["n"] = total.astype(float).where(enough)
    table["share"] = table["count"] / table["n"]
    return table[COLUMNS["points"]]


def bases_of(
    answers: pd.DataFrame,
    scale: Scale,
    responses: Responses,
    groups: Sequence[str],
    smallest: int,
    confidence: float,
) -> pd.DataFrame:
    """A row a group, item and wave: how many answers, don't know and blank apart, how positive.

    ``n`` answers on the scale; ``dont_know`` and ``blank`` are in no percentage; ``share`` positive
    with ``low, high`` (Wilson). Under `smallest` answers everything is blank: ``shown`` is False.
    """
    rows = []
    cells = dict(list(answers.groupby(["group", "item", "wave"])["place"]))
    for group in (EVERYBODY, *groups):
        for item in responses.items:
            for wave in responses.waves:
                row = {"group": group, "item": item, "wave": wave, "shown": False}
                places = cells.get((group, item, wave), pd.Series([], dtype=np.int64))
                if (places >= 0).sum() >= smallest:
                    row |= {"shown": True, **_base(places, scale, confidence)}
                rows.append(row)
    return pd.DataFrame(rows).reindex(columns=COLUMNS["bases"])


def _base(places: pd.Series, scale: Scale, confidence: float) -> dict[str, float]:
    n = int((places >= 0).sum())
    positive = int((places >= scale.levels - scale.positive).sum())
    negative = int(((places >= 0) & (places < scale.negative)).sum())
    ends = wilson(positive, n, confidence)
    return {
        "n": float(n),
        "dont_know": float((places == AT_DONT_KNOW).sum()),
        "blank": float((places == AT_NO_ANSWER).sum()),
        "positive": float(positive),
        "negative": float(negative),
        "share": ends.value,
        "low": ends.low,
        "high": ends.high,
        "share_negative": negative / n,
    }


def response_of(
    answers: pd.DataFrame,
    responses: Responses,
    grouping: Grouping | None,
    invited: Invited | None,
    smallest: int,
) -> pd.DataFrame:
    """A row a wave and group: ``invited`` (blank: not known), ``answered, rate``.

    Raises
    ------
    ParameterError
        If more people answered than were invited, or a wave or group is named that is not there.
    """
    names = sorted(answers["group"].unique())
    people = answers.drop_duplicates("person").groupby(["wave", "group"]).size()
    invited_by_wave = _invited(invited, responses.waves, names)
    rows = []
    for wave in responses.waves:
        answered = {name: int(people.get((wave, name), 0)) for name in names}
        number = invited_by_wave.get(wave)
        everybody = number if isinstance(number, int) else number and sum(number.values())
        rows.append((wave, EVERYBODY, everybody, sum(answered.values())))
        if grouping is None:
            continue
        for group in grouping.shown:
            within = [name for name in names if grouping.called[name] == group]
            invited_here = None
            if isinstance(number, Mapping):
                invited_here = sum(number[name] for name in within)
            rows.append((wave, group, invited_here, sum(answered[name] for name in within)))
    table = pd.DataFrame(rows, columns=["wave", "group", "invited", "answered"])
    table["invited"] = table["invited"].astype(float)
    _refuse_more_than_invited(table)
    few = table["answered"] < smallest
    table["answered"] = table["answered"].astype(float).mask(few)
    table["invited"] = table["invited"].mask(few)
    return table.assign(rate=table["answered"] / table["invited"])[COLUMNS["response"]]


def _invited(
    invited: Invited | None, waves: list[str], groups: list[str]
) -> dict[str, int | dict[str, int]]:
    """Wave → number invited, or group → number."""
    if invited is None:
        return {}
    if isinstance(invited, int | np.integer):
        invited = {waves[0]: invited} if len(waves) == 1 else {"": invited}
    elif len(waves) == 1 and waves[0] not in invited:
        invited = {waves[0]: invited}  # type: ignore[dict-item]
    by_wave: dict[str, int | dict[str, int]] = {}
    for wave, number in invited.items():
        if wave not in waves:
            raise ParameterError(
                "`invited` names a wave that has no answers.",
                found=listed([wave] if wave else ["no wave"]),
                remedy=f"Waves: {listed(waves)}. Write `invited: {{{waves[0]}: 60}}`.",
                where="invited",
            )
        if isinstance(number, Mapping):
            lacking = [name for name in groups if name not in number]
            unknown = [name for name in number if name not in groups]
            if lacking or unknown:
                raise ParameterError(
                    f"`invited` must name every group of {wave}, as in the table.",
                    found=f"lacking {listed(lacking)}" if lacking else f"unknown {listed(unknown)}",
                    remedy="Or give one number for the whole wave.",
                    where="invited",
                )
            by_wave[wave] = {str(name): int(count) for name, count in number.items()}
        else:
            by_wave[wave] = int(number)
    return by_wave


def _refuse_more_than_invited(table: pd.DataFrame) -> None:
    more = table[table["answered"] > table["invited"]]
    if len(more):
        raise ParameterError(
            "More people answered than were invited.",
            found=f"{len(more):,} of {many(len(table), 'group')} and waves",
            remedy="Check `invited`; and that nobody stands in the table twice.",
            where="invited",
        )


# ---- estimates ---------------------------------------------------------------------------------


def survey_estimates(
    bases: pd.DataFrame, change: Changed | None, responses: Responses
) -> pd.DataFrame:
    """One row a term; what is not shown or not known has no row."""
    rows = list(_share_rows(bases, responses))
    for one in change.items if change else []:
        rows += _change_rows(one, change.clustered if change else "")
    if change is not None and change.average is not None:
        average = change.average
        rows.append(
            estimate_row(
                "odds_ratio",
                *average["odds"],
                unit="odds ratio",
                n=average["n"],
                method=f"mean of {average['items']} proportional-odds models; robust",
                p_value=average["p_value"],
                df=average["df"],
            )
        )
    return estimates_table(rows)


def _share_rows(bases: pd.DataFrame, responses: Responses) -> Iterator[dict[str, Any]]:
    everybody = bases[(bases["group"] == EVERYBODY) & bases["shown"].astype(bool)]
    for row in rows_of(everybody):
        wave = f", {row.wave}" if len(responses.waves) > 1 else ""
        ends = (100 * end for end in (row.share, row.low, row.high))
        term, n = f"positive: {row.item}{wave}", int(row.n)
        yield estimate_row(term, *ends, unit="% of answers", n=n, method="Wilson")


def _change_rows(one: dict[str, Any], clustered: str) -> Iterator[dict[str, Any]]:
    item, n = one["item"], one["n"]
    if one["points"] is not None:
        ends: Ends = one["points"]
        unit = "percentage points"
        yield estimate_row(
            f"change: {item}", *ends, unit=unit, n=n, method="Newcombe", p_value=one["points_p"]
        )
    if "better" in one:
        better = one["better"]
        yield estimate_row(
            f"better: {item}",
            *better.ends,
            unit="chance",
            n=n,
            method="Brunner-Munzel" if np.isfinite(better.se) else "Newcombe, method 5",
            se=better.se,
            p_value=better.p_value,
            df=better.df,
        )
    if "odds" in one:
        robust = {"": "", "people": "; robust, people", "groups": "; robust, groups"}[clustered]
        yield estimate_row(
            f"odds_ratio: {item}",
            *one["odds"],
            unit="odds ratio",
            n=n,
            method=f"proportional odds{robust}",
            p_value=one["p_value"],
            df=one["df"],
        )


def changes_table(change: Changed | None, confidence: float) -> pd.DataFrame:
    """A row an item: whether it was tested, and if so by what and which way it went.

    ``direction``: better, worse or unclear, by the p value that allows for several items.
    """
    rows = [
        {
            "item": one["item"],
            "tested": one["tested"],
            "judged_by": one.get("judged_by", ""),
            "why_not": one["why_not"],
            "direction": _direction(one, confidence),
            "adjusted": one.get("adjusted", np.nan),
            "check_p": one.get("check_p", np.nan),
        }
        for one in (change.items if change else [])
    ]
    return pd.DataFrame(rows, columns=COLUMNS["changes"])


def _direction(one: dict[str, Any], confidence: float) -> str:
    if not one["tested"]:
        return ""
    if one["adjusted"] >= 1 - confidence:
        return "unclear"
    if one["judged_by"] == "share":
        return "better" if one["points"].value > 0 else "worse"
    if one["judged_by"] == "chance":
        return "better" if one["better"].ends.value > 0.5 else "worse"
    return "better" if one["odds"].value > 1 else "worse"
