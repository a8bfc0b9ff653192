"""What an interrupted time series says: the numbers of its tables, no surer than they are."""

from __future__ import annotations

import html
import json
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.its import ITSResult, tables
from qieval.core.result import Result, to_json
from qieval.core.words import number
from tests.analysis.its.simulated import ar1_errors, monthly, start
from tests.shown import bundle_of, shown, undeclared

WORDS = {
    "outcome": "Occupied bed days",
    "unit": "beds",
    "setting": "Alder ward",
    "change": "the weekly review",
    "season": None,
}
NEAR = [{"date": start(25), "event": "Two wards merged"}]


def its(data, at=24, **more) -> ITSResult:
    given = {"value": "bed_days", "intervention": start(at), **WORDS, **more}
    return qi.interrupted_time_series(data, **given)


def average(**more):
    return its(monthly(n=60, at=30), 30, **more)


def passed_again(**more):
    return its(monthly(level=-8, slope=0.6), **more)


def fading(**more):
    return its(monthly(level=-4, slope=0.02), **more)


def gradual(**more):
    return its(monthly(level=1.5, slope=-0.2, seed=2), **more)


def unclear(**more):
    return its(monthly(level=0, slope=0, seed=5), **more)


def described(**more):
    return its(monthly(n=14, at=7), 7, **more)


def rising(**more):
    data = monthly(n=60, at=30)
    return its(data.assign(bed_days=100 - data["bed_days"]), 30, **more)


def counted(**more):
    mean = np.where(np.arange(40) < 20, 6, 2.0)
    data = monthly(n=40).assign(bed_days=np.random.default_rng(3).poisson(mean))
    return its(data, 20, **{"outcome": "Falls", "unit": "falls", "family": "events", **more})


def of_days(**more):
    data = monthly(n=60, at=30)
    data["days_in_period"] = data["period"].dt.days_in_month
    data["bed_days"] *= data["days_in_period"]
    return its(data, 30, **{"denominator": "days_in_period", "unit": None, **more})


def several(**more):
    return its(monthly(n=60, at=20), intervention=[start(20), start(40)], **more)


def of(freq, n, at, **more):
    data = monthly(n=n, at=at, level=-4, slope=0, seed=4)
    data["period"] = pd.date_range("2001-01-01", periods=n, freq=freq)
    return its(data, intervention=f"{data['period'][at]:%Y-%m-%d}", **more)


def controlled(**more):
    other = 50 + ar1_errors(48, 0.3, np.random.default_rng(7))[:, 0]
    return its(monthly().assign(other=other), control="other", **more)


MAKE = {
    "average": average,
    "passed again": passed_again,
    "fading": fading,
    "gradual": gradual,
    "unclear": unclear,
    "described": described,
    "rising": rising,
    "counted": counted,
    "of days": of_days,
    "several": several,
    "weeks": lambda **more: of("W-MON", 100, 50, **more),
    "quarters": lambda **more: of("QS", 24, 12, **more),
    "years": lambda **more: of("YS", 30, 15, **more),
    "controlled": controlled,
    "temporary": lambda **more: its(monthly(n=60, at=20), 20, intervention_end=start(36), **more),
    "wash-out": lambda **more: its(monthly(), transition=3, **more),
    "missing": lambda **more: its(monthly(seed=3).drop(index=[4, 5, 30]), **more),
}


@cache
def made(name: str, near: bool = False) -> ITSResult:
    return MAKE[name](direction="lower", events=NEAR if near else None)


def figures(result: ITSResult, term: str) -> tuple[str, str, str]:
    """An estimate and its interval as the words give them, without sign."""
    row = result.estimates.loc[term]
    half = (row["ci_high"] - row["ci_low"]) / 2
    places = int(min(4, max(0, 1 - np.floor(np.log10(half)))))
    near, far = sorted(abs(row[["ci_low", "ci_high"]].astype(float)))
    return number(abs(row["estimate"]), places), number(near, places), number(far, places)


# ---- every finding -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "finding", "kind"),
    [
        ("average", "average", "improved"),
        ("rising", "average", "worse"),
        ("fading", "average", "improved"),
        ("passed again", "at_once", "changed"),
        ("gradual", "unclear", "no clear change"),
        ("unclear", "unclear", "no clear change"),
        ("described", "described", "described"),
    ],
)
def test_the_finding_and_its_verdict(name, finding, kind):
    result = made(name)
    assert (result.finding, result.verdict.kind) == (finding, kind)


@pytest.mark.parametrize("name", ["average", "passed again", "fading", "counted", "of days"])
def test_every_figure_of_the_headline_stands_in_the_table(name):
    result = made(name)
    cells = " ".join(shown(result, "estimates").iloc[:, 1]).replace("−", "")
    term = result.verdict.term
    assert result.verdict.size == result.term(term)
    figures = re.findall(r"\d[\d,]*\.\d+", result.headline())
    assert figures
    for figure in figures:
        assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", cells), figure


def test_an_average_change_is_told_by_its_average():
    result = made("average")
    size, near, far = figures(result, "average_effect")
    assert result.headline() == (
        f"Occupied bed days: {size} beds lower than expected after the weekly review, on average "
        "over 30 months."
    )
    details = result.details()
    assert f"over the 30 months after it the average was {size} beds lower ({near} to {far}" in (
        details
    )
    size, near, far = figures(result, "level_change")
    assert f"At once the difference was {size} beds lower ({near} to {far} lower)" in details
    last, near, far = figures(result, "effect_at_30")
    assert f"In December 2022 the difference was {last} beds lower ({near} to {far}" in details
    assert "(95% intervals)" in details


def test_an_average_change_has_its_share():
    result = made("average")
    row = 100 * result.estimates.loc["relative_effect", ["estimate", "ci_high", "ci_low"]]
    share, near, far = (f"{number(abs(figure), 1)}%" for figure in row)
    assert f"That is {share} lower ({near} to {far})." in result.details()


def test_a_rise_is_higher():
    result = made("rising")
    size, _, _ = figures(result, "average_effect")
    assert f"{size} beds higher than expected" in result.headline()
    assert "lower" not in result.summary()


def test_a_step_whose_average_is_unclear_never_says_that_it_lasted():
    result = made("passed again")
    size, near, far = figures(result, "level_change_99")
    assert result.headline().startswith(
        f"Occupied bed days fell by {size} beds at once after the weekly review (99% interval "
        f"{near} to {far}); whether it made a difference over 24 months cannot be said"
    )
    assert "last" not in result.headline()
    assert result.verdict.words == "fell at once"
    level, day = tables.passed_again(result.points, "month")
    assert level == result.points["value"].iloc[12:24].mean()
    passed = f"The level of the year before the change ({number(level)} beds) was passed again in"
    assert f"{passed} {day:%B %Y}." in result.details()
    values = result.points.set_index("time")["value"]
    assert values[day] >= level
    assert (values[start(24) : day].iloc[:-1] < level).all()


def test_a_clear_end_alone_is_a_hint_and_no_finding():
    result = made("gradual")
    assert result.term("effect_at_24").side == -1
    assert not result.verdict.claims
    assert "that alone is a hint and no finding" in result.details()


def test_the_change_at_once_has_the_estimate_of_the_level_and_a_wider_interval():
    for name in ("average", "counted"):
        result = made(name)
        level, surer = result.term(result.span.at_once), result.term("level_change_99")
        assert surer.value == pytest.approx(level.value)
        assert surer.low < level.low < level.high < surer.high
    row = made("average").estimates.loc["level_change_99"]
    at_99 = MAKE["average"](confidence=0.99).estimates.loc["level_change"]
    for limit in ("ci_low", "ci_high"):
        assert row[limit] == pytest.approx(at_99[limit])


def test_the_change_at_once_may_be_declared_the_primary_quantity():
    result = passed_again(primary="level_change")
    assert result.verdict.term == "level_change"
    assert "(95% interval" in result.headline()


@pytest.mark.parametrize(("name", "claims"), [("average", True), ("gradual", False)])
def test_of_the_change_at_once_alone_nothing_is_said_of_an_average_that_is_clear(name, claims):
    result = MAKE[name](primary="level_change")
    assert result.verdict.claims == claims
    assert "cannot be said" not in result.headline()
    assert "over 24 months" not in result.headline()
    if claims:
        assert result.term("average_effect").side
    else:
        assert "a change at once after the weekly review can be neither" in result.headline()
        row = result.estimates.loc["level_change"]
        missed = number(1.43 * (row["ci_high"] - row["ci_low"]) / 2, 1)
        assert f"a true change at once below {missed} beds" in result.details()


def test_a_difference_that_matters_is_ruled_out_only_if_it_was_declared():
    assert made("unclear").finding == "unclear"
    result = unclear(smallest=3)
    assert result.finding == "no_important_change"
    assert "3 beds or more over 24 months is ruled out" in result.headline().replace("3.00", "3")
    assert result.verdict.kind == "no clear change"
    assert unclear(smallest=1).finding == "unclear"
    with pytest.raises(qi.ParameterError, match="above zero"):
        unclear(smallest=-3)


def test_an_unclear_result_tells_the_interval_and_not_that_nothing_changed():
    result = made("unclear")
    assert result.headline() == (
        "Occupied bed days: a change after the weekly review can be neither shown nor ruled out."
    )
    row = result.estimates.loc["average_effect"]
    low, high = number(-row["ci_low"], 1), number(row["ci_high"], 1)
    assert f"anything from {low} beds lower to {high} beds higher" in result.details()
    assert "This does not show that nothing changed" in result.details()
    missed = number(1.43 * (row["ci_high"] - row["ci_low"]) / 2, 1)
    assert f"a true average difference below {missed} beds" in result.details()
    assert "hoped for" not in result.details()  # no direction was found


def test_a_described_series_tells_middle_values_and_makes_no_test():
    result = made("described")
    before, after = (number(result.points["value"].iloc[part].median()) for part in HALVES)
    assert result.headline() == (
        f"Occupied bed days: too few months to test a change (middle value {before} beds before "
        f"the weekly review, {after} after)."
    )
    assert result.details() == (
        "With 7 months on one side a real change and chance look alike, so no test was made. "
        "A yearly wave cannot be told from a change."
    )


HALVES = (slice(0, 7), slice(7, 14))


def test_the_summary_is_the_headline_and_the_details():
    for name in MAKE:
        result = made(name)
        assert result.summary() == f"{result.headline()} {result.details()}"


# ---- direction, events, beds -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "direction", "said"),
    [
        (average, "lower", "This is the direction hoped for."),
        (average, "higher", "This is not the direction hoped for."),
        (rising, "higher", "This is the direction hoped for."),
        (rising, "lower", "This is not the direction hoped for."),
    ],
)
def test_the_direction_hoped_for(make, direction, said):
    assert said in make(direction=direction).details()


@pytest.mark.parametrize("make", [average, unclear, described, passed_again])
def test_without_a_direction_nothing_is_hoped_for(make):
    assert "hoped for" not in make().summary()


@pytest.mark.parametrize("name", ["missing", "wash-out"])
def test_an_event_near_belongs_to_the_finding_and_is_named(name):
    with_event, without = made(name, near=True), made(name)
    assert with_event.headline() == (
        f"{without.headline()[:-1]}; something else changed at the same time."
    )
    assert with_event.details().endswith(
        "Something else happened at the same time (Two wards merged), so what is seen cannot be "
        "put down to the weekly review alone."
    )
    assert "at the same time" not in without.summary()


def test_an_event_near_a_result_without_a_finding_is_named_below_it():
    with_event, without = made("unclear", near=True), made("unclear")
    assert with_event.headline() == without.headline()
    assert "Two wards merged" in with_event.details()


def test_several_events_are_named_in_a_row():
    events = [
        *NEAR,
        {"date": start(23), "event": "New records"},
        {"date": start(24), "event": "Ash"},
    ]
    details = its(monthly(), events=events).details()
    assert "(Two wards merged, New records and Ash)" in details


def test_bed_days_a_day_are_beds():
    result = made("of days")
    total = result.estimates.loc["cumulative_effect"]
    fewer, near, far = (number(abs(total[c]), 0) for c in ("estimate", "ci_high", "ci_low"))
    beds, _, _ = figures(result, "average_effect")
    assert f"In all that is {fewer} bed days fewer ({near} to {far}), or about {beds} beds." in (
        result.details()
    )
    assert "bed days a day lower than expected" in result.headline()
    assert "In all" not in made("average").details()


def test_the_confidence_level_is_the_one_asked_for():
    result = average(confidence=0.9)
    assert "(90% intervals)" in result.details()
    assert "Estimate (90% interval)" in shown(result, "estimates").columns


# ---- kinds of period, counts, several interventions --------------------------------------------


@pytest.mark.parametrize(
    ("name", "plural", "last"),
    [
        ("weeks", "50 weeks", "week from 25 November 2002"),
        ("quarters", "12 quarters", "October to December 2006"),
        ("years", "15 years", "2030"),
    ],
)
def test_other_kinds_of_period_have_their_own_words(name, plural, last):
    result = made(name)
    words = " ".join([result.summary(), result.alt_text(), *shown(result, "estimates")["What"]])
    assert f"over the {plural} after it" in words
    assert last in words
    assert "month" not in words
    assert shown(result, "points").columns[0] == plural.split()[1].rstrip("s").capitalize()


def test_counts_are_told_in_their_unit_and_their_ratios_stand_in_the_table():
    result = made("counted")
    assert result.span.at_once == "effect_at_1"
    size, near, far = figures(result, "effect_at_1")
    assert f"At once the difference was {size} falls lower ({near} to {far} lower)" in (
        result.details()
    )
    table = shown(result, "estimates")
    rows = table.set_index("What")
    ratio = np.exp(result.estimates.loc["level_change", ["estimate", "ci_low", "ci_high"]])
    found = [float(figure) for figure in re.findall(r"[\d.]+", rows.iloc[1, 0])]
    assert found == pytest.approx(ratio.astype(float).tolist(), abs=0.006)
    assert rows["Unit"].to_dict() == {
        "Trend before the change, per month": "times per month",
        "Change at once": "times",
        "Change of the trend, per month": "times per month",
        "Difference in month 1 after it": "falls",
        "Difference in month 20 after it": "falls",
        "Average difference over 20 months": "falls",
        "Total difference over 20 months": "falls",
        "Difference as a share of what was expected, over 20 months": "%",
        "Change at once, 99% interval": "falls",
    }


def test_several_interventions_each_have_their_rows():
    table = shown(made("several"), "estimates")
    second = [name for name in table["What"] if name.endswith("(intervention 2)")]
    first = [name for name in table["What"] if not name.endswith(")")]
    both = {"Trend before the change, per month", "Change at once, 99% interval"}
    assert len(set(first) - both) == len(second)
    assert "Change at once" in first
    assert "Change at once (intervention 2)" in second


def test_a_control_is_said():
    result = made("controlled")
    assert result.headline().startswith("Occupied bed days compared with the control:")
    assert "Difference as a share" not in " ".join(shown(result, "estimates")["What"])


# ---- the tables --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKE)
def test_the_estimates_stand_under_plain_names_with_their_intervals(name):
    result = made(name)
    table, caption = shown(result, "estimates"), result.table("estimates").caption
    assert list(table.columns) == ["What", "Estimate (95% interval)", "Unit"]
    assert table["What"].is_unique
    assert not table["What"].str.contains("_").any()
    figure = r"−?[\d,]+(\.\d+)?"
    assert table.iloc[:, 1].str.fullmatch(rf"{figure} \({figure} to {figure}\)").all()
    assert (table["Unit"] != "").all()
    assert caption.startswith("Differences from what was expected without the change")
    assert ("For information only" in caption) == (name == "described")


def test_an_estimate_has_the_decimals_of_its_interval():
    table = shown(made("average"), "estimates")
    row = made("average").estimates.loc["average_effect"]
    expected = (
        f"−{abs(row['estimate']):.1f} (−{abs(row['ci_low']):.1f} to −{abs(row['ci_high']):.1f})"
    )
    assert table.set_index("What").loc["Average difference over 30 months"].iloc[0] == expected


@pytest.mark.parametrize("name", ["average", "described", "counted", "several"])
def test_the_sensitivity_table_has_a_row_a_choice_and_marks_the_reported_one(name):
    result = made(name, near=name == "average")
    table, caption = shown(result, "sensitivity"), result.table("sensitivity").caption
    assert list(table.columns) == ["Method", "Model", "Change at once", "Average difference"]
    assert len(table) == result.spread.groupby(["method", "model"]).ngroups
    marked = table["Model"].str.contains("the one reported above", regex=False)
    assert marked.tolist() == [True] + [False] * (len(table) - 1)
    assert table.notna().all().all()
    assert f"Unit: {result.span.unit}" in caption
    reported = result.spread[result.spread["headline"]].set_index("term")
    term = result.span.at_once
    assert reported.loc[term, "estimate"] == pytest.approx(result.estimates.loc[term, "estimate"])


def test_a_choice_that_the_data_cannot_carry_is_not_possible():
    """Counts that vary less than chance have no negative binomial."""
    counts = 4 + np.random.default_rng(5).integers(0, 2, 40)
    data = monthly(n=40).assign(bed_days=counts)
    table = shown(its(data, 20, family="events"), "sensitivity")
    assert "not possible" in set(table["Change at once"])


def test_three_points_a_side_are_told_whatever_they_are():
    """The least that is taken; the REML row of the spread cannot give its degrees of freedom."""
    for seed in range(1, 5):
        assert its(monthly(n=6, at=3, seed=seed), 3).finding == "described"


@pytest.mark.parametrize("name", MAKE)
def test_the_points_have_a_row_a_period_and_no_model_where_none_was_tested(name):
    result = made(name)
    table = shown(result, "points")
    assert len(table) == len(result.points)
    assert result.table("points").rows["value"].equals(result.points["value"])
    outcome = f"{result.params['outcome']} ({result.span.unit})"
    extra = [] if name == "described" else ["Model", "Expected without the change"]
    assert list(table.columns[1:]) == [outcome, *extra]
    if extra:
        after = result.points["period_after"] > 0
        assert (table["Expected without the change"] != "no value").tolist() == after.tolist()


# ---- alt text and views ------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKE)
def test_the_alt_text_tells_the_finding_first_and_then_what_is_drawn(name):
    result = made(name)
    alt = result.alt_text()
    assert alt.startswith(result.headline())
    seen = result.points["value"].dropna()
    assert f"({len(seen)} points, between {number(seen.min())} and {number(seen.max())}" in alt
    assert "for Alder ward, one point a" in alt
    assert ("dashed line with a shaded band" in alt) == (name != "described")
    assert ("middle value before and after" in alt) == (name == "described")
    assert len(alt) < 800


def test_the_alt_text_names_every_intervention_and_no_setting_where_none_is_given():
    assert "in September 2019 and May 2021." in made("several").alt_text()
    assert "Chart of occupied bed days, one point" in average(setting="").alt_text()


@pytest.mark.parametrize("name", MAKE)
def test_the_spread_is_told_by_its_ends_and_how_many_are_clear(name):
    result = made(name)
    title, words = result.view_words("spread")
    rows = result.spread_at_once()
    assert title == "Would other choices have given another answer?"
    assert words.startswith(f"{len(rows)} defensible choices put the change at once between ")
    told = re.search(r"between (\S+) and (\S+) ", words)
    assert told
    ends = [float(text.replace("−", "-")) for text in told.groups()]
    assert ends == pytest.approx([rows["estimate"].min(), rows["estimate"].max()], abs=0.06)
    clear = ((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum()
    told_clear = f"; {clear} of them find it clear of zero." in words
    assert told_clear == (result.finding != "described")  # without a test nothing is clear


def test_the_fit_is_told_by_placebo_dates_and_the_most_telling_point():
    result = made("average")
    title, words = result.view_words("diagnostics")
    assert title == "How well does the model fit?"
    clear = int(result.placebo["clear"].sum())
    assert words.startswith(f"Of {len(result.placebo)} dates beforehand at which nothing happened,")
    assert f", {clear} would have been taken for a change." in words
    assert result.checks.set_index("id").loc["single_points", "detail"] in words
    assert "too few periods beforehand" in made("described").view_words("diagnostics")[1]


def test_an_event_has_its_own_choices_in_the_spread():
    words = its(monthly(), events=[{"date": start(36), "event": "New roof"}]).spread["model"]
    assert "with a step for “New roof”" in set(words)


# ---- what must never be said -------------------------------------------------------------------

NEVER = re.compile(
    r"\bnan\b|\binf\b|\bnone\b(?! at all)|no effect|signific|p[ -]value|\bp ?[=<]|prove[ns]?\b"
    r"|  |\( | \)|\.\.|,,| ,|-\d",
    re.I,
)


@pytest.mark.parametrize(
    ("name", "near"),
    [*((name, False) for name in MAKE), ("average", True), ("unclear", True), ("missing", True)],
)
def test_no_word_of_what_nobody_can_know(name, near):
    result = made(name, near)
    texts = [result.headline(), result.details(), result.alt_text()]
    texts += [text for view in ("spread", "diagnostics") for text in result.view_words(view)]
    for name in ("estimates", "sensitivity"):
        table = shown(result, name)
        texts += [result.table(name).caption, *table.columns, *table.astype(str).to_numpy().ravel()]
    for text in texts:
        found = NEVER.search(text)
        assert found is None, f"{found!r} in {text!r}"
    for text in texts[:3]:
        assert text[0].isupper()
        assert text.endswith(".")


@pytest.mark.parametrize("name", ["average", "counted", "described"])
def test_the_same_series_is_told_in_the_same_words(name):
    result, again = made(name), MAKE[name](direction="lower", events=None)
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()


def test_repr_tells_the_finding():
    result = made("average")
    assert repr(result) == f"<ITSResult: {result.headline()}>"
    assert html.escape(result.headline()) in bundle_of(result)["text/html"]


# ---- verdict, aim, declarations ----------------------------------------------------------------


@pytest.mark.parametrize("name", MAKE)
def test_every_column_is_declared_and_the_result_survives_its_json_form(name):
    result = made(name, near=True)
    assert undeclared(result) == {}
    again = Result.from_dict(json.loads(to_json(result)))
    assert again.verdict == result.verdict
    assert again.summary() == result.summary()
    assert [table.to_csv() for table in again.tables()] == [
        table.to_csv() for table in result.tables()
    ]
    assert again.span == result.span


@pytest.mark.parametrize(
    ("aim", "status"),
    [
        ("10% fewer beds by December 2022", "reached"),
        ("30% fewer beds by December 2022", "not reached"),
        ("10% fewer beds by June 2024", "cannot tell"),
        ("shorter stays", "cannot tell"),
        ({"measure": "beds", "target": 20, "by": "2022-12"}, "not reached"),
        (None, "none"),
    ],
)
def test_the_aim_is_judged_by_the_means_of_twelve_months(aim, status):
    result = average(direction="lower", aim=aim)
    verdict = result.verdict.aim
    assert verdict.status == status
    if status != "none":
        assert verdict.seen == pytest.approx(result.points["value"].tail(12).mean())
    if status == "reached":
        assert verdict.wanted == pytest.approx(0.9 * result.points["value"].iloc[18:30].mean())


def test_what_came_after_the_day_of_the_aim_does_not_count():
    verdict = average(direction="lower", aim="10% fewer by June 2021").verdict.aim
    values = made("average").points.set_index("time")["value"]
    assert verdict.seen == pytest.approx(values[:"2021-06"].tail(12).mean())
    assert f"{verdict.on:%Y-%m-%d}" == "2021-06-30"


def test_the_difference_from_a_control_says_nothing_of_the_aim():
    assert controlled(aim="10% fewer beds").verdict.aim.status == "cannot tell"


def test_reservations_belong_to_the_verdict_and_the_sentence():
    few = its(monthly(n=30, at=20, level=-9), 20)
    assert few.verdict.certainty == "with reservations"
    assert "there are few points" in few.headline()
    assert made("average").verdict.certainty == "clear"


def test_the_effect_of_a_roll_up_is_the_average():
    effect = made("passed again", near=True).effect
    row = made("passed again").estimates.loc["average_effect"]
    assert (effect.term, effect.estimate) == ("average_effect", row["estimate"])
    assert effect.events_near == ("Two wards merged",)
    assert made("passed again").effect.events_near is None
    assert made("described").effect.reason
