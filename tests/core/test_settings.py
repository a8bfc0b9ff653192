"""Workspace, settings, errors."""

from pathlib import Path

import pytest

from qieval.core import columns
from qieval.core.config import Settings, environment_of, load_settings
from qieval.core.errors import (
    DataError,
    ParameterError,
    WorkspaceError,
    listed,
    nearest,
    require_one_of,
)
from qieval.core.workspace import find_root, relative, resolve


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.delenv("QIEVAL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    return tmp_path


def test_the_root_is_found_from_below(workspace):
    assert find_root() == workspace
    assert resolve("data/x.csv") == workspace / "data" / "x.csv"
    assert relative(workspace / "data" / "x.csv") == "data/x.csv"
    assert relative(Path("/elsewhere/x.csv")) == "x.csv"


def test_no_workspace_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv("QIEVAL_WORKSPACE", raising=False)
    with pytest.raises(WorkspaceError, match="qieval init"):
        find_root(tmp_path)


def test_settings_come_from_the_file_and_the_environment(workspace, monkeypatch):
    (workspace / "qieval.toml").write_text('open_data_mirror = "mirror"\nworkers = 3\n')
    monkeypatch.delenv("QIEVAL_OPEN_DATA_MIRROR", raising=False)
    settings = load_settings()
    assert settings.workers == 3
    assert settings.open_data_mirror == workspace / "mirror"
    monkeypatch.setenv("QIEVAL_WORKERS", "1")
    assert load_settings().workers == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("worker = 3", "Did you mean `workers`?"),
        ("workers = 0", "at least 1"),
        ('workers = "many"', "at least 1"),
        ("workers = = 3", "not valid TOML"),
    ],
)
def test_wrong_settings_are_refused(workspace, text, says):
    (workspace / "qieval.toml").write_text(text)
    with pytest.raises(WorkspaceError) as caught:
        load_settings()
    assert says in str(caught.value)


def test_an_error_says_what_is_wrong_what_was_found_and_what_to_do():
    error = DataError("It is wrong.", found="this", remedy="Do that.", where="file.csv, row 3")
    assert str(error) == "file.csv, row 3: It is wrong.\nFound: this\nWhat to do: Do that."


def test_names_are_listed_whole_up_to_a_limit():
    assert listed(["a", "b"]) == "`a`, `b`"
    assert listed(range(25)).endswith("and 5 more")
    assert listed([]) == "nothing"
    assert nearest("intervension", ["intervention", "lag"]) == "intervention"
    assert nearest("zzz", ["intervention", "lag"]) is None


def test_a_value_that_is_none_of_those_known_is_refused_with_the_nearest():
    require_one_of("method", "reml", ("reml", "ols"))
    with pytest.raises(ParameterError, match="must be one of `reml`, `ols`") as caught:
        require_one_of("method", "remle", ("reml", "ols"))
    assert "Did you mean `reml`?" in str(caught.value)


@pytest.mark.parametrize("number", [20200301, 2020.5, True])
def test_a_number_is_no_date(number):
    with pytest.raises(ParameterError, match="not a date"):
        columns.moment(number, "intervention")


def test_settings_as_environment_give_the_very_same_settings(workspace, monkeypatch):
    given = Settings(outputs=Path("elsewhere"), workers=3, cell_timeout=7)
    for name, value in environment_of(given, workspace).items():
        monkeypatch.setenv(name, value)
    read = load_settings()
    assert read.outputs == workspace / "elsewhere"
    assert (read.workers, read.cell_timeout, read.key) == (3, 7, load_settings().key)
