"""The data passport as a result: what was read from a file, what is missing, what to mind.

Nothing is evaluated: the counts are those of the reader (:mod:`qieval.intake.reading`), and the
grid shows where there are rows. For rows about people it says only whether there are any.
"""

from __future__ import annotations

import pandas as pd

from qieval.analysis.data_passport.checks import checks_of
from qieval.analysis.data_passport.tables import (
    DATED,
    GROUPS,
    dropped_rows,
    grid_of,
    identifiers_found,
    passport_counts,
)
from qieval.analysis.data_passport.words import DataPassportResult
from qieval.core.checks import checks_table
from qieval.core.errors import CannotEvaluate
from qieval.core.signatures import public
from qieval.core.words import many
from qieval.intake.reading.database.remote import outline
from qieval.intake.reading.passport import Loaded


@public
def data_passport(loaded: Loaded) -> DataPassportResult:
    """What was read from a file, as a result that can be shown and kept.

    Parameters
    ----------
    loaded : Loaded
        What `qi.read` gave.

    Returns
    -------
    DataPassportResult
        ``points`` is a grid: one row for each unit and period, with whether there are rows.

    Raises
    ------
    CannotEvaluate
        If no row was kept.
    """
    passport = loaded.passport
    here = isinstance(loaded.table, pd.DataFrame)
    table = loaded.table if here else outline(loaded.table, DATED, GROUPS)
    if table.empty:
        raise CannotEvaluate(
            "No row was kept, so there is nothing to show.",
            found=f"{many(passport.rows_read, 'row')} read",
            remedy="Look at `where`, and at the reasons for which rows were left out.",
            where=passport.source,
        )
    points, lines, across = grid_of(table, passport.every)
    return DataPassportResult(
        params={
            "source": passport.source,
            "sheet": passport.sheet,
            "table": passport.kind,
            "row": passport.row,
            "digest": passport.digest,
            "every": passport.every,
            "lines": lines,
            "across": across,
            "outcome": "What is in the file",
            "setting": passport.origin.title,
        },
        points=points,
        estimates=passport_counts(loaded, passport),
        checks=checks_table(checks_of(passport)),
        dropped=dropped_rows(passport),
        identifiers=identifiers_found(passport),
        decisions=tuple(passport.decisions),
        doubtful=tuple(passport.doubtful),
        covers=" ".join(f"{name}: {words}." for name, words in passport.facts.items()),
    )
