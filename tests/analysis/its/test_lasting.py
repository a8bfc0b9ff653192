"""Did it last? Truth that lasts, fades and grows is recovered; what cannot be told is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.its import ITSResult
from qieval.analysis.its.methods.lasting import _quarters
from qieval.core.result import Result
from tests.analysis.its.simulated import ar1_errors

METHODS = Path(__file__).resolve().parents[3] / "docs" / "methods"

SEEDS = range(73_100, 73_124)
"""Written down before any of them was looked at; none is left out."""

BEFORE, AFTER = 30, 30
SHAPES = {
    "stays": (lambda since: np.full(len(since), -4.0), "lasted"),
    "gone": (lambda since: np.where(since < 6, -4.0, 0.0), "faded"),
    "grows": (lambda since: -3.0 - 0.15 * since, "lasted"),
}


def made(effect: np.ndarray, seed: int, before: int = BEFORE, **how: Any) -> ITSResult:
    rng = np.random.default_rng(seed)
    n = before + len(effect)
    y = 20 + ar1_errors(n, 0.3, rng)[:, 0]
    y[before:] += effect
    months = pd.date_range("2016-01-01", periods=n, freq="MS")
    data = pd.DataFrame({"period": months, "beds": y})
    asked = {"value": "beds", "direction": "lower", "unit": "beds", **how}
    return qi.interrupted_time_series(data, intervention=str(months[before].date()), **asked)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_on_other_seeds_the_truth_is_recovered(shape: str) -> None:
    """Of 24 intervals of 95 % fewer than 19 hold the truth once in 400 such tests by chance."""
    effect_of, expected = SHAPES[shape]
    effect = effect_of(np.arange(AFTER))
    truth = {"first_effect": effect[:6].mean(), "later_effect": effect[12:].mean()}
    truth["share_kept"] = truth["later_effect"] / truth["first_effect"]
    held = dict.fromkeys(truth, 0)
    statuses = []
    for seed in SEEDS:
        result = made(effect, seed)
        rows = result.lasting.set_index("term")
        for term, value in truth.items():
            known = term in rows.index
            held[term] += bool(
                known and rows.at[term, "ci_low"] <= value <= rows.at[term, "ci_high"]
            )
        statuses.append(result.verdict.sustained.status)
    assert min(held.values()) >= 19, held
    opposite = {"lasted": "faded", "faded": "lasted"}[expected]
    assert statuses.count(opposite) <= 2
    assert statuses.count(expected) >= 16


def test_without_noise_to_speak_of_the_figures_are_the_truth() -> None:
    effect = np.concatenate([np.full(6, -8.0), np.full(6, -6.0), np.full(12, -4.0)])
    rng = np.random.default_rng(4)
    months = pd.date_range("2016-01-01", periods=48, freq="MS")
    y = 20 + 0.01 * rng.normal(size=48)
    y[24:] += effect
    data = pd.DataFrame({"period": months, "beds": y})
    result = qi.interrupted_time_series(data, value="beds", intervention="2018-01-01", season=None)
    rows = result.lasting.set_index("term")
    assert rows["estimate"].tolist() == pytest.approx([-8, -4, 0.5], abs=0.05)
    assert rows["start"].tolist()[1] == pd.Timestamp("2019-01-01")
    assert rows["n"].tolist() == [6, 12, 12]
    sustained = result.verdict.sustained
    assert sustained.status == "lasted"
    assert sustained.words.startswith("It lasted in part")


def test_the_share_turns_over_with_the_sign_and_not_with_the_unit() -> None:
    effect = np.full(AFTER, -4.0)
    rng = np.random.default_rng(8)
    y = 20 + rng.normal(size=60)
    y[30:] += effect
    months = pd.date_range("2016-01-01", periods=60, freq="MS")

    def share(values: np.ndarray) -> list[float]:
        data = pd.DataFrame({"period": months, "v": values})
        result = qi.interrupted_time_series(data, value="v", intervention=str(months[30].date()))
        row = result.lasting.set_index("term").loc["share_kept"]
        return [float(row[name]) for name in ("estimate", "ci_low", "ci_high")]

    assert share(-y) == pytest.approx(share(y), abs=1e-4)
    assert share(1000 * y) == pytest.approx(share(y), abs=1e-4)


def test_too_early_to_say_and_the_day_on_which_it_can_be_said() -> None:
    result = made(np.full(10, -4.0), 73_200)
    sustained = result.verdict.sustained
    assert sustained.status == "too early"
    assert str(sustained.told_from) == "2019-10-01"  # from July 2018, fifteen months
    assert "So far" in sustained.words or "1 October 2019" in sustained.words


def test_no_share_of_a_first_effect_that_is_not_clear() -> None:
    result = made(np.where(np.arange(AFTER) < 6, 0.0, -4.0), 73_201)
    assert "share_kept" not in set(result.lasting["term"])
    assert result.verdict.sustained.share is None


def test_where_nothing_is_claimed_nothing_lasted() -> None:
    result = made(np.zeros(AFTER), 73_202)
    assert result.verdict.kind == "no clear change"
    assert result.verdict.sustained.status == "none"
    assert result.sections() == ()


def test_a_second_change_ends_the_time_of_the_first() -> None:
    rng = np.random.default_rng(73_203)
    y = 20 + rng.normal(size=60)
    y[24:] -= 5
    months = pd.date_range("2016-01-01", periods=60, freq="MS")
    data = pd.DataFrame({"period": months, "beds": y})
    soon = qi.interrupted_time_series(
        data, value="beds", intervention=["2018-01-01", "2018-10-01"]
    ).verdict.sustained
    assert soon.status == "cannot tell"
    assert "In October 2018 another change began" in soon.words
    late = qi.interrupted_time_series(data, value="beds", intervention=["2018-01-01", "2019-10-01"])
    rows = late.lasting.set_index("term")
    assert rows.at["later_effect", "end"] == pd.Timestamp("2019-09-01")


def test_counts_are_compared_as_logarithms() -> None:
    rng = np.random.default_rng(73_204)
    months = pd.date_range("2016-01-01", periods=60, freq="MS")
    data = pd.DataFrame(
        {"period": months, "falls": rng.poisson(np.where(np.arange(60) < 30, 40, 16))}
    )
    result = qi.interrupted_time_series(
        data, value="falls", intervention="2018-07-01", counts="events", direction="lower"
    )
    rows = result.lasting.set_index("term")
    assert rows.at["share_kept", "ci_low"] < 1 < rows.at["share_kept", "ci_high"]
    assert "logarithms" in rows.at["share_kept", "unit"]
    assert rows.at["later_effect", "estimate"] == pytest.approx(-24, abs=6)
    assert result.verdict.sustained.status == "lasted"


def test_a_result_of_an_earlier_qieval_is_read_and_says_nothing_false() -> None:
    result = made(np.full(AFTER, -4.0), 73_205)
    written = result.to_dict()
    assert Result.from_dict(written).verdict.sustained == result.verdict.sustained
    del written["lasting"]
    earlier = Result.from_dict(written)
    assert earlier.verdict.kind == result.verdict.kind
    assert earlier.verdict.sustained.status == "cannot tell"
    assert "earlier qieval" in earlier.verdict.sustained.words


def test_a_released_result_says_the_same() -> None:
    result = made(np.full(AFTER, -4.0), 73_206)
    released = result.released()
    assert released.verdict.sustained == result.verdict.sustained
    assert released.sections()[0].words == result.sections()[0].words


def test_quarters_leave_no_month_out() -> None:
    for bounds in ((0, 6, 12, 20), (0, 6, 8, 11), (0, 6, 6, 9), (0, 6, 12, 15)):
        quarters = _quarters(bounds, 3)
        assert [low for low, _ in quarters[1:]] == [high for _, high in quarters[:-1]]
        assert (quarters[0][0], quarters[-1][1]) == (0, bounds[-1])


def test_the_cost_of_a_bed_day_is_shown_with_its_source_and_refused_elsewhere() -> None:
    cost = {"low": 300, "high": 500, "source": "An invented range", "price_year": "2018/19"}
    with pytest.raises(qi.ParameterError, match="not of bed days"):
        made(np.full(AFTER, -4.0), 1, unit_cost=cost)
    rng = np.random.default_rng(2)
    months = pd.date_range("2016-01-01", periods=60, freq="MS")
    days = months.days_in_month.to_numpy()
    beds = 20 + rng.normal(size=60) - 4 * (np.arange(60) >= 30)
    data = pd.DataFrame({"period": months, "bed_days": beds * days, "days_in_period": days})
    result = qi.interrupted_time_series(
        data, value="bed_days", denominator="days_in_period", counts="amount",
        intervention="2018-07-01", direction="lower", unit_cost=cost,
    )  # fmt: skip
    worth = next(section for section in result.sections() if section.name == "worth")
    assert worth.table is not None
    freed = worth.table.rows.set_index("term")
    total = result.term("cumulative_effect")
    assert freed.at["freed", "estimate"] == pytest.approx(-total.value)
    assert freed.at["both", "ci_low"] == pytest.approx(-0.3 * total.high)
    assert freed.at["both", "ci_high"] == pytest.approx(-0.5 * total.low)
    assert "not cash" in worth.words
    shown = result.released().sections()
    assert worth.words in [section.words for section in shown]


# ---- what the page says ------------------------------------------------------------------------


def calibration() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables of docs/methods/lasting_calibration.md: of series and of charts."""
    lines = (METHODS / "lasting_calibration.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if "|" in line]
    tables = []
    for columns in (12, 7):
        head, _, *own = [row for row in rows if len(row) == columns]
        frame = pd.DataFrame(own, columns=head)
        figures = frame.columns.drop("effect")
        tables.append(frame.assign(**{name: pd.to_numeric(frame[name]) for name in figures}))
    return tables[0], tables[1]


def test_the_words_of_the_page_are_the_figures_of_the_benchmark() -> None:
    """docs/methods/lasting.md says what `python benchmarks/lasting.py` wrote."""
    series, charts = calibration()
    assert (len(series), len(charts)) == (36, 12)
    words = " ".join((METHODS / "lasting.md").read_text(encoding="utf-8").split())

    def span(rows: pd.DataFrame, *columns: str) -> str:
        figures = rows[list(columns)].to_numpy()
        return f"{figures.min():.0f} to {figures.max():.0f}"

    def of(table: pd.DataFrame, *starts: str) -> pd.DataFrame:
        return table[table["effect"].str.startswith(starts)]

    held = ("first", "later", "share")
    moving = of(series, "grows", "fades", "halves")
    moving = moving[moving["rho"] == 0.8]
    half = of(series, "falls")
    gone = of(charts, "gone", "fades", "halves")
    assert (of(charts, "stays", "grows")["lasted"] == 100).all()
    for said in (
        "all effects that stay or grow that they lasted",
        f"stays, {span(of(series, 'stays'), 'faded')} are said to have faded",
        f"is gone, {span(of(series, 'gone'), 'lasted')} to have lasted",
        f"by halves, {span(of(series, 'fades', 'halves'), 'lasted')}.",
        f"hold the truth in {span(moving, *held)}:",
        f"Everywhere else they hold it in {span(series.drop(moving.index), *held)}.",
        f"{span(half, 'lasted')} are said to have lasted, {span(half, 'faded')} to have faded.",
        f"to nothing in {span(gone, 'lasted')}; in {span(gone, 'no change seen')} of these",
    ):
        assert said in words, said
