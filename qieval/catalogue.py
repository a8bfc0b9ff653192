"""THE list of evaluations: one row each, and nothing about an evaluation is listed anywhere else.

An evaluation is a notebook that takes a table through a few functions. The row names those
functions; their signatures give the notebook's parameters (see :mod:`qieval.params`). To add an
analysis: the function, its chart, its notebook, one row here; the contract test says what is
missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

from qieval.core.checks import Check
from qieval.core.config import load_settings
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result
from qieval.core.workspace import find_root, resolve
from qieval.flow.measures import MEASURED
from qieval.intake.packs import Kept, PackedEvaluation, received, record_here
from qieval.intake.programmes import read_programme, read_project

OPENING, LIMITS = "qieval.report.page:opening", "qieval.report.page:limits"
READ, MEASURE = "qieval.intake.reading:read", "qieval.flow.measures:measure"
READ_RESULTS = "qieval.catalogue:read_results"
READ_THEORY = "qieval.intake.theories:read_theory"


@dataclass(frozen=True)
class Evaluation:
    """One row of the catalogue.

    Attributes
    ----------
    name : str
        Name of the notebook (``notebooks/<name>.ipynb``) and of the parameter files.
    title : str
        The evaluation in plain words.
    analysis : str
        ``module:function`` of the analysis.
    result : str
        Class of what it returns, in the module of the analysis.
    before, after : tuple of str
        ``module:function`` of the functions that the notebook calls with parameters before and
        after the analysis, in order; the page's opening and its limits come by themselves.
    example : str
        Parameter file, below ``params/``, whose values the notebook shows when it is opened.
    takes : tuple of str
        Kinds of table that it can evaluate; none named means any.
    proposed_for : tuple of str
        Kinds of table for which ``qieval new`` proposes it.
    one_row_a : str
        Parameter that names a column of which each value stands in one row, without `by`; "": none.
    column : str
        Column of the roll-up in which it stands.
    own : tuple of str
        Parameters that here mean something else than in a project file, which never gives them: an
        audit's `unit` is a column.
    renamed : mapping
        Arguments of the analysis that the notebook calls otherwise, because another step has taken
        the name: ``{"kind": "chart"}``.
    formerly : tuple of str
        Earlier names, by which parameter files may still be called.
    lines : int
        Lines that its parameters cell may have.
    reads_results : bool
        Whether it reads the results of other evaluations: a batch runs it after all of them.
    """

    name: str
    title: str
    analysis: str
    result: str
    example: str
    before: tuple[str, ...] = (READ,)
    after: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    proposed_for: tuple[str, ...] = ()
    one_row_a: str = ""
    column: str = "Other"
    own: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    formerly: tuple[str, ...] = ()
    lines: int = 25
    reads_results: bool = False

    @property
    def notebook(self) -> str:
        """File name of the notebook."""
        return f"{self.name}.ipynb"

    @property
    def steps(self) -> tuple[str, ...]:
        """Every function that the notebook calls with parameters, in order."""
        return (OPENING, *self.before, self.analysis, *self.after, LIMITS)

    @property
    def result_class(self) -> type[Result]:
        """The class behind ``result``."""
        found = load(f"{self.analysis.partition(':')[0]}:{self.result}")
        assert isinstance(found, type)
        return found

    def functions(self) -> list[Callable[..., Any]]:
        """The functions behind ``steps``."""
        return [load(step) for step in self.steps]

    def name_of(self, function: Callable[..., Any], argument: str) -> str:
        """What the notebook calls an argument of a step."""
        own = function.__name__ == self.analysis.partition(":")[2]
        return self.renamed.get(argument, argument) if own else argument


EVALUATIONS: dict[str, Evaluation] = {
    row.name: row
    for row in [
        Evaluation(
            name="data_passport",
            title="Data passport: what is in this file",
            analysis="qieval.analysis.data_passport:data_passport",
            result="DataPassportResult",
            example="closing-the-gap/maple-home-treatment/data_passport.yml",
        ),
        Evaluation(
            name="interrupted_time_series",
            title="Interrupted time series",
            analysis="qieval.analysis.its:interrupted_time_series",
            result="ITSResult",
            example="closing-the-gap/rowan-discharge-pathway/interrupted_time_series.yml",
            before=(READ, MEASURE),
            after=("qieval.report.plan:plan", "qieval.report.checklists:epoc_checklist"),
            takes=MEASURED,
            one_row_a="time",
            column="Over time",
            lines=30,
        ),
        Evaluation(
            name="roll_out",
            title="Roll-out: units that began at different times",
            analysis="qieval.analysis.roll_out:roll_out",
            result="RollOutResult",
            example="closing-the-gap/acute-wards-talk-first/roll_out.yml",
            before=(READ, MEASURE),
            takes=MEASURED,
            column="Over time",
            own=("unit",),
        ),
        Evaluation(
            name="roll_out_power",
            title="Power of a roll-out: which effect its starts could find",
            analysis="qieval.analysis.roll_out:roll_out_power",
            result="RollOutPowerResult",
            example="closing-the-gap/acute-wards-talk-first/roll_out_power.yml",
            before=(READ, MEASURE),
            takes=MEASURED,
            own=("unit",),
        ),
        Evaluation(
            name="its_power",
            title="Power: which change could be found",
            analysis="qieval.analysis.its:its_power",
            result="PowerResult",
            example="closing-the-gap/juniper-crisis-house/its_power.yml",
            formerly=("power",),
            before=(READ, MEASURE),
            takes=MEASURED,
        ),
        Evaluation(
            name="run_chart",
            title="Run chart: is there a signal of a change",
            analysis="qieval.analysis.spc:run_chart",
            result="RunChartResult",
            example="closing-the-gap/rowan-discharge-pathway/run_chart.yml",
            before=(READ, MEASURE),
            takes=MEASURED,
            proposed_for=MEASURED,
            one_row_a="time",
            column="Charts",
            lines=20,
        ),
        Evaluation(
            name="control_chart",
            title="Control chart: what varies by chance, and what does not",
            analysis="qieval.analysis.spc:control_chart",
            result="ControlChartResult",
            example="closing-the-gap/rowan-discharge-pathway/control_chart.yml",
            before=(READ, MEASURE),
            takes=MEASURED,
            one_row_a="time",
            column="Charts",
            renamed={"kind": "chart"},
        ),
        Evaluation(
            name="completeness",
            title="Completeness: which returns came",
            analysis="qieval.analysis.completeness:completeness",
            result="CompletenessResult",
            example="closing-the-gap/observatory-lithium-checks/completeness.yml",
            proposed_for=("returns",),
            column="Returns",
            own=("measure",),
        ),
        Evaluation(
            name="family_of_measures",
            title="Family of measures: outcome, process and balancing measures together",
            analysis="qieval.analysis.family_of_measures:family_of_measures",
            result="FamilyResult",
            example="closing-the-gap/saffron-crisis-plans/family_of_measures.yml",
            formerly=("measures",),
            before=(READ, MEASURE),
            takes=MEASURED,
            column="Charts",
        ),
        Evaluation(
            name="funnel",
            title="Funnel: which units differ by more than chance",
            analysis="qieval.analysis.funnel:funnel",
            result="FunnelResult",
            example="closing-the-gap/alder-weekly-review/funnel.yml",
            before=(READ, "qieval.flow.units:units"),
            proposed_for=("units",),
            one_row_a="unit",
            column="Audit",
            own=("unit",),
            renamed={"kind": "shows"},
        ),
        Evaluation(
            name="cusum",
            title="CUSUM: is an event more or less frequent than expected of each case",
            analysis="qieval.analysis.risk_adjusted:cusum",
            result="CusumResult",
            example="closing-the-gap/laurel-falls-huddle/cusum.yml",
            takes=("cases",),
            proposed_for=("cases",),
            column="Charts",
        ),
        Evaluation(
            name="vlad",
            title="VLAD: events observed, less those expected, added up over time",
            analysis="qieval.analysis.risk_adjusted:vlad",
            result="VladResult",
            example="closing-the-gap/laurel-falls-huddle/vlad.yml",
            takes=("cases",),
            column="Charts",
        ),
        Evaluation(
            name="pareto",
            title="Pareto chart: which few reasons are behind most of it",
            analysis="qieval.analysis.pareto:pareto",
            result="ParetoResult",
            example="closing-the-gap/laurel-falls-huddle/pareto.yml",
            takes=("reasons",),
            proposed_for=("reasons",),
            column="Charts",
        ),
        Evaluation(
            name="audit",
            title="Audit and re-audit: is each standard met, and are all of them",
            analysis="qieval.analysis.audit:audit",
            result="AuditResult",
            example="closing-the-gap/physical-health-checks/audit.yml",
            before=(READ, "qieval.flow.audits:audit_counts"),
            proposed_for=("audit",),
            column="Audit",
            own=("unit", "denominator"),
            renamed={"result": "answer"},
        ),
        Evaluation(
            name="provision",
            title="Service provision: what services have, what is missing, and where",
            analysis="qieval.analysis.audit:audit",
            result="AuditResult",
            example="closing-the-gap/borderline-service-standards/provision.yml",
            column="Audit",
            own=("unit", "denominator"),
            renamed={"result": "answer"},
        ),
        Evaluation(
            name="survey",
            title="Survey: are people more satisfied than before",
            analysis="qieval.analysis.survey:survey",
            result="SurveyResult",
            example="closing-the-gap/chestnut-activities/survey.yml",
            takes=("responses",),
            proposed_for=("responses",),
            column="Survey",
        ),
        Evaluation(
            name="patient_flow",
            title="Bed days: beds occupied and available, admissions and discharges",
            analysis="qieval.analysis.patient_flow:patient_flow",
            result="PatientFlowResult",
            example="closing-the-gap/willow-step-down-flat/patient_flow.yml",
            formerly=("bed_days",),
            before=(READ, MEASURE),
            takes=MEASURED,
            column="Stays",
        ),
        Evaluation(
            name="length_of_stay",
            title="Length of stay: how long people stay",
            analysis="qieval.analysis.length_of_stay:length_of_stay",
            result="LengthOfStayResult",
            example="closing-the-gap/rowan-discharge-pathway/length_of_stay.yml",
            takes=("spells",),
            column="Stays",
        ),
        Evaluation(
            name="readmissions",
            title="Readmissions: how many of those discharged are back soon",
            analysis="qieval.analysis.readmissions:readmissions",
            result="ReadmissionsResult",
            example="closing-the-gap/rowan-discharge-pathway/readmissions.yml",
            takes=("spells",),
            column="Stays",
        ),
        Evaluation(
            name="crisis_access",
            title="Access in a crisis: what becomes of requests, and how soon",
            analysis="qieval.analysis.crisis_access:crisis_access",
            result="CrisisAccessResult",
            example="closing-the-gap/crisis-bed-hub/crisis_access.yml",
            takes=("waits",),
            column="Access",
        ),
        Evaluation(
            name="waits",
            title="Waits: how long from referral to care",
            analysis="qieval.analysis.waits:waits",
            result="WaitsResult",
            example="closing-the-gap/sycamore-first-appointment/waits.yml",
            takes=("waits",),
            proposed_for=("waits",),
            column="Access",
        ),
        Evaluation(
            name="strata",
            title="Strata: for whom did it change, and did the gaps",
            analysis="qieval.analysis.strata:strata",
            result="StrataResult",
            example="closing-the-gap/maple-home-treatment/strata.yml",
            takes=("cases", "audit", "series"),
            column="Other",
        ),
        Evaluation(
            name="dose",
            title="Dose: do effects go with how much of the change a team had",
            analysis="qieval.analysis.dose:dose",
            result="DoseResult",
            example="closing-the-gap/whole-programme/dose.yml",
            before=(READ, READ_RESULTS),
            takes=("units",),
            own=("unit", "measure"),
            reads_results=True,
        ),
        Evaluation(
            name="joint_display",
            title="Joint display: what the figures say, and what people said",
            analysis="qieval.analysis.joint_display:joint_display",
            result="JointDisplayResult",
            example="closing-the-gap/saffron-crisis-plans/joint_display.yml",
            before=(READ, READ_RESULTS),
            takes=("quotes",),
            proposed_for=("quotes",),
            reads_results=True,
        ),
        Evaluation(
            name="context",
            title="Context: what else happened, beside the results",
            analysis="qieval.analysis.context:context",
            result="ContextResult",
            example="closing-the-gap/hornbeam-home-first/context.yml",
            before=(READ, READ_RESULTS),
            takes=("events",),
            proposed_for=("events",),
            reads_results=True,
        ),
        Evaluation(
            name="programme",
            title="The whole programme: what all projects found",
            analysis="qieval.analysis.programme:programme",
            result="ProgrammeResult",
            example="closing-the-gap/whole-programme/programme.yml",
            before=(READ_RESULTS,),
            reads_results=True,
        ),
        Evaluation(
            name="theory_of_change",
            title="Theory of change: the aim, what drives it, and how one would know",
            analysis="qieval.analysis.theory_of_change:theory_of_change",
            result="TheoryResult",
            example="closing-the-gap/rowan-discharge-pathway/theory_of_change.yml",
            before=(READ_THEORY,),
            column="Theory",
        ),
        Evaluation(
            name="pdsa_review",
            title="PDSA review: were cycles linked, predicted, small and measured",
            analysis="qieval.analysis.pdsa_review:pdsa_review",
            result="PDSAReviewResult",
            example="closing-the-gap/rowan-discharge-pathway/pdsa_review.yml",
            takes=("pdsa",),
            proposed_for=("pdsa",),
            column="PDSA cycles",
        ),
        Evaluation(
            name="involvement",
            title="Involvement: how people who use the service took part",
            analysis="qieval.analysis.involvement:involvement",
            result="InvolvementResult",
            example="closing-the-gap/saffron-crisis-plans/involvement.yml",
            takes=("involvement",),
            proposed_for=("involvement",),
            column="Involvement",
        ),
    ]
}


def evaluation(name: str) -> Evaluation:
    """The row of that name, or of that former name.

    Raises
    ------
    ParameterError
        If there is none; with the nearest name.
    """
    rows = {known: row for row in EVALUATIONS.values() for known in (row.name, *row.formerly)}
    if name in rows:
        return rows[name]
    meant = nearest(name, rows)
    guess = rows[meant].name if meant else None
    raise ParameterError(
        f"There is no evaluation called `{name}`.",
        found=f"known evaluations: {listed(EVALUATIONS, 30)}",
        remedy=f"Did you mean `{guess}`?" if guess else "Name the file `<evaluation>.yml`.",
    )


def row_of(name: str) -> Evaluation | None:
    """The row of that name or former name; None if there is none."""
    try:
        return evaluation(name)
    except ParameterError:
        return None


NOTHING_SET_UP = "Nothing has been set up to evaluate it: its folder holds no parameter file."


def load(address: str) -> Any:
    """The object at ``module:name``."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def checks_from_tables(result: Result) -> Callable[[Any], list[Check]] | None:
    """The function that makes a result's checks of its tables alone; None where they take more.

    It is ``checks_of`` of the analysis, if a result is all that it needs.
    """
    package = ".".join(type(result).__module__.split(".")[:3])
    if find_spec(f"{package}.checks") is None:
        return None
    module = import_module(f"{package}.checks")
    make: Callable[[Any], list[Check]] | None = getattr(module, "checks_of", None)
    if make is None:
        return None
    needed = [one for one in signature(make).parameters.values() if one.default is one.empty]
    return make if [one.name for one in needed] == ["result"] else None


def read_results(*, programme: str, projects: Sequence[str] = ()) -> list[Evaluated]:
    """Every evaluation of a programme that was run here, or received in a pack, with its result.

    They come in the order of the programme: its networks as ``programme.yml`` lists them, then
    projects by folder name. Evaluations that themselves read results are left out: they would count
    everything twice.

    Parameters
    ----------
    programme : str
        Folder name of the programme.
    projects : sequence of str, optional
        Folder names of the projects that are meant; none means all

    Raises
    ------
    CannotEvaluate
        If nothing has been run yet, nor received.
    DataError
        If the record of runs, a result file or a pack cannot be read.
    ParameterError
        If a project has no evaluation.
    """
    root = find_root()
    outputs = resolve(load_settings(root).outputs, root)
    return results_in(outputs / programme, root, projects)


def results_in(folder: Path, root: Path, projects: Sequence[str] = ()) -> list[Evaluated]:
    """What `read_results` reads, with the programme's outputs in any folder of its name."""
    programme, home = folder.name, root / "params" / folder.name
    found = _received(home, root)
    found += _run_here(folder, bool(found))
    found += not_run(programme, {item.name for item in found}, root)
    networks = list(read_programme(home, root).networks)
    place = {network: number for number, network in enumerate(networks)}
    found.sort(key=lambda item: (place.get(item.network, len(place)), item.name))
    wide = {file.parent.name for file in home.glob("*/programme.yml")}
    found = [replace(item, whole_programme=item.project in wide) for item in found]
    known = {item.project for item in found}
    if unknown := [name for name in projects if name not in known]:
        guess = nearest(unknown[0], known)
        raise ParameterError(
            f"These projects have no evaluation: {listed(unknown)}.",
            remedy=f"Did you mean `{guess}`?" if guess else None,
            where="projects",
        )
    return [item for item in found if not projects or item.project in projects]


def _run_here(folder: Path, received: bool) -> list[Evaluated]:
    """What ``qieval run`` has written down here; none if packs are all that there is."""
    programme = folder.name
    try:
        records = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["evaluations"]
    except FileNotFoundError as error:
        if received:
            return []
        raise CannotEvaluate(
            f"Nothing of `{programme}` has been run yet, so there are no results to read.",
            remedy=f"Run it first: `qieval run params/{programme}`.",
        ) from error
    except (json.JSONDecodeError, KeyError) as error:
        raise DataError(
            f"The record of the runs of `{programme}` cannot be read.",
            found="manifest.json",
            remedy="Move it away and run again: the runs themselves are not harmed.",
        ) from error
    found = []
    for record in records:
        seen = _in_its_column(Evaluated.of(record, None))
        file = record.get("files", {}).get("result")
        if seen is not None:
            found.append(replace(seen, result=read_result(folder / file)) if file else seen)
    return found


def _received(home: Path, root: Path) -> list[Evaluated]:
    """What was received in packs, each project as its latest pack has it."""
    found = []
    for kept, project in received(home, root):
        for one in project.evaluations:
            record = record_here(kept, project, one, home.name)
            seen = _in_its_column(Evaluated.of(record, result_in(one, kept)))
            found += [seen] if seen else []
    return found


def result_in(one: PackedEvaluation, kept: Kept) -> Result | None:
    """The released result of an evaluation in a pack; None if it has none.

    Raises
    ------
    DataError
        If it is of another version than this qieval reads, or damaged; with the pack and its name.
    """
    if one.result is None:
        return None
    try:
        return result_of(one.result)
    except DataError as error:
        place = f"{kept.file.name}, {one.name}"
        remedy = "Ask its sender for a new pack, made with the qieval that you use."
        raise DataError(error.problem, found=error.found, remedy=remedy, where=place) from error


def _in_its_column(seen: Evaluated) -> Evaluated | None:
    """An evaluation under its present name, in its column; None if it reads results itself."""
    row = row_of(seen.notebook)
    if not seen.counts:
        return seen  # a project for which nothing was set up
    if row is None or row.reads_results:
        return None
    return replace(seen, notebook=row.name, column=row.column)


def not_run(programme: str, run: set[str], root: Path) -> list[Evaluated]:
    """What the programme's folder holds beside what was run: parameter files, bare projects."""
    found = []
    for file in sorted((root / "params" / programme).glob("*/project.yml")):
        about = read_project(file.parent, root)
        names = [path.stem for path in sorted(file.parent.glob("*.yml"))]
        rows = {name: row_of(name.partition(".")[0]) for name in names}
        wanted = {name: row for name, row in rows.items() if row and not row.reads_results}
        bare = not any(rows.values())
        for name in wanted or ([""] if bare else []):
            if f"{file.parent.name}/{name}" in run:
                continue
            record = {
                "programme": programme,
                "evaluation": f"{file.parent.name}/{name}",
                "title": wanted[name].title if name else "",
                "status": "not evaluated" if bare else "not run",
                "headline": NOTHING_SET_UP if bare else "It has not been run yet.",
                **{key: getattr(about, key) for key in ("network", "team", "simulated")},
                "aim": str(about.aim),
            }
            seen = Evaluated.of({**record, "project": about.name}, None)
            found.append(replace(seen, column=wanted[name].column if name else seen.column))
    return found


def read_result(path: Path | str) -> Result:
    """The result in a file ``*.result.json`` that ``qieval run`` wrote.

    Raises
    ------
    DataError
        If the file is missing, is not JSON, or holds no result of a known kind and version.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError("There is no such result file.", found=path.name) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError("This file is not a qieval result.", found=path.name) from error
    return result_of(data)


def result_of(data: dict[str, Any]) -> Result:
    """The result of any kind that plain values hold.

    Raises
    ------
    DataError
        If they hold no result of a known kind and version.
    """
    for row in EVALUATIONS.values():
        load(row.analysis)  # a result class is known to the reader once it has been imported
    return Result.from_dict(data)
