"""Every course system that forkspec can be exported to: one file each in systems/."""

from collections.abc import Mapping
from typing import Final

from harness.extensions import declared

from . import systems
from .system import System

SYSTEMS: Final[Mapping[str, System]] = {
    each.name: each
    for each in sorted(declared(systems.__name__, "SYSTEM", System), key=lambda each: each.place)
}
