"""A result as it may be passed on: what its declared tables count is withheld or rounded.

The rule is applied to every data frame of a result at once, since the same number in two tables
must be withheld in both. Words, shares and figures are computed from what is left
(:mod:`qieval.core.withheld`); estimates of models stay as they are.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from qieval.catalogue import checks_from_tables
from qieval.core.checks import CHECK_COLUMNS, Check
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ReleaseError
from qieval.core.proportions import wilson
from qieval.core.result import People, Result
from qieval.core.tables import Column, Declaration
from qieval.core.withheld import (
    MARK,
    WITHHELD_COUNT,
    Release,
    agreed,
    shares_again,
    without_figures,
)
from qieval.share.auditor import PublishedTable
from qieval.share.profiles import Profile, profile_named
from qieval.share.suppress import rounded, withheld_counts

R = TypeVar("R", bound=Result)

_COUNTED = ("count", "denominator")
_NEAR = 1e-6
_SCALES = (1, 100, 1_000, 10_000, 100_000)
"""What a value of a series is per: one, a hundred, a thousand people."""

_OF_SHARES = ("Newcombe", "Tango", "McNemar")
"""Methods of differences that are computed from the counts of two shares alone."""

Frames = dict[str, pd.DataFrame]


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
    masks = _masks(result, exact, rule) if counted else {}
    frames = {
        one.frame: _shown(one, exact[one.frame], masks[one.frame], rule, _per(result))
        for one in result.declarations()
        if one.frame in masks
    }
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


# ---- what is withheld --------------------------------------------------------------------------


def _masks(result: Result, exact: Frames, rule: Profile) -> dict[str, pd.DataFrame]:
    """Which cells of each data frame are withheld."""
    declared = {one.frame: one for one in result.declarations()}
    counts = {name: _counts_of(one, exact[name], _per(result)) for name, one in declared.items()}
    gone: Frames = {}
    linked = {name: pd.DataFrame(False, t.index, t.columns) for name, t in counts.items()}
    changed = set(declared)
    while changed:
        gone |= {
            name: _withheld(
                declared[name],
                exact[name],
                counts[name],
                rule,
                linked[name],
            )
            for name in changed
        }
        again = _elsewhere(declared, exact, counts, gone)
        changed = {name for name, mask in again.items() if (mask & ~gone[name]).to_numpy().any()}
        linked = again
    masks = {name: _followed(declared[name], exact[name], gone[name]) for name in declared}
    masks = _estimates_too(declared, exact, masks)
    if result.centre_is_a_value and masks["points"]["value"].any():
        _withhold_centres(exact, masks, rule)
    for column, others in result.follows.items():
        frame, _, name = column.partition(".")
        if name in masks[frame] and masks[frame][name].any():
            for other in others:
                _withhold_all(other, exact, masks)
    return masks


def _withhold_centres(exact: Frames, masks: Frames, rule: Profile) -> None:
    """A median of counts is one of them: a small one says that half of the points are no larger."""
    by = exact["points"]["denominator"]
    small = (by.isna() | by.eq(1)) & exact["points"]["centre"].le(rule.most)
    masks["points"]["centre"] |= small
    if small.any():
        for column in ("estimate", "centre"):
            masks["estimates"][column] |= exact["estimates"][column].le(rule.most)


def _withhold_all(what: str, exact: Frames, masks: Frames) -> None:
    """Withhold a whole column, "frame.column", or rows of the estimates, "estimates:term"."""
    frame, _, name = what.partition(".")
    if name:
        masks[frame][name] |= exact[frame][name].notna()
        return
    term = what.partition(":")[2]
    rows = exact["estimates"]["term"].astype(str).str.startswith(term)
    for column in ("estimate", "ci_low", "ci_high", "se", "p_value"):
        masks["estimates"][column] |= rows


def _per(result: Result) -> float:
    """By how much the denominators of a series are divided."""
    per = result.params.get("per")
    return float(per) if isinstance(per, int | float) and per else 1.0


def _counts_of(declared: Declaration, frame: pd.DataFrame, per: float = 1.0) -> pd.DataFrame:
    """The counts of a data frame as whole numbers; of a rate, the number that it was computed of.

    A column that holds anything else than whole numbers counts nobody: the median wait of a month,
    the expected number of a standardised rate. In a series each group is judged for itself. A
    series holds its denominators divided by `per`.
    """
    counts = {}
    for column in declared.columns:
        if column.role not in _COUNTED or column.name not in frame:
            continue
        values = pd.to_numeric(frame[column.name], errors="coerce").to_numpy(dtype=float)
        if declared.frame == "estimates" and column.name == "n" and "estimate" not in counts:
            counts["estimate"] = _share_counts(frame)
        if column.name == "estimate":  # beside counts there may be differences of them
            counts["estimate"] = np.where((values >= 0) & (values % 1 == 0), values, np.nan)
        elif declared.model:
            counts[column.name] = _of_series(declared, frame, column, values, per)
        elif _all_whole(values):
            counts[column.name] = values
    known = {name: values for name, values in counts.items() if np.isfinite(values).any()}
    return pd.DataFrame(known, index=frame.index)


def _of_series(
    declared: Declaration, frame: pd.DataFrame, column: Column, values: np.ndarray, per: float
) -> np.ndarray:
    """What the values of each group of a series count; nan where they count nobody."""
    groups = [name for name in declared.by if name in frame]
    places = frame.groupby(groups, sort=False, dropna=False).indices if groups else {}
    counts = np.full(len(values), np.nan)
    for rows in places.values() or [np.arange(len(values))]:
        own = values[rows]
        if column.role == "denominator":
            divided = not (own[np.isfinite(own)] == 1).all()  # 1 stands where nothing was divided
            own = _rounded_off(own * per) if divided else np.full(len(own), np.nan)
        elif column.of in frame and frame[column.of].iloc[rows].notna().any():
            own = _numerators(own, frame[column.of].iloc[rows])
        if _all_whole(own):
            counts[rows] = own
    return counts


def _rounded_off(numbers: np.ndarray) -> np.ndarray:
    """Numbers that are whole but for what a division left of them, as whole ones."""
    whole = numbers.round()
    near = np.abs(numbers - whole) <= _NEAR * np.maximum(1, np.abs(whole))
    return np.where(near & ((whole != 0) | (numbers == 0)), whole, numbers)


def _all_whole(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) and (known >= 0).all() and (known == known.round()).all())


def _numerators(values: np.ndarray, denominator: pd.Series) -> np.ndarray:
    """What a series of rates counts; the rates themselves if they are no such rates."""
    of = pd.to_numeric(denominator, errors="coerce").to_numpy(dtype=float)
    for scale in _SCALES:
        numbers = _rounded_off(values * of / scale)
        if _all_whole(numbers):
            return numbers
    return values


def _share_counts(estimates: pd.DataFrame) -> np.ndarray:
    """Numerators of the estimates that are shares of counts; nan where they are none."""
    value = estimates["estimate"].to_numpy(dtype=float)
    unit = estimates["unit"].astype(str)
    share = value / np.where(unit.str.startswith("%"), 100, 1)
    numbers = share * estimates["n"].to_numpy(dtype=float)
    whole = np.abs(numbers - numbers.round()) < _NEAR * np.maximum(1, np.abs(numbers))
    shares = (unit.str.startswith("%") | unit.str.startswith("share of")).to_numpy()
    return np.where(shares & whole & (share >= 0) & (share <= 1), numbers.round(), np.nan)


def _withheld(
    declared: Declaration,
    frame: pd.DataFrame,
    counts: pd.DataFrame,
    rule: Profile,
    linked: pd.DataFrame,
) -> pd.DataFrame:
    """Which counts of one data frame are withheld: small ones, and others for their sake."""
    if counts.empty or not len(counts.columns):
        return pd.DataFrame(False, index=frame.index, columns=counts.columns)
    if declared.steps or declared.model or declared.frame == "estimates":
        small = counts.ge(rule.least) & counts.le(rule.most)
        return small | linked
    labels = frame[[name for name in declared.by if name in frame]]
    shares = [column.of.split("/") for column in declared.columns if column.role == "share"]
    pairs = [(pair[0], pair[-1]) for pair in shares if {*pair} <= {*counts.columns}]
    return withheld_counts(labels, counts, pairs, rule, elsewhere=linked)


def _elsewhere(
    declared: Mapping[str, Declaration], exact: Frames, counts: Frames, gone: Frames
) -> Frames:
    """Counts that repeat a withheld one of another data frame: the same number, a shared label."""
    known: set[tuple[float, str]] = set()
    labels = {name: _labels(declared[name], exact[name]) for name in declared}
    for name, mask in gone.items():
        for row, column in zip(*np.nonzero(mask.to_numpy(dtype=bool)), strict=True):
            value = float(counts[name].to_numpy()[row, column])
            known |= {(value, label) for label in labels[name][row]}
    linked = {}
    for name, table in counts.items():
        cells = [
            [any((float(value), label) in known for label in own) for value in row]
            for row, own in zip(table.to_numpy(dtype=float), labels[name], strict=True)
        ]
        linked[name] = pd.DataFrame(cells, table.index, table.columns, dtype=bool)
    return linked


def _labels(declared: Declaration, frame: pd.DataFrame) -> list[tuple[str, ...]]:
    names = [name for name in declared.by if name in frame]
    return [tuple(map(str, row)) or ("",) for row in frame[names].itertuples(index=False)]


def _followed(declared: Declaration, frame: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """The same for all columns: shares and estimates go with the counts that they give away."""
    mask = pd.DataFrame(False, index=frame.index, columns=frame.columns)
    for name in gone.columns:
        mask[name] |= gone[name]
    of_row = gone.any(axis=1) if len(gone.columns) else pd.Series(False, frame.index)
    for column in declared.columns:
        if column.name not in frame or column.role not in ("share", "estimate", "number"):
            continue
        named = [name for name in column.of.split("/") if name in gone]
        if column.role == "number":
            continue
        if named:
            mask[column.name] |= gone[named].any(axis=1)
        elif not declared.model and not declared.steps:
            mask[column.name] |= of_row
    for name in declared.running:
        mask[name] |= bool(of_row.any())
    roles = {column.name: column.role for column in declared.columns}
    if declared.frame == "estimates" and roles["estimate"] == "count" and "estimate" in gone:
        mask["estimate"] |= bool(gone["estimate"].any())
    if declared.model and "denominator" in gone:  # limits are computed of a row's own size
        for column in declared.columns:
            if column.role == "estimate" and column.name not in ("centre", "target"):
                mask[column.name] |= gone["denominator"]
            if column.role in ("ci_low", "ci_high") and column.name in mask:
                mask[column.name] |= gone["denominator"]
    for column in declared.columns:
        if column.role in ("ci_low", "ci_high") and column.name in frame and column.of in mask:
            mask[column.name] |= mask[column.of]
    if declared.frame == "estimates" and not declared.model:
        for name in ("ci_low", "ci_high", "se", "p_value", "estimate"):
            mask[name] |= mask["estimate"]
    return mask


def _estimates_too(
    declared: Mapping[str, Declaration], exact: Frames, masks: Frames
) -> dict[str, pd.DataFrame]:
    """Estimates that repeat a withheld figure of another table, or a difference of two shares."""
    figures = {
        round(factor * value, 9)
        for name, mask in masks.items()
        for column in declared[name].columns
        if column.role in ("estimate", "share") and column.name in mask and not declared[name].steps
        for value in exact[name].loc[mask[column.name], column.name].astype(float)
        if value and np.isfinite(value)
        for factor in (1, 100)
    }
    for name, mask in masks.items():
        for column in declared[name].columns:
            if column.role == "estimate" and column.name in mask and not _own(declared[name]):
                values = pd.to_numeric(exact[name][column.name], errors="coerce").round(9)
                mask[column.name] |= values.isin(figures)
        if name == "estimates" and not declared[name].model:
            _differences(exact[name], mask)
    return masks


def _own(declared: Declaration) -> bool:
    """Whether the estimates of a data frame are nobody else's: of a model, or times of a curve."""
    return declared.model or bool(declared.steps)


def _differences(estimates: pd.DataFrame, mask: pd.DataFrame) -> None:
    """A difference of two shares is withheld with either of them."""
    value = estimates["estimate"].to_numpy(dtype=float)
    wilson_rows = np.flatnonzero(estimates["method"].astype(str).str.startswith("Wilson"))
    gone = mask["estimate"].to_numpy(dtype=bool, copy=True)
    differences = np.flatnonzero(estimates["method"].astype(str).str.startswith(_OF_SHARES))
    for row in differences:
        pairs = [
            (a, b)
            for a in wilson_rows
            for b in wilson_rows
            if a != b and abs(value[b] - value[a] - value[row]) < _NEAR
        ]
        gone[row] |= any(gone[a] or gone[b] for a, b in pairs)
    # Changes of shares of a whole add up to nothing, so that one follows from the others.
    gone[differences] |= gone[differences].any()
    for name in ("estimate", "ci_low", "ci_high", "se", "p_value"):
        mask[name] = mask[name].to_numpy(dtype=bool) | gone


# ---- what is shown -----------------------------------------------------------------------------


def _shown(
    declared: Declaration, exact: pd.DataFrame, mask: pd.DataFrame, rule: Profile, per: float
) -> pd.DataFrame:
    """A data frame with its counts rounded, its shares computed from them, and gaps in it."""
    shown = exact.copy()
    counts = _counts_of(declared, exact, per)
    names = {c.name: c for c in declared.columns}
    for name in counts.columns:
        if name == "estimate" and names["estimate"].role != "count":
            continue
        whole = rounded(counts[name], rule.round_to)
        if declared.model and names[name].role == "denominator":
            whole = whole / per
        elif declared.model and names[name].of in exact:
            whole = _rates(exact[name], counts[name], whole)
        whole = whole.where(counts[name].notna(), exact[name])
        shown[name] = _as_before(whole, exact[name])
    everywhere = {c.name: list(range(len(shown))) for c in declared.columns if c.role == "share"}
    shown = shares_again(shown, declared, everywhere)
    if "estimate" in counts and names["estimate"].role != "count":
        shown = _estimates_again(shown, counts["estimate"], rule)
    for column in declared.columns:
        if column.name in mask and mask[column.name].any():
            shown[column.name] = shown[column.name].astype(float).mask(mask[column.name])
    for column in declared.columns:
        if column.role == "label" and column.of in mask and column.name in shown:
            gone = mask[column.of].to_numpy(dtype=bool)
            shown[column.name] = shown[column.name].mask(gone, _UNTOLD.get(column.name, False))
    return shown


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


def _estimates_again(shown: pd.DataFrame, counts: pd.Series, rule: Profile) -> pd.DataFrame:
    """Shares among the estimates, from rounded counts."""
    again = shown[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float, copy=True)
    factors = np.where(shown["unit"].astype(str).str.startswith("%"), 100.0, 1.0)
    numbers = shown["n"].to_numpy(dtype=float)
    for row in np.flatnonzero(counts.notna()):
        met = min(float(rounded(counts.to_numpy()[row], rule.round_to)), numbers[row])
        ends = wilson(met, numbers[row], CONFIDENCE) if numbers[row] > 0 else (np.nan,) * 3
        known = np.isfinite(again[row])
        again[row] = np.where(known, factors[row] * np.array(ends), np.nan)
    return shown.assign(**dict(zip(("estimate", "ci_low", "ci_high"), again.T, strict=True)))


def _merged_steps(declared: Declaration, curve: pd.DataFrame, rule: Profile) -> pd.DataFrame:
    """Survival curves whose every step is of enough people: a step of one is one person.

    A curve keeps its first row, and each row with which enough have ended since the one before it.
    """
    ended, at_risk = (
        next(column.name for column in declared.columns if column.role == role) for role in _COUNTED
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


# ---- for the auditor -----------------------------------------------------------------------------


def published_tables(result: Result, data: str) -> list[PublishedTable]:
    """The tables of a released result as the auditor takes them: what readers see of its counts.

    Parameters
    ----------
    result : Result
        Released.
    data : str
        Which data it was made from; the same label of the same data is the same people.
    """
    assert result.release is not None
    rule = profile_named(result.release.profile)
    tables = []
    for declared in result.declarations():
        if not declared.by or declared.model or declared.steps or not result.counts_people:
            continue
        frame = _plain(getattr(result, declared.frame))
        counts = tuple(_counts_of(declared, frame).columns)
        shared = declared.frame in (
            "points",
            "by_team",
        )  # of the others the sums mean something else
        gone = result.release.withheld.get(declared.frame, {})
        rows = frame[[name for name in declared.by if name in frame]].astype(str)
        for name in counts:
            cells = frame[name].astype(object)
            cells[[cells.index[row] for row in gone.get(name, ())]] = MARK
            rows[name if shared else f"{declared.frame}: {name}"] = cells
        counts = counts if shared else tuple(f"{declared.frame}: {name}" for name in counts)
        if counts and len(rows):
            withheld = (rule.least, None)
            name = f"{data}: {declared.frame}"
            tables.append(
                PublishedTable(
                    name, rows, counts, round_to=rule.round_to, withheld=withheld, data=data
                )
            )
    return tables
