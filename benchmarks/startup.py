"""How long until qieval answers: `python benchmarks/startup.py`.

Each command is started twenty times in turn; the figures are medians, in seconds and as a ratio to
a Python that does nothing (which is the machine's own share).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 20
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import qieval": ["-c", "import qieval"],
    "qieval --help": [
        "-c",
        "import sys; sys.argv = ['qieval', '--help']; import qieval.cli as c; c.main()",
    ],
    "import pandas, for scale": ["-c", "import pandas"],
}


def once(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            taken[name].append(once(arguments))
    bare = statistics.median(taken["python -c pass"])
    print(f"{'command':<28}{'seconds':>9}{'ratio':>8}")
    for name, values in taken.items():
        middle = statistics.median(values)
        print(f"{name:<28}{middle:>9.3f}{middle / bare:>8.1f}")


if __name__ == "__main__":
    main()
