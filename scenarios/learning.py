"""Slides 4, 5, 10: what a server does with a line, when nobody knows what it ought to do."""

from __future__ import annotations

from harness.stage import Stage, scenario

GUESTS = 4
ENDINGS = (b"\n", b"\r\n")
LINES = (b"Lemur 3xQ counts", b"nine Wolves 7K", b"2 Quick foxes Jump By")
REQUEST = b"GET / HTTP/1.0\r\nX-Line: %b\r\n\r\n"


@scenario(clients=1)
async def learning(stage: Stage) -> None:
    """Guests who come one after the other: each listens, says two lines, and leaves.

    Every second one ends its lines by CR LF. Whoever is not answered says that no more will come. Where
    no reply had the line in it, two ask as a browser would. The last guest comes after a restart: what
    is another then was never fixed.
    """
    heard = [await _visit(stage, number) for number in range(1, GUESTS + 1)]
    if not any(line.lower() in each.lower() for line in LINES for each in heard):
        for number in (1, 2):
            browser = await stage.peer(f"browser {number}")
            await browser.ask(REQUEST % LINES[number])
            await browser.leave()
    if await stage.server.restart():
        await _visit(stage, GUESTS + 1)


async def _visit(stage: Stage, number: int) -> bytes:
    """One guest; what it has heard from first to last.

    The first line of each ending waits for the proof that no more comes, later ones until something has.
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
    for nth, line in enumerate((LINES[begin], LINES[begin - 1])):
        before = len(guest.received)
        guest.send(line + ENDINGS[(number - 1) % len(ENDINGS)])
        await hear(before, certain=nth == 0 and number <= len(ENDINGS))
        if guest.end is not None:
            break
        if len(guest.received) == before:
            guest.half_close()
            await hear(before, certain=False)
            break
    await guest.leave()
    return bytes(guest.received)
