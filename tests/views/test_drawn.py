"""The stage itself, in node: every layer, preset, pooling and aggregation is stepped through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mpnn_lab as ml
from mpnn_lab.nn import AGGREGATORS, LAYERS, PRESETS
from mpnn_lab.nn.clusters import CLUSTERS
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.nn.readouts import READOUTS
from mpnn_lab.views import encode, stage_view
from tests.molecules import ACETIC_ACID
from tests.project import ROOT

NODE = Path(sys.executable).with_name("node")
WIDTH = 12
PARTS = {
    **{f"layer {name}": ml.ModelSpec(rounds=[ml.Layer(name, WIDTH)] * 2) for name in LAYERS},
    **{f"preset {name}": ml.preset(name, width=WIDTH) for name in PRESETS},
    **{
        f"pool {name}": ml.ModelSpec(
            rounds=[ml.Layer("GraphConv", WIDTH, pool=name), ml.Layer("GraphConv", WIDTH)]
        )
        for name in POOLS
    },
    **{
        f"jumping {name}": ml.ModelSpec(rounds=[ml.Layer("GraphConv", 8)] * 2, jumping=name)
        for name in ("cat", "max", "lstm")
    },
    **{
        f"aggregation {name}": ml.ModelSpec(
            rounds=[ml.Layer("GraphConv", 8, aggr=name if e.learned else "sum")], readout=name
        )
        for name, e in AGGREGATORS.items()
        if not e.in_layers
    },
    **{
        f"readout {name}": ml.ModelSpec(rounds=[ml.Layer("GraphConv", 8)], readout=name)
        for name in (*READOUTS, *CLUSTERS)
    },
    "norm, block": ml.ModelSpec(rounds=[ml.Layer("GENConv", 8, norm="graph", block="res+")] * 2),
}


def swept(files: list[Path]) -> list[dict[str, str]]:
    run = subprocess.run(
        [str(NODE), str(ROOT / "frontend" / "sweep.mjs"), *map(str, files)],
        capture_output=True, text=True, check=False, cwd=ROOT / "frontend",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: list[dict[str, str]] = json.loads(run.stdout)
    return found


def test_every_view_is_drawn_at_every_step(tmp_path):
    files = []
    for name, spec in PARTS.items():
        file = tmp_path / f"{name}.bin"
        file.write_bytes(encode(stage_view(ml.trace(spec.build(), ACETIC_ACID))))
        files.append(file)
    faults = swept(files)
    said = [f"{Path(f['view']).stem}, step {f['step']}: {f['fault']}" for f in faults]
    assert not said, "\n".join(said[:10])


def test_a_view_that_cannot_be_drawn_is_found(tmp_path):
    trace = ml.trace(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build(), ACETIC_ACID)
    blob = encode(stage_view(trace))
    broken = tmp_path / "broken.bin"
    broken.write_bytes(blob.replace(b'"rounds"', b'"sounds"'))
    assert swept([broken])


@pytest.mark.parametrize("text", [b"", b"not a view"])
def test_what_is_no_view_is_found(tmp_path, text):
    file = tmp_path / "none.bin"
    file.write_bytes(text)
    assert swept([file])
