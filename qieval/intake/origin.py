"""Where data come from: title, publisher, licence, and whether they are simulated.

A page that shows a figure shows the origin of its data. It is found in the registry of open data,
or in a file ``dataset.yml`` beside the data file::

    title: Closing the Gap, example programme
    publisher: qieval
    licence: MIT
    attribution: Simulated with qieval
    simulated: true
    notes:
      - No person in these tables exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from qieval.core.errors import DataError, did_you_mean, listed

ORIGIN_FILE = "dataset.yml"


@dataclass(frozen=True)
class Origin:
    """What is known of where a table comes from."""

    title: str  # name of the data set; the file's name when nothing else is known
    # Who published it, under which licence, and the line to show with it. Empty when not known.
    publisher: str = ""
    licence: str = ""
    attribution: str = ""
    # Whether the data are made up. Pages say so wherever the data show.
    simulated: bool = False
    notes: tuple[str, ...] = ()  # what a reader should mind


def origin_of(file: Path) -> Origin:
    """The origin that ``dataset.yml`` beside a file tells; without one, the file's name only.

    Raises DataError if ``dataset.yml`` cannot be read, has an unknown name or a value of the wrong
    kind.
    """
    beside = file.parent / ORIGIN_FILE
    if not beside.is_file():
        return Origin(title=file.name)
    try:
        said = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(
            f"`{ORIGIN_FILE}` beside `{file.name}` cannot be read.",
            # An OSError's own text holds the absolute path; its `strerror` does not.
            found=" ".join((getattr(error, "strerror", None) or str(error)).split()),
            remedy="Write one `name: value` a line, in UTF-8.",
        ) from error
    return _from_mapping(said, file)


def _from_mapping(said: Any, file: Path) -> Origin:
    where = f"{ORIGIN_FILE} beside {file.name}"
    if not isinstance(said, Mapping):
        raise DataError("A list of `name: value` lines is expected.", where=where)
    known = [field.name for field in fields(Origin)]
    for name in said:
        if name not in known:
            raise DataError(
                f"Unknown name `{name}`.",
                remedy=did_you_mean(str(name), known, f"Known: {listed(known)}."),
                where=where,
            )
    if not isinstance(said.get("simulated", False), bool):
        raise DataError("`simulated` must be true or false.", where=where)
    notes = said.get("notes") or ()
    texts = {name: str(said.get(name) or "") for name in ("publisher", "licence", "attribution")}
    return Origin(
        title=str(said.get("title") or file.name),
        simulated=said.get("simulated", False),
        notes=(notes,) if isinstance(notes, str) else tuple(str(note) for note in notes),
        **texts,
    )
