"""The gate through which a programme is shared: released, audited, scanned, signed, recorded.

``outputs/`` is internal and exact. What leaves it is made here: every result is released, the site
is written of the released ones, an auditor that knows only what readers see looks for what they
could compute, of this release and of all earlier ones, and every byte is scanned. What is found
stops the release; whoever lets it pass gives a name and a reason, which stand in its record.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

from qieval import __version__
from qieval.batch.manifest import MANIFEST, Manifest, now, read_manifest
from qieval.batch.records import Reason
from qieval.catalogue import evaluation, load, results_in
from qieval.core.errors import ParameterError, ReleaseError, listed
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result, to_json, to_plain
from qieval.core.words import many
from qieval.core.workspace import write_whole
from qieval.intake.programmes import read_programme
from qieval.share.audience import Audience
from qieval.share.auditor import PublishedTable, Told, audit_release
from qieval.share.documents import checked_formats, write_pdfs, write_word, write_workbook
from qieval.share.frame import day, without_what_was_found
from qieval.share.ledger import RECORD, digests, earlier, keep
from qieval.share.profiles import Profile, profile_named
from qieval.share.published import (
    ROLL_UP,
    Published,
    Whole,
    asked_of,
    published_from_packs,
    published_of,
)
from qieval.share.release import release
from qieval.share.scan import Leak, scan
from qieval.share.shown_counts import published_tables
from qieval.share.site import write_site
from qieval.share.site_reader import read_site
from qieval.share.workers import ALONE, Workers

FORMAT_VERSION = 1
_MOST_TOLD = 12

_FAILED = "It stopped before its end."
"""All that is said of a fault whose message may quote the data."""


@dataclass(frozen=True)
class Override:
    """Who let a release pass though something was found, and why."""

    by: str
    reason: str


def override_by(by: str, reason: str | None) -> Override | None:
    """Who lets a release pass, and why; None if nobody does.

    Raises
    ------
    ParameterError
        If the reason or the name is empty.
    """
    if reason is None:
        return None
    if not (reason.strip() and by.strip()):
        raise ParameterError(
            "Whoever lets a release pass gives a reason and a name.",
            remedy="Write `--override REASON --by NAME`.",
        )
    return Override(by, reason)


@dataclass(frozen=True)
class Shared:
    """What was shared.

    Attributes
    ----------
    site : Path
        The folder of its pages.
    record : dict
        The release record, as it stands in the site.
    ledger : Path
        The file of the ledger that keeps it.
    """

    site: Path
    record: dict[str, Any]
    ledger: Path


def share(
    outputs: Path,
    to: Path,
    root: Path,
    *,
    profile: str = "mhsds",
    audience: Audience = "stakeholder",
    signed_by: str = "",
    names: Iterable[str] = (),
    own_seen_by: str = "",
    override: Override | None = None,
    formats: Sequence[str] = (),
    workers: Workers = ALONE,
) -> Shared:
    """Release a programme's results and write its site.

    Parameters
    ----------
    outputs : Path
        The programme's folder in ``outputs/``.
    to : Path
        The folder of the site. It must be empty, absent, or the site of an earlier release, which
        is replaced as a whole.
    root : Path
        The workspace; its ledger is read and added to.
    profile : {"mhsds", "hes", "ons10", "internal"}
        Which counts are withheld, and how others are rounded.
    audience : "stakeholder" or "analyst"
        Stakeholders see no code, no parameters and nothing of files and rows.
    signed_by : str
        Who releases it.
    names : iterable of str
        Names of people that must not occur.
    own_seen_by : str
        Who looked at what the evaluators' own cells show; without it that is held back.
    override : Override, optional
        Lets the release pass whatever is found, and says so in its record.
    formats : sequence of {"xlsx", "docx", "pdf"}
        What is made beside the pages: a workbook of all tables, Word documents of the programme and
        of each project, a PDF of every page.
    workers : Workers
        Who releases, draws and audits; the site is the same.

    Returns
    -------
    Shared

    Raises
    ------
    ReleaseError
        If readers could compute what is withheld, or the scan finds what must not be published.
    ParameterError
        If the folder of the site holds other files, or nothing has been run.
    """
    wanted = checked_formats(formats)
    manifest = ran(outputs)
    _refuse_others_files(to)
    home = root / "params" / manifest.programme
    evaluations = [*published_of(outputs, manifest), *published_from_packs(home, root)]
    own = bool(own_seen_by)
    passing = prepare(evaluations, outputs, manifest, root, profile, own=own, workers=workers)
    rule, when, published = passing.rule, passing.when, passing.published
    programme = read_programme(home, root)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site.mkdir()
        stamp = _stamp(rule, when, passing.other_rules)
        pages = write_site(
            site, programme, published, audience=audience, stamp=stamp, workers=workers
        )
        _write_documents(site, Whole(programme, tuple(published)), wanted, stamp)
        told = read_site(site, passing.by_address)
        given_away = audited(passing, told, root, workers)
        record = release_record(passing, audience, signed_by) | {"own_outputs_seen_by": own_seen_by}
        record |= let_pass(given_away, scan(site, names=names), override)
        if "pdf" in wanted:  # of pages that were scanned
            write_pdfs([page for page in pages if page.suffix == ".html"])
        record["files"] = digests(site)
        write_whole(site / RECORD, f"{to_json(record)}\n")
        _put_in_place(site, to)
    ledger = keep(root, manifest.programme, record, passing.tables, told)
    return Shared(to, record, ledger)


# ---- what a site and a pack have in common -----------------------------------------------------


@dataclass(frozen=True)
class Passing:
    """Evaluations on their way out: released, not yet audited and scanned.

    Attributes
    ----------
    rule : Profile
        Under which they were released.
    manifest : Manifest
        Of the programme.
    when : str
        When.
    published : list of Published
        Each with its released result.
    by_address : dict of list of PublishedTable
        Address of an evaluation's page → what readers will see of its counts.
    """

    rule: Profile
    manifest: Manifest
    when: str
    published: list[Published]
    by_address: dict[str, list[PublishedTable]]

    @property
    def tables(self) -> list[PublishedTable]:
        """What readers will see of all counts."""
        return [table for tables in self.by_address.values() for table in tables]

    @property
    def other_rules(self) -> list[str]:
        """The rules under which others released what was received of them, if not this one."""
        releases = (one.result.release for one in self.published if one.result)
        return sorted({release.profile for release in releases if release} - {self.rule.name})


def ran(outputs: Path) -> Manifest:
    """The manifest of a programme of which something has been run.

    Raises
    ------
    ParameterError
        If nothing has been run.
    """
    manifest = read_manifest(outputs)
    if manifest is None or not manifest.records:
        raise ParameterError(
            "There is nothing to share in this folder.",
            found=f"no {MANIFEST} with evaluations in `{outputs.name}`",
            remedy="Run the evaluations first (`qieval run`), and give the programme's folder.",
        )
    return manifest


def prepare(
    evaluations: Sequence[Published],
    outputs: Path,
    manifest: Manifest,
    root: Path,
    profile: str,
    *,
    own: bool = False,
    workers: Workers = ALONE,
) -> Passing:
    """Release evaluations, and take down what readers will see of their counts.

    Parameters
    ----------
    evaluations : sequence of Published
        With their exact results.
    outputs : Path
        The programme's folder in ``outputs/``.
    manifest : Manifest
        Of their programme.
    root : Path
        The workspace.
    profile : str
        The rule.
    own : bool
        Whether what the evaluators' own cells show was looked at, so that it may be shown.
    workers : Workers
        Who releases them.
    """
    rule = profile_named(profile)
    published = released_of(evaluations, outputs, root, profile, own=own, workers=workers)
    by_address = {
        one.address: published_tables(one.result, f"{one.record.evaluation} {_data_of(one)}")
        for one in published
        if one.result is not None
    }
    return Passing(rule, manifest, now(), published, by_address)


def audited(
    passing: Passing, told: Sequence[Told], root: Path, workers: Workers = ALONE
) -> list[str]:
    """What readers could compute of withheld counts, of this release and all before it.

    `told`: what the finished pages say besides their tables.
    """
    tables, earlier_told = earlier(root, passing.manifest.programme)
    return _audit([*passing.tables, *tables], [*told, *earlier_told], passing.rule, workers)


def let_pass(
    given_away: Sequence[str], leaks: Iterable[Leak], override: Override | None
) -> dict[str, Any]:
    """What the release record says of what was found: nothing, or who let it pass and why.

    `given_away`: what the audit found; `leaks`: what the scan found.

    Raises
    ------
    ReleaseError
        If anything was found and nobody let it pass.
    """
    told = [str(leak) for leak in leaks]
    found = [*given_away, *told]
    if found and override is None:
        raise _stopped(given_away, told)
    return {"override": {**to_plain(override), "found": found}} if found else {}


def _write_documents(site: Path, whole: Whole, formats: Sequence[str], stamp: str) -> None:
    if "xlsx" in formats:
        write_workbook(whole, site / "tables.xlsx")
    if "docx" in formats:
        opening = whole.result.headline() if whole.result else ""
        title = whole.programme.name
        write_word(title, whole.projects, site / "programme.docx", stamp=stamp, opening=opening)
        for project in filter(lambda one: one.evaluations, whole.projects):
            file = (site / project.address).with_name("project.docx")
            write_word(project.name, [project], file, stamp=stamp)


# ---- results -----------------------------------------------------------------------------------


def released_of(
    evaluations: Sequence[Published],
    outputs: Path,
    root: Path,
    profile: str,
    *,
    own: bool,
    workers: Workers = ALONE,
) -> list[Published]:
    """Every evaluation with its released result; roll-ups are made anew of the released ones.

    Parameters
    ----------
    evaluations : sequence of Published
        With their exact results.
    outputs, root : Path
        The programme's folder in ``outputs/``, and the workspace.
    profile : {"mhsds", "hes", "ons10", "internal"}
        The rule.
    own : bool
        Whether somebody looked at what the evaluators' own cells show.
    workers : Workers
        Who releases them.
    """
    rule = profile_named(profile)
    exact = [_without_findings(one, rule) for one in evaluations]
    released = [
        replace(one, own=own) for one in workers.map(partial(_released_one, profile=profile), exact)
    ]
    if not any(evaluation(one.kind).reads_results for one in released if one.result):
        return released
    quoted = {
        before.result.headline(): after.result.headline()
        for before, after in zip(exact, released, strict=True)
        if before.result is not None and after.result is not None
    }
    of = {one.record.evaluation: one for one in released}

    def again(one: Published) -> Result | None:
        """A result that reads others, as it is of their released ones; any other as it is."""
        if one.result is None or not evaluation(one.kind).reads_results:
            return one.result
        if one.kind != ROLL_UP:
            return _requoted(one.result, quoted)
        projects = asked_of(one.notebook).get("projects") or ()
        return _rolled_up(one, of, results_in(outputs, root, projects), profile)

    return [replace(one, result=again(one)) for one in released]


def _released_one(one: Published, profile: str) -> Published:
    """An evaluation with its released result; one that cannot be released is shown without it."""
    if one.result is None:
        return one
    try:
        return replace(one, result=release(one.result, profile))
    except ReleaseError as error:
        reason = Reason("ReleaseError", str(error))
        record = replace(one.record, status="not evaluated", reason=reason, verdict=None)
        return replace(one, result=None, record=record)


def _without_findings(one: Published, rule: Profile) -> Published:
    """An evaluation without what a refusal or a failure says of the data: it was never released."""
    reason = one.record.reason
    if reason is None or not rule.withholds:
        return one
    said = without_what_was_found(reason.message) if reason.in_words else _FAILED
    return replace(one, record=replace(one.record, reason=replace(reason, message=said)))


def _rolled_up(
    one: Published,
    released: Mapping[str, Published],
    read: Iterable[Evaluated],
    profile: str,
) -> Result:
    """The roll-up of the released results, asked as it was asked of the exact ones."""
    results = []
    for item in read:
        own = released.get(item.name)
        if own is not None and own.result is not None:
            item = replace(item, result=own.result, headline=own.finding)
        results.append(item)
    analysis = load(evaluation(one.kind).analysis)
    takes = signature(analysis).parameters
    given = one.result.params if one.result else {}
    asked = {name: value for name, value in given.items() if name in takes}
    rolled_up: Result = analysis(results, **asked)
    return release(rolled_up, profile)


def _requoted(result: Result, quoted: dict[str, str]) -> Result:
    """A result that quotes others: what it quotes, as it was released."""
    text = to_json(result)
    for pair in quoted.items():
        exact, shown = (json.dumps(words, ensure_ascii=False)[1:-1] for words in pair)
        text = text.replace(exact, shown)
    return Result.from_dict(json.loads(text))


def _data_of(one: Published) -> str:
    """Which data an evaluation rests on, so that two releases of the same are told as such."""
    files = sorted(f"{name}={digest}" for name, digest in one.record.depends_on.items())
    return hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]


# ---- what stops a release -----------------------------------------------------------------------


def _audit(
    tables: Sequence[PublishedTable], told: Sequence[Told], rule: Profile, workers: Workers
) -> list[str]:
    """What readers could compute of withheld counts, of this release and all before it."""
    if not rule.withholds:
        return []
    pieces = []
    for group in _together(tables):
        names = {table.name for table in group}
        pieces.append((group, [one for one in told if one.table in names]))
    return [one for found in workers.map(partial(_audited_group, rule), pieces) for one in found]


def _audited_group(
    rule: Profile, piece: tuple[Sequence[PublishedTable], Sequence[Told]]
) -> list[str]:
    """What some tables, and what is told of them, give away."""
    tables, told = piece
    small = (rule.least, rule.most)
    return [str(one) for one in audit_release(tables, fewest=rule.fewest, small=small, told=told)]


def _together(tables: Sequence[PublishedTable]) -> list[list[PublishedTable]]:
    """Tables that can say something of one another: those of one evaluation, of all releases."""
    groups: dict[str, list[PublishedTable]] = {}
    for table in tables:
        groups.setdefault(table.data.partition(" ")[0], []).append(table)
    return list(groups.values())


def _stopped(given_away: Sequence[str], leaks: list[str]) -> ReleaseError:
    told = [*given_away, *leaks]
    more = [f"… and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    why = ["withheld figures could be computed from what is shown"] if given_away else []
    why += ["something was found that must not be published"] if leaks else []
    return ReleaseError(
        f"Nothing was shared: {' and '.join(why)}.",
        found="\n".join(["", *told[:_MOST_TOLD], *more]),
        remedy="Take out of the data, the project's words or the parameters what tells who "
        "somebody is, run again and share again. Somebody who answers for it may let it pass with "
        "`--override REASON --by NAME`; both stand in the release record.",
    )


# ---- the folder of the site ---------------------------------------------------------------------


def _refuse_others_files(to: Path) -> None:
    if to.is_dir() and any(to.iterdir()) and not (to / RECORD).is_file():
        raise ParameterError(
            "The folder of the site holds files that no release wrote.",
            found=many(len(list(to.iterdir())), "file"),
            remedy="Give an empty folder, or one that does not exist yet.",
        )


def _put_in_place(site: Path, to: Path) -> None:
    """The new site instead of an earlier one, which stays until the new one is whole."""
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = to.with_name(f".{to.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(site, fresh)
    if to.is_dir():
        shutil.rmtree(to)
    fresh.rename(to)


# ---- the record ---------------------------------------------------------------------------------


def _stamp(rule: Profile, when: str, others: Sequence[str]) -> str:
    if not rule.withholds:
        return (
            f"Internal: exact figures of the team, made on {day(when)}. Not to be passed on to "
            "anybody else."
        )
    return (
        f"Released on {day(when)} under the rule `{rule.name}` ({rule.version}): small counts are "
        "withheld, others are rounded."
        + (f" What others sent was released by them under {listed(others)}." if others else "")
    )


def release_record(passing: Passing, audience: Audience, signed_by: str) -> dict[str, Any]:
    """What was released, under which rule, by whom and when; its files are added to it."""
    rule, manifest, published = passing.rule, passing.manifest, passing.published
    withheld = sum(
        one.result.release.count for one in published if one.result and one.result.release
    )
    return {
        "qieval_release": FORMAT_VERSION,
        "programme": manifest.programme,
        "name": manifest.name,
        "when": passing.when,
        "qieval": __version__,
        "rule": {"name": rule.name, "version": rule.version, "source": rule.source},
        "audience": audience,
        "evaluations": [one.record.evaluation for one in published],
        "withheld": withheld,
        "signed_by": signed_by,
        **({"others_rules": passing.other_rules} if passing.other_rules else {}),
    }
