"""What signatures say, written out: parameters cells, docs/parameters.md, signatures.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from qieval.catalogue import EVALUATIONS, LIMITS, MEASURE, OPENING, READ, Evaluation, evaluation
from qieval.core.signatures import Parameter, parameters_in
from qieval.flow.measures import measure
from qieval.flow.recipes import Meaning, known_in_measures
from qieval.intake.programmes import AimGiven, Change
from qieval.intake.reading import read
from qieval.intake.recipes import Reach
from qieval.params.known import (
    PROJECT_SAYS,
    RECIPES,
    about,
    known_by_signatures,
    known_to,
    said_by_projects,
    steps_by_signatures,
    taken_by_steps,
)
from qieval.params.notebook import NONE, example_values
from qieval.params.written_down import as_text

LAST = "# Everything else that can be set, here or in a parameter file: docs/parameters.md"
"""Last line of a parameters cell."""


def cell(name: str, given: Mapping[str, Any] | None = None) -> str:
    """The parameters cell of the notebook `name`: the values of its example, and what else fits.

    The form is the one that papermill's reader understands: one line a parameter, no second equals
    sign. Shown are the project and what of it is evaluated, what the example says itself, and then
    the parameters of the analysis in the order of its signature, as many as its row of the
    catalogue has lines for; title, question and limits come last. What a project may say is shown
    only where the example says something of it, or where it must be known; as None in that case.

    Parameters
    ----------
    name : str
        Name of the evaluation.
    given : mapping, optional
        What a parameter file says, in the place of the example's values: for a working copy, which
        papermill need not read.
    """
    row, known = evaluation(name), known_to(name)
    values = example_values(name) if given is None else given
    shared = said_by_projects(row.name)
    lines = []
    for key in _shown(row, values):
        p = known[key]
        if key in shared and key in values and values[key] is None:
            lines.append(
                _line(replace(p, help=f"{p.help} ('none': not as the project says)"), NONE)
            )
        elif key in values or key not in shared:
            value = values.get(key, p.plain_default)
            lines.append(_line(p, value, for_papermill=given is None))
        else:
            lines.append(_line(replace(p, help=f"{p.help} (None: as the project says)"), None))
    return "\n".join([*lines, LAST])


def _shown(row: Evaluation, values: Mapping[str, Any]) -> list[str]:
    """Names of the parameters that the cell shows, in its order."""
    known = known_to(row.name)
    first = [key for key in ("project", *RECIPES) if key in values or key == "project"]
    last = [key for key in ("title", "question", "limits") if key in known]
    rest = [key for key in known if key not in (*first, *last)]
    wanted = [key for key in rest if key in values]
    shared = said_by_projects(row.name)
    more = [
        key
        for key in of_analysis(row)
        if key not in (*wanted, *first, *last) and (known[key].required or key not in shared)
    ]
    room = row.lines - len(first) - len(last) - len(wanted) - 1
    taken = {*wanted, *more[: max(0, room)]}
    return [*first, *(key for key in rest if key in taken), *last]


def of_analysis(row: Evaluation) -> list[str]:
    """Parameters of the analysis and of what comes after reading and measuring."""
    before = {key for function in (read, measure, about) for key in parameters_in(function)}
    left_out = (OPENING, LIMITS, READ, MEASURE)
    names = [
        key
        for step, keys in taken_by_steps(row.name).items()
        if step not in left_out
        for key in keys
    ]
    return [key for key in dict.fromkeys(names) if key not in before]


def _line(parameter: Parameter, value: Any, *, for_papermill: bool = True) -> str:
    """One line of a cell: name, value, type and help."""
    help_line = parameter.help.replace("=", "is").replace("#", "number ")
    shown = repr(value)
    if for_papermill and ("=" in shown or "#" in shown):
        raise ValueError(
            f"papermill cannot read this value of `{parameter.name}` from a cell: it holds = or #."
        )
    return f"{parameter.name} = {shown}  # type: {parameter.type_text} {help_line}"


# ---- the documentation -------------------------------------------------------------------------

_INTRODUCTION = """\
# Parameters

Written from the signatures by `make notebooks`. What a file of an evaluation says always wins; what
it leaves out comes from `project.yml`, then from `programme.yml` (which may hold `data` and
`measures` too), else it is the default. What is not to be as the project says is `null` in a file,
`'none'` in a notebook's cell. The page's provenance says where each value came from. A parameters
cell shows the project, what of it is evaluated, what its example says, and then as many parameters
of the analysis as fit, in the order below; any other is accepted by its name in a file or cell.
"""


def document() -> str:
    """The page of the documentation that lists every parameter, each once."""
    lines = _INTRODUCTION.splitlines()
    lines += _section(
        "project.yml",
        "Also `name`, `network`, `team` (the setting of pages), `background`, `simulated`, `events`"
        " (each with `date` and `event`), [`plan`](plan.md), [`theory`](methods/improvement.md).",
        {
            **_prefixed("change", parameters_in(Change)),
            **_prefixed("aim", parameters_in(AimGiven)),
        },
    )
    lines += _section(
        "data: reading",
        "Below `data:` and a name, in `project.yml` or `programme.yml`; for once, in an evaluation."
        " `data: <name>` takes over what other data say.",
        {**parameters_in(read), **parameters_in(Reach)},
    )
    measuring = {key: p for key, p in known_in_measures().items() if key != "where"}
    lines += _section(
        "measures: measuring, and what is meant",
        "Below `measures:` and a name, with `data: <name>`; `where` adds to the rows of its data.",
        {key: p for key, p in measuring.items() if key not in parameters_in(Reach)},
    )
    lines += _section(
        "Every evaluation",
        "`setting`, `intervention`, `change` and `events` come from the project, `outcome` (the "
        "`title`), `unit`, `direction`, `target`, `value` and the like from its measure.",
        _common(),
    )
    written: dict[str, tuple[str, Parameter]] = {}
    for row in EVALUATIONS.values():
        left_out = {*_common(), *(said_by_projects(row.name) & set(parameters_in(Meaning)))}
        own = {key: known_to(row.name)[key] for key in of_analysis(row) if key not in left_out}
        earlier: dict[str, list[str]] = {}
        for key, p in own.items():
            home, same = written.setdefault(key, (row.name, p))
            if home != row.name and same == p:
                earlier.setdefault(home, []).append(f"`{key}`")
        words = [f"{row.title}. Example: `params/{row.example}`."]
        words += [f"As in {home}: {', '.join(keys)}." for home, keys in earlier.items()]
        repeated = {key for keys in earlier.values() for key in keys}
        own = {key: p for key, p in own.items() if f"`{key}`" not in repeated}
        lines += _section(row.name, " ".join(words), own)
    return "\n".join(lines) + "\n"


def _common() -> dict[str, Parameter]:
    """Parameters that most evaluations have."""
    known = known_to("interrupted_time_series")
    first = ("project", *RECIPES, "title", "question", "limits")
    return {
        key: known[key]
        for key in (*first, *PROJECT_SAYS[:1], "outcome", *PROJECT_SAYS[1:], "time", "confidence")
    }


def _prefixed(name: str, known: Mapping[str, Parameter]) -> dict[str, Parameter]:
    return {f"{name}: {key}": p for key, p in known.items()}


def _section(title: str, words: str, known: Mapping[str, Parameter]) -> Iterable[str]:
    """A heading, a line, and a table of parameters."""
    yield from ["", f"## {title}", words]
    if not known:
        return
    yield from ["", "| parameter | type | default | meaning |", "|---|---|---|---|"]
    for name, p in known.items():
        default = "must be given" if p.required else f"`{p.plain_default!r}`"
        kind = p.type_text.replace("|", " or ")
        yield f"| `{name}` | {kind} | {default} | {p.help} |"


# ---- the signatures themselves -----------------------------------------------------------------


def signatures() -> str:
    """What every evaluation can be told, from its functions, as :mod:`.written_down` reads it."""
    return as_text(
        {name: (known_by_signatures(name), steps_by_signatures(name)) for name in EVALUATIONS}
    )
