"""The models one can choose in the Lab: small enough that every number can be read."""

from __future__ import annotations

from dataclasses import dataclass

from mpnn_lab.chem import Mol, canonical_smiles, read_molecule
from mpnn_lab.nn import PRESETS, Layer, ModelSpec

WIDTH = 16


@dataclass(frozen=True)
class Choice:
    """A named specification, with a sentence on what it does."""

    name: str
    label: str
    description: str
    spec: ModelSpec
    group: str = "To begin with"


FIRST = (
    Choice(
        "edge network",
        "Edge network (NNConv)",
        "Every kind of bond has a matrix of its own, learned from its features; a GRU takes in "
        "what was heard.",
        ModelSpec(
            rounds=(Layer("NNConv", WIDTH, activation="none", options={"hidden": 32}),) * 3,
            update="gru", readout="set2set", head=(WIDTH,),
        ),
    ),
    Choice(
        "GINE",
        "GINE",
        "The bond is a vector added to the neighbour's state; sums are mixed by a small network.",
        ModelSpec(
            rounds=(Layer("GINEConv", WIDTH),) * 3, update="residual", readout="sum", head=(WIDTH,)
        ),
    ),
    Choice(
        "GCN",
        "GCN",
        "One matrix for all bonds; neighbours count less the more neighbours they have.",
        ModelSpec(rounds=(Layer("GCNConv", WIDTH),) * 3, readout="mean", head=(WIDTH,)),
    ),
    Choice(
        "GATv2",
        "GATv2",
        "Every atom divides its attention among its neighbours, in two heads.",
        ModelSpec(
            rounds=(Layer("GATv2Conv", WIDTH, options={"heads": 2}),) * 3,
            update="residual", readout="mean", head=(WIDTH,),
        ),
    ),
)  # fmt: skip

CHOICES = FIRST + tuple(
    Choice(p.name, p.label, p.sentence, p.make(WIDTH, p.rounds), "Of the literature")
    for p in PRESETS.values()
)
"""What the Lab and the builder offer, those to begin with first."""

EXAMPLES = (
    ("aspirin", "CC(=O)Oc1ccccc1C(=O)O"),
    ("acetic acid", "CC(=O)O"),
    ("caffeine", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"),
    ("paracetamol", "CC(=O)Nc1ccc(O)cc1"),
    ("alanine", "C[C@H](N)C(=O)O"),
    ("ethanol", "CCO"),
)
"""Molecules to begin with: a name and a SMILES each."""
NAMES = {canonical_smiles(read_molecule(text)): label for label, text in EXAMPLES}


def named(mol: Mol) -> Mol:
    """Give a molecule that has no name, and is one of the examples, the example's."""
    name = NAMES.get(canonical_smiles(mol))
    if name and not mol.HasProp("_Name"):
        mol.SetProp("_Name", name)
    return mol
