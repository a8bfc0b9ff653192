"""A project's plan, checked against the evaluation that it plans."""

from __future__ import annotations

import inspect
from pathlib import Path

from pydantic import ValidationError

from qieval.catalogue import evaluation, load
from qieval.core.errors import ParameterError
from qieval.core.signatures import value_in_words
from qieval.intake.plans import Plan, refuse_unknown
from qieval.intake.programmes import read_project
from qieval.params.known import known_to, model_for


def checked_plan(project: Path, root: Path) -> Plan | None:
    """A project's plan, if it has one, its names and values those of the planned evaluation.

    Parameters
    ----------
    project : pathlib.Path
        The project's folder
    root : pathlib.Path
        The workspace

    Raises
    ------
    ParameterError
        If the evaluation, or a name or a value that the plan chooses for it, is not known
    """
    plan = read_project(project, root).plan
    if plan is None:
        return None
    try:
        analysis = load(evaluation(plan.evaluation).analysis)
    except ParameterError as error:
        place = plan.place("evaluation")
        raise ParameterError(
            error.problem, found=error.found, remedy=error.remedy, where=place
        ) from error
    takes = inspect.signature(analysis).parameters
    known = {name: p for name, p in known_to(plan.evaluation).items() if name in takes}
    refuse_unknown(plan, known)
    try:
        model_for(plan.evaluation).model_validate(dict(plan.choices))
    except ValidationError as error:
        # A plan need not name everything: what is missing is open.
        for problem in (found for found in error.errors() if found["type"] != "missing"):
            name = str(problem["loc"][0])
            raise ParameterError(
                f"`{name}` cannot be planned like this.",
                found=repr(problem["input"]),
                remedy=f"Give {value_in_words(known[name].annotation)}: {known[name].help}.",
                where=plan.place(name),
            ) from error
    return plan
