"""Two waves: those who took part both times first, who dropped out, which interval is quoted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.audit.methods.answers import COMPOSITE
from qieval.analysis.audit.methods.change import CLUSTERS, NEWCOMBE, PAIRED
from qieval.analysis.audit.methods.intervals import Pairs, mcnemar_p, paired_difference
from qieval.core.proportions import difference
from tests.analysis.audit.audits import CHECKS, answers, audit, counts, simulated, tallied


def with_drop_outs(seed: int = 5) -> pd.DataFrame:
    """Eight teams, of whom the three that do worst are not in the second wave."""
    good = simulated(seed, teams=5, shares=(0.8, 0.8), spread=0.1)
    poor = simulated(seed + 1, teams=3, shares=(0.3, 0.3), spread=0.1)
    poor = poor[poor["wave"] == "2018"]
    return pd.concat([good, poor.assign(team="Poor " + poor["team"])], ignore_index=True)


def of(result, group: str, method: str, standard: str = COMPOSITE) -> pd.Series:
    rows = result.changes
    which = (rows["group"] == group) & (rows["method"] == method) & (rows["standard"] == standard)
    return rows[which].iloc[0]


def test_teams_of_both_waves_are_compared_first():
    table = with_drop_outs()
    found = audit(table, team="team")
    stayed = table[~table["team"].str.startswith("Poor")]
    alone = audit(stayed, team="team")
    change = found.main_change()
    assert change["group"] == "both"
    assert change["estimate"] == pytest.approx(alone.main_change()["estimate"])
    # all teams look better only because the poor ones are gone
    assert of(found, "all", CLUSTERS)["estimate"] > change["estimate"] + 0.1
    assert "in the five teams that took part both times" in found.headline()


def test_it_is_said_who_dropped_out_and_how_they_had_scored():
    found = audit(with_drop_outs(), team="team")
    assert found.names("left") == ["Poor Team 0", "Poor Team 1", "Poor Team 2"]
    assert found.scored("left", "2018") < found.scored("both", "2018") - 0.2
    share = found.percent(found.scored("left", "2018"))
    assert f"they had {share} with all" in found.details()
    check = found.checks.set_index("id").loc["same_teams"]
    assert check["status"] == "warn"
    assert share in check["detail"]


def test_without_a_common_team_it_is_said_that_waves_cannot_be_told_from_teams():
    table = simulated(2)
    table.loc[table["wave"] == "2019", "team"] = "Other " + table["team"]
    checks = audit(table, team="team").checks.set_index("id")
    assert checks.loc["same_teams", "status"] == "fail"


@pytest.mark.parametrize(("teams", "method"), [(2, NEWCOMBE), (3, NEWCOMBE), (6, CLUSTERS)])
def test_teams_are_clusters_where_there_are_enough_of_them(teams, method):
    found = audit(simulated(3, teams=teams), team="team")
    assert found.main_change()["method"] == method
    checks = found.checks.set_index("id")
    row = checks.loc["alike_within_teams"]
    assert row["status"] == ("pass" if teams >= 8 else "warn")


def test_without_teams_records_are_taken_as_independent_and_that_is_said():
    table = simulated(3)
    found = audit(table)
    change = found.main_change()
    assert change["method"] == NEWCOMBE
    ends = difference(
        (change["before"] * change["n_before"], change["n_before"]),
        (change["after"] * change["n_after"], change["n_after"]),
        0.95,
    )
    assert (change["ci_low"], change["ci_high"]) == pytest.approx((ends.low, ends.high))
    assert "independent of one another" in found.details()


def test_the_interval_of_alike_teams_is_wider():
    found = audit(simulated(4, spread=1.5), team="team")
    ours, naive = of(found, "all", CLUSTERS), of(found, "all", NEWCOMBE)
    assert ours["estimate"] == pytest.approx(naive["estimate"])
    assert ours["ci_high"] - ours["ci_low"] > 1.3 * (naive["ci_high"] - naive["ci_low"])


def test_the_true_change_is_found():
    held = 0
    for seed in range(12):
        found = audit(simulated(seed, teams=10, shares=(0.5, 0.7), alike=0.0), team="team")
        rows = found.changes[found.changes["main"] & (found.changes["standard"] != COMPOSITE)]
        # spread 0.5 on the logit scale pulls shares of 50% and 70% to 50% and about 69%
        held += int(((rows["ci_low"] <= 0.19) & (rows["ci_high"] >= 0.19)).sum())
    assert held >= 0.9 * 12 * len(CHECKS)


# ---- the same records twice --------------------------------------------------------------------


def same_people(pairs: Pairs) -> pd.DataFrame:
    kinds = [("met", "met"), ("met", "not met"), ("not met", "met"), ("not met", "not met")]
    given = [kind for kind, count in zip(kinds, pairs, strict=True) for _ in range(count)]
    waves = {
        wave: {str(number): [kind[place]] for number, kind in enumerate(given)}
        for place, wave in enumerate(("2018", "2019"))
    }
    return answers(waves, ["Weight"])


@pytest.mark.parametrize("pairs", [Pairs(36, 12, 2, 0), Pairs(20, 5, 30, 15), Pairs(3, 0, 0, 4)])
def test_the_same_records_are_compared_pair_by_pair(pairs):
    found = audit(same_people(pairs), same_units=True)
    change = found.main_change()
    assert (change["method"], change["standard"]) == (PAIRED, "Weight")
    assert change["n_before"] == change["n_after"] == pairs.n
    ends = paired_difference(pairs, 0.95)
    assert (change["estimate"], change["ci_low"], change["ci_high"]) == pytest.approx(ends)
    assert change["p_value"] == pytest.approx(mcnemar_p(pairs))
    assert (change["gained"], change["lost"]) == (pairs.gained, pairs.lost)
    assert f"{pairs.gained:,} gained it, {pairs.lost:,} lost it" in found.details()


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        (Pairs(10, 0, 5, 25), "no clear change"),  # McNemar exactly 0.0625
        (Pairs(10, 0, 6, 24), "improved"),  # 0.03125
        (Pairs(59, 6, 16, 80), "no clear change"),
        (Pairs(0, 17, 30, 0), "no clear change"),  # z² = 3.60
        (Pairs(0, 16, 31, 0), "improved"),  # z² = 4.79
        (Pairs(5, 30, 0, 5), "worse"),
    ],
)
def test_mcnemar_interval_and_verdict_agree(pairs, kind):
    found = audit(same_people(pairs), same_units=True)
    verdict, change = found.verdict, found.main_change()
    assert verdict.kind == kind
    assert (change["p_value"] < 0.05) == verdict.claims == bool(verdict.size.side)
    assert found.estimates.loc[verdict.term, "p_value"] == change["p_value"]
    assert found.headline().count("may be") == (not verdict.claims)


def test_only_records_of_both_waves_make_pairs():
    table = same_people(Pairs(10, 2, 6, 4))
    extra = answers({"2018": {"x": ["met"]}, "2019": {"y": ["not met"], "z": ["met"]}}, ["Weight"])
    found = audit(pd.concat([table, extra]), same_units=True)
    assert found.main_change()["n_after"] == 22
    assert [found.members(part) for part in ("both", "left", "joined")] == [22, 1, 2]
    assert found.names("left") == []  # records are counted, never named
    assert of(found, "all", NEWCOMBE, "Weight")["n_after"] == 24


def test_codes_in_both_waves_are_pointed_out_where_records_are_taken_for_others():
    found = audit(same_people(Pairs(10, 2, 6, 4)))
    check = found.checks.set_index("id").loc["codes_in_both_waves"]
    assert check["status"] == "warn"
    assert "22 codes" in check["detail"]
    assert "`same_units: true`" in check["detail"]
    assert found.main_change()["method"] == NEWCOMBE


# ---- edges -------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", ["met", "not met"])
@pytest.mark.parametrize("same_units", [False, True])
def test_all_or_none_met_gives_intervals_and_no_model(result, same_units):
    table = simulated(1, teams=5).assign(result=result)
    if same_units:
        table["record"] = table["record"].str.split("-").str[1:].str.join("-")
    found = audit(table, team="team", same_units=same_units)
    change = found.main_change()
    assert change["estimate"] == 0
    assert change["ci_low"] < 0 < change["ci_high"]
    why = found.changes.loc[found.changes["method"] == CLUSTERS, "why_not"]
    assert set(why) == {"in one wave none or all met it"}
    assert found.summary()


def test_one_wave_is_described_and_no_change_is_claimed():
    found = audit(simulated(1)[lambda t: t["wave"] == "2018"], team="team")
    assert found.pair is None
    assert found.changes.empty
    assert not [term for term in found.estimates.index if "change" in term]
    assert "higher" not in found.headline()
    assert found.checks.set_index("id").loc["one_wave", "status"] == "info"


def test_a_wave_with_one_team_has_no_model_of_teams():
    table = simulated(2, teams=5)
    table = table[(table["wave"] == "2018") | (table["team"] == "Team 0")]
    found = audit(table, team="team")
    change = found.main_change()
    assert change["group"] == "both"
    assert change["method"] == NEWCOMBE
    section = next(part for part in found.sections() if part.name == "change")
    assert "with 1 team in a wave" in section.words


def test_counts_of_nobody_are_left_out_and_are_no_zero_per_cent():
    table = tallied(simulated(2))
    empty = table[table["team"] == "Team 1"].assign(team="Team Z", met=0, applicable=0)
    kwargs = {"team": "team", "composite": "all four"}
    one, two = counts(table, **kwargs), counts(pd.concat([table, empty]), **kwargs)
    pd.testing.assert_frame_equal(one.points, two.points)
    assert "Team Z" not in set(two.teams["team"])
    assert f"{len(empty)} rows" in two.checks.set_index("id").loc["counts_of_nobody", "detail"]


def test_a_composite_that_is_not_known_gives_bounds_and_no_change_of_all():
    table = tallied(simulated(2))
    found = counts(table[table["standard"] != "all four"], team="team")
    assert found.main_change() is None
    assert np.isnan(found.term("composite").value)
    assert found.term("composite").low < found.term("composite").high
    assert "anything from" in found.headline()
    assert found.teams.empty
    assert found.main_change("Lipids")["method"] == CLUSTERS


@pytest.mark.parametrize("share", [(0.6, 0.61), (0.4, 0.9)])
def test_a_wide_interval_is_never_called_no_effect(share):
    text = audit(simulated(9, shares=share, teams=4), team="team").summary().lower()
    assert "no effect" not in text
    assert "no change" not in text
    assert "significant" not in text
