"""Plays a server that answers nobody, or ends, once more under strace: what came of its calls?

Source: strace(1). No verdict changes by it: the first run's evidence gains what the calls returned.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from harness.call_kinds import ACCEPTS, READS, WRITES
from harness.judge.requirement import Requirement, judge_all
from harness.judge.verdict import Outcome
from harness.observe.strace_output import whole_calls
from harness.record.events import ServiceCall, ServiceCalls
from harness.record.recording import Recording
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.subject import Subject

from . import strace_rerun

REPLY: Final = "service/reply"
AGAIN: Final = "service/again"
_CALLS: Final = (
    *sorted(ACCEPTS | READS | WRITES),
    *("shutdown", "close", "dup2", "dup3", "kill", "wait4", "rt_sigreturn", "exit_group"),
)
_OPTIONS: Final = (  # an interpreter reads a thousand files before it accepts anybody
    "-yy -s 8 -e signal=SIGSEGV,SIGBUS,SIGFPE "
    f"-e 'trace=?{',?'.join(_CALLS)}' -o '|exec sed -un \"/accept/,\\$p\" >&2'"
)
_LINE: Final = re.compile(rb"^(\d+) +(.*?)\r?$", re.MULTILINE)
_CALL: Final = re.compile(rb"(\w+)\((-?\d+)?(.*)\) += (-?\d+|\?)(?:<.*>)?(?: (E[A-Z]+))?(?: \(.*\))?$")
_CRASH: Final = re.compile(rb"^(\d+) +--- (SIG[A-Z]+) \{", re.MULTILINE)
_FILE: Final = re.compile(rb"^<(.*?)>(?=[,)]|$)")
_DUP: Final = re.compile(rb"^(?:<.*?>)?, (\d+)")
_MOST: Final = 60
_OURS: Final = 900  # on which a Python tells us where it stands: observe.stacks.TELLS_INTO


async def tell_service(
    subject: Subject,
    scenarios: Mapping[str, Scenario],
    requirements: Sequence[Requirement],
    recordings: dict[str, Recording],
    play: strace_rerun.Play,
) -> None:
    """Add the server's calls to the recording in which no client, or no second one, got an answer.

    Does nothing where strace is not installed.
    """
    asked = next((each for each in requirements if each.id == REPLY), None)
    if subject.role is not Role.SERVER or asked is None or asked.scenario not in recordings:
        return
    verdicts = judge_all(requirements, recordings)
    failed = [verdicts[each] for each in (REPLY, AGAIN) if verdicts[each].outcome is Outcome.FAIL]
    in_doubt = any(
        each.evidence.facts.get("answered") is False or each.evidence.cause == "eintr-is-fatal"
        for each in failed
    )
    if not (in_doubt and strace_rerun.is_possible()):
        return
    name = asked.scenario
    printed = await strace_rerun.traced(subject, scenarios[name], _OPTIONS, play)
    if calls := seen_in(printed):
        recordings[name] = recordings[name].with_told(lambda at_ns: ServiceCalls(at_ns, "server", calls))


def seen_in(printed: bytes) -> tuple[ServiceCall, ...]:
    """The calls in what strace has written, in the order in which they returned, from accept() on.

    Behind them stand the crashes, each as a call of its own. Without those calls that we have caused
    ourselves, when we asked a Python where it stands.
    """
    calls = [
        call
        for process, whole, has_beginning in whole_calls(_LINE.findall(printed))
        if has_beginning and (found := _CALL.match(whole))
        if (call := _call(int(process), found)).descriptor != _OURS
    ]
    began = next((n for n, each in enumerate(calls) if each.call.startswith("accept")), len(calls))
    ends = [
        ServiceCall(int(process), f"killed by {name.decode()}", -1, "", -1)
        for process, name in _CRASH.findall(printed)
    ]
    return (*calls[began : began + _MOST], *ends[:_MOST])


def _call(process: int, found: re.Match[bytes]) -> ServiceCall:
    name, descriptor, arguments, result, error = found.groups()
    target = _DUP.match(arguments) if name in {b"dup2", b"dup3"} else None
    return ServiceCall(
        process,
        name.decode(),
        int(descriptor or -1),
        _kind(arguments),
        -1 if result == b"?" else int(result),
        error=(error or b"").decode(),
        to=int(target[1]) if target else None,
    )


def _kind(arguments: bytes) -> str:
    """The kind of file behind a descriptor, by strace's own words after its number."""
    found = _FILE.match(arguments)
    if found is None:
        return ""
    name = found[1]
    if name.startswith((b"TCP", b"TCPv6")):
        return "connection" if b"->" in name else "listener"
    return "terminal" if name.startswith((b"/dev/pts/", b"/dev/tty", b"pipe:")) else "other"
