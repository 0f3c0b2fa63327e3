"""The call of a C or C++ compiler: one for all sources of a shape."""

from typing import Final

from .form import PROGRAM, Shape, Tools, Words

DEBUG: Final = ("-g", "-gdwarf-4")  # addr2line misnames headers in DWARF 5
SANITIZE: Final = ("-fsanitize=address", "-fno-omit-frame-pointer")
FLAGS: Final = (*DEBUG, "-O1", "-pthread", "-Wall")


def compile_words(
    shape: Shape, tools: Tools, flags: tuple[str, ...] = (), program: str = PROGRAM
) -> Words:
    """The words of the call that makes a shape of C or C++ into a program."""
    (compiler,) = tools.values()
    sources = [str(source) for source in shape.sources]
    return (compiler, *FLAGS, *flags, "-o", program, *sources, "-lm")


def commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    """The one command."""
    return (compile_words(shape, tools),)
