"""What is open in a theory of change."""

from __future__ import annotations

import pandas as pd

from qieval.core.checks import About, Check, checks_table
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many
from qieval.intake.theory import Theory


def checks_of(theory: Theory, measures: pd.DataFrame, cycles: pd.DataFrame | None) -> pd.DataFrame:
    """Every check, in the order of the page."""
    return checks_table(
        [
            *_types(measures),
            *_unused(measures),
            *_definitions(measures),
            *_drivers(theory),
            *_cycles(theory, cycles),
        ]
    )


def _types(measures: pd.DataFrame) -> list[Check]:
    """Whether there is an outcome measure, and a process and a balancing one."""
    if measures.empty:
        text = "None is defined, so nobody could tell whether a change was an improvement."
        return [Check("measures", "Measures", "warn", text)]
    types = set(measures["type"])
    open_points: list[Check] = []
    if "outcome" not in types:
        text = "There is none, so the aim itself is not measured."
        open_points.append(Check("outcome_measure", "Outcome measure", "warn", text))
    lacking = [kind for kind in ("process", "balancing") if kind not in types]
    if lacking:
        why = {
            "process": "whether the change is made",
            "balancing": "whether something else suffers",
        }
        unseen = in_a_row([why[kind] for kind in lacking])
        text = f"There is no {in_a_row(lacking, 'or')} measure, so {unseen} will not be seen."
        open_points.append(Check("other_measures", "Other measures", "info", text))
    if not open_points:
        text = "Outcome, process and balancing measures are defined."
        open_points.append(Check("measures", "Measures", "pass", text))
    return open_points


def _unused(measures: pd.DataFrame) -> list[Check]:
    """Process measures that no driver names; outcome and balancing ones belong to the aim."""
    alone = measures.loc[(measures["drivers"] == "") & (measures["type"] == "process"), "name"]
    if alone.empty:
        return []
    text = f"No driver names {in_a_row(alone.tolist())}: what is it to show?"
    return [Check("measures_without_driver", "Measures without a driver", "warn", text)]


def _definitions(measures: pd.DataFrame) -> list[Check]:
    about = About("definitions", "Definitions of measures")
    lacking = measures[measures["lacking"] != ""]
    if lacking.empty:
        return [about.passes("Every measure is defined in full.")] if len(measures) else []
    gaps = [f"{row.name} (no {row.lacking})" for row in rows_of(lacking)]
    return [about.warns(f"Not complete: {in_a_row(gaps)}.")]


def _drivers(theory: Theory) -> list[Check]:
    about = About("drivers", "Drivers")
    if not theory.drivers:
        return [about.warns("There is none: nothing says what is thought to bring it about.")]
    parts = [part for driver in theory.drivers for part in driver.secondary]
    bare = [driver.name for driver in theory.drivers if not driver.secondary]
    open_ends = {
        "without secondary drivers": bare,
        "without a change idea": [part.name for part in parts if not part.ideas],
        "without a measure": [part.name for part in parts if not part.measures],
        "not yet tested in a cycle": [part.name for part in parts if not part.cycles],
    }
    ends = [f"{what} ({in_a_row(names)})" for what, names in open_ends.items() if names]
    if not ends:
        return [about.passes("Every driver has a change idea, a measure and a cycle.")]
    return [about.informs(f"Open ends: {'; '.join(ends)}.")]


def _cycles(theory: Theory, cycles: pd.DataFrame | None) -> list[Check]:
    """Cycles of the log that belong to no driver."""
    if cycles is None:
        return []
    named = {name for d in theory.drivers for part in d.secondary for name in part.cycles}
    held = dict.fromkeys(str(name) for name in cycles["cycle"].dropna())
    apart = [name for name in held if name not in named]
    about = About("cycles", "Cycles")
    if not apart:
        return [about.passes(f"Every cycle of the log ({len(held)}) belongs to a driver.")]
    names = in_a_row(apart[:12])
    return [about.informs(f"{many(len(apart), 'cycle')} of the log belong to no driver: {names}.")]
