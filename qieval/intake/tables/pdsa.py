"""PDSA logs: one row a plan-do-study-act cycle (and a reviewer, where several looked at it)."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from qieval.intake.tables.kind import Kind, RowRule, column, optional
from qieval.intake.tables.rules import (
    no_repeats,
    not_before,
    not_more_than,
    not_negative,
    possible_years,
    whole_number,
)

FEATURES = ("iterative", "prediction_score", "small_scale", "data_over_time", "documentation")
"""What a reviewer scores, after Taylor et al. 2014 (BMJ Quality & Safety 23:290)."""
DECISIONS = ("adopt", "adapt", "abandon")
"""What can be decided at the end of a cycle."""


def _places(table: pd.DataFrame, name: str) -> pd.Series:
    """A cycle's name within its project, missing where blank."""
    project = table["project"].astype("str").fillna("") if "project" in table else ""
    pairs = pd.Series("", index=table.index, dtype="str") + project
    # A column without a single cell is no text column to pandas.
    return (pairs + "\n" + table[name].astype("str")).where(table[name].notna())


def _in_a_circle(table: pd.DataFrame) -> pd.Series:
    """Cycles from which, going back from one to the one before, one comes round again."""
    before = dict(zip(_places(table, "cycle"), _places(table, "follows"), strict=True))

    def comes_round(cycle: object) -> bool:
        at, steps = before.get(cycle), 1
        while at in before and at != cycle and steps <= len(before):
            at, steps = before[at], steps + 1
        return steps > 1 and at == cycle

    return _places(table, "cycle").map(comes_round).astype(bool)


def _starts_before_followed(table: pd.DataFrame) -> pd.Series:
    started = dict(zip(_places(table, "cycle"), table["started"], strict=True))
    followed = _places(table, "follows").map(started).astype("datetime64[us]")
    return table["started"] < followed


def _link(says: str, broken: Callable[[pd.DataFrame], pd.Series], hint: str = "") -> RowRule:
    # Never droppable: without the row, those that follow it would hang in the air.
    return RowRule("follows", says, broken, droppable=False, hint=hint)


PDSA = Kind(
    name="pdsa",
    row="a PDSA cycle (and a reviewer)",
    columns={
        "cycle": column(
            "text",
            "name or number of the cycle",
            r"(pdsa )?cycle( (number|no|name))?|pdsa( (number|no))?",
        ),
        "project": optional("text", "project"),
        "follows": optional(
            "text",
            "the cycle that it builds on; blank: none",
            r"follows|builds on|previous cycle|follows cycle",
        ),
        "started": column("date", "first day; blank: not recorded", blank=True),
        "ended": optional(
            "date", "last day; blank: going on", r"ended|end date|date ended|finished"
        ),
        "change": column(
            "text",
            "what was tested; blank: not recorded",
            r"change( (idea|tested))?|test( of change)?|what was tested",
            blank=True,
        ),
        "prediction": optional(
            "text", "what was expected", r"prediction|predicted|what we expect(ed)?"
        ),
        "size": optional("number", "people or units in the test", r"(sample |test )?size"),
        "whole": optional("number", "people or units in all"),
        "data_points": optional("number", "measurements one after another"),
        "learning": optional("text", "what was learnt", r"learning|what we learn(ed|t)|lessons"),
        "decision": optional(
            "text",
            "adopt, adapt or abandon; your own codes",
            r"decision|act|adopt adapt abandon|next steps?",
        ),
        "measure": optional("text", "what was measured"),
        "reviewer": optional("text", "who scored it; a code"),
        **{
            name: optional("text", f"a reviewer's score of `{name}`: 0, 1, 2 or cannot tell")
            for name in FEATURES
        },
    },
    rules=(
        possible_years("started", "start"),
        possible_years("ended", "end", blank="for a cycle still going on, leave it blank"),
        not_before("ended", "started", "the cycle ends before it starts"),
        *(
            rule
            for name in ("size", "whole", "data_points")
            for rule in (not_negative(name), whole_number(name))
        ),
        not_more_than("size", "whole", "the test is larger than the whole"),
        _link("the cycle follows itself", lambda table: table["follows"] == table["cycle"]),
        _link(
            "follows a cycle that is not in the log",
            lambda table: (
                table["follows"].notna() & ~_places(table, "follows").isin(_places(table, "cycle"))
            ),
            hint="Cycles are named as in `cycle`, within their project.",
        ),
        _link("the cycles go round in a circle", _in_a_circle),
        _link("starts before the cycle that it follows", _starts_before_followed),
        *no_repeats(
            "cycle",
            ("project", "cycle", "reviewer"),
            what="the same cycle (and project)",
            differs="cells",
            hint="If several projects or reviewers are in the log, call these columns "
            "`project` and `reviewer` in `columns`.",
        ),
    ),
)
