"""Receive: packs of any mix of organisations, looked at, kept, and what is still missing.

A pack is refused with its reason, or kept as it came. Every version stays; the latest one with a
project counts. Nothing else is written but a log of what came: what counts is worked out from the
packs that are kept (:mod:`qieval.intake.packs`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qieval.batch.manifest import now
from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.words import many
from qieval.core.workspace import digest_of, relative, write_whole
from qieval.intake.packs import (
    CONTENTS,
    FOLDER,
    SENDERS,
    SUFFIX,
    Kept,
    Pack,
    Sender,
    in_order,
    kept_packs,
    newest,
    read_pack,
    read_senders,
    sender_of,
)
from qieval.share.profiles import PROFILES
from qieval.share.published import published_from
from qieval.share.scan import scan

LOG = "received.jsonl"
"""What came, when, and what became of it; a JSON object a line, beside the packs."""

_CLOCKS_DIFFER = timedelta(hours=24)
"""How far ahead of ours a sender's clock may be."""


@dataclass(frozen=True)
class Came:
    """A file that came.

    Attributes
    ----------
    file : str
        Its name.
    kept : Kept or None
        The pack as it was kept; None if it was refused.
    reason : str
        Why it was refused; or what to know of one that was kept: projects of which a later version
        is here already, who let it pass at the sender's; "" if there is nothing.
    """

    file: str
    kept: Kept | None
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How a programme stands that receives packs.

    Attributes
    ----------
    came : tuple of Came
        What came this time, in the order in which it was looked at.
    versions : int
        How many packs are kept.
    counting : tuple of Kept
        Those of which at least one project counts.
    projects : int
        How many projects count.
    missing : tuple of str
        What is still missing, a line each.
    """

    came: tuple[Came, ...]
    versions: int
    counting: tuple[Kept, ...]
    projects: int
    missing: tuple[str, ...]


def receive(files: Sequence[Path], folder: Path, root: Path, *, by: str = "") -> Standing:
    """Look at packs, keep those that may be used, and say how the programme stands.

    Parameters
    ----------
    files : sequence of Path
        Packs; they are only read. None: only say how the programme stands.
    folder : Path
        The programme's folder in ``params/``; its name is that of the programme.
    root : Path
        The workspace.
    by : str
        Who receives them.

    Returns
    -------
    Standing

    Raises
    ------
    ParameterError
        If the list of senders is missing or not as it must be.
    DataError
        If a pack that was received before cannot be used any more.
    """
    senders = read_senders(folder, root)
    if not senders:
        raise ParameterError(
            "Nobody is listed who may send packs to this programme.",
            found=f"no `{SENDERS}` with a sender",
            remedy=f"Write {relative(folder / SENDERS, root)}: a short name for each, below it "
            "`name:` and `keys: [ed25519:…]`.",
        )
    kept = kept_packs(folder, root)
    came = []
    for file, read in _oldest_first(files):
        try:
            one, told = _looked_at(read, folder, senders, kept)
            one.file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(one.file, file.read_bytes())
            kept = in_order([*kept, one])
            came.append(Came(file.name, one, told))
        except DataError as error:
            came.append(Came(file.name, None, str(error)))
        _log(folder, file, came[-1], by)
    of = newest(kept)
    return Standing(
        tuple(came),
        len(kept),
        tuple(one for one in kept if one in of.values()),
        len(of),
        tuple(_missing(kept, senders)),
    )


def _oldest_first(files: Sequence[Path]) -> list[tuple[Path, Pack | DataError]]:
    """Each file and what it holds, in the order in which they were made; unreadable ones last.

    So both of two versions that come together are kept.
    """
    read: list[tuple[Path, Pack | DataError]] = []
    for file in files:
        try:
            read.append((file, read_pack(file)))
        except DataError as error:
            read.append((file, error))
    end = datetime.max.replace(tzinfo=UTC)
    return sorted(read, key=lambda one: one[1].head.when if isinstance(one[1], Pack) else end)


# ---- what is refused ---------------------------------------------------------------------------


def _looked_at(
    read: Pack | DataError, folder: Path, senders: Sequence[Sender], kept: Sequence[Kept]
) -> tuple[Kept, str]:
    """A pack as it is to be kept, and what to know of it.

    Raises
    ------
    DataError
        If it is refused.
    """
    if isinstance(read, DataError):
        raise read
    sender = sender_of(read, senders)
    name = f"{read.head.when:%Y%m%dT%H%M%SZ}-{read.digest[:12]}{SUFFIX}"
    place = folder / FOLDER / sender.slug / name
    one = Kept(place, sender, read)
    _refuse_misdirected(one, folder.name)
    overtaken = _overtaken(one, kept)
    _refuse_exact(one)
    for project in read.contents.projects:
        for each in project.evaluations:
            if each.was_run or each.result is not None:
                published_from(one, project, each, folder.name)  # refuses what cannot be shown
    _refuse_identifying(read)
    told = []
    if overtaken:
        told.append(f"A later version is here already of {listed(overtaken)}; that one counts.")
    if passed := read.head.override:
        told.append(f"Let pass at the sender's by {passed.get('by')}: {passed.get('reason')}")
    return one, " ".join(told)


def _refuse_misdirected(one: Kept, programme: str) -> None:
    head = one.pack.head
    if head.programme != programme:
        raise DataError(
            "This pack is of another programme.",
            found=f"`{head.programme}`, not `{programme}`",
            remedy="Receive it with `--to` the folder of its programme.",
        )
    if head.when > datetime.now(UTC) + _CLOCKS_DIFFER:
        raise DataError(
            "This pack was made in the future.",
            found=one.when,
            remedy="Ask its sender to set the clock of the computer right and to pack again.",
        )


def _overtaken(one: Kept, kept: Sequence[Kept]) -> list[str]:
    """The projects of a pack of which a later version is here already; never all of them."""
    if any(one.pack.digest == other.pack.digest for other in kept):
        raise DataError(
            "This pack was received before.",
            found=f"of {one.sender.name}, made on {one.when}",
            remedy="Nothing needs to be done.",
        )
    of = newest(other for other in kept if other.sender.slug == one.sender.slug)
    later = [
        (name, of[one.sender.slug, name])
        for name in one.pack.head.projects
        if (one.sender.slug, name) in of
        and of[one.sender.slug, name].pack.head.when >= one.pack.head.when
    ]
    if len(later) == len(one.pack.head.projects):
        raise DataError(
            "This pack is out of date: a later version of all its projects is here.",
            found=f"made on {one.when}; here: {max(other.when for _, other in later)}",
            remedy="Ask its sender which is right. If it is this one, it is packed again there.",
        )
    return [name for name, _ in later]


def _refuse_exact(one: Kept) -> None:
    """Refuse a pack with a result that was not released, or under a rule that withholds nothing."""
    rules = [one.pack.head.rule.get("name", "")]
    for project in one.pack.contents.projects:
        for evaluation in project.evaluations:
            rules += _rules_in(evaluation.result)
    good = {name for name, rule in PROFILES.items() if rule.withholds}
    if bad := sum(rule not in good for rule in rules):
        raise DataError(
            "This pack holds results that were not released.",
            found=f"{many(bad, 'result')} without a rule that withholds small counts",
            remedy="Delete the file: it may hold exact figures. Ask its sender for a pack that "
            "`qieval pack` made.",
        )


def _rules_in(value: Any) -> Iterator[str]:
    """The rule of every result in plain values, of those inside others too; "" where is none."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "qieval_result" in value:
                release = value.get("release")
                yield str(release.get("profile", "")) if isinstance(release, dict) else ""
            left += value.values()
        elif isinstance(value, list):
            left += value


def _refuse_identifying(pack: Pack) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_whole(Path(folder) / CONTENTS, pack.packed)
        leaks = scan(Path(folder))
    if leaks:
        raise DataError(
            "This pack holds what could tell who somebody is.",
            found="\n".join(["", *map(str, leaks)]),
            remedy="Delete the file, and tell its sender: what was found is not repeated here.",
        )


def _log(folder: Path, file: Path, came: Came, by: str) -> None:
    """Add what became of a file to the log."""
    entry = {
        "when": now(),
        "by": by,
        "file": came.file,
        "sha256": digest_of(file) if file.is_file() else "",
        "sender": came.kept.sender.slug if came.kept else "",
        "kept": came.kept.file.name if came.kept else "",
        "reason": came.reason.partition("\n")[0],
    }
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    with (folder / FOLDER / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{json.dumps(entry, ensure_ascii=False)}\n")


# ---- what is missing ---------------------------------------------------------------------------


def _missing(kept: Sequence[Kept], senders: Sequence[Sender]) -> Iterator[str]:
    """What has not come yet, a line each: senders, their projects, evaluations without a result."""
    for sender in senders:
        own = [one for one in kept if one.sender.slug == sender.slug]
        there = newest(own)
        wanted = [name for name in sender.projects if (sender.slug, name) not in there]
        if not own:
            yield f"{sender.name}: nothing has come yet."
        elif wanted:
            yield f"{sender.name}: no pack yet with {listed(wanted)}."
        for (_, name), one in sorted(there.items()):
            now_there = _evaluations(one, name)
            for status, words in _STILL.items():
                names = [each for each, how in now_there.items() if how == status]
                if names:
                    yield f"{sender.name}, {name}: {words} {listed(names)}."
            earlier = [other for other in own if name in other.pack.head.projects][:-1]
            before = _evaluations(earlier[-1], name) if earlier else {}
            if gone := [each for each in before if each not in now_there]:
                yield f"{sender.name}, {name}: in the version before, but not now: {listed(gone)}."


_STILL = {"not run": "not run yet:", "failed": "failed at the sender's:"}


def _evaluations(one: Kept, project: str) -> dict[str, str]:
    """The evaluations of a project in a pack, and how each stands."""
    (found,) = (each for each in one.pack.contents.projects if each.folder == project)
    return {
        each.name.partition("/")[2]: str(each.record.get("status", ""))
        for each in found.evaluations
        if each.record.get("title")
    }
