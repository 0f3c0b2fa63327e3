"""Opens cells: the zygote they are forked from, and which kind of cell this machine grants."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import msgspec

import harness

from . import wire
from .cell import Cell, CellError, OnEvent, Spare
from .limits import Limits
from .message import Program
from .protocol import CellKind, OpenCell, Refusal, Setting
from .subject_protocol import Launch, ReadOutput

__all__ = ["KINDS", "Cell", "CellError", "CellKind", "Cells", "Grant", "Refusal"]

PATIENCE_S: Final = 30.0  # the zygote itself gives its last keepers 3 s
_MOST_SPARES: Final = 8  # as many as are played at once
_TRIAL_NS: Final = 10_000_000_000
KINDS: Final[tuple[CellKind, ...]] = ("bubblewrap", "namespaces", "plain")


@dataclass(frozen=True, slots=True)
class Grant:
    """Which cell this machine gives, and what the better ones were refused for."""

    kind: CellKind
    refusals: tuple[Refusal, ...] = ()


class Cells:
    """The zygote, and what this machine grants. One a process; close it at the end."""

    def __init__(self, wanted: CellKind | None = None, *, renews: bool = True) -> None:
        """Cells of the `wanted` kind, or of the best that is granted; each is new unless it `renews`."""
        self._wanted = wanted
        self._renews = renews
        self._grant: Grant | None = None
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._spares: list[tuple[tuple[Path, ...], Spare]] = []

    def _zygote(self) -> socket.socket:
        if self._channel is None or self._process is None or self._process.poll() is not None:
            ours, theirs = socket.socketpair()
            packages = [
                str(Path(place).parent) for place in (harness.__file__, msgspec.__file__) if place
            ]
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _START, str(theirs.fileno()), *packages],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={"PATH": os.environ.get("PATH", os.defpath)},
                    start_new_session=True,
                )
            self._channel = ours
        return self._channel

    @asynccontextmanager
    async def cell(
        self, on_event: OnEvent = lambda _: None, folders: Sequence[Path] = ()
    ) -> AsyncIterator[Cell]:
        """One cell, open for the length of the block.

        `folders` are what the subject may read beside the system; it may be started in the first.

        Raises:
            CellError: it could not be opened.
        """
        grant = await self.grant()
        cell = self._spare(on_event, folders) or await self._open(grant.kind, on_event, folders)
        is_sound = False
        try:
            yield cell
            is_sound = True
        finally:
            if cell.kind == "plain":
                await cell.closed()
            elif cell.kind == "bubblewrap" and is_sound and self._renews:
                self._keep(await cell.renewed(), folders)
            else:
                cell.close()

    def _spare(self, on_event: OnEvent, folders: Sequence[Path]) -> Cell | None:
        """A cell that shows these folders and was renewed; None without one."""
        for at in reversed(range(len(self._spares))):
            if self._spares[at][0] == tuple(folders):
                _, (channel, opened) = self._spares.pop(at)
                if Spare(channel, opened).lives:
                    return Cell(channel, on_event).open_again(opened)
                channel.close()
        return None

    def _keep(self, spare: Spare | None, folders: Sequence[Path]) -> None:
        """Keep a keeper for the next cell; the oldest goes where there are too many."""
        if spare is not None:
            self._spares.append((tuple(folders), spare))
        for _, (channel, _) in self._spares[:-_MOST_SPARES]:
            channel.close()
        del self._spares[:-_MOST_SPARES]

    async def grant(self) -> Grant:
        """Find out once, by trying, which cell this machine gives.

        Raises:
            CellError: none; or there are no terminals, which every cell needs.
        """
        if self._grant is None:
            _open_a_terminal()
            refusals: list[Refusal] = []
            order = KINDS[KINDS.index(self._wanted) :] if self._wanted else KINDS
            for kind in order:
                granted, refused = await self._try(kind)
                refusals += [each for each in refused if each not in refusals]
                if granted:
                    self._grant = Grant(kind, tuple(refusals))
                    break
            else:
                raise CellError(
                    "no cell of any kind can be opened: " + "; ".join(each.text for each in refusals)
                )
        return self._grant

    async def _try(self, kind: CellKind) -> tuple[bool, list[Refusal]]:
        cell = await self._open(kind, lambda _: None, ())
        try:
            if cell.kind != kind:
                return False, list(cell.refusals)
            if kind != "bubblewrap":
                return True, []
            shell = Program([b"/bin/sh", b"-c", b"echo in"], {}, Limits())
            await cell.ask(Launch(shell, time.monotonic_ns() + _TRIAL_NS))
            output = await cell.ask(ReadOutput())
            if output.head == "in\n":
                return True, []
            said = output.head.strip() or "bwrap printed nothing"
            return False, [Refusal("bubblewrap", said)]
        finally:
            cell.close()

    async def _open(self, kind: CellKind, on_event: OnEvent, folders: Sequence[Path]) -> Cell:
        ours, theirs = socket.socketpair()
        with theirs:
            wire.send(self._zygote(), OpenCell(), [theirs.fileno()])
        cell = Cell(ours, on_event)
        try:
            return await cell.open(Setting(kind, [os.fsencode(folder) for folder in folders]))
        except BaseException:
            cell.close()
            raise

    def close(self) -> None:
        """End the zygote after its last keeper, or kill it; keepers end with their cells' channels."""
        for _, (channel, _) in self._spares:
            channel.close()
        self._spares.clear()
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Self:
        """Use as a block, so that the zygote ends on every path."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_a_terminal() -> None:
    """Find out whether pty(7) works here: what runs in a cell prints to one."""
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError as error:
        raise CellError(
            f"no pseudo-terminal can be opened ({error.strerror or error}), and programs are judged on "
            "one: mount devpts on /dev/pts, or end what holds so many (/proc/sys/kernel/pty/max)"
        ) from None


# -I keeps the student's environment and folder out of our interpreter's path; -S saves its start, and
# leaves site-packages out: of those it gets these two packages alone, each from its own folder.
_START: Final = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
for folder in sys.argv[2:]:
    name = folder.rpartition("/")[2]
    spec = spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
from harness.cell.zygote import main
main()
"""
