"""Defect: a coroutine for each client, and recv() in it instead of await: the whole loop sleeps until this client speaks."""

import asyncio
import contextlib
import errno
import socket
import sys

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


async def serve(conn):
    with conn, contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may have gone
        conn.sendall(lines.readline().upper())
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


async def main(port):
    listener = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
    listener.setblocking(False)
    print(f"Server is listening on port {port}", flush=True)
    loop = asyncio.get_running_loop()
    served = set()
    while True:
        try:
            conn, _ = await loop.sock_accept(listener)
        except OSError as error:
            if error.errno in EXHAUSTED:
                await asyncio.sleep(
                    0.1
                )  # the client is still in the queue: without a pause this would spin
            continue
        conn.setblocking(True)
        task = asyncio.create_task(serve(conn))
        served.add(task)
        task.add_done_callback(served.discard)


asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
