"""What a roll-up rests on: the evaluations that it read, with their status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core.evaluated import Evaluated
from qieval.core.words import in_a_row, many
from qieval.intake.origin import Origin
from qieval.report.shown import Shown, folded, table, text_table

_SHOWN = {
    "done": "evaluated",
    "not evaluated": "not evaluated",
    "failed": "failed",
    "not run": "not run",
}


@dataclass(frozen=True)
class ResultsRead:
    """The evaluations read, as a passport is of a file: origin, source, digest.

    Attributes
    ----------
    origin : Origin
        Whose data they rest on; simulated if any of them does.
    source : str
        How many evaluations of which programme.
    shown : Shown
        The same for people.
    digest : str
        Blank: results are no file.
    """

    origin: Origin
    source: str
    shown: Shown
    digest: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.shown._repr_mimebundle_(include, exclude)


def results_read(results: Sequence[Evaluated]) -> ResultsRead:
    """What was read: every evaluation with its status, and whose data they rest on."""
    counts = Counter(item.status for item in results)
    said = in_a_row(
        [f"{counts[status]} {word}" for status, word in _SHOWN.items() if counts[status]]
    )
    programmes = in_a_row(list(dict.fromkeys(item.programme for item in results)))
    words = f"{many(len(results), 'evaluation')} of {programmes}: {said}."
    rows = pd.DataFrame(
        [
            (item.project_name, item.title or "none", _SHOWN.get(item.status, item.status))
            for item in results
        ],
        columns=["Project", "Evaluation", "Status"],
    )
    owners = list(dict.fromkeys(item.attribution for item in results if item.attribution))
    origin = Origin(
        title=f"Results of {programmes}",
        attribution=" ".join(owners) or f"Results of {programmes}",
        simulated=any(item.simulated for item in results),
    )
    html = f"<p>{words}</p>{folded('What was read', table(rows, 'Evaluations that were read'))}"
    shown = Shown(html, f"{words}\n{text_table(rows)}")
    return ResultsRead(origin, words, shown)
