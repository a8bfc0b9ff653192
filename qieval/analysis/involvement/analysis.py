"""Involvement: how people who use the service took part, stage by stage. Descriptive only.

No score and no ranking: which level suits a stage is for those involved to say. A stage without a
row is "not recorded", which is neither "none" nor a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.analysis.involvement.checks import checks_of
from qieval.analysis.involvement.tables import NOT_RECORDED, counts_table, points_table
from qieval.analysis.involvement.words import InvolvementResult
from qieval.core.columns import different
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.intake.tables import KINDS
from qieval.intake.tables.faults import conformed

STAGES = (
    *("choosing the problem", "setting the aim", "designing the change", "testing"),
    *("measuring", "making sense of results", "spreading"),
)
LEVELS = ("none", "informed", "consulted", "co-designed", "led")
_PAID = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}


@public
def involvement(
    log: pd.DataFrame,
    *,
    stages: Mapping[str, str] | Sequence[str] = STAGES,
    levels: Mapping[str, str] | Sequence[str] = LEVELS,
    codes: Mapping[str, str] | None = None,
    outcome: str = "Involvement of people who use the service",
    setting: str = "",
) -> InvolvementResult:
    """How people who use the service took part, by stage of the work and level.

    Parameters
    ----------
    log : DataFrame
        One row an occasion (or a stage): `stage`, `level` and, as far as they are known, `date`,
        `who`, `people` and `paid`; blank means not recorded. The table is not changed.
    stages : mapping or list of str
        The stages in their order, as in the log; or each with what it is called on the page
    levels : mapping or list of str
        The levels in their order, the first meaning that nobody took part; or each with what it is
        called on the page
    codes : mapping, optional
        Another spelling in the log → the stage, level, or yes or no (paid) that it means
    outcome : str
        What the page is about, in plain words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    InvolvementResult
        One point a stage and level; every occasion in ``occasions``.

    Raises
    ------
    CannotEvaluate
        If the log holds no row.
    DataError
        If a stage, level or word for paid is not known; with the parameter that maps it.
    ParameterError
        If two stages or levels have one name, or `codes` maps to none of them.
    """
    asked = recorded(involvement, locals())
    if log.empty:
        raise CannotEvaluate(
            "The log holds no row, so involvement is not recorded for any stage.",
            remedy="One row an occasion is needed: the stage of the work (`stage`) and how far "
            f"people took part (`level`): {', '.join(_named(levels, 'levels'))}.",
        )
    names = {"stage": _named(stages, "stages"), "level": _named(levels, "levels")}
    meant = _codes(codes, names)
    table = conformed(log, KINDS["involvement"], "the log")
    occasions = pd.DataFrame(
        {
            "stage": _decoded(table["stage"], names["stage"], meant, "stage", "stages"),
            "level": _decoded(table["level"], names["level"], meant, "level", "levels"),
            "date": table["date"],
            "who": table["who"].astype(object).fillna(NOT_RECORDED),
            "people": table["people"],
            "paid": _decoded(table["paid"], _PAID, meant, "paid", "codes"),
        }
    )
    place = {stage: at for at, stage in enumerate(names["stage"].values())}
    step = {level: at for at, level in enumerate(names["level"].values())}
    order = occasions.assign(a=occasions["stage"].map(place), b=occasions["level"].map(step))
    order = order.sort_values(["a", "date", "b", "who", "people", "paid"], kind="stable")
    occasions = order.drop(columns=["a", "b"]).reset_index(drop=True)
    return InvolvementResult(
        params={**asked, "stages": names["stage"], "levels": names["level"]},
        points=points_table(occasions, names),
        estimates=counts_table(occasions, names),
        checks=checks_of(occasions),
        occasions=occasions,
    )


def _named(given: Mapping[str, str] | Sequence[str], parameter: str) -> dict[str, str]:
    """Name in the log → name on the page, in order."""
    pairs = dict(given) if isinstance(given, Mapping) else {name: name for name in given}
    named = {str(key): str(value) for key, value in pairs.items()}
    count = len(given)
    if count < 2 or len(named) < count or len(set(named.values())) < count:
        raise ParameterError(
            f"`{parameter}` needs two or more names, each once.",
            found=listed(given),
            where=parameter,
        )
    return named


def _codes(codes: Mapping[str, str] | None, names: Mapping[str, dict[str, str]]) -> dict[str, str]:
    """Another spelling, in small letters → the name in the log that it means."""
    known = [*names["stage"], *names["level"], "yes", "no"]
    for meaning in (codes or {}).values():
        if meaning not in known:
            guess = nearest(str(meaning), known)
            raise ParameterError(
                f"`codes` maps to `{meaning}`, which is no stage, level, yes or no.",
                found=listed(known),
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="codes",
            )
    return {str(code).strip().lower(): meaning for code, meaning in (codes or {}).items()}


def _decoded(
    cells: pd.Series,
    known: Mapping[str, str],
    codes: Mapping[str, str],
    column: str,
    parameter: str,
) -> pd.Series:
    """Cells under their names on the page; blank: not recorded."""
    plain = {name.lower(): on_page for name, on_page in known.items()}
    meant = cells.str.lower().replace(dict(codes)).str.lower()
    decoded = meant.map(plain)
    unknown = (cells.notna() & decoded.isna()).to_numpy()
    if unknown.any():
        raise DataError(
            f"`{column}` holds what is not known.",
            found=different(cells, unknown),
            remedy="Say what it means, as in `codes: {as in the log: "
            + f"{next(iter(known))}}}`"
            + (f"; or add it to `{parameter}`." if parameter != "codes" else ".")
            + f" Known: {listed(known)}.",
            where="the log",
        )
    return decoded.astype(object).fillna(NOT_RECORDED)
