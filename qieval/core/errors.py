"""The one exception tree.

Every error a user can cause is a :class:`QievalError`: it says what is wrong, what was found and
what to do. The command line prints it without a traceback; anything else that escapes is a fault
of qieval itself and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

from qieval.core import desk


class QievalError(Exception):
    """Something the user can put right.

    Parameters
    ----------
    problem : str
        What is wrong, one sentence.
    found : str, optional
        What was found instead of what was expected.
    remedy : str, optional
        What to do about it.
    where : str, optional
        The file, line, sheet or parameter that it is about.
    """

    _folded = False

    def __init__(
        self,
        problem: str,
        *,
        found: str | None = None,
        remedy: str | None = None,
        where: str | None = None,
    ) -> None:
        self.problem = problem
        self.found = found
        self.remedy = remedy
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.problem}" if self.where else self.problem]
        if self.found:
            lines.append(f"Found: {self.found}")
        if self.remedy:
            lines.append(f"What to do: {self.remedy}")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """What a notebook prints of it; how it came about is folded beside it."""
        if not self._folded:  # IPython asks again, for its history
            self._folded = True
            desk.show_traceback(self, str(self).partition("\n")[0])
        return str(self).splitlines()

    def at(self, where: str) -> Self:
        """The same error, about another place."""
        return type(self)(self.problem, found=self.found, remedy=self.remedy, where=where)


class DataError(QievalError):
    """A file or table cannot be used as it is."""


class ParameterError(QievalError):
    """A parameter is unknown, missing or has a value that cannot be used."""


class CannotEvaluate(QievalError):
    """A refusal: these data cannot answer this question. ``remedy`` says what would be needed."""


class WorkspaceError(QievalError):
    """The workspace, one of its folders or its settings file cannot be used."""


class OpenDataError(QievalError):
    """An open data set cannot be had, or is not the pinned one."""


class OpenDataNotHere(OpenDataError):
    """An open data set is not on this computer and cannot be fetched: nothing is wrong with it."""


class RunError(QievalError):
    """A notebook did not run to its end."""


class ReleaseError(QievalError):
    """Something may not be passed on: it would tell who somebody is, or what was withheld."""


def listed(names: Iterable[object], most: int = 20) -> str:
    """Names in backticks, in a row, with a count of those left out: "`a`, `b` and 3 more"."""
    shown = [f"`{name}`" for name in names]
    left_out = len(shown) - most
    text = ", ".join(shown[:most]) if shown else "nothing"
    return f"{text} and {left_out} more" if left_out > 0 else text


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely meant, or None when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(
    name: str, known: Iterable[str], otherwise: str | None = None, *, spelt: str = "{}"
) -> str | None:
    """What to do about a name that is not known: take the nearest; or what to do `otherwise`."""
    guess = nearest(name, known)
    return f"Did you mean `{spelt.format(guess)}`?" if guess else otherwise


def require_one_of(name: str, given: object, known: Iterable[object]) -> None:
    """Refuse a value that is none of those a parameter knows.

    Raises
    ------
    ParameterError
        With the values known and the nearest one.
    """
    known = [*known]
    if given not in known:
        raise ParameterError(
            f"`{name}` must be one of {listed(known)}.",
            found=repr(given),
            remedy=did_you_mean(str(given), map(str, known)),
        )
