"""What a batch costs: ``python benchmarks/batch.py [evaluations] [ways …]``, or ``many [counts]``.

The same evaluations of the example programme in one go, pages included: by the command lines of
papermill and nbconvert; by their APIs, one after the other (what one would write without qieval)
and in a pool of two processes; by `qieval run` with papermill's engine, with kernels started
ahead, and with the warm engine, each with one worker and with two. Each way is a process of its
own, its start included. Wall and processor seconds an evaluation, how many times faster than the
APIs in turn, and the most memory that the leading process, one of its children, and all together
take. The floor is the same cells' own time, in turn in one process that has imported everything:
it is split into computing, drawing and the page.

``many`` makes so many copies of one small evaluation, runs them, and runs them again with nothing
changed: cost for each, memory of the leading process.

ploomber-engine is not among our packages: it is measured where it is installed (`pip install
ploomber-engine`), and left out elsewhere. It runs every notebook in one process: none is isolated.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

COUNT = 40
WAYS = {
    "papermill + nbconvert, API": "api",
    "the same, command lines": "commands",
    "the same, API in 2 processes": "pool",
    "ploomber-engine, one process": "ploomber",
    "floor: the cells alone": "floor",
    "qieval, papermill, 1 worker": "papermill:1",
    "qieval, papermill, 2 workers": "papermill:2",
    "qieval, ahead, 1 worker": "ahead:1",
    "qieval, ahead, 2 workers": "ahead:2",
    "qieval, warm, 1 worker": "warm:1",
    "qieval, warm, 2 workers": "warm:2",
}
ROOT = Path(__file__).resolve().parents[1]
PROGRAMME = "params/closing-the-gap"
PAGE = ROOT / "docs/batch.md"
MANY = (10, 100, 1000, 2000)
COPIED = "heron-employment"


def paths(count: int) -> list[Path]:
    """So many evaluations of the example programme, spread over it; no roll-up."""
    from qieval.batch.plan import plan

    items = [item for item in plan([ROOT / PROGRAMME], ROOT).items if not item.reads_results]
    return [items[number * len(items) // count].file.path for number in range(count)]


def by_api(file: str, executed: Path, engine: str | None = None) -> None:
    """What one would write without qieval; `engine`: one that papermill knows by an entry point."""
    import nbconvert
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from qieval.batch.plan import plan
    from qieval.core.errors import CannotEvaluate

    os.environ["QIEVAL_WORKSPACE"] = str(ROOT)
    (item,) = plan([ROOT / file], ROOT).items
    # A refusal to evaluate is an error to papermill; the notebook is written all the same. Of the
    # other engine's errors papermill makes an AttributeError of its own, and writes nothing.
    with suppress(PapermillExecutionError, CannotEvaluate, *([AttributeError] if engine else [])):
        papermill.execute_notebook(
            str(item.notebook),
            str(executed),
            item.file.injected,
            engine_name=engine,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(ROOT),
        )
    if not executed.exists():
        return
    html, _ = nbconvert.HTMLExporter(exclude_input=True).from_filename(str(executed))
    executed.with_suffix(".html").write_text(html, encoding="utf-8")


def by_commands(file: str, executed: Path) -> None:
    """What one would type without qieval."""
    from qieval.batch.plan import plan

    os.environ["QIEVAL_WORKSPACE"] = str(ROOT)
    (item,) = plan([ROOT / file], ROOT).items
    given = executed.with_suffix(".yml")
    given.write_text(json.dumps(item.file.injected))  # JSON is YAML
    python = [sys.executable, "-m"]
    run = [*python, "papermill", str(item.notebook), str(executed), "-f", str(given)]
    subprocess.run([*run, "-k", "python3", "--no-progress-bar"], cwd=ROOT, check=False)
    convert = [*python, "nbconvert", "--to", "html", "--no-input", str(executed)]
    subprocess.run(convert, check=True)


def cells_alone(files: list[str]) -> None:
    """Every notebook's cells in this very process, and the page; where the time goes."""
    import nbformat

    import qieval.report.elements as elements
    from qieval.batch.plan import plan
    from qieval.catalogue import EVALUATIONS, load
    from qieval.core.errors import CannotEvaluate
    from qieval.params.known import known_to

    begun = time.process_time()
    os.environ["QIEVAL_WORKSPACE"] = str(ROOT)
    os.chdir(ROOT)
    for row in EVALUATIONS.values():
        for address in (row.analysis, *row.before, *row.after):
            load(address)
    drawn, draw = 0.0, elements.drawing_of

    def timed(*arguments: Any) -> Any:
        nonlocal drawn
        began = time.process_time()
        drawing = draw(*arguments)
        drawn += time.process_time() - began
        return drawing

    elements.drawing_of = timed
    imported = time.process_time() - begun
    begun = time.process_time()
    for item in plan([ROOT / file for file in files], ROOT).items:
        names: dict[str, Any] = {}
        notebook = nbformat.read(item.notebook, as_version=4)
        with suppress(CannotEvaluate):
            for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
                *lines, last = ast.parse(cell.source).body
                exec(compile(ast.Module(lines, []), "cell", "exec"), names)
                if isinstance(last, ast.Expr):
                    shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
                    if hasattr(shown, "_repr_mimebundle_"):
                        json.dumps(shown._repr_mimebundle_())
                else:
                    exec(compile(ast.Module([last], []), "cell", "exec"), names)
                if number == 0:  # as when papermill injects: nothing of the example is left
                    names = {key: names[key] for key in names.keys() - known_to(item.file.notebook)}
                    names |= item.file.injected
    ran = time.process_time() - begun
    each = [f"{1000 * seconds / len(files):.0f} ms" for seconds in (ran, ran - drawn, drawn)]
    print(f"    floor: imports {imported:.1f} s once; cells {each[0]}: ", end="")
    print(f"computing {each[1]}, drawing {each[2]} an evaluation", flush=True)


def with_qieval(files: list[str], outputs: Path, engine: str, workers: int) -> None:
    """As `qieval run` does."""
    from qieval.batch.preparing import begin_early

    if engine == "warm":
        begin_early()
    from qieval.batch.plan import plan
    from qieval.batch.run import run
    from qieval.batch.warm import WARM
    from qieval.core.config import load_settings
    from qieval.share.index import write_index
    from qieval.share.pages import page

    settings = replace(load_settings(ROOT), outputs=outputs, workers=workers, engine=engine)
    ended = run(plan([ROOT / file for file in files], ROOT), page, settings)
    write_index(ended.outputs)
    WARM.close()  # and wait, so that its processor time is counted
    failed = [record.name for record in ended.records if record.status == "failed"]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def measured(command: list[str], stdout: int | None = None) -> tuple[float, float, list[float]]:
    """Wall and processor seconds of a command, and peaks of memory in MB (it, a child, all)."""
    begin, used = time.perf_counter(), 0.0
    before = os.times()
    peaks = [0.0, 0.0, 0.0]
    # Errors are in the notebooks; what papermill's command says of itself is no matter here.
    with subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.DEVNULL) as process:
        leading = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                processes = [leading, *leading.children(recursive=True)]
                # With what each has waited for; a prepared process is waited for by nobody.
                used = max(used, sum(sum(process.cpu_times()[:4]) for process in processes))
                own, *others = (each.memory_info().rss / 2**20 for each in processes)
                now = (own, max(others, default=0), own + sum(others))
                peaks = [max(pair) for pair in zip(peaks, now, strict=True)]
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    if process.returncode:
        raise SystemExit(f"failed: {command}")
    after = os.times()
    waited_for = after.children_user + after.children_system
    waited_for -= before.children_user + before.children_system
    return time.perf_counter() - begin, max(used, waited_for), peaks


def compared(count: int, chosen: list[str]) -> None:
    """Run each way in turn and print the table."""
    names = json.dumps([str(file.relative_to(ROOT)) for file in paths(count)])
    print(f"{count} evaluations, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    heads = ("wall s each", "times", "cpu s each", "times", "MB leading", "a child", "all")
    print(f"{'way':<32}{''.join(f'{head:>13}' for head in heads)}")
    first, rows = None, []
    for name, way in WAYS.items():
        if way not in chosen or (way == "ploomber" and not find_spec("ploomber_engine")):
            continue
        with tempfile.TemporaryDirectory() as outputs:
            command = [sys.executable, __file__, "--way", way, names, outputs]
            wall, used, peaks = measured(command)
        first = first or (wall, used)
        row = [f"{wall / count:.2f}", f"{first[0] / wall:.1f}", f"{used / count:.2f}"]
        row += [f"{first[1] / used:.1f}", *(f"{peak:.0f}" for peak in peaks)]
        rows.append([name, *row])
        print(f"{name:<32}{''.join(f'{cell:>13}' for cell in row)}", flush=True)
    if count >= COUNT:  # fewer try the benchmark out
        write_table("compared", [f"{count} evaluations", *heads], rows)


def many(counts: list[int]) -> None:
    """Copies of one evaluation: cost for each, and of a second run in which nothing is due."""
    rows = []
    heads = ("evaluations", "processor s each", "wall s each", "first tenth", "last tenth")
    heads += ("MB leading", "MB all", "again: processor s", "wall s")
    print(" ".join(f"{head:>18}" for head in heads))
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copytree(ROOT / "data", root / "data")
            (root / "params/many").mkdir(parents=True)
            shutil.copy(ROOT / PROGRAMME / "programme.yml", root / "params/many")
            for number in range(count):
                copy = root / "params/many" / f"{number:05}"
                copy.mkdir()
                for name in ("project.yml", "run_chart.yml"):
                    text = (ROOT / PROGRAMME / COPIED / name).read_text()
                    here = text.replace(f"{PROGRAMME}/{COPIED}", f"params/many/{copy.name}")
                    (copy / name).write_text(here)
            run = [sys.executable, "-m", "qieval", "run", str(root / "params")]
            wall, used, (leading, _, together) = measured(run, subprocess.DEVNULL)
            first, last = growth(root / "outputs/many/journal.jsonl", count)
            again, used_again, _ = measured(run, subprocess.DEVNULL)
            row = [f"{count:,}", f"{used / count:.2f}", f"{wall / count:.2f}", f"{first:.2f}"]
            row += [f"{last:.2f}", f"{leading:.0f}", f"{together:.0f}"]
            rows.append([*row, f"{used_again:.1f}", f"{again:.1f}"])
            print(" ".join(f"{cell:>18}" for cell in rows[-1]), flush=True)
        in_order = sorted(rows, key=lambda row: int(row[0].replace(",", "")))
        write_table("many", heads, in_order)  # each time: the longest take a quarter of an hour


def growth(journal: Path, count: int) -> tuple[float, float]:
    """Wall seconds of an evaluation in the first and in the last tenth of a run, on average."""
    events = map(json.loads, journal.read_text(encoding="utf-8").splitlines())
    took = [event["record"]["seconds"] for event in events if event["event"] == "ends"]
    tenth = max(1, count // 10)
    return sum(took[:tenth]) / tenth, sum(took[-tenth:]) / tenth


def write_table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Put a table in its place in docs/batch.md, with what it was measured on."""
    page = PAGE.read_text(encoding="utf-8")
    head, begin, rest = page.partition(f"<!-- {name}: written by benchmarks/batch.py -->\n")
    _, end, tail = rest.partition(f"<!-- {name}: end -->")
    lines = [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
    where = f"{os.cpu_count()} processors, load {os.getloadavg()[1]:.1f} at the end"
    lines += ["", f"Measured on {date.today()} ({where})."]
    PAGE.write_text(head + begin + "\n" + "\n".join(lines) + "\n\n" + end + tail, encoding="utf-8")


def one_way(way: str, files: list[str], outputs: Path) -> None:
    """In the process that is measured."""
    in_process = partial(by_api, engine="embedded")
    works = {"api": by_api, "commands": by_commands, "ploomber": in_process}
    targets = [outputs / f"{number}.ipynb" for number in range(len(files))]
    if way in works:
        for file, target in zip(files, targets, strict=True):
            works[way](file, target)
    elif way == "pool":
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(by_api, files, targets))
    elif way == "floor":
        cells_alone(files)
    else:
        engine, _, workers = way.partition(":")
        with_qieval(files, outputs, engine, int(workers))


if __name__ == "__main__":
    first, *rest = sys.argv[1:] or [str(COUNT)]
    if first == "--way":
        one_way(rest[0], json.loads(rest[1]), Path(rest[2]))
    elif first == "many":
        many([int(count) for count in rest] or list(MANY))
    else:
        compared(int(first), rest or list(WAYS.values()))
