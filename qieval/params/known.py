"""What each evaluation can be told, from the signatures of its steps."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from qieval.catalogue import OPENING, READ, Evaluation, evaluation
from qieval.core.signatures import Parameter, model_of, parameters_in
from qieval.flow.recipes import known_in_measures
from qieval.intake.recipes import known_in_data
from qieval.params.written_down import parameters_written, steps_written

RECIPES = ("measure", "data")
"""Parameters that name what the project says once."""


def about(
    *, measure: str | Mapping[str, Any] | None = None, data: str | Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an evaluation is about, by the names of its project: what was given.

    Parameters
    ----------
    measure : str or mapping, optional
        The measure: a name below `measures` in project.yml, or its own `data`, `value` and so on
    data : str or mapping, optional
        The data, where it is about no single measure: a name below `data` in project.yml, or its
        own `source`, `kind` and so on
    """
    named = {"measure": measure, "data": data}
    return {name: value for name, value in named.items() if value is not None}


@functools.lru_cache
def known_to(name: str) -> Mapping[str, Parameter]:
    """The parameters of an evaluation by name, in the order of its steps.

    A name that several steps share is one parameter; required if one of them requires it.
    """
    name = evaluation(name).name
    return parameters_written(name) or known_by_signatures(name)


def known_by_signatures(name: str) -> dict[str, Parameter]:
    """The same, from the functions themselves: their modules are loaded for it."""
    row = evaluation(name)
    known: dict[str, Parameter] = {}
    for step, function in zip(row.steps, row.functions(), strict=True):
        for argument, parameter in parameters_in(function).items():
            called = row.name_of(function, argument)
            if called not in known or parameter.required:
                known[called] = replace(parameter, name=called)
        if step == OPENING and READ in row.steps:
            known |= {n: p for n, p in parameters_in(about).items() if n not in row.own}
    return known


def taken_by_steps(name: str) -> dict[str, list[str]]:
    """Each step of an evaluation, and what it takes by name, as the notebook calls it."""
    name = evaluation(name).name
    return steps_written(name) or steps_by_signatures(name)


def steps_by_signatures(name: str) -> dict[str, list[str]]:
    """The same, from the functions themselves."""
    row = evaluation(name)
    return {
        step: [row.name_of(function, argument) for argument in parameters_in(function)]
        for step, function in zip(row.steps, row.functions(), strict=True)
    }


PROJECT_SAYS = ("setting", "intervention", "intervention_end", "change", "events")
"""What a project says to each of its evaluations, beside its data and measures."""

CALLED_HERE = {"title": "outcome"}
"""Names of a recipe that an evaluation has for something else: a page has a title, too."""


@functools.lru_cache
def said_by_projects(name: str) -> frozenset[str]:
    """The parameters of an evaluation that its project may say."""
    recipes = {*known_in_data(), *known_in_measures()}
    said = {CALLED_HERE.get(each, each) for each in recipes} | set(PROJECT_SAYS)
    return frozenset(said & set(known_to(name)) - set(evaluation(name).own))


def has_family(row: Evaluation) -> bool:
    """Whether an evaluation takes several measures of a project."""
    return "measures" in known_to(row.name)


def parameters_of(name: str) -> tuple[Parameter, ...]:
    """The parameters of an evaluation, in the order of its steps."""
    return tuple(known_to(name).values())


@functools.lru_cache
def model_for(name: str) -> type[BaseModel]:
    """The pydantic model that checks the parameters of an evaluation."""
    return model_of(f"{name}_parameters", known_to(name))
