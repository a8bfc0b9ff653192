"""The pages that lead to the pages: a programme's index, and the list of programmes.

Both are made from manifests alone, so they say what stands in the output folder, whichever run
wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qieval.batch.manifest import MANIFEST, Manifest, now, read_manifest
from qieval.batch.records import Record
from qieval.core.evaluated import Counts, counts_of
from qieval.core.words import sentence
from qieval.core.workspace import write_whole
from qieval.share.frame import Frame, different, made_on, rendered

INDEX = "index.html"
ALL_PROGRAMMES = "Evaluations"
NO_NETWORK = "Projects"
"""Heading of projects that name no network."""


def write_index(outputs: Path) -> list[Path]:
    """Write the index of every programme in the output folder, and the list of programmes.

    Returns
    -------
    list of Path
        The list of programmes first, then each programme's index.
    """
    folders = sorted(file.parent for file in outputs.glob(f"*/{MANIFEST}"))
    manifests = {folder: manifest for folder in folders if (manifest := read_manifest(folder))}
    for folder, manifest in manifests.items():
        write_whole(folder / INDEX, programme_page(manifest))
    write_whole(outputs / INDEX, home_page(manifests.values()))
    return [outputs / INDEX, *(folder / INDEX for folder in manifests)]


def programme_page(manifest: Manifest) -> str:
    """The index of one programme: networks, projects, one card an evaluation."""
    records = [manifest.records[key] for key in sorted(manifest.records)]
    frame = Frame(
        title=manifest.name or manifest.programme,
        tab_title=f"{manifest.name or manifest.programme}: evaluations",
        up=f"../{INDEX}",
        up_name=ALL_PROGRAMMES,
        simulated=manifest.simulated or any(record.simulated for record in records),
        attributions=different(record.attribution for record in records),
        made=made_on(now()),
        more={"aim": manifest.aim, "counts": _counts(manifest), "notices": _notices(manifest)},
    )
    return rendered("programme.html.j2", frame, networks=_networks(records))


def home_page(manifests: Iterable[Manifest]) -> str:
    """The list of programmes."""
    programmes = [
        {
            "name": manifest.name or manifest.programme,
            "aim": manifest.aim,
            "simulated": manifest.simulated,
            "link": f"{manifest.programme}/{INDEX}",
            "words": _counts(manifest).in_words() if manifest.records else "Nothing evaluated yet",
            "finished": max(
                (record.finished for record in manifest.records.values()),
                default=manifest.run.get("started", now()),
            ),
        }
        for manifest in manifests
    ]
    frame = Frame(
        title=ALL_PROGRAMMES,
        tab_title=ALL_PROGRAMMES,
        up_name="qieval",
        made=made_on(now()),
    )
    return rendered("home.html.j2", frame, programmes=programmes)


def _counts(manifest: Manifest) -> Counts:
    """How many evaluations there are; those that were stopped before their first end count too."""
    unknown = {*manifest.run.get("not_run", ())} - {*manifest.records}
    return counts_of(manifest.records.values(), len(unknown))


def _networks(records: list[Record]) -> list[dict[str, Any]]:
    """Records by network and project, both in the order of their names; the roll-up's first."""
    wide = {record.project_folder for record in records if not record.counts}

    def place(record: Record) -> tuple[Any, ...]:
        own = record.project_folder in wide
        by_name = (record.network == "", record.network, record.project)
        return (not own, *by_name, record.counts, record.evaluation)

    networks: dict[str, dict[str, list[Record]]] = {}
    for record in sorted(records, key=place):
        projects = networks.setdefault(record.network or NO_NETWORK, {})
        projects.setdefault(record.project_folder, []).append(record)
    return [
        {
            "name": network,
            "projects": [
                {"name": own[0].project, "about": _about(own[0]), "records": own}
                for own in projects.values()
            ],
        }
        for network, projects in networks.items()
    ]


def _about(record: Record) -> str:
    aim = sentence(f"Aim: {record.aim}") if record.aim.strip() else ""
    return " ".join(part for part in (record.team and sentence(record.team), aim) if part)


def _notices(manifest: Manifest) -> list[dict[str, Any]]:
    """What the last run did not come to, and which files it could not use."""
    run = manifest.run
    notices = []
    if run.get("not_run"):
        notices.append(
            {
                "title": "The last run was stopped before its end. Not run, or not run again:",
                "lines": run["not_run"],
            }
        )
    if run.get("problems"):
        lines = [problem["problem"] for problem in run["problems"]]
        notices.append({"title": "Could not be run in the last run:", "lines": lines})
    moved = [record for _, record in sorted(manifest.records.items()) if record.moved]
    if moved:
        lines = [
            f"{one.project}: {one.title}\nNow: {one.finding}\nThe finding {one.moved.words}"
            for one in moved
            if one.moved
        ]
        notices.append({"title": "Findings that moved since the run before:", "lines": lines})
    return notices
