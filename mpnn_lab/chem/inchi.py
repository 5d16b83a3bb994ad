"""InChI text: its cap and its reading."""

from __future__ import annotations

import re

from rdkit import Chem

from mpnn_lab.chem.logs import listening
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

_COMPONENT = re.compile(r"(\d*)((?:[A-Z][a-z]?\d*)+)")
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")
_SYMBOLS = {Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119)}
_MEND = "Check it against its source, or give a SMILES."


def read_inchi(text: str, start: int, end: int, limits: Limits) -> Chem.Mol:
    """Read the InChI ``text[start:end]``; positions in errors count from the start of `text`.

    Raises
    ------
    InputError
        Over a cap (before RDKit is called), or not an InChI: the layer is marked with which it
        stops being readable.
    """
    inchi = text[start:end]
    layers = [found.start() for found in re.finditer("/", inchi)]
    if not layers:
        raise InputError(
            "the InChI has no layers: a formula is expected after InChI=1S/",
            text=text,
            position=max(start, end - 1),
            mend=_MEND,
        )
    formula = inchi[layers[0] + 1 : layers[1] if len(layers) > 1 else len(inchi)]
    atoms = formula_atoms(formula)
    if atoms > limits.atoms:
        raise InputError(
            f"the InChI's formula has {atoms:,} atoms beside hydrogen; at most {limits.atoms:,} "
            "are read",
            text=text,
            position=start + layers[0] + 1,
            mend="Give a smaller molecule.",
        )
    mol, reason = _parse(inchi)
    if mol is not None and mol.GetNumAtoms() > 0:
        return mol
    stops = _first_bad_layer(inchi, layers)
    layer = inchi[stops:].split("/")[1]
    raise InputError(
        f"not an InChI that can be read{': ' if reason else ''}{reason}; it goes wrong in the "
        f"layer /{layer[:40]} at position {start + stops}",
        text=text,
        position=start + stops,
        mend=_MEND,
    )


def formula_atoms(formula: str) -> int:
    """Count the atoms of a dotted formula such as ``"2C2H6O.Na"``, hydrogens left out."""
    total = 0
    for part in formula.split("."):
        component = _COMPONENT.fullmatch(part)
        if component is None:
            continue
        times = _number(component[1])
        counted = (_number(n) for symbol, n in _ELEMENT.findall(component[2]) if symbol != "H")
        total += times * sum(counted)
    return total


def _number(digits: str) -> int:
    """Read a count, 1 where none is written; long ones are large, whatever they are."""
    return int(digits[:12]) if digits else 1


def _parse(inchi: str) -> tuple[Chem.Mol | None, str]:
    """Let RDKit read an InChI; also its reason where it does not."""
    with listening() as said:
        mol = Chem.MolFromInchi(inchi, sanitize=True, removeHs=True)
    return mol, said.reason


def _first_bad_layer(inchi: str, layers: list[int]) -> int:
    """Find where the first layer begins without which the rest can be read."""
    for cut in reversed(layers[1:]):
        mol, _ = _parse(inchi[:cut])
        if mol is not None and mol.GetNumAtoms() > 0:
            return cut
        if cut <= layers[max(0, len(layers) - 12)]:  # no InChI has more than a dozen layers
            break
    formula = inchi[layers[0] + 1 : layers[1] if len(layers) > 1 else len(inchi)]
    written = {symbol for symbol, _ in _ELEMENT.findall(formula)}
    sound = written <= _SYMBOLS and all(map(_COMPONENT.fullmatch, formula.split(".")))
    return layers[1] if sound and len(layers) > 1 else layers[0]
