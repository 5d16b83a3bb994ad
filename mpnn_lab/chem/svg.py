"""RDKit's SVG taken apart into plain path records: no markup leaves this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.errors import InputError

_GREEN, _BLUE = 0x7F, 0x3F
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PATH = re.compile(r"[-MLQCAZz0-9.,\s]+")
_TOLERANCE = 0.11  # coordinates are written with one decimal


@dataclass(frozen=True)
class DepictionPath:
    """One stroke or filled glyph of the picture; never markup.

    Attributes
    ----------
    d : the path's commands and coordinates (only M, L, Q, C, A, Z, numbers).
    fill : whether it is filled; else it is a line.
    width : of the line (0: none).
    element : atomic number that gives the colour (6 for plain bonds).
    atom, bond : what it belongs to, -1 where to none.
    """

    d: str
    fill: bool
    width: float
    element: int
    atom: int
    bond: int


def element_palette() -> dict[int, tuple[float, float, float]]:
    """Give every element a colour of its own, from which `read_paths` tells it again."""
    # Red is twice the atomic number and a half, so that truncating and rounding both keep it.
    return {
        number: ((2 * number + 0.5) / 255, (_GREEN + 0.5) / 255, (_BLUE + 0.5) / 255)
        for number in range(119)
    }


def read_paths(svg: str, positions: NDArray[np.float32]) -> tuple[DepictionPath, ...]:
    """Read the strokes and glyphs of RDKit's drawing.

    Parameters
    ----------
    svg : str
        Drawn with `element_palette`.
    positions : float32 [atoms, 2]
        Where the atoms are: strokes that round off the corner at an atom have no other mark.

    Raises
    ------
    InputError
        Where the drawing holds anything but paths and ellipses, so that nothing is left out.
    """
    paths = []
    for node in ElementTree.fromstring(svg).iter():
        tag = node.tag.rpartition("}")[2]
        if tag in ("svg", "g", "metadata", "defs"):
            continue
        if tag not in ("path", "ellipse"):
            raise InputError(f"RDKit drew a <{tag}>, which has no place in a depiction")
        paths.append(_read_path(node, tag, positions))
    return tuple(paths)


def _read_path(
    node: ElementTree.Element, tag: str, positions: NDArray[np.float32]
) -> DepictionPath:
    """Read one element of the drawing."""
    style = dict(
        part.strip().split(":", 1) for part in node.get("style", "").split(";") if ":" in part
    )
    fill = node.get("fill") or style.get("fill", "none")
    stroke = style.get("stroke", "none")
    d = " ".join((node.get("d", "") if tag == "path" else _ellipse(node)).split())
    if not _PATH.fullmatch(d):
        raise InputError(f"RDKit drew a path that is not understood: {d[:40]!r}")
    width = style.get("stroke-width", "0").removesuffix("px")
    marks = node.get("class", "").split()
    bond = next((int(mark[5:]) for mark in marks if mark.startswith("bond-")), -1)
    atom = next((int(mark[5:]) for mark in marks if mark.startswith("atom-")), -1)
    if bond >= 0:
        atom = -1
    elif atom < 0:
        atom = _corner_atom(d, positions)
    filled = fill != "none"
    return DepictionPath(
        d=d,
        fill=filled,
        width=float(width) if stroke != "none" else 0.0,
        element=_element(fill if filled else stroke),
        atom=atom,
        bond=bond,
    )


def _element(colour: str) -> int:
    """Tell the atomic number from a colour; 6 for a colour that is no element's."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        return 6
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red // 2 if abs(green - _GREEN) <= 1 and abs(blue - _BLUE) <= 1 else 6


def _corner_atom(d: str, positions: NDArray[np.float32]) -> int:
    """Find the atom whose corner a stroke rounds off: its middle point; -1 for none."""
    numbers = [float(number) for number in _NUMBER.findall(d)]
    if len(numbers) != 6 or len(positions) == 0:
        return -1
    away = np.abs(positions - np.array(numbers[2:4])).max(axis=1)
    nearest = int(away.argmin())
    return nearest if away[nearest] <= _TOLERANCE else -1


def _ellipse(node: ElementTree.Element) -> str:
    """Write an ellipse as a path of two arcs."""
    x, y, rx, ry = (float(node.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
    arc = f"A {rx:.2f},{ry:.2f} 0 1 0"
    return f"M {x - rx:.2f},{y:.2f} {arc} {x + rx:.2f},{y:.2f} {arc} {x - rx:.2f},{y:.2f} Z"
