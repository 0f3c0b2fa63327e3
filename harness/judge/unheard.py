"""A client that asked and got no answer at all: what became of its connection, and what was said."""

from __future__ import annotations

from typing import Final

from . import endings, views
from .recording import Client, Kind, Recording, Snapshot

_NOT_CONNECTED: Final = ("not connected", "ENOTCONN")  # what read() says of a listening socket


def told(seen: Recording, at: Snapshot, client: Client) -> str:
    """Where the server was, how the connection ended if it did, and what the program printed."""
    died = seen.first(Kind.DIED)
    if not views.is_alive(seen, at) and died is not None:
        return f"the server {views.ending(died.detail['status'])}{views.said(seen)}"
    crash = _crash(seen)
    fell = f"; a process of it {crash}" if crash else ""
    return (
        f"the server was {views.listener_state(seen, at)}; {_connection(at, client)}{fell}"
        f"{views.printed_too(seen)}"
    )


def cause(seen: Recording, at: Snapshot, client: Client) -> str:
    """Which known fault lets nobody in, or ends a connection that it has never read."""
    connection = at.connections.get(str(client.port))
    if connection is not None and not connection["accepted"]:
        return "accepts-on-wrong-socket"
    if not _was_unread(client) or client.refusal or _crash(seen):
        return ""
    said = views.said(seen)
    return "reads-from-listener" if not said or any(word in said for word in _NOT_CONNECTED) else ""


def _was_unread(client: Client) -> bool:
    """Whether its connection ended before it had said a word, or with its line unread (RST)."""
    if client.ended is None or client.asked is None:
        return False
    return client.ended < client.asked or client.end is Kind.RST


def _connection(at: Snapshot, client: Client) -> str:
    if client.ended is None or client.asked is None or client.refusal:
        return views.whereabouts(at, client)
    if client.ended < client.asked:
        return "it had ended the connection before the client said anything"
    if client.end is Kind.RST:
        return "its connection was reset (RST), as close() does where something is left unread"
    unread = at.connections.get(str(client.port), {}).get("unread", 0)
    return views.whereabouts(at, client) if unread else "it had read the line, and ended the connection"


def _crash(seen: Recording) -> str:
    """How a process of the server crashed, in words; "" when none was seen to."""
    crashes = [status for status in endings.statuses(seen).values() if endings.is_crash(status)]
    return views.ending(crashes[0]) if crashes else ""
