"""Audits of services: standards by type, accreditation, gaps, and access across localities."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import Answers
from qieval.analysis.audit.methods.audit_data import AuditData
from qieval.analysis.audit.methods.intervals import score
from qieval.analysis.audit.methods.rules import NOT_ASKED, Rules
from qieval.core.errors import DataError, ParameterError, listed, require_one_of
from qieval.core.proportions import wilson
from qieval.core.words import many

THRESHOLDS = {"1": 1.0, "2": 0.8, "3": 0.6}
"""Share of the standards of each type that accreditation asks for (Royal College of Psychiatrists,
College Centre for Quality Improvement): all of type 1, 80 % of type 2, 60 % of type 3."""

EVERY_TYPE = "every type"


def type_of_standards(table: pd.DataFrame) -> dict[str, str]:
    """Standard → its type.

    Raises
    ------
    DataError
        If a standard has several types.
    """
    pairs = table[["standard", "type"]].drop_duplicates()
    twice = pairs["standard"][pairs["standard"].duplicated()]
    if len(twice):
        raise DataError(
            "A standard has more than one type.",
            found=f"{many(twice.nunique(), 'standard')} of {pairs['standard'].nunique():,}",
            remedy="Give it the same type in every row.",
        )
    return dict(zip(pairs["standard"], pairs["type"], strict=True))


def thresholds_of(types: set[str], given: Mapping[str, float] | None) -> dict[str, float]:
    """Type → share of its standards that must be met.

    Raises
    ------
    ParameterError
        If a type has no threshold, or a threshold is no share.
    """
    wanted = {str(name): float(share) for name, share in (given or THRESHOLDS).items()}
    for name, share in wanted.items():
        if not 0 < share <= 1:
            raise ParameterError(
                f"`thresholds` of type `{name}` is a share above 0 and up to 1.",
                found=repr(share),
                remedy="Write 80 per cent as 0.8.",
                where="thresholds",
            )
    without = sorted(types - set(wanted))
    if without:
        raise ParameterError(
            f"There is no threshold for type {listed(without)}.",
            found=f"thresholds for {listed(wanted)}",
            remedy='Give every type one: `thresholds: {"1": 1.0, "2": 0.8, "3": 0.6}`.',
            where="thresholds",
        )
    return {name: wanted[name] for name in wanted if name in types}


def services_of(
    data: AuditData,
    type_of: Mapping[str, str],
    thresholds: Mapping[str, float],
    about_access: list[str],
) -> dict[str, pd.DataFrame]:
    """Accreditation (with types), gaps, and access (with localities); empty where not asked for."""
    answers, rules = data.answers, data.rules
    nothing = pd.DataFrame()
    if answers is None:
        return {"accreditation": nothing, "gaps": nothing, "access": nothing}
    by_place = data.columns.locality is not None
    for name in about_access:
        require_one_of("access_standards", name, data.standards)
    return {
        "accreditation": accreditation(answers, rules, type_of, thresholds, data.confidence)
        if thresholds
        else nothing,
        "gaps": gaps(answers, rules, type_of, data.latest, localities=by_place)
        if thresholds
        else nothing,
        "access": access(answers, rules, about_access or data.standards, data.confidence)
        if by_place
        else nothing,
    }


def accreditation(
    answers: Answers,
    rules: Rules,
    type_of: Mapping[str, str],
    thresholds: Mapping[str, float],
    confidence: float,
) -> pd.DataFrame:
    """By wave and type: standards, share of answers met, organisations that reach the threshold.

    The last row of a wave asks for every type at once. A type of which nothing applies to an
    organisation is no hurdle to it.
    """
    values = answers.values(rules)
    rows: list[dict[str, object]] = []
    for wave in answers.who["wave"].unique():
        here = (answers.who["wave"] == wave).to_numpy()
        asked = (answers.states[here] != NOT_ASKED).any(axis=0).to_numpy()
        reached = np.full((int(here.sum()), len(thresholds)), np.nan)
        for place, (name, threshold) in enumerate(thresholds.items()):
            of_type = np.array([type_of[one] == name for one in answers.states.columns]) & asked
            block = values[here][:, of_type]
            applicable = (~np.isnan(block)).sum(axis=1)
            met = np.nansum(block, axis=1)
            share = np.divide(met, applicable, out=np.full(len(met), np.nan), where=applicable > 0)
            # 4 of 5 is 0.8, although computers hold it a hair off
            reached[:, place] = np.where(np.isnan(share), np.nan, share >= threshold - 1e-9)
            rows.append(
                {
                    "wave": wave,
                    "type": name,
                    "standards": int(of_type.sum()),
                    "threshold": threshold,
                    "met": met.sum(),
                    "applicable": int(applicable.sum()),
                    **_reached(reached[:, place], confidence),
                }
            )
        every = np.where(np.isnan(reached), 1.0, reached).min(axis=1)
        every = np.where(np.isnan(reached).all(axis=1), np.nan, every)
        rows.append(
            {
                "wave": wave,
                "type": EVERY_TYPE,
                "standards": int(asked.sum()),
                "threshold": np.nan,
                "met": np.nansum(values[here]),
                "applicable": int((~np.isnan(values[here])).sum()),
                **_reached(every, confidence),
            }
        )
    return pd.DataFrame(rows)


def _reached(which: np.ndarray, confidence: float) -> dict[str, float]:
    known = which[~np.isnan(which)]
    ends = wilson(float(known.sum()), len(known), confidence)
    return {
        "units": len(known),
        "reached": int(known.sum()),
        "share": ends.value,
        "low": ends.low,
        "high": ends.high,
    }


def gaps(
    answers: Answers, rules: Rules, type_of: Mapping[str, str], wave: str, *, localities: bool
) -> pd.DataFrame:
    """Standards of a wave, those not met most often first; the units are not told apart.

    ``nowhere_in``: localities where it applies to somebody and nobody meets it.
    """
    here = answers.keep((answers.who["wave"] == wave).to_numpy())
    values = pd.DataFrame(here.values(rules), columns=here.states.columns)
    rows = []
    for standard, column in values.items():
        applicable = column.dropna()
        if applicable.empty:
            continue
        by_place = applicable.groupby(here.who["locality"]).max() if localities else pd.Series()
        rows.append(
            {
                "standard": standard,
                "type": type_of.get(str(standard), ""),
                "unmet": int((applicable == 0).sum()),
                "applicable": len(applicable),
                "share_unmet": float((applicable == 0).mean()),
                "partly": int((here.states[str(standard)] == "partly met").sum()),
                "nowhere_in": "; ".join(sorted(by_place[by_place == 0].index)),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values("share_unmet", ascending=False, kind="stable", ignore_index=True)


def access(answers: Answers, rules: Rules, standards: list[str], confidence: float) -> pd.DataFrame:
    """By wave and locality: of all that should be there, how much is; units are the clusters."""
    values = answers.values(rules, standards)
    table = answers.who[["wave", "locality"]].assign(
        met=np.nansum(values, axis=1), asked=(~np.isnan(values)).sum(axis=1)
    )
    rows = []
    for (wave, locality), part in table[table["asked"] > 0].groupby(
        ["wave", "locality"], sort=False
    ):
        met, asked = (part[name].to_numpy(dtype=float) for name in ("met", "asked"))
        ends, _ = score(met, asked, confidence)
        rows.append(
            {
                "wave": wave,
                "locality": locality,
                "units": len(part),
                "met": met.sum(),
                "asked": asked.sum(),
                "share": ends.value,
                "low": ends.low,
                "high": ends.high,
            }
        )
    return pd.DataFrame(rows).sort_values("locality", kind="stable", ignore_index=True)
