"""Whether an aim says what, how much, by when and for whom: each there, vague or missing.

A good aim is specific, has a number and a date, and names whom it is for (Langley et al., The
Improvement Guide, ch. 4; NHS England, Online library of QSIR tools: aims statement). Rules of thumb
read the words; a person decides whether they are right.
"""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from qieval.core.periods import label
from qieval.intake.theory import Theory

THERE, VAGUE, MISSING = "there", "vague", "missing"
PARTS = {
    "what": "What",
    "how_much": "How much",
    "by_when": "By when",
    "for_whom": "For whom",
}

_UNMEASURED = re.compile(
    r"\b(better|best|good|improv\w*|enhanc\w*|optimi[sz]\w*|quality|effective\w*|excellen\w*"
    r"|appropriate\w*)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\d|\b(half|halve[ds]?|third|quarter|double[ds]?|twice|none|no|zero|all|every|everyone|each"
    r"|one|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(19|20)\d\d\b|\b\d{1,2}[/.]\d{1,2}[/.]\d\d\b")
_ANYONE = re.compile(
    r"(all |our |the )*(patients?|people|everyone|everybody|service users?|users|clients|staff)",
    re.IGNORECASE,
)


def aim_table(theory: Theory) -> pd.DataFrame:
    """One row a part of the aim: ``part, status, text, why``."""
    rows = [(name, *_judged(name, theory)) for name in PARTS]
    return pd.DataFrame(rows, columns=["part", "status", "text", "why"])


def _judged(name: str, theory: Theory) -> tuple[str, str, str]:
    given = getattr(theory.aim, name)
    if not given:
        return MISSING, "", f"The aim does not say {_ASKED[name]}."
    if isinstance(given, date):
        return THERE, label(pd.Timestamp(given), "day"), ""
    text = str(given)
    if name == "what":
        measured = any(text.lower() == measure.name.lower() for measure in theory.measures)
        vague = bool(_UNMEASURED.search(text)) and not measured
        why = "It uses a word such as “better”, which nobody can measure: say what would be seen."
    elif name == "how_much":
        vague, why = not _AMOUNT.search(text), "It has no number to be reached."
    elif name == "by_when":
        vague, why = not _YEAR.search(text), "It has no date, or at least a month and a year."
    else:
        vague = bool(_ANYONE.fullmatch(text))
        why = "It does not say which people: where, or with what."
    return (VAGUE, text, why) if vague else (THERE, text, "")


_ASKED = {
    "what": "what is to change",
    "how_much": "by how much",
    "by_when": "by when",
    "for_whom": "for whom",
}
