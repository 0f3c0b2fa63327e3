"""How a recording is kept: one line of JSON, described in docs/recording.md.

Bytes are in base64; long ones are deflated before, and marked by a "z:". An event is a row,
[at_ns, actor, kind, bytes, fields]. The bytes of a crowd's visits are Latin-1.
"""

import base64
import json
import zlib
from typing import Any, Final

import msgspec

from .contract import Contract
from .events import KINDS, Crowded, Event, WithBytes
from .recording import Recording

SCHEMA: Final = 2
_LONG: Final = 4096
_COMMON: Final = ("at_ns", "actor", "kind", "data")
_VISITS_FIELDS: Final = 8  # then comes `more`, if more came; a refusal is found out from the answer
_VISITS_BYTES: Final = (0, 6)  # line and answer

_MOST: Final = 256 << 20  # bytes of one event, inflated

Row = list[Any]  # of JSON


class _Told(msgspec.Struct):
    forkspec: str
    scenario: str
    subject: str
    cell: str
    seed: int
    contract: dict[str, Any]
    refusals: tuple[str, ...]
    target: str
    run: int
    events: list[tuple[int, str, str, str, dict[str, Any]]]


_HEADER: Final = _Told.__struct_fields__[:-1]  # in this order


def to_line(recording: Recording) -> str:
    """The recording as one line of JSON, without its end of line."""
    header = {"schema": SCHEMA, **{name: getattr(recording, name) for name in _HEADER}}
    header["contract"] = recording.contract.to_dict()
    header["events"] = [_row(event) for event in recording.events]
    return json.dumps(header, separators=(",", ":"))


def from_line(text: str) -> Recording:
    """Read back what `to_line` wrote; raises ValueError, with a sentence, for anything else."""
    try:
        raw = json.loads(text)
        if raw["schema"] != SCHEMA:
            raise ValueError(f"a recording of schema {raw['schema']}; this forkspec reads {SCHEMA}")
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("not a forkspec recording (not JSON)") from error
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a forkspec recording ({error})") from error
    try:
        told = msgspec.structs.asdict(msgspec.convert(raw, _Told))
        events = tuple(_event(*row) for row in told.pop("events"))
        return Recording(events=events, contract=Contract.of(told.pop("contract")), **told)
    except (KeyError, TypeError, ValueError, zlib.error, msgspec.ValidationError) as error:
        raise ValueError(f"not a forkspec recording ({error})") from error


def _row(event: Event) -> Row:
    fields = msgspec.to_builtins(event, builtin_types=(bytes,), str_keys=True)
    data = fields.get("data", b"")
    if isinstance(event, Crowded):
        fields["visits"] = [_visit(visit) for visit in fields["visits"]]
    kind = fields["kind"]
    for name in _COMMON:
        fields.pop(name, None)
    return [event.at_ns, event.actor, kind, _packed(data), fields]


def _visit(fields: Row) -> Row:
    told = fields[: _VISITS_FIELDS + bool(fields[_VISITS_FIELDS])]
    return [part.decode("latin-1") if isinstance(part, bytes) else part for part in told]


def _event(at_ns: int, actor: str, kind: str, data: str, fields: dict[str, Any]) -> Event:
    of = KINDS.get(kind)
    if of is None:
        raise TypeError(f"no event is called {kind!r}")
    told = {**fields, "at_ns": at_ns, "actor": actor, "kind": kind}
    if issubclass(of, WithBytes):
        told["data"] = _unpacked(data)
    if of is Crowded:
        told["visits"] = [_told_bytes(visit) for visit in told["visits"]]
    return msgspec.convert(told, of, builtin_types=(bytes,), str_keys=True)


def _told_bytes(visit: Row) -> Row:
    return [part.encode("latin-1") if at in _VISITS_BYTES else part for at, part in enumerate(visit)]


def _packed(data: bytes) -> str:
    if len(data) < _LONG:
        return base64.b64encode(data).decode()
    return "z:" + base64.b64encode(zlib.compress(data, 1)).decode()


def _unpacked(text: str) -> bytes:
    if text.startswith("z:"):
        inflating = zlib.decompressobj()
        data = inflating.decompress(base64.b64decode(text[2:]), _MOST)
        if not inflating.eof:
            raise ValueError("the bytes of an event are cut off, or too many")
        return data
    return base64.b64decode(text)
