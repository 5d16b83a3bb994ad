"""Matrices of single messages, for whoever asks: a page of its kernel, a reader of a file."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import Propagation, Trace
from mpnn_lab.views.places import item
from mpnn_lab.views.rounds import shown_propagations
from mpnn_lab.views.stage import AskedMatrixView

Bond = int | tuple[int, int]
"""A bond by its index, or by the indices of its two atoms."""


def asked_matrix(trace: Trace, number: int, place: int, edge: int) -> AskedMatrixView:
    """The matrix [in, out] of one message, the places counted from 0 as the stage's view has them.

    Raises
    ------
    InputError
        If there is no such message, the run made none, or the matrix is larger than
        ``LIMITS.matrix_cells``.
    """
    r = item(trace.rounds, number, "round")
    p = r.propagations[item(shown_propagations(r), place, "propagation")]
    item(range(p.edge_index.shape[1]), edge, "message")
    if p.messages is None:
        raise InputError("this run made no messages: there is nothing to take the slope of")
    cells = p.state_in.shape[1] * p.messages[edge].numel()
    if cells > LIMITS.matrix_cells:
        raise InputError(
            f"the matrix has {cells:,} numbers; one is computed on demand up to "
            f"{LIMITS.matrix_cells:,}"
        )
    matrix = p.edge_matrix(edge)
    values = np.ascontiguousarray(matrix.values, dtype=np.float32)
    return AskedMatrixView(number, place, edge, values, matrix.exact, matrix.start)


def matrices_along(trace: Trace, bonds: Iterable[Bond]) -> tuple[AskedMatrixView, ...]:
    """Those of every message along these bonds, both ways and in all rounds.

    Where a layer has exact edge matrices the stage shows them as they are, and none is added.

    Raises
    ------
    InputError
        If a bond is not there, or as in `asked_matrix`.
    """
    wanted = {_bond(trace, bond) for bond in bonds}
    if not wanted:
        return ()
    found = []
    for number, r in enumerate(trace.rounds):
        for place, k in enumerate(shown_propagations(r)):
            p = r.propagations[k]
            for edge, bond in enumerate(p.edge_origin.tolist()):
                if bond in wanted and p.messages is not None and not _known(p, edge):
                    found.append(asked_matrix(trace, number, place, edge))
    return tuple(found)


def _known(p: Propagation, edge: int) -> bool:
    """Whether the stage's view holds an exact matrix for the message."""
    exact = p.exact_matrices
    return exact is not None and len(exact[0]) > 0 and int(exact[1][edge]) >= 0


def _bond(trace: Trace, bond: Bond) -> int:
    """The index of a bond of the trace's molecule."""
    mol = trace.mol
    count = mol.GetNumBonds()
    match bond:
        case bool():
            pass
        case int() if 0 <= bond < count:
            return bond
        case (int() as a, int() as b) if all(0 <= k < mol.GetNumAtoms() for k in (a, b)):
            found = mol.GetBondBetweenAtoms(a, b)
            if found is not None:
                return int(found.GetIdx())
            raise InputError(
                f"no bond joins the atoms {a} and {b}",
                mend="Name two atoms that are bonded, counted from 0.",
            )
    raise InputError(
        f"got {bond!r}; the molecule has {count} bonds, from 0",
        mend="Name a bond by its index, or by its two atoms: 3, or (1, 2).",
    )
