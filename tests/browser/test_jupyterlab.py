"""JupyterLab as an evaluator uses it: `qieval lab`, a real server, a real browser, real kernels."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from qieval.catalogue import EVALUATIONS
from tests import example_results
from tests.browser.conftest import OPEN_ALL
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP = {"width": 1366, "height": 768}

PATIENCE = 180
"""Seconds that a step may take on a machine with other work; a quiet one needs a few."""

PROJECTS = ("cowslip-reablement", "heron-employment", "linden-housing-panel")
"""Those whose results the programme's notebook finds."""

PROJECT = "params/closing-the-gap/rowan-discharge-pathway"
FORM = "lab/form.ipynb"

ERROR = '[data-mime-type="application/vnd.jupyter.stderr"]'
EVERY_CELL_RAN = """
() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
    const wrong = document.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]');
    return wrong || prompts.length && prompts.every(one => /\\[\\d+\\]/.test(one.textContent));
}
"""


@dataclass
class Server:
    """JupyterLab, as `qieval lab` started it in a workspace of its own."""

    address: str
    root: Path

    def api(self, path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())

    def end_kernels(self) -> None:
        """One kernel at a time: each holds as much memory as an evaluation."""
        for session in json.loads(self.api("sessions")):
            self.api(f"sessions/{session['id']}", "DELETE")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("workspace")
    for part in ("params/closing-the-gap", "data/closing-the-gap"):
        shutil.copytree(REPOSITORY / part, root / part)
    example_results.write(root / "outputs", *PROJECTS)
    asked = f"import qieval as qi\nqi.form('{PROJECT}', 'bed_days')"
    form = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(asked)])
    form.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    (root / "lab").mkdir()
    nbformat.write(form, root / FORM)
    own = {
        f"JUPYTER{name}_DIR": str(root / ".jupyter" / name)
        for name in ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    if os.name == "posix" and os.geteuid() == 0:
        options.append("--allow-root")
    log = root / "server.log"
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "qieval", "lab", "--", *options],
            cwd=root,
            env={**os.environ, "QIEVAL_WORKSPACE": str(root), **own},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    made = Server(f"http://127.0.0.1:{port}", root)
    try:
        end = monotonic() + PATIENCE
        while True:
            if process.poll() is not None or monotonic() > end:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")
            with suppress(OSError):
                made.api("status")
                break
            sleep(0.1)
        yield made
    finally:
        for one in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, one)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
                break


class Lab:
    """A notebook in JupyterLab, in a browser."""

    def __init__(self, server: Server, page: Page) -> None:
        self.server, self.page = server, page
        self.code = page.locator(".jp-NotebookPanel .jp-CodeCell")
        self.outputs = page.locator(".jp-NotebookPanel .jp-OutputArea-output")

    def open(self, path: str = "") -> None:
        """Open JupyterLab in a fresh layout, with a notebook; wait until its kernel listens."""
        self.page.goto(f"{self.server.address}/lab/tree/{path or 'lab'}?reset")
        if path:
            self.wait_for_kernel()
        else:
            expect(self.page.locator(".jp-DirListing-item").first).to_be_visible()

    def wait_for_kernel(self) -> None:
        expect(self.code.first).to_be_visible()
        self.wait_for_rest()

    def wait_for_rest(self) -> None:
        """The status bar says that the kernel is there and has nothing to do."""
        expect(self.page.get_by_text(re.compile(r"^Python 3 .*\| Idle$"))).to_be_visible()

    def menu(self, menu: str, entry: str) -> None:
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=entry, exact=True).click()

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")
        self.wait_until_run()

    def wait_until_run(self) -> None:
        """Until every cell has its number, or one has stopped the others."""
        self.page.wait_for_function(EVERY_CELL_RAN)
        self.wait_for_rest()

    def add_to_parameters(self, line: str) -> None:
        """Write one more line below the parameters."""
        self.code.first.locator(".cm-content").click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(f"\n{line}")

    def stopped(self) -> Locator:
        """The cell that stopped."""
        return self.code.filter(has=self.page.locator(ERROR))


@pytest.fixture
def lab(server: Server, browser: Browser) -> Iterator[Lab]:
    context = browser.new_context(viewport=LAPTOP)
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield Lab(server, context.new_page())
    context.close()
    expect.set_options(timeout=None)
    server.end_kernels()
    ours = (server.address, server.address.replace("http", "ws"), "data:", "blob:")
    assert [address for address in asked if not address.startswith(ours)] == []


@pytest.mark.parametrize("name", ["interrupted_time_series", "run_chart", "audit", "programme"])
def test_a_notebook_runs_and_shows_its_figures_with_their_descriptions(lab: Lab, name: str) -> None:
    lab.open(f"lab/{name}.ipynb")
    lab.run_all()
    expect(lab.stopped()).to_have_count(0)
    finding = lab.page.locator(".qi-headline").first.inner_text()
    lab.page.evaluate(OPEN_ALL)  # further views stand in folds
    figures = lab.page.locator(".jp-OutputArea .qi-chart[role=img]")
    assert figures.count() >= 1
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        assert len(figure.get_attribute("aria-label") or "") > 80
        box = figure.locator("svg:visible").bounding_box()
        assert box is not None
        assert box["width"] > 500
        assert box["height"] > 150
        assert figure.locator("svg:visible path").count() > 5, "nothing is drawn"
    spoken = " ".join(figures.first.get_attribute("aria-label").split())
    assert finding.rstrip(".") in spoken or EVALUATIONS[name].reads_results


def test_a_mistake_is_seen_where_it_is_and_at_the_top(lab: Lab) -> None:
    lab.open("lab/run_chart.ipynb")
    lab.add_to_parameters('baseline = "2030-01-01"')
    lab.run_all()
    wrong = lab.stopped()
    expect(wrong).to_have_count(1)
    expect(wrong.locator(".cm-content")).to_contain_text("result = qi.run_chart(")
    expect(wrong.locator(ERROR)).to_be_in_viewport()  # without scrolling
    lines = wrong.locator(ERROR).inner_text().strip().splitlines()
    assert len(lines) == 3, lines
    assert lines[2].startswith("What to do: ")
    fold = wrong.locator("details.qi-aside")
    expect(fold.locator("pre")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("pre")).to_be_visible()
    assert "Traceback (most recent call last)" in fold.locator("pre").inner_text()
    # What comes after it was not run, and the top says where it stopped and leads there.
    assert lab.code.last.locator(".jp-InputPrompt").inner_text().strip() == "[ ]:"
    top = lab.page.locator(".qi-stopped")
    assert lines[0] in top.inner_text()
    lab.code.first.scroll_into_view_if_needed()
    top.get_by_role("link").click()
    expect(wrong.locator(".jp-InputArea")).to_be_in_viewport()


def test_the_form_moves_chart_and_verdict_and_writes_to_parameters(lab: Lab) -> None:
    file = lab.server.root / PROJECT / "interrupted_time_series.yml"
    before = file.read_text(encoding="utf-8")
    lab.open(FORM)
    lab.run_all()
    form = lab.outputs.last
    picture, words = form.get_by_role("img"), form.get_by_role("status").first
    first, said = picture.inner_html(), words.inner_text()
    assert len(picture.get_attribute("aria-label") or "") > 80
    box = picture.locator("svg").bounding_box()
    assert box is not None
    assert box["width"] > 400
    assert box["height"] > 150
    slider = form.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowLeft")
    expect(words).to_contain_text("Start of the change: planned")
    assert "Exploratory" in words.inner_text()
    assert words.inner_text() != said
    assert picture.inner_html() != first
    assert file.read_text(encoding="utf-8") == before
    form.get_by_role("button", name="Write to parameters").click()
    expect(form).to_contain_text("Written to")
    assert "intervention: 2017-06-01" in file.read_text(encoding="utf-8")
    file.write_text(before, encoding="utf-8")


def test_by_keyboard_alone(lab: Lab) -> None:
    """Open a notebook, run it, see its finding, make a mistake, see it, put it right."""
    keys = lab.page.keyboard
    lab.open()

    def command(words: str) -> None:
        keys.press("Control+Shift+C")
        expect(lab.page.locator(".lm-CommandPalette-input:focus")).to_be_visible()
        keys.type(words)
        expect(lab.page.locator(".lm-CommandPalette-item").first).to_contain_text(words)
        keys.press("Enter")

    def add_to_parameters(line: str) -> None:
        keys.press("Escape")
        first = lab.page.locator(".jp-NotebookPanel .jp-CodeCell").first
        while "jp-mod-active" not in (first.get_attribute("class") or ""):
            keys.press("ArrowUp")
        keys.press("Enter")
        keys.press("Control+End")
        keys.type(f"\n{line}")
        keys.press("Escape")

    command("Open from Path")
    expect(lab.page.locator(".jp-Dialog input:focus")).to_be_visible()
    keys.type("lab/run_chart.ipynb")
    keys.press("Enter")
    lab.wait_for_kernel()
    command("Run All Cells")
    lab.wait_until_run()
    expect(lab.page.locator(".qi-chart[role=img]")).to_have_count(1)
    add_to_parameters('baseline = "2030-01-01"')
    command("Run All Cells")
    expect(lab.stopped()).to_have_count(1)
    expect(lab.page.locator(".qi-stopped")).to_contain_text("`baseline` must end inside the data")
    add_to_parameters("baseline = None")
    command("Run All Cells")
    expect(lab.stopped()).to_have_count(0)
    lab.wait_until_run()
    expect(lab.page.locator(".qi-stopped")).to_have_count(0)
