"""What each audience is shown of a block.

Analysts see what the notebook shows. Stakeholders see what is computed from the released result,
and the words of the project: nothing of files, rows and parameters, which only the team can put to
use and which hold counts that no release has looked at.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, Literal, get_args

import pandas as pd

from qieval.core.blocks import (
    Block,
    Finding,
    Measured,
    Own,
    Passport,
    Plan,
    Provenance,
    ResultsRead,
)
from qieval.core.errors import ParameterError
from qieval.core.result import Result

Audience = Literal["stakeholder", "analyst"]

DATA_WITH_THE_TEAM = "Figures of the data that were read are with the team."

_OF_THE_DATA = (Passport, Measured, ResultsRead)
_OF_FILES = ("data_passport",)
_KEPT_FACTS = ("Publisher", "Licence", "Attribution", "Made on")
_VERSION = "Version of "


def checked_audience(audience: str) -> Audience:
    """The audience, if it is one."""
    if audience not in get_args(Audience):
        raise ParameterError(
            "There is no such audience.",
            found=f"`{audience}`",
            remedy="Say `stakeholder` or `analyst`.",
        )
    return audience  # type: ignore[return-value]


def is_for(evaluation: str, audience: Audience) -> bool:
    """Whether an evaluation is published for an audience.

    Parameters
    ----------
    evaluation : str
        Its name in the catalogue; one that only describes a file is for analysts.
    audience : "stakeholder" or "analyst"
        Who reads the site.
    """
    return audience == "analyst" or evaluation not in _OF_FILES


def shown_to(block: Block, audience: Audience, *, own: bool = False) -> Block | None:
    """A block as an audience may see it; None if it may not.

    Parameters
    ----------
    block : Block
        What the notebook shows.
    audience : "stakeholder" or "analyst"
        Who reads the page.
    own : bool
        Whether somebody has looked at what the evaluator's own cells show, so that it may be shown.
    """
    if audience == "analyst":
        return block
    if isinstance(block, Own):
        return block if own else None
    if isinstance(block, _OF_THE_DATA):
        return None
    if isinstance(block, Finding):
        return Finding()
    if isinstance(block, Plan):
        # The words of a line name days, columns and counts; its name says how the plan was kept.
        # Where all of them are notes, the first says that there was no plan.
        telling = [line for line in block.lines if line.status != "info"] or block.lines[:1]
        return Plan(tuple(dict.fromkeys(replace(line, text="") for line in telling)))
    if isinstance(block, Provenance):
        return _without_files(block)
    return block


_FILE_NAME = re.compile(
    r"(?:\b[a-z]:)?[^\s,;:()]*\w\.(csv|tsv|xlsx?|xlsm|xlsb|ods|parquet|json|ya?ml|db|sqlite|duckdb|docx?)\b",
    re.IGNORECASE,
)
A_FILE = "a file of the team"
"""What stands in the table of a result where the name of a file stood."""


def without_file_names(result: Result) -> Result:
    """A result whose tables name no files, such as the source of a measure in a theory."""
    changed: dict[str, Any] = {}
    for field in fields(result):
        frame = getattr(result, field.name)
        if not isinstance(frame, pd.DataFrame):
            continue
        for name in frame.columns:
            named = [isinstance(cell, str) and _FILE_NAME.search(cell) for cell in frame[name]]
            if any(named):
                cells = [
                    _FILE_NAME.sub(A_FILE, cell) if isinstance(cell, str) else cell
                    for cell in frame[name]
                ]
                frame = frame.assign(**{str(name): cells})
                changed[field.name] = frame
    return replace(result, **changed)


def _without_files(block: Provenance) -> Provenance:
    """Whose data, which versions, when; no data set is named after a file."""
    facts = tuple(
        (name, value)
        for name, value in block.facts
        if name in _KEPT_FACTS or name.startswith(_VERSION)
    )
    return replace(block, credit=attribution_of(block), notes=(), facts=facts, parameters=())


def attribution_of(block: Provenance) -> str:
    """The line that the owner of the data wants to see with them; "" if none is known."""
    return dict(block.facts).get("Attribution", "")
