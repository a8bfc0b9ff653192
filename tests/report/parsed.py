"""HTML taken apart: its tags, their attributes and words; a fault if it is not well formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = {"img", "source", "br"}


@dataclass
class Tag:
    """One element."""

    name: str
    attributes: dict[str, str | None]
    parents: tuple[str, ...]
    text: str = ""
    children: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str | None:
        return self.attributes[name]

    @property
    def css(self) -> list[str]:
        return (self.attributes.get("class") or "").split()


class Parsed(HTMLParser):
    """The elements of a piece of HTML in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self._open: list[Tag] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[tag.name for tag in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        if self._open:
            self._open[-1].children.append(tag)
        new = Tag(tag, dict(attrs), tuple(each.name for each in self._open))
        self.tags.append(new)
        if tag not in EMPTY:
            self._open.append(new)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # as SVG has them: <use/>
        if tag not in EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            tag.text += data

    def all(self, name: str) -> list[Tag]:
        """Every element of that name."""
        return [tag for tag in self.tags if tag.name == name]

    def one(self, name: str) -> Tag:
        """The only element of that name."""
        (tag,) = self.all(name)
        return tag


def rows_of_table(parsed: Parsed) -> list[list[str]]:
    """The cells of the first table, heads first."""
    cells: list[list[str]] = []
    for tag in parsed.tags:
        if tag.name == "tr":
            cells.append([])
        elif tag.name in ("th", "td"):
            cells[-1].append(tag.text)
    return cells
