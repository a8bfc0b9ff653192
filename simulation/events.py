"""What else happened, to one project or (blank) to all: ``events.csv``."""

from __future__ import annotations

from simulation.written import records

HEAD = ("date", "event", "kind", "planned", "level", "source", "note", "project", "team")


def rows() -> list[tuple[object, ...]]:
    """Rows of ``events.csv``, in order of their dates."""
    return [tuple(event[name] for name in HEAD) for event in records("events")]
