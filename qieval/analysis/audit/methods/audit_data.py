"""All that was read, as one record, from which the tables of the result are computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import Answers, Columns, Named, main_of
from qieval.analysis.audit.methods.change import (
    COLUMNS,
    Comparison,
    Group,
    cells,
    changes,
    groups_of,
)
from qieval.analysis.audit.methods.clusters import mixed
from qieval.analysis.audit.methods.rules import Rules
from qieval.analysis.audit.methods.scores import bounds, share
from qieval.core.proportions import Ends


@dataclass(frozen=True, eq=False)
class AuditData:
    """Everything that the tables of the result are computed from.

    Attributes
    ----------
    tally : DataFrame
        ``wave, team, standard, met, applicable``.
    answers : Answers, optional
        Where a row is an answer.
    rules : Rules
        How answers count.
    names : Named
        Waves and standards.
    pair : (str, str), optional
        The waves compared.
    columns : Columns
        Of the caller's table.
    same_units : bool
        Whether units keep their names from wave to wave.
    confidence : float
        Level of the intervals.
    empty : int
        Rows of counts that had nothing to count.
    """

    tally: pd.DataFrame
    answers: Answers | None
    rules: Rules
    names: Named
    pair: tuple[str, str] | None
    columns: Columns
    same_units: bool
    confidence: float
    empty: int

    @property
    def waves(self) -> list[str]:
        """Earliest first."""
        return list(self.names.waves.values())

    @property
    def latest(self) -> str:
        """The later of the waves compared; the only one."""
        return self.pair[1] if self.pair else self.waves[-1]

    @property
    def standards(self) -> list[str]:
        """In order."""
        return list(self.names.standards.values())

    @property
    def shared(self) -> list[str]:
        """The standards of the composite: those that every wave asked for."""
        if self.answers is not None:
            return self.answers.shared
        asked = set(zip(self.tally["wave"], self.tally["standard"], strict=True))
        return [name for name in self.standards if all((w, name) in asked for w in self.waves)]

    @property
    def main(self) -> str:
        """What the audit is judged by: the composite, or the only standard."""
        return main_of(self.shared)

    @property
    def scored(self) -> bool:
        """Whether there is a score between all and none: of several standards, or of services."""
        return len(self.shared) > 1 or self.columns.types is not None

    @property
    def composite_known(self) -> bool:
        """Whether it is known, and not only its bounds."""
        return self.main in set(self.tally["standard"])

    @property
    def teams(self) -> bool:
        """Whether a column names the teams."""
        return self.columns.team is not None

    @cached_property
    def groups(self) -> list[Group]:
        """Those in both waves first, all last; none with one wave only."""
        if self.pair is None:
            return []
        return groups_of(self.tally, self.answers, self._comparison(self.pair))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every standard and the composite, if there is one, in every group and way."""
        if self.pair is None:
            return pd.DataFrame(columns=COLUMNS)
        standards = [*self.standards, *({self.main} - set(self.standards))]
        return changes(self.groups, standards, self._comparison(self.pair))

    @property
    def main_change(self) -> pd.DataFrame:
        """The change of what the audit is judged by, as it is quoted: one row, or none."""
        if self.pair is None:
            return pd.DataFrame(columns=COLUMNS)
        table = changes(self.groups[:1], [self.main], self._comparison(self.pair))
        return table[table["main"]]

    def _comparison(self, pair: tuple[str, str]) -> Comparison:
        return Comparison(self.rules, pair, self.confidence, self.teams, self.same_units)

    def with_rules(self, rules: Rules) -> AuditData:
        """The same records by other rules."""
        assert self.answers is not None
        return replace(self, rules=rules, tally=self.answers.tally(rules))

    def composite(self, wave: str) -> Ends:
        """The composite of a wave; where it is not known its bounds, without a value."""
        if self.composite_known:
            return share(self.tally, self.main, wave, self.confidence)
        return bounds(self.tally, wave, self.shared)

    def states(self) -> set[str]:
        """The states that occur among the answers."""
        if self.answers is None:
            return set()
        return set(np.unique(self.answers.states.to_numpy(dtype=str)))

    def codes_in_both_waves(self) -> int:
        """Units whose code stands in both waves although they are taken for different ones."""
        if self.pair is None or self.answers is None or self.same_units:
            return 0
        return len(self.answers.units_by_wave(self.pair)["both"])

    def mixed_model(self) -> float | str:
        """Log odds ratio of the composite by a mixed model, or why there is none."""
        if self.pair is None or not self.teams or not self.composite_known:
            return "no teams"
        return mixed(*cells(self.groups[0].tally, self.main, self.pair))
