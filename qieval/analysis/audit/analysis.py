"""Audit and re-audit, of records or services: how often standards are met, and all of them.

The way of the data: columns → answers or counts (:mod:`.methods.answers`) by rules
(:mod:`.methods.rules`) → :class:`.methods.audit_data.AuditData` → the tables of the result
(:mod:`.tables`, :mod:`.methods.services`) → checks → words. Formulas: docs/methods/audit.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qieval.analysis.audit import tables
from qieval.analysis.audit.checks import checks_of
from qieval.analysis.audit.methods.answers import COMPOSITE, Answers, Columns, counts_of, tidy
from qieval.analysis.audit.methods.audit_data import AuditData
from qieval.analysis.audit.methods.rules import Missing, Partly, Refused, Rules
from qieval.analysis.audit.methods.services import (
    services_of,
    thresholds_of,
    type_of_standards,
)
from qieval.analysis.audit.words import AuditResult
from qieval.core.aim import read_aim
from qieval.core.columns import is_number
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, ParameterError, listed
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.waves import compared

ALL_MET = "All standards met"
"""What an audit is about where nobody says so; with one standard it is that standard."""


@public
def audit(
    records: pd.DataFrame,
    *,
    unit: str | None = None,
    standard: str = "standard",
    result: str | None = None,
    wave: str = "wave",
    team: str | None = None,
    met: str | None = None,
    applicable: str | None = None,
    composite: str | None = None,
    codes: Mapping[str, str] | None = None,
    missing: Missing = "not_met",
    refused: Refused = "leave_out",
    partly: Partly = "not_met",
    waves: Mapping[str, str] | Sequence[str] | None = None,
    compare: Sequence[str] | None = None,
    standards: Mapping[str, str] | Sequence[str] | None = None,
    same_units: bool = False,
    types: str | None = None,
    thresholds: Mapping[str, float] | None = None,
    locality: str | None = None,
    access_standards: Sequence[str] | None = None,
    outcome: str = ALL_MET,
    setting: str = "",
    called: str = "records",
    standards_called: str = "standards",
    teams_called: str = "teams",
    aim: Mapping[str, Any] | str | None = None,
    confidence: float = CONFIDENCE,
) -> AuditResult:
    """How often each standard is met, how often all are, and what changed between waves.

    Parameters
    ----------
    records : DataFrame
        One row an answer (a record and a standard), or counts by wave, standard and team. The table
        is not changed.
    unit : str, optional
        Column that tells one record (a patient, an organisation) from another; its values are never
        shown
    standard : str
        Column with the standard that was checked
    result : str, optional
        Column with the answer: met, not met, not applicable, refused, or your own codes
    wave : str
        Column with the round of the audit
    team : str, optional
        Column with the team; teams are allowed for, and compared as a funnel
    met : str, optional
        Where rows are counts: column with how many met the standard
    applicable : str, optional
        Where rows are counts: column with to how many it applied
    composite : str, optional
        Where rows are counts: the standard that counts those who met all of them, if it is known
    codes : mapping, optional
        Your answer → met, partly met, not met, not recorded, refused or not applicable
    missing : str
        An answer that is not recorded: not_met (the convention of clinical audit) or leave_out
    refused : str
        An answer of refused: leave_out (the standard does not apply), not_met, or met (where the
        standard asks for an offer)
    partly : str
        An answer of partly met: not_met or met
    waves : mapping or sequence of str, optional
        The waves, earliest first, and what each is called on the page; nothing means the order of
        the years or numbers in their names
    compare : sequence of str, optional
        Two waves (by their names on the page) whose change is asked for; nothing means the first
        and the last
    standards : mapping or sequence of str, optional
        The standards in order, and what each is called on the page; nothing means all of the table
    same_units : bool
        Whether a record of one wave is the same patient or organisation in the others
    types : str, optional
        Column with the type of each standard, for audits of services
    thresholds : mapping, optional
        Type → share of its standards that accreditation asks for; nothing means 1.0 of type 1, 0.8
        of type 2 and 0.6 of type 3
    locality : str, optional
        Column with the area, for access across areas
    access_standards : sequence of str, optional
        With locality: the standards (by their names on the page) that are about access; nothing
        means all of them
    outcome : str
        What it is to have all standards met, in plain words; of one standard alone its name
    setting : str
        For whom or where, in plain words
    called : str
        What the records are, in the plural, such as patients or services
    standards_called : str
        What the standards are called, in the plural, such as checks or criteria
    teams_called : str
        What the teams are called, in the plural, such as wards or areas
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    confidence : float
        Level of the intervals

    Returns
    -------
    AuditResult
        In ``points`` a row a wave and standard; ``teams`` is ready for `qi.funnel`.

    Raises
    ------
    DataError
        If a column is missing, an answer is not known, a record has two answers to one standard in
        one wave, or a count cannot be.
    ParameterError
        If the order of the waves is not clear, or a parameter has no meaning.
    CannotEvaluate
        If nothing applies to anybody.

    Notes
    -----
    Shares: Wilson. Composite: all or none of the standards that apply; from counts alone its bounds
    max(0, Σp - (k - 1)) and min p, team by team. Change: those in both waves first; teams as
    clusters (GEE, bias-corrected) with at least four teams, Tango's interval for pairs and
    McNemar's test for the same units, Newcombe's for independent records. McNemar's test is clear
    just where its interval leaves out no change; the verdict is that of the interval.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209. Newcombe 1998, Stat Med 17:857 and 873. Tango 1998, Stat
    Med 17:891. McNemar 1947, Psychometrika 12:153. Nolan and Berwick 2006, JAMA 295:1168 (all or
    none). Mancl and DeRouen 2001, Biometrics 57:126.
    """
    asked = recorded(audit, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    columns = Columns(standard, wave, unit, result, team, met, applicable, types, locality)
    rules = Rules(missing, refused, partly)
    _check(columns, composite, confidence)
    if not records.index.is_unique:  # tables that were put together
        records = records.reset_index(drop=True)
    table, names = tidy(records, columns, waves, standards, composite)
    pair = compared(list(names.waves.values()), compare)
    answers, empty = None, 0
    if columns.counted:
        tally, empty = counts_of(records, table, columns)
    else:
        answers = Answers.of(records, table, columns, names, codes)
        tally = answers.tally(rules)
    if tally.empty:
        raise CannotEvaluate(
            "No standard applies to anybody: there is nothing to divide by.",
            remedy="Check `codes`, and how answers that are not recorded count (`missing`).",
        )
    type_of = type_of_standards(table) if types is not None else {}
    thresholds = thresholds_of(set(type_of.values()), thresholds) if type_of else {}
    data = AuditData(tally, answers, rules, names, pair, columns, same_units, confidence, empty)
    if not data.shared:
        raise CannotEvaluate(
            "No standard was asked for in every wave, so the waves have nothing in common.",
            found=f"waves {listed(data.waves)}",
            remedy="Give a standard one name in all waves (`standards`), or choose waves that "
            "asked for the same (`where`).",
        )
    if data.main != COMPOSITE and outcome == ALL_MET:
        outcome = data.main
    made = AuditResult(
        params={
            **asked,
            "outcome": outcome,
            "codes": dict(codes or {}),
            "waves": data.waves,
            "compare": list(pair or ()),
            "standards": data.standards,
            "thresholds": thresholds,
            "access_standards": list(access_standards or ()),
        },
        points=tables.points_table(data),
        estimates=tables.audit_estimates(data),
        shared=tuple(data.shared),
        changes=data.changes,
        by_team=tables.by_team_table(data),
        by_wave=tables.by_wave_table(data),
        took_part=tables.took_part_table(data),
        sensitivity=tables.sensitivity_table(data),
        one_short=tables.one_short_table(data),
        short=tables.short_table(data),
        **{  # type: ignore[arg-type]  # names of tables alone
            name: tables.with_declared_columns(name, rows)
            for name, rows in services_of(
                data, type_of, thresholds, list(access_standards or ())
            ).items()
        },
    )
    return made.with_checks(checks_of(made, data))


def _check(columns: Columns, composite: str | None, confidence: float) -> None:
    if not is_number(confidence) or not 0.5 <= confidence < 1:
        raise ParameterError("`confidence` lies between 0.5 and 1.", found=repr(confidence))
    if composite is not None and not columns.counted:
        raise ParameterError(
            "`composite` is for tables of counts.",
            remedy="Leave it out: with a row an answer, the composite is computed.",
        )
    if columns.counted and columns.types is not None:
        raise ParameterError(
            "`types` needs one row an answer: from counts nobody can tell which organisation "
            "reaches a threshold.",
        )
