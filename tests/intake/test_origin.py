"""Where data come from: `dataset.yml` beside the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qieval.core.errors import DataError
from qieval.intake.origin import Origin, origin_of


def test_without_a_word_the_file_name_is_all_that_is_known(tmp_path: Path) -> None:
    assert origin_of(tmp_path / "stays.csv") == Origin(title="stays.csv")


def test_every_field(tmp_path: Path) -> None:
    (tmp_path / "dataset.yml").write_text(
        "title: Closing the Gap\npublisher: qieval\nlicence: MIT\nattribution: Simulated\n"
        "simulated: true\nnotes:\n  - Nobody in it exists.\n  - Made on 29 February.\n"
    )
    assert origin_of(tmp_path / "stays.csv") == Origin(
        title="Closing the Gap",
        publisher="qieval",
        licence="MIT",
        attribution="Simulated",
        simulated=True,
        notes=("Nobody in it exists.", "Made on 29 February."),
    )


def test_one_note_is_one_note(tmp_path: Path) -> None:
    (tmp_path / "dataset.yml").write_text("notes: Mind the gap.\n")
    assert origin_of(tmp_path / "stays.csv").notes == ("Mind the gap.",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("titel: x\n", "Did you mean `title`?"),
        ("- a\n- b\n", "A list of `name: value` lines is expected."),
        ("", "A list of `name: value` lines is expected."),
        ("simulated: maybe\n", "`simulated` must be true or false."),
        ("title: [\n", "cannot be read"),
    ],
)
def test_what_cannot_be_understood(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "dataset.yml").write_text(text)
    with pytest.raises(DataError) as caught:
        origin_of(tmp_path / "stays.csv")
    assert says in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
