"""Joint display: the result and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.joint_display.tables import AGREEMENTS, COUNTS, DECLARED, JOINT, POINTS, QUOTES
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, many, sentence

NO_THEME, NO_FINDING, NO_QUOTE = "No theme", "No finding", "No quote that was checked"


@dataclass(frozen=True, eq=False, repr=False)
class JointDisplayResult(Result):
    """Result of :func:`qieval.joint_display`.

    Attributes
    ----------
    points : DataFrame
        A row a theme and finding: ``theme, finding, agreement, quotes, not_checked``; "" is no
        theme, or no finding.
    estimates : DataFrame
        Counts of themes, quotes and judgements.
    quotes : DataFrame
        Quotes that a person has marked as checked, and no others.
    named : DataFrame
        The title of each finding, and why there is none where it was not evaluated.
    findings : dict of Result
        The results themselves, by ``project/evaluation``, so that a release words them again.
    """

    quotes: pd.DataFrame
    named: pd.DataFrame
    findings: dict[str, Result]

    kind: ClassVar[str] = "joint_display"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "Themes, quotes and how they fit are the judgement of the people who made the table; "
        "nothing was coded by a machine.",
        "Quotes were chosen. They show what somebody said, not how many would say it.",
        "That people say what the figures say does not show that the project brought it about.",
    )

    def title(self, finding: str) -> str:
        """What a finding is called."""
        titles = self.named.set_index("finding")["title"]
        return str(titles.get(finding, NO_FINDING))

    def figures_say(self, finding: str) -> str:
        """The finding in its own words, or why there is none."""
        if finding in self.findings:
            return self.findings[finding].headline()
        reasons = self.named.set_index("finding")["reason"]
        return f"Not evaluated: {reasons[finding]}" if finding in reasons else NO_FINDING

    def _count(self, term: str) -> int:
        return int(self.term(term).value)

    @property
    def without_theme(self) -> list[str]:
        """Findings without a theme."""
        return self.points.loc[self.points["theme"] == "", "finding"].tolist()

    @property
    def verdict(self) -> Verdict:
        """Described: how many themes and findings fit."""
        return Verdict("described", "not tested", words=self._judgements() or "not judged")

    def _judgements(self) -> str:
        counts = [(self._count(name), name) for name in AGREEMENTS]
        return in_a_row([f"{count} {name}" for count, name in counts if count])

    # ---- words ---------------------------------------------------------------------------------

    def headline(self) -> str:
        """How many themes stand beside findings, and how they fit as people judged it."""
        beside = len({*self.points["finding"]} - {"", *self.without_theme})
        parts = [
            f"{many(self._count('themes'), 'theme')} beside {many(beside, 'finding')}: "
            f"{self._judgements() or 'not judged yet'}"
        ]
        if self.without_theme:
            parts.append(f"{many(len(self.without_theme), 'finding')} without a theme")
        return sentence("; ".join(parts))

    def details(self) -> str:
        """What fits, what does not, what is missing."""
        told = []
        for name in AGREEMENTS:
            own = self.points[self.points["agreement"] == name]["theme"]
            if len(own):
                told.append(f"{name.capitalize()}: {in_a_row(list(dict.fromkeys(own)))}.")
        count = self._count("not_checked")
        if count:
            told.append(f"{many(count, 'quote')} not shown: nobody has marked it as checked.")
        return " ".join([*told, "How they fit is the judgement of the people who made the table."])

    def alt_text(self) -> str:
        """What the figure shows."""
        rows = [
            f"{row.theme or NO_THEME}, {self.title(row.finding)}: {row.agreement}"
            for row in rows_of(self.points)
        ]
        return (
            f"{self.headline()} A row a theme and finding, with its judgement. {'; '.join(rows)}."
        )

    def tables(self) -> tuple[Table, ...]:
        """Themes beside findings, and what was counted."""
        rows = self.points.assign(
            theme=self.points["theme"].replace("", NO_THEME),
            finding=[self.title(one) for one in self.points["finding"]],
        )
        names = {
            "themes": "Themes",
            "themes_without_a_quote": "Themes without a quote that was checked",
            "quotes": "Quotes shown",
            "not_checked": "Quotes that nobody has checked: not shown",
            "concordant": "Theme and finding concordant",
            "discordant": "Theme and finding discordant",
            "silent": "One of them silent",
            "not_judged": "Not judged",
        }
        counts = self.estimates.reset_index()
        counts = counts.assign(what=counts["term"].map(names))
        return (
            Table(
                "points", "Themes and findings, and how people judged that they fit", POINTS, rows
            ),
            Table("estimates", "What was counted", COUNTS, counts),
        )

    def _joint(self, row: Any) -> dict[str, str]:
        """One row of the joint display."""
        own = self.quotes[
            (self.quotes["theme"] == row.theme) & (self.quotes["finding"] == row.finding)
        ]
        said = [f"“{one.quote}”" + (f" ({one.who})" if one.who else "") for one in rows_of(own)]
        return {
            "theme": row.theme or NO_THEME,
            "figures": self.figures_say(row.finding),
            "people": "; ".join(said) or NO_QUOTE,
            "agreement": row.agreement,
        }

    def sections(self) -> tuple[Section, ...]:
        """The joint display itself, and who has checked each quote."""
        rows = pd.DataFrame([self._joint(row) for row in rows_of(self.points)])
        joint = Section(
            "joint",
            "Figures and quotes side by side",
            "By theme, in the order of the table; findings without a theme stand last.",
            Table("joint", "By theme: what the figures say, and what people said", JOINT, rows),
        )
        if not len(self.quotes):
            return (joint,)
        shown = tuple(column for column in QUOTES if column.name != "finding")
        words = "A quote is shown only where a person has marked it as checked."
        table = Table("quotes", "Quotes that were checked", shown, self.quotes)
        return joint, Section("quotes", "Who has checked the quotes", words, table)
