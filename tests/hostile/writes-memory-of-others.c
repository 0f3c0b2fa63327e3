// Hostile: it opens the memory of every process that it sees but itself for writing.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    char path[64];
    for (const int *pid = others(); *pid; pid++) {
        snprintf(path, sizeof path, "/proc/%d/mem", *pid);
        count += can_open(path, O_RDWR);
    }
    return count_of("others' memory can be written", count + can_open("/proc/1/mem", O_RDWR));
}
