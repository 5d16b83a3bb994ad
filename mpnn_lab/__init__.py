"""A laboratory for message passing on molecules, in a notebook: ``import mpnn_lab as ml``.

The public names are loaded when first asked for, so that the import itself costs neither torch
nor RDKit.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "CheckpointError": "errors",
    "EdgeNetworkConv": "nn",
    "EmbeddingMap": "widgets",
    "Ensemble": "nn",
    "Featurizer": "chem",
    "InputError": "errors",
    "Lab": "widgets",
    "LabError": "errors",
    "ModelBuilder": "widgets",
    "LabWarning": "errors",
    "Layer": "nn",
    "ModelSpec": "nn",
    "PRESETS": "nn",
    "SpecError": "errors",
    "Stage": "widgets",
    "TraceError": "errors",
    "Viewer3D": "widgets",
    "enable_py3dmol_offline": "widgets",
    "featurize": "graph",
    "load_dataset": "datasets",
    "preset": "nn",
    "read_molecule": "chem",
    "to_code": "exporting",
    "told_apart": "tracing",
    "trace": "tracing",
    "train": "training",
    "what_if": "tracing",
    "wl_colours": "tracing",
}
"""Each public name, and the module of this package that holds it."""

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("mpnn-lab")
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value  # found once; from now on an ordinary attribute
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME, "__version__"})
