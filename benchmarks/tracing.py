"""What a trace costs beside the plain forward pass of the same model."""

from __future__ import annotations

import torch

import mpnn_lab as ml
from benchmarks import Row
from benchmarks.molecules import DRUGS, batch
from benchmarks.timing import medians


def rows() -> list[Row]:
    """Three rounds of an edge network: a batch of 128 molecules, and one molecule alone."""
    layer = ml.Layer("NNConv", 64)
    spec = ml.ModelSpec(rounds=[layer] * 3, tied=True, update="gru", readout="set2set")
    model = spec.build().eval()
    found = []
    for what, data in (
        ("128 molecules, F = 64", batch()),
        ("one molecule of 13 atoms, F = 64", spec.featurize(DRUGS[0])),
    ):
        recorded, plain = medians(
            [lambda d=data: ml.trace(model, d), lambda d=data: model(d)], repeats=61, warmup=5
        )
        bound = 1.3 if "128" in what else None
        found.append(Row(f"trace, {what}", "ms", recorded * 1e3, plain * 1e3, at_most=bound))
    torch.testing.assert_close(ml.trace(model, batch()).output, model(batch()))
    return found
