"""What columns are often called in the files of teams: our name → headings that usually mean it.

Reading proposes by it what strict reading asks about; ``qieval new`` finds the kind of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from qieval.intake.identifiers import plain

DATE = r"( (date|time|datetime|day))*"
CODE = r"( (id|number|num|no|ref|reference|code|key|identifier))?"

SHARED: dict[str, str] = {
    "person": rf"(nhs|chi|hospital)( (number|num|no))?|mrn|(patient|person|client|subject|resident)"
    rf"{CODE}|pseudonym(ised)?{CODE}|(pas|ri ?o|pt|local patient) (number|num|no|id|identifier)",
    "start": rf"(start|admit|admitted|admission|adm|admittime){DATE}"
    rf"|(date|time) (of )?(admission|admitted|start)|(leave|ward|ward stay|episode) start{DATE}",
    "end": rf"(end|discharge|discharged|disch|dischtime){DATE}"
    rf"|(date|time) (of )?(discharge|discharged|end)|(leave|ward|ward stay|episode) end{DATE}"
    r"|returned",
    "ward": r"ward( (name|code))?",
    "team": r"team( (name|code))?|service",
    "started": rf"(started|seen|assessed|first (contact|seen|appointment|treatment)){DATE}"
    r"|(treatment|care|assessment|appointment|contact) (start|started|date)( date)?"
    r"|date (of )?(first )?(start|started|seen|assessed|assessment|contact|appointment|treatment)",
    "period": r"period|month|quarter|year|week|date|day|month year|yyyymm"
    r"|(reporting |financial |calendar |fiscal |fin )(period|month|quarter|year)"
    r"|(month|quarter|qtr|period|week) (no|num|number)"
    r"|(month|week|wk|quarter|qtr|period|year) (ending|end|beginning|start|commencing|of)( date)?"
    r"|w [ce]|wk|fy|months?|weeks?|quarters?|qtr|month (and )?year",
    "wave": r"(audit )?(wave|round|cycle)|audit (year|period|date|month|quarter)"
    r"|before (or )?after|time ?point",
    "project": r"project( name)?",
    "date": r"(event )?date|when|date of event",
    "measure": r"(measure|indicator|metric)( (id|code|name))?",
    "level": r"level( of involvement)?|involvement( level)?",
    "unit": r"(unit|provider|trust|organisation|organization|hospital|(health )?board|practice"
    r"|team|ward|site|locality|area|region)( (name|code))?",
}
"""For names of several kinds: what the columns are often called, in small letters; the whole
heading must fit. What one kind alone has stands in its own file (`often_called` of its column)."""

_WHEN = re.compile(r"\b(month|quarter|period|week|year|date)\b")


def spelt_so(name: str, headings: Iterable[str]) -> list[str]:
    """The headings that are a name of ours but for capitals and marks: `Discharged to`."""
    return [heading for heading in headings if plain(heading) == name.replace("_", " ")]


def headings_like(name: str, pattern: str | None, headings: Iterable[str]) -> list[str]:
    """The headings that a pattern fits; if some are spelt like our name, only those."""
    known = [heading for heading in headings if "%" not in heading]  # a share is none of ours
    if (found := spelt_so(name, known)) or not pattern:
        return found
    return [heading for heading in known if re.fullmatch(pattern, plain(heading))]


def say_when(headings: Iterable[str]) -> list[str]:
    """The headings with a word such as month or date in them: `MonthOfDelay`."""
    return [heading for heading in headings if _WHEN.search(plain(heading))]
