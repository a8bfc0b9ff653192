"""What is kept of one evaluation's run: the record behind the manifest, the pages and the table."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from qieval.core.errors import DataError, QievalError
from qieval.core.result import rebuilt, to_plain
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row

Status = Literal["done", "not evaluated", "failed"]


@dataclass(frozen=True)
class Reason:
    """Why there is no result."""

    kind: str  # the error's class: "CannotEvaluate", "DataError", "RunError", "ZeroDivisionError" …
    message: str  # what it says
    step: str = ""  # the heading below which it happened, and the cell's number: "Analyse (cell 4)"

    @property
    def in_words(self) -> bool:
        """Whether the message is one of qieval's, written for people."""
        return self.kind in {kind.__name__ for kind in QievalError.__subclasses__()}

    @property
    def first_line(self) -> str:
        """The message in one line; with the error's class where it is Python's own."""
        line = self.message.strip().partition("\n")[0]
        return line if self.in_words else f"{self.kind}: {line}"


PARTS = {
    "code": "qieval or a package",
    "notebook": "the notebook",
    "parameters": "the parameters",
    "data": "the data",
    "results": "the evaluations that it sums up",
}
"""What an evaluation depends on (`qieval.batch.keys`), in words."""


def in_words(parts: Sequence[str]) -> str:
    """What changed: "the data and the parameters changed"."""
    return f"{in_a_row([PARTS.get(part, part) for part in parts])} changed"


@dataclass(frozen=True)
class Moved:
    """How a finding differs from that of the run before."""

    before: str  # the finding then, or why there was none
    parts: list[str]  # what it depends on and had changed: names in ``PARTS``
    known: bool = True  # whether it is known what the run before had read

    @property
    def words(self) -> str:
        """One line: why it moved, and what it was."""
        why = in_words(self.parts) if self.parts else "nothing that it reads changed"
        return f"moved, since {why if self.known else 'what was read before is not known'}; " + (
            f"before: {self.before}"
        )


@dataclass(frozen=True)
class Record:
    """One evaluation's last run."""

    # Programme folder; ``project/notebook[.label]``.
    programme: str
    evaluation: str
    title: str  # the evaluation in plain words
    project: str  # as ``project.yml`` gives it; network, team and aim likewise
    status: Status  # "done", "not evaluated" (refused, see `reason`) or "failed" (see `reason`)
    finished: str  # when, with the time zone
    seconds: float
    programme_name: str = ""  # the programme's full name
    network: str = ""
    team: str = ""
    aim: str = ""
    simulated: bool = False  # whether the programme, the project or the data are made up
    # The finding; what was measured and where; whose data.
    headline: str = ""
    setting: str = ""
    attribution: str = ""
    verdict: Verdict | None = None  # what the result says, as it judged itself; None without one
    # Whether it sums up other evaluations: it stands first and is not counted with them.
    roll_up: bool = False
    reason: Reason | None = None
    # What was run, and sha256 of both files.
    parameters_file: str = ""
    parameters_digest: str = ""
    notebook: str = ""
    notebook_digest: str = ""
    own_notebook: bool = False  # whether it is the workspace's own, and not as qieval carries it
    qieval: str = ""
    # Digests of what the outcome depends on (`qieval.batch.keys`); empty if it changed meanwhile.
    depends_on: dict[str, str] = field(default_factory=dict)
    # Files of the workspace that the notebook opened though no parameter names them.
    reads: list[str] = field(default_factory=list)
    # What was written, by kind (page, notebook, result, log), relative to the programme's output
    # folder.
    files: dict[str, str] = field(default_factory=dict)
    moved: Moved | None = None  # if its finding is another one than that of the run before

    @property
    def name(self) -> str:
        """``programme/project/notebook[.label]``."""
        return f"{self.programme}/{self.evaluation}"

    @property
    def project_folder(self) -> str:
        """Folder name of the project."""
        return str(PurePosixPath(self.evaluation).parent)

    @property
    def counts(self) -> bool:
        """Whether it is counted as an evaluation: a roll-up would count the others again."""
        return not self.roll_up

    @property
    def finding(self) -> str:
        """The headline, or why there is none."""
        return self.reason.first_line if self.reason else self.headline

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; names that say nothing are left out."""
        values = {**asdict(self), "verdict": to_plain(self.verdict)}
        if not self.reads:  # most of them: a line each in thousands of records
            del values["reads"]
        return {key: value for key, value in values.items() if value not in ("", None)}

    def since(self, earlier: Record | None, parts: Mapping[str, str]) -> Record:
        """The record, with how its finding moved since an earlier one; `parts`: what it read."""
        if earlier is None or (earlier.finding, earlier.verdict) == (self.finding, self.verdict):
            return self
        before = earlier.depends_on
        changed = [name for name in parts if parts[name] != before.get(name)]
        return replace(self, moved=Moved(earlier.finding, changed, bool(before and parts)))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Record:
        """The record that :meth:`to_dict` wrote; names of a later version are passed over.

        Raises
        ------
        DataError
            If it is damaged: the evaluation and the field.
        """
        name = str(data.get("evaluation", "")) if isinstance(data, dict) else ""
        about = (
            f"a record of `{name}`"
            if isinstance(name, str)
            else "a record without a name in `evaluations`"
        )
        try:
            values = dict(data)
            if values.get("verdict"):
                values["verdict"] = rebuilt(Verdict, values["verdict"])
            record: Record = _adapter().validate_python(values)
        except ValidationError as error:
            place = ".".join(str(step) for step in error.errors()[0]["loc"])
            raise DataError(f"{about}, field `{place}`") from error
        except (DataError, TypeError, ValueError) as error:
            which = getattr(error, "found", None) or "it is no mapping"
            raise DataError(f"{about}: {which}") from error
        return record


@functools.cache
def _adapter() -> TypeAdapter[Record]:
    """What checks a record; a verdict is rebuilt before, since infinite figures are text there."""
    return TypeAdapter(Record)


@dataclass(frozen=True)
class Run:
    """How a run went."""

    outputs: Path  # where its files are
    records: tuple[Record, ...]  # every evaluation that came to an end, in the plan's order
    # Names of those that a stopped run did not come to, or did not finish.
    not_run: tuple[str, ...] = ()
    # Names of those whose last run still stands, and which were not run again.
    unchanged: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before its end."""
        return bool(self.not_run)

    @property
    def failed(self) -> tuple[Record, ...]:
        """The evaluations that failed; a refusal is no failure."""
        return tuple(record for record in self.records if record.status == "failed")
