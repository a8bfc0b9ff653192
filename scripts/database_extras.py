"""What the extras for databases ask for, one line each: `make lock` resolves it."""

import tomllib
from pathlib import Path

EXTRAS = ("spark", "postgres")

if __name__ == "__main__":
    file = Path(__file__).resolve().parents[1] / "pyproject.toml"
    extras = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    print("\n".join(line for name in EXTRAS for line in extras[name]))
