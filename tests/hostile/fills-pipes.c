// Hostile: it fills as many pipes as it may have, 200 at most.

#include "attempt.h"

static const char *attempt(void)
{
    static char page[1 << 16];
    long filled = 0;
    for (int ends[2]; filled < 200 && pipe2(ends, O_CLOEXEC) == 0; filled++)
        if (write(ends[1], page, sizeof page) != sizeof page) break;
    return count_of("pipes are filled", filled);
}
