"""Design: a child serves all clients in an event loop; its parent watches over it, and replaces it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys

LONGEST_LINE = 16 << 20


async def serve(reader, writer):
    with contextlib.suppress(OSError, ValueError):  # the client has gone, or its line is too long
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()


async def main(listener, parent):
    asyncio.get_running_loop().add_reader(parent, sys.exit)  # at its end the parent has gone
    server = await asyncio.start_server(serve, sock=listener, limit=LONGEST_LINE, backlog=64)
    await server.serve_forever()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("0.0.0.0", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
while True:
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(ours)
        asyncio.run(main(listener, theirs))
    os.close(theirs)
    os.waitpid(pid, 0)
    os.close(ours)
