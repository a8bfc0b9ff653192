"""All or none: the composite, its bounds, the scores, rules for unclear answers, properties."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.audit import AuditResult
from qieval.analysis.audit.methods.answers import COMPOSITE
from qieval.core.checks import check_of, status_of
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import Result
from tests.analysis.audit.audits import CHECKS, answers, audit, counts, simulated, tallied
from tests.shown import shown, undeclared

SMALL = answers(
    {
        "2019": {
            "a": ["met", "met", "met", "met"],
            "b": ["met", "met", "met", "not met"],
            "c": ["met", "met", "not met", "not met"],
            "d": ["met", "n/a", "met", "met"],
            "e": ["met", "met", "met", ""],
            "f": ["refused", "met", "met", "met"],
        }
    }
)


def percent(result, standard=COMPOSITE, wave="2019"):
    return 100 * result.point(wave, standard)["share"]


# ---- small tables worked by hand ---------------------------------------------------------------


def test_the_composite_is_met_only_if_every_standard_that_applies_is():
    found = audit(SMALL)  # a, d (not applicable left out), f (refused left out) of six
    assert percent(found) == pytest.approx(100 * 3 / 6)
    assert found.point("2019", COMPOSITE)["applicable"] == 6


@pytest.mark.parametrize(
    ("rules", "share", "n"),
    [
        ({"missing": "leave_out"}, 3 / 5, 5),  # e has no composite
        ({"refused": "not_met"}, 2 / 6, 6),
        ({"refused": "met"}, 3 / 6, 6),
        ({"missing": "leave_out", "refused": "not_met"}, 2 / 5, 5),
    ],
)
def test_each_rule_for_unclear_answers_does_what_it_says(rules, share, n):
    found = audit(SMALL, **rules)
    assert percent(found) == pytest.approx(100 * share)
    assert found.point("2019", COMPOSITE)["applicable"] == n


def test_both_ways_of_counting_blanks_are_shown():
    point = audit(SMALL).point("2019", "Glucose")
    assert (point["met"], point["applicable"], point["not_recorded"]) == (3, 6, 1)
    assert point["share"] == pytest.approx(1 / 2)
    assert point["share_recorded"] == pytest.approx(3 / 5)
    table = audit(SMALL).sensitivity.set_index("choice")["composite_after"]
    assert table["As given"] == pytest.approx(1 / 2)
    assert table["Without records that lack an answer"] == pytest.approx(3 / 5)
    assert table["Refused counts as not met"] == pytest.approx(1 / 3)
    assert "Partly met counts as met" not in table  # there is no such answer


def test_partly_met_counts_by_the_rule():
    table = answers({"2019": {"a": ["met", "partly met"], "b": ["met", "met"]}}, ["A", "B"])
    assert percent(audit(table)) == 50
    assert percent(audit(table, partly="met")) == 100


def test_scores_between_all_and_none():
    found = audit(SMALL)
    # b 3/4, c 2/4, d 3/3, e 3/4, f 3/3, a 4/4: 18 of 22
    assert found.term("opportunity_score").value == pytest.approx(100 * 18 / 22)
    assert found.term("mean_met").value == pytest.approx(3.0)
    assert found.short["records"].tolist() == [3, 2, 1]  # none, one and two short
    assert found.one_short.set_index("standard")["records"].to_dict() == {
        "Weight": 0,
        "Pressure": 0,
        "Lipids": 0,
        "Glucose": 2,
    }


def test_a_record_without_a_row_for_a_standard_has_not_recorded_it():
    table = SMALL.drop(SMALL.index[(SMALL["record"] == "a") & (SMALL["standard"] == "Lipids")])
    assert percent(audit(table)) == pytest.approx(100 * 2 / 6)
    assert audit(table).point("2019", "Lipids")["not_recorded"] == 1


def test_a_record_to_which_nothing_applies_has_no_composite():
    extra = answers({"2019": {"g": ["n/a"] * 4}})
    assert audit(pd.concat([SMALL, extra])).point("2019", COMPOSITE)["applicable"] == 6


def test_a_standard_that_a_wave_did_not_ask_for_is_no_part_of_the_composite():
    early = SMALL[SMALL["standard"] != "Glucose"].assign(wave="2018")
    found = audit(pd.concat([early, SMALL]))
    assert found.shared == ("Weight", "Pressure", "Lipids")
    assert np.isnan(found.point("2018", "Glucose")["share"])
    assert percent(found) == pytest.approx(100 * 5 / 6)
    assert "`Glucose`" in check_of(found.checks, "same_standards").detail


def test_the_paradox_in_words_six_checks_at_80_give_26():
    n = 1000
    rng = np.random.default_rng(0)
    rows = {f"{i}": ["met" if one else "not met" for one in rng.random(6) < 0.8] for i in range(n)}
    found = audit(answers({"2019": rows}, [f"Check {k}" for k in range(6)]))
    assert "met for 80%, independently of one another, only 26% would have all six" in (
        found.details()
    )
    assert found.of_wave("2019").if_independent == pytest.approx(0.26, abs=0.03)
    assert percent(found) == pytest.approx(26, abs=4)


def test_codes_come_from_the_parameters_and_an_exact_list():
    other = SMALL.assign(result=SMALL["result"].replace({"met": "DONE", "not met": "?"}))
    found = audit(other, codes={"done": "met", "?": "not met"})
    pd.testing.assert_frame_equal(found.points, audit(SMALL).points)
    plain = SMALL.assign(result=SMALL["result"].replace({"met": " Yes", "not met": "NO"}))
    pd.testing.assert_frame_equal(audit(plain).points, audit(SMALL).points)


def test_numbers_as_answers():
    table = SMALL.assign(
        result=SMALL["result"].map({"met": 1.0, "not met": 0.0, "": np.nan}).astype(float)
    )
    table = table[~table["record"].isin(["d", "f"])]
    assert percent(audit(table)) == 25


# ---- waves and standards -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last"), [("Spring 2017", "Spring 2018"), ("Wave 2", "Wave 10"), (2, 10)]
)
def test_waves_stand_in_the_order_of_their_years_or_numbers(first, last):
    table = pd.concat([SMALL.assign(wave=last), SMALL.assign(wave=first)])
    assert audit(table).waves == [str(first), str(last)]


def test_waves_and_standards_take_the_names_of_the_page():
    table = pd.concat([SMALL.assign(wave="b"), SMALL.assign(wave="a")])
    found = audit(table, waves={"b": "Before", "a": "After"}, standards={"Lipids": "Blood fats"})
    assert found.waves == ["Before", "After"]
    assert found.points["standard"].unique().tolist() == ["Blood fats"]


def test_two_waves_of_three_can_be_compared():
    three = pd.concat([SMALL.assign(wave=wave) for wave in ("2017", "2018", "2019")])
    assert audit(three).pair == ("2017", "2019")
    assert audit(three, compare=["2018", "2017"]).pair == ("2017", "2018")


# ---- properties --------------------------------------------------------------------------------


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_the_composite_is_never_above_the_least_often_met_standard_and_lies_in_its_bounds(seed):
    table = simulated(seed, teams=4, records=(5, 12))
    found = audit(table, team="team")
    counted = tallied(table)
    margins = counts(counted[counted["standard"] != "all four"], team="team")
    for wave in ("2018", "2019"):
        single = [percent(found, check, wave) for check in CHECKS]
        share = percent(found, wave=wave)
        assert share <= min(single) + 1e-9
        bounds = margins.point(wave, COMPOSITE)
        assert bounds["what"] == "bounds"
        assert np.isnan(bounds["share"])
        low, high = 100 * bounds["low"], 100 * bounds["high"]
        assert low - 1e-9 <= share <= high + 1e-9
        pooled = max(0.0, sum(single) - 100 * (len(single) - 1))
        assert pooled - 1e-9 <= low
        assert high <= min(single) + 1e-9


@given(seed=st.integers(0, 10_000))
@settings(max_examples=4)
def test_the_order_of_rows_and_teams_is_irrelevant(seed):
    table = simulated(3, teams=5, records=(5, 12), others={"": 0.05, "refused": 0.05})
    mixed = table.sample(frac=1, random_state=seed)
    one, two = audit(table, team="team"), audit(mixed, team="team", standards=CHECKS)
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    pd.testing.assert_frame_equal(one.points, two.points)
    pd.testing.assert_frame_equal(one.teams, two.teams)
    assert one.summary() == two.summary()


@given(seed=st.integers(0, 10_000), rule=st.sampled_from(["not_met", "leave_out"]))
@settings(max_examples=8)
def test_a_blank_never_counts_as_met(seed, rule):
    table = simulated(seed, teams=3, records=(5, 12), others={"": 0.2})
    whole = audit(table, missing=rule)
    without = table[table["result"] != ""]
    for wave in ("2018", "2019"):
        for check in CHECKS:
            met = int(((without["result"] == "met") & (without["standard"] == check)
                       & (without["wave"] == wave)).sum())  # fmt: skip
            assert whole.point(wave, check)["met"] == met
        blank = set(table.loc[(table["result"] == "") & (table["wave"] == wave), "record"])
        every = table[table["wave"] == wave].groupby("record")["result"]
        complete = {name for name, given in every if (given == "met").all()}
        assert whole.point(wave, COMPOSITE)["met"] == len(complete - blank)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5),
    data=st.data(),
)
@settings(max_examples=20)
def test_bounds_are_reached_by_some_records(sizes, data):
    # Any margins: the least and the most overlap that records can have are the bounds (one team).
    n = max(sizes)
    met = [data.draw(st.integers(0, n)) for _ in sizes]
    table = pd.DataFrame({"wave": "2019", "standard": [f"S{k}" for k in range(len(met))],
                          "met": met, "applicable": n})  # fmt: skip
    point = counts(table).point("2019", COMPOSITE)
    assert point["high"] == pytest.approx(min(met) / n)
    least = max(0, sum(met) - (len(met) - 1) * n)
    assert point["low"] == pytest.approx(least / n)


def test_counts_and_answers_say_the_same():
    table = simulated(7)
    rows = audit(table, team="team")
    sums = counts(tallied(table), team="team", composite="all four", standards=CHECKS)
    same = ["wave", "standard", "met", "applicable", "share", "low", "high"]
    pd.testing.assert_frame_equal(rows.points[same], sums.points[same], check_dtype=False)
    changed = [name for name in rows.estimates.index if "change" in name and "opport" not in name]
    pd.testing.assert_frame_equal(
        rows.estimates.loc[changed], sums.estimates.loc[changed], check_dtype=False
    )


def test_the_table_of_the_caller_is_not_changed():
    table = simulated(1)
    before = table.copy()
    audit(table, team="team")
    pd.testing.assert_frame_equal(table, before)


# ---- the result --------------------------------------------------------------------------------


@pytest.mark.parametrize("waves", [["2019"], ["2018", "2019"]])
@pytest.mark.parametrize("team", [None, "team"])
def test_every_result_has_words_tables_and_a_json_form(waves, team):
    table = simulated(2, others={"": 0.05, "n/a": 0.05})
    found = audit(table[table["wave"].isin(waves)], team=team)
    assert list(found.estimates.columns) == ESTIMATE_COLUMNS
    words = [found.headline(), found.details(), found.alt_text()]
    for section in found.sections():
        words += [section.title, section.words, section.table.caption, section.table.to_text()]
    words += [table.to_text() for table in found.tables()]
    words += found.checks["detail"].tolist()
    for text in words:
        assert text.strip()
        assert "nan" not in text.lower()
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
    assert again.alt_text() == found.alt_text()
    assert again.verdict == found.verdict
    assert [part.words for part in again.sections()] == [part.words for part in found.sections()]
    for one, two in zip(found.tables(), again.tables(), strict=True):
        assert one.shown == two.shown


CASES = {
    "two waves, teams": lambda: audit(simulated(2, others={"": 0.05, "n/a": 0.05}), team="team"),
    "two waves": lambda: audit(simulated(2)),
    "one wave": lambda: audit(SMALL),
    "counts": lambda: counts(tallied(simulated(2)), team="team", composite="all four"),
    "counts, bounds": lambda: counts(
        tallied(simulated(2))[lambda t: t["standard"] != "all four"], team="team"
    ),
    "one standard": lambda: audit(simulated(2)[lambda t: t["standard"] == "Lipids"]),
}


@pytest.fixture(scope="module")
def results() -> dict[str, AuditResult]:
    return {name: make() for name, make in CASES.items()}


@pytest.mark.parametrize("case", CASES)
def test_every_column_is_declared(results, case):
    assert undeclared(results[case]) == {}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_of_the_headline_stands_in_a_table(results, case):
    found = results[case]
    tables = [*found.tables(), *(section.table for section in found.sections())]
    cells = " ".join(table.to_text() for table in tables).replace("−", "")
    waves = set(found.waves)
    for figure in re.findall(r"\d+(?:\.\d+)?%?", found.headline()):
        bare = re.escape(figure.rstrip("%"))
        assert figure in waves or re.search(rf"(?<![\d.]){bare}(?![\d.])", cells), figure


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_that_of_the_interval_it_names(results, case):
    found, verdict = results[case], results[case].verdict
    assert verdict.alone is None  # an audit lists no other events
    if found.pair is None or not found.composite_known:
        assert (verdict.kind, verdict.term) == ("described", "")
        assert found.effect is None
        return
    term = "composite_change" if found.several else f"change: {found.main}"
    row = found.estimates.loc[term]
    side = int(row["ci_low"] > 0) - int(row["ci_high"] < 0)
    kind = {1: "improved", -1: "worse", 0: "no clear change"}[side]
    assert (verdict.kind, verdict.term) == (kind, term)
    assert ("may be anything from" in found.headline()) == (side == 0)
    assert found.effect.term == verdict.term
    assert found.effect.estimate == verdict.size.value == row["estimate"]


ONE = simulated(2)[lambda t: t["standard"] == "Lipids"]


@pytest.mark.parametrize("team", [None, "team"])
def test_one_standard_alone_is_no_composite(team):
    found = audit(ONE, team=team)
    assert found.headline().startswith("Lipids: ")
    assert set(found.points["standard"]) == set(found.changes["standard"]) == {"Lipids"}
    assert list(found.estimates.index) == ["share_met_before", "share_met", "change: Lipids"]
    assert found.verdict.term == found.effect.term == "change: Lipids"
    assert found.effect.measure == "Lipids"
    alone = shown(found, "estimates")["What"].tolist()
    assert alone == ["Lipids: 2018", "Lipids: 2019", "Lipids: change"]
    if team:
        assert found.teams["applicable"].sum() == found.point("2019", "Lipids")["applicable"]


def test_one_standard_of_counts_is_known_as_that_of_records():
    table = tallied(ONE)
    found = counts(table[table["standard"] == "Lipids"], team="team", called="patients")
    assert found.headline() == audit(ONE, team="team").headline()
    assert found.verdict.size == audit(ONE, team="team").verdict.size
    assert status_of(found.checks, "composite_bounds") is None


def test_waves_that_share_one_standard_are_compared_by_it_alone():
    """The others of a wave have nothing to do with a change: they were asked for once."""
    early = ONE[ONE["wave"] == "2018"].assign(standard="Weight", result="not met")
    found, alone = audit(pd.concat([ONE, early])), audit(ONE)
    assert found.headline() == alone.headline()
    assert found.verdict == alone.verdict


def test_a_score_counts_only_what_every_wave_asked_for():
    early = simulated(2)[lambda t: t["wave"] == "2018"]
    early = early[early["standard"] == "Weight"].assign(standard="Feet", result="not met")
    found, alone = audit(pd.concat([simulated(2), early])), audit(simulated(2))
    names = [name for name in alone.estimates.index if name.startswith("opportunity_score")]
    pd.testing.assert_frame_equal(found.estimates.loc[names], alone.estimates.loc[names])


def test_waves_that_share_no_standard_are_not_compared():
    table = ONE.assign(standard=np.where(ONE["wave"] == "2018", "Lipids", "Feet"))
    with pytest.raises(CannotEvaluate, match="No standard was asked for in every wave"):
        audit(table)


def test_one_standard_under_the_name_that_was_given():
    found = audit(ONE, outcome="Lipids measured")
    assert found.headline().startswith("Lipids measured: ")
    assert "independently of one another" not in found.details()
    assert set(shown(found, "points")["Standard"]) == {"Lipids"}
    assert "one_short" not in [section.name for section in found.sections()]
    assert "Below them" not in found.alt_text()


@pytest.mark.parametrize(
    ("aim", "status"),
    [
        ("at least 10% of patients", "reached"),
        ("at least 99% of patients", "not reached"),
        ("better care", "cannot tell"),
        (None, "none"),
    ],
)
def test_whether_the_aim_was_reached(aim, status):
    found = audit(simulated(2), aim=aim)
    assert found.verdict.aim.status == status
    assert found.verdict.aim.words in found.details()
    if status == "reached":
        assert found.verdict.aim.seen == found.main_change()["after"]


def test_a_change_is_told_with_reservations_if_a_check_speaks_against_it():
    few = audit(simulated(3, teams=4), team="team").verdict
    many = audit(simulated(3, teams=12), team="team").verdict
    assert (few.certainty, many.certainty) == ("with reservations", "clear")


def test_no_record_is_ever_named():
    table = simulated(2, others={"": 0.05})
    table["record"] = "NHS" + table["record"]
    found = audit(table, team="team")
    texts = [found.summary(), found.alt_text(), str(found.to_dict())]
    texts += [section.table.to_text() for section in found.sections()]
    assert not any("NHS20" in text for text in texts)


def test_teams_are_ready_for_a_funnel():
    found = audit(simulated(2), team="team")
    made = qi.funnel(
        found.teams, unit="team", numerator="met", denominator="applicable", kind="proportion"
    )
    assert made.points["unit"].tolist() == [f"Team {k}" for k in range(8)]
    assert made.target == pytest.approx(percent(found) / 100)
    assert audit(simulated(2)).teams.empty


def test_every_pair_of_rules_gives_a_result():
    table = simulated(2, teams=4, others={"": 0.05, "refused": 0.05, "partly met": 0.05})
    ways = itertools.product(
        ["not_met", "leave_out"], ["leave_out", "not_met", "met"], ["not_met", "met"]
    )
    shares = {
        way: percent(audit(table, missing=way[0], refused=way[1], partly=way[2])) for way in ways
    }
    assert shares["not_met", "not_met", "not_met"] == min(
        share for way, share in shares.items() if way[0] == "not_met"
    )
    assert shares["not_met", "met", "met"] >= shares["not_met", "not_met", "met"]
