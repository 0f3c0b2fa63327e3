"""Why the kernel has chosen the server's port: what bind() was given, and what it returned (ip(7))."""

from harness.record.events import SetUp
from harness.record.recording import Recording

from .reply import POINTER_BYTES


def why(seen: Recording) -> tuple[str, str]:
    """The calls in words, for the end of a sentence, and the cause; "" for each that is not known."""
    told = seen.first(SetUp)
    if told is None:
        return "", ""
    listening = [each.descriptor for each in told.calls if each.call == "listen" and not each.error]
    if not listening:
        return "", ""
    on = listening[-1]
    binds = [each for each in told.calls if each.call == "bind"]
    own = [each for each in binds if each.descriptor == on]
    if own and own[-1].error:
        pointer = ": its third argument was 8, the size of a pointer" * (own[-1].size == POINTER_BYTES)
        return (
            f"; in another run bind() of descriptor {on} failed with {own[-1].error}{pointer}",
            "bind-failed",
        )
    if own and own[-1].port == 0:
        return f"; in another run port 0 was given to bind(), for descriptor {on}", "port-0"
    if binds and not own:
        said = f"; in another run bind() was called for descriptor {binds[-1].descriptor}, listen() for"
        return f"{said} {on}", "bound-another"
    return "", ""
