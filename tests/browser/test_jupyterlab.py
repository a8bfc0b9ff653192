"""JupyterLab for real: somebody opens a project, runs, sees figures, errs, and moves the form."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page

from qieval.batch.working_copies import working_copies
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LAB = "lab/closing-the-gap"
PATIENCE = 90_000
"""Milliseconds; a busy machine is not a fault."""

PROMPTS = "[...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].map(e => e.innerText)"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab that `qieval lab` started on this computer, in a workspace."""
    root = tmp_path_factory.mktemp("desk")
    for part in ("params/closing-the-gap", "data/closing-the-gap", "notebooks"):
        shutil.copytree(REPOSITORY / part, root / part)
    port, home = free_port(), tmp_path_factory.mktemp("home")
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QIEVAL_")},
        **{f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "qieval", "lab"]
    some = ["rowan-discharge-pathway/run_chart", "willow-step-down-flat/interrupted_time_series"]
    files = [f"params/closing-the-gap/{name}.yml" for name in some]
    run = [sys.executable, "-m", "qieval", "run", *files]  # what the roll-up reads
    subprocess.run(run, cwd=root, env=surroundings, check=True, capture_output=True)
    for project in ("mallow-health-clinic", "whole-programme"):
        working_copies(root, root / "params/closing-the-gap" / project)
    options = [
        *("--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1"),
        *("--ServerApp.port_retries=0", "--IdentityProvider.token="),
    ]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [*command, "params/closing-the-gap/rowan-discharge-pathway", "--", *options],
            cwd=root,
            env=surroundings,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(720):
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except URLError:
                assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
                time.sleep(0.25)
        yield address
    finally:
        # Its own way to end: it ends JupyterLab, and that its kernels.
        subprocess.run(
            [sys.executable, "-m", "jupyter_server.serverapp", "stop", str(port)],
            env=surroundings,
            check=False,
            capture_output=True,
        )
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def desk(lab: str, browser: Browser) -> Iterator[Page]:
    """JupyterLab in a browser; nothing may be asked of any other computer."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    outside = [url for url in asked if not url.startswith((lab, "data:", "blob:", "file:"))]
    assert not outside, f"JupyterLab asked for {outside}"


def open_notebook(desk: Page, lab: str, path: str) -> None:
    desk.goto(f"{lab}/lab/tree/{path}?reset")
    desk.wait_for_selector(".jp-Notebook .jp-CodeCell")
    desk.wait_for_function(
        "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
    )


def wait_until_run(desk: Page) -> None:
    """Until every code cell was run, or the run stopped at one."""
    desk.wait_for_function(
        f"() => {{ const all = {PROMPTS}; return all.some(each => /\\d/.test(each)) "
        "&& !all.some(each => each.includes('*')); }"
    )
    desk.wait_for_timeout(300)


def run_all(desk: Page) -> None:
    desk.get_by_role("menuitem", name="Run", exact=True).click()
    desk.get_by_text("Run All Cells", exact=True).click()
    wait_until_run(desk)


def add_cell(desk: Page, code: str) -> None:
    """Write a cell below the last one, and run it."""
    desk.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").last.click()
    desk.keyboard.press("Escape")
    desk.keyboard.press("b")
    desk.keyboard.press("Enter")
    desk.keyboard.insert_text(code)
    desk.keyboard.press("Control+Enter")
    wait_until_run(desk)


@pytest.mark.parametrize(
    "notebook",
    [
        "rowan-discharge-pathway/run_chart",
        "mallow-health-clinic/audit",
        "whole-programme/programme",
    ],
)
def test_a_project_s_notebook_runs_and_shows_described_figures(
    desk: Page, lab: str, notebook: str
) -> None:
    open_notebook(desk, lab, f"{LAB}/{notebook}.ipynb")
    run_all(desk)
    assert desk.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    figures = desk.locator(".qi-chart[role=img]")
    assert figures.count() >= 1
    for figure in figures.all():
        assert len(figure.get_attribute("aria-label") or "") > 60
    assert figures.first.locator("svg").first.bounding_box()["width"] > 300
    assert (
        desk.locator(".qi-headline").first.evaluate("e => getComputedStyle(e).fontWeight") == "600"
    )


def test_an_error_is_seen_where_it_happened_and_at_the_top(desk: Page, lab: str) -> None:
    open_notebook(desk, lab, f"{LAB}/rowan-discharge-pathway/interrupted_time_series.ipynb")
    run_all(desk)
    add_cell(desk, "result.plot()")
    picture = desk.locator(".jp-OutputArea-output img").last
    assert len(picture.get_attribute("alt") or "") > 60
    assert picture.bounding_box()["width"] > 300
    add_cell(desk, "qi.run_chart(measured.table, valu='bed_days')")
    error = desk.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert error.inner_text().strip().splitlines() == [
        "`valu` is not a parameter of `run_chart`.",
        "What to do: Did you mean `value`?",
    ]
    fold = desk.locator(".qi-aside")
    assert fold.count() == 1
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert "Traceback" in fold.locator("pre").inner_text()
    top = desk.locator(".qi-stopped")
    number = re.search(r"\d+", desk.evaluate(PROMPTS)[-1]).group()
    assert f"stopped in cell [{number}]" in top.inner_text()
    top.locator("a").click()
    desk.wait_for_timeout(500)
    assert error.bounding_box()["y"] < 900
    # The form, in the same notebook.
    add_cell(desk, "qi.form('params/closing-the-gap/rowan-discharge-pathway', 'bed_days')")
    shown = desk.locator(".widget-html [role=status]").first
    shown.wait_for()
    before, picture = shown.inner_text(), shown.locator("img").get_attribute("src")
    assert "4.4 bed days a day lower" in before
    handle = desk.locator(".noUi-handle").first
    handle.focus()
    for _ in range(6):
        desk.keyboard.press("ArrowRight")
    desk.wait_for_function(
        "was => { const now = document.querySelector('.widget-html [role=status] img');"
        " return now && now.src !== was; }",
        arg=picture,
    )
    desk.wait_for_timeout(1500)
    assert shown.inner_text() != before
    assert "Exploratory. Start of the change: planned" in shown.inner_text()


def test_a_notebook_is_run_by_keyboard_alone(desk: Page, lab: str) -> None:
    open_notebook(desk, lab, f"{LAB}/rowan-discharge-pathway/run_chart.ipynb")
    desk.keyboard.press("Control+Shift+c")
    desk.keyboard.type("run all cells")
    desk.wait_for_timeout(500)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    wait_until_run(desk)
    assert desk.locator(".qi-chart[role=img]").count() == 1
