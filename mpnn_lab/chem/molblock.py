"""Molblocks (V2000 and V3000): their caps, checked line by line, and their reading."""

from __future__ import annotations

import re

from rdkit import Chem

from mpnn_lab.chem.characters import check_characters
from mpnn_lab.chem.logs import listening
from mpnn_lab.chem.problems import problem_in
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

_VERSION = re.compile(r"V[23]000\s*$", re.MULTILINE)
_END = re.compile(r"M  END\s*")
_V3000_COUNTS = re.compile(r"M  V30 COUNTS +([0-9]+) +([0-9]+)")
_LINE_NAMED = re.compile(r"line (\d+)")
_HEADER = 4  # three lines of header, then the counts line
_MEND = "Save the molecule again as a V2000 or V3000 molfile."


def looks_like_molblock(text: str) -> bool:
    """Tell a molblock from one line of text: it has an ``M  END``, or names its version."""
    several = "\n" in text or "\r" in text
    return several and ("M  END" in text or _VERSION.search(text[:2000]) is not None)


def read_molblock(text: str, limits: Limits, *, hydrogens: bool = False) -> Chem.Mol:
    """Read one molblock; the name in its first line becomes the molecule's.

    Hydrogens that need not be written are left out, as RDKit does, or kept as atoms.

    Raises
    ------
    InputError
        Over a cap (before RDKit is called), not a molblock, or not a possible molecule; names
        the line (1-based; `text` is that line) or the atom.
    """
    # Every character is at least a byte, so a long text need not be encoded to be measured.
    cap = limits.block_bytes
    if len(text) > cap or len(text.encode("utf-8", "surrogatepass")) > cap:
        raise InputError(
            f"the molblock is larger than {cap:,} bytes", mend="Give a smaller molecule."
        )
    check_characters(text)
    lines = re.split(r"\r\n|\r|\n", text.rstrip())
    _check_counts(lines, limits)
    _check_end(lines)
    block = "\n".join(lines) + "\n"
    with listening() as said:
        raw = Chem.MolFromMolBlock(block, sanitize=False, removeHs=False)
    if raw is None:
        raise _unreadable(lines, said.reason or _reason(block))
    problem = problem_in(raw)
    if problem is not None:
        raise InputError(f"not a possible molecule: {problem.reason}", mend=problem.mend)
    with listening() as said:
        mol = Chem.MolFromMolBlock(block, removeHs=not hydrogens)
    if mol is None:
        raise _unreadable(lines, said.reason)
    return mol


def _check_counts(lines: list[str], limits: Limits) -> None:
    """Hold the declared numbers of atoms and bonds against the cap and the lines there are."""
    if len(lines) < _HEADER:
        raise _at(lines, len(lines), "the molblock ends before its counts line (line 4)")
    if "V3000" in lines[_HEADER - 1]:
        number, atoms, bonds = _v3000_counts(lines)
    else:
        number, atoms, bonds = _HEADER, *_v2000_counts(lines)
    if atoms == 0:
        raise _at(lines, number, f"line {number} declares no atoms")
    if atoms > limits.atoms:
        what = f"line {number} declares {atoms:,} atoms; at most {limits.atoms:,} are read"
        raise _at(lines, number, what)
    if atoms + bonds > len(lines) - _HEADER:
        what = f"line {number} declares {atoms:,} atoms and {bonds:,} bonds, but only "
        what += f"{len(lines) - _HEADER:,} lines follow the counts line"
        raise _at(lines, number, what)


def _v2000_counts(lines: list[str]) -> tuple[int, int]:
    """Read the two numbers of a V2000 counts line: three columns each, often without a space."""
    atoms, bonds = (lines[_HEADER - 1][start : start + 3].strip() for start in (0, 3))
    if not (atoms.isascii() and atoms.isdigit() and bonds.isascii() and bonds.isdigit()):
        what = "line 4 must begin with the numbers of atoms and bonds, three columns each; it is "
        raise _at(lines, _HEADER, f"{what}{lines[_HEADER - 1][:20]!r}")
    return int(atoms), int(bonds)


def _v3000_counts(lines: list[str]) -> tuple[int, int, int]:
    """Find the V3000 counts line: its number (1-based), its atoms and its bonds."""
    for number, line in enumerate(lines, start=1):
        found = _V3000_COUNTS.match(line)
        if found is not None:
            return number, int(found[1][:12]), int(found[2][:12])
    raise _at(lines, _HEADER, "the V3000 molblock has no line M  V30 COUNTS")


def _check_end(lines: list[str]) -> None:
    """Refuse a molblock without an end, and anything after it (it would be dropped)."""
    ends = [number for number, line in enumerate(lines, start=1) if _END.fullmatch(line)]
    if not ends:
        raise _at(lines, len(lines), "the molblock has no line M  END")
    for number, line in enumerate(lines[ends[0] :], start=ends[0] + 1):
        if line.strip() not in ("", "$$$$"):
            what = f"text follows M  END at line {number}; one molblock is read at a time"
            raise _at(lines, number, what, "Give the molblock alone, up to its line M  END.")


def _reason(block: str) -> str:
    """Ask for RDKit's reason: of a molblock it speaks as a warning, of an SD record as an error."""
    with listening() as said:
        record = Chem.SDMolSupplier()
        record.SetData(block, sanitize=False, removeHs=False)
        record[0]
    return said.reason


def _unreadable(lines: list[str], reason: str) -> InputError:
    """Say why RDKit refused, at the line it names where it does."""
    named = _LINE_NAMED.search(reason)
    what = f"not a molblock: {reason or 'RDKit gives no reason'}"
    return _at(lines, int(named[1]) if named else _HEADER, what)


def _at(lines: list[str], number: int, what: str, mend: str = _MEND) -> InputError:
    """Make an error that shows line `number` (1-based)."""
    number = min(max(number, 1), len(lines))
    named = what if f"line {number}" in what else f"{what} (line {number})"
    return InputError(named, text=lines[number - 1], position=0, mend=mend)
