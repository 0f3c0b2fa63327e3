"""Tells whether a reply holds what another client, who has gone, had said: a buffer that was kept."""

from harness.record.client import Client
from harness.record.contract import Contract
from harness.record.line_form import half

from .reply import common_length


def is_answered_with(half_line: bytes, client: Client, contract: Contract) -> bool:
    """Whether a client was answered as if its line began with the half line of one that broke off."""
    if contract.is_reply(half_line + client.sent, client.came):
        return True
    script = contract.dialogue
    said = [half_line]
    if script is not None:
        said.append(script.beginning or half(script.steps[0].send, half_line))
    return any(
        _is_within(words, client.came, right)
        for words in (*said, *(each.upper() for each in said))
        for right in contract.replies(client.sent)
    )


def _is_within(words: bytes, reply: bytes, right: bytes) -> bool:
    """Whether a reply is the right one with these words, once or more often, put in at one place."""
    more = len(reply) - len(right)
    if not words or more <= 0 or more % len(words):
        return False
    first, last = common_length(reply, right), more + len(right)
    often = words * (more // len(words))
    return any(
        reply[at : at + more] == often and reply[at + more : last] == right[at:]
        for at in range(first + 1)
    )
