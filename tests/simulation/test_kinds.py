"""Every file of the example is one that `qi.read` takes as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import qieval as qi
from simulation.writing import TABLES

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "audit.csv": "audit",
    "beds.csv": "beds",
    "cases.csv": "reasons",
    "doses.csv": "units",
    "events.csv": "events",
    "follow_up.csv": "cases",
    "involvement.csv": "involvement",
    "leave.csv": "leave",
    "pdsa.csv": "pdsa",
    "provision.csv": "audit",
    "quotes.csv": "quotes",
    "returns.csv": "series",
    "returns_log.csv": "returns",
    "roll_out.csv": "series",
    "spells.csv": "spells",
    "survey.csv": "responses",
    "waits.csv": "waits",
}
# Tables with several series: `where` chooses one.
CHOSEN = {
    "checks.csv": {"period": "2018-04-01"},
    "measures.csv": {"project": "laurel-falls-huddle", "measure": "Falls"},
    "staffing.csv": {"team": "Bracken ward"},
}


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_every_file_is_looked_at() -> None:
    assert set(KINDS) | set(CHOSEN) == set(TABLES)


@pytest.mark.parametrize(("file", "kind"), KINDS.items())
def test_a_file_is_read_whole_and_without_a_fault(file: str, kind: str) -> None:
    loaded = qi.read(f"data/closing-the-gap/{file}", kind)
    assert loaded.passport.rows_kept == loaded.passport.rows_read == len(loaded.table) > 0
    assert loaded.passport.origin.simulated


@pytest.mark.parametrize(("file", "where"), CHOSEN.items())
def test_one_series_of_several_is_read(file: str, where: dict[str, str]) -> None:
    period = "financial_year" if file == "checks.csv" else None
    loaded = qi.read(f"data/closing-the-gap/{file}", "series", where=where, period=period)
    assert len(loaded.table) >= 24
