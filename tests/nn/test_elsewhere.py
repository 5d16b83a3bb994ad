"""No public name of torch_geometric.nn is missing from the tables, and none is invented."""

import importlib
import pkgutil
from types import ModuleType

from torch_geometric import nn as pyg

from mpnn_lab.nn import AGGREGATORS, LAYERS, UNAVAILABLE
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.nn.elsewhere import DONE_OTHERWISE, ELSEWHERE, NO_USE, WHOLE_MODELS

PARTS = ("pool.connect", "pool.select")
"""Modules within modules whose names PyG documents, and does not lift."""


def lifted() -> set[str]:
    """What `torch_geometric.nn` itself offers, and the documented parts of poolings."""
    names = {k for k, v in vars(pyg).items() if k[0] != "_" and not isinstance(v, ModuleType)}
    for part in PARTS:
        names |= set(importlib.import_module(f"torch_geometric.nn.{part}").__all__)
    return names


def modules_apart(names: set[str]) -> set[str]:
    """Modules none of whose public names are among those."""
    apart = set()
    for found in pkgutil.iter_modules(pyg.__path__):
        module = importlib.import_module(f"torch_geometric.nn.{found.name}")
        own = {
            k
            for k, v in vars(module).items()
            if k[0] != "_" and getattr(v, "__module__", "") == module.__name__
        }
        if not names & set(getattr(module, "__all__", own)):
            apart.add(found.name)
    return apart


def registered() -> set[str]:
    """Names of classes that the registries hold."""
    built = (entry.build(8) for entry in AGGREGATORS.values())
    aggregations = {type(getattr(module, "inner", module)).__name__ for module in built}
    layers = {entry.conv.__name__ for entry in LAYERS.values()}
    enclosed = {entry.name for entry in LAYERS.values() if issubclass(entry.conv, Enclosing)}
    return layers | enclosed | set(UNAVAILABLE) | aggregations


def test_every_public_name_has_its_place():
    names = lifted()
    public = names | modules_apart(names)
    assert len(public) > 220
    assert public - registered() - set(ELSEWHERE) == set()


def test_nothing_is_listed_that_pyg_does_not_have():
    names = lifted()
    assert set(ELSEWHERE) - names - modules_apart(names) == set()


def test_nothing_stands_in_two_places():
    groups = (WHOLE_MODELS, DONE_OTHERWISE, NO_USE)
    assert len(ELSEWHERE) == sum(map(len, groups))
    assert set(ELSEWHERE) & registered() == set()


def test_each_has_a_reason_of_its_own_status():
    assert {status for status, _ in ELSEWHERE.values()} == {
        "whole model",
        "done otherwise",
        "no use",
    }
    for name, (_, reason) in ELSEWHERE.items():
        assert len(reason) > 12, name
        assert "|" not in reason, name
