"""The record of a release, the ledger of all of them, and the proof that a site is as released.

The record (ISB 1523) says what was shared, under which rule and version, who signed it and when,
with the sha256 of every file. The ledger keeps every record with the tables of counts that readers
have since then: a later release is audited together with them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qieval.core.errors import DataError, ParameterError, ReleaseError
from qieval.core.result import rebuilt, to_json, to_plain
from qieval.core.workspace import digest_of, write_whole
from qieval.share.auditor import PublishedTable, Told

RECORD = "release.json"
"""The release record, in the folder of the site."""

LEDGER = "releases"
"""Folder of the workspace that keeps what was released, a folder a programme."""


def digests(site: Path) -> dict[str, str]:
    """The sha256 of every file of a site but its record, by address."""
    return {
        file.relative_to(site).as_posix(): digest_of(file)
        for file in sorted(site.rglob("*"))
        if file.is_file() and file.name != RECORD
    }


def keep(
    root: Path,
    programme: str,
    record: dict[str, Any],
    tables: Sequence[PublishedTable],
    told: Sequence[Told] = (),
) -> Path:
    """Enter a release in the ledger, with all that readers now have of counts.

    Parameters
    ----------
    root, programme : Path and str
        The workspace, and whose release it is.
    record : dict
        The release record.
    tables : sequence of PublishedTable
        Every table of counts.
    told : sequence of Told
        What the pages say of them besides.
    """
    folder = root / LEDGER / programme
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("*.json"))) + 1
    file = folder / f"{number:04}-{record['when'][:10]}.json"
    seen = {"tables": to_plain(list(tables)), "told": to_plain(list(told))}
    write_whole(file, f"{to_json({**record, **seen})}\n")
    return file


def earlier(root: Path, programme: str) -> tuple[list[PublishedTable], list[Told]]:
    """Tables of every earlier release of a programme, and what its pages said besides."""
    tables, told = [], []
    for file in sorted((root / LEDGER / programme).glob("*.json")):
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
            of = f"(release of {entry['when'][:10]})"
            for table in (rebuilt(PublishedTable, plain) for plain in entry["tables"]):
                tables.append(replace(table, name=f"{table.name} {of}"))
            for one in (rebuilt(Told, plain) for plain in entry.get("told", ())):
                place, name = f"{one.place} {of}", f"{one.table} {of}"
                told.append(replace(one, place=place, table=name))
        except (DataError, OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(
                "An earlier release cannot be read, so what it showed cannot be looked at.",
                found=f"{LEDGER}/{programme}/{file.name}: {type(error).__name__}",
                remedy="Restore the file from a copy, or move it away if that release reached "
                "nobody.",
            ) from error
    return tables, told


# ---- proof -------------------------------------------------------------------------------------


def verify_site(site: Path) -> list[str]:
    """What was changed in a site since it was released; empty if nothing was.

    Raises
    ------
    ParameterError
        If the folder is no released site, or its record is damaged.
    """
    then: dict[str, str] = record_of(site)["files"]
    now_there = digests(site)
    changed = [f"changed: {name}" for name in then if now_there.get(name, then[name]) != then[name]]
    missing = [f"missing: {name}" for name in then if name not in now_there]
    added = [f"added: {name}" for name in now_there if name not in then]
    return [*changed, *missing, *added]


def record_of(site: Path) -> dict[str, Any]:
    """The release record of a site; raises ParameterError if there is none that can be read."""
    try:
        record: dict[str, Any] = json.loads((site / RECORD).read_text(encoding="utf-8"))
        dict(record["files"])
        return record
    except FileNotFoundError as error:
        raise ParameterError(
            "This folder is no released site.",
            found=f"no {RECORD} in `{site.name}`",
            remedy="Give the folder that `qieval share` wrote.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            f"The release record of this site, {RECORD}, cannot be read.",
            found=type(error).__name__,
            remedy="Compare it with the ledger of the workspace that released it.",
        ) from error
