"""THE list of evaluations: one row each.

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
from pathlib import Path
from typing import Any

from qieval.core.config import load_settings
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result
from qieval.core.workspace import find_root, resolve
from qieval.intake.programmes import read_programme, read_project


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
        ``module:class`` of what it returns.
    steps : tuple of str
        ``module:function`` of every function that the notebook calls with parameters, in order.
    example : str
        Parameter file, below ``params/``, that the notebook shows when it is opened as it is.
    renamed : mapping
        Arguments of the analysis that the notebook calls otherwise, because another step has taken
        the name: ``{"kind": "chart"}``.
    reads_results : bool
        Whether it reads the results of other evaluations: a batch runs it after all of them.
    """

    name: str
    title: str
    analysis: str
    result: str
    steps: tuple[str, ...]
    example: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    reads_results: bool = False

    @property
    def notebook(self) -> str:
        """File name of the notebook."""
        return f"{self.name}.ipynb"

    def functions(self) -> list[Callable[..., Any]]:
        """The functions behind ``steps``."""
        return [load(step) for step in self.steps]

    def name_of(self, function: Callable[..., Any], argument: str) -> str:
        """What the notebook calls an argument of a step."""
        own = function is load(self.analysis)
        return self.renamed.get(argument, argument) if own else argument


EVALUATIONS: dict[str, Evaluation] = {
    row.name: row
    for row in [
        Evaluation(
            name="data_passport",
            title="Data passport: what is in this file",
            analysis="qieval.analysis.data_passport:data_passport",
            result="qieval.analysis.data_passport:DataPassportResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.data_passport:data_passport",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/maple-home-treatment/data_passport.yml",
        ),
        Evaluation(
            name="interrupted_time_series",
            title="Interrupted time series",
            analysis="qieval.analysis.its:interrupted_time_series",
            result="qieval.analysis.its:ITSResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.its:interrupted_time_series",
                "qieval.report.plan:plan",
                "qieval.report.checklists:epoc_checklist",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/interrupted_time_series.yml",
        ),
        Evaluation(
            name="power",
            title="Power: which change could be found",
            analysis="qieval.analysis.its:its_power",
            result="qieval.analysis.its:PowerResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.its:its_power",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/juniper-crisis-house/power.yml",
        ),
        Evaluation(
            name="run_chart",
            title="Run chart: is there a signal of a change",
            analysis="qieval.analysis.spc:run_chart",
            result="qieval.analysis.spc:RunChartResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.spc:run_chart",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/run_chart.yml",
        ),
        Evaluation(
            name="control_chart",
            title="Control chart: what varies by chance, and what does not",
            analysis="qieval.analysis.spc:control_chart",
            result="qieval.analysis.spc:ControlChartResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.spc:control_chart",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/control_chart.yml",
            renamed={"kind": "chart"},
        ),
        Evaluation(
            name="completeness",
            title="Completeness: which returns came",
            analysis="qieval.analysis.completeness:completeness",
            result="qieval.analysis.completeness:CompletenessResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.completeness:completeness",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/observatory-lithium-checks/completeness.yml",
        ),
        Evaluation(
            name="measures",
            title="Family of measures: outcome, process and balancing measures together",
            analysis="qieval.analysis.family_of_measures:family_of_measures",
            result="qieval.analysis.family_of_measures:FamilyResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.family_of_measures:family_of_measures",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/saffron-crisis-plans/measures.yml",
        ),
        Evaluation(
            name="funnel",
            title="Funnel: which units differ by more than chance",
            analysis="qieval.analysis.funnel:funnel",
            result="qieval.analysis.funnel:FunnelResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.units:units",
                "qieval.analysis.funnel:funnel",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/alder-weekly-review/funnel.yml",
            renamed={"kind": "shows"},
        ),
        Evaluation(
            name="audit",
            title="Audit and re-audit: is each standard met, and are all of them",
            analysis="qieval.analysis.audit:audit",
            result="qieval.analysis.audit:AuditResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.audits:audit_counts",
                "qieval.analysis.audit:audit",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/physical-health-checks/audit.yml",
            renamed={"result": "answer"},
        ),
        Evaluation(
            name="provision",
            title="Service provision: what services have, what is missing, and where",
            analysis="qieval.analysis.audit:audit",
            result="qieval.analysis.audit:AuditResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.audit:audit",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/borderline-service-standards/provision.yml",
            renamed={"result": "answer"},
        ),
        Evaluation(
            name="survey",
            title="Survey: are people more satisfied than before",
            analysis="qieval.analysis.survey:survey",
            result="qieval.analysis.survey:SurveyResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.survey:survey",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/chestnut-activities/survey.yml",
        ),
        Evaluation(
            name="bed_days",
            title="Bed days: beds occupied and available, admissions and discharges",
            analysis="qieval.analysis.patient_flow:patient_flow",
            result="qieval.analysis.patient_flow:PatientFlowResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.flow.measures:measure",
                "qieval.analysis.patient_flow:patient_flow",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/willow-step-down-flat/bed_days.yml",
        ),
        Evaluation(
            name="length_of_stay",
            title="Length of stay: how long people stay",
            analysis="qieval.analysis.length_of_stay:length_of_stay",
            result="qieval.analysis.length_of_stay:LengthOfStayResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.length_of_stay:length_of_stay",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/length_of_stay.yml",
        ),
        Evaluation(
            name="readmissions",
            title="Readmissions: how many of those discharged are back soon",
            analysis="qieval.analysis.readmissions:readmissions",
            result="qieval.analysis.readmissions:ReadmissionsResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.readmissions:readmissions",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/readmissions.yml",
        ),
        Evaluation(
            name="crisis_access",
            title="Access in a crisis: what becomes of requests, and how soon",
            analysis="qieval.analysis.crisis_access:crisis_access",
            result="qieval.analysis.crisis_access:CrisisAccessResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.crisis_access:crisis_access",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/crisis-bed-hub/crisis_access.yml",
        ),
        Evaluation(
            name="waits",
            title="Waits: how long from referral to care",
            analysis="qieval.analysis.waits:waits",
            result="qieval.analysis.waits:WaitsResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.waits:waits",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/sycamore-first-appointment/waits.yml",
        ),
        Evaluation(
            name="context",
            title="Context: what else happened, beside the results",
            analysis="qieval.analysis.context:context",
            result="qieval.analysis.context:ContextResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.catalogue:read_results",
                "qieval.analysis.context:context",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/hornbeam-home-first/context.yml",
            reads_results=True,
        ),
        Evaluation(
            name="programme",
            title="The whole programme: what all projects found",
            analysis="qieval.analysis.programme:programme",
            result="qieval.analysis.programme:ProgrammeResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.catalogue:read_results",
                "qieval.analysis.programme:programme",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/whole-programme/programme.yml",
            reads_results=True,
        ),
        Evaluation(
            name="theory_of_change",
            title="Theory of change: the aim, what drives it, and how one would know",
            analysis="qieval.analysis.theory_of_change:theory_of_change",
            result="qieval.analysis.theory_of_change:TheoryResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.theories:read_theory",
                "qieval.analysis.theory_of_change:theory_of_change",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/theory_of_change.yml",
        ),
        Evaluation(
            name="pdsa_review",
            title="PDSA review: were cycles linked, predicted, small and measured",
            analysis="qieval.analysis.pdsa_review:pdsa_review",
            result="qieval.analysis.pdsa_review:PDSAReviewResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.pdsa_review:pdsa_review",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/rowan-discharge-pathway/pdsa_review.yml",
        ),
        Evaluation(
            name="involvement",
            title="Involvement: how people who use the service took part",
            analysis="qieval.analysis.involvement:involvement",
            result="qieval.analysis.involvement:InvolvementResult",
            steps=(
                "qieval.report.page:opening",
                "qieval.intake.reading:read",
                "qieval.analysis.involvement:involvement",
                "qieval.report.page:limits",
            ),
            example="closing-the-gap/saffron-crisis-plans/involvement.yml",
        ),
    ]
}


NOTHING_SET_UP = "Nothing has been set up to evaluate it: its folder holds no parameter file."


def load(address: str) -> Any:
    """The object at ``module:name``."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def read_results(*, programme: str, projects: Sequence[str] = ()) -> list[Evaluated]:
    """Every evaluation of a programme that ``qieval run`` has written down, with its result.

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
        If nothing has been run yet.
    DataError
        If the record of runs or a result file cannot be read.
    ParameterError
        If a project has no evaluation.
    """
    root = find_root()
    folder = resolve(load_settings(root).outputs, root) / programme
    try:
        records = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["evaluations"]
    except FileNotFoundError as error:
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
        seen = Evaluated.of(record, None)
        row = EVALUATIONS.get(seen.notebook)
        if row is None or row.reads_results:
            continue
        file = record.get("files", {}).get("result")
        found.append(replace(seen, result=read_result(folder / file)) if file else seen)
    found += _not_run(programme, {item.name for item in found}, root)
    networks = list(read_programme(root / "params" / programme, root).networks)
    place = {network: number for number, network in enumerate(networks)}
    found.sort(key=lambda item: (place.get(item.network, len(place)), item.name))
    wide = {file.parent.name for file in (root / "params" / programme).glob("*/programme.yml")}
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


def _not_run(programme: str, run: set[str], root: Path) -> list[Evaluated]:
    """What the programme's folder holds beside what was run: parameter files, bare projects."""
    found = []
    for file in sorted((root / "params" / programme).glob("*/project.yml")):
        about = read_project(file.parent, root)
        names = [path.stem for path in sorted(file.parent.glob("*.yml"))]
        rows = {name: EVALUATIONS.get(name.partition(".")[0]) for name in names}
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
                **{key: getattr(about, key) for key in ("network", "team", "aim", "simulated")},
            }
            found.append(Evaluated.of({**record, "project": about.name}, None))
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
    for row in EVALUATIONS.values():
        load(row.result)  # a result class is known to the reader once it has been imported
    return Result.from_dict(data)
