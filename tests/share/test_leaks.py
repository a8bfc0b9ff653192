"""Names of people in every place that a programme has for words: each is stopped, or never shown.

One copy of the example programme is run and shared for real, with an invented name in each place.
"""

from __future__ import annotations

import html
import shutil
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest

from qieval.batch.plan import plan
from qieval.batch.run import run
from qieval.core.config import load_settings
from qieval.intake.pseudonyms import load_key
from qieval.share.gate import Override, share
from qieval.share.pages import page
from tests.example_results import PROGRAMME, ROOT

P, D = f"params/{PROGRAMME}", f"data/{PROGRAMME}"
ROWAN, CHECKS, LAUREL, CHESTNUT = (
    f"{P}/{name}"
    for name in (
        "rowan-discharge-pathway",
        "physical-health-checks",
        "laurel-falls-huddle",
        "chestnut-activities",
    )
)
EVERYWHERE = ""

TEXTS = {
    # Words of the programme, its projects and their evaluations.
    "name of the programme": (f"{P}/programme.yml", "name: Closing the gap"),
    "aim of the programme": (f"{P}/programme.yml", "Close the gap between"),
    "network": (EVERYWHERE, "Hill network"),
    "name of a project": (f"{ROWAN}/project.yml", "name: Discharge pathway"),
    "team of a project": (f"{CHECKS}/project.yml", "team: Ten community teams"),
    "background": (f"{ROWAN}/project.yml", "and the community team"),
    "what was changed": (f"{ROWAN}/project.yml", "what: the discharge pathway"),
    "for whom": (f"{ROWAN}/project.yml", "for_whom: Adults on Rowan ward"),
    "event of a project": (f"{ROWAN}/project.yml", "event: Ward manager left"),
    "title of a measure": (f"{ROWAN}/project.yml", "title: Back within 30 days"),
    "unit of a measure": (f"{LAUREL}/project.yml", "unit: falls per 1,000"),
    "driver": (f"{ROWAN}/project.yml", "name: The community team is ready"),
    "reason for a driver": (f"{ROWAN}/project.yml", "because: People ready"),
    "change idea": (f"{ROWAN}/project.yml", "Weekend lead"),
    "definition of a measure": (f"{ROWAN}/project.yml", "definition: Days from"),
    "title": (f"{CHECKS}/audit.yml", '"Physical health checks'),
    "question": (f"{CHECKS}/audit.yml", "question: Do more people"),
    "limit": (f"{CHECKS}/audit.yml", "- Three teams"),
    "setting": (f"{CHECKS}/audit.yml", "setting: Physical health network"),
    "what records are called": (f"{CHECKS}/audit.yml", "called: patients"),
    "outcome": (f"{LAUREL}/vlad.yml", "outcome: A fall"),
    "item of a survey": (f"{CHESTNUT}/survey.yml", "outdoors: Time outdoors"),
    "care that is waited for": (f"{P}/sycamore-first-appointment/waits.yml", "a first appointment"),
    "words of staffing": (f"{P}/bracken-move-on/context.yml", "vacancy: vacancy"),
    # Cells of the tables.
    "team of an audit": (f"{D}/audit.csv", "Brook team"),
    "standard of an audit": (f"{D}/audit.csv", "Blood pressure"),
    "wave of an audit": (f"{D}/audit.csv", "Spring 2017"),
    "ward of a survey": (EVERYWHERE, "Hawthorn unit"),
    "wave of a survey": (EVERYWHERE, "May 2019"),
    "comment of a survey": (f"{D}/survey.csv", "Sundays are long"),
    "locality": (f"{D}/provision.csv", ",Hill"),
    "criterion": (f"{D}/provision.csv", "1.2 Everyone has a written crisis plan"),
    "service": (f"{D}/provision.csv", "Ferry service"),
    "ward of a funnel": (f"{D}/checks.csv", "Ash ward"),
    "change of a cycle": (f"{D}/pdsa.csv", "Plan with one person in the first week"),
    "prediction": (f"{D}/pdsa.csv", "Plan ready in 7 days"),
    "what was learnt": (f"{D}/pdsa.csv", "the housing officer was away"),
    "who was involved": (f"{D}/involvement.csv", ",service users"),
    "event": (f"{D}/events.csv", "Programme announced"),
    "source of an event": (f"{D}/events.csv", "programme office"),
    "where people went": (f"{D}/spells.csv", ",home"),
    # Cells that stop an evaluation.
    "answer that is none": (f"{D}/provision.csv", ",partly met"),
    "number that is none": (f"{D}/returns.csv", ",447"),
}
"""Place → where, and behind which text, a name is put."""

ELSEWHERE = (
    "label of an evaluation",
    "file name",
    "sheet name",
    "heading",
    "comment on a cell",
    "own words in a notebook",
    "own output of a cell",
)
"""Places that are no text of a file."""

KEPT = (
    *("rowan-discharge-pathway", "physical-health-checks", "laurel-falls-huddle"),
    *("chestnut-activities", "sycamore-first-appointment", "bracken-move-on"),
    *("borderline-service-standards", "maple-home-treatment", "alder-weekly-review"),
    "whole-programme",
)

SLOW = ("interrupted_time_series", "control_chart", "cusum", "length_of_stay", "plan.lock")
"""Evaluations that have no words of their own beside those of others."""

FIRST = ("Quilla", "Orsino", "Thaddea", "Ysolde", "Bertram", "Lucinda", "Ferdy", "Zoë")
LAST = ("Abery", "Featherby", "Gantlet", "Harkaway", "Millichip", "Oxenbould", "Pardoe")
NAMES = dict(
    zip([*TEXTS, *ELSEWHERE], (f"{one} {two}" for two in LAST for one in FIRST), strict=False)
)


def planted(root: Path) -> None:
    """The example programme with a name in each place."""
    shutil.copytree(ROOT / "data", root / "data")
    shutil.copytree(ROOT / P, root / P)
    for folder in (root / P).iterdir():
        if folder.is_dir() and folder.name not in KEPT:
            shutil.rmtree(folder)
    for file in (root / P).glob("*/*.yml"):
        if file.stem in SLOW:
            file.unlink()
    files = [file for file in root.rglob("*") if file.suffix in (".yml", ".csv")]
    for place, (where, text) in TEXTS.items():
        changed = 0
        for file in files if where == EVERYWHERE else [root / where]:
            before = file.read_text(encoding="utf-8")
            file.write_text(before.replace(text, f"{text} {NAMES[place]}"), encoding="utf-8")
            changed += text in before
        assert changed, place
    chart = root / ROWAN / "run_chart.yml"
    chart.rename(chart.with_name(f"run_chart.{NAMES['label of an evaluation']}.yml"))
    _in_a_workbook(root)
    _in_a_notebook(root)


def _in_a_workbook(root: Path) -> None:
    """The returns of one ward as a workbook: names of file and sheet, a heading, a comment."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = NAMES["sheet name"]
    table = pd.read_csv(root / D / "returns.csv")
    table[f"Asked by {NAMES['heading']}"] = 1
    for row in [list(table.columns), *table.to_numpy().tolist()]:
        sheet.append(row)
    sheet["C3"].comment = openpyxl.comments.Comment("Asked again", NAMES["comment on a cell"])
    name = f"returns {NAMES['file name']}.xlsx"
    book.save(root / D / name)
    told = root / P / "maple-home-treatment" / "data_passport.yml"
    text = told.read_text(encoding="utf-8")
    as_a_file = f"source: {D}/{name}, kind: series, columns"
    told.write_text(text.replace("data: returns, columns", as_a_file), encoding="utf-8")


def _in_a_notebook(root: Path) -> None:
    """A notebook of the workspace's own, with words and an output of its own."""
    own = nbformat.read(ROOT / "notebooks" / "pareto.ipynb", 4)
    words = nbformat.v4.new_markdown_cell(f"## Agreed with {NAMES['own words in a notebook']}")
    code = nbformat.v4.new_code_cell(f"print({NAMES['own output of a cell']!r})")
    own.cells += [words, code]
    (root / "notebooks").mkdir()
    nbformat.write(own, root / "notebooks" / "pareto.ipynb")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], set[str]]:
    """Text of every file of the site by address, and the files in which something was found."""
    root = tmp_path_factory.mktemp("leaks")
    planted(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QIEVAL_WORKSPACE", str(root))
        patch.setenv("QIEVAL_KEY", str(root / "pseudonyms.key"))
        patch.delenv("QIEVAL_OUTPUTS", raising=False)
        load_key(load_settings(root), root)
        run(plan([root / "params"], root), page, load_settings(root))
        outputs = root / "outputs" / PROGRAMME
        done = share(
            outputs,
            root / "site",
            root,
            names=list(NAMES.values()),
            own_seen_by="A Tester",
            override=Override("A Tester", "to see what was found"),
        )
    texts = {
        file.relative_to(done.site).as_posix(): file.read_text(encoding="utf-8")
        for file in done.site.rglob("*")
        if file.suffix in (".html", ".csv")
    }
    return texts, {line.partition(": ")[0] for line in done.record["override"]["found"]}


def pages_with(name: str, texts: dict[str, str]) -> set[str]:
    """Addresses of files that show a name, whatever stands between its two words."""
    first, last = name.split()
    shown = {address: " ".join(html.unescape(text).split()) for address, text in texts.items()}
    return {told_as(at) for at, text in shown.items() if f"{first} {last}" in text}


def told_as(address: str) -> str:
    """An address as a finding gives it: itself without names."""
    for name in NAMES.values():
        for spelt in (name, name.lower().replace(" ", "-")):
            address = address.replace(spelt, "[name]")
    return address


@pytest.mark.parametrize("place", NAMES)
def test_a_name_is_stopped_or_never_shown(shared, place):
    texts, found = shared
    assert pages_with(NAMES[place], texts) <= found


def test_most_names_would_have_been_shown(shared):
    texts, _ = shared
    reached = [place for place, name in NAMES.items() if pages_with(name, texts)]
    assert len(NAMES) >= 40
    assert len(reached) >= 30, sorted(set(NAMES) - set(reached))
