"""Packs: what travels, what a college refuses and why, what counts, what is missing."""

from __future__ import annotations

import json
import stat
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.batch.keys import Keys
from qieval.cli import Exit
from qieval.core.errors import DataError, ParameterError, ReleaseError, WorkspaceError
from qieval.intake.packs import CONTENTS, HEAD, read_pack, read_senders, zipped
from qieval.intake.signing import fingerprint, make_key, read_public
from qieval.share.gate import Override, share
from qieval.share.receive import LOG, receive
from tests.share.packed import (
    CHART,
    MODEL,
    PROGRAMME,
    Trust,
    audit,
    chart,
    college,
    model,
    parts_of,
    reasons,
    signed_again,
    trust,
    with_parts,
)
from tests.test_cli import Cli, cli  # noqa: F401  (a fixture)

NHS = "943 476 5919"  # the example number of the NHS Data Dictionary
OLD = Path(__file__).parent / "packs" / "version-1.qipack"
OLD_KEY = "ed25519:y2LiBA5tTy5hk5LYIAQoy6IIAQ9TUsgip7VeMJJ0mYo="


@pytest.fixture
def hill(tmp_path: Path) -> Trust:
    """A trust with two projects, of which one has a further evaluation that was not run."""
    results = {f"rowan/{CHART}": chart(), f"alder/{MODEL}": model(-2.0), "alder/audit": None}
    return trust(tmp_path, "hill", results)


def root_of(home: Path) -> Path:
    return home.parents[1]


def results_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, qi.Result | None]:
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(root_of(home)))
    return {one.name: one.result for one in qi_read_results()}


def qi_read_results():
    return qi.read_results(programme=PROGRAMME)


def reason_for(file: Path, home: Path) -> str:
    """Why a file is refused; nothing of it may be kept, and the log must tell."""
    before = sorted(home.rglob("*.qipack"))
    (came,) = receive([file], home, root_of(home), by="Bea").came
    assert came.kept is None
    assert sorted(home.rglob("*.qipack")) == before
    last = json.loads((home / "packs" / LOG).read_text(encoding="utf-8").splitlines()[-1])
    assert last["by"] == "Bea"
    assert last["reason"] == came.reason.partition("\n")[0]
    return came.reason


# ---- the whole way -----------------------------------------------------------------------------


@pytest.mark.slow
def test_twelve_trusts_with_thirty_projects_each(tmp_path, monkeypatch):
    """Packs come in any mix; the roll-up is that of the results in them.

    Two trusts pack what they ran; ten more send packs of the same form with effects of their own.
    """
    effects: dict[str, float] = {}
    results = {f"ward-{place:02}/pareto": reasons() for place in range(27)}
    results |= {f"ward-{place:02}/{MODEL}": model(-1.0) for place in range(27, 30)}
    trusts = [trust(tmp_path, f"trust-{n}", results if n < 2 else {}) for n in range(12)]
    packs = [one.pack(tmp_path / f"{one.slug}.qipack").file for one in trusts[:2]]
    effects |= {f"trust-{n}--ward-{place}": -1.0 for n in range(2) for place in (27, 28, 29)}
    for n in range(2, 12):

        def own(contents, n=n):
            for project in contents["projects"]:
                project["network"] = f"Network {n % 4}"
            for place in (27, 28, 29):
                table = contents["projects"][place]["evaluations"][0]["result"]["estimates"][
                    "table"
                ]
                effect = 0.1 * place - 0.2 * n - 2
                table["estimate"][table["term"].index("average_effect")] = effect
                effects[f"trust-{n}--ward-{place}"] = effect

        packs.append(signed_again(packs[n % 2], trusts[n], contents=own))
    home = college(tmp_path, *trusts)
    first = receive(packs[6:3:-1], home, root_of(home))
    assert (first.projects, len(first.missing)) == (90, 9)
    last = receive([*packs[7:], *packs[:4]], home, root_of(home))
    assert all(one.kept for one in last.came)
    assert (last.projects, last.versions, last.missing) == (360, 12, ())

    monkeypatch.setenv("QIEVAL_WORKSPACE", str(root_of(home)))
    read = qi_read_results()
    assert len(read) == 360
    assert all(one.result.release.profile == "mhsds" for one in read)
    rolled_up = qi.programme(read)
    assert rolled_up.term("projects").value == 360
    told = rolled_up.effects.set_index("project")["estimate"]
    assert told[list(effects)].to_list() == pytest.approx(list(effects.values()))
    pooled = qi.pool(pd.DataFrame({"estimate": effects.values(), "se": 0.5}, index=list(effects)))
    average = rolled_up.pooled["Occupied beds"]
    assert average.term("pooled").value == pytest.approx(pooled.term("pooled").value)
    assert len(set(rolled_up.projects["network"])) == 5


def test_what_arrives_is_the_released_result_and_nothing_else(hill, tmp_path, monkeypatch):
    file = hill.pack(tmp_path).file
    text = "".join(parts_of(file).values())
    for gone in ("exact headline", "812 rows", "secret", "params/", str(tmp_path), "PRIVATE"):
        assert gone not in text
    head = json.loads(parts_of(file)[HEAD])
    assert (head["signed_by"], head["rule"]["name"]) == ("Ann", "mhsds")
    assert head["versions"]["packages"]["pandas"] == pd.__version__
    assert {"programme", "when", "qieval", "withheld", "evaluations"} <= head.keys()
    (alder, rowan) = json.loads(parts_of(file)[CONTENTS])["projects"]
    assert [one["record"]["status"] for one in alder["evaluations"]] == ["done", "not run"]
    assert rowan["evaluations"][0]["record"]["depends_on"] == {"data": "0123456789abcdef"}
    home = college(tmp_path, hill)
    receive([file], home, root_of(home))
    arrived = results_at(home, monkeypatch)
    assert set(arrived) == {
        f"hill--rowan/{CHART}",
        f"hill--alder/{MODEL}",
        "hill--alder/audit",
    }
    sent = chart().released("mhsds")
    assert arrived[f"hill--rowan/{CHART}"].headline() == sent.headline()
    pd.testing.assert_frame_equal(arrived[f"hill--rowan/{CHART}"].points, sent.points)


def test_small_counts_do_not_travel(tmp_path):
    ward = trust(tmp_path, "hill", {"rowan/audit": audit(met=3)})
    packed = ward.pack(tmp_path)
    (project,) = json.loads(parts_of(packed.file)[CONTENTS])["projects"]
    result = project["evaluations"][0]["result"]
    assert 3 not in result["points"]["table"]["met"]
    assert packed.record["withheld"] > 0


def test_plan_locks_travel(hill, tmp_path):
    lines = ["name: Rowan", "plan: {date: 2017-01-01, value: beds, slope: false}"]
    (hill.home / "rowan" / "project.yml").write_text("\n".join(lines) + "\n")
    from qieval.intake.plans import lock_plan
    from qieval.intake.programmes import read_project

    folder = hill.home / "rowan"
    lock = lock_plan(read_project(folder, hill.root).plan, folder, hill.root)
    project = read_pack(hill.pack(tmp_path).file).contents.projects[1]
    assert [one["sha256"] for one in project.locks] == [lock.sha256]
    assert project.locks[0]["plan"]["slope"] is False


def test_the_colleges_site_shows_what_was_received(hill, tmp_path, monkeypatch):
    home = college(tmp_path, hill)
    root = root_of(home)
    receive([hill.pack(tmp_path, profile="hes").file], home, root)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(root))
    own = trust(tmp_path, "college", {f"own-project/{CHART}": chart()})
    assert own.root == root  # the college's own outputs
    shared = share(root / "outputs" / PROGRAMME, root / "site", root)
    page = root / "site" / PROGRAMME / "hill--rowan" / f"{CHART}.html"
    words = page.read_text(encoding="utf-8")
    assert chart().released("hes").headline() in words.replace("&#39;", "'")
    assert "About rowan" in words
    assert "What others sent was released by them under `hes`" in words
    assert shared.record["others_rules"] == ["hes"]


# ---- the gate of the sender --------------------------------------------------------------------


def test_a_pack_is_refused_before_it_is_made(hill, tmp_path):
    with pytest.raises(ParameterError, match="who answers for it"):
        hill.pack(tmp_path, signed_by=" ")
    with pytest.raises(ParameterError, match="withholds nothing"):
        hill.pack(tmp_path, profile="internal")
    (hill.home / "bare").mkdir()
    with pytest.raises(ParameterError, match="Nothing of these projects has been run"):
        hill.pack(tmp_path, "bare")
    elsewhere = trust(tmp_path, "river", {f"rowan/{CHART}": chart()})
    elsewhere.key.unlink()
    with pytest.raises(WorkspaceError, match="no signing key"):
        elsewhere.pack(tmp_path)
    assert not list(tmp_path.glob("*.qipack"))
    assert not (hill.root / "releases").exists()
    file = hill.pack(tmp_path / "one.qipack").file
    with pytest.raises(ParameterError, match="such a file already"):
        hill.pack(file)


def test_an_identifier_stops_a_pack_unless_somebody_answers_for_it(hill, tmp_path):
    (hill.home / "rowan" / "project.yml").write_text("name: Rowan\nteam: of Zoe Featherby\n")
    listed = {"names": ["Zoë Featherby"]}
    with pytest.raises(ReleaseError, match="must not be published") as stopped:
        hill.pack(tmp_path, **listed)
    assert "Featherby" not in str(stopped.value)
    assert not list(tmp_path.glob("*.qipack"))
    packed = hill.pack(tmp_path, **listed, override=Override("Ann", "a public name"))
    assert packed.record["override"]["reason"] == "a public name"
    home = college(tmp_path, hill)
    (came,) = receive([packed.file], home, root_of(home)).came
    assert came.reason == "Let pass at the sender's by Ann: a public name"


def test_a_pack_is_audited_with_what_was_released_before(tmp_path):
    """Two packs that differ by a few people: who joined is a small group."""
    ward = trust(tmp_path, "hill", {"rowan/audit": audit(met=20)})
    ward.pack(tmp_path / "one.qipack", profile="ons10")
    ward = trust(tmp_path, "hill", {"rowan/audit": audit(met=22)}, data="other data")
    with pytest.raises(ReleaseError, match="could be computed"):
        ward.pack(tmp_path / "two.qipack", profile="ons10")
    assert not (tmp_path / "two.qipack").exists()
    assert len(list((ward.root / "releases" / PROGRAMME).iterdir())) == 1


# ---- what the receiver refuses -----------------------------------------------------------------


def cut_off(file: Path, hill: Trust) -> Path:
    other = file.with_name("cut.qipack")
    other.write_bytes(file.read_bytes()[:-200])
    return other


def no_pack(file: Path, hill: Trust) -> Path:
    other = file.with_name("no.qipack")
    other.write_text("Dear college")
    return other


def other_contents(file: Path, hill: Trust) -> Path:
    return with_parts(file, contents=parts_of(file)[CONTENTS].replace("Rowan", "Robin"))


def other_head(file: Path, hill: Trust) -> Path:
    return with_parts(file, head=parts_of(file)[HEAD].replace("Ann", "Bob"))


def no_signature(file: Path, hill: Trust) -> Path:
    return with_parts(file, signature="{}")


def strange_key(file: Path, hill: Trust) -> Path:
    stranger = trust(file.parent, "stranger", {})
    return signed_again(file, stranger)


def of_another_programme(file: Path, hill: Trust) -> Path:
    return signed_again(file, hill, head=lambda head: head.update(programme="other"))


def of_a_later_form(file: Path, hill: Trust) -> Path:
    return signed_again(file, hill, head=lambda head: head.update(qieval_pack=99))


def from_the_future(file: Path, hill: Trust) -> Path:
    when = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    return signed_again(file, hill, head=lambda head: head.update(when=when))


def exact(file: Path, hill: Trust) -> Path:
    def without_release(contents):
        contents["projects"][1]["evaluations"][0]["result"]["release"] = None

    return signed_again(file, hill, contents=without_release)


def internal(file: Path, hill: Trust) -> Path:
    def under_no_rule(contents):
        contents["projects"][1]["evaluations"][0]["result"]["release"]["profile"] = "internal"

    return signed_again(file, hill, contents=under_no_rule)


def of_another_result_format(file: Path, hill: Trust) -> Path:
    def later(contents):
        contents["projects"][1]["evaluations"][0]["result"]["qieval_result"] = 99

    return signed_again(file, hill, contents=later)


def identifying(file: Path, hill: Trust) -> Path:
    def with_a_number(contents):
        contents["projects"][1]["team"] = f"of {NHS}"

    return signed_again(file, hill, contents=with_a_number)


def exact_and_not_run(file: Path, hill: Trust) -> Path:
    """A result that hides behind a record of nothing."""

    def not_run(contents):
        one = contents["projects"][1]["evaluations"][0]
        one["record"] = {"evaluation": f"rowan/{CHART}", "title": "", "status": "not run"}
        one["result"] = {"beds": [1, 2, 3]}

    return signed_again(file, hill, contents=not_run)


def project_twice(file: Path, hill: Trust) -> Path:
    names = ["alder", "rowan", "rowan"]
    return signed_again(
        file,
        hill,
        contents=lambda plain: plain["projects"].append(plain["projects"][1]),
        head=lambda head: head.update(projects=names),
    )


def at_no_time(file: Path, hill: Trust) -> Path:
    when = "0001-01-01T00:00:00+14:00"
    return signed_again(file, hill, head=lambda head: head.update(when=when))


def path_in_a_name(file: Path, hill: Trust) -> Path:
    def upwards(contents):
        contents["projects"][1]["evaluations"][0]["record"]["evaluation"] = "rowan/../../x"

    return signed_again(file, hill, contents=upwards)


def path_of_a_project(file: Path, hill: Trust) -> Path:
    def upwards(contents):
        contents["projects"][1]["folder"] = ".."
        contents["projects"][1]["evaluations"][0]["record"]["evaluation"] = "../run_chart"

    names = ["alder", ".."]
    return signed_again(file, hill, contents=upwards, head=lambda head: head.update(projects=names))


def path_of_a_part(file: Path, hill: Trust) -> Path:
    other = file.with_name("slip.qipack")
    other.write_bytes(zipped({**parts_of(file), "../../evil.py": "print()"}))
    return other


def part_twice(file: Path, hill: Trust) -> Path:
    other = file.with_name("twice.qipack")
    other.write_bytes(file.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(other, "a") as archive:
        archive.writestr(HEAD, "{}")
    return other


def bomb(file: Path, hill: Trust) -> Path:
    other = file.with_name("bomb.qipack")
    other.write_bytes(zipped({**parts_of(file), HEAD: " " * 5_000_000}))
    return other


def bomb_that_lies(file: Path, hill: Trust) -> Path:
    """It says of itself that it unpacks to ten bytes."""
    other = bomb(file, hill)
    content = bytearray(other.read_bytes())
    size = struct.pack("<L", 5_000_000)
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = struct.pack("<L", 10)
    other.write_bytes(content)
    return other


def too_deep(file: Path, hill: Trust) -> Path:
    return with_parts(file, signature="[" * 9_000)


REFUSED = {
    cut_off: "damaged",
    no_pack: "damaged",
    other_contents: "altered",
    other_head: "altered",
    no_signature: "damaged",
    strange_key: "not known here",
    of_another_programme: "another programme",
    of_a_later_form: "later qieval",
    from_the_future: "made in the future",
    exact: "not released",
    internal: "not released",
    of_another_result_format: "another version of the result format",
    exact_and_not_run: "cannot be read",
    project_twice: "damaged",
    at_no_time: "damaged",
    identifying: "who somebody is",
    path_in_a_name: "such as a path",
    path_of_a_project: "such as a path",
    path_of_a_part: "other parts",
    part_twice: "other parts",
    bomb: "unpacks to more",
    bomb_that_lies: "damaged",
    too_deep: "damaged",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_pack_is_refused_and_the_good_one_taken(spoil, hill, tmp_path):
    home = college(tmp_path, hill)
    file = hill.pack(tmp_path).file
    reason = reason_for(spoil(file, hill), home)
    assert REFUSED[spoil] in reason
    assert "What to do:" in reason
    assert NHS not in reason
    assert receive([file], home, root_of(home)).projects == 2
    assert not (tmp_path.parent / "evil.py").exists()


def test_an_unknown_key_is_told_by_its_fingerprint(hill, tmp_path):
    home = college(tmp_path, trust(tmp_path, "river", {}))
    reason = reason_for(hill.pack(tmp_path).file, home)
    assert fingerprint(hill.public) in reason


@given(place=st.floats(0, 1, exclude_max=True), other=st.integers(1, 255))
def test_no_byte_can_be_changed_unseen(place, other, tmp_path_factory):
    """A changed byte is seen, or changes nothing of what the pack says."""
    file = _one_pack(tmp_path_factory)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= other
    changed = file.with_name("changed.qipack")
    changed.write_bytes(content)
    try:
        read = read_pack(changed)
    except DataError:
        return
    assert (read.digest, read.contents) == (read_pack(file).digest, read_pack(file).contents)


def _one_pack(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "one-pack"
    if not folder.exists():
        trust(folder, "hill", {f"rowan/{CHART}": chart()}).pack(folder / "one.qipack")
    return folder / "one.qipack"


# ---- versions ----------------------------------------------------------------------------------


def later(file: Path, by: Trust, hours: int, name: str) -> Path:
    """The same pack as if it had been made some hours before or after, its team renamed."""
    made = datetime.fromisoformat(json.loads(parts_of(file)[HEAD])["when"])

    def renamed(contents):
        for project in contents["projects"]:
            project["team"] = name

    when = (made + timedelta(hours=hours)).isoformat()
    return signed_again(file, by, contents=renamed, head=lambda head: head.update(when=when))


def teams(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(root_of(home)))
    return {one.project: one.team for one in qi_read_results()}


def test_of_two_versions_the_later_counts_and_both_are_kept(hill, tmp_path, monkeypatch):
    home = college(tmp_path, hill)
    first = hill.pack(tmp_path).file
    second = later(first, hill, 1, "second")
    stands = receive([second, first], home, root_of(home))  # in whatever order they are given
    assert [one.file for one in stands.came] == [first.name, second.name]
    assert (stands.versions, stands.projects, len(stands.counting)) == (2, 2, 1)
    assert set(teams(home, monkeypatch).values()) == {"second"}
    assert "received before" in reason_for(first, home)
    assert "out of date" in reason_for(later(first, hill, -1, "older"), home)
    assert len(list(home.rglob("*.qipack"))) == 2


def test_an_older_pack_still_counts_for_what_no_later_one_holds(hill, tmp_path, monkeypatch):
    home = college(tmp_path, hill)
    whole = hill.pack(tmp_path / "whole.qipack").file
    alone = later(hill.pack(tmp_path / "alone.qipack", "rowan").file, hill, 1, "alone")
    receive([alone], home, root_of(home))
    (came,) = receive([whole], home, root_of(home)).came
    assert came.kept is not None
    assert "`rowan`; that one counts" in came.reason
    assert teams(home, monkeypatch) == {"hill--alder": "", "hill--rowan": "alone"}


def test_two_trusts_may_have_projects_of_one_name(hill, tmp_path, monkeypatch):
    river = trust(tmp_path, "river", {f"rowan/{CHART}": chart(20, 30)})
    home = college(tmp_path, hill, river)
    packs = [hill.pack(tmp_path / "h.qipack").file, river.pack(tmp_path / "r.qipack").file]
    assert receive(packs, home, root_of(home)).projects == 3
    arrived = results_at(home, monkeypatch)
    words = [arrived[f"{one}--rowan/{CHART}"].headline() for one in ("hill", "river")]
    assert words[0] != words[1]


def test_what_is_missing_is_said(hill, tmp_path):
    river = trust(tmp_path, "river", {})
    home = college(tmp_path, hill, river, hill=["rowan", "cedar"])
    file = hill.pack(tmp_path).file
    stands = receive([file], home, root_of(home))
    assert stands.missing == (
        "Hill Trust: no pack yet with `cedar`.",
        "Hill Trust, alder: not run yet: `audit`.",
        "River Trust: nothing has come yet.",
    )

    def without(contents):
        contents["projects"][0]["evaluations"].pop(0)

    when = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    fewer = signed_again(file, hill, contents=without, head=lambda head: head.update(when=when))
    missing = receive([fewer], home, root_of(home)).missing
    assert f"Hill Trust, alder: in the version before, but not now: `{MODEL}`." in missing


def test_a_key_that_is_struck_off_counts_no_more(hill, tmp_path, monkeypatch):
    home = college(tmp_path, hill)
    receive([hill.pack(tmp_path).file], home, root_of(home))
    college(tmp_path, trust(tmp_path, "river", {}))  # the list without the first trust
    with pytest.raises(DataError, match="not known here") as told:
        results_at(home, monkeypatch)
    assert "cannot be used any more" in str(told.value)


# ---- an older pack -----------------------------------------------------------------------------


def test_an_older_pack_is_read(tmp_path, monkeypatch):
    """A pack of version 1 that was made in 2020 by the code of then: it is never made again."""
    home = tmp_path / "params" / PROGRAMME
    home.mkdir(parents=True)
    (home / "senders.yml").write_text(f"old:\n  name: Old Trust\n  keys: ['{OLD_KEY}']\n")
    stands = receive([OLD], home, tmp_path)
    assert [one.reason for one in stands.came] == [""]
    arrived = results_at(home, monkeypatch)
    assert arrived[f"old--rowan/{CHART}"].verdict.kind == "improved"
    assert arrived["old--rowan/audit"].release.profile == "mhsds"


def test_names_of_a_later_version_are_passed_over_and_missing_ones_filled(hill, tmp_path):
    def other(plain):
        plain["colour"] = "blue"
        plain.pop("name", None)
        for project in plain["projects"]:
            if isinstance(project, dict):
                project["shape"] = "round"
                for name in ("locks", "team", "aim"):
                    del project[name]

    file = signed_again(hill.pack(tmp_path).file, hill, head=other, contents=other)
    assert receive([file], college(tmp_path, hill), tmp_path / "college").projects == 2


# ---- who may send ------------------------------------------------------------------------------

KEY = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # RFC 8032, section 7.1, test 1
BAD_LISTS = {
    "North Trust:\n  keys: [x]\n": "small letters",
    "north--trust:\n  keys: [x]\n": "small letters",
    "north:\n  name: North\n": "has no keys",
    "north:\n  keys: [ed25519:abc]\n": "not a public key",
    "north:\n  keys: ssh-ed25519 AAAA\n": "not a public key",
    f"north:\n  keys: ['{KEY}']\n  project: [a]\n": "Did you mean `projects`",
    f"north:\n  keys: ['{KEY}']\nsouth:\n  keys: ['{KEY}']\n": "have the same key",
}


@pytest.mark.parametrize("text", BAD_LISTS, ids=BAD_LISTS.get)
def test_a_bad_list_of_senders_says_what_to_do(text, tmp_path):
    (tmp_path / "senders.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as told:
        read_senders(tmp_path, tmp_path)
    assert BAD_LISTS[text] in str(told.value)
    assert "senders.yml" in str(told.value)


def test_without_a_list_nothing_is_received(tmp_path):
    (tmp_path / "params" / PROGRAMME).mkdir(parents=True)
    with pytest.raises(ParameterError, match="Nobody is listed"):
        receive([], tmp_path / "params" / PROGRAMME, tmp_path)


def test_the_published_signature_of_rfc_8032_holds():
    """Section 7.1, test 2: the key, a message of one byte, its signature."""
    from cryptography.exceptions import InvalidSignature

    public = read_public("ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    public.verify(signature, b"\x72")
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"\x73")


def test_a_key_is_its_owners_alone_and_is_never_written_over(tmp_path):
    file = tmp_path / "signing.key"
    make_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = file.read_bytes()
    with pytest.raises(WorkspaceError, match="a signing key already"):
        make_key(file)
    assert file.read_bytes() == kept


# ---- the roll-up, and the command line ---------------------------------------------------------


def test_a_roll_up_is_run_again_when_a_pack_has_come(hill, tmp_path):
    from qieval.batch.plan import plan

    home = college(tmp_path, hill)
    root = root_of(home)
    (home / "whole").mkdir()
    (home / "whole" / "project.yml").write_text("name: The whole\n")
    (home / "whole" / "programme.yml").write_text(f"programme: {PROGRAMME}\n")
    planned = plan([home], root)
    assert not planned.problems  # the list of senders is no evaluation
    (item,) = planned.items

    def digest() -> str:
        return Keys(root, root / "outputs", tmp_path / "no.key").of(item)["results"]

    empty = digest()
    receive([hill.pack(tmp_path).file], home, root)
    assert digest() != empty
    assert digest() == digest()


def test_the_commands(hill, tmp_path, monkeypatch, cli: Cli):  # noqa: F811
    monkeypatch.setenv("QIEVAL_SIGNING_KEY", str(tmp_path / "own.key"))
    monkeypatch.chdir(hill.root)
    pack = ["pack", f"params/{PROGRAMME}", "--to", str(tmp_path), "--by", "Ann"]
    assert cli(*pack) == Exit.TO_PUT_RIGHT
    assert "qieval key new" in cli.err
    assert cli("key", "new") == Exit.FINE
    public = cli.out.split()[1]
    assert cli("key", "show") == Exit.FINE
    assert public in cli.out
    assert fingerprint(public) in cli.out
    assert cli(*pack) == Exit.FINE
    assert "2 projects, 2 evaluations" in cli.out
    assert "without a result: alder/audit: not run" in cli.out
    (file,) = tmp_path.glob("*.qipack")
    home = college(tmp_path, hill)
    (home / "senders.yml").write_text(f"hill:\n  name: Hill Trust\n  keys: ['{public}']\n")
    monkeypatch.chdir(root_of(home))
    assert cli("receive", str(file), "--to", f"params/{PROGRAMME}") == Exit.FINE
    assert "Here: 2 projects, in 1 pack; kept in all: 1 pack." in cli.out
    assert cli("receive", str(file), "--to", f"params/{PROGRAMME}") == Exit.TO_PUT_RIGHT
    assert "received before" in cli.out
    assert cli("receive", "--to", "params/shared-car") == Exit.TO_PUT_RIGHT
    assert f"Did you mean `params/{PROGRAMME}`" in cli.err
