"""Causes: hypotheses about the program behind the evidence, in the second person.

Each is shown only where its fault in `servers/faults/` reproduces exactly this evidence; a test
runs that fault and looks for that cause. One file for each group of requirements; where a group has
many, one for each way to fail. Each file holds `CAUSES`, and nothing else names it.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from .cause import Cause

__all__ = ["CAUSES", "Cause"]

_FILES: Final = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
CAUSES: Final[dict[str, Cause]] = {
    name: cause for file in _FILES for name, cause in getattr(file, "CAUSES", {}).items()
}
