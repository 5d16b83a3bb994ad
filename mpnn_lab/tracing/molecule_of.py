"""The molecule whose atoms are a graph's nodes."""

from __future__ import annotations

from typing import Any

from mpnn_lab.chem import Mol, canonical_smiles, read_molecule
from mpnn_lab.errors import TraceError


def molecule_of(mol: Any, data: Any) -> Any:
    """The molecule whose atoms are the nodes: the one given, which must not belie the graph's."""
    own = data.get("mol")
    if isinstance(own, list) and len(own) == 1:
        own = own[0]
    if mol is None:
        return own
    mol = read_molecule(mol)
    if isinstance(own, Mol) and _drawn(own) != _drawn(mol):
        raise TraceError(
            f"mol is {canonical_smiles(mol)}; the graph was made of {canonical_smiles(own)}"
            + (", its atoms in another order" if _formula(own) == _formula(mol) else ""),
            mend="Leave mol out, or make the graph of this molecule.",
        )
    return mol


def _drawn(mol: Mol) -> Any:
    """Atoms in order, and bonds between which of them."""
    bonds = {
        (*sorted((b.GetBeginAtomIdx(), b.GetEndAtomIdx())), b.GetBondType()) for b in mol.GetBonds()
    }
    return [atom.GetAtomicNum() for atom in mol.GetAtoms()], bonds


def _formula(mol: Mol) -> list[int]:
    return sorted(atom.GetAtomicNum() for atom in mol.GetAtoms())
