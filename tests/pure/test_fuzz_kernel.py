"""What kernel and our own processes say, whatever a subject puts into it: a value, or one error."""

from __future__ import annotations

import os
import socket
import struct

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from harness.cell import wire
from harness.cell.error_injection import _failures
from harness.observe import census, descriptors, syscalls
from harness.observe.sockets import Row, SocketTable
from harness.record.last_words import telling
from tests.fuzzing import hard, refused_in_words


class _Kernel:
    """Stands for the netlink socket: says these datagrams, and then that it is done."""

    def __init__(self, datagrams: list[bytes]) -> None:
        self._datagrams = [*datagrams, struct.pack("=IHHII", 16, 3, 0, 1, 0)]

    def send(self, _: bytes) -> None:
        """It is asked."""

    def recv_into(self, buffer: bytearray) -> int:
        """The next datagram."""
        told = self._datagrams.pop(0)
        buffer[: len(told)] = told
        return len(told)


def _rows(datagrams: list[bytes]) -> list[Row]:
    table = SocketTable()
    table.close()
    table._netlink = _Kernel(datagrams)  # type: ignore[assignment]
    return table.rows(80)


messages = st.builds(
    lambda length, kind, body, cut: (
        struct.pack("=IHHII", len(body) + 16 if length is None else length, kind, 0, 1, 0) + body
    )[: cut or None],
    st.none() | st.integers(0, 400), st.sampled_from([20, 20, 20, 2, 3, 0]),
    st.binary(max_size=400) | st.binary(min_size=72, max_size=72), st.integers(0, 200),
)  # fmt: skip


@given(st.lists(st.lists(messages, max_size=3).map(b"".join), max_size=3))
@example([struct.pack("=IHHII", 0, 20, 0, 1, 0)])
@example([struct.pack("=IHHII", 16, 20, 0, 1, 0)])
@hard
def test_fuzz_a_dump_of_sockets(datagrams: list[bytes]) -> None:
    with refused_in_words(OSError):
        assert all(isinstance(each, Row) for each in _rows(datagrams))


def test_a_thread_may_sleep_on_an_eventfd() -> None:
    """Its link has brackets, and no inode: the keeper broke, and no verdict could be told."""
    bell = os.eventfd(0)
    try:
        assert descriptors.kind_of(os.getpid(), bell) == ("anon_inode:[eventfd]", 0)
    finally:
        os.close(bell)


links = st.one_of(
    st.text(max_size=12).map(lambda each: f"/{each}"),
    st.sampled_from(
        [
            "/tmp/a:[b]",
            "/tmp/socket:[x]",
            "/memfd:[1] (deleted)",
            "pipe:[7]",
            "anon_inode:[eventpoll]",
            "socket:[42]",
            "",
            "/x:[",
            "net:[4026531840]",
        ]
    ),
)


@given(st.lists(st.tuples(st.just("3"), links), max_size=10))
@hard
def test_fuzz_links_of_descriptors(held: list[tuple[str, str]]) -> None:
    descriptors.by_what(held)
    for _, link in held:
        kind, inode = descriptors.kind_in(link)
        assert isinstance(kind, str)
        assert inode >= 0


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"running", b"-1", b"0", b"0x7f", b"232", b"\n"]), max_size=10).map(
        b" ".join
    )
)
@hard
def test_fuzz_a_name_of_a_process_hides_nothing(name: bytes) -> None:
    """A subject chooses its name: it stands in stat between brackets."""
    fields = b"S 1 7 7 " + b" ".join(b"%d" % each for each in range(46))
    line = b"5 (" + name[:15] + b") " + fields
    process, threads = census._process(5, line[line.rindex(b")") + 2 :])
    assert (process.ppid, process.state, threads) == (1, "S", 13)


pieces = st.sampled_from(
    [
        b'write(1, "',
        b"[pid  7] ",
        b"accept4(3",
        b" <unfinished ...>",
        b"<... accept4 resumed>",
        b") = -1 EMFILE (Too many) (INJECTED)",
        b"\n",
        b'"',
        b"strace: ",
        b"\0\xff",
    ]
)


@given(st.lists(pieces, max_size=12).map(b"".join) | st.binary(max_size=80))
@hard
def test_fuzz_what_strace_prints_of_a_subject(log: bytes) -> None:
    assert all(len(each) == 3 for each in _failures(log))


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "Traceback",
                '  File "x", line 1',
                "panicked at ",
                "thread 'main' ",
                "\tat a.b(C:1)",
                "Caused by: ",
                "terminate called ",
                "  what():  x",
                "Error: y",
                "",
            ]
        ),
        max_size=8,
    ).map("\n".join)
)
@hard
def test_fuzz_last_words(printed: str) -> None:
    assert isinstance(telling(printed), str)


class _Said(msgspec.Struct):
    number: int
    words: list[str]


said = st.builds(
    lambda n, words: msgspec.msgpack.encode(_Said(n, words)),
    st.integers(-9, 9),
    st.lists(st.text(max_size=4), max_size=3),
)


@given(
    st.lists(
        st.tuples(
            said | st.binary(max_size=20), st.none() | st.integers(0, 2**32 - 1), st.integers(0, 300)
        ),
        max_size=3,
    ),
    st.binary(max_size=8),
)
@example([(b"", 2**32 - 1, 0)], b"")
@hard
def test_fuzz_messages_between_processes(sent: list[tuple[bytes, int | None, int]], rest: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for body, length, fds in sent:
            theirs.sendall(struct.pack("=II", len(body) if length is None else length, fds) + body)
        theirs.sendall(rest)
        theirs.close()
        inbox = wire.Inbox(ours, msgspec.msgpack.Decoder(_Said))
        with refused_in_words(wire.Garbled):
            while (heard := inbox.wait()) is not None:
                assert isinstance(heard[0], _Said)


@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from([b"running", b"-1", b"0", b"0x7f", b"232", b"0xffffffffffffffff"]), max_size=10
    ).map(b" ".join)
)
@hard
def test_fuzz_a_call(line: bytes) -> None:
    with refused_in_words(ValueError):
        found = syscalls.parse(line)
        if found is not None:
            _ = found.has_no_time_limit, found.is_nap, found.is_vfork, found.limit_ns(0)
