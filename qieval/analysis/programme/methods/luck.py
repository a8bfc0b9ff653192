"""How many clear findings there would be by luck alone, with no effect anywhere.

Two ways, beside how many there are. The first adds the chance of a false claim of every verdict, as
it was calibrated for series of that length and memory, for charts of that length and rules, or is 5
in 100 of a test. The second asks the time series themselves: of the dates before each change at
which nothing happened, the share at which the headline would have claimed one; and for a roll-out
the share of other ways to hand out the start dates that would have been called clear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qieval.core.evaluated import Evaluated
from qieval.core.result import Result
from qieval.core.tables import Column, Declaration, names_of
from qieval.core.words import many, number, sentence

RATES, DATES = "calibrated rates", "other dates"

LUCK_COLUMNS = (
    Column("way", "Way", "label"),
    Column("kind", "Kind of evaluation", "label"),
    Column("evaluations", "Evaluations", "number"),
    Column("clear", "Claim a change", "number"),
    Column("expected", "Expected by luck alone", "estimate", "0.1"),
    Column("rate", "In 100", "estimate", "0.1"),
    Column("dates", "Other dates tried", "number"),
    Column("rows", "Rows of the evidence", "label"),
)
DECLARED = Declaration("luck", LUCK_COLUMNS)

_TIME_SERIES, _ROLL_OUT = "interrupted_time_series", "roll_out"


def luck_of(results: Sequence[Evaluated], evidence: pd.DataFrame) -> pd.DataFrame:
    """A row a way and kind of evaluation: how many claim a change, and how many by luck alone."""
    column = dict(zip(evidence["number"], evidence["column"], strict=True))
    cells: dict[tuple[str, str], list[tuple[int, bool, float, int]]] = {}
    for place, item in enumerate(results, start=1):
        if item.result is None or item.whole_programme:
            continue
        claims, rate = item.result.verdict.claims, item.result.false_claim
        if rate is not None:
            cells.setdefault((RATES, column[place]), []).append((place, claims, rate, 0))
        dates = _at_other_dates(item.result)
        if dates is not None:
            cells.setdefault((DATES, column[place]), []).append((place, claims, *dates))
    rows: list[dict[str, Any]] = []
    for (way, kind), known in sorted(cells.items(), key=lambda one: one[0][0] == DATES):
        places, clear, rates, dates_tried = zip(*known, strict=True)
        rows.append(
            {
                "way": way,
                "kind": kind,
                "evaluations": len(known),
                "clear": sum(clear),
                "expected": float(np.sum(rates)),
                "rate": 100 * float(np.mean(rates)),
                "dates": sum(dates_tried),
                "rows": list(places),
            }
        )
    return pd.DataFrame(rows, columns=names_of(LUCK_COLUMNS))


def _at_other_dates(result: Result) -> tuple[float, int] | None:
    """The share of other dates at which a change would be claimed, and how many were tried.

    None without any: too few periods before the change, or a result of an earlier qieval.
    """
    if result.kind == _TIME_SERIES:
        tried = getattr(result, "placebo")  # noqa: B009 - results of other kinds have none
        if "claims" not in tried or tried.empty or result.false_claim is None:
            return None
        return float(tried["claims"].astype(bool).mean()), len(tried)
    if result.kind == _ROLL_OUT:
        span = getattr(result, "span")  # noqa: B009
        return 1 - float(result.params["confidence"]), int(span.tried)
    return None


def luck_words(luck: pd.DataFrame) -> list[str]:
    """Both ways in a sentence each; none where nothing can claim a change."""
    return [
        sentence(
            f"{lead}, about {number(float(rows['expected'].sum()), 1)} of "
            f"{many(int(rows['evaluations'].sum()), 'evaluation')} would claim a change by luck "
            f"alone; {int(rows['clear'].sum())} do"
        )
        for lead, _, rows in _ways(luck)
    ]


def luck_limits(luck: pd.DataFrame) -> list[str]:
    """What each of the ways counts, and what it cannot tell."""
    return [limits for _, limits, _ in _ways(luck)]


def _ways(luck: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """How the sentence of each way begins, its limits, and its rows."""
    for way, lead, limits in (
        (RATES, "If nothing had changed anywhere", _LIMITS_OF_RATES),
        (DATES, "Judged by other dates", _LIMITS_OF_DATES),
    ):
        rows = luck[luck["way"] == way]
        if not rows.empty:
            yield lead, limits, rows


_LIMITS_OF_RATES = (
    "The first way adds the false-claim rate of each verdict, as it was found by simulation for "
    "series of that length and memory and charts of that length and rules, or 5 in 100 of a test: "
    "right for chance alone, too low where real series bend or break."
)
_LIMITS_OF_DATES = (
    "The other dates give the share of dates before each change, when nothing had happened, at "
    "which the same method would have claimed one (of a roll-out, of other ways to hand out its "
    "start dates). It knows how these series bend, but the time before is shorter, and its dates "
    "lie near one another."
)
