"""What a family of measures showed: its verdict, and the words that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Required

import numpy as np
import pandas as pd
from typing_extensions import TypedDict

from qieval.analysis.family_of_measures import tables
from qieval.analysis.spc import ControlChartResult
from qieval.analysis.spc.words import Chart
from qieval.core.aim import read_aim
from qieval.core.result import Result, rows_of
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import AimVerdict, Kind, State, Verdict
from qieval.core.words import in_a_row, many, sentence, some_of

MOST_DRAWN = 12
"""Charts that the figure shows where there are groups; the table of measures has them all."""

Role = Literal["outcome", "process", "balancing"]
Direction = Literal["higher", "lower", "neutral"]
ROLES: dict[str, str] = {
    "outcome": "Outcome measures: is it better for patients?",
    "process": "Process measures: is the change being made?",
    "balancing": "Balancing measures: has anything else become worse?",
}


class Measure(TypedDict, total=False):
    """One measure of the family: its name, role, columns, and how it is drawn.

    ``chart`` is a kind of :func:`qieval.control_chart`; left out, the data decide, and the checks
    say why. A share or rate has a ``numerator`` and a ``denominator``, anything else a ``value``.
    """

    # An unknown key is refused when the parameter file is checked, not passed over.
    __pydantic_config__ = {"extra": "forbid"}  # type: ignore[misc]  # noqa: RUF012

    name: Required[str]
    role: Required[Role]
    direction: Required[Direction]
    value: str
    numerator: str
    denominator: str
    chart: str
    per: float
    target: float
    lower_bound: float
    upper_bound: float
    unit: str
    where: Mapping[str, str]


_STATES: dict[str, State] = {
    "improvement": "improved",
    "concern": "worse",
    "level_worse": "worse",
    "neutral": "changed",
    "common_cause": "no clear change",
    "": "cannot tell",
}
"""State of a measure by its variation."""


@dataclass(frozen=True, eq=False, repr=False)
class FamilyResult(Result):
    """Result of :func:`family_of_measures`.

    Attributes
    ----------
    points : DataFrame
        The points of every chart (see ``ControlChartResult``), with ``measure`` and ``role``.
    estimates : DataFrame
        One row a measure (its name is the ``term``; with groups "measure: group"): ``estimate`` is
        the centre line of the latest phase, ``n`` its points.
    checks : DataFrame
        Those of every chart; ``check`` begins with the measure where only some say it.
    judged : DataFrame
        One row a measure and group: ``measure, role, group, variation`` (improvement, concern,
        level_worse, neutral, common_cause, or "" where it cannot be judged), ``reason``,
        ``assurance`` and ``lines`` (in words: special causes before the latest point, a step at a
        known event, how the centre line moved).
    charts : dict
        Measure → its ``ControlChartResult``.
    aimed : str
        The measure that the aim is about; "" for none.
    """

    judged: pd.DataFrame
    charts: dict[str, ControlChartResult]
    aimed: str

    kind: ClassVar[str] = "family_of_measures"
    checks_kept: ClassVar[tuple[str, ...]] = ("false_alarms_together", *Chart.checks_kept)
    declared: ClassVar[tuple[Declaration, ...]] = tables.DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "A signal says that something changed, not what or why; no signal does not show that "
        "nothing changed.",
        "The more measures are watched, the more likely it is that one of them shows a signal by "
        "chance. Read the measures together.",
    )

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """The points of all charts."""
        roles = {measure["name"]: measure["role"] for measure in self.params["measures"]}
        return {"points": tables.points(parts["charts"], roles)}

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns are; those of the points are of every chart."""
        columns = {column.name: column for column in tables.OF_POINTS}
        for chart in self.charts.values():
            declared = next(one for one in chart.declarations() if one.frame == "points")
            columns |= {column.name: column for column in declared.columns}
        return (
            *self.declared,
            Declaration("points", tuple(columns.values()), by=("measure", *self.by), model=True),
        )

    @property
    def by(self) -> list[str]:
        """The group columns; none where every measure has one chart."""
        return list(self.params["by"])

    @property
    def verdict(self) -> Verdict:
        """Better if measures improved and none is of concern; the gravest doubt of their charts.

        Of many groups charts are counted, not judged together.
        """
        better, worse = len(self._named("improvement")), len(self._worse())
        words = f"{better} of {len(self.judged)} better{f', {worse} of concern' if worse else ''}"
        if self.by:
            return Verdict("described", "not tested", aim=self._aim(), words=words)
        kind: Kind = "no clear change"
        if better or worse:
            kind = "changed" if better and worse else "improved" if better else "worse"
        elif (self.judged["variation"] == "neutral").any():
            kind = "changed"
        elif (self.judged["variation"] == "").all():
            kind = "cannot tell"
        doubted = any(
            chart.verdict.certainty == "with reservations" for chart in self.charts.values()
        )
        return Verdict(
            kind,
            "with reservations" if doubted else "clear",
            aim=self._aim(),
            words=words,
        )

    @property
    def states(self) -> dict[Role, list[State]]:
        """Role → the states of its measures, in their order; with groups they are described."""
        states: dict[Role, list[State]] = {}
        for row in rows_of(self.judged):
            state: State = "described" if self.by else _STATES[row.variation]
            states.setdefault(row.role, []).append(state)
        return states

    def _aim(self) -> AimVerdict:
        """The aim as the chart of its measure judges it."""
        if self.aimed:
            return self.charts[self.aimed].verdict.aim
        aim = read_aim(self.params["aim"])
        if not aim:
            return AimVerdict()
        because = "Which of the measures the aim is about is not said."
        return AimVerdict("cannot tell", aim.text, by=aim.last_day, because=because)

    def _named(self, variation: str, role: str | None = None) -> list[str]:
        wanted = self.judged["variation"] == variation
        if role is not None:
            wanted &= self.judged["role"] == role
        rows = self.judged[wanted]
        return [tables.title_of(row.measure, row.group) for row in rows_of(rows)]

    def _worse(self, role: str | None = None) -> list[str]:
        """Charts of concern, and those whose level is worse since a known event."""
        return [*self._named("concern", role), *self._named("level_worse", role)]

    def headline(self) -> str:
        """How many measures improved, are of concern, or only vary; with groups also which."""
        count = len(self.judged)
        named = {words: self._named(variation) for variation, words in _COUNTED.items()}
        parts = [
            f"{len(names)} {words if len(names) > 1 else words.replace('show', 'shows')}"
            for words, names in named.items()
            if names
        ]
        what = "charts" if self.by else "measures"
        if named[_COUNTED["common_cause"]] and len(parts) == 1:
            one = "chart" if self.by else "measure"
            none = f"none of {count} {what} shows" if count > 1 else f"the {one} does not show"
            return sentence(f"{none} a special cause at its latest point")
        concern = self._worse() if self.by else []
        which = f"; of concern: {some_of(concern, 3)}" if concern else ""
        return sentence(f"of {count} {what}{self._of_groups()}, {in_a_row(parts)}{which}")

    def _of_groups(self) -> str:
        """How many measures and groups the charts are of; "" without groups."""
        if not self.by:
            return ""
        groups = self.judged["group"].nunique()
        measures = len(self.charts)
        return f" ({many(measures, 'measure')}, {many(groups, 'group')})"

    def details(self) -> str:
        """What each role's measures say together, and what must not be read into them."""
        parts = [self._role(role) for role in ROLES if (self.judged["role"] == role).any()]
        missing = [role for role in ROLES if not (self.judged["role"] == role).any()]
        if missing:
            lacking = in_a_row(missing, "or")
            parts.append(f"There is no {lacking} measure, so that side is not known.")
        parts.append(self._together())
        return " ".join(filter(None, parts))

    def _role(self, role: str) -> str:
        if self.by:
            own = self.judged[self.judged["role"] == role].groupby("measure", sort=False)
            return f"{role.capitalize()}: {'; '.join(_groups_of(*one) for one in own)}."
        rows = self.judged[self.judged["role"] == role]
        parts = [
            f"{row.measure}: {', '.join(filter(None, [_WORDS[row.variation], row.lines]))}"
            for row in rows_of(rows)
        ]
        return f"{role.capitalize()}: {'; '.join(parts)}."

    def _together(self) -> str:
        """What outcome and process say together: the reading that the field teaches."""
        if self.by:
            return "The measures of a group are to be read together, as those of a project are."
        moved = {role: self._named("improvement", role) for role in ROLES}
        if self._worse("balancing"):
            return "Something else became worse at the same time: weigh it against the gains."
        if moved["outcome"] and not moved["process"] and (self.judged["role"] == "process").any():
            return (
                "The outcome improved without a signal in the process, so the improvement may have "
                "another cause."
            )
        if moved["process"] and not moved["outcome"]:
            return (
                "The process improved but the outcome shows no improvement: it may need more time, "
                "or the change may not be the one that helps."
            )
        return ""

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a chart."""
        if self.by:
            shown = self.drawn
            more = ", those with special causes first" if len(shown) < len(self.judged) else ""
            return (
                f"{self.headline()} {len(shown)} of {len(self.judged)} small control charts, each "
                f"with its own scale{more}."
            )
        parts = [
            f"{row.measure} ({row.role}): {_WORDS[row.variation]}" for row in rows_of(self.judged)
        ]
        return (
            f"{self.headline()} {len(parts)} small control charts, one a measure, each with its "
            f"own scale. {'. '.join(parts)}."
        )

    @property
    def drawn(self) -> list[int]:
        """Places of the charts that the figure shows: all, or those that matter most first."""
        if len(self.judged) <= MOST_DRAWN or not self.by:
            return list(range(len(self.judged)))
        order = ["concern", "level_worse", "improvement", "neutral", "common_cause", ""]
        rank = self.judged["variation"].map(order.index).to_numpy()
        rank = rank - 0.5 * ((rank == order.index("common_cause")) & (self.judged["lines"] != ""))
        return sorted(
            np.argsort(rank, kind="stable")[:MOST_DRAWN].tolist(), key=lambda at: rank[at]
        )

    def tables(self) -> tuple[Table, ...]:
        """One row a measure (role, centre line, variation and target); the points of all charts."""
        if self.by:
            return self._counts_table(), self._points_table()
        rows = self.judged.assign(
            **{name: self.estimates[name].to_numpy() for name in ("estimate", "unit", "n")},
            latest=[
                sentence(f"{_WORDS[row.variation]}; {row.reason}") for row in rows_of(self.judged)
            ],
            target=self.judged["assurance"].replace("", "none"),
        )
        caption = "Every measure: the latest phase of its chart"
        return Table("estimates", caption, tables.SHOWN, rows), self._points_table()

    def _counts_table(self) -> Table:
        """One row a measure: how many of its charts show what. The icon table has every chart."""
        rows = [
            {
                "measure": name,
                "role": own["role"].iloc[0],
                "charts": len(own),
                "better": int((own["variation"] == "improvement").sum()),
                "worse": int(own["variation"].isin(["concern", "level_worse"]).sum()),
                "neutral": int((own["variation"] == "neutral").sum()),
                "usual": int((own["variation"] == "common_cause").sum()),
                "missed": int((own["assurance"] == "not met").sum()),
            }
            for name, own in self.judged.groupby("measure", sort=False)
        ]
        caption = "Every measure: how many of its charts show what at their latest point"
        return Table("estimates", caption, tables.COUNTS, pd.DataFrame(rows))

    def _points_table(self) -> Table:
        parts = {name: chart.table("points") for name, chart in self.charts.items()}
        first = next(iter(parts.values()))
        rows = pd.concat([part.rows.assign(measure=name) for name, part in parts.items()])
        if self.by:
            drawn = self.judged.iloc[self.drawn]
            known = set(zip(drawn["measure"], drawn["group"], strict=True))
            named = rows[["measure", *self.by]].astype(str)
            keys = named.itertuples(index=False, name=None)
            rows = rows[[(measure, ", ".join(group)) in known for measure, *group in keys]]
        heads = {"value": "Value", "centre": "Centre line"}
        return Table(
            "points",
            "The points of the figure",
            (tables.OF_POINTS[0], *titled(first.columns, **heads)),
            rows,
            every=first.every,
            missing=first.missing,
        )


def _groups_of(measure: Any, rows: pd.DataFrame) -> str:
    """How many groups of a measure are better, and which are of concern."""
    worse = rows.loc[rows["variation"].isin(["concern", "level_worse"]), "group"].tolist()
    missed = int((rows["assurance"] == "not met").sum())
    parts = [
        f"{int((rows['variation'] == 'improvement').sum())} of {len(rows)} better",
        f"{len(worse)} of concern ({some_of(worse, 4)})" if worse else "none of concern",
        *([f"{missed} will not meet the target unless something changes"] if missed else []),
    ]
    return f"{measure}: {', '.join(parts)}"


_WORDS = {
    "improvement": "an improvement",
    "concern": "a special cause of concern",
    "level_worse": "a level that is worse since a known event",
    "neutral": "a special cause, neither better nor worse",
    "common_cause": "only the variation to be expected",
    "": "cannot be judged",
}
_COUNTED = {
    "improvement": "show an improvement",
    "concern": "show a special cause of concern",
    "level_worse": "show a level that is worse since a known event",
    "neutral": "show a special cause, neither better nor worse",
    "common_cause": "show only the variation to be expected",
    "": "cannot be judged",
}
