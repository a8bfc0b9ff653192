"""Outcome, process and balancing measures read together."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.core.result import Result

STEP = 18
MEASURES = [
    {
        "name": "Occupied beds",
        "role": "outcome",
        "direction": "lower",
        "value": "beds",
        "unit": "beds",
    },
    {
        "name": "Plan within 72 hours",
        "role": "process",
        "direction": "higher",
        "numerator": "planned",
        "denominator": "admitted",
        "per": 100,
        "target": 75,
    },
    {
        "name": "Readmissions",
        "role": "balancing",
        "direction": "lower",
        "numerator": "back",
        "denominator": "discharged",
        "per": 100,
    },
]


def table(*, outcome=-5.0, process=0.3, balancing=0.0, seed=1):
    rng = np.random.default_rng(seed)
    months = pd.date_range("2015-01-01", periods=2 * STEP, freq="MS")
    after = np.arange(len(months)) >= STEP
    admitted, discharged = rng.poisson(80, len(months)), rng.poisson(60, len(months))
    return pd.DataFrame(
        {
            "period": months,
            "beds": 20 + rng.normal(0, 1, len(months)) + outcome * after,
            "admitted": admitted,
            "planned": rng.binomial(admitted, 0.5 + process * after),
            "discharged": discharged,
            "back": rng.binomial(discharged, 0.1 + balancing * after),
        }
    )


def variation(result):
    return dict(zip(result.judged["measure"], result.judged["variation"], strict=True))


def test_each_measure_is_judged_by_its_own_chart():
    data = table()
    result = qi.family_of_measures(data, measures=MEASURES)
    assert variation(result) == {
        "Occupied beds": "improvement",
        "Plan within 72 hours": "improvement",
        "Readmissions": "common_cause",
    }
    alone = qi.control_chart(
        data, kind="i", value="beds", direction="lower", outcome="Occupied beds", unit="beds"
    )
    pd.testing.assert_frame_equal(result.charts["Occupied beds"].points, alone.points)
    assert result.estimates.loc["Occupied beds", "estimate"] == pytest.approx(data["beds"].mean())
    assert "2 show an improvement" in result.headline()
    assert len(result.points) == 3 * len(data)


def test_the_words_put_the_measures_together():
    better = qi.family_of_measures(table(balancing=0.3), measures=MEASURES)
    assert "Something else became worse at the same time" in better.details()
    only_outcome = qi.family_of_measures(table(process=0), measures=MEASURES)
    assert "without a signal in the process" in only_outcome.details()
    only_process = qi.family_of_measures(table(outcome=0), measures=MEASURES)
    assert "outcome shows no improvement" in only_process.details()
    without = qi.family_of_measures(table(), measures=MEASURES[:2])
    assert "There is no balancing measure" in without.details()


def test_a_centre_line_that_starts_anew_is_told_since_no_signal_shows_it():
    result = qi.family_of_measures(
        table(), measures=MEASURES[:1], rephase={"2016-07-01": "Pathway began"}
    )
    assert "a centre line that went from" in result.details()


def test_special_causes_before_the_latest_point_are_told():
    data = table(outcome=0, process=0)
    data.loc[9, "beds"] = 40
    result = qi.family_of_measures(data, measures=MEASURES[:1])
    assert variation(result) == {"Occupied beds": "common_cause"}
    assert re.search(r"but \d+ of 36 points before it show a special cause", result.details())


def test_measures_one_below_the_other_are_chosen_by_their_rows():
    data = table()
    long = pd.concat(
        [
            pd.DataFrame(
                {"period": data["period"], "measure": name, "count": data[n], "of": data[d]}
            )
            for name, n, d in [("Plans", "planned", "admitted"), ("Back", "back", "discharged")]
        ]
    )
    chosen = {"numerator": "count", "denominator": "of", "per": 100}
    result = qi.family_of_measures(
        long,
        measures=[
            {"name": "P", "role": "process", "direction": "higher", **chosen}
            | {"where": {"measure": "Plans"}},
            {"name": "B", "role": "balancing", "direction": "lower", **chosen}
            | {"where": {"measure": "Back"}},
        ],
    )
    assert variation(result) == {"P": "improvement", "B": "common_cause"}
    with pytest.raises(qi.DataError, match="2 different texts in rows 1, 2"):
        qi.family_of_measures(
            long,
            measures=[
                {"name": "P", "role": "process", "direction": "higher", **chosen}
                | {"where": {"measure": "Plan"}}
            ],
        )


def test_the_chance_of_a_false_alarm_grows_with_the_number_of_measures():
    def chance(measures):
        result = qi.family_of_measures(table(), measures=measures)
        detail = result.checks.set_index("id").loc["false_alarms_together", "detail"]
        return float(detail.partition("about ")[2].partition("%")[0])

    one = qi.family_of_measures(table(), measures=MEASURES[:1])
    alone = one.charts["Occupied beds"].setup.false_alarm
    assert chance(MEASURES[:1]) == round(100 * alone)
    assert chance(MEASURES) == round(100 * (1 - (1 - alone) ** 3))


def test_a_result_file_holds_every_chart():
    result = qi.family_of_measures(table(), measures=MEASURES)
    again = Result.from_dict(result.to_dict())
    assert again.summary() == result.summary()
    assert again.charts["Readmissions"].summary() == result.charts["Readmissions"].summary()


@pytest.mark.parametrize(
    ("measures", "error", "says"),
    [
        ([], qi.ParameterError, "There are no measures"),
        ([{"name": "A", "role": "outcome"}], qi.ParameterError, "lacks `direction`"),
        ([MEASURES[0] | {"role": "outcom"}], qi.ParameterError, "`outcome`"),
        ([MEASURES[0] | {"valeu": "beds"}], qi.ParameterError, "`value`"),
        ([MEASURES[0] | {"numerator": "back"}], qi.ParameterError, "found both|Found: both|both"),
        ([MEASURES[0], MEASURES[0]], qi.ParameterError, "same name"),
        ([MEASURES[0] | {"value": "bedz"}], qi.DataError, "Did you mean `beds`"),
        (
            [MEASURES[2] | {"numerator": "discharged", "denominator": "back", "chart": "p"}],
            qi.DataError,
            "measure `Readmissions`",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_measure(measures, error, says):
    with pytest.raises(error, match=says):
        qi.family_of_measures(table(), measures=measures)


# ---- many measures on many wards ---------------------------------------------------------------

WARDS = ["Birch", "Rowan", "Maple"]


def wards(**moved):
    """Three wards; `moved`: ward → what is otherwise there."""
    parts = [
        table(seed=seed, **({"outcome": 0, "process": 0} | moved.get(ward, {}))).assign(ward=ward)
        for seed, ward in enumerate(WARDS)
    ]
    return pd.concat(parts, ignore_index=True)


def test_every_measure_has_a_chart_for_each_ward_as_by_itself():
    data = wards(Rowan={"outcome": -5.0})
    result = qi.family_of_measures(data, measures=MEASURES, by="ward")
    assert len(result.judged) == len(result.estimates) == 9
    assert result.estimates.index[5] == "Plan within 72 hours: Rowan"
    for ward in WARDS:
        alone = qi.family_of_measures(data[data["ward"] == ward], measures=MEASURES)
        own = result.judged[result.judged["group"] == ward].reset_index(drop=True)
        for column in ("variation", "reason", "assurance", "lines"):
            assert own[column].tolist() == alone.judged[column].tolist()
    chances = [chart.setup.false_alarm for chart in result.charts.values()]
    detail = result.checks.set_index("id").loc["false_alarms_together", "detail"]
    at_least_one = 100 * (1 - np.prod([(1 - one) ** 3 for one in chances]))
    assert (
        f"at least one of 9 such charts would still show a signal in about {at_least_one:.0f}%"
        in (detail)
    )


def test_the_sentence_counts_charts_and_names_those_of_concern():
    result = qi.family_of_measures(
        wards(Rowan={"outcome": -5.0}, Maple={"balancing": 0.3}), measures=MEASURES, by="ward"
    )
    assert result.headline().startswith("Of 9 charts (3 measures, 3 groups), ")
    assert result.headline().endswith("of concern: Readmissions: Maple.")
    assert "Outcome: Occupied beds: 1 of 3 better, none of concern" in result.details()
    assert "Readmissions: 0 of 3 better, 1 of concern (Maple)" in result.details()
    assert result.verdict.kind == "described"
    assert all(set(states) == {"described"} for states in result.states.values())
    counts = result.table("estimates").rows.set_index("measure")
    assert counts.loc["Readmissions", ["charts", "worse"]].tolist() == [3, 1]


def test_many_charts_are_drawn_with_those_of_concern_first_and_their_points_shown():
    data = pd.concat(
        [wards(Maple={"balancing": 0.3}).assign(site=site) for site in ("North", "South")],
        ignore_index=True,
    )
    result = qi.family_of_measures(data, measures=MEASURES, by=["site", "ward"])
    assert len(result.judged) == 18
    first = result.judged.iloc[result.drawn]
    assert len(first) == 12
    assert first["group"].tolist()[:2] == ["North, Maple", "South, Maple"]
    assert len(result.table("points").rows) == 12 * 2 * STEP
    assert "12 of 18" in result.alt_text()
    assert len(result.points) == 18 * 2 * STEP


def test_a_missing_ward_of_one_measure_loses_no_other():
    data = wards()
    data.loc[data["ward"] == "Birch", "beds"] = np.nan
    with pytest.raises(qi.QievalError, match="measure `Occupied beds`"):
        qi.family_of_measures(data[data["ward"] == "Birch"], measures=MEASURES[:1])
    result = qi.family_of_measures(data, measures=MEASURES, by="ward")
    assert result.judged.loc[result.judged["group"] == "Rowan", "variation"].ne("").all()


@pytest.mark.parametrize("by", ["measure", "role", "no_such_column"])
def test_groups_that_cannot_be(by):
    data = wards()
    if by != "no_such_column":
        data = data.rename(columns={"ward": by})
    with pytest.raises(qi.QievalError, match=by):
        qi.family_of_measures(data, measures=MEASURES, by=by)


def test_what_became_worse_with_the_projects_change_is_told_as_worse():
    """A balancing measure that rose with the project is what a family is there to show."""
    for kind in ("project", "policy"):
        event = {"date": "2016-07-01", "event": "Pathway began", "kind": kind}
        result = qi.family_of_measures(table(balancing=0.3), measures=MEASURES, events=[event])
        assert "Something else became worse at the same time" in result.details()
        assert "neither better nor worse" not in result.summary()
        assert result.states["balancing"] == ["worse"]
        expected = "concern" if kind == "project" else "level_worse"
        assert variation(result)["Readmissions"] == expected
