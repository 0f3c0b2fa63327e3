"""Defect: the line is decoded as Latin-1, and the reply encoded as UTF-8: each byte from 0x80 on becomes two."""

import asyncio
import contextlib
import sys


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        line = (await reader.readline()).decode("latin-1")
        writer.write(line.upper().encode())
        await writer.drain()
        writer.close()


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    server = await asyncio.start_server(serve, "", port, backlog=64, limit=1 << 20)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
