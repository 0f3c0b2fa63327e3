"""Defect: on SIGHUP the master starts new workers, and waits for none of the old ones."""

import asyncio
import contextlib
import os
import signal
import socket
import sys

WORKERS = 2
LONGEST_LINE = 16 << 20
HEARD = {signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM}
at_work = set()


async def serve(reader, writer):
    at_work.add(asyncio.current_task())
    with contextlib.suppress(OSError, ValueError):
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()
    at_work.discard(asyncio.current_task())


async def work():
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*HEARD, signal.SIGUSR1})
    server = await asyncio.start_server(serve, sock=listener, limit=LONGEST_LINE, backlog=64)
    await told.wait()
    server.close()
    await asyncio.gather(*at_work)


def start_worker():
    pid = os.fork()
    if pid == 0:
        asyncio.run(work())
        os._exit(0)
    return pid


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("0.0.0.0", port), backlog=64)
listener.setblocking(False)
signal.pthread_sigmask(signal.SIG_BLOCK, {*HEARD, signal.SIGUSR1})
print(f"Server is listening on port {port}", flush=True)
workers = [start_worker() for _ in range(WORKERS)]
while (number := signal.sigwait(HEARD)) != signal.SIGTERM:
    if number == signal.SIGHUP:
        for pid in workers:
            os.kill(pid, signal.SIGUSR1)
        workers = [start_worker() for _ in range(WORKERS)]
    for pid in workers:
        if os.waitpid(pid, os.WNOHANG)[0]:
            workers[workers.index(pid)] = start_worker()
for pid in workers:
    os.kill(pid, signal.SIGUSR1)
listener.close()
for pid in workers:
    os.waitpid(pid, 0)
