// Hostile: it asks for the page faults of the kernel by userfaultfd(2).

#include "attempt.h"

static const char *attempt(void)
{
    int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0 ? "they are handed over" : NULL;
}
