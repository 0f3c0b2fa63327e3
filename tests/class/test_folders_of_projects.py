"""A project's folders, as an IDE lays them: sources in some, headers in others, and no build file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from harness.engine.targets import prepare

LISTENS: Final = """\
#include <sys/socket.h>
%s
int main(void) { int fd = socket(AF_INET, SOCK_STREAM, 0); listen(fd, 5); accept(fd, 0, 0);
return say(); }
"""
SAY: Final = '#include "say.h"\n#include <string.h>\nint say(void) { return (int)strlen("words"); }\n'
HEADER: Final = "int say(void);\n"
CLIENT: Final = '#include "say.h"\nint main(void) { connect(0, 0, 0); return say(); }\n'
PROJECTS: Final = {
    "eclipse": {
        "src/main.c": LISTENS % '#include "say.h"',
        "src/say.c": SAY,
        "include/say.h": HEADER,
        "Debug/src/subdir.mk": "C_SRCS += ../src/main.c\n",
    },
    "headers called as the system's": {
        "src/main.c": LISTENS % '#include "say.h"',
        "src/say.c": SAY,
        "include/say.h": HEADER,
        "include/string.h": "#error not this one\n",
    },
    "in a folder of a folder": {
        "lab/src/main.c": LISTENS % "#include <net/say.h>",
        "lab/src/net/say.c": SAY,
        "lab/inc/net/say.h": HEADER,
    },
    "a header of a header": {
        "main.c": LISTENS % '#include "all.h"',
        "lib/say.c": SAY,
        "include/all.h": '#include "parts/more.h"\n',
        "headers/parts/more.h": '#include "say.h"\n',
        "headers/say.h": HEADER,
    },
    "common to a server and a client": {
        "server/main.c": LISTENS % '#include "say.h"',
        "client/main.c": CLIENT,
        "common/say.c": SAY,
        "common/say.h": HEADER,
        "test/test_say.c": '#include "say.h"\nint main(void) { return say(); }\n',
    },
    "C++": {
        "source/server.cpp": LISTENS % '#include "say.hpp"',
        "source/parts/say.cpp": '#include "say.hpp"\nint say() { auto words = 5; return words; }\n',
        "headers/say.hpp": "#pragma once\nint say();\n",
    },
}


@pytest.mark.parametrize("kind", PROJECTS)
def test_a_project_without_a_build_file_is_built(tmp_path: Path, kind: str) -> None:
    for name, text in PROJECTS[kind].items():
        (tmp_path / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / name).write_text(text)
    subject = prepare(str(tmp_path / "work"))
    assert not subject.failure, subject.failure


def test_a_source_that_is_missing_is_told_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.c").write_text(LISTENS % '#include "say.h"')
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "say.h").write_text(HEADER)
    (tmp_path / "include" / "words.txt").write_text("words\n")
    assert "say" in prepare(str(tmp_path)).failure
