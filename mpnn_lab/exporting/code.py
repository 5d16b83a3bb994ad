"""to_code: a specification as a plain PyTorch Geometric program with the same numbers."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import NNConv

from mpnn_lab.checks import seed_number
from mpnn_lab.chem import Featurizer
from mpnn_lab.chem.canonical import canonical_order
from mpnn_lab.chem.embedding_process import embed
from mpnn_lab.chem.pairs import apart
from mpnn_lab.errors import SpecError
from mpnn_lab.exporting.construction import Constructions, Writer
from mpnn_lab.exporting.embedding import Embedding
from mpnn_lab.exporting.weights import IMPORTS, written
from mpnn_lab.graph import bonded_pairs, graph_of
from mpnn_lab.nn import ModelSpec, Round
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.mpnn import MPNN
from mpnn_lab.nn.parts import build_parts

OURS = ("kinds", "prepared")
"""What our edge network reads and PyG's does not."""
HEAD = '''\
"""{title}

A plain PyTorch Geometric program: it needs torch, torch_geometric and rdkit. Run it with SMILES as
arguments, or import `build` and `graph` from it. Weights that were saved from the same model
elsewhere have the same names here: build().load_state_dict(...).
"""
'''
POSITIONS = '''\
def positions(mol: Chem.Mol) -> Tensor:
    """Where the atoms are, float64 [N, 3] in Å: the same however they are numbered."""
    whole = Chem.AddHs(mol)
    _, canonical, order = canonical_order(whole)
    said = embed(canonical)
    if "reason" in said:
        raise ValueError(f"no 3D coordinates: {said['reason']}")
    places = np.empty((whole.GetNumAtoms(), 3))
    places[order] = canonical.GetConformer().GetPositions()
    return torch.from_numpy(places[: mol.GetNumAtoms()])
'''
GRAPH = '''\
def graph(text: str) -> Data:
    """The graph of the molecule that a SMILES writes."""
    featurizer = %s
    read = Chem.MolFromSmiles(text)
    if read is None or read.GetNumAtoms() == 0:
        raise ValueError(f"{text!r} is not the SMILES of a molecule")
    mol = featurizer.molecule(read)
    bonded = bonded_pairs(mol)
    pos = %s
    pairs = %s
    return graph_of(mol, featurizer, bonded, pairs, pos)
'''
TAIL = '''\
def build(seed: int = %d) -> MPNN:
    """The network, its weights drawn from `seed`."""
    torch.manual_seed(seed)
    return MPNN(
%s
    )


if __name__ == "__main__":
    network = %s.eval()
    for text in sys.argv[1:] or [%r]:
        with torch.no_grad():
            print(text, network(%s).tolist())
'''
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def to_code(
    spec: ModelSpec,
    *,
    seed: int = 0,
    molecule: str = ASPIRIN,
    weights: Mapping[str, Tensor] | None = None,
) -> str:
    """Write a specification as a program of its own, without mpnn_lab.

    The edge network becomes PyG's own ``NNConv``, which has the same weights under the same names.
    Molecules are read by RDKit alone; one that has no 3D coordinates, where they are needed, is an
    error there, not a drawing in 2D.

    Parameters
    ----------
    spec : ModelSpec
        What to write.
    seed : int
        What the program's `build` draws weights from where it is not told otherwise.
    molecule : str
        The SMILES that the program predicts for where it is given none.
    weights : mapping of str to Tensor, optional
        The state of a network of this specification (`model.state_dict()`), for the program to
        hold and to predict with; of any precision.

    Returns
    -------
    str
        Python, whose ``build(seed)`` gives a module with the weights of ``spec.build(seed)`` and
        whose ``graph(smiles)`` gives what ``spec.featurize(smiles)`` does.

    Raises
    ------
    SpecError
        For what is no specification.
    LabError
        For more weights than a program is to hold.
    """
    if not isinstance(spec, ModelSpec):
        raise SpecError(
            f"got a {type(spec).__name__} to write as code; expected a ModelSpec",
            mend="A model built from a specification carries it: model.spec.",
        )
    seed = seed_number(seed)
    seen = Constructions()
    with torch.random.fork_rng(devices=[]), seen.watching():
        parts = build_parts(spec)
    for part in parts["rounds"].modules():
        if isinstance(part, Round) and _is_edge_network(part.conv):
            seen.amend(part, reads=tuple(name for name in part.reads if name not in OURS))
    writer = Writer(seen, {EdgeNetworkConv: NNConv})
    arguments = "\n".join(f"        {name}={writer(value, 2)}," for name, value in parts.items())
    held = Embedding()
    for thing in (Featurizer, bonded_pairs, graph_of, *_for_pairs(spec), MPNN, *writer.own):
        held.add(thing.__module__, thing.__qualname__)
    kept = [] if weights is None else [written(weights)]
    needed = (held.imports, writer.imports, *[IMPORTS] * len(kept))
    head = HEAD.format(title=spec.summary()) + "\n" + _imports(*needed)
    tail = TAIL % (seed, arguments, *_told(weights, molecule))
    made = [*[POSITIONS] * spec.positions, _graph(spec), *kept, tail]
    program = "\n\n\n".join(text.rstrip() for text in [head, *held.pieces(), *made]) + "\n"
    ast.parse(program)
    return program


def _is_edge_network(conv: nn.Module) -> bool:
    """Whether a round's layer is one, or two in both directions."""
    return any(isinstance(part, EdgeNetworkConv) for part in conv.modules())


def _for_pairs(spec: ModelSpec) -> list[Any]:
    """What the graph needs beside bonds."""
    return [apart] * _has_pairs(spec) + [canonical_order, embed] * spec.positions


def _has_pairs(spec: ModelSpec) -> bool:
    return spec.virtual_edges or spec.edges != "bonds"


def _graph(spec: ModelSpec) -> str:
    pairs = "bonded.new_empty(0, 2)"
    if _has_pairs(spec):
        role = "virtual" if spec.virtual_edges else spec.edges
        pairs = f"apart({role!r}, {spec.cutoff!r}, mol.GetNumAtoms(), bonded, pos).nonzero()"
    return GRAPH % (repr(spec.featurizer()), "positions(mol)" if spec.positions else "None", pairs)


def _told(weights: Mapping[str, Tensor] | None, molecule: str) -> tuple[str, str, str]:
    """Which network predicts, for which molecule, and the graph in its precision."""
    if weights is None:
        return "build()", molecule, "graph(text)"
    dtype = next(value.dtype for value in weights.values() if value.is_floating_point())
    if dtype == torch.float32:
        return "with_weights(build())", molecule, "graph(text)"
    change = f"graph(text).apply(lambda t: t.to({dtype}) if t.is_floating_point() else t)"
    return f"with_weights(build().to({dtype}))", molecule, change


def _imports(*needed: dict[str, set[str]]) -> str:
    """Import statements: the standard library's, then others', each in order."""
    together: dict[str, set[str]] = {"": {"sys", "torch"}}
    for names in needed:
        for module, wanted in names.items():
            together.setdefault(module, set()).update(wanted)
    lines = [f"import {name}" for name in together.pop("")]
    lines += [f"from {m} import {', '.join(sorted(names))}" for m, names in together.items()]
    lines.sort(key=lambda line: (line.startswith("from"), line))
    own = [line for line in lines if _root(line) in sys.stdlib_module_names]
    others = [line for line in lines if line not in own]
    return "\n".join(["from __future__ import annotations", "", *own, "", *others])


def _root(line: str) -> str:
    return line.split()[1].split(".")[0]
