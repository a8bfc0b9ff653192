"""Pack: projects' released results in one signed file, for whoever rolls up several organisations.

A pack goes through the gate of a site: the same release, the same auditor with the same ledger, the
same scan of every byte. It holds what pages show (results, blocks, the project's words), the locks
of plans, and digests of the data; it holds no data, no parameters, no code and no cell of anybody's
own. The roll-up and other evaluations that read results stay behind: whoever receives packs makes
them anew.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qieval.batch.manifest import Manifest, facts
from qieval.catalogue import not_run, row_of
from qieval.core.errors import ParameterError, listed
from qieval.core.evaluated import Evaluated
from qieval.core.result import to_json, to_plain
from qieval.core.workspace import write_whole
from qieval.intake.packs import (
    CONTENTS,
    FORMAT_VERSION,
    HEAD,
    SIGNATURE,
    SUFFIX,
    PackedEvaluation,
    PackedProject,
    zipped,
)
from qieval.intake.plans import read_locks
from qieval.intake.programmes import read_project
from qieval.intake.signing import fingerprint, load_key, public_text, sign
from qieval.share.audience import is_for, without_file_names
from qieval.share.gate import Override, audited, let_pass, prepare, ran, release_record
from qieval.share.ledger import keep
from qieval.share.profiles import profile_named
from qieval.share.published import Published, blocks_of, published_of
from qieval.share.scan import Leak, scan

_OF_THE_RUN = (
    *("evaluation", "title", "status", "finished", "simulated", "setting"),
    *("parameters_digest", "notebook_digest", "own_notebook", "qieval", "depends_on", "reason"),
)
"""What of a record travels; its finding and its verdict are those of the released result."""


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Attributes
    ----------
    file : Path
        The pack.
    record : dict
        The release record; it is also what the pack says of itself.
    ledger : Path
        The file of the ledger that keeps it.
    missing : tuple of str
        Evaluations in it without a result, and how each stands.
    fingerprint : str
        Of the key that signed it.
    """

    file: Path
    record: dict[str, Any]
    ledger: Path
    missing: tuple[str, ...]
    fingerprint: str


def pack(
    projects: Sequence[Path],
    outputs: Path,
    to: Path,
    root: Path,
    key: Path,
    *,
    signed_by: str,
    profile: str = "mhsds",
    names: Iterable[str] = (),
    override: Override | None = None,
) -> Packed:
    """Write a pack of some projects of one programme.

    Parameters
    ----------
    projects : sequence of Path
        Their folders in ``params/``.
    outputs : Path
        The programme's folder in ``outputs/``.
    to : Path
        A folder, or the file itself; a file that is there is not written over.
    root : Path
        The workspace; its ledger is read and added to.
    key : Path
        File with the private key that signs it.
    signed_by : str
        Who answers for it.
    profile : {"mhsds", "hes", "ons10"}
        Which counts are withheld, and how others are rounded.
    names : iterable of str
        Names of people that must not occur.
    override : Override, optional
        Lets it pass whatever is found, and says so in its record.

    Returns
    -------
    Packed

    Raises
    ------
    ReleaseError
        If whoever receives it could compute what is withheld, or the scan finds what must not
        leave.
    ParameterError
        If nobody signs, the rule withholds nothing, the projects are of several programmes, or
        nothing has been run.
    WorkspaceError
        If there is no key.
    """
    if not signed_by.strip():
        raise ParameterError("A pack says who answers for it.", remedy="Write `--by NAME`.")
    if not profile_named(profile).withholds:
        raise ParameterError(
            f"The rule `{profile}` withholds nothing, so nothing may be packed under it.",
            remedy="Choose another rule: `--profile mhsds`.",
        )
    folders = _of_one_programme(projects)
    private = load_key(key)
    manifest = _of_these(ran(outputs), folders)
    passing = prepare(published_of(outputs, manifest), outputs, manifest, root, profile)
    waiting = not_run(
        manifest.programme, {one.record.evaluation for one in passing.published}, root
    )
    contents = [_project(folder, root, passing.published, waiting) for folder in folders.values()]
    run_by = facts(root)
    head = {
        "qieval_pack": FORMAT_VERSION,
        **release_record(passing, "stakeholder", signed_by),
        "projects": list(folders),
        "versions": {name: run_by[name] for name in ("python", "packages")},
    }
    text = to_json({"projects": to_plain(contents)})
    given_away = audited(passing, (), root)
    head |= let_pass(given_away, _scanned(text, to_json(head), names), override)
    head["files"] = {CONTENTS: hashlib.sha256(text.encode()).hexdigest()}
    file = _file(to, manifest.programme, passing.when)
    _write_new(file, zipped({CONTENTS: text, **signed(to_json(head), private)}))
    ledger = keep(root, manifest.programme, head, passing.tables)
    without = [
        one
        for project in contents
        for one in project.evaluations
        if one.result is None and one.record["title"]
    ]
    missing = tuple(f"{one.name}: {one.record['status']}" for one in without)
    return Packed(file, head, ledger, missing, fingerprint(public_text(private)))


def signed(head: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """What a pack says of itself, and its signature, as two parts."""
    signature = {"key": public_text(key), "signature": sign(key, head.encode())}
    return {HEAD: head, SIGNATURE: to_json(signature)}


def _scanned(contents: str, head: str, names: Iterable[str]) -> list[Leak]:
    with tempfile.TemporaryDirectory() as folder:
        write_whole(Path(folder) / CONTENTS, contents)
        write_whole(Path(folder) / HEAD, head)
        return scan(Path(folder), names=names)


def _of_these(manifest: Manifest, folders: Mapping[str, Path]) -> Manifest:
    """The manifest with what is packed of these projects: nothing that reads results or files."""
    own = {
        name: record
        for name, record in manifest.records.items()
        if record.project_folder in folders and _is_packed(name)
    }
    if not own:
        raise ParameterError(
            "Nothing of these projects has been run yet, so there is nothing to pack.",
            found=listed(folders),
            remedy=f"Run them first: `qieval run params/{manifest.programme}`.",
        )
    return replace(manifest, records=own)


def _of_one_programme(projects: Sequence[Path]) -> dict[str, Path]:
    """Folder name → folder of each project."""
    if len(programmes := sorted({folder.parent.name for folder in projects})) != 1:
        raise ParameterError(
            "A pack holds projects of one programme.",
            found=", ".join(programmes) or "no project",
            remedy="Make a pack for each programme.",
        )
    return {folder.name: folder for folder in projects}


def _is_packed(name: str) -> bool:
    row = row_of(name.rpartition("/")[2].partition(".")[0])
    return row is not None and not row.reads_results and is_for(row.name, "stakeholder")


def _file(to: Path, programme: str, when: str) -> Path:
    if to.suffix == SUFFIX:
        return to
    moment = "".join(letter for letter in when[:19] if letter.isdigit())
    return to / f"{programme}.{moment[:8]}-{moment[8:]}{SUFFIX}"


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet."""
    if file.exists():
        raise ParameterError(
            "There is such a file already.",
            found=f"`{file.name}`",
            remedy="Name another, or move that one away.",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)


# ---- what it holds -----------------------------------------------------------------------------


def _project(
    folder: Path, root: Path, published: Sequence[Published], waiting: Sequence[Evaluated]
) -> PackedProject:
    """A project with all its evaluations, those without a result among them."""
    about = read_project(folder, root)
    return PackedProject(
        folder.name,
        about.name,
        about.network,
        about.team,
        str(about.aim),
        about.simulated,
        tuple(
            {**to_plain(lock), "locked": lock.locked.isoformat()}
            for lock in read_locks(folder, root)
        ),
        (
            *(_evaluation(one) for one in published if one.record.project_folder == folder.name),
            *(_not_run(one) for one in waiting if one.project == folder.name and _sent(one)),
        ),
    )


def _sent(one: Evaluated) -> bool:
    return not one.counts or is_for(one.notebook, "stakeholder")


def _evaluation(one: Published) -> PackedEvaluation:
    """An evaluation as it was released; of its run what tells nothing exact."""
    record = one.record.to_dict()
    return PackedEvaluation(
        {
            **{name: record[name] for name in _OF_THE_RUN if name in record},
            "headline": one.finding,
            "attribution": one.attribution,
        },
        None if one.result is None else without_file_names(one.result).to_dict(),
        blocks_of(one),
        one.measure_type,
    )


def _not_run(one: Evaluated) -> PackedEvaluation:
    """An evaluation that was set up and not run, or a project for which nothing was set up."""
    names = ("title", "status", "headline", "simulated")
    return PackedEvaluation(
        {"evaluation": one.name, **{name: getattr(one, name) for name in names}}
    )
