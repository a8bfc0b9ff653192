"""Write the example data: a file a table, what they are, and the truth behind them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from qieval.core.errors import WorkspaceError
from simulation import (
    audit,
    beds,
    cases,
    doses,
    events,
    follow_up,
    involvement,
    leave,
    measures,
    pdsa,
    provision,
    quotes,
    returns,
    returns_log,
    roll_out,
    spells,
    staffing,
    survey,
    units,
    waits,
)
from simulation.telling import dataset_text, readme
from simulation.truth import truth_text

FOLDER = "data/closing-the-gap"
MARK = "simulated"  # in every row: a table that is copied out of its folder still says what it is

TABLES: dict[str, ModuleType] = {
    "audit.csv": audit,
    "beds.csv": beds,
    "cases.csv": cases,
    "checks.csv": units,
    "doses.csv": doses,
    "events.csv": events,
    "follow_up.csv": follow_up,
    "involvement.csv": involvement,
    "leave.csv": leave,
    "measures.csv": measures,
    "pdsa.csv": pdsa,
    "provision.csv": provision,
    "quotes.csv": quotes,
    "returns.csv": returns,
    "returns_log.csv": returns_log,
    "roll_out.csv": roll_out,
    "spells.csv": spells,
    "staffing.csv": staffing,
    "survey.csv": survey,
    "waits.csv": waits,
}
"""Each file, and the module that has its ``HEAD`` and draws its ``rows()``."""


def write(folder: Path | str) -> list[Path]:
    """Write every file of the example data into a folder, the same bytes each time.

    Parameters
    ----------
    folder : path
        Where to; made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    WorkspaceError
        If the folder cannot be written.
    """
    contents = {
        "README.md": readme(),
        "TRUTH.yml": truth_text(),
        "dataset.yml": dataset_text(),
        **{name: as_csv(table.HEAD, table.rows()) for name, table in TABLES.items()},
    }
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise WorkspaceError(
            f"The folder `{folder.name}` cannot be written.",
            found=error.strerror,
            remedy="Name a folder that you may write to.",
        ) from error
    return [folder / name for name in sorted(contents)]


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as text, each with the mark that it is simulated."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, "origin"])
    writer.writerows([*row, MARK] for row in rows)
    return text.getvalue()
