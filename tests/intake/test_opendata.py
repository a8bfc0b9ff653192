"""The registry of open data, the mirror, the cache, the download, and what is said without them."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from qieval.cli import Exit, main
from qieval.core.errors import OpenDataError
from qieval.core.workspace import digest_of, shipped
from qieval.intake import opendata

ROOT = Path(__file__).resolve().parents[2]
FILES = [(known.name, file.name) for known in opendata.datasets() for file in known.files]
SCOTLAND = "scot-delayed-discharges"
SMI = "england-smi-physical-health"


@pytest.fixture
def own_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty mirror, an empty cache, no set carried, and a network that refuses."""
    monkeypatch.setattr(opendata, "CARRIED", "no sets")
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("QIEVAL_OPEN_DATA_MIRROR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setattr(opendata, "RAW_ADDRESS", f"http://127.0.0.1:{port}")
    return folder


class _Server(ThreadingHTTPServer):
    pages: dict[str, bytes]
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.pages.get(unquote(self.path))
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(own_mirror: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as running:
        running.pages, running.asked = {}, []
        monkeypatch.setattr(opendata, "RAW_ADDRESS", f"http://127.0.0.1:{running.server_port}")
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def page_of(name: str, file: str) -> str:
    known = opendata.dataset(name)
    return f"/{known.repository}/{known.commit}/{known.file(file).path}"


# ---- the registry ------------------------------------------------------------------------------


@pytest.mark.mirror
def test_registry_lists_the_folders_of_the_mirror(mirror: Path) -> None:
    folders = {folder.name for folder in mirror.iterdir() if folder.is_dir()}
    assert {known.name for known in opendata.datasets()} == folders


@pytest.mark.mirror
def test_registry_lists_every_data_file_of_the_mirror(mirror: Path) -> None:
    there = {(file.parent.name, file.name) for file in mirror.glob("*/*") if file.suffix != ".md"}
    assert set(FILES) == there


@pytest.mark.mirror
@pytest.mark.parametrize(("name", "file"), FILES)
def test_registry_matches_the_mirror_byte_for_byte(name: str, file: str, mirror: Path) -> None:
    content = (mirror / name / file).read_bytes()
    pinned = opendata.dataset(name).file(file)
    assert hashlib.sha256(content).hexdigest() == pinned.sha256
    assert len(content) == pinned.bytes


@pytest.mark.mirror
@pytest.mark.parametrize("known", opendata.datasets(), ids=lambda known: known.name)
def test_registry_is_complete(known: opendata.Dataset, mirror: Path) -> None:
    said = (known.title, known.publisher, known.licence, known.attribution, known.what)
    assert all([*said, known.grain, known.period, known.notes])
    assert known.licence_url.startswith("https://")
    assert len(known.commit) == 40
    assert (known.fetch == "mirror") == bool(known.why)
    provenance = (mirror / known.name / "PROVENANCE.md").read_text(encoding="utf-8")
    assert known.commit in provenance
    assert known.repository in provenance


def test_listing_does_not_wait_for_the_downloader() -> None:
    code = "import sys; from qieval.intake import opendata; opendata.datasets(); "
    code += "sys.exit('pooch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_origin_is_what_the_registry_says() -> None:
    known, origin = opendata.dataset(SCOTLAND), opendata.origin(SCOTLAND)
    assert (origin.title, origin.publisher) == (known.title, "Public Health Scotland")
    assert "Open Government Licence v3.0" in origin.attribution
    assert origin.simulated is False
    assert origin.notes == known.notes


def test_address_names_the_commit_and_quotes_spaces() -> None:
    known = opendata.dataset(SMI)
    assert known.address(known.file()) == (
        "https://raw.githubusercontent.com/katpham12/NHS-SMI-Health-Check/"
        "cdb1bb56020bbc0bb17de3c7cbfaa574a3e307f4/"
        "data/Physical-Health-Checks-SMI%20Raw%20Data.xlsx"
    )


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("open-data:scot-mh-beds", ("scot-mh-beds", None)),
        ("open-data:a/Sub-ICBs Location.xls", ("a", "Sub-ICBs Location.xls")),
        ("data/spells.csv", None),
        (Path("data/spells.csv"), None),
    ],
)
def test_split_source(source: str | Path, parts: tuple[str, str | None] | None) -> None:
    assert opendata.split_source(source) == parts


def test_a_source_without_a_name_is_refused() -> None:
    with pytest.raises(OpenDataError, match="must be followed by the name"):
        opendata.split_source("open-data:")


# ---- the mirror --------------------------------------------------------------------------------


@pytest.mark.mirror
def test_mirror_comes_first(mirror: Path, own_mirror: Path) -> None:
    name = opendata.dataset(SCOTLAND).file().name
    (own_mirror / SCOTLAND).mkdir()
    shutil.copy(mirror / SCOTLAND / name, own_mirror / SCOTLAND / name)
    assert opendata.path(SCOTLAND) == own_mirror / SCOTLAND / name
    assert opendata.found_in(SCOTLAND) == "mirror"
    assert opendata.fetch(SCOTLAND) == [own_mirror / SCOTLAND / name]


@pytest.mark.mirror
def test_a_file_by_name(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIEVAL_OPEN_DATA_MIRROR", str(mirror))
    assert opendata.path(SMI).suffix == ".xlsx"
    assert opendata.path(SMI, "Sub-ICBs Location.xls").suffix == ".xls"


@pytest.mark.mirror
def test_a_tampered_mirror_file_is_refused(mirror: Path, own_mirror: Path) -> None:
    name = opendata.dataset(SCOTLAND).file().name
    (own_mirror / SCOTLAND).mkdir()
    content = (mirror / SCOTLAND / name).read_bytes().replace(b"45009", b"15009")
    (own_mirror / SCOTLAND / name).write_bytes(content)
    with pytest.raises(OpenDataError) as caught:
        opendata.path(SCOTLAND)
    message = str(caught.value)
    assert "in the mirror is not the pinned file" in message
    assert "Replace it by the original" in message
    assert str(own_mirror) not in message


def test_unknown_name_says_the_nearest() -> None:
    with pytest.raises(OpenDataError, match="Did you mean `open-data:scot-mh-beds`"):
        opendata.path("scot-mh-bed")


def test_unknown_name_without_a_near_one_lists_all() -> None:
    with pytest.raises(OpenDataError) as caught:
        opendata.dataset("zzz")
    assert all(f"`{known.name}`" in str(caught.value) for known in opendata.datasets())


def test_unknown_file_says_the_nearest() -> None:
    meant = f"Did you mean `open-data:{SMI}/Sub-ICBs Location.xls`"
    with pytest.raises(OpenDataError, match=meant):
        opendata.path(SMI, "Sub-ICB Location.xls")


# ---- the network -------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_mirror")
def test_no_mirror_and_no_network_says_what_to_do() -> None:
    with pytest.raises(OpenDataError) as caught:
        opendata.path(SCOTLAND)
    message = str(caught.value)
    file = opendata.dataset(SCOTLAND).file().name
    assert "not in the mirror, and it cannot be downloaded" in message
    assert f"Set `open_data_mirror` in `qieval.toml` to a folder that holds `{SCOTLAND}/" in message
    assert f"`{SCOTLAND}/{file}`" in message
    assert f"`qieval data fetch {SCOTLAND}`" in message


def test_a_mirror_that_does_not_exist_is_named_as_the_cause(
    own_mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIEVAL_OPEN_DATA_MIRROR", str(own_mirror / "gone"))
    with pytest.raises(OpenDataError, match="the folder that `open_data_mirror` names does not"):
        opendata.path(SCOTLAND)


@pytest.mark.parametrize("known", opendata.datasets(), ids=lambda known: known.name)
@pytest.mark.usefixtures("own_mirror")
def test_what_is_not_the_publishers_file_says_where_the_original_lies(
    known: opendata.Dataset,
) -> None:
    if known.fetch == "download":
        assert known.address(known.file()).endswith(("csv", "xlsx"))
        return
    with pytest.raises(OpenDataError) as caught:
        opendata.path(known.name)
    message = str(caught.value)
    assert "cannot be downloaded" in message
    assert known.why in message
    assert f"`{known.file().path}` of github.com/{known.repository}" in message
    assert "Set `open_data_mirror`" in message


@pytest.mark.mirror
def test_download_is_kept_and_checked(mirror: Path, server: _Server) -> None:
    name = opendata.dataset(SMI).file().name
    content = (mirror / SMI / name).read_bytes()
    server.pages[page_of(SMI, name)] = content
    assert opendata.found_in(SMI) is None
    assert opendata.path(SMI).read_bytes() == content
    assert "%20" in server.asked[0]
    assert opendata.found_in(SMI) == "cache"
    opendata.path(SMI)
    assert len(server.asked) == 1  # the second time nothing was asked of the network


@pytest.mark.mirror
def test_a_damaged_file_in_the_cache_is_downloaded_again(mirror: Path, server: _Server) -> None:
    name = opendata.dataset(SCOTLAND).file().name
    content = (mirror / SCOTLAND / name).read_bytes()
    server.pages[page_of(SCOTLAND, name)] = content
    local = opendata.path(SCOTLAND)
    local.write_bytes(content[:1000])
    assert opendata.path(SCOTLAND).read_bytes() == content


def test_another_file_at_the_address_is_refused(server: _Server) -> None:
    name = opendata.dataset(SCOTLAND).file().name
    server.pages[page_of(SCOTLAND, name)] = b"<html>Please log in to the guest network</html>"
    with pytest.raises(OpenDataError, match="What the pinned address sent is not"):
        opendata.path(SCOTLAND)
    assert opendata.found_in(SCOTLAND) is None


@pytest.mark.usefixtures("server")
def test_a_file_that_left_its_address_says_what_to_do() -> None:
    with pytest.raises(OpenDataError, match="Set `open_data_mirror`"):
        opendata.path(SCOTLAND)


def test_the_set_that_qieval_carries_is_the_pinned_file_and_needs_no_network(
    own_mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opendata, "CARRIED", "open-data")
    carried = sorted(folder.name for folder in shipped("data", "open-data").iterdir())
    assert carried == [SCOTLAND]
    assert opendata.found_in(SCOTLAND) == "qieval"
    file = opendata.path(SCOTLAND)
    assert digest_of(file) == opendata.dataset(SCOTLAND).file().sha256
    terms = (file.parent / "LICENCE.txt").read_text(encoding="utf-8")
    for part in opendata.dataset(SCOTLAND).attribution.split(". "):
        assert part.rstrip(".") in terms
    assert opendata.dataset(SCOTLAND).licence_url in terms


def test_open_data_without_a_network_break_no_run(
    tmp_path: Path, own_mirror: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """What is not here is not evaluated, and its page says what to do; what qieval carries is."""
    for name in ("scot-delayed-discharges", "apha-cpd-survey"):
        shutil.copytree(shipped("params", "open-data", name), tmp_path / "params/open-data" / name)
    shutil.copy(shipped("params", "open-data", "programme.yml"), tmp_path / "params/open-data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["qieval", "run", "params/open-data"])
    with pytest.raises(SystemExit) as ended:
        main()
    out = capsys.readouterr().out
    assert ended.value.code in (None, Exit.FINE), out
    assert "✓ done" in out
    assert "◆ not evaluated" in out
    pages = list((tmp_path / "outputs/open-data").rglob("survey.html"))
    assert "open_data_mirror" in pages[0].read_text(encoding="utf-8")
