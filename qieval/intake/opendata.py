"""Open data: published data sets that qieval knows by name, each file pinned by its sha256.

A file is looked for in the mirror (setting ``open_data_mirror``), among those that qieval carries,
then in the cache of this computer, then it is fetched from its pinned address. Whatever is found
must be the pinned file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml

from qieval.core.config import SETTINGS_FILE, Settings, settings_here
from qieval.core.errors import OpenDataError, OpenDataNotHere, did_you_mean, listed
from qieval.core.workspace import digest_of, shipped
from qieval.intake.origin import Origin

PREFIX = "open-data:"
REGISTRY = "open_data.yml"
CARRIED = "open-data"
"""Folder of the sets that qieval carries, so that a real evaluation runs without a network."""

RAW_ADDRESS = "https://raw.githubusercontent.com"
"""Where the raw files of public repositories are."""

TIMEOUT = 30
"""Seconds to wait for the network."""

Place = Literal["mirror", "qieval", "cache"]


@dataclass(frozen=True)
class DataFile:
    """One pinned file of an open data set."""

    name: str  # its name here
    path: str  # its path in the repository, or that of the file it is made from
    sha256: str  # what its bytes must add up to
    bytes: int  # its size


@dataclass(frozen=True)
class Dataset:
    """What the registry says of one open data set."""

    # What it is called, who published it and under which licence.
    name: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str  # the line to show wherever the data are shown
    # What is counted, what one row is, and which time it spans.
    what: str
    grain: str
    period: str
    # Whether its files can be downloaded from the pinned address as they are.
    fetch: Literal["download", "mirror"]
    # The pinned source.
    repository: str
    commit: str
    files: tuple[DataFile, ...]  # the first is the one that ``open-data:<name>`` means
    notes: tuple[str, ...] = ()  # what an evaluator must mind
    why: str = ""  # why they cannot be downloaded

    def file(self, name: str | None = None) -> DataFile:
        """The file of that name; without a name the main one."""
        by_name = {file.name: file for file in self.files}
        if name is None:
            return self.files[0]
        if name in by_name:
            return by_name[name]
        raise OpenDataError(
            f"The open data set `{self.name}` has no file `{name}`.",
            found=listed(by_name),
            remedy=did_you_mean(name, by_name, spelt=f"{PREFIX}{self.name}/{{}}"),
        )

    def address(self, file: DataFile) -> str:
        """Where on the network the file (or the one it is made from) lies."""
        return f"{RAW_ADDRESS}/{self.repository}/{self.commit}/{quote(file.path)}"


def datasets() -> list[Dataset]:
    """Every open data set of the registry, in its order."""
    return list(_registry().values())


def dataset(name: str) -> Dataset:
    """The open data set of that name."""
    known = _registry()
    if name in known:
        return known[name]
    raise OpenDataError(
        f"There is no open data set `{name}`.",
        found=f"known: {listed(known)}",
        remedy=did_you_mean(name, known, "`qieval data list` shows them.", spelt=f"{PREFIX}{{}}"),
    )


def split_source(source: str | Path) -> tuple[str, str | None] | None:
    """Name and file in ``open-data:<name>[/<file>]``; None if `source` is no open data set."""
    text = str(source)
    if not text.startswith(PREFIX):
        return None
    name, _, file = text.removeprefix(PREFIX).strip().partition("/")
    if not name:
        raise OpenDataError(
            f"`{PREFIX}` must be followed by the name of an open data set.",
            remedy=f"Known: {listed(_registry())}.",
        )
    return name, file or None


def origin(name: str) -> Origin:
    """Where an open data set comes from, as pages show it."""
    known = dataset(name)
    return Origin(
        title=known.title,
        publisher=known.publisher,
        licence=known.licence,
        attribution=known.attribution,
        simulated=False,
        notes=known.notes,
    )


def path(name: str, file: str | None = None) -> Path:
    """A pinned file of an open data set, on this computer.

    Raises OpenDataError if the data set or file is unknown, if the file found is not the pinned
    one, or if it is neither in the mirror nor in the cache and cannot be downloaded.

    Parameters
    ----------
    name : str
        Name of the data set.
    file : str, optional
        Name of the file. Default: the data set's main file.
    """
    known = dataset(name)
    wanted = known.file(file)
    settings = settings_here()[0]
    here = _found(known, wanted, settings)
    if here is None:
        return _download(known, wanted, settings)
    place, local = here
    if digest_of(local) == wanted.sha256:
        return local
    if place == "cache" and known.fetch == "download":
        return _download(known, wanted, settings)  # an older pin, or a download cut short
    raise OpenDataError(
        f"`{wanted.name}` in the {place} is not the pinned file: its sha256 differs.",
        found=f"{local.stat().st_size:,} bytes; the pinned file has {wanted.bytes:,}",
        remedy="Replace it by the original, or take it away"
        + (" to have it downloaded." if known.fetch == "download" else "."),
        where=f"{PREFIX}{name}",
    )


def fetch(name: str) -> list[Path]:
    """Every file of an open data set, on this computer (downloaded where needed)."""
    return [path(name, file.name) for file in dataset(name).files]


def found_in(name: str, file: str | None = None) -> Place | None:
    """Where on this computer a file is: mirror, qieval itself, cache, or not at all (None).

    Its content is not checked; :func:`path` does that.
    """
    known = dataset(name)
    here = _found(known, known.file(file), settings_here()[0])
    return here[0] if here else None


@lru_cache(maxsize=1)
def _registry() -> dict[str, Dataset]:
    entries = yaml.safe_load(shipped("data", REGISTRY).read_text(encoding="utf-8"))
    for entry in entries.values():
        entry["files"] = tuple(DataFile(**file) for file in entry["files"])
        entry["notes"] = tuple(entry.get("notes", ()))
    return {name: Dataset(name=name, **entry) for name, entry in entries.items()}


def _cache() -> Path:
    return Path(_pooch().os_cache("qieval"))


def _pooch() -> Any:
    # Waits until it is needed: its import takes a good part of what a command may take to start.
    import pooch  # type: ignore[import-untyped]

    return pooch


def _found(known: Dataset, wanted: DataFile, settings: Settings) -> tuple[Place, Path] | None:
    if settings.open_data_mirror is not None:
        local = settings.open_data_mirror / known.name / wanted.name
        if local.is_file():
            return "mirror", local
    local = shipped("data", CARRIED, known.name, wanted.name)
    if local.is_file():
        return "qieval", local
    local = _cache() / known.name / wanted.name
    return ("cache", local) if local.is_file() else None


def _download(known: Dataset, wanted: DataFile, settings: Settings) -> Path:
    if known.fetch == "mirror":
        raise OpenDataNotHere(
            f"`{wanted.name}` cannot be downloaded, and it is {_not_here(settings)}.",
            found=f"{known.why} The original is `{wanted.path}` of "
            f"github.com/{known.repository} at commit {known.commit[:12]}",
            remedy=_use_a_mirror(known, wanted),
            where=f"{PREFIX}{known.name}",
        )
    pooch = _pooch()
    pooch.get_logger().setLevel("ERROR")  # a notebook shows what was read, not how it was fetched
    try:
        local = pooch.retrieve(
            known.address(wanted),
            known_hash=f"sha256:{wanted.sha256}",
            fname=wanted.name,
            path=_cache() / known.name,
            downloader=pooch.HTTPDownloader(progressbar=False, timeout=TIMEOUT),
        )
        return Path(local)
    except (ValueError, OSError) as error:
        found, remedy, kind = None, _use_a_mirror(known, wanted), OpenDataError
        if isinstance(error, ValueError):  # pooch's word for another sha256; it keeps nothing
            problem = f"What the pinned address sent is not `{wanted.name}`: its sha256 differs."
            remedy = f"Something on the way may have changed it. {remedy}"
        elif isinstance(error, PermissionError):
            problem = "The folder in which downloads are kept cannot be written."
        else:  # every network error of pooch's is an OSError
            kind = OpenDataNotHere
            problem = f"`{wanted.name}` is {_not_here(settings)}, and it cannot be downloaded."
            found = f"{known.address(wanted)} cannot be reached ({type(error).__name__})"
            remedy = f"Try again with a network connection. Without one: {remedy} "
            remedy += (
                f"`qieval data fetch {known.name}` on a computer with a network gets the file."
            )
        where = f"{PREFIX}{known.name}"
        raise kind(problem, found=found, remedy=remedy, where=where) from error


def _not_here(settings: Settings) -> str:
    if settings.open_data_mirror is None:
        return "not on this computer (no `open_data_mirror` is set)"
    if not settings.open_data_mirror.is_dir():
        return "not on this computer (the folder that `open_data_mirror` names does not exist)"
    return "not in the mirror"


def _use_a_mirror(known: Dataset, wanted: DataFile) -> str:
    return (
        f"Set `open_data_mirror` in `{SETTINGS_FILE}` to a folder that holds "
        f"`{known.name}/{wanted.name}`."
    )
