"""The call of a C or C++ compiler: one for all sources of a shape."""

from collections.abc import Iterable
from typing import Final

from .form import PROGRAM, Shape, Tools, Words

DEBUG: Final = ("-g", "-gdwarf-4")  # addr2line misnames headers in DWARF 5
SANITIZE: Final = ("-fsanitize=address", "-fno-omit-frame-pointer")
FLAGS: Final = (*DEBUG, "-O1", "-pthread", "-Wall")
_LAST: Final = "-lm"  # behind all who need it


def compile_words(
    shape: Shape, tools: Tools, flags: tuple[str, ...] = (), program: str = PROGRAM
) -> Words:
    """The words of the call that makes a shape of C or C++ into a program."""
    (compiler,) = tools.values()
    sources = [str(source) for source in shape.sources]
    folders = [word for folder in shape.included_from for word in _told(str(folder))]
    return (compiler, *FLAGS, *flags, *folders, "-o", program, *sources, _LAST)


def _told(folder: str) -> Words:
    """The words for a folder with headers of the work; it hides none of the system's."""
    return ("-iquote", folder, "-idirafter", folder)


def with_elsewhere(shape: Shape, words: Words) -> Iterable[Words]:
    """The compiler's call with the sources of other folders, too, where there are such."""
    if shape.elsewhere and words[-1] == _LAST:
        yield (*words[:-1], *map(str, shape.elsewhere), _LAST)


def commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    """The one command."""
    return (compile_words(shape, tools),)
