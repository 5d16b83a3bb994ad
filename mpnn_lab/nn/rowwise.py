"""Whether a module treats each row by itself, so that equal rows may be computed once."""

from __future__ import annotations

from torch import nn
from torch.nn.modules import module as torch_module
from torch_geometric.nn.dense.linear import Linear

ROWWISE: frozenset[type[nn.Module]] = frozenset(
    {
        nn.Sequential, nn.Identity, nn.Linear, Linear, nn.LayerNorm, nn.RMSNorm,
        nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU,
        nn.Mish, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.Softsign, nn.Tanhshrink, nn.Softshrink,
        nn.Hardshrink, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish, nn.LogSigmoid, nn.Threshold,
    }
)  # fmt: skip
"""Modules whose every output row depends on the same input row alone, in any mode."""

HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
"""Where torch keeps a module's hooks, and, after ``_global``, those of all modules."""


def has_hooks(module: nn.Module) -> bool:
    """Whether a call of this module itself is noticed by hooks, its own or those of all modules."""
    return any(
        getattr(module, hooks) or getattr(torch_module, f"_global{hooks}") for hooks in HOOKS
    )


def is_rowwise(module: nn.Module) -> bool:
    """Whether every part of `module`, as it stands now, treats each row by itself.

    Exact types only: a subclass may do something else. A part with hooks is not shared, since
    the hook would see fewer rows; a module that declares ``rowwise = True`` is taken at its word.
    """
    if getattr(module, "rowwise", False) is True:
        return True
    return all(_is_rowwise_part(part) for part in module.modules())


def _is_rowwise_part(part: nn.Module) -> bool:
    if has_hooks(part):
        return False
    if "forward" in vars(part):  # replaced on this very module
        return False
    if type(part) is nn.Dropout:
        return not part.training or part.p == 0
    if type(part) is nn.BatchNorm1d:
        return not part.training and part.track_running_stats
    return type(part) in ROWWISE
