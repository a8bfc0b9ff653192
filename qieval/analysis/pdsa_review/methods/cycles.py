"""From the log, one row a cycle and reviewer, to cycles and to what each reviewer gave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from qieval.analysis.pdsa_review.methods.rubric import CANNOT_TELL, NUMBERS
from qieval.core.columns import rows
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, require_one_of
from qieval.intake.tables import KINDS
from qieval.intake.tables.faults import conformed
from qieval.intake.tables.pdsa import DECISIONS, FEATURES

_SPELT = {"adopted": "adopt", "adapted": "adapt", "abandoned": "abandon"}
_ABOUT = [name for name in KINDS["pdsa"].columns if name not in ("reviewer", *FEATURES)]
_LONGEST_CODE = 30
"""Longer cells are somebody's sentences, not codes: they are counted, not shown."""


def checked(log: pd.DataFrame) -> pd.DataFrame:
    """The log with every column of its kind, its rules kept.

    Raises
    ------
    CannotEvaluate
        If it holds no cycle.
    DataError
        If rows break a rule.
    """
    if log.empty:
        raise CannotEvaluate(
            "The log holds no cycle.",
            remedy="One row a cycle is needed: its name or number (`cycle`), when it began and "
            "what was tested; and, as far as they are known, the cycle that it builds on "
            "(`follows`), a prediction, its size and that of the whole, how many measurements "
            "were taken, what was learnt and decided.",
        )
    table = conformed(log, KINDS["pdsa"], "the log")
    project = table["project"].fillna("")
    table["key"] = project + "\n" + table["cycle"]
    table["follows_key"] = (project + "\n" + table["follows"]).where(table["follows"].notna())
    return table


def cycles_of(table: pd.DataFrame, decision_codes: Mapping[str, str] | None) -> pd.DataFrame:
    """One row a cycle, in the order in which they began.

    Raises
    ------
    DataError
        If two rows of one cycle contradict one another, or a decision is not known.
    ParameterError
        If `decision_codes` maps to something else than adopt, adapt or abandon.
    """
    by_cycle = table.groupby("key", sort=False)
    for name in [name for name in _ABOUT if name not in ("cycle", "project")]:
        differ = by_cycle[name].transform("nunique") > 1
        if differ.any():
            raise DataError(
                f"Rows of one cycle say different things in `{name}`.",
                found=rows(differ.to_numpy()),
                remedy="Only the reviewers' columns may differ between rows of one cycle.",
                where="the log",
            )
    cycles = by_cycle[[*_ABOUT, "follows_key"]].first().reset_index()
    own = known_codes(decision_codes, DECISIONS, "decision_codes")
    meant = {d: d for d in DECISIONS} | _SPELT | own
    cycles["decision"] = decoded(cycles["decision"], meant, "decision_codes", "decision")
    order = sorted(
        cycles.index,
        key=lambda row: (
            cycles["project"].fillna("")[row],
            cycles["started"].isna()[row],
            cycles["started"][row].value if pd.notna(cycles["started"][row]) else 0,
            natural(cycles["cycle"][row]),
        ),
    )
    return cycles.loc[order].reset_index(drop=True)


def given_scores(
    table: pd.DataFrame, codes: Mapping[str, str] | None, reviewers: Sequence[str] | None
) -> pd.DataFrame:
    """What each reviewer gave: ``key, reviewer`` (1 or 2), ``feature, score``; blanks left out.

    Raises
    ------
    DataError
        If a score is not known.
    ParameterError
        If there are more than two reviewers and none are chosen.
    """
    own = known_codes(codes, (*NUMBERS, CANNOT_TELL), "score_codes")
    meant = {score: score for score in (*NUMBERS, CANNOT_TELL)} | own
    wide = table[["key", "reviewer"]].assign(
        **{name: decoded(table[name], meant, "score_codes", name) for name in FEATURES}
    )
    long = wide.fillna({"reviewer": ""}).melt(
        ["key", "reviewer"], list(FEATURES), "feature", "score"
    )
    long = long.dropna(subset="score")
    places = _places(sorted(long["reviewer"].unique()), reviewers)
    long["reviewer"] = long["reviewer"].map(places)
    return long.dropna(subset="reviewer").astype({"reviewer": int}).reset_index(drop=True)


def _places(in_log: list[str], chosen: Sequence[str] | None) -> dict[str, int]:
    """Reviewer → 1 or 2. Their codes may be names, so no message shows one."""
    if chosen is None and len(in_log) > 2:
        raise ParameterError(
            f"The log holds scores of {len(in_log)} reviewers; agreement is told for two.",
            remedy="Name the two: `reviewers: [first, second]`, as in the column `reviewer`.",
            where="reviewers",
        )
    if chosen is not None and (len(set(chosen)) != 2 or not set(chosen) <= set(in_log)):
        raise ParameterError(
            "`reviewers` must name two reviewers whose scores are in the log.",
            found=f"{len(set(chosen))} named, {len(set(chosen) & set(in_log))} of them in the log",
            where="reviewers",
        )
    return {name: place for place, name in enumerate(chosen or in_log, start=1)}


def known_codes(
    given: Mapping[str, str] | None, allowed: Iterable[str], parameter: str
) -> dict[str, str]:
    """Codes of the team, in small letters → what they mean."""
    for meaning in (given or {}).values():
        require_one_of(parameter, meaning, allowed)
    return {str(code).strip().lower(): meaning for code, meaning in (given or {}).items()}


def decoded(cells: pd.Series, meant: Mapping[str, str], parameter: str, column: str) -> pd.Series:
    """The cells as what they mean; blanks stay blank.

    Raises
    ------
    DataError
        With the codes that are not known and the parameter that maps them.
    """
    meanings = cells.str.lower().map(meant)
    unknown = cells[cells.notna() & meanings.isna()].unique()
    if not len(unknown):
        return meanings.astype("str")
    codes = [code for code in unknown if len(code) <= _LONGEST_CODE]
    longer = len(unknown) - len(codes)
    unknown_words = [listed(codes)] if codes else []
    unknown_words += [f"{longer} longer than a code"] if longer else []
    known = dict.fromkeys(meant.values())
    example = codes[0] if codes else "…"
    raise DataError(
        f"`{column}` holds codes that are not known.",
        found=" and ".join(unknown_words),
        remedy=f"Say what each means: `{parameter}: {{{example}: {next(iter(known))}}}`. "
        f"Known: {listed(known)}.",
        where="the log",
    )


def natural(name: str) -> list[Any]:
    """Sorts "2" before "10"."""
    pieces = re.split(r"(\d+)", str(name))
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces if piece]
