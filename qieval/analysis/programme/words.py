"""What a programme found: the tables, and the finding in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

import numpy as np
import pandas as pd

from qieval.analysis.programme.methods.averages import SENSITIVITY_COLUMNS
from qieval.analysis.programme.methods.luck import DATES, LUCK_COLUMNS
from qieval.analysis.programme.methods.luck import DECLARED as LUCK
from qieval.analysis.programme.methods.squire import SQUIRE_COLUMNS
from qieval.analysis.programme.tables import (
    DECLARED,
    EFFECT_COLUMNS,
    EVIDENCE_COLUMNS,
    FINDINGS,
    KINDS_OF_EVIDENCE,
    NOT_RECORDED,
)
from qieval.analysis.synthesis import PooledResult
from qieval.core.result import Result, rows_of
from qieval.core.sustained import ADDED
from qieval.core.tables import Column, Declaration, Table, names_of
from qieval.core.verdict import STATES, Verdict
from qieval.core.words import in_a_row, many, sentence

FINDING_COLUMNS = (
    Column("about", "About", "label"),
    Column("finding", "Finding", "text"),
    Column("rows", "Rows of the evidence", "label"),
)


@dataclass(frozen=True, eq=False, repr=False)
class ProgrammeResult(Result):
    """Result of :func:`qieval.programme`.

    Attributes
    ----------
    points : DataFrame
        One row a project and kind of evidence: ``project, called, network, column, state, words,
        rows`` (numbers of the evidence).
    estimates : DataFrame
        Counts (``projects, evaluations, tested, improved, worse, changed, not_alone, unclear,
        clear_after_adjustment, aims_reached``, and ``sustained_lasted, sustained_faded,
        sustained_too_early, sustained_cannot_tell``; ``n`` is of how many), then
        ``pooled: <measure>`` and ``prediction: <measure>``.
    evidence : DataFrame
        One row an evaluation, numbered: its project, kind of evidence, status, state, words,
        headline and page (relative to the programme's output folder).
    effects : DataFrame
        One row a change that a result tells: ``number`` (of the evidence), measure, definition,
        estimate with its interval, ``p_value, p_adjusted`` (Benjamini-Hochberg), ``state``,
        ``reason`` (why it was not tested), relative change, ``near`` (other events).
    projects : DataFrame
        One row a project: what was found, returns, PDSA cycles, involvement, theory, context, why
        something was not evaluated.
    findings : DataFrame
        ``about, finding, rows``: the key findings and the evidence that each rests on.
    pooled : dict of PooledResult
        Averages by measure.
    sensitivity : DataFrame
        The averages without the projects with another change near.
    squire : DataFrame
        The items of SQUIRE 2.0: ``number, key, section, item, asks, reported, source``.
    luck : DataFrame
        How many evaluations claim a change, and how many would by luck alone: a row a way
        (calibrated rates, other dates) and kind of evaluation.
    """

    evidence: pd.DataFrame
    effects: pd.DataFrame
    projects: pd.DataFrame
    findings: pd.DataFrame
    pooled: dict[str, PooledResult]
    sensitivity: pd.DataFrame
    squire: pd.DataFrame
    luck: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=names_of(LUCK_COLUMNS)),
        metadata={ADDED: True},
    )

    kind: ClassVar[str] = "programme"
    figure_table: ClassVar[str] = "projects"
    declared: ClassVar[tuple[Declaration, ...]] = (
        *DECLARED,
        Declaration("sensitivity", SENSITIVITY_COLUMNS),
        Declaration("squire", SQUIRE_COLUMNS),
        Declaration("findings", FINDING_COLUMNS),
        LUCK,
    )
    limits: ClassVar[tuple[str, ...]] = (
        "A roll-up is no better than the results it reads: each has its own checks and limits, on "
        "its own page.",
        "Projects are not ranked. They differ in what they tried, whom they care for and how much "
        "data they have.",
        "Where a change is neither shown nor ruled out, that is no proof that nothing changed.",
    )

    @property
    def columns(self) -> list[str]:
        """The kinds of evidence that there are, in their order."""
        seen = set(self.points["column"])
        return [column for column in KINDS_OF_EVIDENCE if column in seen]

    @property
    def drawn(self) -> list[str]:
        """The columns of the figure: what was found. How the work went stands in the tables."""
        return [column for column in self.columns if column in FINDINGS] or self.columns

    @property
    def verdict(self) -> Verdict:
        """Described: a roll-up tests nothing of its own; it counts the verdicts of its results."""
        improved, tested = (int(self.term(name).value) for name in ("improved", "tested"))
        words = f"{improved} of {tested} improved" if tested else ""
        return Verdict("described", "not tested", words=words)

    # ---- words ---------------------------------------------------------------------------------

    def headline(self) -> str:
        """How many changes were tested and improved, and what the first average says."""
        tested, improved = self.term("tested"), self.term("improved")
        projects = many(self.term("projects").n, "project")
        if not tested.value:
            return sentence(
                f"{self.term('projects_with_a_result').value:.0f} of {projects} "
                "could be evaluated; no change can be tested yet"
            )
        parts = [
            f"{improved.value:.0f} of {many(int(tested.value), 'tested change')} in {projects} "
            f"{'is an improvement' if improved.value == 1 else 'are improvements'}"
        ]
        worse = int(self.term("worse").value)
        if worse:
            parts.append(f"{worse} became worse")
        together = int(self.term("not_alone").value)
        if together:
            parts.append(f"{together} changed together with something else")
        return sentence(", ".join(parts))

    def details(self) -> str:
        """The averages, and what could not be evaluated."""
        about = self.findings["about"]
        wanted = about.str.startswith("On average") | (about == "Context")
        sentences = self.findings.loc[wanted, "finding"].tolist()
        first = self.findings.loc[about == "What was evaluated", "finding"].tolist()
        return " ".join([*first, *sentences[:4], "Every finding below names the rows it rests on."])

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the evidence of each project, or counts."""
        lead = (
            f"{self.headline()} Grid of {many(len(self.projects), 'project')} by "
            f"{many(len(self.drawn), 'kind')} of evidence; a mark and a word say what was found."
        )
        drawn = self.points[self.points["column"].isin(self.drawn)]
        if len(self.projects) > 30:
            counts = drawn.groupby("column", sort=False)["state"].value_counts()
            counted = [
                f"{column}: {in_a_row([f'{n} {state}' for state, n in own.droplevel(0).items()])}"
                for column, own in counts.groupby(level=0, sort=False)
            ]
            return f"{lead} {'. '.join(counted)}."
        projects = []
        for project in rows_of(self.projects):
            own = drawn[drawn["project"] == project.project]
            cells = "; ".join(f"{row.column.lower()} {row.words}" for row in rows_of(own))
            projects.append(f"{project.called}: {cells or 'nothing evaluated'}")
        return f"{lead} {'. '.join(projects)}."

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Changes, cells of the figure, evidence, projects, averages and the items of SQUIRE."""
        return (
            self._changes(),
            self._grid(),
            self._evidence(),
            self._projects(),
            self._choices(),
            self._luck(),
            self._squire(),
        )

    def _changes(self) -> Table:
        """Every change that was tested or could not be, in the order of the programme."""
        rows = self.effects.copy()
        # A share is read in percent, as everywhere else.
        scale = np.where(rows["unit"].str.startswith("share of "), 100.0, 1.0)
        for name in ("estimate", "ci_low", "ci_high"):
            rows[name] = rows[name] * scale
        rows["unit"] = rows["unit"].where(scale == 1, "percentage points")
        rows["finding"] = [
            sentence(row.reason or STATES[row.state]) for row in rows_of(self.effects)
        ]
        rows["adjusted"] = [_p(value) for value in rows["p_adjusted"]]
        columns = (
            *(column for column in EFFECT_COLUMNS if column.name in _CHANGES_SHOWN),
            Column("adjusted", "p, adjusted", "text"),
            Column("finding", "Finding", "text"),
        )
        caption = (
            "Changes, in the order of the programme; p values allow for how many were tested "
            "(Benjamini and Hochberg)"
        )
        return Table("estimates", caption, columns, rows)

    def _grid(self) -> Table:
        """One row a project, a column a kind of evidence."""
        words = self.points.pivot(index="project", columns="column", values="words")
        rows = self.projects.join(words.reindex(columns=self.columns).fillna(""), on="project")
        columns = (
            Column("called", "Project", "label"),
            Column("network", "Network", "label"),
            *(Column(name, name, "text") for name in self.columns),
        )
        return Table("points", "Projects by kind of evidence", columns, rows)

    def _evidence(self) -> Table:
        """Every evaluation with its number, its finding and its page."""
        rows = self.evidence.assign(
            number=self.evidence["number"].astype("str"),
            title=self.evidence["title"].replace("", "none"),
            row_id=[f"qi-row-{number}" for number in self.evidence["number"]],
            address=[
                f"../../{quote(row.programme)}/{quote(row.page)}" if row.page else ""
                for row in rows_of(self.evidence)
            ],
        )
        shown = ("number", "called", "title", "words", "headline")
        columns = (
            *(column for column in EVIDENCE_COLUMNS if column.name in shown),
            Column("address", "", "link", of="title"),
        )
        caption = "Every evaluation, numbered; findings above name these rows"
        return Table("evidence", caption, columns, rows, ids="row_id")

    def _projects(self) -> Table:
        """One row a project: what was found, whether the aim was reached, how the work went."""
        rows = self.projects.assign(
            place=self.projects["network"] + ": " + self.projects["team"],
            aim_words=self.projects["aim_status"].replace("none", "no aim to judge"),
            lasting=self.projects["sustained"].replace("", "no change to last"),
            work=[_work(row) for row in rows_of(self.projects)],
            why=self.projects["why_not"].replace("", "–"),
        )
        columns = (
            Column("called", "Project", "label"),
            Column("place", "Network and team", "text"),
            Column("findings", "What was found", "text"),
            Column("lasting", "Did it last", "text"),
            Column("aim_words", "Aim reached", "text"),
            Column("work", "How the work went", "text"),
            Column("why", "Not evaluated: why", "text"),
        )
        caption = "Projects in the order of the programme; nobody is ranked"
        return Table("projects", caption, columns, rows)

    def _choices(self) -> Table:
        """The averages with and without the projects that have another change near."""
        rows = self.sensitivity.assign(choice=self.sensitivity["choice"].str.capitalize())
        caption = "Other ways to put the same projects together"
        return Table("sensitivity", caption, SENSITIVITY_COLUMNS[1:], rows)

    def _luck(self) -> Table:
        """How many claim a change, and how many would by luck alone."""
        rows = self.luck.assign(way=self.luck["way"].str.capitalize())
        shown: tuple[Column, ...] = LUCK_COLUMNS[:-1]
        if not (self.luck["way"] == DATES).any():
            shown = tuple(column for column in shown if column.name != "dates")
        return Table("luck", "By luck alone, and seen", shown, rows)

    def _squire(self) -> Table:
        rows = self.squire.assign(
            what=self.squire["number"].astype("str") + ". " + self.squire["item"],
            origin=self.squire["source"].replace("", "–"),
        )
        columns = (
            Column("what", "Item", "label"),
            *(column for column in SQUIRE_COLUMNS if column.name in ("asks", "reported")),
            Column("origin", "From", "text"),
        )
        return Table(
            "squire", "SQUIRE 2.0 (Ogrinc et al. 2016, BMJ Quality & Safety 25:986)", columns, rows
        )


_CHANGES_SHOWN = ("number", "called", "measure", "estimate", "ci_low", "ci_high", "unit")


def _work(project: Any) -> str:
    """Returns, cycles, involvement, theory and other changes: what is known, and what is not."""
    beside = {
        "returns": project.returns,
        "PDSA cycles": project.pdsa,
        "involvement": project.involvement,
        "theory of change": project.theory,
        "other changes": project.context,
    }
    known = [f"{name}: {words}" for name, words in beside.items() if words != NOT_RECORDED]
    blank = [name for name, words in beside.items() if words == NOT_RECORDED]
    return "; ".join([*known, *([f"not recorded: {in_a_row(blank)}"] if blank else [])])


def _p(value: float) -> str:
    if not np.isfinite(value):
        return "not tested"
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
