"""A client that is in the middle of its line when something happens: is the rest of it answered?"""

from typing import Final

from harness.record.client import Client
from harness.record.events import Received, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording

from .verdict import Verdict, blocked

_PIECES: Final = 2


def answered_already(client: Client, at: int) -> Verdict | None:
    """BLOCKED where half a line was taken for a whole one: its connection had ended by then."""
    ended = client.ended is not None and client.ended < at
    return blocked("stream/fragments") if ended else None


def is_finished(seen: Recording, client: Client) -> bool:
    """Whether something came after the rest of the line; raises Missing where nothing is proven."""
    pieces = [index for index, _ in seen.all(Sent, client.name)]
    if len(pieces) < _PIECES:
        raise Missing("the rest of the line was never sent")
    rest = pieces[-1]
    if client.answer and any(index > rest for index, _ in seen.all(Received, client.name)):
        return True
    if client.ended is None:
        seen.after(rest).proven()
    return False
