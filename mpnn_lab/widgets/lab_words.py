"""What the lab says of what it holds: above the tabs, and below them."""

from __future__ import annotations

import os

import psutil

from mpnn_lab.nn import Network
from mpnn_lab.tracing import Trace
from mpnn_lab.views.stage import HeaderView, Prediction
from mpnn_lab.widgets.choices import CHOICES

NOUNS = {"trained": "predicted", "untrained": "untrained output", "unknown": "output"}
"""What a model's number is called; the stage's header has the same words."""
MOST_PREDICTIONS = 3


def offered(model: Network) -> tuple[list[dict[str, str]], str]:
    """The models to choose from, the present one among them; and the present one's name."""
    known = [{"name": c.name, "label": c.label, "description": c.description} for c in CHOICES]
    name = next((c.name for c in CHOICES if c.spec == model.spec), "")
    own = {"name": "", "label": "your own", "description": model.spec.summary()}
    return (known if name else [own, *known]), name


def note(run: Trace, model: Network) -> str:
    """How much there is of everything, such as ``"4 atoms · 6 messages a round · ..."``."""
    atoms = int(run.data.num_nodes)  # the molecule may have hydrogens that the graph has not
    messages = sum(p.edge_index.shape[1] for p in run.rounds[0].propagations)
    weights = sum(p.numel() for p in model.parameters())
    parts = counted(atoms, "atom"), counted(messages, "message") + " a round"
    return " · ".join((*parts, counted(weights, "weight")))


def foot(header: HeaderView, model: Network, *, hidden: bool = False) -> list[str]:
    """What is predicted, where it was worked out, what the model was trained on, memory in use."""
    return [_predicted(header, hidden), _device(model), _training(header, model), memory()]


def _predicted(header: HeaderView, hidden: bool) -> str:
    noun, found = NOUNS[header.training], header.predictions
    if hidden:
        return f"{noun} hidden until it is guessed"
    if not found:
        return f"{noun}: see the stage"
    if len(found) > MOST_PREDICTIONS:
        return f"{noun} {counted(len(found), 'number')}"
    return f"{noun} {', '.join(map(_value, found))}"


def _value(said: Prediction) -> str:
    number = f"{said.value:.3g}".replace("-", "\u2212")
    return " ".join(part for part in (said.target, number, said.unit) if part)


def _device(model: Network) -> str:
    device = next(model.parameters()).device
    return "CPU" if device.type == "cpu" else str(device).upper()


def _training(header: HeaderView, model: Network) -> str:
    record = model.record
    if record is None:
        return header.status
    counts = f"trained on {record.trained_on:,}, tested on {record.tested_on:,}"
    return counts if header.training == "trained" else f"{counts}, weights changed since"


def memory() -> str:
    """How much memory the kernel holds at this moment, in MB of 10^6 bytes."""
    return f"{psutil.Process(os.getpid()).memory_info().rss / 1e6:,.0f} MB"


def counted(number: int, noun: str) -> str:
    """Such as ``"1 atom"``, ``"1,024 atoms"``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
