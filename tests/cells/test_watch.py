"""forkspec watch: judged again when a file is saved, with what has changed."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from harness.engine import saved_files
from tests.command import FORKSPEC, GUARD_S, run

REPLY = "service/reply"
SOUND = """\
import socketserver

class Capitals(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())

socketserver.ForkingTCPServer.allow_reuse_address = True
socketserver.ForkingTCPServer(("", 54321), Capitals).serve_forever()
"""


def read_until(said: str, watching: subprocess.Popen[str]) -> str:
    """All that it prints, up to the line that says this."""
    assert watching.stdout is not None
    page = ""
    for line in watching.stdout:
        page += line
        if said in line:
            return page
    raise AssertionError(page)


@pytest.mark.one_in_turn("a long check")
def test_a_save_is_judged_and_what_changed_is_told(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text(SOUND.replace("upper", "lower"), encoding="utf-8")
    command = ["env", "--default-signal=INT", *FORKSPEC, "watch", str(server), "--only", REPLY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert "FAIL" in read_until("watching", watching)
            server.write_text(SOUND, encoding="utf-8")
            page = read_until("watching", watching)
            assert "server.py was saved" in page
            assert "0 got worse, 1 better" in page
            assert f"better   {REPLY}   FAIL -> PASS" in page
            server.write_text(SOUND + "(\n", encoding="utf-8")
            assert "server.py was saved" in read_until("watching", watching)
        finally:
            watching.send_signal(signal.SIGINT)
            assert watching.wait(GUARD_S) == 0


def test_a_log_beside_the_server_is_no_save(tmp_path: Path) -> None:
    """Through tee it was judged again and again, and the save was one among many."""
    server, log = tmp_path / "server.py", tmp_path / "log"
    server.write_text(SOUND.replace("upper", "lower"), encoding="utf-8")
    command = ["env", "--default-signal=INT", *FORKSPEC, "watch", str(server), "--only", REPLY]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as watching,
        subprocess.Popen(
            ["tee", str(log)], stdin=watching.stdout, stdout=subprocess.PIPE, text=True
        ) as tee,
    ):
        try:
            read_until("watching", tee)
            server.write_text(SOUND, encoding="utf-8")
            page = read_until("watching", tee)
        finally:
            watching.send_signal(signal.SIGINT)
            assert watching.wait(GUARD_S) == 0
    assert "server.py was saved" in page
    assert "was saved" not in page.replace("server.py was saved", "")


def test_what_is_not_there_is_not_watched(tmp_path: Path) -> None:
    done = run("watch", tmp_path / "nothing.c")
    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing to watch" in done.stderr


def test_hidden_files_and_what_a_build_makes_are_no_saves(tmp_path: Path) -> None:
    server = tmp_path / "server.c"
    server.write_text("int main;", encoding="utf-8")
    before = saved_files.stamps(server)
    for name in (".server.c.swp", "server.c~", "#server.c#"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "server.pyc").write_text("", encoding="utf-8")
    assert saved_files.changed(before, saved_files.stamps(server)) == []
    (tmp_path / "talk.h").write_text("", encoding="utf-8")
    server.write_text("int main(void);", encoding="utf-8")
    assert saved_files.changed(before, saved_files.stamps(server)) == ["server.c", "talk.h"]
