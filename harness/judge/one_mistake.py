"""One mistake that fails several requirements is told by one cause."""

from collections.abc import Mapping, Sequence
from typing import Final

from harness.record.events import Started
from harness.record.recording import Recording

from .requirement import Requirement
from .verdict import Outcome, Verdict

_LOCKED: Final = "handler-takes-lock"
_ERRORS: Final = ("error-ends-server", "thread-not-detached", "selected-key-stays")
_LISTENER_LOST: Final = ("child-removes-listener", "listener-lost")
_ONE_VARIABLE: Final = ("shared-connection", "connfd-pointer")
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "read-error-is-fatal": ("reset-is-fatal",),
    "strlen-on-data": ("stale-bytes",),
    "ignores-killed-children": ("zombie-on-goodbye",),
    "emfile-is-fatal": ("accept-error-is-fatal",),
    "fork-error-is-fatal": ("fork-failure-is-fatal",),
    "limited-places": ("limited-workers",),
    "concurrency/silent-client": ("one-shot", "accept-outside-loop", *_LISTENER_LOST),
    "concurrency/silent-crowd": ("limited-workers",),
    "concurrency/cross-talk": ("shared-connection", "closes-latest", "shared-by-threads"),
    "reaping/burst": ("waits-for-youngest",),
    "reaping/never-blocks": ("lock-among-children",),
    "reaping/survives-signal": _LISTENER_LOST,
    "abuse/reset": ("would-block-is-fatal", "shared-by-threads"),
    "spins-on-half-close": ("writes-after-goodbye", "accept-outside-loop"),
    "retries-broken-pipe": (
        "spins-on-goodbye",
        "spins-on-half-close",
        "child-spins",
        "comes-back-to-accept",
        "spins-on-reset",
    ),
    "parent-keeps-connection": ("accept-outside-loop",),
    "leaks-processes": ("forks-on-eintr",),
    "contract/announces": ("port-0", "bind-unchecked", "htons-forgotten", "wrong-port"),
    "waits-for-newline": ("not-watched-again",),
    "service/again": ("accept-outside-loop",),
    "reaping/killed-child": (*_LISTENER_LOST, "accept-outside-loop"),
    "stream/large-reply": ("sends-beyond", "would-block-is-fatal", *_ERRORS),
    "fork/child-exits": ("forks-twice",),
    "stream/silent-goodbye": ("forks-twice",),
    "thread-stays": ("lock-kept", "lock-order"),
    "connection-by-address": ("connfd-pointer",),
    "shared-by-threads": ("shared-reply-buffer", "shared-buffer"),
    "child-waits-for-ever": ("forgets-close",),
    "iterative": ("calls-thread-function",),
    "drops-beyond-16": ("shared-connection", "connection-by-address", "handler-leaps"),
    "leaks-descriptors": ("handler-leaps",),
    "connfd-pointer": ("shared-connection",),
    "leaks-on-goodbye": ("shared-connection", "closes-latest"),  # one that nobody knows of stays
    "leaks-on-reset": ("not-watched-again", "shared-connection", "closes-latest", "reads-once-per-edge"),
    "reaping/long-run": ("counts-in-child", "waits-in-vain", "workers-end", "unknown-child-is-fatal"),
    "error-ends-server": ("unknown-child-is-fatal",),
    "places-used-up": ("pid-entered-late",),
    "places-not-returned": ("places-used-up", "thread-stays"),
    "abuse/flood-of-connections": (
        "listener-overwritten",
        "counts-in-child",
        "waits-in-vain",
        "places-used-up",
        "unknown-child-is-fatal",
    ),
    "concurrency/silent-later": (
        "pid-entered-late",
        "counts-in-child",
        "waits-in-vain",
        "places-used-up",
        "once-per-signal",  # each child that it has not reaped has its place for ever
    ),
    "would-block-is-fatal": ("ends-unvisited",),
    "waits-too-early": ("waits-when-full",),
    "concurrency/last-first": _ONE_VARIABLE,
    "stream/fragments": (*_ERRORS, "shared-connection"),
    "keeps-last-piece": ("shared-buffer", "line-left-behind", "line-outlives-client"),
    "concurrency/people": (*_ONE_VARIABLE, "unwatched-since"),
    "lifecycle/suspend": _ONE_VARIABLE,
    "abuse/lingering-places": (*_ONE_VARIABLE, "unknown-child-is-fatal", "listener-overwritten"),
}
"""Causes, and requirements without one, by the causes that explain them where a server has one, too."""


def by_one_cause(
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
    verdicts: Mapping[str, Verdict],
) -> dict[str, Verdict]:
    """These verdicts, each failure by the cause of another one that explains it, too."""
    scenario = {requirement.id: requirement.scenario for requirement in requirements}
    found = dict(verdicts)
    told = {verdict.evidence.cause for verdict in found.values()}
    for identifier, verdict in verdicts.items():
        if verdict.outcome is not Outcome.FAIL:
            continue
        seen = recordings.get(scenario.get(identifier, ""))
        if _LOCKED in told and seen is not None and _is_locked(seen):
            found[identifier] = verdict.by_cause(_LOCKED)
            continue
        others = [each for each in _ALSO.get(verdict.evidence.cause or identifier, ()) if each in told]
        if others:
            found[identifier] = verdict.by_cause(others[0])
    return found


def _is_locked(seen: Recording) -> bool:
    """Whether the first process, of one thread, was last seen asleep for a lock."""
    first = seen.first(Started)
    roots = [at.find(first.pid) for at in seen.snapshots()] if first is not None else []
    last = next((root for root in reversed(roots) if root is not None), None)
    return last is not None and last.call == "futex" and last.threads == 1
