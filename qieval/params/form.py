"""A form for JupyterLab: move the date of a change or the wash-out, and see what becomes of it.

Its controls are made from the signature of the analysis. What departs from the locked plan is
called exploratory; "Write to parameters" puts what was chosen into the parameter file.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from qieval.catalogue import evaluation, load
from qieval.core.desk import LOOK
from qieval.core.errors import ParameterError, QievalError, require_one_of
from qieval.core.periods import infer_frequency, label
from qieval.core.result import Result
from qieval.core.signatures import Parameter, parameters_in
from qieval.core.workspace import find_root, relative
from qieval.core.yaml_files import read_yaml
from qieval.flow.measures import measure as measured
from qieval.flow.project import Project
from qieval.flow.project import project as project_of
from qieval.intake.programmes import project_folder
from qieval.intake.reading import read
from qieval.params.files import read_evaluation
from qieval.params.notebook import Parameters
from qieval.params.saved import write_parameters
from qieval.params.settled import settle
from qieval.report.figure import picture_of
from qieval.report.plan import compare

EVALUATED = ("interrupted_time_series", "run_chart", "control_chart")
"""Evaluations of one measure over time."""

FIRST = {
    "intervention": "Date of the change",
    "transition": "Wash-out, periods",
    "lag": "Effect starts later by",
    "slope": "Slope may change too",
    "rules": "Rules",
}
"""What one moves first, in words; other choices are folded."""

_WIDE = {"width": "min(40rem, 95%)"}
_BESIDE = {"description_width": "11rem"}

_MOST_PERIODS = 24
"""Of a wash-out or a lag."""

_REMEMBERED = 64
"""Results that are kept, so that a step back shows at once."""


class Form:
    """The form of a project's measure.

    Attributes
    ----------
    result : Result or None
        What is shown now; None where it cannot be evaluated.
    controls : dict
        The widgets, by the name of their parameter.
    """

    def __init__(self, project: str | None, measure: str | None, name: str) -> None:
        require_one_of("evaluation", name, EVALUATED)
        self._widgets = _ipywidgets()
        self.result: Result | None = None
        self.controls: dict[str, Any] = {}
        self._name, self._root = name, find_root()
        self._moved: dict[str, Any] = {}
        names = [
            relative(file.parent, self._root / "params")
            for file in sorted((self._root / "params").glob("*/*/project.yml"))
        ]
        made = self._widgets
        first = project and relative(project_folder(project, self._root), self._root / "params")
        self.projects = made.Dropdown(
            options=names,
            value=first or names[0],
            description="Project",
            style=_BESIDE,
            layout=_WIDE,
        )
        self.measures = made.Dropdown(
            options=[], description="Measure", style=_BESIDE, layout=_WIDE
        )
        self._main, self._more = made.VBox(), made.VBox()
        self._fold = made.Accordion(children=[self._more], layout=_WIDE)
        self._fold.set_title(0, "Other choices")
        self.shown, self.said = made.HTML(), made.HTML()
        self.writing = made.Button(
            description="Write to parameters", icon="save", layout={"width": "max-content"}
        )
        self.writing.on_click(lambda _: self._write())
        self.projects.observe(lambda _: self._open(None), names="value")
        self._open(measure)
        self.measures.observe(lambda _: self._start(), names="value")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        choosing = [self.projects, self.measures, self._main, self._fold]
        display(self._widgets.VBox([*choosing, self.shown, self.writing, self.said]))

    # ---- what is evaluated ---------------------------------------------------------------------

    def _open(self, measure: str | None) -> None:
        """Open the project that was picked, with its first measure or the one asked for."""
        self._project: Project = project_of(self.projects.value)
        names = self._project.measures
        if measure is not None:
            require_one_of("measure", measure, names)
        self.measures.options = names
        if names:
            self.measures.value = measure or names[0]
        self._start()

    def _start(self) -> None:
        """Begin with what the parameter file says of the measure, or the project."""
        self._moved, self.said.value = {}, ""
        try:
            if self.measures.value is None:
                raise ParameterError(
                    "This project has no measure.",
                    remedy="Describe one below `measures:` in its project.yml.",
                )
            self._file = self._file_of(self.measures.value)
            if self._file.is_file():
                values = read_evaluation(self._file, self._root).parameters
            else:
                home = relative(self._file.parent / "project.yml", self._root)
                given = {"project": home, "measure": self.measures.value}
                values = settle(self._name, given, self._project).values
            asked = Parameters(self._name, values)
            loaded = read(**asked.of(read))
            self._table = measured(loaded.table, **asked.of(measured)).table
            analysis = load(evaluation(self._name).analysis)
            self._asked = asked.of(analysis)
            self._time = values.get("time", "period")
            self._evaluate = _remembering(lambda given: analysis(self._table, **given))
            self._make_controls(parameters_in(analysis))
        except QievalError as error:
            self._main.children = self._more.children = ()
            self._refuse(error)
            return
        self._show()

    def _file_of(self, measure: str) -> Path:
        """The parameter file of this evaluation of the measure, which may not be there yet."""
        folder = self._root / "params" / self.projects.value
        usual = folder / f"{self._name}.yml"
        for file in sorted(folder.glob(f"{self._name}*.yml")):
            if read_yaml(file, self._root)[0].get("measure") == measure:
                return file
        return folder / f"{self._name}.{measure}.yml" if usual.exists() else usual

    # ---- the controls --------------------------------------------------------------------------

    def _make_controls(self, known: Mapping[str, Parameter]) -> None:
        self.controls = {}
        for name, parameter in known.items():
            control = self._control(parameter, self._asked.get(name))
            if control is not None:
                control.observe(self._on_change(name), names="value")
                self.controls[name] = control
        self._main.children = [self.controls[name] for name in FIRST if name in self.controls]
        self._more.children = [self.controls[name] for name in self.controls if name not in FIRST]

    def _control(self, parameter: Parameter, value: Any) -> Any:
        """The widget of a parameter that one value settles; None for others."""
        made = self._widgets
        words = FIRST.get(parameter.name, parameter.name.replace("_", " ").capitalize())
        about = {"description": words, "tooltip": parameter.help, "continuous_update": False}
        about |= {"style": _BESIDE, "layout": _WIDE}
        if parameter.name == "intervention":
            return self._dates(value, about)
        if typing.get_origin(parameter.annotation) is typing.Literal:
            options = typing.get_args(parameter.annotation)
            about.pop("continuous_update")
            return made.Dropdown(options=options, value=value, **about)
        if parameter.annotation is bool and isinstance(value, bool):
            about.pop("continuous_update")
            return made.Checkbox(value=value, **about)
        if parameter.annotation is int and isinstance(value, int):
            return made.IntSlider(value=value, min=0, max=_MOST_PERIODS, **about)
        return None

    def _dates(self, value: Any, about: dict[str, Any]) -> Any:
        """A slider over the periods; of several interventions none is moved."""
        if not isinstance(value, str):
            return None
        every = infer_frequency(self._table[self._time])
        days = pd.to_datetime(self._table[self._time]).drop_duplicates().sort_values()
        dates = {day.date().isoformat() for day in days} | {value}
        options = [(label(pd.Timestamp(day), every), day) for day in sorted(dates)]
        return self._widgets.SelectionSlider(options=options, value=value, **about)

    def _on_change(self, name: str) -> Callable[[Any], None]:
        def changed(change: Any) -> None:
            self._moved[name] = change["new"]
            self._show()

        return changed

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        try:
            self.result = self._evaluate({**self._asked, **self._moved})
            kind, why = self._beside_the_plan()
            self.shown.value = (
                f'<div class="qi-desk" role="status"><style>{LOOK}</style>'
                f'<p class="qi-headline">{escape(self.result.headline())}</p>'
                f'<p><span class="qi-status">{escape(kind)}</span> {escape(why)}</p>'
                f"{picture_of(self.result)}</div>"
            )
        except QievalError as error:
            self._refuse(error)

    def _beside_the_plan(self) -> tuple[str, str]:
        """Whether what is shown was planned, in a word or two, and in what it was not."""
        compared = compare(
            typing.cast(Result, self.result),
            relative(self._file.parent / "project.yml", self._root),
        )
        if compared.lock is None:
            return "Exploratory", "No plan was locked before."
        if compared.departures:
            return "Exploratory", " ".join(str(each) for each in compared.departures)
        return "As planned", ""

    def _refuse(self, error: QievalError) -> None:
        self.result = None
        lines = "<br>".join(escape(line) for line in str(error).splitlines())
        self.shown.value = (
            f'<div class="qi-desk" role="alert"><style>{LOOK}</style><div class="qi-stopped">'
            f"<p><strong>Not evaluated.</strong> {lines}</p></div></div>"
        )

    def _write(self) -> None:
        """Write what was moved to the parameter file."""
        row = evaluation(self._name)
        analysis = load(row.analysis)
        moved = {row.name_of(analysis, name): value for name, value in self._moved.items()}
        try:
            said = {"measure": self.measures.value, **moved}
            saved = write_parameters(self._name, said, self._file)
            words = repr(saved)
        except QievalError as error:
            words = str(error)
        lines = "<br>".join(escape(line) for line in words.splitlines())
        self.said.value = f'<div role="status">{lines}</div>'


def form(
    project: str | None = None,
    measure: str | None = None,
    evaluation: str = "interrupted_time_series",
) -> Form:
    """A form in which project, measure and the main choices of an evaluation can be moved.

    It needs the extra ``desk`` (ipywidgets) and a notebook.

    Parameters
    ----------
    project : str, optional
        A project's folder, or its project.yml. Default: the first of the workspace.
    measure : str, optional
        Name of a measure in its project.yml. Default: its first.
    evaluation : {"interrupted_time_series", "run_chart", "control_chart"}
        What is evaluated.

    Returns
    -------
    Form
        Shows itself at the end of a cell; ``.result`` is what it shows.

    Raises
    ------
    ParameterError
        If ipywidgets is not installed, or there is no such project, measure or evaluation.
    """
    return Form(project, measure, evaluation)


def _ipywidgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise ParameterError(
            "The form needs the package ipywidgets.",
            remedy="Install it: `pip install 'qieval[desk]'`, and start JupyterLab again.",
        ) from error
    return ipywidgets


def _remembering(
    evaluate: Callable[[dict[str, Any]], Result],
) -> Callable[[dict[str, Any]], Result]:
    """The same, with results kept: to move back shows at once what was there."""
    asked: dict[str, dict[str, Any]] = {}

    @lru_cache(maxsize=_REMEMBERED)
    def by_words(words: str) -> Result:
        return evaluate(asked.pop(words))

    def remembered(given: dict[str, Any]) -> Result:
        words = repr(sorted(given.items(), key=lambda item: item[0]))
        asked[words] = given
        return by_words(words)

    return remembered
