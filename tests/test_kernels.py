"""The settings under which the numerical tests are run again are real, and take effect."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FEATURES = "from numpy._core._multiarray_umath import __cpu_features__ as f, __cpu_dispatch__ as d;"


@pytest.fixture(scope="module")
def kernels():
    spec = importlib.util.spec_from_file_location("kernels", ROOT / "scripts" / "kernels.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["kernels"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_the_processors_own_setting_comes_first_and_changes_nothing(kernels):
    known = kernels.settings()
    assert known[0].variables == {}
    assert len({setting.name for setting in known}) == len(known)


def test_every_other_setting_is_one_that_numpy_obeys(kernels):
    for setting in kernels.settings()[1:]:
        off = setting.variables["NPY_DISABLE_CPU_FEATURES"].split()
        code = f"{FEATURES} import numpy; print([name for name in {off} if f[name]])"
        command = [sys.executable, "-W", "error", "-c", code]
        asked = subprocess.run(
            command, env=setting.environment, capture_output=True, text=True, check=True
        )
        assert asked.stdout.strip() == "[]", setting.name
