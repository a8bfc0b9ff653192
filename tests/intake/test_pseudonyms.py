"""Pseudonyms: the same for the same person, another for another key; the key kept safe."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from qieval.core.config import Settings, load_settings
from qieval.core.errors import WorkspaceError
from qieval.intake.pseudonyms import load_key, pseudonyms

KEY = b"k" * 32


def codes(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str", index=pd.RangeIndex(2, 2 + len(values)), name="person")


def test_a_pseudonym_is_the_shortened_hmac_of_the_code() -> None:
    made = pseudonyms(codes("a"), KEY)
    assert made.tolist() == [hmac.new(KEY, b"a", hashlib.sha256).hexdigest()[:16]]


def test_the_same_code_gets_the_same_pseudonym_in_every_table_and_blanks_stay() -> None:
    one, other = pseudonyms(codes("a", "b", None, "a"), KEY), pseudonyms(codes("b", "a"), KEY)
    assert one[2] == one[5] == other[3]
    assert one[3] == other[2] != one[2]
    assert one.isna().tolist() == [False, False, True, False]
    assert one.name == "person"
    assert one.index.tolist() == [2, 3, 4, 5]


def test_the_spacing_of_a_number_makes_no_difference() -> None:
    made = pseudonyms(codes("999 000 0026", "999-000-0026", "9990000026", "999 00 0026"), KEY)
    assert made[2] == made[3] == made[4] != made[5]


def test_another_key_gives_another_pseudonym() -> None:
    assert pseudonyms(codes("a"), KEY)[2] != pseudonyms(codes("a"), b"l" * 32)[2]


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = Settings(key=tmp_path / "keys" / "one.key")
    key = load_key(settings, tmp_path)
    assert len(key) == 32
    assert load_key(settings, tmp_path) == key
    assert os.listdir(tmp_path / "keys") == ["one.key"]
    if sys.platform != "win32":  # there the folder's own rights hold
        assert settings.key is not None
        assert stat.S_IMODE(settings.key.stat().st_mode) == 0o600


def test_of_several_that_start_at_once_all_get_one_key(tmp_path: Path) -> None:
    settings = Settings(key=tmp_path / "one.key")
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: load_key(settings, tmp_path), range(64)))
    assert len(set(keys)) == 1


def test_no_key_in_the_outputs_folder(tmp_path: Path) -> None:
    settings = Settings(key=tmp_path / "outputs" / "deep" / "one.key")
    with pytest.raises(WorkspaceError, match="lies in the outputs folder"):
        load_key(settings, tmp_path)
    assert not (tmp_path / "outputs").exists()


def test_a_key_that_is_too_short_is_refused_without_showing_it(tmp_path: Path) -> None:
    file = tmp_path / "one.key"
    file.write_bytes(b"sesame")
    with pytest.raises(WorkspaceError, match="needs 32 bytes") as raised:
        load_key(Settings(key=file), tmp_path)
    assert "sesame" not in str(raised.value)


def test_a_key_that_cannot_be_made_says_which_setting_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="QIEVAL_KEY") as raised:
        load_key(Settings(key=tmp_path / "file" / "one.key"), tmp_path)
    assert str(tmp_path) not in str(raised.value)


def test_the_key_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "qieval.toml").write_text('key = "../mine.key"\n', "utf-8")
    monkeypatch.delenv("QIEVAL_KEY")
    assert load_settings(tmp_path).key == (tmp_path.parent / "mine.key").resolve()
    monkeypatch.setenv("QIEVAL_KEY", str(tmp_path / "other.key"))
    assert load_settings(tmp_path).key == tmp_path / "other.key"
