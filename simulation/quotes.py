"""What people said, by theme: ``quotes.csv``. All of it is invented, and written by hand."""

from __future__ import annotations

from typing import Any

from simulation.written import records

HEAD = (
    "project", "theme", "quote", "who", "finding", "agreement", "checked_by", "checked_on"
)  # fmt: skip


def rows() -> list[tuple[object, ...]]:
    """Rows of ``quotes.csv``: a quote, or a theme without one."""
    return [tuple(entry[name] for name in HEAD) for entry in records("quotes")]


def truth() -> dict[str, dict[str, Any]]:
    """By project: the themes, and how many quotes were checked and not."""
    found: dict[str, dict[str, Any]] = {}
    for entry in records("quotes"):
        own = found.setdefault(
            entry["project"], {"themes": [], "quotes_checked": 0, "quotes_not_checked": 0}
        )
        if entry["theme"] not in own["themes"]:
            own["themes"].append(entry["theme"])
        if entry["quote"]:
            checked = bool(entry["checked_by"] and entry["checked_on"])
            own["quotes_checked" if checked else "quotes_not_checked"] += 1
    return found
