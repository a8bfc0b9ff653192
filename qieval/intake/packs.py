"""Packs: released results that one organisation sends another in one signed file.

A pack is a zip file of three parts. ``contents.json`` holds the projects with their results;
``pack.json`` says who made it, when, under which rule, and the sha256 of the contents;
``signature.json`` holds a public key and its signature of ``pack.json``. Nothing of a pack is ever
unpacked into a folder: its parts are read into memory, and no more of them than a pack may hold.

Whoever receives packs keeps all of them below ``params/<programme>/packs/``, and in
``params/<programme>/senders.yml`` the keys that are known there. These files are all there is to
know: which packs count is worked out from them whenever they are read.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from qieval.core.errors import DataError, ParameterError, did_you_mean, listed
from qieval.core.words import many
from qieval.core.workspace import relative
from qieval.core.yaml_files import Places, read_yaml_places
from qieval.intake.signing import fingerprint, is_signed

FORMAT_VERSION = 1
"""Version of the form of packs; every version up to it is read."""

SUFFIX = ".qipack"
SENDERS = "senders.yml"
"""File of a programme's folder: who may send packs, and by which keys they are known."""

FOLDER = "packs"
"""Folder of a programme's folder that keeps every pack that was received."""

HEAD, CONTENTS, SIGNATURE = "pack.json", "contents.json", "signature.json"
_MOST_FILE = 64_000_000
_MOST_BYTES = {HEAD: 4_000_000, CONTENTS: 256_000_000, SIGNATURE: 10_000}
"""How large a pack may be, and each of its parts when it is unpacked."""

BETWEEN = "--"
"""Stands between sender and project in the name of a project that was received."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE_NAME = re.compile(r"\w[\w .()&+-]*")
"""What a project's folder or an evaluation may be called: no path, nothing hidden."""


# ---- what a pack holds -------------------------------------------------------------------------


@dataclass(frozen=True)
class PackedEvaluation:
    """One evaluation in a pack.

    Attributes
    ----------
    record : dict
        What is known of its run, without anything exact.
    result : dict or None
        The released result as plain values.
    blocks : tuple of dict
        What its page shows, as plain blocks.
    measure_type : str
        Type of the measure that it looks at, as the project gives it.
    """

    record: dict[str, Any]
    result: dict[str, Any] | None = None
    blocks: tuple[dict[str, Any], ...] = ()
    measure_type: str = ""

    @property
    def name(self) -> str:
        """``project/notebook[.label]``, as its sender calls it; ``project/`` of a bare project."""
        return str(self.record["evaluation"])

    @property
    def was_run(self) -> bool:
        """Whether there is something to show of it: a result, or why there is none."""
        return bool(self.record.get("title")) and self.record["status"] != "not run"


@dataclass(frozen=True)
class PackedProject:
    """One project in a pack: as its ``project.yml`` gives it, its plan's locks, its evaluations."""

    folder: str
    name: str
    network: str = ""
    team: str = ""
    aim: str = ""
    simulated: bool = False
    locks: tuple[dict[str, Any], ...] = ()
    evaluations: tuple[PackedEvaluation, ...] = ()


@dataclass(frozen=True)
class Contents:
    """Everything that a pack holds."""

    projects: tuple[PackedProject, ...]


@dataclass(frozen=True)
class Head:
    """What a pack says of itself; it is this part that is signed.

    Attributes
    ----------
    programme, name : str
        Folder name and full name of the programme.
    when : datetime
        When it was made, in UTC.
    signed_by : str
        Who answers for it.
    rule : dict
        The rule of disclosure control: ``name, version, source``.
    projects : tuple of str
        Folder names of the projects in it.
    files : dict
        The sha256 of its contents.
    qieval : str
        The version that made it.
    override : dict
        Who let it pass whatever the gate found, and why: ``by, reason``; empty if nobody did.
    """

    programme: str
    when: AwareDatetime
    signed_by: str
    rule: dict[str, str]
    projects: tuple[str, ...]
    files: dict[str, str]
    name: str = ""
    qieval: str = ""
    override: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """A pack whose signature holds for the key that it names; who owns that key is not known yet.

    Attributes
    ----------
    head : Head
        What it says of itself.
    key : str
        The public key that signed it.
    digest : str
        The sha256 of the signed part, by which two packs are told apart.
    """

    head: Head
    key: str
    digest: str
    packed: bytes = field(repr=False)

    @cached_property
    def contents(self) -> Contents:
        """Its projects with their results.

        Raises
        ------
        DataError
            If they cannot be read, or a name in them is a path.
        """
        contents: Contents = _checked(Contents, _json_of(self.packed))
        names = [project.folder for project in contents.projects]
        if names != list(self.head.projects) or len(set(names)) < len(names):
            raise _damaged("its list of projects is not that of its contents")
        for project in contents.projects:
            for one in project.evaluations:
                _refuse_bad_name(one, project)
        return contents


def _refuse_bad_name(one: PackedEvaluation, project: PackedProject) -> None:
    folder, slash, file = str(one.record.get("evaluation", "")).partition("/")
    good = folder == project.folder and slash and _FILE_NAME.fullmatch(folder)
    if not good or (file and not _FILE_NAME.fullmatch(file)) or "status" not in one.record:
        raise DataError(
            "This pack holds a name that is no name of an evaluation, such as a path.",
            remedy="Do not use it. Names are `project/notebook`, without further parts.",
        )
    if not one.was_run and not all(isinstance(value, str | bool) for value in one.record.values()):
        raise _damaged("the record of an evaluation that was not run holds more than words")


# ---- writing and reading -----------------------------------------------------------------------


def zipped(parts: Mapping[str, str]) -> bytes:
    """The bytes of a pack of these parts; the same parts make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read_pack(file: Path) -> Pack:
    """A pack whose parts, form and signature are as they must be.

    Parameters
    ----------
    file : Path
        The file; it is read into memory and never unpacked.

    Returns
    -------
    Pack

    Raises
    ------
    DataError
        If it is no pack, was cut off or altered, unpacks to more than a pack may hold, or is of a
        later form than this qieval knows.
    """
    parts = _parts(_bytes_of(file))
    signature = _json_of(parts[SIGNATURE])
    try:
        key, signed = str(signature["key"]), str(signature["signature"])
    except (KeyError, TypeError) as error:
        raise _damaged("its signature cannot be read") from error
    if not is_signed(key, signed, parts[HEAD]):
        raise _altered("the signature is not that of what it says of itself")
    plain = _json_of(parts[HEAD])
    version = plain.get("qieval_pack") if isinstance(plain, dict) else None
    if type(version) is not int or version < 1:
        raise _damaged("it does not say its version")
    if version > FORMAT_VERSION:
        raise DataError(
            "This pack was made by a later qieval than this one.",
            found=f"version {version} of the form; this qieval reads up to {FORMAT_VERSION}",
            remedy="Install the later qieval, and receive it again.",
        )
    head: Head = _checked(Head, plain)
    try:
        head = replace(head, when=head.when.astimezone(UTC))
    except OverflowError as error:
        raise _damaged("it was made at no time that can be") from error
    if hashlib.sha256(parts[CONTENTS]).hexdigest() != head.files.get(CONTENTS):
        raise _altered("the contents are not those that were signed")
    return Pack(head, key, hashlib.sha256(parts[HEAD]).hexdigest(), parts[CONTENTS])


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_FILE + 1)
    except OSError as error:
        raise DataError("This file cannot be read.", found=error.strerror) from error
    if len(content) > _MOST_FILE:
        raise _too_large()
    return content


def _parts(content: bytes) -> dict[str, bytes]:
    """The three parts, each read no further than it may be long, whatever the file says of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            if sorted(info.filename for info in infos) != sorted(_MOST_BYTES):
                raise DataError(
                    "This file holds other parts than a pack does.",
                    found=many(len(infos), "part"),
                    remedy=f"Do not open it otherwise. A pack holds {listed(_MOST_BYTES)}.",
                )
            return {info.filename: _part(archive, info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise _damaged("it is no whole zip file: it may have been cut off") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, or another way of packing
        raise _damaged("it is packed in another way than qieval packs") from error


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    most = _MOST_BYTES[info.filename]
    if info.file_size > most:
        raise _too_large()
    with archive.open(info) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise _too_large()
    return content


def _json_of(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged("a part is no JSON of ours") from error


def _checked(kind: type, plain: Any) -> Any:
    """A part as what it must be; names of a later version are passed over."""
    try:
        return _adapter(kind).validate_python(plain)
    except (ValidationError, RecursionError) as error:
        place = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        raise _damaged(f"field `{'.'.join(map(str, place[:4]))}`") from error


@functools.cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _damaged(found: str) -> DataError:
    return DataError(
        "This is no pack, or it is damaged.",
        found=found,
        remedy="Ask for it again: a pack is one file that `qieval pack` wrote.",
    )


def _altered(found: str) -> DataError:
    return DataError(
        "This pack was altered after it was signed.",
        found=found,
        remedy="Do not use it. Ask its sender for the pack again, by another way if need be.",
    )


def _too_large() -> DataError:
    return DataError(
        "This file is larger than a pack may be, or unpacks to more.",
        found=f"more than {_MOST_FILE // 10**6} MB, or {_MOST_BYTES[CONTENTS] // 10**6} unpacked",
        remedy="Do not open it otherwise. Ask its sender for several packs of fewer projects.",
    )


# ---- who may send ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sender:
    """An organisation that may send packs.

    Attributes
    ----------
    slug, name : str
        Its short name, which stands before its projects', and its full one.
    keys : tuple of str
        Its public keys; earlier ones stay as long as packs signed with them count.
    projects : tuple of str
        Folder names of the projects that are expected of it; none named: whatever it sends.
    """

    slug: str
    name: str
    keys: tuple[str, ...]
    projects: tuple[str, ...] = ()

    def folder_of(self, project: str) -> str:
        """What one of its projects is called here."""
        return f"{self.slug}{BETWEEN}{project}"


def read_senders(folder: Path, root: Path) -> tuple[Sender, ...]:
    """Everybody who may send packs to a programme; nobody if there is no list.

    Parameters
    ----------
    folder : Path
        The programme's folder in ``params/``.
    root : Path
        The workspace.

    Raises
    ------
    ParameterError
        If the list is not as it must be, or a key stands in it twice.
    """
    file = folder / SENDERS
    if not file.is_file():
        return ()
    values, places = read_yaml_places(file, root)
    senders = tuple(_sender(slug, given, places) for slug, given in values.items())
    owners: dict[str, str] = {}
    for sender in senders:
        for number, key in enumerate(sender.keys):
            if owners.setdefault(_print_of(key, sender, number, places), sender.slug) != (
                sender.slug
            ):
                raise ParameterError(
                    "Two senders have the same key, so that nobody could tell them apart.",
                    found=f"`{owners[fingerprint(key)]}` and `{sender.slug}`",
                    remedy="Ask both for the line that `qieval key show` prints.",
                    where=places.of(sender.slug, "keys"),
                )
    return senders


def _print_of(key: str, sender: Sender, number: int, places: Places) -> str:
    try:
        return fingerprint(key)
    except DataError as error:
        place = places.of(sender.slug, "keys", number)
        raise ParameterError(error.problem, remedy=error.remedy, where=place) from error


def _sender(slug: str, given: Any, places: Places) -> Sender:
    known = ("name", "keys", "projects")
    if not _SLUG.fullmatch(slug):
        raise ParameterError(
            "A sender's short name is made of small letters, digits and single hyphens.",
            found=f"`{slug}`",
            remedy="Such as `north-trust`.",
            where=places.of(slug),
        )
    if not isinstance(given, Mapping) or not given.get("keys"):
        raise ParameterError(
            f"The sender `{slug}` has no keys.",
            remedy="Write below it `keys: [ed25519:…]`, the line of its `qieval key show`.",
            where=places.of(slug),
        )
    for name in given:
        if name not in known:
            raise ParameterError(
                f"`{name}` is not known of a sender.",
                remedy=did_you_mean(str(name), known, f"Known: {listed(known)}."),
                where=places.of(slug, str(name)),
            )
    lists = {}
    for name in ("keys", "projects"):
        value = given.get(name) or []
        lists[name] = tuple(map(str, value if isinstance(value, list) else [value]))
    return Sender(slug, str(given.get("name") or slug), **lists)


# ---- what was received -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Kept:
    """A pack that was received, and who sent it."""

    file: Path
    sender: Sender
    pack: Pack

    @property
    def when(self) -> str:
        """When it was made, as shown: "2026-11-29 10:00 UTC"."""
        return f"{self.pack.head.when:%Y-%m-%d %H:%M} UTC"


def sender_of(pack: Pack, senders: Iterable[Sender]) -> Sender:
    """Whose key signed a pack.

    Raises
    ------
    DataError
        If nobody's in the list.
    """
    prints = {fingerprint(key): sender for sender in senders for key in sender.keys}
    own = fingerprint(pack.key)
    if own not in prints:
        raise DataError(
            "This pack is signed with a key that is not known here.",
            found=f"fingerprint {own}",
            remedy=f"Ask who sent it to read the fingerprint to you (`qieval key show`). If it is "
            f"the same, enter the key in `{SENDERS}` of the programme: `{pack.key}`.",
        )
    return prints[own]


def kept_packs(folder: Path, root: Path) -> list[Kept]:
    """Every pack that was received for a programme, the oldest first.

    Signatures are looked at again, so that a key that is struck off the list counts no more.

    Parameters
    ----------
    folder : Path
        The programme's folder in ``params/``.
    root : Path
        The workspace.

    Raises
    ------
    DataError
        If one of them cannot be used any more; with the file.
    """
    files = sorted((folder / FOLDER).glob(f"*/*{SUFFIX}"))
    senders = read_senders(folder, root) if files else ()
    kept = []
    for file in files:
        try:
            pack = read_pack(file)
            kept.append(Kept(file, sender_of(pack, senders), pack))
        except DataError as error:
            raise DataError(
                f"A pack that was received cannot be used any more. {error.problem}",
                found=error.found,
                remedy="Bring the file, or the key, back from a copy; or move the file away if it "
                "is not to count.",
                where=relative(file, root),
            ) from error
    return in_order(kept)


def in_order(kept: Iterable[Kept]) -> list[Kept]:
    """Packs by when they were made, the oldest first."""
    return sorted(kept, key=lambda one: (one.pack.head.when, one.pack.digest))


def newest(kept: Iterable[Kept]) -> dict[tuple[str, str], Kept]:
    """Sender and project → the latest pack with it; `kept` has the oldest first."""
    return {(one.sender.slug, name): one for one in kept for name in one.pack.head.projects}


def received(folder: Path, root: Path) -> list[tuple[Kept, PackedProject]]:
    """Every project that was received, as the latest pack with it has it.

    Raises
    ------
    DataError
        If a pack that was received cannot be used any more.
    """
    of = newest(kept_packs(folder, root))
    projects = {id(one): {p.folder: p for p in one.pack.contents.projects} for one in of.values()}
    return [(of[name], projects[id(of[name])][name[1]]) for name in sorted(of)]


def record_here(
    kept: Kept, project: PackedProject, one: PackedEvaluation, programme: str
) -> dict[str, Any]:
    """The record of an evaluation that was received, under the names that it has here."""
    file = one.name.partition("/")[2]
    return {
        **one.record,
        "programme": programme,
        "programme_name": kept.pack.head.name,
        "evaluation": f"{kept.sender.folder_of(project.folder)}/{file}",
        "project": f"{project.name}, {kept.sender.name}",
        "network": project.network,
        "team": project.team,
        "aim": project.aim,
        "simulated": bool(one.record.get("simulated") or project.simulated),
        "files": {},
    }
