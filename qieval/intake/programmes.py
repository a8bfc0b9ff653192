"""What a programme and its projects say of themselves: ``programme.yml`` and ``project.yml``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from qieval.core import aim as aims
from qieval.core.aim import Aim
from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.events import tidy_events
from qieval.core.recorded import plain
from qieval.core.signatures import checked, model_of, parameters_in
from qieval.core.workspace import relative, resolve
from qieval.core.yaml_files import NOWHERE, Places, read_yaml_places
from qieval.intake.identifiers import refuse_in
from qieval.intake.plans import Plan, make_plan
from qieval.intake.recipes import Recipes, Shelf, check_data, shelf_of
from qieval.intake.theory import Theory, make_theory
from qieval.intake.within import refuse_outside


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a project changed, and when.

    Parameters
    ----------
    what : str
        The change in plain words, as in a sentence: "the discharge pathway"
    date : date, or several
        Day on which it began
    end : date, or as many as dates
        Day on which a temporary change stopped
    """

    # The type is named by its module: `date` is a field here.
    what: str = ""
    date: datetime.date | str | Sequence[datetime.date | str] | None = None
    end: datetime.date | str | Sequence[datetime.date | str | None] | None = None

    @property
    def began(self) -> list[str]:
        """The days on which it began, as text."""
        if self.date is None:
            return []
        days = [self.date] if not isinstance(self.date, list | tuple) else self.date
        return [str(day) for day in days]


@dataclass(frozen=True, kw_only=True)
class AimGiven:
    """An aim as ``project.yml`` writes it.

    Parameters
    ----------
    measure : str
        The measure it is about: a name below `measures`
    target : float
        The value of the measure to come to
    how_much : str
        How much, in words, where it is no value to come to: "15% fewer"
    by : date or str
        Until when
    for_whom : str
        For whom
    """

    measure: str | None = None
    target: float | None = None
    how_much: str | int | float | None = None
    by: str | int | None = None
    for_whom: str | None = None


@dataclass(frozen=True)
class Project:
    """A project of a programme (``project.yml``).

    `theory` is its theory of change: aim, drivers with their change ideas, measures. `recipes` are
    its data and measures, with those that its programme shares. `places` says where each part
    stands.
    """

    name: str
    network: str = ""
    team: str = ""
    aim: Aim = field(default_factory=Aim)
    simulated: bool = False
    background: str = ""
    change: Change | None = None
    events: tuple[dict[str, Any], ...] = ()
    plan: Plan | None = None
    theory: Theory | None = None
    recipes: Recipes = field(default_factory=Recipes)
    places: Places = NOWHERE


@dataclass(frozen=True)
class Programme:
    """A programme (``programme.yml``)."""

    name: str
    aim: str = ""
    simulated: bool = False
    networks: tuple[str, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)


_SHARED = ("data", "measures")


def _read(path: Path, root: Path, kind: type) -> tuple[dict[str, Any], Places]:
    """What a file says, its names known and none without a name."""
    values, places = read_yaml_places(path, root)
    refuse_in(values, places)
    refuse_outside(values, places, root)
    made = ("recipes", "places", "shelf")
    known = [*(each.name for each in fields(kind) if each.name not in made), *_SHARED]
    for name in values:
        if name not in known:
            raise ParameterError(
                f"`{name}` is not known here.",
                remedy=did_you_mean(name, known, f"Known: {listed(known)}."),
                where=places.of(name),
            )
    if not values.get("name"):
        raise ParameterError("`name` is missing.", where=places.where)
    return values, places


def read_programme(folder: Path, root: Path) -> Programme:
    """The programme whose folder this is; named after the folder if it has no ``programme.yml``."""
    file = folder / "programme.yml"
    if not file.is_file():
        return Programme(folder.name)
    return _programme(file, root, _contents(file))


# Every evaluation asks for its programme and project: what says the same is checked once.
@lru_cache(maxsize=64)
def _programme(file: Path, root: Path, _: bytes) -> Programme:
    values, places = _read(file, root, Programme)
    shelf = shelf_of(values, places, "programme.yml")
    networks = values.get("networks")
    if isinstance(networks, list):
        values["networks"] = tuple(str(network) for network in networks)
    return Programme(**_without(values, _SHARED), shelf=shelf)


def read_project(folder: Path, root: Path) -> Project:
    """The project whose folder this is; named after the folder if it has no ``project.yml``."""
    file = folder / "project.yml"
    programme = read_programme(folder.parent, root)
    if not file.is_file():
        return Project(folder.name, recipes=Recipes((programme.shelf,)))
    above = folder.parent / "programme.yml"
    return _project(file, root, _contents(file), _contents(above))


@lru_cache(maxsize=64)
def _project(file: Path, root: Path, *_: bytes) -> Project:
    values, places = _read(file, root, Project)
    shared = read_programme(file.parent.parent, root).shelf
    recipes = Recipes((shelf_of(values, places, "project.yml"), shared))
    check_data(recipes)
    values["aim"] = _aim(values.get("aim"), recipes, places.below("aim"))
    if values.get("change") is not None:
        values["change"] = _change(values["change"], places.below("change"))
    values["events"] = _events(values.get("events"), places.below("events"))
    if "theory" in values:
        given = _with_aim(values["theory"], values["aim"], recipes)
        values["theory"] = make_theory(given, places.below("theory"))
    if "plan" in values:
        values["plan"] = make_plan(values["plan"], places.below("plan"))
    return Project(**_without(values, _SHARED), recipes=recipes, places=places)


def _contents(file: Path) -> bytes:
    """What a file holds; nothing where it cannot be read, which its reader says."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _without(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}


def _given(kind: type, given: Mapping[str, Any], of: str, places: Places) -> dict[str, Any]:
    """What a part of the file says, checked against the class that describes it."""
    present = {str(name): plain(value) for name, value in given.items() if value is not None}
    model = _model_of_part(kind)
    return checked(model, parameters_in(kind), present, of=f"`{of}`", place=places.of)


@lru_cache
def _model_of_part(kind: type) -> type[BaseModel]:
    return model_of(kind.__name__, parameters_in(kind))


def _change(given: Any, places: Places) -> Change:
    if isinstance(given, str):
        return Change(what=given.strip())
    if not isinstance(given, Mapping):
        raise ParameterError(
            "`change` does not say what was changed.",
            found=repr(given),
            remedy="Write below it `what: the discharge pathway` and `date: 2017-07-01`.",
            where=places.of(),
        )
    return Change(**_given(Change, given, "change", places))


def _aim(given: Any, recipes: Recipes, places: Places) -> Aim:
    """The aim: plain text, or its parts; a measure that it names must be there."""
    if given is None or isinstance(given, str):
        return Aim((given or "").strip())
    if not isinstance(given, Mapping):
        raise ParameterError(
            "`aim` is text, or says `measure`, `target` or `how_much`, `by` and `for_whom`.",
            found=repr(given),
            where=places.of(),
        )
    parts = _given(AimGiven, given, "aim", places)
    if parts["target"] is not None and parts["how_much"] is not None:
        raise ParameterError(
            "An aim names a `target` or says `how_much`, not both.",
            found=f"{parts['target']:g} and {parts['how_much']!r}",
            remedy="Keep one of them.",
            where=places.of("how_much"),
        )
    title, measure = "", parts["measure"] or ""
    if measure:
        title = title_of(recipes, measure, places.of("measure"))
    by: date | str = "" if parts["by"] is None else str(parts["by"])
    with suppress(ValueError):  # words, such as "next summer", stay as they are
        by = date.fromisoformat(str(by))
    how_much, who = str(parts["how_much"] or ""), parts["for_whom"] or ""
    text = aims.in_words(title, parts["target"], how_much, by, who).removeprefix(": ")
    return Aim(text[:1].upper() + text[1:], measure, parts["target"], how_much, by, who)


def title_of(recipes: Recipes, measure: str, place: str = "") -> str:
    """What a measure is called on pages: its title, else its name in words."""
    recipe = recipes.find("measures", measure, place)
    return str(recipe.given.get("title") or measure.replace("_", " ").capitalize())


def _events(given: Any, places: Places) -> tuple[dict[str, Any], ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise ParameterError(
            "`events` is a list, each with a date and an event.",
            found=repr(given),
            remedy="Write: - {date: 2020-03-01, event: Ward moved to a new building}",
            where=places.of(),
        )
    events = [plain(event) for event in given]
    for at, event in enumerate(events):
        try:
            tidy_events([event])
        except ParameterError as error:
            error.problem = error.problem.replace("number 1", f"number {at + 1}")
            raise error.at(places.of(at)) from error
    return tuple(events)


def _with_aim(theory: Any, aim: Aim, recipes: Recipes) -> Any:
    """A theory that does not say its aim has that of the project."""
    if not isinstance(theory, Mapping) or "aim" in theory or not aim.measure:
        return theory
    amount = aim.how_much or (f"{aim.target:g}" if aim.target is not None else "")
    title = title_of(recipes, aim.measure)
    told = {"what": title, "how_much": amount, "by_when": aim.by, "for_whom": aim.for_whom}
    return {"aim": {name: value for name, value in told.items() if value}, **theory}


def project_at(path: str) -> tuple[Project, Path, Path]:
    """The project of a ``project.yml`` that parameters name, its folder and its workspace root."""
    file = resolve(path)
    if not file.is_file():
        raise ParameterError(
            "`project` is not a file.",
            found=relative(file),
            remedy="Give the path of a project.yml from the workspace root, or leave it out.",
        )
    root = file.parents[min(3, len(file.parents) - 1)]
    return read_project(file.parent, root), file.parent, root


def programme_folder(given: Path, root: Path) -> Path:
    """The folder of a programme in ``params/``; looked for as :func:`project_folder` does.

    Raises
    ------
    ParameterError
        If it is none.
    """
    folder = _programme_at(given, root)
    if folder is not None:
        return folder
    params = root / "params"
    known = [folder.name for folder in sorted(params.glob("*")) if folder.is_dir()]
    raise ParameterError(
        "This is not a programme's folder.",
        found=f"`{given.name}`",
        remedy=did_you_mean(
            given.name,
            known,
            "Give a folder params/<programme> of this workspace.",
            spelt="params/{}",
        ),
    )


def projects_in(given: Path, root: Path) -> list[Path]:
    """The folders of all projects of a programme; none if `given` is no programme's folder.

    The home of the roll-up, which concerns all projects, is none of them.
    """
    programme = _programme_at(given, root)
    folders = [file.parent for file in sorted(programme.glob("*/project.yml"))] if programme else []
    return [folder for folder in folders if not (folder / "programme.yml").is_file()]


def _programme_at(given: Path, root: Path) -> Path | None:
    params = (root / "params").resolve()
    places = ((start / given).resolve() for start in (Path.cwd(), root, params))
    return next((one for one in places if one.is_dir() and one.parent == params), None)


def project_folder(given: Path | str, root: Path) -> Path:
    """The folder of a project, or of its ``project.yml``.

    Relative ones are looked for from the current folder, then from the workspace root, then in its
    ``params/``.
    """
    params = (root / "params").resolve()
    for start in (Path.cwd(), root, params):
        path = (start / given).resolve()
        folder = path.parent if path.name == "project.yml" else path
        if folder.is_dir() and folder.parent.parent == params:
            return folder
    shown = Path(given).as_posix() if not Path(given).is_absolute() else Path(given).name
    known = [
        folder.relative_to(params).as_posix() for folder in params.glob("*/*") if folder.is_dir()
    ]
    raise ParameterError(
        "This is not a project's folder.",
        found=f"`{shown}`",
        remedy=did_you_mean(
            shown.removeprefix("params/"),
            known,
            "Give a folder params/<programme>/<project> of this workspace.",
            spelt="params/{}",
        ),
    )
