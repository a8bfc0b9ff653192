"""What a measure of a project is: figures counted by `qi.measure`, and their meaning."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qieval.core.counts import Counts
from qieval.core.errors import ParameterError, listed
from qieval.core.signatures import Parameter, parameters_in
from qieval.flow.measures import MEASURED, measure
from qieval.intake.programmes import title_of
from qieval.intake.reading import read
from qieval.intake.recipes import Recipe, Recipes, Said, check_recipe, laid_over

Type = Literal["outcome", "process", "balancing"]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a measure measures and means, on every page that shows it.

    Parameters
    ----------
    title : str
        What is measured, in plain words
    unit : str, optional
        Unit of the value, in plain words: "bed days a day"
    direction : str
        Which way is better
    type : str, optional
        outcome, process or balancing measure
    counts : str, optional
        What the value counts: events (falls, admissions), or an amount (bed days, waits, scores)
    target : float, optional
        The value that is aimed at
    unit_cost : mapping, optional
        What a bed day costs: low and high (pounds), source, price_year
    bounds : list of two numbers, optional
        Between which the value must lie, such as [0, 100]; null where there is none
    value : str, optional
        Column with the figure
    numerator : str, optional
        Column with what is counted, for a share or rate
    denominator : str, optional
        Column with what the figure is divided by, such as days_in_period
    per : float
        Units of the denominator that a rate is given for, such as 100000 people
    """

    title: str | None = None
    unit: str | None = None
    direction: Literal["lower", "higher", "neutral"] = "neutral"
    type: Type | None = None
    counts: Counts | None = None
    target: float | None = None
    unit_cost: Mapping[str, Any] | None = None
    bounds: Sequence[float | None] | None = None
    value: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    per: float = 1


COUNTED = ("value", "numerator", "denominator")
"""What says that a measure is a figure by period or unit."""


@functools.lru_cache
def known_in_measures() -> dict[str, Parameter]:
    """What a measure may say beside its data."""
    rows = {"where": parameters_in(read)["where"]}
    counting = {name: p for name, p in parameters_in(measure).items() if name != "kind"}
    return {**parameters_in(Meaning), **counting, **rows}


def check_measures(recipes: Recipes) -> None:
    """Check every measure within reach.

    Raises ParameterError if one says something unknown or wrong, names unknown data, or counts what
    its data do not hold; with file and line.
    """
    for recipe in recipes.all_of("measures"):
        check_recipe(recipe, known_in_measures)
        settled_recipe(recipes, recipe)


def measure_said(
    recipes: Recipes, wanted: str | Mapping[str, Any], place: str = ""
) -> dict[str, Said]:
    """What reading and measuring are told, and what is meant: by a measure's name or a mapping.

    Raises ParameterError if it is unknown, names unknown data, or counts what its data do not hold.
    """
    recipe = recipes.recipe("measures", wanted, place)
    if not recipe.name:
        check_recipe(recipe, known_in_measures)
    values = settled_recipe(recipes, recipe)
    if "bounds" in values:
        values |= _ends(values["bounds"])
    if recipe.name and "title" not in values:
        title = title_of(recipes, recipe.name)
        values["title"] = Said(title, recipe.origin, recipe.places.of())
    return values


def _ends(bounds: Said) -> dict[str, Said]:
    """Both ends of a measure's bounds, as a chart takes them; one that is null is not said."""
    ends = list(bounds.value or ())
    if len(ends) not in (0, 2):
        raise ParameterError(
            "`bounds` are two numbers, the lower and the upper one.",
            found=f"{len(ends)} of them",
            remedy="Write `bounds: [0, 100]`, with null where there is no bound: `[0, null]`.",
            where=bounds.place or None,
        )
    named = zip(("lower_bound", "upper_bound"), ends, strict=False)
    return {name: bounds._replace(value=end) for name, end in named if end is not None}


def settled_recipe(recipes: Recipes, recipe: Recipe) -> dict[str, Said]:
    """The values of a measure laid over those of its data, if they go together."""
    if recipe.base is None:
        raise ParameterError(
            f"The measure `{recipe.name}` does not say of which data it is."
            if recipe.name
            else "`measure` does not say of which data it is.",
            remedy=f"Add `data:` to it: one of {listed(recipes.names('data'))}.",
            where=recipe.places.of() or None,
        )
    data = recipes.data(recipe.base, recipe.places.of("data"))
    kind = data["kind"].value if "kind" in data else None
    if kind is not None:
        _refuse_kind(recipe, str(kind))
    return laid_over(data, recipe.said())


def _refuse_kind(recipe: Recipe, kind: str) -> None:
    """Refuse a measure that counts where there is nothing to be counted by period."""
    counting = {name for name in parameters_in(measure) if name != "kind"}
    fitting = {*COUNTED, *counting} if kind in MEASURED else set()
    if kind == "units":
        fitting = {"numerator", "denominator"}
    elif kind not in MEASURED:
        fitting = {"extract_date", "count_from", "count_to", "every", "by", "window", "died"}
    wrong = [n for n in recipe.given if n in {*COUNTED, *counting} and n not in fitting]
    if wrong:
        raise ParameterError(
            f"A measure of `{kind}` cannot say `{wrong[0]}`.",
            found=f"data `{recipe.base}` are {kind}"
            if isinstance(recipe.base, str)
            else f"the data are {kind}",
            remedy=f"Figures by period are measured of {listed(MEASURED)}: name other data, or "
            f"leave out `{wrong[0]}`.",
            where=recipe.places.of(wrong[0]) or None,
        )
