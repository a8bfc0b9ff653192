"""The chance that a headline claims a change where none was: the published figures, in between."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qieval.analysis.its.methods.false_claims import chance, table

METHODS = Path(__file__).resolve().parents[3] / "docs" / "methods"


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_is_that_of_the_calibration() -> None:
    text = (METHODS / "its_calibration.md").read_text(encoding="utf-8")
    part = text.split("in 100: the headline's claim\n")[1].split("\n## ")[0]
    head, _, *rows = _rows(part)
    places = [float(cell.removeprefix("rho ")) for cell in head[2:]]
    written = {
        (int(row[1]), rho): float(cell)
        for row in rows[:6]
        for rho, cell in zip(places, row[2:], strict=True)
    }
    own = table()[table()["family"] == "gaussian"]
    found = own.set_index(["points", "rho"])["claims"].to_dict()
    assert found == written


def test_counts_are_the_mean_over_numbers_of_events() -> None:
    text = (METHODS / "its_headline.md").read_text(encoding="utf-8").split("## Counts of events")[1]
    rows = [row for row in _rows(text) if re.fullmatch(r"\d+", row[0])]
    for length in (24, 36, 60):
        own = [float(row[2].split("/")[0]) for row in rows if row[0] == str(length)]
        mean = sum(own) / len(own)
        assert 100 * chance(True, length, 0.0) == pytest.approx(mean, abs=0.06)


def test_between_and_beyond_the_lengths() -> None:
    assert chance(False, 24, 0.4) == pytest.approx(0.044)
    assert chance(False, 30, 0.4) == pytest.approx(0.047)
    assert chance(False, 5, -0.5) == chance(False, 12, 0.0)
    assert chance(False, 500, 0.99) == chance(False, 60, 0.9)
