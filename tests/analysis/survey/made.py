"""Responses made for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

ORDER = ("poor", "fair", "good", "very good")


def expanded(counts: Mapping[str, Sequence[int]], order: Sequence[str]) -> pd.DataFrame:
    """One row a person: wave → how many chose each level of one item, ``item``."""
    rows = [
        {"wave": wave, "item": level}
        for wave, numbers in counts.items()
        for level, number in zip(order, numbers, strict=True)
        for _ in range(number)
    ]
    return pd.DataFrame(rows)


def responses(
    people: int = 60,
    wards: Sequence[str] = ("Ash", "Beech", "Cedar"),
    waves: Sequence[str] = ("2018", "2019"),
    seed: int = 7,
    shift: float = 0.0,
) -> pd.DataFrame:
    """Answers to two items by ward and wave, `people` in each; the later wave is better by shift.

    ``shift`` is a log odds ratio: the latent variable is logistic.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for place, wave in enumerate(waves):
        for ward in wards:
            latent = rng.logistic(size=(people, 2)) + shift * place
            levels = np.digitize(latent, [-1.0, 0.0, 1.0])
            parts.append(
                pd.DataFrame(
                    {
                        "wave": wave,
                        "ward": ward,
                        "food": np.array(ORDER)[levels[:, 0]],
                        "garden": np.array(ORDER)[levels[:, 1]],
                        "comment": "my neighbour snores",
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
