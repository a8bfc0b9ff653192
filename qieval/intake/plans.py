"""A plan made before the data: what a project says it will do, and the lock that dates it.

The plan stands in ``project.yml`` (``plan:``). ``qieval plan lock`` writes ``plan.lock.yml`` beside
it: what was planned, its sha256, and when. Locks are only ever added, never taken away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from qieval import __version__
from qieval.core.errors import ParameterError, WorkspaceError, did_you_mean, listed
from qieval.core.workspace import relative, write_whole
from qieval.core.yaml_files import NOWHERE, Places, read_yaml

LOCK_FILE = "plan.lock.yml"

_SOMEWHERE = Places("plan")
"""Where a plan stands that was read from no file."""

EVALUATION = "interrupted_time_series"
"""The evaluation that is planned, unless the plan names another."""

ABOUT = ("date", "evaluation", "outcome", "note")
"""What a plan says beside the parameters that it chooses."""

NOT_NAMED = "not named"
"""In place of the value, where a plan does not name a parameter that it did or will name."""

_HEAD = """\
# Written by `qieval plan lock`. Do not change it by hand: put it under version control.
# Each entry is one locking, the oldest first; the last one counts.
"""


@dataclass(frozen=True)
class Plan:
    """What a project planned, as its ``project.yml`` says it."""

    # Parameters of the evaluation that the plan chooses; plain values, dates as text.
    choices: Mapping[str, Any]
    evaluation: str = EVALUATION  # the evaluation that is planned
    date: date | None = None  # when the plan was made, as it says of itself
    outcome: str = ""  # the primary outcome in words
    note: str = ""  # anything else that was thought of beforehand
    # Where it stands, for messages.
    places: Places = field(default=NOWHERE, compare=False, repr=False)

    def contents(self) -> dict[str, Any]:
        """Everything that is locked, as plain values; what the plan leaves empty is left out."""
        about = {
            "date": self.date.isoformat() if self.date else "",
            "evaluation": self.evaluation,
            "outcome": self.outcome,
            "note": self.note,
        }
        return {name: text for name, text in about.items() if text} | dict(self.choices)

    @property
    def sha256(self) -> str:
        """Digest of the contents; spelling and order in the file make no difference."""
        return digest(self.contents())

    def place(self, name: str) -> str:
        """Where a name of the plan stands: file and line."""
        return self.places.of(name)


@dataclass(frozen=True)
class Lock:
    """One locking of a plan."""

    sha256: str  # digest of what was locked
    locked: datetime  # when, in UTC
    qieval: str  # version of qieval that locked it
    reason: str  # why it was locked again; empty for the first time
    plan: Mapping[str, Any]  # what was locked

    @property
    def when(self) -> str:
        """The time of locking, as shown: "2017-03-01 09:30 UTC"."""
        return f"{self.locked:%Y-%m-%d %H:%M} UTC"

    @property
    def choices(self) -> dict[str, Any]:
        """The parameters that the locked plan chose."""
        return {name: value for name, value in self.plan.items() if name not in ABOUT}

    @property
    def evaluation(self) -> str:
        """The evaluation that the locked plan is for."""
        return str(self.plan.get("evaluation", EVALUATION))


# ---- reading a plan ----------------------------------------------------------------------------


def make_plan(given: Any, places: Places = _SOMEWHERE) -> Plan:
    """The plan that a mapping gives: what stands below ``plan:`` in a ``project.yml``.

    Names of parameters are not known on this floor: ``qieval plan`` checks them.

    Raises ParameterError if it is no list of names and values, gives a name twice, or holds what
    cannot be kept.
    """
    if not isinstance(given, Mapping) or not given:
        raise ParameterError(
            "`plan` is not a list of `name: value` lines.",
            found="nothing" if not given else repr(given),
            remedy="Write each choice on a line of its own below `plan:`, two spaces in: "
            "`slope: false`; or take `plan:` away.",
            where=places.of(),
        )
    values = {}
    for name, value in given.items():
        values[str(name)] = _plain(value, f"`{name}`", places.of(str(name)))
    made = values.pop("date", None)
    about = {name: values.pop(name, None) for name in ABOUT if name != "date"}
    for name, text in about.items():
        if text is not None and not isinstance(text, str):
            raise ParameterError(
                f"`{name}` of a plan must be text.",
                found=repr(text),
                where=places.of(name),
            )
    return Plan(
        values,
        about["evaluation"] or EVALUATION,
        _date(made, places.of("date")),
        (about["outcome"] or "").strip(),
        (about["note"] or "").strip(),
        places,
    )


def _date(given: Any, where: str) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "`date` of a plan is the day on which it was made.",
            found=repr(given),
            remedy="Write it as year-month-day: 2017-03-01.",
            where=where,
        ) from error


def _plain(value: Any, name: str, where: str) -> Any:
    """A value as JSON has it; the same value in another spelling becomes the same."""
    if isinstance(value, datetime):
        return _plain(value.date(), name, where) if not value.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item, name, where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, name, where) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, float) and abs(value) < float("inf"):  # neither infinite nor .nan
        return value
    if value is None or isinstance(value, str | int):
        return value
    raise ParameterError(
        f"{name} cannot have this value in a plan.",
        found=repr(value),
        remedy="Write a number, a date, text, true or false, or a list of them.",
        where=where,
    )


def digest(contents: Mapping[str, Any]) -> str:
    """The sha256 of plain values: of their JSON text with sorted names and no spaces."""
    text = json.dumps(
        contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# ---- checking the names, for a floor that knows them -------------------------------------------


def refuse_unknown(plan: Plan, known: Mapping[str, Any]) -> None:
    """Refuse a plan that chooses something the evaluation does not know."""
    allowed = [*known, *(name for name in ABOUT if name not in known)]
    for name in plan.choices:
        if name not in known:
            raise ParameterError(
                f"A plan for `{plan.evaluation}` has no `{name}`.",
                remedy=did_you_mean(name, allowed, f"It may name {listed(allowed, 60)}."),
                where=plan.place(name),
            )


# ---- locking -----------------------------------------------------------------------------------


def read_locks(folder: Path, root: Path) -> tuple[Lock, ...]:
    """Every locking of the project's plan, the oldest first; none if it was never locked.

    Raises ParameterError if the lock file is not as ``qieval plan lock`` wrote it.
    """
    file = folder / LOCK_FILE
    if not file.is_file():
        return ()
    values, _ = read_yaml(file, root)
    try:
        locks = tuple(_lock(entry) for entry in values["locks"])
        good = bool(locks) and all(lock.sha256 == digest(lock.plan) for lock in locks)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _spoilt(file, root) from error
    if not good or set(values) != {"locks"}:
        raise _spoilt(file, root)
    return locks


def _lock(entry: Any) -> Lock:
    when = datetime.fromisoformat(entry["locked"])
    if when.tzinfo is None:
        raise ValueError("no time zone")
    words = (entry["sha256"], entry["qieval"], entry.get("reason", ""))
    if not all(isinstance(word, str) for word in words):
        raise TypeError("not text")
    sha256, version, reason = words
    return Lock(sha256, when.astimezone(UTC), version, reason, dict(entry["plan"]))


def _spoilt(file: Path, root: Path) -> ParameterError:
    return ParameterError(
        "The lock of the plan is not as `qieval plan lock` wrote it.",
        remedy="Bring the file back from version control. If it is lost, take it away and lock the "
        "plan again: the page will then show the new date.",
        where=relative(file, root),
    )


def lock_plan(
    plan: Plan, folder: Path, root: Path, *, again: str | None = None, now: datetime | None = None
) -> Lock | None:
    """Lock a plan: keep what it says and its sha256, with the time.

    `again`: why a plan that was changed after it was locked is locked again.

    Raises ParameterError if the plan does not say when it was made, or is locked in other words and
    no reason is given.

    Returns
    -------
    Lock or None
        The new lock; None if this very plan is locked already.
    """
    locks = read_locks(folder, root)
    if locks and locks[-1].sha256 == plan.sha256:
        return None
    now = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    _refuse(plan, locks, again, now)
    new = Lock(plan.sha256, now, __version__, (again or "").strip(), plan.contents())
    _write(folder / LOCK_FILE, (*locks, new), root)
    return new


def _refuse(plan: Plan, locks: tuple[Lock, ...], again: str | None, now: datetime) -> None:
    """Refuse a plan without a date or a choice, and one that is locked in other words already."""
    found, where = None, plan.places.where
    if plan.date is None:
        problem = "The plan does not say when it was made."
        remedy = f"Add a line to it: `date: {now:%Y-%m-%d}`."
    elif not plan.choices:
        problem = "The plan chooses nothing."
        remedy = "Add what is planned, such as `value`, `intervention`, `slope` and `horizon`."
    elif (plan.date - now.date()).days > 1:  # it may be tomorrow already where it was made
        problem, found = "The plan says that it was made after today.", f"{plan.date:%Y-%m-%d}"
        remedy, where = "Correct its date.", plan.place("date")
    elif again is not None and not again.strip():
        problem, remedy = "`--again` needs a reason.", 'Write: --again "the reason".'
    elif locks and again is None:
        changed = [name for name, _, _ in changes(locks[-1].plan, plan.contents())]
        problem = f"The plan was locked on {locks[-1].locked:%Y-%m-%d} and has been changed since."
        found = f"changed: {listed(changed)}"
        remedy = "Change it back, or lock it again and say why: "
        remedy += '`qieval plan lock PROJECT --again "the reason"`. The earlier lock is kept.'
    elif again is not None and not locks:
        problem, remedy = "There is no earlier lock of this plan.", "Leave out `--again`."
    else:
        return
    raise ParameterError(problem, found=found, remedy=remedy, where=where)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What differs between two plans: name, value before, value after."""
    names = [*before, *(name for name in after if name not in before)]
    pairs = [(name, before.get(name, NOT_NAMED), after.get(name, NOT_NAMED)) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def as_written(value: Any) -> str:
    """A value of a plan as a file has it: "true", "[6, 12]", "2017-07-01"."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write(file: Path, locks: tuple[Lock, ...], root: Path) -> None:
    entries = [
        {
            "sha256": lock.sha256,
            "locked": f"{lock.locked:%Y-%m-%dT%H:%M:%S}Z",
            "qieval": lock.qieval,
            **({"reason": lock.reason} if lock.reason else {}),
            "plan": dict(lock.plan),
        }
        for lock in locks
    ]
    text = yaml.safe_dump({"locks": entries}, sort_keys=False, allow_unicode=True, width=100)
    if yaml.safe_load(text) != {"locks": entries}:  # rare characters must be written by number
        text = yaml.safe_dump({"locks": entries}, sort_keys=False)
    try:
        write_whole(file, _HEAD + text)
    except OSError as error:
        raise WorkspaceError(
            "The lock of the plan cannot be written.",
            found=error.strerror,
            remedy="Lock it in a folder in which you may write.",
            where=relative(file, root),
        ) from error
