"""What the example programme finds is what tests/golden/findings.json keeps, on every processor.

scripts/kernels.py runs this under other settings as well: headline, verdict and aim of every
evaluation are held equal among them.
"""

from __future__ import annotations

import json

import pytest

from tests import example_results

pytestmark = pytest.mark.numeric


def test_every_evaluation_says_what_is_kept(example_outputs, monkeypatch):
    monkeypatch.chdir(example_results.ROOT)
    kept = json.loads(example_results.FINDINGS.read_text(encoding="utf-8"))
    computed = example_results.findings(example_outputs)
    assert list(computed) == list(kept)
    differing = {
        name: (kept[name], computed[name]) for name in kept if computed[name] != kept[name]
    }
    assert not differing, "Read the difference; if it is meant, run `make golden`."
