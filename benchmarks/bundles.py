"""The size of each bundle of the front end, as it is sent to the page."""

from __future__ import annotations

from pathlib import Path

import mpnn_lab
from benchmarks import Row

STATIC = Path(mpnn_lab.__file__).parent / "static"
AT_MOST = {"stage.js": 150.0, "builder.js": 40.0, "map.js": 30.0, "viewer3d.js": 650.0}


def rows() -> list[Row]:
    """One row for each script and stylesheet, in units of 1000 bytes."""
    files = sorted([*STATIC.glob("*.js"), *STATIC.glob("*.css")])
    missing = AT_MOST.keys() - {file.name for file in files}
    if missing:
        raise FileNotFoundError(f"{STATIC} has no {', '.join(sorted(missing))}; run: make bundles")
    return [
        Row(file.name, "kB", file.stat().st_size / 1000, at_most=AT_MOST.get(file.name))
        for file in files
    ]
