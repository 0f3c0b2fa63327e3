"""Prints all that a subject can read of itself and of what is around it."""

import os
import pwd
import resource
import socket
import sys
from pathlib import Path


def told(what, ask):
    try:
        value = ask()
    except OSError as error:
        value = f"({error.strerror})"
    print(f"{what}: {value}")


def of_process(pid):
    for name in (
        "comm",
        "cmdline",
        "environ",
        "cgroup",
        "mountinfo",
        "mounts",
        "limits",
        "maps",
        "status",
    ):
        told(f"/proc/{pid}/{name}", (Path("/proc") / pid / name).read_bytes)
    for name in ("cwd", "exe", "root"):
        told(f"/proc/{pid}/{name}", lambda name=name: os.readlink(f"/proc/{pid}/{name}"))
    told(
        f"/proc/{pid}/fd",
        lambda: {fd: link(f"/proc/{pid}/fd/{fd}") for fd in sorted(os.listdir(f"/proc/{pid}/fd"))},
    )


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return "(gone)"


def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return error.strerror


print("ids:", os.getresuid(), os.getresgid(), os.getgroups(), os.getpid(), os.getppid())
told("session", lambda: (os.getsid(0), os.getpgid(0), os.tcgetpgrp(0)))
told("user", lambda: pwd.getpwuid(os.getuid()))
print("names:", socket.gethostname(), os.uname(), sys.argv, sys.orig_argv, sys.path)
print("folder:", os.getcwd(), sorted(os.listdir()), os.path.expanduser("~"))
print("environment:", dict(os.environ))
told(
    "root",
    lambda: {
        name: listed(f"/{name}") for name in ("", "etc", "home", "tmp", "mnt", "dev", "var", "run")
    },
)
for name in ("passwd", "group", "hosts", "hostname", "os-release"):
    told(name, Path("/etc", name).read_text)
print(
    "limits:",
    [
        (name, resource.getrlimit(getattr(resource, name)))
        for name in dir(resource)
        if name.startswith("RLIMIT")
    ],
)
told("oom", Path("/proc/self/oom_score_adj").read_text)
for pid in dict.fromkeys(["self", "1", str(os.getppid())]):
    of_process(pid)
