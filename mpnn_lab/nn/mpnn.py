"""A message-passing network as it runs: projection, rounds, readout, head, unit.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from mpnn_lab.nn.supply import supply_of


class MPNN(nn.Module):
    """A message-passing network over molecules, made of its parts.

    Parameters
    ----------
    project : features [N, columns] to first states [N, F].
    rounds : the rounds of message passing, one for all where they are tied.
    times : how many rounds are run.
    jumping : the states after all rounds to what the readout is given, where that is not the last.
    readout : states [N, F] and each atom's molecule to one row a molecule.
    reads : what the readout is given beside the last states: the last ``edge_index``.
    head : that row to the targets.
    targets : how many numbers are predicted.
    bond_columns : names of the bonds' features.
    atom_columns : names of the atoms' features.
    reads : what the readout is given beside the last states: the first ones ``h_0``, the atoms'
        ``features``, the ``states`` of all rounds.
    d_master : width of the master node's state, which begins as zeros; 0 where there is none.
    tied_update : whether all rounds take the update of the first one, tower by tower.
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        project: nn.Module,
        rounds: nn.ModuleList,
        times: int,
        readout: nn.Module,
        head: nn.Module,
        targets: int,
        bond_columns: tuple[str, ...],
        atom_columns: tuple[str, ...] = (),
        reads: tuple[str, ...] = (),
        d_master: int = 0,
        jumping: nn.Module | None = None,
        tied_update: bool = False,
    ) -> None:
        super().__init__()
        if tied_update:
            tie_updates(rounds)
        self.project = project
        self.rounds = rounds
        self.times = times
        self.jumping = jumping
        self.reads = reads
        self.readout = readout
        self.head = head
        self.bond_columns = bond_columns
        self.atom_columns = atom_columns
        self.remembers = any("history" in getattr(part, "reads", ()) for part in rounds.modules())
        self.reads = reads
        self.d_master = d_master
        self.register_buffer("scale", torch.ones(targets))
        self.register_buffer("shift", torch.zeros(targets))

    def forward(self, data: Data) -> Tensor:
        """Predict [graphs, targets], in the target's unit, for a `Data` or a batch of them."""
        batch, graphs = data.batch, 1
        if batch is None:
            batch = data.edge_index.new_zeros(data.x.shape[0])
        else:
            graphs = data.num_graphs
        h = self.project(data.x)
        supply = supply_of(
            data, h, batch, self.bond_columns, atom_columns=self.atom_columns, graphs=graphs
        )
        if self.d_master:
            supply = replace(supply, master=h.new_zeros(graphs, self.d_master))
        states = [h]
        if len(self.rounds) < self.times:
            first: Any = self.rounds[0]
            supply = first.prepare(h, supply)
        for t in range(self.times):
            self.before_round(t, h)
            if self.remembers:
                supply = supply.remembering(h)
            h, supply = self.rounds[t % len(self.rounds)](h, supply)
            states.append(h)
        if self.jumping is not None:
            h = self.jumping(states[1:])
        known = {
            "edge_index": supply.edge_index,
            "h_0": states[0],
            "features": data.x,
            "states": tuple(states),
        }
        given = {name: known[name] for name in self.reads}
        pooled = self.readout(h, supply.batch, dim_size=graphs, **given)
        out: Tensor = self.head(pooled) * self.scale + self.shift
        return out

    @property
    def aux_loss(self) -> Tensor | float:
        """What the readout wants added to the loss, after a pass in training; 0 for most."""
        loss: Tensor | float = getattr(self.readout, "aux_loss", 0.0)
        return loss

    def before_round(self, t: int, h: Tensor) -> None:
        """Look at the states [N, F] that enter round t, from 0."""


def tie_updates(rounds: nn.ModuleList) -> None:
    """Give all rounds the update of the first one; of rounds in towers, each tower its own."""
    firsts = towers_of(rounds[0])
    for round_ in rounds:
        for own, first in zip(towers_of(round_), firsts, strict=True):
            own.update = first.update


def towers_of(round_: Any) -> list[Any]:
    """The rounds side by side in one, each of which has an update; mostly itself alone."""
    return list(getattr(round_, "towers", [round_]))
