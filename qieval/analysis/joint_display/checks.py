"""What to mind of a joint display: one row a check."""

from __future__ import annotations

from qieval.analysis.joint_display.tables import NOT_JUDGED
from qieval.analysis.joint_display.words import JointDisplayResult
from qieval.core.checks import About, Check
from qieval.core.words import in_a_row, many


def checks_of(result: JointDisplayResult) -> list[Check]:
    """All checks."""
    points = result.points
    unchecked = int(result.term("not_checked").value)
    with_quotes = set(result.quotes["theme"])
    bare = [theme for theme in dict.fromkeys(points["theme"]) if theme not in {*with_quotes, ""}]
    alone = points[(points["finding"] == "") & (points["theme"] != "")]["theme"].tolist()
    open_pairs = points[
        (points["agreement"] == NOT_JUDGED) & (points["theme"] != "") & (points["finding"] != "")
    ]["theme"].tolist()
    roles = sorted({who for who in result.quotes["who"] if who})
    return [
        _check(
            "checked",
            "Quotes that nobody has checked",
            f"{many(unchecked, 'quote')} not shown: `checked_by` or `checked_on` is blank."
            if unchecked
            else "",
            "Every quote was checked by a person.",
        ),
        _check("no_quote", "Themes without a quote", in_a_row(bare), "Every theme has a quote."),
        _check("no_finding", "Themes without a finding", in_a_row(alone), "Every theme has one."),
        _check(
            "no_theme",
            "Findings without a theme",
            "; ".join(result.title(one) for one in result.without_theme),
            "Every finding has a theme.",
        ),
        _check(
            "judged",
            "Themes and findings that are not judged",
            in_a_row(open_pairs),
            "People have judged how each theme and its finding fit.",
        ),
        About("voices", "Who is quoted").informs(
            f"{in_a_row(roles)}. Whoever is not among them was not heard here."
            if roles
            else "No quote says in which role somebody spoke."
        ),
    ]


def _check(name: str, title: str, lacking: str, well: str) -> Check:
    """A warning of what is lacking, or that nothing is."""
    about = About(name, title)
    if not lacking:
        return about.passes(well)
    return about.warns(lacking if lacking.endswith((".", "!")) else f"{lacking}.")
