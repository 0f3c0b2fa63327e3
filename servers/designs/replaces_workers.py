"""Design: a master and three workers with event loops. SIGHUP replaces the workers, SIGTERM ends all of it.

Old workers serve whom they have, and exit.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys

WORKERS = 3
LONGEST_LINE = 16 << 20
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
HEARD = {signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM}
libc = ctypes.CDLL(None)
at_work = set()


async def serve(reader, writer):
    at_work.add(asyncio.current_task())
    with contextlib.suppress(OSError, ValueError):  # the client has gone, or its line is too long
        writer.write((await reader.readline()).upper())
        await writer.drain()
    writer.close()
    at_work.discard(asyncio.current_task())


async def work(listener):
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*HEARD, signal.SIGUSR1})
    server = await asyncio.start_server(serve, sock=listener, limit=LONGEST_LINE, backlog=64)
    await told.wait()
    server.close()
    await asyncio.gather(*at_work)


def start_worker():
    """Start one more; None when fork() fails."""
    try:
        pid = os.fork()
    except OSError:
        return None
    if pid == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        asyncio.run(work(listener))
        os._exit(0)
    return pid


def reap():
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
            workers.discard(pid)


def dismiss():
    for pid in workers:
        os.kill(pid, signal.SIGUSR1)
    workers.clear()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("0.0.0.0", port), backlog=64)
listener.setblocking(False)
signal.pthread_sigmask(
    signal.SIG_BLOCK, {*HEARD, signal.SIGUSR1}
)  # sigwait() takes them, and a worker asks
print(f"Server is listening on port {port}", flush=True)
workers = set()
while True:
    workers |= {start_worker() for _ in range(WORKERS - len(workers))} - {None}
    number = signal.sigwait(HEARD)
    if number == signal.SIGCHLD:
        reap()
        continue
    dismiss()
    if number == signal.SIGTERM:
        break
listener.close()
with contextlib.suppress(ChildProcessError):
    while True:
        os.wait()
