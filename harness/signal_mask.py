"""A set of signals as the kernel writes it (proc(5), SigCgt): its lowest bit stands for signal 1."""

from signal import SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV
from typing import Final


def bit(number: int) -> int:
    """The set of this signal alone."""
    return 1 << (number - 1)


# What the `usercustomize` of a subject's Python has caught, by module faulthandler.
_FAULTHANDLERS: Final = sum(map(bit, (*(SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV), 62)))
_REAL_TIME: Final = sum(map(bit, range(35, 65)))  # signal(7); 32 to 34 are the C library's


def is_all(caught: int) -> bool:
    """Whether it holds every signal that a program can have: Go's run-time catches them all."""
    return caught & _REAL_TIME == _REAL_TIME


def without_faulthandler(caught: int) -> int:
    """The set without the signals of Python's module faulthandler, where all of these are in it."""
    return caught & ~_FAULTHANDLERS if caught & _FAULTHANDLERS == _FAULTHANDLERS else caught
