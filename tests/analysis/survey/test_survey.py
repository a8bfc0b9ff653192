"""Surveys: the truth of the example, what counts, small groups, words, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import qieval as qi
from qieval.analysis.survey import SurveyResult
from qieval.core.checks import certainty_of, check_of, status_of
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import Result, to_json
from qieval.core.workspace import shipped
from tests.analysis.survey.made import ORDER, expanded, responses
from tests.shown import shown, undeclared

ITEMS = {"food": "Food", "garden": "Garden"}


def survey(table: pd.DataFrame, **more) -> SurveyResult:
    asked = {"items": ITEMS, "order": ORDER, "wave": "wave", "by": "ward"} | more
    return qi.survey(table, **asked)


# ---- the truth of the example ------------------------------------------------------------------


@pytest.fixture(scope="module")
def truth():
    text = shipped("data", "closing-the-gap", "TRUTH.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["projects"]


@pytest.fixture(scope="module")
def example():
    return pd.read_csv(shipped("data", "closing-the-gap", "survey.csv"))


def of_project(example, truth, project) -> SurveyResult:
    told = truth[project]["survey"]
    waves = ("May 2018", "May 2019")
    invited = {
        wave: {ward: one["invited"][place] for ward, one in told["wards"].items()}
        for place, wave in enumerate(waves)
    }
    return qi.survey(
        example[example["project"] == project],
        items=list(told["odds_ratio_of_second_wave"]),
        order=told["order"],
        wave="wave",
        by="ward",
        invited=invited,
    )


def test_the_odds_ratios_built_in_are_found_again(example, truth):
    told = truth["chestnut-activities"]["survey"]["odds_ratio_of_second_wave"]
    found = of_project(example, truth, "chestnut-activities")
    missed = []
    for item, odds in told.items():
        term = found.term(f"odds_ratio: {item}")
        if not term.low < odds < term.high:
            missed.append(item)
    # One of five intervals of 95 % in this draw, which nobody chose: evenings, 2.2 where they end
    # at 2.0. Of other draws see tests/simulation/test_other_seeds.py.
    assert missed == ["evening"]
    clear = found.changes.set_index("item")["direction"]
    assert clear["weekday"] == "better"  # the largest that was built in, 2.7
    assert (clear.drop("weekday") == "unclear").all()
    average = np.exp(np.mean(np.log(list(told.values()))))
    assert found.term("odds_ratio").low < average < found.term("odds_ratio").high


def test_the_response_built_in_is_counted(example, truth):
    told = truth["chestnut-activities"]["survey"]["wards"]
    found = of_project(example, truth, "chestnut-activities").response
    whole = found[found["group"] == "Everybody"].set_index("wave")
    for place, wave in enumerate(["May 2018", "May 2019"]):
        invited = sum(one["invited"][place] for one in told.values())
        answered = sum(one["answered"][place] for one in told.values())
        assert (whole.loc[wave, "invited"], whole.loc[wave, "answered"]) == (invited, answered)
        assert whole.loc[wave, "rate"] == pytest.approx(answered / invited)


def test_a_small_survey_is_described_not_tested(example, truth):
    found = of_project(example, truth, "orchard-open-evenings")
    assert not found.changes["tested"].any()
    assert not any(term.startswith(("odds_ratio", "better")) for term in found.estimates.index)
    assert "not tested" in found.headline()
    assert np.isfinite(found.term("change: evening").low)


def test_an_odds_ratio_is_found_again_in_many_answers():
    found = survey(responses(2000, shift=0.7), by="ward")
    for item in ITEMS.values():
        term = found.term(f"odds_ratio: {item}")
        assert term.low < np.exp(0.7) < term.high
        assert term.high / term.low < 1.4
    assert found.headline().startswith("Answers were better in 2019 than in 2018 for all 2 items")


# ---- what counts -------------------------------------------------------------------------------


def test_dont_know_and_blank_are_counted_apart_and_change_no_share():
    table = responses()
    more = pd.DataFrame(
        {
            "wave": "2019",
            "ward": "Ash",
            "food": ["Don’t know", "don't  know", None, "-", "", "good"],
            "garden": ["poor"] * 6,
        }
    )
    plain = survey(table)
    found = survey(pd.concat([table, more.iloc[:5]], ignore_index=True))
    base, before = found.base("Food", "2019"), plain.base("Food", "2019")
    assert (base["dont_know"], base["blank"]) == (2, 3)
    for name in ("n", "positive", "negative", "share", "low", "high"):
        assert base[name] == before[name]
    assert found.percents("Food", "2019") == plain.percents("Food", "2019")
    assert found.term("odds_ratio: Food") == plain.term("odds_ratio: Food")


def test_who_left_every_item_blank_did_not_answer():
    table = responses(20)
    table.loc[0, ["food", "garden"]] = None
    found = survey(table, invited={"2018": 100, "2019": 100})
    assert found.response.iloc[0]["answered"] == 59
    assert check_of(found.checks, "left_blank").detail.startswith("1 came back")


def test_positive_is_the_better_half_or_what_is_named():
    table = expanded({"1": (10, 20, 30, 40)}, ORDER)
    asked = {"items": ["item"], "order": ORDER, "wave": None, "by": None}
    half, one = survey(table, **asked), survey(table, positive=["very good"], **asked)
    assert half.base("item", half.latest)["share"] == pytest.approx(0.7)
    assert half.base("item", half.latest)["share_negative"] == pytest.approx(0.3)
    assert one.base("item", one.latest)["share"] == pytest.approx(0.4)


def test_a_middle_level_is_neither():
    order = ("bad", "neither", "good")
    table = expanded({"1": (20, 50, 30)}, order)
    found = qi.survey(table, items=["item"], order=order)
    base = found.base("item", found.latest)
    assert (base["share"], base["share_negative"]) == pytest.approx((0.3, 0.2))


def test_codes_map_other_spellings():
    table = responses().replace({"food": {"good": "gut", "poor": "Schlecht"}})
    found = survey(table, codes={"Gut": "good", "schlecht": "poor"})
    assert found.percents("Food", "2018") == survey(responses()).percents("Food", "2018")


def test_numbers_are_answers_too():
    table = responses().replace({"food": dict(zip(ORDER, (1.0, 2.0, 3.0, 4.0), strict=True))})
    table["food"] = table["food"].astype(float)
    found = survey(table, items={"food": "Food"}, order=["1", "2", "3", "4"])
    assert found.percents("Food", "2018") == survey(responses()).percents("Food", "2018")


def test_many_wards_make_the_errors_robust():
    wards = [f"Ward {number}" for number in range(12)]
    found = survey(responses(20, wards=wards))
    assert status_of(found.checks, "alike_within_groups") == "pass"
    assert "robust" in found.estimates.loc["odds_ratio: Food", "method"]
    assert found.estimates.loc["odds_ratio: Food", "df"] == 11


def test_the_same_people_are_allowed_for():
    table = responses(40)
    table["code"] = [f"x{number % 120}" for number in range(len(table))]
    found = survey(table, respondent="code")
    assert status_of(found.checks, "same_people") == "info"
    assert "robust, people" in found.estimates.loc["odds_ratio: Food", "method"]
    assert "x1" not in to_json(found)


# ---- properties --------------------------------------------------------------------------------

COUNTS = st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(lambda each: sum(each) >= 30)


@settings(max_examples=12)
@given(COUNTS, COUNTS)
def test_shares_sum_to_a_hundred_and_a_turned_scale_turns_the_chance(first, last):
    asked = {"items": ["item"], "wave": "wave", "by": None}
    table = expanded({"1": first, "2": last}, ORDER)
    found = survey(table, order=ORDER, **asked)
    for wave in ("1", "2"):
        assert sum(found.percents("item", wave)) == pytest.approx(100)
    turned = survey(table, order=ORDER[::-1], **asked)
    chance, other = (each.term("better: item") for each in (found, turned))
    assert chance.value == pytest.approx(1 - other.value)
    if np.isfinite(chance.low):
        assert (chance.low, chance.high) == pytest.approx((1 - other.high, 1 - other.low))
    if "odds_ratio: item" in found.estimates.index:
        odds, back = (each.term("odds_ratio: item") for each in (found, turned))
        assert odds.value == pytest.approx(1 / back.value, rel=1e-3)
    low, high = sorted((found.base("item", "2")["share"], found.base("item", "1")["share"]))
    assert 0 <= low <= high <= 1


@settings(max_examples=4)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_the_names_of_levels_do_not_matter(seed):
    table = responses(40, shift=0.5)
    plain, mixed = survey(table), survey(table.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(mixed.estimates, plain.estimates)
    names = dict(zip(ORDER, ("a1", "b2", "c3", "d4"), strict=True))
    called = survey(table.replace({"food": names, "garden": names}), order=list(names.values()))
    assert called.term("odds_ratio: Food") == plain.term("odds_ratio: Food")


# ---- small groups ------------------------------------------------------------------------------


def small(people: int = 6, **more) -> SurveyResult:
    table = responses(40)
    few = responses(people, wards=["Dogwood"], seed=3)
    return survey(pd.concat([table, few], ignore_index=True), **more)


def test_a_small_ward_is_merged_and_nobody_can_subtract():
    found = small()
    assert found.groups == ("Beech", "Cedar", "Other wards")  # Ash, the next smallest, joined it
    assert "Dogwood" not in set(found.bases["group"]) | set(found.response["group"])
    text = to_json(found)
    for group in found.bases["group"].unique():
        rows = found.bases[found.bases["group"] == group]
        assert (rows["n"] >= 10).all()
    everybody = found.bases[found.bases["group"] == "Everybody"]["n"].sum()
    shown = found.bases[found.bases["group"] != "Everybody"]["n"].sum()
    assert everybody == shown
    assert "Dogwood" in check_of(found.checks, "small_groups").detail
    assert "Dogwood" not in found.alt_text()
    assert json.loads(text)["bases"]["table"]["group"].count("Dogwood") == 0


def test_a_small_ward_can_be_left_out_and_another_with_it():
    found = small(small="suppress")
    assert found.groups == ("Beech", "Cedar")
    everybody = found.base("Food", "2018")["n"]
    shown = sum(found.base("Food", "2018", group)["n"] for group in found.groups)
    assert everybody - shown >= 10


def test_a_group_that_one_person_named_is_not_written_anywhere():
    table = responses(40)
    table.loc[0, "ward"] = "Head of informatics, North"
    found = survey(table)
    assert "Head of informatics" not in to_json(found) + found.summary() + found.alt_text()


def test_an_item_few_answered_is_not_shown():
    table = responses(40)
    table.loc[table.index[7:], "garden"] = None
    found = survey(table)
    row = found.base("Garden", "2018")
    assert not row["shown"]
    assert np.isnan(row["n"])
    assert found.points.loc[found.points["item"] == "Garden", "count"].isna().all()
    assert shown(found, "points").set_index("Item").loc["Garden", "Answers"].eq("not shown").all()
    assert "fewer than 10" in found.table("points").caption
    assert not [term for term in found.estimates.index if "Garden" in term]


def test_wards_that_are_all_small_are_shown_nowhere():
    found = survey(responses(6))
    assert found.groups == ()
    section = next(part for part in found.sections() if part.name == "groups")
    assert section.table is None
    assert "No table by wards" in section.words
    assert np.isfinite(found.base("Food", "2018")["n"])


def test_comments_are_nowhere():
    found = survey(responses())
    everything = to_json(found) + found.summary() + found.alt_text() + repr(found)
    assert "snores" not in everything


# ---- words -------------------------------------------------------------------------------------


def test_one_wave_is_described():
    found = survey(responses(waves=["2019"]))
    assert found.pair is None
    assert not any(term.startswith("change") for term in found.estimates.index)
    assert found.headline().startswith("Positive answers in 2019 go from")
    assert "not known" in found.details()


def test_a_change_that_is_not_clear_is_not_called_none():
    found = survey(responses(40))
    assert "no effect" not in found.summary().lower()
    assert "No clear change in answers from 2018 to 2019 for any of 2 items" in found.headline()
    assert "fit with no change, and also with changes that would matter" in found.details()


def test_an_item_that_does_not_change_alike_is_warned_of():
    """Everybody moves to the ends: no odds ratio can tell that."""
    table = expanded({"1": (5, 60, 60, 5), "2": (60, 5, 5, 60)}, ORDER)
    found = survey(table, items=["item"], by=None)
    assert status_of(found.checks, "proportional_odds") == "warn"
    assert "read these" in next(one.words for one in found.sections() if one.name == "steps")


def test_a_result_survives_its_file():
    found = small()
    again = Result.from_dict(json.loads(to_json(found)))
    assert again.summary() == found.summary()
    assert again.alt_text() == found.alt_text()
    assert again.verdict == found.verdict
    assert [one.words for one in again.sections()] == [one.words for one in found.sections()]
    for one, other in zip(again.tables(), found.tables(), strict=True):
        assert one.shown == other.shown


@pytest.mark.parametrize("waves", [["2019"], ["2018", "2019"], ["2017", "2018", "2019"]])
@pytest.mark.parametrize("people", [15, 40])
def test_every_column_is_declared_and_nothing_is_missing_without_a_word(waves, people):
    found = survey(responses(people, waves=waves))
    assert undeclared(found) == {}
    tables = [*found.tables(), *(section.table for section in found.sections())]
    for table in filter(None, tables):
        assert "nan" not in table.to_text().lower()


# ---- the verdict -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "kind"), [(1.5, "improved"), (-1.5, "worse"), (0.0, "no clear change")]
)
def test_the_verdict_is_that_of_the_odds_on_average(shift, kind):
    found = survey(responses(60, shift=shift))
    verdict, row = found.verdict, found.estimates.loc["odds_ratio"]
    assert (verdict.kind, verdict.term, verdict.size.value) == (kind, "odds_ratio", row["estimate"])
    side = int(row["ci_low"] > 1) - int(row["ci_high"] < 1)
    assert side == {"improved": 1, "worse": -1, "no clear change": 0}[kind]
    better = len(found.changed("better"))
    assert verdict.words.startswith(f"{better} of 2 better")
    assert found.effect.term == verdict.term
    assert "on average" not in found.headline()  # the items taken one by one say the same


def test_where_items_one_by_one_do_not_say_what_the_average_does_both_are_told():
    up, down = responses(80, shift=2.0), responses(80, seed=9, shift=-2.0)
    found = survey(up.assign(garden=down["garden"]))
    assert (len(found.changed("better")), len(found.changed("worse"))) == (1, 1)
    assert "on average over all items" in found.headline()


def test_one_item_alone_is_judged_by_its_own_odds():
    found = survey(responses(60, shift=1.5), items={"food": "Food"})
    assert (found.verdict.kind, found.verdict.term) == ("improved", "odds_ratio: Food")
    assert found.effect is None  # there is no average to count


@pytest.mark.parametrize(("people", "waves"), [(40, ["2019"]), (9, ["2018", "2019"])])
def test_what_was_not_tested_is_described(people, waves):
    found = survey(responses(people, waves=waves), by=None)
    assert (found.verdict.kind, found.verdict.certainty) == ("described", "not tested")


@pytest.mark.parametrize(
    ("aim", "status"),
    [
        ("at least 10% positive", "reached"),
        ("at least 99% positive", "not reached"),
        ("happier people", "cannot tell"),
        (None, "none"),
    ],
)
def test_the_aim_is_judged_by_the_item_with_the_fewest_positive_answers(aim, status):
    found = survey(responses(40), aim=aim)
    assert found.verdict.aim.status == status
    if status == "reached":
        least = min(found.base(item, "2019")["share"] for item in found.items)
        assert found.verdict.aim.seen == least
        assert found.verdict.aim.words in found.details()


# ---- where one odds ratio does not tell the change ---------------------------------------------

FIVE = tuple("12345")


def moved(before: tuple, after: tuple, **more) -> SurveyResult:
    asked = {"items": {"item": "I feel safe"}, "order": FIVE, "by": None} | more
    return survey(expanded({"2019": before, "2021": after}, FIVE), **asked)


@pytest.mark.parametrize(
    ("before", "after", "kind", "points"),
    [
        ((20, 20, 0, 0, 0), (0, 0, 0, 20, 20), "improved", 100),
        ((0, 0, 0, 0, 40), (40, 0, 0, 0, 0), "worse", -100),
        ((0, 20, 20, 0, 0), (0, 0, 20, 20, 0), "improved", 50),  # they touch in the middle
        ((0, 0, 40, 0, 0), (0, 0, 40, 0, 0), "no clear change", 0),  # everybody the same
    ],
)
def test_a_total_change_is_judged_by_the_share(before, after, kind, points):
    found = moved(before, after)
    row, size = found.changes.iloc[0], found.verdict.size
    assert (row["tested"], row["judged_by"]) == (True, "share")
    assert row["why_not"]
    assert (found.verdict.kind, found.verdict.term) == (kind, "change: I feel safe")
    assert size.value == points
    assert size.low < points or points == -100
    assert "so few" not in found.summary()
    better = found.term("better: I feel safe")
    assert better.low < better.high


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((40, 0, 0, 0, 0), (0, 40, 0, 0, 0), "improved"),  # none positive
        ((0, 0, 0, 0, 40), (0, 0, 0, 40, 0), "worse"),  # all positive
        ((0, 0, 0, 40, 0), (0, 0, 0, 33, 7), "improved"),  # they touch
        ((0, 0, 0, 40, 0), (0, 0, 0, 39, 1), "no clear change"),
    ],
)
def test_a_change_that_the_share_does_not_see_is_judged_by_the_chance(before, after, kind):
    """The chance and its p value are scipy's; where nothing varies, Newcombe's interval is."""
    found = moved(before, after)
    x, y = (np.repeat(np.arange(5), counts) for counts in (before, after))
    better = found.term("better: I feel safe")
    statistic = stats.mannwhitneyu(y, x).statistic / 1600
    assert better.value == pytest.approx(statistic)
    assert found.verdict.kind == kind
    claims = kind != "no clear change"
    assert found.judged_by("chance") == (["I feel safe"] if claims else [])
    assert found.verdict.term == ("better: I feel safe" if claims else "change: I feel safe")
    assert ("no clear change in answers" in found.headline().lower()) != claims
    if 0 < statistic < 1:
        p_value = stats.brunnermunzel(x, y).pvalue
        assert found.estimates.loc["better: I feel safe", "p_value"] == pytest.approx(p_value)


def test_answers_that_moved_on_both_sides_of_an_equal_share_are_not_called_unchanged():
    found = moved((75, 75, 0, 75, 75), (0, 150, 0, 150, 0))
    assert found.verdict.kind == "no clear change"
    assert "moved, but not all one way along the scale" in found.headline()
    assert "the data fit with no change" not in found.details()


def test_40_of_40_from_poor_to_good():
    """Newcombe 1998, method 10, of 0 of 40 and 40 of 40: 1 - sqrt(2) × 0.0876 = 0.8761."""
    found = moved((20, 20, 0, 0, 0), (0, 0, 0, 20, 20))
    size = found.verdict.size
    assert (round(size.low, 1), size.high) == (87.6, 100)
    assert "88 to 100 higher" in found.headline()
    assert "no answers overlap" in found.details()
    assert certainty_of(found.checks, ["enough_answers", "proportional_odds"]) == "clear"


def test_answers_that_left_both_ends_for_the_middle():
    """One odds ratio cannot tell it; the share can, and the check of the model says so."""
    found = moved((83, 35, 28, 38, 116), (15, 45, 120, 91, 29))
    assert found.verdict.kind == "worse"
    assert found.verdict.certainty == "with reservations"
    odds, share = (found.term(f"{name}: I feel safe") for name in ("odds_ratio", "change"))
    assert odds.low < 1 < odds.high
    assert [round(end) for end in share[:3]] == [-11, -19, -3]
    assert "51% in 2019 to 40% in 2021" in found.headline()
    assert found.changes["why_not"].iloc[0] == "the change differs between steps of the scale"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1, 1), st.floats(-1, 1))
def test_no_headline_says_no_clear_change_beside_a_share_that_moved(seed, tilt, spread):
    rng = np.random.default_rng(seed)
    steps = np.arange(5) - 2
    weights = [np.ones(5), np.exp(tilt * steps / 2 + spread * (steps**2 - 2) / 4)]
    counts = [rng.multinomial(80, one / one.sum()) for one in weights]
    found = moved(*counts)
    size = found.term("change: I feel safe")
    if size.side:
        assert "no clear change" not in found.headline().lower()
    assert found.verdict.claims == (found.changed("unclear") == [])
    if found.verdict.term.startswith("change"):
        assert found.verdict.size.side == (found.verdict.claims and np.sign(size.value))


def test_items_judged_by_different_figures_have_no_average():
    table = responses(60, shift=0.5)
    table["garden"] = np.where(table["wave"] == "2018", "poor", "very good")
    found = survey(table)
    assert found.judged_by("share") == ["Garden"]
    assert found.judged_by("odds") == ["Food"]
    assert "odds_ratio" not in found.estimates.index
    assert (found.verdict.kind, found.verdict.term) == ("improved", "")
    assert found.effect is None
    table["food"] = np.where(table["wave"] == "2018", "very good", "poor")
    assert survey(table).verdict.kind == "changed"


def test_a_wave_in_which_nobody_answered_is_named():
    table = responses(20)
    table.loc[table["wave"] == "2019", ["food", "garden"]] = None
    found = survey(table)
    assert found.pair is None
    check = check_of(found.checks, "left_blank")
    assert check.status == "warn"
    assert "In 2019 nobody answered" in check.detail


def test_a_wave_of_dont_know_is_not_said_to_have_answered_on_the_scale():
    table = responses(20)
    table.loc[table["wave"] == "2019", ["food", "garden"]] = "don't know"
    found = survey(table)
    assert "Everybody who answered" not in found.details()
    assert found.verdict.kind == "described"


def test_the_table_is_not_changed():
    table = responses(20)
    copy = table.copy(deep=True)
    survey(table)
    pd.testing.assert_frame_equal(table, copy)


# ---- refusals ----------------------------------------------------------------------------------


def test_an_order_that_misses_a_level_says_which_and_what_maps_it():
    with pytest.raises(DataError) as error:
        survey(responses(20), order=["poor", "fair", "good"])
    assert "one text in rows" in str(error.value)
    assert "very good" not in str(error.value)
    assert "codes" in str(error.value)
    assert "Food" in str(error.value)


def test_free_text_among_the_items_is_not_printed():
    table = responses(20)
    table["comment"] = [f"I am number {number} and I hate it" for number in range(len(table))]
    with pytest.raises(DataError) as error:
        survey(table, items=["comment"])
    assert "hate" not in str(error.value)
    assert "free text" in str(error.value)


def test_a_longer_answer_of_one_person_is_not_printed():
    table = responses(20)
    table.loc[3, "food"] = "my key worker Jane Doe never listens to me at all"
    with pytest.raises(DataError) as error:
        survey(table)
    assert "Jane" not in str(error.value)
    assert "one text in rows 4" in str(error.value)


WRONG = [
    ({"order": ["good"]}, "from worst to best"),
    ({"order": ["poor", "fair", "Fair", "good"]}, "each once"),
    ({"order": [*ORDER, "don't know"]}, "no level of a scale"),
    ({"positive": ["poor"]}, "best levels"),
    ({"codes": {"ok": "goood"}}, "Did you mean `good`"),
    ({"small": "hide"}, "`small` must be one of"),
    ({"smallest": 1}, "at least 2"),
    ({"compare": ["2018", "2020"]}, "two different waves"),
    ({"items": ["food", "ward"]}, "something else"),
    ({"invited": {"2017": 60}}, "names a wave"),
    ({"invited": {"2018": 12}}, "More people answered"),
    ({"invited": {"2018": {"Ash": 90}}}, "must name every group"),
    ({"confidence": 95}, "between 0.5 and 1"),
    ({"confidence": "95"}, "between 0.5 and 1"),
    ({"smallest": float("nan")}, "at least 2"),
]


@pytest.mark.parametrize(("more", "said"), WRONG)
def test_parameters_that_cannot_be_are_refused(more, said):
    with pytest.raises(ParameterError, match=said):
        survey(responses(20), **more)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(DataError, match="no column `gardens`"):
        survey(responses(20), items=["gardens"])


def test_waves_without_an_order_are_refused():
    table = responses(20, waves=["First", "Second"])
    with pytest.raises(ParameterError, match="order of the waves"):
        survey(table)
    assert survey(table, waves=["First", "Second"]).pair == ("First", "Second")


@pytest.mark.parametrize("nobody", ["no rows", "blank"])
def test_nobody_answered(nobody):
    table = responses(20)
    table = table.iloc[:0] if nobody == "no rows" else table.assign(food=None, garden="don't know")
    with pytest.raises(CannotEvaluate, match="Nobody answered"):
        survey(table)


def test_so_few_that_nothing_may_be_shown():
    with pytest.raises(CannotEvaluate, match="Fewer than 10 people"):
        survey(responses(3, wards=["Ash"]))
