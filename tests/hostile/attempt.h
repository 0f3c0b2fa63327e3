// attempt.h - a sound server that makes one attempt before it listens, and prints what came of it.
//
// A program defines attempt(): NULL where it was refused, or what was granted, in words.

#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "belt.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static const char *attempt(void);

static inline const char *count_of(const char *what, long count)
{
    static char text[96];
    snprintf(text, sizeof text, "%ld %s", count, what);
    return count > 0 ? text : NULL;
}

// The numbers of all processes that can be seen, ours and process 1 left out; the end is 0.
static inline const int *others(void)
{
    static int found[512];
    int count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc)) && count < 511;) {
        int pid = atoi(entry->d_name);
        if (pid > 1 && pid != getpid()) found[count++] = pid;
    }
    if (proc) closedir(proc);
    found[count] = 0;
    return found;
}

static inline bool can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    const char *granted = attempt();
    printf("attempt: %s\n", granted ? granted : "refused");
    fflush(stdout);
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}

#endif
