"""Plans: what is read from `project.yml`, what a lock keeps, and every way in which it can fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qieval import __version__
from qieval.core.errors import ParameterError, WorkspaceError
from qieval.intake.plans import (
    LOCK_FILE,
    NOT_NAMED,
    Plan,
    as_written,
    changes,
    digest,
    lock_plan,
    read_locks,
    refuse_unknown,
)
from qieval.intake.programmes import project_at, project_folder, read_project

NOON = datetime(2017, 3, 1, 12, tzinfo=UTC)

PLAN = """\
name: Alder
plan:
  date: 2017-02-20
  outcome: Occupied bed days
  value: bed_days
  intervention: 2017-07-01
  slope: false
  horizon: [6, 12]
"""

Write = Callable[[str], Plan | None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "params" / "small" / "alder"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def read(folder: Path, tmp_path: Path) -> Write:
    def read(text: str) -> Plan | None:
        (folder / "project.yml").write_text(text, encoding="utf-8")
        return read_project(folder, tmp_path).plan

    return read


def known(read: Write, text: str = PLAN) -> Plan:
    plan = read(text)
    assert plan is not None
    return plan


# ---- reading -----------------------------------------------------------------------------------


def test_a_plan_is_read_with_its_lines(read: Write) -> None:
    plan = known(read)
    assert plan.choices == {
        "value": "bed_days",
        "intervention": "2017-07-01",
        "slope": False,
        "horizon": [6, 12],
    }
    assert (plan.date, plan.outcome, plan.note) == (date(2017, 2, 20), "Occupied bed days", "")
    assert plan.evaluation == "interrupted_time_series"
    assert plan.place("slope") == "params/small/alder/project.yml, line 7"
    assert plan.place("lag") == "params/small/alder/project.yml, line 2"


def test_a_project_need_not_have_a_plan(read: Write, folder: Path, tmp_path: Path) -> None:
    assert read("name: Alder\n") is None
    (folder / "project.yml").unlink()
    assert read_project(folder, tmp_path).plan is None


def test_spelling_and_order_make_no_difference_to_the_digest(read: Write) -> None:
    other = """\
plan: {"horizon": [6.0, 12], slope: no, intervention: "2017-07-01", value: 'bed_days',
  evaluation: interrupted_time_series, note: "", outcome: " Occupied bed days ", date: 2017-02-20}
name: Alder
"""
    assert known(read).sha256 == known(read, other).sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slope: false", "slope: true"),
        ("2017-07-01", "2017-07-02"),
        ("[6, 12]", "[12, 6]"),
        ("date: 2017-02-20", "date: 2017-02-21"),
        ("Occupied bed days", "Bed days"),
        ("  slope: false\n", ""),
        ("slope: false", "slope: false\n  lag: 0"),
    ],
)
def test_another_plan_has_another_digest(read: Write, old: str, new: str) -> None:
    assert known(read).sha256 != known(read, PLAN.replace(old, new)).sha256


def test_the_digest_is_the_sha256_of_canonical_json() -> None:
    text = '{"a":["é",1,true,null],"b":2.5}'.encode()
    assert digest({"b": 2.5, "a": ["é", 1, True, None]}) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "name: A\nplan:\n",
            ["line 2: `plan` is not a list", "Found: nothing", "take `plan:` away"],
        ),
        ("name: A\nplan: later\n", ["line 2: `plan` is not a list", "'later'"]),
        ("name: A\nplan:\n- slope\n", ["line 2: `plan` is not a list"]),
        (
            "name: A\nplan:\n  lag: 1\n  lag: 2\n",
            ["`lag` is given twice", "lines 3 and 4"],
        ),
        ("name: A\nplan:\n  date: 1 March\n", ["line 3: `date`", "'1 March'", "year-month-day"]),
        ("name: A\nplan:\n  date: 2017\n", ["line 3: `date`", "2017"]),
        ("name: A\nplan:\n  note: [a]\n", ["line 3: `note` of a plan must be text", "['a']"]),
        ("name: A\nplan:\n  evaluation: 3\n", ["line 3: `evaluation` of a plan must be text"]),
        ("name: A\nplan:\n  per: .nan\n", ["line 3: `per` cannot have this value", "nan"]),
        ("name: A\nplan:\n  per: .inf\n", ["line 3: `per` cannot have this value", "inf"]),
        ("name: A\nplan:\n  control: !!set {a}\n", ["line 3: `control` cannot have this value"]),
        (
            "name: A\nplans:\n  lag: 1\n",
            ["line 2: `plans` is not known here", "Did you mean `plan`?"],
        ),
    ],
)
def test_what_is_no_plan(read: Write, tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        read(text)
    for words in ["params/small/alder/project.yml", *says]:
        assert words in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_an_unknown_name_is_refused_with_the_nearest_and_its_line(read: Write) -> None:
    plan = known(read, PLAN.replace("horizon", "horizn"))
    parameters = dict.fromkeys(["value", "intervention", "slope", "horizon"])
    with pytest.raises(ParameterError) as caught:
        refuse_unknown(plan, parameters)
    assert "line 8: A plan for `interrupted_time_series` has no `horizn`." in str(caught.value)
    assert "Did you mean `horizon`?" in str(caught.value)
    with pytest.raises(ParameterError, match=r"It may name `value`, .*`date`, .*`note`"):
        refuse_unknown(known(read, PLAN.replace("horizon", "zzz")), parameters)
    refuse_unknown(known(read), parameters)


# ---- locking -----------------------------------------------------------------------------------


def test_a_lock_keeps_the_plan_its_digest_the_time_and_the_version(
    read: Write, folder: Path, tmp_path: Path
) -> None:
    plan = known(read)
    assert read_locks(folder, tmp_path) == ()
    made = lock_plan(plan, folder, tmp_path, now=NOON)
    assert made is not None
    assert read_locks(folder, tmp_path) == (made,)
    assert (made.sha256, made.locked, made.qieval) == (plan.sha256, NOON, __version__)
    assert made.plan == plan.contents()
    assert made.choices == plan.choices
    assert made.evaluation == "interrupted_time_series"
    assert made.when == "2017-03-01 12:00 UTC"
    text = (folder / LOCK_FILE).read_text(encoding="utf-8")
    assert text.startswith("# Written by `qieval plan lock`.")
    assert yaml.safe_load(text)["locks"][0]["locked"] == "2017-03-01T12:00:00Z"
    assert [file.name for file in folder.iterdir() if file.name.startswith(".")] == []


def test_the_time_is_that_of_the_clock_and_in_utc(
    read: Write, folder: Path, tmp_path: Path
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    lock_plan(known(read), folder, tmp_path)
    (lock,) = read_locks(folder, tmp_path)
    assert before <= lock.locked <= datetime.now(UTC)
    assert lock.locked.utcoffset() == timedelta(0)
    (folder / LOCK_FILE).unlink()
    summer = NOON.astimezone(timezone(timedelta(hours=1)))
    assert lock_plan(known(read), folder, tmp_path, now=summer).when == "2017-03-01 12:00 UTC"


def test_the_same_plan_is_locked_once(read: Write, folder: Path, tmp_path: Path) -> None:
    lock_plan(known(read), folder, tmp_path, now=NOON)
    text = (folder / LOCK_FILE).read_bytes()
    assert lock_plan(known(read), folder, tmp_path, now=NOON + timedelta(days=9)) is None
    assert lock_plan(known(read), folder, tmp_path, again="to be sure") is None
    assert (folder / LOCK_FILE).read_bytes() == text


def test_a_changed_plan_is_locked_again_only_with_a_reason_and_nothing_is_lost(
    read: Write, folder: Path, tmp_path: Path
) -> None:
    first = lock_plan(known(read), folder, tmp_path, now=NOON)
    changed = known(read, PLAN.replace("slope: false", "slope: true"))
    with pytest.raises(ParameterError) as caught:
        lock_plan(changed, folder, tmp_path, now=NOON)
    for words in [
        "params/small/alder/project.yml: The plan was locked on 2017-03-01",
        "changed: `slope`",
        '--again "the reason"',
    ]:
        assert words in str(caught.value)
    assert read_locks(folder, tmp_path) == (first,)
    with pytest.raises(ParameterError, match="`--again` needs a reason"):
        lock_plan(changed, folder, tmp_path, again="  ")
    second = lock_plan(changed, folder, tmp_path, again="a trend is likely", now=NOON)
    assert second is not None
    assert second.reason == "a trend is likely"
    back = lock_plan(known(read), folder, tmp_path, again="no, it is not", now=NOON)
    assert read_locks(folder, tmp_path) == (first, second, back)


@pytest.mark.parametrize(
    ("text", "again", "says"),
    [
        (PLAN.replace("  date: 2017-02-20\n", ""), None, "Add a line to it: `date: 2017-03-01`."),
        (PLAN.replace("2017-02-20", "2017-03-03"), None, "line 3: The plan says that it was made"),
        ("name: A\nplan:\n  date: 2017-02-20\n", None, "The plan chooses nothing."),
        (PLAN, "because", "There is no earlier lock of this plan."),
    ],
)
def test_what_cannot_be_locked(
    read: Write, folder: Path, tmp_path: Path, text: str, again: str | None, says: str
) -> None:
    plan = known(read, text)
    with pytest.raises(ParameterError) as caught:
        lock_plan(plan, folder, tmp_path, again=again, now=NOON)
    assert says in str(caught.value)
    assert not (folder / LOCK_FILE).exists()


def test_a_plan_of_tomorrow_is_one_from_the_other_side_of_the_world(
    read: Write, folder: Path, tmp_path: Path
) -> None:
    assert lock_plan(
        known(read, PLAN.replace("2017-02-20", "2017-03-02")), folder, tmp_path, now=NOON
    )


def _digest(entry: dict[str, Any]) -> None:
    entry["sha256"] = "0" * 64


def _plan(entry: dict[str, Any]) -> None:
    entry["plan"]["slope"] = True


def _no_plan(entry: dict[str, Any]) -> None:
    entry["plan"] = None


def _no_zone(entry: dict[str, Any]) -> None:
    entry["locked"] = "2017-03-01T12:00:00"


def _no_time(entry: dict[str, Any]) -> None:
    del entry["locked"]


def _time(entry: dict[str, Any]) -> None:
    entry["locked"] = "yesterday"


def _version(entry: dict[str, Any]) -> None:
    entry["qieval"] = 0.1


@pytest.mark.parametrize("spoil", [_digest, _plan, _no_plan, _no_zone, _no_time, _time, _version])
def test_a_lock_changed_by_hand_is_found(
    read: Write, folder: Path, tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    lock_plan(known(read), folder, tmp_path, now=NOON)
    file = folder / LOCK_FILE
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    spoil(whole["locks"][0])
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        read_locks(folder, tmp_path)
    assert "params/small/alder/plan.lock.yml: The lock of the plan is not as" in str(caught.value)
    assert "Bring the file back from version control." in str(caught.value)


@pytest.mark.parametrize(
    "text", ["locks: []\n", "locks:\n", "lock: 1\n", "locks: [1]\n", "locks: 1\n"]
)
def test_a_lock_file_of_something_else(folder: Path, tmp_path: Path, text: str) -> None:
    (folder / LOCK_FILE).write_text(text)
    with pytest.raises(ParameterError, match="not as `qieval plan lock` wrote it"):
        read_locks(folder, tmp_path)


def test_a_lock_that_cannot_be_written(read: Write, folder: Path, tmp_path: Path) -> None:
    (folder / LOCK_FILE).mkdir()
    with pytest.raises(WorkspaceError, match="The lock of the plan cannot be written") as caught:
        lock_plan(known(read), folder, tmp_path, now=NOON)
    assert str(tmp_path) not in str(caught.value)
    assert [file for file in folder.iterdir() if file.name.startswith(".")] == []


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), values, min_size=1))
def test_whatever_is_locked_is_read_back(
    folder: Path, tmp_path: Path, choices: dict[str, Any]
) -> None:
    choices = {f"x_{name}": value for name, value in choices.items()}
    plan = Plan(choices, date=date(2017, 2, 20), note="línea\n: # '")
    (folder / LOCK_FILE).unlink(missing_ok=True)
    lock_plan(plan, folder, tmp_path, now=NOON)
    (lock,) = read_locks(folder, tmp_path)
    assert lock.sha256 == plan.sha256
    assert lock.choices == choices


# ---- comparing, and finding projects -----------------------------------------------------------


def test_changes_between_two_plans() -> None:
    before = {"slope": True, "lag": None, "value": "a"}
    after = {"slope": False, "value": "a", "season": None}
    assert changes(before, after) == [
        ("slope", True, False),
        ("lag", None, NOT_NAMED),
        ("season", NOT_NAMED, None),
    ]
    assert changes(before, dict(reversed(before.items()))) == []


def test_values_are_written_as_in_a_file() -> None:
    written = [as_written(value) for value in (True, None, [6, 12], "auto", 0.95)]
    assert written == ["true", "null", "[6, 12]", "auto", "0.95"]


@pytest.mark.parametrize(
    "given_as",
    [
        "params/small/alder",
        "small/alder",
        "params/small/alder/project.yml",
        "./params/small/alder/",
    ],
)
def test_a_project_is_found_by_its_folder_or_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given_as: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_folder(given_as, tmp_path) == folder
    monkeypatch.chdir(folder.parent)
    assert project_folder("alder", tmp_path) == folder


@pytest.mark.parametrize(
    ("given_as", "says"),
    [
        ("params/small/aldr", "Did you mean `params/small/alder`?"),
        ("small/aldr", "Did you mean `params/small/alder`?"),
        ("params/small", "Did you mean `params/small/alder`?"),
        ("zzz", "Give a folder params/<programme>/<project>"),
    ],
)
def test_what_is_no_project(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given_as: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match="not a project's folder") as caught:
        project_folder(given_as, tmp_path)
    assert says in str(caught.value)
    with pytest.raises(ParameterError) as caught:
        project_folder(tmp_path / "elsewhere", tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_the_project_that_parameters_name(
    read: Write, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = known(read)
    project, place, root = project_at("params/small/alder/project.yml")
    assert (project.plan, place, root) == (plan, folder, tmp_path)
    with pytest.raises(ParameterError, match="`project` is not a file") as caught:
        project_at(str(tmp_path / "params/small/birch/project.yml"))
    assert str(tmp_path) not in str(caught.value)
