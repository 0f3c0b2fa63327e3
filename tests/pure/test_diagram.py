"""Space-time diagrams of stories written by hand: the staircase, the comb, the long tail."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from msgspec.structs import replace as changed

from harness.diagram import Happening, Lane, Phase, SpaceTime, space_time
from harness.record.client_run import CLIENT, SERVER
from harness.record.events import (
    Born,
    Connected,
    Crowded,
    Exited,
    Fin,
    Listens,
    Proved,
    Reaped,
    Received,
    Sent,
    Shown,
    Started,
    Typed,
)
from harness.record.recording import Recording
from harness.record.visits import Visit
from tests.recordings import Story, story


def lane(seen: SpaceTime, name: str) -> Lane:
    return next(each for each in seen.lanes if each.name == name)


def phases(lane: Lane) -> list[Phase]:
    return [span.phase for span in lane.spans]


def iterative() -> Recording:
    """Three at once, and a server that serves one after the other."""
    told = story("silent client").starts()
    for name in ("first", "second", "third"):
        told.connects(name)
        if name == "first":
            told.accepts("first")
        told.quiet().asks(name)
    told.quiet().answers("first").closes("first").answers("second").closes("second")
    return told.answers("third").closes("third").sleeps("accept").quiet().over()


def forking(*, reaped: bool) -> Recording:
    """Two at once, a child for each."""
    told = story("silent client").starts()
    told.connects("silent").forks("silent").quiet().connects("quick").forks("quick").quiet()
    for name in ("quick", "silent"):
        told.asks(name).answers(name).closes(name).exits(name)
        if reaped:
            told.reaps(name)
        told.quiet()
    return told.leaves("silent", "quick").quiet().over()


def test_an_iterative_server_shows_its_staircase() -> None:
    seen = space_time(iterative())
    server = lane(seen, "server")
    steps = [span for span in server.spans if span.phase is Phase.SERVING]
    assert [step.clients for step in steps] == [("first",), ("second",), ("third",)]
    assert all(a.end_ns <= b.start_ns for a, b in pairwise(steps))
    assert phases(lane(seen, "third"))[:2] == [Phase.QUEUED, Phase.WAITING]
    waits = [lane(seen, name).spans for name in ("first", "second", "third")]
    ends = [next(s.end_ns for s in spans if s.phase is Phase.WAITING) for spans in waits]
    assert ends == sorted(ends)
    assert "concluded" in steps[1].text


def test_a_forking_server_shows_its_comb() -> None:
    seen = space_time(forking(reaped=True))
    assert [each.name for each in seen.processes] == ["server", "child 1", "child 2"]
    assert [(parent, child) for _, parent, child in seen.forks()] == [
        ("server", "child 1"),
        ("server", "child 2"),
    ]
    first, second = lane(seen, "child 1"), lane(seen, "child 2")
    assert first.clients == ("silent",)
    assert second.clients == ("quick",)
    assert first.spans[0].start_ns < second.spans[0].start_ns < first.spans[0].end_ns
    assert lane(seen, "server").clients == ()
    assert [phase for phase in phases(second) if phase is not Phase.ALIVE] == [
        Phase.SERVING,
        Phase.ZOMBIE,
    ]
    assert second.was(Happening.REAPED)
    assert not second.stays_zombie


def test_a_zombie_has_a_long_tail() -> None:
    seen = space_time(forking(reaped=False))
    tail = lane(seen, "child 2").spans[-1]
    assert tail.phase is Phase.ZOMBIE
    assert tail.end_ns == seen.end_ns
    assert lane(seen, "child 2").stays_zombie
    assert [(step.alive, step.zombies) for step in seen.family][-1] == (1, 2)


def test_it_begins_shortly_before_the_first_client() -> None:
    seen = space_time(forking(reaped=True))
    first = min(seen.clients[0].start_ns, seen.processes[1].start_ns)
    assert lane(seen, "server").start_ns < seen.start_ns <= first


def test_silence_is_between_connecting_and_asking() -> None:
    silent = lane(space_time(forking(reaped=True)), "silent")
    assert phases(silent) == [Phase.SILENT, Phase.WAITING, Phase.ANSWERED]
    marks = [mark.what for mark in silent.marks]
    assert marks == [
        Happening.CONNECTS,
        Happening.ASKS,
        Happening.REPLY,
        Happening.FIN,
        Happening.LEAVES,
    ]
    assert "'hello\\n'" in next(mark.text for mark in silent.marks if mark.what is Happening.ASKS)


def test_what_no_pidfd_told_is_seen_in_a_look_and_said_to_be() -> None:
    told = forking(reaped=False)
    unseen = [event for event in told.events if not isinstance(event, Born | Exited | Reaped)]
    recording = Recording("silent client", "server.c", "plain", 0, tuple(unseen))
    child = lane(space_time(recording), "child 1")
    assert not child.marks[0].is_exact
    assert child.spans[-1].phase is Phase.ZOMBIE
    assert not child.spans[-1].is_start_exact


def test_who_is_missing_in_a_look_has_gone() -> None:
    told = story("one").starts().connects("one").forks("one").quiet()
    told._family.pop(told.child_of("one"))
    child = lane(space_time(told.quiet().quiet().over()), "child 1")
    assert child.was(Happening.REAPED)
    assert not child.marks[-1].is_exact


def test_a_stopped_server_is_stopped() -> None:
    told = story("burst").starts().connects("one").forks("one").quiet().freezes().quiet().thaws().quiet()
    assert Phase.STOPPED in phases(lane(space_time(told.over()), "server"))


def test_a_person_is_served_by_whoever_has_the_new_connection() -> None:
    told = story("people").starts().sits_down("person 1")
    told._ports["person 1"] = 40_123
    told._connections["person 1"] = {"state": "ESTABLISHED", "accepted": True, "unread": 0}
    told.forks("person 1").quiet().types("person 1").is_shown("person 1").exits("person 1").quiet()
    seen = space_time(told.over())
    assert lane(seen, "child 1").clients == ("person 1",)
    assert phases(lane(seen, "person 1")) == [Phase.SILENT, Phase.WAITING, Phase.ANSWERED]


def test_a_crowd_is_shifted_into_the_recordings_clock() -> None:
    visits = [
        Visit(b"a\n", 900, 910, 1000, 1100, 1200, b"A\n"),
        Visit(b"b\n", 900, 910, 1000, 0, 1150, error="ECONNRESET"),
    ]
    seen = space_time(story("latency").starts().crowds("crowd", visits).over())
    assert seen.crowds == ("crowd",)
    assert [each.name for each in seen.clients] == ["crowd 1", "crowd 2"]
    assert seen.clients[0].end_ns - seen.clients[0].start_ns == 290
    assert seen.clients[0].end_ns <= seen.end_ns
    assert seen.clients[1].was(Happening.RST)


def test_of_an_answer_without_end_it_is_told_how_much_came() -> None:
    visits = [Visit(b"a\n", 900, 910, 1000, 1100, 0, b"x" * 100, "the guard ran out", more=900)]
    (client,) = space_time(story("latency").starts().crowds("crowd", visits).over()).clients
    assert any(mark.text.endswith("... (1000 bytes)") for mark in client.marks)


def test_a_crowd_that_was_not_let_in_or_gave_up_is_told_as_it_was() -> None:
    second = 1_000_000_000
    visits = [
        Visit(b"a\n", 30, 10, 2 * second, 2 * second + 5, 2 * second + 9, b"A\n"),
        Visit(b"b\n", 30, 10, 40, error="the guard ran out"),
        Visit(b"c\n", 30, 10, error="the guard ran out"),
        Visit(b"d\n", 30, 10, 0, 0, 10, error="ECONNREFUSED"),
    ]
    told = story("flood").starts()
    told.crowds("crowd", visits)
    recording = told.over()
    events = [
        changed(event, at_ns=event.at_ns + 9 * second) if n >= len(recording.events) - 3 else event
        for n, event in enumerate(recording.events)
    ]
    seen = space_time(replace(recording, events=tuple(events)))
    over_ns = next(event.at_ns for event in events if isinstance(event, Crowded))
    late, waiting, outside, refused = seen.clients
    assert phases(late) == [Phase.CONNECTING, Phase.WAITING, Phase.ANSWERED]
    assert phases(waiting) == [Phase.SILENT, Phase.WAITING]
    assert waiting.spans[-1].end_ns == over_ns
    assert phases(outside) == [Phase.CONNECTING]
    assert [mark.text for mark in waiting.marks][-1] == "gives up: the guard ran out"
    assert not waiting.was(Happening.RST)
    assert refused.was(Happening.REFUSED)
    busy = [s for s in lane(seen, "server").spans if s.end_ns > late.start_ns and s.start_ns < over_ns]
    assert {span.phase for span in busy} == {Phase.ALIVE}


def stray_signal() -> Recording:
    """A parent stuck in wait4() lets nobody in; freed, it forks a child that nobody looks at."""
    told = story("stray signal").starts().connects("silent").forks("silent").quiet()
    told.sleeps("wait4").quiet().connects("quick").quiet().asks("quick").quiet()
    told.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    told._pids += 1
    return told.answers("quick").closes("quick").sleeps("accept").quiet().over()


def test_a_reply_that_an_unseen_child_can_have_given_is_nobodys() -> None:
    server = lane(space_time(stray_signal()), "server")
    assert server.clients == ()
    assert not any("concluded" in span.text for span in server.spans)
    assert any("whether it serves quick was not seen" in span.text for span in server.spans)
    asleep = next(span for span in server.spans if span.call == "wait4")
    assert (asleep.phase, asleep.about) == (Phase.ALIVE, "begins and ends about here")


def test_without_numbers_of_its_own_nothing_is_concluded() -> None:
    recording = iterative()
    events = [
        changed(event, last_pid=None) if isinstance(event, Proved) else event
        for event in recording.events
    ]
    server = lane(space_time(replace(recording, events=tuple(events))), "server")
    assert server.clients == ("first",)


def test_a_child_is_born_between_two_looks_and_between_its_causes() -> None:
    """The connect's stamp comes after the look's, and the birth's after the reply."""
    recording = forking(reaped=True)
    at = {(event.actor, type(event)): n for n, event in enumerate(recording.events)}
    events = list(recording.events)
    born = next(n for n, e in enumerate(events) if isinstance(e, Born) and e.ppid == 100)
    connected, replied = at["silent", Connected], at["silent", Received]
    events[connected] = changed(events[connected], at_ns=events[born].at_ns + 1000)
    seen = space_time(replace(recording, events=tuple(events)))
    silent, child = lane(seen, "silent"), lane(seen, "child 1")
    assert silent.marks[0].at_ns < child.start_ns < events[replied].at_ns
    assert silent.marks[0].about == "about "
    assert silent.spans[0].about == "begins about here"
    birth = child.marks[0]
    assert birth.about == "about "
    assert birth.since_ns is not None
    assert birth.since_ns < birth.at_ns
    assert [step.alive for step in seen.family if step.at_ns == birth.at_ns] == [2]
    assert not child.spans[0].is_start_exact


def test_one_who_serves_one_at_a_time_is_not_drawn_serving_two() -> None:
    told = story("silent client").starts().connects("silent").accepts("silent").quiet()
    told.connects("quick").quiet().asks("quick").quiet().asks("silent").answers("silent").quiet()
    told.lets_go("silent").leaves("silent").accepts("quick").answers("quick").quiet()
    server = lane(space_time(told.lets_go("quick").leaves("quick").quiet().over()), "server")
    served = [span.clients for span in server.spans if span.phase is Phase.SERVING]
    assert served == [("silent",), ("quick",)]


def test_a_reply_that_was_read_after_the_look_had_come_before_it() -> None:
    """The keeper looks before the harness reads: the server has long closed."""
    told = story("silent client").starts().connects("silent").accepts("silent").quiet()
    told.connects("quick").quiet().asks("quick").quiet().asks("silent").sleeps("accept")
    told.lets_go("silent").lets_go("quick").quiet()
    for name in ("silent", "quick"):
        told.answers(name).closes(name)
    seen = space_time(told.quiet().over())
    silent, quick = lane(seen, "silent"), lane(seen, "quick")
    served = [span for span in lane(seen, "server").spans if span.phase is Phase.SERVING]
    assert [span.clients for span in served] == [("silent",), ("quick",)]
    reply = next(mark for mark in silent.marks if mark.what is Happening.REPLY)
    assert served[0].start_ns < reply.at_ns < served[0].end_ns <= served[1].start_ns
    assert reply.about == "about "
    assert [span.about for span in quick.spans][-1] == "begins and ends about here"


def test_a_child_has_answered_before_it_exits() -> None:
    """The keeper hears of the exit before the harness reads the reply."""
    told = story("one").starts().connects("one").forks("one").quiet().asks("one").lets_go("one")
    told.exits("one").reaps("one").answers("one").closes("one")
    seen = space_time(told.quiet().over())
    reply = next(mark for mark in lane(seen, "one").marks if mark.what is Happening.REPLY)
    exit_ = next(mark for mark in lane(seen, "child 1").marks if mark.what is Happening.EXITS)
    assert reply.at_ns < exit_.at_ns
    assert reply.about == "about "


def test_a_parent_in_wait_has_reaped_before_it_lets_the_next_in() -> None:
    """The harness reads the reply before it hears of the exit that had to come first."""
    told = story("stray signal").starts().connects("silent").forks("silent").quiet()
    told.sleeps("wait4").connects("quick").asks("quick").quiet().asks("silent").lets_go("silent")
    told.answers("silent").closes("silent").answers("quick").closes("quick")
    told.exits("silent").reaps("silent")
    seen = space_time(told.quiet().over())
    reply = next(mark for mark in lane(seen, "quick").marks if mark.what is Happening.REPLY)
    end = lane(seen, "child 1").end_ns
    assert end < reply.at_ns


def test_zombies_that_nobody_saw_alive_are_born_one_after_the_other() -> None:
    told = story("flood").starts()
    for number in range(3):
        told.connects(f"client {number}").asks(f"client {number}").answers(f"client {number}")
        told.closes(f"client {number}")
    for number in range(3):
        told.forks(f"client {number}").exits(f"client {number}")
    seen = space_time(told.quiet().over())
    replies = [
        mark.at_ns for each in seen.clients for mark in each.marks if mark.what is Happening.REPLY
    ]
    births = [each.start_ns for each in seen.processes[1:]]
    assert [reply - birth for reply, birth in zip(replies, births, strict=True)] == [1, 1, 1]
    assert max(step.alive for step in seen.family) == 2
    assert [each.clients for each in seen.processes[1:]] == [(), (), ()]


def test_who_has_no_parent_and_was_not_started_is_first_seen() -> None:
    told = story("daemon").starts()
    told._add_process(500, 90)
    seen = space_time(told.quiet().over())
    assert lane(seen, "process 500").marks[0].text == "is first seen (pid 500)"
    assert lane(seen, "server").marks[0].text == "is started (pid 100)"


def test_a_server_that_was_restarted_has_two_lanes() -> None:
    seen = space_time(story("restarting").starts().is_killed().quiet().starts().over())
    assert [each.name for each in seen.processes] == ["server", "server 2"]
    assert lane(seen, "server").end_ns < lane(seen, "server 2").start_ns


def test_nothing_started_nothing_drawn() -> None:
    seen = space_time(story("starting").does_not_compile("error: no").over())
    assert (seen.clients, seen.processes, seen.family) == ((), (), ())


def test_lanes_are_left_out_between_the_first_and_the_last() -> None:
    told: Story = story("many").starts()
    for number in range(20):
        told.serves(f"client {number}")
    seen = space_time(told.over())
    shown, left_out = seen.only(6, seen.clients)
    assert left_out == 14
    assert [each.name for each in shown] == [f"client {n}" for n in (0, 1, 2, 3, 18, 19)]


def test_spans_follow_each_other() -> None:
    for recording in (iterative(), forking(reaped=True), forking(reaped=False)):
        for each in space_time(recording).lanes:
            assert all(span.start_ns < span.end_ns for span in each.spans)
            pairs = pairwise(each.spans)
            assert all(a.end_ns <= b.start_ns for a, b in pairs)


def test_a_client_on_trial_has_a_lane_and_our_server_another() -> None:
    events = (
        Listens(0, SERVER, 54321), Started(1, CLIENT), Shown(2, CLIENT, b"Type: "),
        Connected(3, CLIENT), Typed(4, CLIENT, b"hello\n"),
        Received(5, CLIENT, b"hello\n"),
        Sent(6, SERVER, b"HELLO\n"), Shown(7, CLIENT, b"HELLO\n"), Fin(8, CLIENT),
    )  # fmt: skip
    seen = space_time(Recording("conversation", "client.c", "bubblewrap", 0, events))
    assert [each.name for each in seen.lanes] == ["client", "our server"]
    assert phases(seen.clients[0]) == [Phase.SILENT, Phase.WAITING, Phase.ANSWERED]
    assert [m.text for m in seen.clients[0].marks if m.what is Happening.REPLY] == ["shows 'HELLO\\n'"]
    assert "sends 'hello\\n'" in [mark.text for mark in seen.clients[0].marks]


def test_where_nothing_was_seen_nothing_is_drawn() -> None:
    assert space_time(Recording("starting", "server.c", "bubblewrap", 0, ())).lanes == ()


def test_a_part_of_a_line_asks_for_nothing() -> None:
    told = story("half line").starts().connects("slow").accepts("slow").asks("slow", b"he").quiet()
    slow = lane(space_time(told.asks("slow", b"llo\n").answers("slow").quiet().over()), "slow")
    marks = [mark.what for mark in slow.marks]
    assert marks == [Happening.CONNECTS, Happening.PART, Happening.ASKS, Happening.REPLY]
    waiting = next(span for span in slow.spans if span.phase is Phase.WAITING)
    assert waiting.start_ns == slow.marks[2].at_ns


def test_who_has_ended_its_side_in_mid_line_waits() -> None:
    told = story("half close").starts().connects("brief").accepts("brief").asks("brief", b"he").quiet()
    brief = lane(space_time(told.half_closes("brief").quiet().over()), "brief")
    assert phases(brief) == [Phase.SILENT, Phase.WAITING]


def test_what_forkspec_started_is_no_zombie() -> None:
    told = story("one after another").starts().serves("client 1", forks=False).dies(9)
    server = lane(space_time(told.quiet().over()), "server")
    assert Phase.ZOMBIE not in phases(server)
    assert [m.what for m in server.marks if m.what is not Happening.BORN] == [Happening.KILLED]


def test_a_signal_kills_and_is_no_exit() -> None:
    told = story("killed child").starts().connects("a").forks("a").quiet().exits("a", status=11).quiet()
    child = lane(space_time(told.over()), "child 1")
    assert child.was(Happening.KILLED)
    assert not child.was(Happening.EXITS)


def test_who_was_not_accepted_is_served_after_the_next_act() -> None:
    """A server at rest lets nobody in before a client has done something."""
    told = story("silent few").starts().connects("first").accepts("first").quiet()
    told.connects("second").quiet().asks("first").accepts("second").quiet()
    waiting = space_time(told.over())
    serving = next(s for s in lane(waiting, "server").spans if "second" in s.clients)
    acted = next(m.at_ns for m in lane(waiting, "first").marks if m.what is Happening.ASKS)
    assert acted <= serving.start_ns
