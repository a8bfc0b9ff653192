"""What a theory of change says and what it leaves open, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.theory_of_change.aim import MISSING, PARTS, THERE, VAGUE
from qieval.core.parts import Part
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, many, number, sentence


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
    limits: ClassVar[tuple[str, ...]] = (
        "A theory of change says what a team believes. Whether it is so, only measures and tests "
        "can tell.",
        "Whether an aim is clear is read from its words by rules of thumb; people must judge it.",
    )

    def count(self, term: str) -> int:
        """One of the counts."""
        return int(self.estimates["estimate"][term])

    def _aim_with(self, status: str) -> list[str]:
        return [PARTS[part].lower() for part in self.aim.loc[self.aim["status"] == status, "part"]]

    def headline(self) -> str:
        """What the aim says and does not say, and what hangs on it."""
        there, vague, missing = (self._aim_with(status) for status in (THERE, VAGUE, MISSING))
        said = [in_a_row(there)] if there else []
        said += [f"{in_a_row(vague)} only vaguely"] if vague else []
        says = f"says {in_a_row(said)}" if said else "is not written down"
        if said and missing:
            says += f", but not {in_a_row(missing, 'or')}"
        drivers = many(self.count("primary_drivers"), "primary driver")
        ideas = many(self.count("ideas"), "change idea")
        measures = (
            many(self.count("measures"), "measure") if self.count("measures") else "no measure"
        )
        return sentence(f"The aim {says}; {drivers}, {ideas}, {measures}")

    def details(self) -> str:
        """The aim's open parts, and the measures."""
        said = [row.why for row in rows_of(self.aim) if row.why]
        if not said:
            said = ["The aim can be checked: it will be known whether it was reached."]
        by_type = self.measures.groupby("type", sort=False)["name"].apply(list)
        for kind in ("outcome", "process", "balancing"):
            if kind in by_type:
                said.append(f"{kind.capitalize()}: {in_a_row(by_type[kind])}.")
        if self.measures.empty:
            said.append("No measure is defined, so nobody could tell whether the aim was reached.")
        elif "outcome" not in by_type:
            said.append("There is no outcome measure: the aim itself is not measured.")
        tested, parts = self.count("cycles"), self.count("secondary_drivers")
        if tested:
            reached = int((self.points["cycles"] != "").sum())
            said.append(
                f"{reached} of {many(parts, 'secondary driver')} "
                f"{'was' if reached == 1 else 'were'} tested in PDSA cycles "
                f"({many(tested, 'cycle')})."
            )
        elif parts:
            said.append("No idea is recorded as tested in a PDSA cycle.")
        return " ".join(said)

    def alt_text(self) -> str:
        """The finding, then the tree as a list."""
        return f"{self.headline()} Driver diagram. {self.aim_in_words()} {self._tree_in_words()}"

    def aim_in_words(self) -> str:
        """The aim as it stands: "Aim: Occupied bed days; how much: 15% fewer; …"."""
        said = []
        for row in rows_of(self.aim):
            text = row.text or "not said"
            said.append(text if row.part == "what" else f"{PARTS[row.part].lower()}: {text}")
        return f"Aim: {'; '.join(said)}."

    def _tree_in_words(self) -> str:
        lines = []
        for place, (driver, own) in enumerate(self.points.groupby("driver", sort=False), 1):
            parts = []
            for secondary, rows in own[own["secondary"] != ""].groupby("secondary", sort=False):
                ideas = [idea for idea in rows["idea"] if idea]
                said = [f"ideas {in_a_row(ideas)}" if ideas else "no idea"]
                first = rows.iloc[0]
                said += [f"measures {first['measures']}"] if first["measures"] else []
                said += [f"cycles {first['cycles']}"] if first["cycles"] else []
                parts.append(f"{secondary} ({'; '.join(said)})")
            lines.append(f"Driver {place}: {driver}: {in_a_row(parts) if parts else 'no more'}.")
        return " ".join(lines)

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """What is there, counted."""
        names = {
            "aim_parts": "Parts of the aim that are clear, of four",
            "primary_drivers": "Primary drivers",
            "secondary_drivers": "Secondary drivers",
            "ideas": "Change ideas",
            "measures": "Measures",
            "measures_defined": "Measures defined in full",
            "cycles": "PDSA cycles that a driver names",
        }
        rows = [(said, number(self.count(term), 0)) for term, said in names.items()]
        return pd.DataFrame(rows, columns=["What", "Number"]), "What the theory of change holds"

    def points_in_words(self) -> pd.DataFrame:
        """The tree, one row a change idea."""
        heads = [
            "Primary driver",
            "Why",
            "Secondary driver",
            "Change idea",
            "Measures",
            "PDSA cycles",
        ]
        return self.points.set_axis(heads, axis=1)

    @property
    def part_names(self) -> list[str]:
        """The aim, and the measures if there are any."""
        return ["aim", *(["measures"] if len(self.measures) else [])]

    def part(self, name: str) -> Part:
        """One part of the page."""
        return self._aim_part() if name == "aim" else self._measures_part()

    def _aim_part(self) -> Part:
        table = pd.DataFrame(
            {
                "Asked": [PARTS[part] for part in self.aim["part"]],
                "The aim says": self.aim["text"].replace("", "nothing"),
                "That is": self.aim["status"],
            }
        )
        if self.aim["why"].any():
            table["Why"] = self.aim["why"]
        words = (
            "An aim that says what, how much, by when and for whom can be checked later. Each part "
            "is there, vague or missing."
        )
        return Part("The aim", words, table, "The aim, part by part")

    def _measures_part(self) -> Part:
        asked = {
            "type": "Type",
            "definition": "Definition",
            "numerator": "Numerator",
            "denominator": "Denominator",
            "direction": "Better is",
            "source": "Source",
            "frequency": "How often",
            "drivers": "Drivers that name it",
        }
        rows = self.measures.set_index("name")[list(asked)].replace("", "not said")
        # A column a measure: definitions are sentences, and eight columns of them cannot be read.
        table = rows.T.rename(index=asked).rename_axis("Asked", axis=0).reset_index()
        table.columns.name = None
        whole = self.count("measures_defined")
        words = f"Defined in full: {whole} of {many(len(rows), 'measure')}."
        return Part("The measures", words, table, "How each measure is defined")
