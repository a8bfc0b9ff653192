"""``python -m simulation [FOLDER]``: write the example data (default: into this workspace)."""

from __future__ import annotations

import sys
from pathlib import Path

from qieval.core.errors import QievalError
from qieval.core.workspace import relative, resolve
from simulation.writing import FOLDER, write


def main(arguments: list[str]) -> int:
    """Write the example data and say which files."""
    try:
        folder = Path(arguments[0]) if arguments else resolve(FOLDER)
        for file in write(folder):
            print(relative(file))
    except QievalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
