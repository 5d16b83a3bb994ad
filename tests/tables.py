"""What works, in tables made from real runs: ``python -m tests.tables`` writes them to docs/."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch

import mpnn_lab as ml
from mpnn_lab.nn import AGGREGATORS, LAYERS, UNAVAILABLE
from mpnn_lab.nn.norms import NORMS
from mpnn_lab.tracing import Trace
from tests.model_tables import models
from tests.molecules import ASPIRIN, METHANE
from tests.pool_tables import poolings
from tests.preset_table import presets

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 12
HEAD = """\
# Layers

Made by `python -m tests.tables` from runs on aspirin, width 12, two rounds with a residual update;
the tests hold it against new runs. A layer *works* when it builds, trains a step, is traced
bit-identically and nothing that can be recomputed differs. The last columns say what is recomputed
by independent arithmetic, and whether the matrix from a sender's state to its message is exact or
the Jacobian at that state.

| layer | works | reads beside states | propagations | message | aggregate | layer | edge matrix |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
AGGREGATORS_HEAD = """\
# Aggregations

Made by `python -m tests.tables` from runs on aspirin. Every aggregation can be the readout, which
puts the atoms' states x_j together; some can stand within layers, too, where x_j are messages:
those with weights where messages are plain rows, one vector without heads. What depends on the
order of the atoms depends on how the molecule was written down.

| aggregation | formula | in layers | wider | depends on order | recomputed as a readout |
| --- | --- | --- | --- | --- | --- |
"""
NORMS_HEAD = """\
# Normalisations

Made by `python -m tests.tables` from runs on aspirin: two rounds of GCN, width 12.
`Layer(norm=...)` stands between what a layer gives, x_i, and the activation. "One atom" is a
training step on methane alone.

| norm | formula | source | trains on one atom | recomputed |
| --- | --- | --- | --- | --- |
"""
TAIL = """
## Not available

| layer | why, and what to take |
| --- | --- |
"""


class Row(NamedTuple):
    """One line of the table."""

    layer: str
    works: str
    reads: str
    propagations: str
    message: str
    aggregate: str
    output: str
    matrix: str


def row(name: str) -> Row:
    """Run one layer and say what was seen."""
    spec = ml.ModelSpec(rounds=[ml.Layer(name, WIDTH)] * 2, update="residual")
    model, data = spec.build(), spec.featurize(ASPIRIN)
    optimizer = torch.optim.Adam(model.parameters())
    model(data).square().sum().backward()
    optimizer.step()
    trace = ml.trace(model, data)
    identical = torch.equal(trace.output, model.eval()(data))
    report = trace.verify()
    works = identical and bool(report) and bool(trace.output.isfinite().all())
    propagations = trace.rounds[0].propagations
    shown = any(p.messages is not None for p in propagations)
    return Row(
        name,
        "yes" if works else "no",
        ", ".join(LAYERS[name].reads) or "—",
        str(len(propagations)),
        _seen(trace, "message"),
        _seen(trace, "aggregate"),
        _seen(trace, "layer"),
        _matrices(trace) if shown else "—",
    )


def _matrices(trace: Trace) -> str:
    """What the edge matrices of round 1 are, in all of its propagations that atoms send."""
    ways = []
    for p in trace.rounds[0].propagations:
        if p.messages is not None and len(p.messages):
            with suppress(ml.TraceError):  # a set of atoms has no state to be multiplied
                ways.append(p.edge_matrix(0).exact)
    return "exact" if all(ways) else "in part" if any(ways) else "Jacobian"


def _seen(trace: Trace, what: str) -> str:
    """Whether this part of round 1 was recomputed."""
    checks = [
        c
        for c in trace.verify().checks
        if c.name.startswith("round 1/") and c.name.split("/")[1].split(" ")[0] == what
    ]
    if not checks:
        return "—"
    agree = sum(c.agrees is True for c in checks)
    return "recomputed" if agree == len(checks) else f"{agree} of {len(checks)}" if agree else "no"


def aggregators() -> str:
    """Every aggregation, as a readout of one round of GCN."""
    lines = []
    for name, entry in AGGREGATORS.items():
        spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", WIDTH)], readout=name)
        checks = ml.trace(spec.build(), ASPIRIN).verify().checks
        seen = any(c.name == "readout/readout" and c.agrees for c in checks)
        cells = (
            name,
            entry.formula,
            "yes"
            if entry.in_layers
            else "where messages are plain rows"
            if entry.learned
            else "no",
            f"{entry.widens} times" if entry.widens > 1 else "no",
            "yes" if entry.order else "no",
            "yes" if seen else "no",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return AGGREGATORS_HEAD + "\n".join(lines) + "\n"


def norms() -> str:
    """Every normalisation, in two rounds of GCN."""
    lines = []
    for name, entry in NORMS.items():
        model = ml.ModelSpec(rounds=[ml.Layer("GCNConv", WIDTH, norm=name)] * 2).build()
        alone = "yes"
        try:
            model(model.spec.featurize(METHANE)).sum().backward()
        except ml.InputError:
            alone = "no: its statistics need two atoms in the batch"
        checks = ml.trace(model, ASPIRIN).verify().checks
        seen = [c.agrees for c in checks if c.name.endswith("/normalised")]
        recomputed = "—" if name == "none" else "yes" if seen and all(seen) else "no"
        cells = (name, entry.formula.replace("|", "\\|"), entry.paper, alone, recomputed)
        lines.append("| " + " | ".join(cells) + " |")
    return NORMS_HEAD + "\n".join(lines) + "\n"


def layers() -> str:
    """Every layer, and those that are not available."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [row(name) for name in LAYERS]
    lines = ["| " + " | ".join(r) + " |" for r in rows]
    missing = [f"| {name} | {reason} |" for name, reason in sorted(UNAVAILABLE.items())]
    working = sum(r.works == "yes" for r in rows)
    count = f"\n{working} of {len(rows)} work.\n"
    return HEAD + "\n".join(lines) + "\n" + count + TAIL + "\n".join(missing) + "\n"


TABLES = {
    "layers.md": layers,
    "aggregators.md": aggregators,
    "models.md": models,
    "presets.md": presets,
    "norms.md": norms,
    "poolings.md": poolings,
}

if __name__ == "__main__":
    for file, table in TABLES.items():
        (DOCS / file).write_text(table())
