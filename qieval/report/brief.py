"""A finding in three points for somebody with five minutes: what changed, how sure, what else."""

from __future__ import annotations

from qieval.core.result import Result
from qieval.core.tables import Table
from qieval.core.verdict import STATES
from qieval.core.words import in_a_row, inside, sentence, some_of
from qieval.report.elements import Element, Entries, Entry, Folded, Headed, Tabled, Words


def brief(result: Result) -> tuple[Element, ...]:
    """The finding in three points; what it means in full stands behind a closed door.

    Where no row of a table tells the change, and where nothing was tested, the full words stand
    open beside the points.

    Parameters
    ----------
    result : Result
        What an analysis returned, or what of it may be shown.
    """
    verdict = result.verdict
    full = Words(result.details(), "qi-summary")
    other = _other_events(result)
    if verdict.certainty == "not tested":
        points = [Entry(_NOT_TESTED, "How sure")]
        points += [Entry(other, "What else happened")] if other else []
        return (Headed(_TITLE, (full, _listed(points))),)
    row = _row(result.table("estimates"), verdict.term) if verdict.term else ""
    points = [
        Entry(f"{sentence(STATES[verdict.state])} {row}".strip(), "What changed"),
        Entry(_how_sure(result), "How sure"),
        Entry(other or _NOT_LISTED, "What else happened"),
    ]
    sections = [section for section in result.sections() if section.in_brief]
    if verdict.sustained.words:
        points.insert(1, Entry(verdict.sustained.words, "Did it last"))
    points[2:2] = [Entry(one.words, "Worth") for one in sections if one.name == "worth"]
    tables = [Folded(one.title, (Tabled(one.table),)) for one in sections if one.table is not None]
    rest = Folded("The finding in full", (full,)) if row else full
    return (Headed(_TITLE, (_listed(points), rest, *tables)),)


def _listed(points: list[Entry]) -> Entries:
    return Entries(tuple(points), "qi-brief")


_TITLE = "In brief"
_NOT_TESTED = "Nothing was tested: this describes what was recorded."
_NOT_LISTED = (
    "No other events were listed for this evaluation, so what else happened is not known from it."
)


def _row(table: Table, term: str) -> str:
    """The row of a term in the words and digits of its table; "" if the table has no such row."""
    rows = table.rows.reset_index() if table.rows.index.name == "term" else table.rows
    if "term" not in rows or "what" not in rows or term not in set(rows["term"]):
        return ""
    at = rows["term"].tolist().index(term)
    shown = {column.head: column.cells[at] for column in table.shown}
    cells = {column.name: shown[column.head] for column in table.columns if column.head in shown}
    roles = {column.role: column.name for column in table.columns if column.name in cells}
    if "estimate" not in roles:
        return ""
    interval = f"({cells[roles['ci_low']]})" if "ci_low" in roles else ""
    figure = (cells[roles["estimate"]], interval, cells.get("unit", ""))
    return sentence(f"{rows['what'].iloc[at]}: {' '.join(filter(None, figure))}")


def _how_sure(result: Result) -> str:
    """The certainty of the verdict, and the checks that speak against the finding."""
    doubts = result.checks.loc[result.checks["status"].isin(["fail", "warn"]), "check"]
    named = some_of([inside(str(name)) for name in dict.fromkeys(doubts)], 4)
    if result.verdict.certainty == "clear":
        text = "It was tested, and no check that bears on the answer speaks against it."
    else:
        text = "It was tested, and it is to be read with reservations."
    return f"{text} To be minded: {named}; see the checks." if named else text


def _other_events(result: Result) -> str:
    """Which other events lie near the change; "" if nobody listed any."""
    effect = result.effect
    if effect is not None and effect.takes_events and effect.events_near is not None:
        near = effect.events_near
        text = f"Listed near the change: {in_a_row(near)}." if near else _NONE_NEAR
    else:
        listed = result.checks.loc[result.checks["id"] == "other_events", "detail"]
        text = " ".join(sentence(str(detail)) for detail in dict.fromkeys(listed[:3]))
    if result.verdict.alone is False:
        text = f"{text} What is seen cannot be put down to the project alone.".strip()
    return text


_NONE_NEAR = "Other events were listed, and none of them lies near the change."
