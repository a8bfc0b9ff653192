"""What a programme found: the tables, and the finding in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.programme.readers import COLUMNS, CONTEXT, STATES
from qieval.analysis.synthesis import PooledResult
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, interval, many, number, places_of, sentence


@dataclass(frozen=True, eq=False, repr=False)
class ProgrammeResult(Result):
    """Result of :func:`qieval.programme`.

    Attributes
    ----------
    points : DataFrame
        One row a project and kind of evidence: ``project, called, network, column, state, words,
        rows`` (numbers of the evidence).
    estimates : DataFrame
        Counts (``projects, evaluations, tested, improved, worse, changed, not_alone, unclear``;
        ``n`` is of how many), then ``pooled: <measure>`` and ``prediction: <measure>``.
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
        The items of SQUIRE 2.0: ``number, section, item, asks, said, source``.
    """

    evidence: pd.DataFrame
    effects: pd.DataFrame
    projects: pd.DataFrame
    findings: pd.DataFrame
    pooled: dict[str, PooledResult]
    sensitivity: pd.DataFrame
    squire: pd.DataFrame

    kind: ClassVar[str] = "programme"
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
        return [column for column in (*COLUMNS, CONTEXT) if column in seen]

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
        said = self.findings.loc[wanted, "finding"].tolist()
        first = self.findings.loc[about == "What was evaluated", "finding"].tolist()
        return " ".join([*first, *said[:4], "Every finding below names the rows it rests on."])

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the evidence of each project, or counts."""
        lead = (
            f"{self.headline()} Grid of {many(len(self.projects), 'project')} by "
            f"{len(self.columns)} kinds of evidence; a mark and a word say what was found."
        )
        if len(self.projects) > 30:
            counts = self.points.groupby("column", sort=False)["state"].value_counts()
            said = [
                f"{column}: {in_a_row([f'{n} {state}' for state, n in own.droplevel(0).items()])}"
                for column, own in counts.groupby(level=0, sort=False)
            ]
            return f"{lead} {'. '.join(said)}."
        said = []
        for project in rows_of(self.projects):
            own = self.points[self.points["project"] == project.project]
            cells = "; ".join(f"{row.column.lower()} {row.words}" for row in rows_of(own))
            said.append(f"{project.called}: {cells or 'nothing evaluated'}")
        return f"{lead} {'. '.join(said)}."

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """Every change that was tested or could not be, in the order of the programme."""
        rows = []
        for row in rows_of(self.effects):
            # A share is read in per cent, as everywhere else.
            scale = 100.0 if row.unit.startswith("share of ") else 1.0
            low, high = scale * row.ci_low, scale * row.ci_high
            found = f"{number(scale * row.estimate, places_of(low, high))} ({interval(low, high)})"
            rows.append(
                (
                    str(row.number),
                    row.called,
                    row.measure,
                    found,
                    "percentage points" if scale > 1 else row.unit,
                    _p(row.p_adjusted),
                    sentence(row.reason or STATES[row.state]),
                )
            )
        heads = ["Row", "Project", "Measure", "Change (interval)", "Unit", "p, adjusted", "Finding"]
        caption = (
            "Changes, in the order of the programme; p values allow for how many were tested "
            "(Benjamini and Hochberg)"
        )
        return pd.DataFrame(rows, columns=heads), caption

    def points_in_words(self) -> pd.DataFrame:
        """One row a project, a column a kind of evidence."""
        rows = []
        for project in rows_of(self.projects):
            own = self.points[self.points["project"] == project.project]
            words = dict(zip(own["column"], own["words"], strict=True))
            rows.append(
                (project.called, project.network, *(words.get(name, "") for name in self.columns))
            )
        return pd.DataFrame(rows, columns=["Project", "Network", *self.columns])


def _p(value: float) -> str:
    if not np.isfinite(value):
        return "not tested"
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
