"""Whether a server speaks TLS (RFC 8446): it answers a ClientHello, and no plain line.

It knows the first bytes of TLS records alone; no client of ours goes on with what they begin.
"""

import re
from typing import Final

from harness.record.recording import Recording

GREETS: Final = "one who begins as TLS does"
CAUSE: Final = "wants-tls"
_ALERT: Final = b"\x15\x03"  # a record's type and version (RFC 8446, section 5.1)
_SERVER_HELLO: Final = re.compile(rb"\x16\x03...\x02", re.DOTALL)  # one that echoes brings \x01 there


def is_alert(came: bytes) -> bool:
    """Whether these bytes begin as an alert of TLS does."""
    return came.startswith(_ALERT)


def is_wanted(seen: Recording) -> bool:
    """Whether the server has answered a ClientHello as TLS does."""
    came = [each.came for each in seen.clients(GREETS)]
    return any(is_alert(each) or _SERVER_HELLO.match(each) for each in came)
