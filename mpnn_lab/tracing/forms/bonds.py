"""Layers that read bond features or bond types, beside the edge network and GINE."""

from __future__ import annotations

from collections.abc import Callable

FORMS: dict[type, Callable[..., str]] = {}
