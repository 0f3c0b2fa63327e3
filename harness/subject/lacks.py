"""Tells from what was printed whether this machine lacks a package, or the program has a fault.

Students' machines have packages that the one which judges may not have: nobody's work is at fault then.
It knows the words of compilers and interpreters, and nothing of how they were started.
"""

import re
import sys
from collections.abc import Collection
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from .libraries import lacking

_PATH: Final = r"([\w.-]+\.[\w.-]+/[\w./-]+)"
_BUILDS: Final = (
    ("Rust crate", r"no matching package named `([\w-]+)` found"),
    ("Rust crate", r"failed to (?:get|load source for dependency) `([\w-]+)`"),
    ("Rust crate", r"unresolved import `(\w+)(?=[:`])(?=[^\0]*?(?:unlinked crate|extern crate))"),
    ("Rust crate", r"undeclared crate or module `(\w+)`"),
    ("Rust crate", r"unresolved module or unlinked crate `(\w+)`"),
    ("Rust crate", r"can't find crate for `(\w+)`"),
    ("Go package", rf"no required module provides package {_PATH}"),
    ("Go package", rf"cannot find (?:package|module providing package) \"?{_PATH}"),
    ("Go package", rf"(?m)(?:^|\s){_PATH}@[\w.+-]+: module lookup disabled"),
    ("Go package", rf"(?m)^go: downloading {_PATH} v(?=[^\0]*module lookup disabled by GOPROXY)"),
    ("Java package", r"error: package (?!javax?\.)([\w.]+) does not exist"),
)
_STARTS: Final = (
    ("Python package", r"(?m)^ModuleNotFoundError: No module named '(\w+)"),
    ("Node package", r"Cannot find (?:module|package) '((?:@[\w.-]+/)?\w[\w.-]*)"),
    ("Ruby gem", r"cannot load such file -- ([\w-]+)[\w/-]* \(LoadError\)"),
    ("Ruby gem", r"Could not find (?:gem )?'?([\w-]+)[^\n]* in (?:locally installed gems|any of)"),
    ("Perl module", r"Can't locate ([\w/]+)\.pm in @INC"),
    ("PHP extension", r"undefined function (socket|pcntl|posix)_\w+\(\)"),
)


def of_build(log: str, own: Collection[str], promised: Collection[str] | None = None) -> str:
    """What this machine lacks, by a build that failed; "" where nothing says so.

    `own` are the paths of all that was handed in: what is called like one of them is the work's own.
    `promised` are the packages that an assignment names as installed: the work had to do without any
    other. None means that it names none.
    """
    return lacking(log, own, promised) or _lack(_BUILDS, log, own, promised)


def of_start(printed: str, own: Collection[str], promised: Collection[str] | None = None) -> str:
    """The missing thing that a program names before it ends."""
    return _lack(_STARTS, printed, own, promised)


def _lack(
    known: Collection[tuple[str, str]], text: str, own: Collection[str], promised: Collection[str] | None
) -> str:
    for kind, pattern in known:
        for found in re.finditer(pattern, text):
            name = found[1]
            is_ours = kind.startswith("Python") and name in sys.stdlib_module_names
            told = name.replace("/", "::") if kind.startswith("Perl") else name
            if promised is not None and told not in promised:
                continue
            if not is_ours and not any(_is_called(name, PurePosixPath(path)) for path in own):
                return (
                    f"this machine has no {kind} {told}: install it for all users, or hand it in with "
                    "the work"
                )
    return ""


def _is_called(name: str, path: PurePosixPath) -> bool:
    """Whether a file or one of its folders is called so; of a Java package, its first two folders."""
    first, parts = name.replace(".", "/").split("/")[:2], [*path.parts[:-1], path.stem]
    return name in parts or any(first == [*pair] for pair in pairwise(parts))
