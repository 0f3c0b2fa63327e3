"""Defect: tasks that accept are made again and again, and nothing is ever awaited: none of them runs."""

import asyncio
import socket
import sys


async def serve_next(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    conn, _ = await loop.sock_accept(listener)
    with conn:
        line = await loop.sock_recv(conn, 4096)
        await loop.sock_sendall(conn, line.upper())


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    listener.setblocking(False)
    print(f"Server is listening on port {port}", flush=True)
    tasks = [None]
    while True:
        tasks[0] = asyncio.create_task(serve_next(listener))
        tasks[0].cancel()


asyncio.run(main())
