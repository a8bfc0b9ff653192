"""What a finished site says of counts of people, wherever it says it: for the auditor.

Every page, CSV file, workbook and Word document is read as its readers have it. A sentence, a row
of a table, an alt text, an attribute, a label of a figure: where it names the people of a row
("Weight", "March 2019") and holds a number ("1 of 61", "2%", "3"), that number is one of the row's
counts or shares. "1 of 61" needs no name where 61 is a denominator that the tables show. Marks of
figures are held against the rows in their order (:mod:`qieval.share.drawings`): where a kind of
mark has the shown values and further ones, these are the withheld values.

Left aside are numbers that say what the tables say, and numbers of what is no people, such as "3 of
12 months". Nothing is known here of how figures are withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.errors import DataError
from qieval.share.auditor import PublishedTable, Told
from qieval.share.document_words import SUFFIXES, words_of_document
from qieval.share.drawings import RULER, Marks, marks_of, number_in
from qieval.share.page_words import LABEL, ROW, PageWords, Unit
from qieval.share.page_words import words_of_csv as _csv
from qieval.share.page_words import words_of_page as _page

NO_PEOPLE = re.compile(
    r"\W*(?:[\w-]+\W+){0,2}?(?:minute|hour|day|night|week|fortnight|month|quarter|year|period|point"
    r"|percentage|cycle|ramp|team|ward|project|network|unit|service|site|localit|area|standard"
    r"|criteri|item|measure|evaluation|signal|reason|wave|row|column|time|limit|line|driver|idea"
    r"|change|test|check|comparison|group|level|stage|step|reservation|place|figure|curve|dot|mark"
    r"|square|occasion|mile|km\b|%)",
    re.IGNORECASE,
)
"""What follows a number that counts no people; up to two words may stand between."""

_OF = re.compile(
    r"\b(\d[\d,]*|nobody|none|no one|one|two|three|four|five|six|seven|eight|nine)\b"
    r"(?:\s+(?:people|patients|records|persons))?"
    r"\s*(?:(?:out\s+)?of(?:\s+(?:the|all|those))?|/|in)\s*(\d[\d,]*)\b(?!\.\d|/)",
    re.IGNORECASE,
)
_ENDS_OF = (", lower limit", ", upper limit")
_SPELT = {"nobody": 0, "none": 0, "no one": 0, "one": 1, "two": 2, "three": 3, "four": 4}
_SPELT |= {"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_PER_CENT = re.compile(
    r"(?<![\d.,–-])(?<!to )(\d+(?:\.\d+)?)\s?%(?!\s*(?:interval|confidence|limit))"
)
_WHOLE = re.compile(r"(?<![\w.,/–-])\d[\d,]*(?![\w%/–-]|[.,]\d|\s?%)")
_DATE = re.compile(
    r"\b\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:\s+\d{4})?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_CLAUSES = re.compile(r"[,;:()]|\b(?:and|then|but)\b")
_NUMERIC_CELL = re.compile(r"[\d.,%\s()–+-]+|\*|to|not known")

_NO_NAMES = ("term",)
"""Labels by which no reader calls a row."""

_SAME_TABLE = 0.5
"""Such a part of a shown table's heads a table has to have to be taken for it."""

_LONGEST = 40
"""Letters of a label in a drawing; what is longer is a caption."""

_LINE = 6.0
"""What stands no further below than this stands on the same line of a drawing."""

_MOST_OF = 0.8
"""Such a part of a table's shown values a kind of mark has to have to be taken for it."""
_SLACK = 2 * RULER


def read_site(site: Path, evaluations: Mapping[str, Sequence[PublishedTable]]) -> list[Told]:
    """What the finished site says of counts besides what its tables are known to show.

    Parameters
    ----------
    site : Path
        Its folder.
    evaluations : mapping of str to sequence of PublishedTable
        Address of each evaluation's page, and what is shown of its counts.
    """
    known = {
        address: [_Known(table) for table in tables] for address, tables in evaluations.items()
    }
    for tables in known.values():
        for table, other in permutations(tables, 2):
            if table.label_columns < other.label_columns:
                table.further.append(other)
                other.nearer.append(table)
    told: dict[Told, None] = {}
    for file in sorted(site.rglob("*")):
        address = file.relative_to(site).as_posix()
        if file.suffix in SUFFIXES:
            for page, words in words_of_document(file):
                told |= dict.fromkeys(_of_file(address, words, known, known.get(page)))
        elif file.suffix in (".html", ".csv"):
            text = file.read_text(encoding="utf-8")
            words = _csv(text) if file.suffix == ".csv" else _page(text)
            told |= dict.fromkeys(_of_file(address, words, known, _own(address, known)))
    return list(told)


def _of_file(
    address: str,
    words: PageWords,
    known: Mapping[str, list[_Known]],
    own: list[_Known] | None,
) -> Iterator[Told]:
    """What a file says; `own`: what is known of the evaluation that it belongs to."""
    folder = dirname(address)
    for unit in words.units:
        if not any(letter.isdigit() for letter in unit.text) and not _OF.search(unit.text):
            continue
        linked = [at for link in unit.links if (at := _led_to(address, link)) in known]
        if own is not None:
            about = own
        elif linked:
            about = [table for at in dict.fromkeys(linked) for table in known[at]]
        else:  # a page of a project, a network or all
            beside = [at for at in known if dirname(at) == folder] or list(known)
            about = [table for at in beside for table in known[at]]
        for table in about:
            for place, told in _said(unit, table, alone=own is not None or bool(linked)):
                yield table.told(f"{address}, {place}", *told)
    for number, drawing in enumerate(words.drawings, start=1):
        about = own or [t for at in known if dirname(at) == folder for t in known[at]]
        place = f"{address}, a mark of figure {number}"
        marks = list(marks_of(drawing)) if about else []
        for table in about:
            for said in _drawn(marks, table):
                yield table.told(place, *said)
            for _, said in _beside_labels(drawing.words, table):
                yield table.told(f"{address}, {LABEL}", *said)


def _own(address: str, known: Mapping[str, list[_Known]]) -> list[_Known] | None:
    """What is known of the evaluation that a file belongs to; None if it is nobody's own."""
    if address in known:
        return known[address]
    if address.endswith(".csv"):
        owners = [at for at in known if address.startswith(f"{at.removesuffix('.html')}.")]
        return known[max(owners, key=len)] if owners else None
    return None


def _led_to(address: str, link: str) -> str:
    path = unquote(urlsplit(link).path)
    return normpath(join(dirname(address), path)) if path else ""


# ---- a table, and how its rows are called ------------------------------------------------------

Said = tuple[int, str, float, float, str]
"""Row, column, least, most, and the denominator where it is a share."""


@dataclass(frozen=True)
class _Label:
    """A column of labels that tells rows apart: how each is spelt, and which it is."""

    column: str
    spelt: Mapping[str, str]
    pattern: re.Pattern[str]

    def found(self, text: str) -> set[str]:
        """The labels that a text names."""
        return {self.spelt[one.group(0)] for one in self.pattern.finditer(text)}


class _Known:
    """A table, made ready to be looked for in words and drawings."""

    def __init__(self, table: PublishedTable) -> None:
        self.table = table
        self.rows = table.rows.to_dict("records")
        self.labels = [
            label
            for name in table.labels
            if name not in _NO_NAMES
            and len(set(table.rows[name])) > 1
            and (label := _label(table.rows[name])) is not None
        ]
        self.by_label: dict[tuple[str, ...], list[int]] = {}
        for number, row in enumerate(self.rows):
            named = tuple(str(row[label.column]) for label in self.labels)
            self.by_label.setdefault(named, []).append(number)
        self.pairs = {_parts(of): name for name, of in table.rates.items()}
        self.withheld = [
            [name for name in table.counts if isinstance(row[name], str)] for row in self.rows
        ]
        self.any_withheld = any(self.withheld)
        self.further: list[_Known] = []
        self.nearer: list[_Known] = []
        """Tables with the same labels and more, and with some of them."""

    def told(self, place: str, row: int, column: str, low: float, high: float, of: str) -> Told:
        """What was said of a row, with its place."""
        return Told(place, self.table.name, column, row + 1, low, high, of)

    def named(self, text: str) -> list[int]:
        """The rows that a text names by all labels that tell them apart."""
        return self._of([label.found(text) for label in self.labels])

    def named_by(self, cells: set[str], head: str) -> list[int]:
        """The rows that whole cells of a row of a table name, or the head of a column."""
        return self._of(
            [
                {label.spelt[cell] for cell in cells & label.spelt.keys()} or label.found(head)
                for label in self.labels
            ]
        )

    def _of(self, found: list[set[str]]) -> list[int]:
        if not (found and all(found)):
            return []
        return [row for labels in product(*found) for row in self.by_label.get(labels, ())]

    def without_labels(self, text: str) -> str:
        """A text in which names of rows no longer stand for numbers."""
        for label in self.labels:
            text = label.pattern.sub(" ", text)
        return text

    def bounds(self, row: int, column: str) -> tuple[float, float]:
        """Between which numbers a count lies, by what its own cell shows."""
        cell = self.rows[row][column]
        if isinstance(cell, str):
            low, high = self.table.withheld
            return low, np.inf if high is None else high
        if cell is None or np.isnan(cell):
            return 0, np.inf
        slack = self.table.round_to // 2
        return max(0, cell - slack), cell + slack

    @cached_property
    def further_labels(self) -> set[str]:
        """The labels that tell its rows further apart in other tables, as they are spelt."""
        labels = (label for one in self.further for label in one.labels)
        further = (label for label in labels if label.column not in self.label_columns)
        return {spelling for label in further for spelling in label.spelt}

    @property
    def label_columns(self) -> set[str]:
        """The columns by which its rows are told apart."""
        return {label.column for label in self.labels}

    def shown_by_others(self, row: int, number: float) -> list[tuple[str, ...]]:
        """The heads under which other tables show a number of the same people, or some of them."""
        own = {label.column: str(self.rows[row][label.column]) for label in self.labels}
        return [
            table.table.heads.get(column, ())
            for table in (*self.further, *self.nearer)
            for place, one in enumerate(table.rows)
            if all(str(one[name]) == label for name, label in own.items() if name in one)
            for column in (*table.table.counts, *table.table.numbers)
            if table.shown(place, column) == number
        ]

    def shows(self, row: int, number: float) -> bool:
        """Whether a row shows a number in some other cell."""
        names = (*self.table.counts, *self.table.numbers)
        return any(self.shown(row, name) == number for name in names)

    def columns_named(self, text: str) -> set[str]:
        """Counts and rates of which a head stands in a text."""
        return {
            name
            for name, heads in self.table.heads.items()
            if any(re.search(rf"(?<!\w){re.escape(head.casefold())}(?!\w)", text) for head in heads)
        }

    def shown(self, row: int, column: str) -> float | None:
        """The number in a cell; None if it is withheld or there is none."""
        cell = self.rows[row][column]
        return None if cell is None or isinstance(cell, str) or np.isnan(cell) else float(cell)


def _parts(of: str) -> tuple[str, str]:
    """Numerator and denominator of a rate."""
    above, _, below = of.partition("/")
    return above, below


def _label(values: pd.Series) -> _Label | None:
    spelt: dict[str, str] = {}
    names = [str(value) for value in dict.fromkeys(values)]
    if all(_ISO.match(name) for name in names):
        days = pd.to_datetime(pd.Series([name[:10] for name in names]))
        try:
            every = periods.infer_frequency(days)
        except DataError:
            every = "day"
        for name, day in zip(names, days, strict=True):
            for spelling in (name[:10], periods.label(day, every), f"{day:%b %Y}", f"{day:%B %Y}"):
                spelt.setdefault(spelling.casefold(), name)
    else:
        # A label of digits alone cannot be told from any number.
        spelt = {name.casefold(): name for name in names if re.search(r"[^\W\d]", name)}
    if not spelt:
        return None
    longest = sorted(map(re.escape, spelt), key=len, reverse=True)
    return _Label(
        str(values.name), spelt, re.compile(rf"(?<!\w)(?<!\d )(?:{'|'.join(longest)})(?!\w)")
    )


# ---- words -------------------------------------------------------------------------------------


def _said(unit: Unit, known: _Known, *, alone: bool) -> Iterator[tuple[str, Said]]:
    """What a unit of words says of a table's rows, and where it stands."""
    text = unit.text.casefold()
    if unit.kind == ROW:
        yield from ((ROW, said) for said in _in_cells(unit, known))
    rows = known.named(text)
    for said in _of_so_many(text, known, rows, alone=alone):
        yield unit.kind, said
    if unit.kind == ROW:
        return
    if len(rows) == 1:
        yield from ((unit.kind, said) for said in _of_row(text, known, rows[0], alone=alone))
    elif len(rows) > 1:
        for clause in _CLAUSES.split(text):
            own = known.named(clause)
            if len(own) == 1:
                yield from (
                    (unit.kind, said) for said in _of_row(clause, known, own[0], alone=alone)
                )


def _of_so_many(text: str, known: _Known, named: list[int], *, alone: bool) -> Iterator[Said]:
    """Statements such as "1 of 61"."""
    if not (named or alone):
        return
    bare = known.without_labels(text)
    for found in _OF.finditer(bare):
        word = found[1].casefold()
        part = _SPELT[word] if word in _SPELT else float(word.replace(",", ""))
        whole = float(found[2].replace(",", ""))
        if part > whole or NO_PEOPLE.match(bare[found.end() :]):
            continue
        rows = named or range(len(known.rows))
        for above, below in known.pairs:
            fits = [row for row in rows if _fits(known, row, above, below, part, whole)]
            if any(
                known.shown(row, above) == part and known.shown(row, below) == whole
                for row in range(len(known.rows))
            ):
                continue  # the tables show it
            for row in fits:
                yield row, above, part, part, ""
                yield row, below, whole, whole, ""


def _fits(known: _Known, row: int, above: str, below: str, part: float, whole: float) -> bool:
    """Whether a numerator and a denominator may be those of a row whose denominator is known."""
    low, high = known.bounds(row, below)
    least, most = known.bounds(row, above)
    return np.isfinite(high) and low <= whole <= high and least <= part <= most


def _of_row(text: str, known: _Known, row: int, *, alone: bool) -> Iterator[Said]:
    """Percentages and numbers in words that are about one row."""
    bare = known.without_labels(text)
    for found in _PER_CENT.finditer(bare):
        half = 0.5 * 10.0 ** -len(found[1].partition(".")[2])
        share = float(found[1])
        ends = (share - half) / 100, (share + half) / 100
        if any(_follows(known, row, a, b, *ends) for a, b in known.pairs):
            continue
        for above, below in _pairs(known, text):
            yield from _share(known, row, above, below, *ends)
    bare = _DATE.sub(" ", _OF.sub(" ", bare)) if alone else ""
    for found in _WHOLE.finditer(bare):
        if _YEAR.fullmatch(found[0]) or NO_PEOPLE.match(bare[found.end() :]):
            continue
        number = float(found[0].replace(",", ""))
        if known.shows(row, number):
            continue
        others = known.shown_by_others(row, number)
        if any(_names_one(text, heads) for heads in others):
            continue
        several = others or len(known.withheld[row]) > 1  # then a head says whose number it is
        for column in known.withheld[row]:
            heads = _heads_of(known, column)
            if heads and several and not _names_one(text, heads):
                continue
            yield row, column, number, number, ""


def _names_one(text: str, heads: Sequence[str]) -> bool:
    return any(head.casefold() in text for head in heads)


def _pairs(known: _Known, text: str) -> list[tuple[str, str]]:
    """Counts whose share a percentage may be: of several shares the one whose head stands there."""
    if len(known.pairs) < 2:
        return list(known.pairs)
    return [
        pair
        for pair, rate in known.pairs.items()
        if any(head.casefold() in text.casefold() for head in known.table.heads.get(rate, ()))
    ]


def _heads_of(known: _Known, column: str) -> tuple[str, ...]:
    return tuple(known.table.heads.get(column, ()))


def _share(
    known: _Known, row: int, above: str, below: str, low: float, high: float
) -> Iterator[Said]:
    """A share of a row, unless it follows from its counts as they are shown."""
    hidden = known.shown(row, above) is None or known.shown(row, below) is None
    if hidden and not _follows(known, row, above, below, low, high):
        yield row, above, low, high, below


def _follows(known: _Known, row: int, above: str, below: str, low: float, high: float) -> bool:
    """Whether a share is that of the two counts as they are shown."""
    part, whole = known.shown(row, above), known.shown(row, below)
    if part is None or not whole:
        return False
    return low - 1e-9 <= min(part / whole, 1.0) <= high + 1e-9


def _in_cells(unit: Unit, known: _Known) -> Iterator[Said]:
    """Cells of a row of a table, by their heads or by what the heads name."""
    texts = {cell.casefold() for _, cell in unit.cells}
    numbers = [head for head, cell in unit.cells if _NUMERIC_CELL.fullmatch(cell)]
    ours = {head for heads in known.table.heads.values() for head in heads}
    same = [
        head for head in numbers if head.removesuffix(_ENDS_OF[0]).removesuffix(_ENDS_OF[1]) in ours
    ]
    if len(same) < _SAME_TABLE * len(numbers):
        ours = set()
    for head, cell in unit.cells:
        rows = known.named_by(texts, head.casefold())
        if len(rows) != 1:
            continue
        (row,) = rows
        first = cell.split(" (")[0].strip()
        number = number_in(first)
        if number is None:
            continue
        columns = [
            name for name, heads in known.table.heads.items() if head in heads and head in ours
        ]
        for column in columns or _under_labels(known, row, texts, head):
            of = known.table.rates.get(column)
            if of or first.endswith("%"):
                for above, below in [_parts(of)] if of else _pairs(known, head):
                    per = 100.0 if first.endswith("%") else known.table.per.get(column, 1.0)
                    places = len(first.rstrip("%").partition(".")[2])
                    half = 0.5 * 10.0**-places
                    low, high = (number - half) / per, (number + half) / per
                    yield from _share(known, row, above, below, low, high)
            elif (
                isinstance(known.rows[row].get(column), str)
                and number >= 0
                and number % 1 == 0
                and (columns or not known.shows(row, number))
            ):
                yield row, column, number, number, ""


def _under_labels(known: _Known, row: int, cells: set[str], head: str) -> list[str]:
    """The one withheld count of a row, where its number stands under the name of a label.

    Not where the head names another count of the table, nor where the row has a label of a table
    that tells its rows further apart: there stand numbers of these.
    """
    gone = known.withheld[row]
    under = head.casefold()
    if len(gone) != 1 or not any(label.found(under) for label in known.labels):
        return []
    named = known.columns_named(known.without_labels(under))
    return gone if not cells & known.further_labels and (not named or gone[0] in named) else []


# ---- drawings ----------------------------------------------------------------------------------


def _beside_labels(
    words: list[tuple[float, float, str]], known: _Known
) -> Iterator[tuple[str, Said]]:
    """What words of a drawing say, each with the names of rows that stand nearest to it.

    Numbers alone are taken for counts if those beside the other rows are theirs.
    """
    if not known.any_withheld or not known.labels:
        return
    named = [
        [(x, y, text) for x, y, text in words if label.found(text.casefold())]
        for label in known.labels
    ]
    if not all(named):
        return
    alone: dict[int, set[float]] = {}
    for x, y, text in words:
        missing = [
            places
            for label, places in zip(known.labels, named, strict=True)
            if not label.found(text.casefold())
        ]
        if len(text) > _LONGEST or not missing or not any(letter.isdigit() for letter in text):
            continue
        nearest = [_label_of(places, x, y) for places in missing]
        joined = " ".join([*nearest, text])
        number = number_in(text)
        if number is None or text.endswith("%"):
            yield from _said(Unit(LABEL, joined), known, alone=True)
        else:
            for row in known.named(joined.casefold()):
                alone.setdefault(row, set()).add(number)
    for column in known.table.counts:
        shown = {row: known.shown(row, column) for row in range(len(known.rows))}
        right = [alone.get(row) == {number} for row, number in shown.items() if number is not None]
        if len(right) > 1 and sum(right) >= _MOST_OF * len(right):
            for row, beside in alone.items():
                if isinstance(known.rows[row][column], str):
                    numbers = beside - {known.rows[row][name] for name in known.table.numbers}
                    yield from ((LABEL, (row, column, one, one, "")) for one in numbers)


def _label_of(places: list[tuple[float, float, str]], x: float, y: float) -> str:
    """Which of some labels words belong to.

    On one line they belong together, however far they are from one another. Labels that begin at
    one edge are heads of what stands below them.
    """
    above = [place for place in places if place[1] < y + _LINE]
    if above and len({round(place[0]) for place in places}) == 1:
        places = above
    return min(places, key=lambda place: (abs(place[1] - y), abs(place[0] - x)))[2]


def _drawn(marks: list[Marks], known: _Known) -> Iterator[Said]:
    """Withheld values that marks stand for."""
    if not known.any_withheld:
        return
    for rows in _subsets(known):
        others = sorted({*range(len(known.rows))} - {*rows})
        for column in (*known.table.counts, *known.table.rates):
            shown = [_reach(known, row, column) for row in rows]
            if None not in shown:
                continue
            beside = [reach for row in others if (reach := _reach(known, row, column))]
            whole = column not in known.table.rates
            for kind in marks:
                if kind.percent and column not in known.table.rates:
                    continue
                for place, mark in _withheld_marks(shown, beside, kind, whole=whole):
                    yield from _as_said(known, rows[place], column, kind, mark)


def _subsets(known: _Known) -> Iterator[list[int]]:
    """All rows of a table, and those of each label: a panel or a line may show these alone."""
    everything = list(range(len(known.rows)))
    yield everything
    for name in known.table.labels:
        groups = known.table.rows.groupby(name, sort=False).indices
        if 1 < len(groups) < len(everything):
            for rows in groups.values():
                if len(rows) > 1:
                    yield [int(row) for row in rows]


Reach = tuple[float, float]
"""Between which values a figure of exact numbers would show something."""

_NOTHING = (np.nan, np.nan)


def _reach(known: _Known, row: int, column: str) -> Reach | None:
    """What a figure may show of a row; None if it is withheld."""
    if column not in known.table.rates:
        cell = known.rows[row][column]
        return (
            None
            if isinstance(cell, str)
            else _NOTHING
            if cell is None
            else known.bounds(row, column)
        )
    above, below = _parts(known.table.rates[column])
    if any(isinstance(known.rows[row][name], str) for name in (above, below)):
        return None
    (least, most), (fewest, all_) = known.bounds(row, above), known.bounds(row, below)
    if not (np.isfinite(most) and np.isfinite(all_)):
        return _NOTHING
    per = known.table.per.get(column, 1.0)
    return per * least / max(all_, 1), per * most / max(fewest, 1)


def _withheld_marks(
    shown: list[Reach | None], beside: list[Reach], kind: Marks, *, whole: bool
) -> Iterator[tuple[int, int]]:
    """Places among some rows, and the marks that stand for their withheld values.

    `beside`: what a figure may show of the other rows of the table.
    """
    gone = [place for place, value in enumerate(shown) if value is None]
    drawn = [place for place, value in enumerate(shown) if value is None or np.isfinite(value[0])]
    known = [place for place in drawn if shown[place] is not None]
    slack = (_SLACK / RULER) * (kind.high - kind.low) / 2 + 1e-9
    if not known:
        yield from _all_withheld(gone, kind)
        return
    near = _near([shown[place] for place in known], kind, slack, whole=whole)
    enough = _MOST_OF * len(known)
    if len(known) < 2 or min(near.any(axis=0).sum(), near.any(axis=1).sum()) < enough:
        return
    if len(kind.value) == len(drawn):  # a mark a row
        for order in (kind.order, -kind.order):
            marks = np.argsort(order, kind="stable")
            of_known = [near[marks[drawn.index(place)], at] for at, place in enumerate(known)]
            if sum(of_known) >= enough:
                yield from ((place, int(marks[drawn.index(place)])) for place in gone)
                return
    extra = _without_others(near, _near(beside, kind, slack, whole=whole))
    if len(extra) <= len(gone) and len(kind.value) <= len(drawn):
        yield from zip(gone, sorted(extra, key=lambda mark: kind.order[mark]), strict=False)


def _near(
    ends: Sequence[Reach | None], kind: Marks, slack: np.ndarray, *, whole: bool
) -> np.ndarray:
    """Marks × rows: whether a mark can stand for what a figure may show of a row."""
    least, most = np.array(ends, dtype=float).reshape(-1, 2).T
    value = kind.value[:, None]
    near = (value >= least - slack[:, None]) & (value <= most + slack[:, None])
    if whole:  # numbers of people are whole ones, which lines of a model are not
        near &= (np.abs(kind.value - kind.value.round()) <= slack)[:, None]
    return near


def _without_others(near: np.ndarray, beside: np.ndarray) -> list[int]:
    """Marks that stand for none of the shown rows, nor for other rows if these are drawn as well.

    Each row has one mark.
    """
    extra = np.flatnonzero(~near.any(axis=1)).tolist()
    free, drawn = dict.fromkeys(range(len(near))), 0
    for own, row in [*((True, row) for row in near.T), *((False, row) for row in beside.T)]:
        mark = next((one for one in free if row[one]), None)
        if mark is not None:
            del free[mark]
            drawn += not own
    others_too = beside.shape[1] and drawn >= _MOST_OF * beside.shape[1]
    return [mark for mark in extra if mark in free] if others_too else extra


def _all_withheld(gone: list[int], kind: Marks) -> Iterator[tuple[int, int]]:
    """As many marks as rows, of whole numbers that are not all the same: only counts are so."""
    whole = np.abs(kind.value - kind.value.round()) <= (kind.high - kind.low) / 2
    if len(gone) < 3 or len(kind.value) != len(gone) or not whole.all():
        return
    if len(set(kind.value.round())) > 1 and (kind.value > -0.5).all():
        yield from zip(gone, np.argsort(kind.order, kind="stable").tolist(), strict=True)


def _as_said(known: _Known, row: int, column: str, kind: Marks, mark: int) -> Iterator[Said]:
    low, high = float(kind.low[mark]), float(kind.high[mark])
    if column in known.table.rates:
        above, below = _parts(known.table.rates[column])
        per = known.table.per.get(column, 1.0)
        yield row, above, low / per, high / per, below
    elif np.floor(high + 1e-9) >= max(0, np.ceil(low - 1e-9)):
        yield row, column, max(low, 0.0), high, ""
