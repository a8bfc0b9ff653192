"""What the doctor says of a computer; other computers are simulated by what they would answer."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from qieval.batch import doctor
from qieval.cli import Exit, main

MOUNTS = "//s/t /mnt/team cifs rw 0 0\n/dev/a / ext4 rw 0 0"
USAGE = namedtuple("USAGE", "total used free")


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(name):
    return next(one for one in doctor.examine() if one.name == name)


def test_a_computer_that_has_everything_can_run(root):
    assert not [one for one in doctor.examine() if one.stops]
    assert found("JupyterLab and its kernel").remedy == ""
    assert not list(root.glob(".qieval-*")), "what it tried to write is gone"


def test_outside_a_workspace_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "qieval init" in found("Workspace").remedy


def test_a_full_disk_a_missing_browser_and_java_are_named(root, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: USAGE(1, 1, 10_000_000))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "1 GB" in found("Disk").remedy
    assert "Chromium" in found("Browser for PDFs").remedy
    assert "Spark" in found("Java").remedy


def test_a_folder_that_may_not_be_written_stops(root, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    one = found("Right to write")
    assert one.stops
    assert "`outputs` in qieval.toml" in one.remedy


def test_a_folder_that_keeps_old_files_is_named(root, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: None)
    assert "still holds" in found("Right to write").words


def test_paths_that_windows_would_refuse_are_counted(root, monkeypatch):
    deep = root / "/".join(["a-folder-with-a-long-name"] * 8) / "params"
    deep.mkdir(parents=True)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(deep.parent))
    assert "260" in found("Length of paths").words


@pytest.mark.parametrize(
    ("folder", "mounts", "remote"),
    [
        (PureWindowsPath(r"\\server\share\work"), "", True),
        (PureWindowsPath(r"C:\work"), "", False),
        (
            PurePosixPath("/mnt/team/work"),
            MOUNTS,
            True,
        ),
        (PurePosixPath("/home/me"), MOUNTS, False),
        (PurePosixPath("/my files/x"), r"s:/x /my\040files nfs4 rw 0 0", True),
    ],
)
def test_network_drives_are_known(folder, mounts, remote):
    assert doctor.on_network(folder, mounts) is remote


def test_the_command_prints_each_finding_and_what_to_do(root, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["qieval", "doctor"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (None, Exit.FINE)
    out = capsys.readouterr().out
    assert "● Python: 3." in out
    assert "! Java: none was found.\n  What to do: Only Spark needs it" in out


def test_the_command_template_writes_a_workbook(root, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["qieval", "template", "spells"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (None, Exit.FINE)
    assert Path("spells.xlsx").is_file()
    assert "qieval new <project> --from data/spells.xlsx" in capsys.readouterr().out


def test_a_slow_disk_is_named(root, monkeypatch):
    clock = iter(range(0, 100, 5))
    monkeypatch.setattr(doctor, "perf_counter", lambda: next(clock))
    one = found("Speed of the disk")
    assert one.words == "20 small files take 5.0 seconds"
    assert "`outputs` in qieval.toml" in one.remedy


def test_a_browser_of_windows_is_found_where_windows_has_it(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    for variable in doctor.INSTALLED_BROWSERS:
        monkeypatch.delenv(variable, raising=False)
    assert doctor.browser_here() is None
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path))
    assert doctor.browser_here() is None
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    assert doctor.browser_here() == str(edge)
