"""Wide audits: answers that stand side by side, a column a standard (or a team), become rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from qieval.core.errors import DataError, ParameterError, did_you_mean, listed
from qieval.core.words import many
from qieval.intake.identifiers import find, mask
from qieval.intake.reading.columns import columns_line
from qieval.intake.reading.layout.cell_types import plain_number
from qieval.intake.reading.layout.grid import known
from qieval.intake.reading.questions import parameter_line
from qieval.intake.reading.raw import RawTable, as_text, tidy_heading
from qieval.intake.reading.request import Request
from qieval.intake.reading.usual import usual_columns
from qieval.intake.reading.values.period_spellings import period_of
from qieval.intake.tables.kind import Kind
from qieval.intake.tables.rules import no_repeats

Into = Literal["standard", "team"]

PARAMETERS: dict[Into, str] = {"standard": "standards_in", "team": "teams_in"}
"""What the headings of the answers are → the parameter that names them."""

ANSWERS = {
    *("yes", "y", "no", "n", "1", "0", "2", "true", "false", "met", "not met", "fully met"),
    *("partly", "partially", "partial", "partly met", "partially met", "done", "not done", "none"),
    *("compliant", "non-compliant", "pass", "fail", "achieved", "not achieved", "offered"),
    *("not offered", "refused", "declined", "n/a", "na", "not applicable", "not recorded"),
    *("not known", "unknown"),
}
"""What people answer to a standard, in small letters."""

_SAID = {"standard", "result", "met", "applicable"}
_MOST_ANSWERS, _LONGEST_ANSWER = 8, 25


@dataclass(frozen=True)
class Spread:
    """Columns of answers that become rows."""

    headings: dict[str, str]  # heading in the file → the name of the standard (or team)
    into: Into = "standard"  # what the headings are

    def kind(self, kind: Kind) -> Kind:
        """The kind as it stands in the file: a row a record (or standard), without its answers."""
        gone = {"result", "met", "applicable", self.into}
        columns = {name: column for name, column in kind.columns.items() if name not in gone}

        def key(table: pd.DataFrame) -> list[str]:
            told_apart = "record" in table or self.into == "team"
            beside = [str(name) for name in table if name not in self.headings]
            return beside if told_apart else []

        rules = no_repeats(
            "wave",
            key,
            what="the same record in the same wave"
            if self.into == "standard"
            else "the same standard in the same wave",
            differs="answers",
            hint="If the rows belong to different teams or places, name that column in `columns`.",
        )
        return replace(kind, columns=columns, either=(), rules=rules)

    def refuse_unfit(self, raw: RawTable, names: Mapping[str, str], where: str) -> None:
        """Refuse headings that are not there, have another meaning, or hold no answers."""
        parameter = PARAMETERS[self.into]
        for heading in self.headings:
            if heading in raw.repeated or heading not in raw.cells:
                there = "no column" if heading not in raw.repeated else "more than one column"
                raise DataError(
                    f"There is {there} `{heading}`, which `{parameter}` names.",
                    found=f"columns {listed(map(mask, map(str, raw.cells.columns)))}",
                    remedy=did_you_mean(heading, map(str, raw.cells.columns)),
                    where=where,
                )
            different = raw.cells[heading].map(as_text).nunique()
            # Not by its heading: "Postcode" may be a standard, with yes and no below it.
            tells = find(raw.cells[[heading]].set_axis(["answer"], axis=1), people=True)
            if different > _MOST_ANSWERS or tells:
                raise DataError(
                    f"`{heading}` holds no answers such as yes and no.",
                    found=tells[0].what if tells else f"{different:,} different cells (not shown)",
                    remedy=f"Leave it out of `{parameter}`.",
                    where=where,
                )
        for name, heading in names.items():
            clash = name != heading if heading in self.headings else name in (self.into, "result")
            if clash:
                raise DataError(
                    f"`{heading}` is `{name}`, and `{parameter}` says where the answers are.",
                    remedy=f"Take `{name}` out of `columns`, or leave out `{parameter}`.",
                    where=where,
                )

    def done(self, rows: pd.DataFrame) -> pd.DataFrame:
        """A row an answer; its number is still that of the row in the file."""
        beside = rows.drop(columns=list(self.headings))
        by_heading = []
        for heading, name in self.headings.items():
            part = beside.copy()
            part[self.into], part["result"] = name, rows[heading]
            by_heading.append(part)
        count = len(rows)
        by_row = [at + part * count for at in range(count) for part in range(len(by_heading))]
        return pd.concat(by_heading).iloc[by_row].astype({self.into: "str"})

    def note(self, rows: pd.DataFrame) -> str:
        """What was done, for the passport."""
        blank = int(rows[list(self.headings)].isna().to_numpy().sum())
        each = "standard" if self.into == "standard" else "team"
        return (
            f"Answers stood side by side ({many(len(self.headings), 'column')}: "
            f"{listed(self.headings)}): each of {many(len(rows), 'row')} became a row a {each}, "
            f"{many(len(rows) * len(self.headings), 'answer')} in all, {blank:,} of them blank "
            "(not recorded). Rows keep the numbers they have in the file."
        )


def spread_asked(
    kind: Kind,
    standards_in: Sequence[str] | Mapping[str, str] | None,
    teams_in: Sequence[str] | Mapping[str, str] | None,
) -> Spread | None:
    """What the parameters say about answers side by side; None if nothing.

    Raises ParameterError if they are for another kind of table, or both are given.
    """
    given = {"standard": standards_in, "team": teams_in}
    asked_for = [into for into in PARAMETERS if given[into] is not None]
    if not asked_for:
        return None
    parameter = PARAMETERS[asked_for[0]]
    if kind.name != "audit" or len(asked_for) > 1:
        raise ParameterError(
            "`standards_in` and `teams_in` exclude one another."
            if len(asked_for) > 1
            else f"`{parameter}` is for audits.",
            remedy=f"Leave out `{parameter}`." if kind.name != "audit" else "Leave out one.",
            where=parameter,
        )
    headings = given[asked_for[0]]
    if not headings or isinstance(headings, str):
        raise ParameterError(
            f"`{parameter}` is a list of headings, or heading → name.",
            remedy=f"For instance `{parameter}: [BMI, Blood pressure]`.",
            where=parameter,
        )
    pairs = (
        headings.items() if isinstance(headings, Mapping) else ((name, name) for name in headings)
    )
    return Spread({tidy_heading(str(h)): str(name) for h, name in pairs}, asked_for[0])


def spread_found(raw: RawTable, request: Request) -> tuple[Spread | None, list[str]]:
    """Answers side by side that no parameter names, as a proposal, and what to note."""
    kind, columns = request.kind, request.columns
    spread = likely_spread(raw.cells, kind, columns)
    if spread is None:
        return None, []
    form = spread.kind(kind)
    others = raw.cells.drop(columns=list(spread.headings))
    usual = usual_columns(others, form, columns, besides=True)
    what = "a standard" if spread.into == "standard" else "a team or service"
    problem = f"Several columns hold the same few answers: each may be {what}."
    lines = [parameter_line(PARAMETERS[spread.into], list(spread.headings))]
    if usual.mapping:
        lines.append(columns_line({**columns, **usual.mapping}))
    if "wave" not in {*raw.cells.columns, *columns, *usual.found, *usual.open}:
        raise DataError(
            f"{problem} And no column says of which round they are.",
            found=listed(map(mask, spread.headings)),
            remedy=f"Say so: {', '.join(lines)}, and the round with `period_of_file: 2024` "
            "(or `columns: {wave: …}`).",
            where=request.where,
        )
    note = request.ask(
        problem,
        found=listed(map(mask, spread.headings)),
        remedy=f"Say so: {' and '.join(lines)}.",
        proposal=f"Each of {listed(spread.headings)} was taken as {what}.",
        settles={PARAMETERS[spread.into]: list(spread.headings)}
        | ({"columns": {**columns, **usual.mapping}} if usual.mapping else {}),
    )
    return spread, [note]


def likely_spread(cells: pd.DataFrame, kind: Kind, columns: Mapping[str, str]) -> Spread | None:
    """The columns with the same few short answers, if a table of audit has no other results."""
    if kind.name != "audit":
        return None
    headings = [str(heading) for heading in cells.columns if heading not in columns.values()]
    has = {name for name in _SAID if name in columns or kind.often_called(name, headings)}
    if has & {"result", "applicable"}:
        return None
    into: Into = "team" if "standard" in has else "standard"
    usual = {h for name in kind.columns for h in kind.often_called(name, headings)}
    free = [h for h in headings if h not in usual and period_of(h, anywhere=True) is None]
    answers = {h: found for h in free if (found := answers_of(cells[h]))}
    clear = [h for h, found in answers.items() if 2 * len(found & ANSWERS) > len(found)]
    all_of_them = set().union(*(answers[h] for h in clear))
    if clear:
        group = [h for h, found in answers.items() if 2 * len(found & all_of_them) > len(found)]
    else:  # codes of their own
        alike = [[h for h in answers if answers[h] == answers[first]] for first in answers]
        group = max(alike, key=len, default=[])
    return Spread({heading: heading for heading in group}, into) if len(group) > 1 else None


def answers_of(cells: pd.Series) -> set[str]:
    """The few short answers that a column holds, in small letters; none if it holds other things.

    Numbers are answers where they are nothing but 0, 1 and 2.
    """
    texts = {str(as_text(cell)).casefold() for cell in set(known(cells))}
    numbers = {plain_number(cell) for cell in texts} - {None}
    long = any(len(text) > _LONGEST_ANSWER for text in texts)
    if len(texts) > _MOST_ANSWERS or long or not numbers <= {0, 1, 2}:
        return set()
    return texts
