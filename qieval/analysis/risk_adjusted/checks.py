"""What a reader must know before believing a risk-adjusted chart."""

from __future__ import annotations

from qieval.analysis.risk_adjusted.methods.cases import Cases, by_chance
from qieval.analysis.risk_adjusted.tables import WAYS
from qieval.analysis.risk_adjusted.words import CusumResult, VladResult
from qieval.core.checks import About, Check
from qieval.core.words import many, number, percent

FEW = 10
"""With fewer expected events than this, a doubling is found late if at all."""


def checks_of(result: CusumResult | VladResult, cases: Cases) -> list[Check]:
    """All checks of a CUSUM or a VLAD."""
    alarms = [_false_alarms(result)] if isinstance(result, CusumResult) else []
    return [_enough(result), _fits(result, cases), _certain(cases), *alarms, _order(result, cases)]


def _enough(result: CusumResult | VladResult) -> Check:
    about, expected = About("enough_events", "Enough events"), result.expected
    text = f"{number(expected, 1)} were expected of {result.size} {result.params['called']}."
    if expected >= FEW:
        return about.passes(text)
    return about.warns(f"{text} With fewer than {FEW} even a doubling is found late, if at all.")


def _fits(result: CusumResult | VladResult, cases: Cases) -> Check:
    """Whether the expected chances held before the change: else the chart tells of them."""
    about = About("risk_fits", "Expected chances before the change")
    if result.change is None:
        return about.informs(
            "No day of a change is given, so it cannot be told whether the chances held before it. "
            "If the model does not fit this service, the chart shows that and nothing else."
        )
    before = (cases.time < result.change).to_numpy()
    if not before.any():
        return about.warns("There are no cases from before the change to compare them with.")
    risk, observed = cases.risk[before], int(cases.event[before].sum())
    low, high = by_chance(float(risk.sum()), float((risk * (1 - risk)).sum()))
    text = (
        f"Before the change {many(observed, 'event')} stood beside {number(risk.sum(), 1)} "
        f"expected (by chance {number(low, 1)} to {number(high, 1)})"
    )
    if low <= observed <= high:
        return about.passes(f"{text}.")
    return about.warns(
        f"{text}: the chances did not hold even then. Fit them anew to earlier years of this "
        "service before reading anything into the chart."
    )


def _certain(cases: Cases) -> Check:
    about = About("risk_extremes", "Chances of exactly 0 or 1")
    sure = int(((cases.risk == 0) | (cases.risk == 1)).sum())
    if not sure:
        return about.passes("None: every case could have gone either way.")
    return about.warns(
        f"{many(sure, 'case')}: no model can be that sure. Look how these chances came about."
    )


def _false_alarms(result: CusumResult) -> Check:
    lines = [
        f"{words} than expected, once in {number(result.term(f'run_length_{way}').value, 0)} "
        f"{result.params['called']} ({percent(result.alarm_chance(way))} over as many as here)"
        for way, words in WAYS.items()
    ]
    return About("false_alarms", "False alarms").informs(
        f"If every expected chance held, the chart would still signal: {'; '.join(lines)}."
    )


def _order(result: CusumResult | VladResult, cases: Cases) -> Check:
    same = int(cases.time.duplicated().sum())
    text = f"By {result.params['time']}."
    if same:
        text += " Cases of one moment stand in the order of the table, which a CUSUM depends on."
    return About("order", "Order of the cases").informs(text)
