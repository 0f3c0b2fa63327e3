"""Defect: on SIGHUP it cancels every task, also those that serve a client, and begins anew."""

import asyncio
import contextlib
import signal
import sys

LONGEST_LINE = 16 << 20
at_work = set()


async def serve(reader, writer):
    at_work.add(asyncio.current_task())
    with contextlib.suppress(OSError, ValueError, asyncio.CancelledError):
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()
    at_work.discard(asyncio.current_task())


def reload():
    for task in at_work:
        task.cancel()


async def main(port):
    await asyncio.start_server(serve, "0.0.0.0", port, limit=LONGEST_LINE, backlog=64)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    print(f"Server is listening on port {port}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
