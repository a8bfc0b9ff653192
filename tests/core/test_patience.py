"""Drives that refuse for a moment, and drives that refuse for good; simulated by their errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from qieval.core import patience
from qieval.core.patience import WAITS, move_over, patiently
from qieval.core.workspace import write_whole


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited: no test waits."""
    seconds: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", seconds.append)
    return seconds


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have a function of `os`, or a method of a path, refused some times before it works."""

    def refuse(where: object, name: str, times: float, number: int) -> None:
        works, left = getattr(where, name), [times]

        def sometimes(*args: object, **kwargs: object) -> object:
            if left[0] > 0:
                left[0] -= 1
                raise OSError(number, os.strerror(number))
            return works(*args, **kwargs)

        monkeypatch.setattr(where, name, sometimes)

    return refuse


def left_beside(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name.startswith("."))


@pytest.mark.parametrize("number", [errno.EACCES, errno.ESTALE, errno.EIO, errno.EHOSTUNREACH])
def test_a_file_that_is_locked_for_a_moment_is_written(tmp_path, refused, waited, number) -> None:
    file = tmp_path / "index.html"
    file.write_text("old", encoding="utf-8")
    refused(os, "replace", 3, number)
    write_whole(file, "new")
    assert file.read_text(encoding="utf-8") == "new"
    assert waited == list(WAITS[:3])
    assert left_beside(tmp_path) == []


def test_a_drive_that_goes_away_and_returns_loses_nothing(tmp_path, refused, waited) -> None:
    refused(Path, "write_bytes", 5, errno.ENETDOWN)
    write_whole(tmp_path / "manifest.json", "{}")
    assert (tmp_path / "manifest.json").read_text(encoding="utf-8") == "{}"
    assert len(waited) == 5


def test_what_is_refused_for_good_leaves_the_old_file_and_nothing_beside(
    tmp_path, refused, waited
) -> None:
    file = tmp_path / "index.html"
    file.write_text("old", encoding="utf-8")
    refused(os, "replace", float("inf"), errno.EACCES)
    with pytest.raises(PermissionError):
        write_whole(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert left_beside(tmp_path) == []
    assert waited == list(WAITS)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.ENOENT, errno.EROFS])
def test_what_does_not_pass_is_an_error_at_once(tmp_path, refused, waited, number) -> None:
    refused(os, "replace", float("inf"), number)
    with pytest.raises(OSError, match=os.strerror(number)):
        write_whole(tmp_path / "index.html", "new")
    assert waited == []


def test_windows_own_numbers_are_known(waited) -> None:
    class Unreachable(OSError):
        winerror = 64  # "The specified network name is no longer available."

    answers = [Unreachable(errno.EINVAL, "gone"), Unreachable(errno.EINVAL, "gone")]

    def act() -> str:
        if answers:
            raise answers.pop()
        return "done"

    assert patiently(act) == "done"
    assert len(waited) == 2


def test_a_file_moves_across_drives(tmp_path, monkeypatch, waited) -> None:
    source, folder = tmp_path / "here" / "page.html", tmp_path / "there"
    for one in (source.parent, folder):
        one.mkdir()
    source.write_text("new", encoding="utf-8")
    (folder / "page.html").write_text("old", encoding="utf-8")
    replace = os.replace

    def within_one(old: Path, new: Path) -> None:
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        replace(old, new)

    monkeypatch.setattr(os, "replace", within_one)
    move_over(source, folder / "page.html")
    assert (folder / "page.html").read_text(encoding="utf-8") == "new"
    assert not source.exists()
    assert left_beside(folder) == []
    source.write_text("newer", encoding="utf-8")
    monkeypatch.setattr(patience.shutil, "copyfile", lambda *_: (_ for _ in ()).throw(OSError(28)))
    with pytest.raises(OSError, match="28"):
        move_over(source, folder / "page.html")
    assert (folder / "page.html").read_text(encoding="utf-8") == "new"
    assert source.read_text(encoding="utf-8") == "newer"
