"""The picture of the house is true: every room stands in it, every module it names exists."""

from __future__ import annotations

import importlib.util
import re

from tests.conftest import REPOSITORY
from tests.test_floors import FLOORS

PAGE = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
PICTURE = re.search(r"```text\n(.*?)```", PAGE, re.S)[1]  # type: ignore[index]


def floors_drawn() -> dict[str, int]:
    """Each room of the picture with the number of its floor."""
    drawn, floor = {}, 0
    for line in PICTURE.splitlines():
        if seen := re.match(r" (\d)?\s+(\w+)(?:/|\.py)\s", line):
            floor = int(seen[1]) if seen[1] else floor
            drawn[seen[2]] = floor
    return drawn


def test_every_room_stands_on_its_floor():
    rooms = {
        path.stem
        for path in (REPOSITORY / "qieval").iterdir()
        if (path.is_dir() or path.suffix == ".py") and not path.name.startswith("__")
    }
    assert floors_drawn() == {room: FLOORS[room] for room in rooms}


def test_every_module_that_is_named_exists():
    named = set(re.findall(r"`(qieval(?:\.\w+)+)`", PAGE))
    assert len(named) > 10
    missing = [name for name in sorted(named) if importlib.util.find_spec(name) is None]
    assert not missing


def test_every_analysis_has_the_files_that_the_page_says():
    said = set(re.findall(r"^\| `(\w+\.py)` \|", PAGE, re.M))
    assert said == {"analysis.py", "tables.py", "checks.py", "words.py"}
    for folder in (REPOSITORY / "qieval/analysis").iterdir():
        if folder.is_dir() and not folder.name.startswith("__"):
            files = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
            assert files <= said, f"{folder.name} has other files: {sorted(files - said)}"
            assert "analysis.py" in files, folder.name
