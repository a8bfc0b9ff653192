"""A cell may hold somebody's name, whatever its column: no error repeats one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi
from qieval.intake.tables import KINDS

EXAMPLE = Path(__file__).resolve().parents[3] / "data"
PLANTED = ("Featherby Q", "31/Featherby/2020", "12 Featherby")


def first_file(kind: str) -> Path:
    """A file of the example programme that is read as this kind without a question."""
    for file in sorted(EXAMPLE.rglob("*.csv")):
        try:
            qi.read(file, kind, strict=True)
        except qi.QievalError:
            continue
        return file
    raise AssertionError(f"no example of {kind}")


def cells_of(kind: str) -> pd.DataFrame:
    """Rows of that kind, as text."""
    if kind == "cases":  # they share a file with the reasons, from which a project chooses
        cases = pd.read_csv(EXAMPLE / "closing-the-gap" / "cases.csv", dtype=str)
        return cases[cases["risk"].notna()].fillna("")
    return pd.read_csv(first_file(kind), dtype=str, keep_default_na=False)


def message_of(file: Path, kind: str) -> str:
    try:
        qi.read(file, kind, strict=True)
    except qi.QievalError as error:
        return str(error)
    return ""


# Units have no table of their own in the example: the rules of `series` read their figures.
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "units"])
def test_no_error_repeats_a_cell(tmp_path, kind):
    cells = cells_of(kind).head(30)
    for column in cells.columns:
        for planted in PLANTED:
            changed, file = cells.copy(), tmp_path / "table.csv"
            changed.loc[3, column] = planted
            changed.to_csv(file, index=False)
            assert "Featherby" not in message_of(file, kind), column
