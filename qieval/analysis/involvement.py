"""Involvement: how people who use the service took part, stage by stage. Descriptive only.

No score and no ranking: which level suits a stage is for those involved to say. A stage without a
row is "not recorded", which is neither "none" nor a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.core.checks import Status, checks_table
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.parts import Part
from qieval.core.periods import label
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, many, number, sentence
from qieval.intake.tables import KINDS
from qieval.intake.tables.conformed import conformed

STAGES = (
    *("choosing the problem", "setting the aim", "designing the change", "testing"),
    *("measuring", "making sense of results", "spreading"),
)
LEVELS = ("none", "informed", "consulted", "co-designed", "led")
NOT_RECORDED = "not recorded"
_PAID = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}


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
        least = self.levels[0]
        took_part = {stage for level in self.levels[1:] for stage in self._stages_at(level)}
        parts = [f"people took part in {len(took_part)} of {total} stages"]
        none = [stage for stage in self._stages_at(least) if stage not in took_part]
        if none:
            parts.append(f"in {len(none)} nobody did")
        if blank:
            parts.append(f"{blank} {'is' if blank == 1 else 'are'} not recorded")
        return sentence("; ".join(parts))

    def details(self) -> str:
        """Level by level which stages, then who and whether they were paid."""
        said = [
            f"{level.capitalize()}: {in_a_row(stages)}."
            for level in reversed(self.levels)
            if (stages := self._stages_at(level))
        ]
        if blank := self.not_recorded():
            said.append(f"Not recorded: {in_a_row(blank)}.")
        paid = self.occasions.loc[self.occasions["level"].isin(self.levels[1:]), "paid"]
        if len(paid):
            words = {"yes": "paid", "no": "unpaid", NOT_RECORDED: "without a word on pay"}
            counts = [(int((paid == word).sum()), said_so) for word, said_so in words.items()]
            parts = [f"{count} {said_so}" for count, said_so in counts if count]
            said.append(f"Of {many(len(paid), 'occasion')}: {in_a_row(parts)}.")
        return " ".join(said)

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each stage."""
        said = []
        for stage in self.stages:
            own = self.occasions[self.occasions["stage"] == stage]
            here = [
                level for level in [*self.levels, NOT_RECORDED] if (own["level"] == level).any()
            ]
            said.append(f"{stage}: {in_a_row(here) if here else NOT_RECORDED}")
        return (
            f"{self.headline()} A grid of {len(self.stages)} stages by {len(self.levels)} levels, "
            f"from {self.levels[0]} to {self.levels[-1]}; filled squares with the number of "
            f"occasions. {'; '.join(said)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """Stages by level, in the order of the levels."""
        names = {
            "stages": "Stages with a level recorded",
            "stages_not_recorded": "Stages not recorded",
            "occasions": "Occasions",
            **{f"level: {level}": f"Stages: {level}" for level in self.levels},
        }
        rows = [
            (name, number(float(self.estimates["estimate"][term]), 0))
            for term, name in names.items()
        ]
        caption = "What was recorded; one stage can have several levels"
        return pd.DataFrame(rows, columns=["What", "Number"]), caption

    def points_in_words(self) -> pd.DataFrame:
        """One row an occasion, and one a stage without any: who, when, how many, paid or not."""
        seen = set(self.occasions["stage"])
        rows = []
        for stage in self.stages:
            if stage not in seen:
                rows.append((stage, *[NOT_RECORDED] * 5))
            for row in rows_of(self.occasions[self.occasions["stage"] == stage]):
                when = NOT_RECORDED if pd.isna(row.date) else label(row.date, "day")
                people = NOT_RECORDED if pd.isna(row.people) else f"{row.people:g}"
                rows.append((stage, row.level, when, row.who, people, row.paid))
        heads = ["Stage", "Level", "When", "Who", "People", "Paid"]
        return pd.DataFrame(rows, columns=heads)

    @property
    def part_names(self) -> list[str]:
        """One part: every occasion."""
        return ["occasions"]

    def part(self, name: str) -> Part:
        """Every occasion, and every stage without one: who, when, how many, paid or not."""
        return Part(
            "Stage by stage",
            "Every occasion that was recorded, and every stage of which nothing was.",
            self.points_in_words(),
            "Who took part, when, and whether they were paid",
        )


def involvement(
    log: pd.DataFrame,
    *,
    stages: Mapping[str, str] | Sequence[str] = STAGES,
    levels: Mapping[str, str] | Sequence[str] = LEVELS,
    codes: Mapping[str, str] | None = None,
    outcome: str = "Involvement of people who use the service",
    setting: str = "",
) -> InvolvementResult:
    """How people who use the service took part, by stage of the work and level.

    Parameters
    ----------
    log : DataFrame
        One row an occasion (or a stage): `stage`, `level` and, as far as they are known, `date`,
        `who`, `people` and `paid`; blank means not recorded. The table is not changed.
    stages : mapping or list of str
        The stages in their order, as in the log; or each with what it is called on the page
    levels : mapping or list of str
        The levels in their order, the first meaning that nobody took part; or each with what it is
        called on the page
    codes : mapping, optional
        Another spelling in the log → the stage, level, or yes or no (paid) that it means
    outcome : str
        What the page is about, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    InvolvementResult
        One point a stage and level; every occasion in ``occasions``.

    Raises
    ------
    CannotEvaluate
        If the log holds no row.
    DataError
        If a stage, level or word for paid is not known; with the parameter that maps it.
    ParameterError
        If two stages or levels have one name, or `codes` maps to none of them.
    """
    if log.empty:
        raise CannotEvaluate(
            "The log holds no row, so involvement is not recorded for any stage.",
            remedy="One row an occasion is needed: the stage of the work (`stage`) and how far "
            f"people took part (`level`): {', '.join(_named(levels, 'levels'))}.",
        )
    names = {"stage": _named(stages, "stages"), "level": _named(levels, "levels")}
    meant = _codes(codes, names)
    table = conformed(log, KINDS["involvement"], "the log")
    occasions = pd.DataFrame(
        {
            "stage": _decoded(table["stage"], names["stage"], meant, "stage", "stages"),
            "level": _decoded(table["level"], names["level"], meant, "level", "levels"),
            "date": table["date"],
            "who": table["who"].astype(object).fillna(NOT_RECORDED),
            "people": table["people"],
            "paid": _decoded(table["paid"], _PAID, meant, "paid", "codes"),
        }
    )
    place = {stage: at for at, stage in enumerate(names["stage"].values())}
    step = {level: at for at, level in enumerate(names["level"].values())}
    order = occasions.assign(a=occasions["stage"].map(place), b=occasions["level"].map(step))
    order = order.sort_values(["a", "date", "b", "who", "people", "paid"], kind="stable")
    occasions = order.drop(columns=["a", "b"]).reset_index(drop=True)
    points = _points(occasions, names)
    return InvolvementResult(
        params={
            "stages": names["stage"],
            "levels": names["level"],
            "codes": dict(codes or {}),
            "outcome": outcome,
            "setting": setting,
        },
        points=points,
        estimates=_estimates(occasions, names),
        checks=_checks(occasions),
        occasions=occasions,
    )


def _named(given: Mapping[str, str] | Sequence[str], parameter: str) -> dict[str, str]:
    """Name in the log → name on the page, in order."""
    pairs = dict(given) if isinstance(given, Mapping) else {name: name for name in given}
    named = {str(key): str(value) for key, value in pairs.items()}
    count = len(given)
    if count < 2 or len(named) < count or len(set(named.values())) < count:
        raise ParameterError(
            f"`{parameter}` needs two or more names, each once.",
            found=listed(given),
            where=parameter,
        )
    return named


def _codes(codes: Mapping[str, str] | None, names: Mapping[str, dict[str, str]]) -> dict[str, str]:
    """Another spelling, in small letters → the name in the log that it means."""
    known = [*names["stage"], *names["level"], "yes", "no"]
    for meaning in (codes or {}).values():
        if meaning not in known:
            guess = nearest(str(meaning), known)
            raise ParameterError(
                f"`codes` maps to `{meaning}`, which is no stage, level, yes or no.",
                found=listed(known),
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="codes",
            )
    return {str(code).strip().lower(): meaning for code, meaning in (codes or {}).items()}


def _decoded(
    cells: pd.Series,
    known: Mapping[str, str],
    codes: Mapping[str, str],
    column: str,
    parameter: str,
) -> pd.Series:
    """Cells under their names on the page; blank: not recorded."""
    plain = {name.lower(): shown for name, shown in known.items()}
    meant = cells.str.lower().replace(dict(codes)).str.lower()
    found = meant.map(plain)
    unknown = cells[cells.notna() & found.isna()].unique()
    if len(unknown):
        guess = nearest(unknown[0], known)
        raise DataError(
            f"`{column}` holds what is not known.",
            found=listed(unknown),
            remedy=f"Say what it means: `codes: {{{unknown[0]}: {guess or next(iter(known))}}}`"
            + (f"; or add it to `{parameter}`." if parameter != "codes" else ".")
            + f" Known: {listed(known)}.",
            where="the log",
        )
    return found.astype(object).fillna(NOT_RECORDED)


def _points(occasions: pd.DataFrame, names: Mapping[str, dict[str, str]]) -> pd.DataFrame:
    columns = [*names["level"].values(), NOT_RECORDED]
    asked = pd.MultiIndex.from_product([names["stage"].values(), columns], names=["stage", "level"])
    grouped = occasions.groupby(["stage", "level"])["people"]
    table = pd.DataFrame(
        {
            "occasions": grouped.size().reindex(asked, fill_value=0),
            # The people of a cell are known only if those of every occasion are.
            "people": grouped.agg(lambda people: people.sum(skipna=False)).reindex(asked),
        }
    )
    return table.reset_index()


def _estimates(occasions: pd.DataFrame, names: Mapping[str, dict[str, str]]) -> pd.DataFrame:
    known = occasions[occasions["level"] != NOT_RECORDED]
    total, recorded = len(names["stage"]), known["stage"].nunique()
    counts: dict[str, tuple[int, str]] = {
        "stages": (recorded, "stages"),
        "stages_not_recorded": (total - recorded, "stages"),
        "occasions": (len(occasions), "occasions"),
    }
    for level in names["level"].values():
        reached = known.loc[known["level"] == level, "stage"].nunique()
        counts[f"level: {level}"] = (reached, "stages")
    rows: list[dict[str, Any]] = [
        {"term": term, "estimate": float(count), "unit": unit, "n": total, "method": "counted"}
        for term, (count, unit) in counts.items()
    ]
    return pd.DataFrame(rows).set_index("term").reindex(columns=ESTIMATE_COLUMNS)


def _checks(occasions: pd.DataFrame) -> pd.DataFrame:
    lacking = {
        "the level": occasions["level"] == NOT_RECORDED,
        "the date": occasions["date"].isna(),
        "who": occasions["who"] == NOT_RECORDED,
        "how many people": occasions["people"].isna(),
        "whether they were paid": occasions["paid"] == NOT_RECORDED,
    }
    said = [f"{what} ({int(rows.sum())})" for what, rows in lacking.items() if rows.any()]
    of = f"Of {many(len(occasions), 'row')}, not recorded: {in_a_row(said)}."
    status: Status = "info" if said else "pass"
    text = of if said else "Every row says the level, when, who, how many and whether paid."
    return checks_table([("What the log holds", status, text)])
