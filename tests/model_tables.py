"""What models that were brought show, and the rest of PyG: a table of its own."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import torch

import mpnn_lab as ml
from mpnn_lab.nn.elsewhere import ELSEWHERE
from mpnn_lab.tracing import Trace
from mpnn_lab.tracing.arguments import first_tensor
from tests.brought import BROUGHT, graph, made, stood_in

HEAD = """\
# Models that you bring

Made by `python -m tests.tables` from runs on aspirin, with positions from RDKit where a model reads
them; the tests hold it against new runs. `ml.trace(model, data)` ran each of them as it is, its
`forward` bound to the graph's fields by the names of its parameters. *Identical* says that the
output is that of the model's own call, bit for bit. *Agree* counts what was recomputed by
independent arithmetic in float64; nothing that was differs. The last column says what could not be
recomputed. The matrix from a sender's state to its message is exact, or the Jacobian at that state.

| model | identical | rounds | propagations | rows are | agree | edge matrix | not recomputed |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
NOTES = """
Rounds are calls of layers. Those that gather atoms into the molecule (AttentiveFP's last) count,
too; their edges are called `master`, and are no bonds. After a pooling (GraphUNet) a round has the
atoms that are left, and edges between two that share no bond are called `other`.

Where a model passes messages without PyG's `MessagePassing` (DimeNet, GNNFF, chemprop's D-MPNN),
rounds are calls of the module that it does so with: found as the one it calls again and again with
states of atoms or edges, or named, `ml.trace(model, data, rounds=["message_passing.W_h"])`. Such
rounds have no propagations: what goes along an edge stays inside. A model that takes graphs of
another kind is brought with a function that makes them:
`forward=lambda model, data: model(theirs(data))`.

PyG's SchNet, ViSNet, DimeNet and GNNFF ask for compiled packages (pyg-lib, torch-sparse). Inside
`with mpnn_lab.nn.stand_ins():` they run without; SchNet also takes a function of positions instead
(`interaction_graph`). Atomic numbers (`z`) come from the graph's molecule, positions (`pos`) from
`ml.featurize(mol, geometry=True)`, or from the molecule's conformer where it has one.
"""
REST = """
# The rest of torch_geometric.nn

Every public name that is no layer ([layers.md](layers.md)) and no aggregation
([aggregators.md](aggregators.md)): why it has no use on a molecule, or what does its job here.

| name | | |
| --- | --- | --- |
"""
PLACES = {"input": "what is before the first layer", "prediction": "what is after the last layer"}
BETWEEN = ("state", "entering")


class Row(NamedTuple):
    """One line of the table."""

    model: str
    identical: str
    rounds: str
    propagations: str
    rows: str
    agree: str
    matrix: str
    rest: str


def row(name: str) -> Row:
    """Trace one model and say what was seen."""
    model, data = made(name), graph()
    with stood_in(name), torch.no_grad():
        trace = ml.trace(model, data)
        expected = first_tensor(BROUGHT[name].plain(model.eval(), data))
    report = trace.verify()
    assert not report.failed, str(report)
    assert expected is not None
    propagations = [len(r.propagations) for r in trace.rounds]
    return Row(
        name,
        "yes" if torch.equal(trace.output, expected) else "no",
        str(len(trace.rounds)),
        str(sum(propagations)) if any(propagations) else "not seen",
        _rows(trace),
        str(len(report.passed)),
        _matrix(trace),
        _rest(trace),
    )


def _rows(trace: Trace) -> str:
    words = {"node": "atoms", "edge": "directed bonds", "graph": "the molecule"}
    said = [
        "atoms that are left"
        if r.per == "node" and not r.on_atoms
        else words.get(r.per, "edges of its own")
        for r in trace.rounds
    ]
    return ", ".join(dict.fromkeys(said))


def _matrix(trace: Trace) -> str:
    found = [r.propagations[0].edge_matrix(0).exact for r in trace.rounds if r.propagations]
    words = {"exact" if exact else "Jacobian" for exact in found}
    return " or ".join(sorted(words)) or "—"


def _rest(trace: Trace) -> str:
    """What `verify` lists with a reason, each once."""
    kinds = {f"round {r.number}": r.kind for r in trace.rounds}
    said = []
    for check in trace.verify().unchecked:
        place, _, what = check.name.partition("/")
        if place in kinds and what not in BETWEEN:
            said.append(f"{kinds[place]}'s {what.split(' ')[0]}")
        else:
            said.append(PLACES.get(place, "what is between its layers"))
    return ", ".join(dict.fromkeys(said)) or "—"


def models() -> str:
    """Every model that was brought, and what else PyG has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = ["| " + " | ".join(row(name)) + " |" for name in BROUGHT]
    rest = [
        f"| {name} | {status} | {reason} |"
        for name, (status, reason) in sorted(ELSEWHERE.items(), key=lambda item: item[0].lower())
    ]
    return HEAD + "\n".join(lines) + "\n" + NOTES + REST + "\n".join(rest) + "\n"
