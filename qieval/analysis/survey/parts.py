"""The tables of a survey under plain heads, part by part."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.survey import words
from qieval.analysis.survey.found import Found
from qieval.analysis.survey.groups import EVERYBODY
from qieval.core.parts import Part
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, interval, number

PART_NAMES = ("response", "groups", "steps")


def has(result: Found, name: str) -> bool:
    """Whether there is anything to say."""
    return {
        "response": True,
        "groups": bool(result.params["by"]),
        "steps": not result.steps.empty,
    }[name]


def part(result: Found, name: str) -> Part:
    """The part of that name."""
    return _PARTS[name](result)


# ---- the estimates -----------------------------------------------------------------------------


def estimates_in_words(result: Found) -> tuple[pd.DataFrame, str]:
    """Positive answers and their change, an item a row, and the table's caption."""
    rows = [_estimates_of(result, item) for item in result.items]
    table = pd.DataFrame(rows)
    if "odds_ratio" in result.estimates.index:
        average = dict.fromkeys(table.columns, "")
        average |= {"Item": "On average", _ODDS: _ends(result, "odds_ratio", 1)}
        table = pd.concat([table, pd.DataFrame([average])], ignore_index=True)
    level = f"{100 * result.params['confidence']:g}%"
    positive = in_a_row(result.params["positive"], last="or")
    caption = f"Positive answers ({positive}) in % of answers on the scale, with {level} intervals."
    if result.pair is not None:
        caption += (
            " Odds ratio: above 1, better answers in the later wave. Chance: that of two people, "
            "one of each wave, the later one answered better, 50% if nothing changed; the same "
            "answer counts half."
        )
    return table, caption


_ODDS, _CHANCE = "Odds ratio of a better answer", "Chance that the later is better"


def _estimates_of(result: Found, item: str) -> dict[str, str]:
    row = {"Item": item}
    waves = result.pair or tuple(result.waves)
    for wave in waves:
        base = result.base(item, wave)
        head = f"Positive, {wave}" if len(result.waves) > 1 else "Positive"
        if not base["shown"]:
            row[head] = f"not shown (fewer than {result.params['smallest']})"
            continue
        ends = f"{number(base['low'], 0)} to {number(base['high'], 0)}%"
        row[head] = f"{words.percent(base['positive'])} ({ends})"
    if result.pair is not None:
        row["Change (percentage points)"] = _signed(result, f"change: {item}")
        row[_ODDS] = _ends(result, f"odds_ratio: {item}", 1)
        row[_CHANCE] = _ends(result, f"better: {item}", 100)
    return row


def _ends(result: Found, term: str, times: float) -> str:
    if term not in result.estimates.index:
        return "not tested"
    found = result.term(term)
    places = 0 if times == 100 else 2
    mark = "%" if times == 100 else ""
    if not np.isfinite(found.low):
        return f"{number(times * found.value, places)}{mark} (no interval)"
    ends = interval(times * found.low, times * found.high, places)
    return f"{number(times * found.value, places)}{mark} ({ends}{mark})"


def _signed(result: Found, term: str) -> str:
    if term not in result.estimates.index:
        return "not shown"
    found = result.term(term)
    value, low, high = (_plus(end) for end in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def _plus(value: float) -> str:
    text = number(value, 0)
    return f"+{text}" if value > 0 and text != "0" else text


# ---- the rows behind the figure ----------------------------------------------------------------


def points_in_words(result: Found) -> pd.DataFrame:
    """A row a bar: the share of each level, and what stands beside the scale."""
    rows = []
    for item in result.items:
        for wave in result.waves:
            rows.append({"Item": item, **_when(result, wave), **_bar(result, item, wave)})
    return pd.DataFrame(rows)


def _when(result: Found, wave: str) -> dict[str, str]:
    return {"Wave": wave} if len(result.waves) > 1 else {}


def _bar(result: Found, item: str, wave: str, group: str = EVERYBODY) -> dict[str, str]:
    base = result.base(item, wave, group)
    if not base["shown"]:
        few = f"fewer than {result.params['smallest']}"
        heads = [*_heads(result), "Don't know", "Blank"]
        return {"Answers": few, **dict.fromkeys(heads, "not shown")}
    shares = result.percents(item, wave, group)
    return {
        "Answers": number(base["n"], 0),
        **dict(zip(_heads(result), (words.percent(share) for share in shares), strict=True)),
        "Don't know": number(base["dont_know"], 0),
        "Blank": number(base["blank"], 0),
    }


def _heads(result: Found) -> list[str]:
    return [f"{level[:1].upper()}{level[1:]}" for level in result.params["order"]]


# ---- the parts ---------------------------------------------------------------------------------


def _response(result: Found) -> Part:
    known = result.response["invited"].notna().any()
    called = result.params["called"]
    rows = []
    for row in rows_of(result.response):
        shown = np.isfinite(row.answered)
        rows.append(
            {
                "Who": row.group,
                **_when(result, row.wave),
                "Invited": number(row.invited, 0) if shown else "not shown",
                "Answered": number(row.answered, 0) if shown else "not shown",
                "Response rate": words.percent(row.rate) if np.isfinite(row.rate) else "not known",
            }
        )
    said = (
        f"Those who answer may be happier, or less happy, than those who do not. The lower the "
        f"share of {called} who answered, the less the answers stand for all of them."
        if known
        else f"How many {called} were invited is not known, so nobody can say for how many of them "
        "these answers stand. Note the number invited next time."
    )
    numbers = ("Invited", "Answered", "Response rate")
    return Part("Who answered", said, pd.DataFrame(rows), "Invited and answered", numbers)


def _groups(result: Found) -> Part:
    called = result.params["groups_called"]
    _, said = words.of_groups(result)
    if not result.groups:
        text = (
            f"No table by {called}: each of them has fewer than {result.params['smallest']} "
            "answers, or the others could be worked out from it."
        )
        return Part(f"{called.capitalize()} side by side", text, pd.DataFrame(), "")
    rows = []
    for item in result.items:
        for group in result.groups:
            row = {"Item": item, "Who": group}
            for wave in result.waves:
                base = result.base(item, wave, group)
                head = f"Positive, {wave}" if len(result.waves) > 1 else "Positive"
                row[head] = (
                    f"{words.percent(base['positive'])} ({number(base['low'], 0)} to "
                    f"{number(base['high'], 0)}%), {number(base['n'], 0)} answers"
                    if base["shown"]
                    else "not shown"
                )
            rows.append(row)
    return Part(
        f"{called.capitalize()} side by side",
        said,
        pd.DataFrame(rows),
        f"Positive answers by {called}, with intervals",
        view="groups",
    )


def _steps(result: Found) -> Part:
    rows = [
        {
            "Item": row.item,
            "Answers at least as good as": row.level,
            "Odds ratio": f"{number(row.odds_ratio, 2)} ({interval(row.low, row.high, 2)})"
            if np.isfinite(row.odds_ratio)
            else "not known: nobody on one side",
        }
        for row in rows_of(result.steps)
    ]
    doubtful = result.changes.loc[
        result.changes["check_p"] < 1 - result.params["confidence"], "item"
    ].tolist()
    said = (
        f"For {words.quoted(doubtful)} the change differs from step to step of the scale, so one "
        "odds ratio does not tell it all: read these, and the share of positive answers."
        if doubtful
        else "One figure, the odds ratio, stands for all steps of the scale. Step by step, without "
        "a model, it is about the same, as far as these data can tell."
    )
    return Part(
        "Is the change the same at every step of the scale?",
        said,
        pd.DataFrame(rows),
        "Odds ratio of an answer at least that good, later wave over earlier (1: no change)",
    )


_PARTS = {"response": _response, "groups": _groups, "steps": _steps}
