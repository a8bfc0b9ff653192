"""Audits of services: thresholds, gaps, localities, the same services only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval.core.errors import DataError, ParameterError
from tests.analysis.audit.audits import audit

# type, standard → answers of services A, B, C
CRITERIA = {
    ("1", "Crisis plan"): ["met", "met", "not met"],
    ("1", "Named worker"): ["met", "partly met", "met"],
    ("2", "Therapy"): ["met", "met", "met"],
    ("2", "Carers"): ["met", "met", "not met"],
    ("2", "Evenings"): ["met", "met", "not met"],
    ("2", "Training"): ["met", "met", "met"],
    ("2", "Self-referral"): ["not met", "n/a", "met"],
    ("3", "Research"): ["met", "not met", "not met"],
    ("3", "Peers"): ["met", "not met", ""],
    ("3", "Travel"): ["not met", "not met", "met"],
    ("3", "Housing"): ["met", "met", "met"],
    ("3", "Waiting"): ["not met", "not met", "met"],
}


def services(wave: str = "2017", names: str = "ABC") -> pd.DataFrame:
    rows = [
        (wave, f"Service {name}", "Coast" if name == "A" else "Hill", kind, standard, result)
        for (kind, standard), given in CRITERIA.items()
        for name, result in zip(names, given, strict=True)
    ]
    columns = ["wave", "team", "locality", "type", "standard", "result"]
    return pd.DataFrame(rows, columns=columns)


def provision(table: pd.DataFrame, **more):
    asked = {"unit": "team", "types": "type", "locality": "locality", "same_units": True}
    words = {"called": "services", "standards_called": "criteria"}
    return audit(table, **(asked | words | more))


def reached(result) -> dict[str, tuple[int, int]]:
    rows = result.accreditation
    rows = rows[rows["wave"] == result.latest]
    return {row.type: (row.reached, row.units) for row in rows.itertuples()}


def test_who_reaches_what_accreditation_asks_for():
    # A: 2/2, 4/5 = 0.8 just enough, 3/5 = 0.6 just enough. B: 1/2, 4/4, 1/5. C: 1/2, 3/5, 3/5
    # (a blank is not met).
    found = provision(services())
    assert reached(found) == {"1": (1, 3), "2": (2, 3), "3": (2, 3), "every type": (1, 3)}
    assert "1 of 3 met all of type 1" in found.details()
    assert "1 of 3 reached all thresholds at once" in found.details()


def test_partly_met_by_the_other_rule():
    found = provision(services(), partly="met")
    assert reached(found)["1"] == (2, 3)
    assert "Partly met counts as not met" in set(found.sensitivity["choice"])


def test_thresholds_are_parameters():
    found = provision(services(), thresholds={"1": 0.5, "2": 0.5, "3": 0.2})
    assert reached(found)["every type"] == (3, 3)


def test_a_type_of_which_nothing_applies_is_no_hurdle():
    table = services()
    table.loc[(table["team"] == "Service B") & (table["type"] == "1"), "result"] = "n/a"
    found = provision(table, thresholds={"1": 1.0, "2": 0.8, "3": 0.2})
    assert reached(found)["1"] == (1, 2)
    assert reached(found)["every type"] == (2, 3)


def test_gaps_are_of_criteria_and_name_no_service():
    found = provision(services())
    gaps = found.gaps.set_index("standard")
    assert gaps.loc["Research", ["unmet", "applicable"]].tolist() == [2, 3]
    assert gaps.loc["Self-referral", "applicable"] == 2
    assert gaps.loc["Named worker", "partly"] == 1
    assert gaps.loc["Travel", "nowhere_in"] == "Coast"
    assert found.gaps["share_unmet"].is_monotonic_decreasing
    for section in found.sections():
        text = section.table.to_text()
        assert not any(f"Service {letter}" in text for letter in "ABC")


def test_access_is_of_the_standards_that_are_about_it():
    found = provision(services(), access_standards=["Travel", "Self-referral"])
    table = found.access.set_index("locality")
    assert table.loc["Coast", "share"] == 0
    assert table.loc["Hill", "share"] == pytest.approx(2 / 3)
    assert table.loc["Coast", "units"] == 1
    assert np.isnan(table.loc["Coast", "low"])  # one service has no interval
    section = next(part for part in found.sections() if part.name == "access")
    assert "“Travel”" in section.words
    assert found.access["locality"].tolist() == ["Coast", "Hill"]  # by name, not by figure


def test_only_the_same_services_are_compared():
    before, after = services("2017", "ABC"), services("2019", "ABD")
    after = after.assign(result="met")
    found = provision(pd.concat([before, after]))
    assert [found.members(part) for part in ("both", "left", "joined")] == [2, 1, 1]
    # A and B before: 9 of 12 and 6 of 11; after: all
    assert found.term("opportunity_score_change").value == pytest.approx(100 * (1 - 15 / 23))
    assert "the two services audited both times met 65% in 2017 and 100% in 2019" in (
        found.headline()
    )
    assert found.main_change("Therapy")["n_after"] == 2


def test_a_standard_of_two_types():
    table = services()
    table.loc[0, "type"] = "2"
    with pytest.raises(DataError, match="1 standard of"):
        provision(table)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"1": 1.0, "2": 0.8}, "no threshold for type `3`"),
        ({"1": 1.0, "2": 80, "3": 0.6}, "80 per cent as 0.8"),
    ],
)
def test_thresholds_that_cannot_be(given, says):
    with pytest.raises(ParameterError, match=says):
        provision(services(), thresholds=given)


def test_unknown_standards_of_access():
    with pytest.raises(ParameterError, match="Did you mean `Travel`"):
        provision(services(), access_standards=["Travels"])


def test_types_read_as_numbers_are_the_same():
    table = services().assign(type=lambda t: t["type"].astype(float))
    assert reached(provision(table)) == reached(provision(services()))
