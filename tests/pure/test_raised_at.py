"""The line of the hand-in that raised an error, in each run-time's own form of a report."""

from __future__ import annotations

from typing import Final

import pytest

from harness.record.raised_at import raised_at

REPORTS: Final = {
    "server.py:20": (
        "Traceback (most recent call last):\n"
        '  File "/w/server.py", line 30, in <module>\n    main()\n'
        '  File "/w/server.py", line 20, in main\n    conn.sendall(text)\n'
        '  File "/usr/lib/python3.11/socket.py", line 700, in sendall\n'
        "TypeError: a bytes-like object is required, not 'str'\n"
    ),
    "Server.java:22": (
        'Exception in thread "main" java.lang.IllegalStateException\n'
        "\tat java.base/java.util.Scanner.next(Scanner.java:1)\n"
        "\tat Server.serve(Server.java:22)\n\tat Server.main(Server.java:40)\n"
    ),
    "server.js:3": (
        "TypeError: Cannot read properties of undefined (reading 'reply')\n"
        "    at Socket.<anonymous> (/w/server.js:3:15)\n    at node:net:1908:16\n"
    ),
    "server.rb:6": "server.rb:6:in `serve': undefined method `upcse' (NoMethodError)\n",
    "main.go:12": (
        "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\n"
        "main.handle(...)\n\t/w/main.go:12 +0x1d\n"
    ),
    "src/main.rs:8": "thread '<unnamed>' panicked at src/main.rs:8:5:\ncalled `Option::unwrap()`\n",
    "server.php:5": "PHP Fatal error:  Uncaught TypeError: bad in /w/server.php:5\nStack trace:\n",
    "server.pl:9": 'Can\'t call method "send" on an undefined value at server.pl line 9.\n',
    "": "accept: Too many open files\n",
}


@pytest.mark.parametrize(("where", "report"), REPORTS.items(), ids=str)
def test_the_nearest_line_of_the_hand_in_is_named(where: str, report: str) -> None:
    assert raised_at(f"client came\n{report}", [where.partition(":")[0] or "server.c"]) == where


def test_a_line_of_another_file_is_not_named() -> None:
    assert raised_at(REPORTS["server.py:20"], ["other.py", "my-server.py"]) == ""
