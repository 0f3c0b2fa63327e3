"""The reference servers and clients: what the manifests promise of each, and what a result keeps."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from harness.judge.diagnosis import MOST_TOLD
from harness.judge.verdict import Outcome
from harness.results.result import Result
from harness.subject import submission
from harness.subject.build import Subject
from harness.subject.places import shipped

from .targets import prepare

_PROMISES: Final = {
    "passes": Outcome.PASS,
    "fails": Outcome.FAIL,
    "blocked": Outcome.BLOCKED,
    "not_applicable": Outcome.NOT_APPLICABLE,
}
_SETTLED_BY: Final = {"contract/design": "design", "contract/idle-timeout": "idle_timeout_s"}


def described() -> dict[str, str]:
    """The reference servers: name to role and, for faults, the defect."""
    return {
        name: " ".join(filter(None, (entry["role"], entry.get("says", ""))))
        for name, entry in submission.references().items()
    }


def manifest(role: str = "server") -> dict[str, dict[str, Any]]:
    """The reference servers, or clients, by name, with what each must show (manifest.toml)."""
    return submission.client_references() if role == "client" else submission.references()


def prepare_reference(name: str, role: str = "server") -> Subject:
    """Build one of a manifest; raises as `prepare`."""
    return prepare(str(shipped("clients") / manifest(role)[name]["path"]) if role == "client" else name)


def expected(entry: Mapping[str, Any], identifier: str, cell: str = "") -> Outcome:
    """What the manifest's entry promises for one requirement; PASS where it is silent.

    An id goes before a pattern ("fork/*"), a failure before what is blocked or not applicable. What a
    kind of cell cannot show is not applicable there, unless its baseline fails; an entry's own
    differences of that kind go before all.
    """
    if here := entry.get("differs", {}).get(cell, {}).get(identifier):
        return Outcome(here)
    promised = _promised(entry, identifier)
    if promised is not Outcome.BLOCKED and identifier in submission.cell_differences().get(cell, {}):
        return Outcome.NOT_APPLICABLE
    return promised


def is_settled(entry: Mapping[str, Any], identifier: str) -> bool:
    """False where a fault is a race that shows now here, now there: only `kills` is sure then."""
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
    """Design, reaping and first cause, as a manifest's entry has them."""
    diagnosis = result.diagnosis
    cause = next(iter(diagnosis.causes), "")
    return {"design": diagnosis.design, "reaping": diagnosis.reaping, "cause": cause}


def misdiagnosed(entry: Mapping[str, Any], result: Result) -> list[str]:
    """What the diagnosis says otherwise than the manifest's entry, one sentence each.

    A fault that this kind of cell cannot show has no diagnosis there.
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
    """The reference servers that fail a requirement: the faults named for it first."""
    entries = submission.references().items()
    named = [name for name, entry in entries if entry.get("kills") == identifier]
    others = [name for name, entry in entries if identifier in entry.get("fails", ())]
    return list(dict.fromkeys([*named, *others]))
