"""Defect: on SIGHUP it closes its listening socket, to open it with new settings, and forgets to."""

import asyncio
import contextlib
import signal
import sys

LONGEST_LINE = 16 << 20


async def serve(reader, writer):
    with contextlib.suppress(OSError, ValueError):
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()


async def main(port):
    server = await asyncio.start_server(serve, "0.0.0.0", port, limit=LONGEST_LINE, backlog=64)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, server.close)
    print(f"Server is listening on port {port}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
