"""From responses to counts: who answered, what they answered, and how many were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.analysis.survey.answers import AT_DONT_KNOW, AT_NO_ANSWER, Scale
from qieval.analysis.survey.groups import EVERYBODY, NOT_RECORDED, Grouping
from qieval.core import columns as cols
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed
from qieval.core.proportions import wilson
from qieval.core.waves import names_of, waves_in_order

ONE_WAVE = "This survey"
"""Name of the wave where the survey was done once."""

Invited = int | Mapping[str, int | Mapping[str, int]]


@dataclass(frozen=True)
class Asked:
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
    responses: pd.DataFrame,
    scale: Scale,
    *,
    items: Mapping[str, str] | Sequence[str],
    wave: str | None,
    waves: Mapping[str, str] | Sequence[str] | None,
    by: str | None,
    respondent: str | None,
) -> Asked:
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
    if responses.empty:
        raise CannotEvaluate(
            "Nobody answered: the table has no rows.",
            remedy="Check `where`, which chooses the rows; or send the survey out again.",
        )
    named = _items(items, [name for name in (wave, by, respondent) if name])
    cols.require(responses, [*named, *(name for name in (wave, by, respondent) if name)])
    in_order = {ONE_WAVE: ONE_WAVE}
    when = pd.Series(ONE_WAVE, index=responses.index)
    if wave is not None:
        if responses[wave].isna().any():
            raise DataError(
                f"`{wave}` is blank.",
                found=cols.rows(responses[wave].isna().to_numpy()),
                remedy="Fill it in, or leave these rows out.",
            )
        in_order = waves_in_order(responses[wave], waves)
        when = responses[wave].astype(str).map(in_order)
    rows = pd.DataFrame({"wave": when, "group": _groups(responses, by)}).reset_index(drop=True)
    rows["person"] = np.arange(len(rows))
    rows["who"] = rows["person"].astype(str)
    if respondent is not None:
        known = responses[respondent].notna().to_numpy()
        codes = responses[respondent].astype(str).to_numpy()
        rows["who"] = np.where(known, np.char.add("code ", codes.astype(str)), rows["who"])
    parts = [
        rows.assign(item=called, place=scale.read(responses[column], called))
        for column, called in named.items()
    ]
    answers = pd.concat(parts, ignore_index=True).dropna(subset=["wave"])
    answered = (answers["place"] != AT_NO_ANSWER).groupby(answers["person"]).transform("any")
    empty = answers[~answered].groupby("wave")["person"].nunique()
    answers = answers[answered].reset_index(drop=True)
    here = [name for name in in_order.values() if (answers["wave"] == name).any()]
    if not here or not (answers["place"] >= 0).any():
        raise CannotEvaluate(
            "Nobody answered: every item is blank or don't know.",
            found=f"{len(responses):,} rows",
            remedy="Check that `items` names the columns with the answers.",
        )
    twice = answers.drop_duplicates(["who", "wave"]).groupby("who").size().gt(1).any()
    blanks = {str(name): int(count) for name, count in empty.items()}
    return Asked(answers, here, list(named.values()), blanks, bool(twice))


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


def _groups(responses: pd.DataFrame, by: str | None) -> pd.Series:
    if by is None:
        return pd.Series(EVERYBODY, index=responses.index)
    names = responses[by].astype("string").fillna("").str.strip()
    return names.where(names != "", NOT_RECORDED).astype(str)


# ---- counts ------------------------------------------------------------------------------------


def shown_as(answers: pd.DataFrame, grouping: Grouping | None) -> pd.DataFrame:
    """The answers of everybody, and those of each group that is shown under its shown name."""
    whole = answers.assign(group=EVERYBODY)
    if grouping is None or not grouping.shown:
        return whole
    named = answers.assign(group=answers["group"].map(grouping.called))
    return pd.concat([whole, named[named["group"] != ""]], ignore_index=True)


def points_of(
    answers: pd.DataFrame, scale: Scale, asked: Asked, groups: Sequence[str], smallest: int
) -> pd.DataFrame:
    """A row a wave, group, item and level: how many chose it, and what share of those on the scale.

    Where fewer than `smallest` answered on the scale nothing is told: the count is blank.
    """
    keys = ["group", "item", "wave", "place"]
    counts = answers.groupby(keys).size()
    order = pd.MultiIndex.from_product(
        [[EVERYBODY, *groups], asked.items, asked.waves, range(scale.levels)], names=keys
    )
    table = counts.reindex(order, fill_value=0).rename("count").reset_index()
    total = table.groupby(keys[:3])["count"].transform("sum")
    told = total >= smallest
    table["level"] = table["place"].map(dict(enumerate(scale.order)))
    table["percent"] = (100 * table["count"] / total).where(told)
    table["count"] = table["count"].astype(float).where(told)
    return table[["group", "item", "wave", "level", "count", "percent"]]


def bases_of(
    answers: pd.DataFrame,
    scale: Scale,
    asked: Asked,
    groups: Sequence[str],
    smallest: int,
    confidence: float,
) -> pd.DataFrame:
    """A row a group, item and wave: how many answers, don't know and blank apart, how positive.

    ``n`` answers on the scale; ``dont_know`` and ``blank`` are in no percentage; ``positive`` with
    ``low, high`` (Wilson) and ``net`` (positive less negative) in percent. Under `smallest`
    answers all but ``n`` and the others' counts are blank, and these too: ``shown`` is False.
    """
    rows = []
    cells = dict(list(answers.groupby(["group", "item", "wave"])["place"]))
    for group in (EVERYBODY, *groups):
        for item in asked.items:
            for wave in asked.waves:
                places = cells.get((group, item, wave), pd.Series([], dtype=np.int64))
                n = int((places >= 0).sum())
                upper = int((places >= scale.levels - scale.positive).sum())
                lower = int(((places >= 0) & (places < scale.negative)).sum())
                told = n >= smallest
                share = wilson(upper, n, confidence) if told else (np.nan,) * 3
                rows.append(
                    {
                        "group": group,
                        "item": item,
                        "wave": wave,
                        "shown": told,
                        "n": float(n) if told else np.nan,
                        "dont_know": float((places == AT_DONT_KNOW).sum()) if told else np.nan,
                        "blank": float((places == AT_NO_ANSWER).sum()) if told else np.nan,
                        "positive": 100 * share[0],
                        "low": 100 * share[1],
                        "high": 100 * share[2],
                        "net": 100 * (upper - lower) / n if told else np.nan,
                    }
                )
    return pd.DataFrame(rows)


def response_of(
    answers: pd.DataFrame,
    asked: Asked,
    grouping: Grouping | None,
    invited: Invited | None,
    smallest: int,
) -> pd.DataFrame:
    """A row a wave and group: ``invited`` (blank: not known), ``answered, rate`` in percent.

    Raises
    ------
    ParameterError
        If more people answered than were invited, or a wave or group is named that is not there.
    """
    names = sorted(answers["group"].unique())
    people = answers.drop_duplicates("person").groupby(["wave", "group"]).size()
    asked_of = _invited(invited, asked.waves, names)
    rows = []
    for wave in asked.waves:
        answered = {name: int(people.get((wave, name), 0)) for name in names}
        number = asked_of.get(wave)
        whole = number if isinstance(number, int) else number and sum(number.values())
        rows.append((wave, EVERYBODY, whole, sum(answered.values())))
        if grouping is None:
            continue
        for shown in grouping.shown:
            within = [name for name in names if grouping.called[name] == shown]
            asked_here = None
            if isinstance(number, Mapping):
                asked_here = sum(number[name] for name in within)
            rows.append((wave, shown, asked_here, sum(answered[name] for name in within)))
    table = pd.DataFrame(rows, columns=["wave", "group", "invited", "answered"])
    table["invited"] = table["invited"].astype(float)
    _refuse_more_than_invited(table)
    few = table["answered"] < smallest
    table["answered"] = table["answered"].astype(float).mask(few)
    table["invited"] = table["invited"].mask(few)
    return table.assign(rate=100 * table["answered"] / table["invited"])


def _invited(
    invited: Invited | None, waves: list[str], groups: list[str]
) -> dict[str, int | dict[str, int]]:
    """Wave → number invited, or group → number."""
    if invited is None:
        return {}
    if isinstance(invited, int):
        invited = {waves[0]: invited} if len(waves) == 1 else {"": invited}
    elif len(waves) == 1 and waves[0] not in invited:
        invited = {waves[0]: invited}  # type: ignore[dict-item]
    found: dict[str, int | dict[str, int]] = {}
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
            found[wave] = {str(name): int(count) for name, count in number.items()}
        else:
            found[wave] = int(number)
    return found


def _refuse_more_than_invited(table: pd.DataFrame) -> None:
    more = table[table["answered"] > table["invited"]]
    if len(more):
        raise ParameterError(
            "More people answered than were invited.",
            found=listed(f"{row.wave}, {row.group}" for row in more.itertuples()),
            remedy="Check `invited`; and that nobody stands in the table twice.",
            where="invited",
        )
