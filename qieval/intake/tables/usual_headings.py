"""What columns are often called in the files of teams: our name → headings that usually mean it.

Reading proposes by it what strict reading asks about; ``qieval new`` finds the kind of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from qieval.intake.identifiers import plain

_DATE = r"( (date|time|datetime|day))*"
_CODE = r"( (id|number|num|no|ref|reference|code|key|identifier))?"

OFTEN_CALLED: dict[str, str] = {
    "person": rf"(nhs|chi|hospital)( (number|num|no))?|mrn|(patient|person|client|subject|resident)"
    rf"{_CODE}|pseudonym(ised)?{_CODE}|(pas|ri ?o|pt|local patient) (number|num|no|id|identifier)",
    "start": rf"(start|admit|admitted|admission|adm|admittime){_DATE}"
    rf"|(date|time) (of )?(admission|admitted|start)|(leave|ward|ward stay|episode) start{_DATE}",
    "end": rf"(end|discharge|discharged|disch|dischtime){_DATE}"
    rf"|(date|time) (of )?(discharge|discharged|end)|(leave|ward|ward stay|episode) end{_DATE}"
    r"|returned",
    "discharged_to": r"discharged? (destination|to|outcome|method)|destination",
    "ward": r"ward( (name|code))?",
    "team": r"team( (name|code))?|service",
    "referred": rf"(referral|referred|request|requested){_DATE}( received)?"
    r"|referral received( date)?|date (of )?(referral|referred|request)( received)?",
    "started": rf"(started|seen|assessed|first (contact|seen|appointment|treatment)){_DATE}"
    r"|(treatment|care|assessment|appointment|contact) (start|started|date)( date)?"
    r"|date (of )?(first )?(start|started|seen|assessed|assessment|contact|appointment|treatment)",
    "closed": r"(closed|closure|refusal|withdrawal)( date)?|date (closed|refused|withdrawn)",
    "outcome": r"(referral )?outcome",
    "distance_km": r"distance( (km|in km|kilometres))?",
    "period": r"period|month|quarter|year|week|date|day|month year|yyyymm"
    r"|(reporting |financial |calendar )(period|month|quarter|year)"
    r"|(month|week|wk|quarter|qtr|period|year) (ending|end|beginning|start|commencing|of)( date)?"
    r"|w [ce]|wk|fy|months?|weeks?|quarters?|qtr|(fin|financial) year|month (and )?year",
    "beds": r"((available|staffed|open|funded) )?beds( (available|staffed|open|funded))?",
    "wave": r"(audit )?(wave|round|cycle)|audit (year|period|date|month|quarter)"
    r"|before (or )?after|time ?point",
    "standard": r"(audit )?(standard|criterion|indicator)( (number|no|name))?",
    "result": r"(result|met|compliant|compliance|standard met)",
    "met": r"(n|number|no|total)? ?(met|compliant|meeting (the )?standard)",
    "applicable": r"(n|number|no|total)? ?(applicable|eligible)|denominator",
    "record": rf"(record|case|case ?note|patient|notes){_CODE}",
    "type": r"(standard )?type",
    "locality": r"locality|area",
    "respondent": rf"(respondent|response|participant){_CODE}",
    "cycle": r"(pdsa )?cycle( (number|no|name))?|pdsa( (number|no))?",
    "project": r"project( name)?",
    "follows": r"follows|builds on|previous cycle|follows cycle",
    "ended": r"ended|end date|date ended|finished",
    "change": r"change( (idea|tested))?|test( of change)?|what was tested",
    "prediction": r"prediction|predicted|what we expect(ed)?",
    "learning": r"learning|what we learn(ed|t)|lessons",
    "decision": r"decision|act|adopt adapt abandon|next steps?",
    "size": r"(sample |test )?size",
    "date": r"(event )?date|when|date of event",
    "event": r"event|what happened|description",
    "kind": r"(event )?(kind|type|category)",
    "due": r"due( date)?|deadline|date due",
    "received": r"(received|submitted)( (date|on))?|date (received|submitted)",
    "measure": r"measure|indicator",
    "stage": r"stage|phase",
    "level": r"level( of involvement)?|involvement( level)?",
    "who": r"who|role",
    "people": r"(number of )?people",
    "paid": r"paid|payment",
    "unit": r"(unit|provider|trust|organisation|organization|hospital|(health )?board|practice"
    r"|team|ward|site|locality|area|region)( (name|code))?",
}
"""What columns are often called, in small letters; the whole heading must fit."""

_WHEN = re.compile(r"\b(month|quarter|period|week|year|date)\b")


def spelt_so(name: str, headings: Iterable[str]) -> list[str]:
    """The headings that are a name of ours but for capitals and marks: `Discharged to`."""
    return [heading for heading in headings if plain(heading) == name.replace("_", " ")]


def often_called(name: str, headings: Iterable[str]) -> list[str]:
    """The headings that usually mean a name of ours; if some are spelt so, only those."""
    known = list(headings)
    pattern = OFTEN_CALLED.get(name)
    if (found := spelt_so(name, known)) or pattern is None:
        return found
    return [heading for heading in known if re.fullmatch(pattern, plain(heading))]


def say_when(headings: Iterable[str]) -> list[str]:
    """The headings with a word such as month or date in them: `MonthOfDelay`."""
    return [heading for heading in headings if _WHEN.search(plain(heading))]
