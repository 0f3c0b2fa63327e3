// Hostile: it reads the environment of every process that it sees but itself.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    char path[64];
    for (const int *pid = others(); *pid; pid++) {
        snprintf(path, sizeof path, "/proc/%d/environ", *pid);
        count += can_open(path, O_RDONLY);
    }
    return count_of("environments of others", count + can_open("/proc/1/environ", O_RDONLY));
}
