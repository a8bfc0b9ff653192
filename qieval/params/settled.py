"""What an evaluation is told in the end: its own values, then its project's, then defaults.

A value of the evaluation always wins. Where each value came from is kept, so that a page can say
it and an error can point to the line of the right file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qieval.catalogue import Evaluation, evaluation
from qieval.core.errors import ParameterError, listed
from qieval.core.recorded import plain
from qieval.core.signatures import checked
from qieval.core.yaml_files import NOWHERE, Places
from qieval.flow.recipes import check_measures, known_in_measures, measure_said
from qieval.intake.programmes import Change, Project
from qieval.intake.recipes import Recipes, Said, check_recipe, known_in_data, laid_over
from qieval.params.known import CALLED_HERE, RECIPES, has_family, known_to, model_for

FILE, NOTEBOOK, DEFAULT = "evaluation file", "this notebook", "default"
"""Where a value may come from, beside the files of project and programme."""

OF_FAMILY = (
    *("value", "numerator", "denominator", "per", "target", "lower_bound", "upper_bound", "unit"),
    *("direction", "where"),
)
"""What a family of measures takes of each of its measures under the same name."""


@dataclass(frozen=True)
class Settled:
    """Every parameter of an evaluation, checked; where each came from in words, and its line."""

    values: dict[str, Any]
    origins: dict[str, str]
    places: dict[str, str]


def settle(
    name: str,
    given: Mapping[str, Any],
    about: Project | None,
    places: Places = NOWHERE,
    origin: str = FILE,
) -> Settled:
    """All parameters of an evaluation: those given, those of its project, defaults.

    Raises ParameterError with every problem found: file (the evaluation's or the project's), line,
    what was found, what to do.
    """
    row, known = evaluation(name), known_to(name)
    own = {key: Said(_plain(value, key), origin, places.of(key)) for key, value in given.items()}
    recipes = about.recipes if about else Recipes()
    check_measures(recipes)
    said = _of_project(row, about, own) if about else {}
    if about and (aim := _aim_of(about, own)):
        said["aim"] = aim
    chosen = _chosen(row, own, recipes)
    if has_family(row) and "measures" in own:
        own["measures"], family = _family(own["measures"], recipes)
        chosen = laid_over(family, chosen)
    if "numerator" in chosen and "numerator" not in known and "value" not in chosen:
        chosen["value"] = chosen["numerator"]  # a count over its denominator, as a value is
    said |= {CALLED_HERE.get(key, key): value for key, value in chosen.items()}
    taken = {
        key: value for key, value in said.items() if key in known and key not in (*row.own, *own)
    }
    everything = {**taken, **own}
    values = checked(
        model_for(row.name),
        known,
        {key: value.value for key, value in everything.items()},
        of=f"`{name}`",
        place=lambda key: (
            everything[key].place
            if key in everything
            else _where_missing(key, own, recipes) or places.where
        ),
        missing=lambda key: _how_to_add(key, Recipes() if _named(own) else recipes),
    )
    _refuse_kind(row, values, everything)
    origins = {key: everything[key].origin if key in everything else DEFAULT for key in values}
    return Settled(values, origins, {key: said.place for key, said in everything.items()})


def _plain(value: Any, name: str) -> Any:
    """A value of a notebook's variable as plain values; what has no such form is no parameter."""
    try:
        return plain(value, name)
    except TypeError as error:
        raise ParameterError(
            f"`{name}` cannot have this value.",
            found=f"a {type(value).__name__}",
            remedy="Give text, a number, a date, a list or a mapping; call a variable of your own "
            "by another name.",
        ) from error


def _named(own: Mapping[str, Said]) -> list[str]:
    """The parameter that names a recipe, where there is one."""
    return [key for key in RECIPES if key in own][:1]


def _where_missing(key: str, own: Mapping[str, Said], recipes: Recipes) -> str:
    """Where something that is missing belongs: the measure or the data that are named."""
    named = _named(own)
    if not named or not isinstance(own[named[0]].value, str):
        return ""
    recipe = recipes.find("measures" if named == ["measure"] else "data", own[named[0]].value)
    if key in ("source", "kind") and recipe.part == "measures" and isinstance(recipe.base, str):
        recipe = recipes.find("data", recipe.base)
    return recipe.places.of() if key in known_in_measures() or key in known_in_data() else ""


def _how_to_add(name: str, recipes: Recipes) -> str:
    """What to do about a missing parameter: the project may have it."""
    if name in ("source", "kind") and recipes.names("data"):
        names = [*recipes.names("measures"), *recipes.names("data")]
        return f"Add `measure:` or `data:` with one of {listed(names)}, or a line `{name}: …`"
    if name == "value" and recipes.names("measures"):
        names = recipes.names("measures")
        return f"Add `measure:` with one of {listed(names)}, or a line `{name}: …`"
    return f"Add a line `{name}: …`"


# ---- what the project says ---------------------------------------------------------------------


def _of_project(row: Evaluation, about: Project, own: Mapping[str, Said]) -> dict[str, Said]:
    said: dict[str, Said] = {}

    def says(name: str, value: Any, *steps: str) -> None:
        if value not in (None, "", [], ()):
            said[name] = Said(value, f"project.yml, {steps[0]}", about.places.of(*steps))

    says("setting", about.team, "team")
    events = [dict(event) for event in about.events]
    if about.change:
        says("intervention", about.change.date, "change", "date")
        says("intervention_end", about.change.end, "change", "end")
        says("change", about.change.what, "change", "what")
        if "intervention" not in known_to(row.name):
            # Days on which the project stands among its events, or lines start anew with a reason.
            marked = {str(event["date"]) for event in events if event.get("kind") == "project"}
            anew = own["rephase"].value if "rephase" in own else ()
            marked |= {str(day) for day in anew} if isinstance(anew, list | Mapping) else set()
            events += _began(about.change, marked)
            events.sort(key=lambda event: str(event["date"]))
    says("events", events, "events" if about.events else "change")
    return said


def _aim_of(about: Project, own: Mapping[str, Said]) -> Said | None:
    """The project's aim, for an evaluation of its measure; plain words for any measure.

    Plain words that hold a figure name no measure for it, so that no evaluation may judge them.
    """
    aim = about.aim
    measures = own["measures"].value if "measures" in own else ()
    given = [own["measure"].value] if "measure" in own else []
    given += list(measures) if isinstance(measures, list | Mapping) else []
    named = {name for name in given if isinstance(name, str)}
    if not aim or not named:
        return None
    if aim.measure not in named and (aim.measure or aim.amount.how):
        return None
    parts = ("measure", "text", "target", "how_much", "by", "for_whom")
    said = {name: getattr(aim, name) for name in parts}
    said["since"] = about.change.date if about.change else None
    stated = {name: plain(value, name) for name, value in said.items() if value not in (None, "")}
    return Said(stated, "project.yml, aim", about.places.of("aim"))


def _began(change: Change, marked: set[str]) -> list[dict[str, Any]]:
    """The change as an event, for charts that know no intervention; unless it is marked already."""
    what = change.what.removeprefix("the ").strip() or "change"
    text = f"{what[:1].upper()}{what[1:]} began"
    return [
        {"date": day, "event": text, "kind": "project"} for day in change.began if day not in marked
    ]


def _chosen(row: Evaluation, own: Mapping[str, Said], recipes: Recipes) -> dict[str, Said]:
    """What the measure or the data say that the evaluation names."""
    named = [key for key in RECIPES if key in own and key in known_to(row.name)]
    named = [key for key in named if key not in row.own and own[key].value is not None]
    if len(named) > 1:
        raise ParameterError(
            "An evaluation names a measure or data, not both.",
            found=f"`measure: {own['measure'].value}` and `data: {own['data'].value}`",
            remedy="Keep `measure`: it says itself of which data it is. Keep `data` where the "
            "evaluation is about no single measure.",
            where=own["data"].place or None,
        )
    if not named:
        return {}
    key, (wanted, _, place) = named[0], own[named[0]]
    if isinstance(wanted, str) and not recipes.shelves:
        raise ParameterError(
            f"`{key}` names something of a project, and no project is given.",
            found=f"`{wanted}`",
            remedy="Add a line `project: params/<programme>/<project>/project.yml`.",
            where=place or None,
        )
    if key == "measure":
        return measure_said(recipes, wanted, place)
    if not isinstance(wanted, str):
        check_recipe(recipes.recipe("data", wanted, place), known_in_data)
    return recipes.data(wanted, place)


def _refuse_kind(
    row: Evaluation, values: Mapping[str, Any], everything: Mapping[str, Said]
) -> None:
    """Refuse data of a kind that the evaluation cannot take: its notebook would."""
    kind = values.get("kind")
    if not row.takes or kind is None or kind in row.takes:
        return
    named = _named(everything)
    place = everything[named[0]].place if named else everything["kind"].place
    raise ParameterError(
        f"A table of `{kind}` cannot be evaluated by `{row.name}`.",
        found=f"`{named[0]}: {everything[named[0]].value}`" if named else None,
        remedy=f"Name data of {listed(row.takes)}.",
        where=place or None,
    )


# ---- a family of measures ----------------------------------------------------------------------


def _family(given: Said, recipes: Recipes) -> tuple[Said, dict[str, Said]]:
    """The measures of a family, names replaced by what the project says; and their common data.

    A measure is a name, or a mapping with ``measure: <name>`` and what is to be otherwise here, or
    says everything itself.
    """
    if not isinstance(given.value, list):
        return given, {}
    entries: list[Any] = []
    common: dict[str, Said] = {}
    first = ""
    for entry in given.value:
        own = dict(entry) if isinstance(entry, Mapping) else {}
        wanted = own.pop("measure", None) if own else entry
        if not isinstance(wanted, str):
            entries.append(entry)
            continue
        said = measure_said(recipes, wanted, given.place)
        data = recipes.recipe("measures", wanted).base
        if first and data != recipes.recipe("measures", first).base:
            raise ParameterError(
                "The measures of a family are read from the same data.",
                found=f"`{first}` and `{wanted}` are of other data",
                remedy="Give them the same `data` in project.yml; `where` tells rows apart.",
                where=given.place or None,
            )
        first = first or wanted
        entries.append({**_entry(said, wanted, recipes), **own})
        common = {**{key: one for key, one in said.items() if key not in OF_FAMILY}, **common}
        if isinstance(data, str) and "where" in recipes.data(data):
            common["where"] = recipes.data(data)["where"]
    for name in ("title", "type", "bounds"):
        common.pop(name, None)
    return given._replace(value=entries), common


def _entry(said: Mapping[str, Said], name: str, recipes: Recipes) -> dict[str, Any]:
    """One measure as a family takes it: its rows are those that the measure adds to its data."""
    entry = {"name": said["title"].value, "role": said["type"].value if "type" in said else None}
    entry |= {key: said[key].value for key in OF_FAMILY if key in said and key != "where"}
    entry.setdefault("direction", "neutral")
    rows = recipes.recipe("measures", name).given.get("where")
    if rows:
        entry["where"] = dict(rows)
    return {key: value for key, value in entry.items() if value is not None}
