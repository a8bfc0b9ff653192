"""The command ``qieval``.

Nothing heavy is imported at the top: ``qieval --help`` must answer at once. What a command needs it
imports when it is called.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from enum import IntEnum
from io import TextIOWrapper
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer

from qieval import __version__
from qieval.core.errors import ParameterError, QievalError
from qieval.core.workspace import ROOT_VARIABLE, find_root, relative

if TYPE_CHECKING:
    from rich.console import Console

    from qieval.batch.asking import Terminal
    from qieval.batch.plan import Plan
    from qieval.batch.progress import JsonLines
    from qieval.batch.records import Run
    from qieval.core.config import Settings
    from qieval.intake.plans import Plan as ProjectPlan


class Exit(IntEnum):
    """The exit codes, all of them."""

    FINE = 0
    TO_PUT_RIGHT = 1
    WRONG_COMMAND = 2  # given by typer
    SOME_FAILED = 3
    INTERRUPTED = 130


EXIT_CODES = (
    f"Exit codes: {Exit.FINE:d} fine (a refusal to evaluate is fine too); "
    f"{Exit.TO_PUT_RIGHT:d} something you can put right; "
    f"{Exit.WRONG_COMMAND:d} wrong command line; "
    f"{Exit.SOME_FAILED:d} some evaluations failed; "
    f"{Exit.INTERRUPTED:d} stopped with Ctrl-C."
)

app = typer.Typer(
    name="qieval",
    help="Find out, honestly, whether an improvement project changed anything.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Open data sets that qieval knows.", no_args_is_help=True)
app.add_typer(data, name="data")
plans = typer.Typer(
    help="Plans made before the data: lock them, and look at them.", no_args_is_help=True
)
app.add_typer(plans, name="plan")
keys = typer.Typer(help="The key that signs your packs: make it, show it.", no_args_is_help=True)
app.add_typer(keys, name="key")

_MOST_DOUBTS, _MOST_NOTICES, _SHORT = 20, 3, 200

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Parameter files, project folders or programme folders. "
        "Default: params/closing-the-gap if there, else all of params.",
        show_default=False,
    ),
]

AsJson = Annotated[
    bool, typer.Option("--json", help="Print a JSON object a line instead, for programs.")
]

Asking = Annotated[
    bool,
    typer.Option(
        "--ask/--no-ask", help="Whether questions are asked, where somebody sits at a terminal."
    ),
]

NamesFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Names that must not occur, one a line.", exists=True, dir_okay=False
    ),
]

OverrideReason = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Why it is let pass whatever is found; needs --by."),
]

Projects = Annotated[
    list[Path],
    typer.Argument(metavar="PROJECT", help="Project folders, or their project.yml."),
]


def main() -> None:
    """Run the command; a user's mistake is printed without a traceback."""
    # With this package, which Jupyter brings, jsonschema builds a grammar of addresses for 0.7 s at
    # every start. It checks a format that no notebook has, and jsonschema does without it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a log on Windows may lack our marks
            stream.reconfigure(errors="replace")
    # Loading what a command needs and planning make millions of objects that stay, and no rings:
    # looking for rings again and again would take a tenth to a fifth of a command's time.
    gc.set_threshold(500_000, 20, 100)
    try:
        app()
    except QievalError as error:
        _print_error(error)
        sys.exit(Exit.TO_PUT_RIGHT)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"qieval {__version__}")
        raise typer.Exit


@app.callback()
def _qieval(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Only ``--version`` stands before a command."""


@app.command(epilog=EXIT_CODES)
def init(
    folder: Annotated[Path, typer.Argument(help="Where; made if it is not there.")] = Path(),
) -> None:
    """Make a workspace in an empty folder, with the example programme."""
    from qieval.batch.starter import make_workspace

    made = make_workspace(folder)
    here = folder.resolve() == Path.cwd()
    print("A workspace was made:" if here else f"A workspace was made in {folder.name}/:")
    for name in made:
        print(f"  {name}")
    first = "" if here else f"cd {folder.as_posix()}; " if not folder.is_absolute() else "there, "
    print(f"Next: {first}`qieval run` evaluates the example.")


@app.command(epilog=EXIT_CODES)
def run(
    paths: Paths = None,
    run_good_ones: Annotated[
        bool,
        typer.Option("--run-good-ones", help="Run what can be run, even if other files are bad."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Notebooks at the same time. Default: as in qieval.toml."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            help="What runs the notebooks: warm, ahead, or papermill (the reference, slower). "
            "Default: as in qieval.toml."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A Dask cluster that runs them: tcp://computer:8786."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run those too on which nothing has changed.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each would be run or not; run nothing.")
    ] = False,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Run each by papermill and by the engine, and compare."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Evaluate: run the notebooks, write pages, results and an index to outputs/."""
    from dataclasses import replace

    from qieval.batch.status import unchanged
    from qieval.core.config import checked_engine, load_settings

    plan = _plan(paths)
    if plan.problems:
        for problem in plan.problems if as_json else ():
            _json_lines().event("problem", name=problem.name, words=str(problem.error))
        _print_problems(plan)
        if not (run_good_ones and plan.items):
            _console(stderr=True).print(
                "Nothing was run. Put this right"
                + (", or run the others with --run-good-ones." if plan.items else ".")
            )
            raise typer.Exit(Exit.TO_PUT_RIGHT)
    settings = load_settings(plan.root)
    settings = replace(settings, workers=workers) if workers else settings
    settings = replace(settings, engine=checked_engine(engine)) if engine else settings
    if compare:
        raise typer.Exit(_compare(plan, settings))
    if explain:
        _print_reasons(plan, settings)
        raise typer.Exit
    ended = None if force or plan.problems else unchanged(plan, settings)
    if ended is None:
        ended = _evaluate(plan, settings, force, scheduler, as_json)
    elif as_json:
        for name in ended.unchanged:
            _json_lines().unchanged(name)
    if as_json:
        _json_lines().event(
            "run ends", exit_code=int(_exit_code(ended, plan)), not_run=list(ended.not_run)
        )
    else:
        _print_run(ended, plan)
    raise typer.Exit(_exit_code(ended, plan))


@app.command(epilog=EXIT_CODES)
def status(paths: Paths = None, as_json: AsJson = False) -> None:
    """Show how far the evaluations are, also while a run goes on."""
    from qieval.batch.progress import MARKS
    from qieval.batch.status import status_of
    from qieval.core.config import load_settings
    from qieval.core.evaluated import counts_of

    plan = _plan(paths)
    _print_problems(plan)
    stands = status_of(plan, load_settings(plan.root))
    if as_json:
        for one in stands.standings:
            plain = one.record.to_dict() if one.record else None
            _json_lines().event("stands", name=one.item.name, cells=one.cells, record=plain)
        raise typer.Exit
    if claim := stands.claim:
        print(f"A run goes on: begun by {claim.owner} on {claim.started}.")
    for one in stands.standings:
        name, record = one.item.name, one.record
        if one.cells is not None:
            line = f"▶ runs           {name}, cell {one.cells} of {one.item.steps}"
        elif record is None:
            line = f"◇ not run        {name}"
        else:
            mark, _ = MARKS[record.status]
            line = f"{mark} {record.status:<13}  {name}: {record.finding}"
            line += f"\n  ↷ {record.moved.words}" if record.moved else ""
        print(line)
    ended = [one.record for one in stands.standings if one.record]
    left = len(stands.standings) - len(ended) + len(plan.problems)
    print(f"\n{counts_of(ended, left).in_words()}.")


@app.command(epilog=EXIT_CODES)
def check(paths: Paths = None, ask: Asking = True) -> None:
    """Look at parameter files and their data; run nothing.

    What is open about a file is asked, if you sit at a terminal, and the answers are written into
    the project's file.
    """
    from qieval.batch.asking import somebody

    raise typer.Exit(_check(_plan(paths), somebody() if ask else None))


@app.command(epilog=EXIT_CODES)
def share(
    outputs: Annotated[
        Path | None,
        typer.Argument(help="The programme's folder in outputs/. Default: the only one there."),
    ] = None,
    to: Annotated[Path, typer.Option(help="The folder of the site.")] = Path("site"),
    profile: Annotated[
        str, typer.Option(help="The rule: mhsds, hes, ons10; internal withholds nothing.")
    ] = "mhsds",
    audience: Annotated[str, typer.Option(help="stakeholder or analyst.")] = "stakeholder",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who releases it.")] = "",
    names: NamesFile = None,
    own_seen_by: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who looked at what your own cells show; else that is held back.",
        ),
    ] = "",
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="Beside the pages: xlsx, docx or pdf. May be given again."),
    ] = None,
    override: OverrideReason = None,
) -> None:
    """Release a programme's results and write a site of them that can be passed on."""
    from qieval.core.config import load_settings
    from qieval.share.audience import checked_audience
    from qieval.share.gate import override_by, share
    from qieval.share.workers import working

    root = _root([outputs] if outputs else None)
    with working(load_settings(root).workers) as workers:
        shared = share(
            _programme_folder(outputs, root),
            to,
            root,
            profile=profile,
            audience=checked_audience(audience),
            signed_by=by,
            names=_lines_of(names),
            own_seen_by=own_seen_by,
            override=override_by(by, override),
            formats=formats or (),
            workers=workers,
        )
    record = shared.record
    lines = [
        f"● {len(record['evaluations'])} evaluations in {len(record['files'])} files",
        f"● rule {record['rule']['name']}, {record['withheld']} figures withheld",
        f"● recorded in {relative(shared.ledger, root)}",
        f"\nOpen {to.name}/index.html",
    ]
    if "override" in record:
        lines.insert(2, f"! let pass by {by}: {len(record['override']['found'])} findings")
    print("\n".join(lines))


@app.command(epilog=EXIT_CODES)
def pack(
    projects: Annotated[
        list[Path],
        typer.Argument(
            metavar="PROJECT", help="Project folders, or a programme's folder for all of its."
        ),
    ],
    to: Annotated[Path, typer.Option(help="A folder, or the file itself.")] = Path(),
    profile: Annotated[str, typer.Option(help="The rule: mhsds, hes or ons10.")] = "mhsds",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who answers for it.")] = "",
    names: NamesFile = None,
    override: OverrideReason = None,
) -> None:
    """Pack projects' released results, without any data, into one signed file."""
    from qieval.core.config import load_settings
    from qieval.core.words import many
    from qieval.core.workspace import resolve
    from qieval.intake.signing import key_file
    from qieval.share.gate import override_by
    from qieval.share.pack import pack as make_pack

    root = _root(projects)
    folders = _project_folders(projects, root)
    settings = load_settings(root)
    packed = make_pack(
        folders,
        resolve(settings.outputs, root) / folders[0].parent.name,
        to,
        root,
        key_file(settings),
        signed_by=by,
        profile=profile,
        names=_lines_of(names),
        override=override_by(by, override),
    )
    record = packed.record
    lines = [
        f"● {many(len(record['projects']), 'project')}, "
        f"{many(len(record['evaluations']), 'evaluation')}",
        f"● rule {record['rule']['name']}, {record['withheld']} figures withheld",
        f"● signed by {by} with the key {packed.fingerprint}",
        f"● recorded in {relative(packed.ledger, root)}",
        *[f"◇ without a result: {name}" for name in packed.missing],
        f"\nSend {packed.file.name}",
    ]
    if "override" in record:
        lines.insert(2, f"! let pass by {by}: {len(record['override']['found'])} findings")
    print("\n".join(lines))


@app.command(epilog=EXIT_CODES)
def receive(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The programme's folder in params/.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Packs. None: only say what is here and what is missing.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who receives them.")] = "",
) -> None:
    """Look at packs, keep those that may be used, and say what is still missing."""
    from qieval.core.words import many
    from qieval.intake.programmes import programme_folder
    from qieval.share.receive import receive as receive_packs

    root = _root([to])
    stands = receive_packs(files or [], programme_folder(to, root), root, by=by)
    for one in stands.came:
        if one.kept is None:
            reason = one.reason.replace("\n", "\n  ")
            print(f"✗ {one.file}: {reason}")
            continue
        words = f"{one.kept.sender.name}, made on {one.kept.when} by {one.kept.pack.head.signed_by}"
        print(f"● {one.file}: {words}")
        if one.reason:
            print(f"  {one.reason}")
    print(
        f"\nHere: {many(stands.projects, 'project')}, in {many(len(stands.counting), 'pack')}; "
        f"kept in all: {many(stands.versions, 'pack')}."
    )
    for line in stands.missing:
        print(f"◇ {line}")
    refused = any(one.kept is None for one in stands.came)
    raise typer.Exit(Exit.TO_PUT_RIGHT if refused else Exit.FINE)


@app.command(epilog=EXIT_CODES)
def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="WHAT",
            help="A site that was shared, a programme's folder in outputs/, or one page of either.",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="With a page: what takes the place of the workspace's data/."
        ),
    ] = None,
) -> None:
    """Prove that a site is as released, or that results or a page's figures come out again."""
    from qieval.share.ledger import RECORD, verify_site

    if folder.is_file():
        raise typer.Exit(_verify_page(folder, data))
    if (folder / RECORD).is_file() or not (folder / "manifest.json").is_file():
        changed = verify_site(folder)
        for line in changed:
            print(f"✗ {line}")
        if not changed:
            print("● Nothing was changed since it was released.")
        raise typer.Exit(Exit.TO_PUT_RIGHT if changed else Exit.FINE)
    from qieval.batch.reproduce import reproduce

    root = _root([folder])
    outcomes = reproduce(folder, root)
    for one in outcomes:
        print(f"{one.mark} {one.name}: {one.words}")
    differ = [one for one in outcomes if one.differs]
    print(f"\n{len(outcomes) - len(differ)} of {len(outcomes)} came out again.")
    raise typer.Exit(Exit.TO_PUT_RIGHT if differ else Exit.FINE)


def _verify_page(page: Path, data: Path | None) -> Exit:
    from qieval.share.recomputed import recompute

    root = _root(None)
    parts = recompute(page, data or root / "data", root)
    for part in parts:
        mark = "✗" if part.differ else "●"
        print(f"{mark} {part.words}")
    differ = [part for part in parts if part.differ]
    print(f"\n{len(parts) - len(differ)} of {len(parts)} parts of the page agree.")
    return Exit.TO_PUT_RIGHT if differ else Exit.FINE


@app.command(epilog=EXIT_CODES)
def new(
    project: Annotated[
        str | None,
        typer.Argument(
            help="The project, or programme/project: a folder below params/. Asked if left out.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="The file that holds its data.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="What the table is, if it cannot be told from the file.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    notebook: Annotated[
        str | None, typer.Option(help="The evaluation. Default: one that suits the table.")
    ] = None,
    ask: Asking = True,
) -> None:
    """Make a project's parameter files, proposed from its data; then check them.

    What only you can say is asked, if you sit at a terminal: Enter takes what is proposed.
    """
    from qieval.batch.asking import somebody
    from qieval.batch.new import new_project

    root, terminal = _root(None), somebody() if ask else None
    if project is None and terminal is not None:
        project = terminal.ask("What is the project called? (a folder below params/ gets its name)")
    if project is None:
        raise typer.BadParameter("name the project", param_hint="PROJECT")
    made = new_project(
        project,
        root,
        source=source,
        kind=kind,
        sheet=sheet,
        notebook=notebook,
        terminal=terminal,
    )
    print()
    for file in made.files:
        print(f"● made {relative(file, root)}")
    for file in made.kept:
        print(f"◇ kept {relative(file, root)}")
    for told in made.told:
        print(told)
    print()
    found = _check(_plan([made.evaluation]), terminal)
    here = relative(made.evaluation, root)
    for file, left in made.to_fill_in.items():
        names = ", ".join(f"`{name}`" for name in left)
        print(f"\nLeft to fill in, in {relative(file, root)}: {names}.")
    next_ = "qieval check" if made.to_fill_in or found else "qieval run"
    print(f"\nNext: `{next_} {here}`")


@app.command(
    epilog=EXIT_CODES, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def lab(
    context: typer.Context,
    project: Annotated[
        str | None,
        typer.Argument(help="A project's folder, or one of its parameter files. Default: none."),
    ] = None,
) -> None:
    """Open JupyterLab with working copies of the notebooks, a project's parameters filled in.

    Options after `--` go to JupyterLab.
    """
    from qieval.batch.working_copies import JUPYTER, working_copies

    options = list(context.args)
    if project is not None and project.startswith("-"):  # what stands after `--`
        options, project = [project, *options], None
    root = _root([Path(project)] if project else None)
    copies = working_copies(root, Path(project) if project else None)
    for copy in copies:
        name = relative(copy.file, root)
        if copy.state == "changed by you":
            print(
                f"! {name} was made from an earlier notebook, and you have changed it: it is kept. "
                "Rename or delete it to have the new one."
            )
        elif project or copy.state == "made again":
            print(f"● {copy.state}: {name}")
    paths = [str(JUPYTER), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    surroundings = {
        **os.environ,
        ROOT_VARIABLE: str(root),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(paths),
    }
    first = f"/lab/tree/{relative(copies[0].file if project else copies[0].file.parent, root)}"
    command = [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url={first}", *options]
    raise typer.Exit(subprocess.call(command, cwd=root, env=surroundings))


@app.command(epilog=EXIT_CODES)
def doctor() -> None:
    """Look at this computer: what qieval needs, what is missing, and what to do about it."""
    from qieval.batch.doctor import examine

    findings = examine()
    for one in findings:
        mark = "✗" if one.stops else "!" if one.remedy else "●"
        print(f"{mark} {one.name}: {one.words}.")
        if one.remedy:
            print(f"  What to do: {one.remedy}")
    stopping = any(one.stops for one in findings)
    print(
        "\nNothing can be run before what is marked ✗ is put right."
        if stopping
        else "\nqieval can run here. What is marked ! matters for some things only."
    )
    raise typer.Exit(Exit.TO_PUT_RIGHT if stopping else Exit.FINE)


@app.command(epilog=EXIT_CODES)
def template(
    kind: Annotated[str, typer.Argument(help="The kind of table: spells, series, audit …")],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to. Default: <kind>.xlsx here.")
    ] = None,
) -> None:
    """Write an Excel workbook to fill in: headings, help, lists to choose from."""
    from qieval.intake.templates import DATA, HELP, write_template

    file = write_template(kind, to or Path(f"{kind}.xlsx"))
    print(f"● {file.name}: fill in the sheet {DATA}; {HELP} says what each column is.")
    print(
        f"Next: put it into the workspace's data/, then `qieval new <project> --from "
        f"data/{file.name}`."
    )


@data.command("list", epilog=EXIT_CODES)
def list_data() -> None:
    """List the open data sets, and which are on this computer."""
    from rich.table import Table

    from qieval.intake.opendata import datasets, found_in

    where = {"mirror": "● in the mirror", "qieval": "● with qieval", "cache": "● fetched"}
    table = Table("Name", "What it is", "Time", "Licence", "Here?", box=None, pad_edge=False)
    for known in datasets():
        here = where.get(found_in(known.name) or "", "◇ not fetched")
        table.add_row(known.name, known.title, known.period, known.licence, here)
    _console().print(table)
    print("\nUse one in a parameter file: `source: open-data:<name>`.")


@data.command("fetch", epilog=EXIT_CODES)
def fetch_data(
    names: Annotated[list[str], typer.Argument(help="Names, as `qieval data list` gives them.")],
) -> None:
    """Get open data sets onto this computer, and check that they are the pinned files."""
    from qieval.intake.opendata import dataset, fetch, found_in

    for known in [dataset(name) for name in names]:
        files = fetch(known.name)
        place = {"mirror": "in the mirror", "qieval": "with qieval"}.get(
            found_in(known.name) or "", "in the cache"
        )
        count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
        print(f"● {known.name}: {count} {place}, checked.")
        print(f"  {known.attribution}")


@plans.command("lock", epilog=EXIT_CODES)
def lock_plans(
    projects: Projects,
    again: Annotated[
        str | None,
        typer.Option(help="Why a plan that was changed is locked again; earlier locks are kept."),
    ] = None,
) -> None:
    """Lock the plans of projects: keep what they say, its sha256 and the time."""
    from qieval.intake.plans import LOCK_FILE, lock_plan, read_locks
    from qieval.params.planned import checked_plan

    root = _root(projects)
    found: list[tuple[Path, ProjectPlan]] = []
    for folder in _folders(projects, root):
        plan = checked_plan(folder, root)
        if plan is None:
            raise ParameterError(
                "This project has no plan to lock.",
                remedy="Write it below `plan:` in the project's project.yml.",
                where=relative(folder, root),
            )
        found.append((folder, plan))
    for folder, plan in found:
        new = lock_plan(plan, folder, root, again=again)
        lock = new or read_locks(folder, root)[-1]
        said = "● locked on" if new else "● unchanged, locked on"
        file = relative(folder / LOCK_FILE, root)
        print(f"{said} {lock.when}: {file}")
        print(f"  sha256 {lock.sha256}")
    print("\nKeep the lock under version control, or send its sha256 to someone.")


@plans.command("show", epilog=EXIT_CODES)
def show_plans(projects: Projects) -> None:
    """Show the plans of projects, and whether they are locked."""
    from qieval.intake.plans import as_written, changes, read_locks
    from qieval.params.planned import checked_plan

    root = _root(projects)
    for folder in _folders(projects, root):
        plan, locks = checked_plan(folder, root), read_locks(folder, root)
        contents = plan.contents() if plan else {}
        said = [relative(folder, root)]
        said += [f"  {name}: {as_written(value)}" for name, value in contents.items()]
        for lock in locks:
            why = f" again: {lock.reason}" if lock.reason else ""
            said += [f"  ● locked on {lock.when}{why}", f"    sha256 {lock.sha256}"]
        for name, before, now in changes(locks[-1].plan, contents) if locks else []:
            was, is_now = as_written(before), as_written(now)
            said.append(f"  ! changed since: {name} was {was}, is {is_now}")
        if not locks:
            said.append("  ◇ not locked" if plan else "  ◇ no plan")
        print("\n".join(said))


@keys.command("new", epilog=EXIT_CODES)
def new_key() -> None:
    """Make the key that signs your packs, and print the line by which others know it."""
    from qieval.core.config import settings_here
    from qieval.intake.signing import key_file, make_key

    make_key(key_file(settings_here()[0]))
    show_key()


@keys.command("show", epilog=EXIT_CODES)
def show_key() -> None:
    """Print the public half of your key, and its fingerprint."""
    from qieval.core.config import settings_here
    from qieval.intake.signing import fingerprint, key_file, load_key, public_text

    file = key_file(settings_here()[0])
    text = public_text(load_key(file))
    lines = [
        f"● {text}",
        f"  fingerprint {fingerprint(text)}",
        "\nSend the first line to whoever receives your packs, and read the second to them.",
        f"The key itself is in {file.name} in your own folder: keep a copy, give it to nobody.",
    ]
    print("\n".join(lines))


def _lines_of(file: Path | None) -> list[str]:
    """The lines of a file that hold something."""
    lines = file.read_text(encoding="utf-8").splitlines() if file else []
    return [line for line in lines if line.strip()]


def _project_folders(given: list[Path], root: Path) -> list[Path]:
    """Each project's folder, once; of a programme's folder all that hold a project."""
    from qieval.intake.programmes import projects_in

    wanted = [folder for path in given for folder in projects_in(path, root) or [path]]
    return _folders(wanted, root)


def _folders(projects: list[Path], root: Path) -> list[Path]:
    """Each project's folder, once."""
    from qieval.intake.programmes import project_folder

    return list(dict.fromkeys(project_folder(given, root) for given in projects))


# ---- what the commands share -------------------------------------------------------------------


def _root(paths: list[Path] | None) -> Path:
    """The workspace: of the first path if it exists, else the one we are in; set for all parts."""
    start = paths[0] if paths and paths[0].exists() else None
    root = find_root(start)
    os.environ[ROOT_VARIABLE] = str(root)
    return root


def _programme_folder(outputs: Path | None, root: Path) -> Path:
    """The folder of a programme's outputs: the one given, or the only one there is."""
    from qieval.batch.manifest import MANIFEST
    from qieval.core.config import load_settings
    from qieval.core.workspace import resolve

    above = outputs or resolve(load_settings(root).outputs, root)
    if (above / MANIFEST).is_file():
        return above
    folders = sorted(file.parent for file in above.glob(f"*/{MANIFEST}"))
    if len(folders) != 1:
        raise ParameterError(
            "Which programme is to be shared?",
            found=", ".join(folder.name for folder in folders) or "none that was run",
            remedy="Give its folder in outputs/, or run the evaluations first (`qieval run`).",
        )
    return folders[0]


def _plan(paths: list[Path] | None) -> Plan:
    from qieval.batch.plan import plan
    from qieval.batch.starter import EXAMPLE

    root = _root(paths)
    example = root / "params" / EXAMPLE
    return plan(paths or [example if example.is_dir() else root / "params"], root)


def _check(plan: Plan, terminal: Terminal | None = None) -> Exit:
    """Print what the evaluations of a plan would read, and what stands in the way.

    At a terminal, what is open about a file is asked first.
    """
    from rich.table import Table

    from qieval.batch.check import check_asking

    table = Table("Evaluation", "Data", "Rows used", "Can it run?", box=None, pad_edge=False)
    table.columns[0].overflow = table.columns[1].overflow = "fold"
    errors: list[tuple[QievalError, str]] = [(problem.error, "") for problem in plan.problems]
    for problem in plan.problems:
        table.add_row(problem.name, "", "", "✗ no, see below")
    doubts: list[str] = []
    notices: list[str] = []
    for found in check_asking(plan, terminal):
        notices += [found.notice] if found.notice else []
        if found.error:
            errors.append((found.error, found.described))
        doubts += [f"! {found.name}: {doubt}" for doubt in found.doubtful]
        can = (
            "✗ no, see below"
            if found.error
            else "● yes, with doubts"
            if found.doubtful
            else "● yes"
        )
        table.add_row(found.name, found.data, found.rows, can)
    _console().print(table)
    if doubts:
        print()
        for doubt in doubts[:_MOST_DOUBTS]:
            print(shorten(doubt, _SHORT, placeholder=" …"))
        if len(doubts) > _MOST_DOUBTS:
            print(f"… and {len(doubts) - _MOST_DOUBTS} more; their passports tell all.")
    for notice in notices[:_MOST_NOTICES]:
        print()
        print(f"◇ {notice}")
    if len(notices) > _MOST_NOTICES:
        print(f"… and {len(notices) - _MOST_NOTICES} more files like these.")
    for error, described in errors:
        print()
        _print_error(error)
        if described and error.remedy:
            print(f"Where: {described}, beside `source`.")
    return Exit.TO_PUT_RIGHT if errors else Exit.FINE


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = 160  # a log has no edge; 80 columns would break every line
    return console


def _print_error(error: QievalError) -> None:
    from rich.text import Text

    text = Text(str(error))
    text.highlight_regex(r"^(Found|What to do):", "bold")
    _console(stderr=True).print(Text("✗ ", style="red") + text, soft_wrap=True)


def _print_problems(plan: Plan) -> None:
    for problem in plan.problems:
        _print_error(problem.error)


def _json_lines() -> JsonLines:
    from qieval.batch.progress import JsonLines

    return JsonLines()


def _evaluate(
    plan: Plan, settings: Settings, force: bool, scheduler: str | None, as_json: bool
) -> Run:
    """Run what is due and write the index; its imports take seconds."""
    from qieval.batch.preparing import begin_early

    # What a plan holds stays; notebooks leave rings of objects that must not pile up over hours.
    gc.freeze()
    gc.set_threshold(700, 10, 10)
    if settings.engine == "warm" and scheduler is None:
        begin_early()  # the other half of the computer does its own imports meanwhile
    elif settings.engine == "ahead" and scheduler is None:
        from qieval.batch.ahead import AHEAD

        AHEAD.begin()
    from qieval.batch.progress import watcher
    from qieval.batch.run import run as run_plan
    from qieval.share.index import write_index
    from qieval.share.pages import page

    with watcher(_console(stderr=True), plan.items, as_json) as watching:
        ended = run_plan(plan, page, settings, watcher=watching, force=force, scheduler=scheduler)
    write_index(ended.outputs)
    return ended


def _compare(plan: Plan, settings: Settings) -> Exit:
    """Whether papermill and the engine leave the same of every evaluation."""
    from qieval.batch.compare import REFERENCE, compare
    from qieval.batch.progress import watcher
    from qieval.share.pages import page

    if settings.engine == REFERENCE:
        raise ParameterError(
            f"`{REFERENCE}` is the reference itself.", remedy="Name another: `--engine warm`."
        )
    differ = 0
    with watcher(_console(stderr=True), [*plan.items, *plan.items]) as watching:
        ends = list(compare(plan, page, settings, watching))
    for name, words in ends:
        differ += bool(words)
        told = f"✗ different   {name}: {words}" if words else f"✓ the same    {name}"
        print(told)
    print(
        f"\n{len(ends) - differ} of {len(ends)} are the same by {REFERENCE} and {settings.engine}."
    )
    return Exit.SOME_FAILED if differ else Exit.FINE


def _print_reasons(plan: Plan, settings: Settings) -> None:
    """Why each evaluation would be run, or not."""
    from qieval.batch.status import why_each_runs

    for item, why in why_each_runs(plan, settings):
        line = f"▶ would run   {item.name}: {why}" if why else f"✓ unchanged   {item.name}"
        print(line)


def _print_run(ended: Run, plan: Plan) -> None:
    """The table of what came out of each programme, and where its pages are."""
    from rich.table import Table
    from rich.text import Text

    from qieval.batch.progress import MARKS
    from qieval.core.evaluated import counts_of

    if ended.unchanged:
        words = f"{len(ended.unchanged)} of {len(plan.items)} evaluations are unchanged"
        print(f"{words} and were not run again; `--force` runs them all.")
    for programme in plan.programmes:
        folder = relative(ended.outputs / programme, plan.root)
        table = Table(f"Page in {folder}/", "Status", "Finding", box=None, pad_edge=False)
        table.columns[0].overflow = "fold"  # a name that is cut short names nothing
        for record in ended.records:
            if record.programme == programme:
                mark, colour = MARKS[record.status]
                page = record.files.get("page", f"{record.evaluation} (no page)")
                status = Text(f"{mark} {record.status}", style=colour, no_wrap=True)
                table.add_row(Text(page), status, Text(record.finding))
        left = dict.fromkeys(ended.not_run, "the run was stopped before its end")
        left |= dict.fromkeys((p.name for p in plan.problems), "it cannot be run, see above")
        left_here = [name for name in left if name.startswith(f"{programme}/")]
        for name in left_here:
            short = name.removeprefix(f"{programme}/")
            table.add_row(Text(short), "◇ not run", Text(left[name]))
        print()
        _console().print(table)
        own = [record for record in ended.records if record.programme == programme]
        if changed := sorted({record.notebook for record in own if record.own_notebook}):
            words = ", ".join(changed)
            print(f"\nNotebooks of the workspace that differ from ours: {words}.")
        print(f"\n{counts_of(own, len(left_here)).in_words()}.")
        index = f"{folder}/index.html"
        print(f"All pages of {programme}: {index}")


def _exit_code(ended: Run, plan: Plan) -> Exit:
    if ended.interrupted:
        return Exit.INTERRUPTED
    if ended.failed:
        return Exit.SOME_FAILED
    return Exit.TO_PUT_RIGHT if plan.problems else Exit.FINE
