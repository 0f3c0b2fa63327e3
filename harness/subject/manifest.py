"""The reference servers and clients as servers/manifest.toml and clients/manifest.toml describe them."""

from functools import cache
from typing import Final, Literal

import msgspec

from harness.record.contract import Contract
from harness.record.role import Role

from .places import shipped

_TABLE: Final = '\n[server."'
Names = tuple[str, ...]


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reference program: where its source lies, and what it must show.

    The head of servers/manifest.toml says what each field means. `cause` and `also` are a client's: the
    cause that its result tells, and further causes that it may tell.
    """

    path: str
    role: Literal["lecture", "design", "fault"]
    says: str = ""
    kills: str = ""
    fails: Names = ()
    passes: Names = ()
    blocked: Names = ()
    not_applicable: Names = ()
    varies: Names = ()
    contract: Contract | None = None
    diagnosis: dict[str, str] = {}
    differs: dict[str, dict[str, str]] = {}
    flags: Names = ()
    shows: dict[str, dict[str, int]] = {}
    limits: str = ""
    level: int | None = None
    cause: str = ""
    also: Names = ()


class _Cell(msgspec.Struct, forbid_unknown_fields=True):
    cannot_show: dict[str, str]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    server: dict[str, Reference] = {}
    client: dict[str, Reference] = {}
    cell: dict[str, _Cell] = {}
    unlisted: dict[str, str] = {}


@cache
def _file(folder: str) -> _File:
    return msgspec.toml.decode((shipped(folder) / "manifest.toml").read_bytes(), type=_File)


def references(role: Role = Role.SERVER) -> dict[str, Reference]:
    """The reference programs of a role by name: the lecture's, other designs, faults."""
    return _file("clients").client if role is Role.CLIENT else _file("servers").server


def reference(name: str) -> Reference | None:
    """A reference server; None where there is none of that name. Of 540 tables its own are read."""
    told = [_TABLE + each for each in _tables() if each.startswith(f'{name}"')]
    return msgspec.toml.decode("".join(told), type=_File).server.get(name) if told else None


def reference_at(place: str) -> str | None:
    """The name of the reference server whose source lies there, a path within servers/."""
    has_it = f'\npath = "{place}"\n'
    return next((each.partition('"')[0] for each in _tables() if has_it in each), None)


@cache
def _tables() -> list[str]:
    """The text of the servers' tables, from each name on."""
    return (shipped("servers") / "manifest.toml").read_text("utf-8").split(_TABLE)[1:]


def cell_differences() -> dict[str, dict[str, str]]:
    """The requirements that each kind of cell cannot show, with the reason."""
    return {kind: cell.cannot_show for kind, cell in _file("servers").cell.items()}


def unlisted() -> dict[str, str]:
    """The outcome of a requirement that an entry does not list, if that is not PASS."""
    return _file("servers").unlisted
