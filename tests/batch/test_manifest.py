"""The memory of runs: what is written comes back, and a file that cannot be used says so."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from qieval.batch.manifest import (
    PACKAGES,
    Manifest,
    append_log,
    facts,
    read_manifest,
    write_manifest,
)
from qieval.batch.progress import line
from qieval.batch.records import Moved, Reason, Record
from qieval.core.errors import WorkspaceError
from qieval.core.estimates import Estimate
from qieval.core.sustained import Sustained
from qieval.core.verdict import AimVerdict, Verdict
from qieval.core.workspace import digest_of

RECORD = Record(
    programme="small",
    evaluation="alder/interrupted_time_series",
    title="Interrupted time series",
    project="Alder ward",
    status="failed",
    finished="2026-03-05T09:00:00+00:00",
    seconds=3.2,
    reason=Reason("KeyError", "'bed_days'\nmore", "Read (code cell 2)"),
    files={"log": "alder/interrupted_time_series.log"},
)


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    manifest = Manifest("small", "Small", "Aim", True, {"a": 1}, {RECORD.evaluation: RECORD})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_verdict_comes_back_with_its_figures_and_dates(tmp_path: Path) -> None:
    aim = AimVerdict("not reached", "5 by June", 5.0, 7.5, "falls", date(2020, 5, 1), None, "7.5")
    kept = Sustained("faded", 0.4, 0.2, 0.7, date(2021, 5, 1), "4 of 10")
    estimate = Estimate(-2, -3, -1, "a", 9)
    verdict = Verdict("improved", "clear", True, "level_change", estimate, aim, sustained=kept)
    record = replace(RECORD, status="done", reason=None, verdict=verdict)
    manifest = Manifest("small", records={record.evaluation: record})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    without_figures = replace(record, verdict=Verdict("described", "not tested"))
    again = Record.from_dict(json.loads(json.dumps(without_figures.to_dict())))
    assert again.verdict is not None
    assert again.verdict.label == "described"


def test_without_a_manifest_there_is_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"qieval_manifest": 99, "evaluations": []}', '{"qieval_manifest": 1}']
)
def test_a_manifest_that_cannot_be_used_is_not_overwritten_in_silence(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(WorkspaceError, match="Move it away and run again"):
        read_manifest(tmp_path)


VERDICT = Verdict("improved", "clear", True, "level_change", Estimate(-2, -3, -1, "a", 9))


def read_or_refused(folder: Path) -> tuple[Manifest | None, WorkspaceError | None]:
    try:
        return read_manifest(folder), None
    except WorkspaceError as error:
        return None, error


@pytest.mark.parametrize("wrong", [None, 5, "x", [1], {"a": [1]}, True])
def test_a_damaged_field_is_named_or_does_no_harm(tmp_path: Path, wrong: object) -> None:
    moved = Moved("before", ["data"])
    record = replace(RECORD, verdict=VERDICT, moved=moved, depends_on={"data": "a"})
    write_manifest(tmp_path, Manifest("small", records={record.evaluation: record}))
    whole = json.loads((tmp_path / "manifest.json").read_text())
    entry = whole["evaluations"][0]
    damaged = [{**whole, key: wrong} for key in whole]
    damaged += [{**whole, "evaluations": [{**entry, key: wrong}]} for key in entry]
    damaged += [
        {**whole, "evaluations": [{**entry, part: {**entry[part], key: wrong}}]}
        for part in ("verdict", "reason", "moved")
        for key in entry[part]
    ]
    for data in damaged:
        (tmp_path / "manifest.json").write_text(json.dumps(data))
        manifest, error = read_or_refused(tmp_path)
        assert error is None or ("manifest.json" in str(error) and "`" in str(error.found))
        for one in manifest.records.values() if manifest else ():  # what is read can be shown
            assert line(one)
            assert json.dumps(one.to_dict())


def test_what_moved_and_why() -> None:
    earlier = replace(RECORD, reason=None, status="done", headline="Fewer falls", depends_on={})
    now = replace(earlier, headline="No clear change")
    read = {"code": "a", "data": "b", "parameters": "c"}
    assert earlier.since(None, read).moved is None
    assert earlier.since(earlier, read).moved is None
    moved = now.since(replace(earlier, depends_on={**read, "data": "x"}), read).moved
    assert moved
    assert moved.words == "moved, since the data changed; before: Fewer falls"
    same = now.since(replace(earlier, depends_on=read), read).moved
    assert same
    assert "nothing that it reads changed" in same.words
    unknown = now.since(earlier, read).moved
    assert unknown
    assert "not known" in unknown.words


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    later = {**RECORD.to_dict(), "invented_later": 1}
    assert Record.from_dict(json.loads(json.dumps(later))) == RECORD


@pytest.mark.parametrize(
    ("kind", "line"),
    [("KeyError", "KeyError: 'bed_days'"), ("DataError", "'bed_days'"), ("RunError", "'bed_days'")],
)
def test_pythons_own_errors_are_named_and_ours_speak_for_themselves(kind: str, line: str) -> None:
    assert Reason(kind, "'bed_days'\nmore").first_line == line


def test_the_facts_name_versions_and_the_commit(tmp_path: Path) -> None:
    assert facts(tmp_path)["git_commit"] is None
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "file").write_text("x")
    subprocess.run([*git, "add", "file"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-qm", "first"], cwd=tmp_path, check=True)
    found = facts(tmp_path)
    assert len(found["git_commit"]) == 40
    assert found["uncommitted_changes"] is False
    assert set(found["packages"]) == set(PACKAGES)
    assert "not installed" not in found["packages"].values()
    (tmp_path / "file").write_text("y")
    assert facts(tmp_path)["uncommitted_changes"] is True


def test_the_log_is_added_to(tmp_path: Path) -> None:
    append_log(tmp_path, ["one"])
    append_log(tmp_path, ["two", "three"])
    lines = (tmp_path / "run.log").read_text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["one", "two", "three"]


def test_a_digest_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_of(tmp_path / "file") == expected


def test_the_same_verdict_read_back_has_not_moved() -> None:
    record = replace(RECORD, status="done", reason=None, verdict=VERDICT)
    earlier = Record.from_dict(json.loads(json.dumps(record.to_dict())))
    assert record.since(earlier, {}).moved is None
