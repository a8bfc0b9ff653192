"""A result that was released: which of its figures are withheld, and its words without them.

The words of a result are computed from its tables. Those of a released one are computed twice, each
time with other numbers in the place of what is withheld; both sets of numbers depend on nothing but
what the release shows, so that no word can tell more than it. What comes out alike holds without
the withheld figures. Where the two differ, a withheld figure would stand, and the words say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from qieval.core.sections import Section
from qieval.core.sustained import ADDED, Status
from qieval.core.tables import MARK, Column, Declaration, Table
from qieval.core.verdict import AimStatus, AimVerdict, Certainty, Kind, Verdict

LEFT_OUT = "A sentence is left out here, because it rests on figures that are withheld."

WITHHELD_COUNT = -1
"""What a field that counts people holds where the count is withheld."""

FEW, MANY = 2, 50
"""What the two copies of a result hold in the place of a withheld count: numbers so unlike that
whatever follows from them differs. In place of a withheld share they hold these percentages."""

_ROWS_APART = 13
"""So many withheld shares below one another hold different numbers, all under 100 percent."""

_GONE = "\ue000"
"""Stands for a withheld figure until the words around it are known; no text holds it."""

_FIGURE = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?|[A-Za-z]+|[^\sA-Za-z\d]|\s+")
_EXACT = re.compile(r"\b(?<![-/`])(?!(?:19|20)\d\d\b)\d[\d,]*(?:\.\d+)?\b(?![-`])")
"""A figure, but no year and no part of a date or a name."""
_MOST_WORDS = 4
"""A longer stretch of words that depends on withheld figures takes its sentence with it."""
_COUNTED = r"(?!(?:is|was|has|needs)\b)(?:percentage |bed |standard )?[a-z]+s\b"
"""What a number is of: "requests", "percentage points"."""


@dataclass(frozen=True)
class Release:
    """What became of a result when it was released.

    Attributes
    ----------
    profile, version, source : str
        The rule.
    withheld : dict
        Data frame → column → rows (by position) whose figures are withheld.
    kind, certainty, alone, aim, sustained : str and bool
        The verdict, which was judged on the exact figures.
    copy : int or None
        In a copy that only serves to compute the words: which of the two it is (0 or 1).
    """

    profile: str
    version: str
    source: str
    withheld: dict[str, dict[str, list[int]]]
    kind: Kind
    certainty: Certainty
    alone: bool | None
    aim: AimStatus
    copy: int | None = None
    sustained: Status = field(default="none", metadata={ADDED: True})

    @property
    def count(self) -> int:
        """How many figures are withheld."""
        return sum(len(rows) for of in self.withheld.values() for rows in of.values())

    def judged(self, verdict: Verdict) -> Verdict:
        """A verdict computed from released figures, as it was judged on the exact ones."""
        aim = replace(verdict.aim, status=self.aim)
        return replace(
            verdict,
            kind=self.kind,
            certainty=self.certainty,
            alone=self.alone,
            aim=aim,
            sustained=replace(verdict.sustained, status=self.sustained),
        )


# ---- words -------------------------------------------------------------------------------------


def worded(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a result that says something: of a released one, without what is withheld."""

    @wraps(method)
    def say(self: Any, *args: Any) -> Any:
        # A result does not change, and its words are asked for by the page, its parts and each
        # shape of its figures.
        said, asked = vars(self).setdefault("_said", {}), (method.__qualname__, *args)
        if asked not in said:
            said[asked] = anew(self, *args)
        return said[asked]

    def anew(self: Any, *args: Any) -> Any:
        if not self.is_worded_again:
            return method(self, *args)
        one, other = (method(copy, *args) for copy in self.filled_copies)
        return agreed(one, other)

    return say


def judged(method: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
    """The verdict of a result: of a released one, as it was judged on the exact figures."""

    @wraps(method)
    def verdict(self: Any) -> Verdict:
        if self.release is None:
            return method(self)
        if not self.is_worded_again:
            return self.release.judged(method(self))
        one, other = (method(copy) for copy in self.filled_copies)
        return self.release.judged(_verdict(one, other))

    return verdict


def agreed(one: Any, other: Any) -> Any:
    """What two versions of the same words, tables or sections have in common."""
    if isinstance(one, str):
        return text(one, other)
    if isinstance(one, Table):
        return _table(one, other)
    if isinstance(one, Section):
        return _section(one, other)
    if isinstance(one, tuple):
        if len(one) != len(other):  # a part that is there in one version only is left out
            names = {getattr(item, "name", item) for item in other}
            one = tuple(item for item in one if getattr(item, "name", item) in names)
            names = {getattr(item, "name", item) for item in one}
            other = tuple(item for item in other if getattr(item, "name", item) in names)
        return tuple(agreed(a, b) for a, b in zip(one, other, strict=True))
    return one if one == other else None


def text(one: str, other: str) -> str:
    """Two versions of a text as one, which says where a withheld figure would stand."""
    if one != other:
        sentences = _sentences(one), _sentences(other)
        one = " ".join(_merged(*sentences))
    return one.replace("not known", "a withheld figure")


def _sentences(words: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z“\d(])", words.strip())


def _merged(ones: list[str], others: list[str]) -> Iterator[str]:
    """Sentences in their order; of unequal ones what they share."""
    for tag, a, b, c, d in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ones[a:b]
        elif b - a == d - c:
            yield from (_sentence(x, y) for x, y in zip(ones[a:b], others[c:d], strict=True))
        else:
            yield LEFT_OUT


def _sentence(one: str, other: str) -> str:
    """What two versions of a sentence share, part by part; a part without it is left out."""
    ones, others = one.split("; "), other.split("; ")
    if len(ones) != len(others):
        return _begun(_part(one, other)) or LEFT_OUT
    parts = [_part(x, y) for x, y in zip(ones, others, strict=True)]
    said = "; ".join(filter(None, parts))
    if not said:
        return LEFT_OUT
    about, colon, _ = ones[0].partition(": ")
    if not parts[0] and colon and others[0].startswith(f"{about}: "):  # what it is all about
        said = f"{about}: {said}"
    return _begun(f"{said}{'' if parts[-1] else '.'}")


def _part(one: str, other: str) -> str:
    """What two versions of a part of a sentence share; "" if they differ in more than figures."""
    if one == other:
        return one
    a, b = (_FIGURE.findall(words) for words in (one, other))
    shared = []
    # A target is the same one with more decimals: these follow the figures beside it.
    matcher = SequenceMatcher(None, [*map(_value, a)], [*map(_value, b)], autojunk=False)
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            shared += a[start:end]
            continue
        words = max(sum(part.isalpha() for part in parts) for parts in (a[start:end], b[low:high]))
        figures = any(part[-1].isdigit() for part in (*a[start:end], *b[low:high]))
        if words > _MOST_WORDS or (words and not figures):
            return ""
        edges = [part for parts in (a[start:end], b[low:high]) for part in parts[:1] + parts[-1:]]
        space = " " if any(part.isspace() for part in edges) else ""
        shared.append(f"{space}{_GONE}{space}")
    return _said("".join(shared))


def _value(part: str) -> str | float:
    """A number as it is whatever its decimals; anything else as it stands."""
    return float(part.replace(",", "").replace("−", "-")) if part[-1].isdigit() else part


def _said(words: str) -> str:
    """Withheld figures in words: "a withheld share", "a withheld number"."""
    words = re.sub(rf"{_GONE}(?:\s*{_GONE})+", _GONE, words)
    words = re.sub(r" {2,}", " ", re.sub(r" ([,.;:)])", r"\1", words))
    words = re.sub(rf"{_GONE}%? to {_GONE}(%?)", rf"{_GONE}\1", words)
    words = re.sub(rf" \((?:\d+% interval )?{_GONE}%?\)", "", words)
    words = re.sub(rf"{_GONE} ?%", "a withheld share", words)
    words = re.sub(rf"{_GONE} (?={_COUNTED})", "a withheld number of ", words)
    return words.replace(_GONE, "a withheld number").replace("the a withheld", "the withheld")


def without_figures(words: str) -> str:
    """A text that was written from exact figures and cannot be written again: without them."""
    return _begun(_said(_EXACT.sub(_GONE, words)))


def _begun(words: str) -> str:
    """Words as a sentence begins."""
    return words[:1].upper() + words[1:]


# ---- tables, sections, verdicts ----------------------------------------------------------------


def _table(one: Table, other: Table) -> Table:
    columns = [column for column in one.columns if column.name in other.rows]
    rows = one.rows.reset_index(drop=True)
    if len(one) == len(other):
        beside = other.rows.reset_index(drop=True)
        rows = rows.assign(**{c.name: _cells(rows[c.name], beside[c.name], c) for c in columns})
    else:  # which rows there are depends on what is withheld
        rows = rows.iloc[:0]
    caption = text(one.caption, other.caption)
    return replace(one, caption=caption, columns=tuple(columns), rows=rows, missing=MARK)


def _cells(one: pd.Series, other: pd.Series, column: Column) -> pd.Series:
    alike = (one == other) | (one.isna() & other.isna())
    if alike.all():
        return one
    if column.role in ("label", "text", "link"):
        cells = [text(str(a), str(b)) for a, b in zip(one, other, strict=True)]
        return pd.Series(cells, one.index, dtype=object).where(~alike, one)
    return one.where(alike)


def _section(one: Section, other: Section) -> Section:
    table = one.table and other.table and _table(one.table, other.table)
    return replace(
        one, title=text(one.title, other.title), words=text(one.words, other.words), table=table
    )


def _verdict(one: Verdict, other: Verdict) -> Verdict:
    aims = one.aim, other.aim
    seen = aims[0].seen if aims[0].seen == aims[1].seen else np.nan
    aim: AimVerdict = replace(one.aim, seen=seen, because=text(*(aim.because for aim in aims)))
    size = one.size if one.size == other.size else None
    lasts = one.sustained, other.sustained
    sustained = replace(lasts[0], because=text(*(one.because for one in lasts)))
    words = text(one.words, other.words)
    return replace(one, aim=aim, size=size, words=words, sustained=sustained)


# ---- figures to compute with -------------------------------------------------------------------


def filled(
    frame: pd.DataFrame, declared: Declaration, withheld: Mapping[str, list[int]], copy: int
) -> pd.DataFrame:
    """A released data frame with a number in the place of every withheld count and share.

    They depend on nothing but what is shown and which of the two copies it is.
    """
    rows = frame.reset_index() if frame.index.name else frame.copy()
    width = {"share": 0.0, "estimate": 0.0, "ci_low": -1.0, "ci_high": 1.0}
    roles = {column.name: column for column in declared.columns}
    order = {column.name: at for at, column in enumerate(declared.columns)}
    for name, places in withheld.items():
        column = roles[name]
        where = np.asarray(places)
        # Unlike from row to row, or a difference of two of them would be the same in both copies.
        apart = copy * 3 * (where % _ROWS_APART)
        if column.role in ("denominator", "count") and declared.model:
            # Below and above every rate that is shown.
            value: Any = copy * MANY * (1 + float(rows[name].abs().fillna(0).max()))
        elif column.role in ("denominator", "count"):
            # Unlike from cell to cell, or a share of two of them would be the same in both copies.
            larger = (5, 1_000)[copy] if column.role == "denominator" else 0
            value = (FEW, MANY)[copy] + copy * (3 * (where % 5) + 7 * order[name]) + larger
        elif column.role == "share" or (column.of in roles and roles[column.of].role == "share"):
            value = ((FEW, MANY)[copy] + apart + width.get(column.role, 0.0)) / 100
        elif column.role in width:
            value = (-1, 1)[copy] * (FEW, MANY)[copy] + apart + width[column.role]
        else:
            continue
        cells = rows[name].to_numpy(dtype=float, copy=True)
        cells[places] = value
        rows[name] = cells
        if column.role in ("denominator", "count") and _whole(rows[name]):
            rows[name] = rows[name].astype("int64")
    return rows.set_index(frame.index.name) if frame.index.name else rows


def _whole(column: pd.Series) -> bool:
    return bool(column.notna().all() and (column % 1 == 0).all())
