"""What is handed out: an sdist and a wheel that carry the built front end and the lessons."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.project import ROOT

BUILT = {
    "stage.js", "lab.js", "lab_foot.js", "builder.js", "map.js", "viewer3d.js", "page.js",
    "THIRD_PARTY_NOTICES.txt",
}  # fmt: skip


def build(target: str, source: Path, out: Path, path: Path) -> Path:
    """Build `target` of the project at `source`, with `path` before everything on the PATH."""
    search = os.pathsep.join([str(path), os.environ["PATH"]])
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(
        command, cwd=source, env={**os.environ, "PATH": search}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (made,) = out.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    made = build("sdist", ROOT, folder, Path(sys.executable).parent)
    with tarfile.open(made) as archive:
        archive.extractall(folder, filter="data")
    return folder / made.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """The names in the wheel built from the sdist where npm cannot run."""
    folder = tmp_path_factory.mktemp("wheel")
    broken = folder / "npm"
    broken.write_text("#!/bin/sh\nexit 9\n")
    broken.chmod(0o755)
    with zipfile.ZipFile(build("wheel", sdist, folder / "out", folder)) as archive:
        return set(archive.namelist())


def test_sdist_carries_bundles_and_sources(sdist):
    assert {path.name for path in (sdist / "mpnn_lab" / "static").iterdir()} >= BUILT
    assert (sdist / "frontend" / "package-lock.json").is_file()
    assert not (sdist / "frontend" / "node_modules").exists()


def test_wheel_from_sdist_needs_no_npm_and_is_whole(wheel):
    assert {f"mpnn_lab/static/{name}" for name in BUILT} <= wheel
    lessons = {f"mpnn_lab/{p.relative_to(ROOT)}" for p in (ROOT / "notebooks").glob("*.ipynb")}
    assert lessons
    assert lessons <= wheel
    package = {p.relative_to(ROOT).as_posix() for p in (ROOT / "mpnn_lab").rglob("*.py")}
    assert package <= wheel
    assert "mpnn_lab/py.typed" in wheel
    assert [name for name in wheel if name.endswith("licenses/LICENSE")]


def test_wheel_carries_the_data(wheel):
    data = list((ROOT / "mpnn_lab" / "datasets" / "data").iterdir())
    assert {f"mpnn_lab/datasets/data/{path.name}" for path in data} <= wheel
    assert any(path.suffix == ".csv" for path in data)


def test_wheel_holds_the_package_alone(wheel):
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mpnn_lab"}
