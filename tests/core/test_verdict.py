"""Verdicts: the kind by side and direction, the label of a cell, the words on the aim."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from qieval.core.verdict import (
    AIMS,
    DESCRIBED,
    STATES,
    AimStatus,
    AimVerdict,
    State,
    Verdict,
    kind_of_change,
)


@pytest.mark.parametrize(
    ("side", "direction", "kind"),
    [
        (-1, "lower", "improved"),
        (1, "lower", "worse"),
        (1, "higher", "improved"),
        (-1, "higher", "worse"),
        (1, "neutral", "changed"),
        (-1, "neutral", "changed"),
        (0, "lower", "no clear change"),
        (0, "neutral", "no clear change"),
    ],
)
def test_better_or_worse_depends_on_the_direction(side, direction, kind):
    assert kind_of_change(side, direction) == kind


def test_a_change_beside_another_is_neither_praised_nor_blamed():
    better = Verdict("improved", alone=True)
    assert (better.state, replace(better, alone=None).state) == ("improved", "improved")
    assert replace(better, alone=False).state == "changed, not alone"
    assert replace(Verdict("no clear change"), alone=False).state == "no clear change"


def test_a_cell_says_its_own_words_or_the_state():
    assert Verdict("improved").label == "improved"
    assert Verdict("improved", alone=False).label == "changed, not alone"
    assert Verdict("improved", words="3 of 5 better").label == "3 of 5 better"


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("improved", True),
        ("worse", True),
        ("changed", True),
        ("no clear change", False),
        ("described", False),
        ("cannot tell", False),
    ],
)
def test_which_verdicts_claim_a_change(kind, claims):
    assert Verdict(kind).claims == claims


def test_what_tests_nothing_only_describes():
    assert (DESCRIBED.kind, DESCRIBED.certainty) == ("described", "not tested")
    assert not DESCRIBED.claims
    assert DESCRIBED.aim.status == "none"


def test_every_state_and_aim_has_its_meaning():
    assert set(STATES) == set(get_args(State))
    assert set(AIMS) == set(get_args(AimStatus))


@pytest.mark.parametrize("status", ["reached", "not reached", "cannot tell"])
def test_the_words_on_the_aim_name_the_figure(status):
    aim = AimVerdict(status, because="14 in May; the aim was at most 15.")
    assert aim.words == f"{AIMS[status]}: 14 in May; the aim was at most 15."
    assert AimVerdict(status).words == f"{AIMS[status]}."


def test_without_an_aim_there_are_no_words():
    assert AimVerdict(because="ignored").words == ""
