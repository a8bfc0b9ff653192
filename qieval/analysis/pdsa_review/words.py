"""A review of cycles: its verdict, its sentences, its tables. For learning, never blame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.methods.ramps import size_in_words
from qieval.analysis.pdsa_review.methods.rubric import KEY, NO, NOT_RECORDED, TEXTS, YES, features
from qieval.analysis.pdsa_review.tables import (
    AGREEMENT,
    CYCLES,
    DECLARED,
    DISAGREEMENTS,
    POINTS,
    PROJECTS,
    RAMPS,
    SCORES,
    TEXT_COLUMNS,
)
from qieval.core.periods import label
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import ESTIMATE, Column, Declaration, Table
from qieval.core.verdict import DESCRIBED, Verdict
from qieval.core.words import in_a_row, interval, many, number, sentence

_TERMS = {
    "cycles": "Cycles",
    "ramps": "Ramps (chains of cycles)",
    "linked": "Cycles that build on an earlier one",
    "predicted": "Cycles with a prediction",
    "small": "Cycles smaller than the whole unit",
    "measured": "Cycles with three or more measurements in a row",
    "key_features": "Key features of the method, of four",
    "kappa_linear": "Agreement of two reviewers, kappa with linear weights",
    "kappa_quadratic": "Agreement of two reviewers, kappa with quadratic weights",
}

PUBLISHED = (
    "For comparison: of 120 published projects 98% claimed an improvement and 27% stated a "
    "quantitative aim and reached it; of the 72 that described their cycles well enough, 3 (4%) "
    "had all four key features of the method (Knudsen et al. 2019, BMC Health Services Research "
    "19:683). Their fourth feature was a stated theory of why the change should work; a log of "
    "cycles holds predictions instead (Taylor et al. 2014, BMJ Quality & Safety 23:290)."
)

_VERBS = {
    "linked": ("builds on an earlier one", "build on an earlier one"),
    "predicted": ("has a prediction", "have a prediction"),
    "small": ("is smaller than the whole", "are smaller than the whole"),
    "measured": (
        "has three or more measurements in a row",
        "have three or more measurements in a row",
    ),
}
"""What a cycle of each flag is or has: of one, of several."""

_NEXT = {
    ("linked", NO): "No cycle is recorded as building on another; writing down which one it builds "
    "on would show what was learnt on the way.",
    ("linked", NOT_RECORDED): "The log has no column for what a cycle builds on.",
    (
        "predicted",
        NOT_RECORDED,
    ): "No prediction is written down; one line on what is expected makes the next cycle a test.",
    ("small", NO): "The first test took in everyone; a smaller first test leaves room to adapt.",
    ("small", NOT_RECORDED): "How large the first test was is not recorded.",
    ("measured", NO): "No cycle had three measurements in a row; a few more points would show "
    "whether a change lasts.",
    ("measured", NOT_RECORDED): "How many measurements were taken is not recorded.",
}


@dataclass(frozen=True, eq=False, repr=False)
class PDSAReviewResult(Result):
    """Result of :func:`qieval.pdsa_review`.

    Attributes
    ----------
    points : DataFrame
        One row a cycle, in the order in which they began: ``name, project, cycle, follows, ramp,
        started, ended, size, whole, data_points, decision, measure``; ``linked, predicted, small,
        measured`` (yes, no, not recorded); a score a feature (0, 1, 2, cannot tell, not recorded).
        The texts ``change, prediction, learning`` only if they have been checked.
    estimates : DataFrame
        Counts of cycles, key features (mean over projects), ``kappa_linear``, ``kappa_quadratic``
        and ``same_score`` (percent of pairs).
    ramps : DataFrame
        One row a ramp: ``ramp, project, cycles, n, started, ended, scale, decision``.
    projects : DataFrame
        One row a project: cycles, ramps, each key feature (yes, no, not recorded), ``met``.
    agreement : DataFrame
        One row a feature: how often two reviewers gave the same score, and kappa.
    disagreements : DataFrame
        One row a cycle and feature on which they differ: ``cycle, feature, first, second``.
    """

    ramps: pd.DataFrame
    projects: pd.DataFrame
    agreement: pd.DataFrame
    disagreements: pd.DataFrame

    kind: ClassVar[str] = "pdsa_review"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "This reads a log. What was done and not written down does not show, and a well kept log "
        "is no proof that a change helped.",
        "Reviewers' scores are judgements. Where two differ, talking it over is worth more than "
        "the number.",
    )

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns are; texts stand among the points only if they have been checked."""
        if not self.params["text_checked"]:
            return self.declared
        return (replace(POINTS, columns=(*POINTS.columns, *TEXT_COLUMNS)), *self.declared[1:])

    @property
    def verdict(self) -> Verdict:
        """Nothing is tested: how many key features there are, or how many cycles."""
        if len(self.projects) == 1:
            words = f"{int(self.projects['met'].iloc[0])} of 4 features"
        else:
            words = many(len(self.points), "cycle")
        return replace(DESCRIBED, words=words)

    def verdict_on(self, project: str, team: str) -> Verdict | None:
        """The key features that the log shows of one project; None where it is about one only."""
        own = self.projects[self.projects["project"] == project]
        if len(self.projects) == 1 or own.empty:
            return None
        return replace(DESCRIBED, words=f"{int(own['met'].iloc[0])} of 4 features")

    @property
    def marks(self) -> list[dict[str, Any]]:
        """The cycles as events for `qi.run_chart` and `qi.control_chart`: date, event, kind.

        A cycle whose beginning has no date has no mark. What was changed is told only if the texts
        have been checked.
        """
        rows = self.points[self.points["started"].notna()]
        return [
            {"date": row.started, "event": self._mark_words(row), "kind": "pdsa"}
            for row in rows_of(rows)
        ]

    def _mark_words(self, row: Any) -> str:
        known = "change" in self.points and row.change
        change = f": {row.change}" if known else ""
        return f"Cycle {row.name}{change} ({size_in_words(row)})"

    # ---- sentences -----------------------------------------------------------------------------

    def headline(self) -> str:
        """How many cycles there are, and what they have."""
        count, projects = len(self.points), len(self.projects)
        counts = {name: int(self.term(name).value) for name in KEY}
        if count == 1:
            features_met = [_VERBS[name][0] for name in KEY if counts[name]]
            if not features_met:
                return "One cycle; the log shows none of the four key features."
            return sentence(f"One cycle, which {in_a_row(features_met)}")
        where = f" of {many(projects, 'project')}" if projects > 1 else ""
        each = [f"{counts[name] or 'none'} {_VERBS[name][counts[name] > 1]}" for name in KEY]
        ramps = many(len(self.ramps), "ramp")
        return sentence(f"{many(count, 'cycle')}{where} in {ramps}: {in_a_row(each)}")

    def details(self) -> str:
        """The key features, what would help the next cycle, and what others have published."""
        one = len(self.projects) == 1
        return f"{self._of_project() if one else self._of_projects()} {PUBLISHED}"

    def _of_project(self) -> str:
        """One project's key features: what is there, and what would help the next cycle."""
        project = self.projects.iloc[0]
        met = [name for name in KEY if project[name] == YES]
        there = {
            "linked": "cycles that build on one another",
            "predicted": "a prediction",
            "small": "a first test smaller than the whole",
            "measured": "three or more measurements in a row",
        }
        sentences = []
        if len(met) == len(KEY):
            sentences.append(f"All four key features are there: {in_a_row([*there.values()])}.")
        elif met:
            features_met = in_a_row([there[name] for name in met])
            sentences.append(f"{len(met)} of four key features: {features_met}.")
        elif project["cycles"] > 1:
            sentences.append("None of the four key features is recorded.")
        sentences += [_NEXT[name, project[name]] for name in KEY if name not in met]
        return " ".join(sentences)

    def _of_projects(self) -> str:
        """Several projects: how many have each key feature."""
        rows, total = self.projects, len(self.projects)
        each = [
            f"{words[:1].lower() + words[1:]}: {int((rows[name] == YES).sum())} of {total}"
            for name, words in KEY.items()
        ]
        complete = int((rows["met"] == len(KEY)).sum()) or "none"
        return (
            f"Projects with each key feature: {'; '.join(each)}. All four: {complete} of {total} "
            "projects. A feature that is not recorded is not counted as there."
        )

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a ramp."""
        dated = self.points["started"].dropna()
        span = f" from {label(dated.min(), 'month')} to {label(dated.max(), 'month')}"
        ramps = [
            f"Ramp {row.ramp}{f' ({row.project})' if len(self.projects) > 1 else ''}: "
            f"{'cycles' if row.n > 1 else 'cycle'} {row.cycles}, {row.scale}"
            f"{f', last decision {row.decision}' if row.decision else ''}"
            for row in rows_of(self.ramps)
        ]
        return (
            f"{self.headline()} Timeline of {many(len(self.points), 'cycle')}"
            f"{span if len(dated) else ''}, one lane a ramp, arrows from each cycle to the one "
            f"that builds on it. {'. '.join(ramps)}."
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """What was counted, and one row a cycle."""
        return self._counts("estimates"), self._cycles()

    def _counts(self, name: str) -> Table:
        """What was counted, under plain names."""
        several = len(self.projects) > 1
        terms = [term for term in _TERMS if "kappa" not in term or self.params["reviewers"] == 2]
        rows = self.estimates.loc[terms]
        alone = ("cycles", "ramps", "key_features")
        places = {"key_features": int(several), "kappa_linear": 2, "kappa_quadratic": 2}
        rows = rows.assign(
            what=[_TERMS[term] for term in terms],
            of=["" if term in alone else f"{self.term(term).n:,}" for term in terms],
            places=[places.get(term, 0) for term in terms],
        )
        columns = (
            Column("what", "What", "label"),
            *(replace(column, head="Found" if column.role == "estimate" else "")
              for column in ESTIMATE[:3]),
            Column("of", "Of", "label"),
        )  # fmt: skip
        caption = f"What the log shows{'; key features are the mean over projects' * several}"
        return Table(name, caption, columns, rows, missing="not computed")

    def _cycles(self) -> Table:
        """One row a cycle; texts only if they have been checked."""
        rows = self.points.assign(
            follows=self.points["follows"].replace("", "none recorded"),
            began=_days(self.points["started"]),
            finished=_days(self.points["ended"]),
            size_of_test=[size_in_words(row) for row in rows_of(self.points)],
            measurements=[
                NOT_RECORDED if pd.isna(count) else f"{count:g}"
                for count in self.points["data_points"]
            ],
        )
        blank = [name for name in ("decision", "measure", *TEXTS) if name in rows]
        rows[blank] = rows[blank].replace("", NOT_RECORDED)
        columns = (*CYCLES, *(TEXT_COLUMNS if self.params["text_checked"] else ()))
        return Table("points", "The points of the figure", columns, rows)

    # ---- sections ------------------------------------------------------------------------------

    def sections(self) -> tuple[Section, ...]:
        """Counts, key features, ramps, scores, reviewers and the rubric itself."""
        made = [self._counts_section(), self._features_section(), self._ramps_section()]
        made.append(self._scores_section())
        if self.agreement["pairs"].sum() + self.agreement["untold"].sum():
            made.append(self._reviewers_section())
        if len(self.disagreements):
            made.append(self._disagreements_section())
        return (*made, self._rubric_section())

    def _counts_section(self) -> Section:
        words = "Counted as recorded. A later cycle may rightly take in everyone."
        return Section("counts", "What the log shows", words, self._counts("counts"))

    def _features_section(self) -> Section:
        """Each key feature, project by project."""
        columns: tuple[Column, ...] = PROJECTS
        rows = self.projects
        if len(rows) == 1:
            columns = (
                Column("feature", "Key feature", "label"),
                Column("answer", "In the log", "label"),
            )
            answers = [str(rows[name].iloc[0]).capitalize() for name in KEY]
            rows = pd.DataFrame({"feature": list(KEY.values()), "answer": answers})
        return Section(
            "key_features",
            "The key features of the method",
            "The thresholds of a published review. Not recorded is neither yes nor no.",
            Table(
                "key_features",
                "Key features after Knudsen 2019, with Taylor 2014 for predictions",
                columns,
                rows,
            ),
        )

    def _ramps_section(self) -> Section:
        """Each chain of cycles."""
        several = len(self.projects) > 1
        longest = int(self.ramps["n"].max())
        words = (
            f"The longest ramp has {many(longest, 'cycle')}."
            if longest > 1
            else "Every cycle stands by itself."
        )
        columns = tuple(column for column in RAMPS if several or column.name != "project")
        rows = self.ramps.replace({"decision": {"": NOT_RECORDED}})
        title = "Ramps: cycles that build on one another"
        return Section("ramps", title, words, Table("ramps", "Ramps", columns, rows))

    def _scores_section(self) -> Section:
        return Section(
            "scores",
            "Each cycle by the rubric",
            "0: not there; 1: in part; 2: there. A test of everyone at once is no fault at the end "
            "of a ramp: it is scored 0 for being small, and 2 for building on the tests before it.",
            Table("scores", "Scores of each cycle", (CYCLES[0], *SCORES), self.points),
        )

    def _reviewers_section(self) -> Section:
        """How far two reviewers agree, by feature."""
        known = features(self.params["small_share"])
        rows = self.agreement.assign(feature=[known[one].name for one in self.agreement["feature"]])
        linear, quadratic = (self._kappa_in_words(weights) for weights in ("linear", "quadratic"))
        pairs = many(self.term("kappa_linear").n, "pair")
        caption = "Agreement by feature; where they differ, the lower score counts"
        return Section(
            "reviewers",
            "How far two reviewers agree",
            f"Over all features: weighted kappa {linear} with linear and {quadratic} with "
            f"quadratic weights, from {pairs} of scores. 1 is full agreement, 0 what chance alone "
            "would give.",
            Table("reviewers", caption, AGREEMENT, rows, missing="too few"),
        )

    def _kappa_in_words(self, weights: str) -> str:
        """Kappa with its interval: "0.71 (0.52 to 0.90)"."""
        kappa = self.term(f"kappa_{weights}")
        if np.isnan(kappa.value):
            return "not computed"
        if np.isnan(kappa.low):
            return f"{number(kappa.value, 2)} (full agreement; no interval)"
        return f"{number(kappa.value, 2)} ({interval(kappa.low, kappa.high, 2)})"

    def _disagreements_section(self) -> Section:
        caption = "Scores on which the two reviewers differ"
        return Section(
            "disagreements",
            "To talk over",
            f"The two reviewers differ on {many(len(self.disagreements), 'score')}.",
            Table("disagreements", caption, DISAGREEMENTS, self.disagreements),
        )

    def _rubric_section(self) -> Section:
        """What each score stands for, and who gives it."""
        rows = [
            {"feature": one.name, **one.scored, "by": f"scored by {one.by}"}
            for one in features(self.params["small_share"]).values()
        ]
        columns = (
            Column("feature", "Feature", "label"),
            *(Column(score, score, "text") for score in ("0", "1", "2")),
            Column("by", "By", "text"),
        )
        return Section(
            "rubric",
            "The rubric",
            "After Taylor 2014. What stands in columns of its own is scored by a rule, what stands "
            "in text by reviewers; without them only by whether something is written.",
            Table("rubric", "What each score stands for", columns, pd.DataFrame(rows)),
        )


def _days(dates: pd.Series) -> list[str]:
    return [NOT_RECORDED if pd.isna(day) else label(day, "day") for day in dates]
