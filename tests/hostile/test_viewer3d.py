"""HOSTILE rows 6 and 7 in the viewer: what cannot be placed in space lies flat, and says why."""

from functools import partial

import pytest

import mpnn_lab as ml
from mpnn_lab.chem import embedding, whole_of
from mpnn_lab.chem.killable import KillableProcess
from mpnn_lab.limits import Limits
from mpnn_lab.views import decode
from tests.hostile.test_embedding import CRASHES, LARGE


def flat(viewer):
    shown = decode(viewer._solid)
    assert (shown["positions"][:, 2] == 0).all()
    assert len(shown["elements"]) == len(shown["positions"])
    return shown["reason"]


def test_row_6_an_embedding_that_takes_too_long_is_killed(monkeypatch):
    hurried = partial(whole_of, limits=Limits(embedding_seconds=0.05))
    monkeypatch.setattr("mpnn_lab.widgets.viewer3d.whole_of", hurried)
    viewer = ml.Viewer3D(LARGE)
    assert flat(viewer) == "it took more than 0.05 s and was stopped"
    assert embedding._process.pid is None


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(0)"])
def test_row_7_a_process_that_crashes_leaves_the_viewer_alive(end, tmp_path, monkeypatch):
    program = tmp_path / "crashes.py"
    program.write_text(f"{CRASHES}sys.stdin.buffer.read(1); {end}\n")
    monkeypatch.setattr(embedding, "_process", KillableProcess(program))
    monkeypatch.setattr(embedding, "_known", type(embedding._known)())
    viewer = ml.Viewer3D("CC(=O)O", selected_atom=1)
    assert "ended by itself" in flat(viewer)
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)])
    viewer.link(ml.Stage(ml.trace(spec.build(), "CC(=O)O")))
    assert viewer.colours is not None
