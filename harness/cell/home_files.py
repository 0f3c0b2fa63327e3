"""The files at a subject's home when it starts: copies, an assignment's own, empty folders."""

import contextlib
import os
import pwd
import shutil
from collections.abc import Iterable, Mapping

from .message import HOME, USER


def filled(text: str, home: str, user: str) -> str:
    """A text with the folder and the name that HOME and USER stand for."""
    return text.replace(HOME, home).replace(USER, user)


def name_of(uid: int) -> str:
    """The name of a user; the number where there is no name."""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)


def lay(files: Mapping[str, str], texts: Mapping[str, str], folders: Iterable[str], home: str) -> None:
    """Put copies of files, texts and empty folders into a home, beside programs that may still run."""
    for name in folders:
        shutil.rmtree(os.path.join(home, name), ignore_errors=True)
        os.makedirs(os.path.join(home, name))
    for name in (*files, *texts):
        target = os.path.join(home, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)
        if name in texts:
            with open(target, "w", encoding="utf-8") as file:
                file.write(texts[name])
        else:
            shutil.copyfile(files[name], target)
        os.chmod(target, 0o755)  # noqa: S103  (as the submission was handed in: nobody else is here)


def inheritable(path: str) -> int:
    """A file, open in the program that is executed next."""
    fd = os.open(path, os.O_RDONLY)
    os.set_inheritable(fd, True)
    return fd


def written(text: str) -> int:
    """A text, open for reading in the program that is executed next."""
    fd = os.memfd_create("arguments", 0)
    data = os.fsencode(text)
    while data:
        data = data[os.write(fd, data) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
