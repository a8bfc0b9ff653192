"""What a theory of change says and what it leaves open, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.theory_of_change.tables import (
    AIM_COLUMNS,
    COUNT_COLUMNS,
    DECLARED,
    DEFINED_BY,
    MEASURE_COLUMNS,
    MISSING,
    PARTS,
    THERE,
    TREE_COLUMNS,
    VAGUE,
)
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Column, Declaration, Table
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, many, sentence


@dataclass(frozen=True, eq=False, repr=False)
class TheoryResult(Result):
    """Result of :func:`theory_of_change`.

    Attributes
    ----------
    points : DataFrame
        The tree, one row a change idea: ``driver, because, secondary, idea, measures, cycles``.
    estimates : DataFrame
        Counts: ``aim_parts`` (there, of four), ``primary_drivers, secondary_drivers, ideas,
        measures, measures_defined, cycles``.
    aim : DataFrame
        One row a part of the aim: ``part, status`` (there, vague, missing), ``text, why``.
    measures : DataFrame
        One row a measure: its definition, ``lacking`` and ``drivers``.
    """

    aim: pd.DataFrame
    measures: pd.DataFrame

    kind: ClassVar[str] = "theory_of_change"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "A theory of change says what a team believes. Whether it is so, only measures and tests "
        "can tell.",
        "Whether an aim is clear is read from its words by rules of thumb; people must judge it.",
    )

    @property
    def verdict(self) -> Verdict:
        """Described: how many parts of the aim are clear."""
        words = f"aim: {self.count('aim_parts')} of {len(PARTS)} parts"
        return Verdict("described", "not tested", words=words)

    def count(self, term: str) -> int:
        """One of the counts."""
        return int(self.estimates["estimate"][term])

    def _aim_with(self, status: str) -> list[str]:
        return [PARTS[part].lower() for part in self.aim.loc[self.aim["status"] == status, "part"]]

    def headline(self) -> str:
        """What the aim says and does not say, and what hangs on it."""
        there, vague, missing = (self._aim_with(status) for status in (THERE, VAGUE, MISSING))
        clear = [in_a_row(there)] if there else []
        clear += [f"{in_a_row(vague)} only vaguely"] if vague else []
        says = f"says {in_a_row(clear)}" if clear else "is not written down"
        if clear and missing:
            says += f", but not {in_a_row(missing, 'or')}"
        drivers = many(self.count("primary_drivers"), "primary driver")
        ideas = many(self.count("ideas"), "change idea")
        measures = (
            many(self.count("measures"), "measure") if self.count("measures") else "no measure"
        )
        return sentence(f"The aim {says}; {drivers}, {ideas}, {measures}")

    def details(self) -> str:
        """The aim's open parts, and the measures."""
        sentences = [row.why for row in rows_of(self.aim) if row.why]
        if not sentences:
            sentences = ["The aim can be checked: it will be known whether it was reached."]
        by_type = self.measures.groupby("type", sort=False)["name"].apply(list)
        for kind in ("outcome", "process", "balancing"):
            if kind in by_type:
                sentences.append(f"{kind.capitalize()}: {in_a_row(by_type[kind])}.")
        if self.measures.empty:
            sentences.append(
                "No measure is defined, so nobody could tell whether the aim was reached."
            )
        elif "outcome" not in by_type:
            sentences.append("There is no outcome measure: the aim itself is not measured.")
        tested, parts = self.count("cycles"), self.count("secondary_drivers")
        if tested:
            reached = int((self.points["cycles"] != "").sum())
            sentences.append(
                f"{reached} of {many(parts, 'secondary driver')} "
                f"{'was' if reached == 1 else 'were'} tested in PDSA cycles "
                f"({many(tested, 'cycle')})."
            )
        elif parts:
            sentences.append("No idea is recorded as tested in a PDSA cycle.")
        return " ".join(sentences)

    def alt_text(self) -> str:
        """The finding, then the tree as a list."""
        return f"{self.headline()} Driver diagram. {self.aim_in_words()} {self._tree_in_words()}"

    def aim_in_words(self) -> str:
        """The aim as it stands: "Aim: Occupied bed days; how much: 15% fewer; …"."""
        parts = []
        for row in rows_of(self.aim):
            text = row.text or "not said"
            parts.append(text if row.part == "what" else f"{PARTS[row.part].lower()}: {text}")
        return f"Aim: {'; '.join(parts)}."

    def _tree_in_words(self) -> str:
        lines = []
        for place, (driver, own) in enumerate(self.points.groupby("driver", sort=False), 1):
            parts = []
            for secondary, rows in own[own["secondary"] != ""].groupby("secondary", sort=False):
                ideas = [idea for idea in rows["idea"] if idea]
                details = [f"ideas {in_a_row(ideas)}" if ideas else "no idea"]
                first = rows.iloc[0]
                details += [f"measures {first['measures']}"] if first["measures"] else []
                details += [f"cycles {first['cycles']}"] if first["cycles"] else []
                parts.append(f"{secondary} ({'; '.join(details)})")
            lines.append(f"Driver {place}: {driver}: {in_a_row(parts) if parts else 'no more'}.")
        return " ".join(lines)

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Counts, the tree, the aim and the measures."""
        tree = Table("points", "The driver diagram as a list", TREE_COLUMNS, self.points)
        return (self._counts(), tree, self._aim_table(), self._measures_table())

    def sections(self) -> tuple[Section, ...]:
        """The aim, and the measures if there are any."""
        words = (
            "An aim that says what, how much, by when and for whom can be checked later. Each part "
            "is there, vague or missing."
        )
        aim = Section("aim", "The aim", words, self._aim_table())
        if self.measures.empty:
            return (aim,)
        total = many(len(self.measures), "measure")
        words = f"Defined in full: {self.count('measures_defined')} of {total}."
        return (aim, Section("measures", "The measures", words, self._measures_table()))

    def _counts(self) -> Table:
        names = {
            "aim_parts": "Parts of the aim that are clear, of four",
            "primary_drivers": "Primary drivers",
            "secondary_drivers": "Secondary drivers",
            "ideas": "Change ideas",
            "measures": "Measures",
            "measures_defined": "Measures defined in full",
            "cycles": "PDSA cycles that a driver names",
        }
        rows = self.estimates.loc[list(names)].assign(term=list(names.values()))
        return Table("estimates", "What the theory of change holds", COUNT_COLUMNS[:2], rows)

    def _aim_table(self) -> Table:
        rows = self.aim.assign(
            part=[PARTS[part] for part in self.aim["part"]],
            text=self.aim["text"].replace("", "nothing"),
        )
        columns = AIM_COLUMNS if self.aim["why"].any() else AIM_COLUMNS[:3]
        return Table("aim", "The aim, part by part", columns, rows)

    def _measures_table(self) -> Table:
        """A column a measure: definitions are sentences, and eight columns of them are too many."""
        heads = {column.name: column.head for column in MEASURE_COLUMNS}
        asked = [*DEFINED_BY, "drivers"]
        rows = self.measures.set_index("name")[asked].replace("", "not said").T
        columns = (
            Column("asked", "Asked", "label"),
            *(Column(str(name), str(name), "text") for name in rows.columns),
        )
        rows = rows.assign(asked=[heads[name] for name in asked])
        return Table("measures", "How each measure is defined", columns, rows)
