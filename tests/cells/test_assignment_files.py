"""Files that an assignment lays where its server starts: places filled, in every kind of cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import command

SERVER = """
import os, pwd, socket, sys
told = dict(line.split("=", 1) for line in open("etc/it.conf").read().splitlines())
assert os.path.samefile(told["dir"], "."), told
assert told["dir"] == sys.argv[1] and told["user"] == sys.argv[2], told
if told["user"] != str(os.getuid()):
    assert pwd.getpwnam(told["user"]).pw_uid == os.getuid(), told
assert told["kept"] == "{line}", told
assert not os.listdir("data")
open("data/written", "w").close()
listener = socket.create_server(("", int(told["port"])))
while True:
    talk = listener.accept()[0]
    with talk:
        talk.sendall(talk.recv(1000))
"""
ASSIGNMENT = """
[submission]
role = "server"
port = 4711
run = "python3 told.py {dir} {user}"

[submission.files]
"etc/it.conf" = "port={port}\\ndir={dir}\\nuser={user}\\nkept={line}"
"data/" = ""
"""


@pytest.mark.parametrize(
    "kind", ["bubblewrap", "namespaces", pytest.param("plain", marks=pytest.mark.xdist_group("plain"))]
)
def test_files_lie_where_the_server_starts(tmp_path: Path, kind: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "told.py").write_text(SERVER)
    (tmp_path / "week3.toml").write_text(ASSIGNMENT)
    told = ["--assignment", tmp_path / "week3.toml", "--cell", kind, "--json", tmp_path / "it.json"]
    asked = ["--only", "service/again", "--only", "contract/address"]
    done = command.run("check", work, *told, *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads((tmp_path / "it.json").read_text())
    verdicts = {each["id"]: each["verdict"] for each in seen["verdicts"]}
    assert verdicts["service/again"] == verdicts["contract/address"] == "PASS"
