"""Design: a coroutine for each connection, and a helper process that listens on a port of its own."""

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


async def main(port):
    server = await asyncio.start_server(serve, "0.0.0.0", port, limit=LONGEST_LINE, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


def tell_status():
    status = socket.create_server(("127.0.0.1", 0))
    while True:
        with status.accept()[0] as conn:
            conn.sendall(b"well\n")


def end(*_):
    os.kill(helper, signal.SIGKILL)
    os._exit(0)


helper = os.fork()
if helper == 0:
    tell_status()
signal.signal(signal.SIGTERM, end)
asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
