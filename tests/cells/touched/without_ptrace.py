"""Runs a command to which the kernel refuses ptrace(2), as a container may (seccomp(2); x86-64)."""

import ctypes
import os
import struct
import sys

LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
PTRACE, REFUSED, ALLOWED = 101, 0x0005_0001, 0x7FFF_0000  # EPERM
steps = [
    (LOAD, 0, 0, 0),
    (JUMP_IF_EQUAL, 0, 1, PTRACE),
    (RETURN, 0, 0, REFUSED),
    (RETURN, 0, 0, ALLOWED),
]
program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
told = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, told, 0, 0):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
    sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
