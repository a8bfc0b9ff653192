"""The estimates of an audit, in per cent and percentage points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from qieval.analysis.audit.intervals import Change
from qieval.analysis.audit.scores import mean_met, opportunity, opportunity_change, totals
from qieval.analysis.audit.tables import COMPOSITE
from qieval.analysis.audit.whole import Whole
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.proportions import Ends

PERCENT, POINTS = "%", "percentage points"


def estimates_of(whole: Whole) -> pd.DataFrame:
    """Terms of the latest wave, with ``_before`` of the first, and ``_change`` between them.

    ``composite, opportunity_score, mean_met``, and ``change: <standard>`` for every standard.
    """
    rows = []
    for ending, wave in ((("_before", whole.pair[0]),) if whole.pair else ()) + (
        ("", whole.latest),
    ):
        rows += _of_wave(whole, wave, ending)
    if whole.pair:
        main = whole.changes[whole.changes["main"]].to_dict("records")
        rows += [_change(row, whole.confidence) for row in main]
        rows += _score_change(whole)
    return pd.DataFrame(rows).set_index("term")[ESTIMATE_COLUMNS]


def _of_wave(whole: Whole, wave: str, ending: str) -> list[dict[str, Any]]:
    method = "Wilson" if whole.composite_known else "bounds from the single standards"
    n = int(totals(whole.tally, COMPOSITE, wave)[1])
    rows = [_row(f"composite{ending}", _times(whole.composite(wave), 100), PERCENT, n, method)]
    ends, df, clusters, of = opportunity(
        whole.tally, whole.answers, whole.rules, wave, whole.confidence
    )
    rows.append(
        _row(f"opportunity_score{ending}", _times(ends, 100), PERCENT, clusters,
             f"ratio of sums, {of} as clusters") | {"df": df}
    )  # fmt: skip
    if whole.answers is not None:
        ends, df, records = mean_met(whole.answers, whole.rules, wave, whole.confidence)
        rows.append(
            _row(f"mean_met{ending}", ends, "standards", records, "mean, t interval") | {"df": df}
        )
    return rows


def _change(row: dict[Any, Any], confidence: float) -> dict[str, Any]:
    standard = row["standard"]
    term = "composite_change" if standard == COMPOSITE else f"change: {standard}"
    ends = Ends(row["estimate"], row["ci_low"], row["ci_high"])
    # Newcombe's interval has no standard error; a roll-up takes that of an interval as wide.
    z = norm.ppf(0.5 + confidence / 2)
    se = row["se"] if np.isfinite(row["se"]) else (ends.high - ends.low) / 2 / z
    n = int(row["n_before"] + row["n_after"])
    return _row(term, _times(ends, 100), POINTS, n, row["method"]) | {
        "se": 100 * se,
        "df": row["df"],
        "p_value": row["p_value"],
    }


def _score_change(whole: Whole) -> list[dict[str, Any]]:
    if whole.answers is None or whole.pair is None:
        return []
    group = whole.groups[0]
    answers = group.answers if group.answers is not None else whole.answers
    by_team = any(row.startswith("teams as") for row in _methods(whole))
    change: Change = opportunity_change(
        answers,
        whole.rules,
        list(whole.pair),
        whole.confidence,
        by_team=by_team,
        pairs=whole.same_units,
    )
    of = "teams" if by_team else "records"
    row = _row("opportunity_score_change", _times(change.ends, 100), POINTS,
               int(answers.who["wave"].isin(whole.pair).sum()),
               f"difference of ratios, {of} as clusters")  # fmt: skip
    return [row | {"se": 100 * change.se, "df": change.df, "p_value": change.p_value}]


def _methods(whole: Whole) -> list[str]:
    return whole.changes.loc[whole.changes["main"], "method"].tolist()


def _times(ends: Ends, factor: float) -> Ends:
    return Ends(*(factor * end for end in ends))


def _row(term: str, ends: Ends, unit: str, n: int, method: str) -> dict[str, Any]:
    return {
        "term": term,
        "estimate": ends.value,
        "se": np.nan,
        "ci_low": ends.low,
        "ci_high": ends.high,
        "p_value": np.nan,
        "df": np.nan,
        "unit": unit,
        "n": n,
        "method": method,
    }
