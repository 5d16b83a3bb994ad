"""A run as a program: its molecule, its network, and the weights where no seed gives them."""

from __future__ import annotations

import torch
from torch import Tensor

from mpnn_lab.chem import canonical_smiles
from mpnn_lab.chem.smiles import read_smiles
from mpnn_lab.errors import InputError, LabError
from mpnn_lab.exporting.code import to_code
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import Network
from mpnn_lab.tracing import Trace


def session_code(trace: Trace, *, text: str = "", seed: int = 0) -> str:
    """Write a run as a plain PyTorch Geometric program that prints the run's prediction.

    Parameters
    ----------
    trace : Trace
        Of one molecule, by a network built from a `ModelSpec`.
    text : str
        What the molecule was read from: where that is a SMILES, the program has it as it is.
    seed : int
        Where `build` with this seed gives the network's weights, the program draws them;
        otherwise it holds them.

    Raises
    ------
    LabError
        Where the program could not say the same: the molecule has coordinates of its own that the
        network reads, the run was changed by a what-if, or there are too many weights.
    """
    model = trace.model
    if not isinstance(model, Network) or trace.mol is None:
        raise LabError(
            "only a run of one molecule by a model built from a ModelSpec is written as a program",
            mend="Use a ModelSpec, such as ml.ModelSpec(rounds=[ml.Layer('NNConv', 16)]).",
        )
    weights = model.state_dict()
    drawn = _same(weights, model.spec.build(seed).state_dict())
    return to_code(
        model.spec,
        seed=seed,
        molecule=_smiles(trace, model, text),
        weights=None if drawn else weights,
    )


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(
        a.dtype == b.dtype and torch.equal(a.cpu(), b)
        for a, b in zip(one.values(), other.values(), strict=True)
    )


def _smiles(trace: Trace, model: Network, text: str) -> str:
    """A SMILES from which the network makes of the molecule what the run did; tried out."""
    for written in (*text.split()[:1], canonical_smiles(trace.mol)):
        if _predicts(trace, model, written):
            return written
    raise LabError(
        "no SMILES of this molecule gives the prediction on stage: it was changed, or has "
        "coordinates of its own",
        mend="ml.to_code(spec) writes the network alone; its forward takes any graph of PyG's.",
    )


def _predicts(trace: Trace, model: Network, written: str) -> bool:
    try:
        data = model.spec.featurize(read_smiles(written, 0, len(written), LIMITS))
    except InputError:
        return False
    weight = next(model.parameters())
    data = data.to(weight.device).apply(
        lambda t: t.to(weight.dtype) if t.is_floating_point() else t
    )
    with torch.no_grad():
        output = model(data)
    return output.shape == trace.output.shape and torch.allclose(
        output, trace.output, rtol=1e-5, atol=1e-6
    )
