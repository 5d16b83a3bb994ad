"""SMILES text: where its atoms are, what is open, and reading it with the fault marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rdkit import Chem

from mpnn_lab.chem.logs import Messages, listening
from mpnn_lab.chem.problems import problem_in
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

_TOKEN = re.compile(
    r"(?P<atom>\[[^\[\]]*\]|Cl|Br|[BCNOPSFIbcnops*])"
    r"|(?P<ring>%\(\d+\)|%\d\d|\d)|(?P<bond>->|<-|[-=#$:~/\\])|(?P<mark>[().])"
)
_BRACKET = re.compile(r"\[\d*([A-Z][A-GI-Za-z]?(?![a-z])|[a-z]{1,2})[^\[\]]*\]")
_SYMBOLS = frozenset(
    {Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119)}
    | {"D", "T", "b", "c", "n", "o", "p", "s", "se", "as", "te", "si"}
)
_EXAMPLES = "Give a SMILES such as CC(=O)O, an InChI or a molblock; names are not looked up."


@dataclass
class Scan:
    """What a SMILES holds by its letters alone; nothing here judges its chemistry.

    Attributes
    ----------
    atoms : character at which each atom begins, in RDKit's order of atoms.
    branches : characters of the brackets that open a branch and are never closed.
    rings : character at which each ring bond that is never closed was opened, by its number.
    ring_marks : characters of all ring-bond marks.
    depth, deepest : how deep branches nest, and where they are deepest.
    bracket : character of a ``[`` that is never closed (-1: none).
    stray : character of a ``)`` that closes nothing (-1: none).
    """

    atoms: list[int] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)
    rings: dict[int, int] = field(default_factory=dict)
    ring_marks: list[int] = field(default_factory=list)
    depth: int = 0
    deepest: int = 0
    bracket: int = -1
    stray: int = -1


def scan(text: str) -> Scan:
    """Walk over a SMILES once (time linear in its length); unknown characters are stepped over."""
    found, place = Scan(), 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            if text[place] == "[" and found.bracket < 0:
                found.bracket = place
            place += 1
            continue
        if token["atom"]:
            found.atoms.append(place)
        elif token["ring"]:
            found.ring_marks.append(place)
            number = int(token["ring"].strip("%()"))
            if found.rings.pop(number, None) is None:
                found.rings[number] = place
        elif token["mark"] == "(":
            found.branches.append(place)
            if len(found.branches) > found.depth:
                found.depth, found.deepest = len(found.branches), place
        elif token["mark"] == ")":
            if found.branches:
                found.branches.pop()
            elif found.stray < 0:
                found.stray = place
        place = token.end()
    return found


def read_smiles(text: str, start: int, end: int, limits: Limits) -> Chem.Mol:
    """Read the SMILES ``text[start:end]``; positions in errors count from the start of `text`.

    Raises
    ------
    InputError
        Over a cap (before RDKit is called), not a SMILES, or not a possible molecule; with
        RDKit's reason and the place of the fault.
    """
    smiles = text[start:end]
    marks = scan(smiles)
    if marks.depth > limits.branch_depth:
        raise InputError(
            f"the SMILES nests {marks.depth} branches; at most {limits.branch_depth} are read",
            text=text,
            position=start + marks.deepest,
            mend="Write the longest chain without brackets.",
        )
    if len(marks.atoms) > limits.atoms:
        raise InputError(
            f"the SMILES has {len(marks.atoms):,} atoms; at most {limits.atoms:,} are read",
            text=text,
            position=start + marks.atoms[limits.atoms],
            mend="Give a smaller molecule.",
        )
    options: Any = Chem.SmilesParserParams()
    options.sanitize = options.removeHs = options.allowCXSMILES = options.parseName = False
    with listening() as said:
        raw = Chem.MolFromSmiles(smiles, options)
    if raw is None:
        raise _syntax_error(text, start, smiles, marks, said)
    problem = problem_in(raw)
    if problem is not None:
        atom = problem.atoms[0] if problem.atoms else -1
        known = 0 <= atom < len(marks.atoms) == raw.GetNumAtoms()
        raise InputError(
            f"not a possible molecule: {problem.reason}",
            text=text,
            position=start + marks.atoms[atom] if known else None,
            mend=problem.mend,
        )
    options.sanitize = options.removeHs = True
    with listening() as said:
        mol = Chem.MolFromSmiles(smiles, options)
    if mol is None:
        raise InputError(
            f"RDKit cannot make a molecule of it: {said.reason or 'it gives no reason'}",
            text=text,
            position=start,
            mend=_EXAMPLES,
        )
    return mol


def _syntax_error(text: str, start: int, smiles: str, marks: Scan, said: Messages) -> InputError:
    """Say where a SMILES goes wrong, in RDKit's words where it gives any."""
    stranger = _unknown_element(smiles)
    if stranger is not None:
        return InputError(
            f"there is no element {stranger.group(1)}, at position {start + stranger.start(1)}",
            text=text,
            position=start + stranger.start(1),
            mend="Write the symbol as in the periodic table: [Na+], not [NA+].",
        )
    reason, position, mend = said.reason, said.position, _EXAMPLES
    atom = re.search(r"atom (\d+)", reason)
    if marks.bracket >= 0:
        position = marks.bracket if position is None else position
        mend = f"Close the [ at position {start + marks.bracket} with ]."
    elif marks.stray >= 0:
        position, mend = marks.stray, "Remove this ), or open its branch with (."
    elif marks.rings and ("ring" in reason or not reason):
        position = next(reversed(marks.rings.values()))
        mark = next(reversed(marks.rings))
        mend = f"Write {_ring(mark)} a second time, at the atom that closes the ring."
    elif "ring" in reason and marks.ring_marks:
        position = marks.ring_marks[-1]
    elif marks.branches and ("open" in reason or position in (None, len(smiles) - 1)):
        position = marks.branches[-1]
        mend = f"Close the ( at position {start + position} with )."
    elif atom and int(atom.group(1)) < len(marks.atoms):
        position = marks.atoms[int(atom.group(1))]
    place = min(position if position is not None else 0, len(smiles) - 1)
    return InputError(
        f"not a SMILES: {reason or 'syntax error'} at position {start + place} ({smiles[place]!r})",
        text=text,
        position=start + place,
        mend=mend,
    )


def _unknown_element(smiles: str) -> re.Match[str] | None:
    """The first atom in brackets whose letters are no element's symbol."""
    for atom in _BRACKET.finditer(smiles):
        if atom.group(1) not in _SYMBOLS:
            return atom
    return None


def _ring(number: int) -> str:
    """The mark of ring bond `number` as it is written."""
    return str(number) if number < 10 else f"%{number}" if number < 100 else f"%({number})"
