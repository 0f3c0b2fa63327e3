"""How each recipe "by hand" is run in a shell: a server with the fault, a sound one, what must be seen.

A play is a few lines of bash. `$C1`, `$C2`, ... are the recipe's commands; the functions are in SHELL.
"""

# ruff: noqa: E501  (shell)

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from harness.judge.by_hand import recipe
from harness.record.contract import Contract

Seen = Callable[[str], bool]
_LECTURES: Final = Contract()
_OPEN: Final = Contract(closes=False)
_CPU: Final = re.compile(r"^ *\d+ +\S+ +\S+ +\S+ +\S+ +\S+ +\S+ +\S+ +([\d.]+) .* (\S+)$", re.MULTILINE)

SHELL: Final = r"""
set -m; ulimit -u 2000; T=$(mktemp -d); W=0
start() { env --default-signal=INT "${SERVER[@]}" > $T/server 2>&1 & PID=$!; until_guard 'ss -Htln "sport = :54321" | grep -q .'; }
until_guard() {
    local until=$((SECONDS + GUARD))
    until eval "$1"; do [ $SECONDS -lt $until ] || return 1; sleep 0.1; done
}
run() { eval "$1"; }
probe() { eval "$1" > $T/probe 2>&1 & local p=$!; until_guard "! kill -0 $p 2>/dev/null" || kill -- -$p; cat $T/probe; }
window() {
    W=$((W + 1)); mkfifo $T/in$W; sleep 1000 > $T/in$W &
    eval "$1" < $T/in$W > $T/out$W 2>&1 & WINDOW[$W]=$!
}
connected() { until_guard '[ $(ss -Htn state established state close-wait "sport = :54321" | wc -l) -ge '$1' ]'; sleep 0.5; }
met() { until_guard '! kill -0 $PID 2>/dev/null || [ $(ss -Htn state established state close-wait "sport = :54321" | wc -l) -ge '$1' ]'; sleep 0.5; }
type() { echo hello > $T/in$1; }
answered() { until_guard "grep -qi hello $T/out$1" && echo "window $1: answered"; }
ended() { until_guard "! kill -0 ${WINDOW[$1]} 2>/dev/null" && echo "window $1: ended"; }
shut() { kill -- -${WINDOW[$1]}; }
child() { ps --ppid $PID -o pid=,stat= | awk '$2 !~ /Z/ { pid = $1 } END { print pid }'; }
attached() { until_guard "grep -q attached $T/out$1"; }
gdb_waits() { until_guard 'grep -q "^TracerPid:.*[1-9]" /proc/$PID/status'; sleep 2; }
full() { until_guard 'ss -Htn "sport = :54321" | awk "\$3 > 0" | grep -q .'; }
"""


@dataclass(frozen=True, slots=True)
class Play:
    """The server that fails it, the lines of bash, and what must be seen of a sound server."""

    fault: str
    good: Seen
    script: str = 'run "$C1"'
    sound: str = "tcpserver4"
    contract: Contract = _LECTURES
    starts: bool = True
    needs: str = ""

    def commands(self, by_hand: str) -> list[str]:
        """The recipe's commands with the shell's names for what the reader fills in."""
        told = recipe(by_hand, self.contract).partition(" (PID is")[0].partition(" (CHILD is")[0]
        told = told.replace("/proc/P/", "/proc/$(child)/")
        for word, value in (("PID", "$PID"), ("CHILD", "$(child)"), ("NAME", "$NAME")):
            told = re.sub(rf"\b{word}\b", value, told)
        return re.findall(r"`([^`]+)`", told)


def says(*words: str) -> Seen:
    return lambda seen: all(word in seen for word in words)


def says_not(*words: str) -> Seen:
    return lambda seen: not any(word in seen for word in words)


def replies(count: int) -> Seen:
    return lambda seen: seen.upper().count("HELLO") == count


def rows(count: int) -> Seen:
    """This number of lines below a table's heading."""
    return lambda seen: len(seen.splitlines()) == count + 1


def pids(count: int) -> Seen:
    return lambda seen: len(set(re.findall(r"pid=(\d+)", seen))) == count


def both_the_same(seen: str) -> bool:
    first, *_, last = seen.split()
    return first == last


def hardly_grows(seen: str) -> bool:
    counts = [int(each) for each in re.findall(r"\d+", seen)]
    half = len(counts) // 2
    return sum(counts[half:]) - sum(counts[:half]) < 20


def not_at_the_top(seen: str) -> bool:
    """In the last screen of top(1) another process than the server is the first, or all are idle."""
    looks = [(name, float(share)) for share, name in _CPU.findall(seen.rsplit("top - ", maxsplit=1)[-1])]
    return not any(name == "judged" and share > 10 for name, share in looks[:1])


def at_once(silent: int) -> Seen:
    """The reply came while all silent clients were still there: their number stands behind it."""
    return lambda seen: "HELLO" in seen.upper() and seen.split()[-1] == str(silent)


def bytes_shown(count: int) -> Seen:
    """This number of bytes in the output of xxd(1)."""
    return lambda seen: sum(len(row[10:49].replace(" ", "")) for row in seen.splitlines()) == 2 * count


_OUTWAITS: Final = 'window "${C1/timeout 9/timeout $((GUARD + 9))}"; ended 1'
_BESIDE: Final = 'window "$C1"; connected 1; probe "$C2"'
_ENDED_WHEN_HELD: Final = (
    'window "$C1"; gdb_waits; until_guard "grep -q point $T/out1"; window "$C2"; connected 1; sleep 1; run "$C3"; '
    'sleep 6; probe "$C4"'
)
_CROWD: Final = 'bash -c "$C1; jobs -r | wc -l"'
_TOP: Final = "top -b -n 2 -d 1"

_OTHERS_REPLY: Final = Play(
    "shared-reply-buffer.c",
    lambda seen: seen.split()[-1:] == ["0"],
    'window "$C1"; connected 1; run "$C2"; GUARD=60; ended 1 >/dev/null; cat $T/out1',
    sound="threads.c",
)

PLAYS: Final[dict[str, Play]] = {
    "contract/starts": Play("exits-at-once.c", rows(1)),
    "contract/listens": Play("never-listens.c", says(":54321 ")),
    "contract/announces": Play(
        "banner-stuck.c",
        says("54321"),
        'window "${C1/.\\/server/${SERVER[*]}}"; until_guard "grep -q 54321 $T/out1"; cat $T/out1',
        starts=False,
    ),
    "contract/design": Play(
        "threads-not-fork.c",
        lambda seen: len(seen.splitlines()) == 5,
        'run "$C1"; window "nc 127.0.0.1 54321"; connected 1; run "$C1"',
    ),
    "contract/idle-timeout": Play(
        "never-throws-out.c", says("ended"), 'window "$C1"; ended 1', sound="idle-timeout.c"
    ),
    "contract/address": Play("wrong-port.c", says(":54321 ")),
    "contract/foreground": Play("daemonises.c", says("stays"), "sleep 1; kill -0 $PID && echo stays"),
    "contract/own-program": Play("ready-made-socat.c", says('(("judged",')),
    "contract/backlog": Play(
        "backlog-1.c",
        lambda seen: int(re.findall(r"LISTEN +\d+ +(\d+)", seen)[0]) >= 5,
    ),
    "service/reply": Play("nul-padding.c", bytes_shown(6), needs="xxd"),
    "service/closes": Play("waits-for-client-to-close.c", says("end"), 'probe "$C1"'),
    "service/again": Play("one-shot.c", replies(8)),
    "service/clean-close": Play(
        "closes-with-unread.c", says_not("reset"), 'probe "$C1"', sound="threads.c"
    ),
    "concurrency/silent-client": Play("pool-of-1.c", replies(1), _BESIDE),
    "concurrency/silent-later": Play(
        "forks-for-40.c",
        lambda seen: "560" in seen and replies(1)(seen),
        'run "$C1"; window "$C2"; connected 1; probe "$C3"',
    ),
    "concurrency/cross-talk": Play(
        "shared-buffer.c",
        lambda seen: says("ANNA ENDS", "OTTO ENDS")(seen.upper()) and replies(10)(seen),
        'window "$C1"; connected 1; window "${C1/anna/otto}"; until_guard "grep -qi ends $T/out1"; '
        'until_guard "grep -qi ends $T/out2"; cat $T/out1 $T/out2; run "$C2"; '
        'for i in 1 2 3 4 5 6 7 8 9 10; do window "$C3"; done; sleep 1; run "$C4"; '
        "for i in 3 4 5 6 7 8 9 10 11 12; do answered $i; cat $T/out$i; done | grep -vi window",
    ),
    "concurrency/half-line": Play("half-line-blocks-loop.c", replies(1), _BESIDE),
    "concurrency/inherited": Play(
        "forks-in-thread.c",
        says("HELLO", "sleep 30"),
        'window "$C1"; connected 1; window "$C2"; '
        "until_guard 'pgrep -fx \"sleep 30\" > /dev/null'; until_guard \"! kill -0 ${WINDOW[1]} 2>/dev/null || ! pgrep -fx 'sleep 30' >/dev/null\"; "
        "kill -0 ${WINDOW[1]} 2>/dev/null || { cat $T/out1; pgrep -afx 'sleep 30'; }",
    ),
    "concurrency/last-first": Play(
        "pool-of-2.c",
        lambda seen: seen.count("answered") == 3,
        'for i in 1 2 3; do window "$C1"; connected $i; done; '
        "type 3; answered 3; type 2; answered 2; type 1; answered 1",
    ),
    "concurrency/people": Play("pool-of-10.c", at_once(19), _CROWD),
    "concurrency/silent-few": Play("prefork-4.c", at_once(6), _CROWD),
    "concurrency/silent-crowd": Play("poll-table-16.c", at_once(32), _CROWD),
    "concurrency/slow-reader": Play(
        "blocking-write-in-loop.c", replies(1), 'window "$C1"; full; probe "$C2"', sound="threads.c"
    ),
    "concurrency/shared-buffer": _OTHERS_REPLY,
    "fork/one-child": Play("forks-twice.c", rows(1), 'window "$C1"; connected 1; run "$C2"'),
    "fork/parent-closes-connection": Play(
        "parent-keeps-connection.c", pids(1), 'window "$C1"; connected 1; run "$C2"'
    ),
    "fork/child-closes-listener": Play(
        "child-keeps-listener.c", pids(1), 'window "$C1"; connected 1; run "$C2"'
    ),
    "fork/child-exits": Play("child-falls-into-accept.c", rows(1)),
    "fork/family-size": Play("leaks-processes.c", both_the_same),
    "reaping/sequential": Play("never-reaps.c", says_not("<defunct>")),
    "reaping/survives-signal": Play("eintr-is-fatal.c", replies(2), 'run "$C1"; sleep 1; run "$C2"'),
    "reaping/burst": Play("waits-once-per-signal.c", says_not("<defunct>")),
    "reaping/killed-child": Play(
        "ignores-killed-children.c",
        lambda seen: "<defunct>" not in seen and replies(1)(seen),
        'window "$C1"; connected 1; run "$C2"; shut 1; window "$C1"; connected 1; run "$C3"; '
        'shut 2; sleep 1; run "$C4"',
    ),
    "reaping/never-blocks": Play("wait-loop-in-handler.c", replies(2), f'{_BESIDE}; probe "$C2"'),
    "waits-for-youngest": Play(
        "waits-for-youngest.c",
        replies(1),
        'window "$C1"; connected 1; window "$C1"; connected 2; type 1; sleep 1; probe "$C2"',
    ),
    "reaping/promptly": Play("reaps-at-next-accept.c", says_not("<defunct>")),
    "reaping/long-run": Play(
        "leaks-descriptors.c",
        lambda seen: seen.split("--")[0].split()[0] == seen.split("--")[1].split()[0],
        'run "$C2"; run "$C1" > /dev/null; echo --; run "$C2"',
    ),
    "reaping/stopped-child": Play("waits-for-stopped.c", replies(1), _BESIDE),
    "reaping/stray-signal": Play("blocks-on-stray-signal.c", replies(1), _BESIDE),
    "stream/bytes": Play("strlen-on-data.c", bytes_shown(10), needs="xxd", sound="threads.c"),
    "stream/half-close": Play(
        "waits-for-newline.c",
        says("ended"),
        'window "exec < /dev/null; ${C1/ nc / nc $HALF_CLOSES}"; ended 1',
        sound="threads.c",
    ),
    "stream/fragments": Play("one-read-one-line.c", replies(1), sound="threads.c"),
    "stream/joined": Play(
        "joined-line-lost.c",
        says("SECOND"),
        'window "$C1"; until_guard "grep SECOND $T/out1"',
        sound="stays-open-threads.c",
    ),
    "stream/long-line": Play(
        "overflows-on-long-line.c",
        says_not("killed by SIG"),
        'window "$C1"; attached 1; probe "$C2"; sleep 1; cat $T/out1',
        sound="threads.c",
        needs="strace",
    ),
    "stream/silent-goodbye": Play("child-waits-for-ever.c", rows(0), 'run "${C1/; top/}" 2>/dev/null'),
    "stream/large-reply": Play("partial-write.c", says("16000001"), sound="threads.c"),
    "abuse/broken-pipe": Play("dies-of-sigpipe.c", replies(1), 'probe "$C1"'),
    "abuse/every-error": Play(
        "accept-error-is-fatal.c",
        replies(1),
        'window "$C1"; attached 1; probe "$C2" >/dev/null; kill -INT -- -${WINDOW[1]}; ended 1 >/dev/null; '
        'probe "$C3"',
        needs="strace",
    ),
    "abuse/idle-cost": Play("polls-wnohang.c", hardly_grows),
    "abuse/many-connections": Play(
        "beyond-fd-setsize.c",
        replies(1),
        'run "$C1"; start; run "$C2"; probe "$C3"',
        sound="epoll.c",
        starts=False,
    ),
    "abuse/no-descriptors": Play(
        "exits-on-emfile.c",
        replies(1),
        'run "${C1/=4:/=$(run "$C2" | wc -l):}" >/dev/null; for i in 1 2 3; do window "$C3"; done; met 3; probe "$C4"',
    ),
    "crashes-on-shortage": Play(
        "logs-unchecked.c",
        replies(1),
        'run "${C1/=5:/=$(($(run "$C2" | wc -l) + 1)):}" >/dev/null; window "$C3"; met 1; type 1; for i in 2 3; do window "$C3"; done; met 1; probe "$C4"',
        sound="threads.c",
    ),
    "abuse/no-processes": Play("exits-on-fork-failure.c", lambda seen: "HELLO" in seen.upper()),
    "abuse/reset": Play("reset-ends-threads.c", replies(1)),
    "abuse/lingering-places": Play(
        "places-not-returned.c",
        lambda seen: replies(1)(seen) and both_the_same(seen),
        'run "$C1"; run "$C2"; run "$C3"; run "$C4"; sleep 1; run "$C5"',
    ),
    "lifecycle/terminate": Play(
        "ignores-sigterm.c",
        says_not("$NAME", ":54321 "),
        'window "$C1"; connected 1; run "$C2"; shut 1; '
        'until_guard "! kill -0 $PID 2>/dev/null"; sleep 1; run "$C3" | grep -e "$NAME\\$" -e 54321 && echo "\\$NAME"',
    ),
    "lifecycle/interrupt": Play(
        "ignores-sigint.c",
        says_not("$NAME"),
        'window "$C1"; connected 1; kill -INT -- -$PID; shut 1; '
        'until_guard "! kill -0 $PID 2>/dev/null"; sleep 1; run "$C2" | grep -e "$NAME\\$" -e 54321 && echo "\\$NAME"',
    ),
    "lifecycle/drain": Play(
        "cuts-on-sigterm.c",
        replies(1),
        'window "$C1"; connected 1; run "$C2"; ended 1 >/dev/null; cat $T/out1',
        sound="replaces-workers.c",
    ),
    "lifecycle/reload": Play(
        "reload-drops-clients.c",
        replies(2),
        'window "$C1"; connected 1; run "$C2"; ended 1 >/dev/null; cat $T/out1',
        sound="replaces-workers.c",
    ),
    "lifecycle/suspend": Play(
        "time-limit-eintr.c",
        lambda seen: seen.upper().count("HELLO") > 1,
        'window "$C1"; connected 1; window "$C1"; connected 2; run "$C2"; type 1; type 2; sleep 1; probe "$C3"; cat $T/out1 $T/out2',
    ),
    "interrupted-sleep-is-fatal": Play(
        "epoll-eintr-is-fatal.c", replies(1), 'probe "$C1"', sound="epoll.c"
    ),
    "interrupted-reaper-ends": Play("reaper-interrupted.c", says_not("<defunct>")),
    "lifecycle/restart": Play(
        "no-reuseaddr.c",
        says("again"),
        'run "$C1"; kill -INT -- -$PID; until_guard "! kill -0 $PID 2>/dev/null"; start; kill -0 $PID && echo again',
    ),
    "moments/fork-order": Play(
        "pid-entered-late.c",
        lambda seen: seen.split() == ["250"],
        'window "$C1"; attached 1; GUARD=600 probe "$C2"',
        needs="strace",
    ),
    "moments/signal-any-time": Play(
        "handler-uses-strtok.c",
        replies(1),
        'window "$C1"; connected 1; window "$C2"; gdb_waits; (sleep 2; type 1) & probe "$C3"',
        needs="gdb",
    ),
    "moments/terminate": Play("sigterm-logs.c", rows(0), _ENDED_WHEN_HELD, needs="gdb"),
    "moments/threads": Play(
        "place-taken-twice.c",
        lambda seen: "HELLO" in seen and seen.count("answered") == 2,
        'window "$C1"; attached 1; window "$C2"; connected 1; sleep 1; window "$C2"; connected 2; sleep 10; type 2; '
        "type 3; answered 2; answered 3; cat $T/out2",
        sound="threads.c",
        needs="strace",
    ),
    "lock-order": Play(
        "locks-in-two-orders.c",
        replies(1),
        'window "$C1"; attached 1; (run "$C2" > /dev/null) & sleep 1; probe "$C3"',
        sound="threads.c",
        needs="strace",
    ),
    "waits-when-full": Play(
        "joins-when-full.c", says("120"), 'window "$C1"; connected 1; run "$C2"', sound="threads.c"
    ),
    "connection-by-address": Play(
        "naps-after-create.cpp",
        replies(1),
        'window "$C1"; attached 1; window "$C2"; connected 1; sleep 1; window "$C3"; sleep 19; cat $T/out2',
        sound="threads.c",
        needs="strace",
    ),
    "signal-before-wait": Play(
        "looks-before-it-waits.c",
        replies(1),
        'window "$C1"; attached 1; (run "$C2" > /dev/null) & sleep 1; probe "$C3"',
        sound="threads.c",
        needs="strace",
    ),
    "closed-by-another": Play(
        "closes-twice.c",
        says("answered"),
        'window "$C1"; attached 1; (run "$C2" > /dev/null) & sleep 2; window "$C3"; sleep 1; window "$C3"; sleep 9; '
        "type 3; answered 3",
        sound="threads.c",
        needs="strace",
    ),
    "newborn-lives-on": Play(
        "newborn-outlives-sigterm.c", lambda seen: not seen.strip(), _ENDED_WHEN_HELD, needs="gdb"
    ),
    "sigterm-lost": Play("sigterm-before-accept.c", rows(0), _ENDED_WHEN_HELD, needs="gdb"),
    "wake-up-lost": Play(
        "wake-up-lost.c",
        replies(1),
        'window "$C1"; gdb_waits; probe "$C2" > /dev/null; sleep 7; probe "$C3"',
        sound="double-fork.c",
        needs="gdb",
    ),
    "errno-not-saved": Play(
        "handler-changes-errno.c",
        replies(1),
        'window "$C1"; gdb_waits; window "$C2"; connected 1; sleep 1; type 2; sleep 6; probe "$C3"',
        needs="gdb",
    ),
    "flag-cleared-late": Play(
        "flag-cleared-late.c",
        says_not("<defunct>"),
        'window "$C1"; connected 1; window "$C2"; gdb_waits; probe "$C3"; sleep 1; type 1; sleep 6; run "$C4"',
        needs="gdb",
    ),
    "reads-from-listener": Play("reads-from-listener.c", replies(1), 'probe "$C1"'),
    "format-string": Play("format-string.c", says("%X"), 'probe "$C1"'),
    "ends-unvisited": Play("gives-up-waiting.py", replies(1), 'probe "$C1"'),
    "alarm-ends-server": Play("alarm-ends-server.c", replies(1), 'probe "$C1"'),
    "long-line-forgotten": Play("forgets-too-long.c", says("it ended"), 'probe "$C1"'),
    "no-buffer": Play("arguments-swapped.c", replies(1), 'probe "$C1"'),
    "reads-too-early": Play("reads-too-early.c", replies(1), 'probe "$C1"'),
    "closes-too-early": Play("closes-before-write.c", replies(1), 'probe "$C1"'),
    "shuts-down-early": Play("parent-shuts-down.c", replies(1), 'probe "$C1"'),
    "line-left-unread": Play("reads-eight-bytes.c", says("AND SOME MORE"), 'probe "$C1"'),
    "listener-unwatched": Play("empties-its-set.c", replies(1), 'probe "$C1"'),
    "accepts-on-wrong-socket": Play("accepts-on-wrong-socket.c", replies(1), 'probe "$C1"'),
    "never-gets-to-accept": Play("busy-before-accept.c", replies(1), 'probe "$C1"'),
    "waits-for-keyboard": Play("types-its-replies.c", replies(1), 'probe "$C1"'),
    "accepts-before-reading": Play("two-before-one.c", replies(1), 'probe "$C1"'),
    "reads-on": Play("reads-on.py", replies(1), 'probe "$C1"'),
    "never-woken": Play("wakes-another.c", replies(1), 'probe "$C1"'),
    "ends-without-a-word": Play("answers-no-small-letter.c", replies(1), 'probe "$C1"'),
    "both-accept": Play("both-accept.c", replies(1), 'probe "$C1"'),
    "read-interrupted": Play("read-interrupted.c", replies(1), 'probe "$C1"'),
    "status-taken": Play("asks-for-lost-status.c", replies(1), 'probe "$C1"'),
    "closes-for-thread": Play("closes-for-thread.c", replies(1), 'probe "$C1"'),
    "throws-out-silent": Play("throws-out-silent.c", replies(1), 'probe "$C1"'),
    "answers-unasked": Play("answers-unasked.c", lambda seen: not seen.strip()),
    "shared-reply-buffer": _OTHERS_REPLY,
    "stale-bytes": Play("stale-bytes.c", says_not("HELLO\nTO"), sound="threads.c"),
    "one-accept-per-edge": Play("accepts-once-per-edge.c", replies(5), sound="epoll.c"),
    "kills-minus-one": Play(
        "kills-minus-one.c",
        says("it lives"),
        "probe \"$C1 -c '${C2/.\\/server/${SERVER[*]}}'\"",
        starts=False,
    ),
    "end-before-line": Play("end-before-line.c", says("HELLO"), 'probe "$C1"', sound="threads.c"),
    "goodbye-is-fatal": Play("goodbye-is-fatal.c", replies(1), 'probe "$C1"', sound="threads.c"),
    "swaps-branches": Play("swaps-branches.c", both_the_same),
    "child-leaves-zombies": Play(
        "child-leaves-zombies.c",
        says_not("<defunct>"),
        'window "$C1"; connected 1; run "$C2"; type 1; answered 1; run "$C2"',
    ),
    "leaks-on-fork-failure": Play("leaks-on-fork-failure.c", says("ended"), _OUTWAITS),
    "mask-kept-on-failure": Play("mask-kept-on-failure.c", says_not("<defunct>")),
    "leaks-on-thread-failure": Play(
        "thread-failure-unseen.c", says("ended"), _OUTWAITS, sound="threads.c"
    ),
    "polls": Play("polls-wnohang.c", hardly_grows),
    "never-sleeps": Play("spins-on-accept.c", not_at_the_top, f'run "${{C1/top/{_TOP}}}"'),
    "runs-beside": Play("reaper-never-sleeps.c", not_at_the_top, f'run "${{C1/top/{_TOP}}}"'),
    "leaks-on-reset": Play(
        "leaks-on-reset.c", both_the_same, 'run "$C1"; run "$C2"; sleep 1; run "$C3"'
    ),
    "leaks-on-goodbye": Play(
        "leaks-on-goodbye.c", both_the_same, 'run "$C1"; run "$C2"; sleep 1; run "$C3"'
    ),
    "lock-kept": Play("lock-kept-on-goodbye.c", replies(1), 'probe "$C1"', sound="threads.c"),
    "spins-on-eagain": Play(
        "polls-silent-client.c", hardly_grows, 'window "$C1"; connected 1; run "$C2"'
    ),
    "spins-on-full-buffer": Play(
        "spins-on-full-buffer.c",
        not_at_the_top,
        f'window "$C1"; full; run "${{C2/top/{_TOP}}}"',
        sound="epoll.c",
    ),
    "keeps-connection": Play(
        "keeps-connection-after-goodbye.c", rows(3), sound="stays-open-threads.c", contract=_OPEN
    ),
}
UNTRIED: Final = {
    "concurrency/latency",  # a ratio of two times, which only a quiet machine shows
    "abuse/flood-of-connections",  # likewise two hundred ncs that give up after nine seconds
    "missing-file",  # it does not become a server
    "reply-stuck-in-stdio",  # of a client: two people at two windows
}
LONG: Final = {
    "abuse/lingering-places",
    "abuse/many-connections",
    "concurrency/silent-later",
    "moments/fork-order",
    "reaping/long-run",
}
