"""Finds out a contract that nobody wrote, from what a server did with guests who did not know it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from harness.record.contract import ANY as ANY_PORT
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step
from harness.record.events import Listens, Started
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell

from . import tls
from .guests import Guest, guests
from .learned_company import BESIDE, hear_company
from .learned_contract import Learned
from .learned_replies import hear_ends, hear_farewells, hear_replies
from .learned_steps import FRAMED, FRAMES, TELLER, framed, hear_steps
from .likeness import ANY, LINE, common, marked
from .ports import DRAWN_BY_THE_KERNEL, swapped

SCENARIO: Final = "learning"
_WELCOMES: Final = re.compile(rb"HTTP/1\.[01] 2")
_REQUEST: Final = "GET / HTTP/1.0\r\nX-Line: "
_IN_WORDS: Final = {
    "u32": "four bytes in network byte order",
    "u16": "two bytes in network byte order",
    "u32le": "four bytes, the lowest first",
}
_SAY: Final = "If it wants words of its own, name them: --say 'SET {word} {line}' --say 'GET {word}'"
_RESPONSE: Final = r"(?s)HTTP/1\.[01] [1-5]\d\d .*"


def learn(seen: Recording, script: Dialogue | None = None) -> Learned:
    """The contract that a server was seen to keep; raises Missing where it shows none.

    Guests did not know what to say; with a `script` clients said these words.
    """
    if seen.first(Listens) is None:
        raise Missing("it does not listen")
    if not seen.is_finished:
        raise Missing("the recording breaks off")
    came = guests(seen, TELLER if script is not None else "guest ")
    if not came:
        raise Missing("it listens, and lets nobody in")
    found = Learned()
    if script is not None:
        _hear_greeting(found, came, [])
        hear_steps(found, script, came)
    else:
        _hear_guests(found, seen, came)
        hear_company(found, seen)
    _see_start(found, seen)
    return found


def _hear_guests(found: Learned, seen: Recording, came: Sequence[Guest]) -> None:
    """Learn from guests who did not know what to say."""
    browsers = guests(seen, "browser ")
    web = [b for b in browsers if any(each.reply.startswith(b"HTTP/1.") for each in b.exchanges)]
    if web:
        _hear_web(found, web, came)
        return
    if tls.is_wanted(seen):
        found.speaks = False
        found.untold.append("the reply: it speaks TLS, and these clients speak plainly")
        return
    _hear_greeting(found, came, guests(seen, BESIDE))
    if any(each.answered for each in came):
        hear_replies(found, came)
    elif any(each.farewell and each.exchanges for each in came):
        hear_farewells(found, came)
    elif frame := _framed(seen):
        found.traits[:] = [f"answers a line that stands behind its length ({_IN_WORDS[frame]})"]
        hear_steps(found, framed(frame), guests(seen, f"{FRAMED}{frame} "))
    elif all(each.closed_first for each in came):
        _hear_the_end(found, came)
    else:
        _hear_nothing(found, came)


def _framed(seen: Recording) -> str:
    """The form of the length behind which a line was answered; "" where none was."""
    for form in FRAMES:
        if any(each.answered for each in guests(seen, f"{FRAMED}{form} ")):
            return form
    return ""


def _hear_greeting(found: Learned, came: Sequence[Guest], pair: Sequence[Guest]) -> None:
    """Of a `pair` only the second counts: the first may hear that another has come."""
    heard = [each.greeting for each in came]
    if not any(heard):
        return
    heard += [each.greeting for each in pair[1:] if each.greeting]
    found.traits.append("greets")
    pattern = common([marked(each) for each in heard])
    if pattern is None or not pattern.strip() or (ANY not in pattern and len(set(heard)) > 1):
        another = next((each for each in heard if each != heard[0]), heard[-1])
        found.untold.append(
            f"the greeting: it was {spell(heard[0])}, and another time {spell(another)}; "
            "without it in the file it will be taken for the reply"
        )
        return
    varies = f" {ANY} stands for what is not always the same." if ANY in pattern else ""
    found.told["greeting"] = f"Whoever connects hears {spell(heard[0])}.{varies}"
    found.contract = replace(found.contract, greeting=pattern)


def _hear_web(found: Learned, browsers: Sequence[Guest], came: Sequence[Guest]) -> None:
    """A server that takes any line for a whole request is sent nothing of one before its time."""
    is_early = any(_WELCOMES.match(each.reply) for guest in came for each in guest.exchanges)
    begun = "" if is_early else _REQUEST
    step = Step(f"{_REQUEST}{LINE}\r\n\r\n", {"regex": _RESPONSE})
    status = browsers[0].exchanges[0].reply.partition(b"\r\n")[0]
    closes = hear_ends(found, browsers)
    found.contract = Contract(closes=closes, dialogue=Dialogue((step,), partial=begun))
    found.told["steps"] = (
        f"It speaks HTTP: a GET with the line in a header was answered {spell(status)}."
    )
    found.untold.append("what a response must hold, beyond its first line: any will do")
    if is_early:
        found.traits.append("answers the first line of a request, before the rest has come")
    found.traits.insert(0, "speaks HTTP")


def _hear_the_end(found: Learned, came: Sequence[Guest]) -> None:
    said = found.contract.greeting
    if not said:
        found.speaks = False
        found.untold.append(f"the reply: it closes the connection, whatever the client says. {_SAY}")
        return
    if not any(each.closed_unasked for each in came):
        found.speaks = False
        found.untold.append(f"the reply: it greets, and closes the connection at any line. {_SAY}")
        return
    found.traits[:] = ["answers whoever connects, before it has read anything"]
    found.untold[:] = []
    shown = f"Whoever connects is told {spell(came[0].greeting)}, and the connection is closed."
    found.told = {"unasked": "It asks nobody anything.", "transform": shown}
    found.contract = Contract(said, unasked=True)


def _hear_nothing(found: Learned, came: Sequence[Guest]) -> None:
    found.speaks = False
    found.traits.clear()
    found.untold.append(
        "the reply: nobody was let in: it never calls accept() on the socket that listens"
        if len(came) == 1  # where nobody is let in no second one comes
        else "the reply: nobody was answered, neither a line that ended by LF, nor one that ended by "
        "CR LF, "
        "nor a line behind its length, nor a GET of HTTP. Perhaps it tells others alone what one client "
        f"says ([dialogue] can say so), or waits for a second client to play with. {_SAY}"
    )
    found.untold.append("whether it closes: that is seen after a reply")


def _see_start(found: Learned, seen: Recording) -> None:
    started, listens = seen.first(Started), seen.first(Listens)
    if started is None or listens is None:
        return
    found.started_with = started.arguments or ()
    ports = {event.port for event in seen.every(Listens)}
    told = started.told
    if len(ports) > 1 and listens.port not in DRAWN_BY_THE_KERNEL:
        found.port = None if listens.port == told else listens.port
        found.untold.append(
            "whether it can be started again at once: then it listened on port "
            f"{max(ports - {listens.port})} and not on {listens.port}, as after a bind() that has failed"
        )
        if found.port:
            found.told["port"] = f"It listens on port {found.port}; it was started for port {told}."
    elif len(ports) > 1:
        found.contract = replace(found.contract, port=ANY_PORT)
        found.told["port"] = (
            f"At each start it listens on another ({', '.join(map(str, sorted(ports)))})."
        )
    elif told is not None and listens.port == swapped(told) != told:
        found.untold.append(
            f"the port: it listens on {listens.port}, which is {told} with its two bytes swapped: "
            "htons() is missing (byteorder(3))"
        )
    elif told not in ports:
        found.port = listens.port
        found.told["port"] = f"It listens on port {found.port}; it was started for port {told}."
