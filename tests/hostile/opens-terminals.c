// Hostile: it opens as many terminals as it may have, 64 at most.

#include "attempt.h"

static const char *attempt(void)
{
    long opened = 0;
    while (opened < 64 && open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0) opened++;
    return count_of("terminals are open", opened);
}
