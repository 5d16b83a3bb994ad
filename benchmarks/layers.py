"""What a trace of every layer of the registry costs beside its plain forward pass."""

from __future__ import annotations

import torch
from torch_geometric.data import Batch

import mpnn_lab as ml
from benchmarks import Row
from benchmarks.molecules import DRUGS
from benchmarks.timing import medians
from mpnn_lab.graph import collate
from mpnn_lab.nn import LAYERS, Network

MOLECULES, WIDTH = 128, 64


def rows() -> list[Row]:
    """One row a layer: three rounds of it on a batch of 128 molecules."""
    return [row(name) for name in LAYERS]


def row(name: str, repeats: int = 15) -> Row:
    """The trace of three rounds of this layer, and the same network run without one."""
    model, data = network(name)
    with torch.no_grad():
        recorded, plain = medians([lambda: ml.trace(model, data), lambda: model(data)],
                                  repeats=repeats)  # fmt: skip
        torch.testing.assert_close(ml.trace(model, data).output, model(data), rtol=0, atol=0)
    what = f"trace, 3 × {name}, {MOLECULES} molecules, F = {model.spec.width}"
    return Row(what, "ms", recorded * 1e3, plain * 1e3, at_most=1.5)


def network(name: str) -> tuple[Network, Batch]:
    """Three rounds of the layer, and the molecules as its network reads them."""
    width = WIDTH - WIDTH % LAYERS[name].multiple_of
    spec = ml.ModelSpec(rounds=[ml.Layer(name, width)] * 3, update="residual")
    known = [spec.featurize(smiles) for smiles in DRUGS]
    return spec.build().eval(), collate([known[k % len(known)] for k in range(MOLECULES)])
