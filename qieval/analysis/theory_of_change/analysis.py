"""Theory of change: is the aim clear, what is thought to drive it, and how would one know?

The form itself, and what is refused with file and line, is :mod:`qieval.intake.theory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.analysis.theory_of_change.checks import checks_of
from qieval.analysis.theory_of_change.tables import (
    aim_table,
    counts_table,
    decided,
    measures_table,
    require_known_cycles,
    tree_of,
)
from qieval.analysis.theory_of_change.words import TheoryResult
from qieval.core.errors import CannotEvaluate
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.intake.theory import Theory, make_theory


@public
def theory_of_change(
    theory: Theory | Mapping[str, Any],
    cycles: pd.DataFrame | None = None,
    *,
    outcome: str = "Theory of change",
    setting: str = "",
) -> TheoryResult:
    """The aim, the drivers, the change ideas and the measures of a project, and what is open.

    Parameters
    ----------
    theory : Theory or mapping
        What `project.yml` says below ``theory:``: aim, drivers, measures.
    cycles : DataFrame, optional
        The project's log of PDSA cycles (`cycle`, `decision`); cycles that drivers name must be in
        it.
    outcome : str
        What the page is about, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    TheoryResult
        One point a change idea (or a driver without one); ``aim``, ``measures``.

    Raises
    ------
    CannotEvaluate
        If there is neither an aim nor a driver.
    ParameterError
        If the theory cannot be read, or names a cycle that is not in the log; with its line.

    References
    ----------
    Langley et al., The Improvement Guide (aim, measures, changes). Bennett and Provost 2015,
    Quality Progress 48:36 (driver diagrams).
    """
    asked = recorded(theory_of_change, locals())
    if not isinstance(theory, Theory):
        theory = make_theory(theory)
    if not theory.drivers and not any(
        (theory.aim.what, theory.aim.how_much, theory.aim.by_when, theory.aim.for_whom)
    ):
        raise CannotEvaluate(
            "The theory of change has neither an aim nor a driver.",
            remedy="Write down at least what is to change (`aim: {what: …}`) and what is thought "
            "to bring it about (`drivers`).",
            where=theory.place(),
        )
    if cycles is not None:
        require_known_cycles(theory, cycles)
    aim, measures = aim_table(theory), measures_table(theory)
    tree = tree_of(theory, decided(cycles))
    return TheoryResult(
        params={**asked, "cycles": cycles is not None},
        points=tree,
        estimates=counts_table(theory, aim, measures),
        checks=checks_of(theory, measures, cycles),
        aim=aim,
        measures=measures,
    )
