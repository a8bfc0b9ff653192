"""Blocks: what a page shows, as data; each names a part of a result and holds no HTML.

A notebook's output carries its block as JSON. Whoever composes a page, a document or a workbook
takes the blocks in their order, and has each shown for the result that may be seen there: the
content of a block is computed when it is shown, from that result. What is not in a result (the
words of the project, a plan that was compared, what was read) stands in the block itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from qieval.core.checks import Status
from qieval.core.errors import DataError
from qieval.core.periods import noun
from qieval.core.result import rebuilt, to_plain
from qieval.core.words import many

BLOCK_MIME = "application/vnd.qieval.block+json"
RESULT_MIME = "application/vnd.qieval.result+json"
PAGE_MIME = "application/vnd.qieval.page+json"
"""Kinds of output that are for programs: a block, the result, what a record says of the page."""

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Block:
    """Something that a page shows."""

    kind: ClassVar[str] = ""
    _kinds: ClassVar[dict[str, type[Block]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Block._kinds[cls.kind] = cls

    def to_dict(self) -> dict[str, Any]:
        """The block as plain JSON values, with the version of this form."""
        body = {field.name: to_plain(getattr(self, field.name)) for field in fields(self)}
        return {"qieval_block": FORMAT_VERSION, "kind": self.kind, **body}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Block:
        """The block that :meth:`to_dict` wrote.

        Raises
        ------
        DataError
            If `data` is not a block, one of another version or kind, or damaged.
        """
        if not isinstance(data, dict) or "qieval_block" not in data:
            raise DataError("This is not a block of a qieval page.")
        version, kind = data["qieval_block"], data.get("kind", "")
        if version != FORMAT_VERSION or kind not in Block._kinds:
            raise DataError(
                "This block is of a version or a kind that this qieval does not know.",
                found=f"version {version}, kind `{kind}`",
                remedy="Run the evaluation again with this qieval.",
            )
        block: Block = rebuilt(Block._kinds[kind], data)
        return block


# ---- of the project and its words --------------------------------------------------------------


@dataclass(frozen=True)
class Opening(Block):
    """Title and question of the page; what the project set out to do, where, and why."""

    kind = "opening"
    title: str
    question: str = ""
    aim: str = ""
    place: str = ""
    background: str = ""


@dataclass(frozen=True)
class Limits(Block):
    """What the evaluation cannot tell: what the team says, before what holds for every such one."""

    kind = "limits"
    stated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Narrative(Block):
    """Words of the notebook itself, in Markdown."""

    kind = "narrative"
    source: str


@dataclass(frozen=True)
class Own(Block):
    """What a cell of the notebook shows that is no block of ours.

    Attributes
    ----------
    mime : str
        What `content` is: text/html, text/markdown, text/plain or a kind of image.
    content : str
        As the notebook has it; it is made safe when it is shown.
    alt : str
        What an image shows, if the notebook says so.
    """

    kind = "own"
    mime: str
    content: str
    alt: str = ""


# ---- of the data -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """How complete the data are that a finding rests on.

    Attributes
    ----------
    every : str or None
        The kind of period of a series; then `expected` and `present` count periods, else rows.
    expected, present : int
        What there should be, and what there is.
    missing : int
        Periods without a row.
    suppressed, blank : int
        Figures that were withheld, or are not there though they should be.
    gaps : int
        Units that lack periods which others have.
    """

    every: str | None
    expected: int
    present: int
    missing: int = 0
    suppressed: int = 0
    blank: int = 0
    gaps: int = 0

    @property
    def words(self) -> str:
        """What came of what there should be, in one sentence."""
        if self.every is not None:
            parts = [f"{self.present:,} of {self.expected:,} {noun(self.every, self.expected)}"]
        elif self.present < self.expected:
            parts = [f"{self.present:,} of {many(self.expected, 'row')}"]
        else:
            parts = [many(self.present, "row")]
        if self.missing:
            parts.append(f"{self.missing:,} missing")
        if self.suppressed:
            parts.append(f"{many(self.suppressed, 'figure')} suppressed")
        if self.blank:
            parts.append(f"{many(self.blank, 'figure')} blank")
        if self.gaps:
            parts.append(f"gaps in {many(self.gaps, 'unit')}")
        return f"{', '.join(parts)}{' (never counted as zero)' if len(parts) > 1 else ''}."


@dataclass(frozen=True)
class NamedList:
    """Some lines below a name."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Passport(Block):
    """What was read: facts by name, then lists such as what was left out and what was decided."""

    kind = "passport"
    title: str
    facts: tuple[tuple[str, str], ...]
    lists: tuple[NamedList, ...] = ()


@dataclass(frozen=True)
class Measured(Block):
    """A table made ready for an analysis: what it holds, and what was decided on the way."""

    kind = "measured"
    headline: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultsRead(Block):
    """The evaluations that a roll-up rests on: project, evaluation and status of each."""

    kind = "results_read"
    words: str
    evaluations: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Provenance(Block):
    """Where a page comes from: whose data, what was read, versions and date, parameters."""

    kind = "provenance"
    credit: str
    simulated: bool
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str, str], ...]


# ---- of the result -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding(Block):
    """The headline, and beside it how complete the data are that it rests on."""

    kind = "finding"
    rests_on: Completeness | None = None


@dataclass(frozen=True)
class Prose(Block):
    """What the finding means, in a few sentences."""

    kind = "prose"


@dataclass(frozen=True)
class Figure(Block):
    """The chart of the result, or another view of it; "": the chart."""

    kind = "figure"
    view: str = ""


@dataclass(frozen=True)
class TableView(Block):
    """One of the result's tables, by its name."""

    kind = "table"
    name: str


@dataclass(frozen=True)
class OtherChoices(Block):
    """The same question asked with other defensible choices: words, figure and table."""

    kind = "other_choices"


@dataclass(frozen=True)
class Fit(Block):
    """How well the model fits: words and figure."""

    kind = "fit"


@dataclass(frozen=True)
class Sections(Block):
    """Further sections of the answer, by their names; none named: all of them."""

    kind = "sections"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checks(Block):
    """What to mind before believing it."""

    kind = "checks"


@dataclass(frozen=True)
class Answer:
    """What is said of one item of a checklist: by whom, the answer, and why."""

    item: str
    source: Literal["stated", "plan"]
    answer: str
    because: str


@dataclass(frozen=True)
class Checklist(Block):
    """A published checklist, filled from what was stated, from a locked plan and from the data."""

    kind = "checklist"
    name: Literal["epoc"]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class PlanLine:
    """One thing said of the plan: how grave it is, its name in a word or two, and the words."""

    status: Status
    name: str
    text: str


@dataclass(frozen=True)
class Plan(Block):
    """What was planned beside what was done, as it was compared when the notebook ran."""

    kind = "plan"
    lines: tuple[PlanLine, ...]


@dataclass(frozen=True)
class Measures(Block):
    """Control charts side by side: latest value, target, variation, assurance and course."""

    kind = "measures"


@dataclass(frozen=True)
class TeamFunnel(Block):
    """The teams of an audit side by side."""

    kind = "team_funnel"


@dataclass(frozen=True)
class KeyFindings(Block):
    """What a programme found, each finding with the rows of evidence that it rests on."""

    kind = "key_findings"


@dataclass(frozen=True)
class Averages(Block):
    """A forest plot for every measure that several projects share."""

    kind = "averages"


@dataclass(frozen=True)
class Squire(Block):
    """The items of SQUIRE 2.0: what the page of a programme reports for each."""

    kind = "squire"
