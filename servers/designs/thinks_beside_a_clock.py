"""Design: an event loop in which a clock ticks, and each reply takes a quarter of a second (asyncio)."""

import asyncio
import contextlib
import sys

TICK_S, THINKING_S = 0.05, 0.25


async def tick():
    while True:
        await asyncio.sleep(TICK_S)


async def serve(reader, writer):
    with contextlib.suppress(OSError):  # the client has gone
        line = await reader.readline()
        if line:
            await asyncio.sleep(THINKING_S)
            writer.write(line.upper())
            await writer.drain()
    writer.close()


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    server = await asyncio.start_server(serve, "", port, limit=1 << 20, backlog=64)
    clock = asyncio.create_task(tick())
    print(f"Server is listening on port {port}", flush=True)
    async with server:
        await server.serve_forever()
    await clock


asyncio.run(main())
