"""Finds the scenarios by location and registers them by name. Nobody imports `scenarios`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import harness
from harness.judge.requirement import Requirement
from harness.stage import Scenario
from harness.subject.places import shipped

_GROUPS = (
    "contract", "service", "concurrency", "fork", "reaping", "stream", "abuse", "lifecycle", "client",
    "pair",
)  # fmt: skip
_FOLDERS = {"server": ".", "client": "client", "pair": "pair"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All scenarios by name, and all requirements in the catalogue's order."""

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
    """There is no requirement of that id; the text names the nearest."""

    def __init__(self, identifier: str, known: list[str]) -> None:
        """Names the nearest id; `difflib` is asked only now, when it is needed."""
        import difflib  # noqa: PLC0415

        near = difflib.get_close_matches(identifier, known, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else "'forkspec list' shows them all"
        super().__init__(f"{identifier}: no such requirement; {hint}")


def find(identifier: str) -> Requirement:
    """One requirement by id, whatever role it is for; raises UnknownRequirement."""
    group = identifier.partition("/")[0]
    return load(group if group in _FOLDERS else "server").find(identifier)


def role_of(scenarios: Collection[str]) -> str:
    """What was on trial, by the scenarios that it played in."""
    return next(role for role in reversed(_FOLDERS) if load(role).scenarios.keys() & set(scenarios))


def every_requirement() -> tuple[Requirement, ...]:
    """Those of servers, and after them those of clients and of pairs."""
    return tuple(each for role in _FOLDERS for each in load(role).requirements)


@cache
def load(role: str = "server") -> Catalogue:
    """Import every file of `scenarios/` for a role, by its path, once."""
    scenarios: dict[str, Scenario] = {}
    requirements: list[Requirement] = []
    for path in sorted((shipped("scenarios") / _FOLDERS[role]).glob("*.py")):
        for value in vars(module_at(path)).values():
            if isinstance(value, Scenario):
                if value.name in scenarios:
                    raise harness.HarnessError(f"{path}: a second scenario named {value.name!r}")
                scenarios[value.name] = value
            elif (found := getattr(value, "requirement", None)) and isinstance(found, Requirement):
                requirements.append(found)
    return Catalogue(scenarios, tuple(_ordered(requirements)))


def module_at(path: Path) -> ModuleType:
    """The module of one scenario file, imported under a name of its own."""
    name = f"forkspec_scenarios.{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise harness.HarnessError(f"{path}: not a scenario file")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _ordered(requirements: list[Requirement]) -> Iterator[Requirement]:
    """By group in the order of the levels; within a group baselines first, then as the files say."""
    strange = [r.id for r in requirements if r.id.partition("/")[0] not in _GROUPS]
    if strange:
        raise harness.HarnessError(f"requirements of no known group: {', '.join(strange)}")
    for group in _GROUPS:
        members = {r.id: r for r in requirements if r.id.startswith(group + "/")}
        yield from sorted(members.values(), key=lambda r: _depth(r, members))


def _depth(requirement: Requirement, members: dict[str, Requirement]) -> int:
    """How many baselines of its own group stand below a requirement."""
    needs = [members[need] for need in requirement.needs if need in members]
    return 1 + max(_depth(need, members) for need in needs) if needs else 0
