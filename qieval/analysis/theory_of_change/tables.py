"""The aim part by part, the driver diagram as rows, the definitions of measures; their columns.

A good aim is specific, has a number and a date, and names whom it is for (Langley et al., The
Improvement Guide, ch. 4; NHS England, Online library of QSIR tools: aims statement). Rules of thumb
read the words; a person decides whether they are right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pandas as pd

from qieval.core.amounts import amount_in, any_date_in
from qieval.core.columns import require
from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.periods import label
from qieval.core.tables import ESTIMATES, Column, Declaration
from qieval.intake.tables.pdsa import DECISIONS
from qieval.intake.theory import Theory

DEFINED_BY = ("type", "definition", "numerator", "denominator", "direction", "source", "frequency")
TREE_COLUMNS = (
    Column("driver", "Primary driver", "label"),
    Column("because", "Why", "text"),
    Column("secondary", "Secondary driver", "text"),
    Column("idea", "Change idea", "text"),
    Column("measures", "Measures", "text"),
    Column("cycles", "PDSA cycles", "text"),
)
AIM_COLUMNS = (
    Column("part", "Asked", "label"),
    Column("text", "The aim says", "text"),
    Column("status", "That is", "text"),
    Column("why", "Why", "text"),
)
MEASURE_COLUMNS = (
    Column("name", "Measure", "label"),
    Column("type", "Type", "text"),
    Column("definition", "Definition", "text"),
    Column("numerator", "Numerator", "text"),
    Column("denominator", "Denominator", "text"),
    Column("direction", "Better is", "text"),
    Column("source", "Source", "text"),
    Column("frequency", "How often", "text"),
    Column("lacking", "Not said", "text"),
    Column("drivers", "Drivers that name it", "text"),
)
COUNT_COLUMNS = (
    Column("term", "What", "label"),
    Column("estimate", "Number", "number"),
    Column("n", "Of", "number"),
    Column("unit", "Unit", "text"),
)
DECLARED = (
    Declaration("points", TREE_COLUMNS),
    Declaration("aim", AIM_COLUMNS),
    Declaration("measures", MEASURE_COLUMNS),
    ESTIMATES,
)

THERE, VAGUE, MISSING = "there", "vague", "missing"
PARTS = {
    "what": "What",
    "how_much": "How much",
    "by_when": "By when",
    "for_whom": "For whom",
}

_UNMEASURED = re.compile(
    r"\b(better|best|good|improv\w*|enhanc\w*|optimi[sz]\w*|quality|effective\w*|excellen\w*"
    r"|appropriate\w*)\b",
    re.IGNORECASE,
)
_ANYONE = re.compile(
    r"(all |our |the )*(patients?|people|everyone|everybody|service users?|users|clients|staff)",
    re.IGNORECASE,
)
_ASKED = {
    "what": "what is to change",
    "how_much": "by how much",
    "by_when": "by when",
    "for_whom": "for whom",
}


def aim_table(theory: Theory) -> pd.DataFrame:
    """One row a part of the aim: ``part, status, text, why``."""
    rows = [(name, *_clear_or_not(name, theory)) for name in PARTS]
    return pd.DataFrame(rows, columns=["part", "status", "text", "why"])


def _clear_or_not(name: str, theory: Theory) -> tuple[str, str, str]:
    given = getattr(theory.aim, name)
    if not given:
        return MISSING, "", f"The aim does not say {_ASKED[name]}."
    if isinstance(given, date):
        return THERE, label(pd.Timestamp(given), "day"), ""
    text = str(given)
    if name == "what":
        measured = any(text.lower() == measure.name.lower() for measure in theory.measures)
        vague = bool(_UNMEASURED.search(text)) and not measured
        why = "It uses a word such as “better”, which nobody can measure: say what would be seen."
    elif name == "how_much":
        vague, why = amount_in(text).how is None, "It has no number to be reached."
    elif name == "by_when":
        vague, why = any_date_in(text) is None, "It has no date, or at least a month and a year."
    else:
        vague = bool(_ANYONE.fullmatch(text))
        why = "It does not say which people: where, or with what."
    return (VAGUE, text, why) if vague else (THERE, text, "")


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
    decisions = cycles["decision"].astype(object).fillna("").astype(str).str.strip().str.lower()
    known = decisions.isin(DECISIONS)
    return dict(zip(cycles.loc[known, "cycle"].map(_name), decisions[known], strict=True))


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
    return pd.DataFrame(rows, columns=[column.name for column in TREE_COLUMNS])


def cycles_in_words(names: tuple[str, ...], decisions: Mapping[str, str]) -> str:
    """The cycles, each with what was decided: "1 (adapt), 2 (adopt)"."""
    with_decisions = [
        f"{name} ({decisions[name]})" if decisions.get(name) else name for name in names
    ]
    return ", ".join(with_decisions)


def measures_table(theory: Theory) -> pd.DataFrame:
    """One row a measure: its definition, what it lacks, and the secondary drivers that name it."""
    rows = []
    for measure in theory.measures:
        fields = {name: getattr(measure, name) for name in DEFINED_BY}
        lacking = [name for name, text in fields.items() if not text]
        used = [
            part.name
            for driver in theory.drivers
            for part in driver.secondary
            if measure.name in part.measures
        ]
        about = {"lacking": ", ".join(lacking), "drivers": "; ".join(used)}
        rows.append({"name": measure.name, **fields, **about})
    return pd.DataFrame(rows, columns=["name", *DEFINED_BY, "lacking", "drivers"], dtype="str")


def counts_table(theory: Theory, aim: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """What the theory holds, counted."""
    parts = [part for driver in theory.drivers for part in driver.secondary]
    counts = {
        "aim_parts": ((aim["status"] == THERE).sum(), "parts of the aim", len(aim)),
        "primary_drivers": (len(theory.drivers), "drivers", len(theory.drivers)),
        "secondary_drivers": (len(parts), "drivers", len(parts)),
        "ideas": (sum(len(part.ideas) for part in parts), "ideas", len(parts)),
        "measures": (len(measures), "measures", len(measures)),
        "measures_defined": ((measures["lacking"] == "").sum(), "measures", len(measures)),
        "cycles": (len({c for part in parts for c in part.cycles}), "cycles", len(parts)),
    }
    return estimates_table(
        estimate_row(term, count, unit=unit, n=n, method="counted")
        for term, (count, unit, n) in counts.items()
    )
