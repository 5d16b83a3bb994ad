"""The command line opens the lessons, keeps a reader's edits, and starts quickly."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

import mpnn_lab
from mpnn_lab import cli
from mpnn_lab.cli import lessons
from mpnn_lab.errors import LabError
from mpnn_lab.exporting import trace_to_html
from tests.project import ROOT

RUN = CliRunner()


def lesson(folder: Path, name: str, text: str = "{}") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def launched(monkeypatch):
    """What JupyterLab would have been started with."""
    from jupyterlab.labapp import LabApp

    calls = []
    monkeypatch.setattr(LabApp, "launch_instance", lambda argv: calls.append(argv))
    return calls


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """A package as a wheel leaves it: the lessons inside it, no checkout around it."""
    package = tmp_path / "site-packages" / "mpnn_lab"
    lesson(package / "notebooks", "2-second.ipynb", "two")
    lesson(package / "notebooks", "1-first.ipynb", "one")
    monkeypatch.setattr(lessons, "PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_version_and_help():
    assert RUN.invoke(cli.app, ["--version"]).output.strip() == mpnn_lab.__version__
    shown = RUN.invoke(cli.app, ["--help"])
    assert shown.exit_code == 0
    assert "lessons" in shown.output


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['mpnn-lab', '--help']\n"
        "from mpnn_lab.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print({'torch', 'rdkit', 'jupyterlab', 'ipywidgets'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "set()"


def test_checkout_opens_its_own_notebooks(launched, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert RUN.invoke(cli.app, []).exit_code == 0
    (arguments,) = launched
    assert f"--ServerApp.root_dir={ROOT / 'notebooks'}" in arguments
    assert "--LabApp.default_url=/lab/tree/1-first-molecule.ipynb" in arguments
    assert "--no-browser" not in arguments
    assert list(tmp_path.iterdir()) == []


def test_installed_package_copies_the_missing_lessons_only(launched, installed):
    mine = lesson(installed / "mpnn-lab-lessons", "1-first.ipynb", "my own edit")
    result = RUN.invoke(cli.app, ["--no-browser", "--port", "8899"])
    assert result.exit_code == 0
    assert mine.read_text() == "my own edit"
    assert (mine.parent / "2-second.ipynb").read_text() == "two"
    assert "2-second.ipynb" in result.output
    assert "1-first.ipynb" not in result.output
    (arguments,) = launched
    assert f"--ServerApp.root_dir={mine.parent}" in arguments
    assert {"--no-browser", "--port=8899"} <= set(arguments)


def test_folder_is_taken_where_it_is_named(launched, installed):
    assert RUN.invoke(cli.app, ["--folder", "here/below"]).exit_code == 0
    assert sorted(p.name for p in (installed / "here/below").iterdir()) == [
        "1-first.ipynb",
        "2-second.ipynb",
    ]


def test_folder_that_cannot_be_made(launched, installed):
    (installed / "file").write_text("in the way")
    with pytest.raises(LabError, match="cannot be copied") as caught:
        lessons.open_lessons(installed / "file")
    assert "--folder" in caught.value.mend
    assert launched == []


def test_without_jupyterlab_it_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setattr(lessons, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["mpnn-lab"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    said = capsys.readouterr().err
    assert 'pip install "mpnn-lab[lab]"' in said
    assert "Traceback" not in said


def test_without_lessons_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(lessons, "PACKAGE", tmp_path / "mpnn_lab")
    with pytest.raises(LabError, match="No lessons"):
        lessons.open_lessons(None)


def answers(url: str) -> bool:
    """Whether the server answers within 20 s; it prints its address a little before it does."""
    for _ in range(80):
        try:
            with urlopen(url, timeout=20) as answer:
                return answer.status == 200
        except HTTPError:
            raise
        except URLError:
            time.sleep(0.25)
    return False


def test_jupyterlab_really_starts(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    options = ["--no-browser", "--port", str(port), "--folder", str(tmp_path / "lessons")]
    process = subprocess.Popen(
        [sys.executable, "-c", "from mpnn_lab.cli import main; main()", *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **{name: str(tmp_path / name) for name in names}},
    )
    watch = threading.Timer(60, process.kill)
    watch.start()
    said = ""
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            if found := re.search(rf"http://127\.0\.0\.1:{port}(/lab/\S+)\?token=(\w+)", line):
                break
        else:
            pytest.fail(said)
        assert found[1] == "/lab/tree/1-first-molecule.ipynb"
        api = f"http://127.0.0.1:{port}/api/contents/1-first-molecule.ipynb?token={found[2]}"
        assert answers(api)
    finally:
        watch.cancel()
        process.terminate()
        process.communicate()


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def traced(*arguments):
    """What the command says; LabError where it refuses."""
    result = RUN.invoke(cli.app, ["trace", *arguments], catch_exceptions=True)
    if isinstance(result.exception, LabError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def test_trace_writes_the_file_that_python_writes(folder):
    spec = mpnn_lab.ModelSpec(rounds=[mpnn_lab.Layer("GATv2Conv", 4)])
    (folder / "spec.json").write_text(spec.to_json())
    said = traced(
        "CCO alcohol", "--out", "a.html", "--spec", "spec.json", "--seed", "3", "--jacobian", "0-1"
    )
    assert re.fullmatch(r"a\.html  \d+ kB", said.stderr.strip())
    trace = mpnn_lab.trace(spec.build(3), mpnn_lab.read_molecule("CCO alcohol"))
    expected = trace_to_html(trace, jacobians=[0])
    assert (folder / "a.html").read_text("utf-8") == expected
    assert expected != trace_to_html(trace)


def test_trace_reads_files_and_takes_presets(folder):
    mol = mpnn_lab.read_molecule("CCO ethanol")
    from rdkit import Chem

    (folder / "one.mol").write_text(Chem.MolToMolBlock(mol))
    (folder / "one.sdf").write_text(Chem.MolToMolBlock(mol) + "$$$$\n")
    (folder / "one.smi").write_text("\ufeffCCO ethanol\r\n", encoding="utf-8")
    (folder / "two.sdf").write_text(2 * (Chem.MolToMolBlock(mol) + "$$$$\n"))
    for name in ("one.mol", "one.sdf", "one.smi"):
        traced(name, "-o", f"{name}.html", "--preset", "gcn")
        assert "<title>ethanol" in (folder / f"{name}.html").read_text("utf-8")
    with pytest.raises(LabError, match="several molecules"):
        traced("two.sdf", "-o", "x.html")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("C(", "-o", "x.html"), "Close the"),
        (("CCO", "-o", "no/x.html"), "no/x.html cannot be written"),
        (("CCO", "-o", "x.html", "--spec", "no.json"), "no.json cannot be read: No such file"),
        (("CCO", "-o", "x.html", "--spec", "bad.json"), "rounds"),
        (("CCO", "-o", "x.html", "--preset", "gcm"), "no preset 'gcm'"),
        (("CCO", "-o", "x.html", "--preset", "gcn", "--spec", "bad.json"), "both name"),
        (("CCO", "-o", "x.html", "--jacobian", "1="), "names no bond"),
        (("CCO", "-o", "x.html", "--jacobian", "7"), "2 bonds"),
        (("CCO", "-o", "x.html", "--seed", "-1"), "seed is -1"),
        (("latin.smi", "-o", "x.html"), "no text in UTF-8"),
    ],
)
def test_trace_refuses_with_a_sentence(folder, arguments, said):
    (folder / "bad.json").write_text('{"rounds": 7}')
    (folder / "latin.smi").write_bytes(b"CCO \xe9thanol")
    with pytest.raises(LabError, match=said):
        traced(*arguments)
    assert not (folder / "x.html").exists()
