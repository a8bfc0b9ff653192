"""The wheel alone, in a fresh environment and an empty folder, evaluates the example programme."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from tests.installed import ROOT, run


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as files:
        return files.namelist()


def shipped(folder: str) -> set[str]:
    """Tracked files of a folder of the repository."""
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", folder], ROOT)
    return {line for line in listed.splitlines() if (ROOT / line).is_file()}


def test_the_wheel_carries_notebooks_and_the_example_programme(wheel: Path) -> None:
    carried = {name.removeprefix("qieval/shipped/") for name in names(wheel) if "/shipped/" in name}
    expected = shipped("notebooks") | shipped("params/closing-the-gap")
    expected |= shipped("params/open-data") | shipped("data/closing-the-gap")
    expected |= shipped("data/open-data")
    assert any(name.startswith("notebooks/") for name in expected)
    assert any(name.startswith("params/closing-the-gap/") for name in expected)
    assert any(name.startswith("data/closing-the-gap/") for name in expected)
    assert carried == expected | {"data/open_data.yml"}


def test_the_wheel_carries_the_package_and_nothing_else(wheel: Path) -> None:
    carried = {name for name in names(wheel) if "/shipped/" not in name}
    assert {name.partition("/")[0] for name in carried} == {"qieval", wheel_info(wheel)}
    assert {name for name in carried if name.startswith("qieval/")} == shipped("qieval")
    assert "qieval/py.typed" in carried


def wheel_info(wheel: Path) -> str:
    return "-".join(wheel.name.split("-")[:2]) + ".dist-info"


def test_an_editable_install_copies_nothing(tmp_path: Path) -> None:
    """A copy of the notebooks in site-packages would go stale and be used in place of ours."""
    code = f"from hatchling.build import build_editable; print(build_editable({str(tmp_path)!r}))"
    run([sys.executable, "-c", code], ROOT)
    (built,) = tmp_path.glob("*.whl")
    assert [name for name in names(built) if ".dist-info/" not in name] == [
        "_editable_impl_qieval.pth"
    ]


@pytest.mark.slow
def test_in_an_empty_folder_the_example_runs(environment: Path, programme_run) -> None:
    folder, said = programme_run
    where = "import qieval.core.workspace as w; print(w.__file__); print(w.shipped('notebooks'))"
    for line in run([environment / "bin" / "python", "-c", where], folder).splitlines():
        assert Path(line).is_relative_to(environment)

    pages = sorted(path.relative_to(folder) for path in folder.glob("outputs/**/*.html"))
    projects = {
        path.name for path in (ROOT / "params" / "closing-the-gap").iterdir() if path.is_dir()
    }
    assert {part for page in pages for part in page.parts} >= projects
    assert any(page.name == "index.html" for page in pages), pages
    assert "outputs" in said
    assert str(ROOT) not in said
