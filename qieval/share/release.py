"""A result as it may be passed on: what its declared tables count is withheld or rounded.

The rule is applied to every data frame of a result at once, since the same number in two tables
must be withheld in both. Words, shares and figures are computed from what is left
(:mod:`qieval.core.withheld`); estimates of models stay as they are.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Hashable
from itertools import permutations
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from qieval.catalogue import checks_from_tables
from qieval.core.checks import CHECK_COLUMNS, Check
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ReleaseError
from qieval.core.grouped import DIFFERENCE_OF_SHARES
from qieval.core.proportions import Ends, difference, difference_p, wilson
from qieval.core.result import People, Result
from qieval.core.tables import Declaration
from qieval.core.withheld import (
    WITHHELD_COUNT,
    Release,
    agreed,
    without_figures,
)
from qieval.share.profiles import Profile, profile_named
from qieval.share.shown_counts import per_of
from qieval.share.suppress import rounded
from qieval.share.withholding import COUNTED, OF_SHARES, Frames, counts_of, masks_of

R = TypeVar("R", bound=Result)
Records = list[dict[Hashable, Any]]

_ENDS = ("estimate", "ci_low", "ci_high")
"""Columns of an estimate and both ends of its interval."""

_SAME = 1e-9
"""Two differences of shares that are nearer are the same one."""


def release(result: R, profile: str = "mhsds") -> R:
    """A result with its counts withheld or rounded; what follows from them is computed again.

    Parameters
    ----------
    result : Result
        With exact figures.
    profile : {"mhsds", "hes", "ons10", "internal"}
        Which counts are withheld, and how others are rounded.

    Returns
    -------
    Result
        Of the same kind. Withheld figures are missing in its data frames, and its ``release`` says
        which they are and by which rule.

    Raises
    ------
    ParameterError
        If the profile is not known.
    ReleaseError
        If each point of its figure is one person's.
    """
    rule = profile_named(profile)
    if result.release is not None:
        return result
    if rule.withholds and result.one_person_a_point:
        raise ReleaseError(
            "A chart of single events is not passed on: each of its points is one person's.",
            remedy="Count the events by month or quarter, and draw these.",
        )
    parts = {name: _released_parts(value, profile) for name, value in result._parts()}
    exact = {one.frame: _plain(getattr(result, one.frame)) for one in result.declarations()}
    counted = rule.withholds and result.counts_people
    if counted:
        exact |= {
            one.frame: _merged_steps(one, exact[one.frame], rule)
            for one in result.declarations()
            if one.steps and len(exact[one.frame])
        }
        exact["estimates"] = _without_told(result, exact["estimates"], rule)
    per = {name: per_of(result, frame) for name, frame in exact.items()}
    counts = {
        one.frame: counts_of(one, exact[one.frame], per[one.frame]) for one in result.declarations()
    }
    masks = masks_of(result, exact, counts, rule) if counted else {}
    frames = {
        name: _shown(one, exact[name], counts[name], masks[name], rule, per[name])
        for one in result.declarations()
        if (name := one.frame) in masks
    }
    again = result.made_again(frames, parts) if counted else {}
    masks |= {name: exact[name].notna() & frame.isna() for name, frame in again.items()}
    frames |= again
    if counted and "estimates" in frames and not _of_a_model(result):
        frames["estimates"] = _differences_again(frames, exact)
    if counted and result.limits_by_size:
        frames |= _limits_again(frames, result.limits_by_size)
    verdict = result.verdict
    stamp = Release(
        rule.name,
        rule.version,
        rule.source,
        {name: _places(mask) for name, mask in masks.items()},
        verdict.kind,
        verdict.certainty,
        verdict.alone,
        verdict.aim.status,
        sustained=verdict.sustained.status,
    )
    fields: dict[str, Any] = {
        name: frame.set_index(index) if (index := getattr(result, name).index.name) else frame
        for name, frame in frames.items()
    }
    fields |= parts | (_scalars(result, rule) if counted else {})
    fields |= {"last": last} if (last := _last_shown(result, frames)) else {}
    released = dataclasses.replace(result, release=stamp, **fields)
    return _with_checks(released, result) if counted else released


def _without_told(result: Result, estimates: pd.DataFrame, rule: Profile) -> pd.DataFrame:
    """Estimates without those that tell by being there that a small number is not nought."""
    gone = [
        term
        for term, field in result.told_by.items()
        if rule.least <= attrgetter(field)(result) <= rule.most
    ]
    return estimates[~estimates["term"].isin(gone)].reset_index(drop=True)


def _last_shown(result: Result, frames: Frames) -> dict[str, float]:
    """Of curves, the last time that is shown of each group."""
    last: dict[str, float] = {}
    for declared in result.declarations():
        if declared.steps and declared.frame in frames and hasattr(result, "last"):
            (by,) = declared.by
            times = frames[declared.frame].groupby(by)[declared.steps].max()
            last = {str(group): float(time) for group, time in times.items()}
    return last


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reset_index(drop=not frame.index.name)


def _places(mask: pd.DataFrame) -> dict[str, list[int]]:
    places = {str(name): np.flatnonzero(mask[name]).tolist() for name in mask.columns}
    return {name: rows for name, rows in places.items() if rows}


def _released_parts(value: Any, profile: str) -> Any:
    """Results that a result holds, released as it is."""
    if isinstance(value, dict):
        return {name: release(one, profile) for name, one in value.items()}
    return release(value, profile)


def _of_a_model(result: Result) -> bool:
    """Whether its estimates are those of a model, and no sums of counts."""
    return any(one.model for one in result.declarations() if one.frame == "estimates")


# ---- what is shown -----------------------------------------------------------------------------


def _shown(
    declared: Declaration,
    exact: pd.DataFrame,
    counts: pd.DataFrame,
    mask: pd.DataFrame,
    rule: Profile,
    per: float | pd.Series,
) -> pd.DataFrame:
    """A data frame with its counts rounded, its shares computed from them, and gaps in it."""
    shown = exact.copy()
    names = {c.name: c for c in declared.columns}
    for name in counts.columns:
        if name == "estimate" and names["estimate"].role != "count":
            continue
        whole = rounded(counts[name], rule.round_to)
        if declared.model and names[name].role == "denominator":
            whole = whole / per
        elif declared.model and names[name].of in exact:
            whole = _rates(exact[name], counts[name], whole)
            if names[name].of in counts:  # else the rate would give its exact denominator back
                whole = whole * _enlarged(counts[names[name].of], rule)
        whole = whole.where(counts[name].notna(), exact[name])
        shown[name] = _as_before(whole, exact[name])
    if declared.model and "centre" in exact and "denominator" in counts:
        narrower = np.sqrt(_enlarged(counts["denominator"], rule))
        for end in _LIMITS & {*exact.columns}:
            beyond = (exact[end] - exact["centre"]) * narrower
            shown[end] = (exact["centre"] + beyond).where(exact[end] != 0, exact[end])
    shown = _shares_again(shown, declared)
    if "estimate" in counts and names["estimate"].role != "count":
        shown = _estimates_again(shown, counts["estimate"], rule)
    shown = _changes_again(shown, declared)
    for column in declared.columns:
        if column.name in mask and mask[column.name].any():
            shown[column.name] = shown[column.name].astype(float).mask(mask[column.name])
    for column in declared.columns:
        if column.role == "label" and column.of in mask and column.name in shown:
            gone = mask[column.of].to_numpy(dtype=bool)
            shown[column.name] = shown[column.name].mask(gone, _UNTOLD.get(column.name, False))
    return shown


def _enlarged(counts: pd.Series, rule: Profile) -> pd.Series:
    """Exact counts as multiples of the rounded ones; 1 where there is nothing to compare."""
    whole = rounded(counts, rule.round_to)
    return (counts / whole.where(whole > 0)).fillna(1.0)


_LIMITS = {"lower", "upper", "lower_1s", "upper_1s", "lower_2s", "upper_2s"}
"""Limits whose distance from the centre line goes with one over the root of a row's size."""

_UNTOLD = {"point_type": "common_cause", "flag": ""}
"""What stands in a row whose count is withheld for a word that follows from the count."""


def _as_before(values: pd.Series, exact: pd.Series) -> pd.Series:
    whole = pd.api.types.is_integer_dtype(exact) and values.notna().all()
    return values.astype("int64") if whole else values


def _rates(values: pd.Series, numbers: pd.Series, whole: pd.Series) -> pd.Series:
    """Rates of rounded numbers, per as many as the exact ones."""
    with np.errstate(divide="ignore", invalid="ignore"):
        per = values.to_numpy(dtype=float) / numbers.to_numpy(dtype=float)
    return pd.Series(np.where(numbers == 0, 0.0, per * whole), values.index)


def _limits_again(frames: Frames, curve: str) -> Frames:
    """Limits of released sizes: those of the exact ones, and where they end, would tell the sizes.

    They are read off the curve of all sizes, whose grid is one between released sizes.
    """
    limits, points = frames[curve], frames["points"]
    shown = points["denominator"].astype(float)
    known, sizes = shown[shown > 0], limits["denominator"].to_numpy(dtype=float)
    if known.empty:
        return {curve: limits.iloc[:0]}
    grid = np.geomspace(_FROM * known.min(), known.max(), len(sizes))
    at_sizes, at_grid = {}, {"denominator": grid}
    for name in limits.columns.drop("denominator"):
        own = limits[name].to_numpy(dtype=float)
        at_grid[name] = np.interp(grid, sizes, own)
        at_sizes[name] = np.where(shown.notna(), np.interp(shown, sizes, own), np.nan)
    again = pd.DataFrame(at_grid)[list(limits.columns)]
    return {curve: again, "points": points.assign(**at_sizes)}


_FROM = 0.8
"""Below the smallest size that is shown, the curve of limits begins at this part of it."""


def _shares_again(rows: pd.DataFrame, declared: Declaration) -> pd.DataFrame:
    """Shares and their Wilson intervals, from the counts beside them."""
    rows = rows.copy()
    for column in declared.columns:
        above, slash, below = column.of.partition("/")
        if column.role != "share" or not slash or below not in rows:
            continue
        met, of = rows[above].to_numpy(dtype=float), rows[below].to_numpy(dtype=float)
        ends = np.array(
            [
                wilson(min(a, b), b, CONFIDENCE) if b > 0 else (np.nan,) * 3
                for a, b in zip(met, of, strict=True)
            ]
        ).reshape(-1, 3)
        whole = column.format.endswith("%") or bool(rows[column.name].dropna().le(1).all())
        rows[column.name] = ends[:, 0] if whole else met / of
        for role, values in (("ci_low", ends[:, 1]), ("ci_high", ends[:, 2])):
            for end in declared.columns:
                if end.of == column.name and end.role == role:
                    rows[end.name] = values if whole else np.nan
    return rows


def _estimates_again(shown: pd.DataFrame, counts: pd.Series, rule: Profile) -> pd.DataFrame:
    """Shares among the estimates, from rounded counts."""
    again = shown[list(_ENDS)].to_numpy(dtype=float, copy=True)
    factors = np.where(shown["unit"].astype(str).str.startswith("%"), 100.0, 1.0)
    numbers = shown["n"].to_numpy(dtype=float)
    for row in np.flatnonzero(counts.notna()):
        met = min(float(rounded(counts.to_numpy()[row], rule.round_to)), numbers[row])
        ends = wilson(met, numbers[row], CONFIDENCE) if numbers[row] > 0 else (np.nan,) * 3
        known = np.isfinite(again[row])
        again[row] = np.where(known, factors[row] * np.array(ends), np.nan)
    return shown.assign(**dict(zip(_ENDS, again.T, strict=True)))


_DIFFERENCES = (DIFFERENCE_OF_SHARES, "percentage points")
"""Units of a difference of two shares among the estimates: as shares, and times 100."""


def _changes_again(shown: pd.DataFrame, declared: Declaration) -> pd.DataFrame:
    """Differences of the two shares of a row, from the shares as they are released.

    Beside two shares of rounded counts the exact difference would give both counts back.
    """
    shares = [c for c in declared.columns if c.role == "share" and "/" in c.of]
    names = [c.name for c in declared.columns if "percentage points" in c.head]
    if len(names) != 1 or declared.model or len(shares) < 2:
        return shown
    before, after = (tuple(one.of.split("/")) for one in shares[:2])
    low, high = (c.name for c in declared.columns if c.of == names[0])
    rows = []
    for row in shown.to_dict("records"):
        first, then = ((float(row[met]), float(row[of])) for met, of in (before, after))
        if np.isfinite(row[names[0]]) and first[1] > 0 and then[1] > 0:
            exact = Ends(row[names[0]], row[low], row[high])
            method = str(row.get("method", "Newcombe"))
            again, p_value = _difference(first, then, exact, method)
            row |= dict(zip((names[0], low, high), again, strict=True))
            if "p_value" in row:
                row["p_value"] = p_value if np.isfinite(row["p_value"]) else np.nan
        rows.append(row)
    return pd.DataFrame(rows, columns=shown.columns).astype(
        shown.dtypes.drop("p_value", errors="ignore")
    )


def _difference(
    before: tuple[float, float], after: tuple[float, float], exact: Ends, method: str
) -> tuple[Ends, float]:
    """A difference of released shares, with its interval, and its p value.

    An interval that another method took from more than these counts is moved with its estimate and
    told in whole points. One that would tell the other way than the verdict is left out.
    """
    value = after[0] / after[1] - before[0] / before[1]
    if method.startswith("Newcombe"):
        again, p_value = difference(before, after, CONFIDENCE), difference_p(before, after)
    else:
        low, high = (round(end + value - exact.value, 2) for end in exact[1:])
        again, p_value = Ends(value, low, high), np.nan
    if (exact.low * exact.high > 0) != (again.low * again.high > 0):
        return Ends(value, np.nan, np.nan), np.nan
    return again, p_value


def _differences_again(frames: Frames, exact: Frames) -> pd.DataFrame:
    """Differences of shares among the estimates: those of the tables, or of two shares beside them.

    Without either, whole points.
    """
    before = exact["estimates"].to_dict("records")
    rows = frames["estimates"].to_dict("records")
    for old, row in zip(before, rows, strict=True):
        if old["unit"] not in _DIFFERENCES or not np.isfinite(row["estimate"]):
            continue
        factor = 1.0 if old["unit"] == DIFFERENCE_OF_SHARES else 100.0
        ends = Ends(*(old[name] / factor for name in _ENDS))
        known = _of_a_table(ends.value, frames, exact)
        if known is None and (pair := _pair_of(old["estimate"], before, rows)):
            parts = [(one["estimate"] / factor * one["n"], one["n"]) for one in pair]
            known = _difference(parts[0], parts[1], ends, old["method"])
        again, p_value = known or (Ends(*(round(end, 2) for end in ends)), np.nan)
        row |= {name: factor * value for name, value in zip(_ENDS, again, strict=True)}
        row["p_value"] = p_value
        if old["method"].startswith(OF_SHARES) and np.isfinite(old["se"]):
            half = factor * (again.high - again.low) / 2
            row["se"] = half / float(ndtri(0.5 + CONFIDENCE / 2))
    return pd.DataFrame(rows, columns=frames["estimates"].columns)


def _pair_of(change: float, before: Records, rows: Records) -> Records:
    """The released rows of the two shares whose exact difference a change is; none if unknown."""
    shares = [at for at, old in enumerate(before) if str(old["method"]).startswith("Wilson")]
    for one, other in permutations(shares, 2):
        if abs(before[other]["estimate"] - before[one]["estimate"] - change) < _SAME:
            pair = [rows[one], rows[other]]
            if all(np.isfinite(row["estimate"]) and row["n"] > 0 for row in pair):
                return pair
    return []


def _of_a_table(value: float, frames: Frames, exact: Frames) -> tuple[Ends, float] | None:
    """The released difference whose exact value this is, of a table of changes."""
    for name, frame in frames.items():
        if name != "estimates" and {*_ENDS, "p_value"} <= set(frame):
            same = np.flatnonzero((exact[name]["estimate"].astype(float) - value).abs() < _SAME)
            if len(same):
                row = frame.iloc[same[0]]
                return Ends(*(float(row[end]) for end in _ENDS)), float(row["p_value"])
    return None


def _merged_steps(declared: Declaration, curve: pd.DataFrame, rule: Profile) -> pd.DataFrame:
    """Survival curves whose every step is of enough people: a step of one is one person.

    A curve keeps its first row, and each row with which enough have ended since the one before it.
    """
    ended, at_risk = (
        next(column.name for column in declared.columns if column.role == role) for role in COUNTED
    )
    rows = []
    share = next(column.name for column in declared.columns if column.name == "share")
    for _, own in curve.groupby(list(declared.by), sort=False, dropna=False):
        waiting, since = 0, None
        # Where few are left, the height of the curve is their number.
        own = own[own[share] * float(own[at_risk].iloc[0]) > rule.most]
        for place, row in enumerate(own.to_dict("records")):
            waiting += row[ended]
            since = row[at_risk] if since is None else since
            if (place == 0 and not waiting) or waiting > rule.most:
                rows.append({**row, at_risk: since, ended: waiting})
                waiting, since = 0, None
    return pd.DataFrame(rows, columns=curve.columns).astype(curve.dtypes)


# ---- numbers in fields, and checks ---------------------------------------------------------------


def _scalars(result: Result, rule: Profile) -> dict[str, Any]:
    """Counts of people that stand in fields, and records that hold some."""
    fields: dict[str, Any] = {}
    hints = typing.get_type_hints(type(result), include_extras=True)
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if hints[field.name] == People:
            fields[field.name] = _scalar(value, rule)
        elif field.name == "notes":
            fields[field.name] = tuple(note for note in value if without_figures(note) == note)
        elif dataclasses.is_dataclass(value) and not isinstance(value, Result | Release):
            inner = typing.get_type_hints(type(value), include_extras=True)
            again = {n: _scalar(getattr(value, n), rule) for n, h in inner.items() if h == People}
            texts = {
                n: tuple(note for note in getattr(value, n) if without_figures(note) == note)
                for n, h in inner.items()
                if again and h == tuple[str, ...]
            }
            fields[field.name] = dataclasses.replace(typing.cast(Any, value), **again, **texts)
    return fields


def _scalar(count: int, rule: Profile) -> int:
    """A rounded count; a small one is marked as withheld."""
    if rule.least <= count <= rule.most:
        return WITHHELD_COUNT
    return int(rounded(count, rule.round_to))


def _with_checks(released: R, exact: Result) -> R:
    """Checks with the status of the exact figures, and words of the released ones."""
    again = _checks_again(released)
    rows = []
    for check in (Check(*row) for row in exact.checks[CHECK_COLUMNS].to_numpy().tolist()):
        if check.id in exact.checks_kept:
            detail: str | None = check.detail
        elif again is None:
            detail = without_figures(check.detail)
        else:  # what released tables do not tell any more is not said
            detail = again.get((check.id, check.check))
        if detail:
            rows.append((check.id, check.check, check.status, detail))
    return dataclasses.replace(released, checks=pd.DataFrame(rows, columns=CHECK_COLUMNS))


def _checks_again(released: Result) -> dict[tuple[str, str], str] | None:
    """Words of the checks made of released tables; None where they are made of more than these."""
    make = checks_from_tables(released)
    if make is None:
        return None
    ones, others = (list(make(copy)) for copy in released.filled_copies)
    named = {(check.id, check.check): check for check in others}
    both = [(one.id, one.check) for one in ones if (one.id, one.check) in named]
    said = {(one.id, one.check): one.detail for one in ones}
    return {about: agreed(said[about], named[about].detail) for about in both}
