"""Definitions of this package written into a program, with all they need, and nothing else."""

from __future__ import annotations

import ast
import importlib
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mpnn_lab.errors import LabError

PACKAGE = "mpnn_lab"


@dataclass(frozen=True)
class Source:
    """One module: its text, its definitions and its imports at top level, by name."""

    lines: tuple[str, ...]
    defined: dict[str, ast.stmt]
    imported: dict[str, tuple[str, str]]

    def text(self, node: ast.stmt) -> str:
        """The lines of a definition, decorators included."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        return "\n".join(self.lines[first - 1 : node.end_lineno])


@dataclass
class Embedding:
    """Collects definitions, those that others need before them.

    Attributes
    ----------
    imports : names to import, by module; ``""`` for modules imported whole.
    texts : the definitions, in order, by name.
    """

    imports: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    _home: dict[str, str] = field(default_factory=dict)

    def add(self, module: str, name: str) -> None:
        """Add the definition of `name` in `module`, after all that it uses."""
        source = source_of(module)
        node = source.defined.get(name)
        if node is None:
            imported = source.imported.get(name)
            if imported is not None:
                self._import(*imported, name)
            return
        if name in self._home:
            if self._home[name] != module:
                raise LabError(f"{name} is defined in {self._home[name]} and in {module}")
            return
        self._home[name] = module
        for used in _names(node):
            self.add(module, used)
        self.texts[name] = source.text(node)

    def pieces(self) -> list[str]:
        """The definitions, constants that follow one another as one piece."""
        together: list[str] = []
        constant = False
        for text in self.texts.values():
            was, constant = constant, not text.startswith(("def ", "class ", "@"))
            if was and constant:
                together[-1] += "\n" + text
            else:
                together.append(text)
        return together

    def _import(self, module: str, name: str, called: str) -> None:
        if module.split(".")[0] == PACKAGE:
            if name != called:
                raise LabError(f"{module}.{name} is imported as {called}; such names are not kept")
            self.add(*_home_of(module, name))
            return
        alias = name if name == called else f"{name} as {called}"
        self.imports.setdefault(module, set()).add(alias)


def _home_of(module: str, name: str) -> tuple[str, str]:
    """Where a name of a folder's public face is defined."""
    source = source_of(module)
    if name not in source.defined and name in source.imported:
        return _home_of(*source.imported[name])
    return module, name


@cache
def source_of(module: str) -> Source:
    """Read a module of this package."""
    importlib.import_module(module)
    text = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {t.id: node for t in targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            imported |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
        elif isinstance(node, ast.Import):
            imported |= {a.asname or a.name.split(".")[0]: ("", a.name) for a in node.names}
    return Source(tuple(text.splitlines()), defined, imported)


def _names(node: ast.stmt) -> list[str]:
    """Names that a definition uses, its annotations among them, in order of appearance."""
    found: dict[str, Any] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.setdefault(part.id)
        elif isinstance(part, ast.ImportFrom) and str(part.module).startswith(PACKAGE):
            raise LabError(f"line {part.lineno}: what is embedded imports at the top of its file")
    return list(found)
