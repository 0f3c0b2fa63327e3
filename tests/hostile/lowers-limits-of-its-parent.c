// Hostile: it reads the limits of its parent with the right to set them (prlimit(2)).

#include "attempt.h"

static const char *attempt(void)
{
    struct rlimit limit;
    return prlimit(getppid(), RLIMIT_NPROC, NULL, &limit) == 0 ? "its parent's limits are its own to set" : NULL;
}
