"""What is chemically wrong with a molecule that could be parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rdkit import Chem

from mpnn_lab.chem.logs import listening

_MENDS = {
    "AtomValenceException": "Take a bond away from {atom}, or give it a charge, as in [N+].",
    "lone atom": "Give {atom} fewer hydrogens, or a charge.",
    "AtomKekulizeException": "Small letters are aromatic atoms: write capitals outside rings.",
    "KekulizeException": "Check the aromatic ring's size; a nitrogen that carries a hydrogen is "
    "written [nH].",
}
_ATOM = re.compile(r"atom #? ?(\d+)( [A-Z][a-z]?\b)?")


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be: RDKit's reason, the atoms (0-based) concerned, how to mend it."""

    reason: str
    atoms: tuple[int, ...]
    mend: str


def atom_name(mol: Chem.Mol, atom: int) -> str:
    """Name an atom by symbol and 0-based index, such as ``"C10"``."""
    return f"{mol.GetAtomWithIdx(atom).GetSymbol()}{atom}"


def problem_in(mol: Chem.Mol) -> Problem | None:
    """Find the first chemical problem of a molecule that was parsed without sanitising.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Left as it is.

    Returns
    -------
    Problem or None
        None where RDKit would sanitise it.
    """
    with listening():
        found = Chem.DetectChemistryProblems(mol)
    if not found:
        return None
    first, kind = found[0], found[0].GetType()
    if kind == "KekulizeException":
        atoms = tuple(int(i) for i in first.GetAtomIndices())
        names = ", ".join(atom_name(mol, i) for i in atoms[:12]) + ", …" * (len(atoms) > 12)
        reason = f"can't kekulize (no arrangement of double bonds fits) the atoms {names}"
        return Problem(reason, atoms, _MENDS[kind])
    atoms = (int(first.GetAtomIdx()),) if hasattr(first, "GetAtomIdx") else ()
    name = atom_name(mol, atoms[0]) if atoms else "the atom"
    said = str(first.Message()).strip()
    reason = _ATOM.sub(f"atom {name}", said, count=1)
    if kind == "AtomValenceException" and not any(mol.GetAtomWithIdx(i).GetDegree() for i in atoms):
        kind = "lone atom"
    mend = _MENDS.get(kind, "Check the atoms and bonds named above.").format(atom=name)
    return Problem(reason[0].lower() + reason[1:], atoms, mend)
