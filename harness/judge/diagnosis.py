"""One sentence from all recordings: what kind of server this is, and what is wrong with it."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from harness.record.events import Connected, Listens, Submitted
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.role import Role
from harness.record.suffixes import CPP

from .causes import CAUSES
from .causes.cause import OTHERS
from .design import ONE_PROCESS, seen_in, with_many
from .patience import own_limit
from .requirement import LISTENS, Requirement, Tier
from .story import TOLD, Group, group_of
from .verdict import Evidence, Outcome, Verdict, has_failed


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Design and reaping in the catalogue's words; "" for what does not apply or is not known.

    `causes` are the ids of all causes found, the most important first; the sentence tells two of them.
    It names no line of source: where a server stood may differ in the next run, or be innocent.
    """

    design: str
    reaping: str
    sentence: str
    causes: tuple[str, ...] = ()


MOST_TOLD: Final = 2
_SOURCES: Final = (".c", *CPP, ".py", *OTHERS)
_SENTENCES = {
    "does not run": "Your program never became a server",
    "iterative": "You serve one client at a time",
    "fork": "You fork a child per connection",
    "double fork": "You fork twice per connection, so that init adopts the child that serves",
    "threads": "You start a thread per connection",
    "event loop": "You serve all clients from one process, in an event loop",
    ONE_PROCESS: "You serve all clients from one process",
    "one-shot": "You serve one client and end",
    "mute": "You answer nobody",
    "hasty": "You answer only a client who speaks at once",
}
_IN_GO: Final = "You serve all clients at once: each has a goroutine, or one waits for all"
_BY_CAUSE: Final = {
    "once-per-signal": "once per signal",
    "once-per-accept": "once per accept",
    "reaps-first-only": "first only",
    "reaps-by-clock": "rarely",
    "reaps-another-child": "some",  # of those it reaps, some are over before anybody looks
}
_WORKERS: Final = {
    "pool": ("thread", "threads", "and start no more"),
    "prefork": ("process", "processes", "forked in advance"),
    "workers": ("process", "processes", "forked in advance"),
    "crew": ("process", "processes", "started when clients come, which stay for others"),
}
_TELL_THE_DESIGN: Final = frozenset(
    {
        "calls-thread-function",
        "forks-before-accept",
        "joins-at-once",
        "lock-around-service",
        "thread-ends-program",
    }
)
_TELL_THE_REAPING: Final = frozenset(
    {"reaps-at-next-accept", "handler-put-off", "once-per-accept", "once-per-signal", "reaps-first-only"}
)
_READY_MADE: Final = "ready-made"
_ZOMBIES_OF_A_KIND: Final = frozenset({"ignores-killed-children", "zombie-on-goodbye"})
THROWS_OUT: Final = "throws-out-silent"
_BY_CLOCK: Final = frozenset({"turns", "until"})
_REAPING = {
    "none": "reap none of them",
    "once per signal": "reap once per SIGCHLD",
    "first only": "reap only the first",
    "some": "do not reap all of them",
    "once per accept": "reap one when the next client comes",
    "rarely": "reap once in a while, if at all",
    "at next accept": "reap when the next client comes",
    "periodic": "reap from time to time",
    "complete": "reap every one",
    "by the kernel": "leave the reaping to the kernel",
}


def diagnose(
    recordings: Mapping[str, Recording],
    verdicts: Mapping[str, Verdict],
    requirements: Sequence[Requirement] = (),
    instead: str = "",
) -> Diagnosis:
    """Design, reaping and the most important causes; never raises where something is missing.

    The tiers of the `requirements` say which failure comes first. `instead` is a whole sentence that
    replaces the causes, but for those that no other contract explains.
    """
    source = written_in(recordings)
    if all(group_of(identifier).role is not Role.SERVER for identifier in verdicts):
        return _of_a_client(verdicts, requirements, source)
    is_mute = _answers_nobody(verdicts)
    design = "" if is_mute else _design(recordings, verdicts)
    if not design and instead:
        return Diagnosis("", "", instead)
    reaping = _reaping(recordings, verdicts) if design == "fork" else ""
    words = ""
    if design or is_mute:
        is_in_go = design == "event loop" and source.endswith(".go")
        words = _IN_GO if is_in_go else _SENTENCES.get(design or _mute(verdicts)) or _of_workers(design)
    causes = _causes(verdicts, requirements)
    if words == _IN_GO and "limited-workers" in causes:
        words = ""
    if _READY_MADE in causes:  # all else is told of a program that somebody else has written
        causes = (_READY_MADE, *(each for each in causes if each != _READY_MADE))
        return Diagnosis(design, reaping, _sentences(causes[:1], source), causes)
    counts = {r.id for r in requirements if r.tier is Tier.LECTURE} or set(verdicts)
    first = {v.evidence.cause for i, v in verdicts.items() if i in counts}
    chosen = [cause for cause in causes if cause in first] or causes  # beyond only if all else is met
    if instead:
        chosen = [cause for cause in chosen if _is_of_children(cause, verdicts)]
    if reaping and _TELL_THE_REAPING.isdisjoint(chosen[:MOST_TOLD]):
        words += f" and {_REAPING[reaping]}"
    told = _sentences(chosen, source, words)
    if limit := "" if is_mute or THROWS_OUT in causes else _own_limit(recordings):
        told = f"{told} {limit}."
    if instead:
        told = f"{told or f'{words}.'} {instead}"
    return Diagnosis(design, reaping, told, causes)


def _own_limit(recordings: Mapping[str, Recording]) -> str:
    """What it does with a silent client by a limit of its own, as a sentence; "" for nothing."""
    recording = recordings.get("patience")
    return own_limit(recording) if recording is not None else ""


def _of_workers(design: str) -> str:
    """The sentence on a number of workers, "pool(2)", "prefork(64)", "crew(8)" or "workers(4)"."""
    kind, _, number = design.rstrip(")").partition("(")
    one, many, how = _WORKERS[kind]
    each = ", each of which serves many clients at once" if kind == "workers" else ""
    return f"You serve with {number} {one if number == '1' else many}, {how}{each}"


def _of_a_client(
    verdicts: Mapping[str, Verdict], requirements: Sequence[Requirement], subject: str
) -> Diagnosis:
    causes = _causes(verdicts, requirements)
    return Diagnosis("", "", _sentences(causes, subject), causes)


def _sentences(causes: Sequence[str], subject: str, words: str = "") -> str:
    """`words`, unless a cause says the same, and then the causes, as sentences."""
    plain = [as_sentence(CAUSES[cause].told_of(subject).because) for cause in causes[:MOST_TOLD]]
    is_told = any(each.startswith(words) for each in plain)
    first = [words] if not is_told and _TELL_THE_DESIGN.isdisjoint(causes[:MOST_TOLD]) else []
    told = ". ".join(first + plain)
    return f"{told}." if told else ""


def _is_of_children(cause: str, verdicts: Mapping[str, Verdict]) -> bool:
    """Whether it is told of the server's children: they exit and are reaped under every contract."""
    told_by = [identifier for identifier, v in verdicts.items() if v.evidence.cause == cause]
    return any(group_of(each) in {Group.FORK, Group.REAPING} for each in told_by)


def written_in(recordings: Mapping[str, Recording]) -> str:
    """The subject's name; of a folder one of its sources, so that its language is known."""
    subject = next((each.subject for each in recordings.values()), "")
    if subject.endswith(_SOURCES):
        return subject
    submitted = (each.first(Submitted) for each in recordings.values())
    sources = [file for event in submitted if event for file in event.files if file.endswith(_SOURCES)]
    suffixes = Counter(file.rpartition(".")[2] for file in sources)
    return max(sources, key=lambda file: suffixes[file.rpartition(".")[2]], default=subject)


def _answers_nobody(verdicts: Mapping[str, Verdict]) -> bool:
    """Whether the server never answered: then nothing is said about how it serves."""
    reply = verdicts.get("service/reply")
    return has_failed(reply) and reply.evidence.facts.get("answered") is False


def _mute(verdicts: Mapping[str, Verdict]) -> str:
    reply = verdicts.get("service/reply")
    return "hasty" if reply is not None and reply.evidence.facts.get("hasty") else "mute"


def _causes(verdicts: Mapping[str, Verdict], requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """The ids of all causes: by tier, and in a tier in the order of the lecture's story."""
    tier = {requirement.id: list(Tier).index(requirement.tier) for requirement in requirements}
    failed = [
        (tier.get(identifier, 0), _place(identifier), verdict.evidence.cause)
        for identifier, verdict in verdicts.items()
        if verdict.outcome is Outcome.FAIL and verdict.evidence.cause in CAUSES
    ]
    return tuple(dict.fromkeys(cause for _, _, cause in sorted(failed, key=lambda each: each[:2])))


def _place(identifier: str) -> int:
    """The place in the story; an error that was injected comes after one that the server met."""
    late = len(TOLD) if identifier == "abuse/every-error" else 0
    return late + TOLD.index(group_of(identifier))


def as_sentence(because: str) -> str:
    """A cause as a sentence of its own; what begins with a call keeps its small letter."""
    return because if "()" in because.partition(" ")[0] else because[:1].upper() + because[1:]


def _design(recordings: Mapping[str, Recording], verdicts: Mapping[str, Verdict]) -> str:
    """The catalogue's word for how the server serves; "" when too little was seen."""
    start = recordings.get("starting")
    if start is not None and start.is_finished and start.first(Listens) is None:
        listens = verdicts.get(LISTENS)
        return "" if listens is not None and listens.outcome is Outcome.INCONCLUSIVE else "does not run"
    try:
        found = seen_in(recordings["one after another"])
    except (Missing, KeyError):
        return ""
    if any(verdict.evidence.cause == "swaps-branches" for verdict in verdicts.values()):
        return "fork"
    for many in ("silent few", "silent crowd"):
        with contextlib.suppress(Missing, KeyError):
            found = with_many(found, recordings[many])
    again, silent = verdicts.get("service/again"), verdicts.get("concurrency/silent-client")
    served = again.evidence.facts.get("served") if again is not None else None
    goes_on = again is not None and again.evidence.facts.get("listens")
    if served == 1 and not goes_on and not found.endswith("fork"):
        return "one-shot"
    if found != ONE_PROCESS or silent is None or recordings["one after another"].contract.unasked:
        return found  # where nobody is asked, a silent client keeps nobody waiting
    return {Outcome.FAIL: "iterative", Outcome.PASS: "event loop"}.get(silent.outcome, found)


def _reaping(recordings: Mapping[str, Recording], verdicts: Mapping[str, Verdict]) -> str:
    sequential = verdicts.get("reaping/sequential")
    burst = verdicts.get("reaping/burst")
    if has_failed(sequential):
        return _unreaped(sequential.evidence)
    if has_failed(burst):
        return _BY_CAUSE.get(burst.evidence.cause, "some")
    if any(_leaves_zombies(verdict) for verdict in verdicts.values()):
        return "some"
    if sequential is None or sequential.outcome is not Outcome.PASS:
        return ""
    by_kernel = burst is not None and bool(burst.evidence.facts.get("by_kernel"))
    return _completely(recordings, sequential.evidence, by_kernel=by_kernel)


def _completely(recordings: Mapping[str, Recording], evidence: Evidence, *, by_kernel: bool) -> str:
    """How every child is reaped: when, or by which process."""
    if evidence.facts.get("zombies") == 1:
        return "at next accept"
    if by_kernel:
        return "by the kernel"
    return "periodic" if _by_the_clock(recordings) else "complete"


def _unreaped(evidence: Evidence) -> str:
    """The parent's reaping in words; "" where other processes than its children stay zombies."""
    if "zombies" not in evidence.facts:
        return ""
    all_stay = evidence.facts["zombies"] == evidence.facts.get("children")
    return _BY_CAUSE.get(evidence.cause) or ("none" if all_stay else "some")


def _leaves_zombies(verdict: Verdict) -> bool:
    """Whether some kind of child stays a zombie, though the children that just served are reaped."""
    grows = verdict.evidence.facts.get("grows")
    return has_failed(verdict) and (
        verdict.evidence.cause in _ZOMBIES_OF_A_KIND
        or (isinstance(grows, Sequence) and "zombies" in grows)
    )


def _by_the_clock(recordings: Mapping[str, Recording]) -> bool:
    """Whether a zombie at rest had gone before the next client came."""
    recording = recordings.get("one after another")
    if recording is None:
        return False
    came = [index for index, _ in recording.all(Connected)]
    return any(
        first.zombies and not then.zombies and then.proof in _BY_CLOCK
        for first, then in pairwise(recording.snapshots())
        if not any(first.index < index < then.index for index in came)
    )
