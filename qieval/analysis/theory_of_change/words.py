"""What a theory of change says and what it leaves open: its verdict, its sentences, its tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd

from qieval.analysis.theory_of_change.tables import (
    AIM,
    DECLARED,
    MEASURES,
    MISSING,
    PARTS,
    THERE,
    TREE,
    VAGUE,
)
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Column, Declaration, Table
from qieval.core.verdict import DESCRIBED, Verdict
from qieval.core.words import in_a_row, many, sentence

_COUNTS = {
    "aim_parts": "Parts of the aim that are clear, of four",
    "primary_drivers": "Primary drivers",
    "secondary_drivers": "Secondary drivers",
    "ideas": "Change ideas",
    "measures": "Measures",
    "measures_defined": "Measures defined in full",
    "cycles": "PDSA cycles that a driver names",
}


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

    def count(self, term: str) -> int:
        """One of the counts."""
        return int(self.estimates["estimate"][term])

    @property
    def verdict(self) -> Verdict:
        """Nothing is tested: how many parts of the aim are clear."""
        return replace(DESCRIBED, words=f"aim: {self.count('aim_parts')} of 4 parts")

    def _aim_with(self, status: str) -> list[str]:
        return [PARTS[part].lower() for part in self.aim.loc[self.aim["status"] == status, "part"]]

    def headline(self) -> str:
        """What the aim says and does not say, and what hangs on it."""
        there, vague, missing = (self._aim_with(status) for status in (THERE, VAGUE, MISSING))
        clauses = [in_a_row(there)] if there else []
        clauses += [f"{in_a_row(vague)} only vaguely"] if vague else []
        says = f"says {in_a_row(clauses)}" if clauses else "is not written down"
        if clauses and missing:
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
        tested, secondary = self.count("cycles"), self.count("secondary_drivers")
        if tested:
            reached = int((self.points["cycles"] != "").sum())
            sentences.append(
                f"{reached} of {many(secondary, 'secondary driver')} "
                f"{'was' if reached == 1 else 'were'} tested in PDSA cycles "
                f"({many(tested, 'cycle')})."
            )
        elif secondary:
            sentences.append("No idea is recorded as tested in a PDSA cycle.")
        return " ".join(sentences)

    def alt_text(self) -> str:
        """The finding, then the tree as a list."""
        return f"{self.headline()} Driver diagram. {self.aim_in_words()} {self._tree_in_words()}"

    def aim_in_words(self) -> str:
        """The aim as it stands: "Aim: Occupied bed days; how much: 15% fewer; …"."""
        each = []
        for row in rows_of(self.aim):
            text = row.text or "not said"
            each.append(text if row.part == "what" else f"{PARTS[row.part].lower()}: {text}")
        return f"Aim: {'; '.join(each)}."

    def _tree_in_words(self) -> str:
        lines = []
        for place, (driver, own) in enumerate(self.points.groupby("driver", sort=False), 1):
            below = []
            for secondary, rows in own[own["secondary"] != ""].groupby("secondary", sort=False):
                ideas = [idea for idea in rows["idea"] if idea]
                leaves = [f"ideas {in_a_row(ideas)}" if ideas else "no idea"]
                first = rows.iloc[0]
                leaves += [f"measures {first['measures']}"] if first["measures"] else []
                leaves += [f"cycles {first['cycles']}"] if first["cycles"] else []
                below.append(f"{secondary} ({'; '.join(leaves)})")
            lines.append(f"Driver {place}: {driver}: {in_a_row(below) if below else 'no more'}.")
        return " ".join(lines)

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """What is there, counted, and the tree, one row a change idea."""
        columns = (Column("what", "What", "label"), Column("estimate", "Number", "estimate", "0"))
        rows = self.estimates.loc[list(_COUNTS)].assign(what=list(_COUNTS.values()))
        return (
            Table("estimates", "What the theory of change holds", columns, rows),
            Table("points", "The points of the figure", TREE, self.points),
        )

    def sections(self) -> tuple[Section, ...]:
        """The aim, and the measures if there are any."""
        return (self._aim_section(), *([self._measures_section()] if len(self.measures) else []))

    def _aim_section(self) -> Section:
        rows = self.aim.assign(
            part=self.aim["part"].map(PARTS), text=self.aim["text"].replace("", "nothing")
        )
        columns = AIM if self.aim["why"].any() else AIM[:-1]
        words = (
            "An aim that says what, how much, by when and for whom can be checked later. Each part "
            "is there, vague or missing."
        )
        table = Table("aim", "The aim, part by part", columns, rows)
        return Section("aim", "The aim", words, table)

    def _measures_section(self) -> Section:
        rows = self.measures.set_index("name").replace("", "not said")
        # A column a measure: definitions are sentences, and eight columns of them cannot be read.
        turned = [{"about": column.head, **rows[column.name].to_dict()} for column in MEASURES[1:]]
        columns = (
            Column("about", "About", "label"),
            *(Column(name, name, "text") for name in rows.index),
        )
        defined = f"{self.count('measures_defined')} of {many(len(rows), 'measure')}"
        table = Table("measures", "How each measure is defined", columns, pd.DataFrame(turned))
        return Section("measures", "The measures", f"Defined in full: {defined}.", table)
