"""What a batch costs: `python benchmarks/batch.py [evaluations] [ways …]`.

The same evaluations of the example programme in one go: by the papermill API with nbconvert,
one after the other (what one would write without qieval); by `qieval run` with papermill's engine;
and with the warm engine, with one worker and with two. Each way is a process of its own, its start
and the pages included. Wall and processor seconds an evaluation, and how many times faster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

COUNT = 12
WAYS = {
    "papermill API + nbconvert": "api",
    "qieval, papermill, 2 workers": "papermill:2",
    "qieval, warm, 1 worker": "warm:1",
    "qieval, warm, 2 workers": "warm:2",
}
ROOT = Path(__file__).resolve().parents[1]
PROGRAMME = "params/closing-the-gap"


def paths(count: int) -> list[Path]:
    """So many evaluations of the example programme, spread over it; no roll-up."""
    from qieval.batch.plan import plan

    items = [item for item in plan([ROOT / PROGRAMME], ROOT).items if not item.reads_results]
    return [items[number * len(items) // count].file.path for number in range(count)]


def one_after_the_other(files: list[str], outputs: Path) -> None:
    """What one would write without qieval."""
    import nbconvert
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from qieval.batch.plan import plan

    os.environ["QIEVAL_WORKSPACE"] = str(ROOT)
    for number, item in enumerate(plan([ROOT / file for file in files], ROOT).items):
        executed = outputs / f"{number}.ipynb"
        # A refusal to evaluate is an error to papermill; the notebook is written all the same.
        with suppress(PapermillExecutionError):
            papermill.execute_notebook(
                str(item.notebook),
                str(executed),
                item.file.injected,
                kernel_name="python3",
                progress_bar=False,
                cwd=str(ROOT),
            )
        html, _ = nbconvert.HTMLExporter(exclude_input=True).from_filename(str(executed))
        executed.with_suffix(".html").write_text(html, encoding="utf-8")


def with_qieval(files: list[str], outputs: Path, engine: str, workers: int) -> None:
    """As `qieval run` does."""
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


def measured(way: str, files: list[Path]) -> tuple[float, float]:
    """Wall and processor seconds of one way, in a process of its own."""
    with tempfile.TemporaryDirectory() as outputs:
        names = json.dumps([str(file.relative_to(ROOT)) for file in files])
        before, begin = os.times(), time.perf_counter()
        command = [sys.executable, __file__, "--way", way, names, outputs]
        subprocess.run(command, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
        after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return time.perf_counter() - begin, used


def main() -> None:
    """Run each way in turn and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    chosen = sys.argv[2:] or list(WAYS.values())
    files = paths(count)
    print(f"{count} evaluations, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'way':<32}{'wall s each':>13}{'cpu s each':>12}{'times faster':>14}")
    first = None
    for name, way in WAYS.items():
        if way in chosen:
            wall, used = (value / count for value in measured(way, files))
            first = first or wall
            print(f"{name:<32}{wall:>13.2f}{used:>12.2f}{first / wall:>14.1f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        way, given, folder = sys.argv[2:]
        if way == "api":
            one_after_the_other(json.loads(given), Path(folder))
        else:
            engine, _, workers = way.partition(":")
            with_qieval(json.loads(given), Path(folder), engine, int(workers))
    else:
        main()
