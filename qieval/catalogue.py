"""THE list of evaluations: one row each.

An evaluation is a notebook that takes a table through a few functions. The row names those
functions; their signatures give the notebook's parameters (see :mod:`qieval.params`). To add an
analysis: the function, its chart, its notebook, one row here; the contract test says what is
missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from qieval.core.errors import DataError
from qieval.core.results import Result


@dataclass(frozen=True)
class Evaluation:
    """One row of the catalogue.

    Attributes
    ----------
    name : str
        Name of the notebook (``notebooks/<name>.ipynb``) and of the parameter files.
    title : str
        The evaluation in plain words.
    analysis : str
        ``module:function`` of the analysis.
    result : str
        ``module:class`` of what it returns.
    steps : tuple of str
        ``module:function`` of every function that the notebook calls with parameters, in order.
    example : str
        Parameter file, below ``params/``, that the notebook shows when it is opened as it is.
    renamed : mapping
        Arguments of the analysis that the notebook calls otherwise, because another step has taken
        the name: ``{"kind": "chart"}``.
    """

    name: str
    title: str
    analysis: str
    result: str
    steps: tuple[str, ...]
    example: str
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def notebook(self) -> str:
        """File name of the notebook."""
        return f"{self.name}.ipynb"

    def functions(self) -> list[Callable[..., Any]]:
        """The functions behind ``steps``."""
        return [load(step) for step in self.steps]

    def name_of(self, function: Callable[..., Any], argument: str) -> str:
        """What the notebook calls an argument of a step."""
        own = function is load(self.analysis)
        return self.renamed.get(argument, argument) if own else argument


EVALUATIONS: dict[str, Evaluation] = {
    row.name: row
    for row in [
        Evaluation(
            name="interrupted_time_series",
            title="Interrupted time series",
            analysis="qieval.analysis.its:interrupted_time_series",
            result="qieval.analysis.its:ITSResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.its:interrupted_time_series",
                "qieval.report.plan:plan",
                "qieval.report.checklists:epoc_checklist",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/interrupted_time_series.yml",
        ),
        Evaluation(
            name="power",
            title="Power: which change could be found",
            analysis="qieval.analysis.its:its_power",
            result="qieval.analysis.its:PowerResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.its:its_power",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/juniper-crisis-house/power.yml",
        ),
        Evaluation(
            name="run_chart",
            title="Run chart: is there a signal of a change",
            analysis="qieval.analysis.spc:run_chart",
            result="qieval.analysis.spc:RunChartResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.spc:run_chart",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/run_chart.yml",
        ),
        Evaluation(
            name="control_chart",
            title="Control chart: what varies by chance, and what does not",
            analysis="qieval.analysis.spc:control_chart",
            result="qieval.analysis.spc:ControlChartResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.spc:control_chart",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/control_chart.yml",
            renamed={"kind": "chart"},
        ),
        Evaluation(
            name="funnel",
            title="Funnel: which units differ by more than chance",
            analysis="qieval.analysis.funnel:funnel",
            result="qieval.analysis.funnel:FunnelResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.units:units",
                "qieval.analysis.funnel:funnel",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/alder-weekly-review/funnel.yml",
            renamed={"kind": "shows"},
        ),
    ]
}


def load(address: str) -> Any:
    """The object at ``module:name``."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def read_result(path: Path | str) -> Result:
    """The result in a file ``*.result.json`` that ``qieval run`` wrote.

    Raises
    ------
    DataError
        If the file is missing, is not JSON, or holds no result of a known kind and version.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError("There is no such result file.", found=path.name) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError("This file is not a qieval result.", found=path.name) from error
    for row in EVALUATIONS.values():
        load(row.result)  # a result class is known to the reader once it has been imported
    return Result.from_dict(data)
