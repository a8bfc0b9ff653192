"""Released results: what is withheld, and that nothing says it all the same."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.catalogue import EVALUATIONS
from qieval.charts import draw
from qieval.core import withheld
from qieval.core.errors import ParameterError, ReleaseError
from qieval.core.result import Result
from qieval.core.tables import ESTIMATES, Table
from qieval.core.withheld import FEW, LEFT_OUT, MANY, text, without_figures
from qieval.share.auditor import audit_release
from qieval.share.profiles import PROFILES, profile_named
from qieval.share.shown_counts import published_tables
from tests.example_results import result_of
from tests.shown import undeclared

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(EVALUATIONS)
RULE = profile_named("mhsds")


@cache
def example(name: str) -> Result:
    return result_of(ROOT / "params" / EVALUATIONS[name].example)


@cache
def released_example(name: str) -> Result:
    return example(name).released()


@pytest.fixture(scope="module", params=NAMES)
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def exact(name, request) -> Result:
    if EVALUATIONS[name].reads_results:
        request.getfixturevalue("example_outputs")
    return example(name)


@pytest.fixture
def released(exact, name) -> Result:
    return released_example(name)


def said(result: Result) -> str:
    """Everything that a result says in words."""
    tables = [*result.tables(), *(s.table for s in result.sections() if s.table)]
    words = [result.headline(), result.details(), result.alt_text(), result.verdict.label]
    words += [result.verdict.aim.words, *result.checks["detail"]]
    words += [part for s in result.sections() for part in (s.title, s.words)]
    words += [part for table in tables for part in (table.caption, table.to_text())]
    return "\n".join(words)


# ---- what holds for every evaluation, also those that come later ---------------------------------


def test_every_column_of_every_data_frame_is_declared(exact):
    faults = [
        f"`{frame}.{column}` stands only in the declaration, or only in the data frame"
        for frame, columns in undeclared(exact).items()
        for column in sorted(columns)
    ]
    assert not faults, "`declared` in tables.py or words.py: " + "; ".join(faults)


def test_both_parts_of_a_share_count_people_or_neither_does(exact):
    faults = faults_of_roles(exact)
    assert not faults, "`declared` in tables.py or words.py:\n- " + "\n- ".join(faults)


PEOPLE = ("count", "denominator")


def faults_of_roles(result: Result) -> list[str]:
    """Declarations by which counts of people would pass as something else, and be shown exactly."""
    faults = []
    for declared in result.declarations():
        roles = {column.name: column.role for column in declared.columns}
        for column in declared.columns:
            parts = [one for one in column.of.split("/") if one] if column.role == "share" else []
            people = [one for one in parts if roles.get(one) in PEOPLE]
            if people and len(people) < len(parts):
                others = [one for one in parts if one not in people]
                where = f"`{declared.frame}.{column.name}`"
                faults.append(f"{where}: `{others[0]}` is a part of `{people[0]}`; role count too")
    terms = next(one for one in result.declarations() if one.frame == "estimates")
    of_counts = result.estimates["method"].isin(["Wilson", "Newcombe"]).any()
    if result.counts_people and of_counts and terms.model:
        faults.append("`estimates` hold shares of people: declare them ESTIMATES_OF_PEOPLE")
    return faults


def test_a_wrong_role_is_named(monkeypatch):
    exact = example("readmissions")
    points, _ = type(exact).declared
    assert faults_of_roles(exact) == []

    columns = tuple(
        dataclasses.replace(one, role="number") if one.name == "readmitted" else one
        for one in points.columns
    )
    declared = (dataclasses.replace(points, columns=columns), ESTIMATES)
    monkeypatch.setattr(type(exact), "declared", declared)
    assert faults_of_roles(exact) == [
        "`points.share`: `readmitted` is a part of `discharges`; role count too",
        "`estimates` hold shares of people: declare them ESTIMATES_OF_PEOPLE",
    ]


def test_no_small_count_is_left_in_any_data_frame(exact, released):
    for declared in released.declarations() if exact.counts_people else ():
        frame = getattr(released, declared.frame).reset_index()
        for column in declared.columns:
            if column.role not in ("count", "denominator") or declared.model:
                continue
            numbers = pd.to_numeric(frame[column.name]).dropna()
            if not (numbers % 1 == 0).all():
                continue  # expected numbers and means count nobody
            assert not numbers.between(RULE.least, RULE.most).any(), (declared.frame, column.name)
            assert (numbers % RULE.round_to == 0).all(), (declared.frame, column.name)


def test_a_released_result_says_the_same_when_nothing_but_it_is_left(released):
    """Its words follow from its own figures: read from its file it says the same."""
    again = Result.from_dict(json.loads(json.dumps(released.to_dict())))
    assert said(again) == said(released)


def test_no_word_hangs_on_the_numbers_in_the_place_of_withheld_figures(released, monkeypatch):
    """Differences of two withheld figures among them, which would cancel if all were alike."""
    words = said(released)
    monkeypatch.setattr(withheld, "FEW", 3)
    monkeypatch.setattr(withheld, "MANY", 57)
    again = Result.from_dict(json.loads(json.dumps(released.to_dict())))
    assert said(again) == words


def test_its_verdict_is_that_of_the_exact_figures(exact, released):
    released = released.verdict
    assert released.state == exact.verdict.state
    assert released.certainty == exact.verdict.certainty
    assert released.aim.status == exact.verdict.aim.status


def test_its_words_have_no_gaps(released):
    words = said(released)
    assert not re.search(r"\bnan\b|\bNaT\b|\d\.0 (?:of|in|patients|stays)", words)
    assert "\ue000" not in words


def test_its_figure_is_drawn_and_has_no_gaps(exact, released):
    figure = draw(released).get_figure(root=True)
    texts = [one.get_text() for one in figure.findobj(match=lambda x: hasattr(x, "get_text"))]
    assert not [one for one in texts if re.search(r"\bnan|inf%", one)]


def test_readers_cannot_compute_what_is_withheld(exact, released):
    tables = published_tables(released, "example")
    small = (RULE.least, RULE.most)
    assert not [str(one) for one in audit_release(tables, fewest=RULE.fewest, small=small)]


def test_profiles():
    exact = example("readmissions")
    assert exact.released("internal").headline() == exact.headline()
    for name in PROFILES:
        stamp = exact.released(name).release
        assert (stamp.profile, stamp.version) == (name, PROFILES[name].version)
    with pytest.raises(ParameterError, match="profile"):
        exact.released("none")


def test_what_is_released_is_not_released_again(released):
    assert released.released() is released


# ---- what it is for ------------------------------------------------------------------------------


def audited(met: int, asked: int = 61, other: int = 30) -> Result:
    """An audit of two standards in one wave; so many met the first."""
    rows = pd.DataFrame(
        {
            "wave": "2024",
            "standard": ["Weight", "Pulse"],
            "met": [met, other],
            "applicable": [asked, asked],
        }
    )
    return qi.audit(rows, met="met", applicable="applicable")


@pytest.mark.parametrize("met", range(5))
def test_nought_is_not_told_apart_from_another_small_number(met):
    """Not by a word, a status, a branch of the words, or a mark."""
    one, other = audited(met).released(), audited((met + 1) % 5).released()
    assert said(one) == said(other)
    assert one.to_dict()["points"] == other.to_dict()["points"]


def test_one_of_61_is_not_said():
    exact = audited(1)
    assert "1 of 61" in said(exact) or "2%" in said(exact)
    words = said(exact.released())
    assert "1 of 61" not in words
    assert "*" in words
    assert not re.search(r"(?<!\d)2%", words)


def test_a_share_and_its_interval_are_those_of_the_rounded_counts():
    """A Wilson interval of the exact counts would give 13 of 61 away."""
    row = audited(13).released().points.iloc[0]
    assert (row["met"], row["applicable"]) == (15, 60)
    assert row["share"] == pytest.approx(0.25)
    # statsmodels.stats.proportion.proportion_confint(15, 60, method="wilson")
    assert (row["low"], row["high"]) == (
        pytest.approx(0.1578, abs=1e-4),
        pytest.approx(0.3723, abs=1e-4),
    )


def test_what_cannot_be_withheld_in_one_table_and_shown_in_another():
    exact = example("audit")
    released = exact.released()
    points, parts = released.points, released.took_part
    latest = exact.latest
    total = points[(points["wave"] == latest) & (points["what"] == "composite")]["met"].iloc[0]
    both = parts[(parts["wave"] == latest) & (parts["part"] == "both")]["met"]
    if np.isnan(total):
        assert both.isna().all()


def test_steps_of_a_curve_are_of_enough_people():
    released = example("length_of_stay").released()
    ended = released.points["ended"].dropna()
    assert (ended[ended > 0] > RULE.most).all()
    assert len(released.points) < len(example("length_of_stay").points)


def test_a_chart_of_single_events_shows_none_of_them():
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(range(3, 23)), unit="D")
    chart = qi.control_chart(pd.DataFrame({"period": days}), kind="t")
    with pytest.raises(ReleaseError, match="single events"):
        chart.released()


def test_services_are_no_people():
    exact = example("provision")
    assert exact.of_services
    assert said(exact.released()) == said(exact)


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), min_size=2, max_size=4),
    profile=st.sampled_from(["mhsds", "hes", "ons10"]),
)
def test_no_counts_give_themselves_away(counts, profile):
    rows = pd.DataFrame(
        [
            {"wave": "2024", "standard": f"S{n}", "met": a, "applicable": a + b + 1}
            for n, (a, b) in enumerate(counts)
        ]
    )
    rule = profile_named(profile)
    released = qi.audit(rows, met="met", applicable="applicable").released(profile)
    found = audit_release(
        published_tables(released, "audit"), fewest=rule.fewest, small=(rule.least, rule.most)
    )
    assert not [str(one) for one in found]


# ---- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Of 60, 2 came back.", "Of 60, 50 came back.", "Of 60, a withheld number came back."),
        ("It was 3% (1 to 5%).", "It was 9% (4 to 20%).", "It was a withheld share."),
        (
            "Nobody came. It rained.",
            "It rained.",
            f"{LEFT_OUT} It rained.",
        ),
        ("2 of 9 met it.", "50 of 9 met it.", "A withheld number of 9 met it."),
        (
            "Of the 2 requests the wait rose by 3.1 percentage points, 2 was lost.",
            "Of the 50 requests the wait rose by 51.2 percentage points, 50 was lost.",
            "Of the withheld number of requests the wait rose by a withheld number of percentage "
            "points, a withheld number was lost.",
        ),
        ("It is not known.", "It is not known.", "It is a withheld figure."),
        # What says nothing without its figures is left out, and what stands beside it is kept.
        ("Falls: rose to 2; they last.", "Falls: fell to 50; they last.", "Falls: they last."),
        ("Of 9, all met it; it rose.", "Of 9, all met it; it fell.", "Of 9, all met it."),
        ("It is 2 points higher.", "It is 50 points lower.", LEFT_OUT),
    ],
)
def test_words_that_differ_say_that_a_figure_is_withheld(one, other, words):
    assert text(one, other) == words


def test_words_that_cannot_be_computed_again_lose_their_figures():
    assert without_figures("12 codes since May 2024 (`by: x`), 4.5 days.") == (
        "A withheld number of codes since May 2024 (`by: x`), a withheld number of days."
    )


def test_the_two_copies_are_unlike():
    assert MANY > 10 * FEW


def test_a_table_of_a_released_result_shows_a_mark_for_what_is_withheld():
    table: Table = audited(1).released().table("points")
    assert any("*" in cell for column in table.shown for cell in column.cells)
    assert dataclasses.asdict(table)["missing"] == "*"


def test_a_public_target_stays_when_its_decimals_follow_the_withheld_figure_beside_it() -> None:
    one = "The mean was 5.25 falls; the aim was at most 6.50 falls, a year from 2019."
    other = "The mean was 7.8 falls; the aim was at most 6.5 falls, a year from 2019."
    said = (
        "The mean was a withheld number of falls; the aim was at most 6.50 falls, a year from 2019."
    )
    assert text(one, other) == said
    assert text("It fell by −5 or 1,200.", "It fell by −6 or 1,200.0.").endswith("or 1,200.")
