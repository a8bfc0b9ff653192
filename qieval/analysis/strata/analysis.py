"""Strata: for whom did it change? Groups of people side by side, and the gaps between them.

Reads from top to bottom: every row gets its stratum and its side of the change, the sides are
counted or fitted (:mod:`.tables`), gaps to one reference stratum follow from them, and
:mod:`.checks` says what to mind. There are no p values: nothing is to be fished for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from qieval.analysis.strata.checks import checks_of
from qieval.analysis.strata.tables import (
    NOT_RECORDED,
    SIDES,
    Looked,
    counted,
    estimates_of,
    fitted,
)
from qieval.analysis.strata.words import StrataResult
from qieval.core import columns
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, require_one_of
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.waves import names_of

Direction = Literal["lower", "higher", "neutral"]


@public
def strata(
    data: pd.DataFrame,
    *,
    stratum: str,
    event: str | None = None,
    value: str | None = None,
    denominator: str | None = None,
    per: float = 1,
    time: str | None = None,
    intervention: date | str | None = None,
    waves: Sequence[str] | None = None,
    met: Sequence[str] = ("met",),
    left_out: Sequence[str] = ("not applicable", "refused"),
    order: Mapping[str, str] | Sequence[str] | None = None,
    reference: str | None = None,
    divisions: int = 1,
    outcome: str | None = None,
    unit: str | None = None,
    setting: str = "",
    change: str = "the change",
    direction: Direction = "neutral",
) -> StrataResult:
    """The same evaluation for each group of people, and whether the gaps between them changed.

    Parameters
    ----------
    data : DataFrame
        One row a person (with `event`), or one row a stratum and period (with `value`). It is not
        changed.
    stratum : str
        Column that says to which group somebody belongs: deprivation fifth, ethnicity, age band,
        ward type; blank is shown as not recorded
    event : str, optional
        Column with 1 where it happened and 0 where not, or with the answers of an audit: shares of
        people are compared
    value : str, optional
        Column with the figure of a stratum in a period: means of periods are compared
    denominator : str, optional
        With value: column that it is divided by
    per : float
        Units of the denominator that a rate is given for, such as 1000 bed days
    time : str, optional
        Column with the dates; nothing means period with value, date with event, wave with waves
    intervention : date, optional
        Day on which the change began
    waves : list of str, optional
        Instead of that day, the two rounds of an audit that are compared, the earlier first
    met : list of str
        Answers that mean that it happened, where event holds text
    left_out : list of str
        Answers that are not counted, where event holds text; every other one, and none, is not met
    order : mapping or list of str, optional
        The strata in their order; or each with what it is called on the page. Strata that are
        called the same are put together
    reference : str, optional
        The stratum that the others are compared with; nothing means the largest before the change
    divisions : int
        In how many ways people were divided in all: 3 if strata by age, sex and deprivation were
        looked at. Intervals allow for it
    outcome : str, optional
        What is measured, in plain words
    unit : str, optional
        Unit of the value, in plain words
    setting : str
        For whom or where, in plain words
    change : str
        The change in plain words, as in a sentence
    direction : str
        Which way is better

    Returns
    -------
    StrataResult
        In ``points`` a row a stratum and side; ``gaps`` to the reference before and since, and the
        change of each.

    Raises
    ------
    CannotEvaluate
        If there are not two strata with figures on both sides, or too few periods.
    DataError
        If the table cannot be used.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Shares: Wilson; gaps: Newcombe; their change: the difference of two differences by squares of
    their limits. Figures of periods: two means with AR(1) errors, the autocorrelation integrated
    out as in an interrupted time series; a gap is fitted to the differences of each period, so that
    what struck both strata alike drops out. Intervals of gaps hold for all gaps together
    (Bonferroni over the strata compared, times the divisions); those of single strata for each
    alone. Nothing is tested, and there are no p values.

    References
    ----------
    Newcombe 1998, Stat Med 17:873; 2001, Stat Med 20:2885. Dunn 1961, J Am Stat Assoc 56:52. Wang
    et al 2007, N Engl J Med 357:2189 (reporting of subgroups).
    """
    asked = recorded(strata, locals())
    require_one_of("direction", direction, ("lower", "higher", "neutral"))
    _check(event, value, denominator, per, divisions, intervention, waves)
    time = time or ("wave" if waves else "period" if value else "date")
    figures = [name for name in (value, denominator) if name]
    columns.require(data, [stratum, time, *([event] if event else figures)])
    group, names = _strata(data[stratum], order)
    rows = pd.DataFrame({"stratum": group.to_numpy()})
    if event:
        _refuse_several_standards(data)
        since = _since(data[time], time, intervention, waves)
        rows["side"] = since.map(dict(enumerate(SIDES))).to_numpy()
        rows["happened"] = _happened(data[event], event, met, left_out)
        asked_of = rows.dropna(subset="side")
        looked = counted(asked_of.dropna(), names)
        not_counted = int(asked_of["happened"].isna().sum())
    else:
        assert value is not None
        rows["period"] = columns.dates(data[time], time).to_numpy()
        rows["value"] = columns.numbers(data[value], value)
        rows["below"] = _denominators(data, denominator) if denominator else np.nan
        began = columns.moment(intervention, "intervention")
        looked = fitted(rows, names, began=began, per=per, divided=denominator is not None)
        not_counted = 0
    against = _reference(looked, reference)
    result = StrataResult(
        params={
            **asked,
            "time": time,
            "reference": against,
            "outcome": outcome or (event or value or "").replace("_", " ").capitalize(),
            "unit": unit or _unit(event, value, denominator, per),
        },
        points=looked.points,
        estimates=estimates_of(looked, against, divisions),
        strata=tuple(names),
        compared=tuple(name for name in looked.on_both_sides if name != against),
        periods=looked.periods,
        not_counted=not_counted,
        teams=int(data["team"].nunique()) if event and "team" in data else 0,
    )
    return result.with_checks(checks_of(result))


def _check(
    event: str | None,
    value: str | None,
    denominator: str | None,
    per: float,
    divisions: int,
    intervention: date | str | None,
    waves: Sequence[str] | None,
) -> None:
    """Refuse parameters that do not go together."""
    if (event is None) == (value is None):
        raise ParameterError(
            "Give either `event`, for rows of people, or `value`, for figures of periods.",
            found="both" if event else "neither",
            where="event",
        )
    if denominator and event:
        raise ParameterError("With `event` nothing is divided.", where="denominator")
    if not columns.is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per), where="per")
    if not columns.is_number(divisions, whole=True) or divisions < 1:
        raise ParameterError(
            "`divisions` must be a whole number, 1 or more.",
            found=repr(divisions),
            where="divisions",
        )
    if waves is not None and (value or len(waves) != 2 or waves[0] == waves[1]):
        raise ParameterError(
            "`waves` names two different rounds of an audit, whose rows are people (`event`).",
            found=listed(waves),
            where="waves",
        )
    if waves is None and intervention is None:
        raise ParameterError(
            "Nothing says which rows are from before the change.",
            remedy="Give `intervention`, the day on which it began; or two `waves`.",
            where="intervention",
        )


def _strata(
    column: pd.Series, order: Mapping[str, str] | Sequence[str] | None
) -> tuple[pd.Series, list[str]]:
    """The stratum of each row as it is called, and all of them in order, not recorded last."""
    given = column.astype(object).where(column.notna(), "")
    # A fifth that was read as a number is 1, not 1.0.
    text = given.map(lambda one: f"{one:g}" if isinstance(one, float) else str(one).strip())
    found = sorted(set(text) - {""})
    if isinstance(order, Mapping):
        named = {str(key): str(value) for key, value in order.items()}
    else:
        named = names_of(found, order, "order")
    if unknown := [name for name in found if name not in named]:
        raise DataError(
            f"{len(unknown)} strata of the table do not stand in `order`.",
            remedy="Add them to `order`, put together with others by the same name if they are "
            "small.",
            where="order",
        )
    names = list(dict.fromkeys(named.values()))
    if NOT_RECORDED in names:
        raise ParameterError(
            f"`{NOT_RECORDED}` is what rows without a stratum are called; leave their cells blank.",
            where="order",
        )
    columns.written_alike(names, str(column.name))
    # Always there: a row that is missing would tell nobody from a few that are withheld.
    return text.map(named).mask(text == "", NOT_RECORDED), [*names, NOT_RECORDED]


def _denominators(data: pd.DataFrame, name: str) -> np.ndarray:
    """What figures are divided by, all above zero; missing where it is not known."""
    numbers = columns.numbers(data[name], name)
    if (numbers <= 0).any():
        raise DataError(
            f"Column `{name}` must be above zero.",
            found=columns.rows(numbers <= 0),
            remedy="Leave the cell blank if it is not known.",
        )
    return numbers


def _since(
    column: pd.Series, name: str, intervention: date | str | None, waves: Sequence[str] | None
) -> pd.Series:
    """Whether each row is from since the change: 0 or 1; missing where it is of neither wave."""
    if waves is not None:
        texts = column.astype("str")
        names_of(list(texts.unique()), list(waves), "waves")
        return texts.map({str(waves[0]): 0, str(waves[1]): 1}).reset_index(drop=True)
    began = columns.moment(intervention, "intervention")
    return (columns.dates(column, name) >= began).astype(int).reset_index(drop=True)


def _refuse_several_standards(data: pd.DataFrame) -> None:
    if "standard" in data and (count := data["standard"].nunique()) > 1:
        raise DataError(
            "Strata are compared on one standard, so that each person is counted once.",
            found=f"{count} standards",
            remedy="Choose one with `where`, such as `where: {standard: …}`.",
        )


def _happened(
    column: pd.Series, name: str, met: Sequence[str], left_out: Sequence[str]
) -> np.ndarray:
    """1, 0, or missing where a row is not counted."""
    if not pd.api.types.is_numeric_dtype(column):
        answers = column.astype(object).where(column.notna(), "").map(str)
        answers = answers.str.strip().str.lower()
        yes, no = ({str(one).lower() for one in words} for words in (met, left_out))
        if not answers.isin(yes).any():
            raise DataError(
                f"No answer in `{name}` is one of those that mean that it happened.",
                found=f"`met` is {listed(met)}",
                remedy="Say which answers do, with `met`.",
                where="met",
            )
        return np.where(answers.isin(no), np.nan, answers.isin(yes).astype(float))
    numbers = columns.numbers(column, name)
    wrong = ~np.isin(numbers, (0, 1)) & np.isfinite(numbers)
    if wrong.any():
        raise DataError(f"`{name}` holds something that is neither 0 nor 1.",
                        found=columns.rows(wrong))  # fmt: skip
    return numbers


def _reference(looked: Looked, reference: str | None) -> str:
    """The stratum that the others are compared with."""
    whole = looked.on_both_sides
    if len(whole) < 2:
        raise CannotEvaluate(
            "Strata cannot be compared: fewer than two have figures before the change and since.",
            found=f"{len(whole)} with both",
            remedy="Collect the stratum of everybody, before the change and since.",
        )
    if reference is None:
        return max(whole, key=lambda name: looked.size_before[name])
    if reference not in whole:
        raise ParameterError(
            f"`reference` is `{reference}`, which has no figures before the change and since.",
            found=f"strata with both: {listed(whole)}",
            where="reference",
        )
    return reference


def _unit(event: str | None, value: str | None, denominator: str | None, per: float) -> str:
    """Unit of the figures where none is given."""
    if event:
        return "percentage points"
    total = str(value).replace("_", " ")
    if not denominator:
        return total
    return f"{total} per {f'{per:,g} ' if per != 1 else ''}{denominator.replace('_', ' ')}"
