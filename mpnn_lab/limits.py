"""Every cap in one place, checked before the work it bounds is begun."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Caps on what is read, drawn and sent.

    Attributes
    ----------
    line_characters : longest SMILES or InChI, in characters.
    block_bytes : largest molblock, in bytes of UTF-8.
    branch_depth : deepest nesting of branches in a SMILES.
    atoms : most atoms of one molecule read from text (hydrogens that are only counted
        are not among them).
    embedded_atoms : most heavy atoms of a molecule whose 3D coordinates are worked out.
    embedding_seconds : how long that may take before its process is killed.
    plane_atoms : most heavy atoms of a molecule laid out in the plane for its coordinates.
    edges : most directed edges of one graph (a complete graph of 316 atoms has 99,540).
    stage_atoms : most heavy atoms drawn on the stage.
    stage_bytes : most bytes sent with one stage.
    picture_bytes : most bytes of a picture that the page sends back.
    picture_width : widest of them, in pixels.
    scene_bytes : most bytes of calls that one 3D scene sends to the page.
    weight_bytes : largest single parameter sent with it; sums over a larger one are checked
        but not spelled out.
    matrix_cells : most numbers of one edge matrix that is computed when the page asks for it.
    jacobian_cells : most derivatives of states by first states worked out at one request.
    map_points : most points of an embedding map.
    gallery_kinds : most kinds of bonds of a data set whose matrices are shown.
    rounds : most rounds of message passing in one model.
    width : widest state, in channels.
    towers : most towers that messages are passed in side by side.
    members : most networks of one ensemble.
    parameters : most weights of a network built while it is being put together.
    multiply_adds : most of them in one run of such a network.
    json_bytes : largest model specification, in bytes of JSON.
    code_weight_bytes : most bytes of weights written down in a program.
    """

    line_characters: int = 10_000
    block_bytes: int = 1_000_000
    branch_depth: int = 200
    atoms: int = 2_000
    embedded_atoms: int = 150
    embedding_seconds: float = 8.0
    plane_atoms: int = 1_000
    edges: int = 100_000
    stage_atoms: int = 300
    stage_bytes: int = 64_000_000
    picture_bytes: int = 20_000_000
    picture_width: int = 8_192
    scene_bytes: int = 16_000_000
    weight_bytes: int = 256_000
    matrix_cells: int = 262_144
    jacobian_cells: int = 50_000_000
    map_points: int = 20_000
    gallery_kinds: int = 256
    rounds: int = 64
    width: int = 2_048
    towers: int = 64
    members: int = 100
    parameters: int = 20_000_000
    multiply_adds: int = 2_000_000_000
    json_bytes: int = 1_000_000
    code_weight_bytes: int = 8_000_000


LIMITS = Limits()
