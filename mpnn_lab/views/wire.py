"""One versioned blob for widget and export alike.

Layout: the four bytes ``MPNN``; version and length of the manifest (two little-endian uint32);
the manifest (UTF-8 JSON, padded with spaces); then the arrays, each starting at a multiple of 8.
In the manifest an array stands as ``{"$array": number}``; equal numbers are stored once. One whose
offset is -1 is left out: the reader works it out, and `off` is the number of the array that says by
how many units in the last place each of its numbers is off then (-1: by none).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC, VERSION, ALIGNMENT = b"MPNN", 2, 8
DTYPES = ("float32", "int32", "uint8")


@dataclass(frozen=True)
class LeftOut:
    """Stands for an array of float32 that the reader works out itself.

    `off` says by how many places among the float32 numbers each then has to be moved, int32 or
    uint8: 0, 1, 2, 3, 4 ... stand for 0, -1, 1, -2, 2 ...; None where all are right as they are.
    """

    shape: tuple[int, ...]
    off: NDArray[Any] | None = None


def encode(view: Any) -> bytes:
    """Pack a view (dataclasses, containers, numbers, text and numpy arrays) into one blob.

    Floats that are not finite are refused with ValueError: no number on screen is made up.
    """
    store = _ArrayStore()
    body = {"view": _plain(view, store), "arrays": store.entries}
    manifest = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    manifest += b" " * (-(12 + len(manifest)) % ALIGNMENT)
    return b"".join([struct.pack("<4sII", MAGIC, VERSION, len(manifest)), manifest, *store.chunks])


def decode(blob: bytes) -> dict[str, Any]:
    """Unpack what `encode` packed, as dictionaries, lists and read-only numpy arrays.

    What was left out comes as a `LeftOut`.
    """
    magic, version, length = struct.unpack_from("<4sII", blob)
    if magic != MAGIC or version != VERSION:
        raise ValueError(
            f"not a version {VERSION} stage blob: it starts {magic!r}, version {version}"
        )
    manifest = json.loads(blob[12 : 12 + length])
    arrays = [_read(blob, 12 + length, entry) for entry in manifest["arrays"]]
    view: dict[str, Any] = _restore(manifest["view"], arrays)
    return view


class _ArrayStore:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.chunks: list[bytes] = []
        self._size = 0
        self._seen: dict[tuple[Any, ...], int] = {}
        self._held: dict[tuple[str, bytes], int] = {}

    def add(self, array: NDArray[Any]) -> int:
        name = array.dtype.name
        if name not in DTYPES:
            raise ValueError(f"the wire carries {', '.join(DTYPES)}; got {name}")
        if name == "float32" and not np.isfinite(array).all():
            raise ValueError("an array with NaN or infinity cannot be shown")
        data = np.ascontiguousarray(array).tobytes()
        key = (name, array.shape, data)
        if key not in self._seen:
            self._seen[key] = len(self.entries)
            offset = self._hold(name, data)
            self.entries.append({"dtype": name, "shape": array.shape, "offset": offset})
        return self._seen[key]

    def _hold(self, name: str, data: bytes) -> int:
        """Where the bytes lie; those of a matrix may be a row of another array."""
        if (name, data) not in self._held:
            self._held[name, data] = self._size
            padded = data + b"\0" * (-len(data) % ALIGNMENT)
            self.chunks.append(padded)
            self._size += len(padded)
        return self._held[name, data]

    def leave(self, array: LeftOut) -> int:
        off = -1 if array.off is None else self.add(array.off)
        self.entries.append({"dtype": "float32", "shape": array.shape, "offset": -1, "off": off})
        return len(self.entries) - 1


def _plain(value: Any, store: _ArrayStore) -> Any:
    if isinstance(value, np.ndarray):
        return {"$array": store.add(value)}
    if isinstance(value, LeftOut):
        return {"$array": store.leave(value)}
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), store) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v, store) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, store) for v in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"the wire carries no {type(value).__name__}")


def _read(blob: bytes, start: int, entry: dict[str, Any]) -> NDArray[Any] | LeftOut:
    shape = tuple(entry["shape"])
    if entry["offset"] < 0:
        return LeftOut(shape)
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(blob, entry["dtype"], count, start + entry["offset"]).reshape(shape)


def _restore(value: Any, arrays: list[NDArray[Any] | LeftOut]) -> Any:
    if isinstance(value, list):
        return [_restore(v, arrays) for v in value]
    if isinstance(value, dict):
        if "$array" in value:
            return arrays[value["$array"]]
        return {k: _restore(v, arrays) for k, v in value.items()}
    return value
