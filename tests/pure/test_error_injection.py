"""Which of the calls that strace made to fail is judged, and which befell something else beside it."""

from __future__ import annotations

import pytest

from harness.cell.error_injection import _failures, _summed_up

RECV = b'recvfrom(5<TCP:[127.0.0.1:5->127.0.0.1:6]>, "", 9, 0) = -1 ECONNRESET (x) (INJECTED)\n'
SOURCE = b'read(6</home/student/server.py>, "", 4096) = -1 ECONNRESET (x) (INJECTED)\n'


@pytest.mark.parametrize(
    ("log", "times", "beside"),
    [
        (b"", 0, 0),
        (RECV, 1, 0),
        (RECV + SOURCE, 1, 0),  # Python shows the line that raised the error
        (SOURCE + RECV, 1, 1),
        (b"[pid 7] " + RECV + b"[pid 8] " + SOURCE, 1, 1),
        (b"[pid 7] " + RECV + b"[pid 7] " + SOURCE, 1, 0),
        (b"[pid 7] " + RECV + b"[pid 8] " + RECV, 2, 0),
        (SOURCE, 1, 0),
    ],
)
def test_what_the_same_thread_meets_later_came_of_it(log: bytes, times: int, beside: int) -> None:
    met = _summed_up(_failures(log))
    assert (met.times, met.beside) == (times, beside)
