"""The pages of a site that lead to the evaluations: programme, networks, projects, the list of all.

They are made from released results and their verdicts. A number that stands on one of them is a
number of projects or evaluations, or stands in the words of a result.
"""

from __future__ import annotations

from typing import Any

from qieval.analysis.completeness import CompletenessResult
from qieval.batch.manifest import now
from qieval.core.blocks import Figure, Plan
from qieval.core.result import rows_of
from qieval.core.verdict import AimVerdict
from qieval.core.words import many, sentence
from qieval.report import show
from qieval.share.audience import Audience, shown_to
from qieval.share.frame import Frame, Link, Site, different, made_on, rendered
from qieval.share.matrix import COUNTED, MEASURE_TYPES, counts
from qieval.share.pages import Draw
from qieval.share.published import Project, Published, Whole, href, root_of

ALL, ACCESSIBILITY, INDEX = "evaluations.html", "accessibility.html", "index.html"
NO_NETWORK = "Projects without a network"

_ANSWERS = ("How many improved", "By luck alone", "Did it last", "Aims")
"""Findings of the roll-up that stand on the first screen, beside its averages."""

_PARTS = (
    ("theory_of_change", "How the change is meant to work"),
    ("pdsa_review", "How the change was tested"),
    ("context", "What else happened"),
    ("completeness", "Which returns came"),
    ("involvement", "How people who use the service took part"),
)
"""Kinds of evaluations on how the work went, and the heading of each on a project's page."""
_DRAWN = ("theory_of_change", "pdsa_review")
"""Those whose figure stands on the page of the project."""


def programme_page(whole: Whole, stamp: str) -> str:
    """The programme on one screen, the matrix of its projects below it, and the way to the rest."""
    rows = [project.row for project in whole.own_projects]
    result = whole.result
    findings = list(rows_of(result.findings)) if result else []
    answers = [row for row in findings if row.about in _ANSWERS]
    more = {
        "headline": result.headline() if result else "",
        "aim": whole.programme.aim,
        "projects": many(len(rows), "project"),
        "counts": counts(rows),
        "words": COUNTED,
        "answers": answers,
        "averages": [sentence(pooled.answer) for pooled in result.pooled.values()]
        if result
        else [],
        "others": [row for row in findings if row not in answers],
        "roll_up": href("", whole.roll_up.address) if whole.roll_up else "",
        "networks": _networks(whole, ""),
        "types": MEASURE_TYPES,
        "wide": [
            _entry(one, "")
            for project in whole.projects
            if project.whole_programme
            for one in project.evaluations
        ],
        "evaluations": many(len(whole.published), "evaluation"),
    }
    return rendered(
        "site_programme.html.j2", _frame(whole, INDEX, whole.programme.name, stamp, more)
    )


def network_page(whole: Whole, name: str, stamp: str) -> str:
    """The projects of one network: what their measures say, and every finding."""
    address = whole.network_addresses[name]
    root = root_of(address)
    projects = whole.networks[name]
    more = {
        "network": _network(name, projects, root, address),
        "types": MEASURE_TYPES,
        "counts": counts([project.row for project in projects]),
        "words": COUNTED,
        "projects": [_project(project, root) for project in projects],
        "others": [
            Link(other, href(root, at))
            for other, at in whole.network_addresses.items()
            if other != name
        ],
    }
    return rendered("site_network.html.j2", _frame(whole, address, name, stamp, more))


def project_page(whole: Whole, project: Project, stamp: str, audience: Audience, draw: Draw) -> str:
    """One project: its aim, all its findings side by side, and how the work went."""
    root = root_of(project.address)
    aim = _aim(project)
    siblings = whole.networks.get(project.network, []) if not project.whole_programme else []
    more = {
        "crumbs": crumbs(whole, project, root),
        "team": project.team,
        "aim": project.aim,
        "aim_verdict": aim,
        "sustained": [
            {"title": one.record.title, "href": href(root, one.address), "words": words}
            for one in project.evaluations
            if one.verdict and (words := one.verdict.sustained.words)
        ],
        "background": project.background,
        "entries": [_entry(one, root) for one in project.evaluations],
        "parts": [
            {
                "title": title,
                "entries": [_entry(one, root) for one in project.of(kind)],
                "figures": [
                    draw(Figure(), one.result, one.origin)
                    for one in project.of(kind)
                    if kind in _DRAWN and one.result is not None
                ],
                "words": _returns(whole, project) if kind == "completeness" else "",
            }
            for kind, title in _PARTS
        ],
        "plan": _plan(project, audience),
        "siblings": [
            Link(other.name, href(root, other.address))
            for other in siblings
            if other.address and other is not project
        ],
        "network": project.network,
    }
    return rendered(
        "site_project.html.j2", _frame(whole, project.address, project.name, stamp, more)
    )


def evaluations_page(whole: Whole, stamp: str) -> str:
    """Every evaluation, in a list that a script searches and narrows; without it, it is whole."""
    entries = [_entry(one, "") for project in whole.projects for one in project.evaluations]
    more = {
        "networks": _networks(whole, ""),
        "groups": [_project(project, "") for project in whole.projects if project.evaluations],
        "choices": {
            "network": ("Network", sorted({entry["network"] for entry in entries} - {""})),
            "state": ("Finding", list(dict.fromkeys(entry["state"] for entry in entries))),
            "kind": ("Kind of evaluation", sorted({entry["title"] for entry in entries})),
        },
        "count": len(entries),
    }
    return rendered("site_all.html.j2", _frame(whole, ALL, "All evaluations", stamp, more))


def accessibility_page(whole: Whole, stamp: str) -> str:
    """What was done so that everyone can read the site, and what is known to be lacking."""
    frame = _frame(whole, ACCESSIBILITY, "Accessibility of these pages", stamp, {})
    return rendered("site_accessibility.html.j2", frame)


def crumbs(whole: Whole, project: Project, root: str) -> tuple[Link, ...]:
    """The way from the programme down to a project."""
    above = []
    if project.network in whole.network_addresses and not project.whole_programme:
        address = whole.network_addresses[project.network]
        above.append(Link(project.network, href(root, address)))
    return tuple(above)


# ---- parts of pages ----------------------------------------------------------------------------


def _frame(whole: Whole, address: str, title: str, stamp: str, more: dict[str, Any]) -> Frame:
    root = root_of(address)
    name = whole.programme.name
    return Frame(
        title=title,
        tab_title=title if title == name else f"{title}: {name}",
        up=f"{root}{INDEX}",
        up_name=name,
        simulated=whole.programme.simulated,
        attributions=different(one.attribution for one in whole.published),
        made=made_on(max((one.record.finished for one in whole.published), default=now())),
        site=Site(root, stamp),
        more=more,
    )


def _networks(whole: Whole, root: str) -> list[dict[str, Any]]:
    """Networks with the rows of their projects, addresses as seen from a page."""
    return [
        _network(name, projects, root, whole.network_addresses.get(name, ""))
        for name, projects in whole.networks.items()
    ]


def _network(name: str, projects: list[Project], root: str, address: str) -> dict[str, Any]:
    return {
        "name": name or NO_NETWORK,
        "href": href(root, address) if address else "",
        "count": many(len(projects), "project"),
        "rows": [
            {
                "name": project.name,
                "href": href(root, project.address) if project.address else "",
                "cells": {
                    kind: [(mark.state, href(root, mark.href)) for mark in marks]
                    for kind, marks in project.row.cells.items()
                },
            }
            for project in projects
        ],
    }


def _project(project: Project, root: str) -> dict[str, Any]:
    return {
        "name": project.name,
        "href": href(root, project.address) if project.address else "",
        "team": project.team,
        "aim": sentence(project.aim),
        "network": project.network,
        "entries": [_entry(one, root) for one in project.evaluations],
    }


def _entry(one: Published, root: str) -> dict[str, Any]:
    """An evaluation in a list: its finding is its title."""
    return {
        "href": href(root, one.address),
        "finding": one.finding,
        "title": one.record.title,
        "project": one.record.project,
        "network": one.record.network,
        "status": one.record.status,
        "verdict": one.verdict,
        "state": one.state,
    }


def _aim(project: Project) -> AimVerdict | None:
    """Whether the aim was reached, if its evaluations do not contradict one another."""
    aims = [one.verdict.aim for one in project.evaluations if one.verdict]
    judged = [aim for aim in aims if aim.status in ("reached", "not reached")]
    if len({aim.status for aim in judged}) == 1:
        return judged[0]
    told = next((aim for aim in aims if aim.status == "cannot tell"), None)
    if judged:
        because = "Its evaluations do not agree; each page says what it rests on."
        return AimVerdict("cannot tell", because=because)
    return told


def _returns(whole: Whole, project: Project) -> str:
    """What an evaluation of all returns says of the project."""
    for one in whole.published:
        if isinstance(one.result, CompletenessResult):
            verdict = one.result.verdict_on(project.folder, project.team)
            if verdict is not None:
                return sentence(verdict.label)
    return ""


def _plan(project: Project, audience: Audience) -> list[str]:
    """How each plan that an evaluation was compared with was kept, a section each."""
    plans = (one.block(Plan) for one in project.evaluations)
    shown = (shown_to(plan, audience) for plan in plans if plan)
    return list(dict.fromkeys(show(plan).html for plan in shown if plan))
