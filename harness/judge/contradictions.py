"""Removes causes that other observations refute: what each cause claims, and what refutes it.

A judgement sees one recording. A cause that fits this recording may be wrong by another one, by an exit
status or by the server's own words. Then the failure stands, and its cause is not told.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from harness.record.recording import Recording

from . import design, refutations
from .refutations import Case, Refutation
from .requirement import Requirement
from .verdict import Verdict

_INSTEAD: Final[Mapping[str, str]] = {"counts-in-child": "places-not-returned"}
DESIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("waits-in-parent", "never-reaps", "worker-never-reaps", "reaps-first-only", "once-per-signal",
         "few-per-signal", "reaps-no-more",
         "forks-twice", "parent-keeps-connection", "child-keeps-listener", "child-in-accept",
         "child-spins"),
        ("fork", "double fork", "prefork"),  # spare children end, too, and are replaced
    ),
    **dict.fromkeys(
        ("half-line-blocks-loop", "blocking-write-in-loop"),
        (design.ONE_PROCESS, "event loop", "iterative"),
    ),
    **dict.fromkeys(("connfd-pointer", "joins-no-thread", "leaks-in-thread"), ("threads",)),
}  # fmt: skip
"""The causes that only servers of some designs have, by the diagnosis's words for these designs."""
_OF_DESIGNS: Final = {
    cause: (refutations.it_serves_by_none_of(*allowed),) for cause, allowed in DESIGNS.items()
}
CLAIMS: Final[Mapping[str, tuple[Refutation, ...]]] = {
    **_OF_DESIGNS,
    "reads-from-listener": (refutations.somebody_was_answered, refutations.it_names("ENOTCONN")),
    **dict.fromkeys(("line-left-unread", "waits-for-keyboard"), (refutations.somebody_was_answered,)),
    **dict.fromkeys(
        ("accepts-on-wrong-socket", "never-gets-to-accept"),
        (refutations.somebody_was_answered, refutations.somebody_was_let_in),
    ),
    **dict.fromkeys(
        ("one-shot", "dies-after-first", "parent-closes-listener"),
        (refutations.more_than_one_was_served,),
    ),
    **dict.fromkeys(
        ("iterative", "reads-before-fork", "one-worker", "waits-in-loop", "reads-unready",
         "forks-before-accept", "lock-among-workers", "several-serve-one"),
        (refutations.somebody_overtook,),
    ),
    "joins-at-once": (refutations.it_serves_by_none_of("threads"), refutations.somebody_overtook),
    "lock-around-service": (
        refutations.it_serves_by_none_of("threads", design.ONE_PROCESS),
        refutations.somebody_overtook,
    ),
    "waits-in-parent": (*_OF_DESIGNS["waits-in-parent"], refutations.somebody_overtook),
    **dict.fromkeys(
        ("limited-workers", "limited-places"),
        (refutations.thirty_two_had_places, refutations.an_idle_worker_accepts),
    ),
    **dict.fromkeys(
        ("drops-beyond-16", "interrupted-read-ends-clients"), (refutations.three_are_too_many,)
    ),
    "waits-when-full": (refutations.an_idle_worker_accepts,),
    "counts-in-child": (refutations.hundreds_were_served,),
    "places-not-returned": (refutations.who_speaks_keeps_its_place,),
    "beyond-fd-setsize": (refutations.it_stops_below,),
    "turns-away": (refutations.others_words_are_its_replies, refutations.thirty_two_had_places),
    "never-reaps": (*_OF_DESIGNS["never-reaps"], refutations.children_were_reaped(1)),
    "reaps-first-only": (*_OF_DESIGNS["reaps-first-only"], refutations.children_were_reaped(2)),
    "eintr-is-fatal": (refutations.it_was_killed, refutations.it_names("EINTR")),
    "emfile-is-fatal": (
        refutations.it_was_killed,
        refutations.two_clients_end_it,
        refutations.it_names("EMFILE", "ENFILE"),
    ),
    "fork-failure-is-fatal": (
        refutations.it_was_killed,
        refutations.two_clients_end_it,
        refutations.it_names("EAGAIN", "ENOMEM"),
    ),
    "reset-is-fatal": (
        refutations.it_was_killed,
        refutations.two_clients_end_it,
        refutations.it_names("ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN"),
    ),
    "interrupted-sleep-is-fatal": (refutations.it_names("EINTR"),),
    "partial-write": (refutations.it_has_ended,),
    "thread-failure-is-fatal": (refutations.two_clients_end_it,),
    **dict.fromkeys(("spins-on-goodbye", "spins-on-half-close"), (refutations.children_spin_always,)),
    "write-error-is-fatal": (refutations.it_names("EPIPE", "ECONNRESET", "EINTR"),),
    "one-read-one-line": (refutations.two_clients_end_it, refutations.it_was_killed),
    "strlen-on-data": (refutations.a_nul_came_back,),
    "decodes": (refutations.what_is_no_text_came_back,),
}  # fmt: skip


def refuted(cause: str, case: Case) -> str:
    """The observation that refutes this cause, in words; "" where there is none."""
    return next((found for claim in CLAIMS.get(cause, ()) if (found := claim(case))), "")


def withdrawn(
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
    verdicts: Mapping[str, Verdict],
) -> dict[str, Verdict]:
    """These verdicts without refuted causes; failures stand."""
    found = dict(verdicts)
    for each in requirements:
        seen, verdict = recordings.get(each.scenario), verdicts.get(each.id)
        if seen is None or verdict is None or not verdict.evidence.cause:
            continue
        case, told = Case(seen, recordings, verdicts), verdict.evidence.cause
        if refuted(told, case):
            instead = _INSTEAD.get(told, "")
            found[each.id] = verdict.by_cause("" if refuted(instead, case) else instead)
    return found
