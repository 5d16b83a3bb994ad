"""The project's files speak of the project alone, and what is generated is up to date."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project import PACKAGE, ROOT, files, texts

# Written in pieces, since this file is read by its own tests.
FOLDERS = ["work", "root", "home", "Users"]
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com"]
HOSTS += ["yarnpkg" + ".com", "download.pytorch" + ".org", "anaconda" + ".org"]
MACHINE_PATH = re.compile(rf"(?<![\w.$~}}\])]){'/'}(?:{'|'.join(FOLDERS)})/[\w.-]+")
HOST = re.compile("|".join(map(re.escape, HOSTS)))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = {
    canonicalize_name(pin.name): pin
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
    for pin in [Requirement(line)]
}


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {hit}" for name, text in texts() for hit in pattern.findall(text)]


def test_no_path_of_a_machine():
    assert hits(MACHINE_PATH) == []
    here = re.compile("|".join(re.escape(f"{place}/") for place in (ROOT, Path.home())))
    assert hits(here) == []
    assert MACHINE_PATH.search("see /" + "home/ada/notes"), "the pattern can match"


def test_no_registry_host():
    assert hits(HOST) == []
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []


def test_constraints_pin_every_dependency():
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *chain.from_iterable(extras.values())]
    asked += PROJECT["build-system"]["requires"]
    for requirement in map(Requirement, asked):
        pin = PINS[canonicalize_name(requirement.name)]
        (version,) = pin.specifier
        assert version.operator == "=="
        assert requirement.specifier.contains(version.version), f"{pin} against {requirement}"
        assert "+" not in version.version, "a public version, not one build of it"


def test_makefile_installs_what_the_build_requires():
    (line,) = re.findall(r"^BUILDERS := (.+)$", (ROOT / "Makefile").read_text(), re.M)
    required = {Requirement(text).name for text in PROJECT["build-system"]["requires"]}
    assert set(line.split()) == required
    hook = PROJECT["tool"]["hatch"]["build"]["hooks"]["jupyter-builder"]
    assert {Requirement(text).name for text in hook["dependencies"]} <= required


def test_typescript_types_are_those_of_the_views():
    from mpnn_lab.views.typescript import TARGET, generate

    message = "run: python -m mpnn_lab.views.typescript"
    assert TARGET.read_text() == generate(), message


@pytest.mark.parametrize("path", files(".ipynb"), ids=lambda p: p.name)
def test_notebooks_are_stored_bare(path):
    notebook = json.loads(path.read_text())
    assert "widgets" not in notebook["metadata"]
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_folders_of_the_package_have_a_face():
    folders = {p.parent for p in files(".py") if PACKAGE in p.parents}
    assert [f.name for f in folders if not (f / "__init__.py").is_file()] == []
