// Hostile: it takes descriptor 0 of every process that it sees by pidfd_getfd(2).

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    for (const int *pid = others(); *pid; pid++) {
        int handle = (int)syscall(SYS_pidfd_open, *pid, 0);
        int taken = (int)syscall(SYS_pidfd_getfd, handle, 0, 0);
        count += taken >= 0;
        if (taken >= 0) close(taken);
        if (handle >= 0) close(handle);
    }
    return count_of("descriptors of others are taken", count);
}
