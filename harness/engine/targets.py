"""Makes a subject from what the user names: recognised, built, with the settings in its own folder."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.record.role import Role
from harness.subject import submission
from harness.subject.build import build
from harness.subject.folder import work_in
from harness.subject.shapes import holds_both
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions
from harness.subject.tools import NoTool

from .assignment_file import read

OWN_SETTINGS: Final = "forkspec.toml"
LECTURE: Final = ("tcpserver", "tcpserver2", "tcpserver3", "tcpserver4")


def prepare(target: str, how: BuildOptions | None = None) -> Subject:
    """Recognise and build one target; raises UnusableTarget, NoTool, or UnusableAssignment.

    `how` holds what the user said about building and starting it; a forkspec.toml in the target's folder
    fills in the rest. A lecture server named without its language is the C++ one where that can be
    built.
    """
    try:
        return build(_with_own_settings(submission.recognise(target, how)))
    except NoTool:
        if target not in LECTURE:
            raise
        return build(submission.recognise(f"{target}.py"))


def prepare_all(target: str, how: BuildOptions) -> list[Subject]:
    """All subjects in a target, of a server and a client also the pair; raises as `prepare`."""
    found = submission.recognise(target, how)
    is_folder = found.form is None and found.path is not None and not (how.entry or how.role)
    if not is_folder or found.path is None or not holds_both(work_in(found.path)):
        return [prepare(target, how)]
    server, client = (
        prepare(target, replace(how, role=role.value)) for role in (Role.SERVER, Role.CLIENT)
    )
    pair = replace(server, name=f"{server.name} (pair)", role=Role.PAIR, client_beside=client)
    if client.failure:
        pair = replace(pair, failure=server.failure or client.failure)
    return [server, replace(client, name=f"{client.name} (client)"), pair]


def _with_own_settings(found: submission.Submission) -> submission.Submission:
    """The submission with its own forkspec.toml's settings; what the user said goes before.

    Only settings about building, starting and the contract are taken. A submission may not decide what
    counts, nor what it may use of the machine.
    """
    if found.form is not None or found.path is None:
        return found
    work = work_in(found.path)
    if Path(OWN_SETTINGS) not in work.files:  # (a link out of the folder is none of its files)
        return found
    own = read(work.folder / OWN_SETTINGS)
    settled = own.assignment.contract
    contract = None if settled is None or settled.is_the_lectures else settled
    return replace(
        found, how=found.how.over(replace(own.handed_in, limits={}, packages=None)), contract=contract
    )


def prepare_command(words: Sequence[str], how: BuildOptions | None = None) -> Subject:
    """A subject that a command line starts; raises UnusableTarget."""
    return build(submission.command(words, how))
