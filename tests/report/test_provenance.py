"""Where a page comes from: parameters, data, versions; and the result for programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import nbformat
import pandas as pd
import pytest

import qieval as qi
from qieval.core.blocks import PAGE_MIME, RESULT_MIME
from qieval.core.result import Result, rebuilt
from qieval.core.verdict import Verdict
from qieval.core.workspace import ROOT_VARIABLE
from qieval.intake.origin import Origin
from qieval.params import Parameters
from qieval.report import provenance
from qieval.report.provenance import PACKAGES, versions
from tests.charts.series import shape
from tests.report.parsed import Parsed

ORIGIN = Origin(
    "Beds of Alder",
    publisher="A <publisher>",
    licence="OGL 3",
    attribution="Beds of Alder & others",
    notes=("counts are rounded",),
)
ASKED = Parameters(
    "interrupted_time_series",
    {"title": "Did stays fall?", "transition": 0, "slope": False, "events": [], "horizon": None}
    | {"value": "bed_days", "unit": "", "change": "the <review>"},
    origins={"change": "project.yml, change", "transition": "evaluation file"},
)


@pytest.fixture
def passport(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    months = pd.date_range("2020-01-01", periods=12, freq="MS")
    rows = pd.DataFrame({"period": months.strftime("%Y-%m-%d"), "bed_days": range(12)})
    rows.to_csv(tmp_path / "beds.csv", index=False)
    return replace(qi.read("beds.csv", "series").passport, origin=ORIGIN)


def cells(shown) -> dict[str, str]:
    """Every row of the tables: head and value."""
    parsed = Parsed(shown.html)
    return {
        head.text: value.text
        for head, value in pairwise(parsed.tags)
        if head.name == "th" and head["scope"] == "row"
    }


def test_data_versions_and_parameters_are_there(passport):
    found = cells(provenance(shape("60 months"), passport, ASKED))
    assert found["Data"] == "Beds of Alder"
    assert found["File"] == "beds.csv"
    assert found["Digest of the file (sha256)"] == passport.digest
    assert len(passport.digest) == 64
    assert found["Publisher"] == "A <publisher>"
    assert found["Licence"] == "OGL 3"
    assert found["Made on"].endswith(" UTC")
    for name, version in versions().items():
        assert found[f"Version of {name}"] == version
    assert found["change"] == "the <review>"


def test_where_each_parameter_came_from_is_told(passport):
    shown = provenance(shape("60 months"), passport, ASKED)
    lines = [line.split() for line in shown.text.splitlines()]
    assert ["change", "the", "<review>", "project.yml,", "change"] in lines
    assert ["transition", "0", "evaluation", "file"] in lines
    assert "project.yml, change" in [tag.text for tag in Parsed(shown.html).all("td")]


def test_what_was_left_out_or_empty_is_not_listed_but_zero_and_no_are(passport):
    found = cells(provenance(shape("60 months"), passport, ASKED))
    assert found["transition"] == "0"
    assert found["slope"] == "False"
    assert not {"events", "horizon", "unit"} & set(found)
    bare = replace(passport, origin=Origin("beds.csv"))
    assert not {"Publisher", "Licence", "Attribution"} & set(
        cells(provenance(shape("60 months"), bare, ASKED))
    )


def test_versions_are_of_python_of_qieval_and_of_what_figures_depend_on():
    assert list(versions()) == ["python", "qieval", *PACKAGES]
    assert versions()["qieval"] == qi.__version__
    assert all(version[0].isdigit() for version in versions().values())


def test_the_credit_and_the_notes_are_shown(passport):
    parsed = Parsed(provenance(shape("60 months"), passport, ASKED).html)
    assert parsed.all("p")[0].text == "Beds of Alder & others."
    assert [tag.text for tag in parsed.all("li")] == ["Counts are rounded."]
    bare = replace(passport, origin=Origin("beds.csv"))
    without = Parsed(provenance(shape("60 months"), bare, ASKED).html)
    assert without.all("p")[0].text == "Beds.csv."
    assert not without.all("li")


def test_simulated_data_are_said_to_be(passport):
    simulated = replace(passport, origin=replace(ORIGIN, simulated=True))
    shown = provenance(shape("60 months"), simulated, ASKED)
    assert "The data are simulated. No real patient or ward is described." in shown.html
    assert shown.data[PAGE_MIME]["simulated"] is True
    real = provenance(shape("60 months"), passport, ASKED)
    assert "simulated" not in real.html
    assert real.data[PAGE_MIME]["simulated"] is False


def test_the_order_of_names_survives_a_saved_notebook(passport):
    """A saved notebook sorts the names of its mappings; levels and columns have an order."""
    bundle = provenance(shape("60 months"), passport, ASKED)._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=bundle)
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    saved = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    again = nbformat.reads(saved, as_version=4).cells[0].outputs[0].data[RESULT_MIME]
    result = Result.from_dict(json.loads(again))
    assert list(result.params) == list(shape("60 months").params)
    assert list(result.estimates) == list(shape("60 months").estimates)


@pytest.mark.parametrize("name", ["60 months", "described", "counts", "control"])
def test_the_result_goes_with_it_and_comes_back(passport, name):
    bundle = provenance(shape(name), passport, ASKED)._repr_mimebundle_()
    again = Result.from_dict(json.loads(bundle[RESULT_MIME]))
    assert again.summary() == shape(name).summary()
    page = bundle[PAGE_MIME]
    assert rebuilt(Verdict, page.pop("verdict")) == shape(name).verdict
    assert page == {
        "title": "Did stays fall?",
        "headline": shape(name).headline(),
        "setting": "Alder ward",
        "attribution": "Beds of Alder & others",
        "simulated": False,
    }


def test_the_text_holds_every_fact_and_differs_only_in_the_moment(passport):
    first, again = (provenance(shape("60 months"), passport, ASKED).text for _ in range(2))
    fixed = [[line for line in text.splitlines() if "UTC" not in line] for text in (first, again)]
    assert fixed[0] == fixed[1]
    assert passport.digest in first
    assert re.search(r"transition +0\b", first)


def test_no_path_of_this_computer_is_shown(passport, tmp_path, repository):
    shown = provenance(shape("60 months"), passport, ASKED)
    for text in (shown.html, shown.text, json.dumps(dict(shown.data))):
        assert str(tmp_path) not in text
        assert str(repository) not in text
