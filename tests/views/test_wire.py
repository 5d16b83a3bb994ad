"""The blob: both ways, shared arrays, alignment, what it refuses."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

from mpnn_lab.views.wire import ALIGNMENT, LeftOut, decode, encode


@dataclass(frozen=True)
class Small:
    """A view to pack."""

    name: str
    numbers: tuple[np.ndarray, ...]
    nothing: None
    nested: dict[str, float]


def test_both_ways():
    arrays = (
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.zeros((0, 2), dtype=np.int32),
        np.array(7, dtype=np.uint8),
    )
    got = decode(encode(Small("é </script>", arrays, None, {"a": 0.1})))
    assert got["name"] == "é </script>"
    assert got["nothing"] is None
    assert got["nested"] == {"a": 0.1}
    for sent, received in zip(arrays, got["numbers"], strict=True):
        assert received.dtype == sent.dtype
        assert received.shape == sent.shape
        assert (received == sent).all()


def test_equal_arrays_travel_once_and_all_are_aligned():
    big = np.random.default_rng(0).normal(size=1001).astype(np.float32)
    once, twice = (len(encode(Small("", (big,) * n, None, {}))) for n in (1, 2))
    assert twice - once < 40
    blob = encode(Small("x", (np.ones(3, np.uint8), big), None, {}))
    start = blob.index(big.tobytes())
    assert start % ALIGNMENT == 0


def test_equal_numbers_in_another_shape_travel_once_too():
    rows = np.arange(600, dtype=np.float32).reshape(6, 100)
    alone, both = (len(encode({"a": rows, "b": b})) for b in (rows, rows.reshape(6, 10, 10)))
    assert both - alone < 100
    got = decode(encode({"a": rows, "b": rows.reshape(6, 10, 10)}))
    assert (got["b"].reshape(6, 100) == got["a"]).all()
    bits = decode(encode({"a": np.zeros(4, np.float32), "b": np.zeros(4, np.int32)}))
    assert (bits["a"].dtype, bits["b"].dtype) == (np.float32, np.int32)


def test_of_what_is_left_out_the_shape_is_told_and_how_far_off_it_comes():
    off = np.array([0, 3], dtype=np.uint8)
    blob = encode({"a": LeftOut((2,), off), "b": LeftOut((5, 7))})
    length = int.from_bytes(blob[8:12], "little")
    entries = json.loads(blob[12 : 12 + length])["arrays"]
    left = [e for e in entries if e["offset"] < 0]
    assert [e["shape"] for e in left] == [[2], [5, 7]]
    assert entries[left[0]["off"]]["dtype"] == "uint8"
    assert left[1]["off"] == -1
    assert decode(blob) == {"a": LeftOut((2,)), "b": LeftOut((5, 7))}


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (np.array([np.nan], dtype=np.float32), ValueError),
        (np.array([np.inf], dtype=np.float32), ValueError),
        (np.zeros(2), ValueError),
        (object(), TypeError),
        (float("nan"), ValueError),
    ],
)
def test_what_cannot_be_shown_is_refused(value, error):
    with pytest.raises(error):
        encode({"a": value})


def test_another_version_is_refused():
    blob = bytearray(encode({}))
    blob[4] = 99
    with pytest.raises(ValueError, match="version 99"):
        decode(bytes(blob))
