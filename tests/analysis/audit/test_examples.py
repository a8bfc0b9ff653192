"""The parameter files of the audits: the truth of simulated ones, published real figures."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import qieval as qi
from qieval.analysis.audit.methods.answers import COMPOSITE
from qieval.params import Parameters, read_evaluation

ROOT = Path(__file__).resolve().parents[3]


def evaluated(place: str):
    file = read_evaluation(ROOT / "params" / place, ROOT)
    asked = Parameters(file.notebook, file.parameters)
    table = qi.read(**asked.of(qi.read)).table
    if file.notebook == "audit":
        table = qi.audit_counts(table, **asked.of(qi.audit_counts)).table
    return qi.audit(table, **asked.of(qi.audit))


@pytest.fixture(scope="module")
def truth() -> dict:
    text = (ROOT / "data" / "closing-the-gap" / "TRUTH.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["projects"]


def test_the_truth_of_teams_that_stayed_lies_in_the_interval(truth):
    found = evaluated("closing-the-gap/physical-health-checks/audit.yml")
    said = truth["physical-health-checks"]["audit"]
    assert found.names("left") == sorted(said["dropped_out_after_waves"])
    same = said["same_teams"]
    first, last = found.pair
    inside = 0
    for standard in [*found.params["standards"], COMPOSITE]:
        name = "all six" if standard == COMPOSITE else standard
        true = same[last][name] - same[first][name]
        change = found.main_change(standard)
        inside += change["ci_low"] <= true <= change["ci_high"]
    assert inside >= 6  # of seven 95% intervals
    assert "took part both times" in found.headline()


def test_the_same_forty_people_are_compared_pair_by_pair(truth):
    found = evaluated("closing-the-gap/mallow-health-clinic/audit.yml")
    said = truth["mallow-health-clinic"]["audit"]
    change = found.main_change()
    assert change["n_after"] == said["same_people"]
    first, last = found.pair
    true = said["all_teams"][last]["all six"] - said["all_teams"][first]["all six"]
    assert change["ci_low"] <= true <= change["ci_high"]


def test_services_that_could_be_accredited_are_counted(truth):
    found = evaluated("closing-the-gap/borderline-service-standards/provision.yml")
    said = truth["borderline-service-standards"]["provision"]
    every = found.accreditation[found.accreditation["type"] == "every type"]
    for row in every.itertuples():
        assert row.reached == len(said["accredited"][row.wave])
    assert found.members("left") == len(said["only_in_first_wave"])
    assert found.members("joined") == len(said["only_in_last_wave"])
    now = found.access[found.access["wave"] == "2019"].set_index("locality")["share"]
    assert now.idxmin() == "Coast"


# Sums over the areas that sent figures, per cent of the register, from the published file.
PUBLISHED = {
    "2018/19 Q3": {
        "Blood pressure": 62.1,
        "Smoking": 63.9,
        "Alcohol": 62.7,
        "Blood glucose": 53.2,
        "Weight or BMI": 51.0,
        "Blood lipids": 48.8,
        COMPOSITE: 24.1,
    },
    "2023/24 Q4": {COMPOSITE: 68.5},
}


@pytest.mark.mirror
def test_the_published_figures_of_england(mirror):
    found = evaluated("open-data/england-smi-physical-health/audit.yml")
    for wave, shares in PUBLISHED.items():
        for standard, share in shares.items():
            assert 100 * found.point(wave, standard)["share"] == pytest.approx(share, abs=0.05)
    single = found.points[found.points["what"] == "standard"]
    last = single[single["wave"] == "2023/24 Q4"]
    assert 100 * last["share"].min() == pytest.approx(79.9, abs=0.05)
    assert 100 * last["share"].max() == pytest.approx(86.4, abs=0.05)
    # what single counts say of all six holds what is known of all six
    for row in found.by_wave.itertuples():
        assert row.bound_low <= found.point(row.wave, COMPOSITE)["share"] <= row.bound_high
    # nine areas sent zeros and two sent blanks: missing, not 0 %
    assert found.by_wave["teams"].tolist() == [184, 106]
    change = found.main_change()
    assert change["group"] == "both"
    assert change["ci_low"] > 0.3
