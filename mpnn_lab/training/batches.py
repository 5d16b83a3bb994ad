"""A data set as graphs, and the batches of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch_geometric.data import Batch, Data

from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError
from mpnn_lab.graph import collate
from mpnn_lab.nn import ModelSpec


def graphs_of(spec: ModelSpec, dataset: MoleculeDataset) -> list[Data]:
    """Every molecule as the graph that `spec` reads, with its targets y [1, targets].

    Raises
    ------
    InputError
        If the data set's targets are not those of the specification, or one is not finite.
    """
    columns = len(dataset.target_names)
    if spec.targets != columns:
        raise InputError(
            f"the specification predicts {spec.targets} target(s), {dataset.name!r} has {columns}",
            mend=f"Use ModelSpec(..., targets={columns}).",
        )
    targets = torch.as_tensor(dataset.targets, dtype=torch.get_default_dtype())
    bad = (~targets.isfinite()).any(dim=1).nonzero().flatten().tolist()
    if bad:
        raise InputError(
            f"the targets of {dataset.name!r} are not finite in row {bad[0]} "
            f"({len(bad)} such row(s))",
            mend="Remove or mend these rows.",
        )
    graphs = []
    for mol, row in zip(dataset.mols, targets, strict=True):
        data = spec.featurize(mol)
        data.y = row[None]
        graphs.append(data)
    return graphs


def batches(
    graphs: Sequence[Data], order: NDArray[np.int64], size: int, device: torch.device
) -> Iterator[Batch]:
    """The graphs in this order, `size` at a time, on the device."""
    for start in range(0, len(order), size):
        yield collate([graphs[i] for i in order[start : start + size]]).to(device)
