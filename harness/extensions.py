"""What a folder of ours declares, one file each, and what other installed packages add by entry point.

It knows neither scenarios nor forms nor formats: the caller says of what type the values are.

Source: importlib.metadata; the entry points specification (packaging.python.org).
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import harness

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

SCENARIOS: Final = "forkspec.scenarios"
FORMS: Final = "forkspec.forms"
FORMATS: Final = "forkspec.formats"
_GROUP_OF_OURS: Final = b"[forkspec."
_ABOUT_A_PACKAGE: Final = frozenset({".dist-info", ".egg-info"})
_Value = TypeVar("_Value")


class BrokenExtension(harness.HarnessError):
    """An extension of another package is unusable; the text names the package and says why."""


@dataclass(frozen=True, slots=True)
class Extension(Generic[_Value]):
    """One entry point: its name, the package that it belongs to, and the value that it leads to."""

    group: str
    name: str
    package: str
    value: _Value

    def broken(self, why: str) -> BrokenExtension:
        """The error that refuses this extension."""
        return _broken(self.package, self.group, self.name, why)


def declared(
    package: str, name: str, wanted: type[_Value], *, by_each: bool = False
) -> Iterator[_Value]:
    """What the files of one of our packages declare under a name, in the order of the files.

    Raises:
        HarnessError: declared `by_each` of them it was to be, and one does not; its author's.
    """
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        found = getattr(importlib.import_module(module.name), name, None)
        if isinstance(found, wanted):
            yield found
        elif by_each:
            raise harness.HarnessError(f"{module.name}: its {name} is no {wanted.__name__}")


def installed(group: str, wanted: type[_Value]) -> Iterator[Extension[_Value]]:
    """Load a group's extensions by package and name; raises BrokenExtension for one that is bad."""
    for each in sorted(_entry_points(group), key=lambda each: (_package_of(each), each.name)):
        package = _package_of(each)
        try:
            value = each.load()
        except (Exception, SystemExit) as error:
            why = f"{type(error).__name__}: {error}"
            raise _broken(package, group, each.name, why) from error
        if not isinstance(value, wanted):
            why = f"{each.value} is a {type(value).__name__}, not a {wanted.__name__}"
            raise _broken(package, group, each.name, why)
        yield Extension(group, each.name, package, value)


def packages(*groups: str) -> list[str]:
    """The packages that extend one of these groups, with their versions; none of them is loaded."""
    found = (each.dist for group in groups for each in _entry_points(group))
    return sorted({f"{dist.name} {dist.version}" for dist in found if dist is not None})


def _entry_points(group: str) -> list[EntryPoint]:
    """What the installed packages add to a group of ours."""
    if not _may_be_extended(tuple(sys.path)):
        return []
    from importlib import metadata  # noqa: PLC0415  (it brings all of email along: a start takes longer)

    return list(metadata.entry_points(group=group))


@cache
def _may_be_extended(places: tuple[str, ...]) -> bool:
    """Whether a package that Python finds in these places says so; True where files cannot tell."""
    if [each for each in sys.meta_path if hasattr(each, "find_distributions")] != [PathFinder]:
        return True
    for place in map(Path, places):
        try:
            found = [*place.iterdir()]
        except FileNotFoundError:
            continue
        except OSError:  # an archive, say
            return True
        if any(each.suffix == ".egg" for each in (place, *found)):
            return True
        if any(_GROUP_OF_OURS in _points_of(each) for each in found if each.suffix in _ABOUT_A_PACKAGE):
            return True
    return False


def _points_of(package: Path) -> bytes:
    """The entry points of a package as they are written down; nothing where there are none."""
    with contextlib.suppress(OSError):
        return (package / "entry_points.txt").read_bytes()
    return b""


def _package_of(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown package"


def _broken(package: str, group: str, name: str, why: str) -> BrokenExtension:
    line = why.partition("\n")[0]
    return BrokenExtension(
        f"{package}: its extension {name} ({group}) cannot be used: {line}; "
        f"mend it, or uninstall {package}"
    )
