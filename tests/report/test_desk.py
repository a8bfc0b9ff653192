"""What a notebook's front end is shown: results, figures, errors, and the top of the notebook."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

import qieval as qi
from qieval.core.config import Settings, environment_of
from qieval.core.desk import ASIDE, LOOK, SESSION, progress
from qieval.share.contents import contents_of
from tests.charts.series import shape

MAKE = """\
import pandas as pd
import qieval as qi
days = pd.date_range("2020-01-01", periods=24, freq="MS")
data = pd.DataFrame({"period": days, "beds": [9, 8, 7, 8] * 3 + [4, 3, 4, 5] * 3})
qi.Result
from qieval.core.desk import Top
Top("Three parameters.").show()"""
SHOW = "result = qi.run_chart(data, value='beds')\nresult"
PLOT = "result.plot()"
AGAIN = "result.plot().set_title('Mine');"
WRONG = "qi.run_chart(data, valu='beds')"
FAULT = "1 / 0"
COMPLETE = """\
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    offered = [each.text for each in get_ipython().Completer.completions("qi.", 3)]
print(*offered)"""


@pytest.fixture(scope="module")
def executed():
    """A notebook as somebody runs it, with a mistake in it; cells by their source."""
    cells = [MAKE, SHOW, PLOT, AGAIN, WRONG, FAULT, COMPLETE]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    NotebookClient(notebook, allow_errors=True, timeout=120).execute()
    return notebook


def outputs(notebook, source):
    return next(cell.outputs for cell in notebook.cells if cell.source == source)


def picture_of(output):
    return Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))


def test_a_result_that_ends_a_cell_shows_finding_figure_estimates_and_checks(executed):
    (output,) = outputs(executed, SHOW)
    html, text = output.data["text/html"], output.data["text/plain"]
    for part in ("qi-headline", 'role="img"', "How large, and how sure", "What was checked"):
        assert part in html
    finding = re.search('class="qi-headline">(.*?)<', html).group(1)
    assert text.startswith(finding)
    assert "level_change" not in html
    picture = ET.fromstring(output.data["image/svg+xml"])
    assert float(picture.get("viewBox").split()[2]) > 400
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) > 5, "nothing is drawn"
    assert finding in output.metadata["image/svg+xml"]["alt"]


@pytest.mark.parametrize("source", [PLOT, AGAIN])
def test_a_plot_shows_its_figure_with_a_description_each_time(executed, source):
    (shown,) = (each for each in outputs(executed, source) if each.output_type == "display_data")
    alt = shown.metadata["image/png"]["alt"]
    assert len(alt) > 80
    assert f'alt="{alt}"' in shown.data["text/html"]
    colours = picture_of(shown).convert("RGB").getcolors(1 << 24)
    assert len(colours) > 50, "nothing is drawn"


def test_a_mistake_is_its_own_lines_and_the_traceback_is_folded(executed):
    fold, error = outputs(executed, WRONG)
    assert error.traceback == ["`valu` is not a parameter of `run_chart`.", error.traceback[1]]
    assert error.traceback[1] == "What to do: Did you mean `value`?"
    assert fold.metadata == ASIDE
    assert fold.data["text/html"].startswith('<details class="qi-aside"><summary>')
    assert "Traceback" in fold.data["text/html"]
    fault = outputs(executed, FAULT)
    assert [each.output_type for each in fault] == ["error"]
    assert "ZeroDivisionError" in "".join(fault[0].traceback)


def test_the_top_names_the_cell_that_stopped(executed):
    (top,) = outputs(executed, MAKE)
    assert "This notebook stopped in cell [5]" in top.data["text/plain"]
    assert top.data["text/plain"].endswith("Three parameters.")
    assert 'role="alert"' in top.data["text/html"]


def test_the_top_says_so_no_more_once_the_cell_has_run():
    first = nbformat.v4.new_code_cell(MAKE)
    wrong = nbformat.v4.new_code_cell("if 'mended' not in globals(): raise qi.DataError('No.')")
    notebook = nbformat.v4.new_notebook(cells=[first, wrong])
    client = NotebookClient(notebook, allow_errors=True, timeout=60)
    with client.setup_kernel():
        client.execute_cell(first, 0)
        client.execute_cell(wrong, 1)
        assert "stopped" in first.outputs[0].data["text/plain"]
        mended = nbformat.v4.new_code_cell("mended = True")
        notebook.cells.append(mended)
        client.execute_cell(mended, 2)
        assert "stopped" in first.outputs[0].data["text/plain"]
        client.execute_cell(wrong, 1)
    assert first.outputs[0].data["text/plain"] == "Three parameters."


def test_tab_offers_only_what_is_ours(executed):
    offered = outputs(executed, COMPLETE)[0].text.split()
    assert sorted(offered) == sorted(qi.__all__)
    assert not {"Any", "import_module", "hooks"} & {*dir(qi)}


def test_no_page_shows_a_fold_and_a_page_keeps_the_picture_of_a_result(executed):
    kinds = [piece.block.mime for piece in contents_of(executed).pieces]
    folds = [
        piece for piece in contents_of(executed).pieces if 'class="qi-aside"' in piece.block.content
    ]
    assert not folds
    assert "image/svg+xml" in kinds


def test_plots_outside_a_notebook_are_there_for_pyplot_and_figures_for_pages_are_not():
    plt.close("all")
    axes = shape("60 months").plot()
    assert plt.get_fignums() == [axes.get_figure().number]
    plt.close("all")
    qi.draw(shape("60 months"))
    assert plt.get_fignums() == []


def test_every_rule_of_the_look_is_about_our_own_parts():
    rules = re.findall(r"([^{}]+)\{", LOOK)
    assert rules
    for rule in rules:
        for selector in re.split(r",(?![^(]*\))", rule):
            assert selector.strip().startswith(".qi-")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"valu": "x"}, r"`valu` is not a parameter of `run_chart`\.\nWhat to do: .*`value`"),
        ({}, r"`value` is missing in the call of `run_chart`\.\nWhat to do: Add `value=…`: \w"),
        ({"quite_other": 1, "value": "x"}, r"`quite_other` is not.*\nWhat to do: Known param"),
    ],
)
def test_a_call_that_the_signature_does_not_allow_is_answered_in_words(call, words):
    with pytest.raises(qi.ParameterError, match=words):
        qi.run_chart(None, **call)


def test_too_many_values_without_a_name_are_refused():
    with pytest.raises(qi.ParameterError, match="by its place") as caught:
        qi.run_chart(None, "beds")
    assert "`value=…`" in str(caught.value)


WAIT = """\
from qieval.core import desk
desk.DELAY = 0
print(sum(desk.progress([1, 2, 3], "Three things counted")))"""


@pytest.mark.parametrize(("session", "shown"), [("notebook.ipynb", True), ("", False)])
def test_progress_shows_to_somebody_who_waits_and_in_no_run(session, shown, monkeypatch):
    monkeypatch.setenv(SESSION, session)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WAIT)])
    NotebookClient(notebook, timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert [each.text for each in outputs if each.get("name") == "stdout"] == ["6\n"]
    assert ("Three things counted" in str(outputs)) == shown
    assert (len(outputs) > 1) == shown


def test_a_run_that_a_notebook_began_has_nobody_who_waits(tmp_path, monkeypatch):
    monkeypatch.setenv(SESSION, "notebook.ipynb")
    assert environment_of(Settings(), tmp_path)[SESSION] == ""
    items = [1, 2]
    assert progress(items, "Two things") is items  # no notebook, and no prompt
