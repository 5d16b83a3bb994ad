"""From a molecule to a PyTorch Geometric graph, and which edge is which bond."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from mpnn_lab.chem import (
    Featurizer,
    Mol,
    canonical_smiles,
    geometry_of,
    is_ready,
    read_molecule,
    with_conformer,
)
from mpnn_lab.chem.pairs import CUTOFF, Asked, asked_for, check_pairs, unbonded_pairs
from mpnn_lab.errors import InputError, LabWarning
from mpnn_lab.limits import LIMITS, Limits


def featurize(
    mol: Mol | str,
    hydrogens: bool = False,
    edges: str = "bonds",
    geometry: bool = False,
    featurizer: Featurizer | None = None,
    *,
    distances: str = "none",
    cutoff: float = CUTOFF,
    virtual_edges: bool = False,
    limits: Limits = LIMITS,
) -> Data:
    """Make the graph of a molecule: atoms are nodes, every bond is two directed edges.

    Pairs of atoms without a bond can be edges, too (two for each pair, after those of the bonds).

    Parameters
    ----------
    mol : rdkit.Chem.Mol or str
        A molecule, or text that `read_molecule` reads. Left as it is.
    hydrogens : bool
        Whether hydrogens are nodes. Without them, explicit ones are removed as
        `Featurizer.molecule` says.
    edges : {"bonds", "complete", "radius"}
        Which pairs of atoms are edges: bonded ones; all; or bonded ones and those within `cutoff`.
    geometry : bool
        Whether positions are added: those of the molecule's own 3D conformer, else worked out by
        ETKDGv3 and MMFF94, else, with a LabWarning, of a drawing in 2D. Distances and
        ``edges="radius"`` need positions, and bring them in any case.
    featurizer : Featurizer, optional
        Names and fills the columns; its own `hydrogens` and `distances` hold.
    distances : {"none", "raw", "binned"}
        Whether the edges' features tell the atoms' distance, and how; see `Featurizer`.
    cutoff : float
        In Å, for ``edges="radius"`` alone.
    virtual_edges : bool
        Whether every pair without a bond is an edge of the type *no bond* (Gilmer et al. 2017,
        section 5.1); for ``edges="bonds"`` alone.
    limits : Limits
        `edges` caps the edges; others the work on positions.

    Returns
    -------
    torch_geometric.data.Data
        ``x`` [N, atom columns] and ``edge_attr`` [E, bond columns], of torch's default type;
        ``edge_index`` int64 [2, E], bond b from its begin to its end atom at column 2 b and
        back at 2 b + 1; ``edge_bond`` int64 [E], each edge's bond, -1 where it is none;
        ``edge_kind`` and ``kind_attr`` as `bond_kinds` gives them; ``mol``, whose atoms are the
        nodes; ``smiles``, canonical and without the hydrogens that need not be written.
        With positions ``pos`` [N, 3] in Å, and ``geometry``, which says where they come from.
        With unbonded pairs ``pair_role``, what such edges are called: ``virtual``, ``complete``
        or ``radius``.

    Raises
    ------
    InputError
        For what is not a molecule, arguments that do not go together, and more edges than the cap.
    """
    asked = asked_for(hydrogens, edges, geometry, featurizer, distances, cutoff, virtual_edges)
    ready = mol if isinstance(mol, Mol) and is_ready(mol) else read_molecule(mol)
    nodes = asked.featurizer.molecule(ready)
    data = _graph(nodes, asked, limits)
    data.mol = nodes
    data.smiles = canonical_smiles(nodes)
    return data


def _graph(mol: Mol, asked: Asked, limits: Limits) -> Data:
    """Fill the tensors of `featurize`."""
    bonded = bonded_pairs(mol)
    check_pairs(asked, mol.GetNumAtoms(), limits)
    pos, how = _positions(mol, limits) if asked.positions else (None, None)
    pairs = unbonded_pairs(asked, mol.GetNumAtoms(), bonded, pos, limits)
    data = graph_of(mol, asked.featurizer, bonded, pairs, pos)
    data.edge_kind, data.kind_attr = bond_kinds(data.edge_attr)
    if pos is not None:
        data.geometry = how
    if asked.role is not None:
        data.pair_role = asked.role
    return data


def bonded_pairs(mol: Mol) -> Tensor:
    """The ends of the bonds, int64 [B, 2], from begin to end atom."""
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    return torch.tensor(ends, dtype=torch.long).reshape(-1, 2)


def graph_of(
    mol: Mol, featurizer: Featurizer, bonded: Tensor, pairs: Tensor, pos: Tensor | None
) -> Data:
    """Make the graph of a molecule as it stands: bonds, and pairs without one, both ways each.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Its atoms are the nodes.
    featurizer : Featurizer
        Fills the columns.
    bonded, pairs : Tensor
        int64 [B, 2] and [P, 2]: the ends of the bonds, and those of the pairs.
    pos : Tensor or None
        float64 [N, 3] in Å.
    """
    forth = torch.cat([bonded, pairs])
    number = torch.cat([torch.arange(len(bonded)), pairs.new_full((len(pairs),), -1)])
    lengths = None if pos is None else (pos[forth[:, 0]] - pos[forth[:, 1]]).norm(dim=1)
    data = Data(
        x=featurizer.atom_matrix(mol),
        edge_index=torch.stack([forth, forth.flip(1)], dim=1).reshape(-1, 2).t().contiguous(),
        edge_attr=featurizer.edge_matrix(mol, number, lengths).repeat_interleave(2, dim=0),
        edge_bond=number.repeat_interleave(2),
    )
    if pos is not None:
        data.pos = pos.to(torch.get_default_dtype())
    return data


def _positions(mol: Mol, limits: Limits) -> tuple[Tensor, str]:
    """Positions float64 [N, 3] and where they come from; 3D ones are left on `mol`, too."""
    geometry = geometry_of(mol, limits=limits)
    if geometry.reason:
        warnings.warn(
            f"{canonical_smiles(mol)[:60]} has positions in 2D, because {geometry.reason}. "
            "Distances are those of a drawing; data.geometry says so, too.",
            LabWarning,
            stacklevel=4,
        )
    with_conformer(mol, geometry)
    return torch.from_numpy(geometry.positions), geometry.how


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
