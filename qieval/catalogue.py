"""THE list of evaluations: one row each.

An evaluation is a notebook that takes a table through a few functions. The row names those
functions; their signatures give the notebook's parameters (see :mod:`qieval.params`). To add an
analysis: the function, its chart, its notebook, one row here; the contract test says what is
missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
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
    """

    name: str
    title: str
    analysis: str
    result: str
    steps: tuple[str, ...]
    example: str

    @property
    def notebook(self) -> str:
        """File name of the notebook."""
        return f"{self.name}.ipynb"

    def functions(self) -> list[Callable[..., Any]]:
        """The functions behind ``steps``."""
        return [load(step) for step in self.steps]


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
