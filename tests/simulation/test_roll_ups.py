"""What roll-ups find in the example programme is what was built into it."""

from __future__ import annotations

import numpy as np
import yaml

import qieval as qi
from qieval.catalogue import EVALUATIONS
from tests.conftest import REPOSITORY


def test_the_simulated_programme_is_recovered(example_outputs):
    results = qi.read_results(programme="closing-the-gap")
    assert not [item.name for item in results if item.status in ("failed", "not run")]
    result = qi.programme(results)
    truth = yaml.safe_load((REPOSITORY / "data/closing-the-gap/TRUTH.yml").read_text())["projects"]
    pooled = result.pooled["Occupied bed days"]
    evidence = result.evidence.set_index("called")["project"].to_dict()
    members = [evidence[name] for name in pooled.points["study"]]
    seen = [
        truth[name].get("seen_average_change", truth[name]["average_effect"]) for name in members
    ]
    _, low, high = pooled.figures("pooled")
    assert low < np.mean(seen) < high
    alone = result.sensitivity[result.sensitivity["choice"] != "all"].iloc[0]
    own = [truth[name]["average_effect"] for name in members if "other_change" not in truth[name]]
    assert alone["ci_low"] < np.mean(own) < alone["ci_high"]
    found = dict(zip(result.effects["project"], result.effects["state"], strict=True))
    for name, about in truth.items():
        if about["expect"] == "warn" and "other_change" in about:
            assert found[name] in ("changed, not alone", "no clear change"), name
        elif about.get("average_effect") == 0:
            assert found[name] == "no clear change", name  # no false alarm
        elif about["expect"] == "refuse":
            assert found.get(name) is None, name
    assert set(result.projects["project"]) >= set(truth)


def test_every_kind_of_evidence_has_a_column_of_its_own(example_outputs):
    results = qi.read_results(programme="closing-the-gap")
    result = qi.programme(results)
    others = result.evidence[result.evidence["column"] == "Other"]
    assert set(others["kind"]) <= {"", "power", "roll_out_power", "data_passport", "strata"}
    assert set(result.evidence["evaluation"]) == {item.name for item in results}
    assert all(EVALUATIONS[item.notebook] for item in results if item.notebook)


def test_figures_are_those_of_the_results_themselves(example_outputs):
    results = qi.read_results(programme="closing-the-gap")
    effects = qi.programme(results).effects.set_index("project")
    by_name = {item.name: item.result for item in results}
    for evaluation, term in [
        ("rowan-discharge-pathway/interrupted_time_series", "average_effect"),
        ("mallow-health-clinic/audit", "composite_change"),
        ("borderline-service-standards/provision", "opportunity_score_change"),
        ("chestnut-activities/survey", "odds_ratio"),
        ("crisis-bed-hub/crisis_access", "difference"),
        ("sycamore-first-appointment/waits", "difference"),
    ]:
        theirs = by_name[evaluation].estimates.loc[term, ["estimate", "ci_low", "ci_high"]]
        mine = effects.loc[evaluation.partition("/")[0], ["estimate", "ci_low", "ci_high"]]
        assert mine.tolist() == theirs.tolist(), evaluation


def test_returns_and_cycles_beside_the_results_are_those_built_in(example_outputs):
    result = qi.programme(qi.read_results(programme="closing-the-gap"))
    truth = yaml.safe_load((REPOSITORY / "data/closing-the-gap/TRUTH.yml").read_text())["projects"]
    projects = result.projects.set_index("project")
    for name in ("rowan-discharge-pathway", "alder-weekly-review", "lavender-peer-mentors"):
        (returns,) = truth[name]["returns"]
        share = 100 * returns["received"] / returns["expected"]
        assert projects.loc[name, "returns"] == f"{share:.0f}% came"
    assert projects.loc["saffron-crisis-plans", "pdsa"] == "4 of 4 features"
    assert projects.loc["saffron-crisis-plans", "involvement"] == "7 of 7 stages"


def test_the_hidden_effect_of_the_simulated_ward_comes_to_light(example_outputs):
    """Hornbeam: 2.2 beds freed, hidden by a merger three months later (TRUTH.yml)."""
    log = qi.read(str(REPOSITORY / "data/closing-the-gap/events.csv"), "events").table
    results = qi.read_results(programme="closing-the-gap", projects=["hornbeam-home-first"])
    found = qi.context(log, results)
    assert "Two community teams merged" in found.near["event"].tolist()
    rows = found.with_without.set_index("model")
    stepped = rows.loc["with a step for “Two community teams merged”"]
    assert rows.loc["as reported", "estimate"] > -1
    assert stepped["ci_low"] < -2.2 < stepped["ci_high"]
