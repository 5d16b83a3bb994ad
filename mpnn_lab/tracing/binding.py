"""How a model is called: with the graph itself, or with its fields by the names of `forward`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import lru_cache
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

from mpnn_lab.chem import Mol
from mpnn_lab.errors import TraceError

WHOLE = ("data", "batch", "batch_data", "graph", "inputs")
"""Names of a single parameter that takes the graph itself."""
ATOMS = ("x", "z", "batch", "num_nodes", "num_graphs", "batch_size")
"""Fields that say nothing of which atom is beside which."""
MENDS = {
    "z": "Give the graph its molecule (data.mol), or the atomic numbers themselves (data.z).",
    "pos": "Make the graph with ml.featurize(mol, geometry=True), or add positions [atoms, 3]: "
    "data.pos = ...",
    "edge_type": "Number the kinds of bond, such as data.edge_type = data.edge_kind.",
    "edge_weight": "Add one number an edge: data.edge_weight = ...",
}
"""Fields that a graph often lacks, and where they come from."""
_COMPILED = ("radius_graph", "SparseTensor")


def caller(
    model: nn.Module,
    data: Any,
    forward: Callable[[Any, Any], Any] | None,
    without: Collection[str] = (),
) -> Callable[[], Any]:
    """A function of no arguments that runs the model on the graph.

    A `forward` of one parameter that is no field of the graph gets the graph itself; any other
    gets the fields by the names of its parameters, and what a molecule's graph implies besides:
    ``batch``, ``z``, ``pos`` where the molecule has a conformer, ``num_nodes``, ``batch_size``.
    One that only hands its arguments on (`torch_geometric.nn.GAE`) gets what its encoder needs.
    Fields in `without` that it can do without are left out.
    """
    if forward is not None:
        return lambda: forward(model, data)
    needed, optional, handed_on = _parameters(model)
    if _takes_all(data, needed):
        return lambda: model(data)
    given = {name: field(data, name) for name in needed}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        hints = [MENDS[name] for name in missing if name in MENDS]
        raise TraceError(
            f"{type(model).__name__}.forward needs {', '.join(missing)}; the graph has "
            f"{', '.join(sorted(data.keys()))}",
            mend=" ".join(
                hints or ["Add what is missing to the graph, or pass forward=lambda m, d: ..."]
            ),
        )
    if handed_on:
        return lambda: _call(model, given, tuple(given.values()), {})
    given |= {name: data.get(name) for name in optional if name not in without}
    fields = {name: value for name, value in given.items() if value is not None}
    return lambda: _call(model, fields, (), fields)


def unread(model: nn.Module, data: Any) -> frozenset[str]:
    """Optional fields of the graph that no layer of the model was built for, as far as they say.

    PyG's layers that can read features of edges have an `edge_dim`; built without one, they stop
    at these features.
    """
    dims = [m.edge_dim for m in model.modules() if hasattr(m, "edge_dim")]
    if not dims or any(dim is not None for dim in dims):
        return frozenset()
    bound = (name for name in _parameters(model)[1] if data.get(name) is not None)
    return frozenset({"edge_attr"}.intersection(bound))


def reads_edges(model: nn.Module, data: Any) -> bool:
    """Whether a model gets more from the graph, by the names of its parameters, than its atoms."""
    needed, optional, _ = _parameters(model)
    if _takes_all(data, needed):
        return True
    return any(field(data, name) is not None for name in (*needed, *optional) if name not in ATOMS)


def _takes_all(data: Any, needed: list[str]) -> bool:
    if len(needed) != 1 or needed[0] in ("x", *MENDS):
        return False
    return needed[0] in WHOLE or field(data, needed[0]) is None


def field(data: Any, name: str) -> Any:
    """A field of the graph, or what the graph implies of it; None where it has neither."""
    value = data.get(name)
    if value is not None or name not in _IMPLIED:
        return value
    return _IMPLIED[name](data)


def _batch(data: Any) -> Tensor:
    return torch.zeros(data.num_nodes, dtype=torch.long, device=_device(data))


def _atomic_numbers(data: Any) -> Tensor | None:
    mols = _molecules(data)
    if mols is None:
        return None
    numbers = [atom.GetAtomicNum() for mol in mols for atom in mol.GetAtoms()]
    return torch.tensor(numbers, dtype=torch.long, device=_device(data))


def _positions(data: Any) -> Tensor | None:
    """Those of the molecules' first conformers, in Å, where each has one in space."""
    mols = _molecules(data)
    if mols is None or not all(
        mol.GetNumConformers() and mol.GetConformer().Is3D() for mol in mols
    ):
        return None
    rows = [row for mol in mols for row in mol.GetConformer().GetPositions().tolist()]
    return torch.tensor(rows, dtype=torch.get_default_dtype(), device=_device(data))


def _molecules(data: Any) -> list[Mol] | None:
    """The molecules whose atoms are the nodes."""
    mols = data.get("mol")
    mols = mols if isinstance(mols, list) else [mols]
    if not all(isinstance(mol, Mol) for mol in mols):
        return None
    return mols if sum(mol.GetNumAtoms() for mol in mols) == data.num_nodes else None


def _device(data: Any) -> torch.device:
    tensors = (value for value in data.to_dict().values() if isinstance(value, Tensor))
    return next((t.device for t in tensors), torch.device("cpu"))


def _graphs(data: Any) -> int:
    batch = data.get("batch")
    return int(batch.max()) + 1 if isinstance(batch, Tensor) and len(batch) else 1


_IMPLIED: dict[str, Callable[[Any], Any]] = {
    "batch": _batch,
    "z": _atomic_numbers,
    "pos": _positions,
    "num_nodes": lambda data: data.num_nodes,
    "num_graphs": _graphs,
    "batch_size": _graphs,
}


def _call(
    model: nn.Module, fields: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    try:
        return model(*args, **kwargs)
    except Exception as fault:
        fault.add_note(
            f"It was called with the graph's {', '.join(fields)}, by the names of its forward's "
            "parameters; to call it otherwise, pass forward=lambda m, d: m(d.x, d.edge_index)."
        )
        if isinstance(fault, ImportError) and any(word in str(fault) for word in _COMPILED):
            fault.add_note(
                "Plain torch can stand in: from mpnn_lab.nn import stand_ins, then "
                "with stand_ins(): ml.trace(model, data)."
            )
        raise


def _parameters(model: nn.Module) -> tuple[list[str], list[str], bool]:
    """Parameters that `forward` needs, and can do without; whether they are handed on as they are.

    A module that takes whatever comes (``*args``) hands it to its `encoder`, or has a signature of
    its own, as `torch_geometric.nn.Sequential` may.
    """
    given = _taken(model)
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    named = [p for p in given if p.kind in kinds]
    if not named and any(p.kind is p.VAR_POSITIONAL for p in given):
        own = getattr(getattr(model, "signature", None), "param_dict", None)
        if own is not None:
            return list(own), [], True
        if isinstance(encoder := getattr(model, "encoder", None), nn.Module):
            return _parameters(encoder)[0], [], True
        raise TraceError(
            f"{type(model).__name__}.forward takes whatever it is given (*args)",
            mend="Say how to call it: forward=lambda m, d: m(d.x, d.edge_index).",
        )
    needed = [p.name for p in named if p.default is p.empty]
    return needed, [p.name for p in named if p.default is not p.empty], False


def _taken(model: nn.Module) -> tuple[inspect.Parameter, ...]:
    """The parameters of `forward`, without the module itself."""
    of_class = getattr(type(model), "forward", None)
    if "forward" in vars(model) or not inspect.isfunction(of_class):
        return tuple(inspect.signature(model.forward).parameters.values())
    return _of_method(of_class)


@lru_cache(maxsize=256)
def _of_method(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(MethodType(function, function)).parameters.values())
