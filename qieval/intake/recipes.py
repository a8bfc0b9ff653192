"""Recipes: what a project says once of its data and its measures, for all of its evaluations.

``data:`` names tables, each with the arguments of :func:`qieval.read`; ``measures:`` names figures
of such a table, and what they mean. Both stand in ``project.yml``; ``programme.yml`` may hold what
several projects share. The nearest wins: the evaluation, then the project, then the programme.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.recorded import plain
from qieval.core.signatures import Parameter, checked, model_of, parameters_in
from qieval.core.yaml_files import NOWHERE, Places
from qieval.intake.reading import read

Part = Literal["data", "measures"]

ONE = {"data": "data", "measures": "measure"}
"""The parameter of an evaluation that names one recipe of that part."""

ADDED_TOGETHER = ("where", "columns")
"""Mappings of a recipe to which one that builds on it adds; anything else it replaces."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far the record behind a table reaches; every step that counts by date is told.

    Parameters
    ----------
    extract_date : date, optional
        The date up to which the data reach; needed when something is open
    count_from, count_to : date, optional
        Count only what lies wholly in this window
    """

    extract_date: date | str | None = None
    count_from: date | str | None = None
    count_to: date | str | None = None


class Said(NamedTuple):
    """A value, where it came from in words, and the file and line where it stands."""

    value: Any
    origin: str
    place: str = ""


@dataclass(frozen=True)
class Recipe:
    """One recipe as it was written."""

    name: str  # its name; "" for one that an evaluation holds itself
    part: Part  # ``data`` or ``measures``
    given: Mapping[str, Any]  # what it says; plain values, without those left blank
    origin: str  # where it stands, in words: "project.yml, measures: falls"
    places: Places = NOWHERE  # file and lines
    # Filled when it has been held against what a recipe may say: one of a programme serves all
    # evaluations of its projects, and is looked at once.
    checked: list[bool] = field(default_factory=list, compare=False, repr=False)

    @property
    def base(self) -> Any:
        """The data that it builds on: a name, a mapping, or None."""
        return self.given.get("data")

    def said(self) -> dict[str, Said]:
        """Each of its own values with its origin and place."""
        return {
            name: Said(value, self.origin, self.places.of(name))
            for name, value in self.given.items()
            if name != "data"
        }


@dataclass(frozen=True)
class Shelf:
    """The recipes of one file."""

    data: Mapping[str, Recipe] = field(default_factory=dict)
    measures: Mapping[str, Recipe] = field(default_factory=dict)

    def of(self, part: Part) -> Mapping[str, Recipe]:
        """Those of one part, by name."""
        return self.data if part == "data" else self.measures


@dataclass(frozen=True)
class Recipes:
    """All recipes within reach of an evaluation, the nearest file first."""

    shelves: tuple[Shelf, ...] = ()

    def names(self, part: Part) -> list[str]:
        """Names within reach."""
        return list(dict.fromkeys(name for shelf in self.shelves for name in shelf.of(part)))

    def all_of(self, part: Part) -> Iterator[Recipe]:
        """Every recipe of a part, also those that a nearer one hides."""
        for shelf in self.shelves:
            yield from shelf.of(part).values()

    def find(self, part: Part, name: str, place: str = "", *, beyond: int = 0) -> Recipe:
        """The nearest recipe of that name."""
        for shelf in self.shelves[beyond:]:
            if name in shelf.of(part):
                return shelf.of(part)[name]
        known = self.names(part)
        otherwise = f"Write it below `{part}:` in project.yml, or name one that is there."
        what = "There are no data" if part == "data" else "There is no measure"
        raise ParameterError(
            f"{what} called `{name}`.",
            found=f"known: {listed(known)}" if known else f"the project has no `{part}:`",
            remedy=did_you_mean(name, known, otherwise),
            where=place or None,
        )

    def data(self, wanted: str | Mapping[str, Any], place: str = "") -> dict[str, Said]:
        """What reading is told: by the name of data, or by a mapping for once.

        Raises ParameterError if a name is unknown, or a recipe builds on itself.
        """
        recipe = self.recipe("data", wanted, place)
        chain: list[Recipe] = []
        while True:
            if any(recipe is earlier for earlier in chain):
                path = [*[step.name for step in chain], recipe.name]
                raise ParameterError(
                    f"The data `{recipe.name}` build on themselves.",
                    found=" → ".join(f"`{name}`" for name in path),
                    remedy="Give its own `source` and `kind`, or name other data.",
                    where=chain[-1].places.of("data") or None,
                )
            chain.append(recipe)
            if recipe.base is None:
                break
            recipe = self._next(recipe)
        settled: dict[str, Said] = {}
        for step in reversed(chain):
            settled = laid_over(settled, step.said())
        return settled

    def _next(self, recipe: Recipe) -> Recipe:
        """What a recipe builds on; one of its own name is that of a farther file."""
        if not isinstance(recipe.base, str) or recipe.base != recipe.name:
            return self.recipe("data", recipe.base, recipe.places.of("data"))
        at = next(
            i for i, shelf in enumerate(self.shelves) if shelf.data.get(recipe.name) is recipe
        )
        if not any(recipe.name in shelf.data for shelf in self.shelves[at + 1 :]):
            return recipe  # itself: the caller says so
        return self.find("data", recipe.name, beyond=at + 1)

    def recipe(self, part: Part, wanted: str | Mapping[str, Any], place: str = "") -> Recipe:
        """The recipe of that name, or that a mapping is."""
        if isinstance(wanted, str):
            return self.find(part, wanted, place)
        if isinstance(wanted, Mapping) and wanted:
            given = {str(name): plain(value) for name, value in wanted.items() if value is not None}
            return Recipe("", part, given, "evaluation file", Places(place))
        raise ParameterError(
            f"`{ONE[part]}` is a name below `{part}:` of the project, or a mapping for once.",
            found=repr(wanted),
            remedy=f"Name one of {listed(self.names(part))}." if self.names(part) else None,
            where=place or None,
        )


def laid_over(below: Mapping[str, Said], above: Mapping[str, Said]) -> dict[str, Said]:
    """Values of two recipes: those above win, and add to the rows and columns of those below."""
    settled = {**below, **above}
    for name in ADDED_TOGETHER:
        if name in below and name in above and isinstance(above[name].value, Mapping):
            both = {**below[name].value, **above[name].value}
            settled[name] = above[name]._replace(value=both)
    return settled


# ---- reading them ------------------------------------------------------------------------------


@functools.lru_cache
def known_in_data() -> dict[str, Parameter]:
    """What a recipe of data may say."""
    return {**parameters_in(read), **parameters_in(Reach)}


def shelf_of(values: Mapping[str, Any], places: Places, file: str) -> Shelf:
    """The recipes of a file.

    Raises ParameterError if a recipe is no list of names and values. What measures may say is known
    one floor up (:mod:`qieval.flow.recipes`).
    """
    return Shelf(_part("data", values, places, file), _part("measures", values, places, file))


def _part(part: Part, values: Mapping[str, Any], places: Places, file: str) -> dict[str, Recipe]:
    given = values.get(part)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ParameterError(
            f"`{part}` does not name anything.",
            found=repr(given),
            remedy=f"Write `{part}:`, below it a name, and below that what it is.",
            where=places.of(part),
        )
    recipes = {}
    for key, one in given.items():
        name, below = str(key), places.below(part, str(key))
        if not isinstance(one, Mapping) or not one:
            raise ParameterError(
                f"`{name}` below `{part}` says nothing.",
                found="nothing" if not one else repr(one),
                remedy="Write below it `source: …` and `kind: …`."
                if part == "data"
                else "Write below it `data: …` and `value: …`.",
                where=below.of(),
            )
        said = {str(name): plain(value) for name, value in one.items() if value is not None}
        recipes[name] = Recipe(name, part, said, f"{file}, {part}: {name}", below)
    return recipes


def check_recipe(recipe: Recipe, known: Callable[[], Mapping[str, Parameter]]) -> None:
    """Refuse a recipe that says something unknown, or gives it a wrong value."""
    if recipe.checked:
        return
    model, optional = _optional(known)
    of = f"{'data' if recipe.part == 'data' else 'a measure'}"
    given = {name: value for name, value in recipe.given.items() if name != "data"}
    checked(model, optional, given, of=of, place=recipe.places.of)
    recipe.checked.append(True)


@functools.lru_cache
def _optional(
    known: Callable[[], Mapping[str, Parameter]],
) -> tuple[type[BaseModel], dict[str, Parameter]]:
    """What a recipe may say, none of it required: other recipes may say it. And its model."""
    optional = {
        p.name: Parameter(p.name, p.annotation | None, None, p.help) if p.required else p
        for p in known().values()
    }
    return model_of("recipe", optional), optional


def check_data(recipes: Recipes) -> None:
    """Check every recipe of data within reach, and that each comes to an end."""
    for recipe in recipes.all_of("data"):
        check_recipe(recipe, known_in_data)
    for name in recipes.names("data"):
        recipes.data(name)
