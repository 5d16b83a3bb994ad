"""How a module was constructed, seen while it is made, and the expression that makes it again."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from torch import Tensor, nn

from mpnn_lab.errors import SpecError

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Rendered by what they hold, which may have been put in after they were made."""


class Constructions:
    """What every module was given by the one who made it.

    Parameters are seen as they arrive at the constructor of the module's own class; what that
    hands on to its base classes is not a construction.
    """

    def __init__(self) -> None:
        self._given: dict[int, dict[str, Any]] = {}
        self._kept: list[nn.Module] = []  # while they live, their ids stay their own

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch this thread while modules are made in it."""
        before = sys.getprofile()
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _see(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or frame.f_code.co_name != "__init__" or not frame.f_code.co_varnames:
            return
        made = frame.f_locals.get(frame.f_code.co_varnames[0])
        if not isinstance(made, nn.Module) or id(made) in self._given:
            return
        init: Any = inspect.unwrap(type(made).__init__)
        if getattr(init, "__code__", None) is frame.f_code:
            names = inspect.signature(init).parameters
            given = frame.f_locals
            self._given[id(made)] = {n: _as_it_came(given[n]) for n in list(names)[1:]}
            self._kept.append(made)

    def amend(self, module: nn.Module, **changes: Any) -> None:
        """Take other values for some arguments of `module`."""
        self._given[id(module)].update(changes)

    def arguments(self, module: nn.Module) -> tuple[list[Any], dict[str, Any]]:
        """Positional and named arguments that make `module` again, defaults left out."""
        given = self._given[id(module)]
        positional: list[Any] = []
        named: dict[str, Any] = {}
        parameters = list(inspect.signature(type(module).__init__).parameters.values())[1:]
        for p in parameters:
            value = given[p.name]
            if p.kind is p.VAR_POSITIONAL:
                positional += value
            elif p.kind is p.VAR_KEYWORD:
                named |= value
            elif p.default is p.empty and p.kind is not p.KEYWORD_ONLY and not named:
                positional.append(value)
            elif p.default is p.empty or not _same(value, p.default):
                named[p.name] = value
        return positional, named


def _as_it_came(value: Any) -> Any:
    """Constructors write into the lists and dictionaries they are given."""
    return copy.copy(value) if isinstance(value, list | dict) else value


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and not isinstance(value, Tensor) and value == default


class Writer:
    """Writes expressions, and notes what they need.

    Attributes
    ----------
    imports : names to import, by the module they come from.
    own : classes and functions of this package, which have to be written down whole.
    """

    def __init__(
        self, constructions: Constructions, rename: dict[type, type] | None = None
    ) -> None:
        self.imports: dict[str, set[str]] = {}
        self.own: list[Any] = []
        self._constructions = constructions
        self._rename = rename or {}

    def __call__(self, value: Any, depth: int = 0) -> str:
        """The expression of a value; modules, and what holds them, go over several lines."""
        if isinstance(value, CONTAINERS):
            return self._container(value, depth)
        if isinstance(value, nn.Module):
            positional, named = self._constructions.arguments(value)
            cls = self._rename.get(type(value), type(value))
            parts = [self(v, depth + 1) for v in positional]
            parts += [f"{name}={self(v, depth + 1)}" for name, v in named.items()]
            return self.name(cls) + _bracketed("(", parts, ")", depth)
        if isinstance(value, Tensor):
            self.imports.setdefault("", set()).add("torch")
            return f"torch.tensor({value.tolist()!r}, dtype={value.dtype})"
        if isinstance(value, dict):
            parts = [f"{k!r}: {self(v, depth + 1)}" for k, v in value.items()]
            return _bracketed("{", parts, "}", depth)
        if isinstance(value, tuple | list):
            parts = [self(v, depth + 1) for v in value]
            if isinstance(value, list):
                return _bracketed("[", parts, "]", depth)
            return f"({parts[0]},)" if len(parts) == 1 else _bracketed("(", parts, ")", depth)
        if (isinstance(value, float) and value != value) or value in (float("inf"), -float("inf")):
            return f"float({str(value)!r})"
        if value is None or isinstance(value, bool | int | float | str):
            return repr(value)
        if isinstance(value, type | Callable):
            return self.name(value)
        raise SpecError(f"cannot write down a {type(value).__name__} as code")

    def name(self, thing: Any) -> str:
        """What a class or function is called in the program, its import noted."""
        module, name = thing.__module__, thing.__qualname__
        if module.startswith("mpnn_lab."):
            if thing not in self.own:
                self.own.append(thing)
            return str(name)
        if module.startswith("torch.nn.modules."):
            self.imports.setdefault("torch", set()).add("nn")
            return f"nn.{name}"
        public = next(
            (m for m in ("torch_geometric.nn", "torch_geometric.nn.aggr", "torch_geometric.nn.norm")
             if getattr(sys.modules.get(m), name, None) is thing),
            module,
        )  # fmt: skip
        self.imports.setdefault(public, set()).add(name)
        return str(name)

    def _container(self, value: Any, depth: int) -> str:
        self.imports.setdefault("torch", set()).add("nn")
        name = f"nn.{type(value).__name__}"
        if isinstance(value, nn.ModuleDict):
            parts = [f"{k!r}: {self(v, depth + 2)}" for k, v in value.items()]
            return f"{name}({_bracketed('{', parts, '}', depth)})"
        parts = [self(v, depth + 1) for v in value]
        if isinstance(value, nn.ModuleList):
            return f"{name}({_bracketed('[', parts, ']', depth)})"
        return name + _bracketed("(", parts, ")", depth)


def _bracketed(left: str, parts: list[str], right: str, depth: int, width: int = 88) -> str:
    """On one line where it fits, else one part a line."""
    line = left + ", ".join(parts) + right
    if "\n" not in line and len(line) + 4 * depth <= width:
        return line
    inner = " " * 4 * (depth + 1)
    return left + "\n" + "".join(f"{inner}{p},\n" for p in parts) + " " * 4 * depth + right
