"""The roll-out: what is found exactly, what is refused, and what the checks see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.roll_out.methods.permutations import (
    Question,
    Split,
    assignments_of,
    invert,
    statistics,
)
from qieval.analysis.roll_out.methods.weights import Grid
from qieval.core.checks import check_of, status_of
from tests.analysis import house_rules

MONTHS = 30


def table(
    starts: list[int | None],
    *,
    effect: float = 0.0,
    sd: float = 1.0,
    seed: int = 7,
    months: int = MONTHS,
    fades_after: int | None = None,
) -> pd.DataFrame:
    """Units that start in these months, with levels and months of their own, and a step."""
    rng = np.random.default_rng(seed)
    calendar = pd.date_range("2017-01-01", periods=months, freq="MS")
    common = rng.normal(0, 2 * sd, months)
    level = rng.permutation(len(starts)) * 0.7
    rows = []
    for at, start in enumerate(starts):
        for month, day in enumerate(calendar):
            since = -1 if start is None else month - start
            there = since >= 0 and (fades_after is None or since < fades_after)
            value = 20 + level[at] + common[month] + rng.normal(0, sd) + effect * there
            began = pd.NaT if start is None or start >= months else calendar[start]
            rows.append((f"Ward {at + 1:02d}", day, value, began))
    return pd.DataFrame(rows, columns=["unit", "period", "score", "started"])


STEPS: list[int | None] = [6, 9, 12, 15, 18, 21, 24, None]


def evaluated(data: pd.DataFrame, **more) -> qi.RollOutResult:
    return qi.roll_out(data, **{"value": "score", "counts": "amount", "called": "wards", **more})


# ---- what is found ------------------------------------------------------------------------------


def test_without_noise_the_effect_is_found_exactly():
    data = table(STEPS, effect=-3.0, sd=1e-9)
    result = evaluated(data, direction="lower", measured_in="points")
    assert result.term("average_effect").value == pytest.approx(-3.0, abs=1e-6)
    assert result.verdict.kind == "improved"
    assert result.profile["estimate"].to_numpy() == pytest.approx(-3.0, abs=1e-6)
    assert "points lower after the change than without it" in result.headline()


@pytest.mark.parametrize(("mean", "scale"), [(200.0, "log"), (2.0, "root")])
def test_events_are_compared_by_logarithm_or_by_root_and_told_as_rates(mean, scale):
    """Rates that fall by half in every unit, twice as many of what they are divided by in some."""
    data = table(STEPS, sd=1e-9)
    exposure = np.where(data["unit"] < "Ward 05", 2.0, 1.0)
    after = (data["period"] >= data["started"]).to_numpy()
    shape = np.tile(np.random.default_rng(1).uniform(0.9, 1.1, MONTHS), len(STEPS))
    falls = np.round(mean * shape * exposure * np.where(after, 0.5, 1))
    data = data.assign(falls=falls, beds=exposure)
    result = qi.roll_out(data, value="falls", denominator="beds", counts="events")
    assert result.span.scale == scale
    near = 0.01 if scale == "log" else 0.15
    assert result.term("relative_effect").value == pytest.approx(-0.5, abs=near)
    low, high = result.term("relative_effect")[1:3]
    assert -1 <= low <= high
    assert result.term("average_effect").side == result.term("relative_effect").side == -1


def test_whichever_assignment_is_the_actual_one_few_are_found_unusual():
    """The test is exact: over all assignments 5 % at most have p of .05 or less."""
    rng = np.random.default_rng(12)
    for holes, starts in ((0.0, np.array([4, 6, 8, 10, 14])), (0.1, np.array([4, 7, 10, 14]))):
        values = rng.normal(size=(len(starts), 14)).cumsum(axis=1)  # no model of units is needed
        present = rng.uniform(size=values.shape) >= holes
        split = Split(Grid(present), np.zeros(len(starts), dtype=int))
        every = assignments_of(starts, split.network, most=10_000, seed=1).starts
        p_values = []
        for actual in every:
            treated = (np.arange(14) >= actual[:, None]).astype(float)
            some = assignments_of(actual, split.network, most=10_000, seed=1)
            both = np.stack([values, treated], axis=2)
            p_values.append(invert(statistics(split, some, [Question()], both)[:, 0], 0.95).p_value)
        assert len(p_values) == (24 if holes else 120)
        for level in (0.05, 0.1, 0.2):
            assert np.mean(np.array(p_values) <= level + 1e-9) <= level + 1e-9


def test_order_and_names_of_rows_do_not_matter():
    data = table(STEPS, effect=-1.0)
    one, other = evaluated(data), evaluated(data.sample(frac=1, random_state=1))
    assert one.term("average_effect").value == pytest.approx(other.term("average_effect").value)
    shifted = evaluated(data.assign(score=data["score"] + 100.0))
    assert shifted.term("average_effect")[:3] == pytest.approx(one.term("average_effect")[:3])


def test_starts_may_be_given_by_name_instead_of_a_column():
    data = table(STEPS, effect=-1.0)
    days = data.groupby("unit")["started"].first()
    given = {unit: None if pd.isna(day) else f"{day:%Y-%m-%d}" for unit, day in days.items()}
    named = evaluated(data.drop(columns="started"), starts=given)
    assert named.term("average_effect") == evaluated(data).term("average_effect")


def test_it_keeps_the_rules_of_the_house():
    result = evaluated(
        table(STEPS, effect=-2.0).assign(area=lambda rows: "North"),
        network="area",
        events=[{"date": "2017-07-10", "event": "A new manager", "unit": "Ward 01"}],
    )
    house_rules.check(result, "95", "12")
    assert "nothing to do" in result.details()


# ---- networks -----------------------------------------------------------------------------------


def test_networks_are_compared_within_themselves():
    """What happens to one network alone is no effect, and without networks it would be one."""
    data = table([6, 12, 18, None, 7, 13, 19, None], sd=0.3)
    data["area"] = np.where(data["unit"] < "Ward 05", "North", "South")
    late = (data["area"] == "North") & (data["period"] >= "2018-01-01")
    data["score"] += np.where(late, 5.0, 0.0)
    within = evaluated(data, network="area")
    assert abs(within.term("average_effect").value) < 0.5
    assert within.networks["network"].tolist() == ["North", "South"]
    assert within.span.possible == 24**2


def test_whole_networks_that_start_together_are_the_units():
    data = table([6, 6, 10, 10, 14, 14, 18, 18, 22, 22], effect=-2.0, sd=0.2)
    number = data["unit"].str[-2:].astype(int)
    area = "Area " + ((number + 1) // 2).astype(str)
    result = evaluated(data.assign(area=area), network="area")
    assert result.span.of_networks
    assert result.size == 5
    assert result.term("average_effect").value == pytest.approx(-2.0, abs=0.3)
    assert "networks" in result.headline()


# ---- did it last? -------------------------------------------------------------------------------


def test_an_effect_that_stays_is_kept_and_one_that_fades_is_not():
    lasts = evaluated(table(STEPS, effect=-6.0, sd=0.5))
    kept = lasts.term("share_kept")
    assert kept.low < 1 < kept.high
    assert kept.value == pytest.approx(1, abs=0.25)
    assert lasts.verdict.sustained.status == "lasted"
    assert lasts.lasting.startswith("It lasted.")
    fades = evaluated(table(STEPS, effect=-6.0, sd=0.5, fades_after=9)).term("share_kept")
    assert fades.value == pytest.approx(0, abs=0.25)
    assert fades.high < 0.6


def test_before_a_year_it_is_too_early_to_say_and_the_day_is_named():
    result = evaluated(table([20, 22, 24, 26, None, None], effect=-6.0, sd=0.5))
    assert "effect_a_year_on" not in result.estimates.index
    assert result.verdict.sustained.status == "too early"
    assert "too early to say" in result.lasting
    assert "1 October 2019" in result.lasting  # the 13th month after September 2018 has passed


def test_where_all_have_started_whether_it_lasted_cannot_be_told():
    result = evaluated(table([6, 7, 8, 9, 10, 11], sd=0.5))
    assert "none left to compare" in result.lasting.replace("there was none left", "none left")


# ---- what bed days are worth --------------------------------------------------------------------

COST = {"low": 350, "high": 500, "source": "An invented range", "price_year": "2018/19"}


def beds(effect: float, **more) -> pd.DataFrame:
    """The same as beds occupied: bed days of a month, and its days."""
    data = table(STEPS, effect=effect, **more)
    days = data["period"].dt.days_in_month
    return data.assign(bed_days=data["score"] * days, days_in_period=days)


def of_beds(data: pd.DataFrame, **more) -> qi.RollOutResult:
    asked = {"value": "bed_days", "denominator": "days_in_period", "direction": "lower"}
    return evaluated(data, **{**asked, **more})


def worth_of(result: qi.RollOutResult) -> pd.DataFrame:
    (section,) = (one for one in result.sections() if one.name == "worth")
    return section.table.rows.set_index("term")[["estimate", "ci_low", "ci_high"]]


def test_bed_days_freed_are_worth_the_range_of_both():
    data = beds(-2.0, sd=0.5)
    result = of_beds(data, unit_cost=COST)
    # One ward never started, so that every month after a start can be compared.
    days = data.loc[data["period"] >= data["started"], "days_in_period"].sum()
    fewer, most, least = (-one for one in result.term("average_effect")[:3])
    assert worth_of(result).loc["freed"].to_numpy() == pytest.approx(
        [fewer * days, least * days, most * days]
    )
    assert 0 < least < 2.0 < most
    shown = worth_of(result)  # in thousands of pounds
    assert shown.loc["low"].to_numpy() == pytest.approx(
        [0.35 * fewer * days, 0.35 * least * days, 0.35 * most * days]
    )
    assert shown.loc["both"].to_numpy() == pytest.approx(
        [0.425 * fewer * days, 0.35 * least * days, 0.5 * most * days]
    )
    words = next(one.words for one in result.sections() if one.name == "worth")
    assert "£350 to £500 a bed day (An invented range, prices of 2018/19)" in words
    assert "not cash" in words


def test_bed_days_that_are_not_divided_are_added_up_over_the_ward_months():
    data = table(STEPS, effect=-60.0, sd=1e-6).rename(columns={"score": "bed_days"})
    result = of_beds(data, denominator=None, unit_cost=COST)
    months = int((data["period"] >= data["started"]).sum())
    assert worth_of(result).loc["freed", "estimate"] == pytest.approx(60 * months, rel=1e-4)


def test_an_unclear_number_of_bed_days_is_worth_nothing_yet():
    result = of_beds(beds(0.0), unit_cost=COST)
    assert result.term("cumulative_effect").side == 0
    both = worth_of(result).loc["both"]
    assert both["ci_low"] < 0 < both["ci_high"]
    words = next(one.words for one in result.sections() if one.name == "worth")
    assert words.startswith("Whether bed days were freed cannot be told")


def test_nothing_is_said_of_worth_without_a_cost_or_its_source_or_bed_days():
    data = beds(-2.0)
    assert "worth" not in [one.name for one in of_beds(data).sections()]
    with pytest.raises(qi.ParameterError, match="needs its source"):
        of_beds(data, unit_cost={**COST, "source": ""})
    with pytest.raises(qi.ParameterError, match="not of bed days"):
        evaluated(data, unit_cost=COST)
    with pytest.raises(qi.ParameterError, match="not of bed days"):
        of_beds(data, per=100, unit_cost=COST)


# ---- checks -------------------------------------------------------------------------------------


def test_a_drift_before_the_starts_is_seen():
    data = table(STEPS, sd=0.2)
    since = (data["period"] - data["started"]).dt.days / 30.4
    data["score"] += np.where(since > -6, -0.5 * (since + 6).clip(0, 6), 0.0)
    assert status_of(evaluated(data).checks, "before_trend") == "warn"
    assert status_of(evaluated(table(STEPS, sd=0.2)).checks, "before_trend") == "pass"


def test_the_worst_first_is_seen():
    data = table(STEPS, sd=0.5)
    rank = data["unit"].str[-2:].astype(int)
    result = evaluated(data.assign(score=data["score"] - 3.0 * rank))
    assert status_of(result.checks, "order_of_starts") == "warn"
    assert "stood higher" in check_of(result.checks, "order_of_starts").detail
    assert result.verdict.certainty == "with reservations"


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({"date": "2017-08-01", "event": "New manager", "unit": "Ward 01"}, "warn"),
        ({"date": "2018-12-01", "event": "New manager", "unit": "Ward 01"}, "pass"),
        ({"date": "2017-08-01", "event": "A new law"}, "pass"),
    ],
)
def test_events_at_the_start_of_the_unit_they_concern_are_seen(event, status):
    result = evaluated(table(STEPS, effect=-3.0, sd=0.3), events=[event])
    assert status_of(result.checks, "other_events") == status
    assert result.verdict.alone is (status == "pass")


def test_an_answer_that_hangs_on_one_unit_says_so():
    data = table(STEPS, sd=0.2)
    first = (data["unit"] == "Ward 01") & (data["period"] >= data["started"])
    result = evaluated(data.assign(score=data["score"] - 8.0 * first))
    assert status_of(result.checks, "leave_one_out") == "warn"
    assert "Ward 01" in check_of(result.checks, "leave_one_out").detail


def test_missing_values_are_left_out_and_counted():
    data = table(STEPS, effect=-3.0, sd=0.2)
    holes = np.random.default_rng(3).uniform(size=len(data)) < 0.06
    blank = evaluated(data.assign(score=data["score"].where(~holes)))
    absent = evaluated(data[~holes])
    assert blank.term("average_effect") == absent.term("average_effect")
    assert blank.term("average_effect").value == pytest.approx(-3.0, abs=0.5)
    assert not blank.span.complete
    assert f"{holes.sum()} of 240" in check_of(blank.checks, "missing_periods").detail


# ---- what is refused ----------------------------------------------------------------------------


def only(*units: int) -> pd.DataFrame:
    data = table(STEPS)
    return data[data["unit"].isin([f"Ward {at:02d}" for at in units])]


REFUSED = {
    "one unit": (only(1), "one unit", "interrupted time series"),
    "no past": (table([1, 2] * 4), "no unit that can be compared", "interrupted time series"),
    "too few units": (only(1, 2, 3), "With 3 units", "At least 4"),
    "all together": (table([9] * 6), "same month", "add units that start later"),
    "nobody starts": (table([None, 80, None, None]).assign(started=pd.Timestamp("2031-01-01")),
                      "No unit starts inside the data", "dates of the starts"),
    "too few ways": (table([9, 9, 9, 9, None]), "too few ways", "more different times"),
    "mirrored": (table([9, 9, 9, None, None, None]), "mirror one another", "more different times"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compared_is_refused_with_what_is_needed(case):
    data, problem, remedy = REFUSED[case]
    with pytest.raises(qi.CannotEvaluate) as error:
        evaluated(data)
    assert problem in str(error.value)
    assert remedy in str(error.value)


def test_where_the_only_months_with_both_are_missing_nothing_is_compared():
    data = table([9, 9, 9, 10, 10, 10])
    missing = (data["period"] == "2017-10-01") & (data["started"] == "2017-11-01")
    with pytest.raises(qi.CannotEvaluate, match="beside one that has not"):
        evaluated(data.assign(score=data["score"].where(~missing)))


def test_a_network_in_which_all_started_together_is_named():
    data = table([9, 12, 15, 18, 11, 11])
    area = np.where(data["unit"] < "Ward 05", "North", "South")
    result = evaluated(data.assign(area=area), network="area")
    assert "South" in check_of(result.checks, "compared").detail
    assert result.networks["network"].tolist() == ["North"]


def test_units_without_a_past_are_left_out_by_name():
    result = evaluated(table([1, *STEPS]))
    assert "Ward 01" in check_of(result.checks, "left_out").detail
    assert result.size == 8
    assert result.verdict.certainty == "with reservations"


def test_starts_after_the_data_count_as_not_yet():
    data = table(STEPS)
    later = data.assign(started=data["started"].fillna(pd.Timestamp("2025-01-01")))
    assert evaluated(later).term("average_effect") == evaluated(data).term("average_effect")


BAD = {
    "twice": (lambda d: d.assign(started=d["started"].where(d["period"] < "2018-01-01",
              pd.Timestamp("2018-02-01"))), {}, "start more than once"),
    "repeated": (lambda d: pd.concat([d, d.iloc[:3]]), {}, "more than one row"),
    "no dates": (lambda d: d.assign(started="soon"), {}, "does not hold dates"),
    "no start": (lambda d: d.assign(started=pd.NaT), {}, "has no date"),
    "no column": (lambda d: d.drop(columns="started"), {}, "no column `started`"),
    "two networks": (lambda d: d.assign(area=np.where(d["period"] < "2018-01-01", "A", "B")),
                     {"network": "area"}, "more than one network"),
    "blank unit": (lambda d: d.assign(unit=d["unit"].where(d.index > 3)), {}, "blank cells"),
    "empty unit": (lambda d: d.assign(unit=d["unit"].where(d.index > 3, " ")), {}, "blank cells"),
    "written in two ways": (lambda d: d.assign(unit=d["unit"].where(d.index % 2 == 0,
                            d["unit"].str.upper() + " ")), {}, "capitals or spaces alone"),
    "nothing to divide by": (lambda d: d.assign(beds=0.0), {"denominator": "beds"}, "above zero"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_tables_that_cannot_be_used_are_refused(case):
    change, more, problem = BAD[case]
    with pytest.raises(qi.DataError, match=problem) as error:
        evaluated(change(table(STEPS)), **more)
    assert "Ward" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"starts": {"Ward 1": "2018-01-01"}}, "not in the table"),
        ({"starts": {"Ward 01": "2018-01-01"}}, "lacks units"),
        ({"start": None}, "When did each unit start"),
        ({"per": 0}, "above zero"),
        ({"confidence": 2}, "between 0.5 and 1"),
        ({"direction": "down"}, "must be one of"),
    ],
)
def test_parameters_without_a_meaning_are_refused(more, problem):
    with pytest.raises(qi.ParameterError, match=problem):
        evaluated(table(STEPS), **more)


def test_four_units_are_tested_and_can_only_just_be_clear():
    result = evaluated(table([8, 14, 20, None], effect=-6.0, sd=0.2))
    assert result.span.possible == 24
    assert result.estimates.loc["average_effect", "p_value"] == pytest.approx(1 / 24)
    assert result.term("average_effect").side == -1
    assert status_of(result.checks, "enough_units") == "warn"
