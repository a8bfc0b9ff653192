"""What each answer to a survey means: a level of the scale, "don't know", or no answer at all.

The order of the levels comes from the parameters, never from the data: in the data it would be the
alphabet. An answer that the scale does not know is an error, not a level of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.core.columns import different
from qieval.core.errors import DataError, ParameterError, listed, nearest

DONT_KNOW, NO_ANSWER = "don't know", "no answer"
"""What an answer beside the scale can mean."""

AT_DONT_KNOW, AT_NO_ANSWER = -1, -2
"""Places of these two; the levels of the scale have 0, 1, 2 …"""

_BESIDE = {
    **dict.fromkeys(["don't know", "dont know", "do not know", "dk"], AT_DONT_KNOW),
    **dict.fromkeys(["", "-", "no answer", "not answered", "blank"], AT_NO_ANSWER),
}
"""Answers that need no `codes`."""


@dataclass(frozen=True)
class Scale:
    """The levels that an item can be answered with.

    Attributes
    ----------
    order : tuple of str
        From worst to best.
    negative, positive : int
        How many levels at the lower end count as negative, and at the upper end as positive.
    places : dict
        Answer, as it is compared → place in the order, or beside the scale.
    """

    order: tuple[str, ...]
    negative: int
    positive: int
    places: dict[str, int]

    @classmethod
    def of(
        cls,
        order: Sequence[str],
        positive: Sequence[str] | None,
        codes: Mapping[str, str] | None,
    ) -> Scale:
        """The scale that the parameters describe.

        Raises
        ------
        ParameterError
            If the order has fewer than two levels or one twice, the positive levels are not its
            upper end, or a code means something that is not in it.
        """
        levels = tuple(str(level).strip() for level in order)
        if len(levels) < 2 or len({plain(level) for level in levels}) < len(levels):
            raise ParameterError(
                "`order` names the levels of the scale from worst to best, each once.",
                found=listed(levels),
                remedy="Write for instance `order: [dissatisfied, neither, satisfied]`.",
                where="order",
            )
        if beside := [level for level in levels if plain(level) in _BESIDE]:
            raise ParameterError(
                "`order` holds an answer that is no level of a scale.",
                found=listed(beside),
                remedy="Leave it out: such answers are counted apart and are in no percentage.",
                where="order",
            )
        places = _BESIDE | {plain(level): at for at, level in enumerate(levels)}
        for spelling, meaning in (codes or {}).items():
            if plain(meaning) not in places:
                guess = nearest(str(meaning), [*levels, DONT_KNOW, NO_ANSWER])
                raise ParameterError(
                    f"`codes` gives `{spelling}` a meaning that is not in `order`.",
                    found=repr(meaning),
                    remedy=f"Did you mean `{guess}`?"
                    if guess
                    else f"Use one of {listed([*levels, DONT_KNOW, NO_ANSWER])}.",
                    where="codes",
                )
            places[plain(spelling)] = places[plain(meaning)]
        upper = _upper_end(levels, positive)
        return cls(levels, min(len(levels) // 2, len(levels) - upper), upper, places)

    @property
    def levels(self) -> int:
        """How many levels there are."""
        return len(self.order)

    def positive_levels(self) -> list[str]:
        """The levels that count as positive."""
        return list(self.order[self.levels - self.positive :])

    def negative_levels(self) -> list[str]:
        """The levels that count as negative."""
        return list(self.order[: self.negative])

    def read(self, answers: pd.Series, item: str) -> NDArray[np.int64]:
        """The place of each answer.

        Raises
        ------
        DataError
            If an answer is not known, with the parameters that would say what it means.
        """
        spelt = answers.map(plain, na_action="ignore").astype(object)
        spelt = spelt.where(spelt.notna(), "")
        places = spelt.map(self.places)
        unknown = places.isna().to_numpy()
        if unknown.any():
            raise DataError(
                f"Answers to `{item}` are not in `order`.",
                found=different(answers, unknown),
                remedy="Say what each means with `codes`, such as "
                f"`codes: {{fairly happy: {self.order[-1]}}}`, or add the level to `order`. Known: "
                f"{listed([*self.order, DONT_KNOW, NO_ANSWER])}. If this is free text, leave the "
                "column out of `items`.",
                where="order",
            )
        return np.asarray(places, dtype=np.int64)


def plain(answer: object) -> str:
    """An answer as it is compared: small letters, plain dashes and quotes, single blanks."""
    text = re.sub(r"[‐-―−]", "-", str(answer)).replace("’", "'").replace("‘", "'")
    text = re.sub(r"\s+", " ", text).strip().lower()
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", text) else text


def _upper_end(levels: Sequence[str], positive: Sequence[str] | None) -> int:
    """How many levels count as positive: the upper half, or those named."""
    if positive is None:
        return len(levels) // 2
    named = {plain(level) for level in positive}
    upper = levels[len(levels) - len(named) :] if named else ()
    if not named or len(named) == len(levels) or named != {plain(level) for level in upper}:
        raise ParameterError(
            "`positive` must be the best levels of `order`, which goes from worst to best.",
            found=f"positive {listed(positive)}; order {listed(levels)}",
            remedy="Turn `order` round, or name the last levels of it.",
            where="positive",
        )
    return len(upper)
