"""Prints what Python tells of how it was started, and of time and files around it: "name: value"."""

import faulthandler
import gc
import locale
import os
import resource
import signal
import site
import stat
import sys
import threading
import time
from pathlib import Path


def told(name, ask):
    try:
        value = ask()
    except (OSError, ValueError, KeyError) as error:
        value = f"({error})"
    print(f"{name}: {value!r}".replace("\n", "|"))


def age(path):
    then = os.lstat(path).st_mtime
    return "1970" if then == 0 else "new" if time.time() - then < 10 else "old"


for name in (
    "debug",
    "dev_mode",
    "isolated",
    "no_site",
    "no_user_site",
    "optimize",
    "utf8_mode",
    "verbose",
):
    told(f"flag {name}", lambda name=name: getattr(sys.flags, name))
for name in ("executable", "orig_argv", "prefix", "path", "dont_write_bytecode", "pycache_prefix"):
    told(f"sys {name}", lambda name=name: getattr(sys, name))
told("modules", lambda: sorted(each for each in sys.modules if "." not in each))
told(
    "modules elsewhere",
    lambda: sorted(
        f"{name} {module.__file__}"
        for name, module in list(sys.modules.items())
        if getattr(module, "__file__", None) and not module.__file__.startswith(sys.base_prefix)
    ),
)
told(
    "hooks",
    lambda: (sys.excepthook is sys.__excepthook__, sys.gettrace(), sys.getprofile(), len(sys.meta_path)),
)
told("faulthandler", faulthandler.is_enabled)
told("threads", threading.active_count)
told("gc", gc.isenabled)
told("site", lambda: (site.ENABLE_USER_SITE, site.getusersitepackages()))
told("encodings", lambda: (sys.stdout.encoding, sys.getfilesystemencoding(), locale.getlocale()))
told("streams", lambda: [(s.isatty(), s.line_buffering) for s in (sys.stdin, sys.stdout, sys.stderr)])
for each in sorted(signal.valid_signals()):
    how = signal.getsignal(each)
    if how not in (signal.SIG_DFL, None):
        told(f"handler {int(each)}", lambda how=how: getattr(how, "__name__", how))
told("blocked", lambda: sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))))
told("used", lambda: resource.getrusage(resource.RUSAGE_SELF).ru_utime < 1)
told(
    "descriptors",
    lambda: {
        fd: stat.filemode(os.fstat(int(fd)).st_mode)
        for fd in sorted(os.listdir("/proc/self/fd"), key=int)
        if Path(f"/proc/self/fd/{fd}").exists()
    },
)
told(
    "own file",
    lambda: (__file__, oct(os.stat(__file__).st_mode), os.stat(__file__).st_uid, age(__file__)),
)
for place, _, names in os.walk("."):
    for name in sorted(names):
        told(f"beside {place}/{name}", lambda p=f"{place}/{name}": (oct(os.lstat(p).st_mode), age(p)))
for place in (
    "/",
    "/etc",
    "/etc/passwd",
    "/etc/hosts",
    "/home",
    "/tmp",
    "/usr",
    "/proc/1",
    "/proc/self",
    "/var",
    "/opt",
):
    told(
        f"age {place}",
        lambda place=place: (
            oct(os.stat(place).st_mode),
            os.stat(place).st_uid,
            os.stat(place).st_gid,
            age(place),
        ),
    )
told(
    "inodes",
    lambda: {
        p: "small" if os.stat(p).st_ino < 1000 else "large" for p in ("/", "/home", "/tmp", os.getcwd())
    },
)
told("writable", lambda: [p for p in sorted(f"/{n}" for n in os.listdir("/")) if os.access(p, os.W_OK)])
told("times", lambda: (time.get_clock_info("monotonic").adjustable, time.tzname))
told(
    "scheduling",
    lambda: (
        os.sched_getscheduler(0),
        os.getpriority(os.PRIO_PROCESS, 0),
        len(os.sched_getaffinity(0)),
        os.cpu_count(),
    ),
)
told(
    "groups",
    lambda: (
        os.getgroups(),
        os.getgrouplist("student", os.getgid()) if hasattr(os, "getgrouplist") else "",
    ),
)
told("terminal", lambda: (os.get_terminal_size(0), os.ttyname(0)))
told(
    "exists",
    lambda: {
        p: os.path.exists(p)
        for p in (
            "/etc/machine-id",
            "/etc/resolv.conf",
            "/etc/fstab",
            "/etc/shadow",
            "/etc/sudoers",
            "/etc/bash.bashrc",
            "/etc/profile",
            "/etc/ssl/certs",
            "/etc/pam.d",
            "/etc/apt",
            "/etc/inputrc",
            "/etc/login.defs",
            "/etc/shells",
            "/etc/systemd",
            "/dev/kmsg",
            "/dev/mem",
            "/dev/fuse",
            "/dev/input",
            "/dev/console",
            "/dev/log",
            "/var/lib/dpkg",
            "/var/mail",
            "/var/spool",
            "/run/user",
            "/run/systemd",
            "/sys/class",
            "/sys/fs/cgroup",
            "/sys/kernel",
            "/.dockerenv",
            "/home/student/.bashrc",
            "/home/student/.profile",
            "/home/student/.bash_history",
            "/home/student/.ssh",
            "/tmp/.X11-unix",
            "/lost+found",
            "/var/log/syslog",
        )
    },
)
