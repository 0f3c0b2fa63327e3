"""How long recognition and the search for a way to start take, beyond the build (claim: 100 ms).

The same server handed in as a folder, once listening without an argument, once wanting -p PORT, which is
the last way that is tried. Exit status 1 when the claim does not hold.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from harness.cell.cells import Cells
from harness.engine import catalogue, targets, trial
from harness.engine.play import RunConfig

ROUNDS: Final = 20
CLAIM_MS: Final = 100
C: Final = """#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {{
    int port = {port};
    struct sockaddr_in a = {{.sin_family = AF_INET, .sin_port = htons(port)}};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (;;) close(accept(s, 0, 0));
}}
"""
WAYS: Final = {
    "no argument": "54321",
    "-p PORT": 'argc == 3 && !strcmp(argv[1], "-p") ? atoi(argv[2]) : (exit(2), 0)',
}


async def observed_ms(cells: Cells, folder: Path) -> float:
    """One start, found out from nothing."""
    start_s = time.perf_counter()
    subject = targets.prepare(str(folder))
    catalogue.load()
    await trial.observe(cells, subject, RunConfig(seed=1), only=["contract/listens"])
    return (time.perf_counter() - start_s) * 1e3


async def main() -> int:
    spans: dict[str, list[float]] = {}
    with Cells() as cells, tempfile.TemporaryDirectory() as place:
        await cells.grant()
        os.chmod(place, 0o755)  # noqa: PTH101, S103  (the subject is another user)
        folders = {}
        for number, (way, port) in enumerate(WAYS.items()):
            folders[way] = Path(place) / str(number)
            folders[way].mkdir()
            (folders[way] / "server.c").write_text(C.format(port=port))
            targets.prepare(str(folders[way]))
        for _ in range(ROUNDS):
            for way, folder in folders.items():
                spans.setdefault(way, []).append(await observed_ms(cells, folder))
    for way, each in spans.items():
        print(f"{way:<12} median {median(each):6.1f} ms, worst {max(each):6.1f} ms")
    more_ms = median(spans["-p PORT"]) - median(spans["no argument"])
    print(f"recognition, launch and judging of a start: {median(spans['no argument']):.1f} ms; ", end="")
    print(f"three more ways tried: {more_ms:.1f} ms more (claim {CLAIM_MS} ms)")
    return 0 if more_ms <= CLAIM_MS else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
