"""Files of before projects could say anything: what would stand in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from qieval.batch.new_texts import MEASURED_BY, USUAL_NAMES
from qieval.catalogue import evaluation
from qieval.core.workspace import relative
from qieval.flow.recipes import Meaning, known_in_measures
from qieval.intake.recipes import known_in_data
from qieval.params import EvaluationFile
from qieval.params.known import CALLED_HERE


def lines_instead(file: EvaluationFile) -> str:
    """What would replace the lines of a file that says itself what is read; "" if there are none.

    Such a file is read as it always was. Said once in ``project.yml``, its data and its measure
    serve every evaluation of the project.
    """
    if not file.is_flat:
        return ""
    row = evaluation(file.notebook)
    given = {name: value for name, value in file.given.items() if name not in row.own}
    data = {name: given[name] for name in given if name in known_in_data()}
    kind = str(data.get("kind", "table"))
    data_name = USUAL_NAMES.get(kind, kind)
    moved = list(data)
    project: dict[str, Any] = {"data": {data_name: data}}
    named = f"data: {data_name}"
    if any(name in given for name in MEASURED_BY):
        said = _measure(given, set(data))
        measure_name = str(given.get("value") or given.get("numerator"))
        project["measures"] = {measure_name: {"data": data_name, **said}}
        named = f"measure: {measure_name}"
        moved += [CALLED_HERE.get(name, name) for name in said]
    home = relative(file.path.parent / "project.yml")
    here = relative(file.path)
    names = ", ".join(f"`{name}`" for name in moved)
    return (
        f"{here} says itself what is read. That works as before. Said once for all evaluations of "
        f"the project, it would stand in {home}:\n{_indented(_yaml(project))}\n"
        f"and here, instead of {names}:\n{_indented([named])}"
    )


def _measure(given: Mapping[str, Any], of_data: set[str]) -> dict[str, Any]:
    """What a measure would say, of what the file says."""
    here = {name: CALLED_HERE.get(name, name) for name in known_in_measures()}
    meant = [*Meaning.__dataclass_fields__]
    order = sorted(here, key=lambda name: meant.index(name) if name in meant else -1)
    return {
        name: given[here[name]]
        for name in order
        if here[name] in given and here[name] not in of_data and name != "where"
    }


def _yaml(values: Mapping[str, Any]) -> list[str]:
    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=90)
    return text.splitlines()


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
