// Hostile: it fills 4 GB of memory that belongs to no process (memfd_create(2)), and a child keeps it.

#include "attempt.h"
#include <sys/wait.h>

static const char *attempt(void)
{
    static char page[1 << 20];
    int told[2];
    if (pipe(told) != 0) return NULL;
    pid_t child = fork();
    if (child == 0) {
        enum { BALLAST = 64 << 20 };  // who has most is ended first, and a memfd is nobody's
        memset(malloc(BALLAST), 1, BALLAST);
        long taken = 0;
        for (int fds = 0; fds < 512; fds++) {
            int fd = memfd_create("hostile", MFD_CLOEXEC);
            for (int mb = 0; fd >= 0 && mb < 8 && write(fd, page, sizeof page) == sizeof page; mb++) taken++;
        }
        if (write(told[1], &taken, sizeof taken) != sizeof taken) _exit(1);
        _exit(0);
    }
    close(told[1]);
    long taken = 0;
    if (read(told[0], &taken, sizeof taken) != sizeof taken) taken = 0;
    close(told[0]);
    waitpid(child, NULL, 0);
    return count_of("MB are taken", taken);
}
