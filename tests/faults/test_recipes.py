"""Every recipe "by hand" shows its fault in a shell, and not a sound server, with either nc.

Each is played in a shell of its own, in bubblewrap with a network of its own: so each server has the
lecture's port, and all ends with the shell.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from harness.engine import catalogue, targets
from harness.judge.causes import CAUSES
from harness.subject.tools import NoTool

from .recipes import LONG, PLAYS, SHELL, UNTRIED, Play

RECIPES: Final = {each.id: each.by_hand for each in catalogue.load().requirements} | {
    name: cause.by_hand for name, cause in CAUSES.items() if cause.by_hand
}
NCS: Final = {"nc.openbsd": "-N ", "ncat": ""}
SHOWN_S, NOT_SHOWN_S, GUARD_S = 8, 90, 240
BOX: Final = shlex.split(
    "bwrap --unshare-user --uid 1000 --gid 1000 --unshare-pid --unshare-net --cap-add ALL "
    "--die-with-parent --ro-bind / / --proc /proc --dev /dev --tmpfs /tmp"
)
NOBODY: Final = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
EVERYBODYS: Final = 0o755


def test_every_recipe_has_a_play() -> None:
    assert set(RECIPES) == set(PLAYS) | UNTRIED


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder that the shell can read: root has dropped its uid there, since no limit binds it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(EVERYBODYS)
        yield folder


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("told_of", "name"),
    [pytest.param(told_of, play.fault, id=told_of) for told_of, play in PLAYS.items()],
)
def test_the_recipe_shows_the_fault_and_no_sound_server(
    told_of: str, name: str, room: Path, request: pytest.FixtureRequest
) -> None:
    play = PLAYS[told_of]
    if told_of in LONG and request.config.getoption("--forkspec-part") != "all":
        pytest.skip("takes minutes: only with --forkspec-part all")
    if play.needs and shutil.which(play.needs) is None:
        pytest.skip(f"no {play.needs} here")
    ncs = [nc for nc in NCS if shutil.which(nc)]
    if not ncs:
        pytest.skip(f"neither of {', '.join(NCS)} here")
    tries = [(nc, server) for nc in ncs for server in (name, play.sound)]
    scripts = [
        a_script(told_of, play, nc, server, room / f"{n}") for n, (nc, server) in enumerate(tries)
    ]
    with ThreadPoolExecutor(len(tries)) as side_by_side:
        seen = list(side_by_side.map(in_a_shell, scripts))
    for (nc, server), shown in zip(tries, seen, strict=True):
        is_good = play.good(shown)
        assert is_good is (server != name), f"{server}, by {nc}, as {told_of} is told:\n{shown}"


def a_script(told_of: str, play: Play, nc: str, server: str, folder: Path) -> Path:
    """What the shell does: the server under its name, nc of one kind, and the recipe's commands."""
    try:
        subject = targets.prepare(server)
    except NoTool as missing:
        pytest.skip(str(missing))
    program, *arguments = subject.argv
    folder.mkdir()
    folder.chmod(EVERYBODYS)
    shutil.copy(program, folder / "judged")
    (folder / "nc").symlink_to(str(shutil.which(nc)))
    words = [str(folder / "judged"), *arguments, "54321"]
    commands = play.commands(RECIPES[told_of])
    script = folder / "script"
    script.write_text(
        "\n".join(
            [
                f"PATH={folder}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin; NAME=judged",
                f"HALF_CLOSES={shlex.quote(NCS[nc])}",
                f"GUARD={NOT_SHOWN_S if server == play.sound else SHOWN_S}",
                f"SERVER=({shlex.join(words)})",
                *(f"C{n}={shlex.quote(command)}" for n, command in enumerate(commands, 1)),
                SHELL,
                "start" if play.starts else "",
                play.script,
                "exec 2>/dev/null",
            ]
        )
    )
    return script


def in_a_shell(script: Path) -> str:
    """What the play prints. The shell is the first process of its own box: all ends with it."""
    drop = NOBODY if os.geteuid() == 0 else []
    ran = subprocess.run(
        [*drop, *BOX, "--ro-bind", str(script.parent), str(script.parent), "bash", str(script)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=GUARD_S,
    )
    if ran.stderr.startswith("bwrap:"):
        pytest.skip(ran.stderr.strip())
    (script.parent / "stderr").write_text(ran.stderr)
    return ran.stdout
