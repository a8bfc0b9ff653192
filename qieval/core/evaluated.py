"""What a batch made of one evaluation, as a roll-up reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qieval.core.result import Result


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
    whole_programme : bool
        Whether its project folder is the home of what concerns all projects: it holds the roll-up.
    evidence : str
        Kind of evidence in a roll-up, such as "Charts", as the catalogue has it.
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
    whole_programme: bool = False
    evidence: str = "Other"
    result: Result | None = None

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
