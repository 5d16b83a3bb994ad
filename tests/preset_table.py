"""The table of presets, from real runs: see `tests.tables`."""

from __future__ import annotations

import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.tracing import Trace
from tests.molecules import ASPIRIN, METHANE

WIDTH = 12
HEAD = """\
# Presets

Made by `python -m tests.tables` from runs on methane, methanol, table salt and aspirin, width 12;
the tests hold it against new runs. `ml.preset(name, width=..., rounds=...)` gives the
specification, `ml.PRESETS[name].doc` the paper's message function M_t, update function U_t and
readout R, and what was chosen where the paper leaves something open. A preset *works* when it
builds, trains a step, and is traced bit-identically; *recomputed* counts the quantities of
aspirin's run that independent arithmetic made anew and found equal. The last but one column says
whether the matrices from a sender's state to its message are exact, or Jacobians at that state.

| preset | what it is | network | works | recomputed | edge matrices | paper |
| --- | --- | --- | --- | --- | --- | --- |
"""


def presets() -> str:
    """Every preset, built, trained for a step, traced and verified."""
    return HEAD + "".join(f"| {' | '.join(_row(name))} |\n" for name in ml.PRESETS)


def _row(name: str) -> tuple[str, ...]:
    entry = ml.PRESETS[name]
    spec = ml.preset(name, width=WIDTH)
    model = spec.build()
    graphs = [spec.featurize(s) for s in (METHANE, "CO", "[Na+].[Cl-]", ASPIRIN)]
    optimizer = torch.optim.Adam(model.parameters())
    model(collate(graphs)).square().sum().backward()
    optimizer.step()
    model.eval()
    traces = [ml.trace(model, data) for data in graphs]
    identical = all(
        torch.equal(t.output, model(g)) and bool(t.output.isfinite().all())
        for t, g in zip(traces, graphs, strict=True)
    )
    works = identical and all(t.verify() for t in traces)
    report = traces[-1].verify()
    return (
        name,
        entry.label,
        spec.summary(),
        "yes" if works else "no",
        f"{len(report.passed)} of {len(report.checks)}",
        _matrices(traces[-1]),
        entry.paper,
    )


def _matrices(trace: Trace) -> str:
    kinds = {p.edge_matrix(0).exact for p in trace.rounds[0].propagations}
    return " and ".join("exact" if exact else "Jacobian" for exact in sorted(kinds, reverse=True))
