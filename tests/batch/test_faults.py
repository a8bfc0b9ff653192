"""What breaks one evaluation, in a batch with others: they are done, and it is named."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from qieval.batch.plan import plan
from qieval.batch.run import run
from qieval.core.config import Settings
from qieval.share.pages import page
from tests.batch.made import evaluation, workspace

EVENT = "x" * 3000
SERIES = """\
source: data/series.csv
kind: series
value: bed_days
title: Bed days
events: [{{date: 2020-05-01, event: {event}}}]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of every kind, and one in which nothing is wrong."""
    made = workspace(tmp_path_factory.mktemp("faults") / "ws", {evaluation(): "well"})
    rows = [f"{2020 + n // 12}-{n % 12 + 1:02}-01,{100 + n * 7 % 13}" for n in range(24)]
    (made / "data").mkdir()
    (made / "data/series.csv").write_text("\n".join(["period,bed_days", *rows]) + "\n")
    here = made / "params/small/alder"
    (here / "run_chart.yml").write_text(SERIES.format(event=EVENT))
    (here / "control_chart.yml").write_text("chart: i\n" + SERIES.format(event="An event"))
    (made / "notebooks/control_chart.ipynb").write_text("{ not a notebook")
    (here / "data_passport.yml").write_text("source: data/series.csv\nkind: series\n")
    lone = 'print("before")\nprint("\\ud800")\nopen("went_on", "w").close()'
    cells = [v4.new_code_cell("source = None", metadata={"tags": ["parameters"]})]
    kernel = {"name": "python3", "display_name": "P", "language": "python"}
    cells.append(v4.new_code_cell(lone))
    own = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(own, made / "notebooks/data_passport.ipynb")
    (here / "audit.yml").write_text("yes: 1\n")
    (here / "survey.yml").write_text('title: "\\ud800"\n')
    return made


def test_none_ends_or_stalls_the_others(root: Path) -> None:
    planned = plan(["params"], root)
    problems = {problem.name.rpartition("/")[2]: str(problem.error) for problem in planned.problems}
    assert problems.keys() == {"control_chart", "audit", "survey"}
    assert "cannot be read" in problems["control_chart"]
    ended = run(planned, page, Settings(workers=2))
    left = {record.evaluation.rpartition("/")[2]: record for record in ended.records}
    assert {name: record.status for name, record in left.items()} == {
        "interrupted_time_series": "done",
        "run_chart": "done",
        "data_passport": "failed",
    }
    assert left["data_passport"].reason
    assert (root / "went_on").exists()
    outputs = ended.outputs / "small"
    assert EVENT in (outputs / left["run_chart"].files["page"]).read_text(encoding="utf-8")
    manifest = json.loads((outputs / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["run"]["problems"]) == len(planned.problems)
    again = run(plan(["params"], root), page, Settings(workers=2))
    assert len(again.unchanged) == 2  # what failed is tried again, what was done is not
