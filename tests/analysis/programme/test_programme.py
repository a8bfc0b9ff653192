"""What a whole programme found: nothing mixed, nothing dropped, nobody ranked."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval import report
from qieval.analysis.programme.methods.averages import ONE_MODEL
from qieval.analysis.programme.methods.squire import ITEMS
from qieval.analysis.programme.tables import false_discovery
from qieval.analysis.synthesis import one_stage
from qieval.core.result import Result
from tests.analysis.programme.made import evaluated, refused, series

FOUR = [
    series("alder", -3.0),
    series("birch", -0.3),
    series("cedar", 2.5, network="Coast"),
    series("elm", -1.5, network="Coast"),
]


def states(result):
    return dict(zip(result.effects["project"], result.effects["state"], strict=True))


# ---- how many improved -------------------------------------------------------------------------

# Benjamini and Hochberg 1995, J R Stat Soc B 57:289, section 3.2: 15 comparisons of thrombolysis
# after a heart attack (Neuhaus et al). At q = 0.05 the first four are rejected; Bonferroni's
# procedure rejects three.
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000),
]


def test_the_published_example_of_false_discovery():
    clear, adjusted = false_discovery(np.array(PUBLISHED), 0.05)
    assert clear.tolist() == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)
    assert adjusted[4] == pytest.approx(0.0201 * 15 / 5)


def test_a_state_is_that_of_the_results_own_verdict():
    many = [series(f"p{n}", -0.1) for n in range(12)]
    results = [series("alder", -1.05, 0.5), *many]
    result = qi.programme(results)
    assert result.effects.loc[0, "p_value"] < 0.05 < result.effects.loc[0, "p_adjusted"]
    own = {item.project: item.result.verdict.state for item in results}
    assert states(result) == own
    assert own["alder"] == "improved"
    assert result.term("improved").value == 1
    assert result.term("clear_after_adjustment").value == 0
    assert result.term("clear_after_adjustment").n == 13


def test_which_way_is_better_is_the_projects_own_word():
    result = qi.programme(
        [
            series("lower", -3.0),
            series("higher", -3.0, direction="higher"),
            series("neutral", -3.0, direction="neutral"),
        ]
    )
    assert states(result) == {"lower": "improved", "higher": "worse", "neutral": "changed"}
    assert result.term("improved").value == 1
    assert result.term("tested").value == 3


def test_a_change_beside_another_change_is_neither_praised_nor_blamed():
    result = qi.programme([series("alder", -3.0, near=True), series("birch", 3.0, near=True)])
    assert states(result) == dict.fromkeys(("alder", "birch"), "changed, not alone")
    assert result.term("improved").value == result.term("worse").value == 0
    assert "2 changed together with something else" in result.headline()


def test_what_was_not_tested_stays_with_its_reason():
    result = qi.programme([*FOUR, series("fir", -9.0, tested=False)])
    row = result.effects.set_index("project").loc["fir"]
    assert row["state"] == "described"
    assert "too few points" in row["reason"]
    assert result.term("tested").value == 4
    points = result.pooled["Occupied beds"].points.set_index("study")
    assert "too few points" in points.loc["Fir", "reason"]


# ---- averages ----------------------------------------------------------------------------------


def test_the_average_is_that_of_pool():
    result = qi.programme(FOUR)
    table = pd.DataFrame(
        {"estimate": [-3.0, -0.3, 2.5, -1.5], "se": 0.5, "df": 30.0}, index=list("abcd")
    )
    alone = qi.pool(table, unit="beds")
    pooled = result.pooled["Occupied beds"]
    for term in ("pooled", "prediction", "tau2"):
        mine, theirs = pooled.estimates.loc[term], alone.estimates.loc[term]
        assert mine[["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx(
            theirs[["estimate", "ci_low", "ci_high"]].tolist()
        )
    assert result.term("pooled: Occupied beds").value == pytest.approx(pooled.figures("pooled")[0])


def test_projects_whose_months_go_up_and_down_together_are_described_on_average():
    """All of these are one series, so their residuals are the same."""
    alike = [series(name, -3.0) for name in ("alder", "birch", "cedar", "elm")]
    result = qi.programme(alike)
    pooled = result.pooled["Occupied beds"]
    assert pooled.residual_correlation == pytest.approx(1)
    assert pooled.finding == "described"
    text = " ".join(
        result.findings.loc[result.findings["about"].str.startswith("On av"), "finding"]
    )
    assert "shows no change by itself" in text
    rng = np.random.default_rng(3)
    n = len(alike[0].result.points)
    basis = np.linalg.qr(rng.normal(size=(n, 5)) * [0, 1, 1, 1, 1] + [1, 0, 0, 0, 0])[0][:, 1:]
    apart = [
        replace(item, result=replace(item.result, points=item.result.points.assign(residual=own)))
        for item, own in zip(alike, basis.T, strict=True)
    ]
    pooled = qi.programme(apart).pooled["Occupied beds"]
    assert pooled.residual_correlation == pytest.approx(0, abs=1e-9)
    assert pooled.finding == "lower"


@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "Falls"},
        {"unit": "beds per 1,000 people"},
        {"value": "beds_without_leave"},
    ],
)
def test_two_definitions_never_meet_in_one_average(other):
    results = [*FOUR, series("fir", -40.0, **other), series("gorse", -40.0, **other)]
    result = qi.programme(results)
    assert len(result.pooled) == 2
    members = [set(pooled.points["study"]) for pooled in result.pooled.values()]
    assert {"Fir", "Gorse"} in members
    assert {"Alder", "Birch", "Cedar", "Elm"} in members
    assert sum(len(names) for names in members) == 6


DEFINITIONS = st.sampled_from(
    [{}, {"outcome": "Falls"}, {"unit": "nights"}, {"value": "net"}, {"outcome": "OCCUPIED BEDS"}]
)


@given(st.lists(DEFINITIONS, min_size=2, max_size=9))
def test_whatever_the_mixture_an_average_holds_one_definition(definitions):
    results = [series(f"p{n}", -n, **one) for n, one in enumerate(definitions)]
    result = qi.programme(results)
    for measure, pooled in result.pooled.items():
        rows = result.effects[result.effects["called"].isin(pooled.points["study"])]
        assert rows["definition"].nunique() == 1, measure
        assert len(rows) == len(pooled.points)


@given(st.permutations(range(4)))
def test_the_order_of_results_changes_no_average(order):
    mine = qi.programme([FOUR[place] for place in order]).estimates
    theirs = qi.programme(FOUR).estimates
    for term in ("pooled: Occupied beds", "prediction: Occupied beds", "improved", "unclear"):
        columns = ["estimate", "ci_low", "ci_high"]
        assert mine.loc[term, columns].tolist() == pytest.approx(
            theirs.loc[term, columns].tolist(), nan_ok=True
        )


def test_a_refused_project_changes_no_estimate_and_stays_in_the_tables():
    with_it, without = qi.programme([*FOUR, refused("fir")]), qi.programme(FOUR)
    kept = without.estimates.drop(["projects", "projects_with_a_result", "evaluations"])
    pd.testing.assert_frame_equal(with_it.estimates.loc[kept.index], kept)
    assert with_it.projects["project"].tolist()[-1] == "fir"
    assert with_it.projects["why_not"].tolist()[-1] == "There are too few months."
    last = with_it.evidence.iloc[-1]
    assert (last["state"], last["words"]) == ("not evaluated", "not evaluated")
    about = with_it.findings.set_index("about")
    assert "1 × There are too few months" in about.loc["Not evaluated", "finding"]
    assert about.loc["Not evaluated", "rows"] == [5]


def test_relative_changes_are_averaged_over_definitions_only_when_asked():
    results = [series("alder", -3.0), series("birch", -2.0, unit="nights a week")]
    assert not qi.programme(results).pooled
    asked = qi.programme(results, relative=True)
    (name,) = asked.pooled
    assert name == "Occupied beds, relative change"
    assert asked.pooled[name].figures("pooled")[0] == pytest.approx(-12.5, abs=1)
    assert "as asked" in " ".join(asked.checks["detail"])


def test_the_average_is_shown_without_those_with_another_change_near():
    result = qi.programme([*FOUR, series("fir", 30.0, near=True)])
    rows = result.sensitivity.set_index("choice")
    assert rows.loc["all", "projects"] == 5
    assert rows.loc["without those with another event near", "projects"] == 4
    assert rows.loc["without those with another event near", "estimate"] < 0
    about = result.findings.set_index("about")
    assert (
        "Over the 4 projects without another change near"
        in about.loc["On average: Occupied beds", "finding"]
    )


def of_counts(project, seed, *, level, small=False):
    """A project with 24 months of counts on either side of a change at once."""
    rng = np.random.default_rng(seed)
    counts = np.rint(level + rng.normal(0, 3, 48) - 8 * (np.arange(48) >= 24)).astype(int)
    if small:
        counts[30] = 2
    months = pd.date_range("2016-01-01", periods=48, freq="MS")
    result = qi.interrupted_time_series(
        pd.DataFrame({"period": months, "beds": counts}),
        value="beds",
        intervention="2018-01-01",
        unit="beds",
        outcome="Beds",
        counts="amount",
    )
    return evaluated(project, result)


@pytest.mark.parametrize("seed", [11, 23, 47])
def test_one_model_for_all_series_finds_the_change_at_once(seed):
    """Eight fewer in truth; beside it the two-stage average of the same quantity."""
    projects = [of_counts(f"p{n}", [seed, n], level=40 + 5 * n) for n in range(6)]
    result = qi.programme(projects)
    assert "without another change near" not in result.findings["finding"].str.cat()
    rows = result.sensitivity.set_index("choice")
    assert rows["projects"].tolist() == [6, 6]
    for low, high in rows[["ci_low", "ci_high"]].to_numpy():
        assert low < -8 < high
    panel = pd.concat([one.result.points.assign(unit=one.project) for one in projects])
    alone = one_stage(panel, unit="unit", value="value", time="time", intervention="2018-01-01")
    assert rows.loc[ONE_MODEL, "estimate"] == pytest.approx(
        alone.estimates.loc["level_change", "estimate"]
    )


def test_one_model_takes_released_series_but_none_with_a_withheld_month():
    """What is left of such a series are its larger months."""
    exact = [of_counts(f"p{n}", [5, n], level=40 + 5 * n, small=n == 0) for n in range(6)]
    sent = [replace(one, result=one.result.released("mhsds")) for one in exact]
    assert sent[0].result.points["value"].isna().any()
    rows = qi.programme(sent).sensitivity.set_index("choice")
    assert rows["projects"].tolist() == [5, 5]
    five = qi.programme(exact[1:]).sensitivity.set_index("choice")
    assert rows.loc[ONE_MODEL, "estimate"] == pytest.approx(five.loc[ONE_MODEL, "estimate"], abs=1)
    assert not len(qi.programme(sent[:3]).sensitivity)  # two series are too few


# ---- nothing dropped, nobody ranked ------------------------------------------------------------


def test_projects_stand_in_the_order_of_the_results_whatever_they_found():
    names = ["zelkova", "alder", "maple"]
    result = qi.programme([series(names[0], 1), series(names[1], -9), series(names[2], 3)])
    assert result.projects["project"].tolist() == names
    assert result.points.drop_duplicates("project")["project"].tolist() == names
    assert result.table("estimates").shown[1].cells == ("Zelkova", "Alder", "Maple")


def test_an_unknown_kind_of_result_is_listed_by_its_headline():
    told = series("alder").result

    class Strange(type(told)):
        kind = "not_known_here"

    strange = Strange(**{field.name: getattr(told, field.name) for field in fields(told)})
    result = qi.programme([*FOUR, evaluated("alder", strange, notebook="strange")])
    last = result.evidence.iloc[-1]
    assert (last["column"], last["headline"]) == ("Other", told.headline())
    assert "other kinds" in " ".join(result.checks["detail"])
    del Result._kinds["not_known_here"]


def test_every_finding_can_be_traced_to_its_rows():
    result = qi.programme([*FOUR, refused("fir")])
    for row in result.findings.itertuples():
        assert row.rows, row.about
        assert set(row.rows) <= set(result.evidence["number"])


def test_one_project_is_a_programme_too():
    result = qi.programme(FOUR[:1])
    assert not result.pooled
    assert result.headline() == "1 of 1 tested change in 1 project is an improvement."
    again = Result.from_dict(result.to_dict())
    assert again.summary() == result.summary()


def test_five_hundred_projects_are_one_too():
    rng = np.random.default_rng(2)
    results = [
        series(f"project{n:03}", float(rng.normal(-1, 1)), network=f"Network {n % 12}")
        if n % 10
        else refused(f"project{n:03}", network=f"Network {n % 12}")
        for n in range(500)
    ]
    result = qi.programme(results)
    assert len(result.projects) == len(result.evidence) == 500
    assert len(result.pooled["Occupied beds"].points) == 450
    assert len(result.alt_text()) < 2000
    assert all(len(row.finding) < 1000 for row in result.findings.itertuples())


# ---- SQUIRE ------------------------------------------------------------------------------------


def test_squire_has_its_eighteen_items_filled_or_not_reported():
    result = qi.programme(FOUR, squire={"funding": "None"}, title="Four wards")
    items = result.squire.set_index("key")
    assert list(items.index) == list(ITEMS)
    assert items["number"].tolist() == list(range(1, 19))
    assert items.loc["funding", ["reported", "source"]].tolist() == ["None.", "stated"]
    assert items.loc["title", "reported"] == "Four wards."
    assert items.loc["ethics", ["reported", "source"]].tolist() == ["Not reported", ""]
    assert "4 of 4 projects state an aim" in items.loc["aims", "reported"]
    assert "false discovery rate held at 5%" in items.loc["analysis", "reported"]


# ---- what cannot be summed up ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "asked", "error", "says"),
    [
        ([refused("alder")], {}, qi.CannotEvaluate, "has a result, so there is nothing to sum up"),
        ([], {}, qi.CannotEvaluate, "no evaluations"),
        (FOUR, {"squire": {"fundin": "x"}}, qi.ParameterError, "Did you mean `funding`"),
        (FOUR, {"false_discovery_rate": 5}, qi.ParameterError, "between 0 and 1"),
    ],
)
def test_what_has_no_answer_is_refused(results, asked, error, says):
    with pytest.raises(error, match=says):
        qi.programme(results, **asked)


# ---- by luck alone ------------------------------------------------------------------------------


def test_luck_adds_up_the_chance_of_a_false_claim_of_each_verdict():
    results = [*FOUR, refused("fir")]
    luck = qi.programme(results).luck
    rates = luck[luck["way"] == "calibrated rates"].iloc[0]
    own = [item.result.false_claim for item in FOUR]
    assert 0.02 < min(own) <= max(own) < 0.1
    assert rates["expected"] == pytest.approx(sum(own))
    assert (rates["evaluations"], rates["clear"]) == (4, 3)
    assert rates["rows"] == [1, 2, 3, 4]


def test_luck_by_other_dates_is_the_share_at_which_the_headline_would_have_claimed():
    def tried(claims):
        item = series("alder")
        placebo = item.result.placebo.head(4).assign(claims=claims)
        return replace(item, result=replace(item.result, placebo=placebo))

    results = [tried([True, False, False, False]), tried([False, False, True, True])]
    luck = qi.programme(results).luck
    dates = luck[luck["way"] == "other dates"].iloc[0]
    assert dates["expected"] == pytest.approx(0.25 + 0.5)
    assert dates["dates"] == 8
    assert dates["rate"] == pytest.approx(37.5)


def test_both_ways_stand_on_the_page_with_their_limits():
    result = qi.programme(FOUR)
    finding = result.findings.set_index("about").at["By luck alone", "finding"]
    assert "would claim a change by luck alone; 3 do" in finding
    page = report.key_findings(result).text
    assert finding in page
    assert "too low where real series bend or break" in page
    assert "its dates lie near one another" in page
    assert len(result.table("luck")) == 2
    assert result.released().table("luck").rows["clear"].tolist() == [3, 3]


def test_a_result_of_an_earlier_qieval_has_no_other_dates():
    item = series("alder")
    placebo = item.result.placebo.drop(columns="claims")
    luck = qi.programme([replace(item, result=replace(item.result, placebo=placebo))]).luck
    assert luck["way"].tolist() == ["calibrated rates"]


def test_the_programme_counts_what_lasted():
    result = qi.programme(FOUR)
    counts = {
        name.removeprefix("sustained_"): int(result.term(name).value)
        for name in result.estimates.index
        if name.startswith("sustained_")
    }
    own = [item.result.verdict.sustained.status for item in FOUR]
    assert sum(counts.values()) == sum(status != "none" for status in own) == 3
    assert "Did it last" in result.findings["about"].tolist()
