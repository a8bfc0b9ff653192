"""Parameters written back to their files: only what changed, and nothing that is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.core.recorded import plain
from qieval.params import parameters_of
from qieval.params.saved import laid_into

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "params").glob("*/*/*.yml"))[::25]
PROJECT = "params/closing-the-gap/rowan-discharge-pathway"
FILE = f"{PROJECT}/interrupted_time_series.yml"


def comments(text: str) -> list[str]:
    """Lines that are nothing but comments, and what stands behind values."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_value_of_every_file_can_be_changed_and_nothing_else_changes(file):
    text = file.read_text(encoding="utf-8")
    values = plain(yaml.safe_load(text))
    assert laid_into(text, values) == text
    for name in values:
        for new in ("no: a #text", 12, ["a", "b: c"], {"one": None, "two": "2020-03-01"}):
            changed = laid_into(text, {**values, name: new})
            assert plain(yaml.safe_load(changed)) == {**values, name: new}
            assert "'2020-03-01'" not in changed
            others = {key: value for key, value in values.items() if key != name}
            taken_out = laid_into(text, others)
            assert plain(yaml.safe_load(taken_out) or {}) == others
            outside = [line for line in comments(text) if not line_is_within(text, name, line)]
            assert [line for line in outside if line in comments(changed)] == outside
            assert [line for line in outside if line in comments(taken_out)] == outside


def line_is_within(text: str, name: str, comment: str) -> bool:
    """Whether a comment stands inside the block of a name, indented."""
    inside = False
    for line in text.splitlines():
        if line[:1] not in (" ", "#", "") and ":" in line:
            inside = line.startswith(f"{name}:")
        if line.strip() == comment:
            return inside and line.startswith(" ")
    return False


words = st.text(
    max_size=5, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=15)
@given(
    before=st.dictionaries(st.sampled_from("abcdef"), values, max_size=4),
    after=st.dictionaries(st.sampled_from("abcdef"), values, max_size=4),
    flow=st.booleans(),
)
def test_any_values_come_back(before, after, flow):
    text = yaml.safe_dump(before, allow_unicode=True) if before else "# nothing yet\n"
    if flow:  # each value on the line of its name
        text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in before.items())
    assert plain(yaml.safe_load(laid_into(text, after)) or {}) == after


def test_comments_beside_and_between_values_stay():
    first = "# head\na: 1  # beside a\n\n# before b\n"
    text = f"{first}b:  # beside b\n  - x\n  # within b\n  - y\n# end\n"
    changed = laid_into(text, {"a": "no", "b": ["z"]})
    assert changed == "# head\na: 'no'  # beside a\n\n# before b\nb:  # beside b\n  - z\n# end\n"
    assert laid_into(text, {"a": 1, "b": 2}).endswith("\nb: 2  # beside b\n# end\n")
    assert laid_into(text, {"b": ["x", "y"]}).startswith("# head\n\n# before b\nb:")


def test_what_cannot_be_written_back_is_refused():
    text = "a: &x [1]\nb: *x\n"
    with pytest.raises(qi.ParameterError, match="cannot be changed from a notebook"):
        laid_into(text, {"a": 3, "b": [1]})


# ---- from a notebook ---------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path, monkeypatch):
    for part in ("params/closing-the-gap", "data/closing-the-gap"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    return tmp_path


def opened(**more):
    """The variables of a notebook whose parameters cell says no more than its file."""
    file = yaml.safe_load((ROOT / FILE).read_text(encoding="utf-8"))
    name = "interrupted_time_series"
    variables = {each.name: each.plain_default for each in parameters_of(name)}
    variables |= {"project": f"{PROJECT}/project.yml", **plain(file), **more}
    qi.parameters(name, variables, file=FILE)
    return variables


def test_what_was_changed_in_the_notebook_is_written_and_reported(root):
    before = (root / FILE).read_text(encoding="utf-8")
    opened()
    assert repr(qi.save_parameters()) == f"{FILE} says the same already."
    opened(transition=2, horizon=[6, 12])
    saved = qi.save_parameters()
    assert saved.changes == (("transition", None, 2), ("horizon", None, [6, 12]))
    assert "`" not in repr(saved)
    assert "transition: 2 (was nothing)" in repr(saved)
    after = (root / FILE).read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert comments(after) == comments(before)
    assert qi.read  # the workspace still reads
    opened(transition=0, horizon=[6, 12])
    qi.save_parameters()
    assert "transition: 0" in (root / FILE).read_text(encoding="utf-8")


def test_a_value_that_is_wrong_is_refused_and_nothing_is_written(root):
    before = (root / FILE).read_bytes()
    variables = opened()
    variables["transition"] = "two"
    with pytest.raises(qi.ParameterError, match="`transition` cannot have this value"):
        qi.save_parameters()
    assert (root / FILE).read_bytes() == before


def test_files_of_windows_keep_their_line_ends(root):
    text = (root / FILE).read_text(encoding="utf-8").replace("\n", "\r\n")
    (root / FILE).write_bytes(text.encode())
    opened(transition=3)
    qi.save_parameters()
    after = (root / FILE).read_bytes()
    assert b"transition: 3\r\n" in after
    assert after.count(b"\n") == after.count(b"\r\n")


def test_it_is_said_how_to_name_the_file_where_it_is_not_known(root):
    variables = opened()
    qi.parameters("interrupted_time_series", variables)
    with pytest.raises(qi.ParameterError, match="qieval lab <project>"):
        qi.save_parameters()
    with pytest.raises(qi.ParameterError, match="do not belong into this file"):
        qi.save_parameters(f"{PROJECT}/run_chart.yml")
    new = f"{PROJECT}/interrupted_time_series.washout.yml"
    variables["transition"] = 1
    assert ("transition", None, 1) in qi.save_parameters(new).changes
    assert yaml.safe_load((root / new).read_text(encoding="utf-8"))["transition"] == 1
