"""What was read and made ready, and what a roll-up rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core.blocks import Measured, Passport, ResultsRead
from qieval.core.evaluated import STATUSES, Evaluated, counts_of
from qieval.core.tables import Column, Table
from qieval.core.words import in_a_row
from qieval.intake.origin import Origin
from qieval.report.elements import Element, Folded, Tabled, Words, lines_listed
from qieval.report.views import View, content_of

_FACTS = (Column("name", "What", "label"), Column("text", "Answer", "text"))
_EVALUATIONS = (
    Column("project", "Project", "label"),
    Column("evaluation", "Evaluation", "text"),
    Column("status", "Status", "text"),
)


@dataclass(frozen=True, eq=False, repr=False)
class ReadResults(View):
    """The evaluations read, as a passport is of a file: origin, source, digest.

    Attributes
    ----------
    source : str
        How many evaluations of which programme.
    digest : str
        Blank: results are no file.
    """

    source: str = ""
    digest: str = ""


def results_read(results: Sequence[Evaluated]) -> ReadResults:
    """What was read: every evaluation with its status, and whose data they rest on."""
    programmes = in_a_row(list(dict.fromkeys(item.programme for item in results)))
    words = f"{counts_of(results).in_words(of=programmes)}."
    owners = list(dict.fromkeys(item.attribution for item in results if item.attribution))
    origin = Origin(
        title=f"Results of {programmes}",
        attribution=" ".join(owners) or f"Results of {programmes}",
        simulated=any(item.simulated for item in results),
    )
    rows = tuple(
        (item.project_name, item.title or "none", STATUSES.get(item.status, item.status))
        for item in results
    )
    return ReadResults(ResultsRead(words, rows), None, origin, source=words)


@content_of.register
def _results_read(block: ResultsRead, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    rows = pd.DataFrame(block.evaluations, columns=[column.name for column in _EVALUATIONS])
    table = Table("read", "Evaluations that were read", _EVALUATIONS, rows)
    return Words(block.words), Folded("What was read", (Tabled(table),))


@content_of.register
def _passport(block: Passport, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    return tuple(_of_passport(block))


def _of_passport(block: Passport) -> Iterator[Element]:
    rows = pd.DataFrame(block.facts, columns=["name", "text"])
    yield Tabled(Table("passport", block.title, _FACTS, rows), "qi-passport")
    for named in block.lists:
        yield Words(named.name, "qi-name")
        yield lines_listed(named.lines)


@content_of.register
def _measured(block: Measured, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    headline = Words(block.headline, "qi-name")
    return (headline, lines_listed(block.notes)) if block.notes else (headline,)
