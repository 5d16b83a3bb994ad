"""The project's own files and syntax trees, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mpnn_lab"


def files(*suffixes: str) -> list[Path]:
    """The files of the project, without what ``.gitignore`` leaves out.

    Parameters
    ----------
    *suffixes : str
        Only files that end so; without any, all.
    """
    lines = (ROOT / ".gitignore").read_text().split()
    ignored = [line.strip("/") for line in lines] + [".git"]

    def kept(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            inside = path.relative_to(ROOT).as_posix()
            if any(fnmatch(path.name, i) or fnmatch(inside, i) for i in ignored):
                continue
            if path.is_dir():
                yield from kept(path)
            else:
                yield path

    return [path for path in kept(ROOT) if not suffixes or path.suffix in suffixes]


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Each text file's name inside the project, and what it holds."""
    for path in files(*suffixes):
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or another binary file holds no words


def imports(path: Path) -> set[str]:
    """The modules that `path` imports anywhere, by their full names.

    ``from a import b`` counts as ``a.b``, since ``b`` may be a module.
    """
    found: set[str] = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found
