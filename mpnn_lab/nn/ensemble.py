"""Ensembles: several networks of one specification, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from mpnn_lab.checks import seed_number, whole_number
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.network import Network
from mpnn_lab.nn.spec import ModelSpec


class Ensemble(nn.Module):
    """The mean of several networks that differ in their weights alone.

    (Gilmer et al. 2017, section 6, average five.) What a molecule's predictions differ by says how
    far the choice of weights matters there, not how far they are from the truth.

    Parameters
    ----------
    spec : ModelSpec
        What each member is built from.
    members : int
        How many there are, at most `limits.members`.
    seed : int
        Member k is ``spec.build(seed + k)``.
    """

    def __init__(self, spec: ModelSpec, members: int = 5, seed: int = 0) -> None:
        super().__init__()
        count = whole_number("members", members, least=1, most=LIMITS.members)
        first = seed_number(seed)
        self.spec = spec
        self.members = nn.ModuleList(spec.build(first + k) for k in range(count))

    @classmethod
    def of(cls, members: Iterable[Network]) -> Ensemble:
        """The ensemble of these networks, such as ``[run.model for run in runs]``.

        They must be of one specification; they are taken as they are, not copied.
        """
        networks = list(members)
        if not networks:
            raise InputError("no networks were given to make an ensemble of")
        odd = next((k for k, n in enumerate(networks) if n.spec != networks[0].spec), None)
        if odd is not None:
            raise InputError(
                f"network {odd} of the ensemble has another specification than network 0: "
                f"{networks[odd].spec.summary()}, not {networks[0].spec.summary()}",
                mend="Give networks built from one specification.",
            )
        ensemble = cls.__new__(cls)
        nn.Module.__init__(ensemble)
        ensemble.spec = networks[0].spec
        ensemble.members = nn.ModuleList(networks)
        return ensemble

    def forward(self, data: Data) -> Tensor:
        """The members' mean prediction [graphs, targets], in the target's unit."""
        return self.each(data).mean(dim=0)

    def each(self, data: Data) -> Tensor:
        """Every member's prediction, [members, graphs, targets]."""
        return torch.stack([member(data) for member in self.members])

    def predict(self, data: Data) -> tuple[Tensor, Tensor]:
        """Mean and spread of the predictions, both [graphs, targets].

        The spread is the standard deviation of a sample (over members − 1), 0 for one member.
        """
        each = self.each(data)
        if len(each) == 1:
            return each[0], torch.zeros_like(each[0])
        return each.mean(dim=0), each.std(dim=0)
