"""The reference servers and clients: what the manifests expect of each, and whether a result agrees."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from harness.judge.diagnosis import MOST_TOLD
from harness.judge.verdict import Evidence, Outcome, Verdict
from harness.record.role import Role
from harness.results.result import Result
from harness.subject import submission
from harness.subject.build import Subject
from harness.subject.places import shipped

from . import catalogue
from .targets import prepare

_PROMISES: Final = {
    "passes": Outcome.PASS,
    "fails": Outcome.FAIL,
    "blocked": Outcome.BLOCKED,
    "not_applicable": Outcome.NOT_APPLICABLE,
}
_SETTLED_BY: Final = {"contract/design": "design", "contract/idle-timeout": "idle_timeout_s"}


def described() -> dict[str, str]:
    """The reference servers: name to role, and for a fault its defect."""
    return {
        name: " ".join(filter(None, (entry["role"], entry.get("says", ""))))
        for name, entry in submission.references().items()
    }


def manifest(role: Role = Role.SERVER) -> dict[str, dict[str, Any]]:
    """The reference servers, or clients, by name, with the verdicts expected of each (manifest.toml)."""
    return submission.client_references() if role is Role.CLIENT else submission.references()


def prepare_reference(name: str, role: Role = Role.SERVER) -> Subject:
    """Build a reference server or client; raises as `targets.prepare`."""
    return prepare(
        str(shipped("clients") / manifest(role)[name]["path"]) if role is Role.CLIENT else name
    )


def expected(entry: Mapping[str, Any], identifier: str, cell: str = "") -> Outcome:
    """The verdict that the manifest expects for one requirement; PASS where it says nothing.

    An id goes before a pattern ("fork/*"); fails goes before blocked and not_applicable. What a kind of
    cell cannot show is NOT_APPLICABLE there, unless its baseline fails. The entry's own differences for
    that kind of cell go before all.
    """
    if here := entry.get("differs", {}).get(cell, {}).get(identifier):
        return Outcome(here)
    promised = _promised(entry, identifier)
    if promised is not Outcome.BLOCKED and identifier in submission.cell_differences().get(cell, {}):
        return Outcome.NOT_APPLICABLE
    return promised


def promised(name: str) -> dict[str, Verdict]:
    """All verdicts that the manifest expects of a reference server, as if it had been judged."""
    entry = manifest()[name]
    told = Evidence("as the manifest promises")
    return {r.id: Verdict(expected(entry, r.id), told) for r in catalogue.load().requirements}


def is_settled(entry: Mapping[str, Any], identifier: str) -> bool:
    """False where the fault is a race that shows only now and then: there only `kills` is certain."""
    return identifier not in entry.get("varies", ())


def _promised(entry: Mapping[str, Any], identifier: str) -> Outcome:
    for matches in (str.__eq__, fnmatchcase):
        for key, outcome in _PROMISES.items():
            if any(matches(identifier, named) for named in entry.get(key, ())):
                return outcome
    contract = entry.get("contract", {})
    if identifier in _SETTLED_BY and not contract.get(_SETTLED_BY[identifier]):
        return Outcome.NOT_APPLICABLE
    if identifier == "stream/joined" and contract.get("closes", True):
        return Outcome.NOT_APPLICABLE
    return Outcome.PASS


def diagnosed(result: Result) -> dict[str, str]:
    """Design, reaping and first cause of a result, under the manifest's names."""
    diagnosis = result.diagnosis
    cause = next(iter(diagnosis.causes), "")
    return {"design": diagnosis.design, "reaping": diagnosis.reaping, "cause": cause}


def misdiagnosed(entry: Mapping[str, Any], result: Result) -> list[str]:
    """The differences between a result's diagnosis and the manifest's, one sentence each.

    There is nothing to compare where the kind of cell cannot show the fault.
    """
    if "kills" in entry and expected(entry, entry["kills"], result.cell) is not Outcome.FAIL:
        return []
    seen, told = diagnosed(result), result.diagnosis.causes[:MOST_TOLD]
    return [
        f"the diagnosis says {key} {seen[key]!r}, not {promised!r}"
        for key, promised in entry.get("diagnosis", {}).items()
        if seen[key] != promised and not (key == "cause" and promised in told)
    ]


def killers_of(identifier: str) -> list[str]:
    """The reference servers that fail a requirement; first those whose fault it is named for."""
    entries = submission.references().items()
    named = [name for name, entry in entries if entry.get("kills") == identifier]
    others = [name for name, entry in entries if identifier in entry.get("fails", ())]
    return list(dict.fromkeys([*named, *others]))
