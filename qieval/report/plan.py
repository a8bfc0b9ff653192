"""What was planned beside what was done: "as planned", or each departure by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

from qieval.core.blocks import Plan as PlanBlock
from qieval.core.blocks import PlanLine
from qieval.core.periods import infer_frequency, label, noun, shift
from qieval.core.result import Result
from qieval.core.words import in_a_row, sentence
from qieval.intake.origin import Origin
from qieval.intake.plans import Lock, Plan, changes, read_locks
from qieval.intake.programmes import project_at
from qieval.report.elements import Element, Entries, Entry, Headed
from qieval.report.views import View, content_of

When = Literal["before", "during", "after"]
"""A lock came before any data from after the change, when some had come, or when all had."""

NAMES = {
    "evaluation": "Evaluation",
    "date": "Date of the plan",
    "value": "Measure",
    "denominator": "Divided by",
    "per": "Rate per",
    "intervention": "Start of the change",
    "intervention_end": "End of the change",
    "transition": "Wash-out",
    "lag": "Lag",
    "slope": "Shape of the effect",
    "covariates": "Further columns of the model",
    "overlapping": "Values that overlap",
    "family": "Distribution",
    "df": "Degrees of freedom",
    "confidence": "Confidence level",
    "direction": "Better is",
}
"""Names of parameters in words; another is its own name with spaces."""

NOTHING = {
    "horizon": "the last period",
    "denominator": "nothing",
    "overlapping": "looked for in the data",
}
"""What an empty value of a parameter means, if not "none"."""

IN_WORDS_ONLY = ("outcome", "unit", "setting", "change")
"""How the page is worded is no choice of the analysis."""

ON_DEPARTURES = (
    "Departures are allowed. They were not planned beforehand, so what depends on them is an idea "
    "to look at further, not a test of the plan."
)

AUTO_FAMILIES = ("auto", "gaussian", "events")

IN_ANY_ORDER = ("intervention", "horizon", "control", "covariates", "events")


@dataclass(frozen=True)
class Departure:
    """A parameter that is not as planned: its name, and both values in words."""

    name: str
    planned: str
    done: str

    def __str__(self) -> str:
        return f"{_name(self.name)}: planned {self.planned}, done {self.done}."


@dataclass(frozen=True)
class Compared:
    """A result beside the plan of its project.

    Attributes
    ----------
    plan : Plan or None
        The plan as ``project.yml`` has it now.
    locks : tuple of Lock
        Every locking, the oldest first. What was done is compared with the last.
    changed : tuple of Departure
        What was changed in the plan since it was locked; ``done`` is what it says now.
    kept : mapping
        What was done as the locked plan says: name, and in words.
    departures : tuple of Departure
        What was done otherwise.
    when : str
        How much of the data after the change had come when the plan was locked.
    last : str
        The last period of the data, in words.
    """

    plan: Plan | None
    locks: tuple[Lock, ...] = ()
    changed: tuple[Departure, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    departures: tuple[Departure, ...] = ()
    when: When = "after"
    last: str = ""

    @property
    def lock(self) -> Lock | None:
        """The locking that counts: the last."""
        return self.locks[-1] if self.locks else None

    @property
    def locked_on(self) -> str:
        """The day of that locking in words; empty without one."""
        return _in_words(self.lock.locked) if self.lock else ""


def plan(result: Result, *, project: str | None = None) -> View:
    """Whether the evaluation was planned beforehand, and each departure from the plan.

    Parameters
    ----------
    project : str, optional
        Path of the project's project.yml, where a plan stands
    """
    return View(PlanBlock(tuple(_lines(compare(result, project), bool(project)))), result)


@content_of.register
def _plan(block: PlanBlock, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    entries = tuple(Entry(line.text, status=line.status, word=line.name) for line in block.lines)
    return (Headed("Was this planned beforehand?", (Entries(entries, "qi-checks"),), "qi-plan"),)


# ---- comparing ---------------------------------------------------------------------------------


def compare(result: Result, project: str | None) -> Compared:
    """A result beside the locked plan of its project.

    Values are compared, not spellings: dates as dates, numbers as numbers, one alone like a list of
    one. What the plan does not name is no departure.
    """
    if not project:
        return Compared(None)
    about, folder, root = project_at(project)
    locks = read_locks(folder, root)
    if not locks:
        return Compared(about.plan)
    lock = locks[-1]
    every = infer_frequency(result.points["time"])
    now = about.plan.contents() if about.plan else {}
    changed = [
        Departure(name, _words(name, before, every), _words(name, after, every))
        for name, before, after in changes(lock.plan, now)
    ]
    kept: dict[str, str] = {}
    departures: list[Departure] = []
    if lock.evaluation != result.kind:
        departures.append(Departure("evaluation", _spaced(lock.evaluation), _spaced(result.kind)))
    else:
        for name, planned in lock.choices.items():
            if name in IN_WORDS_ONLY:
                continue
            done = result.params.get(name)
            if name in result.params and _same(name, planned, done):
                kept[name] = f"{_name(name).lower()}: {_words(name, done, every)}"
            else:
                words = _words(name, done, every) if name in result.params else "not known here"
                departures.append(Departure(name, _words(name, planned, every), words))
    when, last = _when(lock, result, every)
    return Compared(about.plan, locks, tuple(changed), kept, tuple(departures), when, last)


def _same(name: str, planned: Any, done: Any) -> bool:
    if name == "family" and planned == "auto":
        return done in AUTO_FAMILIES  # the result names what was chosen from the data
    if name == "lags":
        planned, done = (1 if value is None else value for value in (planned, done))
    return bool(_value(name, planned) == _value(name, done))


def _value(name: str, value: Any) -> Any:
    """A value that equals another of the same meaning."""
    if isinstance(value, Mapping):
        return (_value(name, value.get("date")), str(value.get("event", "")).strip())
    if isinstance(value, list | tuple):
        items = [_value(name, item) for item in value]
        if name in IN_ANY_ORDER:
            items.sort(key=str)
        return (items[0] if len(items) == 1 else tuple(items)) if items else None
    if isinstance(value, str):
        text = value.strip()
        if re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
            return float(text)
        truth = {"true": True, "yes": True, "false": False, "no": False}
        return _day(text) or truth.get(text.lower(), text)
    return _day(value) or value


def _day(value: Any) -> date | None:
    """The day that a value means; None if it is no date."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if "T" not in value else date.fromisoformat(value[:10])
        except ValueError:
            return None
    if isinstance(value, datetime):  # a Timestamp is one
        return value.date()
    return value if isinstance(value, date) else None


def _when(lock: Lock, result: Result, every: Any) -> tuple[When, str]:
    """How much of the data after the change had come when the plan was locked; the last period."""
    points = result.points[result.points["value"].notna()]
    after = points.loc[points["phase"] != "before", "time"] if "phase" in points else points["time"]
    locked = pd.Timestamp(lock.locked.date())
    come = sum(shift(start, 1, every) <= locked for start in after)
    when: When = "before" if come == 0 else "after" if come == len(after) else "during"
    return when, label(points["time"].max(), every)


# ---- in words ----------------------------------------------------------------------------------


def _lines(compared: Compared, named: bool) -> list[PlanLine]:
    """What is to be said of the plan, in its order."""
    lock = compared.lock
    if lock is None:
        return [_not_locked(compared.plan, named)]
    lines = [_timing(compared, lock)]
    if len(compared.locks) > 1:
        first, last = _in_words(compared.locks[0].locked), compared.locked_on
        text = f"The plan was first locked on {first}, then again on {last}. Reason: {lock.reason}"
        lines.append(PlanLine("warn", "Locked again", sentence(text)))
    if compared.changed:
        lines.append(PlanLine("warn", "Plan changed", _changed(compared)))
    for name, word in [("outcome", "Planned outcome"), ("note", "Note of the plan")]:
        if name in lock.plan:
            lines.append(PlanLine("info", word, sentence(lock.plan[name])))
    lines += [PlanLine("warn", "Departure", str(departure)) for departure in compared.departures]
    kept = sentence("; ".join(compared.kept.values()))
    if compared.departures:
        lines += [PlanLine("pass", "As planned", kept)] if kept else []
        lines.append(PlanLine("info", "Note", ON_DEPARTURES))
    elif kept:
        text = f"{kept} The plan leaves everything else open."
        lines.append(PlanLine("pass", "As planned", text))
    else:
        lines.append(PlanLine("info", "Note", "The plan names nothing that can be compared."))
    return lines


def _not_locked(plan: Plan | None, named: bool) -> PlanLine:
    if plan is not None:
        return PlanLine(
            "warn",
            "Not locked",
            "A plan was written but never locked, so nothing shows when it was made. What was done "
            "is not compared with it.",
        )
    text = "No plan was registered beforehand."
    if not named:
        text += " The parameters name no project, which is where a plan would stand."
    return PlanLine("info", "No plan", text)


def _timing(compared: Compared, lock: Lock) -> PlanLine:
    on = compared.locked_on
    made = _words("date", lock.plan.get("date"), "day")
    the_plan = f"The plan says that it was made on {made}. It"
    if compared.when == "before":
        text = f"{the_plan} was locked on {on}, before there were any data from after the change."
        return PlanLine("pass", "Locked beforehand", text)
    had = "the data" if compared.when == "after" else "some of the data from after the change"
    text = (
        f"{the_plan} was locked on {on}, after {had} had come (they end with {compared.last}). It "
        "cannot show that the choices were made without knowing the data."
    )
    return PlanLine("warn", "Locked late", text)


def _changed(compared: Compared) -> str:
    change = "It was taken out of the project's file."
    if compared.plan is not None:
        now = [f"{_name(c.name).lower()}: was {c.planned}, is {c.done}" for c in compared.changed]
        change = sentence("; ".join(now))
    return (
        f"The plan was changed after it was locked. {change} What was done is compared with the "
        "plan as it was locked."
    )


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _name(name: str) -> str:
    return NAMES.get(name, _spaced(name).capitalize())


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _words(name: str, value: Any, every: Any) -> str:
    """A value in plain words."""
    if isinstance(value, str):
        value = _value(name, value)
    if value is None or value in ([], ()):
        return NOTHING.get(name, "none")
    if name == "slope" and isinstance(value, bool):
        return "a change in level and slope" if value else "a change in level only"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"{value.get('event', '')} ({_words('date', value.get('date'), every)})"
    if isinstance(value, list | tuple):
        if name == "horizon":
            many = in_a_row([_figure(_value(name, item)) for item in value])
            return f"{noun(every, len(value))} {many} after the change"
        return in_a_row([_words(name, item, every) for item in value])
    if day := _day(value):
        return _in_words(day)
    return _plain_words(name, value, every)


def _plain_words(name: str, value: Any, every: Any) -> str:
    """One number or text in plain words."""
    if isinstance(value, str) or not isinstance(value, int | float):
        return f"{value} (chosen from the data)" if value == "auto" else str(value)
    if name in ("transition", "lag"):
        return f"{_figure(value)} {noun(every, value)}" if value else "none"
    if name == "horizon":
        return f"{noun(every)} {_figure(value)} after the change"
    if name == "confidence":
        return f"{100 * value:g}%"
    return _figure(value)


def _figure(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)
