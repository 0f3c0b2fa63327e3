"""The time that a server waits for a silent client, and whether the assignment wants that."""

from typing import Final

from harness.record.client import Client
from harness.record.events import Accepted, Fin, Rst, Typed
from harness.record.missing import Missing
from harness.record.recording import Recording

_SHORTEST_LIMIT_S: Final = 0.2  # of patience with a silent client, that anybody would set
LONG_S: Final = 2.1  # so long a silence shows in few scenarios, and in which depends on the machine


def threw_out_in_time(seen: Recording) -> bool:
    """Whether a client was silent as long as the assignment allows, and then disconnected.

    Of a person it is seen only that they typed too late.
    """
    people = dict.fromkeys(e.actor for e in seen.events if isinstance(e, Typed))
    typed = ((each.connected, each.asked) for each in map(seen.client, people))
    return bool(_thrown_out(seen)) or any(_exceeds_limit(seen, *each) for each in typed)


def require_patience(seen: Recording, until: int | None) -> None:
    """Raise Missing where a silent client was disconnected before an event, as the assignment wants."""
    if gone := _thrown_out(seen, before=until):
        raise Missing(
            f"{gone[0].name!r} was thrown out for its silence too early for this to be seen, as the "
            "assignment wants"
        )


def silent_for_s(seen: Recording, client: Client) -> float | None:
    """After how much silence the server ended a connection that it had held; None when it did not.

    It must have ended before the client said a word, and after a look at which the server had it;
    what ends at once (_SHORTEST_LIMIT_S) was ended by something else than a clock, and what ends
    with the server itself by its death.
    """
    start, end = client.connected, client.ended
    if start is None or end is None or (client.asked is not None and client.asked < end):
        return None
    was_let_in = any(start < index < end for index, _ in seen.all(Accepted, client.name))
    if not all(map(seen.is_alive, seen.looks(end)[:1])):
        return None
    silent_s = seen.seconds_between(start, end)
    was_held = was_let_in or any(each.holds(client.port) for each in seen.looks(start, end))
    return silent_s if was_held and silent_s >= _SHORTEST_LIMIT_S else None


def own_limit(seen: Recording) -> str:
    """What a server does with a long silence though the assignment sets no limit, as a sentence.

    "" where it waits, and where so short a time is meant that other requirements tell it.
    """
    try:
        silent, following = seen.client("silent"), seen.client("next")
    except Missing:
        return ""
    if seen.contract.idle_timeout_s or seen.contract.unasked or not following.answer:
        return ""
    limit_s = silent_for_s(seen, silent)
    if limit_s is not None and limit_s >= LONG_S:
        return (
            f"You disconnect a client that says nothing for {limit_s:.0f} s: whoever takes longer to "
            "type gets no answer"
        )
    if silent.connected is None or silent.asked is None or silent.came:
        return ""
    silence_s = seen.seconds_between(silent.connected, silent.asked)
    if silence_s < LONG_S or not seen.rest_is_proven_between(silent.asked, following.connected):
        return ""
    keeps = "" if silent.ended is not None else ", and keep the connection open"
    return (
        f"You give up a client that says nothing for {silence_s:.0f} s{keeps}: its line is not answered"
    )


def _thrown_out(seen: Recording, before: int | None = None) -> list[Client]:
    """The clients that were silent as long as the assignment allows, and then disconnected.

    If an event is given in `before`, only those whose connection ended before it.
    """
    ended = dict.fromkeys(e.actor for e in seen.events if isinstance(e, Fin | Rst))
    return [
        each
        for each in map(seen.client, ended)
        if each.ended is not None
        and (each.asked is None or each.ended < each.asked)
        and (before is None or each.ended < before)
        and _exceeds_limit(seen, each.connected, each.ended)
    ]


def _exceeds_limit(seen: Recording, start: int | None, stop: int | None) -> bool:
    """Whether as much time lies between two events as the assignment grants to a silent client."""
    if not seen.contract.idle_timeout_s or start is None or stop is None:
        return False
    return seen.seconds_between(start, stop) >= seen.contract.idle_timeout_s[0]
