"""Several processes make the same site as one, and one goes on where others ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qieval.share import site as sites
from qieval.share.workers import ALONE, working
from tests.share.test_site import PROGRAMME, STAMP, published, record
from tests.share.test_site import Published as One


def doubled(number: int) -> int:
    return 2 * number


def ended_by(process: int) -> int:
    """Ends its own process, unless that is the one that is asked for."""
    if os.getpid() != process:
        os._exit(1)
    return process


def of_one(number: int) -> float:
    return 1 / number


@pytest.fixture(scope="module")
def two():
    with working(2) as workers:
        yield workers


def copies() -> list[One]:
    """So many projects that the work is shared."""
    first = published()[0]
    own = [One(record(f"ward-{n:02}"), first.notebook, first.result, "outcome") for n in range(10)]
    return [*own, published()[-1]]


def test_what_comes_of_pieces_stands_in_their_order(two):
    assert two.map(doubled, range(50)) == ALONE.map(doubled, range(50)) == [*range(0, 100, 2)]


def test_a_site_has_the_same_bytes_whoever_makes_it(two, tmp_path: Path):
    for name, workers in (("one", ALONE), ("two", two)):
        to = tmp_path / name
        to.mkdir()
        sites.write_site(to, PROGRAMME, copies(), stamp=STAMP, workers=workers)
    files = {
        name: {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in sorted((tmp_path / name).rglob("*"))
            if file.is_file()
        }
        for name in ("one", "two")
    }
    assert len(files["one"]) > 25
    assert list(files["one"]) == list(files["two"])
    assert files["one"] == files["two"]


def test_a_fault_in_a_piece_is_raised_here(two):
    with pytest.raises(ZeroDivisionError):
        two.map(of_one, range(20))


def test_where_processes_end_this_one_does_the_work():
    own = os.getpid()
    with working(2) as workers:
        assert workers.map(ended_by, [own] * 20) == [own] * 20
        assert workers.map(doubled, range(20)) == [*range(0, 40, 2)]
