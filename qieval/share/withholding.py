"""Which figures of a result's data frames a release withholds, all of them at once.

First what each frame counts, then which counts are small or would give a small one away, in their
own frame and in others; then what follows from these: shares, estimates, whole columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from qieval.core.result import Result
from qieval.core.tables import Among, Column, Declaration, Sum
from qieval.share.profiles import Profile
from qieval.share.suppress import SCALES, CountTable, Place, rounded, withheld_counts

COUNTED = ("count", "denominator")
_NEAR = 1e-6
OF_SHARES = ("Newcombe", "Tango", "McNemar")
"""Methods of differences that are computed from the counts of two shares alone."""

_FIGURES = ["estimate", "ci_low", "ci_high", "se", "p_value"]
"""What of a row of the estimates is withheld together."""

Frames = dict[str, pd.DataFrame]


# ---- what is counted ---------------------------------------------------------------------------


def counts_of(
    declared: Declaration, frame: pd.DataFrame, per: float | pd.Series = 1.0
) -> pd.DataFrame:
    """The counts of a data frame as whole numbers; of a rate, the number that it was computed of.

    A column that holds anything else than whole numbers counts nobody: the median wait of a month,
    the expected number of a standardised rate. In a series each group is judged for itself.

    Parameters
    ----------
    declared : Declaration
        What its columns are.
    frame : DataFrame
        With its index as a column.
    per : float or Series
        By how much the denominators of a series are divided, all of them or row by row.
    """
    counts = {}
    by = np.broadcast_to(np.asarray(per, dtype=float), len(frame))
    for column in declared.columns:
        if column.role not in COUNTED or column.name not in frame:
            continue
        values = pd.to_numeric(frame[column.name], errors="coerce").to_numpy(dtype=float)
        if declared.frame == "estimates" and column.name == "n" and "estimate" not in counts:
            counts["estimate"] = _share_counts(frame)
        if column.name == "estimate":  # beside counts there may be differences of them
            counts["estimate"] = np.where((values >= 0) & (values % 1 == 0), values, np.nan)
        elif declared.model:
            counts[column.name] = _of_series(declared, frame, column, values, by)
        elif _all_whole(values):
            counts[column.name] = values
    known = {name: values for name, values in counts.items() if np.isfinite(values).any()}
    return pd.DataFrame(known, index=frame.index)


def _of_series(
    declared: Declaration, frame: pd.DataFrame, column: Column, values: np.ndarray, per: np.ndarray
) -> np.ndarray:
    """What the values of each group of a series count; nan where they count nobody."""
    groups = [name for name in declared.by if name in frame]
    places = frame.groupby(groups, sort=False, dropna=False).indices if groups else {}
    counts = np.full(len(values), np.nan)
    for rows in places.values() or [np.arange(len(values))]:
        own = values[rows]
        if column.role == "denominator":
            divided = not (own[np.isfinite(own)] == 1).all()  # 1 stands where nothing was divided
            own = _rounded_off(own * per[rows]) if divided else np.full(len(own), np.nan)
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
    for scale in SCALES:
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


# ---- what is withheld --------------------------------------------------------------------------


def masks_of(result: Result, exact: Frames, counts: Frames, rule: Profile) -> Frames:
    """Which cells of each data frame are withheld.

    Parameters
    ----------
    result : Result
        With exact figures.
    exact : dict of DataFrame
        Its data frames, each with its index as a column.
    counts : dict of DataFrame
        What each of them counts (:func:`counts_of`).
    rule : Profile
        Which counts are small.
    """
    declared = {one.frame: one for one in result.declarations()}
    ties = list(_ties(declared, exact, counts))
    groups = _tied_together(declared, ties)
    gone: Frames = {}
    linked = {name: pd.DataFrame(False, t.index, t.columns) for name, t in counts.items()}
    changed = set(declared)
    while changed:
        for group in groups:
            if changed & {*group}:
                frames = {name: declared[name] for name in group}
                gone |= _withheld(frames, exact, counts, ties, rule, linked)
        again = _elsewhere(declared, exact, counts, gone, groups)
        changed = {name for name, mask in again.items() if (mask & ~gone[name]).to_numpy().any()}
        linked = again
    masks = {name: _followed(declared[name], exact[name], gone[name]) for name in declared}
    masks = _estimates_too(declared, exact, masks)
    if result.middle == "median" and masks["points"]["value"].any():
        _withhold_centres(exact, masks, rule)
    if result.middle == "mean" and "value" in counts.get("points", ()):
        _withhold_means(declared, exact, masks, counts["points"]["value"], rule)
    if result.limits_by_size and rule.round_to > 1:  # a z score would give the exact counts back
        for name in declared["points"].running:
            masks["points"][name] |= exact["points"][name].notna()
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


def _withhold_means(
    declared: Mapping[str, Declaration],
    exact: Frames,
    masks: Frames,
    numbers: pd.Series,
    rule: Profile,
) -> None:
    """A mean is a sum: with how many points it is of, and these, it may tell one that is withheld.

    So what is estimated of such a phase goes with its points, and what compares phases with it.
    """
    phase = [*declared["points"].by, "phase"]
    of_point, of_phase = (
        pd.MultiIndex.from_frame(exact[name][phase]) for name in ("points", "estimates")
    )
    gone = masks["points"]["value"]
    told = [
        one
        for one in of_point[gone].unique()
        if rule.round_to == 1  # beside exact counts the mean leaves nothing to guess
        or _told_by_their_sum(numbers[of_point == one], gone[of_point == one], rule)
    ]
    rows = {"points": of_point.isin(told), "estimates": of_phase.isin(told)}
    rows |= {name: np.full(len(exact[name]), len(told) > 0) for name in ("shifts", "lasting")}
    for name, hidden in rows.items():
        for column in _estimated(declared[name]):
            masks[name][column] |= hidden & exact[name][column].notna()


def _told_by_their_sum(numbers: pd.Series, gone: pd.Series, rule: Profile) -> bool:
    """Whether the sum of some counts is small itself, or leaves a withheld one too few numbers."""
    known = numbers.notna()
    counts, hidden = numbers[known].to_numpy(dtype=float), gone[known].to_numpy(dtype=bool)
    total = counts.sum()
    if rule.least <= total <= rule.most:
        return True
    shown, slack = rounded(counts, rule.round_to), rule.round_to // 2
    low = np.where(hidden, 0, np.maximum(shown - slack, 0))
    high = np.where(hidden, np.where(counts <= rule.most, rule.most, np.inf), shown + slack)
    others = [np.delete(high, place).sum() for place in range(len(high))]
    most = np.minimum(high, total - (low.sum() - low))
    least = np.maximum(low, total - np.array(others))
    return bool(((most - least + 1 < rule.fewest) & hidden).any())


def _estimated(declared: Declaration) -> list[str]:
    """The columns that are computed of points; a target is none."""
    roles = ("estimate", "ci_low", "ci_high")
    return [one.name for one in declared.columns if one.role in roles and one.name != "target"]


def _withhold_all(what: str, exact: Frames, masks: Frames) -> None:
    """Withhold a whole column, "frame.column", or rows of the estimates, "estimates:term"."""
    frame, _, name = what.partition(".")
    if name:
        masks[frame][name] |= exact[frame][name].notna()
        return
    term = what.partition(":")[2]
    rows = exact["estimates"]["term"].astype(str).str.startswith(term)
    for column in _FIGURES:
        masks["estimates"][column] |= rows


Tie = dict[Place, float]


def _ties(declared: Mapping[str, Declaration], exact: Frames, counts: Frames) -> Iterator[Tie]:
    """The sums that are declared, row by row: each count, and how often it is counted."""
    for name, own in declared.items():
        for one in own.sums:
            of = one.frame or name
            if not ({one.total, *one.less} <= {*counts[name]} and {*one.parts} <= {*counts[of]}):
                continue
            rows = _rows_of(exact[name], one.where)
            parts = _parts_of(declared, exact, name, one) if one.frame else {n: [n] for n in rows}
            for row in rows:
                tie = {(of, part, column): 1.0 for part in parts[row] for column in one.parts}
                tie |= {(name, row, column): -1.0 for column in one.less} if tie else {}
                if tie:
                    yield tie | {(name, row, one.total): -1.0}


def _rows_of(frame: pd.DataFrame, among: Among) -> list[int]:
    """Rows with some labels."""
    meant = np.ones(len(frame), dtype=bool)
    for name, labels in among:
        meant &= frame[name].astype(str).isin(labels).to_numpy()
    return np.flatnonzero(meant).tolist()


def _parts_of(
    declared: Mapping[str, Declaration], exact: Frames, name: str, one: Sum
) -> dict[int, list[int]]:
    """Row of a total → the rows of another data frame that have the same labels."""
    whole, parts = exact[name], exact[one.frame]
    same = [
        label
        for label in declared[one.frame].by
        if label in whole and label in parts and label not in one.over
    ]
    rows: dict[tuple[str, ...], list[int]] = {}
    meant = set(_rows_of(parts, one.among))
    for row, labels in enumerate(parts[same].astype(str).itertuples(index=False, name=None)):
        if row in meant:
            rows.setdefault(labels, []).append(row)
    wanted = whole[same].astype(str).itertuples(index=False, name=None)
    return {row: rows.get(labels, []) for row, labels in enumerate(wanted)}


def _tied_together(declared: Mapping[str, Declaration], ties: Iterable[Tie]) -> list[set[str]]:
    """Data frames whose counts are withheld together, since sums tie them to one another."""
    groups = [{name} for name in declared]
    for names in {frozenset(place[0] for place in tie) for tie in ties}:
        touched = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names] + [set().union(*touched)]
    return groups


def _withheld(
    declared: Mapping[str, Declaration],
    exact: Frames,
    counts: Frames,
    ties: Sequence[Tie],
    rule: Profile,
    linked: Frames,
) -> Frames:
    """Which counts of some data frames are withheld: small ones, and others for their sake."""
    tables = {}
    for name, one in declared.items():
        searched = not (one.steps or one.model or name == "estimates")
        also = linked[name] if searched else linked[name] | _left_over(one, counts[name], rule)
        shares = [column.of.split("/") for column in one.columns if column.role == "share"]
        pairs = [(pair[0], pair[-1]) for pair in shares if {*pair} <= {*counts[name].columns}]
        labels = exact[name][[label for label in one.by if label in exact[name]]]
        tables[name] = CountTable(
            labels,
            counts[name],
            tuple(pairs) if searched else (),
            elsewhere=also,
            searched=searched,
        )
    own = [tie for tie in ties if any(place[0] in declared for place in tie)]
    return withheld_counts(tables, own, rule)


def _left_over(declared: Declaration, counts: pd.DataFrame, rule: Profile) -> pd.DataFrame:
    """Numerators of a series of shares whose remainder is small: 38 of 40 tells of 2 people.

    Rounding leaves enough values for the remainder; exact counts leave one.
    """
    gone = pd.DataFrame(False, index=counts.index, columns=counts.columns)
    for column in declared.columns if declared.model and rule.round_to == 1 else ():
        if column.role == "count" and {column.name, column.of} <= {*counts.columns}:
            rest = counts[column.of] - counts[column.name]
            if not (rest < 0).any():
                gone[column.name] |= rest.between(rule.least, rule.most)
    return gone


def _elsewhere(
    declared: Mapping[str, Declaration],
    exact: Frames,
    counts: Frames,
    gone: Frames,
    groups: Sequence[set[str]],
) -> Frames:
    """Counts that repeat a withheld one of another data frame: the same number, a shared label.

    Not where sums tie both data frames: these say which of their counts are the same.
    """
    known: dict[tuple[float, str], set[int]] = {}
    labels = {name: _labels(declared[name], exact[name]) for name in declared}
    group_of = {name: place for place, group in enumerate(groups) for name in group}
    for name, mask in gone.items():
        for row, column in zip(*np.nonzero(mask.to_numpy(dtype=bool)), strict=True):
            value = float(counts[name].to_numpy()[row, column])
            for label in labels[name][row]:
                known.setdefault((value, label), set()).add(group_of[name])
    linked = {}
    for name, table in counts.items():
        own = {group_of[name]} if len(groups[group_of[name]]) > 1 else set()
        cells = [
            [any(known.get((float(n), one), own) - own for one in of_row) for n in row]
            for row, of_row in zip(table.to_numpy(dtype=float), labels[name], strict=True)
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
        if column.name not in frame or column.role not in ("share", "estimate"):
            continue
        named = [name for name in column.of.split("/") if name in gone]
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
        for name in _FIGURES:
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
    differences = np.flatnonzero(estimates["method"].astype(str).str.startswith(OF_SHARES))
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
    for name in _FIGURES:
        mask[name] |= gone
