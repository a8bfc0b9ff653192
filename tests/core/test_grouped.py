"""Results with groups: whether an aim was reached, by the last day that the figures tell of."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from qieval.core.aim import read_aim
from qieval.core.estimates import estimates_table
from qieval.core.grouped import GroupedResult

AIM = read_aim({"how_much": "at most 10%", "by": date(2020, 6, 30)})
GROUPS = ("Before 1 May 2020", "Since 1 May 2020")


@pytest.mark.parametrize(
    ("on", "status"), [(date(2020, 6, 29), "cannot tell"), (date(2020, 6, 30), "reached")]
)
def test_an_aim_is_judged_by_the_last_day_where_no_extract_date_was_asked_for(on, status):
    result = GroupedResult({}, pd.DataFrame(), estimates_table([]), groups=GROUPS)
    shares = (0.2, 0.08)
    judged = result.judged_aim(AIM, "the share", shares, direction="lower", share=True, on=on)
    assert (judged.status, judged.on) == (status, on)
