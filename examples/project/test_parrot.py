"""parrot's own tests. After each one forkspec asks whether anything is left of its clients."""

from harness.fixture import ForkspecServer
from harness.judge.verdict import Outcome
from harness.stage import Stage
from parrot_checks.two_lines import both_are_answered, two_lines_at_once


def test_a_silent_client_delays_nobody(forkspec_server: ForkspecServer) -> None:
    silent = forkspec_server.peer("silent")
    quick = forkspec_server.peer("quick")
    assert quick.ask(b"hello\n") == b"250 hello\n"
    assert silent.ask(b"at last\n") == b"250 at last\n"


def test_each_client_has_a_child_of_its_own(forkspec_server: ForkspecServer) -> None:
    forkspec_server.peer()
    forkspec_server.peer()
    assert len(forkspec_server.quiet().living) == 3


def test_a_crowd_is_answered(forkspec_server: ForkspecServer) -> None:
    visits = forkspec_server.crowd([b"line %d\n" % number for number in range(40)])
    assert visits[7].answer == b"250 line 7\n"


def test_who_comes_while_it_is_stopped_is_answered_later(forkspec_server: ForkspecServer) -> None:
    with forkspec_server.freeze():
        early = forkspec_server.peer("early")
        early.send(b"hello\n")
        assert not forkspec_server.quiet().holders(early.peer.port)
    assert early.reply == b"250 hello\n"


async def test_half_a_line_delays_nobody(forkspec_server: ForkspecServer) -> None:
    stage = forkspec_server.stage
    slow, quick = await stage.peers(2, "client")
    slow.send(b"hel")
    await quick.ask(b"hello\n")
    assert quick.reply == b"250 hello\n"


def test_an_ordinary_socket(forkspec_server: ForkspecServer) -> None:
    with forkspec_server.connect() as sock, sock.makefile("rwb") as talk:
        assert talk.readline() == b"220 parrot\n"
        talk.write(b"hello\n")
        talk.flush()
        assert talk.readline() == b"250 hello\n"


def test_an_async_function_is_a_story(forkspec_server: ForkspecServer) -> None:
    async def breaks_off(stage: Stage) -> int:
        client = await stage.peer("who breaks off")
        client.send(b"hel")
        client.reset()
        await stage.quiet()
        return stage.look().living

    assert forkspec_server.play(breaks_off) == 1


def test_two_lines_in_one_piece(forkspec_server: ForkspecServer) -> None:
    forkspec_server.play(two_lines_at_once)
    verdict = both_are_answered(forkspec_server.recording)
    assert verdict.outcome is Outcome.PASS, verdict.evidence.observed
