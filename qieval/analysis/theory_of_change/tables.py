"""The driver diagram as rows, and the definitions of measures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from qieval.core.columns import require
from qieval.core.errors import ParameterError, listed, nearest
from qieval.intake.tables.pdsa import DECISIONS
from qieval.intake.theory import Theory

DEFINED_BY = ("type", "definition", "numerator", "denominator", "direction", "source", "frequency")
TREE = ["driver", "because", "secondary", "idea", "measures", "cycles"]


def require_known_cycles(theory: Theory, cycles: pd.DataFrame) -> None:
    """Refuse a driver that names a cycle which the log does not hold.

    Raises
    ------
    ParameterError
        With the line, and the cycles of the log.
    """
    require(cycles, ["cycle"])
    known = _names(cycles["cycle"])
    for at, driver in enumerate(theory.drivers):
        for below, part in enumerate(driver.secondary):
            for place, name in enumerate(part.cycles):
                if name not in known:
                    guess = nearest(name, known)
                    raise ParameterError(
                        f"The driver `{part.name}` names a cycle that is not in the log.",
                        found=f"`{name}`; the log holds {listed(known)}",
                        remedy=f"Did you mean `{guess}`?" if guess else None,
                        where=theory.place("drivers", at, "secondary", below, "cycles", place),
                    )


def decided(cycles: pd.DataFrame | None) -> dict[str, str]:
    """What was decided after each cycle of the log, where it is in one of the known words."""
    if cycles is None or "decision" not in cycles:
        return {}
    said = cycles["decision"].astype(object).fillna("").astype(str).str.strip().str.lower()
    known = said.isin(DECISIONS)
    return dict(zip(cycles.loc[known, "cycle"].map(_name), said[known], strict=True))


def _names(cells: pd.Series) -> list[str]:
    return list(dict.fromkeys(_name(cell) for cell in cells.dropna()))


def _name(cell: object) -> str:
    """A cycle's name as text; the number 1.0 is "1"."""
    return f"{cell:g}" if isinstance(cell, int | float) else str(cell).strip()


def tree_of(theory: Theory, decisions: Mapping[str, str]) -> pd.DataFrame:
    """One row a change idea; a driver without any has one row with a blank.

    Measures and cycles stand at the first idea of their secondary driver.
    """
    types = {measure.name: measure.type for measure in theory.measures}
    rows: list[tuple[str, ...]] = []
    for driver in theory.drivers:
        head = (driver.name, driver.because)
        if not driver.secondary:
            rows.append((*head, "", "", "", ""))
        for part in driver.secondary:
            named = [f"{name} ({types[name]})" if types[name] else name for name in part.measures]
            leaves = ["; ".join(named), cycles_in_words(part.cycles, decisions)]
            for at, idea in enumerate(part.ideas or ("",)):
                rows.append((*head, part.name, idea, *(leaves if at == 0 else ["", ""])))
    return pd.DataFrame(rows, columns=TREE)


def cycles_in_words(names: tuple[str, ...], decisions: Mapping[str, str]) -> str:
    """The cycles, each with what was decided: "1 (adapt), 2 (adopt)"."""
    said = [f"{name} ({decisions[name]})" if decisions.get(name) else name for name in names]
    return ", ".join(said)


def measures_table(theory: Theory) -> pd.DataFrame:
    """One row a measure: its definition, what it lacks, and the secondary drivers that name it."""
    rows = []
    for measure in theory.measures:
        fields = {name: getattr(measure, name) for name in DEFINED_BY}
        lacking = [name for name, said in fields.items() if not said]
        used = [
            part.name
            for driver in theory.drivers
            for part in driver.secondary
            if measure.name in part.measures
        ]
        about = {"lacking": ", ".join(lacking), "drivers": "; ".join(used)}
        rows.append({"name": measure.name, **fields, **about})
    return pd.DataFrame(rows, columns=["name", *DEFINED_BY, "lacking", "drivers"], dtype="str")
