"""What a batch made of one evaluation, as a roll-up reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from qieval.core.result import Result
from qieval.core.verdict import STATES, State, Verdict
from qieval.core.words import in_a_row, many

STATUSES = {
    "done": "evaluated",
    "not evaluated": "not evaluated",
    "failed": "failed",
    "not run": "not run",
}
"""How an evaluation can stand, and the word for it, in the order in which they are counted."""


@dataclass(frozen=True)
class Evaluated:
    """One evaluation of a programme.

    Attributes
    ----------
    name : str
        ``project/notebook[.label]``; ``project/`` where nothing was set up.
    programme, project : str
        Folder names of the programme and the project.
    project_name, network, team, aim : str
        As ``project.yml`` gives them.
    notebook, label : str
        Which evaluation; the label is "" where there is none.
    status : str
        "done", "not evaluated" (refused, or nothing was set up), "failed" or "not run".
    headline : str
        The finding, or why there is none.
    title : str
        The evaluation in plain words.
    page : str
        Its page, relative to the programme's output folder; "" if it has none.
    attribution : str
        Whose data it rests on.
    simulated : bool
        Whether they are made up.
    column : str
        Column of the roll-up in which its evaluation stands.
    whole_programme : bool
        Whether its project folder is the home of what concerns all projects: it holds the roll-up.
    result : Result or None
        What was found; None unless it is done.
    """

    name: str
    project: str
    project_name: str
    network: str
    team: str
    notebook: str
    label: str
    status: str
    headline: str
    programme: str = ""
    aim: str = ""
    title: str = ""
    page: str = ""
    attribution: str = ""
    simulated: bool = False
    column: str = "Other"
    whole_programme: bool = False
    result: Result | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of its result; None without one."""
        return self.result.verdict if self.result else None

    @property
    def counts(self) -> bool:
        """Whether it is an evaluation: not a project for which nothing was set up."""
        return self.title != ""

    @property
    def called(self) -> str:
        """The project, and the label where the evaluation has one: "Discharge pathway (female)"."""
        return f"{self.project_name} ({self.label})" if self.label else self.project_name

    @classmethod
    def of(cls, record: dict[str, Any], result: Result | None) -> Evaluated:
        """From a record of the manifest and the result that it names."""
        name = str(record["evaluation"])
        project, _, file = name.partition("/")
        notebook, _, label = file.partition(".")
        reason = record.get("reason") or {}
        return cls(
            name=name,
            project=project,
            project_name=str(record.get("project", project)),
            network=str(record.get("network", "")),
            team=str(record.get("team", "")),
            notebook=notebook,
            label=label,
            status=str(record["status"]),
            headline=str(reason.get("message") or record.get("headline", "")),
            programme=str(record.get("programme", "")),
            aim=str(record.get("aim", "")),
            title=str(record.get("title", notebook)),
            page=str(record.get("files", {}).get("page", "")),
            attribution=str(record.get("attribution", "")),
            simulated=bool(record.get("simulated", False)),
            result=result,
        )


class Countable(Protocol):
    """What can be counted: an evaluation as read, or the record of its run."""

    @property
    def status(self) -> str:
        """How it stands; one of :data:`STATUSES`."""

    @property
    def verdict(self) -> Verdict | None:
        """What it says; None if it has no result."""

    @property
    def counts(self) -> bool:
        """Whether it is an evaluation of its own: no roll-up, which would count others again."""


@dataclass(frozen=True)
class Counts:
    """How many evaluations there are.

    Attributes
    ----------
    statuses : dict of str to int
        By status, in the order of :data:`STATUSES`; those that do not occur are left out.
    states : dict of str to int
        Of those that are done: by the state of their verdict, in the order of ``STATES``.
    """

    statuses: dict[str, int]
    states: dict[State, int]

    @property
    def total(self) -> int:
        """How many evaluations were set up."""
        return sum(self.statuses.values())

    @property
    def done(self) -> int:
        """How many of them have a result."""
        return self.statuses.get("done", 0)

    def in_words(self, of: str = "") -> str:
        """Such as "51 evaluations: 48 evaluated and 3 not evaluated"; `of` names the programme."""
        parts = [f"{count} {STATUSES[status]}" for status, count in self.statuses.items()]
        what = f"{many(self.total, 'evaluation')}{f' of {of}' if of else ''}"
        return f"{what}: {in_a_row(parts)}" if parts else what


def counts_of(evaluations: Iterable[Countable], not_run: int = 0) -> Counts:
    """How many evaluations there are, by status and by verdict; the one place that counts them.

    Index, list of programmes, roll-up and the last line of a run all take it from here. A roll-up
    is no evaluation of its own, and a project for which nothing was set up has none.

    Parameters
    ----------
    evaluations : iterable of Evaluated or Record
        What was evaluated.
    not_run : int
        How many more were to be run, of which nothing is known yet.
    """
    own = [item for item in evaluations if item.counts]
    by_status = Counter(item.status for item in own)
    by_status["not run"] += not_run
    by_state = Counter(item.verdict.state for item in own if item.verdict)
    return Counts(
        {status: by_status[status] for status in STATUSES if by_status[status]},
        {state: by_state[state] for state in STATES if by_state[state]},
    )
