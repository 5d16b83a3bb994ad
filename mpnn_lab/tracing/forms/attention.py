"""Layers that weigh their neighbours by attention."""

from __future__ import annotations

from collections.abc import Callable

FORMS: dict[type, Callable[..., str]] = {}
