"""Every course system that forkspec can be exported to: one file each in systems/."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Final

from . import systems
from .system import System


def _systems() -> Iterator[System]:
    for module in pkgutil.iter_modules(systems.__path__, f"{systems.__name__}."):
        found = getattr(importlib.import_module(module.name), "SYSTEM", None)
        if isinstance(found, System):
            yield found


SYSTEMS: Final[Mapping[str, System]] = {
    each.name: each for each in sorted(_systems(), key=lambda each: each.place)
}
