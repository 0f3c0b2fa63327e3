"""Compilers, build tools and interpreters of this machine; the sentence for one that is missing."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import harness


class NoTool(harness.HarnessError):
    """A compiler or interpreter is missing on this machine; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that a build or a start needs.

    `word` says in a sentence what it is, by default its name; `package` is the Debian package that
    brings it, by default that of its name. Where it is missing, one of the `others` will do.
    """

    name: str
    word: str = ""
    package: str = ""
    others: tuple[str, ...] = ()

    def find(self, of: str, path: str = "") -> str:
        """Its path on this machine, where the subject's uid can reach it; at `path`, if one is given.

        Raises:
            NoTool: there is none; the text says what needs it (`of`) and how to get it.
        """
        found = self._installed(path)
        for each in found:
            if is_reachable(os.path.realpath(each)):
                return each
        word, package = self.word or self.name, self.package or self.name
        begin = f"{of}: " if of else ""
        if found:
            raise NoTool(
                f"{begin}{found[0]} is out of reach for the ordinary user that builds and servers run "
                f"as; install {word} for all (Debian, Ubuntu: apt-get install {package})"
            )
        if path:
            raise NoTool(f"{begin}no {path} on this machine")
        raise NoTool(
            f"{begin}no {word} on this machine; install one (Debian, Ubuntu: apt-get install {package})"
        )

    def _installed(self, path: str) -> list[str]:
        places = [str(Path(path).parent)] if path else _places()
        return [
            found
            for name in (self.name, *self.others)
            for place in places
            if (found := shutil.which(name, path=place))
        ]


def is_reachable(path: str) -> bool:
    """True when the subject, another user than root, may enter every folder above."""
    if os.getuid() != 0:
        return os.access(Path(path).parent, os.X_OK)
    return all(folder.stat().st_mode & 0o001 for folder in Path(path).parents)


def _places() -> list[str]:
    return os.environ.get("PATH", os.defpath).split(":")
