"""Groups too small to be shown: merged with others, or left out, so that no subtraction tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Small = Literal["merge", "suppress"]

EVERYBODY = "Everybody"
NOT_RECORDED = "not recorded"
"""Group of people whose group is blank."""


@dataclass(frozen=True)
class Grouping:
    """Which groups are shown.

    Attributes
    ----------
    shown : tuple of str
        In the order of their names; merged groups last. Empty: none may be shown.
    called : dict
        The table's group → what it is shown as; "" where it is shown nowhere.
    small : tuple of str
        Groups with too few answers.
    joined : tuple of str
        Groups merged or left out with them, so that nobody can subtract.
    """

    shown: tuple[str, ...]
    called: dict[str, str]
    small: tuple[str, ...]
    joined: tuple[str, ...]


def grouping_of(answers: pd.DataFrame, smallest: int, small: Small, others: str) -> Grouping:
    """Which groups can be shown apart.

    Parameters
    ----------
    answers : DataFrame
        A row a person and item: ``wave, group, item, place`` (see :mod:`.scale`).
    smallest : int
        Fewest answers to an item, in a wave, that may be shown.
    small : str
        merge or suppress.
    others : str
        What merged groups are called.

    Notes
    -----
    A group is as large as the smallest number that would be shown of it, over waves and items.
    Groups left out together hold at least `smallest` answers: with one small group alone its
    answers would be everybody's less those of the groups shown. So the next smallest joins it.
    """
    sizes = _sizes(answers, smallest)
    names = sorted(sizes)
    few = tuple(name for name in names if sizes[name] < smallest)
    hidden = [*few]
    left = sorted((name for name in names if name not in hidden), key=lambda n: (sizes[n], n))
    while hidden and left and _size_together(answers, hidden, smallest) < smallest:
        hidden.append(left.pop(0))
    apart = [name for name in names if name not in hidden]
    joined = tuple(sorted(set(hidden) - set(few)))
    if len(apart) + bool(hidden) < 2:
        return Grouping((), dict.fromkeys(names, ""), few, joined)
    merged = others if small == "merge" else ""
    called = {name: merged if name in hidden else name for name in names}
    shown = (*apart, *([others] if hidden and small == "merge" else []))
    return Grouping(shown, called, few, joined)


def _sizes(answers: pd.DataFrame, smallest: int) -> dict[str, int]:
    """Smallest number of answers of each group over waves and items (and of its people)."""
    level = answers[answers["place"] >= 0]
    answered = level.groupby(["wave", "item"])["place"].transform("size")
    # What is shown of nobody, because too few gave any answer, need not count here.
    counts = level[answered >= smallest].groupby(["group", "wave", "item"]).size()
    least = counts.groupby("group").min()
    people = answers.groupby(["group", "wave"])["person"].nunique().groupby("group").min()
    return {
        str(name): int(min(people[name], least.get(name, 0))) for name in answers["group"].unique()
    }


def _size_together(answers: pd.DataFrame, names: list[str], smallest: int) -> int:
    together = answers[answers["group"].isin(names)].assign(group="")
    return _sizes(together, smallest)[""]
