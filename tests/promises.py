"""Holds results to what the manifests promise, for the trial of the reference servers and for bench/."""

from fnmatch import fnmatchcase

from harness.engine.references import expected
from harness.engine.targets import prepare
from harness.judge.diagnosis import MOST_TOLD
from harness.judge.verdict import Outcome
from harness.record.role import Role
from harness.results.result import Result
from harness.subject.manifest import Reference, references
from harness.subject.places import shipped
from harness.subject.subject import Subject


def prepare_reference(name: str, role: Role = Role.SERVER) -> Subject:
    """Build a reference server or client; raises as `targets.prepare`."""
    return prepare(
        str(shipped("clients") / references(role)[name].path) if role is Role.CLIENT else name
    )


def is_settled(entry: Reference, identifier: str) -> bool:
    """False where the fault is a race that shows only now and then: there only `kills` is certain."""
    return identifier == entry.kills or not any(fnmatchcase(identifier, each) for each in entry.varies)


def diagnosed(result: Result) -> dict[str, str]:
    """Design, reaping and first cause of a result, under the manifest's names."""
    diagnosis = result.diagnosis
    cause = next(iter(diagnosis.causes), "")
    return {"design": diagnosis.design, "reaping": diagnosis.reaping, "cause": cause}


def misdiagnosed(entry: Reference, result: Result) -> list[str]:
    """The differences between a result's diagnosis and the manifest's, one sentence each.

    There is nothing to compare where the kind of cell cannot show the fault.
    """
    if entry.kills and expected(entry, entry.kills, result.cell) is not Outcome.FAIL:
        return []
    seen, told = diagnosed(result), result.diagnosis.causes[:MOST_TOLD]
    return [
        f"the diagnosis says {key} {seen[key]!r}, not {promised!r}"
        for key, promised in entry.diagnosis.items()
        if seen[key] != promised and not (key == "cause" and promised in told)
    ]
