"""The line of the output that says why a program ended: each run-time has its own form."""

from __future__ import annotations

from typing import Final

import pytest

from harness.record.last_words import telling

STORIES: Final = {
    "python": (
        (
            "Traceback (most recent call last):\n"
            '  File "server.py", line 9, in <module>\n'
            "    serve(conn)\n"
            "ValueError: invalid literal for int() with base 10: 'a'\n"
        ),
        "ValueError: invalid literal for int() with base 10: 'a'",
    ),
    "python's socketserver": (
        (
            "----------------------------------------\n"
            "Exception occurred during processing of request from ('127.0.0.1', 40000)\n"
            "Traceback (most recent call last):\n"
            '  File "/usr/lib/python3.11/socketserver.py", line 691, in process_request_thread\n'
            "    self.finish_request(request, client_address)\n"
            "UnicodeDecodeError: 'ascii' codec can't decode byte 0xe9\n"
            "----------------------------------------\n"
        ),
        "UnicodeDecodeError: 'ascii' codec can't decode byte 0xe9",
    ),
    "python, chained": (
        (
            "Traceback (most recent call last):\n"
            '  File "server.py", line 4, in serve\n'
            "KeyError: 'a'\n\n"
            "During handling of the above exception, another exception occurred:\n\n"
            "Traceback (most recent call last):\n"
            '  File "server.py", line 6, in serve\n'
            "RuntimeError: no such key\nclient 2 came\n"
        ),
        "RuntimeError: no such key",
    ),
    "python, while a handler prints": (
        (
            "Traceback (most recent call last):\n"
            '  File "server.py", line 9, in <module>\n'
            "    conn, _ = sock.accept()\n"
            "child 81 ended with 0\n"
            "OSError: [Errno 24] Too many open files\n"
        ),
        "OSError: [Errno 24] Too many open files",
    ),
    "node": (
        (
            "node:events:502\n      throw er; // Unhandled 'error' event\n      ^\n\n"
            "Error: listen EADDRINUSE: address already in use :::45999\n"
            "    at Server.setupListenHandle [as _listen2] (node:net:1908:16)\n"
            "Emitted 'error' event on Server instance at:\n    at emitErrorNT (node:net:1944:8) {\n"
            "  code: 'EADDRINUSE',\n  port: 45999\n}\n\nNode.js v20.20.2\n"
        ),
        "Error: listen EADDRINUSE: address already in use :::45999",
    ),
    "node, a mistake": (
        (
            "/work/server.js:3\n  c.end(table.reply);\n              ^\n\n"
            "TypeError: Cannot read properties of undefined (reading 'reply')\n"
            "    at Socket.<anonymous> (/work/server.js:3:15)\n\nNode.js v20.20.2\n"
        ),
        "TypeError: Cannot read properties of undefined (reading 'reply')",
    ),
    "java": (
        (
            'Exception in thread "main" java.lang.IllegalStateException: cannot serve\n'
            "\tat A.main(A.java:1)\n"
            "Caused by: java.net.BindException: Address already in use\n"
            "\tat java.base/java.net.ServerSocket.<init>(ServerSocket.java:269)\n\t... 9 more\n"
        ),
        (
            'Exception in thread "main" java.lang.IllegalStateException: cannot serve / '
            "Caused by: java.net.BindException: Address already in use"
        ),
    ),
    "java, printed": (
        (
            'java.lang.NumberFormatException: For input string: "x"\n'
            "\tat java.base/java.lang.Integer.parseInt(Integer.java:668)\n\tat B.main(B.java:1)\n"
        ),
        'java.lang.NumberFormatException: For input string: "x"',
    ),
    "go": (
        (
            "panic: runtime error: index out of range [5] with length 3\n\n"
            "goroutine 18 [running]:\nmain.serve(0xc00)\n\t/work/server.go:12 +0x1d\nexit status 2\n"
        ),
        "panic: runtime error: index out of range [5] with length 3",
    ),
    "go, of many goroutines": (
        (
            "fatal error: concurrent map writes\n\ngoroutine 18 [running]:\nmain.serve(0xc00)\n"
            + "\ngoroutine 19 [IO wait]:\nmain.serve(0xc01)\n\t/work/server.go:12 +0x1d\n" * 200
        ),
        "fatal error: concurrent map writes",
    ),
    "perl": (
        "Server is listening on port 54321\ncannot read at server.pl line 3, <F> line 1.\n",
        "cannot read at server.pl line 3, <F> line 1.",
    ),
    "rust": (
        (
            "\nthread 'main' (561) panicked at src/main.rs:1:54:\n"
            "index out of bounds: the len is 0 but the index is 1\nstack backtrace:\n   0: main::main\n"
        ),
        (
            "thread 'main' (561) panicked at src/main.rs:1:54: / "
            "index out of bounds: the len is 0 but the index is 1"
        ),
    ),
    "ruby": (
        (
            'server.rb:5:in `Integer\': invalid value for Integer(): "a" (ArgumentError)\n'
            "\tfrom server.rb:5:in `<main>'\n"
        ),
        'server.rb:5:in `Integer\': invalid value for Integer(): "a" (ArgumentError)',
    ),
    "c++": (
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no table\n",
        "terminate called after throwing an instance of 'std::runtime_error' / what():  no table",
    ),
    "the C library": (
        "*** stack smashing detected ***: terminated\nwait: No child processes\n",
        "*** stack smashing detected ***: terminated",
    ),
    "the C library, of the heap": ("free(): invalid pointer\n", "free(): invalid pointer"),
    "assert": (
        "server: server.c:3: main: Assertion `p==0' failed.\n",
        "server: server.c:3: main: Assertion `p==0' failed.",
    ),
    "node, of an error that refers to itself": (
        (
            "/home/s.js:6\n  throw e;\n  ^\n\n<ref *1> Error: spawnSync tr EAGAIN\n"
            "    at spawnSync (s.js:6:1)\n"
            "  errno: -11,\n  error: [Circular *1]\n}\n\nNode.js v20.20.2\n"
        ),
        "Error: spawnSync tr EAGAIN",
    ),
    "a sanitizer": (
        (
            "==12==ERROR: AddressSanitizer: stack-buffer-overflow on address 0x7ff\n"
            "    #0 0x55 in serve /work/server.c:12\n"
            "SUMMARY: AddressSanitizer: stack-buffer-overflow /work/server.c:12 in serve\n"
            "Shadow bytes around the buggy address:\n==12==ABORTING\n"
        ),
        "SUMMARY: AddressSanitizer: stack-buffer-overflow /work/server.c:12 in serve",
    ),
    "node, which aborts": (
        (
            "closing: ECONNRESET\n----- Native stack trace -----\n\n 1: 0x7f node::Abort() [node]\n"
            "\n----- JavaScript stack trace -----\n\n1: abort (node:internal/process/per_thread:1:1)\n"
        ),
        "closing: ECONNRESET",
    ),
    "python, which aborts": (
        "Fatal Python error: Aborted\n\nCurrent thread 0x7f (most recent call first):\n  File s.py\n",
        "Fatal Python error: Aborted",
    ),
    "a python that aborts at its end": (
        (
            "Traceback (most recent call last):\n"
            '  File "server.py", line 9, in <module>\n'
            "OSError: [Errno 24] Too many open files\n"
            "Fatal Python error: _enter_buffered_busy: could not acquire lock at interpreter shutdown\n"
            "Fatal Python error: Aborted\n\nCurrent thread 0x7f (most recent call first):\n  File s.py\n"
        ),
        "OSError: [Errno 24] Too many open files",
    ),
    "whatever it says itself": ("client 1\nclient 2\nqueue full\n", "queue full"),
    "nothing": ("\n", ""),
}


@pytest.mark.parametrize("who", STORIES)
def test_the_telling_line_is_found(who: str) -> None:
    printed, tells = STORIES[who]
    assert telling(printed, 1) == tells


def test_the_latest_counts() -> None:
    assert telling("".join(printed for printed, _ in STORIES.values()), 1) == STORIES["a sanitizer"][1]


def test_several_last_lines_are_joined_and_long_ones_cut() -> None:
    assert telling("one\ntwo\nthree\nfour\n", 3) == "two / three / four"
    assert telling("x" * 500) == f"{'x' * 200}... (500 characters)"
