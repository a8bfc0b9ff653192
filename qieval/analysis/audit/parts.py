"""The tables of an audit under plain heads, part by part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.audit.change import CLUSTERS, EXCHANGEABLE, NEWCOMBE, PAIRED
from qieval.analysis.audit.found import Found, count, percent
from qieval.analysis.audit.provision import EVERY_TYPE
from qieval.analysis.audit.tables import COMPOSITE
from qieval.core.parts import Part
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number, sentence

_MOST_NAMED = 12
"""With more teams than this none is named."""

PART_NAMES = ("accreditation", "gaps", "change", "took_part", "one_short", "rules", "access")


def has(result: Found, name: str) -> bool:
    """Whether there is anything to say."""
    took = result.facts["in_both"]
    return {
        "accreditation": not result.accreditation.empty,
        "gaps": not result.gaps.empty,
        "change": not result.changes.empty,
        "took_part": bool(took) and bool(took["left"]["count"] or took["joined"]["count"]),
        "one_short": bool(result.short["records"].sum()) and not result.of_services,
        "rules": len(result.sensitivity) > 1,
        "access": not result.access.empty,
    }[name]


def part(result: Found, name: str) -> Part:
    """The part of that name."""
    return _PARTS[name](result)


def _called(result: Found, standard: str) -> str:
    return result.all_of_them if standard == COMPOSITE else standard


# ---- the parts ---------------------------------------------------------------------------------


def _change(result: Found) -> Part:
    first, last = result.params["compare"]
    composite = result.changes["standard"] == COMPOSITE
    shown = result.changes[(result.changes["main"].astype(bool) | composite)]
    shown = shown[shown["why_not"] == ""]
    who = {"both": "those in both", "all": "everybody"}
    change = "Change (points)"
    rows = [
        {
            "Standard": _called(result, row["standard"]),
            "Who": who[row["group"]],
            first: result.percent(100 * row["before"]),
            last: result.percent(100 * row["after"]),
            change: _signed(row),
            _HOW: how(result, row["method"])
            + (f", p = {row['p_value']:.3f}" if row["method"] == PAIRED else ""),
        }
        for row in shown.to_dict("records")
    ]
    refused = result.changes[(result.changes["why_not"] != "") & composite]
    why = [f"{row.method}: {row.why_not}" for row in rows_of(refused)]
    said = (
        f"For each of the {result.params['standards_called']} the change that is quoted; for all "
        "of them together, every way of working it out."
    )
    if why:
        said += f" Not worked out: {in_a_row(why)}."
    return Part(
        f"What changed from {first} to {last}",
        said,
        pd.DataFrame(rows),
        f"Change in percentage points with {100 * result.params['confidence']:g}% interval.",
        (first, last, change),
    )


_HOW = "How it was worked out"


def how(result: Found, method: str) -> str:
    """A method in plain words, with its name."""
    teams, called = result.params["teams_called"], result.params["called"]
    name, _, over = method.partition(", ")
    across = {"teams as clusters": teams, "records as clusters": called}.get(over)
    if across:
        return f"allowing for differences between {across} ({name})"
    return {
        "Wilson": "share and its interval (Wilson)",
        "mean, t interval": "average and its interval (t)",
        NEWCOMBE: f"as if {called} were independent of one another (Newcombe)",
        PAIRED: "each with itself (Newcombe for pairs, McNemar)",
        CLUSTERS: f"allowing for differences between {teams} (GEE)",
        EXCHANGEABLE: f"the same, {teams} weighing more alike (GEE, exchangeable)",
    }.get(method, method)


def _signed(row: dict[Any, Any]) -> str:
    ends = [100 * row[name] for name in ("estimate", "ci_low", "ci_high")]
    return f"{_plus(ends[0])} ({_plus(ends[1])} to {_plus(ends[2])})"


def _one(value: float) -> str:
    return number(value, 1)


def _plus(value: float) -> str:
    text = number(value, 1)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _took_part(result: Found) -> Part:
    first, last = result.params["compare"]
    took = result.facts["in_both"]
    by_team = took["of"] == "teams"
    called = result.params["teams_called" if by_team else "called"]
    measure = "composite" if result.facts["composite_known"] and not result.of_services else "score"
    heads = {"both": "Both", "left": f"{first} only", "joined": f"{last} only"}
    rows = []
    for name, head in heads.items():
        group = took[name]
        if not group["count"]:
            continue
        row = {"Took part in": head, called.capitalize(): f"{group['count']:,}"}
        for wave, when in ((first, "before"), (last, "after")):
            value = group[when][measure]
            row[wave] = result.percent(value) if np.isfinite(value) else "not there"
        if by_team and all(len(took[part]["names"]) <= _MOST_NAMED for part in heads):
            row["Which"] = ", ".join(group["names"])
        rows.append(row)
    what = "that met all" if measure == "composite" else "met of what applied"
    return Part(
        f"Who took part in {first} and in {last}",
        f"Waves with other {called} may differ for that reason alone, so those who took part both "
        "times are compared first.",
        pd.DataFrame(rows),
        f"Share {what}, by who took part when.",
        (called.capitalize(), first, last),
    )


def _one_short(result: Found) -> Part:
    wave, called = result.latest, result.params["called"]
    rows = result.short[result.short["wave"] == wave]
    total = int(rows["records"].sum())
    table = [
        {
            "The one that is lacking": row.standard,
            called.capitalize(): f"{row.records:,}",
            "Share": percent(100 * row.records / total),
        }
        for row in rows_of(rows.sort_values("records", ascending=False, kind="stable"))
    ]
    counts = result.facts["short"][wave]
    said = [
        f"{records:,} {'were' if records != 1 else 'was'} {count(short)} short"
        for short, records in enumerate(counts)
        if short and records
    ]
    return Part(
        "One short of all: which one?",
        sentence(f"{wave}: {counts[0]:,} {called} had all; {in_a_row(said)}"),
        pd.DataFrame(table),
        f"The {total:,} {called} of {wave} that lack just one.",
        (called.capitalize(), "Share"),
    )


def _rules(result: Found) -> Part:
    pair = result.params["compare"] or [result.latest]
    whens = ("before", "after")[-len(pair) :]
    measure = "score" if result.of_services else "composite"
    of_what = "of what applied" if result.of_services else f"with {result.all_of_them.lower()}"
    rows = []
    for row in result.sensitivity.to_dict("records"):
        shown = {"Rule": row["choice"]}
        for wave, when in zip(pair, whens, strict=True):
            shown[wave] = result.percent(row[f"{measure}_{when}"])
        if len(pair) == 2 and measure == "composite":
            shown["Change (points)"] = (
                f"{_plus(row['change'])} ({_plus(row['low'])} to {_plus(row['high'])})"
                if np.isfinite(row["low"])
                else "not known"
            )
        rows.append(shown)
    return Part(
        "Would other rules for unclear answers change this?",
        result.facts["rules"] + _unclear(result),
        pd.DataFrame(rows),
        f"Share {of_what} by other rules, one rule changed at a time; everybody in a wave"
        + (", the change as quoted." if "Change (points)" in rows[0] else "."),
        (*pair, "Change (points)"),
    )


def _unclear(result: Found) -> str:
    """How many answers are not clear."""
    names = {
        "not_recorded": "not recorded",
        "refused": "refused",
        "partly_met": "partly met",
        "not_applicable": "not applicable",
    }
    said = [
        f"{int(result.points[name].sum()):,} {text}"
        for name, text in names.items()
        if result.points[name].sum()
    ]
    return f" Answers: {in_a_row(said)}." if said else ""


def _accreditation(result: Found) -> Part:
    where = result.params["called"]
    rows = [
        {
            "Type": row["type"] if row["type"] == EVERY_TYPE else f"Type {row['type']}",
            "Wave": row["wave"],
            result.params["standards_called"].capitalize(): f"{int(row['standards']):,}",
            "Met, of what applies": percent(
                100 * row["met"] / row["asked"] if row["asked"] else np.nan
            ),
            "Asked for": percent(100 * row["threshold"])
            if np.isfinite(row["threshold"])
            else "all of these",
            f"{where.capitalize()} that reach it": f"{int(row['reached']):,} of "
            f"{int(row['units']):,}",
        }
        for row in result.accreditation.sort_values("type", kind="stable").to_dict("records")
    ]
    asked = [
        f"{percent(100 * share)} of type {name}"
        for name, share in result.params["thresholds"].items()
    ]
    return Part(
        "Types of standards, and what accreditation asks for",
        f"Accreditation asks for {in_a_row(asked)}. {result.facts['rules']}",
        pd.DataFrame(rows),
        f"How many {where} reach what is asked for, by type and wave.",
        ("Met, of what applies", "Asked for"),
    )


def _gaps(result: Found) -> Part:
    where = result.params["called"]
    rows = []
    for row in result.gaps[result.gaps["unmet"] > 0].to_dict("records"):
        shown = {
            "Not met": row["standard"],
            "Type": row["type"],
            f"{where.capitalize()} without it": f"{row['unmet']:,} of {row['applicable']:,} "
            f"({percent(row['percent_unmet'])})",
            "Of these partly": f"{row['partly']:,}",
        }
        if result.params["locality"]:
            shown["Met nowhere in"] = row["nowhere_in"] or "–"
        rows.append(shown)
    return Part(
        "Gaps: what is missing most often",
        f"In {result.latest}. The list is of {result.params['standards_called']}; {where} are not "
        "told apart, so that it can be shared among them.",
        pd.DataFrame(rows),
        f"{result.params['standards_called'].capitalize()} that {where} do not meet, the most "
        "frequent gap first.",
    )


def _access(result: Found) -> Part:
    rows = [
        {
            "Locality": row["locality"],
            "Wave": row["wave"],
            result.params["called"].capitalize(): f"{row['units']:,}",
            "Met, of what applies": percent(row["percent"]),
            "Interval": f"{percent(row['low'])} to {percent(row['high'])}"
            if np.isfinite(row["low"])
            else "too few",
        }
        for row in result.access.to_dict("records")
    ]
    now = result.access[result.access["wave"] == result.latest]["percent"]
    chosen = result.params["access_standards"]
    about = (
        f"About {in_a_row([f'“{name}”' for name in chosen])}. "
        if chosen
        else f"Of all {result.params['standards_called']} together. "
    )
    return Part(
        "Equal access: the same in every locality?",
        f"{about}In {result.latest}, between {percent(now.min())} and "
        f"{percent(now.max())} of what applies was met, depending on the locality. A few "
        f"{result.params['called']} make wide intervals; where intervals overlap, localities are "
        "not told apart.",
        pd.DataFrame(rows),
        "Localities in the order of their names.",
        (result.params["called"].capitalize(), "Met, of what applies"),
    )


_PARTS = {
    "change": _change,
    "took_part": _took_part,
    "one_short": _one_short,
    "rules": _rules,
    "accreditation": _accreditation,
    "gaps": _gaps,
    "access": _access,
}


# ---- estimates and points ----------------------------------------------------------------------


def estimates_in_words(result: Found) -> tuple[pd.DataFrame, str]:
    """The estimates under plain names, and the table's caption."""
    rows = []
    # the change of each single standard stands in the part about the change
    shown = result.estimates[~result.estimates.index.str.startswith("change: ")]
    for term, row in shown.iterrows():
        name = str(term)
        when = result.latest
        if name.endswith("_before"):
            when = result.params["compare"][0]
        if name.endswith("_change"):
            when = "change"
        base = name.removesuffix("_before").removesuffix("_change")
        value, low, high = (float(row[end]) for end in ("estimate", "ci_low", "ci_high"))
        write = _plus if when == "change" else _one
        rows.append(
            {
                "What": f"{_label(result, base)}: {when}",
                "Value": write(value) if np.isfinite(value) else "not known",
                "Between": f"{write(low)} to {write(high)}" if np.isfinite(low) else "no interval",
                "Unit": result.params["standards_called"]
                if row["unit"] == "standards"
                else row["unit"],
                _HOW: how(result, row["method"]),
            }
        )
    level = f"{100 * result.params['confidence']:g}%"
    return pd.DataFrame(rows), f"Each with its {level} interval."


def _label(result: Found, base: str) -> str:
    return {
        "composite": result.all_of_them,
        "opportunity_score": f"Met, of all {result.params['standards_called']} that applied",
        "mean_met": f"Mean number of {result.params['standards_called']} met",
    }[base]


def points_in_words(result: Found) -> pd.DataFrame:
    """The rows behind the figure with plain heads, by standard."""
    rows = []
    order = [*result.params["standards"], COMPOSITE]
    for standard in order:
        for wave in result.waves:
            point = result.point(wave, standard)
            known = point["what"] != "bounds"
            row = {
                "Standard": _called(result, standard),
                "Wave": wave,
                "Share": result.percent(point["percent"]),
                "Interval": f"{result.percent(point['low'])} to {result.percent(point['high'])}"
                if np.isfinite(point["low"])
                else "none",
                "Met": number(point["met"], 0) if known else "not known",
                "Of": number(point["applicable"], 0) if known else "not known",
            }
            if not result.facts["counted"]:
                row |= (
                    {
                        "Not recorded": number(point["not_recorded"], 0),
                        "Refused": number(point["refused"], 0),
                        "Not applicable": number(point["not_applicable"], 0),
                    }
                    if standard != COMPOSITE
                    else dict.fromkeys(("Not recorded", "Refused", "Not applicable"), "")
                )
            rows.append(row)
    return pd.DataFrame(rows)
