"""Rounds of an audit or a survey: their order, and what each is called on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qieval.core.errors import ParameterError, listed, nearest


class ComparesWaves:
    """What results say whose `params` hold ``waves`` and the two of them in ``compare``."""

    params: dict[str, Any]

    @property
    def waves(self) -> list[str]:
        """The waves, earliest first."""
        return list(self.params["waves"])

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two waves compared; None with one wave only."""
        compare = self.params["compare"]
        return (compare[0], compare[1]) if compare else None

    @property
    def latest(self) -> str:
        """The later of the waves compared, or the last."""
        return self.pair[1] if self.pair else self.waves[-1]


def names_of(
    found: Sequence[str], given: Mapping[str, str] | Sequence[str] | None, parameter: str
) -> dict[str, str]:
    """What is in the table → what it is called, in order.

    Raises
    ------
    ParameterError
        If a name that is given is not in the table, or two are called the same.
    """
    if given is None:
        return {name: name for name in found}
    wanted = (
        {str(key): str(value) for key, value in given.items()}
        if isinstance(given, Mapping)
        else {str(name): str(name) for name in given}
    )
    for name in wanted:
        if name not in found:
            guess = nearest(name, found)
            raise ParameterError(
                f"`{parameter}` names `{name}`, of which the table has no row.",
                found=listed(found),
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where=parameter,
            )
    if len(set(wanted.values())) < len(wanted):
        raise ParameterError(
            f"`{parameter}` gives two the same name.",
            found=listed(wanted.values()),
            where=parameter,
        )
    return wanted


def waves_in_order(
    waves: pd.Series, given: Mapping[str, str] | Sequence[str] | None
) -> dict[str, str]:
    """The waves, earliest first, with their names; rows may stand in any order.

    Raises
    ------
    ParameterError
        If their order can only be guessed.
    """
    if given is not None:
        return names_of(list(waves.astype(str).unique()), given, "waves")
    if not pd.api.types.is_string_dtype(waves) and waves.dtype != object:
        return {str(wave): str(wave) for wave in sorted(waves.unique())}
    found = sorted(waves.astype(str).unique())
    numbers = {wave: tuple(map(int, re.findall(r"\d+", wave))) for wave in found}
    shapes = {re.sub(r"\d+", "#", wave) for wave in found}
    one_number = all(len(parts) == 1 for parts in numbers.values())
    year_first = all(re.match(r"\D*\d{4}", wave) for wave in found)
    if len(found) > 1 and not (len(shapes) == 1 and (one_number or year_first)):
        raise ParameterError(
            "The order of the waves is not clear from their names.",
            found=listed(found),
            remedy=f"Give them in order, earliest first: `waves: [{', '.join(found)}]`.",
            where="waves",
        )
    return {wave: wave for wave in sorted(found, key=lambda wave: numbers[wave])}


def compared(waves: list[str], compare: Sequence[str] | None) -> tuple[str, str] | None:
    """The two waves whose change is asked for, the earlier first; None if there is one wave only.

    Raises
    ------
    ParameterError
        If `compare` does not name two different waves.
    """
    if compare is None:
        return (waves[0], waves[-1]) if len(waves) > 1 else None
    if len(compare) != 2 or compare[0] == compare[1] or not set(compare) <= set(waves):
        raise ParameterError(
            "`compare` names two different waves.",
            found=listed(compare),
            remedy=f"Waves: {listed(waves)}.",
            where="compare",
        )
    first, last = sorted(compare, key=waves.index)
    return first, last
