"""`read_molecule`: text of any kind, or a Mol, to a sanitised rdkit Mol."""

from __future__ import annotations

import re
from typing import Any

from rdkit import Chem

from mpnn_lab.chem.characters import check_characters, check_plain
from mpnn_lab.chem.inchi import read_inchi
from mpnn_lab.chem.logs import listening
from mpnn_lab.chem.molblock import looks_like_molblock, read_molblock
from mpnn_lab.chem.problems import problem_in
from mpnn_lab.chem.smiles import read_smiles
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS, Limits

_KINDS = "Give a SMILES such as CC(=O)O, an InChI, a molblock or an rdkit Mol."
_SPACE = re.compile(r"[ \t]+")


def read_molecule(source: str | Chem.Mol, *, limits: Limits = LIMITS) -> Chem.Mol:
    """Read one molecule.

    Parameters
    ----------
    source : str or rdkit.Chem.Mol
        A SMILES, optionally followed by a space and a name; an InChI (``InChI=...``); a molblock
        (V2000 or V3000, up to its ``M  END``); or a Mol, which is copied.
    limits : Limits
        Caps, checked before RDKit is called.

    Returns
    -------
    rdkit.Chem.Mol
        Sanitised, with at least one atom. Explicit hydrogens of a text that need not be written
        are removed, as RDKit does; those of a Mol stay. A name given with the molecule is its
        property ``_Name``, as plain text.

    Raises
    ------
    InputError
        Says what was given, at which character it goes wrong (`position`, 0-based, in `text`),
        and how to mend it.
    """
    if isinstance(source, Chem.Mol):
        return _read_mol(source, limits)
    if not isinstance(source, str):
        raise InputError(
            f"expected the text of a molecule or an rdkit Mol, got {type(source).__name__}",
            mend="Decode it first: text, not bytes." if isinstance(source, bytes) else _KINDS,
        )
    if looks_like_molblock(source):
        mol = read_molblock(source, limits)
    else:
        mol = _read_line(source, limits)
    if mol.GetNumAtoms() > limits.atoms:
        raise _too_large(mol.GetNumAtoms(), limits)
    _check_size(mol, limits)
    return mol


def is_ready(mol: Chem.Mol) -> bool:
    """Tell whether a Mol is sanitised and of a size that `read_molecule` would return."""
    if not 0 < mol.GetNumAtoms() <= _with_hydrogens(LIMITS) or mol.NeedsUpdatePropertyCache():
        return False
    try:
        mol.GetRingInfo().NumRings()
    except RuntimeError:  # ring information was never computed
        return False
    return True


def canonical_smiles(mol: Chem.Mol) -> str:
    """Write a molecule as RDKit's canonical SMILES, without hydrogens that need not be written."""
    options: Any = Chem.RemoveHsParameters()
    options.showWarnings = False
    return str(Chem.MolToSmiles(Chem.RemoveHs(mol, options)))


def _read_line(source: str, limits: Limits) -> Chem.Mol:
    """Read a SMILES (with or without a name) or an InChI."""
    if not source.strip():
        raise InputError(
            "no molecule was given: the text is empty" if not source else "only spaces were given",
            mend=_KINDS,
        )
    if len(source) > limits.line_characters:
        raise InputError(
            f"the text has {len(source):,} characters; a SMILES or InChI may have "
            f"{limits.line_characters:,}",
            text=source,
            position=limits.line_characters,
            mend="Give a smaller molecule.",
        )
    check_characters(source)
    start, end = len(source) - len(source.lstrip()), len(source.rstrip())
    line_break = re.compile(r"[\r\n]").search(source, start, end)
    if line_break is not None:
        raise InputError(
            f"a line break at position {line_break.start()}: one molecule is read at a time",
            text=source,
            position=line_break.start(),
            mend="Give one line; a molblock needs its counts line and its line M  END.",
        )
    space = _SPACE.search(source, start, end)
    stop = space.start() if space else end
    check_plain(source, start, stop)
    name = source[space.end() : end] if space else ""
    if name.startswith("|"):
        raise InputError(
            f"CXSMILES extensions are not read: {name[:40]!r}",
            text=source,
            position=end - len(name),
            mend="Give the SMILES alone, or a molblock.",
        )
    if source.startswith("InChI=", start):
        mol = read_inchi(source, start, stop, limits)
    else:
        mol = read_smiles(source, start, stop, limits)
    if name:
        mol.SetProp("_Name", name)
    return mol


def _read_mol(source: Chem.Mol, limits: Limits) -> Chem.Mol:
    """Copy and sanitise a Mol."""
    mol = Chem.Mol(source)
    _check_size(mol, limits)
    problem = problem_in(mol)
    if problem is not None:
        raise InputError(f"not a possible molecule: {problem.reason}", mend=problem.mend)
    with listening() as said:
        try:
            Chem.SanitizeMol(mol)
            if not mol.HasProp("_StereochemDone"):
                Chem.AssignStereochemistry(mol, cleanIt=True)
        except (ValueError, RuntimeError) as error:
            reason = said.reason or str(error).splitlines()[0]
            raise InputError(
                f"RDKit cannot sanitise this Mol: {reason}", mend="Check its atoms and bonds."
            ) from error
    return mol


def _check_size(mol: Chem.Mol, limits: Limits) -> None:
    """Refuse a molecule of no atoms, or of too many; a Mol may have its hydrogens besides."""
    atoms = mol.GetNumAtoms()
    if atoms == 0:
        raise InputError("the molecule has no atoms", mend=_KINDS)
    heavy = sum(atom.GetAtomicNum() != 1 for atom in mol.GetAtoms())
    if heavy > limits.atoms or atoms > _with_hydrogens(limits):
        raise _too_large(atoms, limits)


def _with_hydrogens(limits: Limits) -> int:
    """Count the atoms of the largest alkane under the cap, all hydrogens explicit."""
    return 3 * limits.atoms + 2


def _too_large(atoms: int, limits: Limits) -> InputError:
    """Say by how much a molecule is over the cap."""
    return InputError(
        f"the molecule has {atoms:,} atoms; at most {limits.atoms:,} are read",
        mend="Give a smaller molecule.",
    )
