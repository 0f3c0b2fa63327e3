"""A client that begins as one of TLS does: it sends a ClientHello (RFC 8446, section 4.1.2)."""

import contextlib

from .stage import Stage


async def greet_as_tls_does(stage: Stage, name: str) -> bool:
    """Let such a client come, and leave once it hears something; whether it heard anything."""
    printed = await stage.server.printed_so_far()
    stage.branch("a client begins as one of TLS does", printed=printed)
    client = await stage.peer(name)
    client.send(_client_hello())
    await stage.quiet(unless=lambda: bool(client.received))
    await client.leave()
    return bool(client.received)


def _client_hello() -> bytes:
    """The first record, with random bytes of its own, of a client that looks at no certificate."""
    import ssl  # noqa: PLC0415  (10 ms, which nearly no server costs)

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    sends = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sends).do_handshake()
    return sends.read()
