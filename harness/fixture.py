"""The pytest fixture `forkspec_server`, for the tests of who maintains a server; harness.plugin has it.

The server runs in a cell of its own, with ports of its own, and the test brings clients on. When the
test is over nothing may be left of them: no zombie, no process more, no descriptor more.
"""

import asyncio
import inspect
import shlex
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, chdir, closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Final, Protocol, TypeVar, overload

import pytest

import harness
from harness.cell.cells import Cells
from harness.engine import assignment_file, catalogue, targets
from harness.engine.machine_lock import the_port
from harness.engine.open_stage import OpenStage
from harness.engine.outset import FIRST, started
from harness.engine.play import RunConfig, play
from harness.engine.session import contract_of
from harness.engine.trial import reference_client
from harness.judge import left_behind, unheard
from harness.judge.causes import CAUSES
from harness.judge.unbuilt import why_nobody_came
from harness.judge.verdict import Outcome
from harness.record.events import End
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.role import Role
from harness.record.snapshot import Snapshot
from harness.record.spelling import spell
from harness.record.visits import Visit
from harness.stage import CouldNotTell, Peer, Scenario, Stage
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions
from harness.subject.tools import NoTool

_NAME: Final = "forkspec_server"
_DAY_S: Final = 86_400.0
_CLIENTS: Final = 64
_CROWD_S: Final = 60.0
_Done = TypeVar("_Done")


class ForkspecServer:
    """A server in a cell of its own. Each act comes back when the server is at rest, and not before.

    An act that fails the test says why in one sentence. `stage` is the same for async functions, in a
    scenario's words.
    """

    def __init__(self, opened: OpenStage) -> None:
        """A server that runs; `opened` is what its clients play on."""
        self.has_failed = False
        self._open = opened
        self._names: set[str] = set()
        self._is_over = False

    @property
    def stage(self) -> Stage:
        """What `play` gives to its function, and what an async test uses."""
        with _plainly():
            return self._open.stage

    @property
    def recording(self) -> Recording:
        """What was seen so far, for a judgement of a requirement."""
        return self._open.recording

    @property
    def pid(self) -> int:
        """The server's first process, as a census tells it."""
        return self.stage.server.root

    @property
    def port(self) -> int:
        """The port that it listens on; in the cell, where nobody else comes to it."""
        return self.stage.server.port

    @overload
    def play(self, act: Scenario) -> None: ...

    @overload
    def play(self, act: Callable[[Stage], Awaitable[_Done]]) -> _Done: ...

    def play(self, act: Callable[[Stage], Awaitable[_Done]] | Scenario) -> _Done | None:
        """Play a scenario, or any async function of the stage; give its result."""
        __tracebackhide__ = True  # a failure is told with the lines of the test alone
        if asyncio._get_running_loop() is not None:  # noqa: SLF001  (the other one raises)
            pytest.fail(f"in an async function say it with await and {_NAME}.stage", pytrace=False)

        async def caught(stage: Stage) -> tuple[_Done | None] | Exception:
            try:
                if isinstance(act, Scenario):
                    await act.play(stage)  # type: ignore[arg-type]  # of a server, since it is played here
                    return (None,)
                return (await act(stage),)
            except Exception as error:  # noqa: BLE001  (raised again below)
                return error

        with _plainly():
            done = self._open.act(caught)
            if isinstance(done, tuple):
                return done[0]
            place = done.__traceback__
            raise done.with_traceback(place and place.tb_next)

    def peer(self, name: str = "client", *, reads: bool = True) -> "Client":
        """Connect one client, which says nothing yet.

        With `reads` False it reads nothing before `read_on`.
        """
        name = self._new(name)
        client = Client(self, self.play(lambda stage: stage.peer(name, reads=reads)))
        if not client.peer.is_connected:
            self.unanswered(name)
        return client

    def crowd(self, lines: Sequence[bytes], *, at_once: int = 16) -> tuple[Visit, ...]:
        """Bring a client for each line, so many at once; each reads to its answer and the end."""
        name = self._new("crowd")

        async def come(stage: Stage) -> None:
            most = stage.server.room_for(at_once)
            await stage.clients.crowd(name, lines, at_once=most, guard_s=_CROWD_S)
            await stage.quiet(unless=stage.server.family_is_back)

        self.play(come)
        visits = self.recording.crowd(name).visits
        if mute := [each for each in visits if not each.answer]:
            self.play(lambda stage: stage.server.note_output())
            seen, got = self.recording, spell(mute[0].refusal) if mute[0].refusal else "nothing"
            pytest.fail(
                f"{len(mute)} of {len(visits)} clients of a crowd got no answer; one said "
                f"{spell(mute[0].line)} and got {got}: {left_behind.whereabouts(seen, seen.last())}",
                pytrace=False,
            )
        return visits

    def census(self) -> Snapshot:
        """The server's family and connections at this moment; rest is not waited for."""

        async def look(stage: Stage) -> Snapshot:
            stage.rest.see(await stage.rest.census())
            return stage.rest.snapshot

        return self.play(look)

    def quiet(self) -> Snapshot:
        """Wait until nothing can happen by itself any more, and look."""

        async def rest(stage: Stage) -> Snapshot:
            await stage.quiet()
            return stage.rest.snapshot

        return self.play(rest)

    @contextmanager
    def freeze(self, pid: int | None = None) -> Iterator[None]:
        """Stop a process of the family for the length of the block; the first one, if none is named."""
        stopped = self.pid if pid is None else pid
        self.play(lambda stage: stage.server.freeze(stopped))
        try:
            yield
        finally:
            self.play(lambda stage: stage.server.thaw(stopped))

    def printed(self) -> str:
        """All that the server has printed so far, as far as it is kept."""
        self.play(lambda stage: stage.server.note_output())
        return self.recording.printed

    def count_from_here(self) -> None:
        """What is there now may stay: a log that a first client opens, or the workers of a pool."""

        async def here(stage: Stage) -> None:
            stage.branch(left_behind.FROM_HERE)
            await stage.quiet()

        self.play(here)

    def _new(self, name: str) -> str:
        """A name that no other client of this test has."""
        numbered = (name if number == 1 else f"{name} {number}" for number in count(1))
        new = next(each for each in numbered if each not in self._names)
        self._names.add(new)
        return new

    def unanswered(self, name: str) -> None:
        """Fail the test: this client got no answer; where the server was, and what it had printed."""
        self.play(lambda stage: stage.server.note_output())
        seen = self.recording
        client = seen.client(name)
        try:
            told = unheard.told(seen, seen.last().proven(), client)
        except Missing as missing:
            pytest.fail(f"INCONCLUSIVE: {name!r} has no answer yet: {missing}", pytrace=False)
        said = f" to {spell(client.sent)}" if client.sent else ""
        pytest.fail(f"{name!r} got no answer{said}: {told}", pytrace=False)

    def end(self) -> None:
        """Let all clients leave, end the server, and fail the test if they have left anything."""
        if self._is_over:
            return
        self._is_over = True
        with _plainly():
            seen = self._open.end(_all_leave)
        if self.has_failed:  # once is enough
            return
        if seen.broke_off:
            pytest.fail(f"INCONCLUSIVE: {seen.broke_off}", pytrace=False)
        try:
            verdict = left_behind.nothing_is_left(seen)
        except Missing as missing:
            pytest.fail(f"INCONCLUSIVE: what is left could not be told: {missing}", pytrace=False)
        if verdict.outcome is Outcome.FAIL:
            evidence = verdict.evidence
            cause = CAUSES[evidence.cause].told_of(seen.subject) if evidence.cause else None
            told = f"when all clients had gone, something was left\nexpected  {evidence.expected}"
            why = f"\nbecause   {cause.because}" if cause else ""
            pytest.fail(f"{told}\nobserved  {evidence.observed}{why}", pytrace=False)


@dataclass(frozen=True, slots=True)
class Client:
    """One client of a test."""

    server: ForkspecServer
    peer: Peer

    @property
    def reply(self) -> bytes:
        """What has come so far, but for the contract's greeting."""
        return self.peer.reply

    @property
    def end(self) -> End | None:
        """How the server's side has ended the connection; None while it has not."""
        return self.peer.end

    def ask(self, line: bytes) -> bytes:
        """Say a line, and give what came back for it; nothing at all fails the test."""
        before = len(self.peer.received)
        self.server.play(lambda _: self.peer.ask(line))
        if not self.reply or len(self.peer.received) == before:
            self.server.unanswered(self.peer.name)
        return bytes(self.peer.received[before:]) if before else self.reply

    def send(self, text: bytes) -> None:
        """Say this, and wait for nothing; `quiet` waits."""
        self._at_once(lambda: self.peer.send(text))

    def half_close(self) -> None:
        """Say that no more will come (FIN)."""
        self._at_once(self.peer.half_close)

    def reset(self) -> None:
        """Break the connection off (RST)."""
        self._at_once(self.peer.reset)

    def read_on(self) -> None:
        """Begin to read, of a client that did not."""
        self._at_once(self.peer.read_on)

    def leave(self) -> None:
        """Close, and wait until the process that served this client has gone."""
        self.server.play(lambda _: self.peer.leave())

    def _at_once(self, does: Callable[[], None]) -> None:
        async def act(_: Stage) -> None:
            does()

        self.server.play(act)


class StartServer(Protocol):
    """What the fixture `forkspec_servers` gives: a server for a block, of any scope."""

    def __call__(
        self,
        command: str | Sequence[str] = "",
        *,
        assignment: str | Path = "",
        clients: int = _CLIENTS,
        name: str = "a test",
    ) -> AbstractContextManager[ForkspecServer]:
        """Start it as `forkspec check` would: a file, a folder, a name, or words with {port} in them.

        Without a command it is that of `--server`, else of the ini option `forkspec_server`. `clients`
        is the most that come at once, and `name` the recording's.
        """


class _Servers:
    """Starts servers in one zygote; a command is built, and how it takes its port found out, once."""

    def __init__(self, config: pytest.Config, cells: Cells) -> None:
        self._config = config
        self._cells = cells
        self._ports: set[int] = set()
        self._no_servers: dict[tuple[str | tuple[str, ...], str], str] = {}  # and why: found out once
        self._known = cache(self._found)

    @contextmanager
    def start(
        self,
        command: str | Sequence[str] = "",
        *,
        assignment: str | Path = "",
        clients: int = _CLIENTS,
        name: str = "a test",
    ) -> Iterator[ForkspecServer]:
        """As `StartServer` has it."""
        told = command if isinstance(command, str) else tuple(command)
        with _plainly():
            which = told or self._usual(), str(assignment)
            if which in self._no_servers:
                raise harness.HarnessError(self._no_servers[which])
            subject, setting = self._known(*which)
        with self._the_port(subject):
            with _plainly():
                opened = OpenStage(self._cells, subject, name, setting, clients=clients)
            with closing(opened):
                if opened.is_over:
                    seen = opened.recording
                    why = why_nobody_came(seen, "it does not listen on a TCP port")
                    if not seen.broke_off:
                        self._no_servers[which] = why
                    pytest.fail(f"INCONCLUSIVE: {why}" if seen.broke_off else why, pytrace=False)
                server = ForkspecServer(opened)
                yield server
                server.end()

    def _usual(self) -> str:
        """The server that is on trial where a test names none."""
        servers = self._config.getoption("--server")
        usual = str(servers[0] if servers else self._config.getini(_NAME))
        if not usual:
            raise harness.HarnessError(
                f"which server? --server=PATH, {_NAME} = PATH among pytest's settings, or "
                f"@pytest.mark.{_NAME}(PATH)"
            )
        return usual

    def _found(self, command: str | tuple[str, ...], assignment: str) -> tuple[Subject, RunConfig]:
        """The subject as it is started, and the setting of its plays."""
        with chdir(self._config.rootpath):
            file = assignment or str(self._config.getini("forkspec_assignment"))
            settings = assignment_file.read(Path(file) if file else None)
            subject = _prepared(command, BuildOptions(role=Role.SERVER.value).over(settings.handed_in))
        setting = RunConfig(
            seed=self._config.getoption("--forkspec-seed") or 0,
            contract=contract_of(subject, settings.assignment),
            client=reference_client(),
            longest_s=_DAY_S,
        )
        if subject.ways:
            first = catalogue.load().scenarios[FIRST[Role.SERVER]]
            with self._the_port(subject):
                begin = partial(play, self._cells, scenario=first, setting=setting)
                subject, _ = asyncio.run(started(subject, lambda of: begin(subject=of)))
        return subject, setting

    @contextmanager
    def _the_port(self, subject: Subject) -> Iterator[None]:
        """Hold its port, in a cell that shares ports with the machine."""
        if asyncio.run(self._cells.grant()).kind != "plain":
            yield
            return
        if subject.port in self._ports:
            pytest.fail(
                f"port {subject.port}: a second server at the same time needs ports of its own, which "
                "this machine's cells have not ('forkspec doctor' says why)",
                pytrace=False,
            )
        self._ports.add(subject.port)
        try:
            with the_port(subject.port):
                yield
        finally:
            self._ports.remove(subject.port)


def _prepared(command: str | tuple[str, ...], how: BuildOptions) -> Subject:
    """A target as `forkspec check` takes it, or a command's words."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    if isinstance(command, str) and (len(words) == 1 or Path(command).exists()):
        return targets.prepare(command, how)
    return targets.prepare_command(words, how)


async def _all_leave(stage: Stage) -> None:
    """The last act: whoever is still there leaves; then one more client comes, where it tells more."""
    await stage.clients.all_leave()
    await stage.quiet()
    if stage.look().snapshot.zombies and stage.look().snapshot.listener:
        await stage.part([await stage.peer(left_behind.ONE_MORE)])
        await stage.quiet()


@contextmanager
def _plainly() -> Iterator[None]:
    """Errors of ours become one sentence."""
    told = ""
    try:
        yield
    except CouldNotTell as reason:
        told = f"INCONCLUSIVE: {reason}"
    except NoTool as missing:
        pytest.skip(str(missing))
    except harness.HarnessError as error:
        told = str(error)
    if told:
        pytest.fail(told, pytrace=False)


@pytest.fixture(scope="session")
def forkspec_servers(request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """`with forkspec_servers(COMMAND) as server:` for a fixture of your own, of whatever scope."""
    with Cells(request.config.getoption("--forkspec-cell")) as cells:
        yield _Servers(request.config, cells).start


@pytest.fixture
def forkspec_server(
    forkspec_servers: StartServer, request: pytest.FixtureRequest
) -> Iterator[ForkspecServer]:
    """The server, for one test. When that is over nothing may be left of its clients."""
    mark = request.node.get_closest_marker(_NAME)
    told = list(mark.args) if mark else []
    told = [request.param] if hasattr(request, "param") else told
    named = {"name": request.node.name, **(mark.kwargs if mark else {})}
    with forkspec_servers(*told, **named) as server:
        yield server


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is on trial where neither a test nor --server says it."""
    parser.addini(_NAME, f"the server of the fixture {_NAME}: a path, or a command with {{port}}")
    parser.addini("forkspec_assignment", "its contract and limits, as for forkspec check --assignment")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    told = "command, assignment=..., clients=..."
    config.addinivalue_line("markers", f"{_NAME}({told}): the server that this test's fixture starts")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test is repeated for each of several servers of --server, unless it names its own."""
    servers = metafunc.config.getoption("--server")
    marks = [mark.name for mark in metafunc.definition.iter_markers()]
    if _NAME in metafunc.fixturenames and len(servers) > 1 and _NAME not in marks:
        names = [pytest.param(each, id=Path(each).name) for each in servers]
        metafunc.parametrize(_NAME, names, indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """An async test is played by its server; and what is left when a test is over fails the test."""
    server = pyfuncitem.funcargs.get(_NAME)
    if not isinstance(server, ForkspecServer):
        return (yield)
    if inspect.iscoroutinefunction(test := pyfuncitem.obj):

        def played(**fixtures: object) -> None:
            __tracebackhide__ = True
            server.play(lambda _: test(**fixtures))

        pyfuncitem.obj = played
    try:
        done = yield
    except BaseException:
        server.has_failed = True  # it is not ended yet: somebody may look at it (--pdb)
        raise
    server.end()
    return done
