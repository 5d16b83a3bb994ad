"""Weights written down in a program."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Mapping

from torch import Tensor

from mpnn_lab.errors import LabError
from mpnn_lab.limits import LIMITS

IMPORTS = {"": {"base64", "zlib"}}
TRAINED = '''\
WEIGHTS = """
%s
"""


def with_weights(network: MPNN) -> MPNN:
    """Give a network the weights that are written down above, in the order of its state."""
    held = zlib.decompress(base64.b85decode("".join(WEIGHTS.split())))
    state, at = network.state_dict(), 0
    for name, value in state.items():
        end = at + value.numel() * value.element_size()
        if end > at:
            new = torch.frombuffer(bytearray(held[at:end]), dtype=value.dtype)
            state[name] = new.reshape(value.shape)
        at = end
    network.load_state_dict(state)
    return network
'''


def written(weights: Mapping[str, Tensor]) -> str:
    """The part of a program that holds these weights and gives them to its network.

    Raises
    ------
    LabError
        Where they take more than `Limits.code_weight_bytes`.
    """
    held = [value.detach().cpu().contiguous().numpy().tobytes() for value in weights.values()]
    size = sum(map(len, held))
    if size > LIMITS.code_weight_bytes:
        raise LabError(
            f"the weights take {size / 1e6:.0f} MB; at most {LIMITS.code_weight_bytes / 1e6:.0f} "
            "MB are written down in a program",
            mend="Save model.state_dict() beside the program of ml.to_code(model.spec), and load "
            "it there: build().load_state_dict(...).",
        )
    text = base64.b85encode(zlib.compress(b"".join(held), 9)).decode("ascii")
    return TRAINED % "\n".join(textwrap.wrap(text, 96, break_on_hyphens=False))
