"""The address at which a client reaches a server, by the one that this listens at."""

from ipaddress import IPv4Address
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_V6: Final = "::1"
_V4_BYTES: Final = 4


def reached_at(address: str, *, v6_only: bool) -> str:
    """127.0.0.1, where that will do; else ::1, or the IPv4 address that it is bound to.

    `address` is hexadecimal, as `Listens` has it, four bytes also where it is mapped; "" where a
    recording does not say. An IPv6 socket that is bound to none serves IPv4, too, unless it is
    `v6_only` (ipv6(7)).
    """
    raw = bytes.fromhex(address)
    is_bound = any(raw)
    if v6_only or (is_bound and len(raw) > _V4_BYTES):
        return _LOOPBACK_V6
    return str(IPv4Address(raw)) if is_bound else LOOPBACK
