"""Weisfeiler-Leman colours: what no network that passes messages between neighbours can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, overload

import torch
from torch import Tensor
from torch_geometric.data import Data

from mpnn_lab.chem import Mol
from mpnn_lab.errors import InputError
from mpnn_lab.graph import featurize


@overload
def wl_colours(
    molecules: Mol | str | Data, rounds: int | None = None, *, features: bool = False,
    bonds: bool = False,
) -> Tensor: ...  # fmt: skip
@overload
def wl_colours(
    molecules: Sequence[Mol | str | Data], rounds: int | None = None, *, features: bool = False,
    bonds: bool = False,
) -> list[Tensor]: ...  # fmt: skip
def wl_colours(
    molecules: Any, rounds: int | None = None, *, features: bool = False, bonds: bool = False
) -> Tensor | list[Tensor]:
    r"""Colour atoms by Weisfeiler and Leman's refinement: equal colours, equal states.

    .. math:: c_i' = \mathrm{number}(c_i, \{\!\{ c_j : j \in N(i) \}\!\})

    (Weisfeiler and Leman 1968; Shervashidze et al. 2011, section 3; the refinement of PyG's
    WLConv.) After t rounds of message passing that starts from states as the first colours are,
    and does not tell bonds apart (or does, with `bonds`), two atoms of one colour have one state,
    whatever the layer's weights (Xu et al. 2019, lemma 2; Morris et al. 2019, theorem 1).

    Colours are numbered from 0 by what they stand for, not as they are met: neither the order of
    the atoms nor that of the molecules changes an atom's colour. The molecules of one call share
    their numbers; those of two calls do not.

    Parameters
    ----------
    molecules : a molecule, its text or its graph; or a list of them, to be compared.
    rounds : how many times to refine; until no colour is parted any more where it is None.
    features : whether atoms start with a colour for each different row of their features
        (`Data.x`); else all start alike.
    bonds : whether bonds are told apart by the rows of their features (`Data.edge_attr`), as by a
        layer that reads them.

    Returns
    -------
    Tensor or list of Tensor
        int64 [N], the colour of each atom; a list of them for a list.

    Raises
    ------
    InputError
        For a number of rounds below 0 or that is no whole number, a graph without edges' ends, or
        graphs whose features have different columns.
    """
    if rounds is not None and (isinstance(rounds, bool) or not isinstance(rounds, int)):
        raise InputError(f"rounds: got {rounds!r}; expected a whole number from 0, or None")
    if rounds is not None and rounds < 0:
        raise InputError(f"rounds: got {rounds}; expected a whole number from 0, or None")
    several = isinstance(molecules, list | tuple)
    graphs = [_graph(m) for m in (molecules if several else [molecules])]
    sizes = [int(g.num_nodes or 0) for g in graphs]
    colour = _start(graphs, features)
    neighbours = _neighbours(graphs, sizes, _kinds(graphs, bonds))
    done = 0
    while rounds is None or done < rounds:
        refined = _refined(colour, neighbours)
        if len(set(refined)) == len(set(colour)):
            # Nothing was parted, nor will be: the order of the colours stays what it was.
            break
        colour, done = refined, done + 1
    found = list(torch.tensor(colour, dtype=torch.long).split(sizes)) if sizes else []
    return found if several else found[0]


def _graph(molecule: Any) -> Data:
    graph = molecule if isinstance(molecule, Data) else featurize(molecule)
    ends = graph.get("edge_index")
    if not isinstance(ends, Tensor) or ends.dim() != 2 or ends.shape[0] != 2:
        raise InputError(
            "the graph has no edge_index of shape [2, edges]",
            mend="Make the graph with ml.featurize(mol).",
        )
    return graph


def _start(graphs: list[Data], features: bool) -> list[int]:
    """All alike, or by the rows of features in ascending order."""
    if not features:
        return [0] * sum(int(g.num_nodes or 0) for g in graphs)
    columns = {None if g.x is None else tuple(g.x.shape[1:]) for g in graphs}
    if None in columns or len(columns) > 1:
        raise InputError(
            "features: the graphs have no features, or not the same columns",
            mend="Make all graphs with ml.featurize, and with the same arguments.",
        )
    rows = [tuple(row) for g in graphs for row in g.x.tolist()]
    return _numbered(rows)


def _kinds(graphs: list[Data], bonds: bool) -> list[int]:
    """A number for each edge of all graphs: all alike, or by the rows of their features."""
    if not bonds:
        return [0] * sum(g.edge_index.shape[1] for g in graphs)
    columns = {None if g.edge_attr is None else tuple(g.edge_attr.shape[1:]) for g in graphs}
    if None in columns or len(columns) > 1:
        raise InputError(
            "bonds: the graphs' edges have no features, or not the same columns",
            mend="Make all graphs with ml.featurize, and with the same arguments.",
        )
    rows = [row for g in graphs for row in g.edge_attr.tolist()]
    return _numbered([tuple(row) if isinstance(row, list) else (row,) for row in rows])


Heard = list[list[tuple[int, int]]]
"""Of each atom, kind of edge and sender of what reaches it."""


def _neighbours(graphs: list[Data], sizes: list[int], kinds: list[int]) -> Heard:
    """Those that send to each atom, the atoms of all graphs counted through."""
    found: Heard = [[] for _ in range(sum(sizes))]
    first, edge = 0, iter(kinds)
    for graph, size in zip(graphs, sizes, strict=True):
        for sender, receiver in graph.edge_index.T.tolist():
            found[first + receiver].append((next(edge), first + sender))
        first += size
    return found


def _refined(colour: list[int], neighbours: Heard) -> list[int]:
    """A number for each different pair of a colour and its neighbours' colours."""
    return _numbered([
        (own, *sorted((kind, colour[j]) for kind, j in others))
        for own, others in zip(colour, neighbours, strict=True)
    ])  # fmt: skip


def _numbered(things: list[tuple[Any, ...]]) -> list[int]:
    """The place of each among the different ones in ascending order."""
    number = {thing: place for place, thing in enumerate(sorted(set(things)))}
    return [number[thing] for thing in things]


def told_apart(
    a: Mol | str | Data, b: Mol | str | Data, rounds: int | None = None, *,
    features: bool = False, bonds: bool = False,
) -> bool:  # fmt: skip
    """Whether two molecules differ in how many atoms of each colour they have.

    Where they do not, no network that passes messages between neighbours for so many rounds, and
    sums up (or takes the mean of) the atoms' states, gives them different values, whatever its
    weights. Decalin and bicyclopentyl are such a pair.

    Parameters
    ----------
    a, b, rounds, features, bonds : as of `wl_colours`.
    """
    one, other = wl_colours([a, b], rounds, features=features, bonds=bonds)
    return Counter(one.tolist()) != Counter(other.tolist())
