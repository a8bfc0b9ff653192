"""Cases added up by period, with what a chart shows of them; what each column is.

No table holds a row a case: the line of a CUSUM or a VLAD moves up with each event, so that drawn
case by case it tells who had one. What it shows of a period is where the line ends and how far it
went.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from qieval.analysis.risk_adjusted.methods.cases import Cases, by_chance
from qieval.analysis.risk_adjusted.methods.scores import Sums, run_length
from qieval.core import periods
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import COUNTED, ESTIMATES_OF_PEOPLE, Column, Declaration, Sum

WAYS = {"higher": "more often", "lower": "less often"}
"""The two sides to which outcomes can differ from what was expected."""

_PERIOD = Column("period", "Period", "period")
CASES = Column("cases", "Cases", "denominator")
_COUNTS = (
    _PERIOD,
    CASES,
    Column("events", "Events", "count", of="cases"),
    Column("expected", "Expected", "estimate", "1", of="cases"),
)
_OF_EVENTS = "events/cases"
"""The lines follow from the events: whatever withholds these has to withhold the lines as well."""

CUSUM_POINTS = (
    *_COUNTS,
    *(
        Column(f"{way}{end}", f"{words.capitalize()}: {head}", "estimate", "2", of=_OF_EVENTS)
        for way, words in WAYS.items()
        for end, head in (("", "at the end"), ("_most", "at most"))
    ),
    Column("signal", "Signal", "label"),
)
VLAD_POINTS = (
    *_COUNTS,
    Column("difference", "Observed minus expected so far", "estimate", "1", of=_OF_EVENTS),
    *(
        Column(end, f"By chance, {end}", "estimate", "1", of="cases")
        for end in ("lowest", "highest")
    ),
)
_LINES = tuple(f"{way}{end}" for way in WAYS for end in ("", "_most"))
_CASES = Sum("n", ("cases",), frame="points")
CUSUM_DECLARED = (
    Declaration("points", CUSUM_POINTS, by=("period",), running=_LINES),
    replace(ESTIMATES_OF_PEOPLE, sums=(_CASES,)),
)
VLAD_DECLARED = (
    Declaration("points", VLAD_POINTS, by=("period",), running=("difference",)),
    replace(
        COUNTED,
        sums=(
            _CASES,
            Sum("estimate", ("events",), frame="points", where=(("term", ("observed",)),)),
        ),
    ),
)


def _by_period(cases: Cases, every: periods.Frequency) -> tuple[pd.DataFrame, np.ndarray]:
    """Cases, events and what was expected by period; and the row to which each case belongs."""
    first, last = cases.time.iloc[0], cases.time.iloc[-1]
    every_period = periods.span(first, last, every)
    row = periods.number_of(cases.time, every) - periods.number_of(every_period[:1], every)[0]
    sums = {
        "cases": np.bincount(row, minlength=len(every_period)),
        "events": np.bincount(row, cases.event, minlength=len(every_period)).astype(int),
        "expected": np.bincount(row, cases.risk, minlength=len(every_period)),
    }
    return pd.DataFrame({"period": every_period, **sums}), row


def cusum_points(cases: Cases, both: Mapping[str, Sums], every: periods.Frequency) -> pd.DataFrame:
    """Where both sums end in each period and how far they went; without a case, as before."""
    table, row = _by_period(cases, every)
    signal = np.full(len(table), "", dtype=object)
    for way, line in both.items():
        by_row = pd.Series(line.height).groupby(row)
        left = pd.Series(np.where(line.signal, 0.0, line.height)).groupby(row).last()
        table[way] = left.reindex(table.index).ffill()
        table[f"{way}_most"] = by_row.max().reindex(table.index).fillna(table[way])
        here = np.unique(row[line.signal])
        signal[here] = [way if not before else "both" for before in signal[here]]
    return table.assign(signal=pd.Series(signal, dtype="str"))


def vlad_points(cases: Cases, every: periods.Frequency) -> pd.DataFrame:
    """Observed minus expected up to the end of each period, and the range of chance around 0."""
    table, row = _by_period(cases, every)
    variance = np.bincount(row, cases.risk * (1 - cases.risk), minlength=len(table)).cumsum()
    half = [by_chance(0, float(so_far))[1] for so_far in variance]
    return table.assign(
        difference=(table["events"] - table["expected"]).cumsum(),
        lowest=-np.array(half),
        highest=half,
    )


def cusum_estimates(
    cases: Cases, thresholds: Mapping[str, float], odds: Mapping[str, float]
) -> pd.DataFrame:
    """The thresholds, cases to a false alarm, and cases until a true change is signalled."""
    rows = []
    for way, threshold in thresholds.items():
        looks_for = cases.risk, odds[way], threshold
        values = {
            "threshold": (threshold, "log likelihood ratio"),
            "run_length": (run_length(*looks_for), "cases"),
            "delay": (run_length(*looks_for, truth=odds[way]), "cases"),
        }
        rows += [
            estimate_row(f"{name}_{way}", value, unit=unit, n=len(cases), method="Markov chain")
            for name, (value, unit) in values.items()
        ]
    return estimates_table(rows)


def vlad_estimates(cases: Cases) -> pd.DataFrame:
    """Events observed, events expected with the range of chance, and their difference."""
    observed, expected = float(cases.event.sum()), float(cases.risk.sum())
    low, high = by_chance(expected, float((cases.risk * (1 - cases.risk)).sum()))
    values = {
        "observed": (observed, np.nan, np.nan),
        "expected": (expected, low, high),
        "difference": (observed - expected, observed - high, observed - low),
    }
    return estimates_table(
        estimate_row(term, *ends, unit="events", n=len(cases), method="expected chances, normal")
        for term, ends in values.items()
    )
