"""What the marks of a figure stand for: read off its axes, as somebody with a ruler would.

An axis is known from its ticks: the numbers beside a panel and where they stand. The panels of our
figures are the boxes to which their marks are clipped. What is read are corners of lines, places of
marks, ends and lengths of bars, each kind of mark for itself. Axes without two numbers, marks
outside of panels and images cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?%?")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "S": 4, "T": 2, "A": 7}

_BESIDE, _BELOW = 60.0, 40.0
"""How far ticks' words stand from their panel, in units of the drawing."""
_BASELINE = 3.8
"""How far below its tick the words of one begin."""
_NEAR = 6.0
_EDGE = 0.3
"""How near its panel's edge a tick stands."""
RULER = 0.15
"""How exactly a place can be read, in units of the drawing: they have one decimal."""

Box = tuple[float, float, float, float]
Points = list[tuple[float, float]]


def number_in(text: str) -> float | None:
    """The number that a text is, a percentage as its figure; None if it is anything else."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.rstrip("%").replace(",", "").replace("−", "-"))


@dataclass
class Drawing:
    """One ``<svg>``: its words, boxes and marks, as they stand in a page."""

    words: list[tuple[float, float, str]] = field(default_factory=list)
    boxes: dict[str, Box] = field(default_factory=dict)
    marks: list[tuple[str, str, float, float]] = field(default_factory=list)
    """Kind of mark, box that clips it ("": none), place."""
    paths: list[tuple[str, str, Points, bool]] = field(default_factory=list)
    """Kind, box, corners, whether it is closed."""


@dataclass(frozen=True)
class Axis:
    """From a place to a number: value = at + by × place, of its logarithm on a log axis.

    ``percent`` says that its ticks are percentages.
    """

    at: float
    by: float
    log: bool
    percent: bool

    def value(self, place: np.ndarray) -> np.ndarray:
        """The numbers at some places."""
        values = self.at + self.by * place
        values = 10.0**values if self.log else values
        return values / 100 if self.percent else values

    def length(self, long: np.ndarray) -> np.ndarray:
        """The numbers that so long bars stand for."""
        values = np.abs(self.by * long)
        return values / 100 if self.percent else values


@dataclass(frozen=True)
class Marks:
    """Marks of one kind along one axis: what each stands for, where it stands, and how exactly."""

    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    order: np.ndarray
    percent: bool


def corners(path: str) -> Iterator[tuple[Points, bool]]:
    """The parts of a path: their corners, and whether each is closed."""
    tokens = _TOKEN.findall(path)
    points: Points = []
    command, place, here = "M", 0, (0.0, 0.0)
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
            if command in "Mm" and points:
                yield points, False
                points = []
            if command in "Zz":
                if points:
                    here = points[0]
                    yield points, True
                points = []
                continue
        takes = _TAKES.get(command.upper(), 0)
        numbers = [float(one) for one in tokens[place : place + takes] if not one.isalpha()]
        if not takes or len(numbers) < takes:
            return  # no path that a browser draws any further
        place += takes
        from_x, from_y = here if command.islower() else (0.0, 0.0)
        if command in "Hh":
            here = (from_x + numbers[0], here[1])
        elif command in "Vv":
            here = (here[0], from_y + numbers[0])
        else:
            here = (from_x + numbers[-2], from_y + numbers[-1])
        points.append(here)
        command = {"M": "L", "m": "l"}.get(command, command)
    if points:
        yield points, False


def marks_of(drawing: Drawing) -> Iterator[Marks]:
    """Every kind of mark of every panel, along each of its axes that can be read."""
    for names, box in _panels(drawing):
        across, down = _axes(drawing, names, box)
        for kind, x, y in _kinds(drawing, names, box):
            if down is not None and kind != "wide":
                yield _read(down, y, x, long=kind == "tall")
            if across is not None and kind != "tall":
                yield _read(across, x, y, long=kind == "wide")


def _read(axis: Axis, place: np.ndarray, order: np.ndarray, *, long: bool) -> Marks:
    value = axis.length if long else axis.value
    ends = np.sort([value(place - RULER), value(place + RULER)], axis=0)
    return Marks(ends[0], value(place), ends[1], order, axis.percent)


def _panels(drawing: Drawing) -> Iterator[tuple[set[str], Box]]:
    """Boxes that marks are clipped to; several of the same extent are one."""
    same: dict[Box, set[str]] = {}
    for name, box in drawing.boxes.items():
        same.setdefault(box, set()).add(name)
    yield from ((names, box) for box, names in same.items())


def _inside(box: Box, x: float, y: float) -> bool:
    left, top, wide, tall = box
    return left - 1 <= x <= left + wide + 1 and top - 1 <= y <= top + tall + 1


def _kinds(
    drawing: Drawing, names: set[str], box: Box
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Kinds of marks in a panel with their places: "", or "wide" and "tall" for lengths of bars."""
    kinds: dict[str, Points] = {}
    bars: dict[str, list[tuple[float, ...]]] = {}
    left, top, _, tall = box
    for kind, clip, x, y in drawing.marks:
        tick = not clip and (abs(x - left) < _EDGE or abs(y - top - tall) < _EDGE)
        if clip in names or (not clip and not tick and _inside(box, x, y)):
            kinds.setdefault(f"mark {kind}", []).append((x, y))
            kinds.setdefault("all marks", []).append((x, y))
    for kind, clip, points, closed in drawing.paths:
        if clip not in names and (clip or not all(_inside(box, *point) for point in points)):
            continue
        if not closed:
            if len(points) > 2 or not _is_rule(points):
                kinds.setdefault(f"line {kind}", []).extend(points)
            continue
        corner = np.array(points)
        (west, north), (east, south) = corner.min(axis=0), corner.max(axis=0)
        bars.setdefault(kind, []).append((west, east, north, south))
    for places in kinds.values():
        array = np.array(places)
        yield "", array[:, 0], array[:, 1]
    for sides in bars.values():
        left, right, top, bottom = np.array(sides).T
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        yield "", middle_x, middle_y
        yield "", right, top
        yield "wide", right - left, middle_y
        yield "tall", middle_x, bottom - top


def _is_rule(points: Points) -> bool:
    """Whether a line is level or upright: a rule, an axis, an interval."""
    return len({x for x, _ in points}) == 1 or len({y for _, y in points}) == 1


def _axes(drawing: Drawing, names: set[str], box: Box) -> tuple[Axis | None, Axis | None]:
    """The axis below a panel and the one beside it; None where it has no two numbers."""
    left, top, wide, tall = box
    rules = [
        points
        for _, clip, points, closed in drawing.paths
        if not closed and len(points) == 2 and (clip in names or not clip)
    ]
    levels = [a[1] for a, b in rules if a[1] == b[1]]
    uprights = [a[0] for a, b in rules if a[0] == b[0]]
    levels += [y for _, _, x, y in drawing.marks if abs(x - left) < _EDGE]
    uprights += [x for _, _, x, y in drawing.marks if abs(y - top - tall) < _EDGE]
    beside, below = [], []
    for x, y, text in drawing.words:
        value = number_in(text)
        if value is None:
            continue
        percent = text.rstrip().endswith("%")
        if left - _BESIDE <= x < left + 2 and top - _NEAR <= y - _BASELINE <= top + tall + _NEAR:
            beside.append((_nearest(levels, y - _BASELINE), value, percent))
        if top + tall < y <= top + tall + _BELOW and left - _NEAR <= x <= left + wide + _NEAR:
            below.append((_nearest(uprights, x), value, percent))
    return _fitted(below), _fitted(beside)


def _nearest(places: list[float], wanted: float) -> float:
    near = min(places, key=lambda place: abs(place - wanted), default=wanted)
    return near if abs(near - wanted) <= _NEAR / 2 else wanted


def _fitted(ticks: list[tuple[float, float, bool]]) -> Axis | None:
    """The axis that runs through some ticks, straight or by logarithms."""
    if len({place for place, *_ in ticks}) < 2:
        return None
    place, value = (np.array([tick[at] for tick in ticks]) for at in (0, 1))
    percent = all(tick[2] for tick in ticks)
    for log in (False, True):
        if log and (value <= 0).any():
            continue
        numbers = np.log10(value) if log else value
        by, at = np.polyfit(place, numbers, 1)
        if by and np.abs(at + by * place - numbers).max() <= abs(by) * 1.0:
            return Axis(float(at), float(by), log, percent)
    return None
