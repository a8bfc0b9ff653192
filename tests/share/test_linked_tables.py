"""Tables of one result whose counts add up to one another's: withheld from together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.catalogue import EVALUATIONS
from qieval.core.result import Result
from qieval.core.tables import Declaration
from qieval.share import withholding
from qieval.share.auditor import Disclosure, audit_release
from qieval.share.profiles import PROFILES, profile_named
from qieval.share.shown_counts import per_of, published_tables
from qieval.share.withholding import counts_of
from tests.example_results import result_of

ROOT = Path(__file__).resolve().parents[2]
CONTROLLED = [name for name, profile in PROFILES.items() if profile.withholds]


@cache
def by_teams() -> Result:
    """3 of one team; the teams' sums stand in the table of all."""
    teams = {"Ash": 3, "Birch": 20, "Cedar": 31}
    rows = [
        {"wave": "2024", "standard": "Weight", "team": team, "met": n, "applicable": 61}
        for team, n in teams.items()
    ]
    return qi.audit(pd.DataFrame(rows), met="met", applicable="applicable", team="team")


@cache
def waited() -> Result:
    """Two months; in the first 2 of 40 were refused and 3 withdrew, in the second more."""
    months = {"2024-01-01": (35, 2, 3), "2024-02-01": (30, 14, 12)}
    rows = [
        {"referred": month, "started": started, "closed": closed, "outcome": outcome}
        for month, (here, refused, withdrawn) in months.items()
        for outcome, n, started, closed in (
            ("", here, "2024-03-05", None),
            ("refused", refused, None, "2024-03-01"),
            ("withdrawn", withdrawn, None, "2024-03-01"),
        )
        for _ in range(n)
    ]
    table = pd.DataFrame(rows)
    for name in ("referred", "started", "closed"):
        table[name] = pd.to_datetime(table[name])
    return qi.waits(table, target_days=50, extract_date="2024-12-31")


@cache
def surveyed() -> Result:
    """3 very satisfied and 20 satisfied: 23 positive answers."""
    answers = {"very satisfied": 3, "satisfied": 20, "dissatisfied": 15, "very dissatisfied": 14}
    levels = [*answers]
    rows = [level for level, n in {**answers, "don't know": 12}.items() for _ in range(n)]
    table = pd.DataFrame({"person": range(len(rows)), "Food": rows, "Rooms": levels[1]})
    blank = pd.DataFrame({"person": range(100, 111), "Food": None, "Rooms": levels[1]})
    return qi.survey(
        pd.concat([table, blank]),
        items=["Food", "Rooms"],
        order=levels[::-1],
        positive=levels[:2],
        respondent="person",
    )


@cache
def paired() -> Result:
    """The same 60 people in two waves: 33 met it in both, 12 lost it, 3 gained it."""
    both = [("met", "met")] * 33 + [("met", "not met")] * 12
    both += [("not met", "met")] * 3 + [("not met", "not met")] * 12
    rows = [
        {"wave": wave, "person": person, "standard": "Weight", "answer": answer}
        for person, answers in enumerate(both)
        for wave, answer in zip(("2023", "2024"), answers, strict=True)
    ]
    return qi.audit(pd.DataFrame(rows), unit="person", result="answer", same_units=True)


def found(result: Result, profile: str = "ons10") -> list[Disclosure]:
    """What the auditor finds in a released result."""
    rule = profile_named(profile)
    tables = published_tables(result.released(profile), "data")
    return audit_release(tables, fewest=rule.fewest, small=(rule.least, rule.most))


@pytest.mark.parametrize("result", [by_teams, waited, surveyed, paired])
def test_what_one_table_says_of_another_is_withheld(monkeypatch, result):
    """Without what is declared of sums the release gives counts away; the auditor finds them."""
    assert found(result()) == []
    monkeypatch.setattr(withholding, "_ties", lambda *_: ())
    assert found(result())


@pytest.mark.parametrize("profile", CONTROLLED)
@pytest.mark.parametrize("result", [by_teams, waited, surveyed, paired])
def test_linked_tables_are_safe_under_every_rule(result, profile):
    assert found(result(), profile) == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4),
    st.sampled_from(CONTROLLED),
)
def test_teams_of_any_numbers_are_safe(met, profile):
    rows = [
        {"wave": "2024", "standard": standard, "team": f"Team {team}", "met": n, "applicable": 30}
        for team, numbers in enumerate(met)
        for standard, n in zip(("Weight", "Pulse", "Smoking"), numbers, strict=True)
    ]
    audited = qi.audit(pd.DataFrame(rows), met="met", applicable="applicable", team="team")
    assert found(audited, profile) == []


# ---- what holds for every evaluation, also those that come later ---------------------------------


@pytest.fixture(scope="module", params=[n for n, e in EVALUATIONS.items() if not e.reads_results])
def exact(request) -> Result:
    return result_of(ROOT / "params" / EVALUATIONS[request.param].example)


Counted = dict[str, tuple[Declaration, pd.DataFrame, pd.DataFrame]]


def counted(result: Result) -> Counted:
    """Data frame of a result that counts people → declaration, rows and counts."""
    tables: Counted = {}
    for declared in result.declarations() if result.counts_people else ():
        frame = getattr(result, declared.frame)
        frame = frame.reset_index(drop=not frame.index.name)
        tables[declared.frame] = declared, frame, counts_of(declared, frame, per_of(result, frame))
    return tables


def test_declared_sums_hold(exact):
    """One that did not would stop a release: the auditor would find that figures contradict."""
    tables = counted(exact)
    declared, rows, counts = (
        {name: parts[place] for name, parts in tables.items()} for place in (0, 1, 2)
    )
    for tie in withholding._ties(declared, rows, counts):
        numbers = [times * counts[f][column].iat[row] for (f, row, column), times in tie.items()]
        assert np.isnan(numbers).any() or sum(numbers) == 0, tie


_NOT_ALWAYS = {
    ("by_wave.records", "short.records"),  # not where an answer to a standard is missing
    ("by_wave.records", "took_part.n"),
    ("took_part.n", "short.records"),  # not where a team was in the first wave alone
}
"""Sums that hold in an example by its data."""


def test_sums_over_another_table_are_declared(exact):
    """A table with fewer labels that holds the sums of another: a reader may compute with both."""
    tables = counted(exact)
    known = {
        (f"{name}.{one.total}", f"{one.frame}.{part}")
        for name, (declared, _, _) in tables.items()
        for one in declared.sums
        for part in one.parts
    }
    assert set(_sums_over(tables)) <= known | _NOT_ALWAYS


def _sums_over(tables: Counted) -> Iterator[tuple[str, str]]:
    for whole, parts in permutations(tables, 2):
        (own, rows, totals), (other, further, counts) = tables[whole], tables[parts]
        labels = [name for name in own.by if name in rows]
        if own.steps or other.steps or not labels or not {*labels} < {*other.by}:
            continue
        keys = [rows[name].astype(str) for name in labels]
        for part in counts:
            by = [further[name].astype(str) for name in labels]
            sums = counts[part].groupby(by).sum(min_count=1)
            if counts[part].groupby(by).size().max() < 2:
                continue
            wanted = sums.reindex(pd.MultiIndex.from_arrays(keys) if len(keys) > 1 else keys[0])
            for total in totals:
                if np.array_equal(totals[total].to_numpy(), wanted.to_numpy()):
                    yield f"{whole}.{total}", f"{parts}.{part}"
