"""Doubts: what a file leaves open. Strict reading asks; otherwise the proposal is taken."""

from __future__ import annotations

from dataclasses import dataclass

from qieval.core.errors import DataError

TAKEN = "Doubtful, so the proposal was taken:"
"""How the note of a proposal begins."""


@dataclass(frozen=True)
class Doubt:
    """Something that only the owner of the file can say.

    Attributes
    ----------
    problem : str
        What is open, one sentence.
    found : str
        What was found.
    remedy : str
        What would settle it: the line to write.
    proposal : str
        What is taken if nobody says (`strict: false`), one sentence for the passport.
    """

    problem: str
    found: str
    remedy: str
    proposal: str


def settle(doubt: Doubt, *, strict: bool, where: str) -> str:
    """The note that a proposal was taken.

    Raises
    ------
    DataError
        In strict reading: the doubt, and the parameter that would settle it.
    """
    if strict:
        raise DataError(
            doubt.problem,
            found=doubt.found,
            remedy=f"{doubt.remedy} (Or set `strict: false`: {doubt.proposal})",
            where=where,
        )
    return f"{TAKEN} {doubt.proposal} {doubt.problem}"
