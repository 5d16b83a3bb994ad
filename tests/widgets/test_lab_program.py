"""Lab: the session as a program, which predicts the same without this package."""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import mpnn_lab as ml
from mpnn_lab.limits import Limits
from tests.molecules import ACETIC_ACID, ASPIRIN


@pytest.fixture
def lab():
    return ml.Lab(ASPIRIN)


def test_a_trained_model_is_said_with_its_unit_and_its_counts(lab):
    run = ml.train(lab.spec, ml.load_dataset("freesolv"), epochs=1, seed=0).wait()
    lab.model = run.model
    record = run.model.record
    predicted, _, training, _ = lab._foot.parts
    assert predicted.startswith("predicted ")
    assert predicted.endswith(f" {record.unit}")
    assert training == f"trained on {record.trained_on}, tested on {record.tested_on}"
    assert "epoch 1" in lab._bar.run
    assert printed(lab) == pytest.approx(lab.trace.output.item(), rel=1e-5)


def printed(lab):
    """What the lab's program prints, in a process that may not import this package."""
    text = lab.to_code()
    assert "mpnn_lab" not in text
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program.py"
        file.write_text(text, encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-I", str(file)],
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )
    return ast.literal_eval(run.stdout.split(maxsplit=1)[1])[0][0]


def test_the_session_as_a_program_predicts_the_same(lab):
    lab.mol = "OC(C)=O vinegar"
    assert '["OC(C)=O"]' in lab.to_code().replace("'", '"')
    assert "WEIGHTS" not in lab.to_code()
    lab.model = lab.spec.build(seed=7).double()
    assert printed(lab) == pytest.approx(lab.trace.output.item(), rel=1e-9)


def test_a_session_that_no_program_can_repeat_is_refused(lab, monkeypatch):
    lab.trace = ml.what_if(lab.trace, atom=0, element="N")
    with pytest.raises(ml.LabError, match="no SMILES of this molecule"):
        lab.to_code()
    lab.mol = ACETIC_ACID
    lab.model = lab.spec.build(seed=7)
    monkeypatch.setattr("mpnn_lab.exporting.weights.LIMITS", Limits(code_weight_bytes=1000))
    with pytest.raises(ml.LabError, match=r"weights take .* at most 0 MB"):
        lab.to_code()
