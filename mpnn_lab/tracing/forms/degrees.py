"""Layers whose messages are weighted by degrees, beside GCN itself."""

from __future__ import annotations

from collections.abc import Callable

FORMS: dict[type, Callable[..., str]] = {}
