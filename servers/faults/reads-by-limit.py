# Defect: readline() of asyncio raises ValueError for a line beyond 64 KiB, and nobody then closes the connection.
import asyncio
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        line = await reader.readline()
        writer.write(line.upper())
        await writer.drain()
    except ValueError as error:
        print(f"no line: {error}", file=sys.stderr)
        return
    except OSError as error:
        print(error, file=sys.stderr)
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "0.0.0.0", port, backlog=128)
    print(f"Server is listening on port {port}", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
