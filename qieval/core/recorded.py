"""What an analysis was asked, recorded from its call instead of typed a second time.

The first line of an analysis function is ``asked = recorded(function, locals())``: its keyword
arguments, defaults included, as plain values for the ``params`` of its result. What only the
analysis can settle (a default that depends on the data) is added when the result is made:
``params={**asked, "by": groups}``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def recorded(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a call of `function`, as plain values, in the signature's order.

    Parameters
    ----------
    function : callable
        The analysis. Only its keyword-only arguments are recorded: the table that comes before them
        is data, not a parameter.
    given : mapping
        ``locals()``, taken in the first line of the function, before any name is bound anew.

    Returns
    -------
    dict
        Text, numbers, truth values, None, lists and mappings only; dates as ``2020-03-01``.

    Raises
    ------
    TypeError
        If an argument is missing in `given` or has no plain form: a mistake in the analysis.
    """
    names = [
        argument.name
        for argument in inspect.signature(function).parameters.values()
        if argument.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    missing = [name for name in names if name not in given]
    if missing:
        raise TypeError(
            f"`{function.__name__}` takes {missing}, which `given` does not hold: call "
            f"`recorded({function.__name__}, locals())` in its first line."
        )
    return {name: plain(given[name], name) for name in names}


def plain(value: Any, name: str = "value") -> Any:
    """A value as JSON and YAML can hold it; a table becomes the list of its rows.

    Raises
    ------
    TypeError
        If the value has no plain form; `name` says which it is.
    """
    if isinstance(value, pd.DataFrame):
        return [plain(row, name) for row in value.to_dict("records")]
    if isinstance(value, pd.Series | pd.Index | np.ndarray):
        return [plain(item, name) for item in value.tolist()]
    if isinstance(value, Mapping):
        return {str(plain(key, name)): plain(item, name) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime):  # a Timestamp is one; its midnight means the day
        text = value.isoformat()
        return text.removesuffix("T00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item, name) for item in value]
    raise TypeError(f"`{name}` cannot be recorded: a {type(value).__name__} has no plain form.")
