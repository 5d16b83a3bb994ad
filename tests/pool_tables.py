"""Poolings and readouts by clusters, as tables from real runs."""

from __future__ import annotations

import torch

import mpnn_lab as ml
from mpnn_lab.nn.clusters import CLUSTERS, DENSE
from mpnn_lab.nn.pooling import POOLS, UNAVAILABLE_POOLS
from tests.molecules import ASPIRIN

WIDTH = 12
HEAD = """\
# Poolings

Made by `python -m tests.tables` from runs on aspirin: three rounds of GraphConv, width 12, of which
two end in the pooling. `Layer(pool=..., pool_ratio=...)` lets atoms drop out or merge after a
round. A pooling *works* when it builds, trains a step, is traced bit-identically and nothing that
can be recomputed differs; every pooled state is recomputed from the states before it. Where atoms
merge, bonds lose their features: a layer after it that reads them is refused.

| pooling | formula | source | works | nodes | recomputed | depends on order |
| --- | --- | --- | --- | --- | --- | --- |
"""
LAST = """
## As the last stage

`ModelSpec(readout=..., readout_options=...)`: the atoms are shared out among clusters, which become
one vector. `aux_loss` of the model is what the paper adds to the loss; training adds it.

| readout | formula | source | options | works | recomputed |
| --- | --- | --- | --- | --- | --- |
"""


def _works(model: ml.Network, data: object) -> tuple[bool, ml.Trace]:
    (model.train()(data).square().sum() + model.aux_loss).backward()
    moved = [p.grad.isfinite().all() for p in model.parameters() if p.grad is not None]
    trace = ml.trace(model, data)
    same = torch.equal(trace.output, model.eval()(data))
    return bool(moved and all(moved) and same and trace.verify()), trace


def poolings() -> str:
    """Every pooling between rounds, then those that are a readout."""
    lines = []
    for name, entry in POOLS.items():
        layers = [ml.Layer("GraphConv", WIDTH, pool=name)] * 2 + [ml.Layer("GraphConv", WIDTH)]
        model = ml.ModelSpec(rounds=layers, update="residual").build()
        works, trace = _works(model, model.spec.featurize(ASPIRIN))
        checks = [c.agrees for c in trace.verify().checks if c.name.endswith("/pooled")]
        cells = (
            name,
            entry.formula.replace("|", "\\|"),
            entry.paper,
            "yes" if works else "no",
            " → ".join(str(len(r.nodes)) for r in trace.rounds),
            "yes" if checks and all(checks) else "no",
            entry.order,
        )
        lines.append("| " + " | ".join(cells) + " |")
    missing = [f"| {name} | {reason} |" for name, reason in UNAVAILABLE_POOLS.items()]
    tail = "\n## Not available\n\n| pooling | why, and what to take |\n| --- | --- |\n"
    between = HEAD + "\n".join(lines) + "\n" + tail + "\n".join(missing) + "\n"
    return between + LAST + "\n".join(map(_last_stage, CLUSTERS)) + "\n"


def _last_stage(name: str) -> str:
    entry = CLUSTERS[name]
    works, seen = [], []
    for layer in DENSE if "layer" in entry.options else ("",):
        options = {"layer": layer} if layer else {}
        spec = ml.ModelSpec(
            rounds=[ml.Layer("GCNConv", WIDTH)], readout=name, readout_options=options
        )
        model = spec.build()
        fine, trace = _works(model, spec.featurize(ASPIRIN))
        works.append(fine)
        checks = [c for c in trace.verify().checks if c.name.startswith("readout/")]
        seen += [c.agrees for c in checks]
    known = {option: str(default) for option, default in entry.options.items()}
    if "layer" in known:
        known["layer"] += f" (of {', '.join(DENSE)})"
    cells = (
        name,
        entry.formula.replace("|", "\\|"),
        entry.paper,
        ", ".join(f"{option}: {said}" for option, said in known.items()),
        "yes" if all(works) else "no",
        "yes" if seen and all(seen) else "no",
    )
    return "| " + " | ".join(cells) + " |"
