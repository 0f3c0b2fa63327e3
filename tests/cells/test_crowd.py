"""The command crowd, at servers of ours and at one that runs: what comes, not how fast."""

from __future__ import annotations

import json
import re
import socketserver
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import pytest

from tests.command import GUARD_S, run

CLIENTS = 200
PLAN = ["--clients", str(CLIENTS), "--rate", "400", "--silence", "300ms"]
MEASURED = {0, 2}  # 2: this machine was too busy


def told(tmp_path: Path, *words: str) -> dict[str, Any]:
    out, page = tmp_path / "crowd.json", tmp_path / "crowd.html"
    done = run("crowd", *words, *PLAN, "--json", str(out), "--html", str(page))
    assert done.stderr == ""
    assert done.returncode in MEASURED
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert found["is_void"] is (done.returncode == 2)
    assert found["outcomes"] == {"answered": CLIENTS}
    assert len(found["waits_ms"]) == CLIENTS
    assert "200 answered" in page.read_text(encoding="utf-8")
    assert "200 answered" in done.stdout
    return found


@pytest.mark.parametrize("name", ["tcpserver4", "tcpserver"])
def test_a_crowd_at_a_server_in_a_cell(tmp_path: Path, name: str) -> None:
    family = told(tmp_path, name)["family"]
    largest = max(family, key=lambda each: int(each["processes"]))
    if name == "tcpserver":
        assert {(each["processes"], each["zombies"]) for each in family} == {(1, 0)}
    else:
        assert largest["processes"] > family[-1]["processes"] >= 1
        assert largest["descriptors"] > family[-1]["descriptors"] > 0
    assert [each["at_s"] for each in family] == sorted(each["at_s"] for each in family)


class _Capitals(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(self.rfile.readline().upper())


class _Threads(socketserver.ThreadingTCPServer):
    request_queue_size = CLIENTS
    daemon_threads = True


def test_a_crowd_at_a_server_that_runs(tmp_path: Path) -> None:
    with _Threads(("127.0.0.1", 0), _Capitals) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            host, port = server.server_address[:2]
            found = told(tmp_path, f"{host!s}:{port}")
        finally:
            server.shutdown()
    assert (found["cell"], found["family"]) == (None, [])


GREETS: Final = """
import os, signal, socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("", 54321))
while True:
    conn, _ = listener.accept()
    if os.fork() == 0:
        for _ in range(100):
            conn.sendall(b"x" * 2**20)
        conn.sendall(conn.recv(1024).upper())
        os._exit(0)
    conn.close()
"""
ENDLESS: Final = Path(__file__).parent.parent / "hostile" / "replies-without-end.c"
FLOODED: Final = ["--clients", "8", "--silence", "100ms"]
PEAK: Final = """
from harness import cli
try:
    cli.main()
finally:
    with open("/proc/self/status") as told:
        print(*(line for line in told if line.startswith("VmHWM")))
"""


def peak_bytes(command: str, target: object, *options: str) -> int:
    """The most memory that the harness had at a time (proc(5), VmHWM)."""
    words = [sys.executable, "-c", PEAK, command, str(target), *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=GUARD_S, check=False)
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return 1024 * int(found[1])


@pytest.mark.one_in_turn("endless replies")
@pytest.mark.parametrize("name", ["greets-with-100-mb.py", ENDLESS.name])
def test_what_is_too_long_to_be_a_reply_is_not_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / "greets-with-100-mb.py").write_text(GREETS, encoding="utf-8")
    floods = ENDLESS if name == ENDLESS.name else tmp_path / name
    most = peak_bytes("crowd", "tcpserver4", *FLOODED) + (16 << 20)
    assert peak_bytes("crowd", floods, *FLOODED) < most


@pytest.mark.one_in_turn("endless replies")
def test_a_check_does_not_keep_it_either() -> None:
    only = ("--only", "concurrency/silent-crowd")
    assert peak_bytes("check", ENDLESS, *only) < peak_bytes("check", "tcpserver4", *only) + (24 << 20)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["127.0.0.1:1"], 3, "no server to come to"),
        (["tcpserver4", "--rate", "1"], 3, "180 s are the most"),
        (["tcpserver4", "--silence", "soon"], 3, "--silence soon: a time is 2s, 0.5s or 500ms"),
        ([], 3, "name one server"),
        (["no-such-file.c"], 3, "no such file"),
        (["does-not-listen.py"], 1, "no crowd can come: it exited with status 3"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, words: list[str], status: int, says: str
) -> None:
    (tmp_path / "does-not-listen.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    done = run("crowd", *words, cwd=tmp_path)
    said = done.stderr + done.stdout
    assert (done.returncode, said.count("\n")) == (status, 1)
    assert says in said
