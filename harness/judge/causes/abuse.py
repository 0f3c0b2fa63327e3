"""Causes behind what abuse/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {}
