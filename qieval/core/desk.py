"""What stands beside results in a notebook's front end: the traceback of an error, and the top.

JupyterLab shows an error where it happened, which may be far down. So the cell that checks the
parameters, at the top, is told as well: it names the cell that stopped and leads to it, and says
so no more once that cell has run. Outside a notebook nothing here does anything.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
import warnings
from collections.abc import Iterable
from html import escape
from typing import Any, TypeVar

ASIDE = {"qieval": "aside"}
"""Metadata of outputs that are for whoever is at the notebook, and for no page."""

LOOK = """\
.qi-desk, .qi-words, .qi-checked, .qi-limits, .qi-headline { max-width: 50rem; }
.qi-completeness, .qi-figure figcaption { max-width: 50rem; }
.qi-headline { font-size: 1.2em; font-weight: 600; line-height: 1.3; margin: .3em 0; }
.qi-completeness, .qi-figure figcaption { opacity: .85; }
.qi-figure { margin: .8em 0; }
.qi-table-box { overflow-x: auto; max-width: 100%; }
.qi-table-box .qi-table { border-collapse: collapse; margin: 0; font-size: 1em; }
.qi-table-box .qi-table caption { text-align: left; font-weight: 600; color: inherit; }
.qi-table-box .qi-table :is(th, td) {
  text-align: left; vertical-align: top; padding: .3em .9em .3em 0; max-width: none;
  border-bottom: 1px solid #76869266; font-variant-numeric: tabular-nums;
}
.qi-table-box .qi-table thead th { border-bottom: 2px solid #768692; }
.qi-table-box .qi-table tbody th { font-weight: 400; }
.qi-ends { white-space: nowrap; }
.qi-checks.qi-checks { list-style: none; padding: 0; margin: 0; }
.qi-checks li { margin: 0 0 .6em; padding-left: .8em; border-left: 4px solid #768692; }
.qi-checks li.qi-pass { border-color: #005eb8; }
.qi-checks li.qi-warn { border-color: #ed8b00; }
.qi-checks li.qi-fail { border-color: currentColor; }
.qi-status { font-weight: 600; border: 1px solid #768692; border-radius: 1em; padding: 0 .5em; }
.qi-stopped { border-left: 6px solid #ed8b00; padding: .2em .8em; margin: .4em 0 .8em; }
.qi-aside pre { white-space: pre-wrap; font-size: .85em; }
""" + "".join(
    f".qi-table-box .qi-n{place} :is(th, td):nth-child({place}) {{ text-align: right; }}\n"
    for place in range(2, 17)
)
"""The look of a page's parts in a notebook; every selector begins with a class of ours."""


def kernel_shell() -> Any:
    """The shell of the notebook that this code runs in; None where there is no notebook."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


SESSION = "JPY_SESSION_NAME"
"""What a Jupyter server tells a kernel that somebody works with: the notebook's path. Nobody sits
before the kernels of a run, which lack it (:func:`qieval.core.config.environment_of`)."""

DELAY = 2.0
"""Seconds before progress shows: what is over sooner needs none."""

Item = TypeVar("Item")


def progress(items: Iterable[Item], words: str, total: int | None = None) -> Iterable[Item]:
    """The items one by one; how far it is shows to somebody who waits at a notebook or a prompt.

    Runs, pages and programs are silent. It shows after two seconds, and goes when all is done.

    Parameters
    ----------
    items : iterable
        What is worked through.
    words : str
        What is being done: "Months simulated".
    total : int, optional
        How many there are, where `items` cannot tell.
    """
    at_notebook = kernel_shell() is not None and bool(os.environ.get(SESSION))
    if not at_notebook and not (hasattr(sys, "ps1") and sys.stderr.isatty()):
        return items
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a plain bar is shown where ipywidgets is missing
        from tqdm.auto import tqdm

        shown: Iterable[Item] = tqdm(items, words, total, leave=False, delay=DELAY)
    return shown


class Top:
    """The output at the top of a notebook, which is told where the notebook stopped.

    Attributes
    ----------
    text : str
        What it says in plain text.
    """

    shown: Top | None = None
    """That of this notebook, once it was shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._handle: Any = None
        self._cell = ""

    def show(self) -> None:
        """Show it; the look of every output below comes with it."""
        from IPython.display import display

        self._handle = display(self._bundle(), raw=True, display_id=True)
        Top.shown = self if kernel_shell() else None

    def stopped(self, shell: Any, problem: str) -> None:
        """Say that the cell that runs now stopped, and why, until it has run."""
        cell = shell.get_parent().get("content", {}).get("code", "")
        if not self._cell:
            shell.events.register("post_run_cell", self._ran)
        self._cell = cell
        number = len(shell.history_manager.input_hist_parsed) - 1
        first = cell.strip().partition("\n")[0]
        id_of_cell = shell.get_parent().get("metadata", {}).get("cellId", "")
        place = f"cell [{number}]"
        link = f'<a href="#cell-id={escape(id_of_cell, quote=True)}">{place}</a>'
        html = (
            f'<div class="qi-stopped" role="alert"><p><strong>This notebook stopped in '
            f"{link if id_of_cell else place}</strong>: <code>{escape(first)}</code></p>"
            f"<p>{escape(problem)}</p></div>"
        )
        self._tell(html, f"This notebook stopped in {place}: {first}\n{problem}\n")

    def _ran(self, result: Any) -> None:
        """After each cell: the one that stopped may have run."""
        if result.success and result.info.raw_cell == self._cell:
            self._cell = ""
            kernel_shell().events.unregister("post_run_cell", self._ran)
            self._tell()

    def _tell(self, html: str = "", text: str = "") -> None:
        self._handle.update(self._bundle(html, text), raw=True)

    def _bundle(self, html: str = "", text: str = "") -> dict[str, str]:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.text.splitlines())
        return {
            "text/html": f'<div class="qi-desk"><style>{LOOK}</style>{html}{lines}</div>',
            "text/plain": f"{text}{self.text}",
        }


_COME_HERE = """\
<script>{
  const fold = document.currentScript.previousElementSibling;
  if (Date.now() - BORN < 60000 && fold?.closest(".jp-Cell"))
    setTimeout(() => fold.scrollIntoView({ block: "center" }), 300);
}</script>"""
"""After Run All, JupyterLab looks at the last cell, which an error leaves blank: it is brought back
to the error, once. A notebook that is opened later (BORN: milliseconds) stays where it is."""


def show_traceback(error: Exception, problem: str) -> None:
    """Show how an error came about, folded, above its own lines; and name its cell at the top."""
    shell = kernel_shell()
    if shell is None:
        return
    from IPython.display import display

    lines = "".join(traceback.format_exception(error))
    fold = f"<summary>How it came about (for analysts)</summary><pre>{escape(lines)}</pre>"
    somebody = os.environ.get(SESSION)  # runs have no view, and must come out alike each time
    here = _COME_HERE.replace("BORN", str(round(1000 * time.time()))) if somebody else ""
    bundle = {"text/html": f'<details class="qi-aside">{fold}</details>{here}', "text/plain": ""}
    display(bundle, raw=True, metadata=ASIDE)
    if Top.shown is not None:
        Top.shown.stopped(shell, problem)
