"""Run tests under other kernel settings: what a result says may not hang on the last bit.

numpy and OpenBLAS pick other code on other processors (AVX-512, AVX2, SSE), and sums then differ in
their last bits. The settings below make one processor compute like others:

    python scripts/kernels.py                  the numerical tests (marker `numeric`)
    python scripts/kernels.py tests/some/path  those, and these
    python scripts/kernels.py --own …          under the processor's own setting as well

`make test` runs every test under the processor's own setting before, so it is left out here.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass

NUMERIC = [
    *("-m", "numeric and not slow"),
    *("tests/analysis/its", "tests/analysis/synthesis", "tests/simulation/test_findings.py"),
]
"""What is run under every setting: known answers, and what the example programme finds."""

JOBS = "2"


@dataclass(frozen=True)
class Setting:
    """A way of computing, and the environment variables that ask for it."""

    name: str
    variables: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a command under this setting."""
        return {**os.environ, **self.variables}


def settings() -> list[Setting]:
    """The processor's own setting first, then those of others that it can take on."""
    own = Setting("this processor's own", {})
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return [own]
    # Private, but the very names that NPY_DISABLE_CPU_FEATURES takes (numpy.show_runtime).
    from numpy._core._multiarray_umath import (  # type: ignore[attr-defined]
        __cpu_dispatch__ as optional,
    )
    from numpy._core._multiarray_umath import (  # type: ignore[attr-defined]
        __cpu_features__ as features,
    )

    wide = [name for name in optional if name.startswith(("X86_V4", "AVX512"))]
    without_avx512 = {
        "NPY_DISABLE_CPU_FEATURES": " ".join(wide),
        "OPENBLAS_CORETYPE": "Haswell",
    }
    without_avx = {
        "NPY_DISABLE_CPU_FEATURES": " ".join(optional),
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
    }
    # OpenBLAS takes a name at its word: code that the processor lacks would end the program.
    known = [own]
    if features.get("AVX2") and features.get("FMA3"):
        known.append(Setting("AVX2, as Intel's Haswell", without_avx512))
    if features.get("SSE3"):
        known.append(Setting("SSE3, as Intel's Prescott", without_avx))
    return known


def run(setting: Setting, arguments: list[str]) -> bool:
    """Whether pytest passes under a setting."""
    print(f"== Kernels: {setting.name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", JOBS, *arguments]
    return subprocess.run(command, env=setting.environment, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Run the tests under every setting, whatever the others find."""
    known = settings()
    chosen = known if "--own" in arguments else known[1:]
    paths = [argument for argument in arguments if argument != "--own"]
    failed = [setting.name for setting in chosen if not run(setting, [*NUMERIC, *paths])]
    if failed:
        print(f"Failures under: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
