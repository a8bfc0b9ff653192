"""The sentences of an audit. None ranks teams or services, and none says "no effect"."""

from __future__ import annotations

from typing import Any

import numpy as np

from qieval.analysis.audit.change import CLUSTERS, PAIRED
from qieval.analysis.audit.found import Found, count, percent
from qieval.analysis.audit.provision import EVERY_TYPE
from qieval.analysis.audit.tables import COMPOSITE
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, lower_or_higher, sentence

_MOST_NAMED = 6
MOST_SHOWN = 3


def the_change(row: dict[Any, Any] | None) -> str:
    """A change in words: "12 percentage points higher (5 to 19 higher)"."""
    if row is None or not np.isfinite(row["ci_low"]):
        return "how far it changed cannot be told"
    value, low, high = (100 * row[name] for name in ("estimate", "ci_low", "ci_high"))
    said = lower_or_higher(value, low, high, "percentage points")
    return f"the change may be {said}" if said.startswith("anything") else said


# ---- headline ----------------------------------------------------------------------------------


def headline(result: Found) -> str:
    """The finding in one sentence."""
    if result.of_services:
        return sentence(_services(result))
    outcome, first = result.params["outcome"], (result.pair or (None,))[0]
    if not result.facts["composite_known"]:
        point = result.point(result.latest, COMPOSITE)
        ends = _ends(result, point["low"], point["high"])
        single = _range(result, result.latest)
        return sentence(
            f"{outcome}: anything from {ends} in {result.latest}, although each single one of the "
            f"{count(result.facts['k'])} {result.params['standards_called']} was met for {single}"
        )
    if first is None:
        point = result.point(result.latest, COMPOSITE)
        return sentence(
            f"{outcome}: {result.percent(point['percent'])} "
            f"({_ends(result, point['low'], point['high'])}), although each single one of the "
            f"{count(result.facts['k'])} {result.params['standards_called']} was met for "
            f"{_range(result, result.latest)}"
        )
    change = result.main_change()
    if change is None:
        return sentence(f"{outcome}: the two waves cannot be compared")
    before, after = (result.percent(100 * change[name]) for name in ("before", "after"))
    return sentence(
        f"{outcome}{_those(result, change)}: {before} in {first}, {after} in {result.latest}; "
        f"{the_change(change)}"
    )


def _those(result: Found, change: dict[Any, Any]) -> str:
    """Whom a change is about, where that is not everybody."""
    if change["group"] != "both":
        return ""
    if result.facts["in_both"]["of"] == "units":
        return f", in the {int(change['n_after']):,} {result.params['called']} audited both times"
    teams = result.params["teams_called"]
    return f", in the {count(int(change['teams']))} {teams} that took part both times"


def _services(result: Found) -> str:
    """The headline of an audit of services: how much of what should be there is there."""
    what, where = result.params["standards_called"], result.params["called"]
    now = result.term("opportunity_score")
    if result.pair is None:
        return (
            f"Of the {what} that apply, {where} met {percent(now.value)} "
            f"({percent(now.low)} to {percent(now.high)})"
        )
    first, last = result.pair
    before, now, change = (
        result.term(f"opportunity_score{end}") for end in ("_before", "", "_change")
    )
    same = _score_of_both(result)
    if same:
        (was, now_is), who = same, f"the {_in_both(result)} {where} audited both times"
    else:
        was, now_is, who = before.value, now.value, where
    row = {"estimate": change.value / 100, "ci_low": change.low / 100,
           "ci_high": change.high / 100}  # fmt: skip
    return (
        f"Of the {what} that apply, {who} met {percent(was)} in {first} and {percent(now_is)} in "
        f"{last}; {the_change(row)}"
    )


def _score_of_both(result: Found) -> tuple[float, float] | None:
    both = result.facts["in_both"].get("both")
    if not both or not both["count"]:
        return None
    return both["before"]["score"], both["after"]["score"]


def _in_both(result: Found) -> str:
    return count(int(result.facts["in_both"]["both"]["count"]))


def _range(result: Found, wave: str) -> str:
    """From the least to the most often met standard: "49% to 64%"."""
    rows = result.points[(result.points["wave"] == wave) & (result.points["what"] == "standard")]
    low, high = rows["percent"].min(), rows["percent"].max()
    return f"{result.percent(low)} to {result.percent(high)} of {result.params['called']}"


def _ends(result: Found, low: float, high: float) -> str:
    return f"{result.percent(low)} to {result.percent(high)}"


# ---- details -----------------------------------------------------------------------------------


def details(result: Found) -> list[str]:
    """A few sentences, in the order in which they matter."""
    said = _of_services(result) if result.of_services else [*_single(result), paradox(result)]
    return [*said, *_one_short(result), *_method(result), *_left(result), *_rules(result)]


def _single(result: Found) -> list[str]:
    what = result.params["standards_called"]
    if result.facts["composite_known"] and result.pair:
        return [
            f"In {result.latest} each single one of the {count(result.facts['k'])} {what} was met "
            f"for {_range(result, result.latest)}."
        ]
    return []


def paradox(result: Found) -> str:
    """Why all of them is so much less than each of them."""
    k, what = result.facts["k"], result.params["standards_called"]
    alone = 100 * 0.8**k
    alike = result.facts["if_independent"][result.latest]
    words = (
        f"All {count(k)} is a much harder test than each: if each of {count(k)} {what} were met "
        f"for 80%, independently of one another, only {percent(alone)} would have all "
        f"{count(k)}."
    )
    if result.facts["composite_known"]:
        seen = result.point(result.latest, COMPOSITE)["percent"]
        together = (
            "those who lack one tend to lack others"
            if seen > alike + 1
            else "lacking one hardly has to do with lacking another"
        )
        words += (
            f" Here, if they were independent, {result.percent(alike)} would have all "
            f"{count(k)}; it is {result.percent(seen)}: {together}."
        )
    return words


def _one_short(result: Found) -> list[str]:
    rows = result.short[result.short["wave"] == result.latest]
    if rows.empty or not rows["records"].sum() or result.of_services:
        return []
    total = int(rows["records"].sum())
    short = int(sum(result.facts["short"][result.latest][1:]))
    top = rows.sort_values("records", ascending=False, kind="stable").head(MOST_SHOWN)
    named = [f"{row.standard} ({row.records:,})" for row in rows_of(top) if row.records]
    return [
        f"Of {short:,} {result.params['called']} short of all, {total:,} lacked just one, most "
        f"often {in_a_row(named)}."
    ]


def _of_services(result: Found) -> list[str]:
    """Accreditation in words: types, thresholds, how many reach them."""
    rows = result.accreditation[result.accreditation["wave"] == result.latest]
    where, what = result.params["called"], result.params["standards_called"]
    said = []
    for row in rows.to_dict("records"):
        if row["type"] == EVERY_TYPE:
            continue
        least = f"at least {percent(100 * row['threshold'])}" if row["threshold"] < 1 else "all"
        said.append(
            f"{int(row['reached']):,} of {int(row['units']):,} met {least} of type {row['type']}"
        )
    every = rows[rows["type"] == EVERY_TYPE].iloc[0]
    return [
        f"In {result.latest}, of {where} with {what} that apply, {in_a_row(said)}; "
        f"{int(every['reached']):,} of {int(every['units']):,} reached all thresholds at once."
    ]


def _method(result: Found) -> list[str]:
    change = None if result.of_services else result.main_change()
    if change is None:
        return []
    teams = result.params["teams_called"]
    if change["method"] == CLUSTERS:
        return [
            f"The interval allows for differences between the {count(int(change['teams']))} "
            f"{teams}: {result.params['called']} within {teams} are more alike than others."
        ]
    if change["method"] == PAIRED:
        pairs = result.facts["pairs"]
        return [
            f"The same {change['n_after']:,} {result.params['called']} are compared with "
            f"themselves: {pairs['gained']:,} gained all, {pairs['lost']:,} lost it."
        ]
    return [
        f"The interval takes {result.params['called']} as independent of one another; if those "
        f"within {teams} are alike, it is too narrow."
    ]


def _left(result: Found) -> list[str]:
    """Who dropped out, and how they had scored."""
    took = result.facts["in_both"]
    if not took or not (took["left"]["count"] or took["joined"]["count"]):
        return []
    called = result.params["teams_called" if took["of"] == "teams" else "called"]
    first, last = result.params["compare"]
    measure = "composite" if result.facts["composite_known"] and not result.of_services else "score"
    of = " with all" if measure == "composite" else " of what applied"
    said = []
    if took["left"]["count"]:
        was = took["left"]["before"][measure]
        stayed = took["both"]["before"][measure]
        verb = "is" if took["left"]["count"] == 1 else "are"
        said.append(
            f"{count(took['left']['count'])} of the {called} of {first} {verb} not in {last}"
            f"{_named(took['left']['names'])}; in {first} they had {result.percent(was)}{of}, "
            f"those who stayed {result.percent(stayed)}"
        )
    if took["joined"]["count"]:
        said.append(f"{count(took['joined']['count'])} joined after {first}")
    return [sentence("; ".join(said))]


def _named(names: list[str]) -> str:
    return f" ({in_a_row(names)})" if 0 < len(names) <= _MOST_NAMED else ""


def _rules(result: Found) -> list[str]:
    if result.facts["counted"] or len(result.sensitivity) < 2:
        return []
    measure = "score" if result.of_services else "composite"
    column = f"{measure}_after"
    values = result.sensitivity[column]
    return [
        f"{result.facts['rules']} By other rules it would be {result.percent(values.min())} to "
        f"{result.percent(values.max())} in {result.latest}."
    ]


# ---- the figure --------------------------------------------------------------------------------


def alt_text(result: Found) -> str:
    """The finding, then what is drawn and each standard's figures."""
    said = []
    for standard in result.params["standards"]:
        points = [result.point(wave, standard) for wave in result.waves]
        shares = [result.percent(point["percent"]) for point in points]
        said.append(f"{standard} {', then '.join(shares)}")
    where = f" for {result.params['setting']}" if result.params["setting"] else ""
    whole = "Below them, all of them together."
    return (
        f"{result.headline()} Dots with intervals{where}, a row a standard and a dot a wave "
        f"({in_a_row(result.waves)}): {'; '.join(said)}. {whole}"
    )
