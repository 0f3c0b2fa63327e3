# Defect: it calls the coroutine that serves, and awaits it nowhere: nothing of it runs.

import asyncio
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


async def answer(reader, writer):
    line = await reader.readline()
    writer.write(line.upper())
    await writer.drain()
    writer.close()


async def serve(reader, writer):
    answer(reader, writer)


async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", port, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
