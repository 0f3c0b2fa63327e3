// Hostile: it takes every descriptor of process 1 by pidfd_getfd(2), the channel to the keeper among them.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    int one = syscall(SYS_pidfd_open, 1, 0);
    for (int fd = 0; one >= 0 && fd < 64; fd++) {
        int taken = syscall(SYS_pidfd_getfd, one, fd, 0);
        count += taken >= 0;
        if (taken >= 0) close(taken);
    }
    if (one >= 0) close(one);
    return count_of("descriptors are taken", count);
}
