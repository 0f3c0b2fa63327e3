"""Causes behind what fork/* can show."""

from typing import Final

from .cause import Cause

TOLD_APART: Final = (
    "how you tell the two apart after fork(), which returns 0 in the child (slide 10): {in if ((pid = "
    "fork()) == 0) each parenthesis counts, == is not =, and no ; may stand behind it|if pid == 0|a "
    "test with == and not with =; in Ruby nil is the child's}"
)

CAUSES: Final[dict[str, Cause]] = {
    "forks-twice": Cause(
        "your parent calls fork() more than once for a client",
        "in the parent, every call of fork() between accept() and the end of the loop",
        "forks-twice.c",
        calls=("fork",),
    ),
    "parent-keeps-connection": Cause(
        "your parent does not close the connected socket after fork()",
        "close(conn) in the parent, after fork() (slide 12){; and every copy of it: dup2(conn, 1) "
        "belongs into the child||}",
        "parent-keeps-connection.c",
        calls=("fork",),
    ),
    "child-keeps-listener": Cause(
        "your child does not close the listening socket",
        "{close(sock)|listener.close()|close the listening socket} in the child, first of all (slide 12)"
        "{|; with socketserver.ForkingMixIn, which leaves it open, self.server.socket.close() in "
        "handle()|}",
        "child-keeps-listener.c",
        calls=("fork",),
    ),
    "child-in-accept": Cause(
        "your child does not exit: it falls through into the loop and accepts clients itself",
        "exit(0) at the end of the child's branch (slide 10)",
        "child-falls-into-accept.c",
        calls=("fork",),
    ),
    "swaps-branches": Cause(
        "parent and child have swapped their branches: the parent serves, and the child goes back to "
        "accept(); fork() returns 0 in the child",
        "the condition after fork(): if (pid == 0) is the child's branch (slide 10)",
        "swaps-branches.c",
        by_hand="`pgrep -x NAME; echo hello | nc 127.0.0.1 54321; sleep 1; pgrep -x NAME`: the same one "
        "number must come before and after the reply",
        calls=("fork",),
        beside={"contract/foreground": "Here no client had come yet."},
    ),
    "both-serve": Cause(
        "after fork() parent and child both do the child's part: both read from this connection, and "
        "the parent ends after it, as a child does",
        TOLD_APART,
        "both-serve.c",
        calls=("fork",),
    ),
    "parent-exits": Cause(
        "your parent ends as soon as it has forked for its first client, instead of calling "
        "accept() again",
        "after fork() the parent does close(conn), not close(sock), and goes back to accept() "
        "(slide 10)",
        "parent-exits.c",
        calls=("fork",),
    ),
    "child-spins": Cause(
        "your child does not exit: it calls accept(), or read(), on a socket that it has closed, again "
        "and again",
        "exit(0) at the end of the child's branch (slide 10)",
        "child-spins-on-ebadf.c",
        calls=("fork",),
    ),
    "comes-back-to-accept": Cause(
        "where its client leaves without a line your child does not exit: {a continue or break in its "
        "branch|an error, which is caught around the loop,|an error, which is caught around the loop,} "
        "brings it back into its parent's loop, where it calls accept() on the socket that it has "
        "closed, again and again",
        "the child's branch: every path through it must end in {exit(0), also where read() returns 0 or "
        "-1|os._exit(), also after an error: try, and finally os._exit(0), around all that the child "
        "does|exit, also after an error}; a function of its own for the child, with the exit behind its "
        "call, is the surest way",
        "error-falls-into-accept.py",
        calls=("fork",),
        beside={"fork/child-exits": "There each client had sent a line, and was answered."},
    ),
    "child-forks-on": Cause(
        "your child does not exit when its client has gone: it comes back into its parent's loop, where "
        "accept() fails at once, and forks; and so does each process that it makes",
        "the child's branch: every path through it must end in exit{(0): a break there leaves the "
        "switch or the inner loop, and not the branch|: continue and break do not end it|: next, "
        "continue and break do not end it}. A function of its own for the child, with the exit behind "
        "its call, is the surest way (slide 10)",
        "child-forks-on.c",
        calls=("fork",),
    ),
    "leaks-processes": Cause(
        "you start further processes beside those that serve, and they stay",
        "every call of fork(), and where the process it makes comes to its exit()",
        "leaks-processes.c",
        calls=("fork",),
    ),
}
