"""Slides 4, 5, 10: what a server does with a line, where its contract is not known."""

from __future__ import annotations

from harness.judge import tls
from harness.judge.learned_company import BESIDE, LISTENER, SPEAKER
from harness.judge.learned_steps import FRAMED, FRAMES, LINES, TELLER, TELLERS, framed, lines_of
from harness.record.dialogue import Dialogue, word_for
from harness.record.line_form import filled
from harness.stage import Peer, Stage, scenario
from harness.stage.client_hello import greet_as_tls_does

GUESTS = 4
ENDINGS = (b"\n", b"\r\n")
REQUEST = b"GET / HTTP/1.0\r\nX-Line: %b\r\n\r\n"


@scenario(clients=1)
async def learning(stage: Stage) -> None:
    """Guests come one after another; each listens, sends three lines, and leaves.

    The second and the third end their lines by CR LF, and not every second: a server that waits for two
    clients answers every second. A guest that is not answered closes its side (FIN). Two are there at
    once, since a greeting may count its hearers. The last guest comes after a restart: what differs then
    is not fixed by the contract. Where the words that clients say are known (`script`), tellers come
    instead, and say those.
    """
    if stage.script is not None:
        for number in range(1, TELLERS + 1):
            await _tell(stage, TELLER, number, stage.script)
        if await stage.server.restart():
            await _tell(stage, TELLER, TELLERS + 1, stage.script)
        return
    heard = [await _visit(stage, 1)]
    if heard == [None]:
        return  # who lets nobody in keeps no contract
    heard += [await _visit(stage, number) for number in range(2, GUESTS + 1)]
    await _others(stage, [each.lower() for each in heard if each])
    if any(heard):
        await _pair(stage)
    if await stage.server.restart():
        await _visit(stage, GUESTS + 1)


async def _others(stage: Stage, heard: list[bytes]) -> None:
    """The clients that come beside the guests, by what these have heard.

    Where no reply had the line in it, two ask as a browser would, and once more where the connection
    stays. Where nobody was answered, one begins as TLS does; if that is not answered either, a line is
    said behind its length. Where guests were answered line
    after line, one says a line, as a name perhaps, and listens while another speaks.
    """
    lines = [line.lower() for line in LINES]
    if not any(line in each for line in lines for each in heard):
        for number in (1, 2):
            browser = await stage.peer(f"browser {number}")
            await browser.ask(REQUEST % LINES[number])
            if browser.received and browser.end is None:
                await browser.ask(REQUEST % LINES[number - 1])
            await browser.leave()
            if not browser.received:
                break
    if not heard and not await greet_as_tls_does(stage, tls.GREETS):
        for form in FRAMES:
            if await _tell(stage, f"{FRAMED}{form} ", 1, framed(form)):
                await _tell(stage, f"{FRAMED}{form} ", 2, framed(form))
                break
    if any(all(line in each for line in lines[:2]) for each in heard):
        await _company(stage)


async def _pair(stage: Stage) -> None:
    """Two are there at once, and say nothing."""
    pair = []
    for number in (1, 2):
        pair.append(await stage.clients.dial(f"{BESIDE}{number}"))
        await stage.settle()
    for each in pair:
        await each.leave()


async def _company(stage: Stage) -> None:
    """One guest says a line, and then listens, while another comes, says two, and leaves."""
    listener = await stage.peer(LISTENER)
    await _say(stage, listener, LINES[1])
    speaker = await stage.peer(SPEAKER)
    for line in (LINES[0], LINES[2]):
        await _say(stage, speaker, line)
    await speaker.leave()
    await listener.leave()


async def _tell(stage: Stage, name: str, number: int, script: Dialogue) -> bool:
    """One client says the words of the script, step by step, for two lines; whether anything came."""
    teller = await stage.peer(f"{name}{number}")
    await stage.quiet()
    greeted = len(teller.received)
    words = [filled(step.send, b"", word_for(teller.name.encode())) for step in script.opening]
    for line in lines_of(number):
        words += [filled(step.send, line, word_for(line)) for step in script.steps]
    for each in words:
        if teller.end is None:
            teller.send(each)
            await stage.quiet()
    await teller.leave()
    return len(teller.received) > greeted


async def _say(stage: Stage, guest: Peer, line: bytes) -> None:
    before = len(guest.received)
    guest.send(line + ENDINGS[0])
    await stage.quiet(unless=lambda: len(guest.received) > before)


async def _visit(stage: Stage, number: int) -> bytes | None:
    """Play the visit of one guest; all that it has heard, or None where it was not let in.

    The first line with each ending waits for the proof that no more comes; later lines wait for a reply.
    """
    guest = await stage.clients.dial(f"guest {number}")

    async def hear(more_than: int, *, certain: bool) -> None:
        def has_heard() -> bool:
            return guest.end is not None or len(guest.received) > more_than

        await stage.quiet(unless=None if certain else has_heard)

    if number == 1:
        await hear(0, certain=True)
    else:
        await stage.settle()
    begin = number % len(LINES)
    for nth, line in enumerate((LINES[begin], LINES[begin - 1], LINES[begin - 2])):
        before = len(guest.received)
        guest.send(line + ENDINGS[number // 2 % len(ENDINGS)])
        await hear(before, certain=nth == 0 and number <= len(ENDINGS))
        if guest.end is not None:
            break
        if len(guest.received) == before:
            guest.half_close()
            await hear(before, certain=False)
            break
    is_let_in = stage.look().has_taken(guest)
    await guest.leave()
    return bytes(guest.received) if is_let_in else None
