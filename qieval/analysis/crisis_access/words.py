"""What was found about access in a crisis, in plain words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.demand import WEEKDAYS
from qieval.analysis.crisis_access.fates import FATES
from qieval.analysis.crisis_access.found import Found
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number, sentence


def fate_in_words(result: Found, fate: str) -> str:
    """A fate as a heading: "Got a bed here"."""
    care = result.params["care"]
    return {
        "here": f"Got {care} here",
        "elsewhere": "Sent elsewhere",
        "refused": "Refused",
        "withdrawn": "Withdrawn",
    }[fate]


def percent(value: float) -> str:
    """A share as it is read: "62%"."""
    return f"{number(value, 0)}%" if np.isfinite(value) else "not known"


def when(group: str) -> str:
    """A group in the middle of a sentence: "before 1 October 2018"."""
    return group[:1].lower() + group[1:] if group.startswith(("Before ", "Since ")) else group


def headline(result: Found) -> str:
    """The finding in one sentence."""
    care, groups = result.params["care"], result.groups
    if not result.access.before_and_since:
        here, far = (result.point(groups[0], fate)["percent"] for fate in ("here", "elsewhere"))
        return sentence(
            f"{percent(here)} of requests ended with {care} here and {percent(far)} elsewhere; "
            f"{result.access.headline().rstrip('.')[:1].lower()}"
            f"{result.access.headline().rstrip('.')[1:]}"
        )
    said = []
    for group in groups:
        far = result.point(group, "elsewhere")["percent"]
        median = result.access.term(result.access.term_of("median", group)).value
        half = (
            f"half had {care} within {result.access.time(median)} {result.access.clock}"
            if np.isfinite(median)
            else f"more than half had no {care.removeprefix('a ').removeprefix('an ')} by the end"
        )
        said.append(f"{when(group)}, {percent(far)} of requests were sent elsewhere and {half}")
    return sentence("; ".join(said))


def details(result: Found) -> list[str]:
    """What became of requests, hours, distance, demand."""
    return [
        *_changes(result),
        _times(result),
        _within(result),
        *_far(result),
        *_requests(result),
        *_warning(result),
    ]


def _changes(result: Found) -> list[str]:
    if not result.access.before_and_since:
        return []
    clear, unclear = [], []
    for fate in FATES:
        if f"change: {fate}" not in result.estimates.index:
            continue
        found, name = result.term(f"change: {fate}"), fate_in_words(result, fate).lower()
        if found.side:
            word = "higher" if found.side > 0 else "lower"
            near, far = sorted((abs(found.low), abs(found.high)))
            size = f"{number(abs(found.value), 0)} percentage points {word}"
            clear.append(f"{name}, {size} ({number(near, 0)} to {number(far, 0)})")
        else:
            unclear.append(name)
    said = []
    if clear:
        said.append(sentence(f"share of requests since the change: {'; '.join(clear)}"))
    if unclear:
        which = in_a_row(unclear, last="or")
        said.append(sentence(f"no clear change of {which}: see the intervals"))
    return said


def _shown(result: Found) -> list[str]:
    """Groups that are told of in a sentence, the latest first."""
    return result.groups[::-1] if result.access.before_and_since else result.groups[:1]


def _told(values: list[str]) -> str:
    """Values of the groups told of: "5.5 hours; before the change, 9.0 hours"."""
    return "; before the change, ".join(values)


def _times(result: Found) -> str:
    """Median time of those who got a bed, and the share within target."""
    care, said = result.params["care"], []
    for fate, who in (("here", f"who got {care} here"), ("elsewhere", "sent elsewhere")):
        terms = [result.access.term_of(f"time_{fate}", group) for group in _shown(result)]
        known = [term for term in terms if term in result.estimates.index]
        values = [
            f"{result.access.time(result.term(term).value)} {result.access.clock}" for term in known
        ]
        if values:
            said.append(sentence(f"of those {who}, half had it within {_told(values)}"))
    if said:
        said.append(
            "The waits in the heading count everybody who asked: those sent elsewhere too, and "
            "those refused or withdrawn for as long as they waited."
        )
    return " ".join(said)


def _within(result: Found) -> str:
    """The share within target, and its change."""
    access = result.access
    shares = [access.share("within_target", group) for group in _shown(result)]
    shares = [share.replace("95% interval ", "") for share in shares]
    return sentence(f"within {access.target}, of requests whose answer is known: {_told(shares)}")


def _far(result: Found) -> list[str]:
    rows = {row.group: row for row in rows_of(result.distances)}
    values = [
        f"{number(rows[group].total_km, 0)} km in all, half of them "
        f"{number(rows[group].median_km, 0)} km or more"
        for group in _shown(result)
        if group in rows and rows[group].known
    ]
    if not values:
        return []
    return [sentence(f"people sent elsewhere went, one way, {_told(values)}")]


def _requests(result: Found) -> list[str]:
    values = [
        f"{number(result.term(result.access.term_of('requests_a_day', group)).value, 2)}"
        for group in _shown(result)
    ]
    return [sentence(f"requests a day: {_told(values)}")]


def _warning(result: Found) -> list[str]:
    if not result.access.before_and_since:
        return []
    return [
        "This only sets before and since side by side. It is no interrupted time series, which "
        "would allow for a trend that was there anyway, and cannot say that the change brought "
        "the difference about."
    ]


def alt_text(result: Found) -> str:
    """What the figure shows: the finding, then each dot."""
    where = f", {result.params['setting']}" if result.params["setting"] else ""
    said = []
    for fate in FATES:
        shares = [
            f"{percent(point['percent'])} {when(group)}"
            for group in result.groups
            if np.isfinite((point := result.point(group, fate))["percent"])
        ]
        said.append(f"{fate_in_words(result, fate)}: {in_a_row(shares)}.")
    return (
        f"{result.headline()} Dots with their 95% intervals: what became of requests for "
        f"{result.params['care']}{where}, in percent of those that came to an end. "
        f"{' '.join(said)}"
    )


def of_view(result: Found, view: str) -> tuple[str, str]:
    """Title of a view, and what it shows."""
    if view == "waits":
        return (
            result.access.headline(),
            f"Share of people still waiting for {result.params['care']}, by {result.access.clock} "
            "since the request (Kaplan-Meier); people refused, withdrawn or still waiting count "
            f"for as long as they waited. Upright line: the target of {result.access.target}.",
        )
    return _busiest(result)


def _busiest(result: Found) -> tuple[str, str]:
    shown = result.demand.dropna(subset=["rate"])
    hidden = len(result.demand) - len(shown)
    few = f" “few”: fewer than {result.params['few']} requests, not shown." if hidden else ""
    if shown.empty:
        return "Too few requests to say when they come", f"Nothing is shown.{few}"
    by_rate = shown.sort_values("rate", kind="stable")
    quietest, busiest = by_rate.iloc[0], by_rate.iloc[-1]
    whole_days = int(busiest["to_hour"]) - int(busiest["from_hour"]) == 24
    what = "a day of that weekday" if whole_days else "in 100 hours of that weekday and time of day"
    title = (
        f"Most requests come on {time_of(busiest)}: "
        f"{number(float(busiest['rate']), 1)} {'a day' if whole_days else 'in 100 such hours'}"
    )
    text = (
        f"Figures: requests {what}. Fewest of those shown: "
        f"{number(float(quietest['rate']), 1)} on {time_of(quietest)}.{few} Single figures rest on "
        "few requests: see the intervals in the table."
    )
    return title, text


def time_of(row: pd.Series) -> str:
    """A time of the week: "Fridays from 18:00 to 21:00"."""
    weekday, start, end = (int(row[name]) for name in ("weekday", "from_hour", "to_hour"))
    day = f"{WEEKDAYS[weekday]}s"
    return day if end - start == 24 else f"{day} from {start}:00 to {end}:00"
