"""Binder installs what pyproject.toml asks for, by conda's names, and opens the first lesson."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.project import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
CONDA = {"torch": "pytorch-cpu", "torch-geometric": "pytorch_geometric"}
ENTRIES = {
    match[1]: match[2]
    for line in ENVIRONMENT["dependencies"]
    for match in [re.fullmatch(r"([\w-]+)(.*)", line)]
}
NEEDED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]


def lowest(bounds: str) -> Version:
    """The version after ``>=``, which every bound of ours has."""
    (bound,) = [s for s in SpecifierSet(bounds) if s.operator == ">="]
    return Version(bound.version)


@pytest.mark.parametrize("text", NEEDED, ids=lambda text: Requirement(text).name)
def test_dependency_is_installed_by_conda(text):
    asked = Requirement(text)
    given = ENTRIES[CONDA.get(asked.name, asked.name)]
    assert lowest(given) >= lowest(str(asked.specifier))
    assert asked.specifier.contains(lowest(given))


def test_nothing_else_is_installed():
    names = {CONDA.get(Requirement(text).name, Requirement(text).name) for text in NEEDED}
    assert set(ENTRIES) == {*names, "python", "pip"}
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]


def test_python_is_one_the_package_takes():
    version = ENTRIES["python"].lstrip("=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0")


def test_post_build_is_a_script_that_runs():
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_readme_opens_a_lesson_that_exists():
    (path,) = re.findall(r"urlpath=lab/tree/(\S+?\.ipynb)", (ROOT / "README.md").read_text())
    assert (ROOT / path).is_file()
