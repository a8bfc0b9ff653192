"""How often a survey claims a change where there is none: `benchmarks/survey_false_claims.py`.

Two waves of answers from one distribution go through the very comparison that `qi.survey` makes: an
odds ratio where the model fits, else the share of positive answers, else the chance that the later
is better. Looking a second or third time could claim too often; the shares of claims, all of them
and those of each figure, are written into docs/methods/survey.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qieval.analysis.survey.methods.change import changed  # noqa: E402
from qieval.analysis.survey.methods.scale import Scale  # noqa: E402
from qieval.core.config import CONFIDENCE, SEED  # noqa: E402

PAGE = ROOT / "docs" / "methods" / "survey.md"
START, END = "<!-- survey_false_claims.py -->", "<!-- end -->"
SHAPES = {
    "even": (0.2, 0.2, 0.2, 0.2, 0.2),
    "towards one end": (0.02, 0.05, 0.13, 0.4, 0.4),
    "both ends": (0.45, 0.05, 0.0, 0.05, 0.45),
    "90 % in one level": (0.0, 0.0, 0.0, 0.1, 0.9),
    "95 % in one level": (0.0, 0.0, 0.0, 0.05, 0.95),
    "98 % in one level": (0.0, 0.0, 0.0, 0.02, 0.98),
    "95 %, rest spread": (0.01, 0.01, 0.01, 0.02, 0.95),
}
"""Chances of five levels; the upper two are positive."""

SIZES = (30, 60, 150)
LEVELS = ("1", "2", "3", "4", "5")


def claims(chances: tuple[float, ...], size: int, count: int) -> Counter[str]:
    """By which figure a change was claimed, over that many pairs of waves."""
    rng = np.random.default_rng([SEED, size, round(1000 * chances[-1])])
    scale = Scale(LEVELS, 2, 2, {level: at for at, level in enumerate(LEVELS)})
    known: Counter[str] = Counter()
    seen: dict[bytes, str] = {}
    for _ in range(count):
        counts = rng.multinomial(size, chances, size=2)
        key = counts.tobytes()  # near the end of the scale the same counts come again and again
        if key not in seen:
            seen[key] = claimed(counts, scale)
        known[seen[key]] += 1
    return known


def claimed(counts: np.ndarray, scale: Scale) -> str:
    """The figure by which two waves are called different, or ""."""
    place = np.concatenate([np.repeat(np.arange(5), wave) for wave in counts])
    waves = np.repeat(["a", "b"], counts.sum(axis=1))
    answers = pd.DataFrame({"wave": waves, "group": "", "item": "x", "place": place})
    answers["who"] = np.arange(len(answers)).astype(str)
    item = changed(
        answers,
        scale,
        ["x"],
        ("a", "b"),
        by_group=False,
        same_people=False,
        smallest=10,
        confidence=CONFIDENCE,
    ).items[0]
    return str(item["judged_by"]) if item["adjusted"] < 1 - CONFIDENCE else ""


def table(count: int) -> str:
    """The table of the page."""
    lines = [
        f"Claims in % where nothing changed, {count:,} pairs of waves a cell, one item, five "
        "levels (all; by odds / share / chance):",
        "",
        "| answers | " + " | ".join(f"{size} a wave" for size in SIZES) + " |",
        "|---|" + "---|" * len(SIZES),
    ]
    for name, chances in SHAPES.items():
        cells = []
        for size in SIZES:
            known = claims(chances, size, count)
            parts = [100 * known[which] / count for which in ("odds", "share", "chance")]
            cells.append(f"{sum(parts):.1f}; " + " / ".join(f"{part:.1f}" for part in parts))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines)


def main() -> None:
    """Simulate, and write the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000, help="pairs of waves a cell")
    count = parser.parse_args().pairs
    begin = time.perf_counter()
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{START}\n{table(count)}\n{END}{tail}", encoding="utf-8")
    print(f"{time.perf_counter() - begin:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
