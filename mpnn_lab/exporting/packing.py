"""Bytes as text that can stand in an HTML file, as few as can be.

A blob's numbers are laid out byte by byte (all lowest bytes first), which compresses better;
then it is deflated; then written seven bits a character. `frontend/stage/unpack.ts` goes back.
"""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np

FORBIDDEN = "\0\r<"
"""What HTML does not keep as it is inside an element, or takes for the beginning of a tag."""
BEYOND = 0x100
"""Where the characters begin that stand for one of these and the seven bits after it."""


def planes(blob: bytes) -> bytes:
    """A stage blob with the bytes of its arrays sorted by their place in a word of four."""
    (length,) = struct.unpack_from("<I", blob, 8)
    head, arrays = blob[: 12 + length], blob[12 + length :]
    return head + np.frombuffer(arrays, np.uint8).reshape(-1, 4).T.tobytes()


def deflate(data: bytes) -> bytes:
    """Compressed as the page's ``DecompressionStream("deflate")`` reads it; always the same."""
    # Numbers repeat themselves seldom: short repetitions cost more than they save.
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    return packer.compress(data) + packer.flush()


def as_text(data: bytes) -> str:
    """Seven bits a character; one forbidden in HTML goes with the next into one of two bytes.

    Every character is ASCII but ``<``, NUL and CR, or lies between U+0100 and U+027F: no tag,
    comment or reference can begin in it, and 8 bytes take 9.14 in UTF-8.
    """
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    bits = np.append(bits, np.zeros(-len(bits) % 7, np.uint8))
    sevens = np.packbits(bits.reshape(-1, 7), axis=1)[:, 0] >> 1
    text = sevens.tobytes().decode("ascii") + "\n"  # so that each of them has a next one
    return re.sub(f"([{FORBIDDEN}])(.)", _joined, text, flags=re.DOTALL)


def _joined(found: re.Match[str]) -> str:
    return chr(BEYOND + 128 * FORBIDDEN.index(found[1]) + ord(found[2]))
