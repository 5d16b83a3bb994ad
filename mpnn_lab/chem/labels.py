"""Names and descriptions of atoms and bonds, in words a chemistry student knows."""

from __future__ import annotations

from rdkit import Chem

from mpnn_lab.chem.features import BOND_COLUMNS, Featurizer
from mpnn_lab.chem.logs import listening
from mpnn_lab.chem.problems import atom_name
from mpnn_lab.errors import InputError

_TABLE = Chem.GetPeriodicTable()
_SIGNS = {"single": "-", "double": "=", "triple": "#", "aromatic": ":", "other": "~"}
_TYPES = ("single", "double", "triple", "aromatic", "type other")


def atom_labels(mol: Chem.Mol) -> tuple[str, ...]:
    """Name every atom by symbol and index, such as ``("C0", "O1")`` (0-based)."""
    return tuple(atom_name(mol, i) for i in range(mol.GetNumAtoms()))


def atom_descriptions(mol: Chem.Mol) -> tuple[str, ...]:
    """Describe every atom, such as ``"carbon, 3 hydrogens"`` or ``"nitrogen, charge +1"``."""
    return tuple(_describe_atom(atom) for atom in mol.GetAtoms())


def atomic_number(symbol: str) -> int:
    """The number of the element of this symbol; InputError where there is none."""
    try:
        with listening():
            return int(_TABLE.GetAtomicNumber(symbol))
    except (RuntimeError, TypeError):  # Boost's ArgumentError is a TypeError
        raise InputError(f"element: got {symbol!r}; expected a symbol such as 'N'") from None


def bond_labels(mol: Chem.Mol) -> tuple[str, ...]:
    """Label every bond by its feature columns, such as ``"double · conj"``.

    Bonds with equal feature rows have equal labels, others different ones. Aromatic bonds are
    conjugated and in a ring as a rule, so only what departs from it is said of conjugation.
    """
    return tuple(" · ".join(_words(row, short=True)) for row in _rows(mol))


def bond_descriptions(mol: Chem.Mol) -> tuple[str, ...]:
    """Describe every bond, such as ``"C1=O2, double bond, conjugated"``."""
    described = []
    for bond, row in zip(mol.GetBonds(), _rows(mol), strict=True):
        kind, *rest = _words(row, short=False)
        begin = atom_name(mol, bond.GetBeginAtomIdx())
        end = atom_name(mol, bond.GetEndAtomIdx())
        what = f"{begin}{_SIGNS[kind]}{end}, {_bond_name(bond, kind)}"
        described.append(", ".join((what, *rest)))
    return tuple(described)


def _rows(mol: Chem.Mol) -> list[dict[str, bool]]:
    """Give each bond's feature row, by the names of its columns."""
    rows = Featurizer().bond_matrix(mol).bool().tolist()
    return [dict(zip(BOND_COLUMNS, row, strict=True)) for row in rows]


def _words(row: dict[str, bool], short: bool) -> list[str]:
    """Put a bond's feature row into words: its type first, then what else is set."""
    kind = next(name for name in _TYPES if row[name]).removeprefix("type ")
    words = [kind]
    conjugated = "conj" if short else "conjugated"
    if row["conjugated"] and kind != "aromatic":
        words.append(conjugated)
    elif kind == "aromatic" and not row["conjugated"]:
        words.append(f"not {conjugated}")
    if row["in ring"]:
        words.append("ring" if short else "in a ring")
    words += [stereo for stereo in ("Z", "E") if row[f"stereo {stereo}"]]
    return words


def _bond_name(bond: Chem.Bond, kind: str) -> str:
    """Name a bond's type: RDKit's own word where no column is made for it."""
    return f"{str(bond.GetBondType()).lower() if kind == 'other' else kind} bond"


def _describe_atom(atom: Chem.Atom) -> str:
    """Describe one atom."""
    number, isotope = atom.GetAtomicNum(), atom.GetIsotope()
    name = _TABLE.GetElementName(number).lower() if number else "any atom"
    words = [f"{name}-{isotope}" if isotope else name]
    hydrogens = atom.GetTotalNumHs(includeNeighbors=True)
    if hydrogens:
        words.append(f"{hydrogens} hydrogen{'s' * (hydrogens > 1)}")
    if atom.GetFormalCharge():
        words.append(f"charge {atom.GetFormalCharge():+d}")
    if atom.GetNumRadicalElectrons():
        words.append("radical")
    if atom.GetIsAromatic():
        words.append("aromatic")
    if atom.IsInRing():
        words.append("in a ring")
    if atom.HasProp("_CIPCode"):
        words.append(atom.GetProp("_CIPCode"))
    return ", ".join(words)
