"""Organisations over time: names that change under one code, codes that come and go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd

from qieval.core.errors import listed
from qieval.core.periods import Frequency, label
from qieval.core.words import in_a_row
from qieval.intake.reading.request import Request

_CODE = re.compile(r"[A-Za-z0-9]{2,10}")
_NAME = re.compile(r"name", re.IGNORECASE)
_MOST_SHOWN = 6
_MOST_PERIODS = 12


def changed_names(
    table: pd.DataFrame,
    names: Mapping[str, str],
    request: Request,
    units: Sequence[str],
    texts: Sequence[str],
) -> list[str]:
    """Notes on organisations whose name changes under one code.

    `request`: whether reading stops where figures are by such a name and not by its code.

    Raises DataError in strict reading, if the units are names that change under one code.
    """
    notes = []
    for code in (name for name in texts if _holds_codes(table[name])):
        for name in (one for one in texts if one != code and _NAME.search(names.get(one, one))):
            pairs = table[[code, name]].dropna().drop_duplicates()
            by_code = pairs.groupby(code, sort=True)[name].agg(list)
            several = by_code[by_code.map(len) > 1]
            # A name that most codes have several of is no name of theirs.
            if not len(several) or 2 * len(several) > len(by_code):
                continue
            examples = [
                f"{one} ({in_a_row([f'`{said}`' for said in called], 'and')})"
                for one, called in several.iloc[:_MOST_SHOWN].items()
            ]
            more = len(several) - len(examples)
            text = f"`{names[code]}`: {len(several)} of {len(by_code)} codes have several names in "
            text += f"`{names[name]}`: {'; '.join(examples)}" + (f" and {more} more" * bool(more))
            if name in units and code not in units:
                note = request.ask(
                    f"Figures are by `{names[name]}`, and names change under one code: a series "
                    "would break where only the name changes.",
                    found=text,
                    remedy=f"Take the code: `columns: {{{name}: {names[code]}}}`.",
                    proposal="Each name was taken as a unit of its own.",
                )
                notes.append(f"{note} {text}.")
            else:
                notes.append(f"{text}. Figures go by the code.")
    return notes


def _holds_codes(cells: pd.Series) -> bool:
    """Whether a column holds codes: short, without blanks, with a digit or capitals."""
    different = cells.dropna().drop_duplicates().astype(str)
    if len(different) < 2:
        return False
    like_codes = different.map(
        lambda text: (
            bool(_CODE.fullmatch(text)) and (any(sign.isdigit() for sign in text) or text.isupper())
        )
    )
    return bool(like_codes.mean() > 0.9)


def comings_and_goings(table: pd.DataFrame, unit: str, heading: str, every: Frequency) -> list[str]:
    """A note on units that end or begin within the time of the table.

    `table`: with ``period`` as first days.
    """
    known = table[["period", unit]].dropna().drop_duplicates()
    periods = sorted(known["period"].unique())
    if len(periods) < 2:
        return []
    spans = known.groupby(unit)["period"].agg(["min", "max"])
    following = dict(pairwise(periods))
    came = spans[spans["min"] > periods[0]].groupby("min").groups
    went = spans[spans["max"] < periods[-1]]
    went = went.assign(gone=went["max"].map(following)).groupby("gone").groups
    changes = []
    for period in sorted({*came, *went}):
        new, gone = list(came.get(period, [])), list(went.get(period, []))
        both = [
            f"{len(codes)} {word} ({listed(sorted(codes), 3).replace('`', '')})"
            for codes, word in ((gone, "gone"), (new, "new"))
            if codes
        ]
        changes.append(f"{label(pd.Timestamp(period), every)}: {', '.join(both)}")
    if not changes:
        return []
    more = len(changes) - _MOST_PERIODS
    tail = f"; and {more} more periods" if more > 0 else ""
    return [
        f"`{heading}`: {len(spans):,} codes, not all of them in every period: "
        f"{'; '.join(changes[:_MOST_PERIODS])}{tail}. A series breaks where codes merge; "
        "`successors` adds up those that did."
    ]
