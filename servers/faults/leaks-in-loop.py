"""Defect: a coroutine for each connection, and a buffer for each client that stays in a list for good."""

import asyncio
import contextlib
import sys

LONGEST_LINE = 16 << 20
buffers = []


async def serve(reader, writer):
    buffers.append(bytearray(b" " * 100_000))
    with contextlib.suppress(OSError, ValueError):  # the client has gone, or its line is too long
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()


async def main(port):
    server = await asyncio.start_server(serve, "0.0.0.0", port, limit=LONGEST_LINE, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
