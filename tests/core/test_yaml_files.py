"""Parameter files that would stall, crash or be misread are refused with a line of words."""

from __future__ import annotations

from pathlib import Path

import pytest

from qieval.core.errors import ParameterError
from qieval.core.yaml_files import read_yaml

REFUSED = {
    "a lone surrogate": ('title: "\\ud800"', "line 1"),
    "a name that means true": ("aim: 1\nyes: 2", "a bool as the name in line 2"),
    "a number as a name": ("1: 2", "a int as the name in line 1"),
    "nothing as a name": ("null: 1", "line 1"),
    "a list as a name": ("? [a, b]\n: 1", "line 1"),
    "a number of 5,000 digits": ("header: " + "9" * 5000, "a number that is too long"),
    "a date that does not exist": ("date: 2020-99-99", "a date that does not exist"),
    "3,000 levels": ("a: " + "[" * 3000 + "]" * 3000, "more than 50 levels"),
    "itself inside of itself": ("a: &a [*a]", "`*a` inside of what it stands for"),
    "a file of 100,001 values": ("a: [" + "1," * 100_001 + "]", "more than 100,000 values"),
    "an object of Python": ("a: !!python/object:os.system x", "line 1"),
}

BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefghij", "bcdefghijk", strict=True)
)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    text, words = REFUSED[name]
    (tmp_path / "file.yml").write_text(text)
    with pytest.raises(ParameterError) as caught:
        read_yaml(tmp_path / "file.yml", tmp_path)
    assert words in str(caught.value)
    assert str(caught.value).startswith("file.yml")


def test_aliases_that_multiply_are_refused_before_they_do(tmp_path: Path) -> None:
    """Thirty-one thousand million values, of some hundred bytes."""
    (tmp_path / "file.yml").write_text(BOMB)
    with pytest.raises(ParameterError, match="more than 100,000 values"):
        read_yaml(tmp_path / "file.yml", tmp_path)


def test_a_few_aliases_are_welcome(tmp_path: Path) -> None:
    (tmp_path / "file.yml").write_text("a: &a {b: 1}\nc:\n  <<: *a\nd: [*a, *a]\n")
    values, _ = read_yaml(tmp_path / "file.yml", tmp_path)
    assert values == {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file.yml").mkdir()
    with pytest.raises(ParameterError, match="cannot be read"):
        read_yaml(tmp_path / "file.yml", tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "jdbc:sqlserver://h;password=Geheim128",
        "postgresql://u:Geheim128@h/b",
        "mssql://h/b?PWD = Geheim128",
    ],
)
def test_a_password_is_refused_wherever_it_stands_and_never_repeated(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "file.yml").write_text(f'data:\n  stays:\n    source: "{address}"\n')
    with pytest.raises(ParameterError) as caught:
        read_yaml(tmp_path / "file.yml", tmp_path)
    assert str(caught.value).startswith("file.yml, line 3: A password stands in this file.")
    assert "Geheim128" not in str(caught.value)
