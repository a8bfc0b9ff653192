"""Small audits for tests: answers with a known truth, and counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

import qieval as qi
from qieval.analysis.audit import AuditResult

CHECKS = ["Weight", "Pressure", "Lipids", "Glucose"]


def answers(
    rows: dict[str, dict[str, list[str]]], standards: list[str] | None = None
) -> pd.DataFrame:
    """From wave → record → answers in the order of the standards."""
    found = []
    for wave, records in rows.items():
        for record, given in records.items():
            for standard, result in zip(standards or CHECKS, given, strict=False):
                found.append((wave, record, standard, result))
    return pd.DataFrame(found, columns=["wave", "record", "standard", "result"])


def simulated(
    seed: int = 1,
    *,
    teams: int = 8,
    records: tuple[int, int] = (15, 45),
    shares: tuple[float, float] = (0.6, 0.75),
    spread: float = 0.5,
    alike: float = 0.8,
    others: dict[str, float] | None = None,
) -> pd.DataFrame:
    """Answers of teams that differ, of people whose checks go together, in two waves."""
    rng = np.random.default_rng(seed)
    rows = []
    for team in range(teams):
        level = spread * rng.normal()
        for wave, share in zip(("2018", "2019"), shares, strict=True):
            for number in range(int(rng.integers(*records))):
                person = alike * rng.normal()
                logit = np.log(share / (1 - share)) + level + person
                for check in CHECKS:
                    met = rng.random() < 1 / (1 + np.exp(-logit))
                    result = "met" if met else "not met"
                    for other, part in (others or {}).items():
                        if rng.random() < part:
                            result = other
                    rows.append((wave, f"Team {team}", f"{wave}-{team}-{number}", check, result))
    return pd.DataFrame(rows, columns=["wave", "team", "record", "standard", "result"])


def audit(table: pd.DataFrame, **more: object) -> AuditResult:
    """The audit of a table of answers."""
    asked = {"unit": "record", "result": "result", "called": "patients"} | more
    return qi.audit(table, **asked)


def counts(table: pd.DataFrame, **more: object) -> AuditResult:
    """The audit of a table of counts."""
    return qi.audit(table, **({"met": "met", "applicable": "applicable"} | more))


def tallied(table: pd.DataFrame) -> pd.DataFrame:
    """The counts of a table of answers, with those who met all."""
    met = table.assign(met=(table["result"] == "met").astype(int))
    single = met.groupby(["wave", "team", "standard"])["met"].agg(["sum", "size"]).reset_index()
    every = met.groupby(["wave", "team", "record"])["met"].min().reset_index()
    whole = every.groupby(["wave", "team"])["met"].agg(["sum", "size"]).reset_index()
    both = pd.concat([single, whole.assign(standard="all four")], ignore_index=True)
    return both.rename(columns={"sum": "met", "size": "applicable"})
