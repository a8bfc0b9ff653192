"""Survey: how satisfied people are, on an ordinal scale, and whether answers changed between waves.

The way of the data: responses → answers on the scale (:mod:`.methods.scale`) → groups large enough
to be shown (:mod:`.methods.groups`) → counts (:mod:`.tables`) → change (:mod:`.methods.change`,
:mod:`.methods.ordinal`) → checks → words. Formulas: docs/methods/survey.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd

from qieval.analysis.survey import tables
from qieval.analysis.survey.checks import checks_of
from qieval.analysis.survey.methods.change import between_groups, changed
from qieval.analysis.survey.methods.groups import Grouping, Small, grouping_of
from qieval.analysis.survey.methods.scale import Scale
from qieval.analysis.survey.tables import Invited, Responses
from qieval.analysis.survey.words import SurveyResult
from qieval.core.aim import read_aim
from qieval.core.columns import is_number
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, ParameterError, require_one_of
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.waves import compared


@public
def survey(
    responses: pd.DataFrame,
    *,
    items: Mapping[str, str] | Sequence[str],
    order: Sequence[str],
    positive: Sequence[str] | None = None,
    codes: Mapping[str, str] | None = None,
    wave: str | None = None,
    waves: Mapping[str, str] | Sequence[str] | None = None,
    compare: Sequence[str] | None = None,
    by: str | None = None,
    respondent: str | None = None,
    invited: Invited | None = None,
    smallest: int = 10,
    small: Small = "merge",
    outcome: str = "Satisfaction",
    setting: str = "",
    called: str = "people",
    groups_called: str = "wards",
    aim: Mapping[str, Any] | str | None = None,
    confidence: float = CONFIDENCE,
) -> SurveyResult:
    """How people answered each item, by wave and group, and what changed between two waves.

    Parameters
    ----------
    responses : DataFrame
        One row a person, a column for each item. The table is not changed; columns that are not
        named here (comments) are never looked at.
    items : mapping or sequence of str
        The columns with the answers, and what each is called on the page
    order : sequence of str
        The levels of the scale from worst to best; never taken from the data
    positive : sequence of str, optional
        The levels that count as positive; nothing means the better half of the scale
    codes : mapping, optional
        Another spelling → the level it means, or don't know, or no answer
    wave : str, optional
        Column with the round of the survey; nothing means that it was done once
    waves : mapping or sequence of str, optional
        The waves, earliest first, and what each is called on the page; nothing means the order of
        the years or numbers in their names
    compare : sequence of str, optional
        Two waves (by their names on the page) whose change is asked for; nothing means the first
        and the last
    by : str, optional
        Column that names the groups, such as ward
    respondent : str, optional
        Where the same people answered more than once: column that tells one from another; its
        values are never shown
    invited : int or mapping, optional
        How many were invited: wave → number, or wave → group → number; for one wave a number or
        group → number
    smallest : int
        Fewest answers of a group that are shown
    small : str
        Groups with fewer: merge them into one, or suppress them
    outcome : str
        What the items ask about, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What those who answered are called, in the plural, such as young people
    groups_called : str
        What the groups are called, in the plural, such as wards
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    confidence : float
        Level of the intervals

    Returns
    -------
    SurveyResult
        In ``points`` a row a group, item, wave and level; estimates ``positive: <item>``,
        ``change: <item>``, ``odds_ratio: <item>``, ``better: <item>``, and ``odds_ratio`` on
        average.

    Raises
    ------
    DataError
        If a column is missing or an answer is not in `order`; with the parameter that maps it.
    ParameterError
        If `order`, `codes`, `positive`, `invited` or the waves do not fit together.
    CannotEvaluate
        If nobody answered, or so few that nothing may be shown.

    Notes
    -----
    Percentages are of the answers on the scale: "don't know" and blanks are counted apart. Shares:
    Wilson; their change: Newcombe. Odds ratio: proportional-odds model, with the groups held apart;
    with ten groups or more robust to what a group's people have in common. Its check: likelihood
    ratio against separate odds at every step. An item is judged by its odds ratio, or by the change
    of its share where the model does not fit or cannot be fitted. ``better``: chance that of two
    people, one of each wave, the later answered better, ties half (Brunner and Munzel; Newcombe
    where there is no variance). With fewer than 30 answers in a wave an item is described, not
    tested.

    References
    ----------
    McCullagh 1980, J R Stat Soc B 42:109. Brunner and Munzel 2000, Biom J 42:17. Wilson 1927,
    J Am Stat Assoc 22:209. Newcombe 1998, Stat Med 17:873; 2006, Stat Med 25:559. Benjamini and
    Hochberg 1995, J R Stat Soc B 57:289.
    """
    asked = recorded(survey, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    del asked["invited"]  # it may name groups too small to be named; `response` has what is shown
    _check(smallest, small, confidence)
    scale = Scale.of(order, positive, codes)
    tidy = tables.tidy(
        responses, scale, items=items, wave=wave, waves=waves, by=by, respondent=respondent
    )
    _refuse_too_few(tidy, smallest)
    others = f"Other {groups_called}"
    grouping = grouping_of(tidy.answers, smallest, small, others) if by else None
    groups = grouping.shown if grouping else ()
    answers = tables.shown_as(tidy.answers, grouping)
    bases = tables.bases_of(answers, scale, tidy, groups, smallest, confidence)
    pair = compared(tidy.waves, compare)
    change = None
    if pair is not None:
        change = changed(
            _for_models(tidy, grouping, others),
            scale,
            tidy.items,
            pair,
            by_group=bool(groups),
            same_people=tidy.same_people,
            smallest=smallest,
            confidence=confidence,
        )
    latest = pair[1] if pair else tidy.waves[-1]
    made = SurveyResult(
        params={
            **asked,
            "items": tidy.items,
            "order": list(scale.order),
            "positive": scale.positive_levels(),
            "negative": scale.negative_levels(),
            "codes": dict(codes or {}),
            "waves": tidy.waves,
            "compare": list(pair or ()),
        },
        points=tables.points_of(answers, scale, tidy, groups, smallest),
        estimates=tables.survey_estimates(bases, change, tidy),
        groups=tuple(groups),
        bases=bases,
        response=tables.response_of(tidy.answers, tidy, grouping, invited, smallest),
        changes=tables.changes_table(change, confidence),
        steps=change.steps if change else pd.DataFrame(columns=tables.COLUMNS["steps"]),
        between=between_groups(answers, tidy.items, latest, smallest),
    )
    return made.with_checks(checks_of(made, tidy, grouping, change))


def _check(smallest: int, small: Small, confidence: float) -> None:
    require_one_of("small", small, get_args(Small))
    if not is_number(smallest, whole=True) or smallest < 2:
        raise ParameterError(
            "`smallest` must be at least 2: the answers of one person are never shown.",
            found=repr(smallest),
            where="smallest",
        )
    if not is_number(confidence) or not 0.5 <= confidence < 1:
        raise ParameterError("`confidence` lies between 0.5 and 1.", found=repr(confidence))


def _refuse_too_few(tidy: Responses, smallest: int) -> None:
    level = tidy.answers[tidy.answers["place"] >= 0]
    if level.groupby(["item", "wave"]).size().max() < smallest:
        raise CannotEvaluate(
            f"Fewer than {smallest} people answered: their answers could be traced to them.",
            remedy="Wait for more answers, or put waves together. `smallest` is the number below "
            "which nothing is shown; lower it only if those who answered have agreed.",
        )


def _for_models(tidy: Responses, grouping: Grouping | None, others: str) -> pd.DataFrame:
    """Answers with small groups put together: a group of three has no level of its own to fit."""
    if grouping is None or not grouping.shown:
        return tidy.answers
    names = tidy.answers["group"].map(grouping.called).replace("", others)
    return tidy.answers.assign(group=names)
