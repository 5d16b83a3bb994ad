"""HOSTILE rows 6 and 7: embeddings that hang, are too large, or crash their process."""

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from rdkit import Chem

import mpnn_lab as ml
from mpnn_lab.chem import embedding, embedding_process, geometry_of, read_molecule
from mpnn_lab.chem.killable import KillableProcess
from mpnn_lab.limits import LIMITS, Limits

LARGE = "C" * 149
"""Takes ten seconds and more."""
CRASHES = 'import os, sys; sys.stdout.buffer.write(b"\\x05\\0\\0\\0ready"); sys.stdout.flush(); '


def test_row_6_what_takes_too_long_is_killed_and_shown_in_the_plane():
    began = time.monotonic()
    with pytest.warns(ml.LabWarning, match=r"in 2D, because it took more than 0\.05 s and was"):
        data = ml.featurize(LARGE, geometry=True, limits=Limits(embedding_seconds=0.05))
    assert time.monotonic() - began < 5
    assert data.geometry == "2D, because it took more than 0.05 s and was stopped"
    assert data.pos.shape == (149, 3)
    assert data.pos.isfinite().all()
    assert embedding._process.pid is None
    assert ml.featurize("CCO", geometry=True).geometry == "3D, ETKDGv3 and MMFF94"


def test_row_6_seven_hundred_carbons():
    began = time.monotonic()
    with pytest.warns(ml.LabWarning, match="700 atoms beside hydrogen .* at most 150"):
        data = ml.featurize("C" * 700, geometry=True)
    assert time.monotonic() - began < 10
    assert data.geometry.startswith("2D, because it has 700 atoms")
    assert (data.pos[:, 2] == 0).all()


def test_the_cap_is_below_ten_seconds():
    assert LIMITS.embedding_seconds + 2 <= 10


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(0)", "os.kill(os.getpid(), 11)"])
def test_row_7_a_process_that_crashes_leaves_this_one_alive(end, tmp_path, monkeypatch):
    program = tmp_path / "crashes.py"
    program.write_text(f"{CRASHES}sys.stdin.buffer.read(1); {end}\n")
    monkeypatch.setattr(embedding, "_process", KillableProcess(program))
    monkeypatch.setattr(embedding, "_known", type(embedding._known)())
    with pytest.warns(ml.LabWarning, match=r"ended by itself \(exit code "):
        data = ml.featurize("CC(=O)O", edges="radius")
    assert data.geometry.startswith("2D, because the process that works it out ended by itself")
    assert data.pos.isfinite().all()


def test_an_answer_that_makes_no_sense_is_refused(tmp_path, monkeypatch):
    program = tmp_path / "lies.py"
    head = json.dumps({"how": "magic"}).encode()
    body = struct.pack("<3d", 0.0, float("nan"), 1.0)
    frames = b"".join(struct.pack("<I", len(b)) + b for b in (b"ready", head, body))
    wait = "import time; time.sleep(20)"
    program.write_text(
        f"import sys; sys.stdout.buffer.write({frames!r}); sys.stdout.flush(); {wait}\n"
    )
    monkeypatch.setattr(embedding, "_process", KillableProcess(program))
    monkeypatch.setattr(embedding, "_known", type(embedding._known)())
    assert "no numbers" in geometry_of(read_molecule("C")).reason
    embedding._process.end()


def test_the_process_ends_by_itself_where_nobody_is_left_to_kill_it():
    """Its watchdog needs no interpreter: the embedding never comes back to Python meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-P", embedding_process.__file__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        assert embedding_process.read_frame(process.stdout) == b"ready"
        mol = Chem.AddHs(read_molecule(LARGE))
        request = json.dumps({"seconds": 0.1}).encode()
        embedding_process.write_frames(process.stdin, request, mol.ToBinary())
        began = time.monotonic()
        assert process.wait(timeout=15) != 0
        assert time.monotonic() - began < embedding_process.GRACE + 4


def test_a_plain_script_runs_once_warns_of_nothing_and_leaves_no_process_behind(tmp_path):
    """No guard round its main part; it ends while another thread's embedding is under way."""
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\n"
        "import threading, time, mpnn_lab as ml\n"
        "from mpnn_lab.chem import embedding\n"
        "print(ml.featurize('CCO', geometry=True).geometry)\n"
        f"work = lambda: ml.featurize('{LARGE}', geometry=True)\n"
        "threading.Thread(target=work, daemon=True).start()\n"
        "time.sleep(0.3)\n"
        "print(embedding._process.pid)\n"
    )
    quiet = "ignore:`torch.jit.script`:DeprecationWarning"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-W", quiet, str(script)],
        capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("\n")
    assert said[:2] == ["once", "3D, ETKDGv3 and MMFF94"]
    assert "ResourceWarning" not in done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(said[2]), 0)


def test_threads_embed_at_once_and_each_gets_its_own():
    from concurrent.futures import ThreadPoolExecutor

    chains = ["C" * n + "O" for n in range(1, 13)]
    alone = [ml.featurize(s, geometry=True).pos for s in chains]
    embedding._known.clear()
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda s: ml.featurize(s, geometry=True).pos, chains))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))
