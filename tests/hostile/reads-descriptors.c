// Hostile: it lists the descriptors of every process that it sees but itself.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    char path[64];
    for (const int *pid = others(); *pid; pid++) {
        snprintf(path, sizeof path, "/proc/%d/fd", *pid);
        count += can_open(path, O_RDONLY | O_DIRECTORY);
    }
    return count_of("others' descriptors can be listed", count + can_open("/proc/1/fd", O_RDONLY | O_DIRECTORY));
}
