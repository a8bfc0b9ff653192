"""The theory of change that ``project.yml`` tells: aim, drivers with change ideas, measures.

What a person mistypes is refused with file and line. What a team has not decided yet is no mistake:
a blank stays blank, and :func:`qieval.theory_of_change` tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.yaml_files import NOWHERE, Places, Step

_SOMEWHERE = Places("theory")
"""Where a theory stands that was read from no file."""


class _Part(BaseModel):
    """A part of the theory: unknown names are refused, a name without a value is left out."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, str_strip_whitespace=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {str(name): value for name, value in given.items() if value is not None}


class Aim(_Part):
    """What is to change, by how much, by when and for whom; blank: not said."""

    what: str = ""
    how_much: str = ""
    by_when: date | str = ""
    for_whom: str = ""


class SecondaryDriver(_Part):
    """What must change for a primary driver to move: ideas, measures and cycles by their names."""

    name: str
    ideas: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    cycles: tuple[str, ...] = ()


class Driver(_Part):
    """A primary driver, and why the team believes in it."""

    name: str
    because: str = ""
    secondary: tuple[SecondaryDriver, ...] = ()


class MeasureDefinition(_Part):
    """How a measure is defined; blank: not said."""

    name: str
    type: Literal["outcome", "process", "balancing", ""] = ""
    definition: str = ""
    numerator: str = ""
    denominator: str = ""
    direction: Literal["higher", "lower", "neutral", ""] = ""
    source: str = ""
    frequency: str = ""


class CycleLog(_Part):
    """Where the log of PDSA cycles is, as `qi.read` takes it."""

    source: str
    sheet: str | int | None = None
    columns: dict[str, str] | None = None
    where: dict[str, Any] | None = None


class Theory(_Part):
    """A theory of change."""

    aim: Aim = Aim()
    drivers: tuple[Driver, ...] = ()
    measures: tuple[MeasureDefinition, ...] = ()
    pdsa: CycleLog | None = None

    _places: Places = PrivateAttr(NOWHERE)

    @model_validator(mode="before")
    @classmethod
    def _log_from_path(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and isinstance(given.get("pdsa"), str):
            return {**given, "pdsa": {"source": given["pdsa"]}}
        return given

    def place(self, *steps: Step) -> str:
        """Where a part of it stands: file and line, as far as they are known."""
        return self._places.of(*steps)


_MODELS: dict[str, type[_Part]] = {
    "aim": Aim,
    "drivers": Driver,
    "secondary": SecondaryDriver,
    "measures": MeasureDefinition,
    "pdsa": CycleLog,
}
"""What stands below each name; for messages."""


def make_theory(given: Any, places: Places = _SOMEWHERE) -> Theory:
    """The theory that a mapping tells, or ``theory:`` of a ``project.yml``.

    Raises ParameterError if a name is unknown, missing or given twice, a value is of the wrong
    kind, or a driver names a measure that is not defined; every such place with its line.
    """
    if not isinstance(given, Mapping) or not given:
        raise ParameterError(
            "`theory` does not say what it holds.",
            remedy="Write its parts below it: `aim`, `drivers`, `measures`.",
            where=places.of(),
        )
    try:
        theory = Theory.model_validate(given)
    except ValidationError as error:
        problems = [_explain(problem, places) for problem in error.errors()]
        raise _together(problems) from error
    if problems := _cross_checked(theory, places):
        raise _together(problems)
    theory._places = places
    return theory


def _together(problems: Sequence[ParameterError]) -> ParameterError:
    if len(problems) == 1:
        return problems[0]
    return ParameterError("\n".join(dict.fromkeys(str(problem) for problem in problems)))


def _cross_checked(theory: Theory, places: Places) -> list[ParameterError]:
    """Measures that are not defined, and names that come twice."""
    names = [measure.name for measure in theory.measures]
    found = _twice(names, ("measures",), "measure", places)
    primary = [driver.name for driver in theory.drivers]
    found += _twice(primary, ("drivers",), "driver", places)
    for at, driver in enumerate(theory.drivers):
        steps: tuple[Step, ...] = ("drivers", at, "secondary")
        found += _twice([s.name for s in driver.secondary], steps, "driver", places)
        for below, secondary in enumerate(driver.secondary):
            for place, name in enumerate(secondary.measures):
                if name in names:
                    continue
                found.append(
                    ParameterError(
                        f"The driver `{secondary.name}` names a measure that is not defined.",
                        found=f"`{name}`; defined are {listed(names)}",
                        remedy=did_you_mean(
                            name, names, "Define it below `measures`, or take it away here."
                        ),
                        where=places.of(*steps, below, "measures", place),
                    )
                )
    return found


def _twice(
    names: Sequence[str], steps: tuple[Step, ...], what: str, places: Places
) -> list[ParameterError]:
    problem = f"Two {what}s have the same name."
    return [
        ParameterError(problem, found=f"`{name}`", where=places.of(*steps, at))
        for at, name in enumerate(names)
        if name in names[:at]
    ]


# ---- messages and lines ------------------------------------------------------------------------


def _explain(problem: Any, places: Places) -> ParameterError:
    """One problem that pydantic found, in our words."""
    loc = problem["loc"]
    names = [step for step in loc if isinstance(step, str)]
    place = places.of(*loc)
    if problem["type"] == "extra_forbidden":
        known = list((_MODELS[names[-2]] if len(names) > 1 else Theory).model_fields)
        remedy = did_you_mean(names[-1], known, f"Known: {listed(known)}.")
        return ParameterError(f"`{names[-1]}` is not known here.", remedy=remedy, where=place)
    if problem["type"] == "missing":
        return ParameterError(f"`{names[-1]}` is missing.", where=place)
    if problem["type"] == "literal_error":
        options = [option for option in _OPTIONS[names[-1]] if option]
        remedy = f"Use one of {listed(options)}."
    else:
        remedy = _WANTED.get(problem["type"], "")
    return ParameterError(
        f"`{names[-1] if names else 'theory'}` cannot have this value.",
        found=repr(problem["input"]),
        remedy=remedy or None,
        where=place,
    )


_OPTIONS = {
    name: get_args(MeasureDefinition.model_fields[name].annotation)
    for name in ("type", "direction")
}
_WANTED = {
    "tuple_type": "Write a list: `[first, second]`, or one a line with `- ` before it.",
    "string_type": 'Write text; put text that holds ": " in quotes.',
    "model_type": "Write `name: value` lines below it.",
    "model_attributes_type": "Write `name: value` lines below it.",
}
