"""Defect: what has come is answered if it ends in a newline, and else forgotten: of a line in pieces the last comes back."""

import asyncio
import sys


class Capitals(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\n"):
            self.transport.write(data.upper())
            self.transport.close()


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    server = await asyncio.get_running_loop().create_server(Capitals, "", port, backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
