"""Writes the files that a new exercise begins with: the teacher's settings and the student's folder."""

import shutil
from pathlib import Path
from typing import Final

import harness
from harness.subject.places import shipped

ASSIGNMENT: Final = "assignment.toml"
STUDENT: Final = "student"
_VERSION: Final = "@VERSION@"
_LECTURES: Final = ("servers/lecture/tcpserver.cpp", "clients/tcpclient.cpp", "clients/tcpclient2.cpp")
_OURS: Final = "server.c"
_WHEELS: Final = ".devcontainer"


def begin(folder: Path, wheel: tuple[str, bytes], *, lecture: bool) -> list[Path]:
    """Write an exercise into a folder; returns the paths of its files, relative to it, in order.

    With `lecture` the student begins with the lecture's first server and its clients, otherwise with an
    almost empty server. Students install forkspec from the wheel beside it, a name and its content: so
    they have the version that judges them. Raises HarnessError where the folder is not empty.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise harness.HarnessError(f"{folder}: there is something already; name a new folder")
        shutil.copytree(shipped("starter"), folder, dirs_exist_ok=True)
        shutil.copyfile(folder / ASSIGNMENT, folder / STUDENT / ASSIGNMENT)
        if lecture:
            _put_lecture(folder / STUDENT)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in files:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(_VERSION, harness.__version__), encoding="utf-8")
        name, data = wheel
        files.append(folder / STUDENT / _WHEELS / name)
        files[-1].write_bytes(data)
    except OSError as error:
        raise harness.HarnessError(f"{error.filename or folder}: {error.strerror}") from error
    return [path.relative_to(folder) for path in sorted(files)]


def _put_lecture(folder: Path) -> None:
    (folder / _OURS).unlink()
    for name in _LECTURES:
        top, _, rest = name.partition("/")
        shutil.copyfile(shipped(top) / rest, folder / Path(name).name)
