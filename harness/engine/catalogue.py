"""Finds the scenarios by their place in the tree and registers them by name.

Nobody imports `scenarios`. Installed packages add modules of their own by entry point.
"""

import importlib.util
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

import harness
from harness import extensions
from harness.judge.requirement import Requirement
from harness.judge.story import Group, group_of
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.places import shipped

_Named = TypeVar("_Named", Scenario, Requirement)
_FOLDERS = {Role.SERVER: ".", Role.CLIENT: "client", Role.PAIR: "pair"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The scenarios by name, and the requirements in the catalogue's order."""

    scenarios: dict[str, Scenario]
    requirements: tuple[Requirement, ...]

    def find(self, identifier: str) -> Requirement:
        """One requirement by id; raises UnknownRequirement where there is none."""
        for requirement in self.requirements:
            if requirement.id == identifier:
                return requirement
        raise UnknownRequirement(identifier, [r.id for r in self.requirements])


class UnknownRequirement(harness.HarnessError):
    """There is no requirement with this id; the text names the nearest one."""

    def __init__(self, identifier: str, known: list[str]) -> None:
        """Names the nearest id; `difflib` is asked only now, when it is needed."""
        import difflib  # noqa: PLC0415

        self.identifier = identifier
        near = difflib.get_close_matches(identifier, known, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else "'forkspec list' shows them all"
        super().__init__(f"{identifier}: no such requirement; {hint}")


def find(identifier: str) -> Requirement:
    """The requirement with this id, for whatever role; raises UnknownRequirement without one."""
    try:
        role = group_of(identifier).role
    except ValueError:
        role = Role.SERVER
    return load(role).find(identifier)


def role_of(scenarios: Collection[str]) -> Role:
    """The role of the subject that these scenarios were played with."""
    return next(role for role in reversed(Role) if load(role).scenarios.keys() & set(scenarios))


def every_requirement() -> tuple[Requirement, ...]:
    """All requirements: first those of servers, then those of clients, then those of pairs."""
    return tuple(each for role in Role for each in load(role).requirements)


def ids_from(incomplete: str) -> list[str]:
    """The ids of requirements that begin so, for a shell that completes them."""
    return [each.id for each in every_requirement() if each.id.startswith(incomplete)]


def load(role: Role = Role.SERVER) -> Catalogue:
    """The scenarios and requirements for a role.

    Every file under `scenarios/` is imported once, by its path.

    Raises:
        HarnessError: a name stands twice, or a scenario lies in the folder of another role.
    """
    with _LOADING:
        return _all()[role]


_LOADING: Final = threading.RLock()  # settings of hand-ins are read in threads


@cache
def _all() -> dict[Role, Catalogue]:
    found = _Found()
    for role, folder in _FOLDERS.items():
        for path in sorted((shipped("scenarios") / folder).glob("*.py")):
            if refused := found.add(module_at(path), role):
                raise harness.HarnessError(f"{path}: {refused}")
    added = [*extensions.installed(extensions.SCENARIOS, ModuleType)]
    for extension in added:
        if refused := found.add(extension.value):
            raise extension.broken(refused)
    for extension in added:
        if lacking := found.unknown_needs(extension.value):
            raise extension.broken(lacking)
    return {role: Catalogue(found.scenarios[role], _ordered(found.requirements[role])) for role in Role}


class _Found:
    """The scenarios and requirements declared so far, by role and name."""

    def __init__(self) -> None:
        self.scenarios: dict[Role, dict[str, Scenario]] = {role: {} for role in Role}
        self.requirements: dict[Role, dict[str, Requirement]] = {role: {} for role in Role}

    def add(self, module: ModuleType, role: Role | None = None) -> str:
        """Add what a module declares for a role; without one, for that of its requirements.

        It gives the reason why it may not be added, "" where it may: a name that another one has,
        whatever its role; no known group; another role's.
        """
        values = vars(module).values()
        scenarios = [each for each in values if isinstance(each, Scenario)]
        requirements = _declared(module)
        for each in requirements:
            try:
                role = role or each.group.role
                if each.group.role is not role:
                    return f"{each.id} is not asked of a {role}"
            except ValueError:
                return f"a requirement of no known group: {each.id}"
        if role is None:
            return f"{module.__name__} declares no requirement"
        for scenario in scenarios:
            if not _put(scenario, scenario.name, self.scenarios, role):
                return f"a second scenario named {scenario.name}"
        for each in requirements:
            if not _put(each, each.id, self.requirements, role):
                return f"a second requirement {each.id}"
        return ""

    def unknown_needs(self, module: ModuleType) -> str:
        """Which baseline a requirement of this module names that there is not, in words; "" for none."""
        for each in _declared(module):
            known = self.requirements[each.group.role]
            for need in each.needs:
                if need not in known:
                    return f"{each.id} needs {need}, and there is no such requirement"
        return ""


def _declared(module: ModuleType) -> list[Requirement]:
    """The requirements that a module declares: each is an attribute of its judgement."""
    asked = [getattr(each, "requirement", None) for each in vars(module).values()]
    return [each for each in asked if isinstance(each, Requirement)]


def _put(value: _Named, name: str, among: Mapping[Role, dict[str, _Named]], role: Role) -> bool:
    """Add a scenario or requirement; False for a name that another one has, whatever its role."""
    if any(each.get(name, value) is not value for each in among.values()):
        return False
    among[role][name] = value
    return True


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


def _ordered(found: Mapping[str, Requirement]) -> tuple[Requirement, ...]:
    """Requirements by group, in the order of the levels; in a group, baselines first."""
    groups = list(Group)
    depths = {each.id: _depth(each, found) for each in found.values()}
    return tuple(sorted(found.values(), key=lambda each: (groups.index(each.group), depths[each.id])))


def _depth(requirement: Requirement, among: Mapping[str, Requirement]) -> int:
    """The length of the longest chain of baselines in its own group below a requirement."""
    needs = [among[need] for need in requirement.needs if need in among]
    return max((1 + _depth(need, among) for need in needs if need.group is requirement.group), default=0)
