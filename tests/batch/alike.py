"""Notebooks that two engines run, and what of their outputs must be the same.

Left out of the comparison: clocks, memory addresses, process numbers, ids made up at the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from qieval.batch.engines import ENGINES, Execution

KERNEL = {"name": "python3", "display_name": "P", "language": "python"}

EVERYDAY = {
    "pandas and its width": """
import pandas as pd
print(pd.options.display.max_columns)
pd.DataFrame({f"column {n}": [n] for n in range(25)})
""",
    "streams and displays in order": """
import sys
from IPython.display import HTML, JSON, Latex, Markdown, SVG, display
print("first"); print("to stderr", file=sys.stderr); print("second")
display(HTML("<b>x</b>"), JSON({"a": [1, None]}), Latex("$x$"), Markdown("*y*"))
print("third", end="")
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"))
"last"
""",
    "a display that is updated": 'shown = display("before", display_id="one")\nshown.update("now")',
    "and from another cell": 'shown.update("later")\ndisplay(1, display_id="two")',
    "cleared output": """
from IPython.display import clear_output
print("gone"); clear_output(); print("kept"); clear_output(wait=True); print("at last")
""",
    "a figure": """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1))
axes.plot([1, 3, 2])
""",
    "a figure as SVG": """
import os
os.environ["SOURCE_DATE_EPOCH"] = "0"
plt.rcParams["svg.hashsalt"] = "the same"
%config InlineBackend.figure_formats = ["svg"]
plt.plot([1, 2]);
""",
    "an error in a library": 'pd.DataFrame({"a": [1]})["b"]',
    "a chain of errors": """
def inner():
    return 1 / 0
try:
    inner()
except ZeroDivisionError as error:
    raise ValueError("because of é") from error
""",
    "a syntax error": "if True:\nprint(1)",
    "an error in a display": """
class Broken:
    def _repr_html_(self): raise RuntimeError("cannot be shown")
    def __repr__(self): return "broken"
Broken()
""",
    "a warning": """
import warnings
warnings.warn("mind this")
warnings.warn("old", DeprecationWarning)
""",
    "input is refused": 'input("name? ")',
    "a password is refused": "import getpass\ngetpass.getpass()",
    "magics": """
%matplotlib inline
%precision 3
!echo from a shell
3.14159
""",
    "cell magics": "%%capture kept\nprint('caught')",
    "what was caught": "print(kept.stdout, end='')",
    "an asynchronous cell": """
import asyncio
async def later():
    await asyncio.sleep(0.01)
    return 7
task = asyncio.ensure_future(later())
await later()
""",
    "a task of an earlier cell": "await task",
    "a loop within the loop": "never = later()\ntry: asyncio.run(never)\nfinally: never.close()",
    "threads": """
import threading
threads = [threading.Thread(target=print, args=("from a thread",)) for _ in range(3)]
for each in threads: each.start(); each.join()
""",
    "another process": """
import os, subprocess, time
subprocess.run(["echo", "from a process"])
os.system("echo from the system")
os.write(2, b"from below\\n")
time.sleep(0.5)
""",
    "a fork": """
child = os.fork()
if not child:
    os.write(1, b"from a fork\\n"); os._exit(0)
os.waitpid(child, 0)[1], time.sleep(0.5)
""",
    "unicode": 'print("Zoë – 病院 🏥 ‏עברית")\n"\\u2028"',
    "much output": 'print("x" * 1_000_000)\nprint("\\n".join("line" for _ in range(10_000)))',
    "a progress bar": 'for n in range(3): print(f"\\r{n} of 3", end="")',
    "an interrupt of its own": "raise KeyboardInterrupt",
    "an interrupt from outside": """
import signal
os.kill(os.getpid(), signal.SIGINT)
time.sleep(5)
""",
    "an interrupt of a task": "signal.raise_signal(signal.SIGINT)\nawait asyncio.sleep(5)",
    "the end, refused": "import sys\nsys.exit(3)",
    "a log": 'import logging\nlogging.warning("take care")\nlogging.info("unheard")',
    "a widget": """
from comm import create_comm
state = {"_model_name": "M", "_model_module": "m", "_model_module_version": "1", "value": 4}
comm = create_comm(target_name="jupyter.widget", comm_id="a", data={"state": state}, buffers=[])
comm.send({"method": "update", "state": {"value": 5}})
""",
    "what came before": "_, len(In), sorted(Out)[:3], get_ipython().execution_count",
    "where it runs": """
(os.path.basename(os.getcwd()), os.environ["QIEVAL_TEST"], os.environ["TERM"],
 os.environ.get("JE_ARROW_MALLOC_CONF"), __name__, sys.flags.interactive, sys.stdin.isatty(),
 sys.stdout.isatty(), type(get_ipython()).__name__, type(get_ipython().history_manager).__name__)
""",
    "help": "len?",
    "nothing": "# nothing to run",
}
"""What a cell may do; one that fails is followed by the others."""


def notebook(cells: dict[str, str] | list[str], *, goes_on: bool = False) -> nbformat.NotebookNode:
    """A notebook of these cells; one that goes on when one of them fails."""
    sources = cells.values() if isinstance(cells, dict) else cells
    made = [v4.new_code_cell(source.strip(), id=f"c{n}") for n, source in enumerate(sources)]
    for cell in made if goes_on else ():
        cell.metadata["tags"] = ["raises-exception"]
    return v4.new_notebook(cells=made, metadata={"kernelspec": KERNEL})


def run(
    engine: str, notebook: nbformat.NotebookNode, folder: Path, **options: Any
) -> tuple[str, nbformat.NotebookNode]:
    """How it ended (the error's name, or nothing), and the notebook that the engine left."""
    folder.mkdir(parents=True, exist_ok=True)
    given, left = folder / f"given to {engine}.ipynb", folder / f"{engine}.ipynb"
    nbformat.write(notebook, given)
    defaults = {
        "parameters": {},
        "root": folder,
        "environment": {"QIEVAL_TEST": "yes"},
        "timeout": 60,
        "memory": 0,
        "on_step": lambda cell, status: None,
    }
    with (folder / f"{engine}.log").open("a", buffering=1) as log:
        execution = Execution(notebook=given, output=left, log=log, **{**defaults, **options})
        try:
            ENGINES[engine].execute(execution)
            ended = ""
        except Exception as error:
            ended = type(error).__name__
    return ended, nbformat.read(left, as_version=4)
