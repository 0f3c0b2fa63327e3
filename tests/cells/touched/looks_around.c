// Prints what a program in C can ask the kernel about itself and its parents: one fact a line, "name: value".

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char *const limits[] = {"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock",
    "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};

static void limits_of(const char *who, pid_t pid)
{
    for (int i = 0; i < 16; i++) {
        struct rlimit told;
        if (prlimit(pid, i, NULL, &told) < 0) printf("%s limit %s: (%s)\n", who, limits[i], strerror(errno));
        else printf("%s limit %s: %lld %lld\n", who, limits[i], (long long)told.rlim_cur, (long long)told.rlim_max);
    }
}

static void signals(void)
{
    sigset_t mask, pending;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    for (int i = 1; i < NSIG; i++) {
        struct sigaction how;
        if (sigaction(i, NULL, &how) < 0) continue;
        const char *what = how.sa_handler == SIG_DFL ? "" : how.sa_handler == SIG_IGN ? "ignored" : "handled";
        if (*what || sigismember(&mask, i) || sigismember(&pending, i))
            printf("signal %d: %s%s%s\n", i, what, sigismember(&mask, i) ? " blocked" : "",
                sigismember(&pending, i) ? " pending" : "");
    }
}

static void descriptors(void)
{
    for (int fd = 0; fd < 1100; fd++) {
        char path[64], at[PATH_MAX];
        struct stat seen;
        if (fstat(fd, &seen) < 0) continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, at, sizeof at - 1);
        at[length < 0 ? 0 : length] = '\0';
        printf("descriptor %d: %o %s %x %x uid %d\n", fd, seen.st_mode, at, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD),
            seen.st_uid);
    }
}

static void terminal(void)
{
    struct termios how;
    char *name = ttyname(0), foreground[64];
    printf("terminal name: %s\n", name ? name : strerror(errno));
    if (tcgetattr(0, &how) == 0)
        printf("terminal modes: %x %x %x %x\n", how.c_iflag, how.c_oflag, how.c_cflag, how.c_lflag);
    snprintf(foreground, sizeof foreground, "%d", tcgetpgrp(0));
    printf("terminal controls: %s\n", tcgetpgrp(0) < 0 ? strerror(errno) : "yes");
    int fd = open("/dev/tty", O_RDWR);
    printf("terminal /dev/tty: %s\n", fd < 0 ? strerror(errno) : "open");
    printf("terminal leads: %s %s\n", getsid(0) == getpid() ? "session" : "", getpgrp() == getpid() ? "group" : "");
}

static void file(const char *name, const char *path)
{
    struct stat seen;
    if (lstat(path, &seen) < 0) printf("%s %s: (%s)\n", name, path, strerror(errno));
    else printf("%s %s: mode %o uid %d gid %d links %ld size %lld age %s dev %s\n", name, path, seen.st_mode, seen.st_uid,
        seen.st_gid, (long)seen.st_nlink, S_ISDIR(seen.st_mode) ? -1 : (long long)seen.st_size,
        seen.st_mtime == 0 ? "1970" : time(NULL) - seen.st_mtime < 10 ? "new" : "old", seen.st_dev < 256 ? "no disk" : "disk");
}

static void files(void)
{
    static const char *const places[] = {".", "/", "/tmp", "/etc", "/etc/passwd", "/home", "/root", "/run", "/usr", "/usr/bin/env",
        "/var", "/dev", "/dev/pts", "/dev/shm", "/dev/null", "/dev/ptmx", "/proc", "/sys", "/etc/resolv.conf", "/etc/machine-id",
        "/etc/fstab", "/etc/shadow", "/etc/ssl", "/var/log/wtmp", "/run/utmp", "/dev/log", "/dev/sda", "/boot/grub"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) file("file", places[i]);
    DIR *here = opendir(".");
    for (struct dirent *each; here && (each = readdir(here));) file("own", each->d_name);
    static const char *const mounts[] = {"/", "/tmp", "/dev/shm", "/proc", "."};
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        struct statvfs seen;
        if (statvfs(mounts[i], &seen) == 0)
            printf("volume %s: flags %lx blocks %llu\n", mounts[i], seen.f_flag, (unsigned long long)seen.f_blocks);
    }
}

int main(int argc, char **argv)
{
    char name[256] = "", domain[256] = "";
    struct utsname system;
    struct sysinfo info;
    struct itimerval timer;
    cpu_set_t processors;
    uname(&system);
    sysinfo(&info);
    gethostname(name, sizeof name - 1);
    getdomainname(domain, sizeof domain - 1);
    limits_of("own", 0);
    limits_of("parent", getppid());
    limits_of("first", 1);
    signals();
    descriptors();
    terminal();
    files();
    printf("host: %s %s %s\n", name, domain, system.nodename);
    printf("words: %d %s\n", argc, argv[0]);
    printf("nice: %d parent %d\n", getpriority(PRIO_PROCESS, 0), getpriority(PRIO_PROCESS, getppid()));
    printf("scheduled: %d on %d\n", sched_getscheduler(0), (sched_getaffinity(0, sizeof processors, &processors), CPU_COUNT(&processors)));
    printf("personality: %lx\n", (long)personality(0xffffffff));
    printf("dumpable: %d\n", prctl(PR_GET_DUMPABLE));
    printf("keeps capabilities: %d securebits %x\n", prctl(PR_GET_KEEPCAPS), prctl(PR_GET_SECUREBITS));
    printf("no new privileges: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    printf("seccomp: %d\n", prctl(PR_GET_SECCOMP));
    int dies = 0, reaps = 0;
    prctl(PR_GET_PDEATHSIG, &dies);
    prctl(PR_GET_CHILD_SUBREAPER, &reaps);
    printf("dies with parent: %d\nreaps: %d\n", dies, reaps);
    printf("timer slack: %d\n", prctl(PR_GET_TIMERSLACK));
    getitimer(ITIMER_REAL, &timer);
    printf("timer: %ld\n", (long)timer.it_value.tv_sec);
    int bounding = 0, ambient = 0;
    for (int i = 0; i < 41; i++) bounding += prctl(PR_CAPBSET_READ, i) == 1, ambient += prctl(PR_CAP_AMBIENT, 2, i, 0, 0) == 1;
    printf("capabilities: bounding %d ambient %d\n", bounding, ambient);
    printf("processes: %d\n", info.procs);
    printf("ids: %d %d %d, parent %d, session %d group %d\n", getuid(), getgid(), getpid(), getppid(), getsid(0), getpgrp());
    printf("login: %s\n", getlogin() ? getlogin() : strerror(errno));
    fflush(stdout);
    return 0;
}
