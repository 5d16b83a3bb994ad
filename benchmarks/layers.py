"""What a trace of every layer of the registry costs beside its plain forward pass."""

from __future__ import annotations

import torch
from torch_geometric.data import Batch

import mpnn_lab as ml
from benchmarks import Row
from benchmarks.molecules import DRUGS
from benchmarks.timing import medians, one_thread
from mpnn_lab.graph import collate
from mpnn_lab.nn import LAYERS, Network

MOLECULES, WIDTH = 128, 64
CHEAPEST = "SimpleConv"
"""Has no weights at all: what a trace costs beside it is what every trace costs."""


def rows() -> list[Row]:
    """One row a layer: three rounds of it on a batch of 128 molecules; then what is fixed.

    All of it is computing time of one thread, since most layers take a few milliseconds only, and
    what else runs on the machine would decide on which side of the bound they fall.
    """
    return [*(row(name) for name in LAYERS), fixed()]


def row(name: str) -> Row:
    """The trace of three rounds of this layer, and the same network run without one."""
    recorded, plain, width = measured(name, MOLECULES)
    what = f"trace, 3 × {name}, {MOLECULES} molecules, F = {width}, CPU time of one thread"
    return Row(what, "ms", recorded, plain, at_most=1.5)


def fixed() -> Row:
    """The part that does not grow with the graph, nearly all there is of one molecule."""
    recorded, plain, _ = measured(CHEAPEST, 1)
    return Row(f"trace, 3 × {CHEAPEST}, one molecule, CPU time of one thread", "ms", recorded,
               plain)  # fmt: skip


def measured(name: str, molecules: int) -> tuple[float, float, int]:
    """Milliseconds of a trace and of the plain pass, and the width."""
    model, data = network(name, molecules)
    with torch.no_grad(), one_thread() as clock:
        recorded, plain = medians([lambda: ml.trace(model, data), lambda: model(data)],
                                  repeats=41, clock=clock, within=2.0)  # fmt: skip
        torch.testing.assert_close(ml.trace(model, data).output, model(data), rtol=0, atol=0)
    return recorded * 1e3, plain * 1e3, model.spec.width


def network(name: str, molecules: int = MOLECULES) -> tuple[Network, Batch]:
    """Three rounds of the layer, and the molecules as its network reads them."""
    width = WIDTH - WIDTH % LAYERS[name].multiple_of
    spec = ml.ModelSpec(rounds=[ml.Layer(name, width)] * 3, update="residual")
    known = [spec.featurize(smiles) for smiles in DRUGS]
    return spec.build().eval(), collate([known[k % len(known)] for k in range(molecules)])
