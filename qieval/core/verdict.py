"""The verdict of a result: one judgement, which page, index, forest plot and roll-up all read.

Nothing else judges: a headline words the verdict, a card shows its word and shape, the programme
counts verdicts. What a verdict rests on was declared before anyone looked (the primary quantity).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from qieval.core.estimates import Estimate
from qieval.core.sustained import ADDED, Sustained

Kind = Literal["improved", "worse", "changed", "no clear change", "described", "cannot tell"]
Certainty = Literal["clear", "with reservations", "not tested"]
AimStatus = Literal["reached", "not reached", "cannot tell", "none"]
Direction = Literal["lower", "higher", "neutral"]

State = Literal[
    "improved",
    "worse",
    "changed",
    "changed, not alone",
    "no clear change",
    "described",
    "cannot tell",
]
STATES: dict[State, str] = {
    "improved": "improved",
    "worse": "became worse",
    "changed": "changed; whether for better or worse cannot be said",
    "changed, not alone": "changed, but something else changed at the same time",
    "no clear change": "a change can be neither shown nor ruled out",
    "described": "described, not tested",
    "cannot tell": "cannot be determined from these data",
}
"""The states of a verdict, and what each means; counts and marks go by them."""

AIMS: dict[AimStatus, str] = {
    "reached": "Aim reached",
    "not reached": "Aim not reached",
    "cannot tell": "Whether the aim was reached cannot be determined",
    "none": "",
}


@dataclass(frozen=True)
class AimVerdict:
    """Whether the project's aim was reached.

    Attributes
    ----------
    status : "reached", "not reached", "cannot tell" or "none"
        "none": the project states no aim for this measure.
    aim : str
        The aim in words.
    wanted : float
        The figure that was to be reached; nan if the aim gives none.
    seen : float
        The figure that was seen; nan if none can be compared.
    unit : str
        Unit of both.
    on : date or None
        The day or first day of the period that `seen` is about.
    by : date or None
        When it was to be reached.
    because : str
        Against which figure it was judged, or why it cannot be told; one sentence.
    """

    status: AimStatus = "none"
    aim: str = ""
    wanted: float = np.nan
    seen: float = np.nan
    unit: str = ""
    on: date | None = None
    by: date | None = None
    because: str = ""

    @property
    def words(self) -> str:
        """One or two sentences for the page; "" where there is no aim."""
        if self.status == "none":
            return ""
        return f"{AIMS[self.status]}: {self.because}" if self.because else f"{AIMS[self.status]}."


@dataclass(frozen=True)
class Verdict:
    """What a result says, in one place.

    Attributes
    ----------
    kind : str
        improved, worse, changed, no clear change, described (nothing was tested) or cannot tell.
    certainty : "clear", "with reservations" or "not tested"
        Clear: the primary quantity was tested, and no check speaks against it. With reservations: a
        check that bears on the answer warns or fails. Not tested: no test was made.
    alone : bool or None
        Whether nothing else is recorded that could explain the change; None if nobody listed other
        events, or it does not matter because nothing changed.
    term : str
        The estimate that it rests on; "" if it rests on none.
    size : Estimate or None
        That estimate.
    aim : AimVerdict
        Whether the aim was reached.
    words : str
        A few words for a cell of a table, such as "3 of 5 better"; "" for the kind itself.
    sustained : Sustained
        Whether the change lasted.
    """

    kind: Kind
    certainty: Certainty = "clear"
    alone: bool | None = None
    term: str = ""
    size: Estimate | None = None
    aim: AimVerdict = AimVerdict()
    words: str = ""
    sustained: Sustained = field(default=Sustained(), metadata={ADDED: True})

    @property
    def state(self) -> State:
        """What a mark shows and a count counts.

        A change beside another change is neither praised nor blamed: what brought it about cannot
        be told.
        """
        return "changed, not alone" if self.claims and self.alone is False else self.kind

    @property
    def label(self) -> str:
        """What a cell or a card says."""
        return self.words or self.state

    @property
    def claims(self) -> bool:
        """Whether a change is claimed."""
        return self.kind in ("improved", "worse", "changed")


DESCRIBED = Verdict("described", "not tested")
"""The verdict of a result that tests nothing."""


def kind_of_change(side: int, direction: str) -> Kind:
    """The kind of a change to one side, judged by the direction that is better.

    Parameters
    ----------
    side : int
        -1: clearly lower, 1: clearly higher, 0: neither.
    direction : "lower", "higher" or "neutral"
        Which way is better.
    """
    if not side:
        return "no clear change"
    wanted = {"lower": -1, "higher": 1}.get(direction, 0)
    return "changed" if not wanted else "improved" if side == wanted else "worse"
