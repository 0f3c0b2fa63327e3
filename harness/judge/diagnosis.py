"""One sentence from the whole recording: what kind of server this is, and what ails it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import views
from .causes import CAUSES
from .recording import Kind, Missing, Recording, Snapshot
from .verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Design and reaping in the catalogue's words; "" for what does not apply or is not known."""

    design: str
    reaping: str
    sentence: str


_SENTENCES = {
    "does not run": "Your program never became a server",
    "iterative": "You serve one client at a time",
    "fork": "You fork a child per connection",
    "double fork": "You fork twice per connection, so that init adopts the child that serves",
    "threads": "You start a thread per connection",
    "event loop": "You serve all clients from one process, in an event loop",
    "one-shot": "You serve one client and end",
}
_REAPING = {
    "none": "reap none of them",
    "once per signal": "reap once per SIGCHLD",
    "first only": "reap only the first",
    "at next accept": "reap when the next client comes",
    "complete": "reap every one",
    "by the kernel": "leave the reaping to the kernel",
}


def diagnose(recordings: Mapping[str, Recording], verdicts: Mapping[str, Verdict]) -> Diagnosis:
    """Design, reaping and the first cause that counts; never raises on what is missing."""
    design = _design(recordings, verdicts)
    if not design:
        return Diagnosis("", "", "")
    reaping = _reaping(verdicts) if design == "fork" else ""
    words = _SENTENCES.get(design) or f"You serve from a fixed set of workers: {design}"
    if reaping:
        words += f" and {_REAPING[reaping]}"
    causes = [
        CAUSES[verdict.evidence.cause].because
        for verdict in verdicts.values()
        if verdict.outcome is Outcome.FAIL and verdict.evidence.cause in CAUSES
    ]
    told = [_capital(cause) for cause in dict.fromkeys(causes)][:2]
    sentences = told if any(cause.startswith(words) for cause in told) else [words, *told]
    return Diagnosis(design, reaping, ". ".join(sentences) + ".")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _design(recordings: Mapping[str, Recording], verdicts: Mapping[str, Verdict]) -> str:
    """The catalogue's word for how it serves, "" when too little was seen."""
    start = recordings.get("starting")
    if start is not None and start.is_finished and start.first(Kind.LISTENS) is None:
        return "does not run"
    try:
        series = recordings["one after another"]
        first, client = series.snapshots()[0], series.clients("client ")[0]
        during, born = series.after(client.connected), views.born_for(series, client)
    except (Missing, KeyError, IndexError):
        return ""
    if born:
        orphan = born[-1].ppid == first.init and during.find(views.server(series)) is not None
        return "double fork" if orphan else "fork"
    return _without_children(first, during, verdicts)


def _without_children(first: Snapshot, during: Snapshot, verdicts: Mapping[str, Verdict]) -> str:
    again = verdicts.get("service/again")
    if _failed(again) and again is not None and again.evidence.facts.get("served") == 1:
        return "one-shot"
    if len(first.living) > 1:
        return f"prefork({len(first.living) - 1})"
    if _threads(during) > _threads(first):
        return "threads"
    if _threads(first) > 1:
        return f"pool({_threads(first) - 1})"
    return "iterative" if _failed(verdicts.get("concurrency/silent-client")) else "event loop"


def _failed(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome is Outcome.FAIL


def _threads(at: Snapshot) -> int:
    return max((process.threads for process in at.living), default=0)


def _reaping(verdicts: Mapping[str, Verdict]) -> str:
    sequential = verdicts.get("reaping/sequential")
    burst = verdicts.get("reaping/burst")
    if _failed(sequential) and sequential is not None:
        zombies, children = (sequential.evidence.facts.get(k) for k in ("zombies", "children"))
        return "none" if zombies == children else "first only"
    if _failed(burst):
        return "once per signal"
    if sequential is not None and sequential.outcome is Outcome.PASS:
        if sequential.evidence.facts.get("zombies") == 1:
            return "at next accept"
        if burst is not None and burst.evidence.facts.get("by_kernel"):
            return "by the kernel"
        return "complete"
    return ""
