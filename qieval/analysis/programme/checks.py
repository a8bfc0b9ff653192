"""What to mind of a roll-up."""

from __future__ import annotations

import pandas as pd

from qieval.analysis.programme.methods.averages import Averages
from qieval.analysis.programme.tables import OTHER
from qieval.core.checks import Check, checks_table
from qieval.core.words import many


def checks_of(evidence: pd.DataFrame, effects: pd.DataFrame, averaged: Averages) -> pd.DataFrame:
    """What to mind of the roll-up itself; every result has checks of its own."""
    rows: list[Check] = []
    missing = int((evidence["status"] != "done").sum())
    if missing:
        detail = f"{many(missing, 'evaluation')} without a result; they stay in the tables."
        rows.append(Check("everything_evaluated", "Everything was evaluated", "warn", detail))
    unknown = evidence[(evidence["column"] == OTHER) & (evidence["status"] == "done")]
    if len(unknown):
        detail = (
            f"{many(len(unknown), 'result')} of other kinds are listed by their headline alone."
        )
        rows.append(Check("other_kinds", "Other kinds of results", "info", detail))
    once = len(effects["definition"].unique()) - len(
        [name for name in averaged.by_measure if not name.endswith(", relative change")]
    )
    if once:
        detail = (
            f"{many(once, 'measure')} of {effects['definition'].nunique()} could not be averaged: "
            "one project only, or no comparable standard error."
        )
        rows.append(Check("measures_alone", "Measures that stand alone", "info", detail))
    derived = effects["p_value"].notna() & effects["df"].isna()
    if derived.any():
        detail = (
            f"Of {many(int(derived.sum()), 'change')} the p value rests on the normal distribution "
            "or on the width of an interval."
        )
        rows.append(Check("p_values", "Where p values are from", "info", detail))
    if any(name.endswith(", relative change") for name in averaged.by_measure):
        detail = "Relative changes were averaged over different definitions, as asked."
        rows.append(Check("relative_changes", "Relative changes", "warn", detail))
    detail = (
        "Projects chose their measures, and when to begin, themselves. The average over those that "
        "could be evaluated may differ from that over all."
    )
    rows.append(Check("who_is_averaged", "Who is in the averages", "info", detail))
    return checks_table(rows)
