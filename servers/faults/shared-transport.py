"""Defect: the protocol keeps the connection in its class: each reply goes to whoever came last, and that one is closed."""

import asyncio
import sys


class Capitaliser(asyncio.Protocol):
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Capitaliser.transport = transport
        self.line = b""

    def data_received(self, data: bytes) -> None:
        self.line += data
        if self.line.endswith(b"\n"):
            Capitaliser.transport.write(self.line.upper())
            Capitaliser.transport.close()


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    server = await asyncio.get_running_loop().create_server(Capitaliser, "", port, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
