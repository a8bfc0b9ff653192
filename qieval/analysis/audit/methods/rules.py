"""What can be chosen in an audit: what answers mean, and how each kind of answer counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from qieval.core.columns import different
from qieval.core.errors import DataError, ParameterError, listed, nearest, require_one_of
from qieval.core.words import in_a_row, sentence

State = Literal["met", "partly met", "not met", "not recorded", "refused", "not applicable"]
Missing = Literal["not_met", "leave_out"]
Refused = Literal["leave_out", "not_met", "met"]
Partly = Literal["not_met", "met"]

STATES: tuple[State, ...] = get_args(State)
NOT_ASKED = ""
"""State of a standard that a wave did not ask for."""

KNOWN: dict[str, State] = {
    "met": "met",
    "yes": "met",
    "y": "met",
    "1": "met",
    "not met": "not met",
    "unmet": "not met",
    "no": "not met",
    "n": "not met",
    "0": "not met",
    "partly met": "partly met",
    "partially met": "partly met",
    "refused": "refused",
    "declined": "refused",
    "not applicable": "not applicable",
    "n/a": "not applicable",
    "na": "not applicable",
    "not recorded": "not recorded",
    "missing": "not recorded",
}
"""Answers that need no `codes`: exactly these, in capitals or not. A blank is not recorded."""


@dataclass(frozen=True)
class Rules:
    """How answers that are neither met nor not met count.

    Attributes
    ----------
    missing : str
        not_met (the convention of clinical audit), or leave_out.
    refused : str
        leave_out (the standard does not apply), not_met, or met (it asks for an offer).
    partly : str
        not_met, or met.
    """

    missing: Missing = "not_met"
    refused: Refused = "leave_out"
    partly: Partly = "not_met"

    def __post_init__(self) -> None:
        require_one_of("missing", self.missing, get_args(Missing))
        require_one_of("refused", self.refused, get_args(Refused))
        require_one_of("partly", self.partly, get_args(Partly))

    def value_of(self) -> dict[str, float]:
        """What each state counts: 1 met, 0 not met, NaN out of the denominator."""
        counts = {"met": 1.0, "not_met": 0.0, "leave_out": np.nan}
        return {
            "met": 1.0,
            "not met": 0.0,
            "partly met": counts[self.partly],
            "not recorded": counts[self.missing],
            "refused": counts[self.refused],
            "not applicable": np.nan,
            NOT_ASKED: np.nan,
        }

    def others(self) -> dict[str, Rules]:
        """The same with one rule changed, each under what it says in words."""
        changed: dict[str, Rules] = {}
        words = {
            "missing": {
                "not_met": "Not recorded counts as not met",
                "leave_out": "Without records that lack an answer",
            },
            "refused": {
                "leave_out": "Refused left out",
                "not_met": "Refused counts as not met",
                "met": "Refused counts as met",
            },
            "partly": {
                "not_met": "Partly met counts as not met",
                "met": "Partly met counts as met",
            },
        }
        for name, ways in words.items():
            for way, label in ways.items():
                if way != getattr(self, name):
                    changed[label] = Rules(**{**vars(self), name: way})
        return changed

    def words(self, states: Collection[str]) -> str:
        """The rules for those states that there are, in a sentence."""
        how = {"not_met": "counts as not met", "met": "counts as met", "leave_out": "is left out"}
        wording = {
            "not recorded": f"not recorded {how[self.missing]}",
            "refused": f"refused {how[self.refused]}",
            "partly met": f"partly met {how[self.partly]}",
            "not applicable": "not applicable is left out",
        }
        here = [words for state, words in wording.items() if state in states]
        return sentence(in_a_row(here)) if here else "Every answer is met or not met."


def states_of(answers: pd.Series, codes: Mapping[str, str] | None) -> pd.Series:
    """What each answer means.

    Raises
    ------
    ParameterError
        If a code means something that is no state.
    DataError
        If an answer is unknown; with the parameter that says what it means.
    """
    meaning: dict[str, State] = dict(KNOWN)
    for code, state in (codes or {}).items():
        if state not in STATES:
            guess = nearest(str(state), STATES)
            raise ParameterError(
                f"`codes` gives `{code}` a meaning that is not known.",
                found=repr(state),
                remedy=f"Did you mean `{guess}`?" if guess else f"Use one of {listed(STATES)}.",
                where="codes",
            )
        meaning[_plain(code)] = state
    plain = answers.map(_plain, na_action="ignore").astype(object)
    plain = plain.where(plain.notna() & (plain != ""), "not recorded")
    states = plain.map(meaning)
    unknown = states.isna().to_numpy()
    if unknown.any():
        raise DataError(
            "Not every answer is known.",
            found=different(plain, unknown),
            remedy="Say what each means with `codes`, such as `codes: {done: met}`; the meanings "
            f"are {listed(STATES)}.",
            where="codes",
        )
    return states


def _plain(code: object) -> str:
    """An answer as it is compared: without outer blanks, small letters, 1.0 as 1."""
    text = re.sub(r"\s+", " ", str(code)).strip().lower()
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", text) else text
