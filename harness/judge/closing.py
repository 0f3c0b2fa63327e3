"""The end of a connection, as the contract wants it: closed by the server, or by the client."""

from collections.abc import Sequence
from typing import Final

from harness.record.client import Client
from harness.record.events import End
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import called

from . import branches, crew, delays, reply
from .verdict import Verdict, failed, passed

_AT_MOST: Final = 2  # times that a reply comes which has an end
_STAYS_OPEN: Final = "the connection open for the next line, until the client closes it"
_FOLLOWS: Final = "the server closes too when the client has closed"


def server_ends(seen: Recording, client: Client) -> Verdict:
    """Judge a server that has to close: after its reply the client must read the end of the stream."""
    if client.end is End.FIN:
        return passed("the client read the end of the stream (FIN)")
    if client.end is End.RST:
        is_done = client.sent.endswith(b"\n") and client.came.upper() == client.sent.upper()
        return failed(
            "the connection ended by a reset (RST)",
            expected="an orderly end (FIN)",
            cause="resets-when-done" if is_done else "",
        )
    reply.require_whole(seen, client)
    at = seen.after(client.asked).proven()
    holders = at.holders(client.port)
    who = "a call that had begun when its descriptor was closed, and goes on"
    if holders:
        whose = "a thread of it " if holders[0].threads > 1 else ""
        where = called(holders[0].reads_in or holders[0].call)
        who = f"process {holders[0].pid}, {whose}in {where}"
    return failed(
        f"the reply came, but no end: the connection is still held by {who}",
        expected="FIN after the reply",
        cause="reply-again"
        if reply.times_over(seen.contract.replies(client.sent), client.came) > _AT_MOST
        else "pool-has-a-copy"
        if any(each.key in crew.of(seen) for each in holders)
        else delays.of_one_for_several(seen, at)
        or _why_open(holders, seen.before(client.asked).holders(client.port)),
    )


def _why_open(holders: Sequence[Process], before: Sequence[Process]) -> str:
    """What keeps a connection open after the reply: its process reads on, or never closes it.

    Where one of those who had it `before` has let go of it, that one has served.
    """
    if not holders:
        return ""
    left = {each.key for each in holders}
    if left < {each.key for each in before}:
        return "passer-keeps-connection"
    return "reads-after-reply" if all(each.reads_in for each in holders) else "forgets-close"


def client_ends(seen: Recording, clients: Sequence[Client]) -> Verdict:
    """Judge a server that must stay open after its reply, and must close when its clients have left."""
    for client in clients:
        if client.end is not None:
            how = "closed" if client.end is End.FIN else "reset"
            return failed(f"the server {how} the connection after one reply", expected=_STAYS_OPEN)
        seen.after(client.left)
    last = seen.last()
    kept = [client for client in clients if last.connection(client.port)]
    if not kept:
        return passed(f"{len(clients)} clients closed after their reply, and then so did the server")
    last.proven()
    holders = last.holders(kept[-1].port)
    who = f"process {holders[0].pid}" if holders else "nobody"
    connection = last.connection(kept[-1].port)
    state = "" if connection is None else connection.state
    return failed(
        f"{len(kept)} of {len(clients)} clients have closed, and their connections are still there "
        f"({state}), held by {who}",
        expected=_FOLLOWS,
        cause=_why_kept(seen, kept, last) if holders else "",
        kept=len(kept),
    )


def _why_kept(seen: Recording, kept: Sequence[Client], last: Snapshot) -> str:
    """The cause that keeps the connections of clients that have gone."""
    spins = any(branches.reads_past_the_end(seen, client, last) for client in kept)
    return "spins-on-goodbye" if spins else "keeps-connection"
