"""What an attacker tried on released results; each case stands for its kind. All is invented."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.core.result import Result
from qieval.report.measures import icon_table
from tests.share.test_release import said

MONTHS = pd.date_range("2018-01-01", periods=24, freq="MS")
DAY = pd.Timedelta(days=1)


def same(results: list[Result]) -> None:
    """Released results that differ in a small number alone say the same."""
    words = [said(result.released()) for result in results]
    assert len(set(words)) == 1


def test_a_measure_of_fractions_does_not_uncover_the_counts_beside_it():
    table = pd.DataFrame(
        {
            "period": MONTHS,
            "beds": [20.5] * 12 + [21.25] * 12,
            "back": [6] * 23 + [1],
            "out": [60] * 24,
        }
    )
    measures = [
        {"name": "Beds", "role": "outcome", "direction": "lower", "value": "beds"},
        {
            **{"name": "Back", "role": "balancing", "direction": "lower", "per": 100},
            **{"numerator": "back", "denominator": "out"},
        },
    ]
    points = qi.family_of_measures(table, measures=measures).released().points
    assert np.isnan(points[points["measure"] == "Back"]["value"].iloc[-1])
    assert points[points["measure"] == "Beds"]["value"].notna().all()


@pytest.mark.parametrize("profile", ["mhsds", "hes"])
@pytest.mark.parametrize("kind", ["c", "u", "p"])
def test_the_mean_of_a_phase_does_not_tell_how_few_were_counted_in_it(kind, profile):
    """One fall in twelve months is a mean of 0.083: times twelve, it is that one."""

    def chart(few: int) -> Result:
        falls = np.array([0, 0, few, *[0] * 9, 9, 12, 11, 9, 14, 10, 9, 12, 13, 11, 10, 12])
        table = pd.DataFrame({"period": MONTHS, "falls": falls, "of": 60})
        of = {} if kind == "c" else {"denominator": "of"}
        phase = [MONTHS[12]]
        return qi.control_chart(table, kind=kind, numerator="falls", rephase=phase, **of)

    released = [chart(few).released(profile) for few in (1, 3)]
    assert released[0].points["centre"].iloc[:12].isna().all()
    assert released[0].points["centre"].iloc[12:].notna().all()
    assert released[0].headline() == released[1].headline()
    estimates = [one.estimates["estimate"].dropna().tolist() for one in released]
    assert estimates[0] == estimates[1]


def test_a_mean_beside_shown_counts_does_not_leave_a_withheld_one_too_few_numbers():
    """Two months of 10 beside one that is withheld, in a phase of three: the sum says which."""
    falls = [4, 4, 4, *[12, 11, 9, 14, 10, 9, 12, 13, 11] * 2, 12, 10, 9]
    table = pd.DataFrame({"period": MONTHS, "falls": falls})
    chart = qi.control_chart(table, kind="c", numerator="falls", rephase=[MONTHS[3]])
    points = chart.released().points
    assert points["centre"].iloc[:3].isna().all()  # 12 in three months of at most 4 are 4 each
    assert points["centre"].iloc[3:].notna().all()


@pytest.mark.parametrize("kind", ["p", "u"])
def test_a_small_denominator_is_withheld_though_it_is_divided(kind):
    of = np.full(24, 30)
    of[20] = 3
    table = pd.DataFrame({"period": MONTHS, "a": [2] * 24, "n": of})
    chart = qi.control_chart(table, kind=kind, numerator="a", denominator="n", per=100)
    points = chart.released().points
    assert np.isnan(points["denominator"].iloc[20])
    assert points[["lower", "upper"]].iloc[20].isna().all()  # limits tell the size
    assert points["denominator"].iloc[0] == pytest.approx(0.3)


@pytest.mark.parametrize("some", [0, 1, 4])
def test_what_was_counted_of_reasons_is_withheld_too(some):
    reasons = ["a"] * 40 + ["b"] * 12 + [None] * some + ["c"] * 8
    released = qi.pareto(pd.DataFrame({"reason": reasons})).released()
    assert not released.estimates["estimate"].between(0, 4).any()


def test_residuals_do_not_give_the_counts_back():
    falls = np.random.default_rng(5).poisson(9, 48)
    falls[[40, 41]] = 3, 0
    table = pd.DataFrame({"period": pd.date_range("2016-01-01", periods=48, freq="MS")})
    table["falls"] = falls
    result = qi.interrupted_time_series(
        table, value="falls", intervention="2018-07-01", counts="events"
    ).released()
    assert result.points["value"].iloc[[40, 41]].isna().all()
    assert result.residuals["residual"].isna().all()
    assert "single_points" not in set(result.checks["id"]) or not result.checks.set_index("id").at[
        "single_points", "detail"
    ].count("2019")


def test_a_signal_does_not_tell_nought_from_another_small_number():
    charts = []
    for few in (0, 1, 4):
        table = pd.DataFrame({"period": MONTHS, "falls": [20, 22, 19, 21] * 5 + [20, 21, few, 22]})
        charts.append(qi.control_chart(table, kind="i", value="falls").released())
    for name in ("outside_limits", "special_cause", "point_type"):
        assert len({str(chart.points[name].iloc[22]) for chart in charts}) == 1


def test_a_median_that_is_small_is_withheld():
    table = pd.DataFrame({"period": MONTHS, "falls": [0, 2, 3, 2, 1, 2, 4, 2, 0, 2, 3, 1] * 2})
    chart = qi.run_chart(table, value="falls").released()
    assert chart.points["centre"].isna().all()
    assert not chart.points["useful"].any()
    assert "median is 2" not in said(chart)


def stays(long: int, still_in: int = 0) -> Result:
    lengths = [5 + n % 20 for n in range(40 - long - still_in)] + [90] * long
    start = pd.Timestamp("2019-01-01")
    table = pd.DataFrame({"person": range(len(lengths)), "start": start})
    table["end"] = [start + length * DAY for length in lengths]
    still = pd.DataFrame({"person": range(100, 100 + still_in), "start": start, "end": pd.NaT})
    table = pd.concat([table, still]) if still_in else table
    return qi.length_of_stay(table, extract_date="2020-01-01")


def test_the_end_of_a_curve_does_not_show_how_few_remain():
    curve = stays(long=2).released().points
    assert (curve["share"] * 40 > 4).all()


def test_notes_with_figures_are_not_passed_on():
    words = said(stays(long=8, still_in=1).released())
    assert "1 stay without an end" not in words


def test_shares_of_two_withheld_figures_are_not_made_up():
    words = said(stays(long=8, still_in=0).released())
    assert "100%)" not in words
    assert "200%" not in words


def test_rates_near_nought_are_not_bounded_by_what_stands_in_their_place():
    of = np.full(24, 900)
    table = pd.DataFrame({"period": MONTHS, "a": [30] * 23 + [1], "n": of})
    chart = qi.control_chart(table, kind="p", numerator="a", denominator="n", per=100).released()
    assert "between a withheld number and" in chart.alt_text()


def test_averages_over_rates_are_not_taken_for_counts():
    scores = [6.5, 7.0, 8.25, 7.5] * 6
    table = pd.DataFrame({"period": MONTHS, "score": scores, "n": [1, 4, 3, 2] * 6})
    points = qi.run_chart(table, value="score", denominator="n").released().points
    assert points["value"].notna().sum() > 0


def test_few_in_two_standards_are_not_told_by_what_follows_from_both():
    audits = []
    for met in (1, 2, 3):
        rows = pd.DataFrame(
            {"wave": "2024", "standard": ["W", "P"], "met": [met, 30], "applicable": [60, 60]}
        )
        audits.append(qi.audit(rows, met="met", applicable="applicable"))
    same(audits)
    plain = [json.dumps(audit.released().to_dict()["by_wave"]) for audit in audits]
    assert len(set(plain)) == 1


def test_small_counts_of_one_ward_are_withheld_in_every_table_of_measures_on_wards():
    """In points, in the icon table and its course, in files, and in what follows from them."""
    few = [12] * 23 + [2]
    table = pd.concat(
        [
            pd.DataFrame({"period": MONTHS, "ward": ward, "back": back, "out": [60] * 24})
            for ward, back in (("Birch", few), ("Rowan", [12] * 24))
        ]
    )
    measure = {"name": "Back", "role": "balancing", "direction": "lower", "per": 100}
    measure |= {"numerator": "back", "denominator": "out"}
    released = qi.family_of_measures(table, measures=[measure], by="ward").released()
    points = released.points
    assert np.isnan(points[points["ward"] == "Birch"]["value"].iloc[-1])
    assert points[points["ward"] == "Rowan"]["value"].notna().all()
    icons = icon_table(released.charts).rows.set_index("group")
    assert np.isnan(icons.loc["Birch", "values_"][-1])
    assert icons.loc["Birch", "when"] == "November 2019"  # the latest that is shown
    assert "3.3" not in qi.report.measures_table(released.charts).text


@pytest.mark.parametrize("counts", [((37, 92), (58, 101)), ((21, 64), (44, 67))])
def test_a_difference_of_shares_does_not_undo_the_rounding(counts):
    """Many counts that round alike have the released difference, interval and p value."""
    (met_before, of_before), (met_after, of_after) = counts
    rows = pd.DataFrame(
        {
            "wave": ["2023", "2024"],
            "standard": "Weight",
            "met": [met_before, met_after],
            "applicable": [of_before, of_after],
        }
    )

    def shown(met: int, of: int) -> tuple[str, ...]:
        again = rows.assign(met=[met_before, met], applicable=[of_before, of])
        released = qi.audit(again, met="met", applicable="applicable").released()
        change = released.changes[["estimate", "ci_low", "ci_high", "p_value"]]
        estimates = released.estimates.drop(columns="n", errors="ignore")
        return (change.to_json(), estimates.to_json())

    alike = [
        shown(met, of)
        for met in range(met_after - 2, met_after + 3)
        for of in range(of_after - 2, of_after + 3)
        if round(met / 5) == round(met_after / 5) and round(of / 5) == round(of_after / 5)
    ]
    assert alike.count(shown(met_after, of_after)) >= 3


def test_few_who_are_not_in_a_share_of_a_series_are_people_too():
    """38 of 40 checked, exactly: 2 were not."""
    table = pd.DataFrame({"period": MONTHS, "a": [20] * 23 + [38], "n": [40] * 24})
    chart = qi.control_chart(table, kind="p", numerator="a", denominator="n")
    points = chart.released("ons10").points
    assert np.isnan(points["value"].iloc[-1])
    assert points["value"].iloc[:-1].notna().all()


def test_a_rate_and_limits_of_a_series_do_not_give_the_exact_size_back():
    """61 and 62 are both shown as 60: so are the rates and the limits that go with them."""
    shown = []
    for size in (61, 62):
        table = pd.DataFrame({"period": MONTHS, "a": [30, 31] * 12, "n": [60] * 12 + [size] * 12})
        chart = qi.control_chart(table, kind="p", numerator="a", denominator="n").released()
        wide = chart.points["upper"] - chart.points["centre"]
        values = chart.points["value"].round(9).tolist()
        shown.append((values, (wide / wide.iloc[0]).round(6).tolist()))
    assert shown[0] == shown[1]
    assert len(set(shown[0][0])) == 1


def test_limits_of_a_funnel_are_those_of_released_sizes():
    """Neither the limits of a unit nor the ends of the curve follow from its exact size."""
    sizes = np.array([61, 84, 107, 128, 143, 166, 182, 211])
    table = pd.DataFrame({"unit": list("abcdefgh"), "met": sizes // 2, "of": sizes})
    columns = {"unit": "unit", "numerator": "met", "denominator": "of"}
    exact = qi.funnel(table, **columns, kind="proportion")
    released = exact.released()
    curve, points = released.curve, released.points
    assert curve["denominator"].iloc[0] == pytest.approx(0.8 * 60)
    assert curve["denominator"].iloc[-1] == pytest.approx(210)
    of_60 = np.interp(60, exact.curve["denominator"], exact.curve["lower_95"])
    assert points["lower_95"].iloc[0] == pytest.approx(of_60)
    assert points["lower_95"].iloc[0] != pytest.approx(exact.points["lower_95"].iloc[0])
    assert points[["z", "z_adjusted", "power"]].isna().all(axis=None)


# ---- exact figures that follow from counts which are rounded -------------------------------------


def test_sizes_of_a_family_of_measures_are_released_sizes():
    """Each measure has its own `per`; small sizes are withheld, others rounded."""
    sizes = np.array([61, 62] * 11 + [63, 3])
    table = pd.DataFrame({"period": MONTHS, "a": [2] * 24, "n": sizes, "b": [20] * 24})
    measures = [
        {
            **{"name": f"Per {per}", "role": "outcome", "direction": "lower", "per": per},
            **{"numerator": met, "denominator": "n"},
        }
        for per, met in ((100, "a"), (1000, "a"))
    ]
    released = qi.family_of_measures(table, measures=measures).released()
    for measure, own in released.points.groupby("measure"):
        per = float(str(measure).removeprefix("Per "))
        shown = own["denominator"].to_numpy() * per
        assert set(shown[:-1].round(6)) == {60.0, 65.0}
        assert np.isnan(shown[-1])
        assert own["denominator"].equals(
            released.charts[str(measure)].points["denominator"].set_axis(own.index)
        )


def test_requests_a_day_and_by_the_hour_do_not_give_their_number_back():
    def access(more: int) -> Result:
        days = pd.date_range("2019-01-01", periods=120, freq="D")
        rows = pd.DataFrame({"referred": [*days, *days[:more]], "started": pd.NaT})
        rows["started"] = rows["referred"] + pd.Timedelta(days=1)
        return qi.crisis_access(
            rows, target=2, clock="days", intervention="2019-03-01", complete=True
        )

    exact = access(1)
    released = exact.released()
    assert released.demand["hours"].equals(exact.demand["hours"])
    of_shown = released.demand["requests"] / released.demand["hours"]
    of_exact = exact.demand["requests"] / exact.demand["hours"]
    assert np.allclose(released.demand["rate"], 24 * of_shown)
    assert not np.allclose(of_shown, of_exact)
    shown, told = released.estimates, exact.estimates
    daily = [term for term in shown.index if term.startswith("requests_a_day")]
    for term in daily:
        days = told.loc[term, "n"] / told.loc[term, "estimate"]
        assert shown.loc[term, "estimate"] == pytest.approx(shown.loc[term, "n"] / days)
    before, since = (shown.loc[term, "estimate"] for term in daily)
    assert shown.loc["requests_ratio", "estimate"] == pytest.approx(since / before)


def cases(events: int, kind: str) -> Result:
    """200 cases of one chance a month; `events` had one in the first."""
    rows = [
        {"date": month, "event": case < (events if place == 0 else 20), "risk": 0.1037}
        for place, month in enumerate(pd.date_range("2019-01-01", periods=12, freq="MS"))
        for case in range(200)
    ]
    table = pd.DataFrame(rows).astype({"event": int})
    make = {"cusum": qi.cusum, "vlad": qi.vlad}[kind]
    return make(table, event="event", risk="risk", time="date", every="month")


def test_a_vlad_is_drawn_from_the_events_that_are_shown():
    """22 and 21 are both shown as 20: so are the line and the difference beside them."""
    charts = [cases(events, "vlad") for events in (21, 22)]
    assert charts[0].points["difference"].iloc[0] != charts[1].points["difference"].iloc[0]
    lines = [chart.released().points["difference"] for chart in charts]
    assert lines[0].notna().all()
    assert lines[0].equals(lines[1])
    terms = charts[0].released().estimates["estimate"]
    assert terms["difference"] == pytest.approx(terms["observed"] - terms["expected"])


def test_a_cusum_whose_events_are_rounded_has_no_exact_lines():
    chart = cases(22, "cusum")
    assert chart.released().points[["higher", "lower"]].isna().all(axis=None)
    assert chart.released("ons10").points[["higher", "lower"]].notna().all(axis=None)


def test_shares_with_those_above_are_those_of_the_shown_numbers():
    exact = qi.pareto(pd.DataFrame({"reason": ["a"] * 41 + ["b"] * 22 + ["c"] * 13}))
    points = exact.released().points
    assert points["so_far"].tolist() == pytest.approx([40 / 75, 60 / 75, 1.0])


def test_residuals_and_the_weight_of_points_do_not_give_exact_values_back():
    beds = 600 + np.random.default_rng(4).integers(-30, 31, 48)
    table = pd.DataFrame({"period": pd.date_range("2016-01-01", periods=48, freq="MS")})
    exact = qi.interrupted_time_series(
        table.assign(beds=beds), value="beds", intervention="2018-07-01"
    )
    released = exact.released()
    points, told = released.points, exact.points
    assert np.allclose(points["fitted"] + points["residual"], points["value"], equal_nan=True)
    assert not np.allclose(points["value"], told["value"])
    left, before = released.residuals["residual"], exact.residuals["residual"]
    shown = points.set_index("time")["residual"].reindex(released.residuals["time"])
    was = told.set_index("time")["residual"].reindex(exact.residuals["time"])
    assert np.allclose(left / before, (shown / was).to_numpy())
    assert set((10 * released.influence["shift_in_se"]).round(6) % 1) == {0.0}
    again = np.polyfit(exact.influence["shift_in_se"], exact.influence["level_change_without"], 1)
    weighs = np.polyval(again, released.influence["shift_in_se"])
    assert np.allclose(released.influence["level_change_without"], weighs)


def test_reasons_are_no_people():
    """The number of reasons is neither rounded nor withheld where small counts are."""
    reasons = ["a"] * 40 + ["b"] * 31 + ["c"] * 12 + ["d"] * 9 + ["e"] * 3 + ["f"] * 2 + ["g"]
    exact = qi.pareto(pd.DataFrame({"reason": reasons}))
    assert exact.released().verdict.label == exact.verdict.label


@pytest.mark.parametrize("small", [0, 4, 9])
def test_a_mean_of_a_phase_does_not_give_its_one_withheld_month_back(small):
    """With the other months exact, twelve means less their sum would be that month."""
    falls = [20, 24, 17, 21, 19, 23, small, 22, 18, 25, 20, 21] + [12, 14, 11, 13] * 3
    table = pd.DataFrame({"period": MONTHS, "falls": falls})
    chart = qi.control_chart(table, kind="c", value="falls", rephase=["2019-01-01"])
    lines = ["centre", "lower", "upper"]
    released = chart.released("ons10")
    first, second = released.points.iloc[:12], released.points.iloc[12:]
    assert first["value"].isna().sum() == 1
    assert first[lines].isna().all(axis=None)
    assert second[lines].notna().all(axis=None)
    assert released.estimates[["estimate", *lines]].isna().all(axis=1).tolist() == [True, False]
    assert chart.released("mhsds").points[lines].notna().all(axis=None)  # all months are rounded


@pytest.mark.parametrize("result", ["chart", "family"])
def test_charts_that_differ_in_one_small_month_say_the_same_where_others_stay_exact(result):
    """Verdict and signals, which are those of the exact figures, are the same in both."""
    released = []
    for small in (7, 8):
        falls = [20, 24, 17, 21, 19, 23, small, 22, 18, 25, 20, 21, 24, 18]
        falls += [*falls[:6], *falls[7:11]]
        table = pd.DataFrame({"period": MONTHS, "falls": falls})
        if result == "chart":
            made = qi.control_chart(table, kind="c", value="falls")
        else:
            measure = {"name": "Falls", "role": "outcome", "direction": "lower", "value": "falls"}
            made = qi.family_of_measures(table, measures=[measure])
        released.append(said(made.released("ons10")))
    assert released[0] == released[1]
