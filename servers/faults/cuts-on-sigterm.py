"""Defect: it catches SIGTERM and exits at once, with all clients that it serves."""

import asyncio
import contextlib
import signal
import sys

LONGEST_LINE = 16 << 20


async def serve(reader, writer):
    with contextlib.suppress(OSError, ValueError, asyncio.CancelledError):
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()


async def main(port):
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await asyncio.start_server(serve, "0.0.0.0", port, limit=LONGEST_LINE, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await told.wait()


asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
