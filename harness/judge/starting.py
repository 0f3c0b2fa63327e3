"""Whether a thread is started for a client: then what fails is pthread_create(), not fork()."""

from __future__ import annotations

from harness.record.recording import Missing, Recording


def is_by_thread(seen: Recording, name: str) -> bool:
    """Whether whoever holds this client's connection had one thread more than before it came."""
    try:
        client = seen.client(name)
        before, now = seen.before(client.connected), seen.after(client.connected)
    except Missing:
        return False
    holders = [process for process in now.living if client.port in process.serves]
    return any(
        (old := before.find(process.pid)) is not None and process.threads > old.threads
        for process in holders
    )
