"""Cases in order of time: whether the event happened, and the chance that was expected of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from qieval.core import columns
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, DataError, ParameterError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cases:
    """Cases in order of time; those of one moment keep the order of the table.

    Attributes
    ----------
    time : Series
        When each was.
    event : ndarray
        1 where the event happened, else 0.
    risk : ndarray
        The chance that was expected of each.
    """

    time: pd.Series
    event: Array
    risk: Array

    @classmethod
    def of(cls, data: pd.DataFrame, event: str, risk: str | float, time: str) -> Cases:
        """The cases of a table, refused where an outcome, a chance or a date cannot be."""
        column = [risk] if isinstance(risk, str) else []
        columns.require(data, [time, event, *column])
        when = columns.dates(data[time], time)
        happened = data[event]
        if pd.api.types.is_bool_dtype(happened):
            happened = happened.astype(float)
        outcome = columns.numbers(happened, event)
        _refuse(
            ~np.isin(outcome, [0, 1]),
            f"Column `{event}` must be 1 where the event happened, and 0 where it did not.",
            "Leave out cases whose outcome is not known yet with `where`, and say so.",
        )
        chance = (
            columns.numbers(data[risk], risk)
            if isinstance(risk, str)
            else _for_all(risk, len(data))
        )
        _refuse(
            ~((chance >= 0) & (chance <= 1)),
            f"Column `{risk}` must hold a chance from 0 to 1 for every case.",
            "Divide percentages by 100. A case without a chance cannot be compared with anything.",
        )
        if not 0 < chance.mean() < 1:
            raise CannotEvaluate(
                "Every case has an expected chance of 0, or every one of 1.",
                remedy="Give the chance that the event has for each case by a model or in earlier "
                "years.",
            )
        order = np.argsort(when.to_numpy(), kind="stable")
        return cls(when.iloc[order].reset_index(drop=True), outcome[order], chance[order])

    def __len__(self) -> int:
        return len(self.event)


def _for_all(risk: float, count: int) -> Array:
    if not columns.is_number(risk) or not 0 < risk < 1:
        raise ParameterError(
            "`risk` must name a column, or be one chance between 0 and 1 for every case.",
            found=repr(risk),
            where="risk",
        )
    return np.full(count, float(risk))


def _refuse(wrong: NDArray[np.bool_], problem: str, remedy: str) -> None:
    if wrong.any():
        raise DataError(problem, found=f"something else in {columns.rows(wrong)}", remedy=remedy)


def by_chance(expected: float, variance: float) -> tuple[float, float]:
    """Between which numbers of events chance alone keeps all but one in twenty, by the normal."""
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * np.sqrt(variance)
    return max(0.0, expected - half), expected + half
