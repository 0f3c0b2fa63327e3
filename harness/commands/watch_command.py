"""The terminal face for a person who writes a server: it is judged again at each save."""

import asyncio
import time
from collections import deque
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

import harness
from harness.engine import saved_files
from harness.engine.assignment_file import read as read_settings
from harness.engine.session import Options, Session, run
from harness.engine.targets import prepare
from harness.judge.requirement import Tier
from harness.record.role import Role
from harness.report import changes, text
from harness.results.comparison import compare_servers
from harness.results.result import Result
from harness.results.stored import as_stored
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions

from .judging import Only, options_of
from .terminal import AssignmentOption, CellOption, Progress, Strict, console, new_app

app = new_app()
_EVERY_S: Final = 0.25
_REMEMBERED, _IN_A_LINE = 1000, 40  # lines, and letters of each: a terminal may wrap them
_STILL: Final = 2  # looks that are the same: an editor may write a file in several steps


@app.command()
def watch(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A server: a file, or a folder.")],
    only: Only = None,
    strict: Strict = False,
    assignment: AssignmentOption = None,
    cell: CellOption = None,
) -> None:
    """Judge a server again each time that one of its files is saved, and show what has changed.

    The lecture tier is judged first, and shown; then the rest, unless something was saved meanwhile.
    Ctrl-C ends it.
    """
    if not target.exists():
        raise harness.HarnessError(f"{target}: no such file or folder, so nothing to watch")
    settings = read_settings(assignment)
    options = options_of(settings, only=only, strict=strict, cell=cell)
    watched = _Watched(target, options, BuildOptions(role=Role.SERVER.value).over(settings.handed_in))
    try:
        while True:
            watched.judge()
            watched.wait()
    except KeyboardInterrupt:
        raise typer.Exit from None


class _Watched:
    """A target with its files as they were when it was last judged, and that result."""

    def __init__(self, target: Path, options: Options, how: BuildOptions) -> None:
        self._target, self._options, self._how = target, options, how
        self._out = console()
        self._stamps = saved_files.stamps(target)
        self._last: Result | None = None
        self._said: deque[str] = deque(maxlen=_REMEMBERED)

    def judge(self) -> None:
        """Judge it, in two steps; print what is wrong with the target, which the next save may mend."""
        try:
            subject = prepare(str(self._target), self._how)
        except harness.HarnessError as error:
            self._say(str(error), "bold red")
            return
        if subject.failure:
            self._say("it does not compile", "bold red")
            self._out.print(Text(subject.failure.rstrip()), soft_wrap=True)
            return
        with Session(self._options) as session:
            result = self._examined(session, subject)
        if result is not None:
            self._show(result)

    def wait(self) -> None:
        """Wait until something has been saved, and say what."""
        self._say(f"watching {self._target} (Ctrl-C ends)", "dim")
        names = run(self._saved())
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        self._say(f"{names[0]}{more} was saved", "bold")

    def _examined(self, session: Session, subject: Subject) -> Result | None:
        """The whole result; None where something was saved after the lecture tier had been judged."""
        lecture = [each.id for each in session.catalogue.requirements if each.tier is Tier.LECTURE]
        with Progress(self._out) as progress:
            heard = lambda _, recording: progress.say(f"{recording.scenario} seen")  # noqa: E731
            if self._options.only:
                return session.examine(subject, progress=heard)
            first = session.examine(subject, only=lecture, known={}, progress=heard)
        failed = [each for each in lecture if first.verdicts[each].outcome == "FAIL"]
        told = f"{', '.join(failed)}: FAIL" if failed else "nothing fails"
        self._say(f"lecture tier: {told}", "bold red" if failed else "green")
        if saved_files.changed(self._stamps, saved_files.stamps(self._target), self._said):
            return None
        with Progress(self._out) as progress:
            return session.examine(subject, known=first.recordings, progress=heard)

    def _show(self, result: Result) -> None:
        before, self._last = self._last, result
        if before is None:
            text.show(result, self._out)
            return
        found = compare_servers(as_stored(before), as_stored(result))
        self._say(changes.tally(each.word for each in found.changes), "bold")
        changes.show_changes(found, self._out)

    async def _saved(self) -> list[str]:
        """Poll: inotify(7) sees no file of a network or of a container's host."""
        before, last, still = self._stamps, self._stamps, 0
        names: list[str] = []
        while not names:
            await asyncio.sleep(_EVERY_S)
            now = saved_files.stamps(self._target)
            still = still + 1 if now == last else 0
            last = now
            if still >= _STILL:
                names, before = saved_files.changed(before, last, self._said), last
        self._stamps = last
        return names

    def _say(self, told: str, style: str) -> None:
        line = f"{time.strftime('%H:%M:%S')}  {told}"
        self._said.append(line[:_IN_A_LINE])
        self._out.print(Text(line, style=style))
