"""Finds the scenarios by their place in the tree and registers them by name.

Nobody imports `scenarios`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import harness
from harness.judge.requirement import Requirement
from harness.stage import Scenario
from harness.subject.places import shipped

_GROUPS = (
    "contract", "service", "concurrency", "fork", "reaping", "stream", "abuse", "lifecycle", "client",
    "pair",
)  # fmt: skip
_Named = TypeVar("_Named", Scenario, Requirement)
_FOLDERS = {"server": ".", "client": "client", "pair": "pair"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The scenarios by name, and the requirements in the catalogue's order."""

    scenarios: dict[str, Scenario]
    requirements: tuple[Requirement, ...]

    def find(self, identifier: str) -> Requirement:
        """One requirement by id.

        Raises:
            UnknownRequirement: no such id; the user's mistake.
        """
        for requirement in self.requirements:
            if requirement.id == identifier:
                return requirement
        raise UnknownRequirement(identifier, [r.id for r in self.requirements])


class UnknownRequirement(harness.HarnessError):
    """There is no requirement with this id; the text names the nearest one."""

    def __init__(self, identifier: str, known: list[str]) -> None:
        """Names the nearest id; `difflib` is asked only now, when it is needed."""
        import difflib  # noqa: PLC0415

        near = difflib.get_close_matches(identifier, known, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else "'forkspec list' shows them all"
        super().__init__(f"{identifier}: no such requirement; {hint}")


def find(identifier: str) -> Requirement:
    """The requirement with this id, for whatever role.

    Raises:
        UnknownRequirement: there is none; the user's.
    """
    group = identifier.partition("/")[0]
    return load(group if group in _FOLDERS else "server").find(identifier)


def role_of(scenarios: Collection[str]) -> str:
    """The role of the subject that these scenarios were played with."""
    return next(role for role in reversed(_FOLDERS) if load(role).scenarios.keys() & set(scenarios))


def every_requirement() -> tuple[Requirement, ...]:
    """All requirements: first those of servers, then those of clients, then those of pairs."""
    return tuple(each for role in _FOLDERS for each in load(role).requirements)


def load(role: str = "server") -> Catalogue:
    """The scenarios and requirements for a role.

    Every file under `scenarios/` is imported once, by its path.

    Raises:
        HarnessError: a name stands twice, or a scenario lies in the folder of another role.
    """
    return _all()[role]


@cache
def _all() -> dict[str, Catalogue]:
    scenarios: dict[str, dict[str, Scenario]] = {}
    requirements: dict[str, dict[str, Requirement]] = {}
    for role, folder in _FOLDERS.items():
        scenarios[role], requirements[role] = {}, {}
        for path in sorted((shipped("scenarios") / folder).glob("*.py")):
            for value in vars(module_at(path)).values():
                if isinstance(value, Scenario):
                    _put(value, value.name, scenarios, role, f"{path}: a second scenario named")
                elif (found := getattr(value, "requirement", None)) and isinstance(found, Requirement):
                    _require_place(found.id, role, path)
                    _put(found, found.id, requirements, role, f"{path}: a second requirement")
    return {
        role: Catalogue(scenarios[role], tuple(_ordered(requirements[role].values())))
        for role in _FOLDERS
    }


def _put(
    value: _Named, name: str, among: Mapping[str, dict[str, _Named]], role: str, twice: str
) -> None:
    """Add a scenario or requirement; refuse a name that another one has, whatever its role."""
    if any(each.get(name, value) is not value for each in among.values()):
        raise harness.HarnessError(f"{twice} {name}")
    among[role][name] = value


def _require_place(identifier: str, role: str, path: Path) -> None:
    group = identifier.partition("/")[0]
    if group not in _GROUPS:
        raise harness.HarnessError(f"{path}: a requirement of no known group: {identifier}")
    if (group if group in _FOLDERS else "server") != role:
        raise harness.HarnessError(f"{path}: {identifier} is not asked of a {role}")


def module_at(path: Path) -> ModuleType:
    """Import one scenario file as a module; its name is made from its path."""
    place = path.relative_to(shipped("scenarios")).with_suffix("")
    name = ".".join(["forkspec_scenarios", *place.parts])
    if name not in sys.modules or sys.modules[name].__file__ != str(path):
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise harness.HarnessError(f"{path}: not a scenario file")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _ordered(requirements: Collection[Requirement]) -> Iterator[Requirement]:
    """Requirements by group, in the order of the levels; in a group, baselines first."""
    for group in _GROUPS:
        members = {r.id: r for r in requirements if r.id.startswith(group + "/")}
        yield from sorted(members.values(), key=lambda r: _depth(r, members))


def _depth(requirement: Requirement, members: dict[str, Requirement]) -> int:
    """The length of the longest chain of baselines in its own group below a requirement."""
    needs = [members[need] for need in requirement.needs if need in members]
    return 1 + max(_depth(need, members) for need in needs) if needs else 0


def scenario_folder() -> Path:
    """The folder that holds the scenarios."""
    return shipped("scenarios")
