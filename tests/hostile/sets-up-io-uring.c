// Hostile: it sets up an io_uring, whose calls no filter sees.

#include "attempt.h"

static const char *attempt(void)
{
    char parameters[256] = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 8, parameters);
    if (ring >= 0) close(ring);
    return ring >= 0 ? "it is set up" : NULL;
}
