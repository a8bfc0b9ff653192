"""What was recorded of how people took part, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.involvement.tables import COUNTS, DECLARED, NOT_RECORDED, OCCASIONS
from qieval.core.result import Result
from qieval.core.sections import Section
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, many, sentence


@dataclass(frozen=True, eq=False, repr=False)
class InvolvementResult(Result):
    """Result of :func:`involvement`.

    Attributes
    ----------
    points : DataFrame
        One row a stage and level, and a row "not recorded" a stage: ``stage, level, occasions,
        people`` (missing: not recorded for all of them).
    estimates : DataFrame
        ``stages`` (with a row that says the level), ``stages_not_recorded``, ``occasions``, and one
        row a level: stages in which it was reached at least once.
    occasions : DataFrame
        One row an occasion, in the order of the stages: ``stage, level, date, who, people, paid``.
    """

    occasions: pd.DataFrame

    kind: ClassVar[str] = "involvement"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "This says what was recorded. It cannot say whether people were listened to, or whether "
        "those who took part stand for those who did not.",
        "A higher level is not always the better one for a stage: ask the people involved.",
    )

    @property
    def stages(self) -> list[str]:
        """The stages, in their order."""
        return list(self.params["stages"].values())

    @property
    def levels(self) -> list[str]:
        """The levels, from none to the fullest."""
        return list(self.params["levels"].values())

    @property
    def verdict(self) -> Verdict:
        """Described: in how many stages people took part."""
        words = NOT_RECORDED
        if len(self.not_recorded()) < len(self.stages):
            words = f"{len(self._stages_with_people())} of {len(self.stages)} stages"
        return Verdict("described", "not tested", words=words)

    def _stages_with_people(self) -> set[str]:
        return {stage for level in self.levels[1:] for stage in self._stages_at(level)}

    def _known(self) -> pd.DataFrame:
        return self.occasions[self.occasions["level"] != NOT_RECORDED]

    def _stages_at(self, level: str) -> list[str]:
        seen = set(self.occasions.loc[self.occasions["level"] == level, "stage"])
        return [stage for stage in self.stages if stage in seen]

    def not_recorded(self) -> list[str]:
        """Stages of which no level is recorded."""
        seen = set(self._known()["stage"])
        return [stage for stage in self.stages if stage not in seen]

    def headline(self) -> str:
        """In how many stages people took part, as far as it is recorded."""
        total, blank = len(self.stages), len(self.not_recorded())
        if blank == total:
            return sentence(f"how people took part is not recorded for any of {total} stages")
        least, took_part = self.levels[0], self._stages_with_people()
        parts = [f"people took part in {len(took_part)} of {total} stages"]
        none = [stage for stage in self._stages_at(least) if stage not in took_part]
        if none:
            parts.append(f"in {len(none)} nobody did")
        if blank:
            parts.append(f"{blank} {'is' if blank == 1 else 'are'} not recorded")
        return sentence("; ".join(parts))

    def details(self) -> str:
        """Level by level which stages, then who and whether they were paid."""
        sentences = [
            f"{level.capitalize()}: {in_a_row(stages)}."
            for level in reversed(self.levels)
            if (stages := self._stages_at(level))
        ]
        if blank := self.not_recorded():
            sentences.append(f"Not recorded: {in_a_row(blank)}.")
        paid = self.occasions.loc[self.occasions["level"].isin(self.levels[1:]), "paid"]
        if len(paid):
            words = {"yes": "paid", "no": "unpaid", NOT_RECORDED: "without a word on pay"}
            counts = [(int((paid == word).sum()), phrase) for word, phrase in words.items()]
            parts = [f"{count} {phrase}" for count, phrase in counts if count]
            sentences.append(f"Of {many(len(paid), 'occasion')}: {in_a_row(parts)}.")
        return " ".join(sentences)

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each stage."""
        by_stage = []
        for stage in self.stages:
            own = self.occasions[self.occasions["stage"] == stage]
            here = [
                level for level in [*self.levels, NOT_RECORDED] if (own["level"] == level).any()
            ]
            by_stage.append(f"{stage}: {in_a_row(here) if here else NOT_RECORDED}")
        return (
            f"{self.headline()} A grid of {len(self.stages)} stages by {len(self.levels)} levels, "
            f"from {self.levels[0]} to {self.levels[-1]}; filled squares with the number of "
            f"occasions. {'; '.join(by_stage)}."
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Counts by level, and every occasion."""
        return (self._counts(), self._by_stage())

    def sections(self) -> tuple[Section, ...]:
        """One section: every occasion."""
        words = "Every occasion that was recorded, and every stage of which nothing was."
        return (Section("occasions", "Stage by stage", words, self._by_stage()),)

    def _counts(self) -> Table:
        """Stages by level, in the order of the levels."""
        names = {
            "stages": "Stages with a level recorded",
            "stages_not_recorded": "Stages not recorded",
            "occasions": "Occasions",
            **{f"level: {level}": f"Stages: {level}" for level in self.levels},
        }
        rows = self.estimates.loc[list(names)].assign(term=list(names.values()))
        caption = "What was recorded; one stage can have several levels"
        return Table("estimates", caption, COUNTS[:2], rows)

    def _by_stage(self) -> Table:
        """One row an occasion, and one a stage without any: who, when, how many, paid or not."""
        seen = set(self.occasions["stage"])
        blank = [
            {"stage": stage, "level": NOT_RECORDED, "who": NOT_RECORDED, "paid": NOT_RECORDED}
            for stage in self.stages
            if stage not in seen
        ]
        rows = pd.concat([self.occasions, pd.DataFrame(blank, columns=self.occasions.columns)])
        place = {stage: at for at, stage in enumerate(self.stages)}
        rows = rows.sort_values("stage", key=lambda stages: stages.map(place), kind="stable")
        caption = "Who took part, when, and whether they were paid"
        rows = rows.astype({"date": "datetime64[us]", "people": "float64"})
        return Table("points", caption, OCCASIONS, rows, missing=NOT_RECORDED)
