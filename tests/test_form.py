"""The form: its controls come from the signature, and what they are set to is what is shown."""

from __future__ import annotations

import shutil
import sys
import typing

import pytest
import yaml

import qieval as qi
from qieval.core.signatures import parameters_in
from tests.conftest import REPOSITORY

PROJECT = "params/closing-the-gap/rowan-discharge-pathway"
EXPLORATORY = '<span class="qi-status">Exploratory</span> '
FILE = f"{PROJECT}/run_chart.yml"


@pytest.fixture
def root(tmp_path, monkeypatch):
    for part in ("params/closing-the-gap", "data/closing-the-gap"):
        shutil.copytree(REPOSITORY / part, tmp_path / part)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def its(root):
    return qi.form(PROJECT, "bed_days")


def test_moving_the_date_and_the_wash_out_moves_chart_and_verdict(its):
    first, picture = its.result, its.shown.value
    assert first.headline() in picture
    assert 'role="status"' in picture
    assert first.alt_text().partition(".")[0] in picture
    assert EXPLORATORY + "Method: planned reml, done integrated." in picture
    its.controls["method"].value = "reml"
    assert ">As planned<" in its.shown.value
    its.controls["transition"].value = 3
    assert its.result.params["transition"] == 3
    assert its.shown.value != picture
    assert EXPLORATORY + "Wash-out: planned" in its.shown.value
    its.controls["intervention"].value = "2018-01-01"
    assert its.result.params["intervention"] == ["2018-01-01"]
    assert its.result.headline() != first.headline()
    assert its.result.headline() in its.shown.value


def test_a_step_back_shows_what_was_there(root):
    form = qi.form(PROJECT, "bed_days", "run_chart")
    first, picture = form.result, form.shown.value
    form.controls["rules"].value = "ihi"
    assert form.result is not first
    form.controls["rules"].value = "anhoej"
    assert form.result is first
    assert form.shown.value == picture
    assert "Exploratory" in picture  # the plan is of a time series


def test_controls_are_those_that_the_signature_has(its):
    known = parameters_in(qi.interrupted_time_series)
    assert {"intervention", "transition", "lag", "slope", "method"} <= set(its.controls)
    assert set(its.controls) <= set(known)
    for name, control in its.controls.items():
        if typing.get_origin(known[name].annotation) is typing.Literal:
            assert list(control.options) == list(typing.get_args(known[name].annotation))
        assert control.tooltip == known[name].help


def test_what_was_chosen_is_written_and_only_that(root):
    form = qi.form(PROJECT, "bed_days", "run_chart")
    before = (root / FILE).read_text(encoding="utf-8")
    form.controls["rules"].value = "ihi"
    assert (root / FILE).read_text(encoding="utf-8") == before
    form.writing.click()
    after = (root / FILE).read_text(encoding="utf-8")
    assert yaml.safe_load(after) == {**yaml.safe_load(before), "rules": "ihi"}
    assert f"Written to {FILE}:" in form.said.value


def test_what_cannot_be_evaluated_says_why(its):
    its.controls["intervention"].value = "2015-01-01"
    assert its.result is None
    assert 'role="alert"' in its.shown.value
    assert "Not evaluated." in its.shown.value
    its.projects.value = "closing-the-gap/whole-programme"
    assert "`intervention` is missing." in its.shown.value


def test_another_project_brings_its_own_measures(root):
    form = qi.form(PROJECT, "bed_days", "run_chart")
    form.projects.value = "closing-the-gap/alder-weekly-review"
    assert form.measures.options == ("all_checks", "bed_days")
    assert "One point is not a chart." in form.shown.value  # an audit is no series
    form.measures.value = "bed_days"
    assert form.result is not None


def test_mistakes_are_answered_in_words(root, monkeypatch):
    with pytest.raises(qi.ParameterError, match="`measure` must be one of `back_soon`, `bed_days`"):
        qi.form(PROJECT, "beds")
    with pytest.raises(qi.ParameterError, match="`evaluation` must be one of"):
        qi.form(PROJECT, "bed_days", "audit")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(qi.ParameterError, match=r"qieval\[desk\]"):
        qi.form(PROJECT)
