"""Become what a default container grants, then exec: Docker's capabilities, no new namespaces.

A program of its own: it imports nothing of forkspec, and may lie alone in a scratch root. Run as
`python as_in_docker.py COMMAND...`. Root keeps Docker's default capabilities (no SYS_ADMIN, no
SYS_PTRACE); a seccomp filter refuses unshare(2) and setns(2) with EPERM, and clone3(2) with ENOSYS, as
Docker's profile does. Source: capabilities(7), seccomp(2).
"""

import ctypes
import os
import platform
import struct
import sys

KEPT = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 24, 38, 22
UNSHARE, SETNS, CLONE3 = {"x86_64": (272, 308, 435), "aarch64": (97, 268, 435)}[platform.machine()]
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050000 | 38
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06


def main() -> None:
    """Give up what a container does not have, then become the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.getuid() == 0:
        for capability in range(64):
            if capability not in KEPT:
                libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (LOAD, 0, 0, 0),
            (EQUAL, 2, 0, UNSHARE),
            (EQUAL, 1, 0, SETNS),
            (EQUAL, 1, 2, CLONE3),
            (RETURN, 0, 0, EPERM),
            (RETURN, 0, 0, ENOSYS),
            (RETURN, 0, 0, ALLOW),
        )
    )
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, 2, filter_, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
    os.execv(sys.argv[1], sys.argv[1:])  # with root's uid: the capabilities are cut to the bounding set


if __name__ == "__main__":
    main()
