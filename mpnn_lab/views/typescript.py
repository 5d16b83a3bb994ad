"""Writes the front end's types from the view classes: ``python -m mpnn_lab.views.typescript``."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from mpnn_lab.views.against import AgainstView
from mpnn_lab.views.builder import BuilderForm, BuilderState
from mpnn_lab.views.gallery import GalleryView
from mpnn_lab.views.map import MapView
from mpnn_lab.views.scene3d import Colours, Solid
from mpnn_lab.views.stage import StageView
from mpnn_lab.views.wire import VERSION

TARGET = Path(__file__).parents[2] / "frontend" / "shared" / "views.ts"
HEADER = """\
// Generated from mpnn_lab/views by `python -m mpnn_lab.views.typescript`; do not edit.

export const WIRE_VERSION = {version};

export interface NumArray<T extends Float32Array | Int32Array | Uint8Array> {{
  shape: number[];
  data: T;
}}
"""
ARRAYS = {"float32": "Float32Array", "int32": "Int32Array", "uint8": "Uint8Array"}
SCALARS = {
    Any: "unknown",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


ROOTS = (StageView, AgainstView, GalleryView, MapView, BuilderForm, BuilderState, Solid, Colours)


def generate(*roots: type) -> str:
    """The TypeScript module that declares `roots` and every class reached from them."""
    declared: dict[type, str] = {}
    for root in roots or ROOTS:
        _declare(root, declared)
    return HEADER.format(version=VERSION) + "\n" + "\n".join(declared.values())


def _declare(cls: type, declared: dict[type, str]) -> None:
    if cls in declared:
        return
    hints = get_type_hints(cls)
    lines = [f"  {f.name}: {_type(hints[f.name], declared)};" for f in fields(cls)]
    doc = (cls.__doc__ or "").strip().splitlines()[0]
    declared[cls] = (
        f"/** {doc} */\nexport interface {cls.__name__} {{\n" + "\n".join(lines) + "\n}\n"
    )


def _type(hint: Any, declared: dict[type, str]) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if is_dataclass(hint):
        assert isinstance(hint, type)
        _declare(hint, declared)
        return hint.__name__
    if origin is Literal:
        return " | ".join(f'"{a}"' for a in args)
    if origin in (Union, types.UnionType):
        return " | ".join(_type(a, declared) for a in args)
    if origin is tuple:
        inner = _type(args[0], declared)
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_type(args[1], declared)}>"
    if origin is np.ndarray:
        scalar = get_args(args[1])[0]
        return f"NumArray<{ARRAYS[np.dtype(scalar).name]}>"
    raise TypeError(f"no TypeScript for {hint}")


if __name__ == "__main__":
    TARGET.write_text(generate())
