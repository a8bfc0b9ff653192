"""What to mind of a log of involvement."""

from __future__ import annotations

import pandas as pd

from qieval.analysis.involvement.tables import NOT_RECORDED
from qieval.core.checks import Check, Status, checks_table
from qieval.core.words import in_a_row, many


def checks_of(occasions: pd.DataFrame) -> pd.DataFrame:
    """What of each occasion the log does not hold."""
    lacking = {
        "the level": occasions["level"] == NOT_RECORDED,
        "the date": occasions["date"].isna(),
        "who": occasions["who"] == NOT_RECORDED,
        "how many people": occasions["people"].isna(),
        "whether they were paid": occasions["paid"] == NOT_RECORDED,
    }
    blanks = [f"{what} ({int(rows.sum())})" for what, rows in lacking.items() if rows.any()]
    of = f"Of {many(len(occasions), 'row')}, not recorded: {in_a_row(blanks)}."
    status: Status = "info" if blanks else "pass"
    text = of if blanks else "Every row says the level, when, who, how many and whether paid."
    return checks_table([Check("log_holds", "What the log holds", status, text)])
