"""train(spec, dataset) -> Run: training in the background, and what came of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch_geometric.data import Data

from mpnn_lab.checks import seed_number, whole_number
from mpnn_lab.chem import canonical_smiles
from mpnn_lab.datasets import MoleculeDataset, load_dataset
from mpnn_lab.errors import InputError, LabError
from mpnn_lab.nn import ModelSpec, Network, TrainingRecord, copied, fingerprint
from mpnn_lab.training.batches import batches, graphs_of
from mpnn_lab.training.history import Epoch


class Run:
    """One training run; it goes on in the background until its epochs are done.

    Attributes
    ----------
    spec, dataset : what is trained on what.
    split : row numbers of the training, validation and test part.
    device : where it runs.
    history : list of `Epoch`, one a pass, growing while it runs.
    """

    def __init__(
        self, spec: ModelSpec, dataset: MoleculeDataset, epochs: int, device: torch.device,
        seed: int, batch_size: int, learning_rate: float,
    ) -> None:  # fmt: skip
        self.spec, self.dataset, self.device, self.seed = spec, dataset, device, seed
        self.epochs, self.batch_size, self.learning_rate = epochs, batch_size, learning_rate
        self.split = dataset.split("random", seed=seed)
        self.history: list[Epoch] = []
        self._graphs = graphs_of(spec, dataset)
        self._network = spec.build(seed).to(device)
        self._scale_to_training_part()
        self._best = copied(self._network)
        self._best_epoch, self._best_rmse = 0, float("inf")
        self._fault: BaseException | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mpnn_lab training", daemon=True)

    @property
    def running(self) -> bool:
        """Whether epochs are still to come."""
        return self._thread.is_alive()

    @property
    def model(self) -> Network:
        """A copy of the best network so far on the validation part, with its training record.

        Before the first epoch has ended this is the untrained network, and says so.
        """
        with self._lock:
            model, epoch = copied(self._best), self._best_epoch
        if epoch:
            model.record = self._record(model, epoch)
        return model.cpu()

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until the run has ended (at most `timeout` seconds), and give the run itself.

        An interrupt ends the waiting, not the run. If the run failed, its error is raised here.
        """
        self._thread.join(timeout)
        if self._fault is not None:
            raise self._fault
        return self

    def stop(self) -> Run:
        """End the run after the batch in work, and wait for that."""
        self._stopping.set()
        return self.wait()

    def __repr__(self) -> str:
        state = "running" if self.running else "ended"
        last = (
            f", validation RMSE {self._best_rmse:.3g} {self.dataset.unit}" if self.history else ""
        )
        done = self.history[-1].epoch if self.history else 0
        return f"<Run on {self.dataset.name}: {state}, epoch {done} of {self.epochs}{last}>"

    def _scale_to_training_part(self) -> None:
        targets = torch.cat([self._graphs[i].y for i in self.split[0]])
        self._network.shift.copy_(targets.mean(0))
        spread = targets.std(0, correction=0)
        self._network.scale.copy_(torch.where(spread > 0, spread, torch.ones_like(spread)))

    def _work(self) -> None:
        try:
            self._loop()
        except BaseException as fault:  # kept, and raised by wait()
            self._fault = fault

    def _loop(self) -> None:
        began = time.perf_counter()
        generator = np.random.default_rng(self.seed)
        optimizer = torch.optim.Adam(self._network.parameters(), lr=self.learning_rate)
        for epoch in range(1, self.epochs + 1):
            loss = self._pass(generator.permutation(self.split[0]), optimizer, epoch)
            if loss is None:
                return
            rmse = _rmse(self._network, self._graphs, self.split[1], self.device)
            with self._lock:
                if rmse < self._best_rmse:
                    self._best_rmse, self._best_epoch = rmse, epoch
                    self._best = copied(self._network)
                self.history.append(Epoch(epoch, loss, rmse, time.perf_counter() - began))

    def _pass(self, order: Any, optimizer: torch.optim.Optimizer, epoch: int) -> float | None:
        """One epoch's mean loss; None where the run was stopped within it."""
        network = self._network.train()
        total, count = 0.0, 0
        for batch in batches(self._graphs, order, self.batch_size, self.device):
            if self._stopping.is_set():
                return None
            optimizer.zero_grad()
            error = (network(batch) - batch.y) / network.scale
            loss = nn.functional.mse_loss(error, torch.zeros_like(error))
            objective = loss + network.aux_loss
            if not objective.isfinite():
                raise LabError(
                    f"the loss is {objective.item()} in epoch {epoch}: training diverged; "
                    f"the best weights (epoch {self._best_epoch}) are kept",
                    mend="Try a smaller learning_rate.",
                )
            objective.backward()
            optimizer.step()
            total, count = total + loss.item() * len(batch.y), count + len(batch.y)
        return total / count

    def _record(self, model: Network, epoch: int) -> TrainingRecord:
        train, validation, test = self.split
        targets = torch.cat([g.y for g in self._graphs])
        baseline = (targets[test] - targets[train].mean(0)).square().mean().sqrt().item()
        return TrainingRecord(
            dataset=self.dataset.name,
            title=self.dataset.title or self.dataset.name,
            epoch=epoch,
            target_names=self.dataset.target_names,
            unit=self.dataset.unit,
            trained_on=len(train),
            tested_on=len(test),
            test_rmse=_rmse(model, self._graphs, test, self.device),
            baseline_rmse=baseline,
            training_smiles=self._smiles(train),
            validation_smiles=self._smiles(validation),
            weights=fingerprint(model),
        )

    def _smiles(self, rows: Any) -> frozenset[str]:
        return frozenset(canonical_smiles(self.dataset.mols[i]) for i in rows)


def train(
    spec: ModelSpec,
    dataset: MoleculeDataset | str,
    *,
    epochs: int = 100,
    device: str = "auto",
    seed: int = 0,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
) -> Run:
    """Train a network in the background.

    The molecules are split at random (80/10/10, by `seed`), targets are scaled to mean 0 and
    spread 1 over the training part (the network's own last buffers undo it), and Adam minimises
    the mean squared error. The network kept is the best on the validation part.

    Parameters
    ----------
    spec : ModelSpec
        What to build.
    dataset : MoleculeDataset or str
        A data set, or the name of one, such as ``"freesolv"``.
    epochs : int
        Passes over the training part.
    device : str
        ``"auto"`` (CUDA where there is one, else the CPU) or a torch device.
    seed : int
        Draws the weights, the split and the order of the molecules.
    batch_size : int
        Molecules a step.
    learning_rate : float
        Of Adam (Kingma and Ba 2015, arXiv:1412.6980).

    Returns
    -------
    Run
        Call its `wait()` before relying on it.
    """
    epochs, batch_size = (
        whole_number("epochs", epochs, 1),
        whole_number("batch_size", batch_size, 1),
    )
    seed = seed_number(seed)
    if not isinstance(learning_rate, int | float) or not 0 < learning_rate < float("inf"):
        raise InputError(f"learning_rate is {learning_rate!r}; expected a positive number")
    if not isinstance(spec, ModelSpec):
        raise InputError(f"spec is a {type(spec).__name__}; expected a ModelSpec")
    if isinstance(dataset, str):
        dataset = load_dataset(dataset)
    if not isinstance(dataset, MoleculeDataset):
        raise InputError(f"dataset is a {type(dataset).__name__}; expected a MoleculeDataset")
    place = _device(device)
    run = Run(spec, dataset, epochs, place, seed, batch_size, learning_rate)
    run._thread.start()
    return run


def _device(name: str) -> torch.device:
    """The device of this name, tried with one number there and back."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, TypeError, AssertionError) as fault:
        raise InputError(
            f"device {name!r} cannot be used: {str(fault).splitlines()[0]}",
            mend="Use 'auto', 'cpu', or 'cuda' where there is one.",
        ) from fault
    return device


@torch.no_grad()
def _rmse(network: Network, graphs: list[Data], rows: Any, device: torch.device) -> float:
    """Root mean square error in the target's unit; the network's mode is kept."""
    mode = network.training
    network.eval()
    squares = [
        (network(batch) - batch.y).square().flatten()
        for batch in batches(graphs, rows, 256, device)
    ]
    network.train(mode)
    return torch.cat(squares).mean().sqrt().item()
