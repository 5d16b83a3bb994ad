"""From a molecule to a PyTorch Geometric graph, and which edge is which bond."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from mpnn_lab.checks import flag
from mpnn_lab.chem import Featurizer, Mol, canonical_smiles, is_ready, read_molecule
from mpnn_lab.errors import InputError


def featurize(
    mol: Mol | str,
    hydrogens: bool = False,
    edges: str = "bonds",
    geometry: bool = False,
    featurizer: Featurizer | None = None,
) -> Data:
    """Make the graph of a molecule: atoms are nodes, every bond is two directed edges.

    Parameters
    ----------
    mol : rdkit.Chem.Mol or str
        A molecule, or text that `read_molecule` reads. Left as it is.
    hydrogens : bool
        Whether hydrogens are nodes. Without them, explicit ones are removed as
        `Featurizer.molecule` says.
    edges : {"bonds"}
        Which pairs of atoms are edges.
    geometry : bool
        Whether positions are added; not available, so only False.
    featurizer : Featurizer, optional
        Names and fills the columns; its own `hydrogens` holds.

    Returns
    -------
    torch_geometric.data.Data
        ``x`` [N, atom columns] and ``edge_attr`` [2 B, bond columns], of torch's default type;
        ``edge_index`` int64 [2, 2 B], bond b from its begin to its end atom at column 2 b and
        back at 2 b + 1; ``edge_bond`` int64 [2 B], each edge's bond; ``edge_kind`` and
        ``kind_attr`` as `bond_kinds` gives them; ``mol``, whose atoms are the nodes; ``smiles``,
        canonical and without the hydrogens that need not be written.

    Raises
    ------
    InputError
        For what is not a molecule, and for edges or geometry that are not available.
    """
    if edges != "bonds":
        raise InputError(
            f"edges={edges!r} is not available; the edges that are: 'bonds'",
            mend="Leave `edges` out.",
        )
    if geometry is not False:
        raise InputError(
            f"geometry={geometry!r} is not available: molecules are featurized without positions",
            mend="Leave `geometry` out.",
        )
    flag("hydrogens", hydrogens)
    featurizer = Featurizer(hydrogens) if featurizer is None else featurizer
    if not isinstance(featurizer, Featurizer):
        raise InputError(
            f"featurizer is a {type(featurizer).__name__}; expected a Featurizer",
            mend="Such as ml.Featurizer(hydrogens=True), or leave it out.",
        )
    if hydrogens and not featurizer.hydrogens:
        raise InputError(
            f"hydrogens=True contradicts {featurizer!r}",
            mend="Give Featurizer(hydrogens=True), or leave one of the two out.",
        )
    ready = mol if isinstance(mol, Mol) and is_ready(mol) else read_molecule(mol)
    nodes = featurizer.molecule(ready)
    data = _graph(nodes, featurizer)
    data.mol = nodes
    data.smiles = canonical_smiles(nodes)
    return data


def _graph(mol: Mol, featurizer: Featurizer) -> Data:
    """Fill the tensors of `featurize`."""
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    forth = torch.tensor(ends, dtype=torch.long).reshape(-1, 2)
    both_ways = torch.stack([forth, forth.flip(1)], dim=1).reshape(-1, 2)
    edge_attr = featurizer.bond_matrix(mol).repeat_interleave(2, dim=0)
    edge_kind, kind_attr = bond_kinds(edge_attr)
    return Data(
        x=featurizer.atom_matrix(mol),
        edge_index=both_ways.t().contiguous(),
        edge_attr=edge_attr,
        edge_bond=torch.arange(len(ends)).repeat_interleave(2),
        edge_kind=edge_kind,
        kind_attr=kind_attr,
    )


@torch.no_grad()
def bond_kinds(edge_attr: Tensor) -> tuple[Tensor, Tensor]:
    """Find the kinds of edges: edges with equal feature rows share one.

    Rows are compared by a hash of their bits in whole-number arithmetic, which no order of
    summation can change; the answer is then checked against the rows themselves.

    Parameters
    ----------
    edge_attr : Tensor
        [E, D], of any real or whole-number type, on any device.

    Returns
    -------
    edge_kind : Tensor
        int64 [E], the kind of each edge; kinds are numbered as they first appear.
    kind_attr : Tensor
        [K, D], the features of each kind, so that ``kind_attr[edge_kind]`` equals `edge_attr`.

    Raises
    ------
    InputError
        Where `edge_attr` is not a matrix, or holds NaN (which equals nothing).
    """
    if edge_attr.dim() != 2:
        raise InputError(
            f"edge_attr has shape {list(edge_attr.shape)}; expected [edges, features]",
            mend="Use edge_attr.view(-1, 1) for a single feature.",
        )
    if edge_attr.is_floating_point() and (bad := edge_attr.isnan().any(dim=1)).any():
        raise InputError(
            f"edge_attr holds NaN at edge {int(bad.nonzero()[0])}",
            mend="Mend the features of this edge; NaN is equal to nothing, so it has no kind.",
        )
    edge_kind, kind_attr = _first_appearance(_row_hashes(edge_attr), edge_attr)
    if not torch.equal(kind_attr[edge_kind], edge_attr):  # two rows fell on one hash
        _, inverse = torch.unique(edge_attr, dim=0, return_inverse=True)
        edge_kind, kind_attr = _first_appearance(inverse, edge_attr)
    return edge_kind, kind_attr


def _row_hashes(rows: Tensor) -> Tensor:
    """Hash each row of [E, D] to an int64; equal rows (and 0.0 and -0.0) hash alike."""
    if rows.dtype == torch.float64:
        bits = (rows + 0.0).view(torch.int64)
    elif rows.is_floating_point():
        bits = (rows.float() + 0.0).view(torch.int32).long()
    else:
        bits = rows.long()
    draw = Random(0)  # not torch's, which vmap forbids
    numbers = [draw.randrange(-(2**62), 2**62) for _ in range(rows.shape[1])]
    weights = torch.tensor(numbers, dtype=torch.int64)
    return (bits * weights.to(rows.device)).sum(dim=1)


def _first_appearance(keys: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Number equal `keys` [E] in order of appearance; also give the first row of each number."""
    unique, inverse = torch.unique(keys, return_inverse=True)
    places = torch.arange(keys.numel(), device=keys.device)
    first = torch.full_like(unique, keys.numel()).scatter_reduce_(0, inverse, places, "amin")
    first, order = first.sort()
    rank = torch.empty_like(order)
    rank[order] = torch.arange(order.numel(), device=keys.device)
    return rank[inverse], rows[first]


def collate(graphs: Sequence[Data]) -> Batch:
    """Put graphs into one batch, with the kinds of bond worked out over all of them.

    Parameters
    ----------
    graphs : sequence of Data
        As `featurize` makes them; further fields (``y``) are carried along as PyG does, ``mol``
        and ``smiles`` as lists. Left as they are.

    Returns
    -------
    torch_geometric.data.Batch
        With ``edge_kind`` [E] and ``kind_attr`` [K, D] of the batch. (A graph taken out again
        by ``get_example`` has none of its own: see `bond_kinds`.)
    """
    if not graphs:
        raise InputError("no graphs were given to make a batch of", mend="Give at least one.")
    batch = Batch.from_data_list(list(graphs), exclude_keys=["edge_kind", "kind_attr"])
    batch.edge_kind, batch.kind_attr = bond_kinds(batch.edge_attr)
    return batch
