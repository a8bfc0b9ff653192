"""Options that the single fit and the panel share: refused alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from qieval.core.columns import is_number
from qieval.core.counts import Counts
from qieval.core.errors import ParameterError, require_one_of


def require_options(confidence: Any, counts: Any, transition: Any = 0, lag: Any = 0) -> None:
    """Refuse options without a meaning.

    Raises
    ------
    ParameterError
        With the option, and what it may be.
    """
    if counts is not None:
        require_one_of("counts", counts, get_args(Counts))
    for name, count in [("transition", transition), ("lag", lag)]:
        if not is_number(count, whole=True) or count < 0:
            raise ParameterError(
                f"`{name}` must be a whole number of periods, 0 or more.", found=repr(count)
            )
    if not is_number(confidence) or not 0.5 <= confidence < 1:
        raise ParameterError(
            "`confidence` must lie between 0.5 and 1.", found=repr(confidence), remedy="Use 0.95."
        )


def horizons_of(given: Any) -> list[int]:
    """Horizons as a list, whether one was given, several or none.

    Raises
    ------
    ParameterError
        If they are no whole numbers.
    """
    several = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    found = [] if given is None else list(given) if several else [given]
    if not all(is_number(k, whole=True) for k in found):
        raise ParameterError(
            "`horizon` must be a whole number of periods, or several.",
            found=repr(given),
            remedy="Give a number from 1 on, or leave it out for all periods after the change.",
        )
    return [int(k) for k in found]
