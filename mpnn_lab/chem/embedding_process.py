"""The process that works out 3D coordinates: a program of its own, so that it can be killed.

It reads molecules from its input and writes coordinates to its output until the input ends. It
imports neither mpnn_lab nor torch, so that it starts in a fraction of a second. Frames are a
length (uint32, little-endian) and as many bytes; a request is two of them, JSON and RDKit's binary
molecule; so is a reply, JSON and float64 coordinates.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

SEED = 2017
RELAXING_STEPS = 500
LARGE = 100
"""Atoms from which RDKit is told to begin at random places: its first way then fails, slowly."""
GAP = 3.0
"""In Å."""
GRACE = 2.0
"""Seconds over the limit after which this process ends itself, should nobody have killed it."""


def embed(mol: Chem.Mol) -> dict[str, Any]:
    """Give `mol`, whose hydrogens are all explicit, coordinates in place; say how, or why not."""
    parameters: Any = rdDistGeom.ETKDGv3()
    parameters.randomSeed = SEED
    parameters.useRandomCoords = mol.GetNumAtoms() > LARGE
    if rdDistGeom.EmbedMolecule(mol, parameters) < 0:
        parameters.useRandomCoords = True
        if rdDistGeom.EmbedMolecule(mol, parameters) < 0:
            return {"reason": "no coordinates fit its bond lengths, angles and stereo centres"}
    if not rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
        how = "ETKDGv3 (MMFF94 has no parameters for it)"
    else:  # parts of a molecule do not feel one another here
        left = rdForceFieldHelpers.MMFFOptimizeMolecule(mol, maxIters=RELAXING_STEPS)
        how = f"ETKDGv3 and MMFF94{', not fully relaxed' * (left != 0)}"
    parts = _side_by_side(mol)
    return {"how": f"{how}, its {parts} parts side by side" if parts > 1 else how}


def _side_by_side(mol: Chem.Mol) -> int:
    """Put parts that no bond joins `GAP` apart, in a row; how many there are.

    RDKit embeds each round the same point, one upon the other. Nothing is known of how they lie.
    """
    parts = Chem.GetMolFrags(mol)
    if len(parts) == 1:
        return 1
    places = mol.GetConformer().GetPositions()
    end = 0.0
    for part in map(list, parts):
        low, high = places[part].min(axis=0), places[part].max(axis=0)
        places[part] -= (low + high) / 2
        places[part, 0] += end + (high - low)[0] / 2
        end += (high - low)[0] + GAP
    mol.GetConformer().SetPositions(places)
    return len(parts)


def answer(request: dict[str, Any], binary: bytes) -> tuple[dict[str, Any], bytes]:
    """Embed one molecule; what RDKit refuses is a reason, not an end."""
    mol: Any
    try:
        mol = Chem.Mol(binary)  # type: ignore[call-overload]
        said = embed(mol)
    except (ValueError, RuntimeError) as error:
        lines = str(error).strip().splitlines()
        return {"reason": lines[0] if lines else type(error).__name__}, b""
    if "reason" in said:
        return said, b""
    return said, mol.GetConformer().GetPositions().astype("<f8").tobytes()


def read_frame(stream: BinaryIO) -> bytes | None:
    """One frame; None where the stream ends."""
    head = _read(stream, 4)
    return None if head is None else _read(stream, struct.unpack("<I", head)[0])


def _read(stream: BinaryIO, size: int) -> bytes | None:
    """So many bytes, however they come in; None where the stream ends before."""
    pieces = bytearray()
    while len(pieces) < size:
        piece = stream.read(size - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


def write_frames(stream: BinaryIO, *bodies: bytes) -> None:
    """Write frames, all of them."""
    rest = memoryview(b"".join(struct.pack("<I", len(body)) + body for body in bodies))
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted cell is its own process' matter
    rdBase.DisableLog("rdApp.*")
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # whatever prints there would be taken for a reply
    silent = os.fdopen(nowhere, "w")
    write_frames(out, b"ready")
    while True:
        head, binary = read_frame(sys.stdin.buffer), read_frame(sys.stdin.buffer)
        if head is None or binary is None:
            return
        request = json.loads(head)
        # Its watchdog asks no interpreter: it ends calls that never come back to Python, too.
        faulthandler.dump_traceback_later(request["seconds"] + GRACE, exit=True, file=silent)
        said, places = answer(request, binary)
        faulthandler.cancel_dump_traceback_later()
        write_frames(out, json.dumps(said).encode(), places)


if __name__ == "__main__":
    main()
